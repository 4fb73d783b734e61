"""Checks that hold one printed number against another, by hand and against linear programmes."""

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
from ferbook import paths
from ferbook.report.audit import ensemble, f1_bounds, published, sampling
from ferbook.report.audit.matrices import scores
from ferbook.report.audit.reader import build, load
from ferbook.report.audit.rounding import Range
from ferbook.report.audit.run import audit

POINTS = {"unit": "points", "variant": "new", "against": {"variant": "net"}}
WHOLE, CLASS = paper()["protocols"]["whole"], paper()["protocols"]["class"]


def found(check, *rows, **changes):
    return [f for f in audit(build(paper(*rows, **changes))) if f.check == check]


def changes_of(values, new, old, **more):
    """Class changes of cat, dog, bird (100, 60, 40 images) and two overall accuracies."""
    protocols = paper()["protocols"] | {"change": CLASS | {"scale": "points"}}
    rows = [
        row(f"change/{name}", value, 1, **POINTS, protocol="change", **{"class": name})
        for name, value in zip(("cat", "dog", "bird"), values, strict=True)
    ]
    totals = [row("all/new", new, 1, variant="new"), row("all/net", old, 1)]
    return found("class-changes", *rows, *totals, protocols=protocols, **more)


def test_class_changes_against_the_overall_change():
    """(100 x 2 + 60 x 5 - 40 x 5) / 200 = 1.5, within 0.1; the overall change within 0.15."""
    assert changes_of((2.0, 5.0, -5.0), 76.5, 75.0) == []
    [far] = changes_of((2.0, 5.0, -5.0), 79.0, 75.0)
    assert far.severity == "impossible"
    assert far.cells[:2] == ("pets/all/new", "pets/all/net") and len(far.cells) == 5
    assert "1.40 to 1.60 points; overall 79.0 - 75.0, 3.85 to 4.15" in far.arithmetic


def test_class_changes_that_fit_another_reading():
    """The unweighted mean of 2, 5, -5 is 0.67, half their sum 1.0."""
    [mean] = changes_of((2.0, 5.0, -5.0), 75.5, 75.0)
    assert mean.severity == "suspicious" and "unweighted means over classes" in mean.message
    [rest] = changes_of((2.0, 5.0, -5.0), 76.1, 75.0)
    assert rest.severity == "suspicious" and "one-versus-rest" in rest.message


def test_all_three_rows_of_qius_table_3_fit_unweighted_means_alone():
    """DPN 4.6/7 = 0.66 (0.7 printed), ResNet 21.5/7 = 3.07 (3.1), VGG16 20.5/7 = 2.93 (3.0)."""
    qiu = audit(load(paths.reported() / "qiu.yaml"), ["class-changes"])
    assert [f.cells[0].split("/")[2] for f in qiu] == ["pdpn", "presnet", "pvgg16"]
    assert all(f.severity == "suspicious" and "unweighted means" in f.message for f in qiu)


def test_one_versus_rest_class_figures():
    """155 of 200 right; wrong 10, 15, 20 of the classes, taken for 25, 10, 10: one-versus-rest
    accuracies 1 - 35/200 = 82.5, 1 - 25/200 = 87.5, 1 - 30/200 = 85 %."""
    rows = [recall(n, v, 1) for n, v in (("cat", 82.5), ("dog", 87.5), ("bird", 85.0))]
    fits = found("class-accuracies", *rows, row("all/net", 77.5, 1))
    assert [f.severity for f in fits] == ["suspicious"] and "one-versus-rest" in fits[0].message


MATRIX = [[90, 6, 4], [9, 45, 6], [10, 10, 20]]  # rows 100, 60, 40; 155 right


def with_matrix(*rows, matrix=MATRIX, **more):
    given = {"matrix": matrix, "protocol": "whole", "variant": "net", **more}
    return found("confusion-matrix", *rows, confusion_matrices={"net": given})


