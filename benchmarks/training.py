"""An epoch as the engine trains it, beside an epoch as most repositories for FER2013 do.

The peers' loop: a Dataset that makes a PIL image of a face and sends it through torchvision's
transforms one by one, a DataLoader with a process for each core, float32 throughout. Network,
batch, optimiser, augmentations and number of images are the same on both sides.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import cross_entropy

from benchmarks import limits
from benchmarks.side_by_side import Task, row, seconds
from ferbook.data.faces import Faces
from ferbook.data.synthetic import draw
from ferbook.models.build import build
from ferbook.study import training
from ferbook.study.inputs import Feed, Inputs, Perturbation
from ferbook.study.recipe import Recipe, recipe

Model = dict[str, Any]
Row = dict[str, Any]
VGG16: Model = {"family": "backbone", "name": "vgg16", "classes": 7}
NETWORKS = ("vgg16", "resnet18", "densenet121", "dpn26", "resmasking")
EPOCHS = 200  #: of section 4.2
LARGE = 1024  #: images a batch, beside those of the recipe
FEW = 128  #: images of a validation that is not what is measured


@dataclass(frozen=True)
class Load:
    """How much is trained; on a GPU as much as FER2013's Training and PublicTest."""

    images: int
    validation: int
    epochs: int  #: of which the first is not counted
    different: int = 1024  #: drawn faces, which are repeated
    whole: bool = False  #: also large batches, and all networks
    batch: int | None = None  #: images a step in the place of the recipe's
    width: float = 1.0

    def faces(self) -> Faces:
        drawn = draw(min(self.different, self.images))
        return drawn.take(np.arange(self.images + self.validation) % len(drawn))

    def plan(self) -> Recipe:
        plan = replace(recipe("qiu"), epochs=self.epochs)
        return plan if self.batch is None else replace(plan, batch=self.batch)

    def rows(self, validation: int) -> dict[str, NDArray[np.int64]]:
        """Of which so many at most for the validation."""
        last = self.images + min(validation, self.validation)
        return {"train": np.arange(self.images), "validation": np.arange(self.images, last)}

    def model(self, name: str) -> Model:
        return VGG16 | {"name": name, "width": self.width}


LOADS = {"cpu": Load(1024, 128, 4), "cuda": Load(28_709, 3589, 6, whole=True)}
#: aimed at on a GPU: times the peers' loop; shares of the limit by batch; seconds of a training
TIMES, SHARES, SECONDS = {"cpu": 1.5, "cuda": 5}, {128: 0.25, LARGE: 0.45}, {"vgg16": 90}


def parts(device: str, load: Load | None = None) -> Iterator[Callable[[], list[Row]]]:
    load = load or LOADS[device]
    faces, plan = load.faces(), load.plan()
    yield partial(beside_peers, load, faces, plan, device)
    if load.whole:
        yield partial(alone, load, faces, replace(plan, batch=min(LARGE, load.images)), device)
        for name in NETWORKS:
            yield partial(whole_training, name, load, faces, plan, device)


def beside_peers(load: Load, faces: Faces, plan: Recipe, device: str) -> list[Row]:
    """An epoch of ours, an epoch of theirs, and so on."""
    model, theirs = load.model("vgg16"), []
    loop = peers(model, faces.take(np.arange(load.images)), plan, device)
    then = partial(timed, loop, theirs, device)
    ours = trained(model, load, faces, plan, device, FEW, then)
    return [line(model, plan, device, {"ours": ours[1:], "theirs": theirs[1:]}, load.images)]


def timed(task: Task, taken: list[float], device: str) -> None:
    taken.append(seconds(task, device))


def alone(load: Load, faces: Faces, plan: Recipe, device: str) -> list[Row]:
    model = load.model("vgg16")
    ours = trained(model, load, faces, plan, device, FEW)
    return [line(model, plan, device, {"ours": ours[1:]}, load.images)]


def line(
    model: Model, plan: Recipe, device: str, taken: dict[str, list[float]], images: int
) -> Row:
    network, _ = build(model, plan.sigma)
    size = plan.crop or 48
    work = limits.operations(network, torch.zeros(2, 1, size, size))
    rate = limits.matrix_rate(device, torch.bfloat16)
    more = {"limit": work / rate, "bound": "bf16 matrix products"}
    if device == "cuda":
        more["share"] = SHARES.get(plan.batch)
    return row(
        f"epoch-{model['name']}-{plan.batch}",
        f"training {model['name']}, batches of {plan.batch}",
        f"PIL, DataLoader, {float32(device)}" if "theirs" in taken else "",
        taken,
        {side: images for side in taken},
        "image",
        TIMES[device] if "theirs" in taken else None,
        **more,
    )


def float32(device: str) -> str:
    """What torch multiplies float32 with: cuDNN's convolutions are shortened unless forbidden."""
    short = device == "cuda" and torch.backends.cudnn.allow_tf32
    return "float32 (convolutions in TF32)" if short else "float32"


def whole_training(name: str, load: Load, faces: Faces, plan: Recipe, device: str) -> list[Row]:
    """The first epoch, in which a GPU warms up and records its steps, and as many like each of the
    later ones as make EPOCHS, each with its validation and its checkpoint."""
    ends = [time.perf_counter()]
    model, mark = load.model(name), lambda: ends.append(time.perf_counter())
    trained(model, load, faces, plan, device, load.validation, mark)
    first, *later = np.diff(ends).tolist()
    taken = {"ours": [first + (EPOCHS - 1) * each for each in later]}
    what, wanted = f"{EPOCHS} epochs of {name}", SECONDS.get(name)
    return [row(f"epochs-{name}", what, "", taken, {"ours": 1}, "training", wanted=wanted)]


def trained(
    model: Model,
    load: Load,
    faces: Faces,
    plan: Recipe,
    device: str,
    validation: int,
    after_each: Callable[[], object] = lambda: None,
) -> list[float]:
    """Seconds of each epoch of one training, without its checkpoint."""
    network, channels = build(model, plan.sigma)
    feed = fed(faces, channels, plan, device)
    return epochs(network, feed, load.rows(validation), after_each)


def fed(
    faces: Faces, channels: Any, plan: Recipe, device: str, scheme: Perturbation | None = None
) -> Feed:
    points = np.zeros((len(faces), 68, 2), np.float32)
    inputs = Inputs.on(torch.device(device), faces.images, points, faces.labels)
    return Feed(inputs, channels, plan, scheme)


def epochs(
    network: nn.Module,
    feed: Feed,
    rows: dict[str, NDArray[np.int64]],
    after_each: Callable[[], object] = lambda: None,
) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "checkpoint.pt"
        history = training.train(
            network, feed, rows, 0, file, "benchmark", report=lambda epoch: after_each()
        )
    return [epoch["seconds"] for epoch in history]


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
    on_gpu = device == "cuda"
    loader = DataLoader(
        Pictures(),
        plan.batch,
        shuffle=True,
        num_workers=os.cpu_count() or 1,
        pin_memory=on_gpu,
        persistent_workers=on_gpu,
    )
    return partial(one_epoch, network, loader, optimizer, device)


def one_epoch(
    network: nn.Module, loader: Any, optimizer: torch.optim.Optimizer, device: str
) -> float:
    network.train()
    start, total = time.perf_counter(), 0.0
    for images, labels in loader:
        images, labels = (part.to(device, non_blocking=True) for part in (images, labels))
        optimizer.zero_grad()
        loss = cross_entropy(network(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
    return total / (time.perf_counter() - start)
