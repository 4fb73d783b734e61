"""Rows or columns of a table that are copies of each other, where chance makes that absurd.

The model: two systems are two independent draws from what the table shows of a column, a normal law
with the standard deviation s of the column's other values. Their difference then has the density
1 / (2 s sqrt(pi)) at 0, so two values of a grain g are equal with a probability of at most
g / (2 s sqrt(pi)) (1 where s is smaller than that). The grain is one unit of the last digit, or one
image of n where n is known and that is coarser. A column in which all others agree is no evidence,
and neither are two values at an end of the scale, 0 or 100 %, where many systems meet.

Accuracy, recall, precision and F1 of the same answers go together, so they are counted once, by the
least likely of them: P(all equal) <= min P(one equal). Classes of one set of images are different
images; the figure over all of them follows from theirs and counts once beside them, likewise. What
is counted is multiplied; any two of R rows are equal with R (R - 1) / 2 times that. Two columns
that are two metrics of the same answers (accuracy is the weighted recall) are not compared.

An ensemble and its member share answers. Of n images, let them differ in being right on M = n d, as
often one way as the other: the difference of two Poisson counts of mean M / 2 is 0 with the
probability exp(-M) I_0(M) (Skellam 1946). For d a fifth of what the member has wrong is taken (of a
difference, which says nothing of errors, of half the images, in either view), so few images give
equal values as often as not.

Systems that were tested on the same images are more alike than independent ones, so only what is
below one in a million is told.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

from ferbook.report.audit.cells import PROPORTIONS, number_of, setting, value
from ferbook.report.audit.findings import Finding
from ferbook.report.audit.rounding import WHOLE
from ferbook.report.audit.sampling import images
from ferbook.report.reported import Paper, Row

CHECK = "copies"
ABSURD = 1e-6
#: Fewer independent figures can be equal by a habit of the data.
FEWEST = 3
#: A pair, and two others whose spread tells what chance does.
LINES = 4
#: The least share of a member's errors on which its ensemble is right, or wrong where it is right.
UNLIKE = 0.2
#: Taken to be wrong where only a difference is printed.
WRONG = 0.5

Table = dict[str, dict[str, Row]]  #: {line: {place in the line: cell}}


class Place(NamedTuple):
    """Two equal cells and those of the other lines beside them.

    `answers`: the images that both rest on; `name`: the class, or nothing for all of them.
    """

    a: Row
    b: Row
    others: list[Row]
    answers: tuple[object, object]
    name: str


def check(paper: Paper) -> Iterator[Finding]:
    """Every table, by rows and by columns."""
    for rows in _tables(paper).values():
        yield from _twins(paper, rows, "rows")
        yield from _twins(paper, _turned(rows), "columns")


def _tables(paper: Paper) -> dict[str, Table]:
    """{table: {row: {column: cell}}} of the ids <paper>/<table>/<row>/<column>."""
    found: dict[str, Table] = defaultdict(lambda: defaultdict(dict))
    for row in paper.rows:
        parts = row.id.split("/")
        if len(parts) == 4 and value(row) and paper.protocol(row).metric in PROPORTIONS:
            found["/".join(parts[:2])][parts[2]][parts[3]] = row
    return found


def _turned(rows: Table) -> Table:
    columns: Table = defaultdict(dict)
    for name, cells in rows.items():
        for column, row in cells.items():
            columns[column][name] = row
    return columns


def _twins(paper: Paper, lines: Table, what: str) -> Iterator[Finding]:
    pairs = len(lines) * (len(lines) - 1) / 2
    for a, b in combinations(lines, 2):
        shared = [place for place in lines[a] if place in lines[b]]
        if not _equal(lines, a, b, shared):
            continue
        places = list(_places(paper, lines, (a, b), shared))
        independent, chance = joint(
            (place.answers, place.name, _chance(paper, place)) for place in places
        )
        if independent >= FEWEST and pairs * chance < ABSURD:
            cells = tuple(lines[line][place].id for line in (a, b) for place in shared)
            message = f"the {what} {a} and {b} are equal in all {len(shared)} cells"
            arithmetic = (
                f"chance of that {pairs * chance:.1g}, for independent values with the spread of"
                f" the other {what}"
            )
            yield Finding("suspicious", CHECK, cells, message, arithmetic)


def _equal(lines: Mapping[str, Mapping[str, Row]], a: str, b: str, shared: list[str]) -> bool:
    return all(
        number_of(lines[a][place]).value == number_of(lines[b][place]).value for place in shared
    )


def _places(
    paper: Paper, lines: Table, pair: tuple[str, str], shared: list[str]
) -> Iterator[Place]:
    """The places of a pair of lines that hold two systems, or two sets of images."""
    for place in shared:
        a, b = (lines[line][place] for line in pair)
        others = [cells[place] for name, cells in lines.items() if place in cells]
        rest = [row for row in others if row is not a and row is not b]
        of = [paper.protocol(row) for row in (a, b)]
        answers = setting(paper, of[0]), setting(paper, of[1])
        same = answers[0] == answers[1] and (a.variant, a.emotion) == (b.variant, b.emotion)
        if same and (of[0].metric, of[0].average) != (of[1].metric, of[1].average):
            continue  # two metrics of the same answers
        yield Place(a, b, rest, answers, a.emotion or "")


def joint(figures: Iterable[tuple[object, str, float]]) -> tuple[int, float]:
    """How many independent figures there are, and the chance that all are equal, from (images,
    class or "", chance of a metric of them)."""
    least: dict[object, dict[str, float]] = defaultdict(dict)
    for answers, name, chance in figures:
        least[answers][name] = min(chance, least[answers].get(name, 1.0))
    number, product = 0, 1.0
    for names in least.values():
        whole = names.pop("", 1.0)
        number += max(len(names), 1)
        product *= min(whole, math.prod(names.values()))
    return number, product


def _chance(paper: Paper, place: Place) -> float:
    """Of two equal values, given those of the other lines."""
    number, whole = number_of(place.a), WHOLE[place.a.unit]
    absolute = paper.protocol(place.a).scale == "absolute"
    share = (number.value or 0.0) / whole
    if absolute and share in (0.0, 1.0):
        return 1.0
    n = images(paper, place.a)
    values = [number_of(row).value or 0.0 for row in place.others]
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    grain = max(10.0**-number.decimals, whole / n if n else 0.0)
    limit = grain / (2 * math.sqrt(math.pi))
    alone = min(limit / spread, 1.0) if spread > 0 else 1.0
    if n is None or not _akin(paper, place.a, place.b):
        return alone
    return max(alone, as_alike(n * (1 - share) if absolute else 2 * n * WRONG))


def _akin(paper: Paper, a: Row, b: Row) -> bool:
    """Whether one is an ensemble with the other in it: as declared, else by its name."""
    for whole, part in ((a.variant or "", b.variant), (b.variant or "", a.variant)):
        declared = paper.ensembles.get(whole)
        if part in declared.members if declared else "ensemble" in whole:
            return True
    return False


def as_alike(wrong: float) -> float:
    """exp(-M) I_0(M), M = d n, of an ensemble and a member with so many images wrong."""
    from scipy.special import i0e

    return float(i0e(UNLIKE * wrong))
