"""CK+'s official layout with drawn people in it: made by `synthetic`, no pixel of the real one."""

from __future__ import annotations

from functools import cache

import numpy as np

from data_forms import encode
from ferbook.data.synthetic import draw
from ferbook.emotions import EMOTIONS

SUBJECTS = 11  #: one more than the folds of the paper
SIZE = 120  #: pixels of a drawn face; CK+'s are about 250
FRAME = (490, 640)
LENGTH = 5  #: frames of a sequence: neutral, one in between, and the three of the peak
CODES = {
    **{"angry": 1, "contempt": 2, "disgust": 3, "fear": 4},
    **{"happy": 5, "sad": 6, "surprise": 7},
}
Frames = dict[str, tuple[np.ndarray, np.ndarray]]


@cache
def _drawn() -> tuple[np.ndarray, np.ndarray]:
    """(SUBJECTS, 7) people's images and landmarks, in the order of `EMOTIONS`."""
    faces = draw(SUBJECTS * len(EMOTIONS), seed=5, size=SIZE, jobs=1)
    assert faces.landmarks is not None
    shape = (SUBJECTS, len(EMOTIONS))
    return (
        faces.images.reshape(*shape, SIZE, SIZE),
        faces.landmarks.astype(np.float64).reshape(*shape, 68, 2),
    )


def _face(subject: int, emotion: str, number: int) -> tuple[np.ndarray, np.ndarray]:
    """The picture and its landmarks; nobody has drawn contempt, so a neutral face stands in."""
    shown = emotion if number > 2 and emotion in EMOTIONS else "neutral"
    images, landmarks = _drawn()
    label = EMOTIONS.index(shown)
    return images[subject - 1, label], landmarks[subject - 1, label]


def frames() -> Frames:
    """Stem of each frame, such as S001_002_00000003: the frame and its true landmarks in it.

    Faces stand at another whole pixel in each frame.
    """
    made: Frames = {}
    place = np.random.default_rng(3)
    for subject in range(1, SUBJECTS + 1):
        for sequence, emotion in enumerate(CODES, start=1):
            for number in range(1, LENGTH + 1):
                image, points = _face(subject, emotion, number)
                x, y = place.integers(40, 320, 2)
                frame = np.full(FRAME, 90, np.uint8)
                frame[y : y + SIZE, x : x + SIZE] = image
                made[f"S{subject:03}_{sequence:03}_{number:08}"] = frame, points + np.array([x, y])
    return made


@cache
def official_tree() -> dict[str, bytes]:
    """Path -> content; one sequence of the first subject has no emotion file, as 266 of CK+."""
    tree = {}
    for stem, (frame, points) in frames().items():
        folder = stem[:8].replace("_", "/")
        text = "".join(f"   {x:.7e}   {y:.7e}\n" for x, y in points)
        tree[f"cohn-kanade-images/{folder}/{stem}.png"] = encode(frame, compress_level=1)
        tree[f"Landmarks/{folder}/{stem}_landmarks.txt"] = text.encode()
        if stem.endswith(f"{LENGTH:08}"):
            code = list(CODES.values())[int(stem[5:8]) - 1]
            tree[f"Emotion/{folder}/{stem}_emotion.txt"] = f"   {code:.7e}\n".encode()
    for path in [path for path in tree if "/S001/001/" in path and "Emotion" not in path]:
        tree[path.replace("001/001", "001/009").replace("S001_001", "S001_009")] = tree[path]
    return tree
