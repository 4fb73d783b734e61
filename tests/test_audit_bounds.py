"""What one printed number leaves possible for another: part of a table, bounds, means, gains."""

from __future__ import annotations

from audit_files import paper, recall, row
from ferbook.report.audit.reader import build
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
