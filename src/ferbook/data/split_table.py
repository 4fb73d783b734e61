"""A table of images, labels and parts, as anybody writes one: csv or arrays in, `SplitTable` out.

Columns, by any of the names in `COLUMNS`, in any case and order: an image (`file`, a path below the
folder of the csv, or `pixels`, as in FER2013), `label`, `part`; and, where known, `subject`,
`sequence` and `frame`, the place of the image in its sequence. Blanks around a value are dropped;
parts that then differ only in case or blanks are one part written in two ways, and refused.
Nothing outside of the csv's folder is read: no absolute path, no `..`, no link that leads out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isqrt, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ferbook.data import pictures
from ferbook.data.archives import COUNT_LIMIT, MEMBER_LIMIT
from ferbook.data.fer2013 import grey_levels
from ferbook.data.near_copies import SIDE
from ferbook.data.splits import digest, numbered
from ferbook.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

#: Our name of a column, then others that are read as the same.
COLUMNS = {
    "file": ("file", "path", "image", "filename"),
    "pixels": ("pixels",),
    "label": ("label", "emotion", "class"),
    "part": ("part", "split", "usage", "fold"),
    "subject": ("subject", "person"),
    "sequence": ("sequence", "video"),
    "frame": ("frame",),
}
FORMATS = (*pictures.FORMATS, "WEBP", "PPM")  # PPM is Pillow's name of pgm, pbm and pnm as well
CODED = ("label", "part", "subject", "sequence")
MOST_PARTS = 100
UNKNOWN = -1


class _Row(NamedTuple):
    where: str  #: for messages
    name: str
    small: NDArray[np.uint8]
    key: bytes
    fields: dict[str, str]
    padded: bool  #: the part was written with blanks around it


@dataclass(frozen=True, eq=False)
class SplitTable:
    """N images, each with a label and in a part; names stand in tuples, rows hold numbers."""

    names: tuple[str, ...]  #: of the images: file, or line of the csv
    images: NDArray[np.uint8]  #: (N, 48, 48), whatever their size was
    copies: NDArray[np.int32]  #: (N,) exact copies, in their own size, share a number
    label: NDArray[np.int32]  #: (N,) index into `labels`
    part: NDArray[np.int32]  #: (N,) index into `parts`
    subject: NDArray[np.int32]  #: (N,) index into `subjects`, -1 where unknown
    sequence: NDArray[np.int32]  #: (N,) index into `sequences`, -1 where unknown
    frame: NDArray[np.float64]  #: (N,) place in the sequence, NaN where unknown
    labels: tuple[str, ...]
    parts: tuple[str, ...]
    subjects: tuple[str, ...]
    sequences: tuple[str, ...]
    padded: int = 0  #: rows whose part was written with blanks around it

    def __len__(self) -> int:
        return len(self.names)


def read(path: Path) -> SplitTable:
    """The table in a csv; InputError, one line with file, line and column, for what is amiss."""
    try:
        rows = list(tqdm(_rows(path), "reading", unit=" images", disable=None, leave=False))
        return _table(rows)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def from_arrays(table: pd.DataFrame, images: NDArray[np.uint8]) -> SplitTable:
    """The same from images (N, H, W) uint8 and a frame of N rows with the other columns.

    Images are named by the column `file` where there is one, else by the frame's index.
    """
    if images.dtype != np.uint8 or images.ndim != 3 or len(images) != len(table):
        raise InputError(
            f"images of shape {images.shape}, {images.dtype}; expected ({len(table)}, H, W) uint8"
        )
    place = _places([str(column) for column in table.columns], wanted=("label", "part"))
    text = {
        name: [
            "" if missing else str(value)
            for value, missing in zip(column, column.isna(), strict=True)
        ]
        for name, at in place.items()
        for column in [table.iloc[:, at]]
    }
    named = text.get("file") or [f"row {index}" for index in table.index]
    rows = []
    for number, (name, image) in enumerate(zip(named, images, strict=True)):
        fields = {column: values[number] for column, values in text.items()}
        rows.append(_row(f"row {table.index[number]}", name, image, fields))
    return _table(rows)


def _rows(path: Path) -> Iterator[_Row]:
    lines = _lines(path)
    _, header = next(lines, (0, []))
    place = _places(header, wanted=("label", "part"))
    if not place.keys() & {"file", "pixels"}:
        raise InputError(f"no column file or pixels; there are {', '.join(header)[:200]}")
    folder, side = path.parent.resolve(), None
    for number, cells in lines:
        where = f"line {number}"
        if len(cells) != len(header):
            raise InputError(f"{where}: {len(cells)} fields, expected {len(header)}")
        fields = {name: cells[at] for name, at in place.items()}
        file = fields.get("file", "").strip()
        if "pixels" in fields:
            text = fields.pop("pixels")
            side = side or _side(where, text)
            image = grey_levels(f"{where}, column pixels", text, side)
        else:
            image = _picture(where, folder, file)
        yield _row(where, file or where, image, fields)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line they begin in, empty ones left out."""
    if not path.is_file():
        raise InputError("no such file" if not path.exists() else "not a file; expected a csv")
    if path.stat().st_size > MEMBER_LIMIT:
        raise InputError(f"larger than {MEMBER_LIMIT // 2**20} MiB")
    with path.open("rb") as file:
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        reader = csv.reader(text, strict=True)
        begin = 1
        try:
            for count, cells in enumerate(reader):
                if count > COUNT_LIMIT:
                    raise InputError(f"more than {COUNT_LIMIT:,} rows")
                if any(cells):
                    yield begin, cells
                begin = reader.line_num + 1
        except UnicodeDecodeError:
            raise InputError(f"line {begin} or soon after: not UTF-8 text") from None
        except csv.Error as error:
            raise InputError(f"line {begin}: not csv ({error})") from None


