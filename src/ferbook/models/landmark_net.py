"""`landmark_net`: a 48 x 48 grey face to its 68 landmarks, for where dlib cannot run.

    x (B, 1, 48, 48) -> conv 16 -> pool -> 2 x conv 32 -> pool -> 2 x conv 64 -> pool
      -> conv 128 -> conv 64 -> (B, 64, 6, 6) -> one linear layer -> (B, 68, 2)

Convolutions are 3 x 3, each with batch normalisation and ReLU. There is no pooling before the last
layer: where a feature lies is what is asked for. The layer's bias is the average face, from which
its weights move the points; both are in half frames from the middle, so that they are about 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

POINTS = 68
SIZE = 48  #: pixels, height and width of a face
MIDDLE, HALF = (SIZE - 1) / 2, SIZE / 2

#: Channels of the convolutions of each stage; between two stages the maps are halved.
STAGES = ((16,), (32, 32), (64, 64), (128, 64))


class LandmarkNet(nn.Module):
    """The network; `stages` holds the channels of the convolutions between two poolings."""

    def __init__(self, stages: Sequence[Sequence[int]] = STAGES) -> None:
        super().__init__()
        counts = [1, *(count for stage in stages for count in stage)]
        blocks = iter([_block(before, after) for before, after in pairwise(counts)])
        layers: list[nn.Module] = []
        for stage in stages:
            layers += [nn.MaxPool2d(2)] if layers else []
            layers += [next(blocks) for _ in stage]
        self.features = nn.Sequential(*layers)
        self.head = nn.Linear(counts[-1] * (SIZE >> (len(stages) - 1)) ** 2, 2 * POINTS)
        nn.init.normal_(self.head.weight, std=1e-3)

    def start_from(self, average: Tensor) -> None:
        """Begin with `average`, (68, 2) in pixels, for every face."""
        with torch.no_grad():
            self.head.bias.copy_(((average - MIDDLE) / HALF).flatten())

    def forward(self, x: Tensor) -> Tensor:
        """(B, 1, 48, 48) of about zero mean and unit scale -> (B, 68, 2), (x, y) in pixels.

        The last layer computes in float32 under autocast too: bfloat16 knows a place in a frame
        of 48 pixels to a tenth of a pixel only.
        """
        features = self.features(x).flatten(1)
        with torch.autocast(x.device.type, enabled=False):
            return self.head(features.float()).view(-1, POINTS, 2) * HALF + MIDDLE


def _block(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    )
