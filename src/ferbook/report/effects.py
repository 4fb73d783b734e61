"""Differences between runs, with an interval that holds both their causes: seeds and images.

A term is one accuracy: an experiment's variant, in a view of a part. A contrast is a sum of terms
with signs, taken seed by seed on the same images: hybrid minus pixels, or the loss of one network
minus the loss of another. Its variance is s^2 / k between the k seeds plus v / n for the images,
v being the mean square of the influence, whole subjects counting together where they are known.
Degrees of freedom after Welch and Satterthwaite.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ferbook.report import sources
from ferbook.report.measure import folds_of
from ferbook.report.scores import unit_variance
from ferbook.report.tables import select
from ferbook.study.records import Record


@dataclass(frozen=True)
class Term:
    """One accuracy."""

    experiment: str  #: <paper>/<experiment>
    variant: str
    part: str = "test"
    view: str = "plain"
    emotions: tuple[str, ...] | None = None  #: images of these only

    def of(self, variant: str) -> Term:
        return replace(self, variant=variant)

    def seen(self, view: str) -> Term:
        return replace(self, view=view)


@dataclass(frozen=True)
class Effect:
    """A contrast in points, with its 95 % confidence interval; NaN where there is none."""

    mean: float
    low: float
    high: float
    seeds: int
    images: int

    @property
    def sign(self) -> int:
        """1 or -1 where the interval leaves 0 out, else 0."""
        return int(self.low > 0) - int(self.high < 0)

    def __str__(self) -> str:
        if not np.isfinite(self.mean):
            return "not measured"
        return f"{self.mean:+.1f} {self.ends}".rstrip()

    @property
    def ends(self) -> str:
        """ "[+1.1, +2.9]", nothing where there is no interval."""
        return f"[{self.low:+.1f}, {self.high:+.1f}]" if self.low < self.high else ""

    @property
    def told(self) -> bool:
        """Two seeds or more, and the interval leaves 0 out."""
        return self.seeds > 1 and self.sign != 0


#: Rows (n,), right (n,), subjects (n,) of one seed, rows ascending.
Scored = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int32]]
NOTHING = Effect(np.nan, np.nan, np.nan, 0, 0)


def effect(terms: Sequence[tuple[int, Term]], tier: str) -> Effect:
    """The sum of signed terms over the seeds that all of them have; `NOTHING` without any."""
    sides = [(sign, right_by_seed(term, tier)) for sign, term in terms]
    found = contrast(sides)
    if found.seeds:
        seeds = set.intersection(*(set(side) for _, side in sides))
        runs = [(term.experiment, term.variant) for _, term in terms]
        sources.note(str(found), runs, tier, seeds, found.images)
    return found


def contrast(sides: Sequence[tuple[int, Mapping[int, Scored]]]) -> Effect:
    """The same of sides that are read already, {seed: what is right of the same images}."""
    seeds = sorted(set.intersection(*(set(side) for _, side in sides)))
    values, units, parts = [], [], []
    for seed in seeds:
        rows, _, subjects = sides[0][1][seed]
        if any(not np.array_equal(rows, side[seed][0]) for _, side in sides):
            raise ValueError("a contrast is taken on the same images")
        total = np.sum([sign * side[seed][1] for sign, side in sides], axis=0)
        values.append(float(total.mean()))
        units.append(unit_variance(total - total.mean(), subjects))
        parts.append(rows)
    return interval(values, sampling(units, parts), len(parts[0])) if values else NOTHING


def sampling(units: Sequence[float], rows: Sequence[NDArray[np.int64]]) -> float:
    """The variance that the choice of images adds to a mean over seeds: v / distinct images.

    Where every seed draws its own test part, s^2 holds most of that already; it is kept all the
    same, so that two seeds which happen to agree do not pass for certainty.
    """
    return float(np.mean(units)) / len(np.unique(np.concatenate(rows)))


def interval(values: Sequence[float], sampling: float, images: int) -> Effect:
    """Mean over seeds, in points; `sampling` is the variance that the images contribute."""
    from scipy.stats import t

    count, mean = len(values), float(np.mean(values))
    between = float(np.var(values, ddof=1)) / count if count > 1 else 0.0
    total = between + sampling
    freedom = (count - 1) * (total / between) ** 2 if between > 0 else np.inf
    half = float(t.ppf(0.975, freedom)) * total**0.5
    return Effect(100 * mean, 100 * (mean - half), 100 * (mean + half), count, images)


def right_by_seed(term: Term, tier: str) -> dict[int, Scored]:
    """{seed: (rows (n,), right (n,), subjects (n,))}, rows ascending.

    Folds are pooled; an image that several folds' networks scored (another dataset) counts by the
    share of them that are right. Seeds whose folds are not all there are left out.
    """
    by_seed: dict[int, list[Record]] = defaultdict(list)
    for record in select(term.experiment, tier, [term.variant]):
        if term.view in record.views(term.part):
            by_seed[record.config["seed"]].append(record)
    return {seed: _pooled(records, term) for seed, records in by_seed.items() if complete(records)}


def complete(records: Sequence[Record]) -> bool:
    """All folds of the split are there, or it has none."""
    return {record.config["fold"] for record in records} == folds_of(records[0].config["split"])


def _pooled(records: Sequence[Record], term: Term) -> Scored:
    parts = [record.predictions(term.part, term.view) for record in records]
    card = records[0].cross_card if term.part == "cross" else records[0].card
    rows = np.concatenate([part.rows for part in parts])
    right = np.concatenate([part.predicted == part.truth for part in parts]).astype(float)
    if term.emotions is not None:
        codes = [card.emotions.index(name) for name in term.emotions]
        kept = np.isin(card.labels[rows], codes)
        rows, right = rows[kept], right[kept]
    unique, place = np.unique(rows, return_inverse=True)
    share = np.bincount(place, weights=right) / np.bincount(place)
    return unique, share, card.subject[unique]
