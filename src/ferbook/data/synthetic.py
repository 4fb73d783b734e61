"""Synthetic faces: people, expressions, poses and light drawn at random, with their true landmarks.

Face `i` of `draw(n, seed)` depends on `seed` and `i` alone: a longer draw begins with the shorter
one. Faces come in sevens: one person with each of the seven emotions, in the order of `EMOTIONS`.
Of every ten people the second is in the public test, the third in the private, the others train.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ferbook.data.face_geometry import Expression, Identity, Pose, expressed, project
from ferbook.data.face_rendering import Camera, Face, Light, render_face
from ferbook.data.faces import SPLITS, Faces, fingerprint
from ferbook.emotions import EMOTIONS
from ferbook.errors import InputError

Units = Mapping[int, float]
Images = NDArray[np.uint8]
Landmarks = NDArray[np.float32]

#: Action units of each emotion at full intensity (Ekman, Friesen and Hager 2002, EMFACS).
PROTOTYPES: dict[str, Units] = {
    "angry": {4: 1.0, 5: 0.5, 7: 0.8, 23: 0.9},
    "disgust": {9: 1.0, 15: 0.6, 16: 0.6},
    "fear": {1: 0.9, 2: 0.6, 4: 0.5, 5: 1.0, 20: 0.9, 26: 0.4},
    "happy": {6: 0.9, 12: 1.0},
    "sad": {1: 1.0, 4: 0.5, 15: 0.9},
    "surprise": {1: 0.9, 2: 1.0, 5: 0.8, 26: 1.0},
    "neutral": {},
}

# What people add to a prototype: chance, then action units. At most one is added.
_VARIANTS: dict[str, tuple[tuple[float, Units], ...]] = {
    "angry": ((0.3, {10: 0.6, 25: 1.0, 16: 0.5, 26: 0.3}), (0.2, {17: 0.7})),
    "disgust": ((0.35, {10: 0.7, 25: 0.6}), (0.25, {4: 0.5, 7: 0.5}), (0.2, {17: 0.8})),
    "fear": ((0.6, {25: 0.8}), (0.2, {25: 0.6, 27: 0.5})),
    "happy": ((0.6, {25: 1.2, 26: 0.15}), (0.2, {25: 1.0, 26: 0.6})),
    "sad": ((0.3, {17: 0.8}), (0.3, {43: 0.5}), (0.15, {25: 0.5})),
    "surprise": ((0.5, {25: 0.7}), (0.4, {25: 0.5, 27: 0.8})),
    "neutral": ((0.12, {25: 0.5}), (0.1, {43: 0.25}), (0.1, {17: 0.3})),
}
_HAIR = {"short": 0.35, "long": 0.29, "fringe": 0.16, "receding": 0.04, "curly": 0.13, "bald": 0.03}
# Of ten people; the tests come early so that a draw of three people has all parts.
_PART = np.array([SPLITS.index(part) for part in ("train", "public", "private")], np.uint8)
_PART = np.concatenate([_PART, np.full(7, SPLITS.index("train"), np.uint8)])
_MARGIN = 1.0  # pixels of a frame of 48 between any landmark and the border


def expression(emotion: str, intensity: float = 1.0) -> Expression:
    """The prototype of an emotion, its action units scaled by `intensity`."""
    if emotion not in PROTOTYPES:
        raise InputError(f"no emotion {emotion!r}; there are {', '.join(EMOTIONS)}")
    return Expression({unit: intensity * full for unit, full in PROTOTYPES[emotion].items()})


def draw(n: int, seed: int = 0, size: int = 48, jobs: int | None = None) -> Faces:
    """`n` faces of `size` x `size` pixels with landmarks; all emotions equally often.

    `subject` is the person, `split` goes by person, `source` names seed and number of the face.
    `jobs` processes draw the same faces as one does; by default all cores from 4,000 faces on.
    """
    if n < 1 or size < 16 or seed < 0:
        raise InputError(f"draw({n}, seed={seed}, size={size}): n >= 1, seed >= 0, size >= 16")
    images, landmarks = _rendered(n, seed, size, jobs or (1 if n < 4000 else os.cpu_count() or 1))
    number = np.arange(n)
    subject = (number // len(EMOTIONS)).astype(np.int32)
    labels = (number % len(EMOTIONS)).astype(np.uint8)
    split = _PART[subject % len(_PART)]
    source = np.array([f"synthetic/{seed}/{index}" for index in number], np.bytes_)
    return Faces(
        name="synthetic",
        images=images,
        labels=labels,
        split=split,
        subject=subject,
        sequence=np.full(n, -1, np.int32),
        source=source,
        fingerprint=fingerprint(images, labels, split),
        landmarks=landmarks,
    )


def _rendered(n: int, seed: int, size: int, jobs: int) -> tuple[Images, Landmarks]:
    if jobs == 1:
        return _render(range(n), seed, size)
    from joblib import Parallel, delayed

    work = (delayed(_render)(range(k, min(k + 500, n)), seed, size) for k in range(0, n, 500))
    images, landmarks = zip(*Parallel(n_jobs=jobs)(work), strict=True)
    return np.concatenate(images), np.concatenate(landmarks)


def _render(numbers: range, seed: int, size: int) -> tuple[Images, Landmarks]:
    images = np.empty((len(numbers), size, size), np.uint8)
    landmarks = np.empty((len(numbers), 68, 2), np.float32)
    for row, number in enumerate(numbers):
        images[row], landmarks[row] = render_face(sample(seed, number), size)
    return images, landmarks


def sample(seed: int, index: int) -> Face:
    """All parameters of face `index` of a draw with `seed`."""
    subject, label = divmod(index, len(EMOTIONS))
    identity = person(seed, subject)
    random = np.random.default_rng([seed, 1, index])
    face = Face(
        identity,
        _expression(random, EMOTIONS[label]),
        _pose(random),
        _light(random, identity.skin),
        _camera(random),
    )
    return _framed(face)


@lru_cache(maxsize=8)
def person(seed: int, subject: int) -> Identity:
    """Who `subject` of a draw with `seed` is."""
    return _identity(np.random.default_rng([seed, 0, subject]))


def _about(random: Generator, mean: float, deviation: float) -> float:
    """A normal draw, cut at two standard deviations so that no face is a monster."""
    return mean + deviation * min(max(random.standard_normal(), -2.0), 2.0)


def _identity(random: Generator) -> Identity:
    style = str(random.choice(list(_HAIR), p=list(_HAIR.values())))
    skin = random.uniform(0.36, 0.86)
    bearded = style != "long" and random.random() < 0.35
    return Identity(
        face_width=_about(random, 1, 0.05),
        face_length=_about(random, 1, 0.035),
        jaw_width=_about(random, 0.96 if style == "long" else 1.0, 0.05),
        eye_distance=_about(random, 1, 0.04),
        eye_size=_about(random, 1, 0.07),
        eye_tilt=_about(random, 1, 3),
        brow_height=_about(random, 0, 0.5),
        brow_tilt=_about(random, 0, 2.5),
        brow_thickness=_about(random, 0.8 if style == "long" else 1.1, 0.2),
        nose_length=_about(random, 1, 0.05),
        nose_width=_about(random, 1.05, 0.13),
        mouth_width=_about(random, 1, 0.07),
        lip_fullness=_about(random, 1.0, 0.16),
        skin=skin,
        hair=min(random.exponential(0.14) + 0.04, 0.8 * skin),
        hairstyle=style,
        hairline=_about(random, 0, 0.9),
        beard=random.uniform(0.2, 1.0) if bearded else 0.0,
        glasses=random.uniform(0.4, 1.0) if random.random() < 0.12 else 0.0,
        makeup=random.uniform(0.3, 1.0) if style == "long" else random.uniform(0.05, 0.5),
        age=random.uniform(0, 0.8),
        mottling=random.uniform(0.1, 0.6),
    )


def _expression(random: Generator, emotion: str) -> Expression:
    units: dict[int, float] = {}
    overall = random.uniform(0.6, 1.1)
    for unit, full in PROTOTYPES[emotion].items():
        units[unit] = overall * full * random.uniform(0.75, 1.25)
    chance = random.random()
    for share, extra in _VARIANTS[emotion]:
        if 0 <= chance < share:
            units |= {
                u: units.get(u, 0) + full * random.uniform(0.6, 1.1) for u, full in extra.items()
            }
        chance -= share
    # A face is never quite still, and nobody moves by the book.
    for unit in (1, 2, 4, 7, 12, 15, 17, 25):
        units[unit] = units.get(unit, 0.0) + max(0.0, _about(random, -0.04, 0.10))
    units = {unit: min(intensity, 1.15) for unit, intensity in units.items()}
    gaze = (_about(random, 0, 0.4), _about(random, 0, 0.2))
    return Expression(units, asymmetry=_about(random, 0, 0.10), gaze=gaze)


def _pose(random: Generator) -> Pose:
    return Pose(
        roll=_about(random, 0, 5),
        yaw=_about(random, 0, 9),
        pitch=_about(random, 0, 5),
        scale=_about(random, 1.08, 0.06),
        shift=(_about(random, 0, 1.0), _about(random, 0, 0.8)),
    )


def _light(random: Generator, skin: float) -> Light:
    return Light(
        azimuth=_about(random, 0, 26),
        elevation=_about(random, 25, 14),
        ambient=random.uniform(0.3, 0.7),
        gain=_about(random, 1.4 + 0.9 * (0.6 - skin), 0.12),  # a camera exposes for the face
        gamma=float(np.exp(_about(random, 0, 0.14))),
    )


def _camera(random: Generator) -> Camera:
    return Camera(
        blur=random.uniform(0.2, 0.6),
        noise=random.uniform(0.5, 4.0),
        background=random.uniform(0.05, 0.95),
        clutter=random.uniform(0, 0.8),
        seed=int(random.integers(2**31)),
    )


def _framed(face: Face) -> Face:
    """The face moved, and shrunk if need be, until all landmarks keep `_MARGIN` to the border."""
    points = expressed(face.identity, face.expression)
    pose, room = face.pose, 47 - 2 * _MARGIN
    there = project(points, pose, 48)
    extent = float((there.max(0) - there.min(0)).max())
    if extent > room:
        pose = replace(pose, scale=pose.scale * room / extent)
        there = project(points, pose, 48)
    move = np.maximum(_MARGIN - there.min(0), 0) - np.maximum(there.max(0) - 47 + _MARGIN, 0)
    x, y = move.tolist()
    return replace(face, pose=replace(pose, shift=(pose.shift[0] + x, pose.shift[1] + y)))
