"""Where the time goes between a face and an emotion."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ferbook.report.chew.cost import BRANCHES
from ferbook.report.chew.cost_verdicts import paths
from ferbook.report.figures import VARIANTS, WIDTH

#: A step's colour; the network's is its own.
STEPS = {"detect": "#882255", "landmarks": VARIANTS["landmarks"], "heatmap": "#CC79A7"}
NAMES = {"f32": "float32", "bf16": "bfloat16"}


def bars(times: pd.DataFrame) -> Figure:
    """Two paths for one face, step by step; and each network over batch and precision."""
    figure, axes = plt.subplots(2, 1, figsize=(WIDTH, 4.2), height_ratios=(1, 1.5))
    _paths(axes[0], times)
    _networks(axes[1], times)
    return figure


def _paths(axis: Axes, times: pd.DataFrame) -> None:
    for row, (network, steps) in enumerate(paths(times).items()):
        left = 0.0
        for step, width in steps.items():
            colour = STEPS.get(step, VARIANTS[network])
            axis.barh(row, width, left=left, color=colour, label=step if step in STEPS else None)
            left += width
        axis.text(left, row, f" {left:.1f}", va="center", fontsize=9)
    handles = dict(zip(*reversed(axis.get_legend_handles_labels()), strict=True))
    handles["network"] = plt.Rectangle((0, 0), 1, 1, color=VARIANTS["hybrid"])
    axis.legend(
        handles.values(), handles.keys(), ncols=4, frameon=False, fontsize=9,
        loc="lower center", bbox_to_anchor=(0.5, 1.0), handlelength=1.2, columnspacing=1.2,
    )  # fmt: skip
    axis.set_yticks(range(len(BRANCHES)), list(BRANCHES))
    axis.set(ylim=(1.6, -0.6), xlim=(0, axis.get_xlim()[1] * 1.08))
    axis.set_xlabel("one face at a time, ms a face")
    axis.grid(False, axis="y")


def _networks(axis: Axes, times: pd.DataFrame) -> None:
    here = times[times.step.isin(list(BRANCHES))]
    kinds = here[["batch", "precision"]].drop_duplicates().sort_values(["batch", "precision"])
    for shift, network in zip((-0.19, 0.19), BRANCHES, strict=True):
        own = kinds.merge(here[here.step == network], on=["batch", "precision"])
        y = np.arange(len(own)) + shift
        error = [own["median"] - own.low, own.high - own["median"]]
        axis.barh(y, own["median"], height=0.36, color=VARIANTS[network], label=network)
        axis.errorbar(own["median"], y, xerr=error, fmt="none", ecolor="#222222", capsize=2, lw=1)
        for value, high, at in zip(own["median"], own.high, y, strict=True):
            axis.text(max(value, high), at, f"  {value:.2f}", va="center", fontsize=9)
    named = zip(kinds.batch, kinds.precision.map(NAMES), strict=True)
    names = [f"batch {batch}, {precision}" for batch, precision in named]
    axis.set_yticks(range(len(kinds)), names, fontsize=9)
    axis.set_ylim(len(kinds) - 0.5, -0.5)
    axis.set_xlim(0, axis.get_xlim()[1] * 1.12)
    axis.set_xlabel("the network alone, ms a face")
    axis.legend(frameon=False, fontsize=9, loc="lower right")
    axis.grid(False, axis="y")
