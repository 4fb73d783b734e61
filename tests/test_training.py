"""Training: real processes killed at random moments resume to the same predictions and history."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from ferbook.errors import InputError
from ferbook.study import experiments, training
from ferbook.study.recipe import RECIPES, recipe

EXPERIMENT = """
paper: demo
experiments:
  kill:
    title: small
    dataset: synthetic-140
    split: official
    recipe: demo
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
    again = finish(study("run", "demo/kill/pixels", "--seeds", "2"))
    assert again.count("recorded before") == 2


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
        ("experiments:", "runs:", "expected a mapping with `experiments`"),
        ("paper: demo", "paper: [", "expected a mapping with `experiments`"),
    ],
)
def test_a_bad_experiment_file_is_one_line(study, tmp_path, old, new, message):
    file = tmp_path / "experiments" / "demo.yaml"
    file.write_text(EXPERIMENT.replace(old, new))
    with pytest.raises(InputError, match=message) as error:
        experiments.load_experiments("demo")
    assert str(file) in str(error.value) or "recipe" in message


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
