"""Conventions of a whole paper told once, and random splits of a dataset counted by its parts."""

from __future__ import annotations

from audit_files import paper, recall, row
from ferbook.report.audit.reader import build
from ferbook.report.audit.run import audit

RANDOM = {
    name: {**value, "split": "random-60-20-20"} for name, value in paper()["protocols"].items()
}
#: 500 cats, 300 dogs, 200 birds in all; the counted test part has 20 cats more than a fifth.
PARTS = {
    "train": {"cat": 290, "dog": 180, "bird": 130},
    "validation": {"cat": 90, "dog": 60, "bird": 50},
    "test": {"cat": 120, "dog": 60, "bird": 20},
}


def found(*rows, **changes):
    return audit(build(paper(*rows, **changes)))


def figures(total):
    rows = [recall(n, v) for n, v in (("cat", 90), ("dog", 75), ("bird", 50))]
    return [*rows, row("overall/net", total, 1)]


def drawn(total, counts=PARTS, **changes):
    found_ = found(*figures(total), protocols=RANDOM, class_counts={"zoo": counts}, **changes)
    return [f.severity for f in found_]


def test_a_random_split_is_drawn_from_all_parts():
    """Of the test part that was counted, 120, 60 and 20, the figures make 81.0 to 82.0 %; of 100,
    60 and 40, one of the draws, 77 to 78 %. Of any draw of 200 but the oddest 1 in 1,000 up to
    81.6 % (test_a_random_draw_leaves_room)."""
    assert drawn(77.5) == [] and drawn(81.0) == []
    assert drawn(84.0) == ["impossible"]
    assert drawn(81.0, {"all": {"cat": 500, "dog": 300, "bird": 200}}) == []
    # neither the whole nor its size is given: as many parts as are drawn are taken to be the whole
    assert drawn(77.5, n={}) == []


def test_a_part_alone_may_be_of_another_draw():
    """Only the counted test part, of 1,000 images: 81 to 82 % if it is the one that was drawn."""
    alone = {"test": PARTS["test"]}
    assert drawn(81.0, alone) == []
    assert drawn(77.5, alone) == ["suspicious"]
    # 73 % of 20 birds are 14.6
    [share] = found(recall("bird", 73), protocols=RANDOM, class_counts={"zoo": alone})
    assert share.severity == "suspicious" and "of another draw" in share.message
    # 77.3 % of 200 are 154.6, whatever their classes
    [whole] = found(row("overall/net", 77.3, 1), protocols=RANDOM, class_counts={"zoo": alone})
    assert whole.severity == "impossible"


def cut_off(networks, more=()):
    """Of 100, 60, 40: 90; 46 = 76.67; 21 = 52.5: 157 of 200 are 78.5; printed 90, 76, 52 and 78.5,
    for each network. Rounded, 46 of 60 are 77 and 76 is no share of 60: it was cut off."""
    rows = []
    for net in networks:
        for name, value in (("cat", 90), ("dog", 76), ("bird", 52)):
            own = {"id": f"pets/classes/{net}/{name}"}
            rows.append(recall(name, value, variant=net) | own)
        rows.append(row(f"all/{net}", 78.5, 1, variant=net))
    matrix = [[90, 6, 4], [15, 76, 8], [25, 22, 52]]  # cut off, rows 100, 99 and 99
    matrices = {
        net: {"matrix": matrix, "unit": "percent", "protocol": "whole", "variant": net}
        for net in networks
    }
    return found(*rows, *more, confusion_matrices=matrices)


def test_a_convention_of_the_whole_paper_is_told_once():
    [once] = cut_off("abcde")
    assert (once.severity, once.check) == ("suspicious", "class-accuracies")
    assert once.message == (
        "5 overall figures and the class figures beside them fit only if all figures are cut off,"
        " not rounded; 5 figures by themselves are possible only so too"
    )
    # the overall figures, the dogs, then what they are held against: 5 x (1 + 3) and the matrices
    assert once.cells[:5] == tuple(f"pets/all/{net}" for net in "abcde")
    assert once.cells[5:10] == tuple(f"pets/classes/{net}/dog" for net in "abcde")
    assert len(once.cells) == len(set(once.cells)) == 25
    assert once.arithmetic.startswith("pets/all/a: sum of class count")
    assert once.arithmetic.count("printed 78.5") == 3 and once.arithmetic.endswith("; and 2 more")
    assert set(once.plain()) == {"severity", "check", "cells", "message", "arithmetic"}


def test_one_number_that_two_checks_explain_alike_is_told_once():
    [once] = cut_off("a")
    assert once.message.startswith("the overall figure and the class figures beside it fit only if")
    assert len(once.cells) == 5


def test_what_another_convention_explains_stays_apart():
    """71.5 is (90 + 75 + 50) / 3 within the rounding of the three."""
    rows = [
        recall(name, value, variant="f") | {"id": f"pets/other/f/{name}"}
        for name, value in (("cat", 90), ("dog", 75), ("bird", 50))
    ]
    once, mean = cut_off("ab", more=[*rows, row("other/f", 71.5, 1, variant="f")])
    assert "2 overall figures" in once.message and "unweighted mean" in mean.message
    assert mean.cells[0] == "pets/other/f" and len(mean.cells) == 4


def test_notes_of_two_tables_are_one():
    """40 of 60 are 66.67, 61 of 100 exactly 61."""
    rows = [recall("dog", 66) | {"id": f"pets/{table}/net/dog"} for table in ("t1", "t2")]
    [note] = found(*rows)
    assert note.severity == "note" and note.cells == ("pets/t1/net/dog", "pets/t2/net/dog")
    assert "in 2 tables: 2 are possible only so" in note.message
