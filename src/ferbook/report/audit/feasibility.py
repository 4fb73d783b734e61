"""Are there whole numbers of images and of right answers that give all the printed shares?

Class k has n_k images of which c_k are right. Wanted: integers with

    n_k in its bounds,  sum n_k in `total`,
    c_k / n_k in the range of the class's printed share, for each k,
    sum c_k / sum n_k in the range of the overall share.

A range low <= x <= high times its n is linear, so this is an integer linear programme. With the
counts known it needs no solver: c_k runs through all integers from ceil(n_k low) to
floor(n_k high), so their sum runs through all integers between the sums of these ends. Otherwise
the relaxation to real numbers comes first, in closed form, since it settles most cases: the largest
overall share takes the upper end of every class, and moves images from classes with a low upper end
to those with a high one, as far as bounds and total allow; for a random draw, no further than its
ellipsoid reaches in that direction. Then some points are tried, and only then HiGHS (through
scipy.optimize.milp) is asked. A point that is found is checked with exact integers. Where the
solver gives up, the answer is 'feasible': a doubt goes in favour of the print.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ferbook.report.audit.regions import Ellipsoid, Region
from ferbook.report.audit.rounding import Range

#: Seconds for the solver.
PATIENCE = 2.0
#: Points tried between the two extremes.
STEPS = 16


def feasible(region: Region, shares: Sequence[Range], overall: Range) -> bool:
    """Whether such integers exist; `shares` in the order of the region's classes."""
    if region.exact:
        return _sums_meet(region.low, shares, overall)
    low, high = reach(region, shares)
    if not overall.meets(low, high):
        return False
    return any(_sums_meet(n, shares, overall) for n in _trials(region, shares)) or _solver_says(
        region, shares, overall
    )


def reach(region: Region, shares: Sequence[Range]) -> tuple[Fraction, Fraction]:
    """The smallest and the largest overall share over real counts: an outer bound of all."""
    low: Fraction = 1 - _largest(region, [1 - share.low for share in shares])
    high = _largest(region, [share.high for share in shares])
    if region.ellipsoid:
        least, most = _cuts(region.ellipsoid, shares)
        low, high = max(low, Fraction(least)), min(high, Fraction(most))
    return low, high


def _cuts(ellipsoid: Ellipsoid, shares: Sequence[Range]) -> tuple[float, float]:
    """What the weighted mean of the lower ends is at least, of the upper ends at most."""
    lows, highs = (
        [float(e) for e in ends] for ends in zip(*((s.low, s.high) for s in shares), strict=True)
    )
    return ellipsoid.mean_within(lows)[0], ellipsoid.mean_within(highs)[1]


def _largest(region: Region, values: Sequence[Fraction]) -> Fraction:
    """max sum n_k v_k / sum n_k over the region.

    For a fixed sum the best images are those of the classes with the largest v_k; over sums the
    ratio is quasi-linear, so an end of `total` is best, or a sum at which a class is just full.
    """
    means = []
    for total in _sums(region, values):
        counts = _filled(region, values, total)
        right = sum((n * v for n, v in zip(counts, values, strict=True)), Fraction(0))
        means.append(right / total)
    return max(means)


def _sums(region: Region, values: Sequence[Fraction]) -> list[int]:
    order = sorted(range(len(values)), key=lambda k: -values[k])
    sums = [sum(region.low)]
    for k in order:
        sums.append(sums[-1] + region.high[k] - region.low[k])
    low, high = region.total
    return sorted({low, high, *(total for total in sums if low <= total <= high)})


def _filled(region: Region, values: Sequence[Fraction], total: int) -> list[int]:
    """Counts that sum to `total`, the classes of the largest values filled first."""
    counts = list(region.low)
    for k in sorted(range(len(values)), key=lambda k: -values[k]):
        counts[k] += min(region.high[k] - counts[k], max(total - sum(counts), 0))
    return counts


def _sums_meet(counts: Sequence[int], shares: Sequence[Range], overall: Range) -> bool:
    """With counts known: exact."""
    ends = [share.counts(n) for n, share in zip(counts, shares, strict=True)]
    if any(low > high for low, high in ends):
        return False
    low, high = overall.counts(sum(counts))
    return max(low, sum(end[0] for end in ends)) <= min(high, sum(end[1] for end in ends))


def _trials(region: Region, shares: Sequence[Range]) -> list[list[int]]:
    """Count vectors that often do: the extremes, and points between the two."""
    total = region.total[0]
    best = _filled(region, [share.high for share in shares], total)
    worst = _filled(region, [-share.low for share in shares], total)
    points = []
    for step in range(STEPS + 1):
        mixed = [w + (b - w) * step // STEPS for b, w in zip(best, worst, strict=True)]
        for k, high in enumerate(region.high):
            mixed[k] += min(high - mixed[k], total - sum(mixed))
        points.append(mixed)
    return [point for point in points if _inside(region, shares, point)]


def _inside(region: Region, shares: Sequence[Range], counts: Sequence[int]) -> bool:
    """Whether a point keeps to the ellipsoid, seen along the two directions that matter."""
    if region.ellipsoid is None:
        return True
    least, most = _cuts(region.ellipsoid, shares)
    pairs = list(zip(counts, shares, strict=True))
    low = sum(n * share.low for n, share in pairs) / sum(counts)
    high = sum(n * share.high for n, share in pairs) / sum(counts)
    return low >= least and high <= most


def _solver_says(region: Region, shares: Sequence[Range], overall: Range) -> bool:
    """The integer programme over (n_1..n_K, c_1..c_K)."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    size = len(shares)
    eye = np.eye(size)
    highs = [float(share.high) for share in shares]
    lows = [float(share.low) for share in shares]
    ones = np.ones(size)
    rows = np.vstack(
        [
            np.hstack([-np.diag(lows), eye]),  # c_k - low_k n_k >= 0
            np.hstack([np.diag(highs), -eye]),  # high_k n_k - c_k >= 0
            np.hstack([-float(overall.low) * ones, ones]),
            np.hstack([float(overall.high) * ones, -ones]),
            np.hstack([ones, 0 * ones]),
            *_cut_rows(region, shares),
        ]
    )
    least = np.zeros(len(rows))
    most = np.full(len(rows), np.inf)
    least[2 * size + 2], most[2 * size + 2] = region.total
    found = milp(
        np.zeros(2 * size),
        integrality=np.ones(2 * size),
        bounds=Bounds([*region.low, *(0 * ones)], [*region.high, *region.high]),
        constraints=LinearConstraint(rows, least, most),
        options={"time_limit": PATIENCE},
    )
    return bool(found.status != 2)  # 2: proven infeasible


def _cut_rows(region: Region, shares: Sequence[Range]) -> list[list[float]]:
    """sum n_k (low_k - least) >= 0 and sum n_k (most - high_k) >= 0."""
    if region.ellipsoid is None:
        return []
    least, most = _cuts(region.ellipsoid, shares)
    zeros = [0.0] * len(shares)
    return [
        [*(float(share.low) - least for share in shares), *zeros],
        [*(most - float(share.high) for share in shares), *zeros],
    ]
