"""Is a printed difference that of the two figures that it lies between?

With the figures a and b known within a unit of their last digit (either convention), and the
difference within one of its own (`rounding.printed_difference`):

- in points: a - b, from a.low - b.high to a.high - b.low;
- relative, a share of b: (a - b) / b = a / b - 1, from a.low / b.high - 1 to a.high / b.low - 1;
- relative drop, a share of a: (a - b) / a = 1 - b / a, from 1 - b.high / a.low to
  1 - b.low / a.high.

A relative change that is none of these two halves may still be something that is printed as one:
the difference in points, the share of the other figure, or the share of the errors that is gone,
(a - b) / (1 - b) = 1 - (1 - a) / (1 - b). A mean over runs of ratios is no ratio of means.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice, product

from ferbook.report.audit.cells import PROPORTIONS, number_of, printed, setting
from ferbook.report.audit.findings import Finding, Severity
from ferbook.report.audit.regions import doubt
from ferbook.report.audit.rounding import Range, printed_difference, printed_share
from ferbook.report.reported import Paper, Row
from ferbook.report.reported_parts import Number

#: How a change may be told, and what each is called.
READINGS = {
    "points": "the difference in points",
    "relative": "a share of the second figure",
    "relative-drop": "a share of the first figure",
    "errors": "the share of the second figure's errors that is gone",
}
Key = tuple[object, ...]


def check(paper: Paper, name: str) -> Iterator[Finding]:
    """Every difference whose two halves are printed; `name` is the check to which it counts."""
    for row, number, halves in compared(paper):
        held = (each for pair in halves for each in _held(paper, name, row, number, *pair))
        yield from islice(held, 1)  # a figure that is printed twice may be wrong once


def compared(paper: Paper) -> Iterator[tuple[Row, Number, list[tuple[Row, Row]]]]:
    """Every difference, and the printed pairs of figures that it can lie between."""
    figures: dict[Key, list[Row]] = defaultdict(list)
    for metric in PROPORTIONS:
        for row, _ in printed(paper, metric):
            if not row.classes:
                figures[_key(paper, row)].append(row)
    for metric in PROPORTIONS:
        for scale in ("points", "relative", "relative-drop"):
            for row, number in printed(paper, metric, scale):
                found = [figures.get(key, []) for key in _halves(paper, row)]
                yield row, number, [(new, old) for new, old in product(*found)] if found else []


def _key(paper: Paper, row: Row, variant: str | None = None, view: str | None = None) -> Key:
    protocol = paper.protocol(row)
    where = setting(paper, protocol, view)
    return protocol.metric, protocol.average, where, variant or row.variant, row.emotion


def _halves(paper: Paper, row: Row) -> list[Key]:
    other = row.against
    if other is None or row.classes:
        return []
    return [_key(paper, row), _key(paper, row, other.variant, other.view)]


def _held(
    paper: Paper, name: str, row: Row, number: Number, new: Row, old: Row
) -> Iterator[Finding]:
    a, b = (printed_share(number_of(half), half.unit, "either") for half in (new, old))
    protocol = paper.protocol(row)
    said = printed_difference(number, row.unit)
    ways = changes(a, b)
    if protocol.scale not in ways or said.meets(*_ends(ways[protocol.scale])):
        return
    ids = (row.id, new.id, old.id)
    if protocol.scale == "points":
        message = f"a difference of {number} points is not that of the two printed figures"
        arithmetic = f"{new.reported} - {old.reported}; printed {number}"
        yield Finding("contradiction", name, ids, message, arithmetic)
        return
    low, high = (100 * float(end) for end in _ends(ways[protocol.scale]))
    base = old if protocol.scale == "relative" else new
    arithmetic = (
        f"({new.reported} - {old.reported}) / {base.reported} = {low:.2f} to {high:.2f} %;"
        f" printed {number}"
    )
    message = f"a relative change of {number} is not that of the two printed figures"
    fits = [text for way, text in READINGS.items() if way in ways and said.meets(*_ends(ways[way]))]
    reason = doubt(protocol) or ("it is a mean over runs" if protocol.runs > 1 else "")
    if fits:
        message += f"; it is {' or '.join(fits)}"
    elif reason:
        message += f"; unless {reason}"
    severity: Severity = "suspicious" if fits or reason else "contradiction"
    yield Finding(severity, name, ids, message, arithmetic)


def _ends(share: Range) -> tuple[Fraction, Fraction]:
    return share.low, share.high


def changes(a: Range, b: Range) -> dict[str, Range]:
    """From b to a, in each way that is defined for all that the two can be."""
    found = {"points": Range(a.low - b.high, a.high - b.low)}
    if b.low > 0:
        found["relative"] = Range(a.low / b.high - 1, a.high / b.low - 1)
    if a.low > 0:
        found["relative-drop"] = Range(1 - b.high / a.low, 1 - b.low / a.high)
    if b.high < 1:
        found["errors"] = Range(1 - (1 - a.low) / (1 - b.high), 1 - (1 - a.high) / (1 - b.low))
    return found
