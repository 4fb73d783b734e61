"""Is a claimed difference larger than the sampling error at that number of images?

Two networks with accuracies p > q on n images. On the same images only those count on which they
differ in being right (McNemar): b that the first alone has right, c that the second alone has,
b - c = n (p - q) = D.

- Most in favour of the claim: c = 0. A fair coin gives D heads of D throws, or none, with a
  probability of 2^(1-D), the exact two-sided p-value; above 0.05 for D <= 5. Then nothing about
  the images could make the difference larger than chance.
- With b + c = d n the standard error of p - q is sqrt((d - (p - q)^2) / n). If the two err
  independently, as on different images, it is sqrt(p (1-p) / n + q (1-q) / n). Where that makes
  |p - q| less than 1.96 errors, the claim needs d < n ((p - q) / 1.96)^2 + (p - q)^2.

A difference that the text makes something of is suspicious where even the first leaves it to
chance, one that is only printed a note. Neither has the spread between trainings in it, which comes
on top.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from ferbook.report.audit.cells import number_of, printed, setting, value
from ferbook.report.audit.findings import Finding, Severity
from ferbook.report.audit.regions import region, size
from ferbook.report.audit.rounding import WHOLE
from ferbook.report.audit.text import evaluated, named
from ferbook.report.reported import Paper, Row

CHECK = "sampling-error"
Z = 1.959964  #: two-sided 95 % of a normal law


def check(paper: Paper) -> Iterator[Finding]:
    """Differences that the text claims (a comparison of two cells) and those printed as such."""
    seen: set[frozenset[str]] = set()
    for better, worse in claimed(paper):
        pair = frozenset((better.id, worse.id))
        if pair not in seen and comparable(paper, better, worse):
            seen.add(pair)
            p, q = (number_of(row).value or 0.0 for row in (better, worse))
            whole = WHOLE[better.unit]
            ids = (better.id, worse.id)
            yield from _judged(paper, better, ids, p / whole, q / whole, "suspicious")
    for row, number in printed(paper, "accuracy", "points"):
        base = base_of(paper, row)
        if base is not None:
            q = (number_of(base).value or 0.0) / WHOLE[base.unit]
            p = q + (number.value or 0.0) / 100
            yield from _judged(paper, row, (row.id, base.id), max(p, q), min(p, q), "note")


def claimed(paper: Paper) -> Iterator[tuple[Row, Row]]:
    """(better, worse) of every comparison of two cells in a claim that the print bears out."""
    for claim in paper.claims:
        if not named(paper, claim):
            continue
        for comparison in evaluated(paper, claim)[1]:
            left, right = comparison.cells
            if comparison.holds and left and right and comparison.sign in ("<", "<=", ">", ">="):
                rows = paper.by_id[left], paper.by_id[right]
                yield rows if comparison.sign.startswith(">") else (rows[1], rows[0])


def comparable(paper: Paper, better: Row, worse: Row) -> bool:
    """Two networks, one figure, the same images."""
    a, b = paper.protocol(better), paper.protocol(worse)
    return (
        value(better) is not None
        and value(worse) is not None
        and a.metric == b.metric == "accuracy"
        and a.scale == b.scale == "absolute"
        and setting(paper, a) == setting(paper, b)
        and better.variant != worse.variant
        and (number_of(better).value or 0) > (number_of(worse).value or 0)
    )


def base_of(paper: Paper, row: Row) -> Row | None:
    """The overall accuracy that a printed difference starts from."""
    if row.against is None or row.against.variant is None or row.against.view:
        return None
    where = setting(paper, paper.protocol(row))
    for other, _ in printed(paper, "accuracy"):
        same = setting(paper, paper.protocol(other)) == where
        if same and other.variant == row.against.variant and not other.emotion:
            return other
    return None


def _judged(
    paper: Paper, row: Row, cells: tuple[str, str], p: float, q: float, at_best: Severity
) -> Iterator[Finding]:
    n = images(paper, row)
    difference = p - q
    if n is None or not 0 <= q < p <= 1:
        return
    alone = math.floor(difference * n + 0.5)
    error = math.sqrt((p * (1 - p) + q * (1 - q)) / n)
    points = f"{100 * difference:.2f} points of {n:,} images"
    if 2.0 ** (1 - min(alone, 60)) > 0.05:
        message = f"a difference of {points} ({alone} images) cannot be told from chance"
        arithmetic = f"2^(1 - {alone}) = {2.0 ** (1 - alone):.2g} > 0.05, at best"
        yield Finding(at_best, CHECK, cells, message, arithmetic)
    elif difference < Z * error:
        least = difference**2 * n / Z**2 + difference**2
        message = (
            f"a difference of {points} is within the sampling error if the two err independently;"
            f" beyond it only if they differ on fewer than {100 * least:.1f} % of the images"
        )
        arithmetic = f"{100 * difference:.2f} < 1.96 x {100 * error:.2f} points"
        yield Finding("note", CHECK, cells, message, arithmetic)


def images(paper: Paper, row: Row) -> int | None:
    """The number of images behind a row, the largest that its protocol allows."""
    protocol = paper.protocol(row)
    found = size(paper, protocol)
    counts = region(paper, protocol)
    if row.emotion:
        inside = counts and row.emotion in counts.classes
        found = counts.bounds(row.emotion) if counts and inside else None
    return found[1] if found else None
