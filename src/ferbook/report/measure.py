"""Which runs answer a row, and what they measured."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, get_args

import numpy as np

from ferbook.emotions import EMOTIONS
from ferbook.errors import InputError
from ferbook.report.reported import Paper, Protocol, Row
from ferbook.report.scores import Score, extreme, score, unit_variance
from ferbook.report.verdict import Interval, images_alone, prediction_interval
from ferbook.study.cards import Card
from ferbook.study.records import Predictions, Record
from ferbook.study.schema import Config

#: The paper tier first: it alone decides a verdict.
TIERS = get_args(Config.model_fields["tier"].annotation)
#: What a reader knows the settings by that a tier reduces.
REDUCED = {"plateau": "learning-rate patience", "widths": "channels", "stride": "first stride"}
#: Factor from fractions of 1 to a row's unit.
SCALE = {"percent": 100.0, "points": 100.0, "f1": 1.0}


class Half(NamedTuple):
    """One side of a difference, or the whole of a plain figure."""

    variant: str
    view: str


@dataclass(frozen=True)
class Measurement:
    """What the runs of one tier say of a row, in its unit."""

    values: tuple[float, ...]  #: one per seed
    mean: float
    interval: Interval | None
    tier: str
    reduced: str = ""  #: what the tier reduced, as text
    alone: Interval | None = None  #: of one seed: what the choice of images explains


class Runs:
    """All records, found by what they answer."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.records = list(records)
        self._scores: dict[Any, Score] = {}

    @cached_property
    def unaltered(self) -> list[Record]:
        """Runs on a genuine copy of their dataset."""
        return [r for r in self.records if r.data["dataset"]["verdict"] != "altered"]

    @cached_property
    def _index(self) -> dict[Any, list[Record]]:
        index: dict[Any, list[Record]] = defaultdict(list)
        for record in self.unaltered:
            c = record.config
            key = (c["paper"], c["recipe"]["name"], c["dataset"], c["variant"])
            index[key].append(record)
        return index

    def of(self, paper: Paper, protocol: Protocol, variant: str) -> list[Record]:
        """Runs of a variant on the protocol's dataset, whatever their split and tier."""
        recipe = protocol.recipe or paper.recipe
        found = self._index.get((paper.paper, recipe, protocol.dataset, variant), [])
        return [r for r in found if protocol.experiment in (None, r.config["experiment"])]

    def answering(
        self, paper: Paper, protocol: Protocol, half: Half, tier: str
    ) -> dict[int, list[Record]]:
        """{seed: its records, one per fold}, for seeds whose folds are all there."""
        by_seed: dict[int, dict[int | None, Record]] = defaultdict(dict)
        for record in self.of(paper, protocol, half.variant):
            c = record.config
            if (c["split"], c["tier"]) != (protocol.split, tier):
                continue
            if half.view not in record.views(protocol.part):
                continue
            if (twin := by_seed[c["seed"]].setdefault(c["fold"], record)) is not record:
                raise InputError(
                    f"{record.folder} and {twin.folder} answer the same rows: name the `experiment`"
                    f" in the protocols of reported/{paper.paper}.yaml"
                )
        wanted = folds_of(protocol.split or "")
        return {s: list(folds.values()) for s, folds in by_seed.items() if set(folds) == wanted}

    def measure(self, paper: Paper, row: Row) -> Measurement | None:
        """From the runs of the paper tier, else of the short tier; None where there are none."""
        protocol = paper.protocol(row)
        if protocol.of_clusters:
            return self._clusters(protocol.metric)
        for tier in TIERS:
            networks = [self._by_seed(paper, row, name, tier) for name in row.networks]
            seeds = sorted(set.intersection(*map(set, networks)))
            if seeds:
                scores = [extreme([one[seed][0] for one in networks], row.pick) for seed in seeds]
                records = [networks[0][seed][1] for seed in seeds]
                cards = [record.card for record in records]
                reduced = dict.fromkeys(reduction(one[seeds[0]][1]) for one in networks)
                return _summary(paper, row, scores, cards, tier, " or ".join(filter(None, reduced)))
        return None

    def _by_seed(
        self, paper: Paper, row: Row, variant: str, tier: str
    ) -> dict[int, tuple[Score, Record]]:
        """{seed: the row's figure of one network, and a record of it}."""
        protocol = paper.protocol(row)
        halves = _halves(row, variant, protocol)
        sides = [self.answering(paper, protocol, half, tier) for half in halves]
        out = {}
        for seed in set.intersection(*map(set, sides)):
            parts = [self._score(protocol, s[seed], h) for s, h in zip(sides, halves, strict=True)]
            found = _combine(row, protocol, parts, (record := sides[0][seed][0]).card)
            if found is not None and np.isfinite(found.values).all():
                out[seed] = found, record
        return out

    def _clusters(self, metric: str) -> Measurement | None:
        """Of the paper tier, else of the short one: what `report.qiu` says of clusters, a value a
        seed."""
        from ferbook.report.qiu import best_clusters, cluster_places

        for tier in TIERS:
            if metric == "best-clusters":
                found, answers = best_clusters.by_seed(self.unaltered, tier), best_clusters.answers
            else:
                part = cluster_places.METRICS[metric]
                found = cluster_places.by_seed(self.unaltered, tier, part)
                answers = cluster_places.answers
            if found:
                values = tuple(found.values())
                # whole numbers: the choice of images is in the spread between seeds, or nowhere
                interval = prediction_interval(values, 0.0, n_theirs=1, n_ours=None)
                some = next(r for r in self.unaltered if answers(r, tier))
                return Measurement(values, float(np.mean(values)), interval, tier, reduction(some))
        return None

    def _score(self, protocol: Protocol, folds: list[Record], half: Half) -> Score:
        """Of all folds together, as one set of predictions; kept, since many rows share it."""
        key = (*(record.folder for record in folds), protocol.part, half.view, protocol.metric)
        if key not in self._scores:
            parts = [record.predictions(protocol.part, half.view) for record in folds]
            pooled = Predictions(
                np.concatenate([part.rows for part in parts]),
                np.concatenate([part.truth for part in parts]),
                np.concatenate([part.predicted for part in parts]),
            )
            self._scores[key] = score(protocol.metric, pooled, len(folds[0].card.emotions))
        return self._scores[key]


