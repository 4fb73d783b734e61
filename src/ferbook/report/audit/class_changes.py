"""Do the changes of single classes agree with the change of the overall accuracy?

Two networks on the same images: accuracy is the mean of recalls weighted by n_k / n, so its change
is the mean of the recalls' changes with the same weights. With the class counts known or bounded,
the printed changes, each known up to one unit of its last digit (`rounding.printed_difference`),
give a range for the overall change; the two overall figures give another. Where they do not meet,
two unusual readings are tried:

- the overall figures are unweighted means over classes (balanced accuracy): then their change is
  the unweighted mean of the changes;
- the class figures are one-versus-rest accuracies: an image that is wrong counts against two of
  them, its own class and the one it was taken for, so sum (1 - a_k) = 2 (1 - a), and the changes
  sum to twice the overall change.

Where none fits, the set is impossible as declared.

A printed difference whose two halves are printed too is held against them: `halves`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from ferbook.report.audit import halves
from ferbook.report.audit.cells import Setting, by_class, number_of, overall, printed, setting
from ferbook.report.audit.feasibility import reach
from ferbook.report.audit.findings import Finding, Severity
from ferbook.report.audit.regions import Region, region
from ferbook.report.audit.rounding import Range, printed_difference, printed_share
from ferbook.report.reported import Paper, Row

CHECK = "class-changes"
#: Of a class whose change is not printed.
ANY_CHANGE = Range(Fraction(-1), Fraction(1))


def check(paper: Paper) -> Iterator[Finding]:
    """Every row of class changes between two networks whose overall figures are printed, and
    every difference whose two halves are."""
    yield from halves.check(paper, CHECK)
    for (where, variant, other), rows in by_class(paper, "recall", "points").items():
        protocol = paper.protocol(next(iter(rows.values())))
        counts = region(paper, protocol)
        if other is None or counts is None or not set(rows) <= set(counts.classes):
            continue
        for change, cells, about in _overall_changes(paper, where, variant, other):
            yield from _held_against(counts.over_runs(protocol.runs), rows, change, cells, about)


def _overall_changes(
    paper: Paper, where: Setting, variant: str | None, other: str
) -> Iterator[tuple[Range, tuple[str, ...], str]]:
    """The change of the overall accuracy, from two printed figures or as printed itself."""
    totals = overall(paper)
    for new in totals.get((where, variant), [])[:1]:
        for old in totals.get((where, other), [])[:1]:
            a, b = (printed_share(number_of(row), row.unit, "either") for row in (new, old))
            yield (
                Range(a.low - b.high, a.high - b.low),
                (new.id, old.id),
                f"{new.reported} - {old.reported}",
            )
    for row, number in printed(paper, "accuracy", "points"):
        same = setting(paper, paper.protocol(row)) == where and row.variant == variant
        if same and row.against and (row.against.variant, row.against.view) == (other, None):
            yield printed_difference(number, row.unit), (row.id,), f"{number} as printed"


def _held_against(
    counts: Region, rows: Mapping[str, Row], change: Range, cells: tuple[str, ...], about: str
) -> Iterator[Finding]:
    ranges = [
        printed_difference(number_of(rows[name]), rows[name].unit) if name in rows else ANY_CHANGE
        for name in counts.classes
    ]
    low, high = reach(counts, ranges)
    if change.meets(low, high):
        return
    ids = (*cells, *(row.id for row in rows.values()))
    message, severity = _judged(counts, ranges, change)
    arithmetic = (
        f"sum of class count x change / n = {_points(low)} to {_points(high)} points; "
        f"overall {about}, {_points(change.low)} to {_points(change.high)}; "
        f"unweighted mean of the changes {_points(_mean(ranges))}"
    )
    yield Finding(severity, CHECK, ids, message, arithmetic)


def _judged(counts: Region, ranges: list[Range], change: Range) -> tuple[str, Severity]:
    start = f"the class changes and the overall change do not fit, with {counts.about}"
    lows = sum((share.low for share in ranges), Fraction(0))
    highs = sum((share.high for share in ranges), Fraction(0))
    size = len(ranges)
    if change.meets(lows / size, highs / size):
        reading = "the overall figures are unweighted means over classes, not shares of images"
        return f"{start}; they fit only if {reading}", "suspicious"
    if change.meets(lows / 2, highs / 2):
        reading = "the class figures are one-versus-rest accuracies, not recalls"
        return f"{start}; they fit only if {reading}", "suspicious"
    if not counts.certain:
        return f"{start}; possible only if {counts.doubt}", "suspicious"
    reading = "the class changes are relative, or of another figure than recall"
    return f"{start}; possible only if {reading}, or of other images", "impossible"


def _mean(ranges: list[Range]) -> Fraction:
    return sum((share.low + share.high for share in ranges), Fraction(0)) / (2 * len(ranges))


def _points(share: Fraction) -> str:
    return f"{100 * float(share):.2f}"
