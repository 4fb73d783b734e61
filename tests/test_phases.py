"""The Perturb Scheme trained for real, small: phase 1 shared, resumed, recorded, scored."""

import json
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from ferbook import paths
from ferbook.locks import locked
from ferbook.study import engine, experiments, phases, records
from ferbook.study.training import Deadline

TINY = """
paper: tiny
experiments:
  all:
    title: small
    dataset: synthetic-140
    split: official
    recipe: qiu
    short: {epochs: 2, width: 0.125, batch: 32}
    scores: [tencrop, masked]
    model: {family: backbone, name: resnet18}
    variants:
      plain: {}
      cbam: {attention: cbam}
      scheme: {perturb: {clusters: 3}}
      stack: {perturb: {clusters: 2, mode: stack, granularity: image}}
      patches: {perturb: {source: patches}}
  looks:
    title: small, with what its weights show
    dataset: synthetic-140
    split: official
    recipe: qiu
    short: {epochs: 1, width: 0.125, batch: 32}
    scores: [masked, saliency]
    model: {family: backbone, name: resnet18}
    variants:
      scheme: {perturb: {clusters: 3}}
      stack: {perturb: {clusters: 2, mode: stack, granularity: image}}
  masks:
    title: small, in masks
    dataset: synthetic-140
    split: official
    recipe: qiu
    faces: masked
    short: {epochs: 1, width: 0.125, batch: 32}
    scores: [masked]
    model: {family: backbone, name: resnet18}
    variants:
      plain: {}
"""


@pytest.fixture
def study(empty_study):
    """An empty study; returns a function that trains one of its variants."""
    empty_study(TINY)

    def train(variant, experiment="all", **limits):
        (run,) = experiments.runs(f"tiny/{experiment}/{variant}", "short", range(1))
        return engine.train_and_record(run, "cpu", **limits), run

    return train


def test_runs_that_differ_in_clusters_share_one_attention_network(study):
    epochs, run = study("cbam")
    assert epochs == 2 and len(list(paths.weights().glob("*.pt"))) == 1
    (file,) = paths.weights().glob("*.pt")
    first = file.read_bytes()
    study("scheme"), study("stack")
    assert [path.name for path in paths.weights().glob("*.pt")] == [file.name]
    assert file.read_bytes() == first
    said = records.load(run.folder)
    about = records.load(run.folder.with_name("all_scheme_short_s0")).data["phases"]["attention"]
    assert about["epochs"] == 2 and about["parameters"] == said.data["parameters"]
    chosen = said.history[said.data["selected_epoch"] - 1]
    assert about["validation_accuracy"] == chosen["validation_accuracy"]


def test_without_it_phase_1_is_trained_to_the_same_weights(study):
    study("scheme")
    (kept,) = paths.weights().glob("*.pt")
    alone = torch.load(kept, weights_only=True)["network"]
    kept.unlink()
    study("cbam")
    (again,) = paths.weights().glob("*.pt")
    shared = torch.load(again, weights_only=True)["network"]
    assert again.name == kept.name and all(torch.equal(alone[k], shared[k]) for k in alone)


def test_whichever_comes_first_trains_for_the_other(study, monkeypatch):
    trained, train = [], phases.training.train

    def note(network, feed, rows, seed, checkpoint, *rest):
        trained.append(checkpoint.suffix)
        return train(network, feed, rows, seed, checkpoint, *rest)

    monkeypatch.setattr(phases.training, "train", note)
    epochs, run = study("cbam")
    assert trained == [".unfinished"] and epochs == 2
    assert not list(paths.weights().glob("*.unfinished"))
    alone = records.load(run.folder)
    run.folder.rename(run.folder.with_name(".alone"))
    next(paths.weights().glob("*.pt")).unlink()
    study("scheme")
    assert trained[1:] == [".unfinished", ".pt"]  # phase 1, then the predictor
    heard = Counted()
    study("cbam", bar=heard)
    assert len(trained) == 3 and heard.epochs == 2  # nothing more
    shared = records.load(run.folder)
    assert _history(shared) == _history(alone) and len(shared.history) == 2
    assert shared.data["selected_epoch"] == alone.data["selected_epoch"]
    for part, view in (("validation", "plain"), ("test", "tencrop"), ("test", "masked")):
        np.testing.assert_array_equal(
            shared.predictions(part, view).predicted, alone.predictions(part, view).predicted
        )
    both = [one.predictions("test", "masked").probabilities for one in (shared, alone)]
    np.testing.assert_array_equal(*both)
    # seconds are those of the training that is told, whoever did it
    scheme = records.load(run.folder.with_name("all_scheme_short_s0"))
    assert shared.data["seconds"] == scheme.data["phases"]["attention"]["seconds"]


