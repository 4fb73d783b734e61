"""What spoilt faces cost each network (Chew, hypothesis H2 and sections 5 and 6).

A loss is the accuracy on unspoilt faces minus that on the same faces spoilt, in points; a relative
loss is its share, in per cent, of the accuracy on the unspoilt ones. Landmarks are those found
"before" the face was spoilt, carried along, or those that dlib finds "again" on the spoilt face.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from ferbook.report.chew.answers import NETWORKS, Answers, BySeed, over_seeds
from ferbook.report.chew.hypotheses import Statement
from ferbook.report.effects import NOTHING, Effect
from ferbook.report.scores import Score
from ferbook.study.records import Record
from ferbook.vision.masking import AMOUNTS, CONDITIONS, OCCLUDERS, Condition

#: The recorded experiment behind each dataset of the page.
EXPERIMENTS = {"fer2013": "random-fer2013", "ckplus": "subject-ckplus"}
NAMES = {"fer2013": "FER2013", "ckplus": "CK+"}
LANDMARKS = ("before", "again")
#: What H2 names, and the kinds of condition that stand for it.
PARTS: dict[str, tuple[str, ...]] = {
    "occlusion": (*OCCLUDERS, "square"),
    "lighting": ("brightness", "contrast", "shade"),
    "noise": ("noise",),
    "misalignment": ("shift",),
}
#: The amount of each graded kind that leaves a face as it is.
NOTHING_DONE = {kind: 1.0 if kind == "contrast" else 0.0 for kind in AMOUNTS}
SCALES = {"points": "points", "relative": "relative-drop"}


def of_kinds(kinds: Sequence[str]) -> list[Condition]:
    return [condition for condition in CONDITIONS if condition.kind in kinds]


def loss(
    answers: Answers,
    network: str,
    conditions: Sequence[Condition],
    landmarks: str = "before",
    scale: str = "points",
) -> Score:
    """Loss under each condition (m,), a fraction of 1, or of the unspoilt accuracy."""
    views = [_view(answers, network, condition, landmarks) for condition in conditions]
    plain = answers.accuracy(network)
    return plain.minus(answers.accuracy(network, views), SCALES[scale])


def mean_loss(
    answers: Answers,
    network: str,
    conditions: Sequence[Condition],
    landmarks: str = "before",
    scale: str = "points",
) -> Score:
    """The mean over conditions, each counting the same."""
    each = loss(answers, network, conditions, landmarks, scale)
    return Score(each.values.mean(keepdims=True), each.influence.mean(0, keepdims=True), each.rows)


def losses(
    answers: BySeed,
    conditions: Sequence[Condition] = CONDITIONS,
    scale: str = "points",
    landmarks: Sequence[str] = LANDMARKS,
) -> pd.DataFrame:
    """A row for each condition, network and setting: kind, amount, loss, low, high."""
    rows = []
    for network in NETWORKS:
        for setting in landmarks:
            figure = partial(
                loss, network=network, conditions=conditions, landmarks=setting, scale=scale
            )
            for condition, effect in zip(conditions, over_seeds(answers, figure), strict=False):
                about = (network, setting, condition.kind, condition.amount)
                rows.append((*about, effect.mean, effect.low, effect.high))
    columns = ["network", "landmarks", "kind", "amount", "loss", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def advantage(
    answers: BySeed,
    conditions: Sequence[Condition],
    landmarks: str = "before",
    scale: str = "points",
) -> Effect:
    """What pixels lose minus what the hybrid loses on the same faces, mean over conditions."""

    def figure(one: Answers) -> Score:
        sides = [mean_loss(one, n, conditions, landmarks, scale) for n in ("pixels", "hybrid")]
        return sides[0].minus(sides[1], "points")

    return first_of(over_seeds(answers, figure))


def retained(answers: BySeed, region: str, network: str, limit: float, scale: str) -> Statement:
    """'Within `limit` of the original performance' with a region hidden, in points or per cent."""
    hidden = [Condition(region)]
    effect = first_of(over_seeds(answers, lambda a: loss(a, network, hidden, "before", scale)))
    said = f"{region} hidden: {network} loses at most {limit:g}"
    return Statement(said, "", effect, -np.inf, limit)


def first_of(effects: Sequence[Effect]) -> Effect:
    """That of a figure with a single value; nothing where nothing was recorded."""
    return effects[0] if effects else NOTHING


def failures(records: Sequence[Record], part: str = "spoilt") -> pd.DataFrame:
    """Share of the spoilt faces, per cent, on which dlib's detector finds no face, with Wilson's
    interval; a first row, kind "plain", for the same faces before they were spoilt.

    A face that two seeds share counts once; where people are known, the interval is that of so
    many people, since the faces of one are found or missed together.
    """
    from statsmodels.stats.proportion import proportion_confint

    with_share = [r for r in records if "spoilt.detected" in r.artifacts and r.views(part)]
    one = [r for r in with_share if r.config["variant"] == with_share[0].config["variant"]]
    if not one:
        return pd.DataFrame(columns=["kind", "amount", "missed", "low", "high"])
    rows = [r.predictions(part).rows for r in one]
    seen = [np.r_[r.card.detected[at].mean(), _found(r)] for r, at in zip(one, rows, strict=True)]
    missed = 1 - np.average(seen, axis=0, weights=[len(at) for at in rows])
    faces = np.unique(np.concatenate(rows))
    subject = one[0].card.subject[faces]
    units = len(np.unique(np.where(subject >= 0, subject, -1 - faces)))
    low, high = proportion_confint(missed * units, units, method="wilson")
    kinds = ["plain", *(c.kind for c in CONDITIONS)]
    amounts = [0.0, *(c.amount for c in CONDITIONS)]
    table = {"missed": 100 * missed, "low": 100 * low, "high": 100 * high}
    return pd.DataFrame({"kind": kinds, "amount": amounts, **table})


def _found(record: Record) -> np.ndarray:
    """(conditions,) share that the detector found, in the order of CONDITIONS."""
    names = record.artifacts["spoilt.conditions"].tolist()
    order = [names.index(condition.name) for condition in CONDITIONS]
    return record.artifacts["spoilt.detected"][order]


def _view(answers: Answers, network: str, condition: Condition, landmarks: str) -> str:
    """A network that sees no landmarks has one view of a condition."""
    again = f"{condition.name}/found"
    return again if landmarks == "again" and (network, again) in answers.right else condition.name
