"""How many operations a training takes, counted on tensors that hold nothing.

One operation is a multiplication or an addition of a convolution or matrix product, forwards and
backwards, as `torch.utils.flop_counter` counts them. Normalisation, activations, augmentation and
the optimiser are left out, as is validation: a forward pass of an eighth as many images, 4 %.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ferbook.study.recipe import Recipe

if TYPE_CHECKING:
    from torch import Tensor, nn

    from ferbook.study.experiments import Run

SIZE = 48  #: pixels, of faces that are not cropped
BATCH = 2  #: that is counted; batch normalisation needs more than one image


class Size(NamedTuple):
    """Of a network in training."""

    operations: int  #: of one image, forwards and backwards
    parameters: int


def of_run(run: Run) -> Size:
    """Of the network that is scored; phase 1's is `of_run(phases.attention_run(run))`."""
    model = dict(run.model)
    if given := model.pop("perturb", None):
        from ferbook.perturb.scheme import Plan

        model["channels"] = Plan.of(given).channels  # all that the scheme changes of a network
    elif model.get("family") == "backbone":
        model["channels"] = 1
    return _of(json.dumps(model, sort_keys=True), run.recipe.crop or SIZE)


@lru_cache(maxsize=256)
def _of(model: str, pixels: int) -> Size:
    from torch._subclasses.fake_tensor import FakeTensorMode

    from ferbook.models.build import build

    with FakeTensorMode():
        network, _ = build(json.loads(model), Recipe.sigma)
        operations = counted(network.train(), *_inputs(network, pixels))
    return Size(operations, sum(weight.numel() for weight in network.parameters()))


def counted(network: nn.Module, *inputs: Tensor) -> int:
    """Operations of a step, forwards and backwards, of one image of a batch `inputs`."""
    from torch.utils.flop_counter import FlopCounterMode

    counter = FlopCounterMode(display=False)
    with counter:
        network(*inputs).sum().backward()
    return int(counter.get_total_flops()) // len(inputs[0])


def _inputs(network: nn.Module, pixels: int) -> tuple[Tensor, ...]:
    """A batch of what a network takes: image channels, and landmarks where it has them."""
    import torch

    from ferbook.models.hybrid import Hybrid
    from ferbook.vision.landmarks import MIRROR

    if isinstance(network, Hybrid):
        channels, coordinates = sum(network.channels), network.shape is not None
    else:
        first = next(m for m in network.modules() if isinstance(m, torch.nn.Conv2d))
        channels, coordinates = first.in_channels, False
    parts = [torch.empty(BATCH, channels, pixels, pixels)] if channels else []
    return (*parts, *([torch.empty(BATCH, 2 * len(MIRROR))] if coordinates else []))
