"""Features of a drawn face painted on its skin: eyes, brows, lips and teeth, from the landmarks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ferbook.data.face_geometry import Expression, Identity, Points

Layer = NDArray[np.uint8]
Grey = NDArray[np.float32]

_NONE = 200  # level of a tint layer that changes nothing; 255 brightens by a quarter
_ARCH = 1 - 0.5 * np.abs(np.linspace(-1, 1, 17))[:, None] ** 3  # of the upper teeth
_LASHES = np.sin(np.linspace(0.5, np.pi - 0.2, 13))  # thickness along the upper lid
_HAIRS = 0.45 + 0.85 * np.clip(np.linspace(0, 1.6, 17), 0, 1) - np.linspace(0, 0.2, 17)  # of a brow
_RIGHT_ANGLE = np.array([1.0, -1.0])


@lru_cache(maxsize=16)
def _smoothing(count: int, fine: int = 4) -> Points:
    """Matrix from `count` points to a Catmull-Rom curve through them, `fine` steps between two."""
    at = np.linspace(0, count - 1, fine * (count - 1) + 1)
    cell = np.minimum(at.astype(int), count - 2)
    t = (at - cell)[:, None]
    blend = np.hstack(
        [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2]
    )
    padded = np.zeros((count + 2, count))
    padded[1:-1] = np.eye(count)
    padded[0, :2], padded[-1, -2:] = (2, -1), (-1, 2)
    curve: Points = np.stack(
        [0.5 * b @ padded[c : c + 4] for b, c in zip(blend, cell, strict=True)]
    )
    return curve


def smooth(points: Points) -> Points:
    return _smoothing(len(points)) @ points


def fill(layer: Layer, polygon: Points, value: float) -> None:
    """Fill an anti-aliased polygon of (x, y) pixels, exact to a sixteenth."""
    cv2.fillPoly(layer, [np.rint(polygon * 16).astype(np.int32)], int(value), cv2.LINE_AA, 4)


def disc(layer: Layer, centre: Points, radius: float, value: float) -> None:
    x, y = np.rint(centre * 16).astype(int).tolist()
    cv2.circle(layer, (x, y), round(radius * 16), int(value), -1, cv2.LINE_AA, 4)


def ribbon(
    path: Points, above: NDArray[np.float64] | float, below: NDArray[np.float64] | float
) -> Points:
    """The polygon around a path, so far to its left hand (above, when it runs right) and right."""
    step = np.empty_like(path)
    step[1:-1] = path[2:] - path[:-2]
    step[0], step[-1] = path[1] - path[0], path[-1] - path[-2]
    x, y = step.T
    normal = step[:, ::-1] * _RIGHT_ANGLE / np.sqrt(x * x + y * y)[:, None]
    up, down = (w[:, None] if isinstance(w, np.ndarray) else w for w in (above, below))
    return np.concatenate([path + up * normal, (path - down * normal)[::-1]])


@dataclass(frozen=True, eq=False)
class _Easel:
    """Layers of one picture, and for whom they are painted."""

    solid: Layer  #: grey of what is not skin: eyeballs, teeth, the dark of the mouth
    mask: Layer  #: 255 where `solid` covers the skin
    tint: Layer  #: what is multiplied onto everything; `_NONE` leaves it as it is
    light: Grey
    who: Identity
    how: Expression
    unit: float

    def tinted(self, polygon: Points, factor: float) -> None:
        fill(self.tint, polygon, _NONE * factor)

    def light_at(self, x: float, y: float) -> float:
        """Light at a point; eyeballs and teeth are wet and get more of it than skin."""
        last = len(self.light) - 1
        nearest = self.light[min(max(round(y), 0), last), min(max(round(x), 0), last)]
        return float(nearest) * 0.6 + 0.4


def paint(
    skin: Grey, light: Grey, points: Points, who: Identity, how: Expression, unit: float
) -> Grey:
    """`skin` (H, W) with features at the landmarks `points` (68, 2) of the canvas.

    `light` is the light without the skin's reflectance; `unit` the pixels of one unit of length.
    """
    solid, mask, tint = (np.full(skin.shape, level, np.uint8) for level in (0, 0, _NONE))
    easel = _Easel(solid, mask, tint, light, who, how, unit)
    for eye in ([36, 37, 38, 39, 40, 41], [45, 44, 43, 42, 47, 46]):
        _eye(easel, points[eye])
    _mouth(easel, points[48:])
    for brow in (points[17:22], points[26:21:-1]):
        _brow(easel, brow)
    soft = 0.28 * unit
    cover = cv2.GaussianBlur(mask, (0, 0), soft).astype(np.float32) / 255
    inside = cv2.GaussianBlur(solid, (0, 0), 0.6 * soft).astype(np.float32) / 255
    painted = skin + (inside - skin) * cover
    shade = cv2.GaussianBlur(tint, (0, 0), soft).astype(np.float32) / _NONE
    return np.asarray(painted * shade, np.float32)


def _eye(on: _Easel, eye: Points) -> None:
    """One eye; `eye` runs from the outer corner over the upper lid to the inner, and back below."""
    upper, lower = smooth(eye[:4]), smooth(eye[[3, 4, 5, 0]])
    ends, lids = eye[0] + eye[3], eye[1] + eye[2] + eye[4] + eye[5]
    light, size = on.light_at(*ends / 2), math.dist(eye[3], eye[0]) / 6
    outline = np.concatenate([upper, lower[1:-1]])
    fill(on.mask, outline, 255)
    fill(on.solid, outline, 255 * 0.84 * light)
    iris = ends / 2 + 0.15 * (lids / 2 - ends) + np.array(on.how.gaze) * on.unit
    disc(on.solid, iris, 1.52 * size, 255 * (0.12 + 0.25 * on.who.hair) * light)
    disc(on.solid, iris, 0.75 * size, 8)
    disc(on.solid, iris - (0, 0.55 * size), 0.38 * size, 235 * light)
    along = 1 if eye[3, 0] > eye[0, 0] else -1
    lashes = ((0.30 + 0.25 * on.who.makeup) * on.unit * _LASHES)[::along]
    on.tinted(ribbon(upper[::along], lashes, 0.5 * lashes), 0.30)
    on.tinted(ribbon(lower[::-along], 0.10 * on.unit, 0.22 * on.unit), 0.72)


def _brow(on: _Easel, brow: Points) -> None:
    """One brow; `brow` runs from the outer end inwards."""
    along = 1 if brow[-1, 0] > brow[0, 0] else -1
    hairs = (on.who.brow_thickness * on.unit * _HAIRS)[::along]
    grey = (0.3 * on.who.skin + 0.7 * min(on.who.hair, 0.45)) / on.who.skin
    shape = ribbon(smooth(brow)[::along], 0.3 * hairs, 0.9 * hairs)
    on.tinted(shape, min(max(grey, 0.25), 0.75))


def _mouth(on: _Easel, lips: Points) -> None:
    """Lips, and what is between them; `lips` are landmarks 48 to 67."""
    top, bottom = smooth(lips[:7]), smooth(lips[[6, 7, 8, 9, 10, 11, 0]])
    upper, lower = smooth(lips[12:17]), smooth(lips[[16, 17, 18, 19, 12]])
    colour = 0.80 - 0.24 * on.who.makeup - 0.15 * on.who.beard
    on.tinted(np.concatenate([top, upper[::-1]]), colour - 0.06)
    on.tinted(np.concatenate([bottom, lower[::-1]]), colour + 0.03)
    shine = 0.5 * (bottom + smooth(lips[[16, 16, 17, 18, 19, 12, 12]]))[6:-6]
    on.tinted(ribbon(shine, 0.2 * on.unit, 0.2 * on.unit), colour + 0.13)
    on.tinted(ribbon(upper, 0.2 * on.unit, 0.2 * on.unit), 0.42)
    gap = math.dist(lips[18], lips[14]) / on.unit
    if gap > 0.6:
        _between(on, lips, upper, lower, gap)


def _between(on: _Easel, lips: Points, upper: Points, lower: Points, gap: float) -> None:
    """The dark of the mouth, tongue and teeth; `gap` between the lips in units."""
    how, light = on.how, on.light_at(*lips[9])
    inside = np.concatenate([upper, lower[1:-1]])
    fill(on.mask, inside, 255)
    fill(on.solid, inside, 255 * 0.10)
    down = (lips[18] - lips[14]) / gap
    if gap > 3:
        disc(on.solid, lips[18] - 0.4 * down, 2.0 * on.unit, 255 * 0.28 * light)
    # Upper teeth show as the upper lip rises or the corners are drawn apart, lower ones with AU16.
    show = min(gap, 2.0) * (0.25 + 0.75 * min(how[12] + how[20] + how[10], 1))
    fill(on.solid, np.concatenate([upper, (upper + down * show * _ARCH)[::-1]]), 224 * light)
    if how[16] + how[20] > 0.5 and gap > 1.6:
        fill(on.solid, np.concatenate([lower, (lower - down * 0.3 * gap)[::-1]]), 158 * light)
