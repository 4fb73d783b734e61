"""FER+ against FER2013: which part of the difference is faces, which is labels.

FER+ leaves faces out and gives the others new labels, in training and in the test. Between the
two networks lie two scores of the first one, that change one of these at a time: without the faces
that FER+ leaves out, and then counted against FER+'s labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ferbook.report.chew.protocols import Scored
from ferbook.report.effects import Effect, contrast, interval
from ferbook.report.effects import Scored as Right
from ferbook.study import evaluation as ev
from ferbook.study.records import Predictions, Record

Rows = NDArray[np.integer]


@dataclass(frozen=True)
class Stage:
    """One network, some faces, some labels."""

    trained: str
    faces: str
    labels: str
    right: dict[int, Right]  #: by seed; rows of FER2013
    recall: float  #: macro, mean over seeds, fraction of 1

    @property
    def accuracy(self) -> float:
        return float(np.mean([right.mean() for _, right, _ in self.right.values()]))

    @property
    def images(self) -> int:
        return len(next(iter(self.right.values()))[0])


def stages(fer2013: Sequence[Record], ferplus: Sequence[Record]) -> list[Stage]:
    """From the official split to FER+, one change at a time; empty while runs are missing.

    `fer2013`, `ferplus`: runs of one network under the same recipe, on the same official parts.
    """
    if not fer2013 or not ferplus or ferplus[0].card.parent is None:
        return []
    card, parent = ferplus[0].card, ferplus[0].card.parent
    if fer2013[0].data["dataset"]["fingerprint"] != card.judgement["faces_of"]:
        return []
    labels = np.full(len(fer2013[0].card), -1)
    labels[parent] = card.labels
    own = Scored(fer2013)
    return [
        _stage("FER2013", "all", "FER2013", own),
        _stage("FER2013", "those of FER+", "FER2013", own, among=parent),
        _stage("FER2013", "those of FER+", "FER+", own, among=parent, labels=labels),
        _stage("FER+", "those of FER+", "FER+", Scored(ferplus), at=parent),
    ]


def steps(found: Sequence[Stage]) -> list[Effect]:
    """What each stage has more than the one before it, in points.

    The same faces are compared pair by pair; leaving faces out compares a part with the whole,
    whose influence on the difference is r_i (n / m - 1) inside and -r_i outside.
    """
    out = []
    for before, after in pairwise(found):
        if before.images == after.images:
            out.append(contrast([(1, after.right), (-1, before.right)]))
        else:
            out.append(_left_out(before.right, after.right))
    return out


def table(found: Sequence[Stage]) -> pd.DataFrame:
    """A row a stage: what changes, accuracy and macro recall in per cent, images, the step."""
    if not found:
        return pd.DataFrame()
    names = ["official split", "faces without a majority left out", "FER+'s labels in the test",
             "FER+'s labels in training, too"]  # fmt: skip
    gained = ["–", *(str(effect) for effect in steps(found))]
    rows = {
        name: {
            "accuracy": f"{100 * stage.accuracy:.1f}",
            "points": step,
            "macro recall": f"{100 * stage.recall:.1f}",
            "images": f"{stage.images:,}",
        }
        for name, stage, step in zip(names, found, gained, strict=True)
    }
    return pd.DataFrame(rows).T.rename_axis("one change at a time")


def sentence(found: Sequence[Stage]) -> str:
    """How much of the difference each change brings."""
    if not found:
        return "The runs that this comparison needs are not recorded yet."
    faces, test, training = steps(found)
    said = (
        "Faces that are easier because FER+'s voters agree on them bring "
        f"{faces} points; counting the same answers against FER+'s labels brings {test}; learning "
        f"from FER+'s labels brings {training}."
    )
    if min(effect.seeds for effect in (faces, test, training)) < 2:
        said += " One seed: networks trained anew may divide it otherwise."
    return said


def _stage(
    trained: str,
    faces: str,
    named: str,
    scored: Scored,
    among: Rows | None = None,
    labels: Rows | None = None,
    at: Rows | None = None,
) -> Stage:
    """`among`: rows to keep; `labels`: of all rows, to count against; `at`: where rows stand."""
    right: dict[int, Right] = {}
    recalls = []
    for record, said in zip(scored.records, scored.predictions, strict=True):
        rows, truth, predicted = _answers(said, among, labels, at)
        right[record.config["seed"]] = (
            rows,
            (truth == predicted).astype(float),
            np.full(len(rows), -1, np.int32),
        )
        matrix = ev.confusion(truth, predicted, len(record.card.emotions))
        recalls.append(np.nanmean(ev.recall(matrix)))
    return Stage(trained, faces, named, right, float(np.mean(recalls)))


def _answers(
    said: Predictions, among: Rows | None, labels: Rows | None, at: Rows | None
) -> tuple[NDArray[np.int64], Rows, Rows]:
    rows = (said.rows if at is None else at[said.rows]).astype(np.int64)
    truth = said.truth if labels is None else labels[said.rows]
    order = np.argsort(rows, kind="stable")
    kept = order if among is None else order[np.isin(rows[order], among)]
    return rows[kept], truth[kept], said.predicted[kept]


def _left_out(whole: dict[int, Right], part: dict[int, Right]) -> Effect:
    values, units, images = [], [], 1
    for seed in sorted(set(whole) & set(part)):
        rows, right, _ = whole[seed]
        inside = np.isin(rows, part[seed][0])
        few, all_ = right[inside].mean(), right.mean()
        influence = np.where(inside, (right - few) / inside.mean(), 0.0) - (right - all_)
        values.append(float(few - all_))
        units.append(float(np.mean(influence**2)))
        images = len(rows)
    return interval(values, float(np.mean(units)) / images, images)
