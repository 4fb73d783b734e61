"""What a network is scored on: columns, views, spoilt faces, another dataset, and a real run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from ferbook.emotions import EMOTIONS
from ferbook.study import material as materials
from ferbook.study import records, robustness
from ferbook.study.material import Material, gather, open_dataset
from ferbook.study.recipe import RECIPES
from ferbook.study.robustness import detections, sample
from ferbook.study.scoring import Scorer, artifacts, score
from ferbook.vision.landmarks import detect
from ferbook.vision.masking import CONDITIONS, OCCLUDERS, spoil
from test_material import CONTEMPTUOUS, MIRRORED, found_on, people, run

PLAN = replace(RECIPES["chew"], precision="f32")
NAMES = [condition.name for condition in CONDITIONS]
PARTS = ("train", "validation", "test")


class Stub(torch.nn.Module):
    """A network that says exactly what a function makes of images and points."""

    def __init__(self, says: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.says = says

    def forward(self, images: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
        return self.says(images, points)


def scorer(says, landmarks: bool = True) -> Scorer:
    channels = SimpleNamespace(landmarks=landmarks, compose=lambda images, points: (images, points))
    return Scorer(Stub(says), channels, PLAN, torch.device("cpu"))


def first_point(classes: int = 7):
    """The class is written in landmark 0, four pixels a class; where it lies between two, or off
    the scale, the nearest."""

    def says(images, points):
        number = (points[:, 0, 0] / 4).round().long().clamp(0, classes - 1)
        return 9.0 * torch.nn.functional.one_hot(number, classes)

    return says


def study(faces=None, **changes) -> Material:
    """A whole dataset gathered for a run, the class of each face in its landmark 0."""
    faces = people() if faces is None else faces
    found = found_on(faces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(materials, "open_dataset", lambda name: (faces, found))
        gathered = gather(run(**changes))
    points = gathered.points.copy()
    points[:, 0, 0] = 4.0 * gathered.labels
    return replace(gathered, points=points)


def predicted(part, view: str = "plain"):
    return part["views"][view].argmax(1)


# --- columns, rows, views ---------------------------------------------------------------------


def test_columns_are_label_codes():
    faces = people(30, (0, 1, 2, 3, 4, 5, 7), CONTEMPTUOUS)  # no neutral
    material = study(faces)
    out = score(run(), material, scorer(first_point()), {})
    for part in ("validation", "test"):
        rows = out[part]["rows"]
        np.testing.assert_array_equal(rows, material.rows[part])
        for view in ("plain", "flip"):
            table = out[part]["views"][view]
            assert table.shape == (len(rows), 8) and table.dtype == np.float32
            assert (table[:, EMOTIONS.index("neutral")] == 0).all()
            np.testing.assert_allclose(table.sum(1), 1, atol=1e-6)
        np.testing.assert_array_equal(predicted(out[part]), faces.labels[rows])  # 7 for contempt
    # softmax of one 9 among seven: e^9 / (e^9 + 6)
    right = out["test"]["views"]["plain"].max(1)
    np.testing.assert_allclose(right, np.exp(9) / (np.exp(9) + 6), rtol=1e-6)


def test_two_emotions_keep_their_columns():
    material = study(emotions=("surprise", "disgust"))
    table = score(run(), material, scorer(first_point(2)), {})["test"]["views"]["plain"]
    assert table.shape[1] == 7
    assert set(np.flatnonzero(table.any(axis=0)).tolist()) == {1, 5}
    np.testing.assert_array_equal(table.argmax(1), material.faces.labels[material.rows["test"]])


def test_flip_is_the_mean_of_face_and_mirror_image():
    material = study()
    images = material.images.copy()
    images[:, 0, 0], images[:, 0, 47] = 255, 0
    material = replace(material, images=images, bare=images)

    def says(images, points):  # 0.9 for angry where the corner is bright, else 0.3
        sure = torch.where(images[:, 0, 0, 0] > 0.5, 0.9, 0.3)
        rest = ((1 - sure) / 6)[:, None].expand(-1, 6)
        return torch.cat([sure[:, None], rest], dim=1).log()

    views = score(run(), material, scorer(says), {})["test"]["views"]
    np.testing.assert_allclose(views["plain"][:, 0], 0.9, rtol=1e-5)
    np.testing.assert_allclose(views["flip"][:, 0], (0.9 + 0.3) / 2, rtol=1e-5)


def test_only_what_is_asked_for_is_scored():
    material = study()
    plain = score(run(), material, scorer(first_point()), {})
    assert {part: list(content["views"]) for part, content in plain.items()} == {
        "validation": ["plain", "flip"], "test": ["plain", "flip"],
    }  # fmt: skip
    out = score(run(scores=("train",)), material, scorer(first_point()), {})
    assert list(out) == ["validation", "test", "train"]
    assert list(out["train"]["views"]) == ["plain"]
    np.testing.assert_array_equal(out["train"]["rows"], material.rows["train"])
    np.testing.assert_array_equal(
        predicted(out["train"]), material.faces.labels[material.rows["train"]]
    )
    assert artifacts(run(scores=("train",)), material, None) == {}


def test_the_peeked_view_is_the_epoch_handed_over():
    material = study(emotions=("surprise", "disgust", "happy"))
    logits = torch.randn(len(material.rows["test"]), 3, generator=torch.Generator().manual_seed(0))
    peeked = {"logits": logits}
    out = score(run(scores=("peeked",)), material, scorer(first_point(3)), peeked)
    assert list(out["test"]["views"]) == ["plain", "flip", "peeked"]
    table = out["test"]["views"]["peeked"]
    e = np.exp(logits.double().numpy())
    np.testing.assert_allclose(table[:, [5, 1, 3]], e / e.sum(1, keepdims=True), rtol=1e-5)
    assert "peeked" not in out["validation"]["views"]


def test_doubled_faces_are_in_the_order_of_the_dataset_in_every_view():
    """Rows of the doubled images come in another order than the faces that they show."""
    material = study(split="augmented-80-10-10", recipe=MIRRORED)
    faces = replace(material.faces, landmarks=material.points[:210])
    material = replace(material, faces=faces)
    rows = material.rows["test"]
    assert (np.diff(material.origin[rows]) < 0).any()
    logits = 9.0 * torch.eye(7)[material.labels[rows].astype(int)]
    out = score(
        run(scores=("train", "peeked", "spoilt")), material, scorer(first_point()),
        {"logits": logits},
    )  # fmt: skip
    for part in (*PARTS, "spoilt"):
        truth = faces.labels[out[part]["rows"]]
        views = [view for view in out[part]["views"] if "shift" not in view and view != "flip"]
        assert len(views) > 1 or part in ("train", "validation")
        for view in views:
            np.testing.assert_array_equal(predicted(out[part], view), truth, err_msg=view)
    assert (np.diff(out["test"]["rows"]) >= 0).all()


# --- spoilt faces -----------------------------------------------------------------------------


def white(material: Material) -> Material:
    """White faces with true landmarks, the nose in the middle."""
    points = np.full_like(material.points, 23.5)
    faces = replace(material.faces, landmarks=points)
    images = np.full_like(material.images, 255)
    return replace(material, images=images, bare=images, points=points, faces=faces)


def halves(images, points):
    """Class 0 for a white image, 1 or 2 where its left or right half is black, else 3."""
    dark = 1 - images[:, 0, :, :24].amax((1, 2)), 1 - images[:, 0, :, 24:].amax((1, 2))
    white = images.amin((1, 2, 3))
    rest = (1 - white) * (1 - dark[0]) * (1 - dark[1])
    return 9 * torch.stack([white, *dark, rest, *[torch.zeros_like(white)] * 3], dim=1)


def test_a_region_view_shows_that_region_occluded():
    material = white(study())
    views = score(run(scores=("spoilt",)), material, scorer(halves), {})["test"]["views"]
    assert list(views) == ["plain", "flip", *[f"occluded-{name}" for name in OCCLUDERS]]
    said = {view: set(table.argmax(1).tolist()) for view, table in views.items()}
    assert said == {
        "plain": {0}, "flip": {0}, "occluded-left": {1}, "occluded-right": {2},
        "occluded-eyes": {3}, "occluded-mouth": {3}, "occluded-brows": {3},
    }  # fmt: skip
    assert all(len(table) == len(material.rows["test"]) for table in views.values())


def test_spoilt_faces_are_those_of_spoil_under_each_condition():
    material = study()
    faces = replace(material.faces, landmarks=material.points)
    material = replace(material, faces=faces)

    def says(images, points):  # a fingerprint of what the network was shown
        return torch.stack([images.mean((1, 2, 3)), points.mean((1, 2)) / 48] * 3, dim=1)

    network = scorer(
        lambda images, points: torch.cat([says(images, points), images[:, 0, :1, 0]], 1)
    )
    out = score(run(scores=("spoilt",)), material, network, {})["spoilt"]
    rows = material.rows["test"]
    np.testing.assert_array_equal(out["rows"], rows)
    assert list(out["views"]) == ["plain", *[v for n in NAMES for v in (n, f"{n}/found")]]
    for condition in CONDITIONS:
        images, points = spoil(material.images[rows], material.points[rows], condition, rows)
        expected = network(images, points)
        np.testing.assert_array_equal(out["views"][condition.name], expected)
        # True landmarks are carried along: dlib is not asked.
        np.testing.assert_array_equal(out["views"][f"{condition.name}/found"], expected)


def test_landmarks_found_again_are_what_dlib_says_of_the_spoilt_face(monkeypatch):
    material = study()
    rows = material.rows["test"]
    again = np.zeros((len(CONDITIONS), len(rows), 68, 2), np.float32)
    again[:, :, 0, 0] = 4 * (np.arange(len(CONDITIONS)) % 7)[:, None]  # a class for each condition
    seen = np.arange(len(CONDITIONS))[:, None] > np.arange(len(rows))[None, :]
    from ferbook.study import scoring

    monkeypatch.setattr(scoring, "detections", lambda material, rows: (again, seen))
    asked = run(scores=("spoilt",))
    out = score(asked, material, scorer(first_point()), {})["spoilt"]
    for number, condition in enumerate(CONDITIONS):
        assert set(predicted(out, f"{condition.name}/found").tolist()) == {number % 7}
        if condition.kind != "shift":
            np.testing.assert_array_equal(predicted(out, condition.name), material.labels[rows])
    kept = artifacts(asked, material, None)
    assert kept["spoilt.conditions"].tolist() == NAMES
    np.testing.assert_allclose(
        kept["spoilt.detected"], np.minimum(np.arange(25), len(rows)) / len(rows)
    )


def test_pixels_alone_have_no_view_of_landmarks_found_again():
    material = white(study())
    out = score(run(scores=("spoilt",)), material, scorer(halves, landmarks=False), {})
    assert list(out["spoilt"]["views"]) == ["plain", *NAMES]


def test_carried_landmarks_move_with_a_shift():
    material = study()
    material = replace(material, faces=replace(material.faces, landmarks=material.points))
    rows = material.rows["test"]
    points, found = detections(material, rows)
    assert points.shape == (25, len(rows), 68, 2) and found.shape == (25, len(rows)) and found.all()
    moved = (points != material.points[rows]).any(axis=(1, 2, 3))
    assert [condition.kind == "shift" for condition in CONDITIONS] == moved.tolist()


def test_a_sample_is_the_same_for_all_that_share_the_test_part(monkeypatch):
    material = study()
    assert sample(material) is material.rows["test"]  # all of a small part
    monkeypatch.setattr(robustness, "SAMPLE", 10)
    chosen = sample(material)
    assert len(chosen) == len(set(chosen.tolist())) == 10 and (np.diff(chosen) > 0).all()
    assert np.isin(chosen, material.rows["test"]).all()
    other = study(seed=5, emotions=None)
    np.testing.assert_array_equal(sample(other), chosen)
    turned = replace(material, rows=material.rows | {"test": material.rows["validation"]})
    assert not np.array_equal(sample(turned), chosen)


def test_dlib_is_asked_once(home, monkeypatch):
    faces, _ = open_dataset("synthetic-14")
    faces = replace(faces, landmarks=None)
    found = detect(faces.images)
    monkeypatch.setattr(materials, "open_dataset", lambda name: (faces, found))
    monkeypatch.setattr(
        robustness, "CONDITIONS", [c for c in CONDITIONS if c.name in ("noise-40", "occluded-left")]
    )
    material = SimpleNamespace(
        faces=faces, found=found, images=faces.images, points=found.points, origin=np.arange(14)
    )
    rows = np.array([3, 7, 8])
    points, seen = detections(material, rows)
    for number, condition in enumerate(robustness.CONDITIONS):
        spoilt, _ = spoil(faces.images[rows], found.points[rows], condition, rows)
        again = detect(spoilt)
        np.testing.assert_array_equal(points[number], again.points)
        np.testing.assert_array_equal(seen[number], again.detected)
    calls = []
    monkeypatch.setattr(robustness, "detect", lambda images: calls.append(len(images)) or found)
    stored = detections(material, rows)
    np.testing.assert_array_equal(stored[0], points)
    np.testing.assert_array_equal(stored[1], seen)
    assert calls == []
    files = [file.name for file in home.rglob("spoilt-*.npz")]
    assert len(files) == 1 and not list(home.rglob(".spoilt-*"))
    detections(material, np.arange(14))  # other faces are asked for
    assert calls == [14, 14]


# --- another dataset --------------------------------------------------------------------------


@pytest.fixture
def other(monkeypatch):
    """CK+-like faces with the class of each in landmark 0, as `cross`."""
    faces = people(20, range(8), CONTEMPTUOUS, name="other")
    found = found_on(faces)
    found.points[:, 0, 0] = 4.0 * faces.labels
    monkeypatch.setattr(materials, "open_dataset", lambda name: (faces, found))
    return faces


def test_cross_has_a_free_and_a_shared_choice(other):
    material = study()

    def says(images, points):  # neutral first, the emotion second
        second = first_point()(images, points)
        return second + 12.0 * torch.nn.functional.one_hot(torch.tensor(6), 7)

    out = score(run(cross="other"), material, scorer(says), {})["cross"]
    # Subjects 2 and 12 are the other dataset's test part, their first six faces the shared ones.
    assert out["rows"].tolist() == [*range(16, 22), *range(96, 102)]
    assert (predicted(out) == 6).all()
    np.testing.assert_array_equal(predicted(out, "shared"), other.labels[out["rows"]])
    shared, plain = out["views"]["shared"], out["views"]["plain"]
    np.testing.assert_array_equal(shared[:, :6], plain[:, :6])  # probabilities as they are
    assert (shared[:, 6:] == 0).all() and np.allclose(plain.sum(1), 1)


def test_cross_knows_the_codes_of_the_networks_own_dataset(other):
    # Seven classes without neutral: the network's class 6 is contempt, label 7.
    material = study(people(30, (0, 1, 2, 3, 4, 5, 7), CONTEMPTUOUS))
    says = first_point()
    out = score(
        run(cross="other"), material, scorer(lambda i, p: says(i, torch.full_like(p, 24))), {}
    )["cross"]
    assert set(predicted(out).tolist()) == {7}
    assert set(predicted(out, "shared").tolist()) <= set(range(6))


def test_cross_places_missed_faces_as_the_run_does(other):
    material = study()
    out = score(run(cross="other", undetected="zero"), material, scorer(first_point()), {})["cross"]
    missed = out["rows"] % 5 == 0
    assert missed.any() and (predicted(out)[missed] == 0).all()  # landmark 0 lies far to the left
    np.testing.assert_array_equal(predicted(out)[~missed], other.labels[out["rows"]][~missed])


# --- a real run, from the command line to what is read back -------------------------------------

EXPERIMENTS = """
paper: demo
experiments:
  folds:
    title: every score, three folds by subject
    dataset: synthetic-140
    split: folds-3-subject
    folds: 3
    recipe: demo
    short: {epochs: 2}
    scores: [train, peeked, spoilt]
    model: {family: hybrid, widths: [2, 2, 4, 4], hidden: 8}
    variants:
      hybrid: {recipe: {sigma: 2, precision: f32}}
  crossed:
    title: six emotions, doubled before the split, scored on other faces
    dataset: synthetic-140
    split: augmented-80-10-10
    emotions: [angry, disgust, fear, happy, sad, surprise]
    recipe: demo
    short: {epochs: 3}
    scores: [peeked, spoilt]
    cross: synthetic-70
    model: {family: hybrid, widths: [2, 2, 4, 4], hidden: 8}
    variants:
      pixels: {branches: [pixels]}
