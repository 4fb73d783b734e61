"""Near copies: one photograph compressed, lit, moved, scaled or mirrored anew, by three sieves.

1. The descriptor by which FER2013's images are known again (`ferbook.data.reference`): twelve low
   frequencies of the image's ranks, which neither brightness nor contrast changes. A k-d tree gives
   the nearest few within reach. In a mirror image the odd horizontal frequencies change their sign.
2. Ranks at half size without their lowest frequencies: the peak of the cross-correlation within
   four pixels of the picture.
3. `registration.likeness` of the ranks within a band of frequencies, both at full size.

Each sieve is dearer than the one before, and is shown only what that lets through. Memory is some
10 kB a face. Time grows by 2.7 when N doubles: a tree in twelve dimensions has to look at ever more
of its leaves. It is ten to thirty times as much for faces posed and cut out alike, which the first
two sieves cannot tell apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ferbook.data.reference import FREQUENCIES, describe, ranks
from ferbook.data.registration import likeness

Images = NDArray[np.uint8]
Rows = NDArray[np.int64]

SIDE = 48  #: Widths in pixels below, and the descriptor's reach, are for pictures of this size.
#: Of descriptors. A copy moved by one pixel each way differs by less than 25, even if JPEG and
#: contrast changed it too; one moved by two pixels each way by 28 in the median.
REACH = 32.0
#: The nearest to be looked at, for each face, within its own part and in the others each.
NEIGHBOURS = 24
#: Of the second sieve, which only saves time.
ROUGHLY = 0.7
#: Likeness from which two pictures count as one.
#: False alarms, on pairs that are known to differ: of 477,000 of different people in CK+, posed in
#: one laboratory, none comes above 0.89; of 24 million of different people drawn by
#: `ferbook.data.synthetic` five reach 0.96, none 0.97; the forty pairs of FER2013 in two parts that
#: are least above 0.96, and its forty mirrored ones, are one photograph each, to the eye.
#: Misses, of FER2013's faces changed on purpose: hardly one in a hundred after JPEG at quality 30,
#: 40 grey levels up or down, contrast times 0.6, a move by one pixel each way, a turn of three
#: degrees, a pixel cut off all around, or a mirror, or several of these at once; up to one in ten
#: at half the size or smoothed by a pixel; three in ten moved by two pixels each way; three in
#: four at quality 10.
ALIKE = 0.96
BLOCK = 4096  # pictures or pairs at a time
_MIRROR = np.array([(-1) ** horizontal for _, horizontal in FREQUENCIES])


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of rows, `one` < `other`, that show one photograph; each pair once, in order."""

    one: Rows
    other: Rows
    mirrored: NDArray[np.bool_]
    likeness: NDArray[np.float64]

    def take(self, which: NDArray[np.bool_]) -> Pairs:
        return Pairs(self.one[which], self.other[which], self.mirrored[which], self.likeness[which])


def find(images: Images, part: NDArray[np.int32], group: NDArray[np.int32]) -> Pairs:
    """Near copies among images (N, 48, 48); copies mirrored are sought across parts only.

    Parameters
    ----------
    part : (N,) part of each image; neighbours are sought in its own and in the others separately,
        so that a crowd of copies in one part hides none in another
    group : (N,) exact copies share a number; of those in one part the first speaks for all, and
        no pair of exact copies is given
    """
    _, first = np.unique(np.stack([group, part]), axis=1, return_index=True)
    rows = np.sort(first).astype(np.int64)
    some, inside, alone = images[rows], part[rows], group[rows]
    points = describe(some)[0].astype(np.float64)
    direct = [_neighbours(points, points, inside, across) for across in (True, False)]
    turned = _neighbours(points * _MIRROR, points, inside, across=True)
    sieve = _Sieve(some)
    found = []
    for pairs, mirrored in ((np.concatenate(direct), False), (turned, True)):
        pairs = np.unique(np.sort(pairs, axis=1), axis=0)
        pairs = pairs[alone[pairs[:, 0]] != alone[pairs[:, 1]]]
        pairs, alike = sieve(pairs, mirrored)
        one, other = rows[pairs.T]
        found.append(Pairs(one, other, np.full(len(pairs), mirrored), alike))
    return _joined(found)


def _joined(found: list[Pairs]) -> Pairs:
    """Both kinds as one; a face so even that it is alike both ways is a plain copy."""
    plain, turned = found
    known = set(zip(plain.one.tolist(), plain.other.tolist(), strict=True))
    pairs = zip(turned.one.tolist(), turned.other.tolist(), strict=True)
    turned = turned.take(np.array([pair not in known for pair in pairs], dtype=bool))
    fields = ("one", "other", "mirrored", "likeness")
    return Pairs(*(np.concatenate([getattr(p, f) for p in (plain, turned)]) for f in fields))


