"""Figures of the book: arrays, cards and records in, matplotlib figures out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from ferbook.emotions import COLOURS, EMOTIONS
from ferbook.report import downloads, plotted
from ferbook.report.tables import PART_NAMES, accuracies, curves
from ferbook.study.cards import Card
from ferbook.study.records import Record

WIDTH = 5.3  #: inches, at which 10 pt are the smallest lettering on a phone (`lettering`)

#: One colour a network throughout (Okabe and Ito 2008).
VARIANTS = {"pixels": "#0072B2", "landmarks": "#E69F00", "hybrid": "#009E73"}


def style() -> None:
    """The look of all figures; call it in a notebook's first cell."""
    sns.set_theme(context="notebook", style="whitegrid", font_scale=0.85)
    plt.rcParams.update(
        {
            "figure.figsize": (WIDTH, 3.4),
            "figure.constrained_layout.use": True,
            "savefig.facecolor": "white",
            "svg.hashsalt": "ferbook",
            "axes.spines.top": False,
            "axes.spines.right": False,
        }
    )
    try:
        from IPython import get_ipython
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg", metadata={"Date": None})
        if shell := get_ipython():
            downloads.offer(shell)
    except ImportError:  # outside Jupyter
        pass


def contact_sheet(
    images: NDArray[np.uint8],
    labels: NDArray[np.integer],
    emotions: Sequence[str] = EMOTIONS,
    rows: int = 3,
    landmarks: NDArray[np.floating] | None = None,
) -> Figure:
    """`rows` faces of each emotion, an emotion a column, with their landmarks where given.

    images (N, H, W), labels (N,), landmarks (N, 68, 2) as (x, y) in pixels.
    """
    columns = len(emotions)
    figure, axes = plt.subplots(
        rows, columns, figsize=(WIDTH, WIDTH / columns * rows * 1.06 + 0.25), squeeze=False
    )
    for axis in axes.flat:
        axis.set_axis_off()
    for column, emotion in enumerate(emotions):
        axes[0, column].set_title(emotion, fontsize=10, color=COLOURS[emotion], fontweight="bold")
        for axis, face in zip(axes[:, column], np.flatnonzero(labels == column), strict=False):
            axis.imshow(images[face], cmap="gray", vmin=0, vmax=255, interpolation="nearest")
            if landmarks is not None:
                _dots(axis, landmarks[face])
    figure.set_layout_engine("constrained", w_pad=0.01, h_pad=0.01, wspace=0.01, hspace=0.01)
    return figure


def class_counts(card: Card) -> Figure:
    """Images per emotion in each official split, as shares of the split, counts written out."""
    counts = card.counts()
    figure, axes = plt.subplots(1, len(counts), sharey=True, figsize=(WIDTH, 2.9), squeeze=False)
    for axis, (part, values) in zip(axes[0], counts.items(), strict=True):
        share = 100 * values / values.sum()
        axis.barh(card.emotions, share, color=[COLOURS[name] for name in card.emotions])
        for row, (width, count) in enumerate(zip(share, values, strict=True)):
            axis.text(width + 0.6, row, f"{count:,}", va="center", fontsize=9)
        axis.set(title=f"{PART_NAMES.get(part, part)} ({values.sum():,})", xlim=(0, 33))
        axis.set_xlabel("share of the split, %")
        axis.grid(False, axis="y")
    axes[0, 0].invert_yaxis()
    return figure


def detection(card: Card) -> Figure:
    """Share of faces that the detector misses, per emotion, with 95 % Wilson intervals."""
    from statsmodels.stats.proportion import proportion_confint

    figure, axis = plt.subplots(figsize=(WIDTH, 2.7))
    for row, name in enumerate(card.emotions):
        missed = ~card.detected[card.labels == row]
        low, high = proportion_confint(missed.sum(), len(missed), method="wilson")
        share = 100 * missed.mean()
        error = [[share - 100 * low], [100 * high - share]]
        axis.errorbar(share, row, xerr=error, fmt="o", color=COLOURS[name], capsize=3)
        axis.text(100 * high + 0.5, row, f"{share:.1f}", va="center", fontsize=9)
    axis.set_yticks(range(len(card.emotions)), card.emotions)
    axis.set(xlabel="faces that the detector misses, %", xlim=(0, None))
    axis.grid(False, axis="y")
    axis.invert_yaxis()
    return figure


