"""Locks that go with their process, and what runs that begin at once share."""

import errno
import fcntl
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from ferbook.data.synthetic import draw
from ferbook.errors import InputError
from ferbook.study import engine
from ferbook.study.locks import Taken, locked

HOLD = """
import sys, time
from pathlib import Path
from ferbook.study.locks import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_lock_excludes_and_goes_with_a_killed_process(tmp_path):
    file = tmp_path / "folder" / "a.lock"
    command = [sys.executable, "-c", HOLD, str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        for wait in (0, 0.2):
            with pytest.raises(Taken), locked(file, wait):
                pass
        other.send_signal(signal.SIGKILL)
    with locked(file, 0):
        pass


def test_who_waits_gets_the_lock_when_it_is_released(tmp_path):
    file, order = tmp_path / "a.lock", []
    held = threading.Event()

    def hold():
        with locked(file):
            held.set()
            time.sleep(0.2)
            order.append("first")

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    with locked(file):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK])
def test_a_file_system_without_locks_is_said_and_no_marker_blocks_later(
    tmp_path, monkeypatch, number
):
    def refuse(*_):
        raise OSError(number, "not here")

    file = tmp_path / "a.lock"
    with monkeypatch.context() as without:
        without.setattr(fcntl, "flock", refuse)
        with pytest.raises(InputError, match=r"no file can be locked there \(not here\)") as error:
            locked(file, 0).__enter__()
    assert str(tmp_path) in str(error.value) and "\n" not in str(error.value)
    with locked(file, 0):
        pass


def test_a_run_that_another_process_trains_is_left_to_it(tmp_path):
    run = SimpleNamespace(id="demo/x", checkpoint=tmp_path / "demo" / "x" / "checkpoint.pt")
    with (
        locked(tmp_path / "demo" / "x.lock"),
        pytest.raises(InputError, match="demo/x: another process is training this run"),
    ):
        engine.train_and_record(run, "cpu", wait=0.1)


def test_landmarks_are_found_by_one_run_at_a_time(home, monkeypatch):
    faces = replace(draw(7), name="people", landmarks=None)
    known, inside = set(), []

    def find(given):
        inside.append(given.name)
        assert len(inside) == 1
        time.sleep(0.05)
        inside.pop()
        known.add(given.fingerprint)

    monkeypatch.setattr(engine, "registered", lambda: ["others", "people"])
    monkeypatch.setattr(engine, "open_faces", {"people": faces}.__getitem__)
    monkeypatch.setattr(engine, "is_cached", known.__contains__)
    monkeypatch.setattr(engine, "find", find)
    errors = []

    def begin(run):
        try:
            engine._find_landmarks(run)
        except BaseException as error:
            errors.append(error)

    both = [
        SimpleNamespace(dataset="synthetic-7", cross="people"),
        SimpleNamespace(dataset="people", cross=None),
    ]
    threads = [threading.Thread(target=begin, args=[run]) for run in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors and known == {faces.fingerprint}
    monkeypatch.setattr(engine, "find", None)  # known now, and not found again
    engine._find_landmarks(both[1])
