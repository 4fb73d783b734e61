"""Rounding, counts of images, granularity and class accuracies against brute force and by hand."""

from __future__ import annotations

import itertools
import json
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from audit_files import paper, recall, row
from ferbook import paths
from ferbook.cli import main
from ferbook.report.audit import class_accuracies, granularity
from ferbook.report.audit.feasibility import _solver_says, feasible, reach
from ferbook.report.audit.reader import build, load
from ferbook.report.audit.regions import Region, interval, region
from ferbook.report.audit.rounding import (
    Range,
    exact,
    printed_difference,
    printed_share,
    step,
)
from ferbook.report.audit.run import audit, ruled_out
from ferbook.report.reported import load_reported
from ferbook.report.reported_parts import Number


def as_printed(share: Fraction, decimals: int, how: str) -> Number:
    """A share as a percentage, by Python's decimal arithmetic."""
    value = Decimal(share.numerator) * 100 / Decimal(share.denominator)
    printed = value.quantize(Decimal(1).scaleb(-decimals), rounding=how)
    return Number(value=float(printed), decimals=decimals)


HOW = {ROUND_HALF_UP: "rounded", ROUND_HALF_EVEN: "rounded", ROUND_DOWN: "truncated"}


@given(st.integers(1, 5000), st.data(), st.integers(0, 2), st.sampled_from(sorted(HOW)))
def test_a_share_lies_in_the_range_of_what_it_prints_as(n, data, decimals, how):
    k = data.draw(st.integers(0, n))
    number = as_printed(Fraction(k, n), decimals, how)
    for convention in (HOW[how], "either"):
        share = printed_share(number, "percent", convention)
        assert Fraction(k, n) in share
        low, high = share.counts(n)
        assert low <= k <= high


@given(st.integers(1, 400), st.data(), st.integers(0, 1), st.sampled_from(sorted(HOW)))
def test_a_difference_lies_in_the_range_of_what_it_prints_as(n, data, decimals, how):
    a, b = (data.draw(st.integers(0, n)) for _ in range(2))
    itself = as_printed(Fraction(abs(a - b), n), decimals, how).value
    value = itself if a >= b else -itself
    halves = [as_printed(Fraction(k, n), decimals, how).value for k in (a, b)]
    for printed in (value, round(halves[0] - halves[1], decimals)):
        found = printed_difference(Number(value=printed, decimals=decimals), "points")
        assert Fraction(a - b, n) in found


def test_ranges_by_hand():
    tenth = Number(value=72.6, decimals=1)
    assert printed_share(tenth, "percent", "rounded") == Range(
        Fraction("0.7255"), Fraction("0.7265")
    )
    assert printed_share(tenth, "percent", "truncated") == Range(
        Fraction("0.726"), Fraction("0.727"), open=True
    )
    assert str(printed_share(tenth, "percent", "either")) == "72.55 to 72.7 %"
    # 100 %: only 1 itself when cut off
    assert printed_share(Number(value=100, decimals=0), "percent", "truncated") == Range(
        Fraction(1), Fraction(1)
    )
    assert step(Number(value=0.653, decimals=3), "f1") == Fraction(1, 1000)
    assert exact(0.1) == Fraction(1, 10)
    with pytest.raises(ValueError, match="no single share"):
        printed_share(Number(low=4, comparator=">", decimals=0), "percent", "rounded")


def test_which_numbers_of_images_a_percentage_cannot_have():
    """50.4 to one decimal: by trying every k of every n."""
    share = printed_share(Number(value=50.4, decimals=1), "percent", "rounded")
    by_hand = [
        n
        for n in range(1, 200)
        if any(Fraction("50.35") <= Fraction(100 * k, n) <= Fraction("50.45") for k in range(n + 1))
    ]
    assert granularity.possible_sizes(share, range(1, 200)) == by_hand
    assert 0 < len(by_hand) < 199


@settings(max_examples=60)
@given(st.integers(50, 400), st.data(), st.sampled_from([0.02, 0.001, 0.0001]))
def test_the_interval_of_a_draw_is_that_of_the_hypergeometric(population, data, outside):
    marked = data.draw(st.integers(1, population - 1))
    drawn = data.draw(st.integers(1, population - 1))
    low, high = interval(population, marked, drawn, outside)
    law = stats.hypergeom(population, marked, drawn)
    assert law.cdf(low - 1) <= outside / 2 + 1e-12 and law.sf(high) <= outside / 2 + 1e-12
    assert law.cdf(low) > outside / 2 - 1e-12 and law.sf(high - 1) > outside / 2 - 1e-12


