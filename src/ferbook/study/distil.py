"""`landmark_net` learns dlib's 68 points on FER2013: the teacher speaks, nobody labels.

The pupil sees what a crop box dragged by hand may show: faces moved by up to 15 % of the frame and
as much larger or smaller, turned, mirrored, brighter and darker, and some with a rectangle of one
grey over them, under which the points stay where the teacher saw them. It learns from the
training part, from faces that the detector itself found about where the frame is; where it found
none, the teacher guessed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor
from torch.nn.functional import smooth_l1_loss

from ferbook.models.landmark_net import SIZE, LandmarkNet
from ferbook.study.checkpoint import read_checkpoint, write_checkpoint
from ferbook.study.step import autocast
from ferbook.study.training import Deadline
from ferbook.vision import augment
from ferbook.vision.augment import Geometry

SHARE = 0.15  #: of the frame: how far off, and how much too large or small, a crop may be
JITTER = Geometry(translation=SHARE * SIZE, zoom=(1 - SHARE, 1 + SHARE))
OUTER_CORNERS = (36, 45)  #: landmarks of the eyes, between which lies the inter-ocular distance
BATCH = 512  #: faces looked at together where nothing is learnt

Images = NDArray[np.uint8]
Points = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Plan:
    """How the pupil is taught."""

    epochs: int = 20
    batch: int = 128
    lr: float = 5e-3  #: peak of a one-cycle schedule of AdamW
    weight_decay: float = 0.02
    knee: float = 0.5  #: pixels; below it the loss is quadratic, above it linear (smooth L1)
    rotation: float = 15.0  #: degrees
    erasing: float = 0.3  #: share of faces that a rectangle covers in part
    contrast: float = 0.4  #: factor on grey levels, up to so much more or less
    brightness: float = 0.2  #: added to grey levels, of the range from black to white
    seed: int = 0

    @property
    def geometry(self) -> Geometry:
        return Geometry(self.rotation, JITTER.translation, JITTER.zoom, flip=0.5)


def normalised_errors(found: Tensor, truth: Tensor) -> Tensor:
    """(B,) mean distance of (B, 68, 2) points from the truth, by its inter-ocular distance."""
    right, left = (truth[:, corner] for corner in OUTER_CORNERS)
    return (found - truth).norm(dim=2).mean(1) / (left - right).norm(dim=1)


def jittered(images: Images, points: Points, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Images (N, 1, 48, 48) in 0 to 1 and points as a careless crop shows them, one draw each."""
    faces = torch.from_numpy(np.array(images)).unsqueeze(1).float().div_(255)
    maps, flipped = augment.draw(JITTER, len(faces), Generator().manual_seed(seed), SIZE)
    moved = augment.apply(faces, torch.from_numpy(np.array(points)), maps, flipped)
    return moved[0], moved[1]  # type: ignore[return-value]


@torch.no_grad()
def look(network: torch.nn.Module, faces: Tensor) -> Tensor:
    """(N, 68, 2) points of (N, 1, 48, 48) faces in 0 to 1, in full precision."""
    network.eval()
    return torch.cat([network(4 * part - 2) for part in faces.split(BATCH)])


def teach(
    images: Images,
    points: Points,
    rows: dict[str, Rows],
    plan: Plan,
    checkpoint: Path,
    mark: str,
    deadline: float | None = None,
    report: Callable[[dict[str, Any]], None] = lambda epoch: None,
) -> tuple[LandmarkNet, list[dict[str, Any]]]:
    """A pupil of the teacher's `points` (N, 68, 2) on `images` (N, 48, 48), and its history.

    `rows` has "train" and "validation"; the last epoch is kept, for the rate has then gone to 0.
    Each epoch is checkpointed under `mark`, which names all that decides it. Raises `Deadline`.
    """
    torch.manual_seed(plan.seed)
    network = LandmarkNet()
    network.start_from(torch.from_numpy(points[rows["train"]].mean(axis=0)))
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    steps = -(-len(rows["train"]) // plan.batch)
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=plan.lr, weight_decay=plan.weight_decay, fused=True
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=plan.lr, total_steps=plan.epochs * steps + 1, pct_start=0.2
    )
    history: list[dict[str, Any]] = []
    parts = {"network": network, "optimizer": optimizer, "schedule": schedule}
    if state := read_checkpoint(checkpoint, mark, torch.device("cpu")):
        for name, part in parts.items():
            part.load_state_dict(state[name])  # type: ignore[attr-defined]
        history = state["history"]
    while len(history) < plan.epochs:
        if deadline is not None and time.monotonic() > deadline:
            raise Deadline
        start = time.perf_counter()
        number = len(history) + 1
        epoch = {"epoch": number, "lr": float(optimizer.param_groups[0]["lr"])}
        epoch["train_loss"] = _epoch(
            network, optimizer, schedule, images, points, rows, plan, number
        )
        epoch["validation_error"] = error(network, images, points, rows["validation"])
        epoch["seconds"] = round(time.perf_counter() - start, 3)
        history.append(epoch)
        states = {name: part.state_dict() for name, part in parts.items()}  # type: ignore[attr-defined]
        write_checkpoint(checkpoint, {"fingerprint": mark, **states, "history": history})
        report(epoch)
    return network, history


def error(network: torch.nn.Module, images: Images, points: Points, rows: Rows) -> float:
    """Mean normalised error on the faces of `rows`, as they are."""
    faces = torch.from_numpy(np.array(images[rows])).unsqueeze(1).float().div_(255)
    found = look(network, faces)
    return float(normalised_errors(found, torch.from_numpy(np.array(points[rows]))).mean())


def _epoch(
    network: LandmarkNet,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    images: Images,
    points: Points,
    rows: dict[str, Rows],
    plan: Plan,
    number: int,
) -> float:
    """Mean loss in pixels of one pass over the training part."""
    generator = Generator().manual_seed(plan.seed * 100_003 + number)
    order = rows["train"][torch.randperm(len(rows["train"]), generator=generator).numpy()]
    network.train()
    total = 0.0
    for start in range(0, len(order), plan.batch):
        chunk = order[start : start + plan.batch]
        faces, truth = shown(images[chunk], points[chunk], plan, generator)
        with autocast(faces.device, "bf16"):
            found = network((4 * faces - 2).contiguous(memory_format=torch.channels_last))
        loss = smooth_l1_loss(found, truth, beta=plan.knee)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        total += loss.item() * len(chunk)
    return total / len(order)


def shown(
    images: Images, points: Points, plan: Plan, generator: Generator
) -> tuple[Tensor, Tensor]:
    """Faces (B, 1, 48, 48) in 0 to 1 as the pupil is shown them, and their points (B, 68, 2)."""
    count = len(images)
    faces = torch.from_numpy(np.array(images)).unsqueeze(1).float().div_(255)
    maps, flipped = augment.draw(plan.geometry, count, generator, SIZE)
    moved = augment.apply(faces, torch.from_numpy(np.array(points)), maps, flipped)
    uniform = torch.rand(3, count, 1, 1, 1, generator=generator)
    contrast = 1 + plan.contrast * (2 * uniform[0] - 1)
    brightness = plan.brightness * (2 * uniform[1] - 1)
    lit = ((moved[0] - 0.5) * contrast + 0.5 + brightness).clamp_(0, 1)
    covered = augment.erased(augment.rectangles(plan.erasing, count, SIZE, generator), SIZE)[
        :, None
    ]
    return torch.where(covered, uniform[2], lit), moved[1]  # type: ignore[return-value]


def described(plan: Plan) -> dict[str, Any]:
    """The plan as a record holds it."""
    return {**asdict(plan), "jitter": SHARE}
