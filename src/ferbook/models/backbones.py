"""The networks of Qiu's study (section 4) for faces of 40 to 48 px: torchvision's and timm's own.

    x (B, channels, S, S) -> stage, attention, stage, attention, ... -> mean over places
    -> one linear layer -> logits (B, classes)

Changed from what the libraries publish (assumptions A20, A21): the stem is a 3x3 convolution that
neither strides nor pools, the classifier is one linear layer after global average pooling, and
channel counts are scaled by `width`. At 40 px the stages see 40, 20, 10 and 5 px; VGG's fifth sees
2. Weights start from torch's global generator, as each library initialises them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from ferbook.errors import InputError
from ferbook.models.attention import SpatialAttention, attention

Scale = Callable[[int], int]


def scaled(count: int, width: float) -> int:
    """`count` channels at `width`: the nearest multiple of 8, halves up, at least 8.

    At width 1 the count is left as it is.

    >>> [scaled(count, 0.25) for count in (10, 24, 64, 112, 512)], scaled(10, 1.0)
    ([8, 8, 16, 32, 128], 10)
    """
    return count if width == 1 else max(8, 8 * math.floor(count * width / 8 + 0.5))


class Trunk(NamedTuple):
    """A network without its classifier."""

    stages: list[nn.Module]
    channels: list[int]  #: that leave each stage
    pool: nn.Module  #: after the last stage, before the mean over places


class Backbone(nn.Module):
    """Stages with an attention module after each, and one linear layer."""

    def __init__(self, trunk: Trunk, kind: str | None, classes: int) -> None:
        super().__init__()
        self.stages = nn.ModuleList(trunk.stages)
        self.attention = nn.ModuleList(attention(kind, count) for count in trunk.channels)
        self.pool = trunk.pool
        self.head = nn.Linear(trunk.channels[-1], classes)

    def forward(self, x: Tensor) -> Tensor:
        """(B, channels, S, S) -> logits (B, classes)."""
        for stage, attend in zip(self.stages, self.attention, strict=True):
            x = attend(stage(x))
        return self.head(self.pool(x).mean((2, 3)))

    def with_attention(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, channels, S, S) -> logits as of `forward`, and attention (B, S, S) in 0..1 (A22).

        The spatial map of every stage is brought to S x S bilinearly; their mean is taken, as
        float32 and without gradient. Raises `InputError` where the network has no attention.
        """
        modules = [module for module in self.modules() if isinstance(module, SpatialAttention)]
        if not modules:
            raise InputError("attention map of a network without attention: build it with a kind")
        logits = self(x)
        maps = [module.map for module in modules if module.map is not None]
        size = x.shape[-2:]
        enlarged = [functional.interpolate(one, size, mode="bilinear")[:, 0] for one in maps]
        return logits, torch.stack(enlarged).mean(0)


def build(
    name: str,
    width: float = 1.0,
    attention: str | None = None,
    channels: int = 1,
    classes: int = 7,
    stride: int = 1,
) -> Backbone:
    """A freshly initialised network.

    Parameters
    ----------
    name : one of `BACKBONES`
    width : factor on every channel count, the growth rates of DenseNet and DPN too; see `scaled`
    attention : "cbam", "spatial" or None, after each stage
    channels, classes : of input and output
    stride : of the stem; 2 halves every map, for a processor that is slow at large ones
    """
    if name not in _BUILDERS:
        raise InputError(f"backbone {name!r}: expected one of {', '.join(BACKBONES)}")
    if not 0 < width < math.inf:
        raise InputError(f"width {width}: expected a factor above 0")
    if min(channels, classes) < 1:
        raise InputError(f"{channels} channels, {classes} classes: expected at least one of each")
    if stride not in ((1,) if name.startswith("vgg") else (1, 2)):  # VGG pools five times
        raise InputError(f"stride {stride} of {name}: expected 1, or 2 where it is no VGG")
    trunk = _BUILDERS[name](partial(scaled, width=width), channels)
    stem = next(part for part in trunk.stages[0].modules() if isinstance(part, nn.Conv2d))
    stem.stride = (stride, stride)
    return Backbone(trunk, attention, classes)


def _vgg(letter: str, scale: Scale, channels: int) -> Trunk:
    """VGG with batch normalisation; a stage is what lies between two poolings."""
    from torchvision.models.vgg import VGG, cfgs, make_layers

    layers = make_layers([n if n == "M" else scale(n) for n in cfgs[letter]], batch_norm=True)
    layers[0] = nn.Conv2d(channels, layers[0].out_channels, kernel_size=3, padding=1)
    with torch.device("meta"):  # nothing is stored for the classifier's 124 million weights
        VGG(layers)  # initialises the layers
    ends = [i for i, layer in enumerate(layers) if isinstance(layer, nn.MaxPool2d)]
    stages = [layers[a:b] for a, b in pairwise([0, *ends])]
    return Trunk(stages, [scale(n) for n in (64, 128, 256, 512, 512)], layers[-1])


