"""FER+ in, `Faces` out: the registered FER2013 relabelled by the majority of ten people's votes.

Barsoum et al. (2016) had every face of FER2013 labelled anew. Their votes come in two forms: as
published, row by row in the order of `fer2013.csv`, or with the file names of the folder form.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferbook.data.faces import SPLITS, UNKNOWN, Faces, fingerprint
from ferbook.data.fer2013 import USAGES
from ferbook.data.ferplus_votes import (
    CHOICES,
    LABEL_OF,
    NAMED,
    Ballot,
    majority,
    read_votes,
    stem,
)
from ferbook.data.genuine import grey_levels
from ferbook.data.store import open_faces
from ferbook.emotions import EMOTIONS
from ferbook.errors import InputError

Rows = NDArray[np.int64]
#: Least share of the faces whose new emotion is FER2013's own: it is 0.72 where each face has its
#: own votes and 0.19, chance, where it has another's.
AGREEMENT = 0.4


def read(source: Path) -> Faces:
    """The faces of the registered fer2013 on whose emotion most voters agree (assumption A18).

    Landmarks that are cached for fer2013 are cached for these faces too: the images are the same.
    """
    whole = open_faces("fer2013")
    named, ballots = read_votes(source)
    row = _joined(source, whole, named, ballots)
    votes = np.zeros((len(whole), len(CHOICES)), np.int64)
    votes[row[row >= 0]] = np.array([ballot.votes for ballot in ballots])[row >= 0]
    label = majority(votes)
    _check_agreement(source, whole, label)
    faces = _relabelled(whole, label, votes)
    _pass_landmarks_on(whole, label >= 0, faces.fingerprint)
    return faces


def _joined(source: Path, whole: Faces, named: bool, ballots: list[Ballot]) -> Rows:
    """(M,) the face of `whole` that each ballot is about, -1 where that cannot be told."""
    try:
        row = _found(whole, named, ballots)
        _check(whole, row, ballots)
    except InputError as error:
        raise InputError(f"{source}: {error}") from None
    return row


def _found(whole: Faces, named: bool, ballots: list[Ballot]) -> Rows:
    if "csv" in whole.judgement["containers"]:
        return _by_row(whole, named, ballots)
    if not named:
        raise InputError(
            "its rows are in the order of fer2013.csv, and the registered fer2013 was read from"
            f" pictures; expected votes with the columns {','.join(NAMED)}"
        )
    return _by_name(whole, ballots)


def _by_row(whole: Faces, named: bool, ballots: list[Ballot]) -> Rows:
    """By the place in fer2013.csv; after judgement, faces no longer stand in its order."""
    if not named and len(ballots) != len(whole):
        raise InputError(f"{len(ballots):,} rows, expected {len(whole):,} as in fer2013.csv")
    order = np.argsort([int(source.split()[1]) for source in whole.source])  # b"row 7"
    if beyond := [ballot for ballot in ballots if ballot.official >= len(whole)]:
        number, official = beyond[0].number, beyond[0].official
        raise InputError(
            f"row {number}, fer2013_row: {official}, but the registered fer2013 has"
            f" {len(whole):,} rows, counted from 0"
        )
    row: Rows = order[[ballot.official for ballot in ballots]]
    return row


def _by_name(whole: Faces, ballots: list[Ballot]) -> Rows:
    """By file name; whose votes they are is open where two faces bear the same."""
    bearers: dict[str, list[int]] = defaultdict(list)
    for at, source in enumerate(whole.source):
        bearers[stem(source.decode())].append(at)
    row = np.full(len(ballots), -1)
    for i, ballot in enumerate(ballots):
        if ballot.image not in bearers:
            raise InputError(
                f"row {ballot.number}, image: '{ballot.image[:40]}', and no picture of the"
                " registered fer2013 has this name"
            )
        if len(bearers[ballot.image]) == 1:
            row[i] = bearers[ballot.image][0]
    return row


def _check(whole: Faces, row: Rows, ballots: list[Ballot]) -> None:
    """Each face is voted on once, and stands in the part that the file says."""
    first: dict[int, int] = {}
    for at, ballot in zip(row.tolist(), ballots, strict=True):
        if at < 0:
            continue
        if (before := first.setdefault(at, ballot.number)) != ballot.number:
            raise InputError(f"row {ballot.number}: votes on the same face as row {before}")
        part = SPLITS[whole.split[at]]
        if part not in (SPLITS[UNKNOWN], USAGES.get(ballot.usage)):
            raise InputError(
                f"row {ballot.number}, usage: '{ballot.usage[:20]}', but its face is in part"
                f" {part} of the registered fer2013"
            )


def _check_agreement(source: Path, whole: Faces, label: Rows) -> None:
    """Votes that were joined to the wrong faces look like any others but for this."""
    kept = label >= 0
    if not kept.any():
        raise InputError(f"{source}: no face of the registered fer2013 has a majority of votes")
    if (share := float((whole.labels[kept] == label[kept]).mean())) < AGREEMENT:
        raise InputError(
            f"{source}: the votes are not those of these faces: {share:.0%} of the emotions are"
            f" fer2013's own, expected {AGREEMENT:.0%} or more (see book/data.md, and A18 in"
            " book/assumptions.md)"
        )


def _relabelled(whole: Faces, label: Rows, votes: NDArray[np.int64]) -> Faces:
    """The faces with a majority for one of the seven emotions, in their order in `whole`."""
    kept = label >= 0
    faces = replace(whole.take(kept), name="ferplus", labels=label[kept].astype(np.uint8))
    judged = whole.judgement
    per_split = {
        part: _part(whole, label, votes, whole.split == SPLITS.index(part), about)
        for part, about in judged["per_split"].items()
    }
    return replace(
        faces,
        fingerprint=fingerprint(faces.images, faces.labels, faces.split),
        judgement={
            "verdict": judged["verdict"],
            "ways": list(dict.fromkeys(way for part in per_split.values() for way in part["ways"])),
            "per_split": per_split,
            "faces_of": whole.fingerprint,
        },
    )


def _part(
    whole: Faces,
    label: Rows,
    votes: NDArray[np.int64],
    inside: NDArray[np.bool_],
    about: dict[str, Any],
) -> dict[str, Any]:
    """Judgement of one part: what fer2013's says of its images, these labels, who is left out."""
    kept = inside & (label >= 0)
    given = np.bincount(label[kept], minlength=len(EMOTIONS)).tolist()
    return {
        "verdict": about["verdict"],
        "ways": [*about["ways"], *_left_out(votes[inside & (label < 0)])],
        "faces": int(kept.sum()),
        "counts": {emotion: [n, n] for emotion, n in zip(EMOTIONS, given, strict=True)},
        "grey": grey_levels(whole.images[kept]),
    }


def _left_out(votes: NDArray[np.int64]) -> list[str]:
    """Why the faces with these votes (N, 10) are not in the dataset, one line for all."""
    none = votes.sum(1) == 0
    other = 2 * votes[:, LABEL_OF < 0].max(1, initial=0) > votes.sum(1)
    reasons = {
        "without a majority": len(votes) - int(none.sum()) - int(other.sum()),
        "voted contempt, unknown or no face": int(other.sum()),
        "without votes": int(none.sum()),
    }
    said = [f"{count:,} {reason}" for reason, count in reasons.items() if count]
    return [f"left out: {', '.join(said)}"] if said else []


def _pass_landmarks_on(whole: Faces, kept: NDArray[np.bool_], to: str) -> None:
    """Cached landmarks of the same images, so that nobody has to find them again."""
    from ferbook.vision import landmarks as cache

    if cache.is_cached(whole.fingerprint) and not cache.is_cached(to):
        found = cache.find(whole)
        points, detected = found.points[kept], found.detected[kept]
        few = cache.Landmarks(points, detected, found.score[kept], found.box[kept])
        cache._save(cache._cache_file(to, cache.Detector()), few)
