"""A few faces spoilt while a page is built: what that does to them and to their landmarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ferbook.vision.landmarks import detect
from ferbook.vision.masking import AMOUNTS, OCCLUDERS, Condition, spoil

UNSPOILT = "as it is"
#: Outer corners of the two eyes, whose distance landmark errors are measured by.
CORNERS = (36, 45)
UNITS = {"square": " %", "noise": " grey", "shift": " px"}


@dataclass(frozen=True, eq=False)
class Shown:
    """N faces under C conditions, the first of which is none."""

    names: tuple[str, ...]
    images: NDArray[np.uint8]  #: (C, N, H, W)
    carried: NDArray[np.float32]  #: (C, N, 68, 2), landmarks found before, moved along
    again: NDArray[np.float32]  #: (C, N, 68, 2), found on the spoilt face
    detected: NDArray[np.bool_]  #: (C, N), by the detector itself
    hidden: NDArray[np.bool_]  #: (C, N, 68), under an occluder


def conditions(occluder: str, area: float) -> list[Condition]:
    """`occluder` (a region, or a square of `area` per cent), then the strongest of other kinds."""
    first = Condition(occluder, area) if occluder == "square" else Condition(occluder)
    others = [kind for kind in AMOUNTS if kind != "square"]
    weak = ("brightness", "contrast")  # their strongest darkens, or flattens: the first of the list
    return [first, *(Condition(k, AMOUNTS[k][0 if k in weak else -1]) for k in others)]


def label(condition: Condition) -> str:
    """ "eyes hidden", "square 20 %", "contrast 0.25"."""
    if condition.kind in OCCLUDERS:
        half = " half" if condition.kind in ("left", "right") else ""
        return f"{condition.kind}{half} hidden"
    sign = "+" if condition.kind == "brightness" else ""
    amount = f"{condition.amount:{sign}g}".replace("-", "−")
    return f"{condition.kind} {amount}{UNITS.get(condition.kind, '')}"


def show(images: NDArray[np.uint8], chosen: Sequence[Condition]) -> Shown:
    """`images` (N, H, W) as they are and under each condition, with dlib's landmarks of both."""
    before = detect(images)
    rows = np.arange(len(images))
    spoilt = [(np.asarray(images), before.points)]
    spoilt += [spoil(images, before.points, condition, rows) for condition in chosen]
    again = [before, *(detect(changed) for changed, _ in spoilt[1:])]
    return Shown(
        (UNSPOILT, *map(label, chosen)),
        np.stack([changed for changed, _ in spoilt]),
        np.stack([points for _, points in spoilt]),
        np.stack([found.points for found in again]),
        np.stack([found.detected for found in again]),
        np.stack([_hidden(images, before.points, c) for c in (None, *chosen)]),
    )


def _hidden(
    images: NDArray[np.uint8], points: NDArray[np.float32], condition: Condition | None
) -> NDArray[np.bool_]:
    """(N, 68), found by covering a white frame instead of the face."""
    if condition is None or condition.kind not in (*OCCLUDERS, "square"):
        return np.zeros(points.shape[:2], bool)
    white = np.full_like(images, 255)
    covered, _ = spoil(white, points, condition, np.arange(len(images)))
    x, y = np.clip(np.rint(points), 0, images.shape[-1] - 1).astype(int).T  # (68, N) each
    under: NDArray[np.bool_] = covered[np.arange(len(images)), y, x].T == 0
    return under


def displaced(shown: Shown) -> pd.DataFrame:
    """Per condition: how many faces the detector still finds, and how far dlib's landmarks then are
    from those found before, in per cent of the distance between the outer corners of the eyes
    (medians over the landmarks in view and the hidden ones, of all faces); NaN without any."""
    gap = np.linalg.norm(shown.again - shown.carried, axis=-1)  # (C, N, 68)
    eyes = shown.carried[:, :, CORNERS[0]] - shown.carried[:, :, CORNERS[1]]
    share = 100 * gap / np.linalg.norm(eyes, axis=-1)[..., None]
    found: list[dict[str, Any]] = []
    for name, there, distance, under in zip(
        shown.names, shown.detected, share, shown.hidden, strict=True
    ):
        found.append(
            {
                "condition": name,
                f"found, of {len(there)}": there.sum(),
                "moved, in view": _median(distance[there][~under[there]]),
                "moved, hidden": _median(distance[there][under[there]]),
            }
        )
    return pd.DataFrame(found[1:]).set_index("condition")


def beside_recorded(shown: Shown, first: Condition, missed: pd.DataFrame) -> str:
    """How many of the shown and of the recorded faces (`spoilt.failures`) the detector misses under
    the first condition; nothing where that is not recorded."""
    same = missed[(missed["kind"] == first.kind) & (missed["amount"] == first.amount)]
    if same.empty:
        return ""
    lost = (~shown.detected[1]).sum()
    return (
        f"With {label(first)} the detector misses {same['missed'].iloc[0]:.0f} % of the recorded "
        f"faces, and {lost} of the {shown.detected.shape[1]} live ones above."
    )


def _median(values: NDArray[np.floating[Any]]) -> float:
    return float(np.median(values)) if len(values) else np.nan
