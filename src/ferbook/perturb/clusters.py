"""Clusters of the pixels of highest attention, as maps of labels (Qiu, section 3, phase two).

Clusters are numbered from 1 by the place of their centre, top to bottom, then left to right; 0 is
not clustered. An attention map that is the same everywhere names no pixel: unless all pixels are
to be clustered (share 1), its image keeps 0 throughout and has no part in common centres.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ferbook.errors import InputError
from ferbook.perturb import kmeans
from ferbook.perturb.distance import Settings, check, chosen_points, pixels_chosen

CHUNK = 512  #: images whose every pixel is a point at a time


def label_maps(
    images: Tensor,
    attention: Tensor,
    settings: Settings,
    seed: int,
    centres: Tensor | None = None,
) -> Tensor:
    """(B, H, W) uint8: 0 = not clustered, 1 to n the cluster of a pixel.

    Parameters
    ----------
    images : (B, H, W) uint8
    attention : (B, H, W), 0 to 1
    settings : with granularity "image" every image is clustered by itself; with "epoch" its chosen
        pixels take the label of the nearest of the common centres
    seed : of k-means++
    centres : (n, 3) of `common_centres`; without them, "epoch" finds them on these images

    Raises
    ------
    InputError
        images or attention of another form, NaN, more clusters than chosen pixels, or
        centres where every image has its own
    """
    _check(images, attention, settings)
    if settings.granularity == "image" and centres is not None:
        raise InputError("centres: expected none with granularity 'image'")
    if centres is not None and centres.shape != (settings.clusters, 3):
        raise InputError(f"centres {tuple(centres.shape)}: expected ({settings.clusters}, 3)")
    maps = torch.zeros(images.shape, dtype=torch.uint8, device=images.device)
    named = _named(attention, settings)
    if not named.any():
        return maps
    pixels, points = _chosen(images[named], attention[named], settings)
    if settings.granularity == "image":
        found = kmeans.fit(points, settings.clusters, seed)
        numbers = _order(found.centres).argsort(dim=1).gather(1, found.labels)
    else:
        if centres is None:
            centres = _common(points, settings, seed, None)
        numbers = kmeans.assign(points, centres)
    flat = torch.zeros(len(points), images[0].numel(), dtype=torch.uint8, device=images.device)
    maps[named] = flat.scatter_(1, pixels, (numbers + 1).to(torch.uint8)).view(
        -1, *images.shape[1:]
    )
    return maps


def common_centres(
    images: Tensor,
    attention: Tensor,
    settings: Settings,
    seed: int,
    start: Tensor | None = None,
) -> Tensor:
    """(n, 3) float64: the centres of the chosen pixels of all images together, first that of 1.

    images, attention (B, H, W) as of `label_maps`; `start` (n, 3): the centres of the epoch before,
    from which to go on instead of k-means++. InputError where no attention map names a pixel, and
    as of `label_maps`.
    """
    _check(images, attention, settings)
    named = _named(attention, settings)
    if not named.any():
        raise InputError(
            f"{len(images)} attention maps, each the same everywhere: no pixel stands out"
        )
    _, points = _chosen(images[named], attention[named], settings)
    return _common(points, settings, seed, start)


def _common(points: Tensor, settings: Settings, seed: int, start: Tensor | None) -> Tensor:
    (centres,) = kmeans.fit(points.flatten(0, 1)[None], settings.clusters, seed, start).centres
    return centres[_order(centres)]


def _chosen(images: Tensor, attention: Tensor, settings: Settings) -> tuple[Tensor, Tensor]:
    parts = zip(images.split(CHUNK), attention.split(CHUNK), strict=True)
    pixels, points = zip(*(chosen_points(*part, settings) for part in parts), strict=True)
    return torch.cat(pixels), torch.cat(points)


def _named(attention: Tensor, settings: Settings) -> Tensor:
    """(B,): whether a map tells some pixels from others, or none need be told."""
    flat = attention.flatten(1)
    return (flat.amax(dim=1) > flat.amin(dim=1)) | (settings.share == 1)


def _order(centres: Tensor) -> Tensor:
    """(..., n): the centres (..., n, 3) by y, of equal y by x, of equal places by intensity."""
    order = centres[..., 2].argsort(dim=-1, stable=True)
    for axis in (0, 1):
        key = centres[..., axis].gather(-1, order)
        order = order.gather(-1, key.argsort(dim=-1, stable=True))
    return order


def _check(images: Tensor, attention: Tensor, settings: Settings) -> None:
    if images.dtype != torch.uint8:
        raise InputError(f"images of {images.dtype}: expected uint8, grey levels 0 to 255")
    check(images, attention)
    count = pixels_chosen(settings.share, images[0].numel() if len(images) else 0)
    if len(images) and settings.clusters > count:
        raise InputError(
            f"{settings.clusters} clusters of {count} points: expected at most as many"
        )
