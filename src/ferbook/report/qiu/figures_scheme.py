"""Qiu's Figure 2 as a diagram of the code's phases, drawn from the tensors that they pass on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ferbook.report.figures import WIDTH
from ferbook.report.qiu.scheme_words import percent

if TYPE_CHECKING:
    from ferbook.perturb.scheme import Plan
    from ferbook.report.qiu.live import Shown

HEIGHT, SIDE = 5.7, 1.16  #: inches: of the diagram, of a picture in it
#: Left edges of the four places of a row, inches.
PLACES = (0.1, 1.42, 2.74, 4.06)
#: Lower edges of the three rows, inches, and what they are.
ROWS = {
    "phase 1: a network with attention is trained": 4.1,
    "phase 2: its most attended pixels are clustered": 2.19,
    "phase 3: a predictor is trained on this": 0.28,
}
TITLE = PLACES[0] + SIDE / 2 + 0.12  #: left edge of their titles, beside the arrow from above
INK, PALE = "#333333", "#EAF2F8"


def cluster_colours(count: int) -> list[tuple[float, float, float]]:
    """One colour a cluster, for all kinds of colour vision, by number."""
    return [*sns.color_palette("colorblind", max(count, 1))]


def overlay(
    axis: Axes, face: NDArray[np.generic], clusters: NDArray[np.integer], size: float = 8
) -> None:
    """A grey face (H, W), over it its clusters (H, W) in colour, numbered in `size` points."""
    grey(axis, face)
    count = int(clusters.max())
    colours = cluster_colours(count)
    layer = np.zeros((*clusters.shape, 4))
    for number in range(1, count + 1):
        here = clusters == number
        if here.any():
            layer[here] = (*colours[number - 1], 0.62)
            y, x = (float(np.median(each)) for each in np.nonzero(here))
            axis.text(
                x, y, str(number), ha="center", va="center", fontsize=size, fontweight="bold",
                color="white", bbox={"boxstyle": "circle,pad=0.15", "fc": "#222222", "ec": "none"},
            )  # fmt: skip
    axis.imshow(layer, interpolation="nearest")


def grey(axis: Axes, face: NDArray[np.generic], top: float = 255) -> None:
    axis.imshow(face, cmap="gray", vmin=0, vmax=top, interpolation="nearest")
    axis.set(xticks=[], yticks=[])
    axis.grid(False)


def heat(axis: Axes, attention: NDArray[np.floating]) -> None:
    """An attention map (H, W), from its own lowest to its own highest."""
    axis.imshow(attention, cmap="magma", interpolation="nearest")
    axis.set(xticks=[], yticks=[])
    axis.grid(False)


def scheme(shown: Shown, plan: Plan, weights: str) -> Figure:
    """Face, attention, chosen pixels, clusters, and what the predictor is shown, an arrow each.

    `weights` says what the network of phase 1 is.
    """
    figure = plt.figure(figsize=(WIDTH, HEIGHT))
    # placed by hand; with layout="none" from the start, saving it once would hand back the style's
    figure.set_layout_engine("none")
    for text, low in ROWS.items():
        figure.text(
            TITLE / WIDTH,
            (low + SIDE + 0.36) / HEIGHT,
            text,
            fontsize=10,
            fontweight="bold",
            color=INK,
        )
    one, two, three = ROWS.values()
    settings, face = plan.settings, shown.face.numpy()
    grey(_picture(figure, 0, one, "face"), face)
    _box(figure, 1, one, weights)
    heat(_picture(figure, 2, one, "its attention S"), shown.attention.numpy())
    _arrows(figure, one, 2)

    count = int(shown.highest.sum())
    axis = _picture(figure, 0, two, f"{count} of highest S")
    grey(axis, np.where(shown.highest.numpy(), face, 255))
    of = "each image" if settings.granularity == "image" else "all images"
    _box(
        figure, 1, two,
        f"k-means, Eq. 1\nof {of}\nn = {settings.clusters}\n"
        f"λ = {settings.lam:g}, α = {settings.alpha:g}\nI: {settings.intensity}",
    )  # fmt: skip
    overlay(_picture(figure, 2, two, "its clusters"), face, shown.clusters.numpy())
    _arrows(figure, two, 2)

    pictures = given(shown, plan)[:3]
    for place, (name, picture) in enumerate(pictures):
        grey(_picture(figure, place, three, name), picture, 1)
    _box(figure, 3, three, "predictor:\nsame network,\nno attention,\nfresh weights")
    _arrow(figure, PLACES[len(pictures) - 1] + SIDE, PLACES[3], three + SIDE / 2)
    _down(figure, PLACES[2] + SIDE / 2, one, two)
    _down(figure, PLACES[2] + SIDE / 2, two, three)
    return figure


def given(shown: Shown, plan: Plan) -> list[tuple[str, NDArray[np.floating]]]:
    """What the predictor is shown, each picture (H, W) in 0 to 1 with its name.

    Where clusters are dropped: different draws of training, then the test's; where each is a
    channel, the channels.
    """
    if plan.mode == "stack":
        count = len(shown.test)
        return [(f"channel {k + 1} of {count}", one.numpy()) for k, one in enumerate(shown.test)]
    if plan.mode == "keep":
        return [("training and test", shown.test[0].numpy())]
    draws: dict[bytes, tuple[str, NDArray[np.floating]]] = {}
    for picture in shown.training:
        pixels = picture[0].numpy()
        whole = np.array_equal(pixels, shown.test[0].numpy())
        draws.setdefault(pixels.tobytes(), ("training, spared" if whole else "training", pixels))
    return [*[*draws.values()][:2], ("test", shown.test[0].numpy())]


def say_scheme(shown: Shown, plan: Plan) -> str:
    """Of `scheme`: how many pixels are chosen, where clusters lie, what the predictor sees."""
    places = []
    for number in range(1, plan.settings.clusters + 1):
        y, x = np.nonzero(shown.clusters.numpy() == number)
        if len(y):
            where = f"around row {y.mean():.0f}, column {x.mean():.0f}"
            places.append(f"cluster {number}, {len(y)} pixels {where}")
    seen = ", ".join(name for name, _ in given(shown, plan)[:3])
    return (
        f"Diagram in three rows. Phase 1: a face, a network with attention, its map S. Phase 2: "
        f"the {int(shown.highest.sum())} pixels of highest S; k-means; {'; '.join(places)}. "
        f"Phase 3: what the predictor is shown ({seen}), and the predictor"
    )


def terms(carried: pd.DataFrame) -> Figure:
    """The two terms of Eq. 1 for each reading of I, as stacked shares of a face's variance."""
    figure, axis = plt.subplots(figsize=(WIDTH, 0.9 + 0.36 * len(carried)))
    share = carried["share of intensity"]
    rows = range(len(carried))
    axis.barh(rows, 100 - share, color="#56B4E9", height=0.6, label="position, λ")
    axis.barh(rows, share, left=100 - share, color="#D55E00", height=0.6, label="intensity, α")
    for row, value in zip(rows, share, strict=True):
        axis.text(101, row, percent(value), va="center", fontsize=9)
    axis.set_yticks(rows, carried.index)
    axis.set_xticks(range(0, 101, 20))  # the room beyond is for the numbers
    axis.set(xlabel="share of a face's variance, %, mean over faces", xlim=(0, 124))
    axis.invert_yaxis()
    axis.grid(False, axis="y")
    figure.legend(loc="outside upper right", frameon=False, ncols=2, fontsize=9)
    return figure


