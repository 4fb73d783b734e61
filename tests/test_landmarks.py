"""dlib's landmarks: on drawn faces whose truth is known, cached, resumable, parallel."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from ferbook import paths
from ferbook.data.synthetic import draw
from ferbook.errors import InputError
from ferbook.vision import landmarks as lm
from ferbook.vision.landmarks import Detector, Landmarks, detect, find


@pytest.fixture(scope="module")
def faces():
    # `landmarks=None`: as a real dataset comes, without the truth.
    return replace(draw(42, seed=5), landmarks=None)


@pytest.fixture(scope="module")
def truth():
    return draw(42, seed=5).landmarks


def test_points_lie_on_the_features(faces, truth):
    found = detect(faces.images)
    assert found.detected.mean() > 0.5
    eyes = np.linalg.norm(truth[:, 36] - truth[:, 45], axis=1)
    error = np.linalg.norm(found.points - truth, axis=2).mean(1) / eyes
    # A shift by half a pixel's convention or by the padding would show here: 12 px is 0.5 of it.
    assert np.median(error[found.detected]) < 0.10


def test_moving_the_image_moves_the_points_by_as_much(faces):
    # One image, seen through a window that is moved by 2 pixels to the right and 1 down.
    big = np.pad(faces.images[:14], ((0, 0), (4, 4), (4, 4)), mode="edge")
    still = detect(np.ascontiguousarray(big[:, 4:52, 4:52]))
    moved = detect(np.ascontiguousarray(big[:, 3:51, 2:50]))
    both = still.detected & moved.detected
    assert both.sum() >= 3
    shift = np.median((moved.points - still.points)[both], axis=(0, 1))
    np.testing.assert_allclose(shift, [2, 1], atol=0.35)


def test_a_stricter_threshold_finds_fewer(faces):
    counts = [detect(faces.images, Detector(threshold=t)).detected.sum() for t in (-1.0, 0.0, 1.0)]
    assert counts[0] >= counts[1] > counts[2]


def test_nothing_found_means_the_whole_frame():
    found = detect(np.full((1, 48, 48), 128, np.uint8))
    assert not found.detected[0] and np.isnan(found.score[0])
    # dlib's rectangle holds its last pixel, in thirds of ours: 48 and a third.
    np.testing.assert_allclose(found.box[0], [0, 0, 48 + 1 / 3, 48 + 1 / 3], atol=1e-5)
    assert found.points.shape == (1, 68, 2) and np.isfinite(found.points).all()


def test_frame_iou_by_hand():
    # The frame itself: 1. A box of 24 x 48 inside: a half. 48 x 48 moved by 24: 24 / 72 = 1/3.
    box = np.array([[0, 0, 48, 48], [0, 0, 24, 48], [24, 0, 72, 48]], np.float32)
    made = Landmarks(np.zeros((3, 68, 2)), np.ones(3, bool), np.ones(3), box)
    np.testing.assert_allclose(made.frame_iou(), [1, 0.5, 1 / 3], rtol=1e-6)


def test_cached_parallel_and_resumed(faces, tmp_path, monkeypatch):
    monkeypatch.setenv("FERBOOK_HOME", str(tmp_path))
    monkeypatch.setattr(lm, "CHUNK", 10)
    assert not lm.is_cached(faces.fingerprint)
    alone = detect(faces.images)
    # An interrupted run left its second chunk, marked here to prove that it is not done again.
    final = lm._cache_file(faces.fingerprint, Detector())
    partial = lm._unfinished(final)
    partial.mkdir(parents=True)
    marked = Landmarks(*(getattr(alone, k)[10:20] for k in ("points", "detected", "score", "box")))
    lm._save(partial / "10.npz", replace(marked, points=marked.points + 100))
    (partial / ".20.npz.elsewhere-7").write_bytes(b"half")  # of a process killed as it wrote
    found = find(faces, jobs=2)
    np.testing.assert_array_equal(found.points[:10], alone.points[:10])
    np.testing.assert_array_equal(found.points[10:20], alone.points[10:20] + 100)
    np.testing.assert_array_equal(found.points[20:], alone.points[20:])
    np.testing.assert_array_equal(found.detected, alone.detected)
    assert lm.is_cached(faces.fingerprint) and not partial.exists()
    assert not lm.is_cached(faces.fingerprint, Detector(threshold=0))
    np.testing.assert_array_equal(find(faces).points, found.points)


def test_chunks_of_another_size_are_not_mixed(faces, tmp_path, monkeypatch):
    # Two chunks of a run by 20 faces, and one of an older program, all marked: 20.npz would stand
    # for rows 20 to 39 among chunks of 10, which are rows 20 to 29.
    monkeypatch.setenv("FERBOOK_HOME", str(tmp_path))
    alone = detect(faces.images)
    final = lm._cache_file(faces.fingerprint, Detector())
    monkeypatch.setattr(lm, "CHUNK", 20)
    parts = ("points", "detected", "score", "box")
    for folder in (lm._unfinished(final), final.with_suffix(".partial")):
        folder.mkdir(parents=True)
        marked = Landmarks(*(getattr(alone, part)[20:40] for part in parts))
        lm._save(folder / "20.npz", replace(marked, points=marked.points + 100))
    monkeypatch.setattr(lm, "CHUNK", 10)
    found = find(faces, jobs=1)
    for part in parts:
        np.testing.assert_array_equal(getattr(found, part), getattr(alone, part))
    # what none goes on from any more is gone
    assert [file.suffix for file in sorted(final.parent.iterdir())] == [".lock", ".npz"]


FIND = """
import sys
from dataclasses import replace
from ferbook.data.synthetic import draw
from ferbook.vision import landmarks as lm

