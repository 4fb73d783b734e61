"""Records: written whole, sealed, and refused when anything about them is off."""

import json
from dataclasses import replace
from hashlib import sha256

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


def reseal(folder):
    """As if the run had been written so."""
    file = folder / "record.json"
    data = json.loads(file.read_text())
    for name in data["files"]:
        data["files"][name] = sha256((folder / name).read_bytes()).hexdigest()
    data["seal"] = records.seal(data)
    file.write_text(json.dumps(data))


def test_the_earliest_form_is_still_read(written):
    folder, probabilities = written
    file = folder / "predictions.npz"
    rows = np.ones(10, np.int32)  # differences of the row ids
    old = {"test.probabilities.plain": records.quantise(probabilities)}
    for part, first in (("validation", 50), ("test", 60)):
        old[f"{part}.rows"] = np.concatenate([[first], rows[1:]]).astype(np.int32)
        old[f"{part}.predicted.plain"] = probabilities.argmax(1).astype(np.uint8)
        old[f"{part}.predicted.flip"] = probabilities[::-1].argmax(1).astype(np.uint8)
    before = records.load(folder)
    seen = {
        (part, view): before.predictions(part, view)
        for part in ("validation", "test")
        for view in ("plain", "flip")
    }
    np.savez_compressed(file, **old)
    with pytest.raises(InputError, match="not the file"):
        records.load(folder)
    reseal(folder)
    record = records.load(folder)
    assert record.views("test") == record.views("validation") == ["plain", "flip"]
    for (part, view), expected in seen.items():
        again = record.predictions(part, view)
        np.testing.assert_array_equal(again.rows, expected.rows)
        np.testing.assert_array_equal(again.truth, expected.truth)
        np.testing.assert_array_equal(again.predicted, expected.predicted)
        assert (again.probabilities is None) == (expected.probabilities is None)
    np.testing.assert_array_equal(
        record.predictions().probabilities, seen["test", "plain"].probabilities
    )


def one_hot(classes, width=8):
    return np.eye(width, dtype=np.float32)[np.asarray(classes)]


@pytest.fixture
def scored(tmp_path):
    """A record with every part and, in three epochs, the test part's accuracy; class 7 occurs."""
    dataset, other = faces(), replace(faces("ckplus48"), labels=np.full(COUNT, 3, np.uint8))
    other = replace(other, fingerprint=fingerprint(other.images, other.labels, other.split))
    for known in (dataset, other):
        write_card(tmp_path / "datasets", known, landmarks())
    data = content(dataset, scores=["train", "peeked", "spoilt"], cross="ckplus48")
    data["cross"] = {"name": "ckplus48", "fingerprint": other.fingerprint}
    data["history"] = [
        {**data["history"][0], "epoch": epoch, "test_accuracy": epoch / 10} for epoch in (1, 2, 3)
    ]
    test = np.arange(60, 70)
    predictions = {
        "test": {
            "rows": test,
            "views": {
                view: one_hot([k] * 10) for k, view in enumerate(("plain", "flip", "peeked"))
            },
        },
        "train": {"rows": np.arange(0, 50, 7), "views": {"plain": one_hot([5] * 8)}},
        "spoilt": {
            "rows": np.array([69, 61, 61]),  # doubled faces are neither ascending nor once each
            "views": {"plain": one_hot([1, 2, 3]), "square-5/found": one_hot([7, 0, 7])},
        },
        "cross": {
            "rows": np.array([2, 4]),
            "views": {"plain": one_hot([6, 3], 9), "shared": one_hot([1, 3], 9)},
        },
    }
    folder = tmp_path / "chew" / "x_hybrid_short_s0"
    records.write(folder, data, predictions)
    return folder