def heatmaps_over_sigma(
    image: NDArray[np.uint8], landmarks: NDArray[np.floating], sigmas: Sequence[float]
) -> Figure:
    """One face, its landmarks, and its heatmap (maximum over landmarks) at several sigma."""
    import torch

    from ferbook.vision.heatmaps import render

    points = torch.as_tensor(landmarks, dtype=torch.float32)[None]
    figure, axes = plt.subplots(
        1, len(sigmas) + 1, figsize=(WIDTH, WIDTH / (len(sigmas) + 1) + 0.3)
    )
    axes[0].imshow(image, cmap="gray", vmin=0, vmax=255)
    _dots(axes[0], landmarks)
    axes[0].set_title("landmarks", fontsize=9)
    for axis, sigma in zip(axes[1:], sigmas, strict=True):
        heatmap = render(points, size=image.shape[-1], sigma=sigma)[0, 0]
        axis.imshow(heatmap, cmap="magma", vmin=0, vmax=1)
        axis.set_title(f"σ = {sigma:g} px", fontsize=9)
    for axis in axes:
        axis.set_axis_off()
    return figure


def augmented(
    image: NDArray[np.uint8], landmarks: NDArray[np.floating], sigma: float = 1.5, seed: int = 0
) -> Figure:
    """The face as it is and after five random maps of Chew's section 4.4, its heatmap below."""
    import torch

    from ferbook.study.recipe import recipe
    from ferbook.vision import augment
    from ferbook.vision.heatmaps import render

    count, size = 6, image.shape[-1]
    geometry = recipe("chew").geometry
    maps, flipped = augment.draw(geometry, count, torch.Generator().manual_seed(seed), size)
    maps[0], flipped[0] = torch.tensor([[1.0, 0, 0], [0, 1, 0]]), False
    faces = torch.tensor(image, dtype=torch.float32).expand(count, 1, -1, -1)
    points = torch.tensor(landmarks, dtype=torch.float32).expand(count, -1, -1)
    faces, points = augment.apply(faces, points, maps, flipped)  # type: ignore[assignment]
    heatmaps = render(points, size, sigma)
    figure, axes = plt.subplots(2, count, figsize=(WIDTH, 2 * WIDTH / count + 0.2))
    for column in range(count):
        axes[0, column].imshow(faces[column, 0], cmap="gray", vmin=0, vmax=255)
        _dots(axes[0, column], points[column].numpy())
        axes[1, column].imshow(heatmaps[column, 0], cmap="magma", vmin=0, vmax=1)
    axes[0, 0].set_title("as it is", fontsize=9)
    for axis in axes.flat:
        axis.set_axis_off()
    return figure


def histories(curves: Mapping[str, Sequence[Mapping[str, float]]]) -> Figure:
    """Validation accuracy over epochs of trainings that were watched, {network: history}."""
    figure, axis = plt.subplots(figsize=(WIDTH, 2.6))
    for name, history in curves.items():
        values = [100 * epoch["validation_accuracy"] for epoch in history]
        axis.plot(range(1, len(values) + 1), values, "o-", color=VARIANTS[name], ms=4, label=name)
    axis.axhline(100 / len(EMOTIONS), color="#7F7F7F", lw=1, ls=":", label="chance")
    axis.set(xlabel="epoch", ylabel="validation accuracy, %", ylim=(0, 100))
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.legend(frameon=False, ncols=4, loc="upper left", fontsize=9)
    return figure


def ablation(records: Sequence[Record], printed: Mapping[str, float] | None = None) -> Figure:
    """Accuracy per network and scored part: a dot a seed, mean and 95 % interval behind.

    `printed` is {variant: per cent}, drawn as an open diamond: the paper's number, whose protocol
    (a random split) is not the one scored here.
    """
    from ferbook.study.evaluation import seed_interval

    if not records:
        return nothing()
    frame = accuracies(records)
    parts = list(dict.fromkeys(frame["scored on"]))
    variants = list(dict.fromkeys(frame["variant"]))
    figure, axes = plt.subplots(1, len(parts), sharey=True, figsize=(WIDTH, 2.4), squeeze=False)
    for axis, part in zip(axes[0], parts, strict=True):
        for row, variant in enumerate(variants):
            runs = frame[(frame["scored on"] == part) & (frame["variant"] == variant)]
            summary = seed_interval(runs["accuracy"].to_numpy(), int(runs["images"].iloc[0]))
            colour = VARIANTS.get(variant, "#444444")
            bar = [100 * max(summary.low, 0.0), 100 * min(summary.high, 1.0)]
            axis.plot(bar, [row, row], color=colour, lw=6, alpha=0.25)
            axis.plot(
                100 * runs["accuracy"], [row] * len(runs), "o", color=colour, ms=5, label="a run"
            )
            if printed and variant in printed:
                axis.plot(
                    printed[variant], row, "D", mfc="none", mec="#222222", ms=6, label="printed"
                )
        axis.set_title(part.replace(", ", ",\n"), fontsize=9)
        axis.set_xlabel("accuracy, %")
        axis.grid(False, axis="y")
    axes[0, 0].set_yticks(range(len(variants)), variants)
    axes[0, 0].set_ylim(len(variants) - 0.5, -0.5)
    return figure


