"""Weights as they leave a training: batch normalisation folded in, half precision, safetensors.

Batch normalisation after a convolution is, once trained, one factor and one offset a channel, which
are the convolution's own from here on: fewer numbers, and no variance that half precision, whose
smallest step is 6e-8, would lose. What is computed with the weights is computed in float32.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ferbook.errors import InputError

if TYPE_CHECKING:
    from torch import nn

Halves = dict[str, NDArray[np.float16]]
LARGEST = 16 * 2**20  #: bytes of a file of weights


def folded(network: nn.Module) -> nn.Module:
    """A copy in evaluation, each batch normalisation folded into the convolution before it."""
    from torch import nn
    from torch.nn.utils.fusion import fuse_conv_bn_eval

    network = copy.deepcopy(network).eval()
    for module in list(network.modules()):
        if not isinstance(module, nn.Sequential):
            continue
        for number, (layer, norm) in enumerate(pairwise(list(module))):
            if isinstance(layer, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                module[number] = fuse_conv_bn_eval(layer, norm)
                module[number + 1] = nn.Identity()
    return network


def halves(network: nn.Module) -> Halves:
    """{name: weights} of the folded network, rounded to half precision."""
    state = folded(network).state_dict()
    with np.errstate(over="ignore"):  # said below, by name
        rounded = {name: value.cpu().numpy().astype(np.float16) for name, value in state.items()}
    for name, values in rounded.items():
        if not np.isfinite(values).all():
            raise InputError(f"weights {name}: beyond the 65,504 that half precision can hold")
    return rounded


def restored(network: nn.Module, weights: Mapping[str, NDArray[np.float16]]) -> nn.Module:
    """`network`, freshly built, folded and given `weights`, in float32 and in evaluation."""
    import torch

    network = folded(network)
    try:
        network.load_state_dict(
            {name: torch.from_numpy(values.astype(np.float32)) for name, values in weights.items()}
        )
    except RuntimeError as error:
        raise InputError(f"weights of another network: {' '.join(str(error).split())}") from None
    return network


def packed(weights: Halves, about: Mapping[str, str] | None = None) -> bytes:
    """The bytes of a safetensors file; `about` is what it says of itself."""
    from safetensors.numpy import save

    # It writes memory as it lies, and that of a network trained in channels_last lies in another
    # order than its axes.
    ordered = {name: np.ascontiguousarray(values) for name, values in weights.items()}
    return save(ordered, dict(about or {}))


def read(file: Path) -> Halves:
    """{name: weights} of a safetensors file; what is none, or too large, is an InputError."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        if file.stat().st_size > LARGEST:
            raise InputError(f"{file}: more than {LARGEST} bytes; expected half precision weights")
        weights = load(file.read_bytes())
    except (OSError, SafetensorError) as error:
        raise InputError(f"{file}: not a readable safetensors file ({error})") from None
    for name, values in weights.items():
        if values.dtype != np.float16:
            raise InputError(f"{file}: {name} is {values.dtype}, expected float16")
    return weights
