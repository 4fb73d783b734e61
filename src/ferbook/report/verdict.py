"""The verdict on a printed number: the rule, stated once.

A printed value is one run of theirs. We have k runs of ours, one per seed, with mean m and sample
variance s² between them. If theirs is one more run of the same kind, it falls with a probability
of 95 % within

    m ± t(ν, 0.975) · √( s² (1 + 1/k) + v / n_theirs + [v / n_ours] )

where v is the variance that one test image contributes (p (1 - p) for an accuracy p; on CK+ whole
subjects are resampled, so the images of one subject count together), n_theirs the number of test
images behind the printed number and n_ours that behind ours. ν follows Welch and Satterthwaite:
the first term has k - 1 degrees of freedom, the sampling terms have infinitely many.

The last term counts only where all our runs share one test set that is not theirs. It falls away
where the test set is theirs, and where each seed draws its own, since s² then holds its effect.
In both cases v / n_theirs is kept, although two networks scored on the same images share most of
it: the interval is then a little too wide, so that a doubt goes in favour of the printed number,
and with few seeds, when s² can be small by chance, it does not collapse.

The verdict, the first of these that fits:

- `not reported`: the cell is blank, or the paper prints no number under this protocol;
- `impossible as printed`: arithmetic rules the number out, whatever is run, rounded or cut off,
  given what else is printed (`ferbook audit` computes it);
- `not testable here`: for the reason given, or as a setting, or as a result of another paper;
- `not measured`: a gap of ours, no run of that network on that dataset exists;
- `inconclusive`: no run at the printed protocol and the paper tier, or one seed, hence no s²;
- `reproduced`: the printed value misses m by no more than half the interval, or by no more than the
  margin of 2 points (0.02 for an F1), whichever is larger; a range, when any value in it does; a
  count, when it equals the dataset's own as rounded in print;
- `not reproduced`: anything else.

A number of clusters, the best one or that on a part of the face, is a whole number: it is
`reproduced` where the interval (of a new seed's number, without sampling terms) rounds to the
printed number at both ends, `not reproduced` where it leaves the printed number out, and
`inconclusive` where it holds others too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ferbook.report.reported import Number, Row

Verdict = Literal[
    "reproduced",
    "not reproduced",
    "inconclusive",
    "impossible as printed",
    "not reported",
    "not testable here",
    "not measured",
]
VERDICTS: tuple[Verdict, ...] = Verdict.__args__  # type: ignore[attr-defined]

#: Half-width below which a miss never counts, by unit.
MARGIN = {"percent": 2.0, "points": 2.0, "f1": 0.02}


@dataclass(frozen=True)
class Interval:
    """95 % prediction interval for one new run of theirs."""

    mean: float
    half: float
    freedom: float = math.inf  #: degrees of freedom behind `half`

    @property
    def ends(self) -> tuple[float, float]:
        return self.mean - self.half, self.mean + self.half


def prediction_interval(
    values: Sequence[float], unit_variance: float, n_theirs: int, n_ours: int | None
) -> Interval | None:
    """The interval of the module's docstring; None for fewer than two values.

    Parameters
    ----------
    values : one per seed, fractions of 1 (or their difference)
    unit_variance : v, what one test image contributes
    n_theirs : test images behind the printed number
    n_ours : test images of ours, None where that term falls away
    """
    from scipy.special import stdtrit

    count = len(values)
    if count < 2:
        return None
    mean = math.fsum(values) / count
    variance = math.fsum((value - mean) ** 2 for value in values) / (count - 1)
    between = variance * (1 + 1 / count)
    sampling = unit_variance / n_theirs + (unit_variance / n_ours if n_ours else 0.0)
    total = between + sampling
    # Welch and Satterthwaite: total^2 / sum(term^2 / its degrees of freedom)
    freedom = (count - 1) * (total / between) ** 2 if between > 0 else math.inf
    return Interval(mean, float(stdtrit(freedom, 0.975)) * math.sqrt(total), freedom)


def images_alone(value: float, unit_variance: float, n_theirs: int, n_ours: int | None) -> Interval:
    """As `prediction_interval`, of one seed: what the choice of test images explains, and nothing
    of what another seed would have given."""
    from scipy.special import ndtri

    sampling = unit_variance / n_theirs + (unit_variance / n_ours if n_ours else 0.0)
    return Interval(value, float(ndtri(0.975)) * math.sqrt(sampling))


def p_value(miss: float, interval: Interval) -> float:
    """How often one new run of the same kind misses the mean by more than `miss`, to either side;
    0.05 at the interval's ends."""
    from scipy.special import stdtr, stdtrit

    if interval.half == 0:
        return float(miss == 0)
    t = abs(miss) / interval.half * float(stdtrit(interval.freedom, 0.975))
    return 2 * float(stdtr(interval.freedom, -t))


def distance(reported: Number, measured: float) -> float:
    """How far `measured` is from the printed value, or from the nearest value of the range."""
    low = reported.value if reported.value is not None else reported.low
    high = reported.value if reported.value is not None else reported.high
    below = low - measured if low is not None else 0.0
    above = measured - high if high is not None else 0.0
    return max(below, above, 0.0)


def compare(reported: Number, unit: str, interval: Interval) -> tuple[Verdict, str]:
    """'reproduced' or not, and why, in the row's unit."""
    miss = distance(reported, interval.mean)
    margin = MARGIN[unit]
    allowed = max(interval.half, margin)
    # 88.3 - 86.3 is 2.0000000000000 and a little in binary
    verdict: Verdict = "reproduced" if miss <= allowed + 1e-9 else "not reproduced"
    places = 3 if unit == "f1" else 1
    basis = "half the interval" if interval.half > margin else "the margin"
    return verdict, f"off by {miss:.{places}f}, {allowed:.{places}f} allowed ({basis})"


def compare_count(reported: Number, counted: int) -> tuple[Verdict, str]:
    """Counts are exact, up to rounding where the paper printed a round number."""
    step = 10 ** max(-reported.decimals, 0)
    if reported.value is None:
        met = distance(reported, counted) == 0
    else:
        # authors round or truncate
        met = reported.value in (math.floor(counted / step + 0.5) * step, counted // step * step)
    if met:
        return "reproduced", "the dataset's own count"
    return "not reproduced", f"the dataset has {counted:,}"


def compare_whole(reported: Number, interval: Interval) -> tuple[Verdict, str]:
    """A whole number of clusters against the interval of a new seed's."""
    if reported.value is None:
        raise ValueError("a number of clusters is printed as a value")
    low, high = interval.ends
    held = f"a new seed's number lies within {low:.1f} to {high:.1f}"
    if reported.value - 0.5 <= low and high <= reported.value + 0.5:
        return "reproduced", held
    if not low <= reported.value <= high:
        return "not reproduced", held
    return "inconclusive", f"{held}: other numbers may be as good"


def impossible(row: Row, scale: str = "absolute") -> str | None:
    """Why a printed number cannot be, by itself: out of range, or for the reason that its row gives
    (`impossible`, for what `ferbook.report.audit` cannot compute)."""
    limits = {"f1": (0.0, 1.0), "percent": (0.0, 100.0), "points": (-100.0, 100.0)}
    number = row.reported
    if number is None or row.unit not in limits or scale.startswith("relative"):
        return row.impossible
    low, high = limits[row.unit]
    for end in (number.value, number.low, number.high):
        if row.networks and end is not None and not low <= end <= high:
            return f"{end:g} lies outside {low:g} to {high:g}"
    return row.impossible
