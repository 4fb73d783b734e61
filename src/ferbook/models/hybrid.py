"""Chew's two-branch network (section 4.3): pixels and landmark heatmaps, fused.

    pixels   (B, 1, 48, 48) -> 4 x [conv 3x3, batch norm, ReLU, max-pool 2] -> (B, 256, 3, 3)
    heatmaps (B, M, 48, 48) -> 4 x [the same]                               -> (B, 256, 3, 3)
    concatenated (B, 4608) -> FC 256 -> ReLU -> FC 7 -> logits (B, 7)

The paper gives neither widths nor kernel sizes nor the size of the fully connected layers
(assumption A3). The softmax is part of the loss.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

BRANCHES = ("pixels", "landmarks")


class Hybrid(nn.Module):
    """The hybrid, or with one branch only its 'pixels only' and 'landmarks only' ablations.

    Parameters
    ----------
    branches : which of "pixels" and "landmarks" the network sees
    heatmaps : channels of the heatmap input: 1 (maximum) or 68 (one per landmark)
    widths : channels of the four blocks of a branch
    hidden : units of the first fully connected layer
    dropout : share of hidden units dropped in training; the paper names none
    size : height and width of the input, pixels, a multiple of 16

    The input is one tensor (B, C, size, size) of the network's own channels in the order pixels,
    heatmaps; `forward` returns logits (B, classes).
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
    ) -> None:
        super().__init__()
        unknown = [name for name in branches if name not in BRANCHES]
        if unknown or not branches:
            raise ValueError(f"branches must be of {BRANCHES}, not {tuple(branches)}")
        if len(widths) != 4:
            raise ValueError(f"a branch has four blocks (section 4.3), not {len(widths)}")
        if size % 16:
            raise ValueError(f"four poolings need a size that 16 divides, not {size}")
        channels = {"pixels": 1, "landmarks": heatmaps}
        self.channels = [channels[name] for name in BRANCHES if name in branches]
        self.branches = nn.ModuleList(_branch(count, widths) for count in self.channels)
        features = len(self.channels) * widths[-1] * (size // 16) ** 2
        self.head = nn.Sequential(
            nn.Linear(features, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(hidden, classes),
        )
        counted = sum(parameter.numel() for parameter in self.parameters())
        assert counted == parameter_count(self.channels, widths, hidden, classes, size)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, size, size) -> logits (B, classes)."""
        inputs = x.split(self.channels, dim=1)
        features = [branch(part) for branch, part in zip(self.branches, inputs, strict=True)]
        # now (B, widths[-1], size / 16, size / 16) per branch: 256 x 3 x 3 at 48 px
        return self.head(torch.cat([part.flatten(1) for part in features], dim=1))


def parameter_count(
    channels: Sequence[int],
    widths: Sequence[int] = (32, 64, 128, 256),
    hidden: int = 256,
    classes: int = 7,
    size: int = 48,
) -> int:
    """Trainable parameters by hand: 9 in out + 2 out per block, (in + 1) out per linear layer.

    >>> parameter_count([1]), parameter_count([1, 1])  # one branch; the hybrid
    (980199, 1958343)
    """
    blocks = sum(
        9 * before * after + 2 * after
        for first in channels
        for before, after in zip([first, *widths[:-1]], widths, strict=True)
    )
    features = len(channels) * widths[-1] * (size // 16) ** 2
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
