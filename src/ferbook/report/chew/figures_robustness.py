"""Figures on spoilt faces, on faces that the detector misses, and on what each step costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from ferbook.emotions import COLOURS
from ferbook.report.chew.spoilt import NOTHING_DONE
from ferbook.report.chew.spoilt_live import Shown
from ferbook.report.figures import VARIANTS, WIDTH, nothing
from ferbook.vision.masking import AMOUNTS, OCCLUDERS

FOUND, MISSED = "#E69F00", "#CC3311"
DETECTOR = "#444444"
SHIFTS = (-0.24, 0.0, 0.24)  #: of the three networks within a row
SETTINGS = {"before": "landmarks found\nbefore", "again": "landmarks found\nagain"}
LOST = {"points": "accuracy lost, points", "relative": "accuracy lost, % of it"}
AXES = {
    "square": "square, % of frame",
    "brightness": "grey levels added",
    "contrast": "contrast, factor",
    "shade": "shade, light lost",
    "noise": "noise, grey levels",
    "shift": "shift, pixels",
}


def spoilt_sheet(shown: Shown, face: int = 0, sigma: float = 1.5) -> Figure:
    """One face under each condition (columns): image and heatmap, first with the landmarks found
    before it was spoilt, then with those that dlib finds on it."""
    import torch

    from ferbook.vision.heatmaps import render

    count, size = len(shown.names), shown.images.shape[-1]
    figure, axes = plt.subplots(4, count, figsize=(WIDTH, 4 * WIDTH / count + 0.35))
    for top, points in ((0, shown.carried[:, face]), (2, shown.again[:, face])):
        heatmaps = render(torch.from_numpy(points.copy()), size, sigma)[:, 0].numpy()
        for column in range(count):
            missed = top == 2 and not shown.detected[column, face]
            _face(axes[top, column], shown.images[column, face], points[column], missed)
            axes[top + 1, column].imshow(heatmaps[column], cmap="magma", vmin=0, vmax=1)
    for axis, name in zip(axes[0], shown.names, strict=True):
        first, _, rest = name.partition(" ")
        axis.set_title(f"{first}\n{rest}", fontsize=10)
    for axis, name in zip(
        axes[:, 0], ("found\nbefore", "heatmap", "found\nagain", "heatmap"), strict=True
    ):
        axis.set_ylabel(name, fontsize=10)
    for axis in axes.flat:
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
        axis.grid(False)
    figure.set_layout_engine("constrained", w_pad=0.01, h_pad=0.01, wspace=0.01, hspace=0.01)
    return figure


def region_losses(losses: pd.DataFrame, failures: pd.DataFrame, scale: str = "points") -> Figure:
    """What hiding a region costs each network, a panel a setting; beside the region the share of
    faces that the detector misses then."""
    if losses.empty:
        return nothing()
    figure, axes = plt.subplots(1, 2, sharey=True, sharex=True, figsize=(WIDTH, 3.3))
    for axis, (setting, title) in zip(axes, SETTINGS.items(), strict=True):
        for shift, network in zip(SHIFTS, VARIANTS, strict=True):
            here = losses[(losses.landmarks == setting) & (losses.network == network)]
            table = here.set_index("kind").loc[list(OCCLUDERS)]
            _intervals(
                axis, table.loss, table.low, table.high, np.arange(len(table)) + shift, network
            )
        axis.axvline(0, color="#888888", lw=0.8)
        axis.set_title(title.replace("\n", " "), fontsize=10)
        axis.set_xlabel(LOST[scale], fontsize=10)
        axis.grid(False, axis="y")
    axes[0].set_yticks(range(len(OCCLUDERS)), list(_regions(failures)), fontsize=9)
    axes[0].set_ylim(len(OCCLUDERS) - 0.5, -0.5)
    _legend(figure, axes[0])
    return figure


def graded_losses(losses: pd.DataFrame, failures: pd.DataFrame, scale: str = "points") -> Figure:
    """What each amount of a graded condition costs, a row a kind; last the detector's failures."""
    if losses.empty:
        return nothing()
    figure, axes = plt.subplots(len(AMOUNTS), 3, figsize=(WIDTH, 1.45 * len(AMOUNTS) + 0.8))
    for row, kind in zip(axes, AMOUNTS, strict=True):
        row[1].sharey(row[0])
        for axis, setting in zip(row, SETTINGS, strict=False):
            for network, colour in VARIANTS.items():
                own = (losses.kind == kind) & (losses.network == network)
                here = losses[own & (losses.landmarks == setting)]
                _band(
                    axis, kind, here[["amount", "loss", "low", "high"]], (0.0,) * 3, colour, network
                )
            axis.axhline(0, color="#888888", lw=0.8)
        plain = failures[failures.kind == "plain"][["missed", "low", "high"]]
        start = tuple(plain.iloc[0]) if len(plain) else (np.nan,) * 3
        here = failures[failures.kind == kind][["amount", "missed", "low", "high"]]
        _band(row[2], kind, here, start, DETECTOR)
        row[2].set(ylim=(-5, 105), yticks=(0, 50, 100))
        row[0].set_ylabel(kind, fontsize=10, fontweight="bold")
        row[1].tick_params(labelleft=False)
        row[1].set_xlabel(AXES[kind], fontsize=9, labelpad=2)
    for axis, title in zip(
        axes[0], [*SETTINGS.values(), "detector finds\nno face, %"], strict=True
    ):
        axis.set_title(title, fontsize=10)
    figure.supylabel(LOST[scale], fontsize=10)
    _legend(figure, axes[0, 0])
    return figure


