"""Training: real processes killed at random moments resume to the same predictions and history."""

import json
import os
import queue
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from ferbook.errors import InputError
from ferbook.models.build import build
from ferbook.study import engine, experiments, side_by_side, step, training
from ferbook.study.inputs import Feed, Inputs
from ferbook.study.recipe import RECIPES, recipe
from ferbook.vision.augment import Geometry

EXPERIMENT = """
paper: demo
experiments:
  kill:
    title: small
    dataset: synthetic-140
    split: official
    recipe: demo
    scores: [peeked]
    model: {family: hybrid, widths: [4, 4, 8, 8], hidden: 16, dropout: 0.2}
    variants:
      hybrid: {}
      pixels: {branches: [pixels]}
"""
RUN = "kill_hybrid_short_s0"


@pytest.fixture
def study(tmp_path, monkeypatch):
    """An empty study with one experiment; returns a function that starts `ferbook` in it."""
    (tmp_path / "experiments").mkdir()
    (tmp_path / "reported").mkdir()
    (tmp_path / "experiments" / "demo.yaml").write_text(EXPERIMENT)
    monkeypatch.setenv("FERBOOK_ROOT", str(tmp_path))
    monkeypatch.setenv("FERBOOK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("FERBOOK_RESULTS", raising=False)

    def start(*arguments, results="results"):
        environment = {
            **os.environ,
            "FERBOOK_RESULTS": str(tmp_path / results),
            "FERBOOK_HOME": str(tmp_path / f"home-{results}"),
            "OMP_NUM_THREADS": "1",  # threads would wait for one another longer than they compute
        }
        return subprocess.Popen(
            [sys.executable, "-m", "ferbook", *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def finish(process):
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    return out


def content(folder):
    """What must be equal between runs: everything but seconds and dates."""
    data = json.loads((folder / "record.json").read_text())
    history = [{k: v for k, v in epoch.items() if k != "seconds"} for epoch in data["history"]]
    with np.load(folder / "predictions.npz") as arrays:
        predictions = {name: arrays[name].tobytes() for name in arrays.files}
    return history, predictions, data["selected_epoch"], data["config"], data["source"]


def test_killed_at_random_moments_and_resumed(study, tmp_path):
    whole = ("run", "demo/kill/hybrid", "--device", "cpu")
    finish(study(*whole, results="undisturbed"))
    dice, kills = random.Random(7), 0
    record = tmp_path / "results" / "demo" / RUN
    home = tmp_path / "home-results" / "runs" / "demo" / RUN
    for _ in range(3):
        process = study(*whole)
        before = _stamp(home / "checkpoint.pt")
        # Let it at least begin an epoch of its own, then strike at a random moment.
        while process.poll() is None and _stamp(home / "checkpoint.pt") == before:
            time.sleep(0.005)
        time.sleep(dice.random() * 0.15)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += 1
        process.communicate()
        if record.exists():
            break
    assert kills >= 1
    finish(study(*whole))
    assert content(record) == content(tmp_path / "undisturbed" / "demo" / RUN)
    leftovers = [path.name for path in record.parent.iterdir() if path.name != RUN]
    assert leftovers == [] and not (home / "checkpoint.pt").exists()


def _stamp(file):
    try:
        return file.stat().st_mtime_ns
    except FileNotFoundError:
        return None


def test_a_time_limit_then_two_seeds(study, tmp_path):
    out = finish(study("run", "demo/kill", "--max-minutes", "0"))
    assert out.count("pending") == 2
    out = finish(study("run", "demo/kill/pixels", "--seeds", "2"))
    assert out.count("recorded in") == 2
    first, second = (
        content(tmp_path / "results" / "demo" / f"kill_pixels_short_s{seed}") for seed in (0, 1)
    )
    assert first[0] != second[0] and first[1] != second[1]  # another seed, another network
    again, hint = study("run", "demo/kill/pixels", "--seeds", "2").communicate(timeout=600)
    assert again.count("recorded before") == 2 and "FERBOOK_RESULTS=DIR" in hint


def test_a_run_that_time_cuts_short_says_how_far_it_is(study, monkeypatch):
    """Two epochs end before time is over; a run that was not begun has no number."""

    def two_epochs(run, device, deadline, bar, wait=0):
        bar.update(1)
        bar.update(1)
        raise training.Deadline

    monkeypatch.setattr(engine, "train_and_record", two_epochs)
    said = "pending, 2 of 8 epochs; the same command goes on"  # recipe demo has 8
    told = experiments.run_experiment("demo/kill", max_minutes=1, device="cpu")
    assert told.splitlines() == [
        f"demo/{RUN}: {said}",
        f"demo/{RUN.replace('hybrid', 'pixels')}: pending",
    ]
    (run,) = experiments.runs("demo/kill/hybrid", "short", range(1))
    beside = side_by_side.Telling(queue.Queue())
    assert side_by_side._train(run, "cpu", None, torch.get_num_threads(), beside) == said


def test_two_at_once_are_what_they_are_one_by_one(study, tmp_path):
    """A whole paper is named by its name alone; no time left begins nothing."""
    one_by_one = ("run", "demo", "--device", "cpu")
    at_once = (*one_by_one, "--jobs", "2")
    assert finish(study(*at_once, "--max-minutes", "0", results="at-once")).count("pending") == 2
    assert finish(study(*at_once, results="at-once")).count("recorded in") == 2
    finish(study(*one_by_one))
    for run in (RUN, RUN.replace("hybrid", "pixels")):
        assert content(tmp_path / "at-once" / "demo" / run) == content(
            tmp_path / "results" / "demo" / run
        )


def test_ctrl_c_says_how_to_go_on(study, tmp_path):
    process = study("run", "demo/kill/hybrid", "--device", "cpu")
    checkpoint = tmp_path / "home-results" / "runs" / "demo" / RUN / "checkpoint.pt"
    while process.poll() is None and not checkpoint.exists():
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=600)
    if process.returncode != 0:  # it may have finished in the meantime
        assert process.returncode == 130 and "Traceback" not in err
        assert err.rstrip().endswith("interrupted; the same command goes on from here")
        assert checkpoint.exists()


def test_an_error_is_one_line_and_exit_code_2(study):
    process = study("run", "demo/kill", "--device", "tpu")
    out, err = process.communicate(timeout=600)
    assert process.returncode == 2 and "Traceback" not in err and out == ""
    assert "ferbook: device 'tpu': expected cpu or cuda" in err.splitlines()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"wanted": "nobody/kill"}, "paper 'nobody': expected one of demo"),
        ({"wanted": "demo/else"}, "expected one of demo/kill"),
        ({"wanted": "demo/kilt"}, "'demo/kilt': nearest is demo/kill; expected one of demo/kill"),
        ({"wanted": "demo/kil"}, "'demo/kil': it may be demo/kill"),  # never trained on a guess
        ({"wanted": "demo/kill/pixel"}, "variant 'pixel': it may be pixels"),
        ({"wanted": "demo/kill/sound"}, "variant 'sound': expected one of hybrid, pixels"),
        ({"wanted": "demo/kill", "tier": "huge"}, "tier 'huge': expected one of paper, short"),
    ],
)
def test_bad_arguments_name_what_there_is(study, arguments, message):
    with pytest.raises(InputError, match=message):
        experiments.run_experiment(**arguments)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("recipe: demo", "recipe: fancy", "recipe 'fancy': expected one of"),
        ("    split: official\n", "", "key `split` is missing"),
        ("title: small", "titel: small", "key `title` is missing"),
        ("title: small", "title: small\n    color: red", "unknown key `color`"),
        ("title: small", "title: small\n    undetected: guess", "`undetected` must be one of"),
        (
            "scores: [peeked]",
            "scores: [peek]",
            "`scores` has 'peek', expected train, peeked, spoilt",
        ),
        ("scores: [peeked]", "scores: peeked", "`scores` must be a list"),
        (
            "scores: [peeked]",
            "scores: [spoilt]\n    undetected: zero",
            "spoilt faces need landmarks: `undetected` must be frame or drop",
        ),
        ("scores: [peeked]", "emotions: happy", "`emotions` must be a list"),
        ("scores: [peeked]", "folds: three", "`folds` must be a number"),
        ("scores: [peeked]", "folds: true", "`folds` must be a number"),
        ("scores: [peeked]", "cross: [fer2013]", "`cross` must be a name"),
        ("scores: [peeked]", "short: 10", "`short` must be a mapping"),
        ("dataset: synthetic-140", "dataset: 140", "`dataset` must be a name"),
        ("model: {family: hybrid", "model: [{family: hybrid", "expected a mapping with `exper"),
        ("hybrid: {}", "hybrid:", "variant hybrid: .*NoneType"),
        ("hybrid: {}", "hybrid: {recipe: {epoch: 3}}", "variant hybrid: .*'epoch'"),
        ("hybrid: {}", "hybrid: {recipe: {geometry: {turn: 3}}}", "variant hybrid: .*'turn'"),
        ("hybrid: {}", "hybrid: {recipe: tuned}", "variant hybrid: "),
        ("experiments:", "runs:", "expected a mapping with `experiments`"),
        ("paper: demo", "paper: [", "expected a mapping with `experiments`"),
    ],
)
def test_a_bad_experiment_file_is_one_line(study, tmp_path, old, new, message):
    file = tmp_path / "experiments" / "demo.yaml"
    file.write_text(EXPERIMENT.replace(old, new))
    with pytest.raises(InputError, match=message) as error:
        experiments.load_experiments("demo")
    assert str(file) in str(error.value) or "recipe 'fancy'" in message


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ('lam: "1.5"', "lam '1.5': expected a number, 0 or more"),
        ("alpha: null", "alpha None: expected a number"),
        ("share: x", "share 'x': expected a number above 0"),
        ("chance: a", "chance 'a', expected a number above 0"),
        ("clusters: true", "clusters True: expected a whole number"),
        ("sample: 2.5", "sample 2.5, expected a whole number"),
        ("lam: 0, alpha: 0", "lam 0 and alpha 0: expected one of them above 0"),
    ],
)
def test_bad_settings_of_the_scheme_name_file_experiment_and_variant(
    study, tmp_path, ferbook, given, says
):
    file = tmp_path / "experiments" / "demo.yaml"
    file.write_text(EXPERIMENT.replace("hybrid: {}", f"hybrid: {{perturb: {{{given}}}}}"))
    code, out, err = ferbook("run", "demo/kill")
    where = f"ferbook: {file}: experiment kill: variant hybrid: perturb: {says}"
    assert code == 2 and out == "" and err.startswith(where) and err.count("\n") == 1