def learning_curves(records: Sequence[Record]) -> Figure:
    """Validation accuracy over epochs, a line a run, the selected epoch marked."""
    if not records:
        return nothing()
    figure, axis = plt.subplots(figsize=(WIDTH, 3.0))
    plotted.give(figure, curves(records))
    named = set()
    for record in records:
        variant = record.config["variant"]
        colour = VARIANTS.get(variant, "#444444")
        values = [100 * epoch["validation_accuracy"] for epoch in record.history]
        label = None if variant in named else variant
        named.add(variant)
        axis.plot(range(1, len(values) + 1), values, color=colour, lw=1.2, label=label)
        chosen = record.data["selected_epoch"]
        axis.plot(chosen, values[chosen - 1], "o", color=colour, ms=5)
    axis.set(xlabel="epoch", ylabel="validation accuracy, %")
    axis.legend(frameon=False)
    return figure


def confusion(matrix: NDArray[np.integer], emotions: Sequence[str] = EMOTIONS) -> Figure:
    """Confusion matrix in per cent of each true class (rows)."""
    share = 100 * matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    figure, axis = plt.subplots(figsize=(WIDTH * 0.8, WIDTH * 0.7))
    sns.heatmap(
        share, annot=True, fmt=".0f", cmap="Blues", vmin=0, vmax=100, square=True, cbar=False,
        xticklabels=emotions, yticklabels=emotions, ax=axis,
    )  # fmt: skip
    axis.set(xlabel="predicted", ylabel="true")
    axis.tick_params(axis="x", rotation=45)
    axis.tick_params(axis="y", rotation=0)
    return figure


def nothing() -> Figure:
    """In the place of a figure whose runs are not recorded yet."""
    figure, axis = plt.subplots(figsize=(WIDTH, 0.5))
    axis.set_axis_off()  # a notebook shows no figure without axes
    figure.text(0.5, 0.5, "no such run is recorded yet", ha="center", va="center", color="#666666")
    return figure


def _dots(axis: plt.Axes, landmarks: NDArray[np.floating]) -> None:
    """Landmarks on an image that is there already; what lies outside its frame is cut off."""
    x, y = axis.get_xlim(), axis.get_ylim()
    axis.plot(landmarks[:, 0], landmarks[:, 1], ".", color="#E69F00", ms=1.8)
    axis.set(xlim=x, ylim=y)


def overview(images: NDArray[np.uint8], landmarks: NDArray[np.floating]) -> Figure:
    """What the hybrid network sees of one face per emotion: pixels, landmarks, heatmap.

    images (7, H, W), landmarks (7, 68, 2), in the order of `EMOTIONS`.
    """
    import torch

    from ferbook.vision.heatmaps import render

    heatmaps = render(torch.tensor(landmarks, dtype=torch.float32), images.shape[-1])[:, 0]
    figure, axes = plt.subplots(3, len(EMOTIONS), figsize=(8.4, 4.0))
    for column, emotion in enumerate(EMOTIONS):
        axes[0, column].set_title(emotion, fontsize=12, color=COLOURS[emotion], fontweight="bold")
        for row in (0, 1):
            axes[row, column].imshow(images[column], cmap="gray", vmin=0, vmax=255)
        _dots(axes[1, column], landmarks[column])
        axes[2, column].imshow(heatmaps[column], cmap="magma", vmin=0, vmax=1)
    for axis in axes.flat:
        axis.set_axis_off()
    figure.set_layout_engine("constrained", w_pad=0.01, h_pad=0.01, wspace=0.01, hspace=0.01)
    return figure
