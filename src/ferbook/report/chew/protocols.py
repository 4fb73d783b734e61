"""FER2013 under four splits: levels with their intervals, tables, differences.

A 95 % interval holds the spread between seeds and the finite number of test images
(`evaluation.seed_interval`). The official split has one test part for all seeds; a random one is
drawn anew with each, so that k seeds score up to k times as many distinct images.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ferbook.report import effects, tables
from ferbook.report.chew.folds import METRICS, figures_of
from ferbook.report.effects import Effect
from ferbook.study import evaluation as ev
from ferbook.study.records import Predictions, Record

#: {name on the page: experiment}; "unique" is without exact copies across parts.
SPLITS = {
    name: f"chew/{name}-fer2013"
    for name in ("random", "random-unique", "official", "official-unique")
}
DRAWS = 500
Matrix = NDArray[np.int64]


def select(tier: str, variant: str = "hybrid") -> dict[str, list[Record]]:
    """The records of one network under each split."""
    return {name: tables.select(which, tier, [variant]) for name, which in SPLITS.items()}


@dataclass(frozen=True, eq=False)
class Scored:
    """Runs that differ in their seed, seen in one part and view."""

    records: Sequence[Record]
    part: str = "test"
    view: str = "plain"

    @cached_property
    def predictions(self) -> list[Predictions]:
        """Of each run that was scored so."""
        return [r.predictions(self.part, self.view) for r in self.records if self._has(r)]

    def _has(self, record: Record) -> bool:
        return self.view in record.views(self.part)

    def right(self) -> list[NDArray[np.bool_]]:
        return [said.predicted == said.truth for said in self.predictions]

    @property
    def dataset(self) -> str:
        return str(self.records[0].data["dataset"]["fingerprint"])

    def by_seed(self) -> dict[int, effects.Scored]:
        """{seed: rows ascending, right, subjects}, as `effects.contrast` takes them."""
        out = {}
        for record, said, right in zip(
            (r for r in self.records if self._has(r)), self.predictions, self.right(), strict=True
        ):
            order = np.argsort(said.rows, kind="stable")
            rows = said.rows[order]
            out[record.config["seed"]] = (
                rows,
                right[order].astype(float),
                record.card.subject[rows],
            )
        return out

    def level(self, among: Sequence[NDArray[np.bool_]] | None = None) -> ev.Summary | None:
        """Accuracy over the seeds, of the images that `among` picks in each run."""
        shares, rows = [], []
        for i, (said, right) in enumerate(zip(self.predictions, self.right(), strict=True)):
            chosen = np.full(len(right), True) if among is None else among[i]
            if chosen.any():
                shares.append(right[chosen].mean())
                rows.append(said.rows[chosen])
        if not shares:
            return None
        return ev.seed_interval(np.array(shares), len(np.unique(np.concatenate(rows))))


def gain(first: Scored, second: Scored) -> tuple[Effect, bool] | None:
    """Accuracy of `first` minus `second`, and whether on the same images: then it is paired,
    seed by seed."""
    if not (first.predictions and second.predictions):
        return None
    one, two = first.by_seed(), second.by_seed()
    both = set(one) & set(two) if first.dataset == second.dataset else set()
    if both and all(np.array_equal(one[seed][0], two[seed][0]) for seed in both):
        return effects.contrast([(1, one), (-1, two)]), True
    level, other = first.level(), second.level()
    return (apart(as_points(level), as_points(other)), False) if level and other else None


def apart(first: Effect, second: Effect) -> Effect:
    """First minus second where each has images of its own (Zou and Donner 2008, MOVER).

    low = d - sqrt((m1 - l1)^2 + (u2 - m2)^2), high = d + sqrt((u1 - m1)^2 + (m2 - l2)^2).
    """
    mean = first.mean - second.mean
    low = mean - np.hypot(first.mean - first.low, second.high - second.mean)
    high = mean + np.hypot(first.high - first.mean, second.mean - second.low)
    return Effect(mean, float(low), float(high), min(first.seeds, second.seeds), 0)


def as_points(level: ev.Summary) -> Effect:
    """A level in points, for `apart`."""
    return Effect(100 * level.mean, 100 * level.low, 100 * level.high, level.runs, 0)


def metrics(records: Sequence[Record]) -> dict[str, ev.Summary]:
    """`folds.METRICS` over the seeds; the sampling variance of each by bootstrap over images."""
    matrices = [tables.confusion_of(record) for record in records]
    values = np.array([figures_of(m) for m in matrices])  # (k, 4)
    spread = np.mean([_sampling(m) for m in matrices], axis=0)
    rows = [record.predictions("test").rows for record in records]
    tests = len(np.unique(np.concatenate(rows))) / np.mean([len(r) for r in rows])
    # the number of images on which an accuracy of this size would vary as much (Kish)
    mean = values.mean(axis=0)
    images = mean * (1 - mean) / np.maximum(spread, 1e-12) * tests
    found = {
        name: ev.seed_interval(values[:, i], round(images[i])) for i, name in enumerate(METRICS)
    }
    exact = Scored(records).level()
    return found | ({"accuracy": exact} if exact else {})


def compared(records: Mapping[str, Sequence[Record]]) -> pd.DataFrame:
    """`folds.METRICS` (columns) under each split (rows), in per cent."""
    table = {
        name: {m: tables.interval_text(s) for m, s in metrics(runs).items()}
        for name, runs in records.items()
        if runs
    }
    return pd.DataFrame(table).T.rename_axis("split")


def per_emotion(records: Sequence[Record], printed: Mapping[str, float]) -> pd.DataFrame:
    """Per cent over the seeds beside the paper's column; images are those of one test part."""
    if not records:
        return pd.DataFrame()
    matrices = [tables.confusion_of(record) for record in records]
    scored, rows = Scored(records), {}
    for code, name in enumerate(records[0].card.emotions):
        found = scored.level([said.truth == code for said in scored.predictions])
        precision = np.nanmean([ev.precision(m)[code] for m in matrices])
        rows[name] = {
            "printed": f"{printed[name]:g}" if name in printed else "–",
            "recall": tables.interval_text(found) if found else "–",
            "precision": f"{100 * precision:.1f}",
            "F1": f"{100 * np.nanmean([ev.f1(m)[code] for m in matrices]):.1f}",
            "images": f"{np.mean([m[code].sum() for m in matrices]):.0f}",
        }
    return pd.DataFrame(rows).T