def say_terms(carried: pd.DataFrame) -> str:
    """Of `terms`: the share of intensity for each reading."""
    share = carried["share of intensity"]
    said = (f"{name} {percent(value)}" for name, value in share.items())
    return f"Bars: share of the intensity term in the variance by what I is; {', '.join(said)}"


def _picture(figure: Figure, place: int, low: float, title: str) -> Axes:
    axis = figure.add_axes(_corner(place, low))
    axis.set_title(title, fontsize=9, pad=3)
    axis.spines[:].set_visible(True)
    return axis


def _box(figure: Figure, place: int, low: float, text: str) -> None:
    axis = figure.add_axes(_corner(place, low))
    axis.set(xticks=[], yticks=[], facecolor=PALE)
    axis.spines[:].set(visible=True, color=INK)
    axis.text(
        0.5, 0.5, text, ha="center", va="center", fontsize=8.5, color=INK, linespacing=1.35,
        transform=axis.transAxes,
    )  # fmt: skip


def _corner(place: int, low: float) -> tuple[float, float, float, float]:
    return PLACES[place] / WIDTH, low / HEIGHT, SIDE / WIDTH, SIDE / HEIGHT


def _arrows(figure: Figure, low: float, last: int) -> None:
    for place in range(last):
        _arrow(figure, PLACES[place] + SIDE, PLACES[place + 1], low + SIDE / 2)


def _arrow(figure: Figure, start: float, end: float, height: float) -> None:
    _line(figure, (start, height), (end, height))


def _down(figure: Figure, x: float, upper: float, lower: float) -> None:
    """From below one row to the first place of the next."""
    middle = upper - 0.12
    first = PLACES[0] + SIDE / 2
    _line(figure, (x, upper), (x, middle), "-")
    _line(figure, (x, middle), (first, middle), "-")
    _line(figure, (first, middle), (first, lower + SIDE + 0.2))


def _line(
    figure: Figure, start: tuple[float, float], end: tuple[float, float], style: str = "-|>"
) -> None:
    from matplotlib.patches import FancyArrowPatch

    ends = [(x / WIDTH, y / HEIGHT) for x, y in (start, end)]
    figure.add_artist(
        FancyArrowPatch(
            *ends, transform=figure.transFigure, arrowstyle=style, color=INK, lw=1.1,
            mutation_scale=9, shrinkA=0, shrinkB=0,
        )
    )  # fmt: skip
