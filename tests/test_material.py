"""What a run is trained and scored on: emotions, missed faces, augmentation before the split."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from data_forms import faces as pictures
from ferbook.data.faces import Faces
from ferbook.data.splits import make_split
from ferbook.emotions import CONTEMPT, EMOTIONS
from ferbook.errors import InputError
from ferbook.models.build import build
from ferbook.study import material
from ferbook.study.experiments import Run
from ferbook.study.material import class_codes, gather, open_dataset, shared_codes, shared_rows
from ferbook.study.recipe import recipe
from ferbook.study.scoring import Scorer
from ferbook.vision.augment import Geometry
from ferbook.vision.landmarks import MIRROR, Landmarks

PARTS = ("train", "validation", "test")
CONTEMPTUOUS = (*EMOTIONS, CONTEMPT)


def people(count: int = 30, codes=range(7), emotions=EMOTIONS, name: str = "people") -> Faces:
    """`count` subjects with one face of each code; of ten subjects one in either test part."""
    total = count * len(codes)
    subject = np.repeat(np.arange(count, dtype=np.int32), len(codes))
    return Faces(
        name=name,
        images=pictures(total),
        labels=np.tile(np.array(codes, np.uint8), count),
        split=np.array([0, 1, 2, 0, 0, 0, 0, 0, 0, 0], np.uint8)[subject % 10],
        subject=subject,
        sequence=subject,
        source=np.full(total, b""),
        fingerprint="0" * 64,
        emotions=tuple(emotions),
    )


def found_on(faces: Faces, missed: int = 5) -> Landmarks:
    """Points drawn at random; every `missed`-th face is one that the detector does not find."""
    points = np.random.default_rng(0).uniform(5, 42, (len(faces), 68, 2)).astype(np.float32)
    detected = np.arange(len(faces)) % missed != 0
    score = np.where(detected, 1, np.nan).astype(np.float32)
    return Landmarks(points, detected, score, np.zeros((len(faces), 4), np.float32))


def run(**changes) -> Run:
    plain = Run(
        paper="demo", experiment="x", variant="hybrid", dataset="people", split="official",
        tier="short", seed=0, fold=None, recipe=recipe("demo"), reduced={},
        model={"family": "hybrid"}, undetected="frame",
    )  # fmt: skip
    return replace(plain, **changes)


@pytest.fixture
def given(monkeypatch):
    """`gather` on the faces handed over, 30 people with seven emotions by default."""

    def call(faces: Faces | None = None, **changes):
        faces = people() if faces is None else faces
        found = found_on(faces)
        monkeypatch.setattr(material, "open_dataset", lambda name: (faces, found))
        return gather(run(**changes))

    return call


# --- emotions ---------------------------------------------------------------------------------


def test_a_whole_dataset_is_itself(given):
    whole = given()
    assert whole.codes.tolist() == list(range(7))
    np.testing.assert_array_equal(whole.labels, whole.faces.labels)
    np.testing.assert_array_equal(whole.origin, np.arange(210))
    assert whole.images is whole.faces.images
    for code, part in enumerate(PARTS):
        np.testing.assert_array_equal(whole.rows[part], np.flatnonzero(whole.faces.split == code))


def test_only_the_named_emotions_are_kept_in_their_own_order(given):
    some = given(emotions=("happy", "angry", "surprise"))
    assert some.codes.tolist() == [3, 0, 5]
    rows = np.concatenate([some.rows[part] for part in PARTS])
    np.testing.assert_array_equal(
        np.sort(rows), np.flatnonzero(np.isin(some.faces.labels, (3, 0, 5)))
    )
    # Class 0 is happy (label 3), class 1 angry (label 0), class 2 surprise (label 5).
    assert some.labels[:7][[3, 0, 5]].tolist() == [0, 1, 2]
    np.testing.assert_array_equal(some.codes[some.labels[rows]], some.faces.labels[rows])
    for code, part in enumerate(PARTS):
        assert (some.faces.split[some.rows[part]] == code).all()


def test_the_emotions_decide_before_the_split_is_drawn(given):
    some = given(emotions=("fear", "sad"), split="random-80-10-10", seed=4)
    rows = np.flatnonzero(np.isin(some.faces.labels, (2, 4)))
    drawn = make_split(some.faces.take(rows), "random-80-10-10", seed=4)
    for part in PARTS:
        np.testing.assert_array_equal(some.rows[part], rows[getattr(drawn, part)])


@pytest.mark.parametrize(
    ("codes", "emotions", "expected"),
    [
        (range(7), EMOTIONS, range(7)),
        (range(6), EMOTIONS, range(7)),  # seven listed: seven classes, whatever a sample lacks
        ((0, 1, 2, 3, 4, 5, 7), CONTEMPTUOUS, (0, 1, 2, 3, 4, 5, 7)),  # CK+ without first frames
        (range(8), CONTEMPTUOUS, range(8)),  # CK+ with them
        (range(7), CONTEMPTUOUS, range(7)),
    ],
)
def test_class_codes_are_the_labels_that_a_dataset_has(codes, emotions, expected):
    assert class_codes(people(12, codes, emotions), None).tolist() == list(expected)


def test_without_neutral_contempt_is_the_seventh_class(given):
    faces = people(30, (0, 1, 2, 3, 4, 5, 7), CONTEMPTUOUS)
    seven = given(faces, split="folds-5-subject", fold=1)
    assert seven.labels[:7].tolist() == [0, 1, 2, 3, 4, 5, 6]
    np.testing.assert_array_equal(seven.codes[seven.labels], faces.labels)
    six = given(faces, split="folds-5-subject", fold=1, emotions=EMOTIONS[:6])
    assert six.codes.tolist() == [0, 1, 2, 3, 4, 5]
    assert sum(len(six.rows[part]) for part in PARTS) == 180


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (("happy", "bored"), "emotion 'bored': people has angry, disgust, fear, happy, sad,"),
        (("happy", "contempt"), "emotion 'contempt': people has angry"),
        (("happy", "neutral"), "people holds no face that is neutral"),
    ],
)
def test_an_emotion_that_a_dataset_lacks_is_one_line(given, wanted, message):
    with pytest.raises(InputError) as error:
        given(people(30, range(6)), emotions=wanted)
    assert str(error.value).startswith(message) and "\n" not in str(error.value)


# --- faces that the detector misses -----------------------------------------------------------


class Empty(torch.nn.Module):
    """Class 1 where the heatmap is empty, class 0 elsewhere."""

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        empty = (maps.amax(dim=(1, 2, 3)) < 1e-6).float()
        return 9 * torch.stack([1 - empty, empty], dim=1)


@pytest.mark.parametrize("undetected", ["frame", "zero", "drop"])
def test_what_a_landmark_only_network_sees_of_a_missed_face(given, undetected):
    whole = given(undetected=undetected)
    missed = ~whole.found.detected
    _, channels = build({"family": "hybrid", "branches": ["landmarks"]}, 1.5)
    plan = replace(recipe("chew"), precision="f32")
    scorer = Scorer(Empty(), channels, plan, torch.device("cpu"))
    blank = scorer(whole.images, whole.points).argmax(1) == 1
    # `frame`: a guess inside the frame. `zero`: nothing. `drop`: in no part at all.
    np.testing.assert_array_equal(blank, missed if undetected == "zero" else np.zeros(210, bool))
    for code, part in enumerate(PARTS):
        rows = np.flatnonzero(whole.faces.split == code)
        kept = rows[~missed[rows]] if undetected == "drop" else rows
        np.testing.assert_array_equal(whole.rows[part], kept)
    np.testing.assert_array_equal(whole.points[~missed], whole.found.points[~missed])


def test_zero_leaves_the_landmarks_that_were_found_as_they_are():
    found = found_on(people(2))
    before = found.points.copy()
    placed = material.placed(found, "zero")
    assert placed.dtype == np.float32 and (placed[~found.detected] == -1e4).all()
    np.testing.assert_array_equal(found.points, before)
    assert material.placed(found, "frame") is found.points


# --- augmented first, split then --------------------------------------------------------------

MIRRORED = replace(recipe("demo"), geometry=Geometry(flip=1.0))


def test_doubled_by_hand_where_the_variation_is_a_mirror_image(given, monkeypatch):
    # the paper's augmentation doubles, whatever the run's own recipe does while it trains
    monkeypatch.setitem(material.RECIPES, "chew", MIRRORED)
    faces = people(160)  # 1,120 faces: more than are moved at once
    double = given(faces, split="augmented-80-10-10", recipe=recipe("rote"))
    n = len(faces)
    assert double.images.shape == (2 * n, 48, 48) and double.images.dtype == np.uint8
    np.testing.assert_array_equal(double.images[:n], faces.images)
    np.testing.assert_array_equal(double.images[n:], faces.images[:, :, ::-1])
    np.testing.assert_array_equal(double.points[:n], double.found.points)
    mirrored = double.found.points[:, MIRROR] * (-1, 1) + (47, 0)  # x becomes 47 - x
    np.testing.assert_allclose(double.points[n:], mirrored, atol=1e-4)
    np.testing.assert_array_equal(double.origin, np.tile(np.arange(n), 2))
    np.testing.assert_array_equal(double.labels, np.tile(faces.labels, 2))


def test_siblings_are_on_both_sides(given):
    double = given(split="augmented-80-10-10", recipe=MIRRORED)
    rows = np.concatenate([double.rows[part] for part in PARTS])
    np.testing.assert_array_equal(np.sort(rows), np.arange(420))  # each image in one part ...
    assert [len(double.rows[part]) for part in PARTS] == [336, 42, 42]
    for part in PARTS:
        counts = np.bincount(double.labels[double.rows[part]], minlength=7)
        assert np.abs(counts - len(double.rows[part]) / 7).max() <= 2
    # ... but not each face: the other one of a test image's two is in training by 336 in 419,
    # 34 of 42 on average, with a standard deviation of about 2.6.
    seen = np.isin(double.origin[double.rows["test"]], double.origin[double.rows["train"]])
    assert 24 <= seen.sum() <= 42
    plain = given(split="random-80-10-10")
    assert not np.isin(plain.origin[plain.rows["test"]], plain.origin[plain.rows["train"]]).any()


def test_the_seed_draws_variation_and_split(given):
    geometry = replace(recipe("demo"), geometry=Geometry(rotation=20, translation=3))
    one, same, other = (
        given(split="augmented-80-10-10", recipe=geometry, seed=seed) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.images, same.images)
    np.testing.assert_array_equal(one.rows["test"], same.rows["test"])
    assert (one.images[210:] != other.images[210:]).any(axis=(1, 2)).all()
    assert not np.array_equal(one.rows["test"], other.rows["test"])
    assert (one.points[210:] != one.points[:210]).any(axis=(1, 2)).all()


def test_augmented_first_with_emotions_and_missed_faces(given):
    double = given(
        split="augmented-80-10-10", recipe=MIRRORED, emotions=("sad", "fear"), undetected="drop"
    )
    rows = np.concatenate([double.rows[part] for part in PARTS])
    face = double.origin[rows]
    assert set(double.faces.labels[face].tolist()) == {4, 2} and double.found.detected[face].all()
    # 60 faces are sad or afraid; each one that was found is there twice.
    wanted = np.isin(double.faces.labels, (4, 2)) & double.found.detected
    assert np.array_equal(np.bincount(face, minlength=210), 2 * wanted)


# --- other datasets ---------------------------------------------------------------------------


def test_the_shared_emotions_are_all_but_neutral_and_contempt():
    assert [CONTEMPTUOUS[code] for code in shared_codes()] == [
        "angry", "disgust", "fear", "happy", "sad", "surprise",
    ]  # fmt: skip


def test_another_dataset_is_scored_on_its_test_part_or_as_a_whole():
    faces = people(20, range(8), CONTEMPTUOUS)
    private = (faces.split == 2) & (faces.labels < 6)  # subjects 2 and 12
    np.testing.assert_array_equal(shared_rows(faces), np.flatnonzero(private))
    assert len(shared_rows(faces)) == 12
    none = replace(faces, split=np.full(len(faces), 3, np.uint8))
    np.testing.assert_array_equal(shared_rows(none), np.flatnonzero(faces.labels < 6))


@pytest.mark.parametrize("name", ["synthetic", "synthetic-", "synthetic-6", "synthetic-many"])
def test_a_synthetic_dataset_needs_a_number(name):
    with pytest.raises(InputError, match="expected synthetic-N with N of 7 or more"):
        open_dataset(name)


def test_a_dataset_that_is_not_there_is_one_line(home):
    with pytest.raises(InputError, match="nowhere") as error:
        open_dataset("nowhere")
    assert "\n" not in str(error.value)


def test_synthetic_faces_bring_their_landmarks():
    faces, found = open_dataset("synthetic-14")
    assert faces.name == "synthetic" and len(faces) == 14 and found.detected.all()
    np.testing.assert_array_equal(found.points, faces.landmarks)
    assert open_dataset("synthetic-14")[0] is faces
