"""Figures of networks on a dataset that they were not trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ferbook.emotions import COLOURS
from ferbook.report.chew import transfer
from ferbook.report.chew.transfer import NETWORKS, SHARED, WAYS, Baseline, Way
from ferbook.report.effects import Effect
from ferbook.report.figures import VARIANTS, WIDTH, nothing


def accuracies(view: str, tier: str, ways: Sequence[Way] = WAYS) -> Figure:
    """A panel a way: each network at home (open) and on the other dataset (filled), with 95 %
    intervals, beside chance and the most frequent emotion."""
    bases = {way: transfer.baseline(way, view, tier) for way in ways}
    if not any(bases.values()):
        return nothing()
    figure, axes = plt.subplots(1, len(ways), sharey=True, figsize=(WIDTH, 3.1), squeeze=False)
    for axis, (way, base) in zip(axes[0], bases.items(), strict=True):
        for row, name in enumerate(NETWORKS):
            home = transfer.level(transfer.within(way, name, view, tier))
            away = transfer.level(transfer.across(way, name, view, tier))
            _pair(axis, row, home, away, VARIANTS[name])
        _against(axis, base)
        axis.set_title(_title(way, base), fontsize=9)
        axis.set(xlabel="accuracy, %", xlim=(0, 100))
        axis.grid(False, axis="y")
    axes[0, 0].set_yticks(range(len(NETWORKS)), NETWORKS)
    axes[0, 0].set_ylim(len(NETWORKS) - 0.5, -0.5)
    _legend(figure, axes[0, 0], lines=True)
    return figure


def emotions(found: Mapping[Way, pd.DataFrame]) -> Figure:
    """A panel a way: the share of each emotion that is found at home (open) and away (filled)."""
    if all(table.recall.isna().all() for table in found.values()):
        return nothing()
    figure, axes = plt.subplots(1, len(found), sharey=True, figsize=(WIDTH, 3.6), squeeze=False)
    for axis, (way, table) in zip(axes[0], found.items(), strict=True):
        for row, name in enumerate(SHARED):
            home, away = (_effect(table, name, place) for place in ("within", "across"))
            _pair(axis, row, home, away, COLOURS[name])
            if away.images:
                axis.text(105, row, f"{away.images:,}", fontsize=9, va="center")
        axis.set_title(f"{way.name}\n(right: images of {way.target})", fontsize=9)
        axis.set(xlabel="found, %", xlim=(0, 100))
        axis.grid(False, axis="y")
    axes[0, 0].set_yticks(range(len(SHARED)), SHARED)
    axes[0, 0].set_ylim(len(SHARED) - 0.5, -0.5)
    _legend(figure, axes[0, 0], lines=False)
    return figure


def confusion(counts: pd.DataFrame) -> Figure:
    """Per cent of each true emotion (rows); counts as of `transfer_tables.confusion`."""
    if counts.empty:
        return nothing()
    share = 100 * counts.div(counts.sum(axis=1), axis=0)
    figure, axis = plt.subplots(figsize=(WIDTH * 0.8, WIDTH * 0.62))
    sns.heatmap(
        share, annot=True, fmt=".0f", cmap="Blues", vmin=0, vmax=100, cbar=False, ax=axis,
    )  # fmt: skip
    axis.set(xlabel="predicted", ylabel="true")
    axis.tick_params(axis="x", rotation=45)
    axis.tick_params(axis="y", rotation=0)
    return figure


def _pair(axis: Axes, row: int, home: Effect, away: Effect, colour: str) -> None:
    for effect, shift, fill in ((home, -0.14, "white"), (away, 0.14, colour)):
        if effect.seeds:
            low, high = max(effect.low, 0.0), min(effect.high, 100.0)
            axis.plot([low, high], [row + shift] * 2, color=colour, lw=1.6)
            axis.plot(effect.mean, row + shift, "o", color=colour, mfc=fill, ms=6, clip_on=False)


def _against(axis: Axes, base: Baseline | None) -> None:
    if base is not None:
        axis.axvline(base.chance, color="#7F7F7F", lw=1, ls=":")
        axis.axvline(base.largest, color="#7F7F7F", lw=1.2, ls="--")


def _title(way: Way, base: Baseline | None) -> str:
    if base is None:
        return way.name
    people = f", {base.people} people" if base.people else ""
    return f"{way.name}\n{base.images:,} images{people}"


def _effect(table: pd.DataFrame, emotion: str, place: str) -> Effect:
    found = table[(table.emotion == emotion) & (table.place == place)].iloc[0]
    seeds = int(np.isfinite(found.recall))
    return Effect(found.recall, found.low, found.high, seeds, int(found.images))


def _legend(figure: Figure, axis: Axes, lines: bool) -> None:
    grey = "#444444"
    axis.plot([], [], "o", color=grey, mfc="white", label="own dataset")
    axis.plot([], [], "o", color=grey, label="other dataset")
    if lines:
        axis.plot([], [], color="#7F7F7F", lw=1, ls=":", label="chance")
        axis.plot([], [], color="#7F7F7F", lw=1.2, ls="--", label="largest emotion")
    figure.legend(loc="outside upper left", frameon=False, ncols=4, fontsize=9)
    figure.set_layout_engine("constrained", wspace=0.08)  # else 100 and 0 of two axes touch
