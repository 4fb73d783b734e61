"""Printed numbers as spans of what they can stand for, for claims to be evaluated over.

A claim that is false for every value within the spans is false whatever was rounded how. A
comparison of two spans is true or false where it is for all their values, else unknown. Spans of
one cell that occur twice in an expression are treated as if they were free of each other: then a
claim may be unknown that is in fact decided, never the other way round.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ferbook.report import claims
from ferbook.report.audit.rounding import (
    WHOLE,
    exact,
    printed_difference,
    printed_share,
)
from ferbook.report.reported import Paper, Row
from ferbook.report.reported_parts import Number


@dataclass(frozen=True)
class Comparison:
    """Two sides that a claim compares, as printed: cells (or None), values, and the outcome."""

    cells: tuple[str | None, str | None]
    text: str
    holds: bool  #: for the printed values themselves
    sign: str


@dataclass(frozen=True, eq=False)
class Span:
    """All values from low to high; `at` is the printed one. Units are those of the print."""

    low: float
    high: float
    at: float
    cell: str | None = None  #: the id, of a span that is a cell itself
    decimals: int | None = None
    log: list[Comparison] = field(default_factory=list)

    def __round__(self, digits: int = 0) -> Span:
        return self

    def __bool__(self) -> bool:
        """For `claims`, which divides by what is not zero."""
        return not self.low <= 0 <= self.high

    def _with(self, other: Any, function: Callable[[float, float], float]) -> Span:
        low, high, at = _ends(other)
        values = [function(a, b) for a in (self.low, self.high) for b in (low, high)]
        return Span(min(values), max(values), function(self.at, at), log=self.log)

    def __add__(self, other: Any) -> Span:
        return self._with(other, operator.add)

    def __sub__(self, other: Any) -> Span:
        return self._with(other, operator.sub)

    def __rsub__(self, other: Any) -> Span:
        return self._with(other, lambda a, b: b - a)

    def __mul__(self, other: Any) -> Span:
        return self._with(other, operator.mul)

    def __truediv__(self, other: Any) -> Span:
        return self._with(other, operator.truediv)

    def __rtruediv__(self, other: Any) -> Span | None:
        return self._with(other, lambda a, b: b / a) if self else None

    __radd__, __rmul__ = __add__, __mul__

    def __abs__(self) -> Span:
        ends = sorted((abs(self.low), abs(self.high)))
        low = 0.0 if self.low <= 0 <= self.high else ends[0]
        return Span(low, ends[1], abs(self.at), log=self.log)

    def _compared(self, other: Any, sign: str) -> bool | None:
        low, high, at = _ends(other)
        compare = claims.COMPARISONS[sign]
        holds = compare(round(self.at, claims.DIGITS), round(at, claims.DIGITS))
        names = (self.cell, getattr(other, "cell", None))
        text = f"{names[0] or ''} {self.at:g} {sign} {names[1] or ''} {at:g}"
        self.log.append(Comparison(names, " ".join(text.split()), holds, sign))
        if sign in ("=", "!="):
            same = self._same(other)
            return same if sign == "=" or same is None else not same
        sides = {compare(a, b) for a in (self.low, self.high) for b in (low, high)}
        return sides.pop() if len(sides) == 1 else None

    def _same(self, other: Any) -> bool | None:
        """One number printed twice with the same decimals is printed alike."""
        if self.cell and self.decimals == getattr(other, "decimals", None):
            return self.at == other.at
        low, high, at = _ends(other)
        if not isinstance(other, Span):  # a number of the text is printed too: 7 for 7.2, or 7.8
            low, high = (float(end) for end in _typed(at))
        if self.high < low or high < self.low:
            return False
        return True if self.low == self.high == low == high else None

    def __lt__(self, other: Any) -> bool | None:
        return self._compared(other, "<")

    def __le__(self, other: Any) -> bool | None:
        return self._compared(other, "<=")

    def __gt__(self, other: Any) -> bool | None:
        return self._compared(other, ">")

    def __ge__(self, other: Any) -> bool | None:
        return self._compared(other, ">=")

    def __eq__(self, other: Any) -> bool | None:  # type: ignore[override]
        return self._compared(other, "=")

    def __ne__(self, other: Any) -> bool | None:  # type: ignore[override]
        return self._compared(other, "!=")

    __hash__ = None  # type: ignore[assignment]


def _typed(value: float) -> tuple[Fraction, Fraction]:
    """What a number in a sentence can stand for, rounded or cut off."""
    number = exact(value)
    places = len(repr(float(value)).partition(".")[2].rstrip("0"))
    s = Fraction(10) ** -places
    return number - s / 2, number + s


def _ends(value: Any) -> tuple[float, float, float]:
    if isinstance(value, Span):
        return value.low, value.high, value.at
    return value, value, value


def _extreme(function: Callable[[Iterable[float]], float]) -> Callable[[list[Any]], Span]:
    def apply(items: list[Any]) -> Span:
        low, high, at = (function(column) for column in zip(*map(_ends, items), strict=True))
        return Span(low, high, at, log=_log(items))

    return apply


def _log(items: list[Any]) -> list[Comparison]:
    return next((item.log for item in items if isinstance(item, Span)), [])


def _total(items: list[Any]) -> Any:
    total = items[0]
    for item in items[1:]:
        total = total + item
    return total


#: What `claims` knows as functions of numbers, for spans.
FUNCTIONS = {
    **claims.FUNCTIONS,
    "min": claims.fold(_extreme(min)),
    "max": claims.fold(_extreme(max)),
    "sum": claims.fold(_total),
    "mean": claims.fold(lambda items: _total(items) * (1 / len(items))),
}


def spans(paper: Paper, cells: Iterable[str], log: list[Comparison]) -> dict[str, Any]:
    """Cells for `claims.evaluate`; comparisons are written into `log`. Ranges have no value."""
    rows = [paper.by_id[cell] for cell in cells]
    return {row.id: _span(paper, row, row.reported, log) for row in rows if row.reported}


def _span(paper: Paper, row: Row, number: Number, log: list[Comparison]) -> Span | None:
    if number.value is None or number.comparator != "=":
        return None
    low, high = _limits(paper, row, number)
    return Span(float(low), float(high), number.value, row.id, number.decimals, log)


def _limits(paper: Paper, row: Row, number: Number) -> tuple[Fraction, Fraction]:
    """What a printed value can stand for, in its own unit; settings and counts are exact."""
    protocol = paper.protocol(row)
    value = exact(number.value or 0.0)
    if row.unit in WHOLE and protocol.metric not in ("setting", "count"):
        if protocol.scale == "absolute":
            share = printed_share(number, row.unit, "either")
        else:
            share = printed_difference(number, row.unit)
        return share.low * WHOLE[row.unit], share.high * WHOLE[row.unit]
    half = Fraction(10) ** -number.decimals / 2 if number.decimals < 0 else Fraction(0)
    return value - half, value + half
