"""Leaks planted in a split are found and counted; an honest split gives no alarm."""

from __future__ import annotations

import io
import json
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ferbook.data.near_copies import Pairs
from ferbook.data.split_table import from_arrays
from ferbook.data.synthetic import draw
from ferbook.report.leakage import copies, counts, people, sides
from ferbook.report.leakage.audit import audit_arrays

FACES = draw(350, seed=4)  # fifty people, seven emotions each
NONE = Pairs(*(np.empty(0, t) for t in (np.int64, np.int64, bool, float)))


def honest(rows=350):
    """Of fifty people every fifth is a test person."""
    frame = pd.DataFrame(
        {
            "label": [FACES.emotions[label] for label in FACES.labels[:rows]],
            "part": np.where(FACES.subject[:rows] % 5 == 0, "test", "train"),
            "subject": FACES.subject[:rows],
        }
    )
    return frame, FACES.images[:rows]


def told(found):
    return {(finding.severity, finding.check): finding for finding in found}


def table(part, label="x", images=None, **columns):
    """A table of as many images as `part` has letters, each another one if none are given."""
    frame = pd.DataFrame({"part": list(part), **columns})
    frame["label"] = list(label) if len(label) == len(part) else label
    frame["file"] = [str(number) for number in range(len(part))]
    return from_arrays(frame, FACES.images[: len(part)] if images is None else images)


def jpeg(image, quality=60):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def test_an_honest_split_gets_only_its_counts():
    """Different people on both sides, of each emotion some: nothing else may be said."""
    assert list(told(audit_arrays(*honest()))) == [("note", "counts")]


def test_every_planted_leak_is_found_and_nothing_else():
    """Four training images come again in the test part, each in another way, as unknown people."""
    frame, images = honest()
    train = np.flatnonzero(frame["part"] == "train")[:40:10]
    exact, pressed, turned, other = images[train]
    leaked = np.stack([exact, jpeg(pressed), turned[:, ::-1], np.roll(other, 1, axis=1)])
    more = pd.DataFrame({"label": frame["label"].to_numpy()[train], "part": "test"})
    found = told(
        audit_arrays(pd.concat([frame, more], ignore_index=True), np.concatenate([images, leaked]))
    )
    wanted = {
        ("contradiction", "exact-copies"): [f"row 350 (test) = row {train[0]} (train)"],
        ("suspicious", "near-copies"): [
            f"row {train[1]} (train) ~ row 351 (test)",
            f"row {train[3]} (train) ~ row 353 (test)",
        ],
        ("suspicious", "mirrored-copies"): [f"row {train[2]} (train) ~ row 352 (test)"],
        ("note", "counts"): ["train", "test"],
    }
    assert set(found) == set(wanted)
    for key, cells in wanted.items():
        # the likeness, where there is one, comes last
        assert sorted(re.sub(r" [01]\.\d{3}$", "", cell) for cell in found[key].cells) == sorted(
            cells
        )
    # ten test people of seven images, and the four
    assert found["suspicious", "near-copies"].arithmetic.endswith("test: 2 of 74 (2.7 %) in train")


def test_neighbouring_frames_of_one_person_are_told_by_likeness():
    """A camera's noise anew on the same face; both rows name the same person."""
    frame, images = honest(70)
    noise = np.random.default_rng(0).normal(0, 3, (48, 48))
    frames = np.clip(images[8] + noise, 0, 255).astype(np.uint8)[None]
    more = pd.DataFrame({"label": ["sad"], "part": ["test"], "subject": [FACES.subject[8]]})
    found = told(
        audit_arrays(pd.concat([frame, more], ignore_index=True), np.concatenate([images, frames]))
    )
    assert set(found) == {
        ("contradiction", "subjects"),
        ("suspicious", "neighbouring-frames"),
        ("note", "counts"),
    }
    assert (
        found["suspicious", "neighbouring-frames"]
        .cells[0]
        .startswith("row 8 (train) ~ row 70 (test)")
    )


def test_exact_copies_by_hand():
    # images a b c d, parts 1 1 1 1 2 2 2 3: a is in 1 and twice in 2, b in 1 and 3, c twice in 1
    images = FACES.images[[0, 1, 2, 2, 0, 0, 3, 1]]
    split = table("11112223", images=images)
    finding = next(copies.exact(split))
    # of part 2 two of three images (both a) are in part 1; of part 3 its one (b) is in part 1
    assert finding.arithmetic == "3: 1 of 1 (100.0 %) in 1; 2: 2 of 3 (66.7 %) in 1"
    assert finding.cells == ("4 (2) = 0 (1)", "5 (2) = 0 (1)", "7 (3) = 1 (1)")
    beside = next(copies.within(split))
    assert beside.cells == ("3 (1) = 2 (1)", "5 (2) = 4 (2)")
    assert beside.arithmetic == "copies after the first: 1: 1; 2: 1"


