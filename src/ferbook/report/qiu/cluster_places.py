"""On which part of a face each of the scheme's clusters is (Qiu, section 5.1, Figure 4).

Counts are (n + 1, regions): pixels of each cluster (0: not clustered) in each landmark region
(`vision.regions.HULLS`), over the whole test part. A cluster is *on* the part of the face where it
is densest: its share of pixels there, divided by that part's share of all pixels.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferbook.study.records import Record

Counts = NDArray[np.int64]
#: Parts of a face as section 5.1 names them, from landmark regions.
PARTS = {
    "eyes and brows": ("eyes", "brows"),
    "mouth and nose": ("mouth", "nose"),
    "cheeks": ("cheeks",),
    "outside": ("outside",),
}
FEATURES = ("eyes and brows", "mouth and nose")
#: The experiment whose networks the section speaks of, "our models".
EXPERIMENT = "perturb-fer2013"
#: What a protocol calls the number of clusters on a part.
METRICS = dict(zip(("eye-clusters", "mouth-clusters"), FEATURES, strict=True))


def merged(counts: NDArray[np.integer[Any]], names: Sequence[str]) -> Counts:
    """(n + 1, regions) to (n + 1, 4), in the order of `PARTS`."""
    columns = [
        counts[:, [i for i, name in enumerate(names) if name in regions]].sum(axis=1)
        for regions in PARTS.values()
    ]
    return np.stack(columns, axis=1).astype(np.int64)


def shares(counts: Counts) -> NDArray[np.float64]:
    """(n, 4): share of each cluster's pixels in each part; NaN for an empty cluster."""
    own = counts[1:].astype(float)
    total = own.sum(axis=1, keepdims=True)
    return own / np.where(total > 0, total, np.nan)


def area(counts: Counts) -> NDArray[np.float64]:
    """(4,): share of all pixels in each part."""
    return counts.sum(axis=0) / counts.sum()


def densities(counts: Counts) -> NDArray[np.float64]:
    """(n, 4): 1 where a cluster is as frequent as anywhere; NaN for a part that no face has."""
    whole = area(counts)
    return shares(counts) / np.where(whole > 0, whole, np.nan)


def places(counts: Counts) -> list[str]:
    """The part that each cluster is on; "nowhere" where it is empty."""
    found = densities(counts)
    return [
        list(PARTS)[int(np.nanargmax(row))] if np.isfinite(row).any() else "nowhere"
        for row in found
    ]


def of_record(record: Record) -> Counts | None:
    """(n + 1, 4), in the order of `PARTS`; None of a run that kept none."""
    if "clusters.regions" not in record.artifacts:
        return None
    names = record.artifacts["regions"].tolist()
    return merged(record.artifacts["clusters.regions"], names)


def answers(record: Record, tier: str) -> bool:
    """Whether a run is one of the networks that the section speaks of, at that tier."""
    c = record.config
    return (c["paper"], c["experiment"], c["tier"]) == ("qiu", EXPERIMENT, tier)


def by_seed(records: Iterable[Record], tier: str, part: str) -> dict[int, float]:
    """{seed: how many clusters are on `part`, the mean over its networks}."""
    found: dict[int, list[int]] = defaultdict(list)
    for record in records:
        if answers(record, tier) and (counts := of_record(record)) is not None:
            found[record.config["seed"]].append(places(counts).count(part))
    return {seed: float(np.mean(many)) for seed, many in sorted(found.items())}
