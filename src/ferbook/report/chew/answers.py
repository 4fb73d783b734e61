"""Right or wrong: what several networks say of the same faces, seed by seed, folds pooled.

A figure of one seed is a `Score`, its value with the influence of every face on it, so that a
difference between networks, or between views, comes out paired. Over seeds it becomes an `Effect`,
in points, whose interval holds the faces (whole people where they are known) and the seeds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferbook.errors import InputError
from ferbook.report.effects import Effect, complete, interval, sampling
from ferbook.report.scores import Score, unit_variance
from ferbook.study.cards import Card
from ferbook.study.records import Record

NETWORKS = ("pixels", "landmarks", "hybrid")


@dataclass(frozen=True, eq=False)
class Answers:
    """What the networks of one seed say of n faces."""

    card: Card
    rows: NDArray[np.int64]  #: (n,), the faces, rows of the dataset
    right: Mapping[tuple[str, str], NDArray[np.bool_]]  #: {(network, view): (n,)}

    def accuracy(
        self,
        network: str,
        views: Sequence[str] = ("plain",),
        among: NDArray[np.bool_] | None = None,
    ) -> Score:
        """Share of right answers in each view (m,), among all faces or those that are marked (n,).

        NaN among none. A face outside `among` has no influence.
        """
        among = np.ones(len(self.rows), bool) if among is None else among
        right = np.stack([self.right[network, view] for view in views]).astype(float)
        count = int(among.sum())
        values = np.full(len(views), np.nan) if not count else right[:, among].mean(axis=1)
        influence = np.where(among, right - values[:, None], 0.0) * (len(among) / max(count, 1))
        return Score(values, influence, self.rows)


BySeed = dict[int, Answers]


def by_seed(
    records: Sequence[Record], part: str = "test", networks: Sequence[str] = NETWORKS
) -> BySeed:
    """The answers of all networks, for seeds that each of them has, with all folds."""
    sides: dict[tuple[int, str], list[Record]] = defaultdict(list)
    for record in sorted(records, key=lambda r: r.config["fold"] or 0):
        if record.views(part):
            sides[record.config["seed"], record.config["variant"]].append(record)
    whole = {key for key, side in sides.items() if complete(side)}
    seeds = sorted({seed for seed, _ in whole})
    return {
        seed: _answers({name: sides[seed, name] for name in networks}, part)
        for seed in seeds
        if all((seed, name) in whole for name in networks)
    }


def over_seeds(answers: BySeed, figure: Callable[[Answers], Score]) -> list[Effect]:
    """The m figures of `figure`, their mean over seeds with a 95 % interval, in points."""
    scores = [figure(one) for one in answers.values()]
    subjects = [one.card.subject[one.rows] for one in answers.values()]
    out = []
    for i in range(len(scores[0].values)) if scores else ():
        units = [
            unit_variance(score.influence[i], who)
            for score, who in zip(scores, subjects, strict=True)
        ]
        variance = sampling(units, [score.rows for score in scores])
        out.append(interval([s.values[i] for s in scores], variance, len(scores[0].rows)))
    return out


def used(records: Sequence[Record], answers: BySeed) -> list[Record]:
    """Those records that `answers` stands on, for the line that says so."""
    return [record for record in records if record.config["seed"] in answers]


def described(answers: BySeed) -> str:
    """ "1,000 faces a seed, 2 seeds", "927 faces of 118 people, 1 seed"."""
    if not answers:
        return "nothing recorded yet"
    first = next(iter(answers.values()))
    subject = first.card.subject[first.rows]
    people = len(np.unique(subject[subject >= 0]))
    of = f" of {people:,} people" if people else ""
    return f"{len(first.rows):,} faces{of}, {len(answers)} seed{'s' if len(answers) > 1 else ''}"


def plain(effect: Effect) -> str:
    """ "64.3 [62.0, 66.6]", the value alone without an interval, a dash where there is none."""
    if not np.isfinite(effect.mean):
        return "–"
    ends = f" [{effect.low:.1f}, {effect.high:.1f}]" if effect.low < effect.high else ""
    return f"{effect.mean:.1f}{ends}"


def _answers(sides: Mapping[str, Sequence[Record]], part: str) -> Answers:
    right: dict[tuple[str, str], NDArray[Any]] = {}
    rows: NDArray[np.int64] | None = None
    for network, side in sides.items():
        own = np.concatenate([record.predictions(part).rows for record in side])
        rows = own if rows is None else rows
        if not np.array_equal(rows, own):
            raise InputError(f"{side[0].folder}: scored on other faces than the other networks")
        for view in side[0].views(part):
            if all(view in record.views(part) for record in side):
                said = [record.predictions(part, view) for record in side]
                right[network, view] = np.concatenate([p.predicted == p.truth for p in said])
    assert rows is not None
    return Answers(next(iter(sides.values()))[0].card, rows, right)
