"""Pictures for lessons: rows of faces, heatmaps and clusters."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ferbook.report.figures import WIDTH

#: One colour a cluster (Okabe and Ito 2008).
CLUSTERS = ("#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#F0E442", "#D55E00", "#0072B2", "#999999")


def row(
    pictures: Sequence[NDArray[np.generic]],
    titles: Sequence[str],
    points: Sequence[NDArray[np.floating] | None] | None = None,
) -> Figure:
    """Faces (uint8) in grey, maps (floating) in colour, side by side, with landmarks on top."""
    height = WIDTH / len(pictures) + 0.35
    figure, axes = plt.subplots(1, len(pictures), figsize=(WIDTH, height), squeeze=False)
    dots = points or [None] * len(pictures)
    for axis, picture, title, at in zip(axes[0], pictures, titles, dots, strict=True):
        grey = picture.dtype == np.uint8
        look = {"cmap": "gray", "vmin": 0, "vmax": 255} if grey else {"cmap": "viridis"}
        axis.imshow(picture, interpolation="nearest", **look)
        _finish(axis, title)
        if at is not None:
            axis.plot(*at.T, ".", color="#E69F00", markersize=2.5)
    return figure


def closeup(
    picture: NDArray[np.uint8], points: NDArray[np.floating], chosen: Sequence[int], margin: int = 3
) -> Figure:
    """The part of a face (uint8) around some landmarks, (K, 2) as (x, y), with lines between its
    pixels."""
    among = points[list(chosen)]
    left, top = np.floor(among.min(axis=0)) - margin + 0.5
    right, bottom = np.ceil(among.max(axis=0)) + margin - 0.5
    height = WIDTH * (bottom - top) / (right - left)
    figure, axis = plt.subplots(figsize=(WIDTH, height))
    axis.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    _finish(axis, "")
    axis.vlines(np.arange(left, right + 1), top, bottom, color="#56B4E9", linewidth=0.5)
    axis.hlines(np.arange(top, bottom + 1), left, right, color="#56B4E9", linewidth=0.5)
    axis.plot(*among.T, "o", color="#E69F00", markersize=6)
    axis.set(xlim=(left, right), ylim=(bottom, top))
    return figure


def clusters(
    face: NDArray[np.uint8], maps: Sequence[NDArray[np.integer]], titles: Sequence[str]
) -> Figure:
    """The same face under several maps of clusters; 0 is not clustered."""
    height = WIDTH / len(maps) + 0.35
    figure, axes = plt.subplots(1, len(maps), figsize=(WIDTH, height), squeeze=False)
    for axis, labels, title in zip(axes[0], maps, titles, strict=True):
        axis.imshow(face, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        for number in range(1, int(labels.max(initial=0)) + 1):
            colour = CLUSTERS[(number - 1) % len(CLUSTERS)]
            rows, columns = np.nonzero(labels == number)
            axis.plot(columns, rows, "s", color=colour, markersize=2.2, markeredgewidth=0)
        _finish(axis, title)
    return figure


def _finish(axis: Axes, title: str) -> None:
    axis.set_title(title, fontsize=9)
    axis.set_xticks([])
    axis.set_yticks([])
    axis.grid(False)