def test_pending_lists_the_first_seeds_first(study, tmp_path, monkeypatch):
    possible, absent = experiments.pending("short", 2)
    assert absent == []
    assert [run.name for run in possible] == [
        "kill_hybrid_short_s0", "kill_pixels_short_s0",
        "kill_hybrid_short_s1", "kill_pixels_short_s1",
    ]  # fmt: skip


def test_pending_leaves_out_what_needs_unregistered_data(study, tmp_path):
    file = tmp_path / "experiments" / "demo.yaml"
    file.write_text(EXPERIMENT.replace("synthetic-140", "fer2013\n    cross: ckplus48"))
    assert experiments.pending("short", 1) == ([], ["ckplus48", "fer2013"])


def test_the_tier_changes_only_the_schedule():
    paper, nothing = recipe("chew").at("paper")
    short, reduced = recipe("chew").at("short")
    assert nothing == {} and paper == RECIPES["chew"]
    assert reduced == {"epochs": 50} and short.epochs < 50
    assert {k: v for k, v in short.as_dict().items() if k != "epochs"} == {
        k: v for k, v in paper.as_dict().items() if k != "epochs"
    }


def test_section_44_as_printed():
    plan = RECIPES["chew"]
    assert (plan.optimizer, plan.lr, plan.batch, plan.epochs) == ("adam", 1e-4, 64, 50)
    assert plan.geometry.rotation == 20 and plan.geometry.translation == 10
    assert plan.geometry.zoom == (0.9, 1.1) and plan.geometry.flip > 0


