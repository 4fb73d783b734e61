"""A training small enough to watch: nothing is recorded, nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ferbook.data.faces import Faces

if TYPE_CHECKING:
    from torch import nn

    from ferbook.study.inputs import Feed


def watch(model: dict[str, Any], faces: Faces, epochs: int, seed: int = 0) -> list[dict[str, Any]]:
    """History of `model` trained on `faces` for a few epochs by the recipe `demo`, on the CPU.

    So every machine shows the same curve. The split is the faces' own official one; their landmarks
    must be known.
    """
    import torch

    from ferbook.data.splits import make_split
    from ferbook.models.build import build
    from ferbook.study.inputs import Feed, Inputs
    from ferbook.study.recipe import recipe
    from ferbook.vision import landmarks

    split = make_split(faces, "official")
    rows = {"train": split.train, "validation": split.validation}
    plan = replace(recipe("demo"), epochs=epochs, batch=16)
    torch.manual_seed(seed)
    network, channels = build(model, plan.sigma)
    points = landmarks.of(faces).points
    inputs = Inputs.on(torch.device("cpu"), faces.images, points, faces.labels)
    return briefly(network, Feed(inputs, channels, plan), rows, seed)


def briefly(
    network: nn.Module, feed: Feed, rows: dict[str, NDArray[np.int64]], seed: int
) -> list[dict[str, Any]]:
    """History of a network trained on one thread, its checkpoint thrown away."""
    from ferbook.study.training import train

    with one_thread(), TemporaryDirectory() as folder:
        return train(network, feed, rows, seed, Path(folder) / "checkpoint.pt", "demo")


@contextmanager
def one_thread() -> Iterator[None]:
    """A network this small computes for less time than threads wait."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
