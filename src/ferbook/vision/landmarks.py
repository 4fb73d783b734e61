"""Sixty-eight facial landmarks by dlib: HOG detector, then the 300-W shape predictor (Chew, 4.2).

Coordinates are (x, y) in pixels of the 48 x 48 image; an integer is the centre of a pixel, x grows
to the right and y downwards. 'Left' and 'right' in the names of regions are the person's own.
The predictor was trained on iBUG 300-W, whose licence excludes commercial use.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferbook import paths
from ferbook.data.faces import SPLITS, Faces
from ferbook.errors import InputError
from ferbook.locks import made_once

#: Landmark indices by region, in iBUG's order.
REGIONS: dict[str, range] = {
    "jaw": range(0, 17),
    "right brow": range(17, 22),
    "left brow": range(22, 27),
    "nose": range(27, 36),
    "right eye": range(36, 42),
    "left eye": range(42, 48),
    "mouth": range(48, 68),
}

#: `points[MIRROR]` renames the landmarks of a mirrored face: index i becomes its opposite.
MIRROR = np.array(
    [
        *range(16, -1, -1),  # jaw
        *range(26, 16, -1),  # brows
        *(27, 28, 29, 30, 35, 34, 33, 32, 31),  # nose
        *(45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40),  # eyes
        *(54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55),  # outer lips
        *(64, 63, 62, 61, 60, 67, 66, 65),  # inner lips
    ]
)

CHUNK = 128  #: faces between two files of an unfinished cache; so few that all cores end together


@dataclass(frozen=True)
class Detector:
    """Settings under which dlib finds FER2013's small, tightly cropped faces (assumption A9).

    The image is padded with its border, enlarged, and searched; `threshold` below 0 accepts weaker
    detections than dlib's default and buys false positives with them.
    """

    enlarge: int = 3  #: factor, bicubic
    pad: int = 12  #: pixels of replicated border on each side, before enlarging
    threshold: float = -0.5  #: dlib's adjust_threshold; 0 is its default

    @property
    def key(self) -> str:
        return f"x{self.enlarge}-p{self.pad}-t{self.threshold:g}"


@dataclass(frozen=True, eq=False)
class Landmarks:
    """What dlib says of N faces; where it found none, the predictor was given the whole frame."""

    points: NDArray[np.float32]  #: (N, 68, 2), (x, y) in pixels
    detected: NDArray[np.bool_]  #: (N,), found by the detector itself
    score: NDArray[np.float32]  #: (N,), the detector's confidence, NaN where not detected
    box: NDArray[np.float32]  #: (N, 4), left, top, right, bottom of the face in pixels

    def frame_iou(self, size: int = 48) -> NDArray[np.float32]:
        """(N,) overlap of box and frame, intersection over union; low for false positives."""
        left, top, right, bottom = self.box.T
        clipped = np.clip(np.minimum(right, size) - np.maximum(left, 0), 0, None) * np.clip(
            np.minimum(bottom, size) - np.maximum(top, 0), 0, None
        )
        union = (right - left) * (bottom - top) + size * size - clipped
        return (clipped / union).astype(np.float32)


@lru_cache(maxsize=1)
def _dlib() -> tuple[Any, Any]:
    import dlib

    spec = find_spec("face_recognition_models")  # importing it would need pkg_resources
    if spec is None or spec.origin is None:
        raise InputError("package face_recognition_models, which carries the predictor, is missing")
    model = Path(spec.origin).parent / "models" / "shape_predictor_68_face_landmarks.dat"
    return dlib.get_frontal_face_detector(), dlib.shape_predictor(str(model))


def detect(images: NDArray[np.uint8], settings: Detector = Detector()) -> Landmarks:
    """Landmarks of `images` (N, H, W) uint8, in this process: the strongest face of each image."""
    import cv2
    import dlib

    detector, predictor = _dlib()
    count, height, width = images.shape
    points = np.empty((count, 68, 2), np.float32)
    box = np.empty((count, 4), np.float32)
    score = np.full(count, np.nan, np.float32)
    pad, by = settings.pad, settings.enlarge
    for row, image in enumerate(images):
        large = cv2.copyMakeBorder(np.asarray(image), pad, pad, pad, pad, cv2.BORDER_REPLICATE)
        large = cv2.resize(large, None, fx=by, fy=by, interpolation=cv2.INTER_CUBIC)
        found, scores, _ = detector.run(large, 0, settings.threshold)
        if found:
            best = int(np.argmax(scores))
            face, score[row] = found[best], scores[best]
        else:
            face = dlib.rectangle(pad * by, pad * by, (pad + width) * by, (pad + height) * by)
        shape = predictor(large, face)
        points[row] = [(part.x, part.y) for part in shape.parts()]
        box[row] = (face.left(), face.top(), face.right() + 1, face.bottom() + 1)
    # A pixel centre x of the original lies at by * (x + pad + 0.5) - 0.5 of the enlarged image.
    points = (points + np.float32(0.5)) / np.float32(by) - np.float32(0.5 + pad)
    box = box / np.float32(by) - np.float32(pad)
    return Landmarks(points, ~np.isnan(score), score, box)


def find(
    faces: Faces,
    settings: Detector = Detector(),
    jobs: int | None = None,
) -> Landmarks:
    """Landmarks of a whole dataset, cached under its fingerprint and the detector's settings.

    Works on all cores (or `jobs`), shows a progress bar, and goes on where it was interrupted. Of
    processes that begin at once on a dataset one finds them, the others wait.
    """
    final = _cache_file(faces.fingerprint, settings)
    made_once(final, lambda: _fill(faces, settings, final, jobs or os.cpu_count() or 1))
    return _load(final, len(faces))


def of(faces: Faces, settings: Detector = Detector()) -> Landmarks:
    """The true landmarks where the dataset has them (synthetic faces), else dlib's."""
    if faces.landmarks is None:
        return find(faces, settings)
    count = len(faces)
    low, high = faces.landmarks.min(axis=1), faces.landmarks.max(axis=1)
    return Landmarks(
        faces.landmarks.astype(np.float32),
        np.ones(count, bool),
        np.full(count, np.nan, np.float32),
        np.concatenate([low, high], axis=1).astype(np.float32),
    )


