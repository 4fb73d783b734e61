"""What the scheme adds by the other meaning of "accuracy": the unweighted mean of the recalls.

The printed gains of Table 2 fit the printed changes of Table 3 only as such means (A38).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ferbook.report import sources
from ferbook.report.effects import NOTHING, Effect, Term, interval, right_by_seed, sampling
from ferbook.report.printed import printed
from ferbook.report.qiu.mask_losses import mean
from ferbook.report.qiu.networks import NETWORKS, apart, runs, term
from ferbook.report.qiu.scheme_summary import printed_gain
from ferbook.report.scores import unit_variance
from ferbook.report.tables import select


def balanced(first: Term, second: Term, tier: str) -> Effect:
    """Mean over emotions of the first's recall minus the second's on the same images, in points."""
    sides = [right_by_seed(one, tier) for one in (first, second)]
    records = select(first.experiment, tier, [first.variant])
    values, units, rows = [], [], []
    for seed in sorted(set(sides[0]) & set(sides[1])):
        own, other = (side[seed] for side in sides)
        assert np.array_equal(own[0], other[0]), "a difference is taken on the same images"
        value, influence = _mean_recall(own[1] - other[1], records[0].card.labels[own[0]])
        values.append(value)
        units.append(unit_variance(influence, own[2]))
        rows.append(own[0])
    return interval(values, sampling(units, rows), len(rows[0])) if values else NOTHING


def _mean_recall(
    gains: NDArray[np.float64], labels: NDArray[np.integer[Any]]
) -> tuple[float, NDArray[np.float64]]:
    """The mean over classes of the mean gain (n,) of each, and the influence (n,) of each image."""
    each = [mean(gains, labels == code) for code in np.unique(labels)]
    influence = np.mean([one.influence for one in each], axis=0)
    return float(np.mean([one.value for one in each])), influence


def two_meanings(tier: str) -> pd.DataFrame:
    """A row a network: printed gain, mean of the printed changes of recall, and ours as a share of
    images and as a mean of recalls; points."""
    rows, own = {}, {}
    for network in NETWORKS.values():
        said, changes = printed_gain(network), printed(f"qiu/table3/{network.baseline}")
        own[network.title] = [*runs(network.baseline, tier), *runs(network.scheme, tier)]
        sides = term(network.scheme), term(network.baseline)
        rows[network.title] = {
            "printed": "–" if said is None else f"{said:+.1f}",
            "mean of Table 3": f"{np.mean([*changes.values()]):+.1f}" if changes else "–",
            "share of images": str(apart(*sides, tier)),
            "mean recall": str(balanced(*sides, tier)),
        }
    return sources.of(pd.DataFrame(rows).T, own)
