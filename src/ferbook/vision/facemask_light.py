"""Light on a face, its skin and its eyes: a mask follows the first and spares the last."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferbook.vision.landmarks import REGIONS

Images = NDArray[np.uint8]
Array = NDArray[Any]

REACH = 5.0  #: pixels, standard deviation of the mean that keeps light and drops features
_OUTLINE = np.array([*REGIONS["jaw"], *reversed([*REGIONS["right brow"], *REGIONS["left brow"]])])
_HOLES = [np.array(REGIONS[region]) for region in ("right eye", "left eye", "mouth")]
_EYES = [
    np.array([*REGIONS[f"{side} eye"], *REGIONS[f"{side} brow"]]) for side in ("right", "left")
]
_AROUND = np.ones((3, 3), np.uint8)  #: a pixel and its neighbours


def sixteenths(points: NDArray[np.float32]) -> NDArray[np.int32]:
    """Of pixels: the corners of polygons, as OpenCV fills them; far away ones are drawn nearer."""
    return np.rint(16 * np.clip(points, -1000, 1000)).astype(np.int32)


def lights(images: Images, points: NDArray[np.float32], corners: NDArray[np.int32]) -> Array:
    """(N, H, W), 0 to 1: light and shade of the faces, a Gaussian mean over their skin.

    points (N, 68, 2), corners the same in `sixteenths`.
    """
    import cv2

    both = np.empty((*images.shape, 2))
    for own, face, around in zip(both, points, corners, strict=True):
        own[..., 1] = _skin(face, around, images.shape[1:])
    skin = both[..., 1]
    both[..., 0] = images / 255.0
    frame = both[..., 0].mean(axis=(1, 2))
    both[..., 0] *= skin
    count = skin.sum(axis=(1, 2))
    mean = np.where(count > 0, both[..., 0].sum(axis=(1, 2)) / np.maximum(count, 1), frame)
    for own in both:
        cv2.GaussianBlur(own, (0, 0), REACH, dst=own, borderType=cv2.BORDER_CONSTANT)
    light = (both[..., 0] + 0.02 * mean[:, None, None]) / (both[..., 1] + 0.02)
    return np.clip(light, 0, 0.98, out=light)


def _skin(
    points: NDArray[np.float32], corners: NDArray[np.int32], shape: tuple[int, ...]
) -> Images:
    """(H, W), 1 on the face, 0 around it and on eyes and mouth."""
    skin = np.zeros(shape, np.uint8)
    _fill(skin, corners[_OUTLINE], 1)
    for region in _HOLES:
        _fill(skin, corners[_hull(points, region)], 0)
    return skin


def eyes(
    points: NDArray[np.float32], corners: NDArray[np.int32], shape: tuple[int, ...]
) -> NDArray[np.bool_]:
    """(H, W): each eye with its brow, and a pixel around them."""
    import cv2

    canvas = np.zeros(shape, np.uint8)
    for region in _EYES:
        _fill(canvas, corners[_hull(points, region)], 1)
    return cv2.dilate(canvas, _AROUND) > 0


def _hull(points: NDArray[np.float32], region: Array) -> Array:
    """The landmarks of a region at the corners of its convex hull."""
    import cv2

    corners: Array = region[cv2.convexHull(points[region], returnPoints=False)[:, 0]]
    return corners


def _fill(canvas: Images, corners: NDArray[np.int32], value: int) -> None:
    import cv2

    cv2.fillPoly(canvas, [corners], value, cv2.LINE_8, 4)