def test_a_kept_network_without_its_history_is_trained_anew(study):
    study("scheme")
    (file,) = paths.weights().glob("*.pt")
    state = torch.load(file, weights_only=True)
    history = state.pop("history")
    torch.save(state, file)
    _, run = study("cbam")
    assert [epoch["epoch"] for epoch in records.load(run.folder).history] == [1, 2]
    again = torch.load(file, weights_only=True)
    assert [epoch["train_loss"] for epoch in again["history"]] == [
        epoch["train_loss"] for epoch in history
    ]
    assert all(torch.equal(again["network"][k], state["network"][k]) for k in state["network"])


def test_a_run_that_peeks_at_the_test_part_trains_by_itself(study):
    (run,) = experiments.runs("tiny/all/cbam", "short", range(1))
    assert phases.shares(run) and not phases.shares(replace(run, scores=("peeked",)))
    (plain,) = experiments.runs("tiny/all/plain", "short", range(1))
    assert not phases.shares(plain)


class Counted:
    """A progress bar that says how many epochs it heard of."""

    epochs = 0

    def update(self, epochs):
        self.epochs += epochs

    def set_postfix_str(self, *_, **__):
        pass


def test_a_scheme_stopped_in_either_phase_goes_on_to_the_same_end(study):
    _, run = study("scheme")
    whole = records.load(run.folder)
    expected = whole.predictions().predicted, _history(whole)
    run.folder.rename(run.folder.with_name(".before"))
    next(paths.weights().glob("*.pt")).unlink()
    with pytest.raises(Deadline):
        study("scheme", deadline=0.0)
    for epochs, begun in ((1, False), (3, True)):  # those of before are reported again
        stopped = Interrupted(epochs)
        with pytest.raises(KeyboardInterrupt):
            study("scheme", bar=stopped)
        assert run.checkpoint.exists() == begun
        assert len(list(paths.weights().glob("*.unfinished"))) == (not begun)
    study("scheme")
    again = records.load(run.folder)
    np.testing.assert_array_equal(again.predictions().predicted, expected[0])
    assert _history(again) == expected[1]


def test_phase_1_is_left_to_the_run_that_trains_it(study, monkeypatch):
    study("scheme")
    (file,) = paths.weights().glob("*.pt")
    kept, lock = file.rename(file.with_suffix(".kept")), file.with_suffix(".lock")
    trained, train, held = [], phases.training.train, threading.Event()

    def note(network, feed, rows, seed, checkpoint, *rest):
        trained.append(checkpoint.name)
        return train(network, feed, rows, seed, checkpoint, *rest)

    def other():
        with locked(lock):
            held.set()
            time.sleep(0.3)
            kept.rename(file)

    monkeypatch.setattr(phases.training, "train", note)
    with locked(lock), pytest.raises(Deadline):  # waited for, no longer than there is time
        study("stack", deadline=time.monotonic() + 0.1)
    assert trained == []
    thread = threading.Thread(target=other)
    thread.start()
    held.wait()
    study("stack")
    thread.join()
    assert trained == ["checkpoint.pt"]


class Interrupted:
    """A progress bar, at whose n-th epoch somebody presses Ctrl-C."""

    def __init__(self, epochs):
        self.left = epochs

    def update(self, _):
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt

    def set_postfix_str(self, *_, **__):
        pass


def _history(record):
    return [{k: v for k, v in epoch.items() if k != "seconds"} for epoch in record.history]


def test_views_and_channels_of_a_record(study):
    _, run = study("stack")
    record = records.load(run.folder)
    assert record.views("test") == ["plain", "tencrop", "masked"]
    assert record.views("validation") == ["plain", "tencrop"]
    assert record.predictions("test", "masked").probabilities is not None
    _, plain = study("plain")
    # Two clusters are two channels: one more into 8 filters of 3 x 3.
    more = record.data["parameters"] - records.load(plain.folder).data["parameters"]
    assert more == 9 * 8


def test_patches_train_no_phase_1(study):
    _, run = study("patches")
    assert not paths.weights().exists() or not list(paths.weights().iterdir())
    assert "phases" not in records.load(run.folder).data