def confusion(records: Sequence[Record]) -> Matrix:
    """(classes, classes) counts on the test part, summed over the seeds."""
    return np.sum([tables.confusion_of(record) for record in records], axis=0)


def differences(records: Mapping[str, Sequence[Record]]) -> dict[str, tuple[Effect, bool]]:
    """{what: (difference of two accuracies, on the same images)}, for the splits with runs."""
    out = {}
    for first, second, name in (
        ("random", "random-unique", "copies, random split"),
        ("official", "official-unique", "copies, official split"),
        ("random", "official", "random, not official"),
        ("random-unique", "official-unique", "the same without copies"),
    ):
        if found := gain(Scored(records.get(first, ())), Scored(records.get(second, ()))):
            out[name] = found
    return out


def difference_table(found: Mapping[str, tuple[Effect, bool]]) -> pd.DataFrame:
    """In points, and whether both sides were scored on the same test images."""
    rows = {
        name: {"points": str(effect), "test images": "the same" if same else "others"}
        for name, (effect, same) in found.items()
    }
    return pd.DataFrame(rows).T


def _sampling(matrix: Matrix) -> NDArray[np.floating[Any]]:
    """(4,) variance of `METRICS` when the images behind a matrix are drawn anew."""
    total = int(matrix.sum())
    generator = np.random.default_rng(0)
    drawn = generator.multinomial(total, (matrix / total).ravel(), size=DRAWS)
    again = [figures_of(m.reshape(matrix.shape)) for m in drawn]
    return np.nanvar(again, axis=0)
