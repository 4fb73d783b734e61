"""The Perturb Scheme live: a small attention network, trained for seconds on the faces at hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ferbook.data.faces import Faces
from ferbook.data.live import live_faces
from ferbook.perturb.clusters import common_centres, label_maps
from ferbook.perturb.distance import (
    INTENSITIES,
    Settings,
    chosen,
    chosen_points,
    pixels_chosen,
    share_of_intensity,
)
from ferbook.perturb.scheme import Plan, Scheme

if TYPE_CHECKING:
    from ferbook.models.backbones import Backbone

#: The network of phase 1 on a page: ResNet18 at an eighth of its channels.
MODEL = {"family": "backbone", "name": "resnet18", "width": 0.125, "attention": "cbam"}
BATCH, EPOCHS = 16, 3
TIMED, TURNS = 28, 10  #: live faces on which every number of clusters is timed, and how often
#: What I can be in Eq. 1, in words.
READINGS = {
    "image-unit": "the image, 0 to 1",
    "image": "the image, 0 to 255",
    "attention-unit": "the attention, 0 to 1",
    "attention": "the attention, 0 to 255",
}


@dataclass(frozen=True, eq=False)
class Live:
    """Faces, the network of phase 1 trained on them, and its attention."""

    faces: Faces
    network: Backbone
    images: Tensor  #: (N, 48, 48) uint8
    attention: Tensor  #: (N, 48, 48), 0 to 1
    validation: float  #: accuracy on the validation part, in the epoch that was kept


@dataclass(frozen=True, eq=False)
class Shown:
    """One face through the three phases."""

    face: Tensor  #: (48, 48) uint8
    attention: Tensor  #: (48, 48), 0 to 1
    highest: Tensor  #: (48, 48) bool: the pixels that are clustered
    clusters: Tensor  #: (48, 48) uint8, 0 for none
    training: list[Tensor]  #: what the predictor may be shown, each (C, 48, 48) in 0 to 1
    test: Tensor  #: the same in a test
    parameters: int  #: weights of the network of phase 1


@lru_cache(maxsize=4)
def attended(dataset: str, count: int, seed: int = 0, epochs: int = EPOCHS) -> Live:
    """`count` faces of `dataset` and an attention network trained on them for a few epochs.

    The same arguments give the same network, which is kept as long as the process lives.
    """
    from ferbook.models.build import build
    from ferbook.study.demo import briefly, one_thread
    from ferbook.study.inputs import Feed, Inputs
    from ferbook.study.phases import Attention
    from ferbook.study.recipe import recipe

    faces = live_faces(dataset, count, seed)
    order = np.random.default_rng(seed).permutation(len(faces))
    held = max(1, len(faces) // 7)
    rows = {"train": order[held:], "validation": order[:held]}
    plan = replace(recipe("demo"), epochs=epochs, batch=BATCH)
    torch.manual_seed(seed)
    network, channels = build(MODEL, plan.sigma)
    nowhere = np.zeros((len(faces), 68, 2), np.float32)  # pixels alone: no landmarks are needed
    inputs = Inputs.on(torch.device("cpu"), faces.images, nowhere, faces.labels)
    history = briefly(network, Feed(inputs, channels, plan), rows, seed)
    with one_thread():
        attention = Attention(network, Plan().frame)(inputs.images)  # type: ignore[arg-type]
    best = max(epoch["validation_accuracy"] for epoch in history)
    return Live(faces, network, inputs.images, attention, best)  # type: ignore[arg-type]


def clusters(live: Live, settings: Settings, seed: int = 0) -> Tensor:
    """(N, 48, 48) uint8: phase 2 of all live faces, as in an epoch of the scheme."""
    return _scheme(live, Plan(settings), seed).maps


def through(live: Live, face: int, plan: Plan, draws: int = 4, seed: int = 0) -> Shown:
    """Face number `face` through all phases, with `draws` of what training may show of it."""
    scheme = _scheme(live, plan, seed)
    row = min(face, len(live.images) - 1)
    maps = scheme.maps[row : row + 1]
    whole = live.images[row][None, None].float() / 255
    generator = torch.Generator().manual_seed(seed)
    random = draws if plan.mode == "drop" else 1
    drawn = scheme.draw(random, generator)
    training = scheme.shown(whole.expand(random, -1, -1, -1), maps.expand(random, -1, -1), *drawn)
    highest = torch.zeros(live.images[0].numel(), dtype=torch.bool)
    highest[chosen(live.attention[row : row + 1], plan.settings.share)[0]] = True
    return Shown(
        live.images[row],
        live.attention[row],
        highest.view_as(maps[0]),
        maps[0],
        list(training),
        scheme.shown(whole, maps)[0],
        sum(weight.numel() for weight in live.network.parameters()),
    )


def carried(live: Live, settings: Settings) -> pd.DataFrame:
    """What either term of Eq. 1 carries, a row a reading of I; means over the live faces.

    "position" and "intensity" are variances over the clustered pixels of a face, "share of
    intensity" is the second in per cent of both, and "moved" the clustered pixels (per cent) that
    lie in another cluster where alpha is 0, each face clustered by itself.
    """
    shares = share_of_intensity(live.images, live.attention, settings)
    rows = {}
    for intensity in INTENSITIES:
        read = replace(settings, intensity=intensity, granularity="image")
        _, points = chosen_points(live.images, live.attention, read)
        spread = points.double().var(dim=1, correction=0).mean(0)
        share = 100 * shares[intensity]
        rows[READINGS[intensity]] = {
            "position": float(spread[:2].sum()),
            "intensity": float(spread[2]),
            "share of intensity": float(share.nanmean()),
            "lowest": float(share.nan_to_num(100).min()),
            "highest": float(share.nan_to_num(0).max()),
            "moved": moved(live, read),
        }
    return pd.DataFrame(rows).T.loc[list(READINGS.values())]


def moved(live: Live, settings: Settings) -> float:
    """Per cent of clustered pixels in another cluster without alpha; NaN where lambda is 0."""
    if not settings.lam:
        return float("nan")
    own = label_maps(live.images, live.attention, settings, 0)
    without = label_maps(live.images, live.attention, replace(settings, alpha=0.0), 0)
    here = own > 0
    return float(100 * (own != without)[here].float().mean())


def bounds(settings: Settings, size: int = 48) -> pd.Series:
    """What position and intensity can carry, by arithmetic alone (A23).

    n pixels, each a unit square, have at least the spread of a disc of their area, n / (2 pi), of
    which 1/6 lies within the squares: their centres vary by n / (2 pi) - 1/6 at least, x and y
    together. A quantity within 0 to 1 has a variance of at most 1/4.
    """
    count = pixels_chosen(settings.share, size**2)
    return pd.Series(
        {
            "position, at least (a disc)": settings.lam**2 * (count / (2 * np.pi) - 1 / 6),
            "position, one square": settings.lam**2 * 2 * (count - 1) / 12,
            "position, evenly over the frame": settings.lam**2 * 2 * (size**2 - 1) / 12,
            "intensity in 0 to 1, at most": settings.alpha**2 / 4,
            "intensity in 0 to 255, at most": settings.alpha**2 * 255**2 / 4,
        },
        name="variance",
    )


def rates(live: Live, settings: Settings, seconds: float = 0.5) -> pd.DataFrame:
    """What phase 2 takes once the attention is known: each image by itself, and by common centres.

    Columns: "centres", seconds to find those of an epoch on as many images as the scheme does
    (`Plan.sample`; live faces are repeated where they are fewer), NaN where an image has its own;
    "an image", seconds to cluster it, or to label it by those centres. The fastest of several.
    """
    grey, seen = live.images, live.attention
    common = replace(settings, granularity="epoch")
    sample = Plan().sample
    copies = -(-sample // len(grey))
    some, its = (each.repeat(copies, 1, 1)[:sample] for each in (grey, seen))
    centres = common_centres(some, its, common, 0)
    own = replace(settings, granularity="image")
    rows = {
        "each image by itself": (
            np.nan,
            _fastest(lambda: label_maps(grey, seen, own, 0), seconds) / len(grey),
        ),
        "common centres": (
            _fastest(lambda: common_centres(some, its, common, 0), seconds),
            _fastest(lambda: label_maps(grey, seen, common, 0, centres), seconds) / len(grey),
        ),
    }
    return pd.DataFrame(rows, index=["centres", "an image"]).T


def _fastest(work: Callable[[], object], seconds: float) -> float:
    """Seconds of the fastest of up to 20 repeats, no more of them than about `seconds` hold."""
    times: list[float] = []
    while not times or (sum(times) < seconds and len(times) < 20):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def seconds_over(live: Live, settings: Settings, most: int = 8) -> pd.DataFrame:
    """Milliseconds of phase 2 an image, each by itself, a column for each of 1 to `most` clusters:
    the fastest of `TURNS` turns and their median. Whatever else the machine does can only slow one.
    """
    grey, seen = live.images[:TIMED], live.attention[:TIMED]
    turns = np.empty((TURNS, most))
    for turn, column in np.ndindex(turns.shape):
        read = replace(settings, clusters=column + 1, granularity="image")
        start = time.perf_counter()
        label_maps(grey, seen, read, 0)
        turns[turn, column] = 1000 * (time.perf_counter() - start) / len(grey)
    ends = {"fastest": turns.min(0), "median": np.median(turns, axis=0)}
    return pd.DataFrame(ends, index=range(1, most + 1)).T


def _scheme(live: Live, plan: Plan, seed: int) -> Scheme:
    """Phases 2 and 3 on all live faces, in their first epoch."""
    every = np.arange(len(live.images))
    scheme = Scheme(plan, live.images, every, seed, lambda images: live.attention)
    scheme.begin(1)
    return scheme
