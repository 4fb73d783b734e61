"""Where the scheme's clusters lie, what Eq. 1's terms carry, and what their number does (5.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ferbook.report.chew.contrasts import count_seeds
from ferbook.report.effects import Effect
from ferbook.report.qiu.answers import caveat
from ferbook.report.qiu.best_clusters import BACKBONES, DEFAULT, NUMBERS, by_backbone
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
from ferbook.report.qiu.networks import NETWORKS, SCHEME, apart, paper, runs, side, title
from ferbook.report.qiu.performance_verdicts import listed
from ferbook.report.qiu.tables import number_term
from ferbook.report.tables import select
from ferbook.study.records import load_all

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
    for network in NETWORKS.values():
        found = {} if network.attention is None else recorded(network.scheme, tier)
        for seed, counts in found.items():
            name = title(network.scheme) + (f", seed {seed}" if len(found) > 1 else "")
            dense = densities(counts)
            rows[name] = {
                f"cluster {k}": f"{at(part)} ({np.nanmax(row):.1f} ×)"
                if np.isfinite(row).any()
                else part
                for k, (part, row) in enumerate(zip(places(counts), dense, strict=True), start=1)
            }
    return pd.DataFrame(rows).T


def networks_sentence(tier: str) -> str:
    """How many networks have clusters where section 5.1 sees them, and how many clusters that is
    on the mean."""
    said = " and ".join(f"{many} {at(part)}" for part, many in claimed().items())
    runs = [
        counts
        for network in NETWORKS.values()
        if network.attention is not None
        for counts in recorded(network.scheme, tier).values()
    ]
    if not runs:
        return f"Section 5.1 has {said}. No such run is recorded yet."
    met = sum(map(as_claimed, runs))
    means = " and ".join(
        f"{np.mean([places(one).count(part) for one in runs]):.1f} {at(part)}" for part in FEATURES
    )
    return (
        f"Section 5.1 has {said}. **{met} of {len(runs)} networks "
        f"{'has' if met == 1 else 'have'} just that**; on the mean they have {means}."
    )


def so_far(tier: str) -> str:
    """What the page's runs come to, how far they are reduced, and of how many seeds they are."""
    text = f"**So far**: {networks_sentence(tier)}"
    ahead = []
    for backbone, found in by_backbone(load_all("qiu"), tier).items():
        beside = beside_default(backbone, tier)
        for best in sorted(set(found.values()) - {DEFAULT}):
            gap = f" ({beside[int(best)]} points beside {DEFAULT})" if best in beside else ""
            ahead.append(f"{best:g} of {title(NETWORKS[backbone].scheme)}{gap}")
        if DEFAULT in found.values():
            ahead.append(f"{DEFAULT} of {title(NETWORKS[backbone].scheme)}")
    if ahead:
        text += f" The best number of clusters is {'; '.join(ahead)}."
    return f"{text} {caveat(select(f'qiu/{SCHEME}', tier))}"


def features_sentence(counts: Mapping[int, Counts], where: str) -> str:
    """How much of what is clustered lies on eyes, brows, mouth and nose, beside their area."""
    if not counts:
        return ""
    columns = [list(PARTS).index(part) for part in FEATURES]
    inside, areas = [], []
    for one in counts.values():
        own = one[1:].sum(axis=0)
        inside.append(100 * own[columns].sum() / own.sum())
        areas.append(100 * area(one)[columns].sum())
    mean, whole = float(np.mean(inside)), float(np.mean(areas))
    spread = f" ({min(inside):.0f} to {max(inside):.0f} over seeds)" if len(inside) > 1 else ""
    verb = "more than" if mean > whole else "less than"
    most = "most" if mean > 50 else "the smaller part"
    return (
        f"Of the pixels of highest attention, {where}, {mean:.0f} %{spread} lie on eyes, brows, "
        f"mouth and nose, which are {whole:.0f} % of the frame: {most}, and {verb} chance would "
        "have it."
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


def beside_default(backbone: str, tier: str) -> dict[int, Effect]:
    """{n: accuracy with n clusters minus that with three}, of the numbers that have runs."""
    default = number_term(backbone, DEFAULT)
    found = {n: apart(number_term(backbone, n), default, tier) for n in NUMBERS if n != DEFAULT}
    return {n: effect for n, effect in found.items() if effect.seeds}


def numbers_table(backbone: str, tier: str) -> pd.DataFrame:
    """Points that each number of clusters is above or below three."""
    rows = {
        f"{n} − {DEFAULT}": {"points": str(effect), "seeds": str(effect.seeds)}
        for n, effect in beside_default(backbone, tier).items()
    }
    return pd.DataFrame(rows).T


def numbers_sentence(backbone: str, tier: str) -> str:
    """Whether three is best, and whether more help, for one backbone."""
    found = beside_default(backbone, tier)
    name = title(NETWORKS[backbone].scheme)
    if not found:
        return f"**{name}**: no other numbers of clusters are recorded yet."
    if max(effect.seeds for effect in found.values()) < 2:
        means = {n: effect.mean for n, effect in found.items()} | {DEFAULT: 0.0}
        top = max(means, key=means.__getitem__)
        return (
            f"**{name}**: among its networks of one seed {top} "
            f"cluster{'s are' if top > 1 else ' is'} ahead."
        )
    groups: dict[str, list[int]] = {"worse": [], "better": [], "open": []}
    for n, effect in found.items():
        groups[{"above": "better", "below": "worse"}.get(side(effect), "open")].append(n)
    parts = [f"{listed([*map(str, ns)])} {VERBS[kind]}" for kind, ns in groups.items() if ns]
    more = [n for n in groups["better"] if n > DEFAULT]
    best = not groups["better"] and not groups["open"] and len(found) == len(NUMBERS) - 1
    fewest = min(found.values(), key=lambda effect: effect.seeds)
    return (
        f"**{name}** ({count_seeds(fewest)}): beside three clusters "
        f"{'; '.join(parts)}. That three is best is "
        f"{'borne out' if best else 'contradicted' if groups['better'] else 'not shown'}; "
        f"that more do not help is {'contradicted' if more else 'not contradicted'}."
    )


#: What is said of numbers of clusters beside three.
VERBS = {
    "worse": "did worse",
    "better": "did better",
    "open": "cannot be told apart from them",
}


def numbers_sentences(tier: str) -> str:
    """`numbers_sentence` of each backbone; those without other numbers in one sentence."""
    lacking = [backbone for backbone in BACKBONES if not beside_default(backbone, tier)]
    said = [numbers_sentence(b, tier) for b in BACKBONES if b not in lacking]
    if lacking:
        names = listed([title(NETWORKS[backbone].scheme) for backbone in lacking])
        said.append(f"{names}: no other numbers of clusters are recorded yet.")
    return "\n\n".join(said)


def best_sentence(tier: str) -> str:
    """The number with the highest accuracy, per backbone and seed."""
    found = by_backbone(load_all("qiu"), tier)
    if not found:
        return "No backbone has all numbers of clusters recorded yet."
    lists = {b: ", ".join(f"{n:g}" for n in found[b].values()) for b in BACKBONES if b in found}
    said = [f"{title(NETWORKS[backbone].scheme)} {text}" for backbone, text in lists.items()]
    return (
        f"The number of clusters with the highest accuracy, seed by seed: {'; '.join(said)}. One "
        f"of {len(NUMBERS)} values is always the largest; where seeds do not agree which, none is "
        "known to be best."
    )


def _first(counts: Mapping[int, Counts]) -> Counts:
    return counts[min(counts)]
