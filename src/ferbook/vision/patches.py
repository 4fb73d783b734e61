"""What landmarks give a network beside heatmaps: patches of regions, and plain coordinates.

Patches (Chew, abstract and section 4.2): eyes, brows and mouth, each cut out along the box of its
own landmarks and brought to the size of the image. Coordinates (section 6) are the baseline that
heatmaps are said to better.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ferbook.vision.landmarks import REGIONS

if TYPE_CHECKING:
    from torch import Tensor

#: The regions of a patch, in the order of the channels.
PATCHES = {
    "eyes": [*REGIONS["right eye"], *REGIONS["left eye"]],
    "brows": [*REGIONS["right brow"], *REGIONS["left brow"]],
    "mouth": [*REGIONS["mouth"]],
}
MARGIN = 0.125  #: of the box's width and height, added on each side (assumption A4)
SMALLEST = 4.0  #: pixels, the least width and height of a box
#: Pixels, the RMS distance of points that differ by rounding only; a face's is above 1.
COINCIDENT = 0.01


def cut(images: Tensor, landmarks: Tensor) -> Tensor:
    """(B, 1, H, W) images and (B, 68, 2) landmarks as (x, y) in pixels -> (B, 3, H, W) patches.

    Bilinear; beyond the frame the border repeats. A patch is stretched to the full H x W, whatever
    the shape of its box, as "resized to 48x48 pixels" says.
    """
    import torch
    from torch.nn.functional import grid_sample

    height, width = images.shape[-2:]
    extent = torch.tensor([width - 1, height - 1], dtype=landmarks.dtype, device=landmarks.device)
    unit = [
        torch.linspace(0, 1, n, dtype=landmarks.dtype, device=landmarks.device)
        for n in (width, height)
    ]
    y, x = torch.meshgrid(unit[1], unit[0], indexing="ij")
    steps = torch.stack([x, y], dim=-1)  # (H, W, 2), 0 to 1 across the patch
    patches = []
    for region in PATCHES.values():
        points = landmarks[:, region]
        low, high = points.amin(dim=1), points.amax(dim=1)  # (B, 2)
        side = ((high - low) * (1 + 2 * MARGIN)).clamp(min=SMALLEST)
        corner = (low + high - side) / 2
        at = corner[:, None, None] + steps * side[:, None, None]  # (B, H, W, 2), pixels
        grid = (2 * at / extent - 1).to(images.dtype)
        patches.append(
            grid_sample(images, grid, mode="bilinear", padding_mode="border", align_corners=True)
        )
    return torch.cat(patches, dim=1)


def normalised(landmarks: Tensor) -> Tensor:
    """(B, 68, 2) -> (B, 136): centred on their mean, in units of their RMS distance from it.

    Place and size in the frame are gone, the rest of the shape stays (assumption A17). Points
    that all coincide, an empty heatmap's, become zero.
    """
    centred = landmarks - landmarks.mean(dim=1, keepdim=True)
    scale = centred.square().sum(dim=2).mean(dim=1).sqrt()[:, None, None]  # (B, 1, 1)
    shape = (centred / scale.clamp(min=COINCIDENT)) * (scale > COINCIDENT)
    return shape.flatten(1)
