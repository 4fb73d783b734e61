"""What spoils a face: occluders, light, misalignment (Chew, hypothesis H2; assumption A8).

A region's occluder is a black box around that region's own landmarks, with a margin; a half ends
at the bridge of the nose; a square lies anywhere in the frame. Light and noise act on grey levels,
a shift moves image and landmarks together. What is random (place, direction, noise) is drawn from
a generator of its own for each condition and row, so that every network meets the same faces.
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from ferbook.errors import InputError
from ferbook.vision.patches import PATCHES

Images = NDArray[np.uint8]
Points = NDArray[np.float32]

OCCLUDERS = ("eyes", "mouth", "brows", "left", "right")
#: Amounts of each other kind, from little to much, and what they are.
AMOUNTS: dict[str, tuple[float, ...]] = {
    "square": (5, 10, 20, 30, 40),  # per cent of the frame
    "brightness": (-80, -40, 40, 80),  # grey levels added
    "contrast": (0.25, 0.5, 2),  # factor on the distance from the image's mean
    "shade": (0.5, 0.9),  # share of light lost at the dark end of the frame
    "noise": (10, 20, 40),  # standard deviation, grey levels
    "shift": (2, 4, 8),  # pixels, in any direction
}
BLACK = 0
MARGIN = 2.0  #: pixels between a region's landmarks and the edge of its occluder
_BRIDGE = slice(27, 31)  #: landmarks down the bridge of the nose


@dataclass(frozen=True)
class Condition:
    """One way to spoil a face, to one degree."""

    kind: str  #: one of OCCLUDERS or a key of AMOUNTS
    amount: float = 0.0  #: in the unit of AMOUNTS; regions take none

    def __post_init__(self) -> None:
        if self.kind not in (*OCCLUDERS, *AMOUNTS):
            known = ", ".join((*OCCLUDERS, *AMOUNTS))
            raise InputError(f"condition {self.kind!r}: expected one of {known}")
        if self.kind == "square" and not 0 < self.amount <= 100:
            raise InputError(
                f"an occluder over {self.amount:g} % of the frame: expected above 0, at most 100"
            )
        if self.kind == "brightness" and not np.isfinite(self.amount):
            raise InputError(f"brightness {self.amount:g}: expected a number of grey levels")
        if self.kind == "shade" and not 0 <= self.amount <= 1:
            raise InputError(f"shade {self.amount:g}: expected 0 to 1")
        # written so that nan, which compares false with everything, is refused
        if self.kind in ("contrast", "noise", "shift") and not 0 <= self.amount < np.inf:
            raise InputError(f"{self.kind} {self.amount:g}: expected 0 or more")

    @property
    def name(self) -> str:
        """ "occluded-eyes", "square-20", "brightness+40": the view of a record."""
        if self.kind in OCCLUDERS:
            return f"occluded-{self.kind}"
        if self.kind == "brightness":
            return f"brightness{self.amount:+g}"
        return f"{self.kind}-{self.amount:g}"


REGION_CONDITIONS = tuple(Condition(kind) for kind in OCCLUDERS)
CONDITIONS = (
    *REGION_CONDITIONS,
    *(Condition(kind, amount) for kind, amounts in AMOUNTS.items() for amount in amounts),
)


def spoil(
    images: Images, landmarks: Points, condition: Condition, rows: NDArray[np.integer]
) -> tuple[Images, Points]:
    """Faces under `condition`, and where their landmarks truly are then.

    images (N, H, W) uint8, landmarks (N, 68, 2) as (x, y) in pixels, rows (N,) the faces' numbers
    in their dataset, which decide what is random. Returns new arrays of the same shapes.
    """
    images, landmarks = np.array(images), np.array(landmarks, np.float32)
    if condition.kind in OCCLUDERS:
        for image, points in zip(images, landmarks, strict=True):
            _cover(image, points, condition.kind)
        return images, landmarks
    change = _CHANGES[condition.kind]
    for i, row in enumerate(rows):
        dice = np.random.default_rng([2013, crc32(condition.name.encode()), int(row)])
        images[i], moved = change(images[i], float(condition.amount), dice)
        landmarks[i] += np.array(moved, np.float32)
    return images, landmarks


def region_box(points: Points, region: str, size: int = 48) -> tuple[int, int, int, int]:
    """Left, top, right, bottom (exclusive) in whole pixels of a region's occluder, in the frame."""
    if region in ("left", "right"):
        middle = int(np.clip(np.rint(points[_BRIDGE, 0].mean()), 0, size))
        return (0, 0, middle, size) if region == "left" else (middle, 0, size, size)
    chosen = points[PATCHES[region]]
    low = np.clip(np.floor(chosen.min(axis=0) - MARGIN), 0, size).astype(int)
    high = np.clip(np.ceil(chosen.max(axis=0) + MARGIN) + 1, 0, size).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _cover(image: Images, points: Points, region: str) -> None:
    left, top, right, bottom = region_box(points, region, len(image))
    image[top:bottom, left:right] = BLACK


def _square(image: Images, percent: float, dice: np.random.Generator) -> tuple[Images, tuple]:
    size = len(image)
    side = min(size, max(1, round(size * (percent / 100) ** 0.5)))
    top, left = dice.integers(0, size - side + 1, 2)
    covered = image.copy()
    covered[top : top + side, left : left + side] = BLACK
    return covered, (0, 0)


def _brightness(image: Images, levels: float, dice: np.random.Generator) -> tuple[Images, tuple]:
    return _grey(image + levels), (0, 0)


def _contrast(image: Images, factor: float, dice: np.random.Generator) -> tuple[Images, tuple]:
    mean = image.mean()
    return _grey(mean + factor * (image - mean)), (0, 0)


def _shade(image: Images, lost: float, dice: np.random.Generator) -> tuple[Images, tuple]:
    """Light falls off linearly along a random direction: 1 at one end, 1 - lost at the other."""
    angle = dice.uniform(0, 2 * np.pi)
    axis = np.linspace(-1, 1, len(image))
    along = np.cos(angle) * axis[None, :] + np.sin(angle) * axis[:, None]
    ramp = (along - along.min()) / (along.max() - along.min())
    return _grey(image * (1 - lost * ramp)), (0, 0)


def _noise(image: Images, deviation: float, dice: np.random.Generator) -> tuple[Images, tuple]:
    return _grey(image + dice.normal(0, deviation, image.shape)), (0, 0)


def _shift(image: Images, pixels: float, dice: np.random.Generator) -> tuple[Images, tuple]:
    """The face moves by whole pixels; the border repeats into what it leaves."""
    angle = dice.uniform(0, 2 * np.pi)
    right, down = round(pixels * np.cos(angle)), round(pixels * np.sin(angle))
    index = np.arange(len(image))
    rows = np.clip(index - down, 0, len(image) - 1)
    columns = np.clip(index - right, 0, len(image) - 1)
    return image[np.ix_(rows, columns)], (right, down)


def _grey(values: NDArray[np.floating]) -> Images:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


_CHANGES = {
    "square": _square,
    "brightness": _brightness,
    "contrast": _contrast,
    "shade": _shade,
    "noise": _noise,
    "shift": _shift,
}
