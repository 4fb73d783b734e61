"""FER2013 and FER+ one change at a time, and where relabelled faces stand in their original."""

from dataclasses import replace

import numpy as np
import pytest

from ferbook.data.faces import fingerprint
from ferbook.errors import InputError
from ferbook.report import tables
from ferbook.report.chew import relabelled
from ferbook.study import cards, records
from test_records import content, landmarks
from test_records import faces as plain_faces

TEST = np.arange(60, 70)
KEPT = np.setdiff1d(np.arange(70), [5, 60, 61, 62, 63, 64])  # ten test faces lose five


def original():
    return replace(plain_faces(), source=np.array([f"row {i:02}" for i in range(70)], dtype="S"))


def voted():
    """The kept faces, of which row 65 (angry to disgust: 2 to 3) has a label of its own."""
    few = original().take(KEPT)
    labels = few.labels.copy()
    labels[KEPT == 65] = (labels[KEPT == 65] + 1) % 7
    mark = fingerprint(few.images, labels, few.split)
    judgement = {**few.judgement, "faces_of": original().fingerprint}
    return replace(few, name="ferplus", labels=labels, fingerprint=mark, judgement=judgement)


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path))
    monkeypatch.setattr(cards, "open_faces", lambda name: original())
    found = landmarks()
    cards.write_card(tmp_path / "datasets", original(), found)
    few = type(found)(*(getattr(found, f)[KEPT] for f in ("points", "detected", "score", "box")))
    cards.write_card(tmp_path / "datasets", voted(), few)
    return tmp_path


def write(root, dataset, experiment, rows, predicted, seed=0):
    about = content(dataset, experiment=experiment, seed=seed)
    about["config"]["dataset"] = dataset.name
    shown = {"rows": rows, "views": {"plain": np.eye(7, dtype=np.float32)[predicted]}}
    records.write(root / "chew" / f"{experiment}_hybrid_short_s{seed}", about, {"test": shown})


def found():
    return relabelled.stages(
        tables.select("chew/official-fer2013", "short"), tables.select("chew/ferplus", "short")
    )


def both(root, seed=0):
    """FER2013's network errs on 60 to 63 and says FER+'s label of 65; FER+'s is always right."""
    truth = original().labels[TEST].astype(int)
    said = np.where(np.isin(TEST, [60, 61, 62, 63, 65]), (truth + 1) % 7, truth)
    write(root, original(), "official-fer2013", TEST, said, seed)
    rows = np.flatnonzero(KEPT >= 60)
    write(root, voted(), "ferplus", rows, voted().labels[rows].astype(int), seed)


def test_one_change_at_a_time(root):
    both(root)
    stages = found()
    # 5 of 10; 4 of the 5 kept faces; row 65 is right by FER+'s label; the other network errs never.
    assert [stage.accuracy for stage in stages] == pytest.approx([0.5, 0.8, 1.0, 1.0])
    assert [stage.images for stage in stages] == [10, 5, 5, 5]
    steps = relabelled.steps(stages)
    assert [step.mean for step in steps] == pytest.approx([30, 20, 0])
    # Inside: 2 (r - 0.8) - (r - 0.5), which is -0.1 four times and -1.1; outside: 0.5 - r, -0.5
    # once (row 64 is right) and 0.5 four times. (0.04 + 1.21 + 1.25) / 10 = 0.25 an image.
    assert steps[0].high - steps[0].mean == pytest.approx(196 * (0.25 / 10) ** 0.5, rel=1e-3)
    table = relabelled.table(stages)
    assert table["images"].tolist() == ["10", "5", "5", "5"]
    assert table["accuracy"].tolist() == ["50.0", "80.0", "100.0", "100.0"]
    assert "One seed" in relabelled.sentence(stages)


def test_two_seeds_are_no_longer_one(root):
    both(root), both(root, seed=1)
    assert "One seed" not in relabelled.sentence(found())
    assert relabelled.steps(found())[1].seeds == 2


def test_without_runs_it_says_so(root):
    assert found() == [] and relabelled.table([]).empty
    assert "not recorded yet" in relabelled.sentence([])


def test_cards_know_the_rows_of_the_original(root):
    card = cards.open_card(root / "datasets", "ferplus", voted().fingerprint)
    np.testing.assert_array_equal(card.parent, KEPT)
    assert cards.open_card(root / "datasets", "fer2013", original().fingerprint).parent is None


def test_another_original_is_refused(root, tmp_path, monkeypatch):
    other = replace(original(), fingerprint="e" * 64)
    monkeypatch.setattr(cards, "open_faces", lambda name: other)
    with pytest.raises(InputError, match="another copy of fer2013"):
        cards.write_card(tmp_path / "other", voted(), landmarks())
