"""FER2013 in any published form in, `Faces` out: the official csv, or a folder per emotion."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ferbook.data.archives import Member, members
from ferbook.data.faces import SPLITS, Faces, fingerprint
from ferbook.data.pictures import decode, is_picture
from ferbook.emotions import EMOTIONS, canonical
from ferbook.errors import InputError

SIDE = 48
TOTAL = 35_887  # faces of the official release, for the progress bar
COLUMNS = ("emotion", "pixels", "Usage")
#: The challenge's own names of its three parts, as in the csv and at the head of file names.
USAGES = {"Training": "train", "PublicTest": "public", "PrivateTest": "private"}
#: Folder names that tell the part where the file's name does not; others leave it unknown.
PARTS = {"train": "train", "training": "train", "publictest": "public", "privatetest": "private"}
LEVELS = {str(level): level for level in range(256)}
LABELS = {str(label): label for label in range(len(EMOTIONS))}


class Face(NamedTuple):
    pixels: NDArray[np.uint8]
    label: int
    split: int
    source: str
    container: str


def read(source: Path) -> Faces:
    """All faces of `source` in its own order; the container formats are put in `judgement`."""
    bar = tqdm(_faces(source), "reading", TOTAL, unit=" faces", disable=None, leave=False)
    faces = list(bar)
    if not faces:
        raise InputError(
            f"{source}: no FER2013 here; expected a csv with the columns {','.join(COLUMNS)}"
            " or images in folders <part>/<emotion>/"
        )
    images = np.stack([face.pixels for face in faces])
    labels = np.array([face.label for face in faces], dtype=np.uint8)
    split = np.array([face.split for face in faces], dtype=np.uint8)
    nobody = np.full(len(faces), -1, dtype=np.int32)
    return Faces(
        name="fer2013",
        images=images,
        labels=labels,
        split=split,
        subject=nobody,
        sequence=nobody,
        source=np.array([face.source.encode() for face in faces], dtype=np.bytes_),
        fingerprint=fingerprint(images, labels, split),
        judgement={"containers": dict(Counter(face.container for face in faces))},
    )


def _faces(source: Path) -> Iterator[Face]:
    """Faces of all images, or of the one csv; files of other kinds may lie beside them."""
    complaints: list[str] = []
    taken = None
    for member in members(source):
        if is_picture(member.path):
            found, kind = _from_picture(member), "images"
        elif member.path.lower().endswith(".csv") or member.path == source.name:
            name = f"{member.path}: " if member.path != source.name else ""
            found, kind = _from_csv(member, name, complaints), member.path
        else:
            continue
        for face in found:
            if taken not in (None, kind):
                raise InputError(f"{source}: holds two datasets, {taken} and {kind}")
            taken = kind
            yield face
    if taken is None and complaints:
        raise InputError(f"{source}: {complaints[0]}")


def _from_picture(member: Member) -> Iterator[Face]:
    with member.open() as file:
        folders = member.path.split("/")
        label = _label(folders[-2] if len(folders) > 1 else "")
        pixels, container = decode(file, (SIDE, SIDE))
        yield Face(pixels, label, _split(folders), "/".join(folders[-3:]), container)


def _label(folder: str) -> int:
    emotion = canonical(folder)
    if emotion not in EMOTIONS:
        where = f"folder '{folder}'" if folder else "a file in no folder"
        raise InputError(f"{where} is no emotion; expected {', '.join(EMOTIONS)}")
    return EMOTIONS.index(emotion)


def _split(folders: list[str]) -> int:
    """The official part: from the file's name where it has it, else from a folder that says so."""
    usage = USAGES.get(folders[-1].split("_")[0])
    part = PARTS.get(folders[-3].lower()) if len(folders) > 2 else None
    return SPLITS.index(usage or part or "unknown")


def _from_csv(member: Member, name: str, complaints: list[str]) -> Iterator[Face]:
    """Faces of a csv; one that is not FER2013's, or has no rows, is complained of by `name`."""
    with member.open() as file:
        text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
        rows = _numbered(csv.reader(text))
        header = [name.strip() for name in next(rows, (0, []))[1]]
        if missing := [name for name in COLUMNS if name not in header]:
            complaints.append(f"{name}no column {', '.join(missing)}; expected {','.join(COLUMNS)}")
            return
        columns = [header.index(name) for name in COLUMNS]
        empty = True
        for number, row in rows:
            if row:
                empty = False
                yield _from_row(number, row, columns)
        if empty:
            complaints.append(f"{name}a header and no rows")


def _numbered(rows: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Rows with their number, the header being row 0."""
    number = 0
    try:
        for number, row in enumerate(rows):
            yield number, row
    except csv.Error as error:
        raise InputError(f"row {number + 1}: not csv ({error})") from None


def _from_row(number: int, row: list[str], columns: list[int]) -> Face:
    if len(row) <= max(columns):
        raise InputError(f"row {number}: {len(row)} fields, expected {','.join(COLUMNS)}")
    emotion, pixels, usage = (row[column].strip() for column in columns)
    if emotion not in LABELS:
        raise InputError(f"row {number}, emotion: '{emotion[:20]}', expected 0 to 6")
    if usage not in USAGES:
        raise InputError(f"row {number}, Usage: '{usage[:20]}', expected {', '.join(USAGES)}")
    split = SPLITS.index(USAGES[usage])
    levels = grey_levels(f"row {number}, pixels", pixels)
    return Face(levels, LABELS[emotion], split, f"row {number}", "csv")


def grey_levels(where: str, text: str, side: int = SIDE) -> NDArray[np.uint8]:
    """The (side, side) grey levels in `text`; what is wrong is looked for only where something is.

    Raises InputError, which begins with `where`.
    """
    if not text.strip("0123456789 "):
        levels = np.fromstring(text, dtype=np.int64, sep=" ")  # stops at what is no number
        if len(levels) == text.count(" ") + 1 == side * side and levels.max() <= 255:
            return levels.astype(np.uint8).reshape(side, side)
    words = text.split()
    if len(words) != side * side:
        raise InputError(f"{where}: {len(words):,} values, expected {side * side:,}")
    try:
        return np.array([LEVELS[word] for word in words], np.uint8).reshape(side, side)
    except KeyError as error:
        raise InputError(f"{where}: {str(error)[:20]} is no grey level 0 to 255") from None
