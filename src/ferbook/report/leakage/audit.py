"""Runs the checks over a split and prints what they found.

Severities as in `ferbook.report.audit.findings`, of a table of images: `contradiction` is what the
table itself says (the same pixels, the same person, the same film on two sides; two labels of one
image); `suspicious` what rests on likeness, or leaves a class without images; `note` the rest.
"""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ferbook.data import near_copies, split_table
from ferbook.data.near_copies import Pairs
from ferbook.data.split_table import SplitTable
from ferbook.report.audit.findings import Finding, ranked, summary
from ferbook.report.leakage import copies, counts, people

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 100  #: characters of a terminal
SHOWN = 5  #: examples of a finding


def audit_arrays(table: pd.DataFrame, images: NDArray[np.uint8]) -> list[Finding]:
    """The findings of a split given as arrays.

    Parameters
    ----------
    table : N rows with the columns `label` and `part`, where known `subject`, `sequence`, `frame`
        and `file`, a name for each image
    images : (N, H, W) uint8, grey
    """
    split = split_table.from_arrays(table, images)
    return findings(split, similar(split))


def audit_text(file: Path, as_json: bool = False, sheet: Path | None = None) -> str:
    """What `ferbook audit-split FILE` prints; `sheet`: a png to write with the pairs found.

    Raises InputError for a file that is no such table.
    """
    from ferbook.report.leakage import sheet as contact

    if sheet:
        contact.check(sheet)
    split = split_table.read(file)
    pairs = similar(split)
    found = findings(split, pairs)
    if sheet:
        contact.draw(split, pairs, sheet)
    if as_json:
        return json.dumps([finding.plain() for finding in found], indent=1, ensure_ascii=False)
    return "\n\n".join([*map(_block, found), summary(found)])


def similar(split: SplitTable) -> Pairs:
    return near_copies.find(split.images, split.part, split.copies)


def findings(split: SplitTable, pairs: Pairs) -> list[Finding]:
    """Of all checks, most serious first."""
    checks = (
        copies.exact(split),
        people.subjects(split),
        people.sequences(split),
        copies.near(split, pairs),
        people.frames(split, pairs),
        copies.label_conflicts(split, pairs),
        counts.absent(split),
        copies.within(split),
        counts.counts(split),
    )
    return ranked(finding for check in checks for finding in check)


def _block(finding: Finding) -> str:
    lines = [f"{finding.severity}: {finding.check}"]
    shown = [f"- {cell}" for cell in finding.cells[:SHOWN]]
    if len(finding.cells) > SHOWN:
        shown.append(f"and {len(finding.cells) - SHOWN:,} more")
    for text in (
        finding.message,
        finding.arithmetic,
        *(shown if finding.check != "counts" else ()),
    ):
        lines += textwrap.wrap(
            text, WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
        )
    return "\n".join(lines)