def test_scores_of_a_matrix_are_scikit_learns():
    truth = np.repeat(np.repeat([0, 1, 2], 3), np.ravel(MATRIX))
    answers = np.repeat(np.tile([0, 1, 2], 3), np.ravel(MATRIX))
    said = scores(MATRIX)
    assert float(said.accuracy) == pytest.approx(metrics.accuracy_score(truth, answers))
    for name in ("precision", "recall", "f1"):
        function = getattr(metrics, f"{name}_score")
        own = [float(value) for value in getattr(said, name)]
        assert own == pytest.approx(function(truth, answers, average=None))
        for average in ("macro", "weighted", "micro"):
            own = float(said.averages(name)[average])
            assert own == pytest.approx(function(truth, answers, average=average))
    assert scores([[0, 0], [0, 3]]).recall[0] is None


def test_a_matrix_against_its_accuracy():
    """155 / 200 = 77.5."""
    assert with_matrix(row("all/net", 77.5, 1), recall("bird", 50)) == []
    [wrong] = with_matrix(row("all/net", 78.5, 1))
    assert wrong.severity == "contradiction"
    assert wrong.cells == ("pets/all/net", "confusion_matrices/net")
    assert "accuracy 77.5; printed 78.5" in wrong.arithmetic
    assert [f.severity for f in with_matrix(recall("bird", 51))] == ["contradiction"]


def test_row_sums_identify_the_split():
    counts = paper()["class_counts"]["zoo"] | {"validation": {"cat": 90, "dog": 60, "bird": 50}}
    of_validation = [[80, 6, 4], [9, 45, 6], [20, 10, 20]]
    given = {"matrix": of_validation, "protocol": "whole", "variant": "net"}
    [split] = found(
        "confusion-matrix", confusion_matrices={"net": given}, class_counts={"zoo": counts}
    )
    assert split.severity == "contradiction"
    assert "they sum to the counts of validation" in split.message
    turned = np.transpose(MATRIX).tolist()
    [swapped] = with_matrix(row("all/net", 77.5, 1), recall("bird", 50), matrix=turned)
    assert swapped.severity == "suspicious" and "transposed" in swapped.message
    assert with_matrix(recall("bird", 50), matrix=turned, rows="predicted") == []


def test_a_matrix_in_percent():
    """90 6 4; 15 75 10; 25 25 50: with 100, 60, 40 images 77.5 % right."""
    shares = [[90, 6, 4], [15, 75, 10], [25, 25, 50]]
    known = {"matrix": shares, "unit": "percent"}
    assert with_matrix(row("all/net", 77.5, 1), recall("bird", 50), **known) == []
    [total] = with_matrix(row("all/net", 79.5, 1), **known)
    assert total.severity == "impossible" and total.check == "confusion-matrix"
    [diagonal] = with_matrix(recall("bird", 52), **known)
    assert diagonal.severity == "contradiction"
    [sums] = with_matrix(matrix=[[90, 6, 4], [15, 75, 10], [25, 30, 50]], unit="percent")
    assert sums.severity == "contradiction" and "25 + 30 + 50 = 105" in sums.arithmetic
    # 26 % of 40 is 10.4
    [grain] = with_matrix(matrix=[[90, 6, 4], [15, 75, 10], [26, 24, 50]], unit="percent")
    assert grain.severity == "impossible" and "bird taken for cat: 26 of 40" in grain.arithmetic


def test_a_matrix_in_percent_of_its_columns():
    columns = [[80, 10, 10], [10, 80, 0], [10, 10, 90]]
    [turned] = with_matrix(matrix=columns, unit="percent")
    assert turned.severity == "suspicious" and "precisions" in turned.message


def f1_of(counts, weights, c, f):
    return sum(
        w * 2 * k / (n + k + x)
        for w, n, k, x in zip(weights, counts, c, f, strict=True)
        if n + k + x
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=2, max_size=3), st.data(), st.booleans())
def test_f1_bounds_hold_every_confusion_matrix(counts, data, macro):
    """Every way to be right and to err, by trying all of c and f (a superset of the matrices)."""
    n = sum(counts)
    right = data.draw(st.integers(0, n))
    weights = [1 / len(counts)] * len(counts) if macro else [k / n for k in counts]
    values = [
        f1_of(counts, weights, c, f)
        for c in itertools.product(*(range(k + 1) for k in counts))
        if sum(c) == right
        for f in itertools.product(range(n - right + 1), repeat=len(counts))
        if sum(f) == n - right
    ]
    low = f1_bounds.smallest(counts, weights, right)
    high = f1_bounds.largest(counts, weights, right)
    assert low - 1e-6 <= min(values) and max(values) <= high + 1e-6
    assert f1_bounds.small(counts, weights, right) >= low - 1e-6
    assert f1_bounds.large(counts, weights, right) <= high + 1e-6


