"""What a run needs after its last epoch, asked for before its first.

Scores take packages and caches that training does without, and a machine with a GPU may lack both:
there dlib has no wheel, and landmarks are brought along. What is missing is one line that names it
and the command that makes it, before an hour is spent on weights that could not be scored.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from ferbook import paths
from ferbook.errors import InputError
from ferbook.vision import landmarks

if TYPE_CHECKING:
    from ferbook.study.experiments import Run
    from ferbook.study.material import Material

#: What draws face masks.
MASKS = ("cv2", "scipy.interpolate")
#: Packages of a score that training does without.
OF_SCORES = {"saliency": ("captum.attr", "cv2"), "masked": MASKS}
#: Packages of a network, by the first letters of its name; `build` asks for them.
OF_NETWORKS = {"dpn": ("timm",), "": ("torchvision",)}
#: Names under which pip knows packages that it does not know under their own.
DISTRIBUTIONS = {"cv2": "opencv-python-headless"}
#: What finds landmarks.
FINDS = ("dlib", "cv2", "face_recognition_models")


def check(run: Run) -> None:
    """An InputError unless packages and landmarks are there for all that `run` does."""
    for score in run.scores:
        _packages(run, f"score {score}", OF_SCORES.get(score, ()))
    if run.faces == "masked":
        _packages(run, "faces in masks", MASKS)
    if run.model.get("family") == "backbone":
        name = str(run.model.get("name"))
        first = next(start for start in OF_NETWORKS if name.startswith(start))
        _packages(run, f"network {name}", OF_NETWORKS[first])
    for name in filter(None, (run.dataset, run.cross)):
        _landmarks(run, name)


def check_caches(run: Run, material: Material) -> None:
    """An InputError where spoilt faces would be searched for landmarks without what finds them."""
    from ferbook.study.robustness import cached, sample

    if "spoilt" in run.scores and not cached(material, sample(material)):
        _found(run, "score spoilt: landmarks of spoilt faces")


def prepare(run: Run) -> None:
    """Make each cache that `run` asks for: landmarks, faces in masks, landmarks of spoilt faces."""
    from ferbook.study import material as materials
    from ferbook.study.robustness import detections, sample

    check(run)
    material = materials.gather(run)
    if run.cross:
        materials.open_dataset(run.cross)
    check_caches(run, material)
    if "spoilt" in run.scores:
        detections(material, sample(material))


def _packages(run: Run, what: str, names: tuple[str, ...]) -> None:
    for name in _missing(names):
        raise InputError(
            f"{run.id}: {what} needs the package {name}, which is not here; "
            f"`pip install {DISTRIBUTIONS.get(name, name)}` brings it"
        )


def _missing(names: tuple[str, ...]) -> Iterator[str]:
    """Packages that cannot be imported; one whose own needs are missing is of no use either."""
    for name in names:
        try:
            if name == "face_recognition_models":  # importing it would need pkg_resources
                from importlib.util import find_spec

                if find_spec(name) is None:
                    yield name
            else:
                import_module(name)
        except ImportError:
            yield name.partition(".")[0]


def _landmarks(run: Run, dataset: str) -> None:
    from ferbook.data.store import read_meta

    if dataset.startswith("synthetic-"):
        return
    meta = read_meta(dataset)
    if "landmarks" not in meta["files"] and not landmarks.is_cached(meta["fingerprint"]):
        _found(run, f"landmarks of {dataset}")


def _found(run: Run, what: str) -> None:
    """An InputError about a cache that is not there and cannot be made here."""
    for name in _missing(FINDS):
        raise InputError(
            f"{run.id}: {what} are not cached in {paths.landmark_cache()}, and {name}, which finds "
            f"them, is not here: run `ferbook run {run.paper}/{run.experiment} --tier {run.tier} "
            f"--seeds {run.seed + 1} --prepare` where it is, and bring that folder along"
        )
