"""Claims: sentences of a paper as expressions over cells, read and evaluated here, never by eval().

    all(chew/table/fer2013/* > 75)
    all(chew/overall/*/hybrid - chew/overall/*/pixels >= 4)
    max(qiu/table3/vgg16/{angry,happy}) = 7 and not qiu/table3/vgg16/disgust > 0

A cell is the id of a row. `*` stands for any run of characters but `/`, `{a,b}` for a or b; an id
with either is a list, in the order of the braces and then of the rows. Operators by falling
precedence: `* /`, `+ -`, one of `= != < <= > >=`, `not`, `and`, `or`; spaces go around `*`, `/` and
`-`, which are characters of ids. Between a list and a number an operator takes each item, between
two lists of one length it goes item by item. Functions: all any count (of truths); min max mean sum
abs. A cell without a value makes an expression unknown (None) unless the rest decides it. So does a
division by zero, of which `evaluate` says so instead where it is told to (`refuse_zero`).
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from fnmatch import translate
from typing import Any

from ferbook.errors import InputError

Functions = Mapping[str, Callable[[Any], Any]]

TOKEN = re.compile(
    r"\s*(?:(?P<cell>[a-z][a-z0-9-]*(?:/[a-z0-9*{][a-z0-9*.@{},_-]*)+)|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<word>[a-z]+)|(?P<sign>!=|<=|>=|[-+*/()=<>]))"
)
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
MAX_LENGTH, MAX_DEPTH, MAX_BRACES, MAX_DIGITS = 500, 20, 5, 15
#: Printed numbers are decimal: 88.3 - 83.6 is 4.7, not 4.700000000000003.
DIGITS = 9


def evaluate(
    expression: str,
    cells: Mapping[str, Any],
    functions: Functions | None = None,
    refuse_zero: bool = False,
) -> bool | None:
    """Whether the claim holds for `cells` ({id: value}); None where missing values leave it open.

    Values other than numbers bring their own `functions`. Raises InputError for anything that is no
    claim over these cells; with `refuse_zero` also where a divisor is, or holds, a zero.
    """
    if len(expression) > MAX_LENGTH:
        raise InputError(f"an expression of {len(expression)} characters; at most {MAX_LENGTH}")
    parser = _Parser(_tokens(expression), cells, functions or FUNCTIONS, refuse_zero)
    value = parser.disjunction()
    if parser.at < len(parser.tokens):
        raise InputError(f"{parser.tokens[parser.at][1]!r} is not expected there")
    if isinstance(value, list):
        raise InputError("the claim is a list; put all(), any() or count() around it")
    if value is not None and not isinstance(value, bool):
        raise InputError("the claim is a number; expected a comparison")
    return value


def named(expression: str, cells: Mapping[str, Any]) -> list[str]:
    """The cells that a claim speaks of, each once."""
    patterns = (text for kind, text in _tokens(expression) if kind == "cell")
    return list(dict.fromkeys(name for text in patterns for name in matching(text, cells)))


def matching(pattern: str, cells: Mapping[str, Any]) -> list[str]:
    """The ids that a pattern names, in the order of its braces and then of `cells`."""
    if pattern.count("{") > MAX_BRACES:
        raise InputError(f"more than {MAX_BRACES} pairs of braces in one cell")
    if found := re.search(r"\{([^{}]*)\}", pattern):
        head, tail = pattern[: found.start()], pattern[found.end() :]
        options = [f"{head}{option}{tail}" for option in found[1].split(",")]
        return [name for option in options for name in matching(option, cells)]
    if "*" not in pattern:
        return [pattern] if pattern in cells else []
    shape = re.compile(translate(pattern).replace(".*", "[^/@]*"))
    return [name for name in cells if shape.fullmatch(name)]


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at, text = [], 0, text.rstrip()
    while at < len(text):
        found = TOKEN.match(text, at)
        if not found or not found.lastgroup:
            raise InputError(f"{text[at:].split()[0]!r} is neither cell, number nor operator")
        tokens.append((found.lastgroup, found[found.lastgroup]))
        at = found.end()
    return tokens


class _Parser:
    """Recursive descent, one method for each level of precedence, evaluating as it reads."""

    def __init__(
        self,
        tokens: list[tuple[str, str]],
        cells: Mapping[str, Any],
        functions: Functions,
        refuse_zero: bool,
    ) -> None:
        self.tokens, self.cells, self.functions = tokens, cells, functions
        self.refuse_zero = refuse_zero
        self.at, self.depth = 0, 0

    def disjunction(self) -> Any:
        value = self.conjunction()
        while self.take("or"):
            value = _each(lambda a, b: _any([a, b]), value, self.conjunction())
        return value

    def conjunction(self) -> Any:
        value = self.negation()
        while self.take("and"):
            value = _each(lambda a, b: _all([a, b]), value, self.negation())
        return value

    def negation(self) -> Any:
        negated = False
        while self.take("not"):
            negated = not negated
        value = self.comparison()
        return _each(_opposite, value, None) if negated else value

    def comparison(self) -> Any:
        value = self.sum()
        if sign := self.take(*COMPARISONS):
            value = _each(_number_wise(COMPARISONS[sign]), value, self.sum())
        return value

    def sum(self) -> Any:
        value = self.product()
        while sign := self.take("+", "-"):
            function = operator.add if sign == "+" else operator.sub
            value = _each(_number_wise(function), value, self.product())
        return value

    def product(self) -> Any:
        value = self.factor()
        while sign := self.take("*", "/"):
            function, begin = operator.mul if sign == "*" else _divide, self.at
            right = self.factor()
            if sign == "/" and self.refuse_zero:
                _no_zero(right, "".join(text for _, text in self.tokens[begin : self.at]))
            value = _each(_number_wise(function), value, right)
        return value

    def factor(self) -> Any:
        if self.at >= len(self.tokens):
            raise InputError("the expression ends too early")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            if len(text) > MAX_DIGITS:
                raise InputError(f"a number of {len(text)} characters; at most {MAX_DIGITS}")
            return float(text)
        if kind == "cell":
            return self.cell(text)
        if text == "-":
            return _each(_number_wise(operator.sub), 0.0, self.inside(self.factor))
        if text in self.functions:
            self.expect("(")
            return self.functions[text](self.bracket())
        if text == "(":
            return self.bracket()
        raise InputError(f"{text!r} is not expected there; functions: {', '.join(FUNCTIONS)}")

    def bracket(self) -> Any:
        value = self.inside(self.disjunction)
        self.expect(")")
        return value

    def inside(self, level: Callable[[], Any]) -> Any:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise InputError(f"nested more than {MAX_DEPTH} deep")
        value = level()
        self.depth -= 1
        return value

    def cell(self, pattern: str) -> Any:
        names = matching(pattern, self.cells)
        if not names:
            raise InputError(f"no row {pattern}")
        values = [self.cells[name] for name in names]
        return values if "*" in pattern or "{" in pattern else values[0]

    def take(self, *wanted: str) -> str:
        if self.at < len(self.tokens) and self.tokens[self.at][1] in wanted:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return ""

    def expect(self, wanted: str) -> None:
        if not self.take(wanted):
            raise InputError(f"expected {wanted!r}")


def _each(function: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    if not isinstance(left, list) and not isinstance(right, list):
        return function(left, right)
    if not isinstance(right, list):
        return [function(item, right) for item in left]
    if not isinstance(left, list):
        return [function(left, item) for item in right]
    if len(left) != len(right):
        raise InputError(f"two lists of {len(left)} and {len(right)} cells do not pair")
    return [function(a, b) for a, b in zip(left, right, strict=True)]


def _number_wise(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def apply(left: Any, right: Any) -> Any:
        if isinstance(left, bool) or isinstance(right, bool):
            raise InputError("a comparison stands where a number is expected")
        if left is None or right is None:
            return None
        value = function(round(left, DIGITS), round(right, DIGITS))
        if isinstance(value, float) and not math.isfinite(value):
            raise InputError("a result that is too large for a number")
        return value if isinstance(value, bool) or value is None else round(value, DIGITS)

    return apply


def _divide(left: float, right: float) -> float | None:
    return left / right if right else None


def _no_zero(divisor: Any, text: str) -> None:
    items = divisor if isinstance(divisor, list) else [divisor]
    if any(isinstance(item, (int, float)) and round(item, DIGITS) == 0 for item in items):
        holds = " holds a 0" if isinstance(divisor, list) else ""
        raise InputError(f"division by zero: {text}{holds}")


def _truth(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise InputError("a number stands where a comparison is expected")


def _opposite(value: Any, _: None) -> bool | None:
    return None if _truth(value) is None else not value


def _all(value: Any) -> bool | None:
    items = _items(value)
    return False if False in items else None if None in items else True


def _any(value: Any) -> bool | None:
    items = _items(value)
    return True if True in items else None if None in items else False


def fold(function: Callable[[list[Any]], Any]) -> Callable[[Any], Any]:
    """A function of a list of numbers as one of a claim's; unknown where one of them is."""

    def apply(value: Any) -> Any:
        items = value if isinstance(value, list) else [value]
        if any(isinstance(item, bool) for item in items):
            raise InputError("a comparison stands where a number is expected")
        return None if any(item is None for item in items) else function(items)

    return apply


def _items(value: Any) -> list[bool | None]:
    return [_truth(item) for item in (value if isinstance(value, list) else [value])]


def _count(value: Any) -> float | None:
    items = _items(value)
    return None if None in items else float(sum(map(bool, items)))


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "all": _all,
    "any": _any,
    "count": _count,
    "min": fold(min),
    "max": fold(max),
    "mean": fold(lambda items: math.fsum(items) / len(items)),
    "sum": fold(math.fsum),
    "abs": lambda value: _each(_number_wise(lambda a, b: abs(a)), value, 0.0),
}
