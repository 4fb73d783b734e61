"""Figures of what networks are shown, of what each form of input is worth, and of augmentation.

`say_...` is what a figure of records says to those who do not see it (`report.alternatives`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, MultipleLocator
from numpy.typing import NDArray

from ferbook.report.alternatives import NOTHING
from ferbook.report.chew.augmented import moved
from ferbook.report.chew.contrasts import ALL, Compared, Level, count_seeds
from ferbook.report.effects import Effect
from ferbook.report.figures import VARIANTS, WIDTH, _dots, nothing
from ferbook.vision.patches import PATCHES

if TYPE_CHECKING:
    from ferbook.vision.augment import Geometry

#: One colour for each set of augmentations (Okabe and Ito 2008).
CONDITIONS = {
    ALL: "#000000",
    "no rotation": "#E69F00",
    "no translation": "#0072B2",
    "no zoom": "#CC79A7",
    "no flip": "#56B4E9",
    "none": "#D55E00",
}
PIXELS_TOO = ("hybrid", "patches")


def shown(
    image: NDArray[np.uint8],
    landmarks: NDArray[np.floating],
    sigma: float,
    maps: Sequence[int],
) -> Figure:
    """What the networks are shown of one face: above, the face, its heatmap and its coordinates;
    then the patches; below, the maps of three of the 68 landmarks.

    image (H, W), landmarks (68, 2) as (x, y) in pixels.
    """
    import torch

    from ferbook.vision.heatmaps import render
    from ferbook.vision.patches import cut, normalised

    points = torch.as_tensor(np.array(landmarks), dtype=torch.float32)[None]
    face = torch.tensor(np.array(image), dtype=torch.float32)[None, None]
    size = image.shape[-1]
    figure, axes = plt.subplots(3, 3, figsize=(WIDTH, WIDTH * 1.08))
    _grey(axes[0, 0], image, "the face")
    _heat(axes[0, 1], render(points, size, sigma)[0, 0].numpy(), "one heatmap")
    _scatter(axes[0, 2], normalised(points)[0].view(-1, 2).numpy())
    for axis, name, patch in zip(axes[1], PATCHES, cut(face, points)[0], strict=True):
        _grey(axis, patch.numpy(), f"patch: {name}")
    every = render(points, size, sigma, "all")[0].numpy()
    for axis, number in zip(axes[2], maps, strict=False):
        _heat(axis, every[number], f"map of landmark {number}")
    for axis in [axes[0, 0], axes[0, 1], *axes[1:].flat]:
        axis.set_axis_off()
    return figure


def levels(found: Mapping[str, Level]) -> Figure:
    """Accuracy per network: a dot a seed, the 95 % interval of the mean behind."""
    if not found:
        return nothing()
    figure, axis = plt.subplots(figsize=(WIDTH, 0.8 + 0.3 * len(found)))
    for row, (name, level) in enumerate(found.items()):
        colour = colour_of(name)
        bar = [100 * max(level.summary.low, 0.0), 100 * min(level.summary.high, 1.0)]
        axis.plot(bar, [row, row], color=colour, lw=7, alpha=0.25, solid_capstyle="butt")
        axis.plot(100 * np.array(level.values), [row] * len(level.values), "o", color=colour, ms=5)
    images = next(iter(found.values())).images
    axis.set_yticks(range(len(found)), list(found))
    axis.set(xlabel=f"accuracy, % of {images:,} images", ylim=(len(found) - 0.5, -0.5))
    axis.grid(False, axis="y")
    return figure


def say_levels(found: Mapping[str, Level]) -> str:
    """Of `levels`: the mean of every network, the best first."""
    if not found:
        return NOTHING
    means = {name: 100 * float(np.mean(level.values)) for name, level in found.items()}
    said = (f"{name} {means[name]:.1f}" for name in sorted(means, key=means.__getitem__)[::-1])
    return f"Dots, one a seed, with 95 % intervals: accuracy in %, {', '.join(said)}"


def contrasts(found: Sequence[Compared], label: str) -> Figure:
    """Differences in points: the thick bar for new images, the thin one for new seeds too."""
    measured = [c for c in found if c.effect.seeds]
    if not measured:
        return nothing()
    figure, axis = plt.subplots(figsize=(WIDTH, 1.25 + 0.42 * len(measured)))
    axis.axvline(0, color="black", lw=0.8)
    for row, c in enumerate(measured):
        _bar(axis, row, c.on_images, lw=7, alpha=0.3)
        if c.effect.seeds > 1:
            _bar(axis, row, c.effect, lw=1.5)
        axis.plot(c.effect.mean, row, "o", color="#222222", ms=5)
    names = [f"{c.name}\n{count_seeds(c.effect)}" for c in measured]
    axis.set_yticks(range(len(measured)), names, fontsize=9)
    images = f"{measured[0].effect.images:,} images"
    axis.set(xlabel=f"{label} ({images})", ylim=(len(measured) - 0.5, -0.5))
    axis.plot([], [], color="#0072B2", lw=7, alpha=0.3, label="95 %, new images")
    if any(c.effect.seeds > 1 for c in measured):
        axis.plot([], [], color="#0072B2", lw=1.5, label="95 %, new seeds too")
    axis.grid(False, axis="y")
    figure.legend(loc="outside upper right", frameon=False, ncols=2, fontsize=9)
    return figure


def say_contrasts(found: Sequence[Compared], label: str) -> str:
    """Of `contrasts`: every difference with the interval that is to be stated."""
    said = [f"{c.name} {c.effect}" for c in found if c.effect.seeds]
    return f"Dots with 95 % intervals, {label}: {'; '.join(said)}" if said else NOTHING


def alone(
    image: NDArray[np.uint8],
    landmarks: NDArray[np.floating],
    geometries: Mapping[str, Geometry],
    seed: int = 0,
    count: int = 5,
) -> Figure:
    """One face (first column) and `count` random draws of each geometry (rows)."""
    figure, axes = plt.subplots(
        len(geometries), count + 1, figsize=(WIDTH, 1.02 * len(geometries)), squeeze=False
    )
    for row, (name, geometry) in enumerate(geometries.items()):
        faces, points = moved(image, landmarks, geometry, count, seed)
        _with_dots(axes[row, 0], image, landmarks)
        for axis, face, marks in zip(axes[row, 1:], faces, points, strict=True):
            _with_dots(axis, face, marks)
        axes[row, 0].set_ylabel(name, fontsize=9)
    axes[0, 0].set_title("as it is", fontsize=9)
    figure.set_layout_engine("constrained", w_pad=0.01, h_pad=0.01, wspace=0.01, hspace=0.01)
    return figure


def learning(curves: pd.DataFrame, conditions: Sequence[str]) -> Figure:
    """Training (dashed) and validation accuracy over epochs, and their gap; means over seeds."""
    here = curves[curves.condition.isin(conditions)]
    if here.empty:
        return nothing()
    figure, axes = plt.subplots(1, 2, figsize=(WIDTH, 3.4), width_ratios=[3, 2])
    means = here.groupby(["condition", "epoch"], sort=False).mean(numeric_only=True)
    for name in dict.fromkeys(here.condition):
        line, colour = means.loc[name], CONDITIONS[name]
        axes[0].plot(line.index, line.training, color=colour, ls="--", lw=1.2)
        axes[0].plot(line.index, line.validation, color=colour, lw=1.8, label=name)
        axes[1].plot(line.index, line.gap, color=colour, lw=1.8)
    axes[0].plot([], [], color="#7F7F7F", ls="--", lw=1.2, label="training, as met")
    axes[1].axhline(0, color="black", lw=0.8)
    axes[0].set(xlabel="epoch", ylabel="accuracy, %")
    axes[1].set(xlabel="epoch", ylabel="training − validation, points")
    for axis in axes:
        axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    figure.legend(loc="outside upper left", frameon=False, ncols=4, fontsize=9)
    figure.set_layout_engine("constrained", wspace=0.06)
    return figure


def say_learning(curves: pd.DataFrame, conditions: Sequence[str]) -> str:
    """Of `learning`: both accuracies of each condition at its last epoch."""
    here = curves[curves.condition.isin(conditions)]
    if here.empty:
        return NOTHING
    last = here[here.epoch == here.groupby("condition").epoch.transform("max")]
    means = last.groupby("condition", sort=False)[["training", "validation"]].mean()
    said = (
        f"{name}: training {row.training:.1f}, validation {row.validation:.1f}"
        for name, row in means.iterrows()
    )
    return f"Lines: accuracy over epochs and the gap; in the end, in %, {'; '.join(said)}"


def colour_of(network: str) -> str:
    """The colour of the ablation's network that this is a form of."""
    if network == "pixels":
        return VARIANTS["pixels"]
    return VARIANTS["hybrid" if network.startswith(PIXELS_TOO) else "landmarks"]


