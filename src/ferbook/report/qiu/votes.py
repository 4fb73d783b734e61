"""A26 measured: the soft vote beside the hard one, where both can be had."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ferbook.report import effects, sources
from ferbook.report.effects import Scored
from ferbook.report.qiu.ensemble import Ensemble
from ferbook.report.qiu.networks import NETWORKS, runs, title
from ferbook.report.qiu.tables import accuracy
from ferbook.report.tables import interval_text
from ferbook.study import evaluation as ev
from ferbook.study.records import Predictions


def votes(tier: str, view: str = "plain") -> pd.DataFrame:
    """Accuracy on PrivateTest by either vote, their distance in points, and how often the hard one
    has a tie; a row an ensemble."""
    rows, own = {}, {}
    for network in NETWORKS.values():
        for variant in (network.baseline, network.scheme):
            found = [r for r in runs(variant, tier) if isinstance(r, Ensemble)]
            if not found:
                continue
            own[title(variant)] = found
            soft = {r.config["seed"]: _scored(r, r.predictions("test", view)) for r in found}
            hard = {r.config["seed"]: _scored(r, r.hard("test", view)) for r in found}
            shares = np.array([right.mean() for _, right, _ in hard.values()])
            images = len(next(iter(hard.values()))[0])
            tied = np.mean([r.tied("test", view).mean() for r in found])
            rows[title(variant)] = {
                "soft": interval_text(accuracy(variant, view, tier)),
                "hard": interval_text(ev.seed_interval(shares, images)),
                "soft minus hard": str(effects.contrast([(1, soft), (-1, hard)])),
                "tied": f"{100 * tied:.1f} %",
            }
    return sources.of(pd.DataFrame(rows).T, own)


def _scored(vote: Ensemble, said: Predictions) -> Scored:
    right = (said.predicted == said.truth).astype(float)
    return said.rows, right, vote.card.subject[said.rows]
