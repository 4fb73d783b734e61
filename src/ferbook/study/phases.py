"""Phase 1 of Qiu's scheme: the network with attention, trained once for all that build on it.

Its weights and history are kept on this machine under a key of everything that decides them, so
that runs which differ in their clusters only share one attention network, and with them the run of
that network alone (`shares`), whichever comes first; elsewhere it is trained again, to the same
weights. Of runs that begin at once, one trains it and the others wait; if that one is killed,
the next goes on from its last epoch.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from ferbook import paths
from ferbook.locks import Taken, locked
from ferbook.models.build import build
from ferbook.study import training
from ferbook.study.inputs import Feed, Inputs
from ferbook.study.material import classes_of

if TYPE_CHECKING:
    from ferbook.models.backbones import Backbone
    from ferbook.study.experiments import Run
    from ferbook.study.material import Material

BATCH = 512


def anonymous(run: Run) -> Run:
    """`run` without what does not decide its weights: name, and what is scored afterwards."""
    return replace(run, experiment="", variant="", scores=(), cross=None, probabilities=True)


def attention_run(run: Run) -> Run:
    """The training of phase 1: the same network with attention, on whole images."""
    plan = run.model["perturb"]
    model = {key: value for key, value in run.model.items() if key != "perturb"}
    return anonymous(replace(run, model={**model, "attention": plan.get("attention", "cbam")}))


def shares(run: Run) -> bool:
    """Whether a run's own training is the phase 1 of others. The logits of an epoch chosen on the
    test part are not kept with the weights, so a run that scores them trains by itself."""
    return bool(run.model.get("attention")) and "peeked" not in run.scores


def attention_network(
    run: Run,
    material: Material,
    inputs: Inputs,
    mark: Callable[[Run], str],
    deadline: float | None,
    report: Callable[[dict[str, Any]], None],
) -> tuple[Backbone, dict[str, Any]]:
    """The network of phase 1, in evaluation, and what is to be said of its training.

    `mark` names everything that decides a run's weights (`engine`). Raises `Deadline`.
    """
    first = attention_run(run)
    torch.manual_seed(first.seed)
    network, channels = build(first.model | classes_of(material), first.recipe.sigma)
    feed = Feed(inputs, channels, first.recipe)
    state = trained(network, feed, material.rows, first, mark(first), deadline, report)
    return network.eval(), state["about"]  # type: ignore[return-value]


def trained(
    network: torch.nn.Module,
    feed: Feed,
    rows: dict[str, Any],
    first: Run,
    mark: str,
    deadline: float | None,
    report: Callable[[dict[str, Any]], None],
    history: bool = False,
) -> dict[str, Any]:
    """Give `network` the weights of its training, by whichever run that was; what was kept of it.

    With `history` a kept training is taken only with its epochs, as a record needs them.
    """
    state = _read(mark, feed.inputs.device, history)
    if state is None:
        _train(network, feed, rows, first, mark, deadline, report, history)
        state = _read(mark, feed.inputs.device, history)
        assert state is not None
    elif history:
        for epoch in state["history"]:
            report(epoch)
    network.load_state_dict(state["network"])
    network.to(device=feed.inputs.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return state


def _read(mark: str, device: torch.device, history: bool) -> dict[str, Any] | None:
    """What is kept of a training; None where there is none, or none with the history wanted."""
    if not kept(mark).exists():
        return None
    state: dict[str, Any] = torch.load(kept(mark), map_location=device, weights_only=True)
    return state if state.get("history") or not history else None


def _train(
    network: torch.nn.Module,
    feed: Feed,
    rows: dict[str, Any],
    first: Run,
    mark: str,
    deadline: float | None,
    report: Callable[[dict[str, Any]], None],
    history: bool,
) -> None:
    """Train phase 1 and keep it, unless another process is at it and does so first."""
    file = kept(mark)
    unfinished = file.with_suffix(".unfinished")
    wait = -1.0 if deadline is None else max(0.0, deadline - time.monotonic())
    try:
        with locked(file.with_suffix(".lock"), wait):
            if _read(mark, feed.inputs.device, history) is None:
                epochs = training.train(
                    network, feed, rows, first.seed, unfinished, mark, deadline, report
                )
                keep(mark, network, epochs, training.selected(epochs, first.recipe))
                unfinished.unlink(missing_ok=True)
    except Taken:
        raise training.Deadline from None


def kept(mark: str) -> Path:
    return paths.weights() / f"{sha256(mark.encode()).hexdigest()[:32]}.pt"


def keep(mark: str, network: torch.nn.Module, history: list[dict[str, Any]], chosen: int) -> None:
    """Keep a trained network's weights on this machine, with its history and what is said of it."""
    about = {
        "epochs": len(history),
        "seconds": round(sum(epoch["seconds"] for epoch in history), 1),
        "validation_accuracy": history[chosen - 1]["validation_accuracy"],
        "parameters": sum(weight.numel() for weight in network.parameters()),
    }
    file = kept(mark)
    file.parent.mkdir(parents=True, exist_ok=True)
    scratch = paths.scratch(file)
    state = {"network": network.state_dict(), "about": about, "history": history}
    torch.save(state, scratch)
    os.replace(scratch, file)


class Attention:
    """S, the attention of phase 1's network, as phase 2 takes it (A22).

    A convolution pads its frame with zeros, so a map can be high there whatever the picture. Such a
    network gives a map of an empty frame too; with `frame` "removed" it is subtracted, and what is
    left lies in 0 to 1 with 1/2 for "as in an empty frame". With "kept", S is as the network gives
    it. All in full precision: pixels are ranked by it.
    """

    def __init__(self, network: Backbone, frame: str) -> None:
        self.network, self.frame = network.eval(), frame

    def __call__(self, images: Tensor) -> Tensor:
        """(N, H, W) uint8 -> (N, H, W) float32 in 0 to 1, of whole images."""
        found = self.raw(images)
        if self.frame == "kept" or not len(images):
            return found
        return (1 + found - self.empty(images)) / 2

    def raw(self, images: Tensor) -> Tensor:
        """(N, H, W) uint8 -> (N, H, W) float32 in 0 to 1, as the network gives it."""
        parts = [self._of(scaled(part)) for part in images.split(BATCH)]
        return torch.cat(parts) if parts else images.float()

    def empty(self, images: Tensor) -> Tensor:
        """(H, W) float32: S of a frame that is 0 on the network's scale, of the images' size."""
        return self._of(torch.zeros(1, 1, *images.shape[1:], device=images.device))[0]

    @torch.no_grad()
    def _of(self, x: Tensor) -> Tensor:
        return self.network.with_attention(x.contiguous(memory_format=torch.channels_last))[1]


def scaled(images: Tensor) -> Tensor:
    """(N, H, W) uint8 -> (N, 1, H, W) on the scale on which networks are given pixels."""
    return (images.unsqueeze(1).float() / 255) * 4 - 2
