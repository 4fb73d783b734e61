"""Qiu's Figures 4 and 5 from records: clusters on faces, the parts they cover, their number.

`say_...` is what a figure says to those who do not see it (`report.alternatives`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from ferbook.report.alternatives import NOTHING
from ferbook.report.figures import WIDTH, nothing
from ferbook.report.qiu.clusters import PARTS, Counts, area, densities, mean_over, shares
from ferbook.report.qiu.figures_scheme import cluster_colours, grey, heat, overlay
from ferbook.report.qiu.networks import NETWORKS, title
from ferbook.study.evaluation import Summary
from ferbook.study.records import Record

#: One colour a part of the face, none of which a cluster has.
PART_COLOURS = dict(zip(PARTS, ("#4B3F8F", "#A8325E", "#D9C29A", "#C4C4C4"), strict=True))
#: One colour a backbone (Okabe and Ito 2008).
BACKBONE_COLOURS = {
    "vgg16": "#0072B2",
    "resnet": "#D55E00",
    "dpn": "#009E73",
    "densenet": "#CC79A7",
    "resmasking": "#E69F00",
    "ensemble": "#000000",
}


def faces(
    images: NDArray[np.uint8],
    attention: NDArray[np.generic],
    clusters: NDArray[np.uint8],
    titles: Sequence[str],
) -> Figure:
    """Each face (column) as it is, its attention, its clusters.

    images, attention, clusters (N, H, W); titles are emotions, one a column.
    """
    figure, axes = plt.subplots(
        3, len(images), squeeze=False, figsize=(WIDTH, 3 * WIDTH / len(images) + 0.3)
    )
    for column, name in enumerate(titles):
        grey(axes[0, column], images[column])
        heat(axes[1, column], attention[column])
        overlay(axes[2, column], images[column], clusters[column], size=5.5)
        axes[0, column].set_title(name, fontsize=9)
    for axis, name in zip(axes[:, 0], ("face", "attention", "clusters"), strict=True):
        axis.set_ylabel(name, fontsize=9)
    for axis in axes.flat:
        axis.spines[:].set_visible(False)
    figure.set_layout_engine("constrained", w_pad=0.01, h_pad=0.01, wspace=0.01, hspace=0.01)
    return figure


def shown(records: Sequence[Record], which: int = 0) -> Figure:
    """`faces` of the first run that kept them: its face number `which` of each emotion."""
    kept = first_with_faces(records)
    if kept is None:
        return nothing()
    rows, names = picked(kept, which)
    artifacts, images = kept.artifacts, kept.card.thumbnails["images"]
    attention, clusters = artifacts["shown.attention"], artifacts["shown.clusters"]
    return faces(images[rows], attention[rows], clusters[rows], names)


def say_shown(records: Sequence[Record], which: int = 0) -> str:
    """Of `shown`: whose faces they are, and how many pixels each cluster has on them."""
    kept = first_with_faces(records)
    if kept is None:
        return NOTHING
    rows, names = picked(kept, which)
    maps = kept.artifacts["shown.clusters"][rows]
    sizes = [f"{k}: {(maps == k).sum() / len(maps):.0f}" for k in range(1, int(maps.max()) + 1)]
    return (
        f"{len(names)} faces ({', '.join(names)}), above as they are, then the attention of "
        f"{kept.config['variant']}, seed {kept.config['seed']}, below their clusters; mean pixels "
        f"a cluster {', '.join(sizes)}"
    )


def first_with_faces(records: Sequence[Record]) -> Record | None:
    return next((r for r in records if "shown.attention" in r.artifacts), None)


def picked(record: Record, which: int) -> tuple[NDArray[np.int64], list[str]]:
    """Which of the shown faces: number `which`, or the last there is, of each emotion."""
    card = record.card
    labels = card.labels[record.artifacts["shown.rows"]]
    rows = [np.flatnonzero(labels == code) for code in np.unique(labels)]
    chosen = np.array([each[min(which, len(each) - 1)] for each in rows])
    return chosen, [card.emotions[code] for code in labels[chosen]]


def coverage(counts: Mapping[int, Counts]) -> Figure:
    """What each cluster covers: shares of its pixels by part of the face, beside the whole frame;
    means over seeds, the densest part written on its bar with how many times chance it has."""
    if not counts:
        return nothing()
    every = list(counts.values())
    share = np.nan_to_num(100 * mean_over([shares(one) for one in every]))
    dense = mean_over([densities(one) for one in every])
    whole = 100 * np.mean([area(one) for one in every], axis=0)
    bars = np.vstack([share, whole])
    names = [*(f"cluster {k + 1}" for k in range(len(share))), "whole frame"]
    figure, axis = plt.subplots(figsize=(WIDTH, 1.0 + 0.36 * len(names)))
    left = np.zeros(len(bars))
    for column, (part, colour) in enumerate(PART_COLOURS.items()):
        axis.barh(names, bars[:, column], left=left, color=colour, height=0.66, label=part)
        for row, times in enumerate(dense[:, column]):
            if np.isfinite(times) and times == np.nanmax(dense[row]):
                middle = left[row] + bars[row, column] / 2
                ink = "black" if part in ("cheeks", "outside") else "white"
                axis.text(middle, row, f"{times:.1f} ×", ha="center", va="center", color=ink)
        left = left + bars[:, column]
    for number, label in enumerate(axis.get_yticklabels()[:-1]):
        label.set_color(cluster_colours(len(share))[number])
        label.set_fontweight("bold")
    runs = f"mean of {len(every)} networks" if len(every) > 1 else "one network"
    axis.set(xlabel=f"share of a cluster's pixels, % ({runs})", xlim=(0, 100))
    axis.invert_yaxis()
    axis.grid(False, axis="y")
    figure.legend(loc="outside upper right", frameon=False, ncols=4, fontsize=9)
    return figure


def say_coverage(counts: Mapping[int, Counts]) -> str:
    """Of `coverage`: the part where each cluster is densest."""
    if not counts:
        return NOTHING
    dense = mean_over([densities(one) for one in counts.values()])
    said = [
        f"cluster {k + 1} is densest on {list(PARTS)[int(np.nanargmax(row))]}, "
        f"{np.nanmax(row):.1f} times chance"
        if np.isfinite(row).any()
        else f"cluster {k + 1} is empty"
        for k, row in enumerate(dense)
    ]
    return f"Bars: share of each cluster's pixels by part of the face; {'; '.join(said)}"


def numbers(found: Mapping[str, pd.DataFrame], baselines: Mapping[str, Summary]) -> Figure:
    """Figure 5: accuracy over the number of clusters with its 95 % interval, a panel a backbone of
    which more than one number is recorded; dotted, the backbone without the scheme.

    `found` is {backbone: `tables.cluster_numbers`}.
    """
    there = varied(found)
    if not there:
        return nothing()
    columns = min(2, len(there))
    lines = -(-len(there) // columns)
    figure, axes = plt.subplots(
        lines, columns, sharex=True, squeeze=False, figsize=(WIDTH, 0.5 + 2.3 * lines)
    )
    for axis in axes.flat[len(there) :]:
        axis.set_visible(False)
    for axis, (name, frame) in zip(axes.flat, there.items(), strict=False):
        colour = BACKBONE_COLOURS[name]
        error = [frame.accuracy - frame.low, frame.high - frame.accuracy]
        look = {"fmt": "o-", "color": colour, "capsize": 3, "label": "with the scheme"}
        axis.errorbar(frame.clusters, frame.accuracy, yerr=error, **look)
        base = baselines.get(name)
        if base is not None and base.runs:
            axis.axhline(100 * base.mean, color="#444444", ls=":", lw=1.3, label="without")
        seeds = sorted(set(frame.seeds))
        said = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
        plural = "s" if seeds[-1] != 1 else ""
        axis.set_title(f"{title(NETWORKS[name].scheme)}, {said} seed{plural}", fontsize=9)
        axis.set_xlim(0.5, 8.5)
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    for axis in axes[:, 0]:
        axis.set_ylabel("accuracy, %")
    figure.supxlabel("clusters", fontsize=10)
    return figure


def varied(found: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The backbones of which more than one number of clusters is recorded."""
    return {name: frame for name, frame in found.items() if len(frame) > 1}


def say_numbers(found: Mapping[str, pd.DataFrame], baselines: Mapping[str, Summary]) -> str:
    """Of `numbers`: every accuracy by backbone, and what it is without the scheme."""
    said = []
    for name, frame in varied(found).items():
        values = ", ".join(f"{r.clusters}: {r.accuracy:.1f}" for r in frame.itertuples())
        base = baselines.get(name)
        without = f"; without {100 * base.mean:.1f}" if base is not None and base.runs else ""
        said.append(f"{title(NETWORKS[name].scheme)} {values}{without}")
    if not said:
        return NOTHING
    return f"Dots with 95 % intervals: accuracy in % by clusters; {'. '.join(said)}"
