"""The space in which Qiu's Eq. 1 is the Euclidean distance, and the pixels that are clustered.

A pixel at column x and row y becomes the point (lam x, lam y, alpha I): two such points lie

    sqrt((lam (x - x'))^2 + (lam (y - y'))^2 + (alpha (I - I'))^2)

apart, which is Eq. 1 with its second intensity read as I_kl; it is printed I_jl. What I is, and on
which scale, is assumption A23.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ferbook.errors import InputError

#: What I is in Eq. 1: the grey level, as printed, or the attention; to 255, or to 1 ("-unit").
INTENSITIES = ("image", "image-unit", "attention", "attention-unit")
#: Centres of a whole epoch, as the paper says, or of each image (assumption A24).
GRANULARITIES = ("epoch", "image")
WHITE = 255
MOST = 255  #: clusters, since a label map is uint8 and 0 means not clustered
SLACK = 1e-3  #: by which an interpolated map may leave 0 to 1


@dataclass(frozen=True)
class Settings:
    """Eq. 1 and its clustering; numbers of the paper where it gives them (section 4.2)."""

    clusters: int = 3
    lam: float = 1.5  #: weight of a pixel of distance on the grid
    alpha: float = 1.2  #: weight of a step of intensity
    share: float = 0.25  #: of the pixels, those of highest attention, that are clustered (A22)
    intensity: str = "image-unit"  #: one of INTENSITIES
    granularity: str = "epoch"  #: one of GRANULARITIES

    def __post_init__(self) -> None:
        if not is_whole(self.clusters) or not 1 <= self.clusters <= MOST:
            raise InputError(f"clusters {self.clusters!r}: expected a whole number, 1 to {MOST}")
        # written so that nan, which compares false with everything, is refused
        for name, weight in (("lam", self.lam), ("alpha", self.alpha)):
            if not is_number(weight) or not 0 <= weight < float("inf"):
                raise InputError(f"{name} {weight!r}: expected a number, 0 or more")
        if not self.lam and not self.alpha:
            raise InputError("lam 0 and alpha 0: expected one of them above 0")
        if not is_number(self.share) or not 0 < self.share <= 1:
            raise InputError(f"share {self.share!r}: expected a number above 0, at most 1")
        for name, given, known in (
            ("intensity", self.intensity, INTENSITIES),
            ("granularity", self.granularity, GRANULARITIES),
        ):
            if given not in known:
                raise InputError(f"{name} {given!r}: expected one of {', '.join(known)}")


def is_number(given: object) -> bool:
    """Of YAML's words, `true` is a number to Python and "1.5" is none."""
    return isinstance(given, int | float) and not isinstance(given, bool)


def is_whole(given: object) -> bool:
    return isinstance(given, int) and not isinstance(given, bool)


def features(images: Tensor, attention: Tensor, settings: Settings) -> Tensor:
    """(B, H*W, 3) float32: the point (lam x, lam y, alpha I) of each pixel, row by row.

    images (B, H, W) grey levels 0 to 255, attention (B, H, W) 0 to 1; InputError where they do not
    match, or attention is not of that range.
    """
    check(images, attention)
    _, height, width = images.shape
    level = (images if settings.intensity.startswith("image") else attention).float()
    if settings.intensity == "image-unit":
        level = level / WHITE
    elif settings.intensity == "attention":
        level = level * WHITE
    y = torch.arange(height, device=level.device, dtype=level.dtype)[:, None].expand_as(level)
    x = torch.arange(width, device=level.device, dtype=level.dtype).expand_as(level)
    points = torch.stack([settings.lam * x, settings.lam * y, settings.alpha * level], dim=-1)
    return points.flatten(1, 2)


def pixels_chosen(share: float, pixels: int) -> int:
    """How many of an image's pixels are clustered: their share, rounded, at least one."""
    return max(1, round(share * pixels))


def chosen(attention: Tensor, share: float) -> Tensor:
    """(B, P) int64: the pixels y W + x of highest attention, ascending; P is share of H W, rounded.

    attention (B, H, W). At least one pixel is chosen; of equal ones the first are.
    """
    flat = attention.flatten(1)
    count = pixels_chosen(share, flat.shape[1])
    last = flat.topk(count, dim=1).values[:, -1:]
    above, tied = flat > last, flat == last
    left = count - above.sum(dim=1, keepdim=True)
    return (above | (tied & (tied.cumsum(dim=1) <= left))).nonzero()[:, 1].view(-1, count)


def chosen_points(images: Tensor, attention: Tensor, settings: Settings) -> tuple[Tensor, Tensor]:
    """Which pixels are clustered, (B, P) as `chosen`, and their `features`, (B, P, 3)."""
    grid = features(images, attention, settings)
    pixels = chosen(attention, settings.share)
    return pixels, grid.gather(1, pixels[..., None].expand(-1, -1, 3))


def share_of_intensity(images: Tensor, attention: Tensor, settings: Settings) -> dict[str, Tensor]:
    """For each reading of I, (B,): the part of Eq. 1's third term in the spread of an image.

    That is the variance of alpha I over the chosen pixels, divided by the variances of lam x, lam y
    and alpha I together; k-means of one cluster has them as its inertia. NaN where nothing varies.
    """
    shares = {}
    for intensity in INTENSITIES:
        _, points = chosen_points(images, attention, replace(settings, intensity=intensity))
        variance = points.double().var(dim=1, correction=0)
        shares[intensity] = variance[:, 2] / variance.sum(dim=1)
    return shares


def check(images: Tensor, attention: Tensor) -> None:
    """InputError where images and attention are not (B, H, W) alike, or attention not 0 to 1."""
    if images.ndim != 3 or images.shape != attention.shape:
        raise InputError(
            f"images {tuple(images.shape)} and attention {tuple(attention.shape)}: "
            "expected (B, H, W) of both"
        )
    if not attention.numel():
        return
    finite = attention.isfinite().flatten(1).all(dim=1)
    if not finite.all():
        first = int(finite.logical_not().nonzero()[0])
        raise InputError(f"the attention map of image {first} holds NaN or infinity")
    low, high = float(attention.min()), float(attention.max())
    if low < -SLACK or high > 1 + SLACK:
        raise InputError(f"attention from {low:g} to {high:g}: expected 0 to 1")
