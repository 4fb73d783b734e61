"""Geometry of a drawn face: sixty-eight points moved by identity, FACS action units and pose.

Head coordinates are (x, y, z): x to the image's right, y downwards, z towards the viewer, origin
midway between the eyes; the eyes' centres are 15 units apart. At `Pose.scale` 1 and a frame of 48
pixels a unit is a pixel. Points are in iBUG's order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ferbook.vision.landmarks import MIRROR

Points = NDArray[np.float64]

# Image-left half and midline of a neutral frontal face.
_HALF: dict[int, tuple[float, float, float]] = {
    **{0: (-16.7, 0.2, -9), 1: (-16.5, 4.8, -8), 2: (-15.9, 9.3, -7), 3: (-14.8, 13.6, -5.5)},
    **{4: (-13, 17.6, -4), 5: (-10.6, 21.1, -1.5), 6: (-7.6, 23.9, 1), 7: (-4.0, 26.0, 3)},
    8: (0, 26.8, 4),  # so far the jaw; then brow, nose, eye, lips
    **{17: (-13.4, -3.3, 0), 18: (-11.5, -5.1, 1.5), 19: (-8.7, -5.6, 2.8), 20: (-5.8, -5.2, 3.6)},
    21: (-3.0, -4.2, 4.2),
    **{27: (0, -0.4, 4), 28: (0, 2.5, 5.7), 29: (0, 5.3, 7.5), 30: (0, 8.2, 9.2)},
    **{31: (-3.1, 10.3, 4.5), 32: (-1.7, 10.9, 5.8), 33: (0, 11.4, 6.5)},
    **{36: (-10.5, 0.1, 0.3), 37: (-8.7, -1.3, 1.6), 38: (-6.3, -1.3, 1.8), 39: (-4.4, 0.4, 1.6)},
    **{40: (-6.4, 1.05, 1.8), 41: (-8.7, 1.05, 1.6)},
    **{48: (-6.1, 16.2, 3), 49: (-3.9, 15.0, 4.6), 50: (-1.6, 14.4, 5.4), 51: (0, 14.8, 5.7)},
    **{57: (0, 19.0, 5.5), 58: (-1.8, 18.8, 5.2), 59: (-4.0, 17.9, 4.2)},
    **{60: (-5.2, 16.3, 3.3), 61: (-1.7, 16.1, 5), 62: (0, 16.25, 5.3), 66: (0, 16.55, 5.3)},
    67: (-1.7, 16.45, 5),
}

# Displacement at full intensity by FACS action unit (Ekman, Friesen and Hager 2002), same half.
_ACTIONS: dict[int, dict[int, tuple[float, float]]] = {
    1: {19: (0.1, -0.5), 20: (0.1, -1.7), 21: (0.2, -2.5)},  # inner brow raiser
    2: {17: (0, -1.5), 18: (0, -2.4), 19: (0, -2.2), 20: (0, -0.8)},  # outer brow raiser
    4: {17: (0.2, 0.3), 18: (0.5, 1.0), 19: (0.7, 1.6), 20: (1.0, 2.1), 21: (1.2, 2.3)},  # lowerer
    5: {37: (0, -0.95), 38: (0, -0.95), 40: (0, 0.2), 41: (0, 0.2)},  # upper lid raiser
    6: {37: (0, 0.15), 38: (0, 0.1), 40: (0, -0.55), 41: (0, -0.6), 17: (0, 0.3)},  # cheek raiser
    7: {37: (0, 0.45), 38: (0, 0.4), 40: (0, -0.4), 41: (0, -0.4)},  # lid tightener
    9: {  # nose wrinkler
        **{19: (0.2, 0.7), 20: (0.5, 1.3), 21: (0.6, 1.6), 30: (0, -0.7), 31: (-0.6, -1.2)},
        **{32: (-0.3, -0.9), 33: (0, -0.6), 50: (-0.1, -1.0), 51: (0, -0.8), 49: (-0.2, -0.9)},
        **{37: (0, 0.4), 38: (0, 0.4), 40: (0, -0.4), 41: (0, -0.4), 61: (0, -0.6), 62: (0, -0.5)},
    },
    10: {49: (-0.2, -1.2), 50: (0, -1.3), 51: (0, -1.1), 61: (0, -0.8), 62: (0, -0.7)},  # upper lip
    12: {  # lip corner puller
        **{48: (-2.6, -2.5), 49: (-1.7, -1.3), 50: (-0.6, 0.1), 51: (0, 0.4), 57: (0, 0.5)},
        **{58: (-0.9, 0.2), 59: (-2.0, -1.1), 60: (-2.5, -2.3), 61: (-0.6, 0.1), 62: (0, 0.4)},
        **{66: (0, 0.5), 67: (-0.6, 0.2), 3: (-0.3, 0), 4: (-0.5, -0.1), 31: (-0.4, -0.2)},
    },
    15: {  # lip corner depressor
        **{48: (-0.3, 2.1), 49: (-0.2, 0.8), 59: (-0.2, 1.2), 60: (-0.3, 2.0), 61: (0, 0.1)},
        **{58: (0, 0.2), 67: (0, 0.1), 50: (0, 0.1)},
    },
    16: {
        57: (0, 1.3),
        58: (-0.2, 1.3),
        59: (-0.2, 0.8),
        66: (0, 1.0),
        67: (-0.1, 1.0),
    },  # lower lip
    17: {  # chin raiser
        **{57: (0, -0.9), 58: (0, -0.7), 66: (0, -0.6), 67: (0, -0.5), 62: (0, -0.6)},
        **{61: (0, -0.5), 51: (0, -0.4), 50: (0, -0.4), 8: (0, -0.8), 7: (0, -0.6)},
    },
    20: {  # lip stretcher
        **{48: (-2.4, 0.7), 49: (-1.5, 0.3), 50: (-0.5, 0.1), 58: (-0.8, -0.1), 59: (-1.7, 0.3)},
        **{60: (-2.3, 0.6), 61: (-0.6, 0), 67: (-0.7, 0)},
    },
    23: {  # lip tightener
        **{48: (1.2, 0), 60: (1.0, 0), 49: (0.7, 0.7), 50: (0.2, 0.9), 51: (0, 0.7)},
        **{57: (0, -1.0), 58: (0.2, -1.0), 59: (0.7, -0.7)},
    },
    25: {  # lips part
        **{50: (0, -0.2), 51: (0, -0.2), 61: (0, -0.5), 62: (0, -0.5)},
        **{57: (0, 1.3), 58: (0, 1.2), 59: (0, 0.5), 66: (0, 1.6), 67: (0, 1.5)},
    },
    26: {  # jaw drop
        **{57: (0, 3.2), 58: (0.1, 3.1), 59: (0.5, 2.0), 66: (0, 3.3), 67: (0.1, 3.1)},
        **{48: (0.9, 0.9), 60: (0.9, 0.9), 49: (0.4, 0.1), 50: (0.2, -0.1), 61: (0.2, -0.1)},
        **{8: (0, 2.6), 7: (0, 2.5), 6: (0.2, 2.1), 5: (0.3, 1.6), 4: (0.3, 1.0), 3: (0.2, 0.5)},
    },
    27: {  # mouth stretch, beyond what the jaw drop does
        **{57: (0, 2.6), 58: (0.2, 2.5), 59: (0.5, 1.7), 66: (0, 2.6), 67: (0.2, 2.5)},
        **{48: (0.5, 0.8), 60: (0.5, 0.8), 51: (0, -0.3), 62: (0, -0.3)},
        **{8: (0, 1.6), 7: (0, 1.5), 6: (0.1, 1.3), 5: (0.2, 1.0), 4: (0.2, 0.6)},
    },
    43: {37: (0, 1.1), 38: (0, 1.1), 40: (0, 0.1), 41: (0, 0.1)},  # eyes droop and close
}


@dataclass(frozen=True)
class Identity:
    """Who is drawn. Lengths are relative to the average face, greys are reflectances, 0 to 1."""

    face_width: float = 1.0
    face_length: float = 1.0  #: of the part below the eyes
    jaw_width: float = 1.0
    eye_distance: float = 1.0
    eye_size: float = 1.0
    eye_tilt: float = 0.0  #: degrees, outer corners up
    brow_height: float = 0.0  #: units, upwards
    brow_tilt: float = 0.0  #: degrees, outer ends up
    brow_thickness: float = 1.0
    nose_length: float = 1.0
    nose_width: float = 1.0
    mouth_width: float = 1.0
    lip_fullness: float = 1.0
    skin: float = 0.68
    hair: float = 0.15
    hairstyle: str = "short"  #: one of `face_features.HAIRSTYLES`
    hairline: float = 0.0  #: units, downwards
    beard: float = 0.0  #: 0 shaven to 1 dense
    glasses: float = 0.0  #: 0 none to 1 black rims
    makeup: float = 0.3  #: darkness of lips and lashes, 0 to 1
    age: float = 0.3  #: depth of the folds of the resting face, 0 to 1
    mottling: float = 0.0  #: unevenness of skin and hair, 0 to 1


@dataclass(frozen=True)
class Pose:
    """Where the head is: a rotation, then a weak perspective."""

    roll: float = 0.0  #: degrees, clockwise in the image
    yaw: float = 0.0  #: degrees, turned to the image's right
    pitch: float = 0.0  #: degrees, nodding down
    scale: float = 1.0  #: units of 1/48 of the frame
    shift: tuple[float, float] = (0.0, 0.0)  #: (x, y) in 1/48 of the frame

    def rotation(self) -> Points:
        """(3, 3) matrix: yaw first, then pitch, then roll."""
        return _rotation(self.roll, self.yaw, self.pitch)


@lru_cache(maxsize=8)
def _rotation(roll: float, yaw: float, pitch: float) -> Points:
    (cr, cy, cp), (sr, sy, sp) = (f(np.deg2rad([roll, yaw, pitch])) for f in (np.cos, np.sin))
    turn = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    nod = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    tilt = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    rotation: Points = tilt @ nod @ turn
    return rotation


@dataclass(frozen=True)
class Expression:
    """Intensity of each action unit, 0 to about 1, by its FACS number."""

    units: Mapping[int, float] = field(default_factory=dict)
    asymmetry: float = 0.0  #: share by which the image-left side is stronger, -1 to 1
    gaze: tuple[float, float] = (0.0, 0.0)  #: units by which the irises are moved

    def __getitem__(self, unit: int) -> float:
        return self.units.get(unit, 0.0)


def _mirrored() -> Points:
    base = np.empty((68, 3))
    for index, (x, y, z) in _HALF.items():
        base[MIRROR[index]] = (-x, y, z)
        base[index] = (x, y, z)
    return base


def _dense(moves: Mapping[int, tuple[float, float]]) -> Points:
    """(68, 3) displacement of both sides."""
    dense = np.zeros((68, 3))
    for index, (x, y) in moves.items():
        dense[MIRROR[index], :2] = (-x, y)
        dense[index, :2] = (x, y)
    return dense


BASE = _mirrored()  #: (68, 3) the average neutral face
ACTION_UNITS = {unit: _dense(moves) for unit, moves in _ACTIONS.items()}
PIVOT = np.array([0.0, 9.5, 0.0])  #: shown in the middle of the frame
_SIDE = -np.sign(BASE[:, :1])  # 1 on the image's left
_BROWS, _NOSE, _LIPS = slice(17, 27), slice(27, 36), slice(48, 68)
_UPPER, _LOWER = [37, 38, 43, 44, 61, 62, 63], [41, 40, 47, 46, 67, 66, 65]  # lids and lips
_LEAST_GAP = np.array([0.3] * 4 + [0.2] * 3)
_EYES = (slice(36, 42), slice(42, 48))


@lru_cache(maxsize=8)
def resting(identity: Identity) -> Points:
    """(68, 3) head coordinates of the person's neutral face; shared, so copy before a change."""
    points = BASE.copy()
    for side, eye in zip((-1, 1), _EYES, strict=True):
        brow = slice(17, 22) if side < 0 else slice(22, 27)
        _turn(points, eye, side * -identity.eye_tilt, identity.eye_size)
        _turn(points, brow, side * -identity.brow_tilt, 1.0)
        apart = side * 7.5 * (identity.eye_distance - 1)
        points[eye, 0] += apart
        points[brow, 0] += apart
    points[_BROWS, 1] -= identity.brow_height
    points[_NOSE, 0] *= identity.nose_width
    points[_NOSE, 1] *= identity.nose_length
    points[_LIPS, 0] *= identity.mouth_width
    middle = (points[_LIPS, 1] - 16.35) * (identity.lip_fullness - 1)
    points[_LIPS, 1] += np.where(np.arange(48, 68) < 60, middle, 0)
    lower = np.clip(points[:17, 1] / 20, 0, 1)
    points[:17, 0] *= 1 + lower * (identity.jaw_width - 1)
    return stretched(points, identity)


