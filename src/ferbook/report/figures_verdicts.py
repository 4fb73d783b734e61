"""Figures of how often verdicts err."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ferbook.report import figures
from ferbook.report.verdict import MARGIN


def rates(table: pd.DataFrame) -> Figure:
    """Share of `reproduced` over how far off a printed number is, a line a number of seeds."""
    figure, axis = plt.subplots(figsize=(figures.WIDTH, 3.2))
    for column, colour in zip(table, plt.get_cmap("viridis")(np.linspace(0, 0.85, 4)), strict=True):
        axis.plot(table.index, 100 * table[column], "o-", ms=4, color=colour, label=f"{column}")
    axis.axvline(MARGIN["percent"], color="0.4", linestyle="--", linewidth=1)
    axis.annotate("margin", (MARGIN["percent"] + 0.1, 99), fontsize=9, color="0.3", va="top")
    axis.axhline(95, color="0.7", linewidth=1)
    axis.set_xlabel("printed number off by, points")
    axis.set_ylabel("called reproduced, %")
    axis.set_ylim(-3, 103)
    axis.legend(title="seeds of ours", fontsize=9, title_fontsize=9)
    return figure


def say_rates(table: pd.DataFrame) -> str:
    honest = "; ".join(f"{seeds} seeds {100 * table[seeds].iloc[0]:.0f} %" for seeds in table)
    far = "; ".join(f"{seeds} seeds {100 * table[seeds].iloc[-1]:.0f} %" for seeds in table)
    return (
        f"Lines falling from left to right: share of printed numbers called reproduced. Where they "
        f"are true: {honest}. Where they are {table.index[-1]:g} points off: {far}"
    )


def detection(table: pd.DataFrame) -> Figure:
    """Share of moved figures that an audit finds, over the points by which they were moved."""
    if table.empty:
        return figures.nothing()
    figure, axis = plt.subplots(figsize=(figures.WIDTH, 3.2))
    colours = plt.get_cmap("tab10")(range(len(table)))
    for (name, row), colour in zip(table.iterrows(), colours, strict=True):
        last = name == table.index[-1]
        axis.plot(
            row.index, row, "o-", ms=4, color="black" if last else colour, lw=2.4 if last else 1.3,
            label=str(name),
        )  # fmt: skip
    axis.set_xscale("log")
    axis.set_xticks(list(table.columns), [f"{points:g}" for points in table.columns])
    axis.minorticks_off()
    axis.set_ylim(-3, 103)
    axis.set_xlabel("moved by, points")
    axis.set_ylabel("found, %")
    figure.legend(fontsize=9, loc="outside upper center", ncols=2)
    return figure


def say_detection(table: pd.DataFrame) -> str:
    if table.empty:
        return "No figure: not simulated yet"
    small, large = table.columns[0], table.columns[-1]
    told = "; ".join(
        f"{name} {row[small]:.0f} % and {row[large]:.0f} %" for name, row in table.iterrows()
    )
    return f"Lines rising to the right: found, moved by {small:g} and by {large:g} points: {told}"
