"""A contact sheet: the pairs that were found in two parts, side by side."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from ferbook.data.near_copies import SIDE, Pairs
from ferbook.data.split_table import SplitTable
from ferbook.errors import InputError
from ferbook.report.leakage import copies

MOST = 40  #: pairs of each kind
COLUMNS = 6
ZOOM, GAP, LINE = 2, 8, 14  #: pixels of the sheet: per pixel of a face, between pairs, of text


def check(path: Path) -> None:
    """Raise InputError where `path` is no .png, or in no folder."""
    if path.suffix.lower() != ".png" or not path.parent.is_dir():
        raise InputError(f"{path}: expected a file .png in a folder that exists")


def draw(table: SplitTable, pairs: Pairs, path: Path) -> None:
    """Write a png with up to `MOST` pairs of each kind; the first are least alike, and in doubt."""
    from PIL import Image, ImageDraw

    shown = [*_shown(table, pairs)]
    wide, high = 2 * ZOOM * SIDE + GAP, ZOOM * SIDE + LINE + GAP
    rows = max(1, -(-len(shown) // COLUMNS))
    sheet = Image.new("L", (COLUMNS * wide, rows * high), 255)
    pen = ImageDraw.Draw(sheet)
    for number, (one, other, text) in enumerate(shown):
        at = number % COLUMNS * wide, number // COLUMNS * high
        pair = Image.fromarray(np.hstack([table.images[one], table.images[other]]))
        sheet.paste(pair.resize((2 * ZOOM * SIDE, ZOOM * SIDE), Image.Resampling.NEAREST), at)
        pen.text((at[0], at[1] + ZOOM * SIDE), text, fill=0)
    if not shown:
        pen.text((GAP, GAP), "no pair of images in two parts", fill=0)
    content = io.BytesIO()
    sheet.save(content, "PNG")
    path.write_bytes(content.getvalue())


def _shown(table: SplitTable, pairs: Pairs) -> Iterator[tuple[int, int, str]]:
    """Two rows and what to write below them."""
    for one, other in islice(copies.exact_pairs(table), MOST):
        yield one, other, "exact copy"
    pairs = copies.across(table, pairs)
    for mirrored in (False, True):
        kind = pairs.take(pairs.mirrored == mirrored)
        for at in np.argsort(kind.likeness, kind="stable")[:MOST].tolist():
            name = "mirrored" if mirrored else "near copy"
            yield int(kind.one[at]), int(kind.other[at]), f"{name} {kind.likeness[at]:.3f}"
