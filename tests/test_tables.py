"""Tables computed from records: every cell against a value derived by hand."""

import numpy as np
import pytest

from ferbook.report import figures, tables
from ferbook.study import records
from ferbook.study.cards import open_card, write_card
from test_records import COUNT, content, faces, landmarks


def one_hot(classes):
    return np.eye(7, dtype=np.float32)[np.asarray(classes)]


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Two networks, two seeds, ten test faces; truth is 4 5 6 0 1 2 3 4 5 6 (rows 60 to 69)."""
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path))
    dataset = faces()
    write_card(tmp_path / "datasets", dataset, landmarks())
    truth = np.arange(60, 70) % 7
    wrong = (truth + 1) % 7
    for variant, right in (("hybrid", (8, 6)), ("pixels", (5, 5))):
        for seed, count in enumerate(right):
            said = np.where(np.arange(10) < count, truth, wrong)
            part = {"rows": np.arange(60, 70), "views": {"plain": one_hot(said)}}
            part["views"]["flip"] = one_hot(truth)
            validation = {"rows": np.arange(50, 60), "views": {"plain": one_hot(wrong)}}
            records.write(
                tmp_path / "chew" / f"x_{variant}_short_s{seed}",
                content(dataset, variant=variant, seed=seed),
                {"test": part, "validation": validation},
            )
    return tables.select("chew/x", "short", ["pixels", "hybrid"])


def test_select_orders_by_variant_and_seed(results):
    names = [(r.config["variant"], r.config["seed"]) for r in results]
    assert names == [("pixels", 0), ("pixels", 1), ("hybrid", 0), ("hybrid", 1)]
    assert tables.select("chew/x", "paper") == [] and tables.select("chew/y", "short") == []


def test_ablation_by_hand(results):
    table = tables.ablation(results)
    # Hybrid: 0.8 and 0.6, mean 0.7, s^2 / 2 = 0.01; sampling 0.7 * 0.3 / 10 = 0.021; half width
    # t * sqrt(0.031) with (0.031 / 0.01)^2 = 9.61 degrees of freedom, t = 2.240: 39.4 points,
    # cut at 100.
    assert table.loc["hybrid", "PrivateTest"] == "70.0 [30.6, 100.0]"
    assert table.loc["hybrid", "PrivateTest, flip averaged"] == "100.0"
    assert table.loc["hybrid", "seeds"] == 2
    assert list(table.index) == ["pixels", "hybrid"]


def test_difference_by_hand(results):
    table = tables.difference(results, "hybrid", "pixels")
    # Seed 0: 8 against 5 right, all 5 shared: p = 2 / 2^3 = 0.25. Seed 1: 6 against 5: p = 1.
    assert table.loc["all", "difference"].startswith("+20.0 [")
    assert table.loc["all", "images"] == "10" and table.loc["all", "largest p"] == "1"
    assert tables.difference(results, "hybrid", "nobody").empty


def test_provenance_says_what_was_reduced(results):
    text = tables.provenance(results)
    assert "epochs 50 instead of 50" in text and "seeds 0, 1" in text and "recompressed" in text
    assert "No such run" in tables.provenance([])
    assert tables.ablation([]).empty


def test_width_is_said_where_it_was_reduced(results):
    assert tables.width(results) == tables.width([]) == ""
    config = results[0].config
    config["reduced"]["widths"], config["model"]["widths"] = [32, 64, 128, 256], [16, 32, 64, 128]
    assert "16-32-64-128 channels in the four blocks" in tables.width(results)
    assert "instead of 32-64-128-256." in tables.width(results)


def test_detection_and_counts_by_hand(results, tmp_path):
    card = open_card(tmp_path / "datasets", "fer2013", faces().fingerprint)
    # Rows 9, 19, 29, 39, 49 of 50 training faces are missed, one of ten in the other parts.
    table = tables.detection(card)
    assert table.loc["all", "Training"] == pytest.approx(10.0)
    # Class of row 9 is 2, fear; of its 8 - 1 = 7 training faces (rows 2, 9, ..., 44) one is missed.
    assert table.loc["fear", "Training"] == pytest.approx(100 / 7)
    assert table.loc["all", "all"] == pytest.approx(100 * 7 / 70)
    counts = tables.class_counts(card)
    assert counts.loc["all", "all"] == COUNT and counts.loc["angry", "Training"] == 8


def test_duplicates_by_hand(results, tmp_path):
    card = open_card(tmp_path / "datasets", "fer2013", faces().fingerprint)
    copies = tables.duplicates(card)
    # Faces 0 and 1 are one image, both in Training, with two labels.
    assert copies["distinct images"] == COUNT - 1
    assert copies["images with at least one exact copy"] == 2
    assert copies["distinct images in more than one split"] == 0
    assert copies["distinct images under two labels"] == 1
    assert copies["PrivateTest images that are also in Training"] == 0


def test_figures_draw_what_the_tables_say(results, tmp_path):
    card = open_card(tmp_path / "datasets", "fer2013", faces().fingerprint)
    axes = figures.class_counts(card).axes
    assert [text.get_text() for text in axes[0].texts] == ["8", "7", "7", "7", "7", "7", "7"]
    chart = figures.ablation(results, {"hybrid": 82.5})
    dots = [line.get_xdata().tolist() for line in chart.axes[1].lines if line.get_marker() == "o"]
    np.testing.assert_allclose(dots, [[50, 50], [80, 60]])
    (printed,) = [line for line in chart.axes[1].lines if line.get_marker() == "D"]
    assert printed.get_xdata() == [82.5]
    matrix = tables.confusion_of(results[0])
    assert figures.confusion(matrix).axes[0].get_xlabel() == "predicted"


def test_no_records_are_said_and_drawn_as_such(results):
    for chart in (figures.ablation([]), figures.learning_curves([])):
        assert "no such run" in chart.texts[0].get_text()
    assert tables.difference([], "hybrid", "pixels").empty
    assert tables.pooled_confusion([], "pixels").sum() == 0
    # Two runs of ten faces each.
    assert tables.pooled_confusion(results, "hybrid").sum() == 20
