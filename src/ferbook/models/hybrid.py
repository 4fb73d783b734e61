"""Chew's two-branch network (section 4.3): pixels and landmark heatmaps, fused.

    pixels   (B, 1, 48, 48) -> 4 x [conv 3x3, batch norm, ReLU, max-pool 2] -> (B, 256, 3, 3)
    heatmaps (B, M, 48, 48) -> 4 x [the same]                               -> (B, 256, 3, 3)
    concatenated (B, 4608) -> FC 256 -> ReLU -> FC 7 -> logits (B, 7)

The paper gives neither widths nor kernel sizes nor the size of the fully connected layers
(assumption A3). The softmax is part of the loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

BRANCHES = ("pixels", "landmarks")
POINTS = 68


class Hybrid(nn.Module):
    """The hybrid, or with one branch only its 'pixels only' and 'landmarks only' ablations.

    Parameters
    ----------
    branches : which of "pixels" and "landmarks" the network sees
    heatmaps : channels of the heatmap input: 1 (maximum) or 68 (one per landmark)
    coordinates : the landmark branch takes coordinates through two linear layers, no heatmap
    patches : the pixel branch also sees grey patches of eyes, brows and mouth (assumption A4)
    widths : channels of the four blocks of a branch
    hidden : units of the first fully connected layer
    dropout : share of hidden units dropped in training; the paper names none
    size : height and width of the input, pixels, a multiple of 16

    The inputs are one tensor (B, C, size, size) of the network's own channels in the order pixels,
    patches, heatmaps, and with `coordinates` a second one, (B, 136), the only one where the
    network has no image channels; `forward` returns logits (B, classes).
    """

    def __init__(
        self,
        branches: Sequence[str] = BRANCHES,
        heatmaps: int = 1,
        widths: Sequence[int] = (32, 64, 128, 256),
        hidden: int = 256,
        dropout: float = 0.0,
        classes: int = 7,
        size: int = 48,
        coordinates: bool = False,
        patches: bool = False,
    ) -> None:
        super().__init__()
        unknown = [name for name in branches if name not in BRANCHES]
        if unknown or not branches:
            raise ValueError(f"branches must be of {BRANCHES}, not {tuple(branches)}")
        if len(widths) != 4:
            raise ValueError(f"a branch has four blocks (section 4.3), not {len(widths)}")
        if heatmaps not in (1, POINTS):
            raise ValueError(f"heatmaps must be 1 or {POINTS}, not {heatmaps}")
        if size % 16:
            raise ValueError(f"four poolings need a size that 16 divides, not {size}")
        if coordinates and "landmarks" not in branches:
            raise ValueError("coordinates are a form of the landmark branch, which is left out")
        if patches and "pixels" not in branches:
            raise ValueError("patches are part of the pixel branch, which is left out")
        channels = {"pixels": 4 if patches else 1, "landmarks": 0 if coordinates else heatmaps}
        self.channels = [n for name, n in channels.items() if name in branches and n]
        self.branches = nn.ModuleList(_branch(count, widths) for count in self.channels)
        self.shape = _layers([2 * POINTS, hidden, hidden]) if coordinates else None
        features = len(self.channels) * widths[-1] * (size // 16) ** 2 + coordinates * hidden
        self.head = nn.Sequential(
            nn.Linear(features, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(hidden, classes),
        )
        counted = sum(parameter.numel() for parameter in self.parameters())
        assert counted == parameter_count(self.channels, widths, hidden, classes, size, coordinates)

    def forward(self, *inputs: Tensor) -> Tensor:
        """(B, C, size, size) and, with coordinates, (B, 136) -> logits (B, classes)."""
        parts = inputs[0].split(self.channels, dim=1) if self.channels else ()
        features = [branch(part) for branch, part in zip(self.branches, parts, strict=True)]
        if self.shape is not None:
            features.append(self.shape(inputs[-1]))
        # now (B, widths[-1], size / 16, size / 16) per branch: 256 x 3 x 3 at 48 px
        return self.head(torch.cat([part.flatten(1) for part in features], dim=1))


def parameter_count(
    channels: Sequence[int],
    widths: Sequence[int] = (32, 64, 128, 256),
    hidden: int = 256,
    classes: int = 7,
    size: int = 48,
    coordinates: bool = False,
) -> int:
    """Trainable parameters by hand: 9 in out + 2 out per block, (in + 1) out per linear layer.

    The two layers for coordinates have batch normalisation instead of a bias: in out + 2 out.

    >>> parameter_count([1]), parameter_count([1, 1])  # one branch; the hybrid
    (980199, 1958343)
    """
    blocks = sum(
        9 * before * after + 2 * after
        for first in channels
        for before, after in zip([first, *widths[:-1]], widths, strict=True)
    )
    features = len(channels) * widths[-1] * (size // 16) ** 2
    if coordinates:
        blocks += (2 * POINTS + 2) * hidden + (hidden + 2) * hidden
        features += hidden
    return blocks + (features + 1) * hidden + (hidden + 1) * classes


def _branch(channels: int, widths: Sequence[int]) -> nn.Sequential:
    """Four blocks of convolution, batch normalisation, ReLU and max-pooling."""
    return nn.Sequential(
        *(
            nn.Sequential(
                # Batch normalisation subtracts the mean, so a bias would do nothing.
                nn.Conv2d(before, after, kernel_size=3, padding=1, bias=False),
                nn.BatchNorm2d(after),
                nn.ReLU(inplace=True),
                nn.MaxPool2d(2),
            )
            for before, after in zip([channels, *widths[:-1]], widths, strict=True)
        )
    )


def _layers(units: Sequence[int]) -> nn.Sequential:
    """Linear layers for coordinates, each with batch normalisation and ReLU."""
    return nn.Sequential(
        *(
            nn.Sequential(nn.Linear(a, b, bias=False), nn.BatchNorm1d(b), nn.ReLU(inplace=True))
            for a, b in pairwise(units)
        )
    )
