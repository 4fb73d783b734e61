"""Which part of a face a pixel belongs to, and how much of a saliency map lies there.

A region is the convex hull of its landmarks, grown by a margin. Saliency is told beside area, for
a map that does not care at all puts most of itself into the largest region.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ferbook.errors import InputError
from ferbook.vision.landmarks import REGIONS

MARGIN = 1.5  #: pixels by which a hull grows

#: The hulls of each region; a pixel in several belongs to the first. "cheeks" is what else lies
#: among the landmarks: jaw, cheeks, temples. "outside" is the rest, forehead and hair included.
HULLS: dict[str, list[list[int]]] = {
    "eyes": [[*REGIONS["right eye"]], [*REGIONS["left eye"]]],
    "brows": [[*REGIONS["right brow"], *REGIONS["left brow"]]],  # and the frown between them
    "mouth": [[*REGIONS["mouth"]]],
    "nose": [[*REGIONS["nose"]]],
    "cheeks": [[*range(68)]],
    "outside": [],
}

_ROUNDING = 1e-6  # pixels: a pixel on the very edge is in, however its distance rounds


@dataclass(frozen=True, eq=False)
class Shares:
    """How saliency spreads over the regions of a face, in the order of HULLS."""

    saliency: NDArray[np.float64]  #: (B, 6), rows sum to 1; NaN for a map of zeros
    area: NDArray[np.float64]  #: (B, 6), rows sum to 1: share of the image's pixels

    @property
    def density(self) -> NDArray[np.float64]:
        """(B, 6) saliency per area: 1 where a map does not care; NaN for a region not in view."""
        area = np.where(self.area > 0, self.area, np.nan)
        return self.saliency / area


def regions(
    landmarks: NDArray[np.floating], size: int = 48, margin: float = MARGIN
) -> NDArray[np.uint8]:
    """The region of each pixel, (N, size, size), an index into HULLS.

    landmarks (N, 68, 2) as (x, y) in pixels of the same image. A pixel is in a region if its centre
    is no further than `margin` pixels from one of the region's hulls.
    """
    if landmarks.shape[1:] != (68, 2) or not np.isfinite(landmarks).all():
        raise InputError(f"landmarks {landmarks.shape}: expected (N, 68, 2) finite numbers")
    if not 0 <= margin < np.inf:
        raise InputError(f"margin {margin:g}: expected 0 pixels or more")
    found = np.full((len(landmarks), size, size), len(HULLS) - 1, np.uint8)
    for image, points in zip(found, landmarks.astype(np.float32), strict=True):
        for index, hulls in reversed([*enumerate(HULLS.values())]):
            for hull in hulls:
                image[_near(points[hull], margin, size)] = index
    return found


def _near(points: NDArray[np.float32], margin: float, size: int) -> NDArray[np.bool_]:
    """(size, size): pixels within `margin` of the convex hull of `points` (n, 2)."""
    import cv2

    # (k, 1, 2), in turn around the hull; OpenCV finds none where 0 and -0 are mixed
    corner = cv2.convexHull(points + np.float32(0)).astype(np.float64)
    # below, the axes are (k, size, size): edge of the hull, y, x
    edge_x, edge_y = np.moveaxis(np.roll(corner, -1, axis=0) - corner, 2, 0)[..., None]
    place = np.arange(size)
    x = place[None, None, :] - corner[..., :1]
    y = place[None, :, None] - corner[..., 1:]
    cross = edge_x * y - edge_y * x
    spanned = (y < 0) != (y < edge_y)
    crossed = spanned & ((cross > 0) == (edge_y > 0))  # by a ray from the pixel to the right
    inside = crossed.sum(axis=0) % 2 == 1
    squared = np.maximum(edge_x**2 + edge_y**2, np.finfo(float).tiny)
    along = np.clip((x * edge_x + y * edge_y) / squared, 0, 1)
    distance = (x - along * edge_x) ** 2 + (y - along * edge_y) ** 2
    return inside | (distance.min(axis=0) <= (margin + _ROUNDING) ** 2)


def shares(saliency: NDArray[np.floating], regions: NDArray[np.uint8]) -> Shares:
    """Shares of `saliency` (B, S, S), >= 0, and of the area in each of `regions` (B, S, S)."""
    if saliency.shape != regions.shape or not (saliency >= 0).all():
        raise InputError(
            f"saliency {saliency.shape}, regions {regions.shape}: expected (B, S, S) twice, "
            "saliency of 0 or more"
        )
    member = (regions[..., None] == np.arange(len(HULLS))).reshape(len(regions), -1, len(HULLS))
    inside = np.einsum("bp,bpr->br", saliency.reshape(len(saliency), -1).astype(float), member)
    total = inside.sum(axis=1, keepdims=True)
    return Shares(inside / np.where(total > 0, total, np.nan), member.mean(axis=1))


def cropped(
    landmarks: NDArray[np.floating], size: int = 40, frame: int = 48
) -> NDArray[np.floating]:
    """Landmarks (N, 68, 2) of a frame in pixels of its centre crop of `size` (assumption A21)."""
    if not 0 < size <= frame or (frame - size) % 2:
        raise InputError(f"a crop of {size} from {frame}: it has no centre on whole pixels")
    return landmarks - (frame - size) // 2
