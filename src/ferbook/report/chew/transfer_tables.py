"""Tables of networks on a dataset that they were not trained on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ferbook.emotions import EMOTIONS
from ferbook.report.chew import transfer
from ferbook.report.chew.transfer import NETWORKS, SHARED, Way, whole_seeds
from ferbook.report.effects import Effect
from ferbook.study import evaluation as ev


def table(way: Way, view: str, tier: str) -> pd.DataFrame:
    """A row a network: per cent at home, per cent on the other dataset, points between, seeds."""
    rows = {}
    for variant in NETWORKS:
        away = transfer.level(transfer.across(way, variant, view, tier))
        if away.seeds:
            rows[variant] = {
                f"on {way.source}": percent(
                    transfer.level(transfer.within(way, variant, view, tier))
                ),
                f"on {way.target}": percent(away),
                "change": str(transfer.change(way, variant, view, tier)),
                "seeds": str(away.seeds),
            }
    return pd.DataFrame(rows).T


def per_emotion(way: Way, variant: str, view: str, tier: str) -> pd.DataFrame:
    """A row an emotion and place ("within", "across"): recall in per cent, low, high, images."""
    rows = []
    for name in SHARED:
        for place, side in (("within", transfer.within), ("across", transfer.across)):
            found = transfer.level(side(way, variant, view, tier, (name,)))
            rows.append((name, place, found.mean, found.low, found.high, found.images))
    columns = ["emotion", "place", "recall", "low", "high", "images"]
    return pd.DataFrame(rows, columns=columns)


def confusion(way: Way, variant: str, view: str, tier: str) -> pd.DataFrame:
    """Counts on the other dataset, true emotion by row, answer by column, summed over the runs."""
    runs = [run for folds in whole_seeds(way.experiment, variant, tier).values() for run in folds]
    said = [run.predictions("cross", view) for run in runs if view in run.views("cross")]
    if not said:
        return pd.DataFrame()
    counts = np.sum([ev.confusion(part.truth, part.predicted) for part in said], axis=0)
    columns = SHARED if view == "shared" else transfer.known(runs[0])
    shown = pd.DataFrame(counts, index=EMOTIONS, columns=EMOTIONS)
    return shown.loc[list(SHARED), list(columns)]


def recalls(found: Mapping[Way, pd.DataFrame]) -> pd.DataFrame:
    """`per_emotion` of each way side by side: a row an emotion, per cent on either dataset."""
    columns = {}
    for way, table in found.items():
        by_place = table.pivot(index="emotion", columns="place", values="recall")
        columns[way.name, f"on {way.source}"] = by_place["within"]
        columns[way.name, f"on {way.target}"] = by_place["across"]
    return pd.DataFrame(columns).loc[list(SHARED)].dropna(axis=1, how="all").rename_axis(None)


def percent(effect: Effect) -> str:
    """'61.4 [59.8, 63.0]'"""
    if not effect.seeds:
        return "–"
    return f"{effect.mean:.1f} [{effect.low:.1f}, {effect.high:.1f}]"
