"""What an audit did not look at is said: checks with nothing to check, names that lead nowhere."""

from __future__ import annotations

import json

import pytest
import yaml

from audit_files import paper, recall, row
from ferbook import paths
from ferbook.report.audit.coverage import MISSING, told, unchecked, undecided
from ferbook.report.audit.reader import build, load
from ferbook.report.audit.run import CHECKS, audit
from ferbook.report.audit.unmatched import unmatched

NET = paper()["protocols"]
POINTS = {"unit": "points", "variant": "new", "against": {"variant": "net"}}
RECALLS = [recall("cat", 90), recall("dog", 75), recall("bird", 50)]
MATRIX = [[90, 6, 4], [9, 45, 6], [10, 10, 20]]  # 155 of 200


def missing(check, *rows, **changes):
    return unchecked(build(paper(*rows, **changes))).get(check, "")


def nowhere(*rows, **changes):
    return unmatched(build(paper(*rows, **changes)))


def test_every_check_is_asked_what_it_misses():
    assert list(MISSING) == list(CHECKS)


def test_an_empty_paper_misses_everything():
    found = unchecked(build(paper(n={}, class_counts={})))
    assert found == {
        "granularity": "no accuracy or recall that is one value",
        "class-accuracies": "no recalls of classes",
        "class-changes": "no differences",
        "confusion-matrix": "no `confusion_matrices`",
        "f1": "no F1",
        "ensemble": "no `ensembles`",
        "claims": "no `claims`",
        "counts": "no rows of metric count",
        "copies": "no table with 4 lines of 3 cells, by ids paper/table/row/column",
        "published": "no overall accuracy",
        "sampling-error": "no two accuracies compared, by a claim or a printed difference",
        "references": "no `references`",
    }


F1 = {"protocols": NET | {"f1": {"metric": "f1", "dataset": "zoo", "split": "held-out"}}}
OTHER = {"protocols": NET | {"old": NET["whole"] | {"part": "validation"}}}
CHANGE = {"protocols": NET | {"change": NET["whole"] | {"scale": "points"}}}
NAMED = {"confusion_matrices": {"net": MATRIX}}
UNNAMED = {"confusion_matrices": {"m": {"matrix": MATRIX, "protocol": "whole"}}}
ENSEMBLE = {"ensembles": {"both": {"members": ["net", "new"]}}}


@pytest.mark.parametrize(
    ("check", "rows", "changes", "lacking"),
    [
        ("granularity", [row("a/net", 77.5, 1)], {"n": {}}, "class_counts"),
        ("granularity", [row("a/net", 77.5, 1)], {"class_counts": {}}, "n"),
        ("class-accuracies", [*RECALLS, row("a/net", 77.5, 1)], {}, "rows:a/net"),
        ("class-accuracies", [*RECALLS[:2], row("a/net", 77.5, 1)], {}, "class_counts"),
        (
            "class-accuracies",
            [*RECALLS, row("a/net", 77.5, 1)],
            {},
            "rows:classes/cat,classes/dog,classes/bird",
        ),
        ("class-accuracies", [RECALLS[0], row("a/net", 77.5, 1)], {}, "class_counts"),
        ("class-accuracies", [*RECALLS, row("m", 72, protocol="class")], {}, "rows:m"),
        (
            "f1",
            [
                row("f", 0.7, 1, protocol="f1", unit="f1"),
                row("p", 70, protocol="precision"),
                row("r", 70, protocol="class"),
            ],
            {"protocols": F1["protocols"] | {"precision": NET["whole"] | {"metric": "precision"}}},
            "rows:p",
        ),
        (
            "class-changes",
            [row("d", 1, protocol="change", **POINTS), row("a", 77), row("b", 78, variant="new")],
            CHANGE,
            "rows:a",
        ),
        ("confusion-matrix", [row("a/net", 77.5, 1)], NAMED, "rows:a/net"),
        ("confusion-matrix", [], UNNAMED, "class_counts"),
        (
            "f1",
            [row("f", 0.7, 1, protocol="f1", unit="f1"), row("a/net", 77.5, 1)],
            F1,
            "rows:a/net",
        ),
        (
            "f1",
            [row("f", 0.7, 1, protocol="f1", unit="f1"), row("a/net", 77.5, 1)],
            F1,
            "class_counts",
        ),
        (
            "ensemble",
            [row("a", 77), row("b", 78, variant="new"), row("c", 79, variant="both")],
            ENSEMBLE,
            "rows:c",
        ),
        ("published", [row("a", 77)], {"stands_for": {"zoo": "fer2013"}}, "stands_for"),
        (
            "sampling-error",
            [row("a", 77), row("b", 78, variant="new")],
            {"claims": [{"id": "c", "text": "better", "expression": "pets/b > pets/a"}]},
            "claims",
        ),
        (
            "counts",
            [],
            {"n": {"zoo": {"total": 1000, "test": 200}}},
            "n",
        ),
        ("references", [], {"references": [{"id": 1, "text": "Cats"}]}, "references"),
    ],
)  # fmt: skip
def test_what_a_check_needs_and_what_it_misses_without(check, rows, changes, lacking):
    """Complete, the check has something to look at; without the field named, it says so."""
    assert missing(check, *rows, **changes) == ""
    field, _, ids = lacking.partition(":")
    if ids:
        left = [r for r in rows if r["id"].removeprefix("pets/") not in ids.split(",")]
        # an ensemble has to be known as a variant still
        assert missing(check, *left, **changes, variants={v: {} for v in ("net", "new", "both")})
    else:
        bare = {"n": {}, "class_counts": {}} if field in ("n", "class_counts") else {}
        kept = {name: value for name, value in changes.items() if name != field}
        assert missing(check, *rows, **(kept | bare))


