"""Shares of saliency by region, and deletion and insertion curves, as figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ferbook.report import alternatives
from ferbook.report.effects import Effect
from ferbook.report.figures import WIDTH, nothing
from ferbook.report.qiu import saliency
from ferbook.study import evaluation as ev

#: {network: {emotion: {region: its share or density}}}
ByEmotion = Mapping[str, Mapping[str, Mapping[str, Effect]]]
MARKERS = ("o", "s", "^")
#: Regions that share a scale: the small ones, and the large.
SCALES = (("eyes", "brows", "mouth", "nose"), ("cheeks", "outside"))
#: How the line is drawn where a network has no preference: unlike a grid line, unlike an interval.
NEUTRAL = {"color": "black", "lw": 1.3, "ls": "--"}
#: Whose pixels go or come first (Okabe and Ito 2008).
ORDERS = {
    "own": ("#0072B2", "-", "the map of this face"),
    "another's": ("#E69F00", "--", "another face's map"),
    "random": ("#7F7F7F", ":", "random order"),
}


# --- shares -------------------------------------------------------------------------------------


def regions(found: ByEmotion, areas: Mapping[str, float], scale: str = "share") -> Figure:
    """A panel a region, a row an emotion, a colour and marker a network, with 95 % intervals; the
    dashed line is where a network without preference would be: the region's part of the picture
    over all emotions, or 1. Small regions share a scale and large ones another; all do where the
    scale is density."""
    if not any(found.values()):
        return nothing()
    emotions = list(next(rows for rows in found.values() if rows))
    figure, axes = plt.subplots(3, 2, sharey=True, figsize=(WIDTH, 8.4))
    factor, colours = 100 if scale == "density" else 1, sns.color_palette("colorblind", len(found))
    panels = dict(zip(saliency.REGIONS, axes.flat, strict=True))
    for group in (saliency.REGIONS,) if scale == "density" else SCALES:
        for region in group[1:]:
            panels[region].sharex(panels[group[0]])
    for region, axis in panels.items():
        axis.axvline(1 if scale == "density" else areas[region], **NEUTRAL)
        for number, rows in enumerate(found.values()):
            look = colours[number], MARKERS[number]
            for place, emotion in enumerate(emotions):
                if emotion in rows:
                    row = place + 0.26 * (number - (len(found) - 1) / 2)
                    _mark(axis, row, rows[emotion][region], factor, *look)
        axis.set_title(region, fontsize=10)
        axis.grid(False, axis="y")
    axes[0, 0].set_yticks(range(len(emotions)), emotions)
    axes[0, 0].set_ylim(len(emotions) - 0.5, -0.5)
    for number, (name, rows) in enumerate(found.items()):
        if rows:
            axes[0, 0].plot([], [], MARKERS[number], color=colours[number], ms=5, label=name)
    none = (
        "no preference" if scale == "density" else "no preference: the region's area, all emotions"
    )
    axes[0, 0].plot([], [], **NEUTRAL, label=none)
    figure.legend(loc="outside upper center", frameon=False, ncols=1, fontsize=10)
    figure.supxlabel(
        "density: share of saliency / share of picture" if factor > 1 else "share of saliency, %",
        fontsize=10,
    )
    return figure


def say_regions(found: ByEmotion, scale: str = "share") -> str:
    """Of `regions`: for each network the region with the highest mean over emotions, and lowest."""
    said = []
    for name, rows in found.items():
        if rows:
            means = {
                r: float(np.mean([e[r].mean for e in rows.values()])) for r in saliency.REGIONS
            }
            most, least = max(means, key=means.__getitem__), min(means, key=means.__getitem__)
            factor, unit = (100, "") if scale == "density" else (1, " %")
            said.append(
                f"{name} most {most} ({means[most] / factor:.1f}{unit}), "
                f"least {least} ({means[least] / factor:.1f}{unit})"
            )
    if not said:
        return alternatives.NOTHING
    return f"Six panels, one a region: {scale} of saliency by emotion; {'; '.join(said)}"


def _mark(axis: Axes, row: float, effect: Effect, factor: float, colour: Any, marker: str) -> None:
    if not effect.seeds:
        return
    if effect.low < effect.high:
        ends = [effect.low / factor, effect.high / factor]
        axis.plot(ends, [row, row], color=colour, lw=2, alpha=0.6)
    axis.plot(effect.mean / factor, row, marker, color=colour, ms=4.5)


# --- curves -------------------------------------------------------------------------------------


def curves(found: Mapping[str, Mapping[str, NDArray[Any]]]) -> Figure:
    """Probability of the predicted class while pixels go (left) or come (right), by three orders;
    the line is the mean over seeds, the band its 95 % interval where there are several."""
    if not found:
        return nothing()
    figure, axes = plt.subplots(1, len(found), sharey=True, figsize=(WIDTH, 3.4), squeeze=False)
    for axis, (kind, lines) in zip(axes[0], found.items(), strict=True):
        for name, values in lines.items():
            colour, style, label = ORDERS[name]
            share = np.linspace(0, 100, values.shape[1])
            axis.plot(share, values.mean(axis=0), style, color=colour, lw=1.8, label=label)
            if len(values) > 1:
                band = [ev.seed_interval(column) for column in values.T]
                low, high = ([getattr(s, end) for s in band] for end in ("low", "high"))
                axis.fill_between(share, low, high, color=colour, alpha=0.2, lw=0)
        verb = "deleted" if kind == "deletion" else "inserted"
        axis.set(title=kind, xlabel=f"pixels {verb}, %", ylim=(0, 1))
    axes[0, 0].set_ylabel("probability of the class")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside upper center", frameon=False, ncols=2, fontsize=10,
        columnspacing=1.0,
    )  # fmt: skip
    return figure


def say_curves(found: Mapping[str, Mapping[str, NDArray[Any]]]) -> str:
    """Of `curves`: the mean probability over each curve."""
    if not found:
        return alternatives.NOTHING
    said = []
    for kind, lines in found.items():
        areas = (
            f"{ORDERS[name][2]} {np.trapezoid(v.mean(0), dx=1 / (v.shape[1] - 1)):.2f}"
            for name, v in lines.items()
        )
        said.append(f"{kind}: {', '.join(areas)}")
    return f"Curves of probability over pixels; mean over the curve, {'; '.join(said)}"