def _band(
    axis: Axes,
    kind: str,
    table: pd.DataFrame,
    unspoilt: Sequence[float],
    colour: str,
    name: str | None = None,
) -> None:
    """Columns amount, value, low, high as a line with its band, the unspoilt face among them."""
    whole = np.vstack([table.to_numpy(float), [NOTHING_DONE[kind], *unspoilt]])
    x, y, low, high = whole[whole[:, 0].argsort()].T
    axis.fill_between(x, low, high, color=colour, alpha=0.18, lw=0)
    axis.plot(x, y, "o-", color=colour, ms=2.8, lw=1.2, label=name)
    if kind == "contrast":
        axis.set_xscale("log")
    axis.xaxis.set_major_locator(FixedLocator(sorted(x[[0, -1]].tolist() + _inner(kind))))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}".replace("-", "−")))
    axis.yaxis.set_major_locator(MaxNLocator(3))
    axis.tick_params(labelsize=9, pad=1)


def _inner(kind: str) -> list[float]:
    """One tick between the ends: the unspoilt face where it lies inside, else a middle amount."""
    amounts = AMOUNTS[kind]
    if min(amounts) < NOTHING_DONE[kind] < max(amounts):
        return [NOTHING_DONE[kind]]
    return [] if len(amounts) < 2 else [amounts[len(amounts) // 2 if len(amounts) > 2 else 0]]


def _intervals(
    axis: Axes, value: pd.Series, low: pd.Series, high: pd.Series, y: np.ndarray, network: str
) -> None:
    colour = VARIANTS[network]
    axis.hlines(y, low, high, color=colour, lw=4, alpha=0.35)
    axis.plot(value, y, "o", color=colour, ms=4.5, label=network)


def _regions(failures: pd.DataFrame) -> Iterator[str]:
    """ "eyes (missed: 56 %)" """
    for kind in OCCLUDERS:
        share = failures[failures.kind == kind].missed
        half = " half" if kind in ("left", "right") else ""
        yield f"{kind}{half}" + (f"\nno face: {share.iloc[0]:.0f} %" if len(share) else "")


def _face(axis: Axes, image: np.ndarray, points: np.ndarray, missed: bool) -> None:
    axis.imshow(image, cmap="gray", vmin=0, vmax=255)
    x, y = axis.get_xlim(), axis.get_ylim()
    axis.plot(points[:, 0], points[:, 1], ".", color=MISSED if missed else FOUND, ms=1.8)
    axis.set(xlim=x, ylim=y)
    if missed:
        box = {"facecolor": MISSED, "edgecolor": "none", "pad": 1}
        at = axis.transAxes
        axis.text(
            0.5, 0.04, "no face", fontsize=8, color="white", ha="center", transform=at, bbox=box
        )


def _legend(figure: Figure, axis: Axes) -> None:
    handles, labels = axis.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3, frameon=False, fontsize=10)


def _networks(axis: Axes, table: pd.DataFrame) -> None:
    """Value and interval of every network, side by side within each group, groups from the top."""
    for shift, network in zip(SHIFTS, VARIANTS, strict=True):
        own = table[table.network == network]
        _intervals(axis, own.value, own.low, own.high, np.arange(len(own)) + shift, network)


def group_accuracy(table: pd.DataFrame) -> Figure:
    """Accuracy of each network on faces by what the detector made of them."""
    if table.empty:
        return nothing()
    faces = table.drop_duplicates("group").set_index("group").faces
    figure, axis = plt.subplots(figsize=(WIDTH, 2.6))
    _networks(axis, table)
    names = [f"{group}\n{count:,} faces" for group, count in faces.items()]
    axis.set_yticks(range(len(faces)), names, fontsize=9)
    axis.set_ylim(len(faces) - 0.5, -0.5)
    axis.set_xlabel("accuracy, %")
    axis.grid(False, axis="y")
    _legend(figure, axis)
    return figure


def emotion_gaps(table: pd.DataFrame) -> Figure:
    """Accuracy on faces whose box fits minus that on missed ones, within each emotion."""
    if table.empty:
        return nothing()
    faces = table.drop_duplicates("emotion").set_index("emotion").faces
    figure, axis = plt.subplots(figsize=(WIDTH, 4.2))
    _networks(axis, table)
    axis.axvline(0, color="#888888", lw=0.8)
    axis.set_yticks(range(len(faces)), [f"{e}\n{n} missed" for e, n in faces.items()], fontsize=9)
    for text, emotion in zip(axis.get_yticklabels(), faces.index, strict=True):
        text.set_color(COLOURS[emotion])
    axis.set_ylim(len(faces) - 0.5, -0.5)
    axis.set_xlabel("accuracy on found faces minus on missed ones, points")
    axis.grid(False, axis="y")
    _legend(figure, axis)
    return figure


def confidence(images: np.ndarray, points: np.ndarray, score: np.ndarray, count: int = 7) -> Figure:
    """The faces that the detector is surest of, and those least sure of, its score above each."""
    order = np.argsort(-np.nan_to_num(score, nan=-np.inf), kind="stable")
    count = min(count, len(images))
    figure, axes = plt.subplots(2, count, figsize=(WIDTH, 2 * WIDTH / count + 0.5), squeeze=False)
    for row, chosen, name in zip(
        axes, (order[:count], order[-count:]), ("surest", "least sure"), strict=True
    ):
        for axis, face in zip(row, chosen, strict=True):
            _face(axis, images[face], points[face], bool(np.isnan(score[face])))
            axis.set_title("–" if np.isnan(score[face]) else f"{score[face]:.2f}", fontsize=9)
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(False)
            axis.grid(False)
        row[0].set_ylabel(name, fontsize=9)
    figure.set_layout_engine("constrained", w_pad=0.01, h_pad=0.01, wspace=0.01, hspace=0.01)
    return figure
