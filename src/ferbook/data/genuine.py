"""Judges how genuine a copy of FER2013 is, and brings a complete one into the official order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferbook.data.faces import SPLITS, UNKNOWN, Faces, fingerprint
from ferbook.data.jpeg import was_jpeg
from ferbook.data.recognition import recognise
from ferbook.data.reference import PHOTOMETRY_STEPS, describe, load
from ferbook.data.splits import duplicate_groups
from ferbook.emotions import EMOTIONS
from ferbook.errors import InputError

#: An equalised image has uniform grey levels: mean 127.5, standard deviation 255 / sqrt(12).
EQUALISED = (127.5, 73.6)
#: What JPEG does to an image is less (quality 50: sharpness x 0.92, mean and contrast unchanged).
BLURRED = np.log(0.87)
SHARPENED = np.log(1.2)
#: Least share of recognised images, to be called a copy of FER2013: of other faces, which are alike
#: by chance, it is 0.03 (CK+), of FER2013 mirrored 0.01, of eight variants of each image 0.12.
LEAST = 0.1
ENOUGH = 5  # recognised images, to speak of their look as a whole
SHIFTED = 3.0  # grey levels of mean, and of contrast

#: Titles of the official parts, as the challenge names them.
TITLES = {"train": "Training", "public": "PublicTest", "private": "PrivateTest"}


@dataclass(frozen=True)
class _Copy:
    """A copy beside the reference: what each face is and how it looks."""

    faces: Faces
    row: NDArray[np.int64]  #: (N,) official row, -1 where the face is none
    seen: NDArray[np.uint8]  #: (N, 3) photometry
    lossy: bool  #: some file is a JPEG


def judge(faces: Faces, least: float = 0.0) -> Faces:
    """`faces` with their judgement, and in the order of the official csv if all of it is there.

    `judgement` holds `verdict` (genuine, recompressed or altered), `ways` (what was altered),
    `per_split` with the same for each part and its faces per emotion, given and official, and
    `content`, a digest of which official images are there and in which photometric state: the
    same for a lossless and a recompressed copy, another one after equalisation or blur.
    InputError if a smaller share than `least` of the faces is FER2013's.
    """
    descriptor, seen = describe(faces.images)
    row = recognise(faces, descriptor, seen)
    if (share := float((row >= 0).mean())) < least:
        raise InputError(
            f"no copy of FER2013: of {len(faces):,} images {share:.0%} are FER2013's, expected"
            f" {least:.0%} or more (see book/data.md)"
        )
    if len(faces) == len(load().labels) and row.min() >= 0:
        order = np.argsort(row)
        faces, row, seen = faces.take(order), row[order], seen[order]
        whole = fingerprint(faces.images, faces.labels, faces.split)
        faces = replace(faces, fingerprint=whole)
    containers = faces.judgement.get("containers", {})
    copy = _Copy(faces, row, seen, "JPEG" in containers)
    return replace(faces, judgement={**_judgement(copy), "containers": containers})


def _judgement(copy: _Copy) -> dict[str, Any]:
    parts = [part for part in SPLITS if part in TITLES or (copy.faces.split == UNKNOWN).any()]
    per_split = {part: _judge_part(copy, SPLITS.index(part)) for part in parts}
    verdicts = {part["verdict"] for part in per_split.values()}
    return {
        "verdict": next(v for v in ("altered", "recompressed", "genuine") if v in verdicts),
        "ways": list(dict.fromkeys(way for part in per_split.values() for way in part["ways"])),
        "per_split": per_split,
        "content": _content(copy, per_split),
        "distinct": int(duplicate_groups(copy.faces.images).max()) + 1,
    }


def _judge_part(copy: _Copy, part: int) -> dict[str, Any]:
    inside = copy.faces.split == part
    given = np.bincount(copy.faces.labels[inside], minlength=len(EMOTIONS))
    known = load()
    official = np.bincount(known.labels[known.split == part], minlength=len(EMOTIONS))
    look = _look(copy, inside)
    ways = [*_membership(copy, part), *_labels(copy, inside, given, official), *look]
    lossy = bool(inside.any()) and (copy.lossy or was_jpeg(copy.faces.images[inside]))
    return {
        "verdict": "altered" if ways else "recompressed" if lossy else "genuine",
        "ways": ways,
        "look": look,
        "recompressed": lossy,
        "faces": int(inside.sum()),
        "counts": {e: [int(given[i]), int(official[i])] for i, e in enumerate(EMOTIONS)},
        "grey": grey_levels(copy.faces.images[inside]),
    }


def _membership(copy: _Copy, part: int) -> list[str]:
    """Images of the official part that are gone, or stand in another part of the copy."""
    if part == UNKNOWN:
        return []
    title = TITLES[SPLITS[part]]
    split_of = np.full(len(load().labels), -1)
    split_of[copy.row[copy.row >= 0]] = copy.faces.split[copy.row >= 0]
    found = split_of[load().split == part]
    ways = []
    if lost := int((found < 0).sum()):
        ways.append(f"images lost: {lost:,} of {len(found):,} in {title}")
    for other, name in enumerate(SPLITS):
        if other != part and (moved := int((found == other).sum())):
            where = "no declared part" if other == UNKNOWN else TITLES[name]
            ways.append(f"splits merged: {moved:,} of {title} in {where}")
    return ways


def _labels(
    copy: _Copy, inside: NDArray[np.bool_], given: NDArray[np.int64], official: NDArray[np.int64]
) -> list[str]:
    """Changed labels, multiplied classes, and other images that FER2013 does not have."""
    row, labels = copy.row[inside], copy.faces.labels[inside]
    ways = []
    if changed := int((load().labels[row] != labels)[row >= 0].sum()):
        ways.append(f"labels changed: {changed:,}")
    added = np.bincount(labels[row < 0], minlength=len(EMOTIONS))
    for label, emotion in enumerate(EMOTIONS):
        if official[label] and added[label] and given[label] > 1.2 * official[label]:
            ways.append(f"{emotion} multiplied: {given[label]:,} for {official[label]:,}")
            added[label] = 0
    if added.any():
        ways.append(f"images added: {added.sum():,} that are not in FER2013")
    return ways


def _look(copy: _Copy, inside: NDArray[np.bool_]) -> list[str]:
    """How the recognised images of a part differ from the official ones, as a whole."""
    here = inside & (copy.row >= 0)
    if here.sum() < ENOUGH:
        return []
    now = copy.seen[here] / PHOTOMETRY_STEPS
    then = load().photometry[copy.row[here]] / PHOTOMETRY_STEPS
    change = np.abs(now - then)[:, :2] > SHIFTED
    uniform = (np.abs(now[:, :2] - EQUALISED) < 6).all(1).mean()
    # sharpness rises and falls with contrast, and blur takes a little of the contrast with it
    relative = [look[:, 2] - np.log1p(look[:, 1]) for look in (now, then)]
    sharper = float(np.median(relative[0] - relative[1]))
    shifted = (change[:, 0] if sharper < BLURRED else change.any(1)).mean() > 0.25
    ways = []
    if shifted:
        ways.append("histogram-equalised" if uniform > 0.5 else "brightness or contrast changed")
    if sharper < BLURRED:
        ways.append("blurred or resized")
    elif sharper > SHARPENED:
        ways.append("sharpened or noise added")
    return ways


def grey_levels(images: NDArray[np.uint8]) -> list[float] | None:
    """Mean and standard deviation over all pixels, None where there are none."""
    return [round(float(images.mean()), 2), round(float(images.std()), 2)] if len(images) else None


def _content(copy: _Copy, per_split: dict[str, dict[str, Any]]) -> str:
    digest = sha256(np.sort(copy.row[copy.row >= 0]).astype("<i8").tobytes())
    digest.update(repr([part["look"] for part in per_split.values()]).encode())
    return digest.hexdigest()
