"""Folds put together, sins and near copies: every number against one derived by hand."""

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from ferbook.data.faces import Faces, fingerprint
from ferbook.report import tables
from ferbook.report.chew import figures_protocols, fold_tables, folds, near_copies, sins
from ferbook.study import records
from ferbook.study.cards import write_card
from ferbook.vision.landmarks import Landmarks
from test_records import content

EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral", "contempt")
COUNT = 12
CODES = np.array([0, 3, 7])  # angry, happy, contempt
TRUTH = CODES[np.arange(COUNT) % 3]


def faces():
    """Six people with two images each; fold f of three tests people 2f and 2f + 1."""
    images = np.random.default_rng(0).integers(0, 256, (COUNT, 48, 48), dtype=np.uint8)
    labels, unknown = TRUTH.astype(np.uint8), np.full(COUNT, 3, np.uint8)
    person = (np.arange(COUNT) // 2 + 40).astype(np.int32)
    source = np.array([f"{i}" for i in range(COUNT)], dtype="S")
    mark = fingerprint(images, labels, unknown)
    return Faces(
        "ckplus48", images, labels, unknown, person, person, source, mark, emotions=EMOTIONS
    )


def probabilities(rows, wrong):
    """One-hot: the next of the three emotions where a row is among `wrong`."""
    said = np.where(np.isin(rows, wrong), CODES[(np.arange(COUNT) + 1) % 3][rows], TRUTH[rows])
    return np.eye(8, dtype=np.float32)[said]


def write(root, experiment, wrong, peeked=(), variant="hybrid", seed=0, unit="subject", count=3):
    dataset = faces()
    for fold in range(count):
        rows = np.arange(4 * fold, 4 * fold + 4)
        views = {"plain": probabilities(rows, wrong), "peeked": probabilities(rows, peeked)}
        about = content(
            dataset,
            experiment=experiment,
            variant=variant,
            seed=seed,
            fold=fold,
            split=f"folds-3-{unit}",
        )
        about["config"]["dataset"] = "ckplus48"
        name = f"{experiment}_{variant}_short_s{seed}_f{fold}"
        records.write(root / "chew" / name, about, {"test": {"rows": rows, "views": views}})


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path))
    points = np.full((COUNT, 68, 2), 24, np.float32)
    found = Landmarks(
        points, np.ones(COUNT, bool), np.ones(COUNT, np.float32), np.zeros((COUNT, 4), np.float32)
    )
    write_card(tmp_path / "datasets", faces(), found)
    return tmp_path


@pytest.fixture
def pooled(root):
    """Both images of person 0 are wrong (rows 0 and 1), the other ten are right."""
    write(root, "seven-ckplus", wrong=[0, 1])
    return folds.pool(tables.select("chew/seven-ckplus", "short"), "hybrid")


