"""Where the scheme's clusters lie, and what Eq. 1's terms carry (Qiu, section 5.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ferbook.report.qiu.cluster_places import (
    FEATURES,
    METRICS,
    PARTS,
    Counts,
    area,
    densities,
    merged,
    of_record,
    places,
    shares,
)
from ferbook.report.qiu.networks import NETWORKS, paper, runs, title

if TYPE_CHECKING:
    from torch import Tensor

    from ferbook.data.faces import Faces


def recorded(variant: str, tier: str) -> dict[int, Counts]:
    """{seed: counts} of the runs that kept them, merged to `PARTS`: (n + 1, 4)."""
    return {
        record.config["seed"]: counts
        for record in runs(variant, tier)
        if (counts := of_record(record)) is not None
    }


def live_counts(faces: Faces, maps: Tensor) -> Counts:
    """The same of live faces, whose landmarks are known or found, and their clusters (N, H, W)."""
    from ferbook.vision import regions as zones
    from ferbook.vision.landmarks import detect

    points = faces.landmarks if faces.landmarks is not None else detect(faces.images).points
    where = zones.regions(points, maps.shape[-1])
    counts = np.zeros((int(maps.max()) + 1, len(zones.HULLS)), np.int64)
    np.add.at(counts, (maps.numpy(), where), 1)
    return merged(counts, list(zones.HULLS))


def mean_over(seeds: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """(n, 4): the mean over networks that have the cluster; NaN where none has it."""
    stacked = np.stack(seeds)
    there = np.isfinite(stacked)
    count = there.sum(axis=0)
    return np.where(there, stacked, 0).sum(axis=0) / np.where(count > 0, count, np.nan)


def table(counts: Mapping[int, Counts]) -> pd.DataFrame:
    """Per cent of each cluster's pixels in each part and where it is densest; mean over seeds."""
    if not counts:
        return pd.DataFrame()
    every = list(counts.values())
    share = 100 * mean_over([shares(one) for one in every])
    dense = mean_over([densities(one) for one in every])
    rows = {
        f"cluster {k + 1}": [
            f"{s:.0f} ({d:.1f} ×)" if np.isfinite(s) else "–" for s, d in zip(*pair, strict=True)
        ]
        for k, pair in enumerate(zip(share, dense, strict=True))
    }
    whole = 100 * np.mean([area(one) for one in every], axis=0)
    rows["whole frame"] = [f"{value:.0f}" for value in whole]
    return pd.DataFrame(rows, index=list(PARTS)).T


def claimed() -> dict[str, int]:
    """How many clusters section 5.1 sees on which part."""
    said = paper().by_id
    out = {}
    for name, part in METRICS.items():
        number = said[f"qiu/claim/{name}"].reported
        assert number is not None and number.value is not None
        out[part] = int(number.value)
    return out


def as_claimed(counts: Counts) -> bool:
    """Whether just so many clusters are on the eyes, and on mouth and nose, as the paper says."""
    found = places(counts)
    return all(found.count(part) == many for part, many in claimed().items())


def placed_sentence(counts: Mapping[int, Counts], where: str) -> str:
    """Which part each cluster of the first run is on."""
    if not counts:
        return "No such run is recorded yet."
    parts = places(_first(counts))
    said = ", ".join(f"{k} {at(part)}" for k, part in enumerate(parts, start=1))
    text = f"{where[0].upper()}{where[1:]}: cluster {said}"
    if len({tuple(places(one)) for one in counts.values()}) > 1:
        text += f" (seed {min(counts)}; other seeds differ)"
    return f"{text}."


def at(part: str) -> str:
    """ "on mouth and nose", "outside", "nowhere"."""
    return part if part in ("outside", "nowhere") else f"on {part}"