def test_f1_bounds_are_reached_where_they_can_be():
    """10, 10: 15 right. Best: 15 right spread with slopes even, the 5 errors on one class.

    Smallest: one class all right, the other half, errors where they hurt most. By a fine grid."""
    grid = np.linspace(0, 10, 401)
    c = np.stack([grid, 15 - grid], 1)
    c = c[(c >= 0).all(1) & (c <= 10).all(1)]
    f = np.linspace(0, 5, 401)
    values = [2 * a / (10 + a + f) / 2 + 2 * b / (10 + b + 5 - f) / 2 for a, b in c]
    half = [0.5, 0.5]
    assert f1_bounds.largest([10, 10], half, 15) == pytest.approx(np.max(values), abs=1e-4)
    assert f1_bounds.smallest([10, 10], half, 15) == pytest.approx(np.min(values), abs=1e-4)


F1 = {"protocol": "f1", "unit": "f1"}


def f1_rows(value, accuracy, average="macro", **more):
    protocols = paper()["protocols"] | {"f1": WHOLE | {"metric": "f1", "average": average}}
    rows = [row("f1/net", value, 2, **F1), row("all/net", accuracy, 1)]
    return found("f1", *rows, protocols=protocols, **more)


def test_an_f1_out_of_reach():
    """155 of 200 right: a macro F1 of 0.74 is that of MATRIX; 0.95 is above 2 x 0.775 / 1.775."""
    assert f1_rows(0.74, 77.5) == []
    [high] = f1_rows(0.95, 77.5)
    assert high.severity == "impossible" and high.cells == ("pets/f1/net", "pets/all/net")
    [low] = f1_rows(0.20, 77.5)
    assert low.severity == "impossible"


def test_an_f1_of_the_other_average():
    """All cats and 55 of 60 dogs right, no bird: the macro F1 can be as low as 0.56, for a third of
    it is lost; the weighted one loses a fifth and stays above 0.68."""
    [other] = f1_rows(0.60, 77.5, average="weighted")
    assert other.severity == "suspicious" and "only as a macro F1" in other.message


def test_f1_against_its_classes_and_precision_and_recall():
    protocols = paper()["protocols"] | {
        "f1": WHOLE | {"metric": "f1"},
        "precision": WHOLE | {"metric": "precision"},
    }
    classes = [
        row(f"f1/{name}", value, 2, **F1, **{"class": name})
        for name, value in (("cat", 0.86), ("dog", 0.74), ("bird", 0.57))
    ]  # (0.86 + 0.74 + 0.57) / 3 = 0.723; by counts 0.766
    assert found("f1", *classes, row("f1/net", 0.72, 2, **F1), protocols=protocols) == []
    [weighted] = found("f1", *classes, row("f1/net", 0.77, 2, **F1), protocols=protocols)
    assert weighted.severity == "suspicious" and "weighted mean" in weighted.message
    [wrong] = found("f1", *classes, row("f1/net", 0.80, 2, **F1), protocols=protocols)
    assert wrong.severity == "contradiction"
    # 2 x 0.67 x 0.5 / 1.17 = 0.57
    bird = [row("p/bird", 67, protocol="precision", **{"class": "bird"}), recall("bird", 50)]
    assert found("f1", classes[2], *bird, protocols=protocols) == []
    off = [row("p/bird", 60, protocol="precision", **{"class": "bird"}), recall("bird", 50)]
    [triple] = found("f1", classes[2], *off, protocols=protocols)
    assert triple.severity == "contradiction" and triple.cells[0] == "pets/f1/bird"


