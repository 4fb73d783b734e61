"""What a run is trained and scored on: faces, landmarks, class indices, parts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ferbook.data.faces import SPLITS, Faces
from ferbook.data.splits import make_split
from ferbook.emotions import EMOTIONS
from ferbook.errors import InputError
from ferbook.study.recipe import RECIPES
from ferbook.vision import landmarks as landmark_finder
from ferbook.vision.landmarks import Landmarks

if TYPE_CHECKING:
    from ferbook.study.experiments import Run
    from ferbook.vision.augment import Geometry

Rows = NDArray[np.int64]
#: A sin, not a protocol: faces are doubled first, by the paper's augmentation whatever the recipe,
#: and split at random then.
AUGMENTED_FIRST = "augmented-80-10-10"


@dataclass(frozen=True, eq=False)
class Material:
    """The images of a run, in most runs those of the dataset itself."""

    faces: Faces  #: the dataset, whole
    found: Landmarks  #: of the dataset
    images: NDArray[np.uint8]  #: (M, 48, 48), what is learnt from
    bare: NDArray[np.uint8]  #: (M, 48, 48), the same without face masks
    masked: NDArray[np.uint8] | None  #: (M, 48, 48), with face masks, where they are asked for
    points: NDArray[np.float32]  #: (M, 68, 2)
    labels: NDArray[np.uint8]  #: (M,), class index of the network
    origin: Rows  #: (M,), the dataset's row that an image shows
    codes: Rows  #: (classes,), the dataset's label code of each class index
    rows: dict[str, Rows]  #: "train", "validation", "test": ascending rows of `images`


@lru_cache(maxsize=3)
def open_dataset(name: str) -> tuple[Faces, Landmarks]:
    """A registered dataset, or `synthetic-N`, with its landmarks."""
    kind, _, count = name.partition("-")
    if kind == "synthetic":
        from ferbook.data.synthetic import draw

        if not count.isdigit() or int(count) < 7:
            raise InputError(f"dataset {name!r}: expected synthetic-N with N of 7 or more")
        faces = draw(int(count), seed=2013)
    else:
        from ferbook.data.store import open_faces

        faces = open_faces(name)
    return faces, landmark_finder.of(faces)


def gather(run: Run) -> Material:
    """Everything that `run` needs of its dataset, split, and restricted to its emotions."""
    faces, found = open_dataset(run.dataset)
    codes = class_codes(faces, run.emotions)
    index = np.zeros(len(faces.emotions), np.uint8)
    index[codes] = np.arange(len(codes))
    points = placed(found, run.undetected)
    images, origin = faces.images, np.arange(len(faces))
    if run.split == AUGMENTED_FIRST:
        images, points = _doubled(images, points, RECIPES["chew"].geometry, run.seed)
        origin = np.tile(origin, 2)
    masked = None
    if run.wears_masks:
        from ferbook.vision import facemasks

        masked = facemasks.masked(faces, found)
    return Material(
        faces=faces,
        found=found,
        images=masked if run.faces == "masked" and masked is not None else images,
        bare=images,
        masked=masked,
        points=points,
        labels=index[faces.labels][origin],
        origin=origin,
        codes=codes,
        rows=_parts(run, faces, found, origin, codes),
    )


def classes_of(material: Material) -> dict[str, int]:
    """The argument of a network that does not tell all seven emotions apart."""
    classes = len(material.codes)
    return {} if classes == len(EMOTIONS) else {"classes": classes}


def class_codes(faces: Faces, emotions: tuple[str, ...] | None) -> Rows:
    """Label codes of the emotions to be told apart: those named, else all that the dataset has.

    A dataset that lists more emotions than it holds (CK+ without first frames has no neutral) is
    told apart by those that it holds.
    """
    if emotions is None:
        there = np.bincount(faces.labels, minlength=len(faces.emotions)) > 0
        return np.flatnonzero(there) if len(faces.emotions) > len(EMOTIONS) else np.arange(7)
    for name in emotions:
        if name not in faces.emotions:
            raise InputError(f"emotion {name!r}: {faces.name} has {', '.join(faces.emotions)}")
    codes = np.array([faces.emotions.index(name) for name in emotions])
    if len(absent := np.setdiff1d(codes, faces.labels)):
        raise InputError(f"{faces.name} holds no face that is {faces.emotions[absent[0]]}")
    return codes


def placed(found: Landmarks, undetected: str) -> NDArray[np.float32]:
    """Landmarks as the network gets them (assumption A9)."""
    if undetected == "zero":  # far outside the frame: an empty heatmap
        return np.where(found.detected[:, None, None], found.points, np.float32(-1e4))
    return found.points


def shared_rows(faces: Faces) -> Rows:
    """Where another dataset's networks are scored: its test part, or all of it where it has none,
    without the emotions that only one of FER2013 and CK+ has."""
    kept = np.isin(faces.labels, shared_codes())
    private = faces.split == SPLITS.index("private")
    return np.flatnonzero(kept & private if private.any() else kept)


def shared_codes() -> Rows:
    """Codes of the six emotions that FER2013 and the 981-image form of CK+ share."""
    return np.array([code for code, name in enumerate(EMOTIONS) if name != "neutral"])


def _parts(run: Run, faces: Faces, found: Landmarks, origin: Rows, codes: Rows) -> dict[str, Rows]:
    kept = np.flatnonzero(np.isin(faces.labels[origin], codes))
    protocol = "random-80-10-10" if run.split == AUGMENTED_FIRST else run.split
    split = make_split(faces.take(origin[kept]), protocol, seed=run.seed, fold=run.fold)
    rows = {part: kept[getattr(split, part)] for part in ("train", "validation", "test")}
    if run.undetected == "drop":
        rows = {part: index[found.detected[origin[index]]] for part, index in rows.items()}
    return rows


def _doubled(
    images: NDArray[np.uint8], points: NDArray[np.float32], geometry: Geometry, seed: int
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Each face and one random variation of it, as a study has it that augments on disk."""
    import torch

    from ferbook.vision import augment

    generator = torch.Generator().manual_seed(seed)
    pictures, marks = [images], [points]
    for start in range(0, len(images), 1024):
        part = torch.from_numpy(np.array(images[start : start + 1024])).unsqueeze(1).float()
        maps, flipped = augment.draw(geometry, len(part), generator, images.shape[-1])
        moved = augment.apply(part, torch.from_numpy(points[start : start + 1024]), maps, flipped)
        pictures.append(moved[0].round().to(torch.uint8).squeeze(1).numpy())
        marks.append(moved[1].numpy())  # type: ignore[union-attr]
    return np.concatenate(pictures), np.concatenate(marks)
