"""Processor time of `facemasks.wear` beside a loop that fills one polygon a face.

    python benchmarks/masks.py [faces]

The loop draws the simplest mask there is, in the way of template tools: a face at a time, a polygon
through jaw and bridge of the nose, four times enlarged for smooth edges, one grey for all of it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from ferbook.data.synthetic import draw
from ferbook.vision.facemasks import wear

ENLARGED = 4
OUTLINE = [28, *range(2, 15)]


def polygons(images: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> NDArray[np.uint8]:
    worn = np.empty_like(images)
    for row, (image, points) in enumerate(zip(images, landmarks, strict=True)):
        large = cv2.resize(image, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
        corners = np.rint((points[OUTLINE] + 0.5) * ENLARGED - 0.5).astype(np.int32)
        cv2.fillPoly(large, [corners], 200, cv2.LINE_AA)
        worn[row] = cv2.resize(large, image.shape[::-1], interpolation=cv2.INTER_AREA)
    return worn


def seconds(task: Callable[[], object], repeats: int = 3) -> float:
    """Processor seconds, the least of some repeats."""
    spent = []
    for _ in range(repeats):
        start = time.process_time()
        task()
        spent.append(time.process_time() - start)
    return min(spent)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    cv2.setNumThreads(1)
    drawn = draw(140)
    assert drawn.landmarks is not None
    rows = np.arange(count)
    images, landmarks = drawn.images[rows % 140], drawn.landmarks[rows % 140]
    wear(images[:140], landmarks[:140], rows[:140])  # draws the templates
    masks = seconds(lambda: wear(images, landmarks, rows))
    loop = seconds(lambda: polygons(images, landmarks))
    for name, spent in (("masks", masks), ("polygons", loop)):
        print(f"{name:9} {1000 * spent / count:6.3f} ms a face, {35_887 * spent / count:5.1f} s")
    print(f"a mask takes {masks / loop:.1f} times as long as a polygon")


if __name__ == "__main__":
    main()