# --- an experiment's keys -----------------------------------------------------------------------

SHORTENED = """
paper: demo
experiments:
  old:
    title: as the first records were trained
    dataset: synthetic-140
    split: official
    recipe: chew
    model: {family: hybrid}
    variants: {hybrid: {}}
  new:
    title: everything that an experiment may say
    dataset: synthetic-140
    split: folds-3-subject
    folds: 3
    emotions: [happy, sad]
    recipe: chew
    short: {epochs: 5, patience: 2, widths: [4, 4, 8, 8], hidden: 32, dropout: 0}
    scores: [train, spoilt]
    cross: synthetic-70
    undetected: drop
    model: {family: hybrid, widths: [8, 8, 16, 16]}
    variants:
      plain: {}
      still:
        branches: [pixels]
        recipe: {sigma: 2.5, epochs: 70, geometry: {rotation: 0, zoom: [1, 1]}}
"""
#: The keys of the earliest records' configuration.
EARLIEST = {
    "paper", "experiment", "variant", "dataset", "split", "tier", "seed", "fold", "recipe",
    "reduced", "model", "undetected",
}  # fmt: skip


@pytest.fixture
def shortened(study, tmp_path):
    (tmp_path / "experiments" / "demo.yaml").write_text(SHORTENED)
    return lambda name, tier="short": experiments.runs(f"demo/{name}", tier, range(1))


