"""Thin-plate splines (Bookstein 1989): the smoothest map of the plane that moves points to points.

Batched: each face has its own points, all have the same targets.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def fit(sources: Array, targets: Array, stiffness: float = 0.0) -> tuple[Array, Array]:
    """Splines that take sources (N, K, 2) to targets (K, 2), exactly where `stiffness` is 0.

    A stiffness above 0 (unit of the squared distances) trades exactness for less bending. Returns
    weights of the bends (N, K, 2) and the affine part (N, 3, 2); sources must not lie on a line.
    """
    count, points = sources.shape[:2]
    system = np.zeros((count, points + 3, points + 3))
    for bends, own in zip(system, sources, strict=True):
        square = np.square(own[:, None] - own).sum(axis=-1)
        bends[:points, :points] = _bend(square, np.empty_like(square))
    system[:, range(points), range(points)] += stiffness
    system[:, :points, points] = system[:, points, :points] = 1
    system[:, :points, points + 1 :] = sources
    system[:, points + 1 :, :points] = sources.transpose(0, 2, 1)
    wanted = np.zeros((count, points + 3, 2))
    wanted[:, :points] = targets
    solved = np.linalg.solve(system, wanted)
    return solved[:, :points], solved[:, points:]


def on_grid(x: Array, y: Array, sources: Array, weights: Array, affine: Array) -> Array:
    """Where the splines of `fit` take the points of grids: (N, H, W, 2).

    x (N, W) and y (N, H) are the columns and rows of each face's grid. One face at a time: its
    H W K distances fit into a cache, those of a batch do not.
    """
    count, points = sources.shape[:2]
    height, width = y.shape[1], x.shape[1]
    moved = affine[:, None, None, 0] + x[:, None, :, None] * affine[:, None, None, 1]
    moved = moved + y[:, :, None, None] * affine[:, None, None, 2]
    across = np.square(x[:, :, None] - sources[:, None, :, 0])
    down = np.square(y[:, :, None] - sources[:, None, :, 1])
    square = np.empty((height, width, points))
    logs = np.empty((height * width, points))
    for i in range(count):
        np.add(across[i], down[i, :, None], out=square)
        bends = _bend(square.reshape(logs.shape), logs)
        moved[i] += (bends @ weights[i]).reshape(height, width, 2)
    return moved


def _bend(square: Array, out: Array) -> Array:
    """r² log r of squared distances (P, K), 0 at 0; `out` takes it, `square` is spent."""
    import cv2

    np.maximum(square, 1e-300, out=square)
    cv2.log(square, dst=out)  # several times as fast as numpy's where a processor lacks AVX-512
    out *= square
    out *= 0.5
    return out
