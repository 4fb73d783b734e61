"""CK+'s official release: peak and first frames of labelled sequences, cropped by landmarks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ferbook.data.archives import Member, members
from ferbook.data.ckplus import LABELS, PEAKS, SIDE, TOTAL_LIMIT, Frame, identity
from ferbook.data.pictures import decode, is_picture
from ferbook.emotions import CONTEMPT
from ferbook.errors import InputError

#: The release's emotion codes; 0 labels no sequence.
CODES = ("neutral", "angry", CONTEMPT, "disgust", "fear", "happy", "sad", "surprise")
POINTS = 68
#: Side of the square crop, in units of the longer side of the landmarks' box.
CROP = 1.25
#: An emotion file holds one number, a landmark file 68 lines.
TEXT_LIMIT = 2**16

Sequence = tuple[int, int]


@dataclass
class _Index:
    """What the release holds: emotion codes by sequence, frames and landmark files by number."""

    codes: dict[Sequence, int] = field(default_factory=dict)
    labelled_by: dict[Sequence, str] = field(default_factory=dict)
    images: dict[Sequence, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    landmarks: dict[Sequence, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))


@dataclass
class _Wanted:
    """One frame to be read: where it and its landmarks are, and then what they hold."""

    sequence: Sequence
    number: int
    label: int
    image: str
    pixels: NDArray[np.uint8] | None = None
    points: NDArray[np.float64] | None = None


def frames(source: Path) -> list[Frame]:
    """Two passes over `source`: which frames are wanted, then those frames and their landmarks."""
    by_path = _wanted(source, _index(source))
    with tqdm(total=len(by_path), desc="reading", unit=" files", disable=None, leave=False) as bar:
        for member in members(source, TOTAL_LIMIT):
            if frame := by_path.get(member.path):
                _fill(frame, member)
                bar.update()
    return [_crop(source, frame) for path, frame in by_path.items() if path == frame.image]


def _index(source: Path) -> _Index:
    index = _Index()
    for member in members(source, TOTAL_LIMIT):
        if is_picture(member.path):
            subject, sequence, number = _identity(member)
            index.images[subject, sequence][number] = member.path
        elif member.path.endswith("_landmarks.txt"):
            subject, sequence, number = _identity(member)
            index.landmarks[subject, sequence][number] = member.path
        elif member.path.endswith("_emotion.txt"):
            subject, sequence, _ = _identity(member)
            index.codes[subject, sequence] = _code(member)
            index.labelled_by[subject, sequence] = member.path
    if not index.codes:
        raise InputError(f"{source}: no emotion files, as in Emotion/S005/001/*_emotion.txt")
    return index


def _identity(member: Member) -> tuple[int, int, int]:
    try:
        return identity(member.path)
    except InputError as error:
        raise InputError(f"{member.source}: {member.path}: {error}") from None


def _code(member: Member) -> int:
    """The code in an emotion file, one number such as 3.0000000e+00."""
    with member.open() as file:
        text = file.read(TEXT_LIMIT).decode("latin-1").strip()
        try:
            code = float(text)
        except ValueError:
            code = 0.0
        if code not in range(1, len(CODES)):
            raise InputError(f"'{text[:20]}', expected an emotion code 1 to {len(CODES) - 1}")
        return int(code)


def _wanted(source: Path, index: _Index) -> dict[str, _Wanted]:
    """The first and the last three frames of each labelled sequence, by each path they are in."""
    by_path: dict[str, _Wanted] = {}
    for sequence, code in sorted(index.codes.items()):
        numbers = sorted(index.images[sequence])
        if len(numbers) <= PEAKS:
            raise InputError(
                f"{source}: {index.labelled_by[sequence]}: its sequence has {len(numbers)} images,"
                f" expected a first frame and {PEAKS} at the peak"
            )
        chosen = [(numbers[0], CODES[0]), *((number, CODES[code]) for number in numbers[-PEAKS:])]
        for number, emotion in chosen:
            image = index.images[sequence][number]
            if number not in index.landmarks[sequence]:
                raise InputError(f"{source}: {image}: has no landmark file")
            frame = _Wanted(sequence, number, LABELS.index(emotion), image)
            by_path |= {image: frame, index.landmarks[sequence][number]: frame}
    return by_path


def _fill(frame: _Wanted, member: Member) -> None:
    with member.open() as file:
        if member.path == frame.image:
            frame.pixels, _ = decode(file)
        else:
            frame.points = _points(file.read(TEXT_LIMIT).decode("latin-1"))


def _points(text: str) -> NDArray[np.float64]:
    """(68, 2) as (x, y), pixels of the full frame, from 68 lines of two numbers."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if len(lines) != POINTS:
        raise InputError(f"{len(lines)} points, expected {POINTS}")
    try:
        points = np.array(lines, dtype=np.float64)
    except ValueError:
        raise InputError(f"expected {POINTS} lines of x and y") from None
    if points.shape != (POINTS, 2) or not np.isfinite(points).all():
        raise InputError(f"expected {POINTS} lines of x and y")
    return points


def _crop(source: Path, frame: _Wanted) -> Frame:
    """A square around the landmarks' box, 48 x 48, and the landmarks in its pixels."""
    from PIL import Image

    assert frame.pixels is not None and frame.points is not None  # both paths were just listed
    height, width = frame.pixels.shape
    low, high = frame.points.min(0), frame.points.max(0)
    side = CROP * float((high - low).max())
    if low.min() < 0 or high[0] >= width or high[1] >= height or side < SIDE / 4:
        raise InputError(
            f"{source}: {frame.image}: its landmarks do not lie on the {width} x {height} frame"
        )
    corner = (low + high + 1 - side) / 2  # a pixel's centre is half a pixel from its edge
    margin = int(np.ceil(side))
    padded = Image.fromarray(np.pad(frame.pixels, margin, mode="edge"))
    box = (*(corner + margin), *(corner + margin + side))
    small = padded.resize((SIDE, SIDE), Image.Resampling.BILINEAR, box)
    points = (frame.points + 0.5 - corner) * SIDE / side - 0.5
    subject, sequence = frame.sequence
    return Frame(
        *(subject, sequence, frame.number, frame.label, frame.image.split("/")[-1]),
        pixels=np.asarray(small, dtype=np.uint8),
        landmarks=points.astype(np.float32),
    )
