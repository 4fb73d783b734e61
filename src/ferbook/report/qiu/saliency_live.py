"""Saliency while a page is built: three kinds of map, of a small network and of its untrained twin.

A map that is the same before and after training tells of the picture, not of what was learnt
(Adebayo et al. 2018, "Sanity checks for saliency maps").
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from ferbook.data.faces import Faces
from ferbook.data.live import live_faces
from ferbook.report.qiu.figures_saliency import Row
from ferbook.report.qiu.saliency import METHODS
from ferbook.study.demo import briefly, one_thread
from ferbook.study.inputs import Channels, Feed, Inputs
from ferbook.study.recipe import recipe
from ferbook.vision import regions as zones
from ferbook.vision import saliency
from ferbook.vision.augment import Geometry

if TYPE_CHECKING:
    from torch import nn

#: {network: {method: map}}, or {kind of curve: {order: curve}}.
Maps = dict[str, dict[str, NDArray[Any]]]
#: VGG16 at an eighth of its channels.
MODEL = {"family": "backbone", "name": "vgg16", "width": 0.125}
#: Faces that a table, and a curve, is the mean of.
MOST, CURVED = 35, 14


@dataclass(frozen=True, eq=False)
class Live:
    """Faces and a network that was trained on most of them."""

    faces: Faces
    network: nn.Module
    accuracy: float  #: on the others, in the epoch that was kept


@contextmanager
def quietly() -> Iterator[None]:
    """On one thread, without talk of widgets."""
    with one_thread(), warnings.catch_warnings():
        # captum asks for a progress bar of widgets, and none is drawn
        warnings.filterwarnings("ignore", "IProgress not found")
        yield


@lru_cache(maxsize=4)
def learnt(dataset: str, count: int, seed: int = 0, epochs: int = 6) -> Live:
    """A network trained for a few epochs, by the recipe `demo`, on six of seven of `count`
    live faces; kept as long as the process lives."""
    faces = live_faces(dataset, count, seed)
    order = np.random.default_rng(seed).permutation(len(faces))
    held = max(1, len(faces) // 7)
    rows = {"train": order[held:], "validation": order[:held]}
    # faces stay where they are: training sees so few of them in so few steps
    plan = replace(recipe("demo"), epochs=epochs, batch=16, geometry=Geometry(flip=0.5))
    nowhere = np.zeros((len(faces), 68, 2), np.float32)  # pixels alone need no landmarks
    inputs = Inputs.on(torch.device("cpu"), faces.images, nowhere, faces.labels)
    network, feed = untrained(seed), Feed(inputs, Channels(True, 0, plan.sigma), plan)
    history = briefly(network, feed, rows, seed)
    return Live(faces, network, max(epoch["validation_accuracy"] for epoch in history))


def untrained(seed: int = 0) -> nn.Module:
    """The network of the live part as it was before its first step."""
    from ferbook.models.build import build

    torch.manual_seed(seed)
    return build(MODEL, recipe("demo").sigma)[0]


def given(images: NDArray[np.uint8]) -> Tensor:
    """(N, 48, 48) uint8 -> (N, 1, 48, 48), as the network is shown them."""
    grey = torch.from_numpy(np.array(images))[:, None].float() / 255
    return Channels(True, 0, 0.0).compose(grey, torch.empty(0))[0]


@quietly()
def trio(live: Live, face: int, samples: int, seed: int = 0) -> Maps:
    """{trained, untrained: {method: map (48, 48) of one face}}, both for the class that the trained
    network takes the face for."""
    row = min(face, len(live.faces) - 1)
    x = given(live.faces.images[row : row + 1])
    target, maps = taken_for(live, x), saliency.maps
    return {
        name: {
            method: maps(network, x, target, method, samples=samples)[0].numpy()
            for method in saliency.METHODS
        }
        for name, network in _twins(live, seed).items()
    }


def taken_for(live: Live, x: Tensor) -> Tensor:
    """(B,) the classes that the trained network says."""
    live.network.eval()
    with torch.no_grad():
        return live.network(x).argmax(dim=1)


def _twins(live: Live, seed: int) -> dict[str, nn.Module]:
    return {"trained": live.network, "untrained": untrained(seed)}


def rows(live: Live, face: int, maps: Maps) -> list[Row]:
    """Rows of `figures_saliency.sheet`: the untrained network's maps, then the trained one's."""
    image = live.faces.images[min(face, len(live.faces) - 1)]
    faces = np.repeat(image[None], len(saliency.METHODS), axis=0)
    return [(name, faces, np.stack([*maps[name].values()])) for name in ("untrained", "trained")]


def sentence(live: Live, maps: Maps) -> str:
    """How good the live network is, and how alike its maps are to those of its untrained twin."""
    said = ", ".join(f"{METHODS[method]} {value:.2f}" for method, value in alike(maps).items())
    chance = 100 / len(live.faces.emotions)
    return (
        f"The live network is right about {100 * live.accuracy:.0f} % of the live faces that it "
        f"was not trained on ({chance:.0f} % by chance). Rank correlation of its maps with those "
        f"from before training: {said}; 1 would mean that training left the order of all pixels "
        "as it was."
    )


def alike(maps: Maps) -> dict[str, float]:
    """Spearman's rank correlation of each method's map before training with that after."""
    from scipy.stats import spearmanr

    return {
        method: float(spearmanr(found.ravel(), maps["untrained"][method].ravel()).statistic)
        for method, found in maps["trained"].items()
    }


@quietly()
def densities(live: Live, method: str, samples: int, seed: int = 0) -> pd.DataFrame:
    """Regions (rows): part of the picture, and density of saliency, trained and untrained; means
    over the first faces, 1 where a map does not prefer the region."""
    chosen = slice(0, min(MOST, len(live.faces)))
    x, points = given(live.faces.images[chosen]), landmarks(live.faces, chosen)
    where = zones.regions(points, live.faces.images.shape[-1])
    target = taken_for(live, x)
    columns: dict[str, NDArray[Any]] = {}
    for name, network in _twins(live, seed).items():
        found = saliency.maps(network, x, target, method, samples=samples).numpy()
        shares = zones.shares(found, where)
        columns.setdefault("picture, %", 100 * shares.area.mean(0))
        columns[name] = np.nanmean(shares.saliency, axis=0) / shares.area.mean(0)
    return pd.DataFrame(columns, index=pd.Index(zones.HULLS, name="region"))


def landmarks(faces: Faces, chosen: slice) -> NDArray[np.float32]:
    """(n, 68, 2): the true ones of drawn faces, else dlib's."""
    if faces.landmarks is not None:
        return faces.landmarks[chosen].astype(np.float32)
    from ferbook.vision.landmarks import detect

    return detect(faces.images[chosen]).points


@quietly()
def live_curves(live: Live, method: str, samples: int, steps: int = 8) -> Maps:
    """{kind: {order: (1, steps + 1)}}, as `saliency.curves` has them of recorded runs."""
    x = given(live.faces.images[: min(CURVED, len(live.faces))])
    found = saliency.maps(live.network, x, method=method, samples=samples)
    orders: dict[str, Callable[[str], saliency.Curve]] = {
        "own": lambda kind: saliency.curve(live.network, x, found, None, kind, steps),
        "another's": lambda kind: saliency.curve(
            live.network, x, found.roll(1, 0), None, kind, steps
        ),
        "random": lambda kind: saliency.random_curve(live.network, x, None, kind, steps),
    }
    return {
        kind: {
            name: order(kind).probability.mean(0, keepdim=True).numpy()
            for name, order in orders.items()
        }
        for kind in saliency.CURVES
    }
