"""Rows or columns of a table that are copies of each other, where chance makes that absurd.

The model: two systems are two independent draws from what the table shows of a column, a normal law
with the standard deviation s of the column's other values. Their difference then has the density
1 / (2 s sqrt(pi)) at 0, so two values printed to a unit u are equal with a probability of at most
u / (2 s sqrt(pi)) (1 where s is smaller than that). A row equals another with the product over its
columns, and any two of R rows do with R (R - 1) / 2 times that. Systems that were tested on the
same images are more alike than independent ones, so only what is below one in a million is told,
and a column in which all others agree counts as no evidence at all.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations

from ferbook.report.audit.cells import PROPORTIONS, number_of, value
from ferbook.report.audit.findings import Finding
from ferbook.report.reported import Paper, Row

CHECK = "copies"
ABSURD = 1e-6
#: Fewer cells can be equal by a habit of the data.
FEWEST = 3

Table = dict[str, dict[str, Row]]  #: {line: {place in the line: cell}}


def check(paper: Paper) -> Iterator[Finding]:
    """Every table, by rows and by columns."""
    for rows in _tables(paper).values():
        yield from _twins(rows, "rows")
        yield from _twins(_turned(rows), "columns")


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


def _twins(lines: Mapping[str, Mapping[str, Row]], what: str) -> Iterator[Finding]:
    pairs = len(lines) * (len(lines) - 1) / 2
    for a, b in combinations(lines, 2):
        shared = [place for place in lines[a] if place in lines[b]]
        if len(shared) < FEWEST or not _equal(lines, a, b, shared):
            continue
        chance = pairs * math.prod(_chance(lines, a, b, place) for place in shared)
        if chance < ABSURD:
            cells = tuple(lines[line][place].id for line in (a, b) for place in shared)
            message = f"the {what} {a} and {b} are equal in all {len(shared)} cells"
            arithmetic = (
                f"chance of that {chance:.1g}, for independent values with the spread of the other"
                f" {what}"
            )
            yield Finding("suspicious", CHECK, cells, message, arithmetic)


def _equal(lines: Mapping[str, Mapping[str, Row]], a: str, b: str, shared: list[str]) -> bool:
    return all(
        number_of(lines[a][place]).value == number_of(lines[b][place]).value for place in shared
    )


def _chance(lines: Mapping[str, Mapping[str, Row]], a: str, b: str, place: str) -> float:
    """Of two equal values at a place, given those of the other lines."""
    others = [
        number_of(cells[place]).value or 0.0
        for name, cells in lines.items()
        if place in cells and name not in (a, b)
    ]
    spread = statistics.stdev(others) if len(others) > 1 else 0.0
    unit = 10.0 ** -number_of(lines[a][place]).decimals
    limit = unit / (2 * math.sqrt(math.pi))
    return min(limit / spread, 1.0) if spread > 0 else 1.0
