"""Dataset cards: what the book needs to know of a dataset that cannot be shipped.

`results/datasets/<name>-<first 8 digits of the fingerprint>/` holds `card.json` (name, fingerprint,
judgement, detector settings) and `card.npz`: label, official split, subject, exact-duplicate group,
detection and landmark box of every image, and, of a relabelled dataset, its row in the original.
With it, tables and figures are computed from predictions on any machine. FER2013 cards carry 21
thumbnails as figure material; CK+ cards never carry pixels.
"""

from __future__ import annotations

import io
import json
import os
import shutil
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferbook import paths
from ferbook.data.faces import SPLITS, Faces
from ferbook.data.store import open_faces
from ferbook.errors import InputError
from ferbook.vision.landmarks import Detector, Landmarks

#: Datasets whose faces may be shown.
SHOWN = ("fer2013", "synthetic")
PER_CLASS = 3  #: thumbnails per emotion


@dataclass(frozen=True, eq=False)
class Card:
    """A dataset without its images: N rows in the store's order."""

    name: str
    fingerprint: str
    emotions: tuple[str, ...]
    judgement: dict[str, Any]
    detector: str
    labels: NDArray[np.uint8]  #: (N,), index into `emotions`
    split: NDArray[np.uint8]  #: (N,), index into SPLITS
    subject: NDArray[np.int32]  #: (N,), -1 where unknown
    sequence: NDArray[np.int32]  #: (N,), -1 where unknown
    duplicate_group: NDArray[np.int32]  #: (N,), equal for exact copies of one image
    detected: NDArray[np.bool_]  #: (N,), a face was found by the detector itself
    framed: NDArray[np.bool_]  #: (N,), ... whose box overlaps the frame with IoU >= 0.4
    thumbnails: dict[str, NDArray[Any]]  #: rows (21,), images (21, 48, 48), landmarks (21, 68, 2)
    parent: NDArray[np.int32] | None = None  #: (N,), rows of the dataset whose faces these are

    def __len__(self) -> int:
        return len(self.labels)

    def counts(self) -> dict[str, NDArray[np.int64]]:
        """Images per emotion, for each official split that the dataset has."""
        return {
            name: np.bincount(self.labels[self.split == code], minlength=len(self.emotions))
            for code, name in enumerate(SPLITS)
            if (self.split == code).any()
        }


def write_card(
    root: Path,
    faces: Faces,
    landmarks: Landmarks,
    detector: str = Detector().key,
) -> Path:
    """Write the card of `faces` below `root` unless it is there; returns its folder."""
    from ferbook.data.splits import duplicate_groups

    folder = _folder(root, faces.name, faces.fingerprint)
    if folder.exists():
        return folder
    arrays: dict[str, NDArray[Any]] = {
        "labels": np.asarray(faces.labels),
        "split": np.asarray(faces.split),
        "subject": np.asarray(faces.subject),
        "sequence": np.asarray(faces.sequence),
        "duplicate_group": duplicate_groups(faces.images),
        "detected": landmarks.detected,
        "framed": landmarks.detected & (landmarks.frame_iou(faces.images.shape[-1]) >= 0.4),
    }
    if "faces_of" in faces.judgement:
        arrays["parent"] = _rows_in_parent(faces)
    if faces.name in SHOWN:
        rows = thumbnail_rows(faces, landmarks)
        arrays["thumbnail.rows"] = rows
        arrays["thumbnail.images"] = np.asarray(faces.images[rows])
        arrays["thumbnail.landmarks"] = landmarks.points[rows]
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    about = {
        "name": faces.name,
        "fingerprint": faces.fingerprint,
        "emotions": list(faces.emotions),
        "judgement": faces.judgement,
        "detector": detector,
        "card.npz": sha256(buffer.getvalue()).hexdigest(),
    }
    scratch = paths.scratch(folder)
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    (scratch / "card.npz").write_bytes(buffer.getvalue())
    (scratch / "card.json").write_text(json.dumps(about, indent=1) + "\n")
    try:
        os.replace(scratch, folder)
    except OSError:  # another run wrote the same card meanwhile
        shutil.rmtree(scratch, ignore_errors=True)
    return folder


def cards(root: Path) -> list[Card]:
    """All cards below `root`, in the order of their folders' names."""
    return [_read(file.parent) for file in sorted(root.glob("[!.]*/card.json"))]


def open_card(root: Path, name: str, fingerprint: str) -> Card:
    card = _read(_folder(root, name, fingerprint))
    if card.fingerprint != fingerprint:
        raise InputError(f"{_folder(root, name, fingerprint)}: the card of another copy of {name}")
    return card


def _folder(root: Path, name: str, fingerprint: str) -> Path:
    return root / f"{name}-{fingerprint[:8]}"


@lru_cache(maxsize=16)
def _read(folder: Path) -> Card:
    try:
        about = json.loads((folder / "card.json").read_text())
        content = (folder / "card.npz").read_bytes()
        if sha256(content).hexdigest() != about["card.npz"]:
            raise InputError(f"{folder / 'card.npz'}: not the file that card.json sealed")
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            arrays = {key: stored[key] for key in stored.files}
        return _card(about, arrays)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder}: not a readable dataset card ({error})") from error


def _card(about: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Card:
    thumbnails = {
        key.removeprefix("thumbnail."): arrays.pop(key)
        for key in list(arrays)
        if key.startswith("thumbnail.")
    }
    return Card(
        about["name"],
        about["fingerprint"],
        tuple(about["emotions"]),
        about["judgement"],
        about["detector"],
        **arrays,
        thumbnails=thumbnails,
    )


def _rows_in_parent(faces: Faces) -> NDArray[np.int32]:
    """(N,) where each face stands in the registered fer2013 that was relabelled."""
    parent = open_faces("fer2013")
    if parent.fingerprint != faces.judgement["faces_of"]:
        raise InputError(
            f"{faces.name}: relabels another copy of fer2013 than the registered one;"
            f" register it again with: ferbook data add {faces.name}"
        )
    order = np.argsort(parent.source)
    found = order[np.searchsorted(parent.source, faces.source, sorter=order)]
    assert np.array_equal(parent.source[found], faces.source), "every face has its source there"
    return found.astype(np.int32)


def thumbnail_rows(faces: Faces, landmarks: Landmarks) -> NDArray[np.int64]:
    """Three faces of each emotion, drawn by a fixed seed from those the detector is sure of."""
    generator = np.random.default_rng(2013)
    iou = landmarks.frame_iou(faces.images.shape[-1])
    rows = []
    for code in range(len(faces.emotions)):
        sure = np.flatnonzero((faces.labels == code) & landmarks.detected & (iou >= 0.4))
        rows.append(generator.choice(sure, min(PER_CLASS, len(sure)), replace=False))
    return np.concatenate(rows).astype(np.int64)