def test_views_are_stacked_by_part(scored):
    record = records.load(scored)
    assert record.views("test") == ["plain", "flip", "peeked"]
    assert record.views("spoilt") == ["plain", "square-5/found"] and record.views("dream") == []
    for number, view in enumerate(record.views("test")):
        assert set(record.predictions("test", view).predicted.tolist()) == {number}
    train = record.predictions("train")
    assert train.rows.tolist() == [0, 7, 14, 21, 28, 35, 42, 49] and train.probabilities is None
    spoilt = record.predictions("spoilt", "square-5/found")
    assert spoilt.rows.tolist() == [69, 61, 61] and spoilt.predicted.tolist() == [7, 0, 7]
    assert spoilt.truth.tolist() == [69 % 7, 61 % 7, 61 % 7]
    with np.load(scored / "predictions.npz") as arrays:
        assert arrays["test.predicted"].shape == (3, 10)
        # Probabilities are kept of the plain test part alone.
        assert [name for name in arrays.files if "prob" in name] == ["test.probabilities.plain"]
    for part, view in (("test", "masked"), ("dream", "plain"), ("validation", "plain")):
        with pytest.raises(InputError, match=f"no predictions for {part}, view {view}"):
            record.predictions(part, view)


def test_the_other_datasets_truth_is_on_its_own_card(scored):
    record = records.load(scored)
    assert record.cross_card.name == "ckplus48" and record.card.name == "fer2013"
    assert record.predictions("cross").truth.tolist() == [3, 3]
    assert record.predictions("cross").predicted.tolist() == [6, 3]
    assert record.predictions("cross", "shared").predicted.tolist() == [1, 3]


def test_a_run_without_another_dataset_says_so(written):
    record = records.load(written[0])
    with pytest.raises(InputError, match="this run was scored on no other dataset"):
        _ = record.cross_card


def test_an_epoch_is_a_line(scored):
    lines = (scored / "record.json").read_text().splitlines()
    epochs = [json.loads(line.rstrip(",")) for line in lines if line.startswith('  {"epoch"')]
    assert epochs == records.load(scored).history and len(epochs) == 3
    assert [epoch["test_accuracy"] for epoch in epochs] == [0.1, 0.2, 0.3]
    entries = [line for line in lines if line.startswith(' "')]
    data = json.loads((scored / "record.json").read_text())
    assert [
        json.loads("{" + line.rstrip(",[") + ("[]}" if "history" in line else "}"))
        for line in entries
    ]
    assert len(entries) == len(data)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda d: d["history"][1].update(test_accuracy=0.9), "seal does not match"),
        (lambda d: d["history"].pop(), "seal does not match"),
        (lambda d: d["cross"].update(name="fer2013"), "seal does not match"),
        (lambda d: d["config"].update(cross=None), "seal does not match"),
        (lambda d: d["config"]["scores"].pop(), "seal does not match"),
        (lambda d: d["history"][1].update(test_accuracy=1.1), r"field history\.1\.test_accuracy"),
        (lambda d: d["config"].update(scores="all"), r"field config\.scores"),
        (lambda d: d["cross"].update(fingerprint="short"), r"field cross\.fingerprint"),
    ],
)
def test_the_seal_covers_what_came_later(scored, edit, message):
    file = scored / "record.json"
    data = json.loads(file.read_text())
    edit(data)
    file.write_text(json.dumps(data))
    with pytest.raises(InputError, match=message) as error:
        records.load(scored)
    assert "\n" not in str(error.value)
    assert not records.is_complete(scored)


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


@pytest.mark.parametrize("key", ["name", "fingerprint", "emotions", "judgement", "detector"])
def test_a_card_with_a_misspelt_key_is_one_line(tmp_path, key):
    folder = write_card(tmp_path, faces(), landmarks())
    text = (folder / "card.json").read_text()
    (folder / "card.json").write_text(text.replace(f'"{key}":', f'"{key[:-1]}":', 1))
    with pytest.raises(InputError, match=f"not a readable dataset card .*{key}"):
        cards(tmp_path)


def test_an_edited_card_is_refused(tmp_path):
    dataset = faces()
    file = write_card(tmp_path, dataset, landmarks()) / "card.npz"
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(InputError, match=r"card\.npz: not the file"):
        open_card(tmp_path, "fer2013", dataset.fingerprint)
