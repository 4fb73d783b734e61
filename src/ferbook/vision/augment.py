"""Random geometry for images and their landmarks together (Chew, section 4.4), batched.

A face is moved by one affine map of the plane, drawn per image,

    p' = zoom * R(angle) * M * (p - c) + c + t,

with c the centre of the image, R a rotation, M the identity or, for a flip, diag(-1, 1), and t a
translation. Landmarks go through the map itself; the image is sampled bilinearly through its
inverse, so both stay aligned to a fraction of a pixel. A flip also swaps left and right landmarks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ferbook.vision.landmarks import MIRROR

if TYPE_CHECKING:
    import torch
    from torch import Generator, Tensor


@dataclass(frozen=True)
class Geometry:
    """Ranges of the random maps; all draws are uniform and independent (assumption A13)."""

    rotation: float = 0.0  #: degrees, drawn from -rotation to +rotation
    translation: float = 0.0  #: pixels, along x and along y, each from -translation to +translation
    zoom: tuple[float, float] = (1.0, 1.0)  #: smallest and largest magnification
    flip: float = 0.0  #: probability of a horizontal flip


def draw(
    geometry: Geometry, count: int, generator: Generator, size: int = 48
) -> tuple[Tensor, Tensor]:
    """Random maps for `count` images.

    Returns
    -------
    maps : (B, 2, 3) float32, [A | b] with p' = A p + b in pixel coordinates (x, y)
    flipped : (B,) bool
    """
    import torch

    uniform = torch.rand(5, count, generator=generator)
    angle = torch.deg2rad((2 * uniform[0] - 1) * geometry.rotation)
    low, high = geometry.zoom
    zoom = low + (high - low) * uniform[1]
    shift = (2 * uniform[2:4].T - 1) * geometry.translation  # (B, 2)
    flipped = uniform[4] < geometry.flip
    cosine, sine = zoom * torch.cos(angle), zoom * torch.sin(angle)
    sign = torch.where(flipped, -1.0, 1.0)
    linear = torch.stack([cosine * sign, -sine, sine * sign, cosine], dim=1).view(-1, 2, 2)
    centre = torch.full((2,), (size - 1) / 2)
    offset = centre + shift - linear @ centre
    return torch.cat([linear, offset[:, :, None]], dim=2), flipped


def apply(
    images: Tensor, landmarks: Tensor | None, maps: Tensor, flipped: Tensor
) -> tuple[Tensor, Tensor | None]:
    """Move images and landmarks by the same maps.

    Parameters
    ----------
    images : (B, C, H, W) float; what moves in from outside repeats the border (assumption A12)
    landmarks : (B, 68, 2), (x, y) in pixels, or None
    maps, flipped : as from `draw`, on the images' device
    """
    return _move_images(images, maps), _move_landmarks(landmarks, maps, flipped)


def crop(images: Tensor, corners: Tensor, size: int, flipped: Tensor) -> Tensor:
    """Squares of `size` pixels, the flipped ones mirrored.

    images (B, C, H, W) of any type, corners (B, 2) int64 as (top, left), flipped (B,) bool;
    returns (B, C, size, size).
    """
    import torch

    steps = torch.arange(size, device=images.device)
    rows = corners[:, :1] + steps
    columns = corners[:, 1:] + torch.where(flipped[:, None], steps.flip(0), steps)
    image = torch.arange(len(images), device=images.device)
    return images.movedim(1, 3)[
        image[:, None, None], rows[:, :, None], columns[:, None, :]
    ].movedim(3, 1)


def rectangles(share: float, count: int, size: int, generator: Generator) -> Tensor:
    """(count, 4) float32: what random erasing erases (Zhong et al. 2020), as `erased` takes it:
    first row, first column, the rows and columns after the last; all 0 where nothing is.

    With probability `share` an image loses a rectangle of 2 to 33 % of its area and an aspect
    ratio of 0.3 to 3.3, log-uniform, anywhere within the frame; what is longer than the frame is
    cut to it.
    """
    import torch

    uniform = torch.rand(5, count, generator=generator)
    area = (0.02 + uniform[0] * (0.33 - 0.02)) * size**2
    ratio = torch.exp(torch.log(torch.tensor(3.3)) * (2 * uniform[1] - 1))
    sides = torch.stack([(area * ratio).sqrt(), (area / ratio).sqrt()]).round().clamp(1, size)
    first = (uniform[2:4] * (size - sides + 1)).floor()  # (2, count): top, left
    return torch.cat([first, first + sides]).T * (uniform[4] < share)[:, None]


def erased(boxes: Tensor, size: int) -> Tensor:
    """(B, size, size) bool, True within the rectangles (B, 4), on their device."""
    import torch

    steps = torch.arange(size, device=boxes.device)
    inside = (steps >= boxes[:, :2, None]) & (steps < boxes[:, 2:, None])  # (B, 2, size)
    return inside[:, 0, :, None] & inside[:, 1, None, :]


def _move_images(images: Tensor, maps: Tensor) -> Tensor:
    import torch
    from torch.nn.functional import grid_sample

    _, _, height, width = images.shape
    # Written out, and without constants from the host: a GPU may be recording this.
    (a, b), (c, d) = maps[:, :, :2].permute(1, 2, 0)
    inverse = (torch.stack([d, -b, -c, a], dim=1) / (a * d - b * c)[:, None]).view(-1, 2, 2)
    y, x = torch.meshgrid(
        torch.arange(height, device=images.device, dtype=maps.dtype),
        torch.arange(width, device=images.device, dtype=maps.dtype),
        indexing="ij",
    )
    target = torch.stack([x, y], dim=-1).view(1, -1, 2)  # (1, H * W, 2)
    origin = (target - maps[:, None, :, 2]) @ inverse.transpose(1, 2)
    extents = zip(origin.unbind(-1), (width - 1, height - 1), strict=True)
    grid = torch.stack([2 * place / extent - 1 for place, extent in extents], dim=-1)
    grid = grid.view(-1, height, width, 2).to(images.dtype)
    return grid_sample(images, grid, mode="bilinear", padding_mode="border", align_corners=True)


def _move_landmarks(landmarks: Tensor | None, maps: Tensor, flipped: Tensor) -> Tensor | None:
    import torch

    if landmarks is None:
        return None
    moved = landmarks @ maps[:, :, :2].transpose(1, 2) + maps[:, None, :, 2]
    mirrored = moved[:, _mirror(moved.device)]
    return torch.where(flipped[:, None, None], mirrored, moved)


@lru_cache(maxsize=4)
def _mirror(device: torch.device) -> Tensor:
    """(68,): the landmark that each becomes in a mirror, put on a device once."""
    import torch

    return torch.as_tensor(MIRROR, device=device)
