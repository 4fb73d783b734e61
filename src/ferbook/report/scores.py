"""One figure of one run, with the influence of every test image on it.

The influence z_i of image i is the metric's first-order change when that image gets more weight,
scaled so that mean(z) = 0 and the sampling variance of the metric on n images is mean(z^2) / n.
For an accuracy z_i = right_i - p, hence mean(z^2) = p (1 - p). Differences, shares and the choice
of a class act on influences as they do on values, so paired comparisons come out paired.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferbook.study import evaluation
from ferbook.study.records import Predictions

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Score:
    """A metric, or one value per class of it."""

    values: Floats  #: (m,), fractions of 1; m is 1, or the number of classes for recall
    influence: Floats  #: (m, n)
    rows: NDArray[np.int64]  #: (n,), rows of the dataset, ascending

    def minus(self, other: Score, scale: str) -> Score:
        """self - other on the same images, in points or as a share of one of them."""
        if not np.array_equal(self.rows, other.rows):
            raise ValueError("a difference is taken on the same images")
        values = self.values - other.values
        influence = self.influence - other.influence
        base = {"relative": other, "relative-drop": self}.get(scale)
        if base is not None:  # d(a / b) = (da - (a / b) db) / b
            with np.errstate(divide="ignore", invalid="ignore"):
                values = values / base.values
                influence = (influence - values[:, None] * base.influence) / base.values[:, None]
        return Score(values, influence, self.rows)

    def of(self, codes: Sequence[int], pick: str | None) -> Score:
        """The value of one class, or the lowest or highest among several."""
        among = self.values[list(codes)]
        if not np.isfinite(among).all():  # an emotion without images: no extreme either
            return Score(among[~np.isfinite(among)][:1], self.influence[:1], self.rows)
        at = codes[int(np.argmin(among) if pick == "lowest" else np.argmax(among))]
        return Score(self.values[at : at + 1], self.influence[at : at + 1], self.rows)


def extreme(among: Sequence[Score], pick: str | None) -> Score:
    """Of single figures of several networks the lowest, or the highest."""
    values = [float(one.values[0]) for one in among]
    return among[int(np.argmin(values) if pick == "lowest" else np.argmax(values))]


def score(metric: str, predictions: Predictions, classes: int) -> Score:
    """`metric` of one run's predictions: "accuracy", "recall" (per class) or "f1" (macro)."""
    truth, predicted = predictions.truth.astype(int), predictions.predicted.astype(int)
    matrix = evaluation.confusion(truth, predicted, classes)
    values, table = _FIGURES[metric](matrix)
    order = np.argsort(predictions.rows, kind="stable")
    return Score(values, table[:, truth, predicted][:, order], predictions.rows[order])


def unit_variance(influence: Floats, subjects: NDArray[np.integer[Any]]) -> float:
    """What one image contributes to the variance: mean(z^2), whole subjects counting together.

    `subjects` (n,) is -1 where the person is unknown: such an image stands for itself. With G
    groups the sum over groups of (sum of z)^2 takes the factor G / (G - 1).
    """
    known = subjects >= 0
    if not known.any():
        return float(np.mean(influence**2))
    group = np.unique(np.where(known, subjects, -1 - np.arange(len(subjects))), return_inverse=True)
    sums = np.bincount(group[1], weights=influence)
    return float(np.sum(sums**2) / len(influence) * len(sums) / max(len(sums) - 1, 1))


def _accuracy(matrix: NDArray[np.int64]) -> tuple[Floats, Floats]:
    value = evaluation.accuracy(matrix)
    return np.array([value]), (np.eye(len(matrix)) - value)[None]


def _recall(matrix: NDArray[np.int64]) -> tuple[Floats, Floats]:
    values = evaluation.recall(matrix)
    share = np.maximum(matrix.sum(axis=1), 1) / matrix.sum()
    table = np.zeros((len(matrix), *matrix.shape))
    for code, value in enumerate(values):  # images of other classes have no influence
        table[code, code] = ((np.arange(len(matrix)) == code) - value) / share[code]
    return values, table


def _f1(matrix: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """F1 = 2 TP / (true + predicted), so z = (2 tp - F1 (is true + is predicted)) n / (...)."""
    values = evaluation.f1(matrix)
    sizes = matrix.sum(axis=0) + matrix.sum(axis=1)
    one = np.eye(len(matrix))
    tables = [
        (2 * np.outer(one[c], one[c]) - values[c] * (one[c][:, None] + one[c][None])) / sizes[c]
        for c in np.flatnonzero(sizes)
    ]
    return np.array([evaluation.macro_f1(matrix)]), np.mean(tables, axis=0)[None] * matrix.sum()


_FIGURES = {"accuracy": _accuracy, "recall": _recall, "f1": _f1}