def test_a_run_without_the_newer_keys_has_the_earliest_configuration(shortened):
    (old,) = shortened("old")
    assert set(old.config()) == EARLIEST
    assert old.config()["undetected"] == "frame" and old.reduced == {"epochs": 50}
    assert old.name == "old_hybrid_short_s0" and old.scores == () and old.fold is None


def test_the_newer_keys_are_in_the_configuration(shortened):
    plan = shortened("new")
    assert [run.name for run in plan] == [
        "new_plain_short_s0_f0", "new_still_short_s0_f0", "new_plain_short_s0_f1",
        "new_still_short_s0_f1", "new_plain_short_s0_f2", "new_still_short_s0_f2",
    ]  # fmt: skip
    config = json.loads(json.dumps(plan[3].config()))
    assert set(config) == EARLIEST | {"emotions", "scores", "cross"}
    assert config["emotions"] == ["happy", "sad"] and config["scores"] == ["train", "spoilt"]
    assert config["cross"] == "synthetic-70" and config["undetected"] == "drop"
    assert config["fold"] == 1


def test_what_the_short_tier_reduced_is_kept_in_full(shortened):
    plain, still = shortened("new")[:2]
    assert (plain.recipe.epochs, plain.recipe.patience) == (5, 2)
    assert plain.model == {
        "family": "hybrid", "widths": [4, 4, 8, 8], "hidden": 32, "dropout": 0,
    }  # fmt: skip
    # 50 epochs and patience 10 of the recipe, the experiment's own widths, the network's own 256.
    assert plain.reduced == {
        "epochs": 50, "patience": 10, "widths": [8, 8, 16, 16], "hidden": 256, "dropout": None,
    }  # fmt: skip
    assert still.reduced["epochs"] == 70 and still.recipe.epochs == 5  # a variant's own
    full, other = shortened("new", "paper")[:2]
    assert full.reduced == other.reduced == {}
    assert full.recipe == RECIPES["chew"] and full.model["widths"] == [8, 8, 16, 16]
    assert other.recipe.epochs == 70


def test_a_variant_changes_only_what_it_names_of_the_recipe(shortened):
    plain, still = shortened("new", "paper")[:2]
    assert still.model == {**plain.model, "branches": ["pixels"]}  # `recipe` is no argument of it
    changed = {
        key for key, value in still.recipe.as_dict().items() if plain.recipe.as_dict()[key] != value
    }
    assert changed == {"sigma", "epochs", "geometry"}
    assert still.recipe.geometry == Geometry(rotation=0, translation=10, zoom=(1, 1), flip=0.5)


# --- the epoch that is best on the test part ----------------------------------------------------

PLAN = replace(RECIPES["chew"], epochs=4, batch=8, precision="f32", lr=1e-2)
PARTS = {"train": np.arange(48), "validation": np.arange(48, 64), "test": np.arange(64, 96)}


class Kill(Exception):
    """Stands for the end of a process, right after a checkpoint."""


def learn(
    checkpoint, peeked, kill_after=None, silent=False, see=lambda network, inputs: None, plan=PLAN
):
    """Train a small network on made-up faces; `silent`: it never says class 6."""
    generator = torch.Generator().manual_seed(5)
    labels = torch.randint(0, 6, (96,), generator=generator)
    images = torch.randint(0, 50, (96, 48, 48), generator=generator, dtype=torch.uint8)
    images += (40 * labels).to(torch.uint8)[:, None, None]  # the lighter, the higher the class
    if silent:
        labels[64:] = 6
    inputs = Inputs(images, 48 * torch.rand(96, 68, 2, generator=generator), labels)
    torch.manual_seed(1)
    network, channels = build({"family": "hybrid", "widths": [4] * 4, "hidden": 8}, 1.5)
    if silent:
        network.head[-1].bias.data[6] = -1e4

    feed = Feed(inputs, channels, plan)

    def report(epoch):
        see(network, lambda: training.predict(network, feed, PARTS["test"]))
        if epoch["epoch"] == kill_after:
            raise Kill

    past = training.train(network, feed, PARTS, 3, checkpoint, "same", None, report, peeked)
    return past, network.state_dict(), labels[64:]


