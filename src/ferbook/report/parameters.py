"""The `parameters` cell of a notebook: what it may hold, and what a person may set it to.

One line per parameter, a literal with its annotation and, behind it, what it means and what it
may be; the part after the last semicolon is read by machine:

    sigma: float = 1.5  # px, width of a Gaussian; 0.3 to 6
    sigmas: list[float] = [1.0, 2.0]  # px, widths to compare; 0.3 to 6
    runs: str = "recorded"  # "train" trains what is missing first; one of: recorded, train
    live: bool = True  # also run the method on faces drawn here
    file: str = ""  # what to read, the built-in example where it is empty; a path

A path is meant from the folder in which the command is given.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ferbook.errors import InputError

SCALARS: dict[str, Callable[[str], Any]] = {"int": int, "float": float, "bool": bool, "str": str}
KINDS = tuple(SCALARS) + tuple(f"list[{kind}]" for kind in ("int", "float", "str"))
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?"
RANGE = re.compile(rf"({NUMBER}) to ({NUMBER})")


@dataclass(frozen=True)
class Parameter:
    """One line of the cell."""

    name: str
    kind: str  #: one of `KINDS`
    default: Any
    meaning: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    path: bool = False  #: the name of a file or folder

    @property
    def item(self) -> str:
        """Type of the value, or of each of its items."""
        return self.kind.removeprefix("list[").removesuffix("]")

    @property
    def expected(self) -> str:
        if self.choices:
            return f"{self.kind}, one of {', '.join(self.choices)}"
        if self.path:
            return f"{self.kind}, a path"
        return self.kind if self.low is None else f"{self.kind}, {self.low:.9g} to {self.high:.9g}"

    @property
    def typed(self) -> str:
        """The default as a command line takes it; `read` gives it back."""
        return typed(self.default)

    def __str__(self) -> str:
        return f"{self.name}: {self.expected} (default {self.typed or 'empty'})"

    def check(self, value: Any) -> Any:
        """`value` in the parameter's own type; ValueError if it is of another or out of range."""
        if not self.kind.startswith("list["):
            return self._item(value)
        if not isinstance(value, list | tuple) or not value:
            raise ValueError
        return [self._item(item) for item in value]

    def _item(self, value: Any) -> Any:
        if self.item == "float" and type(value) is int:
            value = float(value)
        if type(value) is not SCALARS[self.item]:
            raise ValueError
        if self.choices and str(value) not in self.choices:
            raise ValueError
        # written so that nan, which compares false with everything, is refused
        if self.low is not None and self.high is not None and not self.low <= value <= self.high:
            raise ValueError
        return value

    def read(self, text: str) -> Any:
        """The value that `text` from a command line stands for; ValueError if none."""
        if not self.kind.startswith("list["):
            return self.check(self._read_item(text))
        items = text.strip().removeprefix("[").removesuffix("]").split(",")
        return self.check([self._read_item(item.strip().strip("'\"")) for item in items])

    def _read_item(self, text: str) -> Any:
        if self.item == "bool":
            return {"true": True, "false": False}.get(text.lower(), text)
        return SCALARS[self.item](text)


def typed(value: Any) -> str:
    """A value as a command line takes it."""
    if isinstance(value, list | tuple):
        return ",".join(map(typed, value))
    return str(value).lower() if isinstance(value, bool) else str(value).removesuffix(".0")


def parse(cell: str, where: str) -> list[Parameter]:
    """The parameters that the source of a cell declares; InputError where it breaks the form."""
    try:
        statements = ast.parse(cell).body
    except SyntaxError as error:
        raise InputError(
            f"{where}: the parameters cell is not Python: {error.msg} (line {error.lineno})"
        ) from None
    comments = _comments(cell)
    return [_parameter(node, comments, where) for node in statements]


def _comments(cell: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(cell).readline)
    return {
        token.start[0]: token.string.lstrip("# ").rstrip()
        for token in tokens
        if token.type == tokenize.COMMENT
    }


def _parameter(node: ast.stmt, comments: Mapping[int, str], where: str) -> Parameter:
    line = f"{where}: parameters cell, line {node.lineno}"
    if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
        raise InputError(f"{line}: expected `name: type = literal  # meaning; range`")
    name, kind = node.target.id, ast.unparse(node.annotation)
    if kind not in KINDS:
        raise InputError(f"{line}: {name} is a {kind}; expected one of {', '.join(KINDS)}")
    try:
        default = ast.literal_eval(node.value) if node.value else None
    except ValueError:
        raise InputError(f"{line}: the default of {name} is not a literal") from None
    # behind the whole line, or in brackets behind the literal where the line would be too long
    ends = [part.end_lineno or node.lineno for part in (node, node.value) if part]
    comment = next((comments[end] for end in ends if end in comments), "")
    if not comment:
        raise InputError(f"{line}: {name} has no comment that says unit and meaning")
    text, semicolon, last = comment.rpartition(";")
    path = bool(semicolon) and kind == "str" and last.strip() == "a path"
    parameter = Parameter(name, kind, default, *_meaning(text if path else comment), path=path)
    if not parameter.meaning.strip():
        raise InputError(f"{line}: the comment of {name} has choices, but says no meaning")
    if parameter.item in ("int", "float") and parameter.low is None:
        raise InputError(f"{line}: the comment of {name} does not end in its range, `; 0.3 to 6`")
    try:
        parameter.check(default)
    except ValueError:
        raise InputError(f"{line}: {name} is {default!r}; expected {parameter.expected}") from None
    return parameter


def _meaning(comment: str) -> tuple[str, float | None, float | None, tuple[str, ...]]:
    text, semicolon, last = comment.rpartition(";")
    last = last.strip()
    if semicolon and (found := RANGE.fullmatch(last)):
        return text, float(found[1]), float(found[2]), ()
    if last.startswith("one of:"):
        return text, None, None, tuple(c.strip() for c in last.removeprefix("one of:").split(","))
    return comment, None, None, ()


def settings(pairs: Sequence[str], known: Sequence[Parameter], where: str) -> dict[str, Any]:
    """The values that `NAME=VALUE` pairs set; InputError says what was expected of a wrong one."""
    by_name = {parameter.name: parameter for parameter in known}
    values: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if name not in by_name:
            raise InputError(f"{where}: no parameter {name}; {_nearest(name, by_name, where)}")
        expected = by_name[name].expected
        if not equals:
            raise InputError(f"{where}: parameter {name} has no value; expected {expected}")
        if name in values:
            raise InputError(f"{where}: parameter {name} is set twice")
        try:
            values[name] = by_name[name].read(text)
        except ValueError:
            raise InputError(f"{where}: {name} is {text!r}; expected {expected}") from None
    return values


def absolute(values: Mapping[str, Any], known: Sequence[Parameter]) -> dict[str, Any]:
    """`values` with paths from the current folder made absolute: a notebook runs in another."""
    paths = {parameter.name for parameter in known if parameter.path}
    return {
        name: str(Path(value).expanduser().absolute()) if name in paths and value else value
        for name, value in values.items()
    }


def _nearest(name: str, known: Collection[str], where: str) -> str:
    """What to do instead of naming a parameter that is not there."""
    if not known:
        return "it takes none"
    hint = f"`ferbook notebook --list {where.removesuffix('.py')}` says what it takes"
    near = get_close_matches(name, known, n=1)
    return f"nearest is {near[0]}; {hint}" if near else hint
