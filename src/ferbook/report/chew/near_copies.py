"""Leaks made visible without training a network: nearest neighbours, live, in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ferbook.data.faces import Faces, fingerprint
from ferbook.errors import InputError

#: From the honest folds to those that part neighbouring frames.
UNITS = ("subject", "sequence", "frame")
#: Of the four sequences of a drawn person; more are not needed to make the point.
SHOWN = ("happy", "surprise", "sad")
FRAMES = 3  #: a sequence, as in the 981-image form of CK+


def filmed(dataset: str, people: int, seed: int = 0) -> Faces:
    """Faces in short sequences: drawn ones, `people` of them, or all of a registered CK+.

    A drawn person is filmed in one session: same light, camera and background, an expression that
    grows to its peak over `FRAMES` frames, and noise of the camera anew in each.
    """
    if dataset != "synthetic":
        from ferbook.data.store import open_faces

        faces = open_faces(dataset)
        if (faces.sequence < 0).all():
            raise InputError(f"dataset {dataset!r}: its faces come in no sequences")
        return faces
    takes = [
        (person, emotion, frame)
        for person in range(people)
        for emotion in range(len(SHOWN))
        for frame in range(FRAMES)
    ]
    images = np.stack([_frame(seed, *take) for take in takes])
    person, emotion, _ = np.array(takes).T
    labels = emotion.astype(np.uint8)
    unknown = np.full(len(takes), 3, np.uint8)
    return Faces(
        name="synthetic",
        images=images,
        labels=labels,
        split=unknown,
        subject=person.astype(np.int32),
        sequence=(person * len(SHOWN) + emotion).astype(np.int32),
        source=np.array([f"film/{seed}/{i}" for i in range(len(takes))], np.bytes_),
        fingerprint=fingerprint(images, labels, unknown),
        emotions=SHOWN,
    )


def nearest(faces: Faces, folds: int, seed: int = 0) -> pd.DataFrame:
    """For each face as a test face under each kind of fold: how far its nearest training face is.

    Columns: `folds by`, `distance` (root mean square, grey levels), `same person`,
    `same sequence`, `same emotion` (of that nearest face).
    """
    from ferbook.data.splits import make_split

    gaps = _distances(faces.images)
    found = []
    for unit in UNITS:
        for fold in range(folds):
            split = make_split(faces, f"folds-{folds}-{unit}", seed, fold)
            among = gaps[np.ix_(split.test, split.train)]
            twin = split.train[among.argmin(axis=1)]
            same = {
                "same person": faces.subject[twin] == faces.subject[split.test],
                "same sequence": faces.sequence[twin] == faces.sequence[split.test],
                "same emotion": faces.labels[twin] == faces.labels[split.test],
            }
            found.append(pd.DataFrame({"folds by": unit, "distance": among.min(axis=1), **same}))
    return pd.concat(found, ignore_index=True)


def nearest_sentence(found: pd.DataFrame) -> str:
    """What the distances say, computed."""
    by = found.groupby("folds by", sort=False)
    gap, own = by["distance"].median(), by[["same person", "same sequence", "same emotion"]].mean()
    parts = [
        f"by {unit} {gap[unit]:.0f} grey levels (the same person for {own['same person'][unit]:.0%}"
        f", the same sequence for {own['same sequence'][unit]:.0%})"
        for unit in gap.index
    ]
    repeated = ", ".join(f"{own['same emotion'][unit]:.0%} by {unit}" for unit in gap.index)
    return (
        f"Median distance of a test face from its nearest training face: {'; '.join(parts)}. "
        f"Repeating that neighbour's emotion, which needs no learning, is right for {repeated}."
    )


def leak_of_noise(
    images: NDArray[np.uint8], strengths: Sequence[float], repeats: int = 10, seed: int = 0
) -> pd.DataFrame:
    """Labels drawn by lot, of which nothing can be learnt, yet which a leak lets one know.

    Each image is varied once, at each share of the ranges of section 4.4; a fifth is then the test
    part, either of all pictures shuffled ("augmented, then split") or of the images, with their
    variations ("split, then augmented"). The answer is the label of the nearest training picture.
    Columns: `order`, `strength`, `accuracy`, one row a repeat; chance is one seventh.
    """
    rows = []
    for strength in strengths:
        pictures = np.concatenate([images, _varied(images, strength, seed)])
        gaps = _distances(pictures)
        origin = np.tile(np.arange(len(images)), 2)
        for repeat in range(repeats):
            dice = np.random.default_rng([seed, repeat])
            labels = dice.integers(0, 7, len(images))[origin]
            shuffled = dice.permutation(len(pictures))
            first = dice.permutation(len(images))[: len(images) // 5]
            tests = {
                "augmented, then split": shuffled[: len(pictures) // 5],
                "split, then augmented": np.flatnonzero(np.isin(origin, first)),
            }
            for order, test in tests.items():
                train = np.setdiff1d(np.arange(len(pictures)), test)
                twin = train[gaps[np.ix_(test, train)].argmin(axis=1)]
                accuracy = float((labels[twin] == labels[test]).mean())
                rows.append({"order": order, "strength": strength, "accuracy": accuracy})
    return pd.DataFrame(rows)


def noise_sentence(found: pd.DataFrame) -> str:
    """What the demonstration says at its mildest and its strongest augmentation, computed."""
    mean = found.groupby(["order", "strength"])["accuracy"].mean()
    leaking, honest = mean["augmented, then split"], mean["split, then augmented"]
    mildest, strongest = leaking.index.min(), leaking.index.max()
    return (
        f"Labels without meaning, and yet {leaking[mildest]:.0%} right at {mildest:g} times the "
        f"printed ranges and {leaking[strongest]:.0%} at {strongest:g} times, where splitting "
        f"first gives {honest.min():.0%} to {honest.max():.0%} (chance: {1 / 7:.0%})."
    )


def _frame(seed: int, person: int, emotion: int, frame: int) -> NDArray[np.uint8]:
    """One picture of a sequence; of expressions only the emotion's own action units grow."""
    from ferbook.data.face_rendering import render_face
    from ferbook.data.synthetic import sample
    from ferbook.emotions import EMOTIONS

    session = sample(seed, person * len(EMOTIONS))
    peak = sample(seed, person * len(EMOTIONS) + EMOTIONS.index(SHOWN[emotion])).expression
    share = (frame + 8) / (FRAMES + 7)  # the last frames before and at the peak
    grown = replace(peak, units={unit: share * full for unit, full in peak.units.items()})
    dice = np.random.default_rng([seed, 2, person, emotion])
    turned = dice.normal(0, 0.7, 2) + np.random.default_rng([seed, 3, frame]).normal(0, 0.1, 2)
    x, y = session.pose.shift
    pose = replace(session.pose, shift=(x + turned[0], y + turned[1]))
    still = replace(session.camera, noise=0.0)
    face = replace(session, expression=grown, pose=pose, camera=still)
    noise = np.random.default_rng([seed, 4, person, emotion, frame]).normal(0, 3, (48, 48))
    return np.clip(np.rint(render_face(face)[0] + noise), 0, 255).astype(np.uint8)


def _varied(images: NDArray[np.uint8], strength: float, seed: int) -> NDArray[Any]:
    """Each image after one random map of Chew's section 4.4, its ranges times `strength`."""
    import torch

    from ferbook.study.recipe import recipe
    from ferbook.vision import augment

    full = recipe("chew").geometry
    low, high = full.zoom
    geometry = augment.Geometry(
        rotation=strength * full.rotation,
        translation=strength * full.translation,
        zoom=(1 - strength * (1 - low), 1 + strength * (high - 1)),
        flip=full.flip,
    )
    maps, flipped = augment.draw(
        geometry, len(images), torch.Generator().manual_seed(seed), images.shape[-1]
    )
    moved, _ = augment.apply(torch.tensor(images).unsqueeze(1).float(), None, maps, flipped)
    return moved.squeeze(1).numpy()


def _distances(images: NDArray[Any]) -> NDArray[np.floating[Any]]:
    """(n, n) root mean square difference of any two images, in grey levels."""
    from scipy.spatial.distance import cdist

    flat = images.reshape(len(images), -1).astype(float)
    return cdist(flat, flat) / np.sqrt(flat.shape[1])