CHANCES = st.lists(st.integers(0, 20).map(lambda k: Fraction(k, 20)), min_size=2, max_size=5)


@settings(max_examples=80, deadline=None)
@given(CHANCES, st.data())
def test_bounds_of_an_ensemble_are_those_of_the_linear_programme(chances, data):
    """Over all joint laws of which members are right: 2^m unknown probabilities."""
    m = len(chances)
    k = data.draw(st.integers(1, m))
    outcomes = np.array(list(itertools.product([0, 1], repeat=m)))
    hits = (outcomes.sum(1) >= k).astype(float)
    equal = np.vstack([outcomes.T, np.ones(len(outcomes))])
    value = [*map(float, chances), 1.0]
    low = linprog(hits, A_eq=equal, b_eq=value).fun
    high = -linprog(-hits, A_eq=equal, b_eq=value).fun
    assert float(ensemble.least(chances, k)) == pytest.approx(low, abs=1e-7)
    assert float(ensemble.most(chances, k)) == pytest.approx(high, abs=1e-7)


def point(value: str) -> Range:
    return Range(Fraction(value), Fraction(value))


def test_an_ensemble_by_hand():
    """Three members of 0.6: two are right with at least (1.8 - 1) / 2 = 0.4, at most 0.9."""
    members = [point("0.6")] * 3
    assert ensemble.bounds(members, 2, "majority") == (Fraction(2, 5), Fraction(9, 10))
    # with 7 classes one vote can win over two that differ
    assert ensemble.bounds(members, 7, "majority") == (Fraction(2, 5), Fraction(1))
    assert ensemble.bounds(members, 7, "mean") == (Fraction(0), Fraction(1))
    assert ensemble.bounds([point("0.9")] * 3, 2, "mean") == (Fraction(7, 10), Fraction(1))


def joined(vote, value, members=(90, 90, 90)):
    rows = [row(f"all/m{k}", v, variant=f"m{k}") for k, v in enumerate(members)]
    names = [f"m{k}" for k in range(len(members))]
    return found(
        "ensemble",
        *rows,
        row("all/e", value, variant="e"),
        ensembles={"e": {"members": names, "vote": vote}},
    )


def test_an_ensemble_below_what_its_members_allow():
    """Members 89.5 at least: by most votes 1 - 0.315 / 2 = 84.25 at least, by the mean 68.5."""
    assert joined("majority", 85) == [] and joined("mean", 70) == []
    assert [f.severity for f in joined("majority", 80)] == ["impossible"]
    [unsaid] = joined("unknown", 80)
    assert unsaid.severity == "suspicious" and "mean of probabilities" in unsaid.message
    assert [f.severity for f in joined("unknown", 60)] == ["impossible"]
    [low] = joined("mean", 60)
    assert "68.5 to 100.0 %" in low.arithmetic


def claim(expression, **more):
    return {
        "id": "c",
        "where": "Abstract",
        "text": "it is better",
        "expression": expression,
        **more,
    }


def claimed(expression, *rows, **more):
    return found("claims", *rows, claims=[claim(expression, **more)])


def test_text_against_tables():
    rows = [recall("cat", 90), recall("dog", 75), recall("bird", 50)]
    assert claimed("all(pets/classes/* >= 50)", *rows) == []
    [wrong] = claimed("all(pets/classes/* > 60)", *rows)
    assert (wrong.severity, len(wrong.cells)) == ("contradiction", 3)
    assert wrong.cells[0] == "pets/classes/bird"
    assert wrong.arithmetic == "false: pets/classes/bird 50 > 60"
    # 50 may be 50.4
    [edge] = claimed("all(pets/classes/* > 50)", *rows)
    assert edge.severity == "suspicious" and "not printed" in edge.message
    [best] = claimed("max(pets/classes/*) = 92", *rows)
    assert best.severity == "contradiction"
    assert claimed("mean(pets/classes/*) = 71.6", *rows) == []  # 71.67, each +- 0.5
    assert claimed("pets/classes/cat - pets/classes/dog = 16", *rows) == []  # 15, each +- 0.5
    assert [f.severity for f in claimed("sum(pets/classes/*) = 220", *rows)] == ["contradiction"]
    assert [f.severity for f in claimed("pets/classes/cat / pets/classes/bird > 2", *rows)] == [
        "contradiction"
    ]
    assert claimed("abs(pets/classes/bird - pets/classes/cat) > 39", *rows) == []
    assert [f.severity for f in claimed("not pets/classes/cat > 80", *rows)] == ["contradiction"]


