"""Attention modules after Woo et al. 2018 (CBAM), which Qiu puts between layers (section 3).

Each takes features F (B, C, h, w) and returns them weighted, in the same shape and type:

    channel   F' = F  sigmoid(W1 ReLU(W0 mean_hw F)  + W1 ReLU(W0 max_hw F))       equation (2)
    spatial   F" = F' sigmoid(conv 7x7 of [mean_c F', max_c F'])                   equation (3)
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ferbook.errors import InputError

KINDS = ("cbam", "spatial")
LEAST_HIDDEN = 4  #: what 64 channels have; with one unit a narrow network's attention could die


class ChannelAttention(nn.Module):
    """One weight in 0..1 per channel, from a shared two-layer network without biases.

    It has `channels // reduction` hidden units, at least `LEAST_HIDDEN`.
    """

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(channels // reduction, LEAST_HIDDEN)
        self.layers = nn.Sequential(
            nn.Linear(channels, hidden, bias=False),
            nn.ReLU(inplace=True),
            nn.Linear(hidden, channels, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) -> the same, each channel weighted."""
        weights = torch.sigmoid(self.layers(x.mean((2, 3))) + self.layers(x.amax((2, 3))))
        return x * weights[:, :, None, None]


class SpatialAttention(nn.Module):
    """One weight in 0..1 per place; `map` keeps the last ones, (B, 1, h, w), without gradient.

    The convolution has no bias and no batch normalisation, as in the equation. It is computed in
    float32 under autocast too: half precision would make ties of most places.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 1, kernel_size=7, padding=3, bias=False)
        self.map: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) -> the same, each place weighted."""
        pooled = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], dim=1)
        with torch.autocast(x.device.type, enabled=False):
            weights = torch.sigmoid(self.conv(pooled.float()))
        self.map = weights.detach()
        return x * weights.to(x.dtype)


class CBAM(nn.Sequential):
    """Channel attention, then spatial attention."""

    def __init__(self, channels: int) -> None:
        super().__init__(ChannelAttention(channels), SpatialAttention())


def attention(kind: str | None, channels: int) -> nn.Module:
    """The module of a kind for so many channels; None lets features through."""
    if kind is None:
        return nn.Identity()
    if kind not in KINDS:
        raise InputError(f"attention {kind!r}: expected one of {', '.join(KINDS)}, or none")
    return CBAM(channels) if kind == "cbam" else SpatialAttention()
