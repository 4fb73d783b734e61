"""Where Qiu's networks look, from what their runs kept: saliency by region of the face.

Saliency is the absolute gradient of the predicted class's logit (A36). A share is the part of a
face's saliency that lies in a region; a density is that part divided by the region's part of the
picture, 1 where the network does not prefer it. Intervals hold faces and seeds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ferbook.report.effects import NOTHING, Effect, interval, sampling
from ferbook.report.qiu.mask_losses import Estimate, mean
from ferbook.report.qiu.networks import runs
from ferbook.report.qiu.tables import COLUMNS
from ferbook.study.records import Record
from ferbook.vision.regions import HULLS

REGIONS = tuple(HULLS)
VIEWS = ("plain", "masked")
#: How each method is written.
METHODS = {"gradient": "gradient", "smoothgrad": "SmoothGrad", "gradcam": "Grad-CAM"}
#: Networks of Figures 1 and 6: {variant: how it is written}.
NETWORKS = {
    "vgg16": "VGG16",
    "pvgg16": "PVGG",
    "mvgg16": "VGG16 trained on masks",
}


@dataclass(frozen=True, eq=False)
class Looks:
    """Where the network of one seed looks on the sampled faces of the test part, in one view."""

    rows: NDArray[np.int64]  #: (n,), of the dataset
    truth: NDArray[np.uint8]  #: (n,)
    right: NDArray[np.bool_]  #: (n,), the network says what the face shows
    share: NDArray[np.float64]  #: (n, regions); a row of NaN where a map is zero
    area: NDArray[np.float64]  #: (n, regions)
    emotions: tuple[str, ...]

    def faces(self, emotion: str, only_right: bool, others: bool = False) -> NDArray[np.bool_]:
        """(n,): faces with a map that show the emotion, or any where it is "all"; with `others`
        those that show another one."""
        chosen = ~np.isnan(self.share.sum(axis=1))
        if emotion != "all":
            chosen &= (self.truth == self.emotions.index(emotion)) != others
        return chosen & self.right if only_right else chosen


BySeed = Mapping[int, Looks]


def looks(variant: str, view: str, tier: str, method: str = "gradient") -> dict[int, Looks]:
    """{seed: where it looks} of the recorded runs that kept shares of that method in that view."""
    key = f"sample.{'saliency' if method == 'gradient' else method}.{view}"
    return {
        record.config["seed"]: _looks(record, view, key)
        for record in runs(variant, tier)
        if key in record.artifacts
    }


def _looks(record: Record, view: str, key: str) -> Looks:
    kept = record.artifacts
    assert tuple(kept["regions"]) == REGIONS, f"{record.id}: other regions than the code's"
    rows = kept["sample.rows"].astype(np.int64)
    said = record.predictions("test", view)
    place = np.searchsorted(said.rows, rows)
    assert np.array_equal(said.rows[place], rows), f"{record.id}: a sampled face has no prediction"
    return Looks(
        rows,
        said.truth[place],
        said.predicted[place] == said.truth[place],
        _shares(kept[key]),
        kept["sample.area"].astype(float),
        record.card.emotions,
    )


def _shares(kept: NDArray[Any]) -> NDArray[np.float64]:
    """(n, regions) as fractions; of shares in 255ths a row of zeros is a map of zeros."""
    if kept.dtype != np.uint8:
        return kept.astype(float)
    total = kept.sum(axis=1, keepdims=True, dtype=float)
    return np.where(total > 0, kept / np.maximum(total, 1), np.nan)


def of_face(seeds: BySeed) -> dict[int, Looks]:
    """The same of the face alone: shares and areas (n, regions) of all regions but "outside" sum
    to 1. A map that lies wholly outside the face becomes a row of NaN."""
    return {
        seed: replace(one, share=_face_alone(one.share), area=_face_alone(one.area))
        for seed, one in seeds.items()
    }


def _face_alone(table: NDArray[np.float64]) -> NDArray[np.float64]:
    inner = table.copy()
    inner[:, REGIONS.index("outside")] = 0
    total = inner.sum(axis=1, keepdims=True)
    out: NDArray[np.float64] = inner / np.where(total > 0, total, np.nan)
    return out


# --- figures of one network ---------------------------------------------------------------------


def share(
    seeds: BySeed, regions: Sequence[str], emotion: str = "all", only_right: bool = False
) -> Effect:
    """Per cent of the saliency that lies in `regions`, mean over faces of an emotion."""
    columns = [REGIONS.index(name) for name in regions]
    found = []
    for one in seeds.values():
        inside = one.faces(emotion, only_right)
        found.append((mean(_part(one.share, columns), inside), one.rows, inside))
    return _over_seeds(found)


def density(
    seeds: BySeed, regions: Sequence[str], emotion: str = "all", only_right: bool = False
) -> Effect:
    """Mean share of saliency in `regions` by mean share of the picture, in hundredths."""
    columns, found = [REGIONS.index(name) for name in regions], []
    for one in seeds.values():
        inside = one.faces(emotion, only_right)
        ratio = mean(_part(one.share, columns), inside) / mean(_part(one.area, columns), inside)
        found.append((ratio, one.rows, inside))
    return _over_seeds(found)


def area(seeds: BySeed, region: str, emotion: str = "all") -> float:
    """Per cent of the picture that a region takes, mean over faces and seeds."""
    column = REGIONS.index(region)
    values = [100 * one.area[one.faces(emotion, False), column].mean() for one in seeds.values()]
    return float(np.mean(values)) if values else np.nan


def apart(
    first: BySeed,
    second: BySeed,
    regions: Sequence[str],
    emotion: str = "all",
    only_right: bool = False,
    others: bool = False,
) -> Effect:
    """First's share in `regions` minus second's on the same faces, in points of saliency.

    With `only_right` on the faces that both networks are right about, with `others` on those that
    show another emotion.
    """
    columns, found = [REGIONS.index(name) for name in regions], []
    for one, two in _pairs(first, second):
        inside = _both(one, two, emotion, only_right, others)
        difference = _part(one.share, columns) - _part(two.share, columns)
        found.append((mean(difference, inside), one.rows, inside))
    return _over_seeds(found)


def beyond_others(
    first: BySeed,
    second: BySeed,
    regions: Sequence[str],
    emotion: str,
    only_right: bool = False,
) -> Effect:
    """`apart` on faces that show an emotion minus `apart` on those that show another, in points."""
    columns, found = [REGIONS.index(name) for name in regions], []
    for one, two in _pairs(first, second):
        groups = [_both(one, two, emotion, only_right, others) for others in (False, True)]
        difference = _part(one.share, columns) - _part(two.share, columns)
        own, rest = (mean(difference, inside) for inside in groups)
        found.append((own - rest, one.rows, groups[0]))
    return _over_seeds(found)


def _pairs(first: BySeed, second: BySeed) -> Iterator[tuple[Looks, Looks]]:
    for seed in sorted(set(first) & set(second)):
        one, two = first[seed], second[seed]
        if not np.array_equal(one.rows, two.rows):
            raise ValueError("a difference is taken on the same faces")
        yield one, two


def _both(
    one: Looks, two: Looks, emotion: str, only_right: bool, others: bool
) -> NDArray[np.bool_]:
    return one.faces(emotion, only_right, others) & two.faces(emotion, only_right, others)


def beyond_area(
    seeds: BySeed, regions: Sequence[str], emotion: str = "all", only_right: bool = False
) -> Effect:
    """The share in `regions` minus their part of the picture, in points."""
    columns, found = [REGIONS.index(name) for name in regions], []
    for one in seeds.values():
        inside = one.faces(emotion, only_right)
        more = _part(one.share, columns) - _part(one.area, columns)
        found.append((mean(more, inside), one.rows, inside))
    return _over_seeds(found)


def _part(table: NDArray[np.float64], columns: Sequence[int]) -> NDArray[np.float64]:
    """(n,) sums over regions; a face without a map counts nowhere (`Looks.faces`), so 0 is safe."""
    total: NDArray[np.float64] = np.nan_to_num(table[:, columns].sum(axis=1))
    return total


def _over_seeds(
    found: Sequence[tuple[Estimate, NDArray[np.int64], NDArray[np.bool_]]],
) -> Effect:
    """Of one estimate, the faces' rows and those that counted for each seed."""
    values = [estimate.value for estimate, _, _ in found]
    if not values or not np.isfinite(values).all():
        return NOTHING
    units = [float(np.mean(estimate.influence**2)) for estimate, _, _ in found]
    images = min(int(inside.sum()) for _, _, inside in found)
    return interval(values, sampling(units, [rows for _, rows, _ in found]), images)