def test_the_region_of_a_random_split_holds_nearly_all_draws():
    """2,000 draws of 10 % of FER2013, seen along the direction of Chew's class figures."""
    chew = load(paths.reported() / "chew.yaml")
    found = region(chew, chew.protocols["fer2013-recall"])
    assert found is not None and found.total == (3589, 3589) and found.ellipsoid is not None
    whole = [4953, 547, 5121, 8989, 6077, 4002, 6198]  # Training + PublicTest + PrivateTest
    draws = np.random.default_rng(0).multivariate_hypergeometric(whole, 3589, size=2000)
    inside = ((draws >= found.low) & (draws <= found.high)).all(axis=1)
    assert inside.mean() >= 0.999
    values = np.array([0.79, 0.75, 0.76, 0.89, 0.78, 0.84, 0.80])
    low, high = found.ellipsoid.mean_within(values)
    means = draws @ values / 3589
    assert ((low <= means) & (means <= high)).mean() >= 0.999
    # 4.76 standard deviations: sqrt of the 0.9991 quantile of chi-square with 6 degrees of freedom
    assert (high - low) / 2 == pytest.approx(4.763 * means.std(), rel=0.05)


SMALL = st.tuples(st.integers(0, 6), st.integers(0, 3)).map(lambda pair: (pair[0], sum(pair)))


def shares_of(data, size: int) -> list[Range]:
    out = []
    for _ in range(size):
        low = Fraction(data.draw(st.integers(0, 20)), 20)
        width = Fraction(data.draw(st.integers(0, 8)), 20)
        out.append(Range(low, min(low + width, Fraction(1))))
    return out


def by_force(bounds, total, shares, overall):
    for counts in itertools.product(*(range(low, high + 1) for low, high in bounds)):
        n = sum(counts)
        if not total[0] <= n <= total[1] or n == 0:
            continue
        rights = [
            [c for c in range(k + 1) if k == 0 or Fraction(c, k) in share]
            for k, share in zip(counts, shares, strict=True)
        ]
        if any(Fraction(sum(c), n) in overall for c in itertools.product(*rights)):
            return True
    return False


@settings(max_examples=150, deadline=None)
@given(st.lists(SMALL, min_size=2, max_size=3), st.data())
def test_feasibility_is_that_of_trying_everything(bounds, data):
    most = sum(high for _, high in bounds)
    least = sum(low for low, _ in bounds)
    if most == 0:
        return
    n = data.draw(st.integers(max(least, 1), most))
    total = (n, data.draw(st.integers(n, most)))
    shares, overall = shares_of(data, len(bounds)), shares_of(data, 1)[0]
    lows, highs = zip(*bounds, strict=True)
    found = Region(tuple("abc"[: len(bounds)]), lows, highs, total, "")
    if lows == highs:
        total = (most, most)
        found = Region(found.classes, lows, highs, total, "")
    expected = by_force(bounds, total, shares, overall)
    assert feasible(found, shares, overall) == expected
    if expected:
        assert overall.meets(*reach(found, shares))
    if lows != highs:  # the solver alone says the same
        assert _solver_says(found, shares, overall) == expected


def run(*rows, **changes):
    return audit(build(paper(*rows, **changes)))


def test_a_percentage_that_40_images_cannot_give():
    """72.5 is 29/40; 72 would be 28.8 and 73 is 29.2 of 40; 29/40 cut off at no decimals is 72."""
    assert run(recall("bird", 72.5, 1)) == []
    [found] = run(recall("bird", 74))  # 29.6: 29/40 = 72.5 and 30/40 = 75
    assert (found.severity, found.check, found.cells) == (
        "impossible",
        "granularity",
        ("pets/classes/bird",),
    )
    assert found.arithmetic == "29/40 = 72.50, 30/40 = 75.00; printed 74"
    assert "mean over several runs" in found.message


def test_figures_cut_off_are_a_note_when_all_are_and_suspicious_when_mixed():
    """Of 60 dogs 40 are 66.67: printed 66 only when cut off; of 40 birds 39 are 97.5: 98 or 97."""
    [note] = run(recall("dog", 66))
    assert (note.severity, note.cells) == ("note", ("pets/classes/dog",))
    [mixed] = run(recall("dog", 66), recall("bird", 98))
    assert (mixed.severity, mixed.cells) == (
        "suspicious",
        ("pets/classes/dog", "pets/classes/bird"),
    )


def test_a_mean_over_runs_has_more_to_choose_from():
    protocols = paper()["protocols"] | {
        "class": {"metric": "recall", "dataset": "zoo", "split": "held-out", "runs": 5}
    }
    assert run(recall("bird", 74), protocols=protocols) == []  # 148 of 200


