"""What a network is shown: a dataset on the device, and the channels composed from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ferbook.vision import augment
from ferbook.vision.heatmaps import render
from ferbook.vision.patches import cut, normalised


@dataclass(frozen=True, eq=False)
class Inputs:
    """A whole dataset on one device, as small as it comes."""

    images: Tensor  #: (N, 48, 48) uint8
    landmarks: Tensor  #: (N, 68, 2) float32, (x, y) in pixels
    labels: Tensor  #: (N,) int64

    @classmethod
    def on(
        cls,
        device: torch.device,
        images: NDArray[np.uint8],
        landmarks: NDArray[np.float32],
        labels: NDArray[np.uint8],
    ) -> Inputs:
        return cls(
            torch.from_numpy(np.array(images)).to(device),
            torch.from_numpy(np.array(landmarks, np.float32)).to(device),
            torch.from_numpy(labels.astype(np.int64)).to(device),
        )


@dataclass(frozen=True)
class Channels:
    """What a network is shown: the channels of its input, in this order."""

    pixels: bool
    heatmaps: int  #: 0 for none, 1 for the maximum over landmarks, 68 for one map each
    sigma: float  #: pixels
    patches: bool = False  #: grey patches of eyes, brows and mouth, behind the whole face
    coordinates: bool = False  #: the landmarks themselves, as a second input

    @property
    def landmarks(self) -> bool:
        """Whether landmarks matter to what the network sees."""
        return bool(self.heatmaps or self.patches or self.coordinates)

    def compose(self, images: Tensor, landmarks: Tensor) -> tuple[Tensor, ...]:
        """(B, 1, H, W) in 0 to 1 and (B, 68, 2) -> the network's inputs.

        (B, C, H, W), about zero mean and unit scale, where it has image channels; (B, 136) where
        it takes coordinates.
        """
        parts = [4 * images - 2] if self.pixels else []
        if self.patches:
            parts.append(4 * cut(images, landmarks) - 2)
        if self.heatmaps:
            maps = render(
                landmarks, images.shape[-1], self.sigma, "max" if self.heatmaps == 1 else "all"
            )
            parts.append(maps)
        inputs: tuple[Tensor, ...] = ()
        if parts:
            whole = torch.cat(parts, dim=1) if len(parts) > 1 else parts[0]
            inputs += (whole.contiguous(memory_format=torch.channels_last),)
        if self.coordinates:
            inputs += (normalised(landmarks),)
        return inputs


def take(inputs: Inputs, chunk: Tensor) -> tuple[Tensor, Tensor]:
    chunk = chunk.to(inputs.labels.device)
    return inputs.images[chunk].unsqueeze(1).float().div_(255), inputs.landmarks[chunk]


def mirror(images: Tensor, landmarks: Tensor) -> tuple[Tensor, Tensor]:
    size = images.shape[-1]
    maps = images.new_tensor([[-1.0, 0.0, size - 1.0], [0.0, 1.0, 0.0]]).expand(len(images), 2, 3)
    flipped = torch.ones(len(images), dtype=torch.bool, device=images.device)
    moved = augment.apply(images, landmarks, maps, flipped)
    return moved[0], moved[1]  # type: ignore[return-value]
