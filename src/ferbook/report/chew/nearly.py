"""Accuracy on test images whose near copies were trained on, beside those that have none.

Whatever makes a picture popular enough to be collected twice may make it easier as well: the
difference is no proof of memory. `copies` takes that apart for exact copies.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ferbook.data.faces import SPLITS
from ferbook.report import tables
from ferbook.report.chew import copies
from ferbook.report.chew.protocols import Scored
from ferbook.report.leakage.kept import near_copies_of
from ferbook.study.records import Predictions, Record

Flags = NDArray[np.bool_]
#: Test images by what stands in training, each counted once, at the first that fits.
KINDS = ("exact copy", "near copy", "mirrored copy", "no copy")
FEW = 20  #: images, below which no accuracy is told


def kinds(record: Record, said: Predictions) -> NDArray[np.intp] | None:
    """(n,) index into `KINDS` of each scored image; None where nobody looked for near copies."""
    dataset = record.data["dataset"]
    pairs = near_copies_of(dataset["name"], dataset["fingerprint"])
    if pairs is None:
        return None
    learnt = _learnt(record)
    near, mirrored = (
        _met(pairs.one[which], pairs.other[which], learnt)[said.rows]
        for which in (~pairs.mirrored, pairs.mirrored)
    )
    exact = np.isin(record.card.duplicate_group[said.rows], record.card.duplicate_group[learnt])
    return np.select([exact, near, mirrored], [0, 1, 2], default=3)


def _learnt(record: Record) -> Flags:
    """(N,) whether an image of the dataset is in the run's training part."""
    learnt = np.zeros(len(record.card), bool)
    if record.views("train"):
        learnt[record.predictions("train").rows] = True
    else:  # a fixed split, whose training part everybody knows
        learnt[:] = record.card.split == SPLITS.index("train")
    return learnt


def _met(one: NDArray[np.int64], other: NDArray[np.int64], learnt: Flags) -> Flags:
    """(N,) whether the other side of any of an image's pairs was learnt from."""
    met = np.zeros(len(learnt), bool)
    met[one[learnt[other]]] = True
    met[other[learnt[one]]] = True
    return met


def table(records: Sequence[Record]) -> pd.DataFrame:
    """A row a kind: images, accuracy in per cent, and points above the images without a copy."""
    told = [kinds(record, record.predictions("test")) for record in records]
    found = [kind for kind in told if kind is not None]
    if not records or len(found) < len(told):
        return pd.DataFrame()
    scored, none = Scored(records), [kind == KINDS.index("no copy") for kind in found]
    rows = {}
    for index, name in enumerate(KINDS):
        flags = [kind == index for kind in found]
        count = np.mean([flag.sum() for flag in flags])
        level = scored.level(flags) if count >= FEW else None
        more = copies.worth(scored, flags, none) if level and name != "no copy" else None
        rows[f"{name} in training"] = {
            "images": f"{count:,.0f}",
            "of all, %": f"{100 * count / len(flags[0]):.1f}",
            "accuracy": tables.interval_text(level) if level else "–",
            "above no copy": str(more) if more else "–",
        }
    return pd.DataFrame(rows).T