POINTS = {
    "protocol": "change",
    "unit": "points",
    "variant": "new",
    "against": {"variant": "net"},
}


def test_a_difference_that_40_images_cannot_give():
    """1/40 = 2.5 and 2/40 = 5: 3.1 lies 0.6 from the nearest, more than two roundings move it."""
    protocols = paper()["protocols"] | {
        "change": {"metric": "recall", "dataset": "zoo", "split": "held-out", "scale": "points"}
    }
    assert run(recall("bird", 2.5, 1, **POINTS), protocols=protocols) == []
    assert run(recall("bird", -4.9, 1, **POINTS), protocols=protocols) == []
    [found] = run(recall("bird", 3.1, 1, **POINTS), protocols=protocols)
    assert found.severity == "impossible"
    # 3.1 %: 1 more than 32 is 3.125 %
    assert "relative (as from 32 to 33 of 40)" in found.message
    between_views = POINTS | {"against": {"view": "blurred"}}
    [found] = run(recall("bird", 3.1, 1, **between_views), protocols=protocols)
    assert found.severity == "suspicious" and "dropped from one view" in found.message


def table(cat, dog, bird, total, decimals=0, **changes):
    rows = [recall(n, v, decimals) for n, v in (("cat", cat), ("dog", dog), ("bird", bird))]
    return [
        finding
        for finding in run(*rows, row("overall/net", total, 1), **changes)
        if finding.check == class_accuracies.CHECK
    ]


def test_class_accuracies_and_their_weighted_mean():
    """90 of 100, 45 of 60, 20 of 40: 155 of 200 are 77.5 %."""
    assert table(90, 75, 50, 77.5) == []
    [found] = table(90, 75, 50, 79.5)
    assert found.severity == "impossible"
    assert found.cells[0] == "pets/overall/net" and len(found.cells) == 4
    # all at their upper ends: (90.5 x 100 + 75.5 x 60 + 50.5 x 40) / 200 = 78
    assert "77.00 to 78.00 %" in found.arithmetic and "no recalls" in found.message


def test_the_unweighted_mean_is_an_unusual_convention():
    """(90 + 75 + 50) / 3 = 71.7."""
    [found] = table(90, 75, 50, 71.7)
    assert found.severity == "suspicious" and "unweighted mean" in found.message


def test_figures_that_fit_only_when_cut_off():
    """Of 100, 60, 40: 90; 46 = 76.67; 21 = 52.5: 157 of 200 are 78.5; printed 90, 76, 52 and 78.5.

    Rounded, 76 has no count of 60 (45.6), so it was cut off.
    """
    [found] = table(90, 76, 52, 78.5)
    assert found.severity == "suspicious" and "cut off" in found.message


def test_a_random_draw_leaves_room():
    """1,000 animals, 500, 300, 200; 20 % drawn. sum p_k v_k = 78 with the upper ends (above), their
    spread is sqrt(.5 x 12.5^2 + .3 x 2.5^2 + .2 x 27.5^2) = 15.2 points, radius
    sqrt(14.03 x 0.8008 / 200) = 0.237: up to 81.6 %."""
    split = {"split": "random-60-20-20"}
    whole = paper()["protocols"]
    changes = {
        "protocols": {name: {**value, **split} for name, value in whole.items()},
        "class_counts": {"zoo": {"all": {"cat": 500, "dog": 300, "bird": 200}}},
    }
    assert table(90, 75, 50, 79.5, **changes) == []
    assert table(90, 75, 50, 81.0, **changes) == []
    [found] = table(90, 75, 50, 84.0, **changes)
    assert found.severity == "impossible"
    drawn = "any random draw of 200 from 1,000 images but the oddest 1 in 1,000"
    assert f"with the class counts of {drawn}, rounded" in found.message


def test_without_counts_the_mean_lies_between_the_classes():
    changes = {"class_counts": {}, "n": {}}
    assert table(90, 75, 50, 89.9, **changes) == []
    [found] = table(90, 75, 50, 49.0, **changes)
    assert found.severity == "impossible" and "any class counts at all" in found.message


def test_bounds_on_counts():
    """80 to 120 cats: 120 and 40 of the others: at most 108 + 30 + 20 of 200."""
    counts = {"zoo": {"test": {"cat": [80, 120], "dog": [40, 80], "bird": 40}}}
    assert table(90, 75, 50, 79.0, class_counts=counts) == []
    assert [f.severity for f in table(90, 75, 50, 80.5, class_counts=counts)] == ["impossible"]