def _resnet(depths: Sequence[int], scale: Scale, channels: int) -> Trunk:
    """ResNet of basic blocks."""
    from torchvision.models.resnet import BasicBlock, ResNet

    class Scaled(ResNet):
        def _make_layer(self, block: Any, planes: int, *rest: Any, **options: Any) -> nn.Sequential:
            if planes == 64:
                self.inplanes = scale(64)  # what the stem gives
            return super()._make_layer(block, scale(planes), *rest, **options)

    net = Scaled(BasicBlock, list(depths))
    first = nn.Sequential(
        _stem(channels, scale(64)), nn.BatchNorm2d(scale(64)), nn.ReLU(inplace=True), *net.layer1
    )
    stages = [first, net.layer2, net.layer3, net.layer4]
    return Trunk(stages, [scale(n) for n in (64, 128, 256, 512)], nn.Identity())


def _resmasking(scale: Scale, channels: int) -> Trunk:
    from ferbook.models.residual_masking import DEPTHS, Masking

    trunk = _resnet((3, 4, 6, 3), scale, channels)
    masked = zip(trunk.stages, trunk.channels, DEPTHS, strict=True)
    stages: list[nn.Module] = [
        nn.Sequential(stage, Masking(count, depth)) for stage, count, depth in masked
    ]
    return trunk._replace(stages=stages)


def _densenet(scale: Scale, channels: int) -> Trunk:
    """DenseNet121; a transition opens the stage that follows it."""
    from torchvision.models.densenet import DenseNet

    net = DenseNet(growth_rate=scale(32), num_init_features=scale(64))
    parts = net.features
    stem = _stem(channels, scale(64))
    stages: list[nn.Module] = [
        nn.Sequential(stem, parts.norm0, parts.relu0, parts.denseblock1),
        nn.Sequential(parts.transition1, parts.denseblock2),
        nn.Sequential(parts.transition2, parts.denseblock3),
        nn.Sequential(parts.transition3, parts.denseblock4, parts.norm5, nn.ReLU(inplace=True)),
    ]
    transitions = (parts.transition1, parts.transition2, parts.transition3)
    counts = [transition.norm.num_features for transition in transitions]
    return Trunk(stages, [*counts, net.classifier.in_features], nn.Identity())


class _Dual(NamedTuple):
    """What timm's DPN class takes, and the channels of its residual paths."""

    blocks: tuple[int, ...]
    paths: tuple[int, ...]
    growth: tuple[int, ...]
    stem: int
    per_group: int  #: channels of each of the 32 groups in the first stage


_DPN26 = _Dual((2, 2, 2, 2), (256, 512, 1024, 2048), (16, 32, 24, 128), 64, 3)
_DPN68 = _Dual((3, 4, 12, 3), (64, 128, 256, 512), (16, 32, 32, 64), 10, 4)


def _dpn(plan: _Dual, scale: Scale, channels: int) -> Trunk:
    """Dual path network of timm's blocks; a narrow one has fewer groups, not narrower ones.

    timm's class fixes the residual paths at 64 to 512 channels, or four times that, so its blocks
    are put together here.
    """
    from timm.models.dpn import BnAct, DualPathBlock

    groups, count = scale(32), scale(plan.stem)
    layers: list[nn.Module] = [_stem(channels, count), BnAct(count)]
    stages: list[nn.Module] = []
    counts = []
    for level, (blocks, path, growth) in enumerate(
        zip(plan.blocks, map(scale, plan.paths), map(scale, plan.growth), strict=True)
    ):
        inner = groups * plan.per_group * 2**level
        for i in range(blocks):
            kind = "normal" if i else "down" if level else "proj"
            layers.append(DualPathBlock(count, inner, inner, path, growth, groups, kind))
            count = count + growth if i else path + 3 * growth
        stages.append(nn.Sequential(*layers))
        counts.append(count)
        layers = []
    stages[-1] = nn.Sequential(stages[-1], BnAct(count))
    return Trunk(stages, counts, nn.Identity())


def _stem(channels: int, count: int) -> nn.Conv2d:
    conv = nn.Conv2d(channels, count, kernel_size=3, padding=1, bias=False)
    nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")
    return conv


_BUILDERS: dict[str, Callable[[Scale, int], Trunk]] = {
    "vgg16": partial(_vgg, "D"),
    "vgg19": partial(_vgg, "E"),
    "resnet18": partial(_resnet, (2, 2, 2, 2)),
    "resnet34": partial(_resnet, (3, 4, 6, 3)),
    "densenet121": _densenet,
    "dpn26": partial(_dpn, _DPN26),
    "dpn68": partial(_dpn, _DPN68),
    "resmasking": _resmasking,
}
BACKBONES = tuple(_BUILDERS)
