"""People and their films on two sides of a split."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ferbook.data.near_copies import ALIKE, Pairs
from ferbook.data.split_table import UNKNOWN, SplitTable
from ferbook.report.audit.findings import Finding
from ferbook.report.leakage import copies, sides


def subjects(table: SplitTable) -> Iterator[Finding]:
    """People whose images stand in two parts or more, by the table's own word."""
    count = _per_part(table.subject, table)
    torn = np.flatnonzero((count > 0).sum(1) > 1)
    if not len(torn):
        return
    yield Finding(
        "contradiction",
        "subjects",
        tuple(f"{table.subjects[who]} ({_parts(table, count[who])})" for who in torn),
        "The same person stands in two parts, which only a protocol that says so (known people, "
        "new pictures) allows; a score on one part does not speak of people never seen.",
        f"{len(torn):,} of {len(count):,} subjects; images of theirs: "
        + sides.shares(table, _met(table.subject, count, table)),
    )


def sequences(table: SplitTable) -> Iterator[Finding]:
    """Films whose frames stand in two parts, by the table's own word."""
    count = _per_part(table.sequence, table)
    torn = np.flatnonzero((count > 0).sum(1) > 1)
    if not len(torn):
        return
    before, after = _neighbours(table)
    parted = table.part[before] != table.part[after]
    yield Finding(
        "contradiction",
        "neighbouring-frames",
        tuple(
            sides.pair_names(table, int(one), int(other), "next to")
            for one, other in zip(before[parted], after[parted], strict=True)
        ),
        "Frames of one film stand in two parts; neighbouring frames differ by little more than "
        "noise.",
        f"{len(torn):,} of {len(count):,} sequences in two parts, {int(parted.sum()):,} of "
        f"{len(parted):,} neighbouring frames parted: "
        + sides.shares(table, _met(table.sequence, count, table)),
    )


def frames(table: SplitTable, pairs: Pairs) -> Iterator[Finding]:
    """Images of one person that are alike as near copies are, in two parts.

    Those of one named sequence are left to `sequences`.
    """
    pairs = copies.across(table, pairs)
    pairs = pairs.take(copies.same_person(table, pairs))
    film = table.sequence[pairs.one]
    pairs = pairs.take((film == UNKNOWN) | (film != table.sequence[pairs.other]))
    if not len(pairs.one):
        return
    yield Finding(
        "suspicious",
        "neighbouring-frames",
        copies.names(table, pairs),
        "By their likeness, images of one person in two parts are neighbouring frames of one film, "
        "or copies.",
        f"likeness of {ALIKE:g} or more (1: the same): "
        + sides.shares(table, sides.met_nearly(table, pairs), sides.met_exactly(table)),
    )


def _neighbours(table: SplitTable) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows that follow each other in one sequence, by frame where known, else by row."""
    rows = np.flatnonzero(table.sequence != UNKNOWN)
    order = rows[np.lexsort((rows, table.frame[rows], table.sequence[rows]))]
    together = table.sequence[order[:-1]] == table.sequence[order[1:]]
    return order[:-1][together], order[1:][together]


def _per_part(code: NDArray[np.int32], table: SplitTable) -> NDArray[np.int64]:
    """(codes, P) images of each subject or sequence in each part."""
    known = code != UNKNOWN
    parts = len(table.parts)
    size = int(code.max(initial=UNKNOWN)) + 1
    flat = code[known].astype(np.int64) * parts + table.part[known]
    return np.bincount(flat, minlength=size * parts).reshape(size, parts)


def _met(code: NDArray[np.int32], count: NDArray[np.int64], table: SplitTable) -> sides.Met:
    met: sides.Met = (count > 0)[code] & (code != UNKNOWN)[:, None]
    met[np.arange(len(table)), table.part] = False
    return met


def _parts(table: SplitTable, count: NDArray[np.int64]) -> str:
    return ", ".join(f"{table.parts[part]} {count[part]:,}" for part in np.flatnonzero(count))
