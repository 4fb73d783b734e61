"""Contrasts over seeds and images, and the answers to the hypotheses, by hand."""

import numpy as np
import pytest
from scipy import stats

from ferbook.data.faces import Faces
from ferbook.report.chew import hypotheses as h
from ferbook.report.effects import Effect, Term, effect, right_by_seed
from ferbook.study import records
from ferbook.study.cards import write_card
from ferbook.study.recipe import recipe
from ferbook.vision.landmarks import Landmarks

COUNT = 70  # ten faces of each emotion, two people


def dataset(name="ckplus48", people=0):
    labels = (np.arange(COUNT) % 7).astype(np.uint8)
    subject = np.arange(COUNT) % people if people else np.full(COUNT, -1)
    return Faces(
        name, np.zeros((COUNT, 2, 2), np.uint8), labels, np.full(COUNT, 3, np.uint8),
        subject.astype(np.int32), np.arange(COUNT, dtype=np.int32), np.arange(COUNT).astype("S"),
        f"{people:064x}", judgement={"verdict": "genuine"},
    )  # fmt: skip


def put(root, faces, variant, seed, wrong, fold=None, rows=None, **views):
    """A record whose network errs on the rows `wrong`; `views` {view: rows in error}."""
    rows = np.arange(COUNT) if rows is None else rows
    found = Landmarks(
        np.ones((COUNT, 68, 2), np.float32), np.ones(COUNT, bool), np.ones(COUNT, np.float32),
        np.ones((COUNT, 4), np.float32),
    )  # fmt: skip
    write_card(root / "datasets", faces, found)
    shown = {}
    for view, bad in {"plain": wrong, **views}.items():
        predicted = faces.labels[rows].astype(int)
        predicted[np.isin(rows, bad)] = (predicted[np.isin(rows, bad)] + 1) % 7
        shown[view] = np.eye(7, dtype=np.float32)[predicted]
    config = {
        "paper": "chew", "experiment": "x", "variant": variant, "dataset": faces.name,
        "split": "official" if fold is None else "folds-3-subject", "tier": "short", "seed": seed,
        "fold": fold, "recipe": recipe("chew").as_dict(), "reduced": {}, "model": {},
        "undetected": "frame",
    }  # fmt: skip
    epoch = {
        "epoch": 1, "lr": 1e-4, "train_loss": 1.0, "train_accuracy": 0.5,
        "validation_loss": 1.0, "validation_accuracy": 0.5, "seconds": 1.0,
    }  # fmt: skip
    data = {
        "config": config,
        "dataset": {
            "name": faces.name, "fingerprint": faces.fingerprint, "verdict": "genuine",
            "ways": [], "detector": "x", "rows": {"test": len(rows)},
        },
        "parameters": 1, "history": [epoch], "selected_epoch": 1, "seconds": 1.0,
        "finished": "2026-01-01T00:00:00+00:00", "hardware": {}, "versions": {}, "source": "0" * 64,
    }  # fmt: skip
    name = f"x_{variant}_short_s{seed}" + ("" if fold is None else f"_f{fold}")
    records.write(root / "chew" / name, data, {"test": {"rows": rows, "views": shown}})


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path))
    return tmp_path


FIRST = [(1, Term("chew/x", "hybrid")), (-1, Term("chew/x", "pixels"))]


def test_one_seed_has_the_images_alone(root):
    faces = dataset()
    put(root, faces, "hybrid", 0, range(7))
    put(root, faces, "pixels", 0, range(14))
    found = effect(FIRST, "short")
    # right on 63 and 56 of 70: 0.1. Per image d = 1 on 7 images, else 0: var = 0.1 x 0.9
    half = stats.norm.ppf(0.975) * (0.1 * 0.9 / 70) ** 0.5
    assert (found.seeds, found.images) == (1, 70)
    assert (found.mean, found.low, found.high) == pytest.approx(
        (10, 10 - 100 * half, 10 + 100 * half)
    )


def test_seeds_and_images_add_up(root):
    faces = dataset()
    for seed, wrong in ((0, 14), (1, 21)):
        put(root, faces, "hybrid", seed, range(7))
        put(root, faces, "pixels", seed, range(wrong))
    found = effect(FIRST, "short")
    # differences 0.1 and 0.2: s^2 = 0.005, s^2 / 2 = 0.0025; images (0.09 + 0.16) / 2 / 70
    between, sampling = 0.0025, 0.125 / 70
    total = between + sampling
    half = stats.t.ppf(0.975, (total / between) ** 2) * total**0.5
    assert found.mean == pytest.approx(15)
    assert found.high - found.mean == pytest.approx(100 * half)


