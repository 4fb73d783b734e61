"""Cross-validation put together: the test folds of a network as one set of predictions.

Every image is in one test fold, so the folds of one seed score the whole dataset once. Frames of
one person resemble each other, so a 95 % interval resamples whole persons (bootstrap, percentiles),
with the seeds averaged over: it speaks of these trained networks on new people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferbook.report import effects
from ferbook.report.effects import Effect
from ferbook.study import evaluation as ev
from ferbook.study.records import Record

DRAWS = 1000
METRICS = ("accuracy", "macro precision", "macro recall", "macro F1")
Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Pooled:
    """All test folds of one network, for the k seeds of which every fold is recorded."""

    seeds: tuple[int, ...]
    emotions: tuple[str, ...]  #: (C,), those told apart
    rows: NDArray[np.int64]  #: (n,), rows of the dataset, ascending
    truth: NDArray[np.int64]  #: (n,), index into `emotions`
    predicted: NDArray[np.int64]  #: (k, n)
    fold: NDArray[np.int64]  #: (k, n), the fold in which an image was tested
    person: NDArray[np.int64]  #: (n,), numbered from 0

    @property
    def right(self) -> NDArray[np.bool_]:
        """(k, n)"""
        return self.predicted == self.truth

    @property
    def people(self) -> int:
        return int(self.person.max()) + 1

    def confusion(self) -> NDArray[np.int64]:
        """(C, C) counts, summed over the seeds."""
        classes = len(self.emotions)
        return np.sum([ev.confusion(self.truth, p, classes) for p in self.predicted], axis=0)


def pool(records: Sequence[Record], variant: str, view: str = "plain") -> Pooled | None:
    """The folds of one network; None as long as no seed has all of its folds."""
    chosen = [
        record
        for record in records
        if record.config["variant"] == variant and view in record.views("test")
    ]
    whole = complete(chosen)
    if not whole:
        return None
    card = next(iter(whole.values()))[0].card
    parts = [_joined(folds, view) for folds in whole.values()]
    rows, truth = parts[0][0], card.labels[parts[0][0]]
    codes = np.unique(truth)
    assert np.isin([part[1] for part in parts], codes).all(), "no network knows other emotions"
    return Pooled(
        seeds=tuple(whole),
        emotions=tuple(card.emotions[code] for code in codes),
        rows=rows,
        truth=np.searchsorted(codes, truth),
        predicted=np.searchsorted(codes, np.stack([part[1] for part in parts])),
        fold=np.stack([part[2] for part in parts]),
        person=np.unique(card.subject[rows], return_inverse=True)[1],
    )


def figures_of(matrix: NDArray[np.int64]) -> Floats:
    """(4,) `METRICS` of a confusion matrix; precision is that of the emotions predicted at all."""
    precision, recall = np.nanmean(ev.precision(matrix)), np.nanmean(ev.recall(matrix))
    return np.array([ev.accuracy(matrix), precision, recall, ev.macro_f1(matrix)])


def over_folds(pooled: Pooled) -> dict[str, ev.Summary]:
    """Mean over the folds with its t interval; of several seeds, which share all images, the mean
    of their intervals."""
    classes, out = len(pooled.emotions), {}
    values = np.array(
        [
            [
                figures_of(ev.confusion(pooled.truth[fold == f], said[fold == f], classes))
                for f in np.unique(fold)
            ]
            for said, fold in zip(pooled.predicted, pooled.fold, strict=True)
        ]
    )  # (k, folds, 4)
    for i, name in enumerate(METRICS):
        each = [ev.seed_interval(seed[:, i]) for seed in values]
        mean, low, high = np.mean([(s.mean, s.low, s.high) for s in each], axis=0)
        out[name] = ev.Summary(float(mean), len(each), float(low), float(high))
    return out


@lru_cache(maxsize=8)
def over_people(pooled: Pooled) -> dict[str, ev.Summary]:
    """`METRICS` and the recall of each emotion on all folds together, persons resampled."""
    counts = _per_person(pooled)  # (people, k, C, C)
    drawn = [
        _averaged(np.tensordot(weights, counts, 1)) for weights in resampled(len(counts), DRAWS)
    ]
    low, high = np.nanquantile(drawn, [0.025, 0.975], axis=0)
    mean, runs = _averaged(counts.sum(axis=0)), len(pooled.seeds)
    found = {
        name: ev.Summary(float(m), runs, float(a), float(b))
        for name, m, a, b in zip((*METRICS, *pooled.emotions), mean, low, high, strict=True)
    }
    return found | {"accuracy": accuracy(pooled)}  # one and the same interval everywhere


def accuracy(pooled: Pooled) -> ev.Summary:
    """Share of images that are right, persons resampled."""
    return _mean(pooled, pooled.right.mean(axis=0), len(pooled.seeds))


def difference(first: Pooled, second: Pooled) -> Effect:
    """Accuracy of `first` minus `second` on the same images, for new people and new seeds."""
    return effects.contrast([(1, _by_seed(first)), (-1, _by_seed(second))])


def resampled(people: int, draws: int, seed: int = 0) -> NDArray[np.int64]:
    """(draws, people) how often each person is drawn when as many are drawn with replacement."""
    generator = np.random.default_rng(seed)
    return generator.multinomial(people, np.full(people, 1 / people), size=draws)


def complete(records: Sequence[Record]) -> dict[int, list[Record]]:
    """{seed: its folds in order}, for the seeds that have all of them."""
    by_seed: dict[int, list[Record]] = defaultdict(list)
    for record in sorted(records, key=lambda record: record.config["fold"] or 0):
        by_seed[record.config["seed"]].append(record)
    return {seed: folds for seed, folds in sorted(by_seed.items()) if effects.complete(folds)}


def _joined(folds: Sequence[Record], view: str) -> tuple[NDArray[Any], ...]:
    """Rows (ascending), predicted codes and fold numbers (n,) of one seed."""
    parts = [record.predictions("test", view) for record in folds]
    rows = np.concatenate([part.rows for part in parts])
    order = np.argsort(rows)
    predicted = np.concatenate([part.predicted for part in parts])
    fold = np.repeat(np.arange(len(parts)), [len(part.rows) for part in parts])
    return rows[order], predicted[order], fold[order]


def _by_seed(pooled: Pooled) -> dict[int, effects.Scored]:
    person = pooled.person.astype(np.int32)
    return {
        seed: (pooled.rows, right.astype(float), person)
        for seed, right in zip(pooled.seeds, pooled.right, strict=True)
    }


def _mean(pooled: Pooled, values: Floats, runs: int) -> ev.Summary:
    """Mean of a figure of each image (n,), persons resampled."""
    sums, sizes = np.bincount(pooled.person, weights=values), np.bincount(pooled.person)
    weights = resampled(len(sizes), 5 * DRAWS)
    low, high = np.quantile((weights @ sums) / (weights @ sizes), [0.025, 0.975])
    return ev.Summary(float(values.mean()), runs, float(low), float(high))


def _per_person(pooled: Pooled) -> NDArray[np.int64]:
    """(people, k, C, C) confusion counts."""
    runs, classes = len(pooled.seeds), len(pooled.emotions)
    shape = (pooled.people, runs, classes, classes)
    run = np.arange(runs)[:, None]
    cell = ((pooled.person * runs + run) * classes + pooled.truth) * classes + pooled.predicted
    return np.bincount(cell.ravel(), minlength=int(np.prod(shape))).reshape(shape)


def _averaged(matrices: NDArray[np.int64]) -> Floats:
    """(4 + C,) `METRICS` and recalls of (k, C, C) matrices, the mean over seeds."""
    return np.mean([np.concatenate([figures_of(m), ev.recall(m)]) for m in matrices], axis=0)
