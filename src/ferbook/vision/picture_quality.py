"""Noise and sharpness of pictures, so that what is drawn into one does not stand out."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8]
Whole = NDArray[np.int16]

#: Lower quartile of |z| for a standard normal z.
_QUARTILE = 0.31864
SOFTEST = 1.6  #: pixels, the strongest blur told apart


def noise(images: Images) -> NDArray[np.float64]:
    """(N, H, W) -> (N,) standard deviation of pixel noise, grey levels.

    Immerkaer's (1996) mask, 1 -2 1 / -2 4 -2 / 1 -2 1, is blind to planes and gives noise of
    deviation s one of 6 s. Edges raise the upper part of its values, so the lower quartile counts.
    """
    grey = np.asarray(images, np.int16).swapaxes(0, 1)
    both = _bend(*_neighbours(_bend(*_neighbours(grey)).swapaxes(0, 2)))
    middle = both.shape[0] * both.shape[2] // 4
    return _ranked(_counts(both, 8 * 255), middle) / (6.0 * _QUARTILE)


def blur(images: Images) -> NDArray[np.float64]:
    """(N, H, W) -> (N,) standard deviation of the Gaussian that blurs the sharpest edges, pixels.

    Of a blurred step the ratio of slope to bend grows with its width: the 95th percentiles of
    first and second differences are compared with those of steps. Edges that lie close together
    look sharper than they are: faces blurred by 0.5, 1.0 and 1.5 read about 0.4, 0.8 and 1.2.
    """
    grey = np.asarray(images, np.int16)
    slopes, bends, size = [], [], 0
    for axis in (1, 2):
        before, at, after = _neighbours(np.moveaxis(grey, axis, 0))
        slopes.append(_counts(after - before, 255))
        bends.append(_counts(_bend(before, at, after), 2 * 255))
        size += at.shape[0] * at.shape[2]
    slope, bend = (_ranked(np.add(*counts), int(0.95 * size)) for counts in (slopes, bends))
    ratios, widths = _table()
    return np.interp(slope / 2 / np.maximum(bend, 1e-9), ratios, widths)


def _neighbours(lines: Whole) -> tuple[Whole, Whole, Whole]:
    """(L, N, M) -> (L - 2, N, M) each: lines, those after them, and those after these."""
    return lines[:-2], lines[1:-1], lines[2:]


def _bend(before: Whole, at: Whole, after: Whole) -> Whole:
    return before - 2 * at + after


def _counts(values: Whole, most: int) -> NDArray[np.intp]:
    """(L, N, M) -> (N, most + 1): how often each absolute value occurs in each of N pictures."""
    count = values.shape[1]
    first = np.arange(count)[:, None] * (most + 1)
    binned = np.bincount((np.abs(values) + first).ravel("K"), minlength=count * (most + 1))
    return binned.reshape(count, most + 1)


def _ranked(counts: NDArray[np.intp], place: int) -> NDArray[np.intp]:
    """(N,): the values that stand at `place` when all are sorted."""
    return (counts.cumsum(axis=1) > place).argmax(axis=1)


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
