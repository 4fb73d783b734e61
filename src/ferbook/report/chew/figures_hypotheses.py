"""Figures of statements: one dot and its interval for each, against zero."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from ferbook.report.chew.hypotheses import Statement
from ferbook.report.figures import WIDTH

#: Okabe and Ito: bluish green, vermilion, grey.
COLOURS = {"holds": "#009E73", "fails": "#D55E00", "open": "#7F7F7F", "one seed": "#BBBBBB"}


def statements(shown: Sequence[Statement], label: str) -> Figure:
    """Statements in their order from top to bottom; those without runs are left out."""
    measured = [s for s in shown if np.isfinite(s.effect.mean)]
    figure, axis = plt.subplots(figsize=(WIDTH, 1.1 + 0.46 * max(len(measured), 1)))
    axis.axvline(0, color="black", linewidth=0.8)
    for row, statement in enumerate(measured):
        e = statement.effect
        axis.errorbar(
            e.mean,
            row,
            xerr=[[e.mean - e.low], [e.high - e.mean]],
            fmt="o",
            color=COLOURS[statement.answer],
            capsize=3,
        )
    names = [f"{s.claim}\n{s.where} ({s.effect.seeds})" for s in measured]
    axis.set_yticks(range(len(measured)), names, fontsize=10)
    axis.set(xlabel=label, ylim=(len(measured) - 0.5, -0.5))
    if measured:  # one interval of a few seeds must not squeeze all others; it leaves the frame
        ends = np.abs([(s.effect.low, s.effect.high) for s in measured]).max(axis=1)
        limit = 1.1 * min(ends.max(), 4 * np.median(ends))
        axis.set_xlim(-limit, limit)
    for answer, colour in COLOURS.items():
        if any(s.answer == answer for s in measured):
            axis.plot([], [], "o", color=colour, label=answer)
    if measured:
        figure.legend(loc="outside upper center", ncols=4, frameon=False, fontsize=10)
    else:
        axis.text(0.5, 0.5, "no such run is recorded yet", ha="center", transform=axis.transAxes)
    axis.grid(False, axis="y")
    return figure
