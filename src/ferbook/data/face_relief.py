"""Relief of a drawn face: bumps, hollows and folds as height maps, lit, and warped onto landmarks.

Every component is a height field over the average face (units as in `face_geometry`) and a map of
the light that it takes away in its folds. Their weighted sum is the person with the expression.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from ferbook.data.face_geometry import BASE, Expression, Identity, Points

Grid = NDArray[np.float32]

_LEFT, _TOP, _WIDTH, _HEIGHT, _FINE = -21.0, -24.0, 42, 56, 1.5  # units, and cells in a unit
_X, _Y = np.meshgrid(
    _LEFT + (np.arange(int(_WIDTH * _FINE)) + 0.5) / _FINE,
    _TOP + (np.arange(int(_HEIGHT * _FINE)) + 0.5) / _FINE,
)
_AX = np.abs(_X)


def _bump(x: float, y: float, wide: float, high: float, amount: float) -> Points:
    """A Gaussian hill (or hollow) on both sides, or on the midline when x is 0."""
    hill: Points = amount * np.exp(-(((_AX - x) / wide) ** 2 + ((_Y - y) / high) ** 2) / 2)
    return hill


def _crease(path: list[tuple[float, float]], wide: float) -> Points:
    """1 on a path of line segments on both sides, falling off as a Gaussian of its distance."""
    nearest = np.full(_X.shape, np.inf)
    for (x0, y0), (x1, y1) in pairwise(path):
        dx, dy = x1 - x0, y1 - y0
        along = np.clip(((_AX - x0) * dx + (_Y - y0) * dy) / (dx * dx + dy * dy), 0, 1)
        nearest = np.minimum(nearest, np.hypot(_AX - x0 - along * dx, _Y - y0 - along * dy))
    crease: Points = np.exp(-((nearest / wide) ** 2) / 2)
    return crease


def _head() -> Points:
    dome = 1 - (_X / 19.5) ** 2 - ((_Y - 4) / 31) ** 2
    return 17 * np.sqrt(np.maximum(dome, 0.02))


def _nose() -> Points:
    along = np.clip((_Y + 2) / 10.5, 0, 1)
    under = 1 / (1 + np.exp((_Y - 10.2) / 0.45))
    ridge = (0.6 + 3.2 * along**1.3) * np.exp(-((_X / (1.2 + 0.9 * along)) ** 2) / 2)
    start = 1 / (1 + np.exp(-(_Y + 1.5) / 1.2))
    return (ridge * start + _bump(0, 8.6, 1.9, 1.6, 1.2)) * under + _bump(2.7, 9.6, 1.0, 1.1, 1.3)


def _still() -> tuple[Points, Points]:
    """The resting face: height and lost light."""
    height = (
        _head()
        + _nose()
        + _bump(7.0, -4.2, 4.6, 1.8, 1.3)  # brow ridge
        + _bump(7.3, 0.0, 4.2, 2.6, -2.3)  # eye socket
        + _bump(7.4, 0.0, 2.9, 1.7, 1.2)  # eyeball
        + _bump(11.0, 5.6, 3.8, 3.2, 0.9)  # cheekbone
        + _bump(0, 15.6, 6.0, 4.2, 1.6)  # muzzle
        + _bump(0, 12.9, 0.7, 1.2, -0.3)  # philtrum
        + _bump(0, 20.6, 3.4, 1.1, -1.0)  # below the lower lip
        + _bump(0, 24.0, 3.4, 2.2, 1.3)  # chin
        + _bump(0, -13.0, 10.0, 5.0, 0.8)  # forehead
    )
    dark = (
        _bump(0, 12.0, 3.0, 0.9, 0.20)  # shadow of the nose
        + _bump(1.7, 10.75, 0.75, 0.4, 0.60)  # nostrils
        + _crease([(3.5, 8.6), (4.0, 9.8), (3.4, 10.9)], 0.45) * 0.25  # wings of the nose
        + _bump(3.4, -0.4, 1.4, 2.0, 0.22)  # inner corner of the eye
        + _bump(7.5, -2.4, 3.4, 0.9, 0.16)  # below the brow
        + _crease([(4.6, -1.0), (6.3, -2.3), (8.7, -2.3), (11.0, -0.8)], 0.35) * 0.22  # lid fold
        + _crease([(4.2, 2.2), (7.0, 3.1), (9.5, 2.6)], 0.7) * 0.10  # below the eye
        + _bump(0, 20.5, 3.2, 0.8, 0.16)
        + _bump(15.5, 16.0, 3.0, 8.0, 0.20)  # side of the jaw
        + _bump(0, 27.5, 9.0, 1.2, 0.15)
    )
    return height, dark


def _fold(crease: Points, bulge: Points, deep: float, dark: float) -> tuple[Points, Points]:
    return bulge - deep * crease, dark * crease


def _nasolabial() -> tuple[Points, Points]:
    crease = _crease([(3.9, 9.2), (5.6, 11.4), (7.3, 14.2), (8.1, 17.0)], 0.8)
    return _fold(crease, _bump(9.0, 10.0, 3.0, 3.4, 1.3), 0.6, 0.15)


def _furrow() -> tuple[Points, Points]:
    crease = _crease([(1.3, -6.4), (1.6, -3.2)], 0.55)
    return _fold(crease, _bump(3.4, -4.6, 1.8, 1.5, 1.1), 0.8, 0.32)


def _wrinkled_nose() -> tuple[Points, Points]:
    crease = np.maximum(_crease([(0, -1.3), (2.4, -0.6)], 0.4), _crease([(0, 1.2), (2.3, 0)], 0.4))
    crease = np.maximum(crease, _crease([(2.1, 3.6), (3.4, 1.4)], 0.4))
    crease = np.maximum(crease, 0.8 * _crease([(2.6, 7.2), (4.6, 8.0), (5.4, 10.5)], 0.5))
    return _fold(crease, _bump(4.4, 6.4, 1.8, 2.2, 0.9), 0.6, 0.28)


def _forehead() -> tuple[Points, Points]:
    creases = [_crease([(0, y), (5, y - 0.4), (10, y + 0.6)], 0.45) for y in (-9.0, -11.4, -13.8)]
    return _fold(np.maximum.reduce(creases), _bump(0, -10, 9, 0.5, 0.2), 0.5, 0.24)


def _raised_cheek() -> tuple[Points, Points]:
    crease = np.maximum(
        _crease([(4.6, 2.4), (7.4, 3.3), (10.6, 2.2)], 0.5),
        0.7 * _crease([(12.2, 0.9), (14.2, 2.0)], 0.35),
    )
    crease = np.maximum(crease, 0.7 * _crease([(12.3, -0.3), (14.6, -0.8)], 0.35))
    return _fold(crease, _bump(9.4, 7.2, 3.3, 2.5, 1.7), 0.5, 0.26)


def _lowered_corner() -> tuple[Points, Points]:
    crease = _crease([(6.5, 17.4), (7.8, 20.8)], 0.6)
    return _fold(crease, _bump(9.2, 19.0, 1.8, 2.2, 0.5), 0.7, 0.28)


def _raised_chin() -> tuple[Points, Points]:
    crease = _crease([(0, 20.6), (2.2, 21.0), (3.6, 22.2)], 0.5)
    return _fold(crease, _bump(0, 23.6, 2.6, 1.6, 1.4), 0.7, 0.26)


def _dimple() -> tuple[Points, Points]:
    crease = _crease([(7.4, 15.4), (7.9, 17.0)], 0.5)
    return _fold(crease, _bump(9.5, 14.5, 2.0, 2.4, 0.6), 0.5, 0.14)


def _beard() -> tuple[Points, Points]:
    chin = 1 / (1 + np.exp(-(_Y - 20.2 + 0.02 * _X**2) / 0.9))
    cheek = 1 / (1 + np.exp(-(_AX - 12.6 + 0.35 * (_Y - 12)) / 0.8)) / (1 + np.exp(-(_Y - 7) / 1.5))
    lip = _crease([(0, 13.2), (4.5, 13.9), (6.6, 15.2)], 0.9)
    return 0 * _X, np.maximum.reduce([chin, cheek, lip])


def _pressed() -> tuple[Points, Points]:
    crease = np.maximum(
        _crease([(0, 13.9), (4.4, 14.9)], 0.5), _crease([(0, 19.6), (4, 18.8)], 0.5)
    )
    return _fold(crease, _bump(0, 16.3, 4.0, 1.0, 0.5), 0.4, 0.20)


_COMPONENTS: tuple[Callable[[], tuple[Points, Points]], ...] = (
    _still, _nasolabial, _furrow, _wrinkled_nose, _forehead, _raised_cheek, _lowered_corner,
    _raised_chin, _dimple, _pressed, _beard,
)  # fmt: skip


def _weights(identity: Identity, expression: Expression) -> list[float]:
    """How strongly each component shows, in the order of `_COMPONENTS`."""
    e, old = expression, identity.age
    return [
        1.0,
        min(0.4 * old + 0.8 * e[12] + 0.8 * e[9] + 0.6 * e[10] + 0.2 * e[20], 1.4),
        0.3 * old + 0.9 * e[4] + 0.3 * e[9],
        0.9 * e[9],
        0.45 * old + 0.45 * (e[1] + e[2]) - 0.1 * e[4],
        0.3 * old + 0.9 * e[6] + 0.3 * e[7] + 0.3 * e[9],
        0.3 * old + 0.8 * e[15],
        0.2 * old + 0.7 * e[17] + 0.3 * e[15],
        0.7 * e[12] + 0.3 * e[20],
        0.8 * e[23],
        0.8 * identity.beard,
    ]


@lru_cache(maxsize=1)
def _maps() -> Grid:
    """(components, 3, H, W): slope in x, slope in y, lost light."""
    maps = []
    for component in _COMPONENTS:
        height, dark = component()
        down, across = np.gradient(cv2.GaussianBlur(height, (0, 0), 0.4), 1 / _FINE)
        maps.append(np.stack([across, down, dark]))
    return np.stack(maps).astype(np.float32)


def lit_skin(
    identity: Identity, expression: Expression, towards_light: Points, ambient: float
) -> Grid:
    """(H, W) light that the skin returns, about 0 to 1, over the average face.

    `towards_light` is a unit vector in head coordinates; Lambert's cosine law above `ambient`.
    """
    weights = np.array(_weights(identity, expression), np.float32)
    across, down, dark = np.tensordot(weights, _maps(), 1)
    # Slopes of a face at 48 pixels are softened by skin and lens: 0.75.
    facing = towards_light[2] - 0.75 * (towards_light[0] * across + towards_light[1] * down)
    facing = np.maximum(facing / np.sqrt(1 + 0.5625 * (across**2 + down**2)), 0)
    shade: Grid = (ambient + (1 - ambient) * facing) * np.exp(-dark)
    return shade.astype(np.float32)


#: Landmarks that carry the warp, and points of the forehead beside them.
_CARRIERS = [0, 2, 4, 6, 8, 10, 12, 14, 16, 17, 19, 21, 22, 24, 26, 27, 30, 31, 33, 35]
_CARRIERS += [36, 39, 42, 45, 48, 51, 54, 57]
FOREHEAD = np.array(
    [(-15.5, -12, -5), (0, -20, -2), (15.5, -12, -5), (-8, -13, 2), (8, -13, 2)], float
)
_HOME = np.concatenate([BASE[_CARRIERS, :2], FOREHEAD[:, :2]])


_COARSE = 15  # nodes of the warp along each side of the canvas; between them it is interpolated
_NODES = np.stack(np.meshgrid(*[(np.arange(_COARSE) + 0.5) / _COARSE] * 2), -1).reshape(-1, 2)


def _spline(a: Points, b: Points) -> Points:
    """Kernel of the thin-plate spline, r^2 log r^2, between all of `a` and all of `b`."""
    x, y = a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1]
    square = x * x + y * y
    kernel: Points = square * np.log(square + 1e-9)
    return kernel


def warp(grid: Grid, landmarks: Points, forehead: Points, canvas: int) -> Grid:
    """`grid` over the average face, carried to the landmarks (68, 2) on a square canvas.

    A thin-plate spline, fitted from the canvas back to the average face, slightly smoothed.
    """
    there = (np.concatenate([landmarks[_CARRIERS], forehead]) + 0.5) / canvas
    n = len(there)
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = _spline(there, there)
    system[range(n), range(n)] += 1e-4
    system[:n, n], system[:n, n + 1 :] = 1, there
    system[n:, :n] = system[:n, n:].T
    weights = np.linalg.solve(system, np.vstack([_HOME, np.zeros((3, 2))]))
    home = _spline(_NODES, there) @ weights[:n] + weights[n] + _NODES @ weights[n + 1 :]
    cells = ((home - (_LEFT, _TOP)) * _FINE - 0.5).astype(np.float32)
    cells = cells.reshape(_COARSE, _COARSE, 2)
    where = cv2.resize(cells, (canvas, canvas), interpolation=cv2.INTER_CUBIC)
    carried = cv2.remap(
        grid, where[..., 0], where[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(carried, np.float32)
