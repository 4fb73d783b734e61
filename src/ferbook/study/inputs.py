"""What a network is shown: a dataset on the device, how it is fed, the channels made from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from ferbook.errors import InputError
from ferbook.study.recipe import Recipe
from ferbook.vision import augment
from ferbook.vision.heatmaps import render
from ferbook.vision.patches import cut, normalised

VIEWS = ("plain", "flip", "tencrop")


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

    @property
    def device(self) -> torch.device:
        return self.labels.device


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
        it takes coordinates. Images may have several channels, which are passed on.
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


class Perturbation(Protocol):
    """What a feed needs of Qiu's Perturb Scheme (`ferbook.perturb.scheme`)."""

    maps: Tensor  #: (N, 48, 48) uint8: the cluster, from 1, of each pixel; 0 for none

    def begin(self, epoch: int) -> None:
        """Find the clusters of a training epoch (from 1)."""

    def draw(self, count: int, generator: Generator) -> tuple[Tensor, ...]:
        """What is random of so many images, on the CPU, an image a row."""

    def shown(self, images: Tensor, maps: Tensor, *drawn: Tensor) -> Tensor:
        """(B, 1, S, S) in 0 to 1 and (B, S, S) -> (B, C, S, S); with nothing drawn, in a test."""


@dataclass(frozen=True, eq=False)
class Feed:
    """A dataset as a recipe shows it: at random in training, in one view or several in a test.

    Images are (B, C, S, S) in 0 to 1, landmarks (B, 68, 2) in their pixels.
    """

    inputs: Inputs
    channels: Channels
    recipe: Recipe
    perturbation: Perturbation | None = None

    def __post_init__(self) -> None:
        crop, geometry = self.recipe.crop, self.recipe.geometry
        if crop is None:
            if self.perturbation is not None:
                raise InputError("the Perturb Scheme needs a recipe with crops, such as qiu")
            return
        size = self.inputs.images.shape[-1]
        if not 0 < crop <= size:
            raise InputError(f"crop {crop}: expected 1 to {size}, the pixels of the images")
        if self.channels.landmarks:
            raise InputError("crops are for networks of pixels; this one takes landmarks")
        if geometry.rotation or geometry.translation or geometry.zoom != (1.0, 1.0):
            raise InputError("a recipe with crops moves images by crop and flip alone")

    def begin(self, epoch: int) -> None:
        if self.perturbation is not None:
            self.perturbation.begin(epoch)

    def draw(self, count: int, generator: Generator) -> tuple[Tensor, ...]:
        """All that is random of `count` images in training, from a CPU generator, an image a row.

        So every device sees the same augmentation, and a GPU is given an epoch's at once: numbers,
        of which the device makes masks a batch at a time.
        """
        geometry = self.recipe.geometry
        size = self.inputs.images.shape[-1]
        if self.recipe.crop is None:
            return augment.draw(geometry, count, generator, size)
        room = size - self.recipe.crop
        corners = torch.randint(0, room + 1, (count, 2), generator=generator)
        drawn = [corners, torch.rand(count, generator=generator) < geometry.flip]
        if self.perturbation is not None:
            drawn += self.perturbation.draw(count, generator)
        if self.recipe.erasing:
            share, crop = self.recipe.erasing, self.recipe.crop
            drawn.append(augment.rectangles(share, count, crop, generator))
        return tuple(drawn)

    def training(self, chunk: Tensor, *drawn: Tensor) -> tuple[Tensor, Tensor]:
        """Images and landmarks of some rows as `drawn`; all tensors on the feed's device."""
        if self.recipe.crop is None:
            maps, flipped = drawn
            moved = augment.apply(*take(self.inputs, chunk), maps, flipped)
            return moved[0], moved[1]  # type: ignore[return-value]
        corners, flipped, *rest = drawn
        boxes = rest.pop() if self.recipe.erasing else None
        images, landmarks = self._cropped(chunk, corners, flipped, *rest)
        if boxes is not None:
            erased = augment.erased(boxes, self.recipe.crop)
            images = images.masked_fill(erased.unsqueeze(1), 0.0)
        return images, landmarks

    def test(self, chunk: Tensor, view: str) -> list[tuple[Tensor, Tensor]]:
        """One or several versions of the same images, whose probabilities a view averages.

        "plain" is the image, or the middle of it; "flip" adds its mirror image; "tencrop" takes
        the four corners and the middle, each with its mirror image.
        """
        if view not in VIEWS:
            raise InputError(f"view {view!r}: expected one of {', '.join(VIEWS)}")
        if self.recipe.crop is None:
            if view == "tencrop":
                raise InputError("view 'tencrop' needs a recipe with crops")
            images, landmarks = take(self.inputs, chunk)
            plain = (images, landmarks)
            return [plain] if view == "plain" else [plain, mirror(images, landmarks)]
        room = self.inputs.images.shape[-1] - self.recipe.crop
        corners = [(room // 2, room // 2)]
        if view == "tencrop":
            corners += [(top, left) for top in (0, room) for left in (0, room)]
        return [
            self._cropped(
                chunk,
                torch.tensor(corner).expand(len(chunk), 2),
                torch.full((len(chunk),), mirrored),
            )
            for corner in corners
            for mirrored in ((False,) if view == "plain" else (False, True))
        ]

    def _cropped(
        self, chunk: Tensor, corners: Tensor, flipped: Tensor, *drawn: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Crops of images and of their clusters, perturbed; landmarks, which nobody looks at."""
        device, size = self.inputs.device, self.recipe.crop
        assert size is not None
        chunk = chunk.to(device)
        planes = [self.inputs.images[chunk]]
        if self.perturbation is not None:
            planes.append(self.perturbation.maps[chunk])
        cropped = augment.crop(
            torch.stack(planes, dim=1), corners.to(device), size, flipped.to(device)
        )
        images = cropped[:, :1].float().div_(255)
        if self.perturbation is not None:
            images = self.perturbation.shown(images, cropped[:, 1], *drawn)
        return images, self.inputs.landmarks[chunk]


def take(inputs: Inputs, chunk: Tensor) -> tuple[Tensor, Tensor]:
    chunk = chunk.to(inputs.labels.device)
    return inputs.images[chunk].unsqueeze(1).float().div_(255), inputs.landmarks[chunk]


def mirror(images: Tensor, landmarks: Tensor) -> tuple[Tensor, Tensor]:
    size = images.shape[-1]
    maps = images.new_tensor([[-1.0, 0.0, size - 1.0], [0.0, 1.0, 0.0]]).expand(len(images), 2, 3)
    flipped = torch.ones(len(images), dtype=torch.bool, device=images.device)
    moved = augment.apply(images, landmarks, maps, flipped)
    return moved[0], moved[1]  # type: ignore[return-value]
