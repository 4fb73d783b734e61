"""One step of a training: rows of the dataset in, weights moved.

Most of the kernels of a step at batch 128 are shorter than the time to launch them. On a GPU the
whole step, from picking the images to moving the weights, is therefore recorded once as a CUDA
graph and replayed; a batch of another size, the last of an epoch, takes the ordinary way.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ferbook.study.inputs import Feed
from ferbook.study.recipe import Recipe

WARM = 3  #: ordinary steps before the recording, in which libraries choose their kernels


class Step:
    """Called with rows and what was drawn for them, all on the feed's device."""

    def __init__(self, network: nn.Module, feed: Feed, optimizer: torch.optim.Optimizer) -> None:
        self.network, self.feed, self.optimizer = network, feed, optimizer
        self.loss = torch.zeros((), device=feed.inputs.device)  #: summed over images
        self.correct = torch.zeros((), device=feed.inputs.device)
        self._graph: Callable[..., None] | None = None

    def begin(self) -> None:
        """An epoch begins: nothing is summed yet."""
        self.network.train()
        self.loss.zero_()
        self.correct.zero_()

    def told(self, images: int) -> dict[str, float]:
        """What an epoch's history says of its training part."""
        return {
            "train_loss": self.loss.item() / images,
            "train_accuracy": self.correct.item() / images,
        }

    def __call__(self, chunk: Tensor, *drawn: Tensor) -> None:
        recipe = self.feed.recipe
        if not replayed(recipe, chunk.device) or len(chunk) != recipe.batch:
            self._take(chunk, *drawn)
            return
        if self._graph is None:
            self._graph = self._record(chunk, *drawn)
        self._graph(chunk, *drawn)

    def _take(self, chunk: Tensor, *drawn: Tensor) -> None:
        feed, recipe = self.feed, self.feed.recipe
        images, landmarks = feed.training(chunk, *drawn)
        labels = feed.inputs.labels[chunk]
        with autocast(feed.inputs.device, recipe.precision):
            logits = self.network(*feed.channels.compose(images, landmarks)).float()
        loss = cross_entropy(logits, labels, label_smoothing=recipe.label_smoothing)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        self.loss += loss.detach() * len(chunk)
        self.correct += (logits.detach().argmax(1) == labels).sum()

    def _record(self, *args: Tensor) -> Callable[..., None]:
        """Warm up, put everything back to where it was, record.

        A network with an operation that cannot be recorded takes the ordinary way.
        """
        moving = [*self.network.state_dict().values(), self.loss, self.correct]
        before = [value.detach().clone() for value in moving]
        kept = {w: _copied(state) for w, state in self.optimizer.state.items()}
        static = [arg.clone() for arg in args]
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(WARM):
                self._take(*static)
        torch.cuda.current_stream().wait_stream(aside)
        with torch.no_grad():
            for value, old in zip(moving, before, strict=True):
                value.copy_(old)
            for weight, state in self.optimizer.state.items():
                for name, value in state.items():
                    if isinstance(value, Tensor):  # momentum that is not there yet is 0
                        value.copy_(kept.get(weight, {}).get(name, torch.zeros_like(value)))
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph, capture_error_mode="thread_local"):
                self._take(*static)
        except RuntimeError as error:
            print(f"steps are not recorded: {error}", file=sys.stderr)
            return self._take
        return Recording(graph, static)


class Recording:
    """A recorded step and the memory that it reads its arguments from."""

    def __init__(self, graph: torch.cuda.CUDAGraph, static: Sequence[Tensor]) -> None:
        self.graph, self.static = graph, static

    def __call__(self, *args: Tensor) -> None:
        for held, arg in zip(self.static, args, strict=True):
            held.copy_(arg)
        self.graph.replay()


def replayed(recipe: Recipe, device: torch.device) -> bool:
    """Whether steps are recorded: on a GPU, where no setting but the rate changes between steps.

    A one-cycle schedule moves the momentum as well, which a recording would not follow.
    """
    return device.type == "cuda" and recipe.schedule != "one-cycle"


def autocast(device: torch.device, precision: str) -> torch.autocast:
    lower = precision == "bf16" and computes_bf16(device)
    return torch.autocast(device.type, torch.bfloat16, enabled=lower)


def computes_bf16(device: torch.device) -> bool:
    """Whether bfloat16 is faster than float32 there, which is taken where it is not (A16).

    A CPU whose vectors are shorter than AVX-512's emulates bfloat16 and takes ten times as long.
    """
    if device.type != "cpu":
        return True
    mkldnn = torch.backends.mkldnn
    return mkldnn.is_available() and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _copied(state: dict[str, object]) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in state.items() if isinstance(value, Tensor)}
