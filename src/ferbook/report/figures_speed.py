"""Figures of the page of speed: ratios beside what was aimed at, and growth over sizes."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from ferbook.report import figures, speed

OURS, AIM = "#0072B2", "#D55E00"


def ratios(device: str) -> Figure:
    """How many times as fast, a dot a line with the range over turns; diamonds are the aims."""
    measured = speed.paired(device)
    if not measured:
        return figures.nothing()
    figure, axis = plt.subplots(figsize=(figures.WIDTH, 0.9 + 0.52 * len(measured)))
    for place, (row, (middle, low, high)) in enumerate(measured):
        axis.plot([low, high], [place, place], color=OURS, linewidth=2)
        axis.plot(middle, place, "o", color=OURS, markersize=7, label="measured")
        if row.get("target"):
            (aim,) = axis.plot(row["target"], place, "D", mfc="none", mec=AIM, markersize=8)
            aim.set(markeredgewidth=1.6, label="aimed at")
    axis.axvline(1, color="0.4", linewidth=1)
    axis.set_xscale("log")
    axis.set_yticks(range(len(measured)), [label(row) for row, _ in measured], fontsize=9)
    axis.set_ylim(len(measured) - 0.5, -0.5)
    axis.set_xlabel("times as fast as the other side (dot), aimed at (diamond)")
    axis.xaxis.set_major_formatter("{x:g}")
    return figure


def label(row: speed.Row) -> str:
    what = row["what"].partition(",")[0]
    return f"{what}\nbeside {row['against']}"


def say_ratios(device: str) -> str:
    measured = speed.paired(device)
    if not measured:
        return "No figure: nothing was measured yet"
    told = "; ".join(
        f"{speed.named(row)}, {speed.times(ratio[0], row.get('target'))}" for row, ratio in measured
    )
    return f"Dots with ranges over turns, how many times as fast: {told}"


def growth(device: str) -> Figure:
    """Seconds over size, both on logarithmic scales; grey lines grow linearly."""
    series = speed.growth(device)
    if not series:
        return figures.nothing()
    rows = -(-len(series) // 3)
    figure, axes = plt.subplots(rows, 3, figsize=(figures.WIDTH, 2.1 * rows), squeeze=False)
    for axis in axes.flat[len(series) :]:
        axis.set_axis_off()
    for axis, one in zip(axes.flat, series, strict=False):
        sizes, seconds = np.array(one["sizes"]), np.array(one["seconds"])
        axis.plot(sizes, seconds[-1] * sizes / sizes[-1], color="0.7", linewidth=1, label="linear")
        axis.plot(sizes, seconds, "o-", color=OURS, markersize=4, label="measured")
        axis.set_xscale("log", base=2)
        axis.set_yscale("log")
        axis.set_xticks(sizes[[0, -1]], [f"{size:,}" for size in sizes[[0, -1]]], fontsize=8)
        axis.minorticks_off()
        axis.tick_params(axis="y", labelsize=8)
        axis.set_title(one["what"].replace("`", ""), fontsize=9)
        axis.set_xlabel(one["over"], fontsize=8)
    axes[0, 0].set_ylabel("seconds", fontsize=8)
    return figure


def say_growth(device: str) -> str:
    series = speed.growth(device)
    if not series:
        return "No figure: nothing was measured yet"
    told = "; ".join(f"{s['what']} over {s['over']} {speed.exponent(s)[0]:.2f}" for s in series)
    return f"Lines of seconds over size on logarithmic scales, with their exponents: {told}"
