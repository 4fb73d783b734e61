"""What a trained network is scored on: its own parts, spoilt faces, another dataset.

Probabilities are handed on in the columns of the dataset's own label codes; a class that the
network does not know has probability 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from ferbook.study import material as materials
from ferbook.study.inputs import Channels, Feed, Inputs
from ferbook.study.material import Material, Rows
from ferbook.study.recipe import Recipe
from ferbook.study.robustness import detections, sample
from ferbook.study.training import predict
from ferbook.vision.masking import CONDITIONS, REGION_CONDITIONS, spoil

if TYPE_CHECKING:
    from ferbook.perturb.scheme import Scheme
    from ferbook.study.experiments import Run

Views = dict[str, NDArray[np.float32]]


class Scorer:
    """A trained network with what it needs to see a face."""

    def __init__(
        self,
        network: torch.nn.Module,
        channels: Channels,
        recipe: Recipe,
        device: torch.device,
        scheme: Scheme | None = None,
    ) -> None:
        self.network, self.channels = network, channels
        self.recipe, self.device, self.scheme = recipe, device, scheme

    def __call__(
        self, images: NDArray[np.uint8], points: NDArray[np.float32], view: str = "plain"
    ) -> NDArray[np.float32]:
        """(n, classes) probabilities of (n, 48, 48) images with (n, 68, 2) landmarks."""
        none = np.zeros(len(images), np.uint8)
        inputs = Inputs.on(self.device, images, points, none)
        scheme = None if self.scheme is None else self.scheme.on(inputs.images)
        feed = Feed(inputs, self.channels, self.recipe, scheme)
        logits = predict(self.network, feed, np.arange(len(images)), view)
        return logits.softmax(1).cpu().numpy()

    def network_input(self, images: NDArray[np.uint8]) -> torch.Tensor:
        """What a network of pixels alone is shown of (n, 48, 48) images in a test."""
        none = np.zeros(len(images), np.uint8)
        points = np.zeros((len(images), 68, 2), np.float32)
        inputs = Inputs.on(self.device, images, points, none)
        scheme = None if self.scheme is None else self.scheme.on(inputs.images)
        feed = Feed(inputs, self.channels, self.recipe, scheme)
        ((shown, _),) = feed.test(torch.arange(len(images)), "plain")
        return self.channels.compose(shown, feed.inputs.landmarks)[0]


def score(
    run: Run, material: Material, scorer: Scorer, peeked: dict[str, torch.Tensor]
) -> dict[str, Any]:
    """{part: {"rows": (n,) of the dataset, "views": {view: (n, emotions)}}}, as records take it."""
    views = ("plain", "tencrop" if "tencrop" in run.scores else "flip")
    out = {part: _part(material, scorer, part, views) for part in ("validation", "test")}
    if "train" in run.scores:
        out["train"] = _part(material, scorer, "train", ("plain",))
    if "peeked" in run.scores:
        best = peeked["logits"].softmax(1).cpu().numpy()[_order(material, "test")]
        out["test"]["views"]["peeked"] = _columns(best, material.codes, _width(material))
    if "masked" in run.scores:
        out["test"]["views"]["masked"] = _masked(material, scorer)
    if "spoilt" in run.scores:
        out["test"]["views"] |= _regions(material, scorer)
        out["spoilt"] = _spoilt(material, scorer)
    if not run.probabilities:
        out["test"]["probabilities"] = ()
    if run.cross:
        out["cross"] = _cross(run, scorer, material)
    return out


def artifacts(run: Run, material: Material, scorer: Scorer) -> dict[str, NDArray[Any]]:
    """Where the network looks; of spoilt faces, the share (conditions,) that dlib still finds."""
    out: dict[str, NDArray[Any]] = {}
    if "saliency" in run.scores:
        from ferbook.study.evidence import evidence

        out |= evidence(material, scorer)
    if "spoilt" in run.scores:
        _, detected = detections(material, sample(material))
        out["spoilt.conditions"] = np.array([condition.name for condition in CONDITIONS])
        out["spoilt.detected"] = detected.mean(axis=1)
    return out


def _part(material: Material, scorer: Scorer, part: str, views: tuple[str, ...]) -> dict[str, Any]:
    rows = material.rows[part][_order(material, part)]
    shown = material.bare if part == "test" else material.images
    images, points = shown[rows], material.points[rows]
    scored = {
        view: _columns(scorer(images, points, view), material.codes, _width(material))
        for view in views
    }
    return {"rows": material.origin[rows], "views": scored}


def _order(material: Material, part: str) -> Rows:
    """What sorts a part by the dataset's rows, as records hold them; doubled faces are not so."""
    return np.argsort(material.origin[material.rows[part]], kind="stable")


def _masked(material: Material, scorer: Scorer) -> NDArray[np.float32]:
    """The whole test part in face masks."""
    rows = material.rows["test"][_order(material, "test")]
    assert material.masked is not None
    said = scorer(material.masked[rows], material.points[rows])
    return _columns(said, material.codes, _width(material))


def _regions(material: Material, scorer: Scorer) -> Views:
    """The whole test part with each region occluded, landmarks found before."""
    rows = material.rows["test"][_order(material, "test")]
    images, points, numbers = material.images[rows], material.points[rows], material.origin[rows]
    return {
        condition.name: _columns(
            scorer(*spoil(images, points, condition, numbers)), material.codes, _width(material)
        )
        for condition in REGION_CONDITIONS
    }


def _spoilt(material: Material, scorer: Scorer) -> dict[str, Any]:
    """A sample of the test part under every condition: with the landmarks found before, carried
    along (view `<condition>`), and found again by dlib on the spoilt face (`<condition>/found`)."""
    rows = sample(material)
    images, points = material.images[rows], material.points[rows]
    again, _ = detections(material, rows)
    views = {"plain": scorer(images, points)}
    for number, condition in enumerate(CONDITIONS):
        spoilt, carried = spoil(images, points, condition, material.origin[rows])
        views[condition.name] = scorer(spoilt, carried)
        if scorer.channels.landmarks:
            views[f"{condition.name}/found"] = scorer(spoilt, again[number])
    wide = {view: _columns(p, material.codes, _width(material)) for view, p in views.items()}
    return {"rows": material.origin[rows], "views": wide}


def _cross(run: Run, scorer: Scorer, material: Material) -> dict[str, Any]:
    """Another dataset's shared emotions: free choice among all classes ("plain"), or only among
    the shared ones ("shared")."""
    faces, found = materials.open_dataset(run.cross or "")
    rows = materials.shared_rows(faces)
    points = materials.placed(found, run.undetected)
    table = _columns(
        scorer(faces.images[rows], points[rows]), material.codes, len(faces.emotions) + 1
    )
    among = np.zeros_like(table)
    among[:, materials.shared_codes()] = table[:, materials.shared_codes()]
    return {"rows": rows, "views": {"plain": table, "shared": among}}


def _width(material: Material) -> int:
    return len(material.faces.emotions)


def _columns(probabilities: NDArray[np.float32], codes: Rows, width: int) -> NDArray[np.float32]:
    """(n, classes) in the columns of the label codes: (n, width)."""
    out = np.zeros((len(probabilities), max(width, int(codes.max()) + 1)), np.float32)
    out[:, codes] = probabilities
    return out
