"""What figures say to those who do not see them: the numbers by hand, and the way to the page."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ferbook.report import alternatives, tables
from ferbook.report.chew import figures_inputs
from ferbook.report.chew.contrasts import Compared, Level
from ferbook.report.effects import NOTHING, Effect
from ferbook.report.notebooks import run_notebook
from ferbook.study import records
from ferbook.study.cards import open_card, write_card
from ferbook.study.evaluation import Summary
from test_records import content, faces, landmarks


@pytest.fixture
def card(tmp_path):
    dataset = faces()
    write_card(tmp_path / "datasets", dataset, landmarks())
    return open_card(tmp_path / "datasets", "fer2013", dataset.fingerprint)


@pytest.fixture
def two_runs(card, tmp_path, monkeypatch):
    """One network, two seeds, ten test faces of which 8 and 5 are right; 3 and 6 of validation."""
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path))
    truth = np.arange(60, 70) % 7
    for seed, right, ends in ((0, 8, (0.2, 0.5)), (1, 5, (0.4, 0.6))):
        said = np.where(np.arange(10) < right, truth, (truth + 1) % 7)
        part = {"rows": np.arange(60, 70), "views": {"plain": np.eye(7, dtype=np.float32)[said]}}
        about = content(faces(), seed=seed)
        epoch = about["history"][0]
        about["history"] = [
            {**epoch, "epoch": i + 1, "validation_accuracy": value} for i, value in enumerate(ends)
        ]
        records.write(tmp_path / "chew" / f"x_hybrid_short_s{seed}", about, {"test": part})
    return tables.select("chew/x", "short")


def test_a_text_that_is_shown_reaches_the_cell_and_the_figure_is_shown_once(tmp_path, monkeypatch):
    for folder in ("notebooks", "reported", "experiments"):
        (tmp_path / folder).mkdir()
    (tmp_path / "notebooks" / "small.py").write_text(
        '# %% tags=["parameters"]\nshare: float = 0.5  # drawn; 0 to 1\n\n'
        '# %% mystnb={"image": {"alt": "a bar", "width": "50%"}}\n'
        "import matplotlib.pyplot as plt\n"
        "from ferbook.report import alternatives, figures\n"
        "figures.style()\nfigure, axis = plt.subplots()\n"
        'alternatives.show(figure, f"one bar of {share:.0%}")\n\n'
        '# %% mystnb={"image": {"alt": "the same"}}\nfigure, axis = plt.subplots()\n'
    )
    monkeypatch.setenv("FERBOOK_ROOT", str(tmp_path))
    run_notebook("small", ["share=0.25"], output=tmp_path / "out.ipynb")
    *_, told, plain = json.loads((tmp_path / "out.ipynb").read_text())["cells"]
    assert told["metadata"]["mystnb"]["image"] == {"alt": "one bar of 25%", "width": "50%"}
    (output,) = told["outputs"]
    forms = {"image/svg+xml", "application/pdf", "text/csv", "text/plain"}
    assert set(output["data"]) == forms
    assert plain["metadata"]["mystnb"]["image"] == {"alt": "the same"}


def test_class_counts_by_hand(card):
    # Training has 50 faces of classes 0 to 6 in turn: 8 of class 0, angry, 7 of each other; among
    # equals the last name counts as least. The other parts have 10 faces: rows 50 to 59 begin with
    # class 1 and give 2 to classes 1, 2, 3; rows 60 to 69 begin with class 4, 2 to 4, 5, 6.
    text = alternatives.class_counts(card)
    assert "in Training, PublicTest, PrivateTest" in text
    assert "In Training most angry (16.0 %), least disgust (14.0 %)" in text
    assert "by more than 10.0 points" in text  # 20 and 10 % of classes 1 to 6


def test_detection_by_hand(card):
    # Rows 9, 19, ..., 69 are missed: one face of each class, of ten.
    text = alternatives.detection(card)
    assert "(10.0 %), least" in text and text.endswith("10.0 % of all")
    none = replace(card, detected=card.detected | (card.labels != 3))
    assert "most happy (10.0 %)" in alternatives.detection(none)


def test_ablation_and_learning_curves_by_hand(two_runs):
    text = alternatives.ablation(two_runs, {"hybrid": 82.5})
    assert text.endswith("in % on PrivateTest: hybrid 65.0; printed: hybrid 82.5")  # 80 and 50
    assert "printed" not in alternatives.ablation(two_runs)
    # 20 and 40 at first, 50 and 60 in the end
    assert "2 epochs; hybrid from 30 to 55 %" in alternatives.learning_curves(two_runs)
    assert alternatives.ablation([]) == alternatives.learning_curves([]) == alternatives.NOTHING


def test_histories_by_hand():
    curves = {"pixels": [{"validation_accuracy": 0.1}, {"validation_accuracy": 0.4}]}
    assert alternatives.histories(curves).endswith("in the end pixels 40 %")


def test_confusion_by_hand():
    matrix = np.array([[8, 2, 0], [1, 9, 0], [0, 4, 6]])
    text = alternatives.confusion(matrix, ["angry", "happy", "sad"])
    assert "76.7 % right" in text  # 23 of 30
    assert "most happy (90.0 %), least sad (60.0 %)" in text
    assert text.endswith("sad taken for happy, 40 %")
    assert alternatives.confusion(np.zeros((7, 7), int)) == alternatives.NOTHING


def test_levels_and_contrasts_by_hand():
    level = Level((0.5, 0.6), Summary(0.55, 2, 0.5, 0.6), 70, 10)
    found = {"landmarks": replace(level, values=(0.4,)), "pixels": level}
    assert figures_inputs.say_levels(found).endswith("in %, pixels 55.0, landmarks 40.0")
    images, seeds = Effect(2, 1, 3, 1, 70), Effect(2, -1, 5, 2, 70)
    one = Compared("a − b", images, replace(images, low=1, high=3), 0.1)
    two = Compared("c − d", images, seeds, 0.1)
    text = figures_inputs.say_contrasts([one, two, Compared("e", NOTHING, NOTHING, 1.0)], "points")
    assert text.endswith("points: a − b +2.0 [+1.0, +3.0]; c − d +2.0 [-1.0, +5.0]")
    for empty in (figures_inputs.say_levels({}), figures_inputs.say_contrasts([], "points")):
        assert empty == alternatives.NOTHING


def test_learning_by_hand():
    rows = [
        ("none", 0, 1, 20.0, 30.0), ("none", 0, 2, 70.0, 40.0), ("none", 1, 2, 80.0, 44.0),
        ("all four", 0, 1, 25.0, 26.0),
    ]  # fmt: skip
    curves = pd.DataFrame(rows, columns=["condition", "seed", "epoch", "training", "validation"])
    said = figures_inputs.say_learning(curves, ["none", "all four"])
    assert "none: training 75.0, validation 42.0" in said
    assert "all four: training 25.0, validation 26.0" in said
    assert figures_inputs.say_learning(curves, ["no flip"]) == alternatives.NOTHING
