"""A training small enough to watch: nothing is recorded, nothing is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ferbook.data.faces import Faces


def watch(model: dict[str, Any], faces: Faces, epochs: int, seed: int = 0) -> list[dict[str, Any]]:
    """History of `model` trained on `faces` for a few epochs by the recipe `demo`, on the CPU.

    The split is the faces' own official one; their landmarks must be known.
    """
    import torch

    from ferbook.data.splits import make_split
    from ferbook.models.build import build
    from ferbook.study.inputs import Feed, Inputs
    from ferbook.study.recipe import recipe
    from ferbook.study.training import train
    from ferbook.vision import landmarks

    split = make_split(faces, "official")
    rows = {"train": split.train, "validation": split.validation}
    plan = replace(recipe("demo"), epochs=epochs, batch=16)
    torch.manual_seed(seed)
    network, channels = build(model, plan.sigma)
    points = landmarks.of(faces).points
    inputs = Inputs.on(torch.device("cpu"), faces.images, points, faces.labels)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # a network this small computes for less time than threads wait
    try:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "checkpoint.pt"
            return train(network, Feed(inputs, channels, plan), rows, seed, file, "demo")
    finally:
        torch.set_num_threads(threads)
