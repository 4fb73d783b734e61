"""Figures of the pages on protocols: what a sin is worth, candidates for a number, leaks live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ferbook.report import figures
from ferbook.report.chew import protocols
from ferbook.report.chew.candidates import Candidate
from ferbook.report.chew.folds import Pooled
from ferbook.report.chew.sins import Levels
from ferbook.report.chew.sins import sins as sins_of
from ferbook.report.effects import Effect
from ferbook.report.figures import WIDTH, nothing
from ferbook.study.evaluation import Summary
from ferbook.study.records import Record

#: One colour a kind of candidate, the honest ones first (Okabe and Ito 2008).
KINDS = {
    "unseen images": "#009E73",
    "the test part leaks": "#D55E00",
    "other labels": "#0072B2",
    "no test at all": "#777777",
}
FOLDS = {"subject": "#009E73", "sequence": "#E69F00", "frame": "#D55E00"}
DARK = "#222222"


def confusion(pooled: Pooled | None) -> Figure:
    """Confusion matrix over all folds, in per cent of each true class."""
    if pooled is None:
        return nothing()
    return figures.confusion(pooled.confusion(), pooled.emotions)


def confusion_of(records: Sequence[Record]) -> Figure:
    """Confusion matrix on the test part, summed over the seeds."""
    if not records:
        return nothing()
    return figures.confusion(protocols.confusion(records), records[0].card.emotions)


def sins(scored: Levels) -> Figure:
    """Points that each sin is worth, with 95 % intervals; the line at zero is an honest score."""
    found = sins_of(scored)
    if not found:
        return nothing()
    some = next(iter(scored.values()))
    figure, axis = plt.subplots(figsize=(WIDTH, 0.62 * len(found) + 0.9))
    for row, sin in enumerate(found):
        colour = DARK if sin.name == "all three" else "#D55E00"
        _whisker(axis, row, sin.points, colour)
        mean = sin.points.mean
        axis.plot(mean, row, "o", color=colour, ms=8)
        axis.annotate(
            f"{mean:+.1f}", (mean, row), (0, 9), textcoords="offset points", ha="center", fontsize=9
        )
    axis.axvline(0, color=DARK, lw=1)
    axis.set_yticks(range(len(found)), [sin.name for sin in found])
    axis.set_ylim(len(found) - 0.5, -0.6)
    axis.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axis.set_xlabel(f"points of accuracy, the same {len(some.rows)} images of {some.people} people")
    axis.grid(False, axis="y")
    return figure


def candidates(found: Sequence[Candidate], printed: float) -> Figure:
    """A bar a candidate, under the heading of its kind, and the printed number as a line."""
    if not found:
        return nothing()
    kinds = list(dict.fromkeys(one.way.kind for one in found))
    figure, axis = plt.subplots(figsize=(WIDTH, 0.4 * (len(found) + 0.8 * len(kinds)) + 0.9))
    row, ticks, names = 0.0, [], []
    for kind in kinds:
        axis.text(1, row, kind, fontsize=9, style="italic", va="center", color=KINDS[kind])
        row += 0.75
        for one in (candidate for candidate in found if candidate.way.kind == kind):
            _bar(axis, row, one.accuracy, KINDS[kind])
            ticks.append(row)
            names.append(one.way.name)
            row += 1
    axis.axvline(printed, color=DARK, lw=1.5, ls="--", label="printed")
    axis.text(printed + 1, -0.6, f"printed:\n{printed:g}", fontsize=9, va="top", color=DARK)
    axis.set_yticks(ticks, names)
    axis.set(xlim=(0, 100), ylim=(row - 0.3, -0.7), xlabel="accuracy, %")
    axis.grid(False, axis="y")
    return figure


def splits(records: Mapping[str, Sequence[Record]], printed: float) -> Figure:
    """Accuracy under each split with its 95 % interval, and the printed number as a line."""
    found = {name: protocols.Scored(runs).level() for name, runs in records.items()}
    levels = {name: summary for name, summary in found.items() if summary is not None}
    if not levels:
        return nothing()
    figure, axis = plt.subplots(figsize=(WIDTH, 0.42 * len(levels) + 0.9))
    for row, (name, summary) in enumerate(levels.items()):
        colour = "#009E73" if name.endswith("unique") else "#E69F00"
        _whisker(axis, row, protocols.as_points(summary), colour)
        mean = 100 * summary.mean
        axis.plot(mean, row, "o", color=colour, ms=7, label="measured")
        axis.annotate(
            f"{mean:.1f}", (mean, row), (0, 8), textcoords="offset points", ha="center", fontsize=9
        )
    axis.axvline(printed, color=DARK, lw=1.5, ls="--", label="printed")
    axis.annotate(
        f"printed: {printed:g}", (printed, -0.55), (-4, 0), textcoords="offset points",
        ha="right", va="top", fontsize=9,
    )  # fmt: skip
    axis.set_yticks(range(len(levels)), list(levels))
    axis.set(ylim=(len(levels) - 0.5, -0.7), xlabel="accuracy, %")
    axis.grid(False, axis="y")
    return figure


def nearest(found: pd.DataFrame) -> Figure:
    """Test faces by the distance of their nearest training face; a line marks the median."""
    figure, axis = plt.subplots(figsize=(WIDTH, 2.5))
    sns.stripplot(
        found, x="distance", y="folds by", hue="folds by", palette=FOLDS, legend=False,
        size=3, alpha=0.6, jitter=0.25, ax=axis,
    )  # fmt: skip
    for row, (_, gaps) in enumerate(found.groupby("folds by", sort=False)["distance"]):
        axis.plot(gaps.median(), row, "|", color=DARK, ms=30, mew=2, zorder=5, label="median")
    axis.set(xlabel="distance to the nearest training face, grey levels", xlim=(0, None))
    axis.set_ylabel("folds by")
    return figure


def noise(found: pd.DataFrame) -> Figure:
    """Accuracy on labels drawn by lot over the strength of augmentation, with 95 % intervals."""
    figure, axis = plt.subplots(figsize=(WIDTH, 2.7))
    colours = {"augmented, then split": "#D55E00", "split, then augmented": "#009E73"}
    percent = found.assign(accuracy=100 * found["accuracy"])
    sns.lineplot(
        percent, x="strength", y="accuracy", hue="order", palette=colours, marker="o",
        errorbar=("ci", 95), n_boot=200, seed=0, ax=axis,
    )  # fmt: skip
    axis.axhline(100 / 7, color="#7F7F7F", lw=1, ls=":")
    axis.set(
        xlabel="strength of the augmentation (1: as printed)", ylabel="accuracy, %", ylim=(0, 100)
    )
    axis.legend(frameon=False, title=None, fontsize=9)
    return figure


def _bar(axis: plt.Axes, row: float, summary: Summary, colour: str) -> None:
    mean = 100 * summary.mean
    axis.barh(row, mean, color=colour, alpha=0.75, height=0.75, label="measured")
    _whisker(axis, row, protocols.as_points(summary), DARK)
    behind = {"facecolor": "white", "edgecolor": "none", "pad": 1}  # the printed line may pass
    end = min(100 * summary.high, 100) + 1.5
    axis.text(end, row, f"{mean:.1f}", va="center", fontsize=9, bbox=behind, zorder=4)


def _whisker(axis: plt.Axes, row: float, shown: Effect, colour: str) -> None:
    """The interval, where there is one."""
    if shown.low < shown.high:
        axis.plot([shown.low, shown.high], [row, row], color=colour, lw=2)
