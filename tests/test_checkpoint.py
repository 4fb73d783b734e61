"""Checkpoints by time: however a training ends, it goes on to the same bits."""

import os
import signal
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from ferbook.study import checkpoint, training
from ferbook.study.inputs import Channels, Feed, Inputs
from ferbook.study.recipe import recipe

PLAN = replace(recipe("qiu"), precision="f32", epochs=5, batch=4, plateau=1)
ROWS = {"train": np.arange(12), "validation": np.arange(12, 18)}


def train(file, report=lambda epoch: None, **changes):
    """A few epochs of a very small network; its history without seconds, and its weights."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (18, 48, 48), generator=generator, dtype=torch.uint8)
    inputs = Inputs(images, torch.zeros(18, 68, 2), torch.arange(18) % 7)
    torch.manual_seed(0)
    pooled = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 7)
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), *pooled)
    feed = Feed(inputs, Channels(True, 0, 1.5), PLAN)
    history = training.train(network, feed, ROWS, 0, file, "mark", report=report, **changes)
    told = [{k: v for k, v in epoch.items() if k != "seconds"} for epoch in history]
    return told, network.state_dict()


def epochs_in(file):
    state = checkpoint.read_checkpoint(file, "mark", torch.device("cpu"))
    return None if state is None else len(state["history"])


@pytest.fixture
def seldom(monkeypatch):
    """A device on which a checkpoint is written seldom; returns the epochs of each written."""
    monkeypatch.setitem(training.EVERY, "cpu", 1e9)
    written, write = [], checkpoint.write_checkpoint

    def note(file, state):
        written.append(len(state["history"]))
        write(file, state)

    monkeypatch.setattr(checkpoint, "write_checkpoint", note)
    return written


def same(one, other):
    return one[0] == other[0] and all(torch.equal(one[1][k], other[1][k]) for k in one[1])


def test_by_default_a_cpu_writes_each_epoch(tmp_path):
    seen = []
    train(tmp_path / "a.pt", lambda epoch: seen.append(epochs_in(tmp_path / "a.pt")))
    assert seen == [1, 2, 3, 4, 5]


def test_a_long_epoch_is_written_when_it_ends(tmp_path, seldom, monkeypatch):
    monkeypatch.setitem(training.EVERY, "cpu", 20.0)
    clock = iter(range(0, 10**6, 25))  # each look at the clock is 25 s later
    monkeypatch.setattr(checkpoint.time, "monotonic", lambda: next(clock))
    train(tmp_path / "a.pt")
    assert seldom == [1, 2, 3, 4, 5]


def test_the_last_epoch_is_written(tmp_path, seldom):
    train(tmp_path / "a.pt")
    assert seldom == [5]


def stop(how):
    """A report, or a prediction, at which the training is ended."""
    if how == "SIGTERM":
        return lambda *_: os.kill(os.getpid(), signal.SIGTERM)

    def raise_(*_):
        raise {"Ctrl-C": KeyboardInterrupt, "error": ZeroDivisionError}[how]

    return raise_


@pytest.mark.parametrize("how", ["Ctrl-C", "error", "SIGTERM"])
def test_a_training_that_ends_between_checkpoints_goes_on(tmp_path, seldom, how):
    whole = train(tmp_path / "whole.pt")
    seldom.clear()
    file, before = tmp_path / "a.pt", signal.getsignal(signal.SIGTERM)
    with pytest.raises((KeyboardInterrupt, ZeroDivisionError, SystemExit)) as left:
        train(file, lambda epoch: stop(how)() if epoch["epoch"] == 2 else None)
    assert seldom == [2] == [epochs_in(file)] and signal.getsignal(signal.SIGTERM) is before
    assert how != "SIGTERM" or left.value.code == 143
    again = []
    assert same(train(file, lambda epoch: again.append(epoch["epoch"])), whole)
    assert again == [1, 2, 3, 4, 5] and seldom == [2, 5]


def test_what_an_unfinished_epoch_moved_is_not_kept(tmp_path, seldom, monkeypatch):
    whole, predict, calls = train(tmp_path / "whole.pt"), training.predict, []
    file = tmp_path / "a.pt"

    def interrupted(*given):
        calls.append(given)
        return stop("Ctrl-C")() if len(calls) == 3 else predict(*given)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(training, "predict", interrupted)
        train(file)
    assert epochs_in(file) == 2  # the third had moved the weights when it was interrupted
    assert same(train(file), whole)


def test_a_deadline_leaves_what_was_done(tmp_path, seldom, monkeypatch):
    whole, file = train(tmp_path / "whole.pt"), tmp_path / "a.pt"
    times = iter([0.0, 1.0, 2.0, 3.0])
    with monkeypatch.context() as patched, pytest.raises(training.Deadline):
        patched.setattr(training, "time", Clock(times))
        train(file, deadline=2.5)
    assert epochs_in(file) == 3
    assert same(train(file), whole)


class Clock:
    """The module `time`, its monotonic clock told."""

    def __init__(self, times):
        self.times = times

    def monotonic(self):
        return next(self.times)

    def perf_counter(self):
        return 0.0
