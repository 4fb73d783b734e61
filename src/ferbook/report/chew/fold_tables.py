"""Tables of the page on CK+, from folds put together; nothing in them is typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ferbook.report import tables
from ferbook.report.chew.folds import (
    METRICS,
    Pooled,
    accuracy,
    complete,
    difference,
    over_folds,
    over_people,
    pool,
)
from ferbook.study import evaluation as ev
from ferbook.study.records import Record


def provenance(records: Sequence[Record]) -> str:
    """`tables.provenance`, and which seeds are left out because folds of theirs are missing."""
    lacking = []
    for variant in dict.fromkeys(record.config["variant"] for record in records):
        own = [record for record in records if record.config["variant"] == variant]
        missing = {record.config["seed"] for record in own} - set(complete(own))
        lacking += [f"{variant}, seed {seed}" for seed in sorted(missing)]
    said = f" Left out, because not all folds are recorded: {'; '.join(lacking)}."
    return tables.provenance(records) + (said if lacking else "")


def per_emotion(pooled: Pooled | None, printed: Mapping[str, float]) -> pd.DataFrame:
    """Per cent, beside the paper's column; an emotion that only one side has keeps its row."""
    if pooled is None:
        return pd.DataFrame()
    found, matrix = over_people(pooled), pooled.confusion()
    precision, f1 = ev.precision(matrix), ev.f1(matrix)
    rows = {}
    for code, name in enumerate(pooled.emotions):
        rows[name] = {
            "printed": f"{printed[name]:g}" if name in printed else "–",
            "recall": tables.interval_text(found[name]),
            "precision": _percent(precision[code]),
            "F1": _percent(f1[code]),
            "images": str((pooled.truth == code).sum()),
        }
    for name in set(printed) - set(rows):
        rows[name] = {"printed": f"{printed[name]:g}", "recall": "no frames", "images": "0"}
    return pd.DataFrame(rows).T.fillna("–")


def overall(pooled: Pooled | None, printed: float | None = None) -> pd.DataFrame:
    """`METRICS` in per cent: all folds together, and the mean of the folds."""
    if pooled is None:
        return pd.DataFrame()
    people, folds = over_people(pooled), over_folds(pooled)
    table = pd.DataFrame(
        {
            "all folds together": {m: tables.interval_text(people[m]) for m in METRICS},
            "mean of folds": {m: tables.interval_text(folds[m]) for m in METRICS},
        }
    )
    if printed is not None:
        table.insert(0, "printed", [f"{printed:g}", "–", "–", "–"])
    return table


def networks(records: Sequence[Record], printed: Mapping[str, float]) -> pd.DataFrame:
    """Accuracy of each network in per cent, and what the hybrid has more, in points."""
    rows = {}
    hybrid = pool(records, "hybrid")
    for name in dict.fromkeys(record.config["variant"] for record in records):
        if (pooled := pool(records, name)) is None:
            continue
        more = None if hybrid is None or name == "hybrid" else difference(hybrid, pooled)
        rows[name] = {
            "printed": f"{printed[name]:g}" if name in printed else "–",
            "ours": tables.interval_text(accuracy(pooled)),
            "hybrid minus it": "–" if more is None else str(more),
            "seeds": str(len(pooled.seeds)),
        }
    return pd.DataFrame(rows).T


def _percent(value: float) -> str:
    return f"{100 * value:.1f}" if np.isfinite(value) else "never"
