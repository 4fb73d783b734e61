"""What each part holds: images of each class, and classes of which there are none."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ferbook.data.split_table import UNKNOWN, SplitTable
from ferbook.report.audit.findings import Finding
from ferbook.report.leakage import sides

SHOWN = 10  #: classes of a part


def absent(table: SplitTable) -> Iterator[Finding]:
    """Classes that a part lacks."""
    count = _count(table)
    lacking = np.flatnonzero((count == 0).any(1))
    if not len(lacking):
        return
    told = []
    for part in lacking:
        missing = [table.labels[label] for label in np.flatnonzero(count[part] == 0)]
        told.append(f"{table.parts[part]}: {sides.listed(missing, 'classes', SHOWN)}")
    yield Finding(
        "suspicious",
        "absent-classes",
        tuple(table.parts[part] for part in lacking),
        "A class that a part lacks cannot be learnt there, and a mean over classes is not defined.",
        "none of " + sides.listed(told, "parts"),
    )


def counts(table: SplitTable) -> Iterator[Finding]:
    """Images and classes of each part; what the other checks could not look at."""
    said = f"Images: {len(table):,}; classes: {len(table.labels):,}; parts: {len(table.parts)}."
    if len(table.parts) == 1:
        said += " With one part alone there are no two sides to compare."
    nameless = int((table.subject == UNKNOWN).sum())
    if nameless:
        said += (
            f" Without a subject: {nameless:,}; of these no one can say who stands in two parts."
        )
    if 0 < table.padded < len(table):
        said += f" Rows whose part has blanks around it, which are dropped: {table.padded:,}."
    if alike := _alike(table.labels):
        said += (
            f" Labels that differ only in case count as different: {sides.listed(alike, 'more')}."
        )
    told = [
        f"{table.parts[part]} {row.sum():,} ({_classes(table, row)})"
        for part, row in enumerate(_count(table))
    ]
    yield Finding("note", "counts", table.parts, said, sides.listed(told, "parts"))


def _alike(names: tuple[str, ...]) -> list[str]:
    """Names of which there are two ways to write them: `Happy` and `happy`."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name.casefold(), []).append(name)
    return [" and ".join(group) for group in groups.values() if len(group) > 1]


def _count(table: SplitTable) -> NDArray[np.int64]:
    """(P, labels)"""
    shape = len(table.parts), len(table.labels)
    flat = table.part.astype(np.int64) * shape[1] + table.label
    return np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape)


def _classes(table: SplitTable, row: NDArray[np.int64]) -> str:
    told = [f"{name} {count:,}" for name, count in zip(table.labels, row, strict=True)]
    return ", ".join(told[:SHOWN]) + (f", {len(told) - SHOWN} more" if len(told) > SHOWN else "")
