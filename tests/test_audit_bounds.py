"""What one printed number leaves possible for another: part of a table, bounds, means, gains."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from sklearn import metrics

from audit_files import paper, recall, row
from ferbook.report.audit import ensemble
from ferbook.report.audit.reader import build
from ferbook.report.audit.rounding import Range
from ferbook.report.audit.run import audit

COUNTS = {"class_counts": {"zoo": {"test": {"cat": 100, "dog": 60, "bird": 40}}}}


def found(check, *rows, **changes):
    return audit(build(paper(*rows, **changes)), [check])


def test_one_class_can_rule_out_the_overall_figure():
    """20 % of 40 birds: 32 of 200 are wrong, so at most 168 right, 84.25 % with 20.5 of the birds.
    75 % of 60 dogs: at least 44.7 of 200 right, 22.35 %; but 80 % wrong, and a quarter with dogs,
    makes a one-versus-rest accuracy of 75 % for them."""
    [high] = found("class-accuracies", recall("bird", 20), row("all/net", 99.5, 1))
    assert high.severity == "impossible"
    assert high.cells == ("pets/all/net", "pets/classes/bird")
    assert "3.90 to 84.10 % with the class figures rounded and 0 to 100 %" in high.arithmetic
    assert found("class-accuracies", recall("bird", 20), row("all/net", 84.0, 1)) == []
    [low] = found("class-accuracies", recall("dog", 75), row("all/net", 20.0, 1))
    assert low.severity == "suspicious" and "one-versus-rest" in low.message
    assert found("class-accuracies", recall("dog", 75), row("all/net", 22.5, 1)) == []
    # without counts one class says nothing
    nothing = {"class_counts": {}, "n": {}}
    assert found("class-accuracies", recall("bird", 20), row("all/net", 99.5, 1), **nothing) == []


def test_two_of_three_classes():
    """90 % of 100 and 75 % of 60: 135 right of 160; the birds add 0 to 40: 67.5 to 87.5 %."""
    rows = [recall("cat", 90), recall("dog", 75)]
    assert found("class-accuracies", *rows, row("all/net", 87.5, 1)) == []
    assert [f.severity for f in found("class-accuracies", *rows, row("all/net", 89.5, 1))] == [
        "impossible"
    ]


def test_an_overall_figure_that_is_no_share_is_another_checks():
    """77.3 % of 200 are 154.6."""
    rows = [recall("cat", 90), recall("dog", 75), recall("bird", 50), row("all/net", 77.3, 1)]
    assert found("class-accuracies", *rows) == []
    assert [f.severity for f in found("granularity", *rows)] == ["impossible"]


def bound(comparator, **ends):
    rows = [recall("cat", 90), recall("dog", 75), recall("bird", 50)]
    number = {"comparator": comparator, "decimals": 0, **ends}
    return found("class-accuracies", *rows, row("text/net", 0) | {"reported": number})


def test_a_bound_on_the_overall_figure():
    """90, 75, 50 % of 100, 60, 40 are 155 of 200, 77.5 %. Their unweighted mean is 71.7 %."""
    for comparator, ends in (
        (">", {"low": 77}),
        (">=", {"low": 77}),
        ("<", {"high": 80}),
        ("between", {"low": 75, "high": 78}),
    ):
        assert bound(comparator, **ends) == []
    for comparator, ends in (
        (">", {"low": 80}),
        (">=", {"low": 90}),
        ("between", {"low": 80, "high": 85}),
    ):
        [wrong] = bound(comparator, **ends)
        assert wrong.severity == "impossible" and wrong.cells[0] == "pets/text/net"
    assert "overall > 80 % and the class figures do not fit" in bound(">", low=80)[0].message
    [below] = bound("<", high=75)
    assert below.severity == "suspicious" and "unweighted mean" in below.message


def test_a_bound_that_is_rounded_itself():
    """77.5 % is not above 78, but what 78 is rounded from, 77.5, it reaches; below 77, but not
    below 77.99, which is cut off to that."""
    for comparator, ends in ((">=", {"low": 78}), ("<", {"high": 77})):
        [rounded] = bound(comparator, **ends)
        assert rounded.severity == "suspicious" and "bound is rounded itself" in rounded.message


ZOO = {"dataset": "zoo", "split": "held-out"}
MACRO = {"average": "macro"}
AVERAGED = paper()["protocols"] | {
    "f1": ZOO | {"metric": "f1"},
    "precision": ZOO | {"metric": "precision"},
    "weighted-f1": ZOO | {"metric": "f1", "average": "weighted"},
    "macro-recall": ZOO | MACRO | {"metric": "recall"},
}


def averages(f1, p, r, average="f1"):
    rows = [
        row("t/f1", f1, 1, protocol=average),
        row("t/p", p, 1, protocol="precision"),
        row("t/r", r, 1, protocol="class"),
    ]
    return found("f1", *rows, protocols=AVERAGED)


def test_an_averaged_f1_is_not_above_precision_and_recall():
    """2 x 60 x 80 / 140 = 68.57, their mean 70. Each may be up to 0.1 more: 2 x 60.1 x 80.1 / 140.2
    is 68.67; an F1 printed as 68.7 is at least 68.65."""
    assert averages(68.5, 60.0, 80.0) == averages(68.7, 60.0, 80.0) == []
    for value in (68.8, 69.9, 75.0):
        [above] = averages(value, 60.0, 80.0)
        assert above.severity == "contradiction"
        assert above.cells == ("pets/t/f1", "pets/t/p", "pets/t/r")
        assert "2 P R / (P + R) = 0.6867" in above.arithmetic
    [open_] = averages(75.0, 60.0, 80.0, "weighted-f1")
    assert open_.severity == "suspicious" and "in different ways" in open_.message


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=3, max_size=3))
def test_that_holds_for_every_confusion_matrix(matrix):
    if not np.sum(matrix):
        return
    truth = np.repeat(np.repeat([0, 1, 2], 3), np.ravel(matrix))
    answers = np.repeat(np.tile([0, 1, 2], 3), np.ravel(matrix))
    for average in ("macro", "weighted"):
        p, r, f, _ = metrics.precision_recall_fscore_support(
            truth, answers, labels=[0, 1, 2], average=average, zero_division=0.0
        )
        assert f <= (2 * p * r / (p + r) if p + r else 0) + 1e-12


def test_mean_recall_against_the_classes():
    """(90 + 75 + 50) / 3 = 71.7; by 100, 60, 40 images 77.5."""

    def mean(value, protocol="class", **more):
        rows = [recall("cat", 90), recall("dog", 75), recall("bird", 50)]
        overall = row("t/mean", value, 1, protocol=protocol)
        return found("class-accuracies", *rows, overall, protocols=AVERAGED, **more)

    assert mean(71.7) == mean(77.5) == mean(71.7, "macro-recall") == []
    [other] = mean(77.5, "macro-recall")
    assert other.severity == "suspicious" and "it can be their weighted mean" in other.message
    [wrong] = mean(74.5)
    assert wrong.severity == "contradiction" and wrong.cells[0] == "pets/t/mean"
    assert "not any mean of the classes' recall" in wrong.message
    assert "macro mean of the classes 0.7117 to 0.7267" in wrong.arithmetic
    # of any counts: between the smallest and the largest
    nothing = {"class_counts": {}, "n": {}}
    assert mean(74.5, **nothing) == []
    assert [f.severity for f in mean(49.0, **nothing)] == ["contradiction"]


def test_mean_precision_against_the_classes():
    """By numbers of answers it may be anything from 50 to 90."""
    rows = [
        row(f"p/{name}", value, protocol="precision", **{"class": name})
        for name, value in (("cat", 90), ("dog", 75), ("bird", 50))
    ]

    def mean(value):
        overall = row("t/mean", value, 1, protocol="precision")
        return found("class-accuracies", *rows, overall, protocols=AVERAGED)

    assert mean(71.7) == mean(60.0) == []
    assert [f.severity for f in mean(92.0)] == ["contradiction"]


def gain(value, scale, new=60.0, old=50.0, **more):
    protocols = paper()["protocols"] | {
        "gain": ZOO | {"metric": "accuracy", "scale": scale, **more}
    }
    rows = [
        row("all/new", new, 1, variant="new"),
        row("all/old", old, 1, variant="old"),
        row("gain/new", value, 1, variant="new", protocol="gain", against={"variant": "old"}),
    ]
    return found("class-changes", *rows, protocols=protocols)


def test_a_relative_gain_against_its_two_figures():
    """From 50 to 60: 20 % of 50, 16.7 % of 60, 10 points, and 20 % of the 50 wrong; from 80 to 90:
    12.5, 11.1, 10 points and 50 % of the 20 wrong. 59.95 / 50.1 = 1.1966: 19.66 % at least."""
    assert gain(20.0, "relative") == gain(19.6, "relative") == gain(16.7, "relative-drop") == []
    assert gain(12.5, "relative", 90.0, 80.0) == gain(11.1, "relative-drop", 90.0, 80.0) == []
    [wrong] = gain(30.0, "relative")
    assert wrong.severity == "contradiction"
    assert wrong.cells == ("pets/gain/new", "pets/all/new", "pets/all/old")
    assert wrong.arithmetic == "(60.0 - 50.0) / 50.0 = 19.66 to 20.32 %; printed 30.0"
    for value, said in (
        (10.0, "the difference in points"),
        (11.1, "a share of the first figure"),
        (50.0, "the share of the second figure's errors"),
    ):
        [other] = gain(value, "relative", 90.0, 80.0)
        assert other.severity == "suspicious" and said in other.message
    [mean] = gain(30.0, "relative", runs=3)
    assert mean.severity == "suspicious" and "mean over runs" in mean.message


def test_a_figure_that_is_printed_twice_may_be_wrong_once():
    """60 - 50 = 10; the other place prints 57 for the 60."""
    protocols = paper()["protocols"] | {"gain": ZOO | {"metric": "accuracy", "scale": "points"}}
    rows = [row("all/new", 60, variant="new"), row("all/old", 50, variant="old")]
    more = {"unit": "points", "variant": "new", "protocol": "gain", "against": {"variant": "old"}}
    change = row("gain/new", 10, **more)
    assert found("class-changes", *rows, change, protocols=protocols) == []
    for place in (0, 2):
        twice = [*rows]
        twice.insert(place, row("text/new", 57, variant="new"))
        [wrong] = found("class-changes", *twice, change, protocols=protocols)
        assert wrong.cells == ("pets/gain/new", "pets/text/new", "pets/all/old")


CHANCES = st.lists(st.integers(0, 10).map(lambda k: Fraction(k, 10)), min_size=2, max_size=5)


def chance(right, m, classes, best):
    """Of the right class, over all ways in which the wrong votes can fall, ties by lot."""
    values = []
    for votes in itertools.product(range(m - right + 1), repeat=classes - 1):
        if sum(votes) == m - right:
            top = max(right, *votes)
            winners = [right, *votes].count(top)
            values.append(1 / winners if right == top else 0.0)
    return (max if best else min)(values)


@settings(max_examples=60, deadline=None)
@given(CHANCES, st.integers(2, 4))
def test_votes_with_ties_by_lot_are_those_of_the_whole_linear_programme(chances, classes):
    """Over all joint laws of which members are right: 2^m unknown probabilities."""
    m = len(chances)
    outcomes = np.array(list(itertools.product([0, 1], repeat=m)))
    equal = np.vstack([outcomes.T, np.ones(len(outcomes))])
    given_ = [*map(float, chances), 1.0]
    best, worst = (
        [chance(int(right), m, classes, best) for right in outcomes.sum(1)]
        for best in (True, False)
    )
    high = -linprog(-np.array(best), A_eq=equal, b_eq=given_).fun
    low = linprog(np.array(worst), A_eq=equal, b_eq=given_).fun
    found_ = ensemble.by_lot([Range(p, p) for p in chances], classes)
    assert [float(end) for end in found_] == pytest.approx([low, high], abs=1e-6)


def vote(value, members=(60, 60, 60), how="majority", **more):
    names = [f"m{k}" for k in range(len(members))]
    rows = [row(f"all/{n}", v, variant=n) for n, v in zip(names, members, strict=True)]
    given_ = {"ensembles": {"e": {"members": names, "vote": how}}, **more}
    return found("ensemble", *rows, row("all/e", value, variant="e"), **given_)


def test_ties_that_must_fall_well():
    """Three members with 60 %, at most 61: two are right on at most 1.83 / 2 = 91.5 %. More needs
    three different answers of which the right one is taken. With two classes there are no ties."""
    assert vote(91) == [] and vote(95, how="unknown") == [] and vote(95, how="mean") == []
    [lucky] = vote(95)
    assert lucky.severity == "suspicious" and lucky.cells[0] == "pets/all/e"
    assert "only if ties of their votes fall better than by lot" in lucky.message
    assert lucky.arithmetic.endswith("to 91.5 %; printed 95")
    two = {"classes": ["cat", "dog"], "class_counts": {}, "n": {}}
    assert [f.severity for f in vote(95, **two)] == ["impossible"]


def test_ties_that_must_fall_badly():
    """Two members with 89.5 % at least: both right on 79 %, else one on 21 %, which wins half."""
    assert vote(90, (90, 90)) == []
    [unlucky] = vote(84, (90, 90))
    assert unlucky.severity == "suspicious" and "fall worse than by lot" in unlucky.message
    assert "89.5 to" in unlucky.arithmetic
    assert [f.severity for f in vote(75, (90, 90))] == ["impossible"]