def _places(header: list[str], wanted: Iterable[str]) -> dict[str, int]:
    """Our name of each column that is there, and where it stands."""
    names = [name.strip().lower() for name in header]
    place = {}
    for column, known in COLUMNS.items():
        there = [at for at, name in enumerate(names) if name in known]
        if len(there) > 1:
            raise InputError(f"two columns for {column}: {', '.join(header[at] for at in there)}")
        if there:
            place[column] = there[0]
    for column in wanted:
        if column not in place:
            said = f"there are {', '.join(header)[:200]}" if any(names) else "the file is empty"
            if len(header) == 1 and (other := next((s for s in ";\t|" if s in header[0]), "")):
                said = f"columns are separated by {other!r}; expected commas"
            raise InputError(f"no column {column} ({', '.join(COLUMNS[column][1:])}); {said}")
    return place


def _side(where: str, text: str) -> int:
    count = len(text.split())
    if isqrt(count) ** 2 != count or not 8 <= isqrt(count) <= 512:
        raise InputError(f"{where}, column pixels: {count:,} values, which is no square image")
    return isqrt(count)


def _picture(where: str, folder: Path, file: str) -> NDArray[np.uint8]:
    where = f"{where}, column file: {file[:100]!r}" if file else f"{where}, column file"
    try:
        if not file:
            raise InputError("empty")
        path = (folder / file).resolve()
        if Path(file).is_absolute() or not path.is_relative_to(folder):
            raise InputError("leads out of the csv's folder")
        if not path.is_file():
            raise InputError("no such file" if not path.exists() else "not a plain file")
        with path.open("rb") as opened:
            return pictures.decode(opened, formats=FORMATS)[0]
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    except OSError as error:
        raise InputError(f"{where}: {error.strerror or error}") from None
    except (ValueError, RuntimeError):  # a null byte; a link that leads to itself
        raise InputError(f"{where}: no path") from None


def _row(where: str, name: str, image: NDArray[np.uint8], written: dict[str, str]) -> _Row:
    fields = {column: text.strip() for column, text in written.items()}
    for column in ("label", "part"):
        if not fields[column]:
            raise InputError(f"{where}, column {column}: empty")
    if text := fields.get("frame"):
        try:
            float(text)
        except ValueError:
            raise InputError(f"{where}, column frame: {text[:20]!r}, expected a number") from None
    padded = fields["part"] != written["part"]
    return _Row(where, name, _small(image), digest(image), fields, padded)


def _small(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if image.shape == (SIDE, SIDE):
        return image
    from PIL import Image

    return np.asarray(Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BILINEAR))


def _table(rows: list[_Row]) -> SplitTable:
    if not rows:
        raise InputError("a header and no rows")
    _one_spelling(rows)
    values = {name: [row.fields.get(name, "") for row in rows] for name in CODED}
    frame = np.array([float(row.fields.get("frame") or nan) for row in rows])
    values["sequence"] = _films(values["subject"], values["sequence"], frame)
    columns: dict[str, Any] = {name: _coded(column) for name, column in values.items()}
    parts = columns["part"][1]
    if len(parts) > MOST_PARTS:
        raise InputError(f"column part: {len(parts):,} different values, at most {MOST_PARTS}")
    return SplitTable(
        names=tuple(row.name for row in rows),
        images=np.stack([row.small for row in rows]),
        copies=numbered(row.key for row in rows),
        frame=frame,
        padded=sum(row.padded for row in rows),
        **{name: codes for name, (codes, _) in columns.items()},
        **{f"{name}s": names for name, (_, names) in columns.items()},
    )


def _one_spelling(rows: list[_Row]) -> None:
    """Each part is written in one way: `Train` beside `train` would be two, with leaks between."""
    first: dict[str, _Row] = {}
    for row in rows:
        part = row.fields["part"]
        known = first.setdefault(" ".join(part.casefold().split()), row)
        if (other := known.fields["part"]) != part:
            raise InputError(
                f"{row.where}, column part: {part[:40]!r}, but {other[:40]!r} in {known.where};"
                " they differ only in case or blanks: write them alike"
            )


def _films(subject: list[str], sequence: list[str], frame: NDArray[np.float64]) -> list[str]:
    """Sequences, counted anew for each person; frames of no named sequence are of one film each."""
    if any(sequence):
        return [f"{s}/{q}" if s and q else q for s, q in zip(subject, sequence, strict=True)]
    return [s if known else "" for s, known in zip(subject, np.isfinite(frame), strict=True)]


def _coded(values: list[str]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Each value as an index into the different ones, in order of first appearance; "" is -1."""
    known: Mapping[str, int] = {v: n for n, v in enumerate(dict.fromkeys(filter(None, values)))}
    codes = np.array([known.get(value, UNKNOWN) for value in values], dtype=np.int32)
    return codes, tuple(known)
