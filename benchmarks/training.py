"""An epoch as the engine trains it, beside an epoch as most repositories for FER2013 do.

The peers' loop: a Dataset that makes a PIL image of a face and sends it through torchvision's
transforms one by one, a DataLoader with a process for each core, float32 throughout. Network,
batch, optimiser, augmentations and number of images are the same on both sides.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from benchmarks import limits
from benchmarks.side_by_side import in_turns, row
from ferbook.data.faces import Faces
from ferbook.data.synthetic import draw
from ferbook.models.build import build
from ferbook.study import training
from ferbook.study.inputs import Channels, Feed, Inputs
from ferbook.study.recipe import Recipe, recipe

Model = dict[str, Any]
VGG16: Model = {"family": "backbone", "name": "vgg16", "classes": 7}
NETWORKS = ("vgg16", "resnet18", "densenet121", "dpn26", "resmasking")
TRAINING = 28_709  #: images of FER2013's Training part
EPOCHS = 200  #: of section 4.2


def rows(device: str) -> list[dict[str, Any]]:
    images = TRAINING if device == "cuda" else 1024
    faces, plan = draw(min(images, 5000)), replace(recipe("qiu"), epochs=1)
    faces = faces.take(np.arange(images) % len(faces))
    tasks = {"ours": epoch(VGG16, faces, plan, device), "theirs": peers(VGG16, faces, plan, device)}
    taken = in_turns(tasks, 3, device)
    out = [line(VGG16, plan, device, taken, images, 5 if device == "cuda" else 1.5)]
    if device == "cuda":
        large = replace(plan, batch=1024)
        taken = in_turns({"ours": epoch(VGG16, faces, large, device)}, 3, device)
        out.append(line(VGG16, large, device, taken, images))
        out += [whole_training(name, faces, plan, device) for name in NETWORKS]
    return out


def line(
    model: Model,
    plan: Recipe,
    device: str,
    taken: dict[str, list[float]],
    images: int,
    target: float | None = None,
) -> dict[str, Any]:
    network, _ = build(model, plan.sigma)
    size = plan.crop or 48
    work = limits.operations(network, torch.zeros(2, 1, size, size))
    rate = limits.matrix_rate(device, torch.bfloat16)
    return row(
        f"epoch-{model['name']}-{plan.batch}",
        f"training {model['name']}, batches of {plan.batch}",
        "PIL, DataLoader, float32" if "theirs" in taken else "",
        taken,
        {side: images for side in taken},
        "image",
        target,
        limit=work / rate,
        bound="bf16 matrix products",
    )


def whole_training(name: str, faces: Faces, plan: Recipe, device: str) -> dict[str, Any]:
    """One epoch, told as the seconds of all of them."""
    taken = in_turns({"ours": epoch(VGG16 | {"name": name}, faces, plan, device)}, 2, device)
    taken = {side: [EPOCHS * seconds for seconds in spent] for side, spent in taken.items()}
    what, wanted = f"{EPOCHS} epochs of {name}", 90 if name == "vgg16" else None
    return row(f"epochs-{name}", what, "", taken, {"ours": 1}, "training", wanted=wanted)


def epoch(model: Model, faces: Faces, plan: Recipe, device: str) -> Callable[[], object]:
    place = torch.device(device)
    network, channels = build(model, plan.sigma)
    assert isinstance(channels, Channels)
    points = np.zeros((len(faces), 68, 2), np.float32)
    inputs = Inputs.on(place, faces.images, points, faces.labels)
    parts = {"train": np.arange(len(faces)), "validation": np.arange(plan.batch)}

    def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "checkpoint.pt"
            training.train(network, Feed(inputs, channels, plan), parts, 0, file, "benchmark")

    return run


def peers(model: Model, faces: Faces, plan: Recipe, device: str) -> Callable[[], object]:
    from PIL import Image
    from torch.utils.data import DataLoader, Dataset
    from torchvision import transforms

    assert plan.crop is not None
    steps = transforms.Compose(
        [
            transforms.RandomCrop(plan.crop),
            transforms.RandomHorizontalFlip(plan.geometry.flip),
            transforms.ToTensor(),
            transforms.Normalize(0.5, 0.25),
            transforms.RandomErasing(plan.erasing),
        ]
    )

    class Pictures(Dataset[Any]):
        def __len__(self) -> int:
            return len(faces)

        def __getitem__(self, row: int) -> tuple[torch.Tensor, int]:
            return steps(Image.fromarray(faces.images[row])), int(faces.labels[row])

    network, _ = build(model, plan.sigma)
    network.to(device)
    settings = {"lr": plan.lr, "momentum": 0.9, "nesterov": True, "weight_decay": plan.weight_decay}
    optimizer = torch.optim.SGD(network.parameters(), **settings)  # type: ignore[arg-type]
    loader = DataLoader(
        Pictures(), plan.batch, shuffle=True, num_workers=os.cpu_count() or 1, pin_memory=False
    )
    return partial(one_epoch, network, loader, optimizer, device)


def one_epoch(
    network: nn.Module, loader: Any, optimizer: torch.optim.Optimizer, device: str
) -> float:
    network.train()
    start, total = time.perf_counter(), 0.0
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        loss = cross_entropy(network(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
    return total / (time.perf_counter() - start)