def test_one_number_printed_twice():
    rows = [row("abstract/net", 77.4, 1), row("all/net", 77.5, 1)]
    [twice] = claimed("pets/abstract/net = pets/all/net", *rows)
    assert twice.severity == "contradiction"
    shorter = [row("abstract/net", 77), row("all/net", 77.5, 1)]  # cut off
    assert claimed("pets/abstract/net = pets/all/net", *shorter) == []
    exact = claimed("pets/abstract/net = pets/all/net", *shorter, printed_only=True)
    assert [f.severity for f in exact] == ["contradiction"]


def count(part, value, what="images", decimals=0):
    return row(
        f"size/{part}",
        value,
        decimals,
        unit="count",
        protocol=f"n-{part}",
        count=what,
        variant=None,
    )


COUNTS = paper()["protocols"] | {
    f"n-{part}": {"metric": "count", "dataset": "zoo", "part": part}
    for part in ("all", "train", "validation", "test")
}


def test_sizes_that_do_not_add_up():
    rows = [count("train", 600), count("validation", 200), count("test", 200)]
    assert found("counts", *rows, count("all", 1000), protocols=COUNTS) == []
    [wrong] = found("counts", *rows, count("all", 1001), protocols=COUNTS)
    assert wrong.severity == "contradiction"
    assert wrong.arithmetic == "600 + 200 + 200 = 1,000, not 1,001"
    # a claim that says so is enough
    expression = "pets/size/train + pets/size/validation + pets/size/test = pets/size/all"
    content = paper(*rows, count("all", 1001), protocols=COUNTS, claims=[claim(expression)])
    assert [f.check for f in audit(build(content))] == ["claims"]


def test_sizes_against_the_datasets_own():
    [test] = found("counts", count("test", 190), protocols=COUNTS)
    assert test.severity == "suspicious" and "zoo test: 200" in test.arithmetic
    assert found("counts", count("test", 100, "largest class"), protocols=COUNTS) == []
    assert found("counts", count("test", 30, "smallest class", -1), protocols=COUNTS) != []
    assert found("counts", count("test", 4, "classes"), protocols=COUNTS) != []


def test_copied_rows_and_columns():
    values = {"a": (12.31, 40.22, 33.27), "b": (15.11, 44.71, 30.92), "c": (10.02, 47.33, 38.14)}
    rows = [
        recall(name, v, 2, variant=net) | {"id": f"pets/t/{net}/{name}"}
        for net, line in (values | {"d": values["b"]}).items()
        for name, v in zip(("cat", "dog", "bird"), line, strict=True)
    ]
    [twin] = found("copies", *rows, class_counts={}, n={})
    assert twin.severity == "suspicious" and len(twin.cells) == 6
    assert "rows b and d" in twin.message
    # u / (2 s sqrt(pi)) of each column, s of 12.31, 10.02 and so on; 6 pairs
    spreads = [np.std(pair, ddof=1) for pair in ((12.31, 10.02), (40.22, 47.33), (33.27, 38.14))]
    chance = 6 * np.prod([0.01 / (2 * s * np.sqrt(np.pi)) for s in spreads])
    assert twin.arithmetic.startswith(f"chance of that {chance:.1g}")
    assert found("copies", *rows[:9], class_counts={}, n={}) == []
    coarse = [
        {**r, "reported": {"value": round(r["reported"]["value"]), "decimals": 0}} for r in rows
    ]
    assert found("copies", *coarse, class_counts={}, n={}) == []


def test_qius_table_1_holds_a_row_twice():
    [twin] = audit(load(paths.reported() / "qiu.yaml"), ["copies"])
    assert "resmasking and ensemble" in twin.message and len(twin.cells) == 14


