"""Cut and folds of face masks, drawn flat on an average face (assumption A27).

The average face is dlib's on FER2013, Procrustes-aligned and made symmetric: x to the right and y
downwards from the midpoint between the eyes, in units of about a pixel of a 48 x 48 face. A mask
is the area between an upper and a lower edge, y over x, and within a half-width, x over y.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ferbook.vision.landmarks import MIRROR

Array = NDArray[np.float64]

KINDS = ("surgical", "n95", "cloth")
SCALE = 6  #: texels to a unit
LEFT, TOP, SIDE = -24.0, -8.0, 48.0  #: corner and side of a drawing, units
_STRAP = 3  #: quarter units, width of a strap

#: Landmarks that a mask hangs on, image-left half and midline: jaw, nose, eye corners, lower lid.
_HALF: dict[int, tuple[float, float]] = {
    **{0: (-17.3, 0.3), 1: (-17.1, 5.0), 2: (-16.5, 9.6), 3: (-15.5, 14.0), 4: (-13.6, 18.2)},
    **{5: (-10.9, 21.8), 6: (-7.7, 24.9), 7: (-4.1, 27.4), 8: (0.0, 28.2)},
    **{27: (0.0, -0.5), 28: (0.0, 2.4), 29: (0.0, 5.3), 30: (0.0, 8.3)},
    **{31: (-3.4, 10.4), 32: (-1.8, 11.0), 33: (0.0, 11.5)},
    **{36: (-10.6, 0.0), 39: (-4.5, 0.4), 40: (-6.6, 0.8), 41: (-8.8, 0.8)},
}
_OTHER = {int(MIRROR[i]): (-x, y) for i, (x, y) in _HALF.items()}
AVERAGE: dict[int, tuple[float, float]] = dict(sorted({**_OTHER, **_HALF}.items()))


@dataclass(frozen=True)
class Cut:
    """Edges of the image-left half; the other half is its mirror image."""

    upper: tuple[tuple[float, float], ...]  #: (x, y) from the bridge of the nose outwards
    lower: tuple[tuple[float, float], ...]  #: (x, y) from below the chin outwards
    half: tuple[tuple[float, float], ...]  #: (y, x) from top to bottom, x positive
    straps: tuple[tuple[tuple[float, float], ...], ...]  #: lines (x, y)


CUTS = {
    "surgical": Cut(
        upper=((0, 3.0), (1.6, 3.4), (4, 5.0), (7.5, 6.3), (11, 6.7), (17, 6.6)),
        lower=((0, 30.3), (4, 29.6), (8, 27.3), (11.5, 23.9), (14, 20.6), (17, 17.5)),
        half=((3, 15.2), (7, 15.3), (11, 15.0), (15, 14.5), (20, 13.6), (24, 12.4), (31, 9)),
        straps=(((14.9, 7.4), (16.6, 5.6), (18.2, 2.0)), ((14.2, 18.8), (16.4, 14), (18.3, 7.0))),
    ),
    "n95": Cut(
        upper=((0, 2.5), (1.8, 3.2), (4, 5.8), (7, 8.9), (10.5, 11.7), (14.5, 14.6)),
        lower=((0, 30.6), (4, 29.9), (8, 27.4), (11, 23.8), (13.2, 19.5), (14.5, 17)),
        half=((2, 13), (10, 13.3), (15, 13.7), (18, 13.5), (22, 12.4), (26, 10), (31, 8)),
        straps=(((12.8, 14.4), (15.6, 9.0), (18.0, 3.0)), ((12.8, 18.6), (15.6, 16), (17.8, 12.5))),
    ),
    "cloth": Cut(
        upper=((0, 2.2), (1.7, 2.8), (4.2, 4.7), (8, 6.2), (12, 7.0), (17, 8.2)),
        lower=((0, 30.7), (4, 29.8), (8, 27.2), (11.5, 23.3), (14, 19.2), (17, 14.6)),
        half=((2, 15.6), (8, 16.0), (12, 15.9), (15, 15.4), (19, 14.4), (24, 12.4), (31, 9)),
        straps=(((15.6, 8.6), (17.4, 5.4), (18.4, 2.0)), ((15.2, 14.6), (17.0, 11), (18.4, 6.0))),
    ),
}
#: Looks of each kind.
VARIANTS = {
    "surgical": ("three pleats", "two pleats"),
    "n95": ("cup", "folded", "valve"),
    "cloth": ("plain", "stripes", "checks", "dots", "blotches"),
}


@lru_cache(maxsize=len(KINDS) * 5)
def drawing(kind: str, variant: str) -> NDArray[np.float32]:
    """A mask's layers (SCALE SIDE, SCALE SIDE, 5), rows first: cover, cover x folds, cover x
    pattern, straps, shadow. Drawn at twice the resolution and averaged, so that edges are smooth.
    """
    import cv2

    cut, fine = CUTS[kind], 2 * SCALE
    texels = int(SIDE * fine)
    line = (np.arange(texels) + 0.5) / fine
    x, y = np.meshgrid(LEFT + line, TOP + line)
    upper, lower, half = _edges(cut, x, y)
    v = (y - upper) / np.maximum(lower - upper, 1e-6)
    u = x / half
    cover = ((v > 0) & (v < 1) & (abs(u) < 1)).astype(np.float64)
    folds, pattern = _DRAWN[kind](variant, x, y, u, v)
    straps = np.zeros((texels, texels), np.uint8)
    for strap in cut.straps:
        for sign in (-1, 1):
            path = (_curve(np.array(strap) * (sign, 1)) - (LEFT, TOP)) * fine
            sixteenths = np.rint(16 * path).astype(np.int32)
            cv2.polylines(straps, [sixteenths], False, 255, _STRAP * fine // 4, cv2.LINE_AA, 4)
    below = cv2.GaussianBlur(np.roll(cover, round(1.2 * fine), axis=0), (0, 0), 1.3 * fine)
    around = cv2.GaussianBlur(cover, (0, 0), 0.7 * fine)
    shadow = np.maximum(below, 0.6 * around) * (y > 8)
    bands = straps / 255 * (1 - cover)
    layers = np.stack([cover, cover * folds, cover * pattern, bands, shadow], axis=-1)
    small = layers.reshape(texels // 2, 2, texels // 2, 2, -1).mean(axis=(1, 3))
    return small.astype(np.float32)


def _edges(cut: Cut, x: Array, y: Array) -> tuple[Array, Array, Array]:
    from scipy.interpolate import PchipInterpolator

    def edge(points: tuple[tuple[float, float], ...], at: Array) -> Array:
        knots = np.array(points)
        curve: Array = PchipInterpolator(*knots.T)(np.clip(at, knots[0, 0], knots[-1, 0]))
        return curve

    return edge(cut.upper, abs(x)), edge(cut.lower, abs(x)), edge(cut.half, y)


def _curve(path: Array) -> Array:
    """Three points -> a quadratic through them, 24 points."""
    t = np.linspace(0, 1, 24)[:, None]
    return path[0] * (1 - t) * (1 - 2 * t) + path[1] * 4 * t * (1 - t) + path[2] * t * (2 * t - 1)


def _ridge(distance: Array, width: float) -> Array:
    return np.exp(-((distance / width) ** 2))


def _surgical(variant: str, x: Array, y: Array, u: Array, v: Array) -> tuple[Array, Array]:
    folds = 1.02 - 0.17 * u**2 - 0.16 * np.clip(v, 0, 1) ** 5
    folds += 0.09 * _ridge(np.hypot(x / 1.2, y - 8), 4)  # over the tip of the nose
    folds += 0.05 * _ridge(v - 0.035, 0.02) - 0.10 * _ridge(v - 0.075, 0.016)  # wire and its seam
    folds -= 0.08 * _ridge(abs(u) - 0.93, 0.025) + 0.06 * _ridge(v - 0.955, 0.016)
    places = (0.34, 0.5, 0.66) if variant == "three pleats" else (0.4, 0.6)
    for place in places:
        sag = place + 0.02 * (1 - u**2)
        folds += 0.09 * _ridge(v - sag + 0.045, 0.035) - 0.20 * _ridge(v - sag, 0.022)
    folds += 0.025 * np.sin(2.1 * x + 0.9 * y) * np.clip(abs(u) - 0.3, 0, 1)
    return folds, np.zeros_like(x)


def _n95(variant: str, x: Array, y: Array, u: Array, v: Array) -> tuple[Array, Array]:
    folds = 1.08 - 0.30 * abs(u) ** 1.7 - 0.22 * np.clip(v, 0, 1) ** 3
    folds += 0.10 * _ridge(np.hypot(x, (y - 11) / 1.4), 4.5)
    folds -= 0.14 * _ridge(np.minimum(v, 1 - v), 0.03) + 0.1 * _ridge(abs(u) - 1, 0.05)  # rim
    folds -= 0.28 * _ridge(y - 4.9 - 0.10 * x**2, 0.55) * (abs(x) < 3.4)  # nose clip
    if variant == "folded":
        for place in (0.36, 0.68):
            bow = place + 0.05 * (1 - u**2)
            folds += 0.08 * _ridge(v - bow + 0.03, 0.03) - 0.22 * _ridge(v - bow, 0.015)
    else:
        folds += 0.07 * _ridge(x - 0.5, 0.5) - 0.16 * _ridge(x + 0.25, 0.32)  # centre ridge
        folds -= 0.09 * _ridge(v - 0.16 - 0.10 * u**2, 0.02)
    if variant == "valve":
        dx, dy = x / 3.4, (y - 18.5) / 2.7
        inside = np.clip(6 * (1 - (dx**4 + dy**4) ** 0.25), 0, 1)
        slats = 0.95 + 0.10 * np.cos(2 * np.pi * (y - 18.5) / 1.8) - 0.12 * (dy > 0.55)
        folds += inside * (slats - folds)
        folds -= 0.34 * _ridge((dx**4 + dy**4) ** 0.25 - 1, 0.10)
    return folds, np.zeros_like(x)


def _cloth(variant: str, x: Array, y: Array, u: Array, v: Array) -> tuple[Array, Array]:
    folds = 1.03 - 0.18 * abs(u) ** 2.2 - 0.18 * np.clip(v, 0, 1) ** 4
    folds += 0.10 * _ridge(np.hypot(x / 1.3, y - 8.5), 3.8)
    folds -= 0.11 * _ridge(v - 0.05, 0.014) + 0.11 * _ridge(v - 0.945, 0.014)  # hems
    folds -= 0.10 * _ridge(abs(u) - 0.94, 0.02)
    folds -= 0.10 * _ridge(x - 0.25 * np.sin(y / 4), 0.22)  # centre seam
    fan = np.arctan2(y - 13 + 0.3 * abs(x), 19 - abs(x))  # creases fan out from the ears
    folds += 0.07 * np.sin(15 * fan + 1.3) * np.clip(1.6 * abs(u) - 0.5, 0, 1)
    return folds, _PATTERNS[variant](x, y)


_PATTERNS = {
    "plain": lambda x, y: 0.12 * np.sin(3.1 * x) * np.sin(3.1 * y),
    "stripes": lambda x, y: np.tanh(3 * np.sin(2 * np.pi * (y + 0.25 * abs(x)) / 4.6)),
    "checks": lambda x, y: 0.5 * (np.sign(np.sin(1.25 * x)) + np.sign(np.sin(1.25 * y + 0.4))),
    "dots": lambda x, y: (
        2.0 * (np.hypot((x + 2 * (np.floor(y / 4) % 2)) % 4 - 2, y % 4 - 2) < 1.15) - 0.6
    ),
    "blotches": lambda x, y: np.tanh(
        2.2
        * (np.sin(0.9 * x + 1.7 * np.sin(0.5 * y)) + np.sin(1.1 * y + 1.3 * np.sin(0.6 * x + 2)))
    ),
}
_DRAWN = {"surgical": _surgical, "n95": _n95, "cloth": _cloth}