def test_learning_from_masked_faces_is_tested_on_bare_ones_too(study, monkeypatch):
    seen = []
    wear = engine.gather

    def gather(run):
        material = wear(run)
        seen.append(material)
        return material

    monkeypatch.setattr(engine, "gather", gather)
    _, run = study("plain", "masks")
    (material,) = seen
    assert np.array_equal(material.images, material.masked)
    assert not np.array_equal(material.images, material.bare)
    record = records.load(run.folder)
    assert record.config["faces"] == "masked" and record.views("test")[-1] == "masked"
    data = json.loads((run.folder / "record.json").read_text())
    assert data["config"]["scores"] == ["masked"]


def test_what_the_weights_show_is_kept(study):
    _, run = study("scheme", "looks")
    record = records.load(run.folder)
    kept, tests = record.artifacts, len(record.predictions().rows)
    for view in ("plain", "masked"):
        assert kept[f"shown.saliency.{view}"].shape == (21, 40, 40)
        shares = kept[f"sample.saliency.{view}"].astype(float)
        np.testing.assert_allclose(shares.sum(1), 1, atol=5e-3)
        assert shares.shape == (tests, len(kept["regions"])) == kept["sample.area"].shape
        for method in ("smoothgrad", "gradcam"):
            other = kept[f"sample.{method}.{view}"]
            assert other.shape == shares.shape and other.dtype == np.uint8
            total = other.sum(1, dtype=int)  # 255, or 0 of an empty map; six are rounded
            assert ((abs(total - 255) <= 3) | (total == 0)).all() and total.any()
    for kind in ("deletion", "insertion"):
        assert kept[f"curve.{kind}"].shape == (3, 17)
        areas = kept[f"area.{kind}"].astype(float)  # of (methods, orders, faces)
        assert areas.shape == (3, 3, min(100, tests))
        under = np.trapezoid(kept[f"curve.{kind}"], dx=1 / 16, axis=1)
        np.testing.assert_allclose(areas[0].mean(1), under, atol=1e-3)
        np.testing.assert_array_equal(areas[:, 2], areas[[0, 0, 0], 2])  # one random order
    # Deletion ends and insertion starts with the same wholly blurred images.
    np.testing.assert_allclose(
        kept["curve.deletion"][:, -1], kept["curve.insertion"][:, 0], rtol=1e-4
    )
    counts = kept["clusters.regions"]
    assert counts.shape == (4, 6) and counts.sum() == tests * 48 * 48
    assert counts[1:].sum() == tests * 576  # a quarter
    assert kept["shown.clusters"].max() == 3 and kept["shown.attention"].shape == (21, 48, 48)
    shares = dict(zip(kept["clusters.readings"], kept["clusters.intensity"], strict=True))
    assert shares["image-unit"] < 0.01 < shares["image"]
    assert (run.folder / "artifacts.npz").stat().st_size < 200_000


def test_what_the_weights_of_stacked_clusters_show_is_kept(study):
    _, run = study("stack", "looks")
    kept = records.load(run.folder).artifacts
    assert kept["shown.saliency.plain"].shape == (21, 40, 40)  # of two channels the larger
    assert kept["curve.deletion"].shape == (3, 17) and kept["shown.clusters"].max() == 2


def test_what_names_a_run_does_not_decide_its_weights(study):
    (run,) = experiments.runs("tiny/all/scheme", "short", range(1))
    (control,) = experiments.runs("tiny/all/cbam", "short", range(1))
    assert phases.attention_run(run).config() == phases.anonymous(control).config()
    other = replace(run, seed=1)
    assert phases.attention_run(other).config() != phases.anonymous(control).config()


class Padded(torch.nn.Module):
    """Attention that is 1 on the frame of any picture, and otherwise its brightness by half."""

    def with_attention(self, x):
        found = 0.25 + x[:, 0] / 8  # x lies in -2 to 2
        found[:, 0] = found[:, -1] = 1.0
        return None, found


def test_what_padding_makes_of_attention_is_taken_away():
    images = torch.zeros(2, 4, 4, dtype=torch.uint8)
    images[0, 1, 2] = 255
    look = phases.Attention(Padded(), "removed")
    assert look.empty(images)[1:3].tolist() == [[0.25] * 4] * 2
    raw, left = look.raw(images), look(images)
    assert raw[0, 0].tolist() == [1.0] * 4 and raw[0, 1, 2] == 0.5 and raw[0, 2, 2] == 0.0
    # on the frame both are 1: half; the bright pixel is 0.25 above the empty frame's, others below
    assert left[0, 0].tolist() == [0.5] * 4
    assert left[0, 1, 2] == 0.625 and left[0, 2, 2] == 0.375
    assert left[0].argmax() == 6 and raw[0].argmax() == 0
    assert torch.equal(phases.Attention(Padded(), "kept")(images), raw)
    assert look(images[:0]).shape == (0, 4, 4)
