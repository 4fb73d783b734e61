"""Can this percentage come from so many images? GRIM (Brown and Heathers 2017) for shares.

A share of n images is k/n for a whole k. It prints as P where k/n lies in one of the ranges of
`rounding`; below n = 10^decimals x 100 images (or 1) some P have none. Where the number is a
mean over r runs on the same images, its numerator is a sum of r whole numbers: n counts r-fold.

A difference of two shares of the same n images is j/n for a whole j (negative ones too), whatever
was rounded first: see `rounding.printed_difference`. Where the two halves may rest on different
images (a masked copy of a dataset can have lost some), no n is the same in both, and a difference
that n forbids is only suspicious.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator

from ferbook.report.audit.cells import printed, shown, table
from ferbook.report.audit.findings import CUT_OFF, Finding, Severity, Unusual
from ferbook.report.audit.regions import doubt, region, size
from ferbook.report.audit.rounding import Range, printed_difference, printed_share
from ferbook.report.reported import Paper, Row
from ferbook.report.reported_parts import Number

CHECK = "granularity"
#: Above so many candidates all of them are possible at the decimals that papers print.
MANY = 100_000
#: Up to so many candidates are told apart.
LISTED = 1000
#: Numbers of images, where from, and why a figure may be no share of them.
Sizes = tuple[range, str, str]


def reachable(share: Range, n: int) -> bool:
    """Whether some k of n images lies in the range; k may be negative for a difference."""
    low, high = share.counts(n)
    return low <= high


def possible_sizes(share: Range, candidates: Iterable[int]) -> list[int]:
    """Of the numbers of images, those that can give the share; it cannot be the others."""
    return [n for n in candidates if n > 0 and reachable(share, n)]


def some_size(share: Range, candidates: Iterable[int]) -> int | None:
    """The first of the numbers of images that can give the share."""
    return next((n for n in candidates if n > 0 and reachable(share, n)), None)


def nearest(share: Range, n: int) -> list[int]:
    """The whole numbers below and above the middle of a range that holds none."""
    middle = (share.low + share.high) / 2
    return [math.floor(middle * n), math.floor(middle * n) + 1]


def check(paper: Paper) -> Iterator[Finding]:
    """Every printed share and difference whose number of images is known or bounded."""
    yield from _shares(paper)
    yield from _differences(paper)
    yield from _candidates(paper)


def _figures(paper: Paper, scale: str = "absolute") -> Iterator[tuple[Row, Number, Sizes]]:
    """Accuracies and recalls that are shares of a number of images that is known or bounded."""
    for metric in ("accuracy", "recall"):
        for row, number in printed(paper, metric, scale):
            whole = metric == "accuracy" and not row.classes
            if (whole or row.emotion) and (found := _sizes(paper, row)):
                yield row, number, found


def _candidates(paper: Paper) -> Iterator[Finding]:
    """Which of the numbers of images that the file bounds a class by can give its share."""
    for row, number, (sizes, about, doubtful) in _figures(paper):
        drawn = (paper.protocol(row).split or "").startswith("random-")
        if doubtful or drawn or not 1 < len(sizes) <= LISTED:
            continue
        share = printed_share(number, row.unit, "either")
        fits = possible_sizes(share, sizes)
        if 0 < len(fits) <= len(sizes) / 2:
            listed = ", ".join(map(str, fits[:10])) + (", ..." if len(fits) > 10 else "")
            message = f"{shown(row)} rests on {listed} images, none of the others ({about})"
            arithmetic = f"{len(fits)} of the {len(sizes)} from {sizes[0]:,} to {sizes[-1]:,}"
            yield Finding("note", CHECK, (row.id,), message, arithmetic)


def _shares(paper: Paper) -> Iterator[Finding]:
    cut: dict[str, list[tuple[Row, str]]] = defaultdict(list)
    kept: dict[str, list[Row]] = defaultdict(list)  #: not possible when cut off
    for row, number, (sizes, about, doubtful) in _figures(paper):
        rounded, truncated, either = (
            some_size(printed_share(number, row.unit, convention), sizes)
            for convention in ("rounded", "truncated", "either")
        )
        share = printed_share(number, row.unit, "either")
        if not either:
            yield _impossible(row, number, share, sizes, about, doubtful)
        elif doubtful:
            continue
        elif not rounded:
            cut[table(row)].append((row, _near(share, truncated or either, row, number)))
        elif not truncated:
            kept[table(row)].append(row)
    for name, rows in cut.items():
        yield _cut_off(name, rows, kept[name])


def _sizes(paper: Paper, row: Row) -> Sizes | None:
    """The numbers of images that a row can rest on, times the runs averaged; where from; why
    it may be no share of them."""
    protocol = paper.protocol(row)
    where = region(paper, protocol)
    if where is not None and (row.emotion or "") not in ("", *where.classes):
        return None
    in_class = where.bounds(row.emotion) if where and row.emotion else None
    ends = in_class if row.emotion else size(paper, protocol)
    if ends is None or (ends[1] - ends[0]) * protocol.runs > MANY:
        return None
    if protocol.runs > 1 and ends[0] != ends[1]:  # each run draws its own images
        return None
    about = where.about if where else f"`n` of {protocol.dataset}"
    sizes = range(ends[0] * protocol.runs, ends[1] * protocol.runs + 1)
    # a draw of another make-up is as large
    return sizes, about, where.doubt if where and row.emotion else doubt(protocol)


def _impossible(
    row: Row, number: Number, share: Range, sizes: range, about: str, doubtful: str
) -> Finding:
    what = f"{sizes[0]:,}" if len(sizes) == 1 else f"{sizes[0]:,} to {sizes[-1]:,}"
    means = doubtful or "the figure is a mean over several runs"
    message = (
        f"{shown(row)} is no share of {what} images ({about}), neither rounded nor cut off;"
        f" possible only if other images were counted, or {means}"
    )
    severity: Severity = "suspicious" if doubtful else "impossible"
    return Finding(severity, CHECK, (row.id,), message, _around(share, sizes[-1], row, number))


def _around(share: Range, n: int, row: Row, number: Number) -> str:
    whole = 100 if row.unit in ("percent", "points") else 1
    places = max(number.decimals, 0) + 2
    parts = [f"{k}/{n} = {k / n * whole:.{places}f}" for k in nearest(share, n)]
    return f"{', '.join(parts)}; printed {number}"


def _near(share: Range, n: int, row: Row, number: Number) -> str:
    k = share.counts(n)[0]
    whole = 100 if row.unit == "percent" else 1
    places = max(number.decimals, 0) + 2
    return f"{k}/{n} = {k / n * whole:.{places}f}, printed {number}"


def _cut_off(name: str, rows: list[tuple[Row, str]], kept: list[Row]) -> Finding:
    """Figures of a table that are possible only when cut off, not rounded."""
    cells = tuple(row.id for row, _ in rows) + tuple(row.id for row in kept)
    if kept:
        message = (
            f"in {name}, {len(rows)} figures are possible only if cut off,"
            f" {len(kept)} only if rounded"
        )
        return Finding("suspicious", CHECK, cells, message, "; ".join(text for _, text in rows[:3]))
    message = f"the figures of {name} were cut off, not rounded: {len(rows)} are possible only so"
    arithmetic = "; ".join(text for _, text in rows[:3])
    return Unusual("note", CHECK, cells, message, arithmetic, CUT_OFF)


def _differences(paper: Paper) -> Iterator[Finding]:
    for row, number, (sizes, about, doubtful) in _figures(paper, "points"):
        share = printed_difference(number, row.unit)
        if some_size(share, sizes):
            continue
        yield _difference(row, number, share, sizes, about, doubtful)


def _difference(
    row: Row, number: Number, share: Range, sizes: range, about: str, doubtful: str
) -> Finding:
    n = sizes[-1]
    what = f"{n:,} images ({about})"
    severity: Severity = "suspicious"
    if row.against is not None and row.against.view is not None:
        readings = "one of the two figures rests on other images (some dropped from one view)"
    elif doubtful:
        readings = doubtful
    else:
        severity, readings = "impossible", "the two figures rest on other images"
    if relative := _relative(share, n):
        readings += f", or the change is relative ({relative})"
    message = (
        f"{number} points is no difference of two shares of {what}, rounded, cut off or taken"
        f" between printed figures; possible only if {readings}, or it is of no shares of images"
    )
    arithmetic = _around(share, n, row, number)
    return Finding(severity, CHECK, (row.id,), message, arithmetic)


def _relative(share: Range, n: int) -> str | None:
    """ "18 to 19 of 55", the first pair of counts whose relative change is in the range."""
    for before in range(1, min(n, 5000) + 1):
        low, high = share.counts(before)
        if low <= high and 0 <= before + low <= n:
            return f"as from {before} to {before + low} of {n}"
    return None
