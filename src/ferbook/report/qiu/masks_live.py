"""Live faces in masks, and what of each face a mask hides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ferbook.data.live import live_faces
from ferbook.report.qiu.figures_masks import NAMES
from ferbook.vision import regions as zones
from ferbook.vision.facemasks import KINDS, coverage

#: What of a face can be seen or hidden; the rest is hair and background.
PARTS = tuple(name for name in zones.HULLS if name != "outside")


def marked(
    dataset: str, count: int, seed: int = 0
) -> tuple[NDArray[np.uint8], NDArray[np.float32], list[str]]:
    """`count` live faces (N, H, W), their landmarks (N, 68, 2), their emotions.

    On drawn faces the landmarks are known, else they are dlib's.
    """
    faces = live_faces(dataset, count, seed)
    titles = [faces.emotions[label] for label in faces.labels]
    if faces.landmarks is not None:
        return faces.images, faces.landmarks.astype(np.float32), titles
    from ferbook.vision.landmarks import detect

    return faces.images, detect(faces.images).points, titles


def kinds_of(kind: str) -> tuple[str, ...]:
    return KINDS if kind == "all" else (kind,)


def covered(points: NDArray[np.float32], kinds: Sequence[str], size: int = 48) -> pd.DataFrame:
    """Kinds of masks (rows) by parts of a face: per cent of the part that the mask covers; means
    over the faces with landmarks `points` (N, 68, 2)."""
    where, table = zones.regions(points, size), {}
    for kind in kinds:
        cover = coverage(points, np.arange(len(points)), kind, size)
        table[NAMES[kind]] = {
            part: 100 * float(cover[where == list(zones.HULLS).index(part)].mean())
            for part in PARTS
        }
    return pd.DataFrame(table).T


def say_sheet(titles: Sequence[str], share: pd.DataFrame, dataset: str) -> str:
    """Of `figures_masks.mask_sheet`: which faces, which masks, what they hide most and least."""
    whose = "synthetic faces" if dataset == "synthetic" else f"faces of {dataset}"
    means = share.mean().sort_values()
    return (
        f"{len(titles)} {whose} ({', '.join(dict.fromkeys(titles))}) as they are and in masks: "
        f"{', '.join(share.index)}. On average a mask covers {means.iloc[-1]:.0f} % of the "
        f"{means.index[-1]} and {means.iloc[0]:.0f} % of the {means.index[0]}"
    )
