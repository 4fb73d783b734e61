"""Rows of a dataset divided into training, validation and test."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ferbook.data.faces import UNKNOWN, Faces
from ferbook.errors import InputError

Rows = NDArray[np.int64]

PROTOCOLS = (
    "official",
    "official-unique",
    "random-80-10-10",
    "random-80-10-10-unique",
    "folds-<k>-subject",
    "folds-<k>-subject-unique",
    "folds-<k>-sequence",
    "folds-<k>-frame",
)
UNIQUE = "-unique"


@dataclass(frozen=True, eq=False)
class Split:
    """Ascending row numbers of three disjoint parts."""

    protocol: str
    train: Rows
    validation: Rows
    test: Rows


def make_split(faces: Faces, protocol: str, seed: int = 0, fold: int | None = None) -> Split:
    """The three parts of `faces` under `protocol`, one of `PROTOCOLS`.

    `official`: Training, PublicTest, PrivateTest. `random-80-10-10`: drawn with `seed`, each part
    with the emotions' shares of the whole. `folds-<k>-subject`: fold `fold` (0 to k-1) of k is the
    test part, the next one validation; no subject is in two folds; `seed` shuffles subjects.
    `folds-<k>-sequence` and `folds-<k>-frame` keep only sequences or nothing together: they let a
    person into training and test, and are here to measure what that is worth.
    With `-unique` no exact pixel copy is in two parts: `official` drops the copies from training,
    then validation; the others keep copies together.
    """
    base = protocol.removesuffix(UNIQUE)
    unique = protocol.endswith(UNIQUE)
    folds = re.fullmatch(r"folds-([1-9]\d*)-(subject|sequence|frame)", base)
    if (folds is not None) != (fold is not None):
        raise InputError(f"split {protocol}: a fold goes with folds and only with them")
    if base == "official":
        parts = _official(faces, unique)
    elif base == "random-80-10-10":
        parts = _random(faces, unique, seed)
    elif folds is not None and fold is not None:
        parts = _folds(faces, int(folds[1]), folds[2], fold, unique, seed)
    else:
        raise InputError(f"no split '{protocol}'; there are {', '.join(PROTOCOLS)}")
    _check_classes(faces, protocol, parts)
    return Split(protocol, *(np.sort(part).astype(np.int64) for part in parts))


def duplicate_groups(images: NDArray[np.uint8]) -> NDArray[np.int32]:
    """(N,) a number for each group of exact pixel copies, counted in order of first appearance."""
    return numbered(digest(image) for image in images)


def digest(image: NDArray[np.uint8]) -> bytes:
    """16 bytes that two images share only if they have the same shape and pixels."""
    from hashlib import blake2b

    return blake2b(image.tobytes(), digest_size=16, person=repr(image.shape).encode()[:16]).digest()


def numbered(keys: Iterable[Hashable]) -> NDArray[np.int32]:
    """(N,) a number for each group of equal keys, counted in order of first appearance."""
    seen: dict[Hashable, int] = {}
    return np.array([seen.setdefault(key, len(seen)) for key in keys], dtype=np.int32)


def _official(faces: Faces, unique: bool) -> list[Rows]:
    if undeclared := int((faces.split == UNKNOWN).sum()):
        raise InputError(
            f"split official: {undeclared:,} of {len(faces):,} faces of {faces.name} do not say"
            " to which official part they belong; random-80-10-10 needs none"
        )
    train, validation, test = (np.flatnonzero(faces.split == part) for part in range(3))
    if unique:
        group = duplicate_groups(faces.images)
        validation = validation[~np.isin(group[validation], group[test])]
        later = np.concatenate([validation, test])
        train = train[~np.isin(group[train], group[later])]
    return [train, validation, test]


def _random(faces: Faces, unique: bool, seed: int) -> list[Rows]:
    """Stratified draws of faces, or (`unique`) of groups of copies by their first face's label."""
    from sklearn.model_selection import train_test_split

    group = duplicate_groups(faces.images) if unique else np.arange(len(faces), dtype=np.int32)
    _, first = np.unique(group, return_index=True)
    labels = faces.labels[first]
    try:
        train, rest = train_test_split(
            np.arange(len(first)), train_size=0.8, stratify=labels, random_state=seed
        )
        validation, test = train_test_split(
            rest, train_size=0.5, stratify=labels[rest], random_state=seed
        )
    except ValueError as error:  # too few faces of a class for three parts
        raise InputError(f"split random-80-10-10 of {len(faces)} faces: {error}") from None
    return [np.flatnonzero(np.isin(group, part)) for part in (train, validation, test)]


def _folds(faces: Faces, k: int, unit: str, fold: int, unique: bool, seed: int) -> list[Rows]:
    """Folds that keep each subject, each sequence or (frame) nothing together."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    if not 0 <= fold < k or k < 3:
        raise InputError(f"fold {fold} of {k}: folds count from 0 and there must be three or more")
    group = {"subject": faces.subject, "sequence": faces.sequence}.get(unit)
    if group is None:
        group = np.arange(len(faces), dtype=np.int32)
    if unnamed := int((group < 0).sum()):
        raise InputError(
            f"split folds-{k}-{unit}: {unnamed:,} faces of {faces.name} name no {unit}"
        )
    together = _joined(faces, group) if unique else group
    if (there := len(np.unique(together))) < k:
        raise InputError(f"split folds-{k}-{unit}: {faces.name} has only {there} separate {unit}s")
    apart = np.zeros(len(faces)), faces.labels
    try:
        if unit == "frame" and not unique:
            drawn = StratifiedKFold(k, shuffle=True, random_state=seed).split(*apart)
        else:
            drawn = StratifiedGroupKFold(k, shuffle=True, random_state=seed).split(*apart, together)
        parts = [part for _, part in drawn]
    except ValueError as error:  # a class with fewer faces than folds
        raise InputError(f"split folds-{k}-{unit} of {len(faces)} faces: {error}") from None
    test, validation = parts[fold], parts[(fold + 1) % k]
    return [
        np.setdiff1d(np.arange(len(faces)), np.concatenate([validation, test])),
        validation,
        test,
    ]


def _joined(faces: Faces, group: NDArray[np.int32]) -> NDArray[np.int32]:
    """Subjects or sequences, those that share an exact copy counted as one."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    _, subject = np.unique(group, return_inverse=True)
    copies = duplicate_groups(faces.images) + subject.max() + 1
    size = int(copies.max()) + 1
    links = coo_array((np.ones(len(faces)), (subject, copies)), shape=(size, size))
    joined: NDArray[np.int32] = connected_components(links, directed=False)[1][subject]
    return joined


def _check_classes(faces: Faces, protocol: str, parts: list[Rows]) -> None:
    """Every emotion that the dataset has must be in every part: a score needs it."""
    there = np.unique(faces.labels)
    for name, part in zip(("training", "validation", "test"), parts, strict=True):
        if len(absent := np.setdiff1d(there, faces.labels[part])):
            emotions = ", ".join(faces.emotions[label] for label in absent)
            raise InputError(f"split {protocol}: no {emotions} in the {name} part")
