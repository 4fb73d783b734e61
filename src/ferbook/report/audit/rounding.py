"""The true values that a printed number can stand for, as exact fractions.

A share printed as P units of s (s = 10^-decimals, over 100 for a percentage) stands for

- rounded:   P s - s/2 <= x <= P s + s/2   (both ends, since half up and half to even are both used)
- truncated: P s <= x < P s + s
- either:    P s - s/2 <= x < P s + s      (the union: cells of one table may differ)

The upper end of a truncated share is still reached where binary arithmetic falls below it: 100
times 141/250 is 56.39999999999999 in a computer, and an honest program that cuts off prints 56.39.

A printed difference is taken within P s - s <= x <= P s + s. That holds the rounded and the
truncated difference and, since two errors of s/2 add up to s and two truncations lie within
(-s, s), also the difference of two figures that were rounded or truncated before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from ferbook.report.reported import Number

Convention = Literal["rounded", "truncated", "either"]
#: Decimals of a percentage up to which a program's steps are tried.
MOST_DECIMALS = 4
#: What 1 is in each unit of a share.
WHOLE = {"percent": 100, "points": 100, "f1": 1, "fraction": 1}


@dataclass(frozen=True)
class Range:
    """low <= x <= high, shares of 1; where `open`, high itself only as far as binary goes."""

    low: Fraction
    high: Fraction
    open: bool = False

    def __contains__(self, value: Fraction | int) -> bool:
        return self.low <= value <= self.high and not (
            self.open and value == self.high and not _falls_short(self.high)
        )

    def counts(self, n: int) -> tuple[int, int]:
        """The smallest and the largest k with k/n in the range; the first exceeds the second where
        there is none."""
        low, high = math.ceil(n * self.low), math.floor(n * self.high)
        left_out = self.open and high == n * self.high and not _falls_short(self.high)
        return low, high - 1 if left_out else high

    def meets(self, low: Fraction | float, high: Fraction | float) -> bool:
        """Whether some value of the range, both its ends included, lies within [low, high]."""
        return self.low <= high and low <= self.high

    def __str__(self) -> str:
        return f"{float(100 * self.low):.5g} to {float(100 * self.high):.5g} %"


@lru_cache(maxsize=4096)
def _falls_short(share: Fraction) -> bool:
    """Whether a program that cuts off may find less than this share, in some order of its steps."""
    a, b = share.numerator, share.denominator
    short = 100 * (a / b) < float(100 * share)
    for decimals in range(MOST_DECIMALS):
        scale, whole = 10**decimals, 100 * share * 10**decimals
        found = (100 * (a / b) * scale, 100 * a / b * scale, a / b * (100 * scale))
        short |= whole.denominator == 1 and min(map(math.floor, found)) < whole
    return short


#: Any share at all, for a class whose figure is not printed.
ANY = Range(Fraction(0), Fraction(1))


def exact(value: float) -> Fraction:
    """The decimal number that was typed, not its nearest binary one."""
    return Fraction(repr(float(value)))


def step(number: Number, unit: str) -> Fraction:
    """s, one unit of the last printed digit, as a share of 1."""
    return Fraction(10) ** -number.decimals / WHOLE[unit]


@lru_cache(maxsize=4096)
def printed_share(number: Number, unit: str, convention: Convention) -> Range:
    """Shares that print as `number`; the parts below 0 and above 1 fall away.

    Raises ValueError for a number that is no single value.
    """
    if number.value is None:
        raise ValueError("a range or a bound stands for no single share")
    value, s = exact(number.value) / WHOLE[unit], step(number, unit)
    low = value if convention == "truncated" else value - s / 2
    high = value + s / 2 if convention == "rounded" else value + s
    if high > 1:  # 1 itself, whatever the convention
        return Range(max(low, Fraction(0)), Fraction(1))
    return Range(max(low, Fraction(0)), high, open=convention != "rounded")


def printed_range(number: Number, unit: str, convention: Convention) -> Range:
    """Shares that a printed value or a printed bound ("> 90 %", "70 to 80 %") allows.

    A bound is meant as it stands, so whether it was rounded or cut off makes no difference; only
    "either" lets it have been so itself.
    """
    if number.value is not None:
        return printed_share(number, unit, convention)
    s = step(number, unit) if convention == "either" else Fraction(0)
    low = Fraction(0) if number.low is None else exact(number.low) / WHOLE[unit] - s / 2
    high = Fraction(1) if number.high is None else exact(number.high) / WHOLE[unit] + s
    return Range(max(low, Fraction(0)), min(high, Fraction(1)))


def printed_difference(number: Number, unit: str) -> Range:
    """Differences of two shares that print as `number`, themselves or their printed halves."""
    if number.value is None:
        raise ValueError("a range or a bound stands for no single difference")
    value, s = exact(number.value) / WHOLE[unit], step(number, unit)
    return Range(value - s, value + s)
