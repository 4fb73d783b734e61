"""Reads a file for an audit; whatever is wrong is one line with file, line and field."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from ferbook.errors import InputError
from ferbook.report.audit.schema import AuditPaper
from ferbook.report.audit.schema_checks import problems
from ferbook.report.reported import MAX_BYTES, describe
from ferbook.report.reported_checks import SafeLoader

Path_ = Sequence[str | int]


def load(file: Path) -> AuditPaper:
    """A paper's file in the format of book/reported-format.md, the parts for an audit included."""
    node, content = _parse(file)
    if not isinstance(content, dict):
        held = "nothing" if content is None else f"a {type(content).__name__}"
        raise InputError(
            f"{file}, line 1: holds {held}; expected fields such as `paper` and `rows`"
        )
    try:
        return build(content)
    except _WrongError as wrong:
        raise InputError(f"{file}, line {_line(node, wrong.place)}: {wrong}") from None


def build(content: Any) -> AuditPaper:
    """The same from plain data; raises an InputError that names the field."""
    try:
        paper = AuditPaper.model_validate(content)
    except ValidationError as error:
        raise _WrongError(error.errors()[0]["loc"], describe(error, content)) from None
    for place, text in problems(paper):
        raise _WrongError(place, text)
    return paper


class _WrongError(InputError):
    """Something wrong at a place of the file, as keys and numbers from the top."""

    def __init__(self, place: Path_, text: str) -> None:
        super().__init__(text)
        self.place = place


def _parse(file: Path) -> tuple[Any, Any]:
    """The file's nodes, which know their lines, and its content."""
    try:
        if (size := file.stat().st_size) > MAX_BYTES:
            raise InputError(f"{file}: {size:,} bytes; expected at most {MAX_BYTES:,}")
        loader = SafeLoader(file.read_text(encoding="utf-8"))
        node = loader.get_single_node()
        return node, loader.construct_document(node) if node else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise InputError(f"{file}{line}: not readable as YAML: {error.problem}") from None
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}") from None
    except (UnicodeDecodeError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise InputError(f"{file}, line 1: not readable as YAML: {error}") from None


def _line(node: Any, place: Path_) -> int:
    """The line of the deepest part of `place` that the file has, counted from 1.

    A part that is not there (a missing field; `matrix`, where a bare list stands) is passed over.
    """
    line = node.start_mark.line if node else 0
    for part in place:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part] if part < len(node.value) else node
            line = node.start_mark.line
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    line, node = key.start_mark.line, value
                    break
    return line + 1
