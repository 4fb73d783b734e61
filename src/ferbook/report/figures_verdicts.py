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
    axis.annotate("margin", (MARGIN["percent"] + 0.1, 99), fontsize=8, color="0.3", va="top")
    axis.axhline(95, color="0.7", linewidth=1)
    axis.set_xlabel("printed number off by, points")
    axis.set_ylabel("called reproduced, %")
    axis.set_ylim(-3, 103)
    axis.legend(title="seeds of ours", fontsize=8, title_fontsize=8)
    return figure


def say_rates(table: pd.DataFrame) -> str:
    honest = "; ".join(f"{seeds} seeds {100 * table[seeds].iloc[0]:.0f} %" for seeds in table)
    far = "; ".join(f"{seeds} seeds {100 * table[seeds].iloc[-1]:.0f} %" for seeds in table)
    return (
        f"Lines falling from left to right: share of printed numbers called reproduced. Where they "
        f"are true: {honest}. Where they are {table.index[-1]:g} points off: {far}"
    )
