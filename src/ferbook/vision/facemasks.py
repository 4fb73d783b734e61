"""Face masks on pictured faces (Qiu, sections 1 and 4.1; assumption A27).

    landmarks -> spline from the face to the average face -> mask drawn there, sampled
    picture   -> light on the face, sharpness, noise      -> grey of the mask

What is random of a mask (kind, variant, fabric, fit) depends on the face's row alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferbook import paths
from ferbook.data.faces import Faces
from ferbook.errors import InputError
from ferbook.locks import made_once
from ferbook.vision import facemask_light, picture_quality
from ferbook.vision.facemask_fit import check, texels
from ferbook.vision.facemask_sampling import Plate, plate, reached, sampled
from ferbook.vision.facemask_shapes import KINDS, VARIANTS
from ferbook.vision.landmarks import Landmarks

Images = NDArray[np.uint8]
Array = NDArray[Any]

FLAT = 16  #: grey levels; a picture of less range shows no face and stays as it is
NOISIEST = 4.0  #: grey levels; what a picture has above is texture
_SHADOW = 0.45  #: share of light lost where the shadow is deepest
_CHUNK = 32  #: faces at a time, so that what is held of them stays in a cache
_SORTED = 512  #: faces put in order of their drawings, so that each of these stays in a cache too
#: Tone of a fabric: 1 reflects as skin does. Share of dark ones, range of the others.
_TONES = {"surgical": (0.15, (1.25, 2.2)), "n95": (0.2, (1.4, 2.3)), "cloth": (0.4, (0.7, 2.0))}
_DARK = (0.28, 0.6)


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
    with _one_thread():
        for part, batch in _fitted(landmarks, rows, kind, images.shape[1:]):
            own = worn[part]
            _draw(own, batch)
            worn[part] = own
    return worn


def coverage(
    landmarks: Array, rows: Array, kind: str = "any", size: int = 48
) -> NDArray[np.float32]:
    """(N, size, size), 0 to 1: how much of each pixel the mask covers, straps left out."""
    covers = np.zeros((len(landmarks), size, size), np.float32)
    for part, batch in _fitted(landmarks, rows, kind, (size, size)):
        for i, face in enumerate(part):
            covers[face] = batch.layers(i, 0.0)[..., 0] * ~batch.eyes(i)
    return covers


def masked(faces: Faces, found: Landmarks) -> Images:
    """(N, 48, 48): a whole dataset with a mask of any kind on each face, drawn once and cached.

    The cache is named after the fingerprint and a digest of the landmarks and this drawing's code.
    """
    key = sha256(found.points.tobytes() + _source()).hexdigest()[:16]
    file = paths.landmark_cache() / f"masked-{faces.fingerprint[:16]}-{key}.npy"

    def draw() -> None:
        worn = np.concatenate([faces.images[:0], *_parts(faces, found)])
        with paths.whole(file) as beside, beside.open("wb") as stream:
            np.save(stream, worn)

    made_once(file, draw)
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


@dataclass(frozen=True, eq=False)
class Batch:
    """Some faces, and where on its drawing each of their cells lies."""

    looks: list[Look]
    points: NDArray[np.float32]  #: (N, 68, 2)
    corners: NDArray[np.int32]  #: (N, 68, 2), the same in sixteenths of a pixel
    plates: list[Plate]
    grids: NDArray[np.float32]  #: of `texels`
    cells: NDArray[np.bool_]  #: of `reached`
    shape: tuple[int, int]

    def layers(self, i: int, blur: float) -> Array:
        """(H, W, 4 or 5) of a face: layers of its plate, as sharp as asked."""
        import cv2

        worn = sampled(self.plates[i].drawn, self.grids[i], self.cells[i], self.shape)
        return cv2.GaussianBlur(worn, (0, 0), blur) if blur > 0.2 else worn

    def eyes(self, i: int) -> NDArray[np.bool_]:
        """(H, W): what no mask covers of a face."""
        return facemask_light.eyes(self.points[i], self.corners[i], self.shape)


@contextmanager
def _one_thread() -> Iterator[None]:
    """OpenCV on one core: pictures this small take longer to share out than to draw on."""
    import cv2

    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)


def _fitted(
    landmarks: Array, rows: Array, kind: str, shape: tuple[int, ...]
) -> Iterator[tuple[NDArray[np.intp], Batch]]:
    """Batches of faces, and which faces they are: those of one drawing follow each other."""
    landmarks, rows = np.asarray(landmarks, np.float64), np.asarray(rows)
    if kind not in (*KINDS, "any"):
        raise InputError(f"face mask {kind!r}: expected one of {', '.join(KINDS)}, any")
    if landmarks.shape != (len(rows), 68, 2):
        raise InputError(f"landmarks {landmarks.shape}: expected ({len(rows)}, 68, 2)")
    if (rows < 0).any():
        raise InputError(f"row {rows.min()}: expected 0 or more")
    frame = (shape[0], shape[1])
    for start in range(0, len(rows), _SORTED):
        some = slice(start, start + _SORTED)
        check(landmarks[some], rows[some])
        looks = [look(int(row), kind, frame) for row in rows[some]]
        order = sorted(range(len(looks)), key=lambda i: (looks[i].kind, looks[i].variant))
        for first in range(0, len(order), _CHUNK):
            own = order[first : first + _CHUNK]
            part = np.array(own) + start
            yield part, _batch(landmarks[part], [looks[i] for i in own], frame)


def _batch(landmarks: Array, looks: list[Look], frame: tuple[int, int]) -> Batch:
    plates = [plate(one.kind, one.variant) for one in looks]
    width, lift = np.array([(one.width, one.lift) for one in looks]).T
    grids = texels(landmarks, width, lift, frame)
    points = landmarks.astype(np.float32)
    corners = facemask_light.sixteenths(points)
    return Batch(looks, points, corners, plates, grids, reached(grids, plates), frame)


def _draw(worn: Images, batch: Batch) -> None:
    """Masks into pictures (N, H, W) of bare faces."""
    lights = facemask_light.lights(worn, batch.points, batch.corners)
    blurs = picture_quality.blur(worn)
    noises = np.minimum(picture_quality.noise(worn), NOISIEST)
    for i in map(int, np.flatnonzero(np.ptp(worn, axis=(1, 2)) >= FLAT)):
        layers = batch.layers(i, blurs[i])
        _compose(worn[i], lights[i], ~batch.eyes(i), batch.looks[i], layers, noises[i])


def _compose(
    image: Images, light: Array, seen: NDArray[np.bool_], one: Look, layers: Array, noise: float
) -> None:
    """Draw into `image` (H, W), where it is touched and `seen` lets it."""
    over = layers[..., 0] + layers[..., 2]
    at = np.flatnonzero(((over > 0.004) | (layers[..., 3] > 0.02)) & seen)
    own = layers.reshape(-1, layers.shape[-1]).take(at, axis=0)
    cover, folds, strap, shadow, *pattern = np.ascontiguousarray(own.T)
    over, light, bare = over.take(at), light.take(at), image.take(at)
    fabric = _grey(light, one.tone) * (folds + one.pattern * (pattern[0] if pattern else 0))
    hung = np.flatnonzero(strap)
    fabric[hung] += _grey(light[hung], one.strap) * strap[hung]
    skin = bare * (1 - _SHADOW * shadow * (1 - cover))
    drawn = fabric + noise * over * one.noise.take(at)
    image.put(at, np.clip(np.rint(skin * (1 - over) + drawn), 0, 255).astype(np.uint8))


def _grey(light: Array, tone: float) -> Array:
    """Grey of a fabric under `light`, 0 to 1: tone x light where it is dark, never above white."""
    grey: Array = 255 * (1 - (1 - light) ** tone)
    return grey