def say(*words):
    print(*words, flush=True)

def chunk(start, images, settings):
    say("chunk", start)
    return start, lm.detect(images, settings)

def save(file, found, kept=lm._save, **how):
    kept(file, found, **how)
    if sys.argv[1] == "stops":
        say("kept", file.name)
        sys.stdin.readline()

lm.CHUNK, lm._chunk, lm._save = 10, chunk, save
faces = replace(draw(42, seed=5), landmarks=None)
say("ready")
sys.stdin.readline()
say("sum", float(lm.find(faces, jobs=1).points.sum()))
"""


def finder(home, way="goes"):
    """A process that finds landmarks of 42 faces, once it is sent a line; in five chunks."""
    return subprocess.Popen(
        [sys.executable, "-c", FIND, way],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "FERBOOK_HOME": str(home)},
    )


def begin(finders):
    for one in finders:
        assert one.stdout.readline() == "ready\n"
    for one in finders:
        one.stdin.write("\n")
        one.stdin.flush()


def said(finders):
    """Chunks that were worked on, by whom of `finders` so ever; the sums that each ended with."""
    lines = [line.split() for one in finders for line in one.communicate()[0].splitlines()]
    assert all(one.returncode == 0 for one in finders)
    return [
        sorted(float(number) for what, number in lines if what == wanted)
        for wanted in ("chunk", "sum")
    ]


def test_of_processes_that_begin_at_once_one_finds_the_landmarks(faces, home):
    several = [finder(home) for _ in range(3)]
    begin(several)
    chunks, sums = said(several)
    assert chunks == [0, 10, 20, 30, 40]
    assert len(sums) == 3 and set(sums) == {float(detect(faces.images).points.sum())}
    assert sorted(file.suffix for file in (home / "landmarks").iterdir()) == [".lock", ".npz"]


def test_those_who_wait_go_on_for_a_killed_process(faces, home):
    killed = finder(home, "stops")
    begin([killed])
    assert [killed.stdout.readline() for _ in range(2)] == ["chunk 0\n", "kept 0.npz\n"]
    several = [finder(home) for _ in range(2)]
    begin(several)
    killed.kill()
    killed.communicate()
    chunks, sums = said(several)
    assert chunks == [10, 20, 30, 40]
    assert len(sums) == 2 and set(sums) == {float(detect(faces.images).points.sum())}


def test_a_damaged_cache_is_one_line(faces, tmp_path, monkeypatch):
    monkeypatch.setenv("FERBOOK_HOME", str(tmp_path))
    file = lm._cache_file(faces.fingerprint, Detector())
    paths.landmark_cache().mkdir()
    file.write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(InputError, match="not a landmark cache"):
        find(faces)
    alone = detect(faces.images[:5])
    lm._save(file, alone)
    with pytest.raises(InputError, match="expected 42 faces"):
        find(faces)


def test_summary_names_every_split(faces):
    text = lm.summary(faces, detect(faces.images))
    assert "train" in text and "private" in text and "42 faces" in text
    assert text.index("(IoU: area that") > text.index("with an IoU of 0.4")
