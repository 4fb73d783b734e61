"""What the Perturb Scheme costs in weights and in seconds of training ("lightweight", section 5).

A run by the scheme is two trainings: the attention network's, whose times its record tells, and the
predictor's, in whose seconds each epoch's clustering is contained. In a test nothing is clustered
where clusters are dropped in training: the predictor answers alone, with the baseline's weights.
Times are compared between runs of one seed on one kind of machine only, by their fastest epochs:
whatever else a machine does can only slow one. What an epoch costs beside a plain one is measured
apart, in turns (`report.speed.scheme`), since runs that were trained on different days are not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ferbook.report import sources, speed
from ferbook.report.qiu.best_clusters import BACKBONES, NUMBERS, experiment_and_variant
from ferbook.report.qiu.networks import NETWORKS, runs, title
from ferbook.report.tables import select
from ferbook.study.records import Record

HEAVY = 1.5  #: times the baseline's training: above, it is not called light
#: What of the hardware decides times.
MACHINE = ("device", "processor", "gpu", "threads", "bfloat16")


def pairs(baseline: str, tier: str) -> list[tuple[Record, Record]]:
    """(without, with the scheme) of one seed and machine, where phase 1's times are told."""
    without = {r.config["seed"]: r for r in runs(baseline, tier)}
    return [
        (without[seed], record)
        for record in runs(NETWORKS[baseline].scheme, tier)
        if (seed := record.config["seed"]) in without
        and "attention" in (record.data.get("phases") or {})
        and machine(record) == machine(without[seed])
    ]


def machine(record: Record) -> tuple[object, ...]:
    return tuple(record.data["hardware"].get(name) for name in MACHINE)


#: A narrow table's heads: what is said of the baseline, then of the network with the scheme.
HEADS = {
    "weights, baseline": "weights",
    "weights in a test": "in a test",
    "weights of phase 1": "in phase 1",
    "epoch, baseline": "epoch, s",
    "epoch, phase 1": "phase 1, s",
    "epoch, phase 3": "phase 3, s",
    "of it clustering": "clusters, s",
    "attention, once": "attention, s once",
    "times the baseline": "times",
}


def costs(tier: str) -> pd.DataFrame:
    """A row a network: weights in a test and of phase 1, seconds of an epoch of each training, how
    many times the baseline's all of it takes; means over seeds."""
    rows = {}
    for name in NETWORKS:
        if name == "ensemble" or not (found := pairs(name, tier)):
            continue
        phase = [own.data["phases"]["attention"] for _, own in found]
        base = np.mean([fastest(without) for without, _ in found])
        first = np.mean([_first(name, own, tier) for _, own in found])
        third = np.mean([fastest(own) for _, own in found])
        rows[title(NETWORKS[name].scheme)] = {
            "weights, baseline": found[0][0].data["parameters"],
            "weights in a test": found[0][1].data["parameters"],
            "weights of phase 1": phase[0]["parameters"],
            "epoch, baseline": base,
            "epoch, phase 1": first,
            "epoch, phase 3": third,
            "of it clustering": clustering([own for _, own in found]),
            "attention, once": attending([own for _, own in found]),
            "times the baseline": (first + third) / base if base else np.nan,
        }
    return pd.DataFrame(rows).T


def fastest(record: Record) -> float:
    """Seconds of a run's fastest epoch."""
    return min(float(epoch["seconds"]) for epoch in record.history)


def _first(name: str, own: Record, tier: str) -> float:
    """Seconds of an epoch of phase 1: the fastest where that training is a record of its own, the
    mean, which is all that the scheme's record tells, where it is not."""
    attention = NETWORKS[name].attention
    for record in runs(attention, tier) if attention else ():
        if record.config["seed"] == own.config["seed"] and machine(record) == machine(own):
            return fastest(record)
    phase = own.data["phases"]["attention"]
    return float(phase["seconds"] / phase["epochs"])


def cost_table(tier: str) -> pd.DataFrame:
    """`costs` as text: whole weights, seconds to tenths, the factor to two places."""
    table, own = costs(tier), {}
    for name in NETWORKS:
        own[title(NETWORKS[name].scheme)] = [one for both in pairs(name, tier) for one in both]
    places = {"times the baseline": 2, "of it clustering": 1, "attention, once": 0}
    shown = pd.DataFrame(
        {
            name: [
                _text(value, places.get(str(name), int(str(name).startswith("epoch"))))
                for value in column
            ]
            for name, column in table.items()
        },
        index=table.index,
    )
    return sources.of(shown.rename(columns=HEADS), own)


def _text(value: float, places: int) -> str:
    return "–" if np.isnan(value) else f"{value:,.{places}f}"


def clustering(records: Sequence[Record]) -> float:
    """Mean seconds an epoch for the clusters of its images."""
    return _mean([seconds[1] / len(run.history) for run, seconds in _clustered(records)])


def attending(records: Sequence[Record]) -> float:
    """Mean seconds for the attention of all images, which a training needs once."""
    return _mean([seconds[0] for _, seconds in _clustered(records)])


