"""Which image of FER2013 is this one? Faces matched one to one with rows of the official csv."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ferbook.data.faces import UNKNOWN, Faces
from ferbook.data.reference import load

#: Descriptors of one image differ by less than this after JPEG (99 % below 7), equalisation (1),
#: blur (14); those of two faces by 32 (median to the nearest other one).
REACH = 16.0
#: Ranks say little about images that are nearly blank or half saturated. If no larger share of the
#: copy than this is left over, the rest may take a blank row, and go this far where label, part,
#: mean and contrast agree.
FEW = 0.05
FARTHER = ((FEW, REACH), (FEW, 40.0), (0.001, np.inf))
#: How far mean and contrast may then be off, in quantised steps: so much and a fifth.
TOLERANCE = 4


@dataclass(frozen=True)
class _Given:
    """The faces to be recognised, as the reference describes them."""

    faces: Faces
    descriptor: NDArray[np.int8]
    seen: NDArray[np.uint8]
    rank: NDArray[np.int64]  #: place of each face when all are sorted by their pixels


def recognise(
    faces: Faces, descriptor: NDArray[np.int8], seen: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """(N,) the row of the official csv that each face is, -1 where it is none; each row once.

    `descriptor` and `seen` are those of `reference.describe`. Exact copies and near twins stand in
    FER2013 under several labels and parts: rows of the face's own label and part come first. One
    set of images gets one answer, in whatever order it is given.
    """
    given = _Given(faces, descriptor, seen, _rank_by_pixels(faces))
    taken = np.full(len(faces), -1, dtype=np.int64)
    _match(given, taken, REACH, strict=True)
    for share, reach in FARTHER:
        if (taken < 0).mean() <= share:
            _match(given, taken, reach, strict=True)
    _match(given, taken, REACH, strict=False)
    return taken


def _rank_by_pixels(faces: Faces) -> NDArray[np.int64]:
    keys = [(i.tobytes(), s) for i, s in zip(faces.images, faces.source, strict=True)]
    rank = np.empty(len(keys), dtype=np.int64)
    rank[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
    return rank


def _match(given: _Given, taken: NDArray[np.int64], reach: float, strict: bool) -> None:
    """Give faces in `taken` that have no row the nearest free one; `strict`: of their label, part.

    A face of no declared part takes only what the declared ones leave. A row within reach of the
    descriptor 0 is blank, and noise is as near to it as a blank image: while many faces have no
    row, it is taken only where mean and contrast agree as well.
    """
    known = load()
    many = (taken < 0).mean() > FEW
    left = np.flatnonzero(taken < 0)
    free = np.setdiff1d(np.arange(len(known.labels)), taken)
    face, row, cost = _near(given.descriptor[left], known.descriptor[free], reach)
    face, row = left[face], free[row]
    split = given.faces.split[face]
    relabelled = known.labels[row] != given.faces.labels[face]
    moved = (known.split[row] != split) & (split != UNKNOWN)
    differ = np.abs(given.seen[face] - known.photometry[row].astype(int))
    cost += REACH * (2 * relabelled + 2 * moved + (split == UNKNOWN)) + 0.05 * differ.sum(1)
    allowed = ~(strict & (relabelled | moved))
    agree = (differ <= TOLERANCE + known.photometry[row] / 5)[:, :2].all(1)
    blank = np.linalg.norm(known.descriptor[row].astype(float), axis=1) < REACH
    allowed &= agree | ((reach <= REACH) & ~(blank & many))
    order = np.lexsort((given.rank[face], row, np.round(cost, 3)))
    order = order[allowed[order]]
    _pair(face[order], row[order], taken)


def _near(
    ours: NDArray[np.int8], theirs: NDArray[np.int8], reach: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """All pairs of descriptors that differ by less than `reach`, and by how much."""
    from scipy.spatial import cKDTree

    if not len(ours) or not len(theirs):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    one, other = (cKDTree(side.astype(float)) for side in (ours, theirs))
    pairs = one.sparse_distance_matrix(other, reach, output_type="ndarray")
    return pairs["i"], pairs["j"], pairs["v"]


def _pair(face: NDArray[np.int64], row: NDArray[np.int64], taken: NDArray[np.int64]) -> None:
    """Write into `taken` each pair, in the given order, whose face and row are still free."""
    used = set(taken[taken >= 0].tolist())
    for one, other in zip(face.tolist(), row.tolist(), strict=True):
        if taken[one] < 0 and other not in used:
            taken[one] = other
            used.add(other)
