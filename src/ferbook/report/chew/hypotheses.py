"""Chew's three hypotheses as statements that runs can answer: each a contrast and a verdict.

The verdict is that of the interval: `holds` where all of it satisfies the statement, `fails` where
none of it does, else `open`. One seed does not tell what another would have given, so it answers
nothing; a statement without runs is `not measured`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from ferbook.report.effects import NOTHING, Effect, Term, effect, interval, right_by_seed, sampling
from ferbook.report.scores import unit_variance
from ferbook.report.tables import provenance as runs_of
from ferbook.report.tables import select
from ferbook.vision.masking import OCCLUDERS

Answer = Literal["holds", "fails", "open", "one seed", "not measured"]
#: Where a hypothesis is put to the test, as the reader knows it.
PLACES = {
    "FER2013, random split": "chew/random-fer2013",
    "FER2013, official split": "chew/ablation-fer2013",
    "CK+, six emotions": "chew/subject-ckplus",
}
#: Where faces were spoilt.
SPOILT = ("FER2013, random split", "CK+, six emotions")
CROSS = {"FER2013 → CK+": "chew/random-fer2013", "CK+ → FER2013": "chew/subject-ckplus"}


@dataclass(frozen=True)
class Statement:
    """What is said, where, and what the runs say of it."""

    claim: str
    where: str
    effect: Effect
    low: float = 0.0  #: the statement is that the contrast lies above this,
    high: float = np.inf  #: and below that; points

    @property
    def answer(self) -> Answer:
        if not np.isfinite(self.effect.mean):
            return "not measured"
        if self.effect.seeds < 2:
            return "one seed"
        if self.low < self.effect.low and self.effect.high < self.high:
            return "holds"
        if self.effect.high <= self.low or self.effect.low >= self.high:
            return "fails"
        return "open"


def fusion(tier: str) -> list[Statement]:
    """H1: the hybrid beats either modality alone."""
    return [
        Statement(f"hybrid > {other}", where, effect(difference(name, "hybrid", other), tier))
        for where, name in PLACES.items()
        for other in ("pixels", "landmarks")
    ]


def drop(tier: str, low: float, high: float) -> list[Statement]:
    """Without landmarks the accuracy falls by `low` to `high` points."""
    said = f"drop without landmarks is {low:g} to {high:g}"
    return [
        Statement(said, where, effect(difference(name, "hybrid", "pixels"), tier), low, high)
        for where, name in PLACES.items()
    ]


def subtle(tier: str, emotions: tuple[str, ...] = ("fear", "disgust")) -> list[Statement]:
    """The gain is larger for some emotions than for the others."""
    said = f"gain in {' and '.join(emotions)} > gain elsewhere"
    return [
        Statement(said, where, extra_gain(name, emotions, tier)) for where, name in PLACES.items()
    ]


def everywhere(tier: str) -> list[Statement]:
    """The hybrid leads pixels in each emotion: asked of the one in which it leads least."""
    out = []
    for where, name in PLACES.items():
        least, found = min(
            (
                (emotion, effect(gain_in(name, emotion), tier))
                for emotion in emotions_of(name, tier)
            ),
            key=lambda pair: pair[1].mean,
            default=("", NOTHING),
        )
        out.append(Statement("leads in each" + (f", least {least}" if least else ""), where, found))
    return out


def emotions_of(experiment: str, tier: str) -> list[str]:
    """Those that the recorded networks of an experiment tell apart."""
    chosen = select(experiment, tier)
    if not chosen:
        return []
    names, labels = chosen[0].card.emotions, chosen[0].predictions().truth
    return [name for code, name in enumerate(names) if (labels == code).any()]


def gain_in(experiment: str, emotion: str) -> list[tuple[int, Term]]:
    return [
        (sign, replace(term, emotions=(emotion,)))
        for sign, term in difference(experiment, "hybrid", "pixels")
    ]


def resilience(tier: str) -> list[Statement]:
    """H2: an occluded region costs the hybrid less than it costs the pixel network."""
    return [
        Statement(f"{region} hidden", where, effect(less_lost(name, region), tier))
        for where, name in ((where, PLACES[where]) for where in SPOILT)
        for region in OCCLUDERS
    ]


def within(tier: str, limit: float) -> list[Statement]:
    """The hybrid keeps its accuracy to within `limit` points with eyes or mouth hidden."""
    return [
        Statement(
            f"{region} hidden: loses at most {limit:g}",
            where,
            effect(loss(PLACES[where], "hybrid", region), tier),
            -np.inf,
            limit,
        )
        for where in SPOILT
        for region in ("eyes", "mouth")
    ]


def transfer(tier: str, view: str = "shared") -> list[Statement]:
    """H3: on another dataset the hybrid is right more often than either branch alone."""
    out = []
    for where, name in CROSS.items():
        for other in ("pixels", "landmarks"):
            sides = [
                (1, Term(name, "hybrid", "cross", view)),
                (-1, Term(name, other, "cross", view)),
            ]
            out.append(Statement(f"hybrid > {other} over there", where, effect(sides, tier)))
    return out


def difference(experiment: str, first: str, second: str) -> list[tuple[int, Term]]:
    return [(1, Term(experiment, first)), (-1, Term(experiment, second))]


def loss(experiment: str, variant: str, region: str) -> list[tuple[int, Term]]:
    """Accuracy unspoilt minus accuracy with the region hidden, the whole test part."""
    plain = Term(experiment, variant)
    return [(1, plain), (-1, plain.seen(f"occluded-{region}"))]


def less_lost(experiment: str, region: str) -> list[tuple[int, Term]]:
    """What the pixel network loses minus what the hybrid loses."""
    hybrid = [(-sign, term) for sign, term in loss(experiment, "hybrid", region)]
    return loss(experiment, "pixels", region) + hybrid


def extra_gain(experiment: str, emotions: tuple[str, ...], tier: str) -> Effect:
    """Hybrid minus pixels on the images of `emotions`, minus the same on all others.

    A face inside weighs n / n_inside, one outside n / n_outside, so that the influence of both sets
    of images stands on one scale; on CK+ whole people count together.
    """
    sides = [right_by_seed(Term(experiment, v), tier) for v in ("hybrid", "pixels")]
    chosen = right_by_seed(Term(experiment, "hybrid", emotions=emotions), tier)
    values, units, parts, images = [], [], [], 0
    for seed in sorted(set(sides[0]) & set(sides[1])):
        rows, right, subjects = sides[0][seed]
        inside = np.isin(rows, chosen[seed][0])
        gain = right - sides[1][seed][1]
        means = gain[inside].mean(), gain[~inside].mean()
        weight = np.where(inside, len(rows) / inside.sum(), -len(rows) / (~inside).sum())
        influence = (gain - np.where(inside, *means)) * weight
        values.append(float(means[0] - means[1]))
        units.append(unit_variance(influence, subjects))
        parts.append(rows)
        images = int(inside.sum())
    return interval(values, sampling(units, parts), images) if values else NOTHING


def provenance(tier: str) -> str:
    """The runs behind each place, a line each."""
    return "\n".join(
        f"- **{where}**: {runs_of(select(name, tier))}" for where, name in PLACES.items()
    )


def table(statements: Iterable[Statement]) -> pd.DataFrame:
    """A row a statement, which is its name: where, the measured contrast, seeds, answer."""
    rows = pd.DataFrame(
        [
            {
                "statement": s.claim,
                "on": s.where,
                "points": str(s.effect),
                "seeds": s.effect.seeds,
                "answer": s.answer,
            }
            for s in statements
        ]
    )
    return rows.set_index("statement")


def summary(statements: Sequence[Statement]) -> str:
    """ "2 hold, 1 fails, 3 are open, 1 is not measured"."""
    verbs = {
        "holds": ("holds", "hold"),
        "fails": ("fails", "fail"),
        "open": ("is open", "are open"),
        "one seed": ("rests on one seed", "rest on one seed"),
        "not measured": ("is not measured", "are not measured"),
    }
    counts = {a: sum(s.answer == a for s in statements) for a in verbs}
    return ", ".join(f"{n} {verbs[a][n != 1]}" for a, n in counts.items() if n)
