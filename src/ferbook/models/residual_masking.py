"""Residual masking after Pham, Vu, Tran 2020 (doi 10.1109/ICPR48806.2021.9411919).

Each of ResNet34's four stages makes features F; a U-Net makes a mask M of them, in their shape and
in 0..1; the stage hands on (1 + M) F. With 64, 128, 256 and 512 channels the U-Nets are 4, 3, 2 and
1 levels deep. Depths, blocks and the softmax over channels are those of the authors' program.

Adapted to 40 to 48 px: the stem, which neither strides nor pools. The stages then see 40, 20, 10
and 5 px instead of 56, 28, 14 and 7, so the published depths still fit: every U-Net's lowest level
is 5 px (there 7). Their last layer's dropout is left out, as are weights trained on ImageNet.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

DEPTHS = (4, 3, 2, 1)  #: levels of the U-Net of each stage


class Masking(nn.Module):
    """(B, C, h, w) -> (1 + M) F of the same shape; `mask` is M.

    A U-Net of `depth` levels: blocks widen C to 2 C, 4 C, ..., each but the first after a pooling
    by 2; on the way back each level is enlarged by 2, joined with its equal, and halved in
    channels; a last block brings 2 C back to C.
    """

    def __init__(self, channels: int, depth: int) -> None:
        super().__init__()
        widths = [channels * 2**level for level in range(depth + 1)]
        self.down = nn.ModuleList(_block(a, b) for a, b in pairwise(widths))
        back = list(pairwise(widths[:0:-1]))
        self.enlarge = nn.ModuleList(_Enlarge(a, b) for a, b in back)
        self.up = nn.ModuleList(_block(a, b) for a, b in back)
        self.last = _block(widths[1], channels)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def mask(self, x: Tensor) -> Tensor:
        """(B, C, h, w) -> the same shape, in 0..1; the channels of each place sum to 1."""
        levels: list[Tensor] = []
        for block in self.down:
            x = block(functional.max_pool2d(x, 2) if levels else x)
            levels.append(x)
        levels.pop()
        for enlarge, block in zip(self.enlarge, self.up, strict=True):
            equal = levels.pop()
            x = block(torch.cat([enlarge(x, equal.shape[2:]), equal], dim=1))
        return self.last(x).softmax(dim=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + x * self.mask(x).to(x.dtype)


class _Enlarge(nn.Module):
    """Transposed convolution by 2, batch normalisation, ReLU, to a given height and width."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(before, after, kernel_size=2, stride=2)
        self.norm = nn.BatchNorm2d(after)

    def forward(self, x: Tensor, size: torch.Size) -> Tensor:
        return functional.relu(self.norm(self.conv(x, output_size=list(size))))


def _block(before: int, after: int) -> nn.Module:
    """ResNet's basic block, its shortcut a 1x1 convolution; at first it is the shortcut alone."""
    from torchvision.models.resnet import BasicBlock

    shortcut = nn.Sequential(nn.Conv2d(before, after, 1, bias=False), nn.BatchNorm2d(after))
    block = BasicBlock(before, after, downsample=shortcut)
    nn.init.zeros_(block.bn2.weight)
    return block
