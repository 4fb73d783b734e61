"""Figures 1 and 6: faces with the saliency of networks over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ferbook.emotions import COLOURS
from ferbook.report.figures import WIDTH
from ferbook.report.qiu import saliency
from ferbook.report.qiu.networks import runs
from ferbook.report.tables import provenance as runs_of
from ferbook.study.cards import Card

#: A row of faces: what is written beside it, (n, S, S) faces, (n, S, S) maps or None.
Row = tuple[str, NDArray[np.uint8], NDArray[Any] | None]
#: How networks are written beside rows.
SHORT = {"vgg16": "VGG16", "pvgg16": "PVGG", "mvgg16": "VGG16,\nmasks"}


def thumbnails(card: Card, number: int) -> tuple[NDArray[np.int64], list[str]]:
    """Which of a card's thumbnails are the `number`-th (from 1) of each emotion; their emotions."""
    labels = card.labels[card.thumbnails["rows"]]
    chosen = [np.flatnonzero(labels == code)[:number][-1:] for code in np.unique(labels)]
    places = np.concatenate(chosen).astype(np.int64)
    return places, [card.emotions[labels[place]] for place in places]


def faces_of(card: Card, places: NDArray[np.int64], masked: bool) -> NDArray[np.uint8]:
    """Thumbnails (n, 48, 48), in the masks that the masked test faces wear."""
    from ferbook.vision.facemasks import wear

    shown = card.thumbnails
    images: NDArray[np.uint8] = shown["images"][places]
    return wear(images, shown["landmarks"][places], shown["rows"][places]) if masked else images


def kept_maps(
    card: Card, places: NDArray[np.int64], variant: str, view: str, tier: str, seed: int
) -> NDArray[np.uint8] | None:
    """(n, S, S) saliency of the shown faces by the run of one seed, each scaled to 255."""
    for record in runs(variant, tier):
        kept = record.artifacts.get(f"shown.saliency.{view}")
        if kept is not None and record.config["seed"] == seed:
            rows = card.thumbnails["rows"]
            assert np.array_equal(record.artifacts["shown.rows"], rows), f"{record.id}: other faces"
            found: NDArray[np.uint8] = kept[places]
            return found
    return None


def figure1(card: Card, places: NDArray[np.int64], tier: str, seed: int) -> list[Row]:
    """Rows of Figure 1; a row of maps is left out where its run is not recorded."""
    rows: list[Row] = []
    for view, variant, words in (
        ("plain", "vgg16", "as it is"),
        ("masked", "mvgg16", "in a mask"),
    ):
        faces = faces_of(card, places, view == "masked")
        rows += [(words, faces, None), *_maps(card, places, variant, view, tier, seed, faces)]
    return rows


def figure6(card: Card, places: NDArray[np.int64], tier: str, seed: int) -> list[Row]:
    """Rows of Figure 6."""
    faces = faces_of(card, places, False)
    rows: list[Row] = [("as it is", faces, None)]
    for variant in ("vgg16", "pvgg16"):
        rows += _maps(card, places, variant, "plain", tier, seed, faces)
    return rows


def _maps(
    card: Card,
    places: NDArray[np.int64],
    variant: str,
    view: str,
    tier: str,
    seed: int,
    faces: NDArray[np.uint8],
) -> list[Row]:
    found = kept_maps(card, places, variant, view, tier, seed)
    return [] if found is None else [(SHORT[variant], faces, found)]


def provenance(tier: str) -> str:
    """The runs behind the figures, a line a network; what is missing is said to be missing."""
    return "\n".join(
        f"- {name}: {runs_of(runs(variant, tier))}" for variant, name in saliency.NETWORKS.items()
    )


def sheet(rows: Sequence[Row], titles: Sequence[str]) -> Figure:
    """A face a column, titled with its emotion; a row of faces, or of faces under their maps.

    Where any row has maps, all show the same middle of the face, which is what networks see.
    """
    columns = len(titles)
    size = min(len(row[0]) for _, faces, maps in rows for row in (faces, maps) if row is not None)
    figure, axes = plt.subplots(
        len(rows), columns, squeeze=False, figsize=(WIDTH, WIDTH / columns * len(rows) + 0.3)
    )
    for line, (label, faces, maps) in zip(axes, rows, strict=True):
        for column, axis in enumerate(line):
            axis.imshow(overlaid(faces[column], None if maps is None else maps[column], size))
            axis.set(xticks=[], yticks=[])
            axis.grid(False)
            axis.spines[:].set_visible(False)
        line[0].set_ylabel(label, fontsize=10)
    for axis, title in zip(axes[0], titles, strict=True):
        axis.set_title(title, fontsize=10, color=COLOURS.get(title, "#222222"), fontweight="bold")
    figure.set_layout_engine("constrained", w_pad=0.01, h_pad=0.01, wspace=0.01, hspace=0.01)
    return figure


def overlaid(face: NDArray[np.uint8], found: NDArray[Any] | None, size: int) -> NDArray[np.float64]:
    """(size, size, 3): the middle of a face, and over it its map, dark to bright.

    A map of S x S lies over the centre crop of S of the face (A21); it is scaled to its largest
    value, and its square root is drawn, so that weaker places are seen too.
    """
    grey = np.repeat(_middle(face, size)[..., None] / 255, 3, axis=2)
    if found is None:
        return grey
    top = float(found.max())
    strength = np.sqrt(_middle(found, size) / top) if top else np.zeros((size, size))
    heat = plt.get_cmap("inferno")(strength)[..., :3]
    out: NDArray[np.float64] = (1 - strength[..., None]) * 0.6 * grey + strength[..., None] * heat
    return out


def _middle(picture: NDArray[Any], size: int) -> NDArray[Any]:
    margin = (len(picture) - size) // 2
    return picture[margin : margin + size, margin : margin + size]


def say_sheet(rows: Sequence[Row], titles: Sequence[str]) -> str:
    """Of `sheet`: what the rows are, and how much of its maps lies in the upper half."""
    said = []
    for label, _, maps in rows:
        name = label.replace("\n", " ")
        if maps is None:
            said.append(name)
            continue
        weights = np.asarray(maps, float).sum(axis=0)
        share = weights.sum(axis=1) / max(weights.sum(), 1.0)
        half = 100 * share[: len(share) // 2].sum()
        said.append(f"{name}, {half:.0f} % of the saliency in the upper half")
    return f"Faces, one for each of {', '.join(titles)}; rows: {'; '.join(said)}"
