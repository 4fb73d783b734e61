"""`facemasks.wear` beside warping one template to one picture after the other.

The other side does what MaskTheFace does with a face whose landmarks are known: a homography
through six points, a warp, brightness brought to that of the face, a blend. It keeps its template
in memory and is not asked to find the face.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.side_by_side import in_turns, row
from ferbook.data.synthetic import draw
from ferbook.vision.facemasks import wear

Images = NDArray[np.uint8]
FACES, DIFFERENT = 560, 140
HEIGHT, WIDTH = 300, 400
#: upper ends, corners of the jaw, chin, bridge of the nose; and where they lie on the template
PINS = [2, 5, 8, 11, 14, 28]
PLACES = np.array([[0, 70], [70, 230], [200, 299], [330, 230], [399, 70], [200, 0]], np.float32)


def rows(device: str) -> list[dict[str, Any]]:
    drawn = draw(DIFFERENT)
    assert drawn.landmarks is not None
    order = np.arange(FACES)
    images, landmarks = drawn.images[order % DIFFERENT], drawn.landmarks[order % DIFFERENT]
    mask = template()
    tasks = {
        "ours": lambda: wear(images, landmarks, order),
        "theirs": lambda: warped(images, landmarks, mask),
    }
    items = {"ours": FACES, "theirs": FACES}
    against = "a warped template, face by face"
    return [row("facemasks", "face masks", against, in_turns(tasks, 5), items, "face", 10)]


def template() -> Images:
    """(HEIGHT, WIDTH, 4): grey with pleats, and opaque inside the polygon of its pins."""
    mask = np.full((HEIGHT, WIDTH, 4), 190, np.uint8)
    mask[::60, :, :3] = 140
    mask[..., 3] = cv2.fillPoly(np.zeros((HEIGHT, WIDTH), np.uint8), [PLACES.astype(int)], 255)
    return mask


def warped(images: Images, landmarks: NDArray[np.float32], mask: Images) -> Images:
    worn = np.empty_like(images)
    for i, (image, points) in enumerate(zip(images, landmarks, strict=True)):
        face = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
        homography, _ = cv2.findHomography(PLACES, points[PINS])
        fitted = cv2.warpPerspective(mask, homography, image.shape[::-1])
        alpha = fitted[..., 3:] / 255.0
        colours = cv2.cvtColor(fitted[..., :3], cv2.COLOR_BGR2HSV).astype(np.float32)
        colours[..., 2] *= face.mean() / max(colours[..., 2].mean(), 1)
        bright = cv2.cvtColor(np.clip(colours, 0, 255).astype(np.uint8), cv2.COLOR_HSV2BGR)
        blended = (face * (1 - alpha) + bright * alpha).astype(np.uint8)
        worn[i] = cv2.cvtColor(blended, cv2.COLOR_BGR2GRAY)
    return worn
