"""YAML from anywhere, read safely; whatever is wrong is one line with its file and line.

The safe subset alone, without aliases, which can blow up, without keys given twice, and nested no
deeper than a table of numbers has any use for: the parser follows nesting by recursion, and far
down ends the whole process.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from yaml.constructor import ConstructorError
from yaml.reader import Reader

from ferbook.errors import InputError

#: Our largest file is a tenth of this; more is a mistake or an attack.
MAX_BYTES = 1_000_000
MAX_NESTING = 30
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class SafeLoader(_Base):  # type: ignore[misc]
    """Refuses aliases and keys given twice, and names the place of a value that is none."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise ConstructorError(
                    None, None, f"key `{key.value}` is given twice", key.start_mark
                )
            seen.add(str(key.value))
        return dict(super().construct_mapping(node, deep))

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        if id(node) in self.__dict__.setdefault("_seen", set()):
            raise ConstructorError(
                None, None, "aliases (`*name`) are not used here", node.start_mark
            )
        self.__dict__["_seen"].add(id(node))
        try:
            return super().construct_object(node, deep)
        except (ValueError, OverflowError):  # a month of 40 days, a number of 5,000 digits
            text = f"{str(node.value)[:40]!r} can not be read; text goes in quotes"
            raise ConstructorError(None, None, text, node.start_mark) from None


def parse(file: Path) -> tuple[Any, Any]:
    """The file's nodes, which know their lines, and its content; both None for an empty file."""
    try:
        if (size := file.stat().st_size) > MAX_BYTES:
            raise InputError(f"{file}: {size:,} bytes; expected at most {MAX_BYTES:,}")
        content = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}") from None
    try:
        return _parsed(_text(content))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{file}, line {mark.line + 1}" if mark else f"{file}"
        raise InputError(f"{where}: not readable as YAML: {error.problem}") from None
    except _UnreadableError as error:
        raise InputError(f"{file}, line {error.line}: {error}") from None


class _UnreadableError(Exception):
    """Not text, or nothing that is worth parsing; `line` counts from 1."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


def _text(content: bytes) -> str:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = f"byte 0x{content[error.start]:02x}"
        raise _UnreadableError(line, f"not UTF-8 text: {byte} is no part of a character") from None
    if odd := Reader.NON_PRINTABLE.search(text):
        line = text.count("\n", 0, odd.start()) + 1
        raise _UnreadableError(line, f"not YAML: it holds the character U+{ord(odd[0]):04X}")
    return text


def _parsed(text: str) -> tuple[Any, Any]:
    depth = 0
    for event in yaml.parse(text, Loader=_Base):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_NESTING:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise _UnreadableError(line, f"nested more than {MAX_NESTING} deep")
    loader = SafeLoader(text)
    node = loader.get_single_node()
    return node, loader.construct_document(node) if node else None