def test_people_count_whole(root):
    faces = dataset(people=2)
    even = np.arange(0, COUNT, 2)  # all of one person
    put(root, faces, "hybrid", 0, [])
    put(root, faces, "pixels", 0, even)
    found = effect(FIRST, "short")
    # d is 1 for one person's 35 images: sums of the influence +17.5 and -17.5, G / (G - 1) = 2,
    # v = 2 x 2 x 17.5^2 / 70, and v / n = 1225 / 4900
    assert found.high - found.mean == pytest.approx(100 * 1.959964 * (1225 / 4900) ** 0.5)


def test_folds_are_pooled_and_must_be_complete(root):
    faces = dataset(people=10)
    parts = [np.arange(COUNT)[np.arange(COUNT) % 3 == fold] for fold in range(3)]
    for fold in (0, 1):
        put(root, faces, "hybrid", 0, range(7), fold, parts[fold])
    assert right_by_seed(Term("chew/x", "hybrid"), "short") == {}
    put(root, faces, "hybrid", 0, range(7), 2, parts[2])
    rows, right, subjects = right_by_seed(Term("chew/x", "hybrid"), "short")[0]
    np.testing.assert_array_equal(rows, np.arange(COUNT))
    assert right.sum() == 63 and not right[:7].any()
    np.testing.assert_array_equal(subjects, np.arange(COUNT) % 10)


def test_views_and_emotions(root):
    faces = dataset()
    put(root, faces, "hybrid", 0, range(7), **{"occluded-eyes": range(21)})
    assert effect(h.loss("chew/x", "hybrid", "eyes"), "short").mean == pytest.approx(20)
    fear = Term("chew/x", "hybrid", emotions=("fear",))  # label 2: rows 2, 9, 16, ...
    rows, right, _ = right_by_seed(fear, "short")[0]
    np.testing.assert_array_equal(rows, np.arange(2, COUNT, 7))
    assert right.mean() == 0.9


def test_other_images_are_no_contrast(root):
    faces = dataset()
    put(root, faces, "hybrid", 0, [])
    put(root, faces, "pixels", 0, [], rows=np.arange(35))
    with pytest.raises(ValueError, match="same images"):
        effect(FIRST, "short")


def test_extra_gain_by_hand(root):
    faces = dataset()
    fear = np.arange(2, COUNT, 7)
    put(root, faces, "hybrid", 0, [])
    put(root, faces, "pixels", 0, fear[:5])  # half of fear gained, nothing elsewhere
    found = h.extra_gain("chew/x", ("fear",), "short")
    # var(d) of fear: 0.5 x 0.5, over 10 images; of the rest 0
    assert found.mean == pytest.approx(50) and found.images == 10
    assert found.high - found.mean == pytest.approx(100 * 1.959964 * (0.25 / 10) ** 0.5)


def test_the_least_lead_is_asked(root, monkeypatch):
    faces = dataset()
    fear, happy = np.arange(2, COUNT, 7), np.arange(3, COUNT, 7)
    put(root, faces, "hybrid", 0, happy[:2])  # behind by two of ten there
    put(root, faces, "pixels", 0, fear[:5])
    monkeypatch.setattr(h, "PLACES", {"here": "chew/x", "nowhere": "chew/y"})
    here, nowhere = h.everywhere("short")
    assert here.claim.endswith("least happy") and here.effect.mean == pytest.approx(-20)
    assert nowhere.answer == "not measured"


@pytest.mark.parametrize(
    ("low", "high", "bounds", "answer"),
    [
        (0.5, 2.0, (0, np.inf), "holds"),
        (-2.0, -0.5, (0, np.inf), "fails"),
        (-1.0, 1.0, (0, np.inf), "open"),
        (4.5, 5.5, (4, 6), "holds"),
        (-1.0, 3.9, (4, 6), "fails"),
        (3.0, 5.0, (4, 6), "open"),
        (7.0, 9.0, (-np.inf, 5), "fails"),
        (np.nan, np.nan, (0, np.inf), "not measured"),
    ],
)
def test_the_interval_answers(low, high, bounds, answer):
    mean = (low + high) / 2
    assert h.Statement("s", "w", Effect(mean, low, high, 3, 9), *bounds).answer == answer


def test_one_seed_answers_nothing():
    assert h.Statement("s", "w", Effect(1, 0.5, 2, 1, 9)).answer == "one seed"


def test_nothing_recorded_is_said(root):
    statements = h.fusion("short")
    assert {s.answer for s in statements} == {"not measured"}
    assert h.summary(statements) == "6 are not measured"
    table = h.table(statements)
    assert list(table.columns) == ["on", "points", "seeds", "answer"]
    assert table.index[0] == "hybrid > pixels"


def test_the_summary_counts():
    yes = h.Statement("s", "w", Effect(1, 0.5, 2, 3, 9))
    perhaps = h.Statement("s", "w", Effect(1, -0.5, 2, 3, 9))
    assert h.summary([yes, perhaps, perhaps]) == "1 holds, 2 are open"