def _clustered(records: Sequence[Record]) -> list[tuple[Record, NDArray[np.float64]]]:
    """Runs that told it, with seconds for (attention, clusters) of the whole training."""
    name = "clusters.seconds"
    return [(run, run.artifacts[name]) for run in records if name in run.artifacts]


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def over_numbers(backbone: str, tier: str) -> pd.DataFrame:
    """A row a number of clusters: weights of the predictor."""
    rows, own = {}, {}
    for count in NUMBERS if backbone in BACKBONES else ():
        experiment, variant = experiment_and_variant(backbone, count)
        if found := select(f"qiu/{experiment}", tier, [variant]):
            own[str(count)] = found
            rows[str(count)] = {
                "weights": f"{found[0].data['parameters']:,}",
                "seeds": str(len(found)),
            }
    return sources.of(pd.DataFrame(rows).T.rename_axis("clusters"), own)


def beside_plain(device: str = "cpu") -> pd.DataFrame:
    """A row for phase 1 and for each number of clusters in phase 3: how many times an epoch without
    the scheme takes, one after the first, and the per cent of clustering in it; medians over turns
    and their ranges."""
    turns, rows = speed.scheme(device), {}
    for (part, n), own in turns.items():
        if part in ("cbam", "training"):
            share = 100 * turns["clustering", n] / own if n else 0 * own
            rows[f"phase 3, n = {n}" if n else "phase 1"] = {
                "times a plain epoch": ranged(own / turns["plain", 0], 2),
                "clustering, %": ranged(share, 0) if n else "–",
            }
    return pd.DataFrame(rows).T


def ranged(turns: NDArray[np.float64], places: int) -> str:
    """Median over turns, the least and the most: "1.23 [1.15, 1.37]"."""
    middle, low, high = (f"{f(turns):.{places}f}" for f in (np.median, np.min, np.max))
    return f"{middle} [{low}, {high}]"


def spanned(values: NDArray[np.float64] | pd.Series, places: int = 1) -> str:
    """ "1.1 to 1.4", the least and the most of values that are not NaN."""
    ends = np.nanmin(values), np.nanmax(values)
    return " to ".join(dict.fromkeys(f"{end:.{places}f}" for end in ends))


def in_turns(device: str = "cpu", clusters: int = 3) -> str:
    """What the whole scheme costs beside a plain training, by what was measured in turns."""
    turns = speed.scheme(device)
    if not turns:
        return "What an epoch costs beside a plain one is not measured here yet."
    plain = turns["plain", 0]
    first, later = turns["cbam", 0] / plain, turns["training", clusters] / plain
    return (
        f"Measured in {len(plain)} turns on one processor, an epoch of VGG16 costs "
        f"{spanned(first)} times a plain one in phase 1 and {spanned(later)} times with {clusters} "
        f"clusters in phase 3: **{spanned(first + later)} times** a plain training of as many "
        "epochs, and once the attention of all images."
    )


def more_clusters(device: str = "cpu") -> str:
    """Whether more clusters heighten "computational demands" (section 5.1): in clustering alone,
    and in the epoch that it is a part of; the most clusters beside the fewest, turn by turn."""
    turns = speed.scheme(device)
    counts = sorted(n for part, n in turns if part == "training")
    if len(counts) < 2:
        return "What more clusters cost is not measured here yet."
    few, many = counts[0], counts[-1]
    alone, whole = (turns[part, many] / turns[part, few] for part in ("clustering", "training"))
    return (
        f"Does increasing the number of clusters heighten “computational demands”? With {many} "
        f"instead of {few}, clustering itself takes {spanned(alone)} times as long "
        f"({_told(alone)}), the whole epoch {np.min(whole):.2f} to {np.max(whole):.2f} times "
        f"({_told(whole)}), over {len(whole)} turns. In a test nothing is clustered."
    )


def _told(turns: NDArray[np.float64]) -> str:
    """Whether all turns lie on one side of 1."""
    if turns.min() > 1:
        return "more in every turn"
    return "less in every turn" if turns.max() < 1 else "more in some turns, not in others"


def sentence(tier: str) -> str:
    """What "lightweight" comes to: nothing in a test, how many times the training."""
    table = costs(tier)
    if table.empty:
        return "What the scheme costs is not recorded yet."
    times = table["times the baseline"]
    more = table["weights in a test"] - table["weights, baseline"]
    size = "no weights" if not more.any() else f"{more.min():,.0f} to {more.max():,.0f} weights"
    part = table["of it clustering"] / (table["epoch, phase 1"] + table["epoch, phase 3"])
    text = (
        f"In a test the scheme adds {size}; its recorded trainings took {spanned(times)} times as "
        "long."
    )
    if not part.isna().all():
        text += (
            f" Clustering itself was {spanned(100 * part, 0)} % of that; the attention of all "
            f"images took {spanned(table['attention, once'], 0)} s more, once a training."
        )
    if times.min() > HEAVY and not more.any():
        text += " So “lightweight” is true of use, and not of training: two networks are trained."
    return text
