"""Copies in a table: what goes together by itself is no evidence."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from audit_files import paper, row
from ferbook.report.audit import copies
from ferbook.report.audit.reader import build
from ferbook.report.audit.run import audit

BASE = {"dataset": "zoo", "split": "held-out"}
PROTOCOLS = {
    "whole": BASE | {"metric": "accuracy"},
    "class": BASE | {"metric": "recall"},
    "mean-recall": BASE | {"metric": "recall"},
    "precision": BASE | {"metric": "precision"},
    "f1": BASE | {"metric": "f1"},
    "weighted-f1": BASE | {"metric": "f1", "average": "weighted"},
}
METRICS = {
    "accuracy": "whole",
    "f1": "f1",
    "wf1": "weighted-f1",
    "recall": "mean-recall",
    "precision": "precision",
}
CLASSES = ("cat", "dog", "bird")


def found(rows, **more):
    return audit(build(paper(*rows, protocols=PROTOCOLS, **more)), ["copies"])


def by_metric(lines):
    return [
        row(f"t/{net}/{name}", value, 2, protocol=METRICS[name], variant=net)
        for net, values in lines.items()
        for name, value in zip(METRICS, values, strict=True)
    ]


def by_class(lines, decimals=1):
    return [
        row(f"t/{net}/{name}", v, decimals, protocol="class", variant=net, **{"class": name})
        for net, values in lines.items()
        for name, v in zip(CLASSES, values, strict=True)
    ]


OTHERS = {"a": (71.5, 70.13, 71.02, 70.4, 71.77), "b": (80.5, 79.21, 80.33, 79.95, 80.08)}
TWINS = {"c": (85.0, 84.12, 84.87, 84.44, 85.03), "d": (85.0, 84.12, 84.87, 84.44, 85.03)}


def test_metrics_of_the_same_answers_count_once():
    """Five metrics of one network are one figure; three figures at least are needed. The grain is
    one image of 200, 0.5 %, s of 71.5 and 80.5 is 6.36: 0.5 / (2 x 6.36 x 1.772) = 0.022 alone."""
    assert found(by_metric(OTHERS | TWINS)) == []
    # the same with no number of images known
    assert found(by_metric(OTHERS | TWINS), class_counts={}, n={}) == []


def test_columns_of_two_metrics_are_no_two_systems():
    """The weighted recall is the accuracy, of every network."""
    lines = {
        f"net{k}": (v, v - 1.13, v - 0.27, v, v + 0.31) for k, v in enumerate((60, 65, 71, 80))
    }
    assert found(by_metric(lines), class_counts={}, n={}) == []


def test_what_is_counted_of_figures_that_go_together():
    """Of one set of images: classes 0.1 and min(0.2, 0.05) = 0.05, hence 0.005, less than the 0.02
    of all classes together; of another set 0.3 alone. 0.005 x 0.3 = 0.0015, of three figures."""
    figures = [
        ("zoo", "cat", 0.1),
        ("zoo", "dog", 0.2),
        ("zoo", "dog", 0.05),
        ("zoo", "", 0.02),
        ("farm", "", 0.3),
    ]
    number, chance = copies.joint(figures)
    assert number == 3 and chance == pytest.approx(0.0015)


def test_one_image_is_the_grain_of_few():
    """10 cats, 10 dogs, 10 birds; values of tenths, 10 points apart. Taken for values to 0.1 %, two
    equal rows would have a chance below one in a million."""
    lines = {"a": (20, 40, 60), "b": (40, 70, 30), "c": (60, 30, 70), "d": (60, 30, 70)}
    counts = {"zoo": {"test": dict.fromkeys(CLASSES, 10)}}
    assert found(by_class(lines), class_counts=counts, n={}) == []
    s = [math.sqrt(200), math.sqrt(450), math.sqrt(450)]  # of 20 and 40; 40 and 70; 60 and 30
    chance = 6 * math.prod(0.1 / (2 * each * math.sqrt(math.pi)) for each in s)
    assert chance < copies.ABSURD
    [twin] = found(by_class(lines), class_counts={}, n={})
    assert twin.arithmetic.startswith(f"chance of that {chance:.1g}")


def test_all_right_is_no_evidence():
    """Two perfect rows among poor ones."""
    lines = {"a": (23.1, 41.7, 64.2), "b": (45.9, 77.8, 31.3)}
    ends = dict.fromkeys("cd", (100.0, 100.0, 100.0))
    assert found(by_class(lines | ends), class_counts={}, n={}) == []


def test_how_alike_an_ensemble_and_its_member_are():
    """exp(-M) I_0(M) is P(X = Y) of two Poisson counts of mean M / 2; M = 0.2 x 30 = 6."""
    counts = np.arange(60)
    equal = float((stats.poisson.pmf(counts, 3.0) ** 2).sum())
    assert copies.as_alike(30) == pytest.approx(equal)
    assert copies.as_alike(0) == 1.0


@pytest.mark.parametrize("name", ["e", "our-ensemble"])
def test_an_ensemble_may_equal_a_member_on_few_images(name):
    """40 images of each class, 8 wrong: M = 1.6, exp(-1.6) I_0(1.6) = 0.353 a class. Of 4,000
    images each, 800 wrong: M = 160, 1 / sqrt(2 pi 160) = 0.0315, and 6 x 0.0315^3 = 1.9e-4."""
    lines = {"a": (12.5, 22.5, 72.5), "b": (72.5, 82.5, 12.5), "c": (80.0,) * 3, name: (80.0,) * 3}
    given = {"ensembles": {"e": {"members": ["a", "b", "c"]}}} if name == "e" else {}
    few = {"zoo": {"test": dict.fromkeys(CLASSES, 40)}}
    many = {"zoo": {"test": dict.fromkeys(CLASSES, 4000)}}
    assert copies.as_alike(8) == pytest.approx(0.353, abs=1e-3)
    assert found(by_class(lines), class_counts=few, n={}, **given) == []
    assert found(by_class(lines), class_counts=many, n={}, **given) == []


def test_a_network_that_equals_an_unrelated_one_on_many_images_is_told():
    """The grain is 0.1 %: s of 12.5, 72.5 is 42.4, of 22.5, 82.5 too: 6 x (0.1 / (2 x 42.4 x
    1.772))^3 = 1.8e-9."""
    lines = {"a": (12.5, 22.5, 72.5), "b": (72.5, 82.5, 12.5), "c": (80.0,) * 3, "d": (80.0,) * 3}
    counts = {"zoo": {"test": dict.fromkeys(CLASSES, 4000)}}
    [twin] = found(by_class(lines), class_counts=counts, n={})
    assert "rows c and d" in twin.message
    assert twin.arithmetic.startswith("chance of that 2e-09")