def _turn(points: Points, part: slice, degrees: float, scale: float) -> None:
    middle, angle = points[part, :2].mean(0), np.deg2rad(degrees)
    c, s = scale * np.cos(angle), scale * np.sin(angle)
    points[part, :2] = (points[part, :2] - middle) @ np.array([[c, s], [-s, c]]) + middle


def stretched(points: Points, identity: Identity) -> Points:
    """Points of the average head on a head as wide and long as this person's."""
    there = points.copy()
    there[:, 0] *= identity.face_width
    there[:, 1] *= np.where(points[:, 1] > 0, identity.face_length, 1.0)
    return there


def expressed(identity: Identity, expression: Expression) -> Points:
    """(68, 3) head coordinates with the action units at work."""
    move = np.zeros((68, 3))
    for unit, intensity in expression.units.items():
        move += intensity * ACTION_UNITS[unit]
    return _closed(resting(identity) + move * (1 + expression.asymmetry * _SIDE))


def _closed(points: Points) -> Points:
    """Lids and lips may touch but not pass through each other."""
    gap = _LEAST_GAP - (points[_LOWER, 1] - points[_UPPER, 1])
    overlap = np.maximum(gap, 0) / 2
    points[_UPPER, 1] -= overlap
    points[_LOWER, 1] += overlap
    points[50:53, 1] = np.minimum(points[50:53, 1], points[61:64, 1] - 0.5)
    points[56:59, 1] = np.maximum(points[56:59, 1], points[65:68, 1] + 0.8)
    return points


def project(points: Points, pose: Pose, size: int) -> Points:
    """(N, 3) head coordinates to (N, 2) pixels (x, y); an integer is the centre of a pixel."""
    unit = size / 48
    middle = (size - 1) / 2 + unit * np.array(pose.shift)
    pixels: Points = (points - PIVOT) @ pose.rotation().T[:, :2] * (pose.scale * unit) + middle
    return pixels