def is_cached(fingerprint: str, settings: Detector = Detector()) -> bool:
    return _cache_file(fingerprint, settings).exists()


def summary(faces: Faces, landmarks: Landmarks) -> str:
    """How many faces the detector found by itself, a split a line, and how many fill the frame."""
    lines = []
    for code, name in enumerate(SPLITS):
        rows = faces.split == code
        if rows.any():
            share = landmarks.detected[rows].mean()
            lines.append(f"{name:8} {int(rows.sum()):6} faces, {share:6.1%} found by the detector")
    share = landmarks.detected.mean()
    framed = (landmarks.frame_iou()[landmarks.detected] >= 0.4).mean()
    lines.append(f"{'all':8} {len(faces):6} faces, {share:6.1%} found by the detector,")
    lines.append(f"of which {framed:.1%} overlap the frame with an IoU of 0.4 or more")
    lines.append("(IoU: area that the detector's box shares with the picture, over that of both;")
    lines.append("where pictures are cut to the face, less may be a false detection)")
    return "\n".join(lines)


def _cache_file(fingerprint: str, settings: Detector) -> Path:
    return paths.landmark_cache() / f"{fingerprint[:16]}-{settings.key}.npz"


def _fill(faces: Faces, settings: Detector, final: Path, jobs: int) -> None:
    from joblib import Parallel, delayed
    from tqdm import tqdm

    partial = _unfinished(final)
    partial.mkdir(parents=True, exist_ok=True)
    starts = range(0, len(faces), CHUNK)
    missing = [start for start in starts if not (partial / f"{start}.npz").exists()]
    work = (
        delayed(_chunk)(start, np.array(faces.images[start : start + CHUNK]), settings)
        for start in missing
    )
    with tqdm(total=len(faces), unit="face", desc=f"landmarks of {faces.name}") as bar:
        bar.update(len(faces) - sum(len(faces.labels[start : start + CHUNK]) for start in missing))
        for start, found in Parallel(n_jobs=jobs, return_as="generator_unordered")(work):
            _save(partial / f"{start}.npz", found)
            bar.update(len(found.points))
    whole = [_load(partial / f"{start}.npz") for start in starts]
    _save(final, Landmarks(*(np.concatenate(parts) for parts in _columns(whole))), small=True)
    for folder in final.parent.glob(f"{final.stem}.partial*"):
        shutil.rmtree(folder)  # with what a killed process had half written


def _unfinished(final: Path) -> Path:
    """The folder of the chunks that are done; chunks of another size are none of its."""
    return final.with_suffix(f".partial-{CHUNK}")


def _chunk(start: int, images: NDArray[np.uint8], settings: Detector) -> tuple[int, Landmarks]:
    return start, detect(images, settings)


def _columns(chunks: list[Landmarks]) -> Iterator[list[NDArray[Any]]]:
    for name in ("points", "detected", "score", "box"):
        yield [getattr(chunk, name) for chunk in chunks]


def _save(file: Path, landmarks: Landmarks, small: bool = False) -> None:
    save = np.savez_compressed if small else np.savez
    with paths.whole(file) as beside, beside.open("wb") as stream:
        save(stream, **{k: getattr(landmarks, k) for k in asdict(landmarks)})


def _load(file: Path, expected: int | None = None) -> Landmarks:
    try:
        with np.load(file, allow_pickle=False) as stored:
            landmarks = Landmarks(*(stored[k] for k in ("points", "detected", "score", "box")))
    except Exception as error:
        raise InputError(f"{file}: not a landmark cache ({error}); delete it and rerun") from error
    if landmarks.points.shape[1:] != (68, 2) or expected not in (None, len(landmarks.points)):
        raise InputError(f"{file}: expected {expected} faces of 68 points; delete it and rerun")
    return landmarks