"""


@pytest.fixture
def recorded(tmp_path, monkeypatch, ferbook):
    """`ferbook run demo/<experiment>`; the records that it leaves, as they are read."""
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "demo.yaml").write_text(EXPERIMENTS)
    monkeypatch.setenv("FERBOOK_ROOT", str(tmp_path))
    monkeypatch.setenv("FERBOOK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("FERBOOK_RESULTS", raising=False)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # threads would wait for one another longer than they compute

    def call(experiment: str) -> list[records.Record]:
        for said in ("recorded in", "recorded before"):  # the second time there is nothing to do
            code, out, err = ferbook("run", f"demo/{experiment}", "--device", "cpu")
            assert code == 0, err
            assert all(said in line for line in out.splitlines())
        return records.load_all("demo")

    yield call
    torch.set_num_threads(threads)


def share_right(record: records.Record, part: str = "test", view: str = "plain") -> float:
    predictions = record.predictions(part, view)
    return float((predictions.predicted == predictions.truth).mean())


def assert_agrees_with_its_history(record: records.Record) -> None:
    """The accuracies of the history, measured in training, are those of the predictions."""
    chosen = record.history[record.data["selected_epoch"] - 1]
    best = max(epoch["test_accuracy"] for epoch in record.history)
    assert share_right(record) == pytest.approx(chosen["test_accuracy"])
    assert share_right(record, "validation") == pytest.approx(chosen["validation_accuracy"])
    assert share_right(record, view="peeked") == pytest.approx(best)


def test_three_folds_with_every_score(recorded):
    folds = recorded("folds")
    assert [record.folder.name for record in folds] == [
        f"folds_hybrid_short_s0_f{fold}" for fold in range(3)
    ]
    tested = np.concatenate([record.predictions().rows for record in folds])
    np.testing.assert_array_equal(np.sort(tested), np.arange(140))
    regions = [f"occluded-{name}" for name in OCCLUDERS]
    for record in folds:
        assert_agrees_with_its_history(record)
        assert record.views("test") == ["plain", "flip", "peeked", *regions]
        assert record.views("validation") == ["plain", "flip"]
        assert record.views("train") == ["plain"] and record.views("cross") == []
        assert record.views("spoilt") == ["plain", *[v for n in NAMES for v in (n, f"{n}/found")]]
        rows = {part: record.predictions(part).rows for part in PARTS}
        np.testing.assert_array_equal(np.sort(np.concatenate(list(rows.values()))), np.arange(140))
        person = {part: set(record.card.subject[rows[part]].tolist()) for part in PARTS}
        assert not person["train"] & person["test"] and not person["train"] & person["validation"]
        # The part is small enough to be its own sample, and true landmarks are carried along.
        for view in ("plain", *regions):
            alone, sampled = record.predictions("test", view), record.predictions("spoilt", view)
            np.testing.assert_array_equal(alone.rows, sampled.rows)
            np.testing.assert_array_equal(alone.predicted, sampled.predicted)
        for name in NAMES:
            found = record.predictions("spoilt", f"{name}/found").predicted
            np.testing.assert_array_equal(record.predictions("spoilt", name).predicted, found)
        assert record.artifacts["spoilt.conditions"].tolist() == NAMES
        assert (record.artifacts["spoilt.detected"] == 1).all()
        assert record.config["recipe"]["sigma"] == 2 and record.config["reduced"] == {"epochs": 8}
        assert record.data["dataset"]["detector"] == "true"


def test_doubled_first_and_scored_on_another_dataset(recorded):
    (record,) = recorded("crossed")
    assert_agrees_with_its_history(record)
    assert len(record.history) == 3 and record.config["cross"] == "synthetic-70"
    # 120 faces of six emotions, twice: 192, 24 and 24 images, none of them neutral.
    assert record.data["dataset"]["rows"] == {"train": 192, "validation": 24, "test": 24}
    assert (record.predictions().truth < 6).all() and (record.predictions().predicted < 6).all()
    assert record.predictions().probabilities.shape == (24, 7)
    assert record.views("spoilt") == ["plain", *NAMES]  # pixels alone: no landmarks found again
    # Of synthetic-70 subject 2 is the test part; its seventh face is neutral.
    assert record.views("cross") == ["plain", "shared"]
    plain, shared = (record.predictions("cross", view) for view in ("plain", "shared"))
    assert plain.rows.tolist() == [14, 15, 16, 17, 18, 19]
    assert plain.truth.tolist() == [0, 1, 2, 3, 4, 5] and len(record.cross_card) == 70
    # A network of the six emotions has no other choice.
    np.testing.assert_array_equal(plain.predicted, shared.predicted)
    cards = {folder.name for folder in (record.folder.parents[1] / "datasets").iterdir()}
    assert cards == {
        f"synthetic-{card.fingerprint[:8]}" for card in (record.card, record.cross_card)
    }
