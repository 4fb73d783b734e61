"""Where on a mask's drawing each point of a picture lies: splines through a face's landmarks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferbook.errors import InputError
from ferbook.vision import thin_plate
from ferbook.vision.facemask_shapes import AVERAGE, LEFT, SCALE, TOP

Array = NDArray[Any]

STIFFNESS = 8.0  #: units², lets the spline pass dlib's jitter of the jaw by
THINNEST = 1.0  #: pixels, RMS distance of landmarks from their best line, below which no mask fits
FINE = 3  #: samples to a pixel and direction
STEP = 2  #: pixels between the points at which a spline is evaluated; between them it is linear
_ANCHORS = list(AVERAGE)
_TARGETS = np.array(list(AVERAGE.values()))


def texels(
    landmarks: Array, width: Array, lift: Array, shape: tuple[int, int]
) -> NDArray[np.float32]:
    """(N, rows, columns, 2): column and row of the drawing that points of a picture show.

    The points lie STEP pixels apart from -(STEP + 1) / 2 on; between them the map is linear.

    landmarks (N, 68, 2) as (x, y) in pixels, which `check` lets pass; width (N,) widens a mask by a
    factor, lift (N,) moves it up by units; shape (H, W).
    """
    spread, centre = _centred(landmarks)
    # In the average face's units, so that stiffness means the same for small and large faces.
    size = np.square(_TARGETS - _TARGETS.mean(axis=0)).sum()
    unit = np.sqrt(size / np.square(spread).sum(axis=(1, 2)))[:, None, None]
    height, breadth = shape
    margin = (STEP + 1) / 2  # of one point on each side
    x, y = (np.arange(0, side + 2 * STEP, STEP) - margin for side in (breadth, height))
    weights, affine = thin_plate.fit(spread * unit, _TARGETS, STIFFNESS)
    across, down = (x - centre[..., 0]) * unit[:, 0], (y - centre[..., 1]) * unit[:, 0]
    flat = thin_plate.on_grid(across, down, spread * unit, weights, affine)
    flat[..., 0] /= width[:, None, None]
    flat[..., 1] += lift[:, None, None]
    return ((flat - (LEFT, TOP)) * SCALE - 0.5).astype(np.float32)


def check(landmarks: Array, rows: Array) -> None:
    """An InputError names one of `rows` (N,) whose landmarks (N, 68, 2) no spline fits."""
    if not (known := np.isfinite(landmarks[:, _ANCHORS]).all(axis=(1, 2))).all():
        raise InputError(f"face {rows[int(np.argmin(known))]}: landmarks that are not numbers")
    thin = np.linalg.svd(_centred(landmarks)[0], compute_uv=False)[:, 1] / len(_ANCHORS) ** 0.5
    if (thin < THINNEST).any():
        worst = int(np.argmin(thin))
        raise InputError(
            f"face {rows[worst]}: its landmarks lie within {thin[worst]:.2f} px of a line, "
            f"expected {THINNEST:g} or more"
        )


def _centred(landmarks: Array) -> tuple[Array, Array]:
    """Points that a mask hangs on (N, K, 2) about their centres, and the centres (N, 1, 2)."""
    points = landmarks[:, _ANCHORS].astype(np.float64)
    centre = points.mean(axis=1, keepdims=True)
    return points - centre, centre
