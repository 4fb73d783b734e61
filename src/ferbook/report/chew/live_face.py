"""One live face with its landmarks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ferbook.data.live import live_faces


def live_face(dataset: str, seed: int = 0) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """A face (48, 48) and its landmarks (68, 2) as (x, y) in pixels.

    On a drawn face the landmarks are known. Of a registered dataset it is the first, among one of
    each emotion, that dlib's detector finds.
    """
    faces = live_faces(dataset, 7, seed)
    if faces.landmarks is not None:
        row = seed % len(faces)
        return faces.images[row], faces.landmarks[row].astype(np.float32)
    from ferbook.vision.landmarks import detect

    found = detect(faces.images)
    row = int(np.argmax(found.detected))
    return faces.images[row], found.points[row]
