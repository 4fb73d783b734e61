"""What each official FER2013 image looks like, in 15 bytes: enough to know it again, no picture.

`fer2013_reference.npz` holds, in the order of the official csv, for each of the 35,887 images

- `descriptor` (N, 12) int8: the lowest spatial frequencies of the image after its grey levels were
  replaced by their ranks, so that neither JPEG nor a change of contrast hides which image it is;
- `photometry` (N, 3) uint8: mean, contrast and sharpness, which such changes do betray;
- `labels`, `split` (N,) uint8; `row_known` (N,) bool: FER+ numbers all but 493 images in the order
  of the csv; those stand in the places left over in their part, by file name. FER+ skips 85 rows of
  the csv in its numbers, so that a place here is one in that order, not the row of the csv itself.

It was made by `python -m ferbook.data.reference IMAGES VOTES OUTPUT` from the Kaggle folder
(checked one to one against the lossless original: mean squared error 3) and FER+'s votes joined to
its file names (columns `image`, `fer2013_row`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferbook.data.faces import Faces

#: (vertical, horizontal) cosine frequencies, half waves per image side; (0, 0) is the mean.
FREQUENCIES = (
    *((0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (1, 2)),
    *((2, 1), (0, 3), (3, 0), (2, 2), (1, 3), (3, 1)),
)
#: int8 steps per unit of a cosine coefficient; coefficients reach 4.3 and spread by 0.95.
STEP = 29.0
#: uint8 steps per unit of mean and contrast (grey levels) and of sharpness (natural logarithm).
PHOTOMETRY_STEPS = np.array([1.0, 2.0, 40.0])


@dataclass(frozen=True)
class Reference:
    descriptor: NDArray[np.int8]
    photometry: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    split: NDArray[np.uint8]
    row_known: NDArray[np.bool_]


@cache
def load() -> Reference:
    with np.load(str(files("ferbook.data") / "fer2013_reference.npz")) as stored:
        return Reference(
            **{key: stored[key] for key in stored.files if key != "descriptor"},
            descriptor=np.ascontiguousarray(stored["descriptor"].T),
        )


def describe(images: NDArray[np.uint8]) -> tuple[NDArray[np.int8], NDArray[np.uint8]]:
    """Descriptor (N, 12) int8 and photometry (N, 3) uint8 of images (N, 48, 48) uint8."""
    pieces = [_describe(images[at : at + 2048]) for at in range(0, len(images), 2048)]
    descriptor, photometry = zip(*pieces, strict=True)
    return np.concatenate(descriptor), np.concatenate(photometry)


def _describe(images: NDArray[np.uint8]) -> tuple[NDArray[np.int8], NDArray[np.uint8]]:
    # in double precision, so that no machine rounds to another integer
    waves = _waves(images.shape[1]).reshape(len(FREQUENCIES), -1)
    # 16: the scale at which a coefficient is that of the image reduced to 16 x 16 means
    coefficients = ranks(images).reshape(len(images), -1) @ waves.T * (16 / images[0].size)
    descriptor = np.clip(np.rint(coefficients * STEP), -127, 127).astype(np.int8)
    return descriptor, _quantise(photometry(images))


def _waves(side: int) -> NDArray[np.float64]:
    """(12, side, side) products of two cosines, each of mean square 1 over the image."""
    at = (np.arange(side) + 0.5) * np.pi / side
    wave = [np.ones(side)] + [np.sqrt(2) * np.cos(k * at) for k in (1, 2, 3)]
    return np.stack([np.outer(wave[v], wave[h]) for v, h in FREQUENCIES])


def ranks(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Grey levels replaced by the share of pixels that are darker (ties count half)."""
    shares = np.empty(images.shape, dtype=np.float64)
    for image, share in zip(images, shares, strict=True):
        histogram = np.bincount(image.ravel(), minlength=256)
        share[:] = ((np.cumsum(histogram) - histogram / 2) / image.size)[image]
    return shares


def photometry(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(N, 3): mean, standard deviation, and log(1 + standard deviation of the Laplacian)."""
    grey = images.astype(np.float64)
    inner = grey[:, 1:-1, 1:-1]
    around = grey[:, :-2, 1:-1] + grey[:, 2:, 1:-1] + grey[:, 1:-1, :-2] + grey[:, 1:-1, 2:]
    sharpness = np.log1p((4 * inner - around).std((1, 2)))
    return np.stack([grey.mean((1, 2)), grey.std((1, 2)), sharpness], axis=1)


def _quantise(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.clip(np.rint(values * PHOTOMETRY_STEPS), 0, 255).astype(np.uint8)


def build(faces: Faces, rows_of: dict[str, list[int]]) -> dict[str, NDArray[Any]]:
    """The arrays of the reference, from all official images and the csv rows known by file name."""
    paths = [source.decode() for source in faces.source]
    names = [path.split("/")[-1] for path in paths]
    row = np.full(len(faces), -1)
    for i in sorted(range(len(faces)), key=paths.__getitem__):
        if left := rows_of.get(names[i]):  # one name stands under two emotions, with two rows
            row[i] = left.pop(0)
    known = row >= 0
    # the csv holds the three parts one after the other, so the rows left over do too
    unknown = sorted(np.flatnonzero(~known), key=lambda i: (faces.split[i], names[i], paths[i]))
    row[unknown] = np.setdiff1d(np.arange(len(faces)), row[known])
    order = np.argsort(row)
    if np.any(np.diff(faces.split[order].astype(int)) < 0):
        raise ValueError("rows and parts disagree")
    descriptor, seen = describe(faces.images[order])
    return {
        "descriptor": np.ascontiguousarray(descriptor.T),  # packs better by column
        "photometry": seen,
        "labels": faces.labels[order],
        "split": faces.split[order],
        "row_known": known[order],
    }


def main(images: str, votes: str, output: str) -> None:
    import pandas as pd

    from ferbook.data.fer2013 import read

    table = pd.read_csv(votes)
    rows: dict[str, list[int]] = {}
    for name, row in sorted(zip(table["image"], table["fer2013_row"].astype(int), strict=True)):
        rows.setdefault(str(name), []).append(int(row))
    arrays = build(read(Path(images)), rows)
    np.savez_compressed(output, **arrays)  # type: ignore[arg-type]


if __name__ == "__main__":
    import sys

    main(*sys.argv[1:])