def test_near_copies_count_all_their_exact_copies():
    # 0 and 1 are exact copies in train; 2, of the test part, is near to them, and 3 is a copy of 2
    split = table("aabb", images=FACES.images[[0, 0, 1, 1]])
    pairs = Pairs(np.array([0]), np.array([2]), np.array([False]), np.array([0.97]))
    finding = next(copies.near(split, pairs))
    assert finding.arithmetic.endswith(": b: 2 of 2 (100.0 %) in a")
    assert finding.cells == ("0 (a) ~ 2 (b) 0.970",)


def test_near_copies_say_which_are_beside_an_exact_copy():
    split = table("abb", images=FACES.images[[0, 0, 1]])
    pairs = Pairs(np.array([0]), np.array([2]), np.array([False]), np.array([0.97]))
    said = next(copies.near(split, pairs)).arithmetic
    assert said.endswith("a: 1 of 1 (100.0 %) in b, 1 of them beside an exact copy")


def test_label_conflicts_by_hand():
    images = FACES.images[[0, 0, 1, 1, 2, 3]]
    split = table("aaabab", label="xyxxxy", images=images)
    pairs = Pairs(np.array([2, 4]), np.array([4, 5]), np.array([False] * 2), np.array([0.97] * 2))
    exact, near = copies.label_conflicts(split, pairs)
    assert exact.severity == "contradiction" and exact.cells == ("0 (x) = 1 (y)",)
    assert exact.arithmetic == "1 of 2 images that stand in the table more than once"
    assert near.severity == "suspicious" and near.cells == ("4 (x) ~ 5 (y)",)
    assert near.arithmetic == "1 of 2 pairs with a likeness of 0.96 or more"


def test_labels_of_one_person_may_differ_from_frame_to_frame():
    split = table("aa", label="xy", subject=list("pp"))
    pairs = Pairs(np.array([0]), np.array([1]), np.array([False]), np.array([0.97]))
    assert list(copies.label_conflicts(split, pairs)) == []


def test_subjects_by_hand():
    # p is in a (twice) and b, q in a alone, one image names nobody
    split = table("aabab", subject=["p", "p", "p", "q", None])
    finding = next(people.subjects(split))
    assert finding.cells == ("p (a 2, b 1)",)
    assert finding.arithmetic == "1 of 2 subjects; images of theirs: b: 1 of 2 (50.0 %) in a"


def test_sequences_by_hand():
    # frames of film s stand in the order 3 1 2: a, then b, then b; film t is whole
    split = table("babbb", sequence=list("ssstt"), frame=[3, 1, 2, 1, 2])
    finding = next(people.sequences(split))
    assert finding.severity == "contradiction" and finding.check == "neighbouring-frames"
    assert finding.cells == ("1 (a) next to 2 (b)",)
    assert finding.arithmetic.startswith(
        "1 of 2 sequences in two parts, 1 of 3 neighbouring frames"
    )
    assert finding.arithmetic.endswith("a: 1 of 1 (100.0 %) in b")


def test_whole_sequences_and_people_are_no_finding():
    split = table("aabb", sequence=list("sstt"), subject=list("ppqq"))
    assert list(people.sequences(split)) == list(people.subjects(split)) == []


def test_alike_frames_of_one_named_sequence_are_said_once():
    pairs = Pairs(np.array([0]), np.array([1]), np.array([False]), np.array([0.97]))
    one = table("ab", subject=list("pp"), sequence=list("ss"))
    assert list(people.frames(one, pairs)) == []
    two = table("ab", subject=list("pp"), sequence=list("st"))
    assert len(list(people.frames(two, pairs))) == 1
    assert list(copies.near(two, pairs)) == []  # left to `frames`


def test_absent_classes_and_counts_by_hand():
    split = table("aaab", label="xyzx")
    finding = next(counts.absent(split))
    assert finding.cells == ("b",) and finding.arithmetic == "none of b: y; z"
    note = next(counts.counts(split))
    assert note.arithmetic == "a 3 (x 1, y 1, z 1); b 1 (x 1, y 0, z 0)"
    assert "Without a subject: 4;" in note.message
    assert "one part alone" in next(counts.counts(table("aa"))).message


