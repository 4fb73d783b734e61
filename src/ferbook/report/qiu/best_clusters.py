"""The number of clusters with the highest accuracy (Qiu, section 5.1, Figure 5), as runs have it.

Of one seed and one backbone it is the number, among 1 to 8, whose network is right on most images
of PrivateTest; where several are, their mean. It is asked only of backbones of which all eight
numbers are recorded: the best of a few says nothing of the others. A seed's value is the mean over
its backbones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

from ferbook.errors import InputError
from ferbook.study.records import Record

NUMBERS = range(1, 9)
#: Backbones whose numbers of clusters are varied.
BACKBONES = ("vgg16", "resnet", "dpn", "densenet", "resmasking")
#: The number that is the scheme's default, trained in `perturb-fer2013`.
DEFAULT = 3


def experiment_and_variant(backbone: str, count: int) -> tuple[str, str]:
    """What trains a backbone with so many clusters."""
    if count == DEFAULT:
        return "perturb-fer2013", f"p{backbone}"
    return f"clusters-{backbone}", f"n{count}"


#: {(experiment, variant): (backbone, number)}
WHERE = {
    experiment_and_variant(backbone, count): (backbone, count)
    for backbone in BACKBONES
    for count in NUMBERS
}


def answers(record: Record, tier: str) -> bool:
    """Whether a run has one of the numbers, at that tier."""
    c = record.config
    return (c["paper"], c["tier"]) == ("qiu", tier) and (c["experiment"], c["variant"]) in WHERE


def numbers(records: Iterable[Record], tier: str) -> dict[int, dict[str, dict[int, Record]]]:
    """{seed: {backbone: {number of clusters: run}}}, whatever is recorded."""
    out: dict[int, dict[str, dict[int, Record]]] = defaultdict(lambda: defaultdict(dict))
    for record in records:
        if answers(record, tier):
            c = record.config
            backbone, count = WHERE[c["experiment"], c["variant"]]
            out[c["seed"]][backbone][count] = record
    return out


def best(runs: Mapping[int, Record]) -> float | None:
    """The best number of clusters of one backbone and seed; None unless all are there."""
    if set(runs) != set(NUMBERS):
        return None
    right = []
    for count in NUMBERS:
        said = runs[count].predictions()
        right.append(int((said.predicted == said.truth).sum()))
    found = np.flatnonzero(np.array(right) == max(right))
    return float(np.mean([NUMBERS[index] for index in found]))


def by_backbone(records: Iterable[Record], tier: str) -> dict[str, dict[int, float]]:
    """{backbone: {seed: its best number}}, of those that have one."""
    out: dict[str, dict[int, float]] = defaultdict(dict)
    for seed, backbones in sorted(numbers(records, tier).items()):
        for backbone, runs in backbones.items():
            if (found := best(runs)) is not None:
                out[backbone][seed] = found
    return dict(out)


def by_seed(records: Iterable[Record], tier: str) -> dict[int, float]:
    """{seed: the mean of its backbones' best numbers}."""
    found: dict[int, list[float]] = defaultdict(list)
    for seeds in by_backbone(records, tier).values():
        for seed, value in seeds.items():
            found[seed].append(value)
    return {seed: float(np.mean(values)) for seed, values in sorted(found.items())}


def recorded(records: Iterable[Record]) -> str:
    """ "vgg16 1, 2, 3": which numbers there are, of any tier and seed; empty without runs that
    were made for them."""
    there: dict[str, set[int]] = defaultdict(set)
    for tier in ("paper", "short"):
        for backbones in numbers(records, tier).values():
            for backbone, runs in backbones.items():
                there[backbone] |= set(runs)
    return "; ".join(
        f"{backbone} {', '.join(map(str, sorted(there[backbone])))}"
        for backbone in BACKBONES
        if there[backbone] - {DEFAULT}
    )


def wanted(backbone: str, counts: Iterable[int]) -> list[str]:
    """What `ferbook run` is to be given for these numbers of clusters, and for the default."""
    if backbone not in BACKBONES:
        raise InputError(f"backbone {backbone!r}: expected one of {', '.join(BACKBONES)}")
    pairs = (experiment_and_variant(backbone, count) for count in sorted({DEFAULT, *counts}))
    return [f"qiu/{experiment}/{variant}" for experiment, variant in pairs]
