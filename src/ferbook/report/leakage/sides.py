"""Counting over pairs of parts: how much of the smaller one has met the larger one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ferbook.data.near_copies import Pairs
from ferbook.data.split_table import SplitTable

Met = NDArray[np.bool_]  #: (N, P) whether an image has a copy in a part that is not its own

SHOWN = 6  #: pairs of parts in one line of arithmetic


def met_exactly(table: SplitTable) -> Met:
    there = np.zeros((table.copies.max() + 1, len(table.parts)), dtype=bool)
    there[table.copies, table.part] = True
    return _elsewhere(table, there[table.copies])


def met_nearly(table: SplitTable, pairs: Pairs) -> Met:
    """A pair speaks for all exact copies that its two images have within their own parts."""
    key = table.copies.astype(np.int64) * len(table.parts) + table.part
    _, key = np.unique(key, return_inverse=True)
    there = np.zeros((key.max() + 1, len(table.parts)), dtype=bool)
    there[key[pairs.one], table.part[pairs.other]] = True
    there[key[pairs.other], table.part[pairs.one]] = True
    return _elsewhere(table, there[key])


def _elsewhere(table: SplitTable, met: Met) -> Met:
    met[np.arange(len(table)), table.part] = False
    return met


def meetings(table: SplitTable, met: Met) -> Iterator[tuple[int, int, Met]]:
    """Smaller part, larger part and (N,) which of the smaller one's images have met the larger."""
    size = np.bincount(table.part, minlength=len(table.parts))
    for pair in combinations(range(len(table.parts)), 2):
        small, large = sorted(pair, key=lambda part: (size[part], -part))
        which = met[:, large] & (table.part == small)
        if which.any():
            yield small, large, which


def shares(table: SplitTable, met: Met, known: Met | None = None) -> str:
    """`test: 12 of 100 (12.0 %) in train`, worst first; `known`: what an earlier finding said."""
    told = []
    for small, large, which in meetings(table, met):
        total = int((table.part == small).sum())
        count = int(which.sum())
        line = f"{table.parts[small]}: {count:,} of {total:,} ({100 * count / total:.1f} %)"
        line += f" in {table.parts[large]}"
        if known is not None and (twice := int((which & known[:, large]).sum())):
            line += f", {twice:,} of them beside an exact copy"
        told.append((count / total, line))
    told.sort(key=lambda item: -item[0])
    return listed([line for _, line in told], "pairs of parts")


def listed(items: list[str], what: str, shown: int = SHOWN) -> str:
    more = f"; and {len(items) - shown:,} more {what}" if len(items) > shown else ""
    return "; ".join(items[:shown]) + more


def pair_names(table: SplitTable, one: int, other: int, sign: str) -> str:
    """`b.png (test) = a.png (train)`"""
    left, right = (f"{table.names[row]} ({table.parts[table.part[row]]})" for row in (one, other))
    return f"{left} {sign} {right}"