def _bar(axis: Axes, row: int, effect: Effect, **look: Any) -> None:
    if effect.low < effect.high:
        ends = [effect.low, effect.high]
        axis.plot(ends, [row, row], color="#0072B2", solid_capstyle="butt", **look)


def _grey(axis: Axes, image: NDArray[np.generic], title: str) -> None:
    axis.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axis.set_title(title, fontsize=9)


def _heat(axis: Axes, heatmap: NDArray[np.generic], title: str) -> None:
    axis.imshow(heatmap, cmap="magma", vmin=0, vmax=1, interpolation="nearest")
    axis.set_title(title, fontsize=9)


def _scatter(axis: Axes, points: NDArray[np.floating]) -> None:
    """Normalised coordinates, y downwards as in the image."""
    axis.plot(points[:, 0], points[:, 1], ".", color=VARIANTS["landmarks"], ms=4)
    axis.set_aspect("equal", adjustable="datalim")
    axis.invert_yaxis()
    axis.set_title("coordinates", fontsize=9)
    axis.tick_params(labelleft=False, labelbottom=False)
    for side in (axis.xaxis, axis.yaxis):
        side.set_major_locator(MultipleLocator(1))


def _with_dots(axis: Axes, image: NDArray[np.generic], landmarks: NDArray[np.floating]) -> None:
    axis.imshow(image, cmap="gray", vmin=0, vmax=255)
    _dots(axis, landmarks)
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set_visible(False)
