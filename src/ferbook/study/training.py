"""One training: faces on the device, batched augmentation, checkpoints to resume from.

Every random number of epoch e comes from a generator seeded with (seed, e), so that the state to
resume from is weights, optimiser and history, and a resumed run equals an uninterrupted one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim.lr_scheduler import ReduceLROnPlateau

from ferbook.study.checkpoint import Checkpoint, read_checkpoint
from ferbook.study.inputs import Feed
from ferbook.study.recipe import Recipe
from ferbook.study.step import Step, autocast, replayed

EVALUATION_BATCH = 512
#: Seconds between checkpoints, by device; 0: after each epoch. A GPU's epochs are shorter than the
#: file takes to write.
EVERY = {"cuda": 20.0}


class Deadline(Exception):
    """The time allowed is over; a checkpoint holds what was done."""


def train(
    network: nn.Module,
    feed: Feed,
    rows: dict[str, NDArray[np.int64]],
    seed: int,
    checkpoint: Path,
    fingerprint: str,
    deadline: float | None = None,
    report: Callable[[dict[str, Any]], None] = lambda epoch: None,
    peeked: dict[str, Tensor] | None = None,
) -> list[dict[str, Any]]:
    """Train `network` in place and leave it with the selected epoch's weights.

    Parameters
    ----------
    feed : the dataset as the recipe shows it
    rows : "train" and "validation", rows of the dataset
    checkpoint : file to resume from; written as `Checkpoint` says
    fingerprint : of configuration, data and code; a checkpoint with another one is ignored
    deadline : of `time.monotonic()`; past it, training stops after the epoch in hand
    report : called with each finished epoch
    peeked : a dict to be given "logits" (len(rows["test"]), classes), those of the epoch that is
        best on the test part: what a study would report that chooses its epoch there. It
        influences nothing else; None leaves the test part alone.

    Returns the history, one dict an epoch. Raises `Deadline` when time is over.
    """
    device, recipe, labels = feed.inputs.device, feed.recipe, feed.inputs.labels
    network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    steps = -(-len(rows["train"]) // recipe.batch)
    optimizer, schedule = _optimizer(network, recipe, steps)
    step = Step(network, feed, optimizer)
    best: dict[str, Tensor] = {}
    history: list[dict[str, Any]] = []
    if state := read_checkpoint(checkpoint, fingerprint, device):
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        best, history = state["best"], state["history"]
        if peeked is not None:
            peeked |= state["peeked"]
        for epoch in history:
            report(epoch)
    with Checkpoint(checkpoint, EVERY.get(device.type, 0.0)) as kept:
        while not finished(history, recipe):
            if deadline is not None and time.monotonic() > deadline:
                raise Deadline
            start = time.perf_counter()
            epoch = {"epoch": len(history) + 1, "lr": float(optimizer.param_groups[0]["lr"])}
            feed.begin(epoch["epoch"])
            epoch |= _epoch(step, rows["train"], seed, schedule, epoch["epoch"])
            logits = predict(network, feed, rows["validation"])
            epoch |= _validation(logits, labels[torch.from_numpy(rows["validation"])])
            if isinstance(schedule, ReduceLROnPlateau):
                schedule.step(epoch["validation_loss"])
            if peeked is not None:
                epoch |= _peek(network, feed, rows["test"], history, peeked)
            epoch["seconds"] = round(time.perf_counter() - start, 3)
            history.append(epoch)
            if selected(history, recipe) == epoch["epoch"]:
                weights = network.state_dict().items()
                best = {name: value.detach().clone() for name, value in weights}
            state = {
                "fingerprint": fingerprint,
                "network": network.state_dict(),
                "best": best,
                "optimizer": optimizer.state_dict(),
                "schedule": schedule.state_dict(),
                "history": history,
                "peeked": peeked or {},
            }
            kept.keep(state, last=finished(history, recipe))
            report(epoch)
    network.load_state_dict(best)
    return history


def _peek(
    network: nn.Module,
    feed: Feed,
    rows: NDArray[np.int64],
    history: list[dict[str, Any]],
    peeked: dict[str, Tensor],
) -> dict[str, float]:
    """Score the test part after an epoch, and keep the logits if no earlier epoch did better."""
    logits = predict(network, feed, rows)
    labels = feed.inputs.labels[torch.from_numpy(rows)]
    accuracy = _validation(logits, labels)["validation_accuracy"]
    if all(epoch["test_accuracy"] < accuracy for epoch in history):
        peeked["logits"] = logits
    return {"test_accuracy": accuracy}


def selected(history: list[dict[str, Any]], recipe: Recipe) -> int:
    """The epoch (from 1) with the best validation figure; of equals, the first."""
    if recipe.select == "loss":
        return min(history, key=lambda epoch: epoch["validation_loss"])["epoch"]
    return max(history, key=lambda epoch: epoch["validation_accuracy"])["epoch"]


def finished(history: list[dict[str, Any]], recipe: Recipe) -> bool:
    """All epochs done, or `patience` of them since the lowest validation loss."""
    if not history or len(history) >= recipe.epochs:
        return len(history) >= recipe.epochs
    lowest = min(history, key=lambda epoch: epoch["validation_loss"])["epoch"]
    return recipe.patience is not None and len(history) - lowest >= recipe.patience


@torch.no_grad()
def predict(network: nn.Module, feed: Feed, rows: NDArray[np.int64], view: str = "plain") -> Tensor:
    """Logits (len(rows), classes) float32; of a view of several versions of an image (`Feed.test`)
    the logarithm of their mean probabilities instead."""
    network.eval()
    out = []
    for chunk in torch.from_numpy(rows).split(EVALUATION_BATCH):
        versions = feed.test(chunk, view)
        with autocast(feed.inputs.device, feed.recipe.precision):
            logits = [network(*feed.channels.compose(*version)).float() for version in versions]
        if len(logits) > 1:
            out.append(torch.stack([part.softmax(1) for part in logits]).mean(0).log())
        else:
            out.append(logits[0])
    return torch.cat(out)


def _epoch(
    step: Step,
    rows: NDArray[np.int64],
    seed: int,
    schedule: torch.optim.lr_scheduler.LRScheduler | ReduceLROnPlateau,
    number: int,
) -> dict[str, float]:
    feed, batch = step.feed, step.feed.recipe.batch
    # Drawn on the CPU, so that every device sees the same order and the same augmentation.
    generator = torch.Generator().manual_seed(seed * 100_003 + number)
    torch.manual_seed(seed * 100_003 + number)  # dropout
    order = torch.from_numpy(rows)[torch.randperm(len(rows), generator=generator)]
    chunks = order.split(batch)
    drawn = zip(*(feed.draw(len(chunk), generator) for chunk in chunks), strict=True)
    whole = [order, *(torch.cat(part) for part in drawn)]
    device = feed.inputs.device
    step.begin()
    for args in zip(*(part.to(device).split(batch) for part in whole), strict=True):
        step(*args)
        if not isinstance(schedule, ReduceLROnPlateau):
            schedule.step()
    return step.told(len(rows))


def _validation(logits: Tensor, labels: Tensor) -> dict[str, float]:
    return {
        "validation_loss": cross_entropy(logits, labels.to(logits.device)).item(),
        "validation_accuracy": (logits.argmax(1) == labels.to(logits.device)).float().mean().item(),
    }


def _optimizer(
    network: nn.Module, recipe: Recipe, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler | ReduceLROnPlateau]:
    weights = list(network.parameters())
    settings: dict[str, Any] = {"lr": recipe.lr, "weight_decay": recipe.weight_decay, "fused": True}
    recorded = replayed(recipe, weights[0].device)
    if recorded:  # a recorded step reads its rate from memory
        settings["lr"] = torch.tensor(recipe.lr, device=weights[0].device)
    optimizer: torch.optim.Optimizer
    if recipe.optimizer == "nesterov":
        optimizer = torch.optim.SGD(weights, momentum=0.9, nesterov=True, **settings)
    else:
        kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[recipe.optimizer]
        optimizer = kind(weights, capturable=recorded, **settings)
    if recipe.schedule == "plateau":
        return optimizer, ReduceLROnPlateau(optimizer, factor=0.75, patience=recipe.plateau)
    if recipe.schedule == "one-cycle":
        # One step more than taken: the scheduler looks one ahead after the last.
        return optimizer, torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=recipe.lr, total_steps=recipe.epochs * steps + 1, pct_start=0.25
        )
    if recipe.schedule == "triangle":
        return optimizer, torch.optim.lr_scheduler.OneCycleLR(
            optimizer,
            max_lr=recipe.lr,
            total_steps=recipe.epochs * steps + 1,
            pct_start=0.2,
            anneal_strategy="linear",
            cycle_momentum=False,
        )
    return optimizer, torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0)
