"""Locks that go with their process, and what runs that begin at once share."""

import errno
import fcntl
import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import filelock
import pytest

from ferbook import locks
from ferbook.errors import InputError
from ferbook.locks import Taken, locked, made_once
from ferbook.study import engine

HOLD = """
import sys, time
from pathlib import Path
from ferbook.locks import locked
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


def test_a_file_is_made_once(tmp_path):
    file, made = tmp_path / "folder" / "a.txt", []

    def make():
        made.append(file)
        file.write_text("whole")

    for _ in range(2):
        made_once(file, make)
    assert made == [file]


def test_who_waited_for_a_file_does_not_make_it_again(tmp_path, monkeypatch):
    file, made = tmp_path / "a.txt", []
    beside = threading.Event()

    def make():
        if not made:
            other.start()
            beside.wait()  # the other saw no file, and is about to wait
        made.append(threading.current_thread().name)
        file.write_text("whole")

    def seen(lock):
        if threading.current_thread() is other:
            beside.set()
        return locked(lock)

    other = threading.Thread(target=made_once, args=[file, make])
    monkeypatch.setattr(locks, "locked", seen)
    made_once(file, make)
    other.join()
    assert made == [threading.main_thread().name]


def test_what_could_not_be_made_is_made_by_the_next(tmp_path):
    file = tmp_path / "a.txt"
    with pytest.raises(ZeroDivisionError):
        made_once(file, lambda: 1 / 0)
    made_once(file, lambda: file.write_text("whole"))
    assert file.read_text() == "whole"


@pytest.mark.parametrize("refusal", [None, NotImplementedError("no flock here")])
def test_a_filelock_without_the_option_locks_all_the_same(tmp_path, monkeypatch, refusal):
    class Older(filelock.UnixFileLock):
        """As before `fallback_to_soft`: without flock it says so by another error."""

        def __init__(self, lock_file, timeout=-1):
            super().__init__(lock_file, timeout)

        def acquire(self, timeout=None):
            if refusal:
                raise refusal
            return super().acquire(timeout)

    monkeypatch.setattr(filelock, "FileLock", Older)
    file = tmp_path / "a.lock"
    if refusal:
        with pytest.raises(InputError, match=r"no file can be locked there \(no flock here\)"):
            locked(file, 0).__enter__()
        return
    with locked(file, 0), pytest.raises(Taken), locked(file, 0):
        pass