def by_region(
    seeds: BySeed, emotion: str, scale: str = "share", only_right: bool = False
) -> dict[str, Effect]:
    """{region: share in per cent, or density in hundredths}; nothing without runs."""
    figure = density if scale == "density" else share
    return {name: figure(seeds, [name], emotion, only_right) for name in REGIONS} if seeds else {}


def region_table(networks: Mapping[str, BySeed], emotion: str, only_right: bool) -> pd.DataFrame:
    """A row a region: its part of the picture, then share and density of each network."""
    rows: dict[str, dict[str, str]] = {}
    for name, seeds in networks.items():
        for region in REGIONS if seeds else ():
            row = rows.setdefault(region, {"area, %": f"{area(seeds, region, emotion):.1f}"})
            found = share(seeds, [region], emotion, only_right)
            ends = f" [{found.low:.1f}, {found.high:.1f}]" if found.low < found.high else ""
            row[f"{name}, %"] = f"{found.mean:.1f}{ends}" if found.seeds else "–"
            dense = density(seeds, [region], emotion, only_right)
            row[f"{name}, density"] = f"{dense.mean / 100:.2f}" if dense.seeds else "–"
    head = emotion if emotion != "all" else "all emotions"
    return pd.DataFrame(rows).T.rename_axis(columns=head)


def emotions_shown(networks: Mapping[str, BySeed]) -> list[str]:
    """Those of the table's columns that any sampled face shows."""
    for seeds in networks.values():
        for one in seeds.values():
            return [e for e in COLUMNS if one.faces(e, False).any()]
    return []
