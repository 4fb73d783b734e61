"""Trained on one dataset, scored on another (hypothesis H3), on the six emotions that both have.

A network's answer is its free choice among all classes it knows ("plain"), or its choice among the
six ("shared"). Within its own dataset the test part records free choices and probabilities; the
latter give the choice among the six. On CK+ whole subjects count together (`effects`); an image
that the networks of ten folds were asked about counts by the share of them that are right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ferbook.emotions import EMOTIONS
from ferbook.report import effects
from ferbook.report.chew.hypotheses import CROSS, Statement
from ferbook.report.effects import NOTHING, Effect, Scored, Term, complete, right_by_seed
from ferbook.report.scores import unit_variance
from ferbook.report.tables import select
from ferbook.study.records import Record

NETWORKS = ("pixels", "landmarks", "hybrid")
SHARED = tuple(name for name in EMOTIONS if name != "neutral")
BySeed = Mapping[int, Scored]


@dataclass(frozen=True)
class Way:
    """From one dataset to another."""

    name: str
    experiment: str

    @property
    def source(self) -> str:
        return self.name.partition(" → ")[0]

    @property
    def target(self) -> str:
        return self.name.partition(" → ")[2]


WAYS = tuple(Way(name, experiment) for name, experiment in CROSS.items())


def across(
    way: Way, variant: str, view: str, tier: str, emotions: tuple[str, ...] | None = None
) -> BySeed:
    """{seed: (rows, right, subjects)} on the other dataset."""
    return right_by_seed(Term(way.experiment, variant, "cross", view, emotions), tier)


def within(
    way: Way, variant: str, view: str, tier: str, emotions: tuple[str, ...] = SHARED
) -> BySeed:
    """{seed: (rows, right, subjects)} on its own dataset's test images that show `emotions`."""
    if view == "plain":
        return right_by_seed(Term(way.experiment, variant, emotions=emotions), tier)
    return {
        seed: _chosen(folds, emotions)
        for seed, folds in whole_seeds(way.experiment, variant, tier).items()
    }


def combined(*sets: Sequence[tuple[int, BySeed]]) -> Effect:
    """A sum of signed accuracies in points, over the seeds that all of them have.

    Terms of one set are on the same images and hence paired; different sets are different images,
    whose variances add up.
    """
    seeds = sorted(set.intersection(*(set(side) for terms in sets for _, side in terms)))
    values, variances, images = [], [], 0
    for seed in seeds:
        value = sampling = 0.0
        for terms in sets:
            rows, _, subjects = terms[0][1][seed]
            if any(not np.array_equal(rows, side[seed][0]) for _, side in terms):
                raise ValueError("a contrast is taken on the same images")
            total = np.sum([sign * side[seed][1] for sign, side in terms], axis=0)
            value += float(total.mean())
            sampling += unit_variance(total - total.mean(), subjects) / len(total)
        values.append(value)
        variances.append(sampling)
        images = len(sets[0][0][1][seed][0])
    return effects.interval(values, float(np.mean(variances)), images) if values else NOTHING


def level(scored: BySeed) -> Effect:
    """One accuracy, per cent."""
    return combined([(1, scored)])


def change(way: Way, variant: str, view: str, tier: str) -> Effect:
    """Points from its own dataset to the other; below 0 is a loss."""
    return combined(
        [(1, across(way, variant, view, tier))], [(-1, within(way, variant, view, tier))]
    )


def change_more(way: Way, view: str, tier: str, other: str = "pixels") -> Effect:
    """`change` of the hybrid minus that of another network: above 0, the hybrid loses less."""
    home, away = (
        {name: side(way, name, view, tier) for name in (other, "hybrid")}
        for side in (within, across)
    )
    return combined(
        [(1, away["hybrid"]), (-1, away[other])], [(-1, home["hybrid"]), (1, home[other])]
    )


