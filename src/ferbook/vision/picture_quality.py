"""Noise and sharpness of pictures, so that what is drawn into one does not stand out."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8]

#: Lower quartile of |z| for a standard normal z.
_QUARTILE = 0.31864
SOFTEST = 1.6  #: pixels, the strongest blur told apart


def noise(images: Images) -> NDArray[np.float64]:
    """(N, H, W) -> (N,) standard deviation of pixel noise, grey levels.

    Immerkaer's (1996) mask, 1 -2 1 / -2 4 -2 / 1 -2 1, is blind to planes and gives noise of
    deviation s one of 6 s. Edges raise the upper part of its values, so the lower quartile counts.
    """
    grey = np.asarray(images, np.int16)
    across = grey[:, :, :-2] - 2 * grey[:, :, 1:-1] + grey[:, :, 2:]
    both = across[:, :-2] - 2 * across[:, 1:-1] + across[:, 2:]
    flat = _flat(both)
    middle = flat.shape[1] // 4
    return np.partition(flat, middle, axis=1)[:, middle] / (6.0 * _QUARTILE)


def blur(images: Images) -> NDArray[np.float64]:
    """(N, H, W) -> (N,) standard deviation of the Gaussian that blurs the sharpest edges, pixels.

    Of a blurred step the ratio of slope to bend grows with its width: the 95th percentiles of
    first and second differences are compared with those of steps. Edges that lie close together
    look sharper than they are: faces blurred by 0.5, 1.0 and 1.5 read about 0.4, 0.8 and 1.2.
    """
    grey = np.asarray(images, np.int16)
    slopes, bends = [], []
    for axis in (1, 2):
        moved = np.moveaxis(grey, axis, 2)
        slopes.append(_flat(moved[..., 2:] - moved[..., :-2]))
        bends.append(_flat(moved[..., 2:] - 2 * moved[..., 1:-1] + moved[..., :-2]))
    slope, bend = (_high(np.concatenate(part, axis=1)) for part in (slopes, bends))
    ratios, widths = _table()
    return np.interp(slope / 2 / np.maximum(bend, 1e-9), ratios, widths)


def _flat(values: NDArray[np.int16]) -> NDArray[np.int32]:
    """(N, H W): absolute values, of the type that numpy selects from fastest."""
    return np.abs(values).reshape(len(values), values.shape[1] * values.shape[2]).astype(np.int32)


def _high(values: NDArray[np.int32]) -> NDArray[np.int32]:
    place = int(0.95 * values.shape[1])
    return np.partition(values, place, axis=1)[:, place]


@lru_cache(maxsize=1)
def _table() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Slope over bend of a step blurred by each width, over all positions of the step."""
    from scipy.special import ndtr

    widths = np.linspace(0, SOFTEST, 33)
    at = np.arange(-8, 9)[:, None] + np.linspace(-0.5, 0.5, 41)
    ratios = []
    for width in widths:
        # a pixel sees the mean over its own area: a box of variance 1/12
        step = ndtr(at / np.hypot(width, 12**-0.5))
        slope = np.abs(step[2:] - step[:-2]).max(axis=0) / 2
        bend = np.abs(step[2:] - 2 * step[1:-1] + step[:-2]).max(axis=0)
        ratios.append(float(np.mean(slope / bend)))
    return np.array(ratios), widths
