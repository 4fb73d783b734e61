"""Claims: the expression language over cells, and what it refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferbook.errors import InputError
from ferbook.report.claimed import deciding
from ferbook.report.claims import evaluate, matching

CELLS = {
    "p/a/x/one": 88.3,
    "p/a/x/two": 83.6,
    "p/a/y/one": 82.5,
    "p/a/y/two": 77.9,
    "p/b/75": 75.0,
    "p/b/89": 89.0,
    "p/b/89@other": 1.0,
    "p/open": None,
}


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("p/a/x/one > p/a/x/two", True),
        ("p/a/x/one - p/a/x/two = 4.7", True),  # in binary 4.700000000000003
        ("all(p/a/*/one - p/a/*/two >= 4.6)", True),  # 4.7 and 4.6
        ("all(p/a/*/one - p/a/*/two > 4.6)", False),
        ("any(p/a/*/one - p/a/*/two > 4.6)", True),
        ("all(p/b/* > 75)", False),  # 75 is not above 75; the row with @ is not matched
        ("all(p/b/* >= 75)", True),
        ("count(p/a/*/* > 80) = 3", True),
        ("min(p/b/*) = 75 and max(p/b/*) = 89", True),
        ("mean(p/b/*) = 82 and sum(p/b/{75,89}) = 164", True),
        ("abs(1 - 3) = 2", True),
        ("p/b/89 * 2 / 4 = 44.5", True),
        ("2 + 3 * 4 = 14 and (2 + 3) * 4 = 20", True),  # products before sums
        ("1 > 2 and 1 > 2 or 1 < 2", True),  # `and` before `or`
        ("not 1 > 2 and 1 != 2", True),
        ("not not 1 < 2", True),
        ("-p/b/75 < -74", True),
        ("all(p/a/{y,x}/one = p/a/{y,x}/one)", True),
        ("1 / 0 > 1", None),
        ("p/open > 1", None),
        ("not p/open > 1", None),
        ("p/open > 1 or 1 <= 1", True),  # decided without the missing value
        ("p/open > 1 and 1 > 1", False),
        ("max(p/{open,b/75}) > 1", None),
    ],
)
def test_value(expression, holds):
    assert evaluate(expression, CELLS) is holds


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("all(p/b/* > 80)", ["p/b/75"]),  # the one that fails
        ("all(p/a/*/* < 80)", ["p/a/x/one"]),  # of three that fail, the farthest from 0
        ("any(p/a/*/* > 85)", ["p/a/x/one"]),  # the only one that is
        ("any(p/b/* > 1)", ["p/b/89"]),
        ("all(p/b/* > 1)", ["p/b/75", "p/b/89"]),  # all that it says
        ("p/b/75 > 80 and p/b/89 > 80", ["p/b/75"]),
        ("p/b/75 > 80 or p/b/89 > 80", ["p/b/89"]),
        ("max(p/b/*) = p/b/89", ["p/b/75", "p/b/89"]),
        ("all(p/a/*/one > p/a/*/two) and p/b/75 = 74", ["p/b/75"]),
        ("p/open > 1", []),
        ("p/open > 1 or p/b/75 > 1", ["p/b/75"]),
    ],
)
def test_what_decides_a_claim_is_as_little_as_goes(expression, names):
    assert deciding(expression, CELLS) == names


def test_braces_come_in_their_own_order_and_stars_in_that_of_the_rows():
    assert matching("p/a/{y,x}/one", CELLS) == ["p/a/y/one", "p/a/x/one"]
    assert matching("p/a/*/one", CELLS) == ["p/a/x/one", "p/a/y/one"]
    assert matching("p/*", CELLS) == ["p/open"]  # a star does not cross a slash


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("p/c/x > 1", "no row p/c/x"),
        ("p/c/* > 1", "no row"),
        ("1", "is a number"),
        ("p/b/* > 1", "is a list"),
        ("all(1", "expected ')'"),
        ("1 >", "ends too early"),
        ("1 > 2 3", "'3' is not expected"),
        ("all(p/a/*/one > p/a/*/*)", "2 and 4 cells do not pair"),
        ("(1 > 2) + 1 > 1", "a number is expected"),
        ("1 and 2 > 1", "a comparison is expected"),
        ("min(p/b/* > 1) > 0", "a number is expected"),
        ("__import__('os')", "neither cell, number nor operator"),
        ("open(1) = 1", "'open' is not expected there; functions: all"),
        ("(" * 30 + "1" + ")" * 30 + " = 1", "nested"),
        ("1 = 1" + " " * 500 + "and 1 = 1", "at most 500"),
        ("", "ends too early"),
        ("1 < " + "9" * 16, "a number of 16 characters; at most 15"),
        ("1 < " + " * ".join(["9" * 15] * 25), "too large"),
    ],
)
def test_refused(expression, message):
    with pytest.raises(InputError) as caught:
        evaluate(expression, CELLS)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("expression", "divisor"),
    [
        ("1/0 > 1", "0"),
        ("p/a/x/one / (1 - 1) = 1", "(1-1)"),
        ("all(p/a/*/one / 0 > 1)", "0"),
        ("all(p/a/*/one / (p/a/*/two - 77.9) > 1)", "(p/a/*/two-77.9) holds a 0"),
        ("1 / p/b/75 / (p/b/89 - 89) > 1", "(p/b/89-89)"),
    ],
)
def test_division_by_zero_is_open_or_refused(expression, divisor):
    """Open for measured values, which may be 0; refused where a file is read."""
    assert evaluate(expression, CELLS) is None or "all" in expression
    with pytest.raises(InputError) as caught:
        evaluate(expression, CELLS, refuse_zero=True)
    assert str(caught.value) == f"division by zero: {divisor}"


def test_what_is_no_zero_is_no_fault():
    assert evaluate("p/b/75 / 25 = 3", CELLS, refuse_zero=True) is True
    assert evaluate("1 / p/open > 1", CELLS, refuse_zero=True) is None


@given(st.text(alphabet="p/ab*{},x()=<>+-12. andorltminu", max_size=60))
def test_any_text_is_a_truth_or_an_input_error(text):
    try:
        assert evaluate(text, CELLS) in (True, False, None)
    except InputError as error:
        assert str(error)