def balanced(emotions: Sequence[BySeed]) -> BySeed:
    """Several recalls as one figure, their mean, whatever their shares of the images.

    In the place of right (0 or 1) stands the mean plus an image's influence on it, so that mean and
    variance over images are those of the mean recall: (right - recall_e) n / (classes n_e).
    """
    out = {}
    for seed in sorted(set.intersection(*(set(side) for side in emotions))):
        parts = [side[seed] for side in emotions]
        count = sum(len(rows) for rows, _, _ in parts)
        middle = np.mean([right.mean() for _, right, _ in parts])
        pulls = [
            middle + (right - right.mean()) * count / (len(parts) * len(right))
            for _, right, _ in parts
        ]
        rows = np.concatenate([part[0] for part in parts])
        order = np.argsort(rows, kind="stable")
        subjects = np.concatenate([part[2] for part in parts])
        out[seed] = (rows[order], np.concatenate(pulls)[order], subjects[order])
    return out


def mean_recalls(way: Way, variant: str, view: str, tier: str) -> tuple[BySeed, BySeed]:
    """`balanced` over the six emotions, within and across."""
    home, away = (
        balanced([side(way, variant, view, tier, (name,)) for name in SHARED])
        for side in (within, across)
    )
    return home, away


@dataclass(frozen=True)
class Baseline:
    """What a target dataset gives to who knows nothing of the face; per cent."""

    chance: float  #: guessing evenly among the choices
    largest: float  #: always naming the target's most frequent emotion
    emotion: str
    images: int
    people: int  #: 0 where they are unknown


def baseline(way: Way, view: str, tier: str) -> Baseline | None:
    """Of the images that the networks were scored on; None without a run."""
    records = [r for r in select(way.experiment, tier) if view in r.views("cross")]
    if not records:
        return None
    record = records[0]
    said = record.predictions("cross", view)
    counts = np.bincount(said.truth, minlength=len(SHARED))
    choices = SHARED if view == "shared" else known(record)
    subjects = record.cross_card.subject[said.rows]
    return Baseline(
        chance=100 / len(choices),
        largest=100 * float(counts.max() / counts.sum()),
        emotion=record.cross_card.emotions[int(counts.argmax())],
        images=len(said.rows),
        people=len(np.unique(subjects[subjects >= 0])),
    )


def known(record: Record) -> tuple[str, ...]:
    """The emotions that a run tells apart."""
    return tuple(record.config.get("emotions") or EMOTIONS)


def hybrid_against(view: str, tier: str) -> list[Statement]:
    """On the other dataset the hybrid is right more often; and it loses less on the way there."""
    out = []
    for way in WAYS:
        hybrid = across(way, "hybrid", view, tier)
        for other in ("pixels", "landmarks"):
            found = combined([(1, hybrid), (-1, across(way, other, view, tier))])
            out.append(Statement(f"hybrid > {other}", way.name, found))
        less = change_more(way, view, tier)
        out.append(Statement("hybrid loses less than pixels", way.name, less))
    return out


def whole_seeds(experiment: str, variant: str, tier: str) -> dict[int, list[Record]]:
    """{seed: its runs}, for the seeds whose folds are all there."""
    out: dict[int, list[Record]] = defaultdict(list)
    for record in select(experiment, tier, [variant]):
        out[record.config["seed"]].append(record)
    return {seed: records for seed, records in out.items() if complete(records)}


def _chosen(records: Sequence[Record], emotions: tuple[str, ...]) -> Scored:
    """Test parts of one seed's folds, the choice being among the six."""
    card = records[0].card
    parts = [_among_six(record) for record in records]
    rows, right = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    codes = [card.emotions.index(name) for name in emotions]
    kept = np.isin(card.labels[rows], codes)
    order = np.argsort(rows[kept], kind="stable")
    rows = rows[kept][order]
    return rows, right[kept][order], card.subject[rows]


def _among_six(record: Record) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Rows that show one of the six, and how right the likeliest of the six is: 1, 0, or a share.

    Probabilities are recorded in 255ths, so that two of the six can tie where a seventh class took
    nearly all; each of them then counts by its share.
    """
    said = record.predictions("test")
    codes = np.array([record.card.emotions.index(name) for name in SHARED])
    kept = np.isin(said.truth, codes)
    assert said.probabilities is not None
    among = said.probabilities[kept][:, codes]
    best = among == among.max(axis=1, keepdims=True)
    column = np.argmax(said.truth[kept][:, None] == codes, axis=1)
    right = best[np.arange(len(best)), column] / best.sum(axis=1)
    return said.rows[kept], right
