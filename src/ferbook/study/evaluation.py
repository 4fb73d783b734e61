"""Metrics of predictions and their uncertainty.

Conventions: labels and predictions are integer codes 0 to classes - 1; a confusion matrix has the
true class in its rows and the predicted class in its columns; metrics are fractions of 1; what is
undefined (a class that never occurs, or is never predicted) is NaN, never 0. 'Accuracy' of one
emotion is its recall (assumption A14); F1 is the unweighted mean over classes (assumption A31).
The few lines of arithmetic are here, and tested against scikit-learn, because `ferbook verify`
would wait longer for that library's import than for all of its own work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.integer[Any]]
Floats = NDArray[np.floating[Any]]


def confusion(truth: Integers, predicted: Integers, classes: int = 7) -> NDArray[np.int64]:
    """(classes, classes) counts, true class by row, predicted class by column."""
    if truth.shape != predicted.shape:
        raise ValueError(f"truth {truth.shape} and predicted {predicted.shape} differ in shape")
    flat = truth.astype(np.int64) * classes + predicted
    return np.bincount(flat, minlength=classes * classes).reshape(classes, classes)


def accuracy(matrix: NDArray[np.int64]) -> float:
    """Share of all images on the diagonal."""
    return _ratio(np.trace(matrix), matrix.sum()).item()


def recall(matrix: NDArray[np.int64]) -> Floats:
    """(classes,) share of each true class that was found: TP / (TP + FN)."""
    return _ratio(np.diag(matrix), matrix.sum(axis=1))


def precision(matrix: NDArray[np.int64]) -> Floats:
    """(classes,) share of each predicted class that is right: TP / (TP + FP)."""
    return _ratio(np.diag(matrix), matrix.sum(axis=0))


def f1(matrix: NDArray[np.int64]) -> Floats:
    """(classes,) harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN)."""
    return _ratio(2 * np.diag(matrix), matrix.sum(axis=0) + matrix.sum(axis=1))


def macro_f1(matrix: NDArray[np.int64]) -> float:
    """Mean F1 over the classes that occur in truth or prediction."""
    scores = f1(matrix)
    return float(np.nanmean(scores)) if np.isfinite(scores).any() else float("nan")


@dataclass(frozen=True)
class Summary:
    """One figure over k runs that differ in their seed only."""

    mean: float
    runs: int
    low: float  #: 95 % interval
    high: float


def seed_interval(values: Floats, images: int | None = None) -> Summary:
    """Mean of k runs with a 95 % confidence interval for the mean on new images.

    The variance is s^2 / k between seeds plus, where `images` is given, p (1 - p) / images for the
    finite test set, which all runs share. Degrees of freedom after Welch and Satterthwaite; with
    one run only the sampling term is left, and the interval says nothing of the seed.
    """
    from scipy.stats import t

    values = np.asarray(values, dtype=float)
    mean, runs = float(values.mean()), len(values)
    between = float(values.var(ddof=1)) / runs if runs > 1 else 0.0
    sampling = mean * (1 - mean) / images if images else 0.0
    total = between + sampling
    freedom = (runs - 1) * (total / between) ** 2 if between > 0 else np.inf
    half = float(t.ppf(0.975, freedom)) * total**0.5
    return Summary(mean, runs, mean - half, mean + half)


def paired_interval(
    first: NDArray[np.bool_], second: NDArray[np.bool_]
) -> tuple[float, float, float]:
    """Difference of two accuracies on the same images, (difference, low, high) at 95 %.

    `first` and `second` are (k, n) right or wrong for k seeds and n images. Seeds are averaged
    over, so the interval, of variance v / n for the n differences, is for these networks on new
    images; of one seed it is that of `ferbook.report.effects`. NaN where all differences agree.
    """
    from scipy.stats import norm

    difference = first.astype(float).mean(0) - second.astype(float).mean(0)  # (n,)
    if not len(difference):
        return np.nan, np.nan, np.nan
    mean, variance = float(difference.mean()), float(difference.var()) / len(difference)
    half = float(norm.ppf(0.975)) * variance**0.5 if variance > 0 else np.nan
    return mean, mean - half, mean + half


def mcnemar(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """Exact two-sided p-value that two networks, right or wrong on n images, err equally often."""
    from scipy.stats import binomtest

    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    if only_first + only_second == 0:
        return 1.0
    return float(binomtest(only_first, only_first + only_second).pvalue)


def _ratio(numerator: Any, denominator: Any) -> Floats:
    numerator, denominator = np.asarray(numerator, float), np.asarray(denominator, float)
    out = np.full(np.broadcast(numerator, denominator).shape, np.nan)
    return np.divide(numerator, denominator, out=out, where=denominator > 0)
