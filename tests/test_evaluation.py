"""Metrics against scikit-learn and by hand; intervals by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics

from ferbook.study import evaluation as ev

codes = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=60)


@given(codes)
def test_agrees_with_scikit_learn(pairs):
    truth, predicted = np.array(pairs).T
    matrix = ev.confusion(truth, predicted)
    np.testing.assert_array_equal(
        matrix, metrics.confusion_matrix(truth, predicted, labels=range(7))
    )
    assert ev.accuracy(matrix) == pytest.approx(metrics.accuracy_score(truth, predicted))
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        truth, predicted, labels=range(7), zero_division=np.nan
    )
    np.testing.assert_allclose(ev.recall(matrix), recall)
    np.testing.assert_allclose(ev.precision(matrix), precision)
    np.testing.assert_allclose(ev.f1(matrix), f1)
    assert ev.macro_f1(matrix) == pytest.approx(metrics.f1_score(truth, predicted, average="macro"))


def test_what_is_undefined_is_nan():
    matrix = ev.confusion(np.array([0, 0]), np.array([0, 1]), classes=3)
    # Class 1 never occurs, class 2 neither occurs nor is predicted.
    np.testing.assert_allclose(ev.recall(matrix), [0.5, np.nan, np.nan])
    np.testing.assert_allclose(ev.precision(matrix), [1.0, 0.0, np.nan])
    np.testing.assert_allclose(ev.f1(matrix), [2 / 3, 0.0, np.nan])
    assert math.isnan(ev.accuracy(np.zeros((7, 7), np.int64)))
    assert math.isnan(ev.macro_f1(np.zeros((7, 7), np.int64)))


def test_different_lengths_are_an_error():
    with pytest.raises(ValueError, match="differ in shape"):
        ev.confusion(np.zeros(3, int), np.zeros(4, int))


def test_interval_over_seeds_by_hand():
    # 0.60, 0.62, 0.64: mean 0.62, s = 0.02, s / sqrt(3) = 0.011547, t(2) = 4.303: +- 0.04968
    summary = ev.seed_interval(np.array([0.60, 0.62, 0.64]))
    assert summary.mean == pytest.approx(0.62) and summary.runs == 3
    assert summary.high - summary.mean == pytest.approx(0.04968, abs=2e-5)


def test_interval_of_one_run_is_the_binomial_one():
    # FER2013's PrivateTest at 73 %: 1.96 * sqrt(0.73 * 0.27 / 3589) = 0.0145
    summary = ev.seed_interval(np.array([0.73]), images=3589)
    assert summary.high - summary.mean == pytest.approx(0.0145, abs=1e-4)
    assert summary.low == pytest.approx(0.73 - 0.01452, abs=1e-4)


def test_mcnemar_by_hand():
    # 8 images only the first gets right, 1 only the second: 2 * (C(9,0) + C(9,1)) / 2^9 = 0.0390625
    first = np.array([True] * 8 + [False] + [True] * 20)
    second = np.array([False] * 8 + [True] + [True] * 20)
    assert ev.mcnemar(first, second) == pytest.approx(20 / 512)
    assert ev.mcnemar(second, first) == pytest.approx(20 / 512)
    assert ev.mcnemar(first, first) == 1.0


def test_paired_interval_by_hand_and_by_bootstrap():
    generator = np.random.default_rng(0)
    first = generator.random((2, 3000)) < 0.66
    second = generator.random((2, 3000)) < 0.60
    difference, low, high = ev.paired_interval(first, second)
    assert difference == pytest.approx(first.mean() - second.mean())
    # Independent errors, two seeds averaged: standard error sqrt((.66*.34 + .6*.4) / 2 / 3000) =
    # 0.0088, so the interval is about 4 * 0.0088 = 0.035 wide.
    assert 0.028 < high - low < 0.042
    drawn = stats.bootstrap(
        (first.mean(0) - second.mean(0),), np.mean, n_resamples=2000, method="basic",
        rng=np.random.default_rng(0),
    ).confidence_interval  # fmt: skip
    assert (low, high) == pytest.approx((drawn.low, drawn.high), abs=0.001)
    # four images, three alike and one gained: 1/4, variance 3/16 / 4
    gained = ev.paired_interval(np.array([[1, 1, 1, 0]]) > 0, np.array([[1, 1, 0, 0]]) > 0)
    half = 1.959964 * (3 / 64) ** 0.5
    assert gained == pytest.approx((0.25, 0.25 - half, 0.25 + half))
    assert np.isnan(ev.paired_interval(first, first)[1:]).all()
    assert np.isnan(ev.paired_interval(first[:, :0], first[:, :0])).all()
