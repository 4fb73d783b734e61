"""What a run needs at its end is asked for before its first epoch."""

import sys

import numpy as np
import pytest

from ferbook.data.store import write_faces
from ferbook.data.synthetic import draw
from ferbook.errors import InputError
from ferbook.study import engine, experiments, material, preflight, robustness, training
from ferbook.vision import landmarks

TINY = """
paper: tiny
experiments:
  looks:
    title: where it looks
    dataset: synthetic-70
    split: official
    recipe: qiu
    short: {epochs: 1, width: 0.125, batch: 32}
    scores: [saliency]
    model: {family: backbone}
    variants:
      resnet: {name: resnet18}
      dpn: {name: dpn26}
  plain:
    title: scored as it is
    dataset: synthetic-70
    split: official
    recipe: demo
    short: {epochs: 1}
    model: {family: hybrid, widths: [4, 4, 8, 8], hidden: 16, branches: [pixels]}
    variants: {pixels: {}}
  spoilt:
    title: faces spoilt
    dataset: real
    split: official
    recipe: demo
    scores: [spoilt]
    short: {epochs: 1}
    model: {family: hybrid, widths: [4, 4, 8, 8], hidden: 16, branches: [pixels]}
    variants: {pixels: {}}
"""


class Blocked:
    """A finder under which packages are not installed."""

    def __init__(self, *names):
        self.names = names

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@pytest.fixture
def without(monkeypatch):
    """A function that blocks the import of packages."""

    def block(*names):
        for known in list(sys.modules):
            if known.partition(".")[0] in names:
                monkeypatch.delitem(sys.modules, known)
        monkeypatch.setattr(sys, "meta_path", [Blocked(*names), *sys.meta_path])

    return block


@pytest.fixture
def study(tmp_path, empty_study):
    empty_study(TINY)
    material.open_dataset.cache_clear()
    return tmp_path


@pytest.fixture
def untrained(monkeypatch):
    """No run may get as far as its first epoch."""

    def never(*_, **__):
        raise AssertionError("an epoch was trained")

    monkeypatch.setattr(training, "train", never)


def a_run(name, seed=0):
    (run,) = experiments.runs(f"tiny/{name}", "short", range(seed, seed + 1))
    return run


@pytest.mark.parametrize(
    ("name", "package", "says"),
    [
        ("looks/resnet", "captum", "score saliency needs the package captum"),
        ("looks/dpn", "timm", "network dpn26 needs the package timm"),
        ("looks/resnet", "torchvision", "network resnet18 needs the package torchvision"),
        ("looks/resnet", "cv2", "score saliency needs the package cv2"),
    ],
)
def test_a_package_that_scores_need_is_named_before_training(
    study, untrained, without, name, package, says
):
    without(package)
    with pytest.raises(InputError, match=says) as error:
        engine.train_and_record(a_run(name), "cpu")
    known = {"cv2": "opencv-python-headless"}.get(package, package)
    assert f"`pip install {known}`" in str(error.value) and "\n" not in str(error.value)


def test_the_other_runs_go_on_and_the_exit_code_says_so(study, without, ferbook):
    without("captum")
    code, out, err = ferbook("run", "tiny/looks/resnet", "tiny/plain", "--device", "cpu")
    lines = dict(line.split(": ", 1) for line in out.splitlines())
    assert lines["tiny/looks_resnet_short_s0"].startswith("not trained: score saliency needs")
    assert lines["tiny/plain_pixels_short_s0"].startswith("recorded in ")
    assert code == 2 and "Traceback" not in err
    assert err.splitlines()[-1].startswith("ferbook: tiny/looks_resnet_short_s0: score saliency")
    code, out, err = ferbook("run", "tiny/looks", "--device", "cpu")
    assert code == 2 and err.rstrip().endswith("; 1 more could not be trained")


def test_side_by_side_a_run_that_cannot_be_trained_stops_no_other(study, ferbook):
    # an unknown argument of the network is found in the process that builds it
    file = study / "experiments" / "tiny.yaml"
    file.write_text(TINY.replace("name: dpn26", "name: dpn26, depth: 3"))
    code, out, err = ferbook("run", "tiny/looks/dpn", "tiny/plain", "--device", "cpu", "--jobs", 2)
    assert code == 2 and "not trained: " in out and "recorded in" in out
    assert "depth" in err.splitlines()[-1] and "Traceback" not in err


@pytest.fixture
def real(study):
    """A registered dataset without landmarks, some of them found."""
    faces = draw(70, seed=1)
    object.__setattr__(faces, "name", "real")
    object.__setattr__(faces, "landmarks", None)
    write_faces(faces, {})
    return faces


def test_landmarks_that_cannot_be_found_here_are_asked_for(real, untrained, without):
    without("dlib")
    with pytest.raises(InputError, match=r"landmarks of real are not cached in .*landmarks") as e:
        engine.train_and_record(a_run("spoilt"), "cpu")
    assert "run `ferbook run tiny/spoilt --tier short --seeds 1 --prepare` where it is" in str(
        e.value
    )


def test_spoilt_faces_are_prepared_where_dlib_is(real, untrained, without, monkeypatch, ferbook):
    def found(images, settings=None):
        count = len(images)
        points = np.full((count, 68, 2), 24, np.float32)
        none = np.full(count, np.nan, np.float32)
        return landmarks.Landmarks(points, np.ones(count, bool), none, np.zeros((count, 4)))

    monkeypatch.setattr(landmarks, "detect", found)
    monkeypatch.setattr(robustness, "detect", found)
    landmarks.find(real, jobs=1)
    run = a_run("spoilt")
    with monkeypatch.context() as there, pytest.raises(InputError, match="spoilt faces are not"):
        for name in ("dlib", "cv2"):
            there.setitem(sys.modules, name, None)
        preflight.check_caches(run, material.gather(run))
    code, out, _ = ferbook("run", "tiny/spoilt", "--prepare")
    assert code == 0 and out.startswith("caches of 1 runs: ")
    without("dlib")
    preflight.check(run)
    preflight.check_caches(run, material.gather(run))
