"""FER+'s votes: ten people's opinion of each face of FER2013, in either form of the file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from ferbook.data.archives import COMPRESSED, Member
from ferbook.emotions import EMOTIONS, canonical
from ferbook.errors import InputError

#: What could be voted for, in the file's own order and spelling.
CHOICES = (
    *("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear"),
    *("contempt", "unknown", "NF"),
)
#: Index into `EMOTIONS` of each choice, -1 for the three that are none of the seven.
LABEL_OF = np.array([EMOTIONS.index(c) if c in EMOTIONS else -1 for c in map(canonical, CHOICES)])
NAMED = ("image", "fer2013_row", "usage")
PUBLISHED = ("Usage", "Image name")
COUNTS = {str(votes): votes for votes in range(11)}  # ten people voted
#: The published file has 1.6 MB.
TEXT_LIMIT = 16 * 2**20


@dataclass(frozen=True)
class Ballot:
    """What one row of the file says, and of which face."""

    number: int  #: row of the file, the header being row 0
    image: str  #: file name without its ending, empty in the published form
    official: int  #: row of fer2013.csv, the first being 0
    usage: str
    votes: list[int]


def read_votes(source: Path) -> tuple[bool, list[Ballot]]:
    """All rows of a csv, plain or compressed, and whether they name their images."""
    with Member(source, source.name, lambda: _opened(source)).open() as file:
        return _ballots(file)


def majority(votes: NDArray[np.int64]) -> NDArray[np.int64]:
    """(N,) index into `EMOTIONS` of what more than half of the votes (N, 10) say, else -1."""
    won: NDArray[np.int64] = np.where(
        2 * votes.max(1) > votes.sum(1), LABEL_OF[votes.argmax(1)], -1
    )
    return won


def _opened(source: Path) -> IO[bytes]:
    if source.is_dir():
        raise InputError("a folder; expected one csv file of votes, as it is or as xz or gz")
    with source.open("rb") as file:
        head = file.read(8)
    opener = next((o for magic, o in COMPRESSED if head.startswith(magic)), open)
    return cast(IO[bytes], opener(source, "rb"))


def _ballots(file: IO[bytes]) -> tuple[bool, list[Ballot]]:
    """All rows, and whether they name their image; no field of either form holds a comma."""
    content = file.read(TEXT_LIMIT + 1)
    if len(content) > TEXT_LIMIT:
        raise InputError(f"more than {TEXT_LIMIT // 2**20} MiB; expected a csv of votes")
    lines = content.decode("utf-8-sig", "replace").splitlines() or [""]
    header = [name.strip() for name in lines[0].split(",")]
    named = NAMED[0] in header
    expected = (*(NAMED if named else PUBLISHED), *CHOICES)
    if missing := [name for name in expected if name not in header]:
        forms = " or ".join(",".join(form) for form in (NAMED, PUBLISHED))
        raise InputError(
            f"no column {', '.join(missing)}; expected {forms}, and then {','.join(CHOICES)}"
        )
    rows = [(n, line.split(",")) for n, line in enumerate(lines) if n and line.strip()]
    if not rows:
        raise InputError("a header and no rows")
    return named, [_ballot(n, row, header, i) for i, (n, row) in enumerate(rows)]


def _ballot(number: int, row: list[str], header: list[str], place: int) -> Ballot:
    """The row at `place` among those that are not blank."""
    if len(row) != len(header):
        raise InputError(f"row {number}: {len(row)} fields, expected {len(header)}")
    given = {name: text.strip() for name, text in zip(header, row, strict=True)}
    votes = [_count(number, choice, given[choice]) for choice in CHOICES]
    if NAMED[0] not in given:
        return Ballot(number, "", place, given["Usage"], votes)
    official = given["fer2013_row"]
    if not (official.isascii() and official.isdigit() and len(official) <= 9):
        raise InputError(f"row {number}, fer2013_row: '{official[:20]}', expected a whole number")
    return Ballot(number, stem(given["image"]), int(official), given["usage"], votes)


def _count(number: int, choice: str, text: str) -> int:
    if text not in COUNTS:
        raise InputError(f"row {number}, {choice}: '{text[:20]}', expected 0 to 10 votes")
    return COUNTS[text]


def stem(path: str) -> str:
    return path.split("/")[-1].rsplit(".", 1)[0]
