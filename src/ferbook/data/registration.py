"""How alike two pictures are once one is moved, turned and scaled onto the other.

Lucas and Kanade's registration (1981) by a similarity map, for many pairs at once. With the pixel
(x, y) counted from the centre of the picture, the map of parameters p = (a, b, u, v) is

    x' = x + a x - b y + u,     y' = y + b x + a y + v

and the residual r = g B(x', y') - A(x, y), g the gain that fits B to A, is made small by steps

    p <- p - (D D^T)^-1 D r,    D = [Ax x + Ay y, -Ax y + Ay x, Ax, Ay]

over the pixels that both pictures show; Ax and Ay are A's derivatives. Taking them of A and not of
the moving B is the inverse compositional form of Baker and Matthews (2004), to first order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.float32]

STEPS = 6
#: Pairs that are no more alike than this after `FIRST_STEPS` are left there: hardly one copy in a
#: hundred needs longer.
HOPELESS, FIRST_STEPS = 0.75, 2
#: Further than this no copy is sought: share of turn and zoom, and pixels of shift.
MOST_TURN, MOST_SHIFT = 0.15, 5.0
BLOCK = 256  # pairs at a time, so that memory does not grow with their number


def likeness(one: Pictures, other: Pictures, start: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n,) best correlation, -1 to 1, of `other` mapped onto `one`, over what both show.

    Parameters
    ----------
    one, other : (n, S, S) float32, rows then columns
    start : (n, 2) shift (u, v) in pixels, right and down, from which to begin
    """
    found = [
        _register(one[at : at + BLOCK], other[at : at + BLOCK], start[at : at + BLOCK])
        for at in range(0, len(one), BLOCK)
    ]
    return np.concatenate(found) if found else np.empty(0)


def _register(one: Pictures, other: Pictures, start: NDArray[np.float32]) -> NDArray[np.float64]:
    p = np.concatenate([np.zeros_like(start), start], axis=1)
    best, p = _descend(one, other, p, FIRST_STEPS)
    going = best > HOPELESS
    further, _ = _descend(one[going], other[going], p[going], STEPS - FIRST_STEPS)
    best[going] = np.maximum(best[going], further)
    return best


def _descend(
    one: Pictures, other: Pictures, p: Pictures, steps: int
) -> tuple[NDArray[np.float64], Pictures]:
    """The best correlation within `steps` steps from `p` on, and where they lead."""
    flat, slope = one.reshape(len(one), one.shape[1] ** 2), _slopes(one)
    best = np.full(len(one), -1.0)
    for step in range(steps + 1):
        moved, both = _mapped(other, p)
        best = np.maximum(best, _correlation(flat, moved, both))
        if step < steps:
            p = _limited(p - _step(flat, moved, both, slope))
    return best, p


def _slopes(one: Pictures) -> Pictures:
    """(n, 4, S * S): D above."""
    down, right = np.gradient(one, axis=(1, 2))
    y, x = _grid(one.shape[1])
    slopes = np.stack([right * x + down * y, down * x - right * y, right, down], axis=1)
    return slopes.reshape(len(one), 4, one.shape[1] ** 2).astype(np.float32)


def _step(flat: Pictures, moved: Pictures, both: Pictures, slope: Pictures) -> Pictures:
    gain = _dot(moved * both, flat) / (_dot(moved * both, moved) + 1e-9)
    residual = (gain[:, None] * moved - flat) * both
    normal = np.matmul(slope * both[:, None], slope.transpose(0, 2, 1)) + 1e-6 * np.eye(4)
    steps = np.linalg.solve(normal, np.matmul(slope, residual[:, :, None]))
    return np.asarray(steps[:, :, 0], dtype=np.float32)


def _limited(p: Pictures) -> Pictures:
    p[:, :2] = p[:, :2].clip(-MOST_TURN, MOST_TURN)
    p[:, 2:] = p[:, 2:].clip(-MOST_SHIFT, MOST_SHIFT)
    return p


def _mapped(other: Pictures, p: Pictures) -> tuple[Pictures, Pictures]:
    """`other` read at the mapped pixels, between four of its own, and 1 where it has them; flat."""
    side = other.shape[1]
    y, x = (axis.ravel() for axis in _grid(side))
    a, b, u, v = p.T[:, :, None]
    middle, last = np.float32((side - 1) / 2), np.float32(side - 1)
    right, down = x + a * x - b * y + u + middle, y + b * x + a * y + v + middle
    both = (right >= 0) & (right <= last) & (down >= 0) & (down <= last)
    right, down = right.clip(0, last - 1e-3), down.clip(0, last - 1e-3)
    column, row = right.astype(np.int32), down.astype(np.int32)
    right, down = right - column, down - row
    at = np.arange(len(other), dtype=np.int32)[:, None] * side**2 + row * side + column
    grey = other.ravel()
    above = grey[at] * (1 - right) + grey[at + 1] * right
    below = grey[at + side] * (1 - right) + grey[at + side + 1] * right
    return (above * (1 - down) + below * down).astype(np.float32), both.astype(np.float32)


def _grid(side: int) -> NDArray[np.float32]:
    return np.mgrid[:side, :side].astype(np.float32) - np.float32((side - 1) / 2)


def _correlation(one: Pictures, other: Pictures, both: Pictures) -> NDArray[np.float64]:
    count = both.sum(1)
    centred = [(p - (_dot(p, both) / count)[:, None]) * both for p in (one, other)]
    spread = np.sqrt(_dot(centred[0], centred[0]) * _dot(centred[1], centred[1]))
    return np.asarray(_dot(*centred) / (spread + 1e-9), dtype=np.float64)


def _dot(one: Pictures, other: Pictures) -> Pictures:
    return np.einsum("np,np->n", one, other)
