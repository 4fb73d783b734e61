"""Copies: the same pixels, or one photograph, on two sides of a split or under two labels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ferbook.data.near_copies import ALIKE, Pairs
from ferbook.data.split_table import SplitTable
from ferbook.report.audit.findings import Finding
from ferbook.report.leakage import sides


def exact(table: SplitTable) -> Iterator[Finding]:
    """Images of one part whose very pixels, once grey, stand in another."""
    met = sides.met_exactly(table)
    if not met.any():
        return
    cells = tuple(sides.pair_names(table, *rows, "=") for rows in exact_pairs(table))
    yield Finding(
        "contradiction",
        "exact-copies",
        cells,
        "Pixel for pixel the same image stands in two parts; a score on one of them also asks what "
        "was learnt by heart in the other.",
        sides.shares(table, met),
    )


def exact_pairs(table: SplitTable) -> Iterator[tuple[int, int]]:
    """Each image of a smaller part that a larger one holds too, and its first copy there."""
    key = table.copies.astype(np.int64) * len(table.parts) + table.part
    known, first = np.unique(key, return_index=True)
    for _, large, which in sides.meetings(table, sides.met_exactly(table)):
        for row in np.flatnonzero(which).tolist():
            wanted = int(table.copies[row]) * len(table.parts) + large
            yield row, int(first[np.searchsorted(known, wanted)])


def near(table: SplitTable, pairs: Pairs) -> Iterator[Finding]:
    """One photograph in two parts: compressed, lit, moved or scaled anew, or mirrored.

    Pairs of one person are left to `people.frames`.
    """
    pairs = across(table, pairs)
    pairs = pairs.take(~same_person(table, pairs))
    how = "compressed, lit, moved or scaled anew"
    plain, turned = pairs.take(~pairs.mirrored), pairs.take(pairs.mirrored)
    yield from _near(table, plain, "near-copies", how)
    yield from _near(table, turned, "mirrored-copies", "mirrored, perhaps also " + how)


def _near(table: SplitTable, pairs: Pairs, check: str, how: str) -> Iterator[Finding]:
    if not len(pairs.one):
        return
    met = sides.met_nearly(table, pairs)
    yield Finding(
        "suspicious",
        check,
        names(table, pairs),
        f"By their likeness, one photograph stands in two parts, {how}.",
        f"likeness of {ALIKE:g} or more (1: the same): "
        + sides.shares(table, met, sides.met_exactly(table)),
    )


def within(table: SplitTable) -> Iterator[Finding]:
    """Exact copies beside each other in one part: no leak, but images that count twice."""
    key = table.copies.astype(np.int64) * len(table.parts) + table.part
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    again = np.flatnonzero(first[inverse] != np.arange(len(table)))
    if not len(again):
        return
    count = np.bincount(table.part[again], minlength=len(table.parts))
    told = [f"{table.parts[part]}: {count[part]:,}" for part in np.flatnonzero(count)]
    yield Finding(
        "note",
        "copies-within",
        tuple(sides.pair_names(table, row, first[inverse[row]], "=") for row in again.tolist()),
        "Images that a part holds more than once, pixel for pixel, weigh more in it.",
        "copies after the first: " + sides.listed(told, "parts"),
    )


def label_conflicts(table: SplitTable, pairs: Pairs) -> Iterator[Finding]:
    """Copies under different labels, in one part or in two."""
    _, first = np.unique(table.copies, return_index=True)
    leader = first[table.copies]
    other = np.flatnonzero(table.label != table.label[leader])
    if len(other):
        torn = len(np.unique(table.copies[other]))
        many = int((np.bincount(table.copies) > 1).sum())
        yield Finding(
            "contradiction",
            "label-conflicts",
            tuple(_labelled(table, int(leader[row]), int(row), "=") for row in other),
            "Pixel for pixel the same image has two labels, of which one at least is wrong.",
            f"{torn:,} of {many:,} images that stand in the table more than once",
        )
    differ = pairs.take(table.label[pairs.one] != table.label[pairs.other])
    differ = differ.take(~same_person(table, differ))  # one person's frames may well differ
    if len(differ.one):
        rows = zip(differ.one.tolist(), differ.other.tolist(), strict=True)
        yield Finding(
            "suspicious",
            "label-conflicts",
            tuple(_labelled(table, *pair, "~") for pair in rows),
            "By their likeness, one photograph has two labels.",
            f"{len(differ.one):,} of {len(pairs.one):,} pairs with a likeness of {ALIKE:g} or more",
        )


def across(table: SplitTable, pairs: Pairs) -> Pairs:
    return pairs.take(table.part[pairs.one] != table.part[pairs.other])


def same_person(table: SplitTable, pairs: Pairs) -> sides.Met:
    one = table.subject[pairs.one]
    flags: sides.Met = (one >= 0) & (one == table.subject[pairs.other])
    return flags


def names(table: SplitTable, pairs: Pairs) -> tuple[str, ...]:
    """The pairs, most alike first."""
    order = np.argsort(-pairs.likeness, kind="stable").tolist()
    return tuple(
        sides.pair_names(table, int(pairs.one[at]), int(pairs.other[at]), "~")
        + f" {pairs.likeness[at]:.3f}"
        for at in order
    )


def _labelled(table: SplitTable, one: int, other: int, sign: str) -> str:
    return f" {sign} ".join(
        f"{table.names[r]} ({table.labels[table.label[r]]})" for r in (one, other)
    )
