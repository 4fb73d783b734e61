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
    system[:, :points, :points] = _bend(sources, sources)
    system[:, range(points), range(points)] += stiffness
    system[:, :points, points] = system[:, points, :points] = 1
    system[:, :points, points + 1 :] = sources
    system[:, points + 1 :, :points] = sources.transpose(0, 2, 1)
    wanted = np.zeros((count, points + 3, 2))
    wanted[:, :points] = targets
    solved = np.linalg.solve(system, wanted)
    return solved[:, :points], solved[:, points:]


def apply(at: Array, sources: Array, weights: Array, affine: Array) -> Array:
    """Where the splines of `fit` take the points at (N, P, 2) -> (N, P, 2)."""
    plane: Array = affine[:, :1] + at @ affine[:, 1:]
    return plane + _bend(at, sources) @ weights


def _bend(at: Array, sources: Array) -> Array:
    """(N, P, K): r² log r of the distances r between points and sources, 0 at r = 0."""
    square = np.square(at[:, :, None, 0] - sources[:, None, :, 0])
    square += np.square(at[:, :, None, 1] - sources[:, None, :, 1])
    bend: Array = np.log(np.maximum(square, 1e-300))
    bend *= square
    bend *= 0.5
    return bend