def test_numbers_above_all_that_is_published():
    """(82.5 - 76.82) / sqrt(76.82 x 23.18 / 3589) = 5.68 / 0.704 = 8.1."""
    assert published.errors_above(82.5, 76.82, 3589) == pytest.approx(8.06, abs=0.01)
    chew = audit(load(paths.reported() / "chew.yaml"), ["published"])
    assert [(f.severity, f.cells) for f in chew] == [
        ("suspicious", ("chew/overall/fer2013/hybrid",)),
        ("note", ("chew/overall/fer2013/pixels",)),
    ]
    assert audit(load(paths.reported() / "qiu.yaml"), ["published"]) == []


def test_published_results_name_their_source():
    known = published.published(paths.reported() / "published" / "fer2013.yaml")
    assert known is not None and all(result.source for result in known.results)
    assert known.best("ensemble").accuracy > known.best("single").accuracy


def differing(p, q, expression="pets/all/a > pets/all/b"):
    rows = [row("all/a", p, 1, variant="a"), row("all/b", q, 1, variant="b")]
    return found("sampling-error", *rows, claims=[claim(expression)])


def test_differences_within_the_sampling_error():
    """200 images. 2 of them: 2^-1. 16 of them, 90 % against 82 %: z = 8 / 3.45 = 2.3. 10 of them,
    85 against 80: z = 5 / 3.79 = 1.3, beyond chance if d < 200 (0.05/1.96)^2 + 0.05^2 = 13.3 %."""
    [few] = differing(80, 79)
    assert few.severity == "suspicious" and few.arithmetic == "2^(1 - 2) = 0.5 > 0.05, at best"
    [some] = differing(85, 80)
    assert some.severity == "note" and "13.3 % of the images" in some.message
    assert differing(90, 82) == []
    assert differing(79, 80) == []  # a false claim is another check's
    assert [f.severity for f in differing(79, 80, "pets/all/a < pets/all/b")] == ["suspicious"]


def test_a_printed_difference_within_the_sampling_error():
    protocols = paper()["protocols"] | {"gain": WHOLE | {"scale": "points"}}
    rows = [row("all/net", 80, 1), row("gain/new", 1.0, 1, **POINTS, protocol="gain")]
    [few] = found("sampling-error", *rows, protocols=protocols)
    assert few.severity == "note" and few.cells == ("pets/gain/new", "pets/all/net")
    assert pytest.approx(1.96, abs=1e-3) == sampling.Z


def test_references():
    given = [
        {"id": 1, "text": "Cats and Dogs, a survey"},
        {"id": 2, "text": "Cloud switches", "cited": False},
    ]
    both = found("references", references=given, topic=["cat"])
    assert [(f.severity, f.cells) for f in both] == [
        ("suspicious", ("references/2",)),
        ("note", ("references/2",)),
    ]
    assert [f.severity for f in found("references", references=given)] == ["note"]


def test_checks_can_be_chosen_in_the_file():
    rows = [recall("bird", 74), row("all/a", 80, 1)]
    assert {f.check for f in audit(build(paper(*rows)))} == {"granularity"}
    assert audit(build(paper(*rows, checks=["claims"]))) == []
    assert audit(build(paper(*rows, checks=[]))) == []


