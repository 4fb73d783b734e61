"""Faces spoilt in every way of `masking`, and what dlib still finds on them (hypothesis H2)."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ferbook import paths
from ferbook.locks import made_once
from ferbook.study.material import Material, Rows
from ferbook.vision.landmarks import Detector, detect
from ferbook.vision.masking import CONDITIONS, Condition, spoil

#: Faces on which the whole list of conditions is measured; more would be dlib's minutes only.
SAMPLE = 1000


def sample(material: Material) -> Rows:
    """Up to SAMPLE rows of the test part, the same for every network that shares the part."""
    rows = material.rows["test"]
    if len(rows) <= SAMPLE:
        return rows
    return np.sort(np.random.default_rng(2013).choice(rows, SAMPLE, replace=False))


def detections(material: Material, rows: Rows) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Landmarks (conditions, n, 68, 2) and whether the detector found the face (conditions, n).

    True landmarks stay where a dataset brings them (synthetic faces): they are carried along.
    """
    images, points, numbers = material.images[rows], material.points[rows], material.origin[rows]
    if material.faces.landmarks is not None:
        carried = [spoil(images, points, condition, numbers)[1] for condition in CONDITIONS]
        return np.stack(carried), np.ones((len(CONDITIONS), len(rows)), bool)
    file = _cache(material, rows)
    made_once(file, lambda: _find(file, images, points, numbers))
    with np.load(file, allow_pickle=False) as stored:
        return stored["points"], stored["detected"]


def cached(material: Material, rows: Rows) -> bool:
    """Whether `detections` needs no dlib: true landmarks are carried along, others were kept."""
    return material.faces.landmarks is not None or _cache(material, rows).exists()


def _cache(material: Material, rows: Rows) -> Path:
    names = ",".join(condition.name for condition in CONDITIONS)
    key = sha256(names.encode() + material.faces.fingerprint.encode())
    key.update(material.images[rows].tobytes())
    return paths.landmark_cache() / f"spoilt-{Detector().key}-{key.hexdigest()[:16]}.npz"


def _find(
    file: Path, images: NDArray[np.uint8], points: NDArray[np.float32], numbers: Rows
) -> None:
    from tqdm import tqdm

    bar = tqdm(CONDITIONS, "dlib on spoilt faces", unit=" ways", disable=None, leave=False)
    found = [_on(images, points, condition, numbers) for condition in bar]
    with paths.whole(file) as beside, beside.open("wb") as stream:
        np.savez(
            stream,
            points=np.stack([part[0] for part in found]),
            detected=np.stack([part[1] for part in found]),
        )


def _on(
    images: NDArray[np.uint8], points: NDArray[np.float32], condition: Condition, numbers: Rows
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    again = detect(spoil(images, points, condition, numbers)[0])
    return again.points, again.detected
