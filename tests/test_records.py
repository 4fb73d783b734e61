"""Records: written whole, sealed, and refused when anything about them is off."""

import json

import numpy as np
import pytest

from ferbook.data.faces import Faces, fingerprint
from ferbook.errors import InputError
from ferbook.study import records
from ferbook.study.cards import cards, open_card, write_card
from ferbook.study.recipe import recipe
from ferbook.vision.landmarks import Landmarks

COUNT = 70


def faces(name="fer2013"):
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (COUNT, 48, 48), dtype=np.uint8)
    images[1] = images[0]  # an exact copy
    labels = (np.arange(COUNT) % 7).astype(np.uint8)
    split = np.repeat(np.array([0, 1, 2], np.uint8), [50, 10, 10])
    nobody = np.full(COUNT, -1, np.int32)
    source = np.array([f"row {i}" for i in range(COUNT)], dtype="S")
    return Faces(
        name, images, labels, split, nobody, nobody, source, fingerprint(images, labels, split)
    )


def landmarks():
    points = np.full((COUNT, 68, 2), 24, np.float32)
    detected = np.arange(COUNT) % 10 != 9
    box = np.tile(np.array([0, 0, 48, 48], np.float32), (COUNT, 1))
    box[5] = (40, 40, 60, 60)  # detected, but hardly in the frame
    return Landmarks(points, detected, np.where(detected, 1, np.nan).astype(np.float32), box)


def content(dataset, **config):
    full = {
        "paper": "chew", "experiment": "x", "variant": "hybrid", "dataset": "fer2013",
        "split": "official", "tier": "short", "seed": 0, "fold": None,
        "recipe": recipe("chew").as_dict(), "reduced": {"epochs": 50},
        "model": {"family": "hybrid"}, "undetected": "frame",
    }  # fmt: skip
    epoch = {
        "epoch": 1, "lr": 1e-4, "train_loss": 1.9, "train_accuracy": 0.2,
        "validation_loss": 1.8, "validation_accuracy": 0.3, "seconds": 1.5,
    }  # fmt: skip
    return {
        "config": {**full, **config},
        "dataset": {
            "name": dataset.name, "fingerprint": dataset.fingerprint, "verdict": "recompressed",
            "ways": [], "detector": "x3", "rows": {"train": 50, "validation": 10, "test": 10},
        },
        "parameters": 10, "history": [epoch], "selected_epoch": 1, "seconds": 1.5,
        "finished": "2026-01-01T00:00:00+00:00", "hardware": {"device": "cpu"},
        "versions": {"torch": "2"}, "source": "0" * 64,
    }  # fmt: skip


@pytest.fixture
def written(tmp_path):
    dataset = faces()
    write_card(tmp_path / "datasets", dataset, landmarks())
    generator = np.random.default_rng(1)
    probabilities = generator.dirichlet(np.ones(7), 10).astype(np.float32)
    rows = {"validation": np.arange(50, 60), "test": np.arange(60, 70)}
    predictions = {
        part: {"rows": index, "views": {"plain": probabilities, "flip": probabilities[::-1]}}
        for part, index in rows.items()
    }
    folder = tmp_path / "chew" / "x_hybrid_short_s0"
    records.write(folder, content(dataset), predictions, {"map": np.ones(3)})
    return folder, probabilities


def test_what_is_written_is_read(written):
    folder, probabilities = written
    assert records.is_complete(folder)
    record = records.load(folder)
    assert record.id == "chew/x_hybrid_short_s0"
    assert record.views("test") == ["plain", "flip"]
    plain = record.predictions("test", "plain")
    np.testing.assert_array_equal(plain.rows, np.arange(60, 70))
    np.testing.assert_array_equal(plain.truth, np.arange(60, 70) % 7)
    np.testing.assert_array_equal(plain.predicted, probabilities.argmax(1))
    np.testing.assert_allclose(plain.probabilities, probabilities, atol=0.012)
    assert record.predictions("validation", "plain").probabilities is None
    np.testing.assert_array_equal(
        record.predictions("test", "flip").predicted, probabilities[::-1].argmax(1)
    )
    assert record.artifacts["map"].tolist() == [1, 1, 1]
    assert [other.id for other in records.load_all(root=folder.parent.parent)] == [record.id]
    assert records.load_all("qiu", root=folder.parent.parent) == []