def test_an_f1_out_of_reach_of_its_recalls():
    """90, 75, 50 % of 100, 60, 40: 90, 45, 20 right, 45 wrong. At most, all 45 are taken for one
    class. Cats: (180/235 + 90/105 + 40/60) / 3 = 0.763, the best for a macro F1; birds, the best
    for a weighted one: 0.5 x 180/190 + 0.3 x 90/105 + 0.2 x 40/105 = 0.807."""
    rows = [recall("cat", 90), recall("dog", 75), recall("bird", 50)]
    protocols = paper()["protocols"] | {"f1": WHOLE | {"metric": "f1"}}
    assert found("f1", *rows, row("f1/net", 0.74, 2, **F1), protocols=protocols) == []
    [other] = found("f1", *rows, row("f1/net", 0.80, 2, **F1), protocols=protocols)
    assert other.severity == "suspicious" and "only as a weighted F1" in other.message
    [high] = found("f1", *rows, row("f1/net", 0.85, 2, **F1), protocols=protocols)
    assert high.severity == "impossible" and "with these recalls" in high.message


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(0, 6), min_size=3, max_size=3), min_size=3, max_size=3))
def test_f1_bounds_from_recalls_hold_every_matrix(matrix):
    for k in range(3):
        matrix[k][k] += 1
    said = scores(matrix)
    right = [float(matrix[k][k]) for k in range(3)]
    n = [float(count) for count in said.counts]
    for average, weights in (("macro", [1 / 3] * 3), ("weighted", [k / sum(n) for k in n])):
        low, high = f1_bounds.with_recalls(n, weights, right, right)
        assert low - 1e-6 <= float(said.averages("f1")[average]) <= high + 1e-6


def test_a_number_of_the_text_is_rounded_too():
    """Up to 7 points, for 7.24 in a table: 7 may stand for 6.5 to 8, but not for 8.2 or 6.4."""
    rows = [recall("cat", 7.24, 2)]
    changes = {"class_counts": {}, "n": {}}
    given = {"claims": [claim("max(pets/classes/*) = 7")], **changes}
    assert found("claims", *rows, **given) == []
    for value in (8.24, 6.44):
        [wrong] = found("claims", recall("cat", value, 2), **given)
        assert wrong.severity == "contradiction"


def test_what_folds_leave_open_is_no_contradiction():
    """An accuracy that is a mean over folds need not be that of the pooled matrix."""
    protocols = {k: {**v, "split": "folds-5"} for k, v in paper()["protocols"].items()}
    counts = {"zoo": {"all": {"cat": 100, "dog": 60, "bird": 40}}}
    changes = {"protocols": protocols, "class_counts": counts, "n": {}}
    given = {"matrix": MATRIX, "protocol": "whole", "variant": "net"}
    rows = [row("all/net", 77.9, 1)]
    [near] = found("confusion-matrix", *rows, confusion_matrices={"net": given}, **changes)
    assert near.severity == "suspicious" and "means over folds" in near.message


def test_a_difference_against_its_two_halves():
    """52.5 - 50.0 = 2.5, each within half a tenth; 3.0 is further off than a rounding each."""
    protocols = paper()["protocols"] | {"change": CLASS | {"scale": "points"}}
    halves = [recall("bird", 50.0, 1), recall("bird-new", 52.5, 1, variant="new")]
    halves[1]["class"] = "bird"

    def change(value, **more):
        return row("c/bird", value, 1, **POINTS, protocol="change", **{"class": "bird"}) | more

    changes = {"protocols": protocols, "class_counts": {}, "n": {}}
    assert found("class-changes", *halves, change(2.5), **changes) == []
    [wrong] = found("class-changes", *halves, change(3.0), **changes)
    assert wrong.severity == "contradiction"
    assert wrong.cells == ("pets/c/bird", "pets/classes/bird-new", "pets/classes/bird")
    assert wrong.arithmetic == "52.5 - 50.0; printed 3.0"
    assert found("class-changes", halves[0], change(3.0), **changes) == []


def test_a_difference_between_two_views_of_one_network():
    """Blurred minus plain: 40.0 - 50.0 = -10.0."""
    protocols = paper()["protocols"] | {
        "blurred": CLASS | {"view": "blurred", "mask": "gauss"},
        "loss": CLASS | {"view": "blurred", "mask": "gauss", "scale": "points"},
    }
    rows = [recall("bird", 50.0, 1), recall("bird-b", 40.0, 1, protocol="blurred")]
    rows[1]["class"] = "bird"
    loss = {"unit": "points", "protocol": "loss", "class": "bird", "against": {"view": "plain"}}
    changes = {"protocols": protocols, "class_counts": {}, "n": {}}
    assert found("class-changes", *rows, row("l/bird", -10.0, 1, **loss), **changes) == []
    [wrong] = found("class-changes", *rows, row("l/bird", 10.0, 1, **loss), **changes)
    assert wrong.severity == "contradiction"