def _halves(row: Row, variant: str, protocol: Protocol) -> list[Half]:
    first = Half(variant, protocol.view)
    if row.against is None:
        return [first]
    return [first, Half(row.against.variant or first.variant, row.against.view or first.view)]


def folds_of(split: str) -> set[int | None]:
    """ "folds-10-subject" needs folds 0 to 9, other splits the one run without a fold."""
    kind, _, rest = split.partition("-")
    return set(range(int(rest.split("-")[0]))) if kind == "folds" else {None}


def _combine(row: Row, protocol: Protocol, parts: list[Score], card: Card) -> Score | None:
    whole = parts[0]
    if len(parts) == 2:
        if not np.array_equal(parts[0].rows, parts[1].rows):
            return None  # not paired: other images
        whole = parts[0].minus(parts[1], protocol.scale)
    if protocol.metric != "recall":
        return whole
    wanted = [row.emotion] if row.emotion else row.classes
    codes = [card.emotions.index(name) for name in wanted if name in card.emotions]
    return whole.of(codes, row.pick) if len(codes) == len(wanted) else None


def _summary(
    paper: Paper, row: Row, scores: list[Score], cards: list[Card], tier: str, reduced: str
) -> Measurement:
    protocol, factor = paper.protocol(row), SCALE[row.unit]
    values = [float(found.values[0]) for found in scores]
    unit = np.mean(
        [
            unit_variance(found.influence[0], card.subject[found.rows])
            for found, card in zip(scores, cards, strict=True)
        ]
    )
    ours = len(scores[0].rows)
    shared = all(np.array_equal(found.rows, scores[0].rows) for found in scores)
    size = paper.n.get(protocol.dataset or "")
    n_theirs = (size.test if size else None) or ours
    n_ours = ours if shared and not protocol.same_images else None
    interval = prediction_interval(values, float(unit), n_theirs, n_ours)
    one = None if interval else images_alone(values[0], float(unit), n_theirs, n_ours)
    scaled = tuple(value * factor for value in values)
    mean = sum(scaled) / len(scaled)
    return Measurement(scaled, mean, _times(interval, factor), tier, reduced, _times(one, factor))


def _times(interval: Interval | None, factor: float) -> Interval | None:
    """The interval in another unit."""
    if interval is None:
        return None
    return Interval(interval.mean * factor, interval.half * factor, interval.freedom)


def reduction(record: Record) -> str:
    """ "epochs 10 instead of 50; widths ...", what the tier reduced; empty for nothing."""
    c = record.config
    now = {**c["recipe"], **c["model"]}
    return "; ".join(
        f"{REDUCED.get(name, name)} {_text(now.get(name))} instead of {_text(full)}"
        for name, full in c["reduced"].items()
    )


def _text(value: Any) -> str:
    return "-".join(map(str, value)) if isinstance(value, list) else str(value)


def count(cards: Iterable[Card], row: Row, protocol: Protocol) -> int | None:
    """A count from the card of an unaltered copy of the dataset; None without one."""
    from ferbook.data.faces import SPLITS

    for card in cards:
        if card.name != protocol.dataset or card.judgement.get("verdict") == "altered":
            continue
        here = np.full(len(card), True)
        if protocol.part != "all":
            here = card.split == SPLITS.index(protocol.part)
        sizes = np.bincount(card.labels[here], minlength=len(EMOTIONS))
        sizes = sizes[sizes > 0]
        if not len(sizes):
            continue
        figures = {
            "images": here.sum(),
            "emotions": len(sizes),
            "subjects": len(np.unique(card.subject[here & (card.subject >= 0)])),
            "sequences": len(np.unique(card.sequence[here & (card.sequence >= 0)])),
            "largest class": sizes.max(),
            "smallest class": sizes.min(),
        }
        return int(figures[row.count or "images"])
    return None


def known_splits(records: Iterable[Record]) -> str:
    """ "official (3 short)", for the reason of a row that has no run at its protocol."""
    counted = Counter((r.config["split"], r.config["tier"]) for r in records)
    return ", ".join(f"{split} ({n} {tier})" for (split, tier), n in sorted(counted.items()))
