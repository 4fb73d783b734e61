"""What the test part's say is worth, epoch by epoch, by hand."""

import numpy as np
import pytest

from ferbook.report import tables
from ferbook.report.chew import peeking
from ferbook.study import records
from ferbook.study.cards import write_card
from test_records import content, faces, landmarks


def write(root, histories, fold=None, seed=0, rows=10):
    """`histories`: (validation loss, validation accuracy, test accuracy) after each epoch."""
    split = "official" if fold is None else "folds-2-subject"
    about = content(faces(), split=split, fold=fold, seed=seed)
    first = about["history"][0]
    about["history"] = [
        {**first, "epoch": i + 1, "validation_loss": loss, "validation_accuracy": validation,
         "test_accuracy": test}
        for i, (loss, validation, test) in enumerate(histories)
    ]  # fmt: skip
    about["selected_epoch"] = 1 + int(np.argmin([loss for loss, _, _ in histories]))
    shown = {"rows": np.arange(60, 60 + rows), "views": {}}
    shown["views"] = {name: np.eye(7, dtype=np.float32)[[0] * rows] for name in ("plain", "peeked")}
    name = f"x_hybrid_short_s{seed}" + ("" if fold is None else f"_f{fold}")
    records.write(root / "chew" / name, about, {"test": shown})


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path))
    write_card(tmp_path / "datasets", faces(), landmarks())
    return tmp_path


def selected():
    return tables.select("chew/x", "short")


def test_two_steps_from_loss_to_the_test_part(root):
    # Lowest loss at epoch 1 (test 0.50), best validation at 2 (0.55), best test at 3 (0.62).
    write(root, [(1.0, 0.40, 0.50), (1.1, 0.48, 0.55), (1.2, 0.47, 0.62)])
    found = peeking.peek(selected())
    assert (found.criterion, found.test, found.seeds) == (pytest.approx(5), pytest.approx(7), 1)
    said = peeking.sentence(selected(), "the bar")
    assert said.startswith("Of the bar, +5.0 come") and "+7.0 from asking the test images" in said
    write(root, [(1.0, 0.40, 0.50)], seed=1)  # one epoch leaves no choice
    found = peeking.peek(selected())
    assert (found.criterion, found.test, found.seeds) == (pytest.approx(2.5), pytest.approx(3.5), 2)


def test_folds_weigh_by_their_images(root):
    write(root, [(1.0, 0.4, 0.5), (2.0, 0.3, 0.8)], fold=0, rows=8)
    assert peeking.peek(selected()) is None and peeking.sentence(selected()) == ""
    write(root, [(1.0, 0.4, 0.5), (2.0, 0.4, 0.5)], fold=1, rows=2)
    # 0.3 on eight images of ten, nothing on two; of equal validation accuracies, the first counts
    assert peeking.peek(selected()).test == pytest.approx(24)
    assert peeking.peek(selected()).criterion == pytest.approx(0)