def by_network(tier: str) -> pd.DataFrame:
    """Which part each cluster of each network is on, with three clusters; a row a run."""
    rows = {}
    for name, own in by_scheme(tier).items():
        for seed, counts in own.items():
            dense = densities(counts)
            rows[name + (f", seed {seed}" if len(own) > 1 else "")] = {
                f"cluster {k}": f"{at(part)} ({np.nanmax(row):.1f} ×)"
                if np.isfinite(row).any()
                else part
                for k, (part, row) in enumerate(zip(places(counts), dense, strict=True), start=1)
            }
    return pd.DataFrame(rows).T


def networks_sentence(tier: str) -> str:
    """How many networks have clusters where section 5.1 sees them, and how many clusters that is
    on average."""
    said = " and ".join(
        f"{many} cluster{'s' * (many != 1)} {at(part)}" for part, many in claimed().items()
    )
    runs = [counts for own in by_scheme(tier).values() for counts in own.values()]
    if not runs:
        return f"Section 5.1 sees {said}. No such run is recorded yet."
    met = sum(map(as_claimed, runs))
    means = " and ".join(
        f"{np.mean([places(one).count(part) for one in runs]):.1f} {at(part)}" for part in FEATURES
    )
    return (
        f"Section 5.1 sees {said}. **{met} of {len(runs)} networks "
        f"{'has' if met == 1 else 'have'} just that**; on average they have {means}."
    )


def by_scheme(tier: str) -> dict[str, dict[int, Counts]]:
    """{title: `recorded`} of every network by the scheme that has runs, without the ensemble."""
    found = {
        title(network.scheme): recorded(network.scheme, tier)
        for network in NETWORKS.values()
        if network.attention is not None
    }
    return {name: own for name, own in found.items() if own}


def on_features(counts: Mapping[int, Counts]) -> tuple[float, float]:
    """Per cent of the clustered pixels on eyes, brows, mouth and nose, and of the frame that these
    are; means over seeds."""
    columns = [list(PARTS).index(part) for part in FEATURES]
    own = [one[1:].sum(axis=0) for one in counts.values()]
    inside = [100 * one[columns].sum() / one.sum() for one in own]
    areas = [100 * area(one)[columns].sum() for one in counts.values()]
    return float(np.mean(inside)), float(np.mean(areas))


def features_sentence(tier: str) -> str:
    """Whether networks "predominantly utilize" eyes and mouth: how much of what each clusters lies
    on these and on brows and nose, beside their area."""
    found = {name: on_features(own) for name, own in by_scheme(tier).items()}
    if not found:
        return ""
    ranked = sorted(found.items(), key=lambda one: -one[1][0])
    said = ", ".join(f"{name} {inside:.0f} %" for name, (inside, _) in ranked)
    whole = np.mean([areas for _, areas in found.values()])
    most = sum(inside > 50 for inside, _ in found.values())
    more = sum(inside > areas for inside, areas in found.values())
    return (
        f"Of the pixels of highest attention, so much lies on eyes, brows, mouth and nose, which "
        f"are {whole:.0f} % of the frame: {said}. “Predominantly” would be most of them: "
        f"**so it is in {most} of {len(found)} networks**; in {more} it is more than chance, "
        "the share of the frame."
    )


def carried(variant: str, tier: str) -> pd.DataFrame:
    """Share of Eq. 1's intensity term for each reading of I, per cent, over the test part: the mean
    over runs, and where there are several the lowest and the highest."""
    from ferbook.report.qiu.live import READINGS

    found = [r.artifacts for r in runs(variant, tier) if "clusters.intensity" in r.artifacts]
    if not found:
        return pd.DataFrame()
    names = [READINGS[str(name)] for name in found[0]["clusters.readings"]]
    values = 100 * np.stack([one["clusters.intensity"] for one in found])
    columns = {"mean": values.mean(0)}
    if len(found) > 1:
        columns |= {"lowest": values.min(0), "highest": values.max(0)}
    return pd.DataFrame(columns, index=names)


def _first(counts: Mapping[int, Counts]) -> Counts:
    return counts[min(counts)]