def test_folds_cover_every_image_once(pooled):
    assert pooled.emotions == ("angry", "happy", "contempt") and pooled.people == 6
    np.testing.assert_array_equal(pooled.rows, np.arange(COUNT))
    np.testing.assert_array_equal(pooled.truth, np.arange(COUNT) % 3)
    np.testing.assert_array_equal(pooled.fold, [np.arange(COUNT) // 4])
    # Row 0 (angry) was called happy, row 1 (happy) contempt; four images of each emotion.
    assert pooled.confusion().tolist() == [[3, 1, 0], [0, 3, 1], [0, 0, 4]]


def test_intervals_by_hand(pooled):
    accuracy = folds.over_people(pooled)["accuracy"]
    # Person 0 is drawn c ~ Bin(6, 1/6) times and then a share c/6 is wrong. P(c <= 2) = 0.938,
    # P(c <= 3) = 0.991, P(c = 0) = 0.335: the interval is [1 - 3/6, 1].
    assert accuracy.mean == pytest.approx(10 / 12)
    assert (accuracy.low, accuracy.high) == pytest.approx((0.5, 1.0))
    # Folds score 0.5, 1 and 1: mean 5/6, s^2 = 1/12, half width t(2) sqrt(1/36) = 4.303 / 6.
    fold = folds.over_folds(pooled)["accuracy"]
    assert fold.mean == pytest.approx(5 / 6) and fold.high - fold.mean == pytest.approx(
        4.3027 / 6, abs=1e-4
    )


def test_macro_figures_are_those_of_scikit_learn(pooled):
    found = folds.over_people(pooled)
    for name, function in (
        ("macro precision", precision_score),
        ("macro recall", recall_score),
        ("macro F1", f1_score),
    ):
        expected = function(pooled.truth, pooled.predicted[0], average="macro")
        assert found[name].mean == pytest.approx(expected), name
    # Recall of happy is 3/4; row 1 is person 0's, rows 4, 7, 10 are those of people 2, 3 and 5.
    assert found["happy"].mean == 0.75 and found["contempt"].low == 1.0


def test_seeds_are_averaged_and_unfinished_ones_left_out(root, pooled):
    write(root, "seven-ckplus", wrong=[], seed=1)
    write(root, "seven-ckplus", wrong=[], seed=2, count=2)
    runs = tables.select("chew/seven-ckplus", "short")
    both = folds.pool(runs, "hybrid")
    assert both.seeds == (0, 1)
    # 10/12 and 12/12
    assert folds.accuracy(both).mean == pytest.approx(11 / 12)
    assert "hybrid, seed 2" in fold_tables.provenance(runs)
    assert folds.pool(runs[-2:], "hybrid") is None and folds.pool(runs, "pixels") is None


def test_difference_is_paired_over_people(root, pooled):
    write(root, "frame-ckplus", wrong=[])
    other = folds.pool(tables.select("chew/frame-ckplus", "short"), "hybrid")
    gain = folds.difference(other, pooled)
    # Only person 0 differs, by 2 of 12 images. Sums of influence: 10/6 there, -2/6 for five others;
    # (100 + 20) / 36 / 12 * 6/5 = 1/3 an image, 1/36 in all: 1.96 / 6 = 32.7 points.
    assert gain.mean == pytest.approx(100 * 2 / 12)
    assert str(gain) == "+16.7 [-16.0, +49.3]"


def test_table_keeps_rows_that_only_one_side_has(pooled):
    table = fold_tables.per_emotion(pooled, {"angry": 87, "happy": 91, "neutral": 85})
    assert table["printed"].to_dict() == {
        "angry": "87", "happy": "91", "contempt": "–", "neutral": "85"
    }  # fmt: skip
    # Four called contempt rightly and one (row 1) wrongly; F1 = 8 / 9.
    assert table.loc["contempt", "precision"] == "80.0" and table.loc["contempt", "F1"] == "88.9"
    assert table.loc["neutral", "recall"] == "no frames" and table.loc["angry", "images"] == "4"
    overall = fold_tables.overall(pooled, 88.3)
    assert overall.loc["accuracy", "all folds together"] == "83.3 [50.0, 100.0]"
    assert overall.loc["accuracy", "printed"] == "88.3"


def test_networks_beside_each_other(root, pooled):
    write(root, "seven-ckplus", wrong=[0, 1, 2], variant="pixels")
    table = fold_tables.networks(tables.select("chew/seven-ckplus", "short"), {"pixels": 83.6})
    assert table.loc["pixels", "printed"] == "83.6" and table.loc["hybrid", "printed"] == "–"
    assert table.loc["pixels", "hybrid minus it"].startswith("+8.3 [")  # one image of twelve
    assert table.loc["hybrid", "hybrid minus it"] == "–"


def test_each_sin_by_hand(root):
    write(root, "seven-ckplus", wrong=[0, 1, 2], peeked=[0, 1])
    write(root, "sequence-ckplus", wrong=[0, 1], peeked=[0, 1], unit="sequence")
    write(root, "frame-ckplus", wrong=[0], peeked=[], unit="frame")
    scored = sins.levels(sins.select("short"))
    worth = {sin.name: round(0.12 * sin.points.mean, 9) for sin in sins.sins(scored)}
    # Wrong of twelve: 3 by subject, 2 by sequence, 1 by frame; peeking at the test fold 2 and 0.
    assert list(worth.values()) == [1, 1, 1, 3]
    said = sins.sentence(scored, printed=88.3)
    # 9/12 to 12/12, and 88.3 is between
    assert "75.0 % to **100.0 %**" in said and "lies between the two" in said
    assert "lies above both" in sins.sentence(scored, printed=101)
    assert "lies below both" in sins.sentence(scored, printed=75)
    table = sins.table(scored)
    assert table.loc["frame", "epoch by test fold"] == "100.0"
    chart = figures_protocols.sins(scored)
    dots = [line.get_xdata()[0] for line in chart.axes[0].lines if line.get_marker() == "o"]
    np.testing.assert_allclose(dots, np.array([1, 1, 1, 3]) * 100 / 12)


def test_what_is_not_recorded_is_said(root):
    scored = sins.levels(sins.select("short"))
    assert scored == {} and sins.sins(scored) == []
    assert "not recorded yet" in sins.sentence(scored, 88.3)
    assert set(sins.table(scored).to_numpy().ravel()) == {"–"}
    assert fold_tables.per_emotion(None, {}).empty and fold_tables.overall(None).empty
    assert fold_tables.networks([], {}).empty
    for chart in (figures_protocols.sins(scored), figures_protocols.confusion(None)):
        assert "no such run" in chart.texts[0].get_text()


def greys():
    """Three people, two sequences of each, three frames; of constant grey, whose difference is the
    distance."""
    person, sequence, frame = (axis.ravel() for axis in np.indices((3, 2, 3)))
    grey = 80 * person + 20 * sequence + frame
    images = np.broadcast_to(grey[:, None, None], (18, 48, 48)).astype(np.uint8)
    labels, unknown = np.zeros(18, np.uint8), np.full(18, 3, np.uint8)
    return Faces(
        "synthetic", images, labels, unknown, person.astype(np.int32),
        (2 * person + sequence).astype(np.int32), np.zeros(18, "S1"), "0" * 64,
    )  # fmt: skip


def test_nearest_training_face_by_hand():
    by = near_copies.nearest(greys(), folds=3).groupby("folds by")
    # Every face is a test face once under each kind of fold.
    assert by.size().to_dict() == {"frame": 18, "sequence": 18, "subject": 18}
    # Nearest across people: 80 - 22 = 58; across sequences: 20 - 2 = 18; across frames: 1.
    least = by["distance"].min()
    assert least["subject"] >= 58 and least["sequence"] >= 18
    assert least["frame"] == pytest.approx(1)
    assert by["same person"].mean()["subject"] == 0 and by["same sequence"].mean()["sequence"] == 0
    assert by["same sequence"].mean()["frame"] > 0 and by["same emotion"].mean()["subject"] == 1


def test_drawn_sequences_hold_near_copies():
    film = near_copies.filmed("synthetic", people=4)
    assert len(film) == 4 * 3 * 3 and len(np.unique(film.sequence)) == 12
    again = near_copies.filmed("synthetic", people=4)
    np.testing.assert_array_equal(film.images, again.images)
    found = near_copies.nearest(film, folds=4)
    middle = found.groupby("folds by")["distance"].median()
    assert middle["frame"] < middle["sequence"] < middle["subject"]
    assert "the same person for 0%" in near_copies.nearest_sentence(found)
    axis = figures_protocols.nearest(found).axes[0]
    assert [tick.get_text() for tick in axis.get_yticklabels()] == ["subject", "sequence", "frame"]
