"""One face under Chew's augmentations, each alone and all together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ferbook.report.chew.contrasts import ALL
from ferbook.vision.augment import Geometry


def geometries(
    rotation: float, translation: float, zoom: float, flip: float
) -> dict[str, Geometry]:
    """Each augmentation alone, and all of them; `zoom` is the share by which a face grows or
    shrinks, the other ranges are as in `Geometry`."""
    sizes = (1 - zoom, 1 + zoom)
    return {
        "rotation": Geometry(rotation=rotation),
        "translation": Geometry(translation=translation),
        "zoom": Geometry(zoom=sizes),
        "flip": Geometry(flip=flip),
        ALL: Geometry(rotation, translation, sizes, flip),
    }


def moved(
    image: NDArray[np.uint8],
    landmarks: NDArray[np.floating],
    geometry: Geometry,
    count: int,
    seed: int = 0,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """`count` random variations of a face (H, W), (count, H, W), and of its landmarks (68, 2),
    (count, 68, 2)."""
    import torch

    from ferbook.vision import augment

    generator = torch.Generator().manual_seed(seed)
    maps, flipped = augment.draw(geometry, count, generator, image.shape[-1])
    faces = torch.tensor(np.array(image), dtype=torch.float32).expand(count, 1, -1, -1)
    points = torch.tensor(np.array(landmarks), dtype=torch.float32).expand(count, -1, -1)
    out, marks = augment.apply(faces, points, maps, flipped)
    assert marks is not None
    return out[:, 0].numpy(), marks.numpy()


def effects(
    image: NDArray[np.uint8],
    landmarks: NDArray[np.floating],
    given: Mapping[str, Geometry],
    draws: int = 500,
    seed: int = 0,
) -> pd.DataFrame:
    """What each geometry does to a face, on average over `draws`: how far its landmarks move
    (pixels), how many of them lie outside the frame and how often any does (per cent); first what
    the face is like before."""
    rows = {}
    for name, geometry in {"as it is": Geometry(), **given}.items():
        _, points = moved(image, landmarks, geometry, draws, seed)
        outside = ((points < -0.5) | (points > image.shape[-1] - 0.5)).any(axis=2)
        rows[name] = {
            "landmarks move, px": np.linalg.norm(points - landmarks, axis=2).mean(),
            "outside the frame, %": 100 * outside.mean(),
            "faces cut, %": 100 * outside.any(axis=1).mean(),
        }
    return pd.DataFrame(rows).T
