"""A drawing of a mask, seen where a picture sees it: nine samples a pixel, only where it is drawn.

Most of a picture shows no mask. The points of `facemask_fit` cut it into cells of two by two
pixels; cells that no part of a drawing can reach are left out, and the others are sampled side by
side as one long strip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ferbook.vision.facemask_fit import FINE, STEP
from ferbook.vision.facemask_shapes import drawing

Layers = NDArray[np.float32]

REACH = 12  #: texels; a cell that spreads further from its middle is sampled whatever lies there
_SIDE = STEP * FINE  #: samples along a cell


@dataclass(frozen=True, eq=False)
class Plate:
    """A drawing as it is sampled."""

    drawn: Layers  #: (rows, columns, 4 or 5): cover, folds, straps, shadow and, of cloth, pattern
    near: NDArray[np.bool_]  #: (rows, columns): something is drawn within reach


@lru_cache(maxsize=16)
def plate(kind: str, variant: str) -> Plate:
    import cv2

    layers = drawing(kind, variant)
    cover, folds, pattern, straps, shadow = np.moveaxis(layers, -1, 0)
    drawn = np.stack([cover, folds, straps, shadow, *([pattern] if pattern.any() else [])], -1)
    # one texel more for the nearest texel of a middle, one for the second that is interpolated
    square = np.ones((2 * REACH + 5, 2 * REACH + 5), np.uint8)
    near = cv2.dilate((drawn != 0).any(axis=-1).astype(np.uint8), square)
    return Plate(drawn, near > 0)


def reached(grids: NDArray[np.float32], plates: Sequence[Plate]) -> NDArray[np.bool_]:
    """(N, rows, columns): whether samples of a cell can meet what is drawn on its face's plate.

    They lie between the cell's corners, so none is further from the middle than a corner is.
    """
    low, high = (extreme(grids[:, :-1], grids[:, 1:]) for extreme in (np.minimum, np.maximum))
    low = np.minimum(low[:, :, :-1], low[:, :, 1:])
    high = np.maximum(high[:, :, :-1], high[:, :, 1:])
    inside = (high - low).max(axis=-1) > 2 * REACH
    last = np.array(plates[0].near.shape[::-1], np.float32) - 1 if len(plates) else 0
    middle = np.clip(np.rint((low + high) / 2), 0, last).astype(np.intp)
    for own, at, plate_ in zip(inside, middle, plates, strict=True):
        own |= plate_.near[at[..., 1], at[..., 0]]
    return inside


def sampled(
    drawn: Layers, grid: NDArray[np.float32], cells: NDArray[np.bool_], shape: tuple[int, int]
) -> Layers:
    """(H, W, layers): those of a `Plate`, each pixel the mean of its samples.

    grid (rows + 1, columns + 1, 2): column and row of the drawing at the corners of cells, from
    `facemask_fit.texels`; cells (rows, columns), those that are `reached`; shape (H, W).
    """
    import cv2

    (rows, columns), count = cells.shape, drawn.shape[-1]
    picture = np.zeros((rows, STEP, columns, STEP, count), np.float32)
    down, across = np.nonzero(cells)
    if len(down):
        fine = cv2.resize(grid, (grid.shape[1] * _SIDE, grid.shape[0] * _SIDE))
        half = _SIDE // 2  # samples before the first corner
        fine = fine[half : half + rows * _SIDE, half : half + columns * _SIDE]
        parts = fine.reshape(rows, _SIDE, columns, _SIDE, 2).swapaxes(0, 1)
        strip = parts[:, down, across].reshape(_SIDE, len(down) * _SIDE, 2)
        way = {"interpolation": cv2.INTER_LINEAR, "borderMode": cv2.BORDER_REPLICATE}
        seen = cv2.remap(drawn, strip, None, **way)  # type: ignore[call-overload]
        mean = cv2.resize(seen, (len(down) * STEP, STEP), interpolation=cv2.INTER_AREA)
        picture.swapaxes(0, 1)[:, down, across] = mean.reshape(STEP, len(down), STEP, count)
    edge = STEP // 2
    whole = picture.reshape(rows * STEP, columns * STEP, count)
    return whole[edge : edge + shape[0], edge : edge + shape[1]]
