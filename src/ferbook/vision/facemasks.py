"""Face masks on pictured faces (Qiu, sections 1 and 4.1; assumption A27).

    landmarks -> spline from the face to the average face -> mask drawn there, sampled
    picture   -> light on the face, sharpness, noise      -> grey of the mask

What is random of a mask (kind, variant, fabric, fit) depends on the face's row alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferbook import paths
from ferbook.data.faces import Faces
from ferbook.errors import InputError
from ferbook.vision import picture_quality
from ferbook.vision.facemask_fit import texels
from ferbook.vision.facemask_shapes import KINDS, VARIANTS, drawing
from ferbook.vision.landmarks import REGIONS, Landmarks

Images = NDArray[np.uint8]
Array = NDArray[Any]

FLAT = 16  #: grey levels; a picture of less range shows no face and stays as it is
NOISIEST = 4.0  #: grey levels; what a picture has above is texture
_SHADOW = 0.45  #: share of light lost where the shadow is deepest
_REACH = 5.0  #: pixels, standard deviation of the mean that keeps light and drops features
_CHUNK = 128  #: faces at a time, for memory
#: Tone of a fabric: 1 reflects as skin does. Share of dark ones, range of the others.
_TONES = {"surgical": (0.15, (1.25, 2.2)), "n95": (0.2, (1.4, 2.3)), "cloth": (0.4, (0.7, 2.0))}
_DARK = (0.28, 0.6)
_OUTLINE = [*REGIONS["jaw"], *reversed([*REGIONS["right brow"], *REGIONS["left brow"]])]
_EYES = [[*REGIONS[f"{side} eye"], *REGIONS[f"{side} brow"]] for side in ("right", "left")]


@dataclass(frozen=True, eq=False)
class Look:
    """What is random of one mask."""

    kind: str
    variant: str
    tone: float
    pattern: float  #: contrast of a cloth's pattern
    strap: float  #: tone of the straps
    lift: float  #: units by which it is worn higher
    width: float  #: factor
    noise: Array  #: (H, W), standard normal


def look(row: int, kind: str, shape: tuple[int, int]) -> Look:
    """The mask of the face numbered `row`; "any" leaves the kind to the row as well."""
    dice = np.random.default_rng([2013, row])
    drawn = KINDS[int(dice.integers(len(KINDS)))]
    kind = drawn if kind == "any" else kind
    variant, dark, tone, pattern, strap, lift, width = dice.random(7)
    share, usual = _TONES[kind]
    low, high = _DARK if dark < share else usual
    return Look(
        kind=kind,
        variant=VARIANTS[kind][int(variant * len(VARIANTS[kind]))],
        tone=low * (high / low) ** tone,
        pattern=0.10 + 0.22 * pattern,
        strap=0.9 + 0.9 * strap,
        lift=1.6 * lift - 0.8,
        width=0.97 + 0.06 * width,
        noise=dice.standard_normal(shape),
    )


def wear(images: Images, landmarks: Array, rows: Array, kind: str = "any") -> Images:
    """Faces with masks on: (N, H, W) uint8, a new array.

    images (N, H, W) uint8, landmarks (N, 68, 2) as (x, y) in pixels, rows (N,) the faces' numbers
    in their dataset, kind one of KINDS or "any". Eyes and brows are never covered; a face outside
    the frame and a flat picture stay as they are. Landmarks that are not numbers or lie on a line
    are an InputError.
    """
    images = np.asarray(images)
    if images.ndim != 3 or images.dtype != np.uint8:
        raise InputError(f"images {images.shape} {images.dtype}: expected (N, H, W) uint8")
    if len(images) != len(rows):
        raise InputError(f"{len(images)} images, {len(rows)} rows: expected as many of each")
    worn = np.array(images)
    blurs, noises = picture_quality.blur(images), picture_quality.noise(images)
    for i, (one, points, samples) in enumerate(_fitted(landmarks, rows, kind, images.shape[1:])):
        if np.ptp(images[i]) >= FLAT:
            layers = _layers(one, samples, images.shape[1:], blurs[i])
            worn[i] = _composed(images[i], points, one, layers, min(noises[i], NOISIEST))
    return worn


def coverage(
    landmarks: Array, rows: Array, kind: str = "any", size: int = 48
) -> NDArray[np.float32]:
    """(N, size, size), 0 to 1: how much of each pixel the mask covers, straps left out."""
    covers = np.zeros((len(landmarks), size, size), np.float32)
    for i, (one, points, samples) in enumerate(_fitted(landmarks, rows, kind, (size, size))):
        covers[i] = _layers(one, samples, (size, size), 0.0)[..., 0] * ~_eyes(points, (size, size))
    return covers


def masked(faces: Faces, found: Landmarks) -> Images:
    """(N, 48, 48): a whole dataset with a mask of any kind on each face, drawn once and cached.

    The cache is named after the fingerprint and a digest of the landmarks and this drawing's code.
    """
    from filelock import FileLock

    key = sha256(found.points.tobytes() + _source()).hexdigest()[:16]
    file = paths.landmark_cache() / f"masked-{faces.fingerprint[:16]}-{key}.npy"
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(file.with_suffix(".lock")):
        if not file.exists():
            worn = np.concatenate([faces.images[:0], *_parts(faces, found)])
            scratch = file.with_name(f".{file.name}.{os.getpid()}")
            with scratch.open("wb") as stream:
                np.save(stream, worn)
            os.replace(scratch, file)
    try:
        stored: Images = np.load(file, allow_pickle=False)
    except Exception as error:
        raise InputError(f"{file}: not a cache of masks ({error}); delete it and rerun") from error
    return stored


def _parts(faces: Faces, found: Landmarks) -> Iterator[Images]:
    from tqdm import tqdm

    with tqdm(
        total=len(faces), desc=f"masks on {faces.name}", unit="face", disable=None, leave=False
    ) as bar:
        for start in range(0, len(faces), 512):
            rows = np.arange(start, min(start + 512, len(faces)))
            yield wear(faces.images[rows], found.points[rows], rows)
            bar.update(len(rows))


def _source() -> bytes:
    folder = Path(__file__).parent
    others = [folder / "picture_quality.py", folder / "thin_plate.py"]
    return b"".join(file.read_bytes() for file in [*sorted(folder.glob("facemask*.py")), *others])


def _fitted(
    landmarks: Array, rows: Array, kind: str, shape: tuple[int, ...]
) -> Iterator[tuple[Look, Array, Array]]:
    """Look, landmarks and samples of the drawing, face by face."""
    landmarks, rows = np.asarray(landmarks, np.float64), np.asarray(rows)
    if kind not in (*KINDS, "any"):
        raise InputError(f"face mask {kind!r}: expected one of {', '.join(KINDS)}, any")
    if landmarks.shape != (len(rows), 68, 2):
        raise InputError(f"landmarks {landmarks.shape}: expected ({len(rows)}, 68, 2)")
    if (rows < 0).any():
        raise InputError(f"row {rows.min()}: expected 0 or more")
    frame = (shape[0], shape[1])
    for start in range(0, len(rows), _CHUNK):
        part = slice(start, start + _CHUNK)
        looks = [look(int(row), kind, frame) for row in rows[part]]
        width, lift = np.array([(one.width, one.lift) for one in looks]).T
        samples = texels(landmarks[part], rows[part], width, lift, frame)
        yield from zip(looks, landmarks[part], samples, strict=True)


def _layers(one: Look, samples: Array, shape: tuple[int, ...], blur: float) -> Array:
    """(H, W, 5): the drawing's layers, each pixel the mean of its samples, as sharp as asked."""
    import cv2

    x, y = samples[..., 0], samples[..., 1]
    layers = drawing(one.kind, one.variant)
    worn = cv2.remap(layers, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    worn = cv2.resize(worn, shape[::-1], interpolation=cv2.INTER_AREA)
    return cv2.GaussianBlur(worn, (0, 0), blur) if blur > 0.2 else worn


def _composed(image: Images, points: Array, one: Look, layers: Array, noise: float) -> Images:
    cover, folds, pattern, strap, shadow = np.moveaxis(layers, -1, 0)
    light = _light(image, points)
    fabric = _grey(light, one.tone) * (folds + one.pattern * pattern)
    over = cover + strap
    drawn = fabric + _grey(light, one.strap) * strap + noise * over * one.noise
    skin = image * (1 - _SHADOW * shadow * (1 - cover))
    touched = ((over > 0.004) | (shadow > 0.02)) & ~_eyes(points, image.shape)
    grey = np.clip(np.rint(skin * (1 - over) + drawn), 0, 255)
    return np.where(touched, grey, image).astype(np.uint8)


def _grey(light: Array, tone: float) -> Array:
    """Grey of a fabric under `light`, 0 to 1: tone x light where it is dark, never above white."""
    grey: Array = 255 * (1 - (1 - light) ** tone)
    return grey


def _light(image: Images, points: Array) -> Array:
    """(H, W), 0 to 1: light and shade of the face, a Gaussian mean over its skin."""
    import cv2

    skin = np.zeros(image.shape, np.uint8)
    _fill(skin, points[_OUTLINE], 1)
    for region in ("right eye", "left eye", "mouth"):
        _fill(skin, _hull(points[REGIONS[region]]), 0)
    grey = image / 255.0
    mean = grey[skin > 0].mean() if skin.any() else grey.mean()
    both = np.stack([grey * skin, skin], axis=-1)
    sums = cv2.GaussianBlur(both, (0, 0), _REACH, borderType=cv2.BORDER_CONSTANT)
    light: Array = (sums[..., 0] + 0.02 * mean) / (sums[..., 1] + 0.02)
    return np.clip(light, 0, 0.98)


def _eyes(points: Array, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """(H, W): each eye with its brow, and a pixel around them."""
    import cv2

    eyes = np.zeros(shape, np.uint8)
    for region in _EYES:
        _fill(eyes, _hull(points[region]), 1)
    return cv2.dilate(eyes, np.ones((3, 3), np.uint8)) > 0


def _hull(points: Array) -> Array:
    import cv2

    return cv2.convexHull(points.astype(np.float32))[:, 0]


def _fill(canvas: Images, corners: Array, value: int) -> None:
    import cv2

    sixteenths = np.rint(16 * np.clip(corners, -1000, 1000)).astype(np.int32)
    cv2.fillPoly(canvas, [sixteenths], value, cv2.LINE_8, 4)
