"""Training against validation accuracy, by hand."""

import numpy as np
import pytest

from ferbook.report.chew import figures_inputs, overfitting
from ferbook.report.effects import Effect, Term
from ferbook.study import records
from ferbook.study.cards import write_card
from test_records import content, faces, landmarks

NONE, ALL = Term("chew/x", "none"), Term("chew/x", "all")
TERMS = {"all four": ALL, "none": NONE}


def put(root, variant, seed, training, validation, right=10, plain=None):
    """A run of two epochs, the second kept; `right` of its ten validation faces, rows 50 to 59,
    and `plain` of its fifty training faces are right."""
    dataset = faces()
    write_card(root / "datasets", dataset, landmarks())
    data = content(dataset, variant=variant, seed=seed)
    start = data["history"][0]
    data["history"] = [
        {**start, "epoch": 1, "train_accuracy": 0.1, "validation_accuracy": 0.2},
        {**start, "epoch": 2, "train_accuracy": training, "validation_accuracy": validation},
    ]
    data["selected_epoch"] = 2
    parts = {"validation": np.arange(50, 60), "test": np.arange(60, 70)}
    counts = {"validation": right, "test": 10}
    if plain is not None:
        parts["train"], counts["train"] = np.arange(50), plain
    predictions = {}
    for part, rows in parts.items():
        said = np.where(np.arange(len(rows)) < counts[part], rows % 7, (rows + 1) % 7)
        views = {"plain": np.eye(7, dtype=np.float32)[said]}
        predictions[part] = {"rows": rows, "views": views}
    records.write(root / "chew" / f"x_{variant}_short_s{seed}", data, predictions)


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path))
    put(tmp_path, "none", 0, training=0.9, validation=0.5, right=5)
    put(tmp_path, "all", 0, training=0.3, validation=0.6, right=6, plain=35)
    return tmp_path


def test_the_table_keeps_both_kinds_of_training_accuracy_apart(root):
    table = overfitting.table(TERMS, "short")
    assert list(table.loc["all four"]) == ["30.0", "70.0", "60.0", "2"]
    assert list(table.loc["none"]) == ["90.0", "–", "50.0", "2"]
    assert overfitting.table(TERMS, "paper").empty


def test_the_gap_is_taken_on_images_as_they_are(root):
    found = overfitting.closed(NONE, ALL, "short")
    # none: 0.9 - 0.5; all: 35 of 50 - 0.6; the gap is 30 points narrower
    assert (found.mean, found.seeds, found.images) == (pytest.approx(30), 1, 10)
    # variance: validation 0.1 x 0.9 / 10, one image of ten differing; training p (1 - p) / 50
    variance = 0.09 / 10 + 0.9 * 0.1 / 50 + 0.7 * 0.3 / 50
    assert found.high - found.mean == pytest.approx(100 * 1.959964 * variance**0.5)
    assert overfitting.closed(NONE, Term("chew/y", "all"), "short").seeds == 0


def test_two_seeds_add_their_spread(root):
    put(root, "none", 1, training=0.8, validation=0.5, right=5)
    put(root, "all", 1, training=0.3, validation=0.6, right=6, plain=35)
    assert overfitting.closed(NONE, ALL, "short").mean == pytest.approx(25)
    assert overfitting.table(TERMS, "short").loc["none", "epoch kept"] == "2, 2"


@pytest.mark.parametrize(
    ("worth", "says", "silent"),
    [
        (Effect(-5, -6, -4, 2, 9), ["**lower**", "-5.0 [-6.0, -4.0]", "underfitted"], "memorised"),
        (Effect(5, 4, 6, 2, 9), ["**raise**", "not memorised"], "underfitted"),
        (Effect(0, -1, 1, 2, 9), ["**do not measurably change** the accuracy"], "underfitted"),
        (Effect(np.nan, np.nan, np.nan, 0, 0), ["Not both"], "underfitted"),
    ],
)
def test_the_sentence_follows_the_intervals(root, worth, says, silent):
    said = overfitting.sentence(NONE, ALL, worth, "short")
    assert all(part in said for part in says) and silent not in said
    if worth.seeds:
        assert "in 70.0 %, those with none in 90.0 %" in said
        # 0.9 - 0.5 in the last epoch, as drawn below
        assert "+40.0 points without augmentation" in said
        assert "very networks" in said  # the gap is of one seed


def test_underfitted_takes_a_loss_on_training_images_too(root):
    put(root, "worse", 0, training=0.6, validation=0.5, right=5)
    said = overfitting.sentence(Term("chew/x", "worse"), ALL, Effect(-5, -6, -4, 2, 9), "short")
    assert "underfitted" not in said and "augmentations widen the gap" in said  # one seed


def test_curves_and_their_figure(root):
    curves = overfitting.curves(TERMS, "short")
    np.testing.assert_allclose(curves[curves.condition == "none"].gap, [-10, 40])
    chart = figures_inputs.learning(curves, ["none"])
    (gap,) = [line for line in chart.axes[1].lines if len(line.get_xdata()) == 2][:1]
    np.testing.assert_allclose(gap.get_ydata(), [-10, 40])
    assert [text.get_text() for text in chart.legends[0].texts] == ["none", "training, as met"]
    assert "no such run" in figures_inputs.learning(curves, ["no flip"]).texts[0].get_text()
