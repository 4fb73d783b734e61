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
from ferbook.report.field_errors import describe, first, place_of
from ferbook.report.safe_yaml import parse

Path_ = Sequence[str | int]
#: What a file holds that is no audit's, in words.
HELD = {type(None): "nothing", str: "plain text", list: "a list"}


def load(file: Path) -> AuditPaper:
    """A paper's file in the format of book/reported-format.md, the parts for an audit included."""
    node, content = parse(file)
    if not isinstance(content, dict):
        held = HELD.get(type(content), "a single value")
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
        raise _WrongError(place_of(first(error)), describe(error, content, AuditPaper)) from None
    for place, text in problems(paper):
        raise _WrongError(place, text)
    return paper


class _WrongError(InputError):
    """Something wrong at a place of the file, as keys and numbers from the top."""

    def __init__(self, place: Path_, text: str) -> None:
        super().__init__(text)
        self.place = place


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