def test_a_triangle_rises_and_falls_in_straight_lines(tmp_path):
    # 6 steps an epoch, 5 epochs: 31 rates. It starts at a 25th of the peak and rises to it at
    # 0.2 * 31 - 1 = 5.2, then falls to a 10,000th of the start at 30. Epochs begin at 0, 6, 12, ...
    plan = replace(PLAN, epochs=5, optimizer="nesterov", schedule="triangle")
    past, _, _ = learn(tmp_path / "a.pt", None, plan=plan)
    peak, start = plan.lr, plan.lr / 25
    falling = [peak + (start / 1e4 - peak) * (step - 5.2) / 24.8 for step in (6, 12, 18, 24)]
    assert [epoch["lr"] for epoch in past] == pytest.approx([start, *falling])


def without(past, *keys):
    return [{key: epoch[key] for key in epoch if key not in ("seconds", *keys)} for epoch in past]


def test_peeking_changes_nothing_else(tmp_path):
    past, weights, _ = learn(tmp_path / "a.pt", None)
    peeked = {}
    again, same, _ = learn(tmp_path / "b.pt", peeked)
    assert all("test_accuracy" not in epoch for epoch in past) and len(past) == 4
    assert without(again, "test_accuracy") == without(past)
    assert all(torch.equal(weights[name], same[name]) for name in weights)
    assert list(peeked) == ["logits"]


def test_peeked_is_the_best_epoch_on_the_test_part(tmp_path):
    peeked, each = {}, []
    past, _, labels = learn(tmp_path / "a.pt", peeked, see=lambda net, said: each.append(said()))
    right = [(logits.argmax(1) == labels).float().mean().item() for logits in each]
    assert [epoch["test_accuracy"] for epoch in past] == pytest.approx(right)
    assert len(set(right)) > 1
    assert torch.equal(peeked["logits"], each[int(np.argmax(right))])  # the first of equals


@pytest.mark.parametrize("silent", [False, True])
def test_peeked_survives_two_kills(tmp_path, silent):
    # A network that never says the test part's only class is equally bad at it in every epoch:
    # the first counts, and after a kill only the checkpoint knows what it said.
    whole, each = {}, []
    past, weights, _ = learn(
        tmp_path / "a.pt", whole, silent=silent, see=lambda net, said: each.append(said())
    )
    for after in (1, 3):
        with pytest.raises(Kill):
            learn(tmp_path / "b.pt", {}, kill_after=after, silent=silent)
    resumed = {}
    again, same, _ = learn(tmp_path / "b.pt", resumed, silent=silent)
    assert torch.equal(resumed["logits"], whole["logits"])
    assert without(again) == without(past)
    assert all(torch.equal(weights[name], same[name]) for name in weights)
    if silent:
        assert {epoch["test_accuracy"] for epoch in past} == {0.0}
        assert torch.equal(whole["logits"], each[0]) and not torch.equal(each[0], each[1])


def history(*losses):
    return [
        {"epoch": i, "validation_loss": loss, "validation_accuracy": accuracy}
        for i, (loss, accuracy) in enumerate(losses, 1)
    ]


def test_early_stopping_by_hand():
    plan = RECIPES["chew"]  # patience 10
    falling = history(*[(1.0 / i, 0.5) for i in range(1, 12)])
    assert not training.finished(falling, plan)
    # Best at epoch 2, then ten epochs that are no better.
    stuck = history((1.0, 0.3), (0.9, 0.4), *[(0.9, 0.5)] * 10)
    assert training.finished(stuck, plan) and not training.finished(stuck[:-1], plan)
    assert not training.finished([], plan)


def test_choice_of_epoch_by_hand():
    past = history((1.0, 0.30), (0.8, 0.40), (0.9, 0.45), (0.8, 0.45))
    assert training.selected(past, RECIPES["chew"]) == 2  # lowest loss, the first of equals
    assert training.selected(past, RECIPES["tuned"]) == 3  # highest accuracy, the first of equals


@pytest.mark.parametrize("precision", ["bf16", "f32"])
@pytest.mark.parametrize("native", [True, False])
def test_bfloat16_is_taken_only_where_it_is_asked_for_and_computed(monkeypatch, precision, native):
    monkeypatch.setattr(step, "computes_bf16", lambda device: native)
    with step.autocast(torch.device("cpu"), precision):
        product = torch.ones(2, 2) @ torch.ones(2, 2)
    lower = precision == "bf16" and native
    assert product.dtype == (torch.bfloat16 if lower else torch.float32)


def test_a_gpu_computes_bfloat16_and_a_record_says_what_this_cpu_does():
    assert step.computes_bf16(torch.device("cuda"))
    cpu = torch.device("cpu")
    assert engine.hardware(cpu)["bfloat16"] is step.computes_bf16(cpu)
