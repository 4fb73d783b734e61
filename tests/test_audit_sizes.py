"""Sizes that a file gives of a dataset: findings about the paper, and faults of the file."""

from __future__ import annotations

import pytest

from audit_files import paper
from ferbook.errors import InputError
from ferbook.report.audit.reader import build
from ferbook.report.audit.run import audit

COUNTS = {"cat": 100, "dog": 60, "bird": 40}


def sizes(**n):
    return audit(build(paper(n={"zoo": n})))


@pytest.mark.parametrize(
    "n",
    [
        {"total": 1000, "train": 600, "validation": 200, "test": 200},
        {"total": 1000, "train": 600, "test": 200},  # the rest is the validation part
        {"total": 1000, "train": 800, "test": 200},
        {"train": 900, "validation": 900, "test": 200},  # of nobody knows how many
        {"total": 1000},
    ],
)
def test_sizes_that_can_be(n):
    assert sizes(**n) == []


@pytest.mark.parametrize(
    ("n", "message", "arithmetic"),
    [
        (
            {"total": 1000, "train": 700, "validation": 200, "test": 200},
            "in `n` of zoo, train + validation + test is more than the total",
            "700 + 200 + 200 = 1,100, not 1,000",
        ),
        (
            {"total": 1000, "train": 600, "validation": 100, "test": 200},
            "in `n` of zoo, train + validation + test is less than the total",
            "600 + 100 + 200 = 900, not 1,000",
        ),
        (
            {"total": 1000, "train": 900, "test": 200},
            "in `n` of zoo, train + test is more than the total",
            "900 + 200 = 1,100, not 1,000",
        ),
        (
            {"total": 100, "test": 200},
            "in `n` of zoo, test is more than the total",
            "200, not 100",
        ),
    ],
)
def test_printed_sizes_that_do_not_add_up_are_a_finding(n, message, arithmetic):
    content = paper(n={"zoo": n}, class_counts={})
    [found] = audit(build(content))
    assert (found.severity, found.check, found.cells) == ("contradiction", "counts", ("n/zoo",))
    assert (found.message, found.arithmetic) == (message, arithmetic)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"test": {"cat": 90, "dog": 60, "bird": 40}}, "field test: the counts sum to 190, `n` sa"),
        ({"private": {"cat": 90, "dog": 60, "bird": 40}}, "private: the counts sum to 190, `n` sa"),
        ({"all": COUNTS}, "field all: the counts sum to 200, `n` says 1,000"),
        ({"test": COUNTS, "train": {"cat": 801}}, "the parts sum to 1,001, `n` says 1,000"),
        (
            {"test": COUNTS, "train": {"cat": [500, 600]}, "public": {"dog": 100}},
            "the parts sum to 800 to 900, `n` says 1,000",
        ),
    ],
)
def test_class_counts_that_do_not_sum_are_a_fault(parts, said):
    with pytest.raises(InputError) as caught:
        build(paper(class_counts={"zoo": parts}))
    assert said in str(caught.value)


def test_without_n_the_parts_are_held_against_all():
    parts = {"all": COUNTS, "train": {"cat": 201}}
    with pytest.raises(InputError, match="the parts sum to 201, `all` says 200"):
        build(paper(n={}, class_counts={"zoo": parts}))
    assert build(paper(n={}, class_counts={"zoo": parts | {"train": {"cat": 200}}}))


def test_parts_that_may_overlap_are_left_alone():
    """Two names for one part, or names of one's own."""
    twice = {"test": COUNTS, "private": COUNTS}
    assert build(paper(n={"zoo": {"total": 300}}, class_counts={"zoo": twice}))
    own = {"test": COUNTS, "test-and-more": {"cat": 250}}
    assert build(paper(n={"zoo": {"total": 300}}, class_counts={"zoo": own}))