def test_quantising_never_changes_the_predicted_class():
    generator = np.random.default_rng(2)
    probabilities = generator.dirichlet(np.full(7, 0.3), 5000)
    tie = np.array([[0.3333, 0.3334, 0.3333, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0]])
    for p in (probabilities, tie):
        steps = records.quantise(p)
        np.testing.assert_array_equal(steps.argmax(1), p.argmax(1))
        assert np.abs(steps / 255 - p).max() <= 1.5 / 255 + 1e-9
        ranked = np.sort(steps, axis=1)
        assert (ranked[:, -1] > ranked[:, -2]).all()


def test_a_record_is_never_overwritten(written):
    with pytest.raises(InputError, match="never overwritten"):
        records.write(written[0], content(faces()), {})


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda d: d["history"][0].update(validation_accuracy=0.9), "seal does not match"),
        (lambda d: d["config"].update(tier="huge"), r"field config\.tier"),
        (lambda d: d["config"].pop("seed"), r"field config\.seed"),
        (lambda d: d.update(comment="better"), "field comment"),
        (lambda d: d.update(seal="f" * 64), "seal does not match"),
        (lambda d: d.update(format=2), "field format"),
    ],
)
def test_an_edited_record_is_refused(written, edit, message):
    file = written[0] / "record.json"
    data = json.loads(file.read_text())
    edit(data)
    file.write_text(json.dumps(data))
    with pytest.raises(InputError, match=message):
        records.load(written[0])
    assert not records.is_complete(written[0])


@pytest.mark.parametrize("damage", ["truncated", "missing", "other"])
def test_damaged_predictions_are_refused(written, damage):
    file = written[0] / "predictions.npz"
    whole = file.read_bytes()
    file.unlink()
    if damage != "missing":
        file.write_bytes(whole[:100] if damage == "truncated" else whole + b"x")
    with pytest.raises(InputError, match=r"predictions\.npz: missing or not the file"):
        records.load(written[0])
    assert not records.is_complete(written[0])


def test_not_json_is_one_line(written):
    (written[0] / "record.json").write_text("{")
    with pytest.raises(InputError, match="not a readable record") as error:
        records.load_all(root=written[0].parent.parent)
    assert "\n" not in str(error.value)


def test_a_killed_writer_leaves_nothing_that_counts(tmp_path):
    stale = tmp_path / "chew" / ".x_hybrid_short_s0.99"
    stale.mkdir(parents=True)
    (stale / "record.json").write_text("{}")
    assert records.load_all(root=tmp_path) == []
    dataset = faces()
    write_card(tmp_path / "datasets", dataset, landmarks())
    records.write(tmp_path / "chew" / "x_hybrid_short_s0", content(dataset), {})
    assert not stale.exists()


def test_card_by_hand(tmp_path):
    dataset = faces()
    folder = write_card(tmp_path, dataset, landmarks())
    assert write_card(tmp_path, dataset, landmarks()) == folder  # again: nothing to do
    card = open_card(tmp_path, "fer2013", dataset.fingerprint)
    # 50 training faces with labels 0..6 in turn: 8 of class 0, 7 of the others.
    assert card.counts()["train"].tolist() == [8, 7, 7, 7, 7, 7, 7]
    assert card.duplicate_group[0] == card.duplicate_group[1]
    assert len(set(card.duplicate_group.tolist())) == COUNT - 1
    assert card.detected.sum() == 63 and card.framed.sum() == 62  # face 5's box is off the frame
    assert card.thumbnails["images"].shape == (21, 48, 48)
    assert [c.name for c in cards(tmp_path)] == ["fer2013"]


def test_ckplus_cards_carry_no_pixels(tmp_path):
    dataset = faces("ckplus48")
    write_card(tmp_path, dataset, landmarks())
    assert open_card(tmp_path, "ckplus48", dataset.fingerprint).thumbnails == {}


def test_an_edited_card_is_refused(tmp_path):
    dataset = faces()
    file = write_card(tmp_path, dataset, landmarks()) / "card.npz"
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(InputError, match=r"card\.npz: not the file"):
        open_card(tmp_path, "fer2013", dataset.fingerprint)