def test_ways_of_writing_are_said_with_the_counts():
    frame = pd.DataFrame({"part": ["a", " a", "b"], "label": ["Happy", "happy", "sad"]})
    note = next(counts.counts(from_arrays(frame, FACES.images[:3])))
    assert "Rows whose part has blanks around it, which are dropped: 1." in note.message
    assert "Labels that differ only in case count as different: Happy and happy." in note.message
    everywhere = frame.assign(part=" a", label="sad")  # a habit of the writer
    note = next(counts.counts(from_arrays(everywhere, FACES.images[:3])))
    assert "blanks" not in note.message and "case" not in note.message


def test_of_many_pairs_of_parts_the_worst_are_shown():
    split = table("abcde", images=FACES.images[[0] * 5])
    said = next(copies.exact(split)).arithmetic
    assert said.count("%") == sides.SHOWN and said.endswith("; and 4 more pairs of parts")


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), min_size=1, max_size=14))
def test_meetings_are_those_of_two_loops(rows):
    """Over all pairs of images, one by one."""
    image, part = np.array(rows).T
    split = table("".join(map(str, part)), images=FACES.images[image])
    met = sides.met_exactly(split)
    for one, (face, side) in enumerate(rows):
        for number, name in enumerate(split.parts):
            there = any(f == face and str(p) == name for f, p in rows)
            assert met[one, number] == (there and name != str(side))


def test_command_prints_the_worst_first_and_json_every_field(tmp_path, ferbook):
    for name, image in {"a": FACES.images[0], "b": FACES.images[9]}.items():
        Image.fromarray(image).save(tmp_path / f"{name}.png")
    Image.fromarray(FACES.images[0]).resize((96, 96)).save(tmp_path / "c.jpg", quality=90)
    path = tmp_path / "split.csv"
    path.write_text("file,label,part\na.png,x,1\nb.png,x,1\nb.png,y,2\nc.jpg,x,2\n")
    sheet = tmp_path / "pairs.png"
    code, out, err = ferbook("audit-split", path, "--sheet", sheet)
    assert code == 0 and err == ""
    assert out.startswith("contradiction: exact-copies\n")
    assert "  - b.png (2) = b.png (1)\n" in out and "a.png (1) ~ c.jpg (2)" in out
    assert out.rstrip().endswith("findings: 0 impossible, 2 contradiction, 2 suspicious, 1 note.")
    assert all(len(line) <= 100 for line in out.splitlines())
    with Image.open(sheet) as drawn:
        pixels = np.asarray(drawn)
    assert np.array_equal(pixels[:96:2, :96:2], FACES.images[9])  # the first of the exact pair
    found = json.loads(ferbook("audit-split", path, "--json")[1])
    assert [list(finding) for finding in found] == [
        ["severity", "check", "cells", "message", "arithmetic"]
    ] * len(found)
    assert [finding["check"] for finding in found] == [
        "exact-copies",
        "label-conflicts",
        "near-copies",
        "absent-classes",
        "counts",
    ]


def test_a_sheet_that_cannot_be_written_is_refused_first(tmp_path, ferbook):
    code, _, err = ferbook("audit-split", tmp_path / "none.csv", "--sheet", tmp_path / "x.jpg")
    assert code == 2 and "expected a file .png" in err


@pytest.mark.realdata
def test_exact_copies_of_fer2013_are_as_many_as_the_page_of_splits_counts():
    """The page counts from a record: test images of a run met in its training images."""
    from ferbook.data.faces import SPLITS
    from ferbook.data.store import open_faces
    from ferbook.report.chew.copies import met
    from ferbook.report.chew.protocols import select

    faces = open_faces("fer2013")
    record = select("short", "hybrid")["random"][0]
    said = record.predictions("test")
    part = np.full(len(faces), "validation", object)
    part[record.predictions("train").rows], part[said.rows] = "train", "test"
    split = from_arrays(pd.DataFrame({"label": faces.labels, "part": part}), faces.images)
    number = met(record, said).sum()
    assert number > 100
    assert f"test: {number:,} of {len(said.rows):,} " in next(copies.exact(split)).arithmetic
    # and on the official split, against the groups of copies themselves
    official = [SPLITS[part] for part in faces.split]
    split = from_arrays(pd.DataFrame({"label": faces.labels, "part": official}), faces.images)
    train, private = (
        split.copies[split.part == split.parts.index(p)] for p in ("train", "private")
    )
    number = np.isin(private, train).sum()
    assert f"private: {number} of 3,589" in next(copies.exact(split)).arithmetic
