"""Faces with masks on, beside themselves (assumption A27)."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ferbook.report.figures import WIDTH
from ferbook.report.lettering import DENSE
from ferbook.vision.facemasks import KINDS, wear

#: Columns over which larger titles have room.
FITTING = 7
#: How a kind is written beside its row.
NAMES = {"surgical": "surgical", "n95": "N95", "cloth": "cloth", "any": "one of them"}


def mask_sheet(
    images: NDArray[np.uint8],
    landmarks: NDArray[np.floating],
    rows: NDArray[np.integer],
    titles: Sequence[str] = (),
    kinds: Sequence[str] = KINDS,
) -> Figure:
    """Faces as they are, then in each kind of mask: a face a column, a kind a row.

    images (N, H, W), landmarks (N, 68, 2) as (x, y) in pixels, rows (N,) in the dataset; titles
    stand over the columns.
    """
    shown = [images, *(wear(images, landmarks, rows, kind) for kind in kinds)]
    columns = max(1, len(images))
    figure, axes = plt.subplots(
        len(shown), columns, squeeze=False, figsize=(WIDTH, WIDTH / columns * len(shown) + 0.25)
    )
    for axis in axes.flat:
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
        axis.grid(False)
    for line, pictures in zip(axes, shown, strict=True):
        for axis, picture in zip(line, pictures, strict=False):
            axis.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    for axis, title in zip(axes[0], titles, strict=False):
        axis.set_title(title, fontsize=9, gid=None if columns <= FITTING else DENSE)
    for axis, name in zip(axes[:, 0], ("as it is", *(NAMES[kind] for kind in kinds)), strict=True):
        axis.set_ylabel(name, fontsize=9)
    figure.set_layout_engine("constrained", w_pad=0.01, h_pad=0.01, wspace=0.01, hspace=0.01)
    return figure
