"""A26 measured: the soft vote beside the hard one, where both can be had."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ferbook.report import effects, sources
from ferbook.report.effects import Scored, right_by_seed
from ferbook.report.qiu.ensemble import Ensemble, vote
from ferbook.report.qiu.networks import NETWORKS, runs, term, title
from ferbook.report.qiu.performance_verdicts import listed
from ferbook.report.qiu.scheme_summary import printed_gain
from ferbook.report.qiu.tables import accuracy, over_seeds
from ferbook.report.tables import interval_text
from ferbook.study.records import Predictions, Record


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
            soft = right_by_seed(term(variant, view), tier)
            hard = {r.config["seed"]: _scored(r, r.hard("test", view)) for r in found}
            tied = np.mean([r.tied("test", view).mean() for r in found])
            rows[title(variant)] = {
                "soft": interval_text(accuracy(variant, view, tier)),
                "hard": interval_text(over_seeds(hard)),
                "soft minus hard": str(effects.contrast([(1, soft), (-1, hard)])),
                "tied": f"{100 * tied:.1f} %",
            }
    return sources.of(pd.DataFrame(rows).T, own)


def three(tier: str) -> str:
    """The printed PEnsemble can be a vote of three networks only: ours of the same three."""
    networks = [n for n in NETWORKS.values() if n.attention and printed_gain(n) is not None]
    with_scheme, without = (
        _together([n.scheme for n in networks], tier),
        _together([n.baseline for n in networks], tier),
    )
    if not with_scheme:
        return ""
    others = {
        "our Ensemble of five": right_by_seed(term("ensemble"), tier),
        f"the same {len(networks)} networks without the scheme": without,
    }
    beside = [
        f"{effects.contrast([(1, with_scheme), (-1, other)])} points beside {words}"
        for words, other in others.items()
        if other
    ]
    more = f", {' and '.join(beside)}" if beside else ""
    return (
        f"The printed one can hold {len(networks)} members only, those by the scheme that have a "
        f"printed number: {listed([title(n.scheme) for n in networks])}. A vote of ours of these "
        f"has {interval_text(over_seeds(with_scheme))} %{more}."
    )


def _together(variants: Sequence[str], tier: str) -> dict[int, Scored]:
    """The soft vote of variants, {seed: what is right}, of seeds that all of them have."""
    by_seed = [{r.config["seed"]: r for r in runs(name, tier)} for name in variants]
    votes = {
        seed: vote("together", [one[seed] for one in by_seed])
        for seed in set.intersection(*map(set, by_seed))
    }
    return {seed: _scored(found, found.predictions()) for seed, found in votes.items()}


def _scored(vote: Record, said: Predictions) -> Scored:
    right = (said.predicted == said.truth).astype(float)
    return said.rows, right, vote.card.subject[said.rows]
