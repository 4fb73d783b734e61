"""How much of an attention map is zero padding: the mean map beside that of an empty frame (A22).

Records of the scheme keep two maps (48, 48) of phase 1's network: the mean of S over the test part,
and S of a frame without a picture.
"""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ferbook.report.alternatives import NOTHING
from ferbook.report.figures import WIDTH, nothing
from ferbook.report.qiu.figures_scheme import heat
from ferbook.report.qiu.networks import NETWORKS, runs, title

Means = NDArray[np.float64]  #: (2, H, W): mean over faces, empty frame
PANELS = ("mean over faces", "an empty frame", "their difference")
MOSTLY = 0.5  #: share of a map's variance over places, above which padding makes most of it


def recorded(tier: str) -> dict[str, list[Means]]:
    """{title of a backbone: the two maps of each run that kept them}."""
    found = {}
    for network in NETWORKS.values():
        kept = [
            record.artifacts["attention.means"].astype(np.float64)
            for record in (runs(network.scheme, tier) if network.attention else [])
            if "attention.means" in record.artifacts
        ]
        if kept:
            found[title(network.baseline)] = kept
    return found


def alike(means: Means) -> float:
    """Correlation over places of the mean map with that of the empty frame; NaN of a flat map."""
    whole, empty = (one.ravel() for one in means)
    if not whole.std() or not empty.std():
        return float("nan")
    return float(np.corrcoef(whole, empty)[0, 1])


def shared(means: Means, share: float = 0.25) -> float:
    """Of the `share` of places where the mean map is highest, how many are so on an empty frame."""
    count = round(share * means[0].size)
    first, second = (set(np.argsort(-one.ravel(), kind="stable")[:count]) for one in means)
    return len(first & second) / count


def figure(found: Mapping[str, list[Means]]) -> Figure:
    """`PANELS` of the first run of each backbone, a column each."""
    if not found:
        return nothing()
    drawn, axes = plt.subplots(
        3, len(found), squeeze=False, figsize=(0.4 + 1.3 * len(found), 4.3), layout="constrained"
    )
    drawn.set_figwidth(min(WIDTH, drawn.get_figwidth()))
    for column, (name, kept) in enumerate(found.items()):
        whole, empty = kept[0]
        for axis, image in zip(axes[:, column], (whole, empty, whole - empty), strict=True):
            heat(axis, image)
            axis.spines[:].set_visible(False)
        axes[0, column].set_title(name, fontsize=9)
    for axis, name in zip(axes[:, 0], PANELS, strict=True):
        axis.set_ylabel(name, fontsize=10)
    return drawn


def say(found: Mapping[str, list[Means]]) -> str:
    """Of `figure`: the correlation of its first two rows."""
    if not found:
        return NOTHING
    said = ", ".join(f"{name} {alike(kept[0]):.2f}" for name, kept in found.items())
    return f"Attention maps: {'; '.join(PANELS)}. Correlation of the first two: {said}"


def sentence(found: Mapping[str, list[Means]]) -> str:
    """Which networks have maps that padding makes for the most part."""
    if not found:
        return "No run that kept these maps is recorded yet."
    shares = {name: float(np.mean([alike(m) ** 2 for m in kept])) for name, kept in found.items()}
    most = [name for name, share in shares.items() if share > MOSTLY]
    same = {name: float(np.mean([shared(m) for m in kept])) for name, kept in found.items()}
    end = (
        f"**In {len(most)} of {len(shares)} networks that is most of the map.** Of the quarter of "
        "places where the mean map is highest, these are in the highest quarter of an empty frame "
        f"as well: {_percents(same)}."
    )
    return (
        "Of the variance of the mean map over places, the map of an empty frame, which padding "
        f"alone makes, explains (squared correlation) {_percents(shares)}. {end}"
    )


def _percents(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {100 * share:.0f} %" for name, share in shares.items())