def _neighbours(
    asked: NDArray[np.float64], points: NDArray[np.float64], part: NDArray[np.int32], across: bool
) -> Rows:
    """(n, 2) rows asked for and found: the nearest points in the same part, or in all others."""
    from scipy.spatial import cKDTree

    found = [np.empty((0, 2), np.int64)]
    for one in np.unique(part):
        mine = np.flatnonzero(part == one)
        there = np.flatnonzero(part != one) if across else mine
        if not len(there):
            continue
        # a row is its own nearest neighbour
        distance, nearest = cKDTree(points[there]).query(
            asked[mine], k=NEIGHBOURS + (not across), distance_upper_bound=REACH
        )
        row, place = np.nonzero(np.isfinite(distance))
        found.append(np.stack([mine[row], there[nearest[row, place]]], axis=1))
    pairs = np.concatenate(found)
    return pairs[pairs[:, 0] != pairs[:, 1]]


class _Sieve:
    """The second and third sieve over pairs of rows of `images`."""

    def __init__(self, images: Images) -> None:
        blocks = (images[at : at + BLOCK] for at in range(0, len(images), BLOCK))
        self.images, self.rough = images, np.concatenate([_rough(block) for block in blocks])

    def __call__(self, pairs: Rows, mirrored: bool) -> tuple[Rows, NDArray[np.float64]]:
        """The pairs that pass, and their likeness; of the first of each pair its mirror image."""
        kept, alike = [np.empty((0, 2), np.int64)], [np.empty(0)]
        for at in range(0, len(pairs), BLOCK):
            some = pairs[at : at + BLOCK]
            peak, shift = self._peaks(some, mirrored)
            some, shift = some[peak >= ROUGHLY], shift[peak >= ROUGHLY]
            close = self._likeness(some, mirrored, shift)
            kept.append(some[close >= ALIKE])
            alike.append(close[close >= ALIKE])
        return np.concatenate(kept), np.concatenate(alike)

    def _peaks(self, pairs: Rows, mirrored: bool) -> tuple[NDArray, NDArray[np.float32]]:
        from scipy.fft import irfft2

        one, other = self.rough[pairs[:, 0]], self.rough[pairs[:, 1]]
        if mirrored:
            one = _mirrored(one)
        near = np.arange(-2, 3)  # pixels at half size
        rates = irfft2(one.conj() * other, s=(SIDE // 2, SIDE // 2))[:, near][:, :, near]
        rates = rates.reshape(len(pairs), -1)
        down, right = np.divmod(rates.argmax(1), len(near))
        shift = 2.0 * np.stack([near[right], near[down]], axis=1)
        return rates.max(1), shift.astype(np.float32)

    def _likeness(
        self, pairs: Rows, mirrored: bool, shift: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        rows, place = np.unique(pairs, return_inverse=True)
        bands = _band(self.images[rows])
        one, other = bands[place.reshape(-1, 2).T]
        return likeness(one[:, :, ::-1] if mirrored else one, other, shift)


def _rough(images: Images) -> NDArray[np.complex64]:
    """(n, 24, 13) spectrum of the second sieve: unit norm, faded out towards the border."""
    from scipy.fft import rfft2

    half = SIDE // 2
    small = ranks(images).astype(np.float32).reshape(-1, half, 2, half, 2).mean((2, 4))
    small = _between(small, 0.8, 1.5)
    fade = np.sin(np.pi / 2 * np.minimum(1, (np.arange(half) + 0.5) / 3))
    small *= (np.outer(fade, fade) * np.outer(fade, fade)[::-1, ::-1]).astype(np.float32)
    norm = np.sqrt(np.einsum("nij,nij->n", small, small))
    spectrum: NDArray[np.complex64] = rfft2(small / (norm + 1e-6)[:, None, None])
    return spectrum


def _mirrored(spectrum: NDArray[np.complex64]) -> NDArray[np.complex64]:
    """The spectrum of the mirror image: with x for side - 1 - x, F(l, k) is e^(ik w) conj F(-l, k),
    w = 2 pi / side."""
    side = spectrum.shape[1]
    turn = np.exp(2j * np.pi * np.arange(spectrum.shape[2]) / side).astype(np.complex64)
    turned: NDArray[np.complex64] = spectrum[:, -np.arange(side)].conj() * turn
    return turned


def _band(images: Images) -> NDArray[np.float32]:
    """What tells two faces apart: between the shadow on a cheek and the grain of a compression."""
    return _between(ranks(images).astype(np.float32), 1, 3)


def _between(grey: NDArray[np.float32], fine: float, coarse: float) -> NDArray[np.float32]:
    """Pictures smoothed by `fine` less the same smoothed by `coarse`, widths in their pixels."""
    from scipy.ndimage import gaussian_filter

    one, other = (gaussian_filter(grey, (0, s, s), mode="nearest") for s in (fine, coarse))
    band: NDArray[np.float32] = one - other
    return band