def test_folds_are_never_certain():
    protocols = {
        name: {**value, "split": "folds-10"} for name, value in paper()["protocols"].items()
    }
    counts = {"zoo": {"all": {"cat": 100, "dog": 60, "bird": 40}}}
    changes = {"class_counts": counts, "protocols": protocols, "n": {}}
    found = run(recall("bird", 74), **changes)
    assert [f.severity for f in found] == ["suspicious"] and "over folds" in found[0].message
    [found] = table(90, 75, 50, 85.0, **changes)
    assert found.severity == "suspicious" and "means over folds" in found.message


def test_both_papers_as_the_command_reads_them(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["ferbook", "audit", str(paths.reported() / "qiu.yaml")])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert not stopped.value.code
    first = capsys.readouterr().out.splitlines()[0]
    assert first == "impossible: qiu/table3/resnet/disgust (granularity)"  # 3/55 is 5.45, not 5.6
    monkeypatch.setattr(
        "sys.argv", ["ferbook", "audit", "--json", str(paths.reported() / "chew.yaml")]
    )
    with pytest.raises(SystemExit):
        main()
    found = json.loads(capsys.readouterr().out)
    assert all(list(f) == ["severity", "check", "cells", "message", "arithmetic"] for f in found)
    # 82.5 against 81.6 +- 0.4 from counts and +- 0.5 from rounding
    overall = next(f for f in found if f["cells"][0] == "chew/overall/fer2013/hybrid")
    assert overall["severity"] == "suspicious" and "cut off" in overall["message"]


def test_a_share_that_binary_arithmetic_cuts_off_too_low():
    """100 * (141 / 250) is 56.39999999999999 in Python; 100 * (30 / 40) is 75.0."""
    assert 100 * (141 / 250) < 56.4 and 100 * (30 / 40) == 75
    low = printed_share(Number(value=56.39, decimals=2), "percent", "truncated")
    assert low.counts(250) == (141, 141) and Fraction(141, 250) in low
    exact_share = printed_share(Number(value=74, decimals=0), "percent", "truncated")
    assert exact_share.counts(40) == (30, 29) and Fraction(30, 40) not in exact_share


def test_a_view_may_have_lost_images():
    protocols = {k: {**v, "view": "masked"} for k, v in paper()["protocols"].items()}
    [found] = run(recall("bird", 74), protocols=protocols)
    assert found.severity == "suspicious" and "dropped from the view masked" in found.message


def test_which_of_the_bounded_counts_can_give_a_share():
    """33.3 % of 29 to 33 birds: 10/30 and 11/33 alone (9.66, 10.32, 10.66 of the others)."""
    counts = {"zoo": {"test": {"cat": 100, "dog": 70, "bird": [29, 33]}}}
    [found] = run(recall("bird", 33.3, 1), class_counts=counts, n={})
    assert found.severity == "note" and "rests on 30, 33 images" in found.message
    assert found.arithmetic == "2 of the 5 from 29 to 33"


@pytest.mark.parametrize(
    ("k", "n", "program"),
    [
        (141, 250, lambda k, n: int(100 * (k / n) * 100)),  # 56.4
        (87, 2000, lambda k, n: int(100 * k / n * 100)),  # 4.35
    ],
)
def test_a_program_that_cuts_off_is_believed(k, n, program):
    """4.35 * 100 is 434.99999999999994: int() of it makes 4.34 of an exact 4.35."""
    cut = program(k, n) / 100
    assert cut < 100 * Fraction(k, n)
    share = printed_share(Number(value=cut, decimals=2), "percent", "truncated")
    assert Fraction(k, n) in share


def test_what_verify_takes_from_the_audit():
    """Of two sets of numbers that cannot be, the number that each is about, and why."""
    content = paper(recall("bird", 74), row("overall/net", 84.5, 1), recall("cat", 90))
    content["rows"].append(recall("dog", 75))
    found = ruled_out(build(content))
    assert set(found) == {"pets/overall/net", "pets/classes/bird"}
    # 90.5, 75.5 and 74.5 at most, of 100, 60 and 40: 82.8
    assert "29/40 = 72.50, 30/40 = 75.00; printed 74" in found["pets/classes/bird"]
    assert set(ruled_out(load_reported("qiu"))) == {"qiu/table3/resnet/disgust"}
    assert ruled_out(load_reported("chew")) == {}


def test_a_class_figure_at_fault_is_not_laid_on_the_overall_one():
    """74 % of 40 cannot be; 90, 75 and 74 % make 82.3, which is printed."""
    rows = [recall("cat", 90), recall("dog", 75), recall("bird", 74), row("overall/net", 82.5, 1)]
    assert {f.check for f in run(*rows)} == {"granularity"}
