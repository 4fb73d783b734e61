"""What Qiu's Perturb Scheme costs: an epoch without it, of phase 1, and of phase 3 by clusters.

VGG16 at a quarter of its width, by the paper's recipe, on drawn faces; all of them in turns. Phase
3 shows images that lose one of their clusters, which are found anew in each epoch; the attention
that chooses the pixels is that of a network that learnt nothing, which takes as long. A training
looks at it once: of many epochs the first costs what is told here, the others less by that.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

from benchmarks.side_by_side import row, seconds
from benchmarks.training import FEW, Load, epochs, fed
from ferbook.data.faces import Faces
from ferbook.models.build import build
from ferbook.perturb.distance import Settings
from ferbook.perturb.scheme import Plan, Scheme
from ferbook.study.phases import Attention

CLUSTERS = (1, 2, 3, 5, 8)
TURNS = 3
#: the second epoch is told: in the first a GPU warms up and records its steps
LOADS = {
    "cpu": Load(512, FEW, 2, 512, width=0.25),
    "cuda": Load(16_384, FEW, 2, 512, width=0.25),
}
Way = Callable[[], float]  #: seconds of one epoch, or of a part of it


def rows(
    device: str,
    load: Load | None = None,
    clusters: tuple[int, ...] = CLUSTERS,
    turns: int = TURNS,
) -> list[dict[str, Any]]:
    load = load or LOADS[device]
    faces = load.faces()
    plain = load.model("vgg16")
    look = Attention(network(plain | {"attention": "cbam"}, device)[0].eval(), Plan().frame)
    schemes = {n: found(n, load, faces, look, device) for n in clusters}
    images = next(iter(schemes.values())).images[: load.images]
    ways: dict[str, Way] = {
        "plain": partial(epoch, plain, load, faces, device),
        "cbam": partial(epoch, plain | {"attention": "cbam"}, load, faces, device),
        "attention": partial(seconds, lambda: look(images), device),
    }
    for n, scheme in schemes.items():
        ways[f"clustering-{n}"] = partial(clustering, scheme, device)
        ways[f"training-{n}"] = partial(epoch, plain, load, faces, device, scheme)
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(turns):
        for way, once in ways.items():
            taken[way].append(once())
    for n in clusters:
        pairs = zip(taken.pop(f"training-{n}"), taken["attention"], strict=True)
        taken[f"epoch-{n}"] = [sum(pair) for pair in pairs]
    return [line(way, spent, load.images) for way, spent in taken.items()]


WHAT = {
    "plain": "an epoch of vgg16, quarter width",
    "cbam": "the same with CBAM",
    "attention": "attention of its images",
    "clustering": "their clusters",
    "epoch": "an epoch of the scheme, with both",
}


def line(way: str, spent: list[float], images: int) -> dict[str, Any]:
    part, _, clusters = way.partition("-")
    what = WHAT[part] + (f", n = {clusters}" if clusters else "")
    about = {"part": part, "clusters": int(clusters or 0)}
    return row(f"scheme-{way}", what, "", {"ours": spent}, {"ours": images}, "image", **about)


def network(model: dict[str, Any], device: str) -> tuple[Any, Any]:
    torch.manual_seed(0)
    made, channels = build(model, 1.5)
    return made.to(device=device, memory_format=torch.channels_last), channels  # type: ignore[call-overload]


def found(clusters: int, load: Load, faces: Faces, look: Attention, device: str) -> Scheme:
    """With its attention looked at and its first clusters found."""
    images = torch.from_numpy(np.array(faces.images)).to(device)
    plan = Plan(Settings(clusters=clusters))
    scheme = Scheme(plan, images, np.arange(load.images), 0, look)
    scheme.begin(1)
    return scheme


def clustering(scheme: Scheme, device: str) -> float:
    """Those of another epoch, as each epoch asks for them."""
    return seconds(lambda: scheme.begin(scheme.epoch + 1), device)


def epoch(
    model: dict[str, Any], load: Load, faces: Faces, device: str, scheme: Scheme | None = None
) -> float:
    made, channels = network(model, device)
    feed = fed(faces, channels, load.plan(), device, scheme)
    return epochs(made, feed, load.rows(FEW))[-1]
