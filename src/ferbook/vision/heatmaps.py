"""Landmark coordinates as Gaussian heatmaps (Chew, section 4.2).

The value at pixel (x, y) of the map of landmark k, which lies at (x_k, y_k), is

    exp(-((x - x_k)^2 + (y - y_k)^2) / (2 sigma^2)),

1 at the landmark itself. That is what convolving a single impulse with a Gaussian filter gives, up
to the filter's constant factor, and it needs no rounding to whole pixels. The exponential of a sum
is a product, so a map is the outer product of a row and a column: 96 exponentials, not 2,304.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Tensor

Maps = Literal["max", "all"]
TOGETHER = 8  #: faces whose maps are made at once on a CPU
SHARE = 256  #: faces whose exponents are held at once on a CPU


def render(landmarks: Tensor, size: int = 48, sigma: float = 1.5, maps: Maps = "max") -> Tensor:
    """Heatmaps of `landmarks`, differentiable, on the landmarks' device and in their type.

    Parameters
    ----------
    landmarks : (B, K, 2), (x, y) in pixels, an integer is a pixel's centre; any real value
    size : height and width of the maps, pixels
    sigma : width of a Gaussian, pixels, above 0 (assumption A2)
    maps : "max" for the pixelwise maximum over landmarks, (B, 1, size, size); "all" for one map per
        landmark, (B, K, size, size) (assumption A1)

    Raises
    ------
    ValueError
        landmarks of another shape, sigma not above 0, or unknown `maps`

    >>> import torch
    >>> maps = render(torch.tensor([[[10.0, 20.0]]]), sigma=1.5)
    >>> maps.shape, maps[0, 0, 20, 10].item()
    (torch.Size([1, 1, 48, 48]), 1.0)
    """
    import torch

    if landmarks.ndim != 3 or landmarks.shape[-1] != 2:
        raise ValueError(f"landmarks must be (B, K, 2), not {tuple(landmarks.shape)}")
    if not sigma > 0:
        raise ValueError(f"sigma must be above 0 pixels, not {sigma}")
    if maps == "max" and landmarks.device.type == "cpu" and not landmarks.requires_grad:
        return _by_shares(landmarks, size, sigma)
    rows, columns = _exponents(landmarks, size, sigma)
    if maps == "all":  # laid out with the landmarks innermost, as convolutions read it
        row, column = (torch.exp(-part.transpose(1, 2)) for part in (rows, columns))
        return (row[:, :, None] * column[:, None]).permute(0, 3, 1, 2)
    if maps != "max":
        raise ValueError(f"maps must be 'max' or 'all', not {maps!r}")
    return torch.exp(-(rows[..., :, None] + columns[..., None, :]).amin(dim=1, keepdim=True))


def _exponents(landmarks: Tensor, size: int, sigma: float) -> tuple[Tensor, Tensor]:
    """(B, K, 2) -> of rows and of columns, (B, K, size) each."""
    import torch

    grid = torch.arange(size, device=landmarks.device, dtype=landmarks.dtype)
    columns, rows = ((grid - landmarks[..., None]) ** 2 / (2 * sigma**2)).unbind(dim=2)
    return rows, columns


def _by_shares(landmarks: Tensor, size: int, sigma: float) -> Tensor:
    """The maxima, (B, 1, size, size). Exponents of all faces at once would be three times as many
    bytes as the maps, in memory that the system has to hand out page by page."""
    out = landmarks.new_empty(len(landmarks), 1, size, size)
    for part, maps in zip(landmarks.split(SHARE), out.split(SHARE), strict=True):
        _least(*_exponents(part, size, sigma), maps)
        maps.neg_().exp_()
    return out


def _least(rows: Tensor, columns: Tensor, out: Tensor) -> None:
    """(B, K, H) and (B, K, W) -> (B, 1, H, W): the least sum over landmarks, a few faces at a time.

    So few that their sums stay in the processor's cache, so many that its cores share them.
    """
    import torch

    (faces, landmarks, height), width = rows.shape, columns.shape[-1]
    sums = rows.new_empty(min(TOGETHER, faces), landmarks, height, width)
    for least, row, column in zip(
        out.split(TOGETHER), rows.split(TOGETHER), columns.split(TOGETHER), strict=True
    ):
        part = sums[: len(least)]
        torch.add(row[..., :, None], column[..., None, :], out=part)
        torch.amin(part, dim=1, keepdim=True, out=least)