def test_a_check_that_finds_something_misses_nothing():
    """Of our own papers and of all peers: whatever is found was looked at."""
    for file in (*paths.reported().glob("*.yaml"), *paths.reported().glob("peers/*.yaml")):
        read = load(file)
        assert not {finding.check for finding in audit(read)} & unchecked(read).keys(), file


def test_only_the_checks_asked_for_are_missed():
    read = build(paper(checks=["copies", "f1"]))
    assert set(unchecked(read)) == {"copies", "f1"}
    assert told(read)[-1] == (
        "not in `checks`: granularity, class-accuracies, class-changes, confusion-matrix, ensemble,"
        " claims, counts, published, sampling-error, references"
    )


def test_claims_over_blank_cells_are_left_open():
    open_ = {"id": "open", "text": "t", "expression": "pets/a > 1 and pets/b > 1"}
    held = {"id": "held", "text": "t", "expression": "pets/b > 1"}
    ranged = row("a", 77) | {"reported": {"low": 70, "comparator": ">", "decimals": 0}}
    read = build(paper(ranged, row("b", 78), claims=[open_, held]))
    assert undecided(read) == ["open"]
    assert "claims left open by blank cells or ranges: open" in told(read)
    assert missing("claims", ranged, row("b", 78), claims=[open_]) != ""


def test_a_part_misspelt_is_named_with_those_there_are():
    wrong = NET | {name: NET[name] | {"part": "tset"} for name in ("whole", "class")}
    train = {"zoo": {"train": {"cat": 800}, "test": {"cat": 100, "dog": 60, "bird": 40}}}
    assert nowhere(row("a", 77), *RECALLS, protocols=wrong, class_counts=train) == [
        "`class_counts` has no part 'tset' of 'zoo'; known: train, test (protocol whole, class)"
    ]
    assert nowhere(row("a", 77), protocols=wrong, class_counts={}) == [
        "`n` has no part 'tset' of 'zoo'; known: total, test (protocol whole)"
    ]
    # of the counts it is the other way round
    spelt = {"zoo": {"tset": {"cat": 100, "dog": 60, "bird": 40}}}
    assert nowhere(*RECALLS, class_counts=spelt) == [
        "`class_counts` has no part 'test' of 'zoo'; known: tset (protocol class)"
    ]


def test_a_part_of_a_draw_is_one_of_three():
    drawn = {"whole": NET["whole"] | {"split": "random-80-10-10", "part": "tests"}}
    counts = {"zoo": {"all": {"cat": 500, "dog": 300, "bird": 200}}}
    [line] = nowhere(row("a", 77), protocols=drawn, class_counts=counts)
    assert "no part 'tests' of 'zoo'; known: train, validation, test (protocol whole)" in line


def test_a_dataset_misspelt_is_named_on_both_sides():
    wrong = {"whole": NET["whole"] | {"dataset": "zo"}}
    assert nowhere(row("a", 77), protocols=wrong) == [
        "neither `class_counts` nor `n` has a dataset 'zo'; known: zoo (protocol whole)",
        "`class_counts` has 'zoo', which no protocol names; they name: zo",
        "`n` has 'zoo', which no protocol names; they name: zo",
    ]
    assert nowhere(row("a", 77), protocols=wrong, n={}, class_counts={}) == []
    assert nowhere(row("a", 77), protocols=wrong, stands_for={"zo": "zoo"}) == []


def test_a_matrix_of_a_network_without_figures_is_named():
    matrix = {"matrix": MATRIX, "protocol": "whole", "variant": "nett"}
    assert nowhere(row("a", 77), confusion_matrices={"net": matrix}) == [
        "confusion_matrices net: no figure of variant 'nett' on the same part; variants: net"
    ]
    [none] = nowhere(row("a", 77), confusion_matrices={"other": MATRIX})
    assert none.startswith("confusion_matrices other: no `protocol`")
    assert nowhere(row("a", 77), confusion_matrices={"net": MATRIX}) == []


def test_sizes_of_a_part_of_which_nothing_is_known():
    size = {"metric": "count", "dataset": "zoo"}
    rows = [row("n", 600, unit="count", protocol="size", count="images", variant=None)]
    assert nowhere(*rows, protocols={"size": size | {"part": "train"}}) == [
        "`class_counts` has no part 'train' of 'zoo'; known: test (protocol size)"
    ]
    for part in ("test", "private", "all"):
        assert nowhere(*rows, protocols={"size": size | {"part": part}}) == []


def test_names_that_all_lead_somewhere():
    assert nowhere(row("a", 77), *RECALLS, confusion_matrices={"net": MATRIX}) == []


def test_the_command_says_so_below_the_findings(tmp_path, ferbook):
    file = tmp_path / "pets.yaml"
    wrong = NET | {"whole": NET["whole"] | {"part": "tset"}}
    file.write_text(yaml.safe_dump(paper(row("a", 77), protocols=wrong)))
    code, out, err = ferbook("audit", file)
    lines = out.splitlines()
    assert code == 0 and not err and max(map(len, lines)) <= 100
    assert lines[0].startswith("unmatched: `class_counts` has no part 'tset' of 'zoo'; known: test")
    assert any(line.startswith("not checked: granularity (no `n` or `class_c") for line in lines)
    assert lines[-1] == "0 findings: 0 impossible, 0 contradiction, 0 suspicious, 0 note."
    code, out, err = ferbook("audit", file, "--json")
    assert code == 0 and json.loads(out) == []
    assert [line.partition(":")[0] for line in err.splitlines()] == ["unmatched", "not checked"]
