"""How many images of each class a printed number can rest on, under the protocol that is declared.

- A fixed split whose part has its class counts given: exactly those (or within the bounds given).
- A random split a-b-c: its test part is a draw of n without replacement from the class counts of
  all parts together. Parts that are counted and make up the whole are another division of it; where
  they do not, they may be the drawn ones or not, and there is a doubt. A class of N_k = p_k N
  images has a hypergeometric count n_k, and all counts together have the mean n p_k and the
  covariance S = n f (diag(p) - p p'), f = (N - n) / (N - 1). The region is what a box and an
  ellipsoid share. The box keeps each of the K counts within its (1 - 0.0001/K) interval: left with
  a probability of 0.0001 at most (Bonferroni). The ellipsoid is the usual one,
  (n - mean)' S^- (n - mean) <= the 0.9991 quantile of chi-square with K - 1 degrees of freedom; so
  the weighted mean of any values v_k keeps within

      sum p_k v_k +- radius sqrt(sum p_k v_k^2 - (sum p_k v_k)^2),  radius = sqrt(chi2 f / n).

  Stratified draws lie nearer to the mean and are held too.
- Folds: every image is tested once, so the whole dataset; but a mean over folds of different
  sizes is no share of the whole. A view other than the plain one may have lost images (faces that
  no mask could be drawn on). In both cases there is a doubt, and nothing is certain.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from ferbook.report.reported import Paper, Protocol
from ferbook.report.reported_parts import Count, ends

#: The probability left outside the box and outside the ellipsoid: 0.001 together.
OUTSIDE_BOX, OUTSIDE_ELLIPSOID = 0.0001, 0.0009
#: Views that show every image.
WHOLE_VIEWS = ("plain", "flip", "tencrop", "augmented")
#: Where a split has official names for its parts.
OFFICIAL = {"test": "private", "validation": "public"}


@dataclass(frozen=True)
class Ellipsoid:
    """Where the counts of a random draw are, seen along any direction."""

    shares: tuple[float, ...]  #: p_k
    radius: float

    def mean_within(self, values: Sequence[float]) -> tuple[float, float]:
        """The ends of sum n_k v_k / n."""
        mean = math.fsum(p * v for p, v in zip(self.shares, values, strict=True))
        square = math.fsum(p * (v - mean) ** 2 for p, v in zip(self.shares, values, strict=True))
        # a hair more, for the floating point
        half = self.radius * math.sqrt(square) + 1e-12
        return mean - half, mean + half


@dataclass(frozen=True)
class Region:
    """Counts of K classes: each within its bounds, and their sum within `total`."""

    classes: tuple[str, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]
    total: tuple[int, int]
    about: str  #: for messages
    doubt: str = ""  #: why a printed share may be none of these images
    ellipsoid: Ellipsoid | None = None

    @property
    def certain(self) -> bool:
        return not self.doubt

    @property
    def exact(self) -> bool:
        return self.low == self.high

    def over_runs(self, runs: int) -> Region:
        """Of figures that are means over runs: one run's images after the other's. Where each run
        draws its own, a mean of their shares is no share of all, and nothing is certain."""
        if runs == 1:
            return self
        low, high = (tuple(n * runs for n in ends) for ends in (self.low, self.high))
        total = (self.total[0] * runs, self.total[1] * runs)
        doubt = self.doubt or ("each run drew its own images" if self.ellipsoid else "")
        return Region(self.classes, low, high, total, self.about, doubt, self.ellipsoid)

    def bounds(self, name: str) -> tuple[int, int]:
        index = self.classes.index(name)
        return self.low[index], self.high[index]


def region(paper: Paper, protocol: Protocol) -> Region | None:
    """The region behind the numbers of a protocol; None where no class counts are given."""
    found = _region(paper, protocol)
    return found and replace(found, doubt=doubt(protocol) or found.doubt)


def doubt(protocol: Protocol) -> str:
    """Why the numbers of a protocol may be no shares of its images; empty where they must be."""
    if (protocol.split or "").startswith("folds-"):
        return "the figures are means over folds"
    if protocol.view not in WHOLE_VIEWS:
        return f"images were dropped from the view {protocol.view}"
    return ""


def _region(paper: Paper, protocol: Protocol) -> Region | None:
    dataset = named_dataset(paper, protocol)
    counts = paper.class_counts.get(dataset, {})
    part, split = protocol.part, protocol.split or ""
    if shares := re.fullmatch(r"random-(\d+)-(\d+)-(\d+)\S*", split):
        share = dict(zip(("train", "validation", "test"), map(int, shares.groups()), strict=True))
        if not _complete(paper, dataset, sum(each > 0 for each in share.values())):
            return _part_alone(paper, dataset, part)
        return _drawn(paper, dataset, share.get(part, 0) / max(sum(share.values()), 1), part)
    if split.startswith("folds-"):
        return _fixed(paper, _whole(counts), f"the class counts of {dataset}")
    for name in (part, OFFICIAL.get(part, part)):
        if name in counts:
            return _fixed(paper, counts[name], f"the class counts of {dataset}, {name}")
    return (
        _fixed(paper, _whole(counts), f"the class counts of {dataset}") if part == "all" else None
    )


def named_dataset(paper: Paper, protocol: Protocol) -> str:
    """The dataset that the paper names, where we measure on another in its place."""
    return paper.stands_for.get(protocol.dataset or "", protocol.dataset or "")


def size(paper: Paper, protocol: Protocol) -> tuple[int, int] | None:
    """The least and the most images behind a number of the protocol; None where nothing says."""
    if found := region(paper, protocol):
        return found.total
    given = paper.n.get(named_dataset(paper, protocol))
    field = {"public": "validation", "private": "test", "all": "total"}
    n = getattr(given, field.get(protocol.part, protocol.part), None) if given else None
    return None if n is None else (n, n)


def _whole(counts: dict[str, dict[str, Count]]) -> dict[str, Count]:
    """The class counts of all parts together."""
    if "all" in counts:
        return counts["all"]
    total: dict[str, Count] = {}
    for part in counts.values():
        for name, count in part.items():
            old = ends(total.get(name, 0))
            total[name] = (old[0] + ends(count)[0], old[1] + ends(count)[1])
    return total


def _complete(paper: Paper, dataset: str, parts: int) -> bool:
    """Whether the class counts given are those of the whole dataset: of `total` images, or, where
    that is not known, of as many parts as are drawn."""
    counts, given = paper.class_counts.get(dataset, {}), paper.n.get(dataset)
    if "all" in counts or given is None or given.total is None:
        return "all" in counts or len(counts) >= parts
    low, high = (
        sum(ends(count)[end] for part in counts.values() for count in part.values())
        for end in (0, 1)
    )
    return low <= given.total <= high


def _part_alone(paper: Paper, dataset: str, part: str) -> Region | None:
    counts = paper.class_counts.get(dataset, {}).get(part, {})
    found = _fixed(paper, counts, f"the class counts given for {dataset}, {part}")
    return found and replace(found, doubt="the class counts given are of another draw")


def _fixed(paper: Paper, counts: dict[str, Count], about: str) -> Region | None:
    if not counts:
        return None
    names = tuple(name for name in paper.labels if name in counts)
    low, high = zip(*(ends(counts[name]) for name in names), strict=True)
    return Region(names, low, high, (max(sum(low), 1), max(sum(high), 1)), about)


def _drawn(paper: Paper, dataset: str, share: float, part: str) -> Region | None:
    whole = _fixed(paper, _whole(paper.class_counts.get(dataset, {})), "")
    if whole is None or not whole.exact or not 0 < share < 1:
        return None
    population = sum(whole.low)
    given = paper.n.get(dataset)
    printed = given.test if given and part == "test" else None
    sizes = (math.floor(population * share), math.ceil(population * share))
    total = (printed, printed) if printed is not None else sizes
    boxes = [
        [interval(population, n, total[i], OUTSIDE_BOX / len(whole.low))[i] for i in (0, 1)]
        for n in whole.low
    ]
    low, high = zip(*boxes, strict=True)
    about = (
        f"the class counts of any random draw of {total[1]:,} from {population:,} images but the"
        " oddest 1 in 1,000"
    )
    ellipsoid = _ellipsoid(whole.low, total[0])
    return Region(whole.classes, low, high, total, about, ellipsoid=ellipsoid)


@lru_cache(maxsize=1024)
def _ellipsoid(marked: tuple[int, ...], drawn: int) -> Ellipsoid:
    from scipy.special import chdtri

    population = sum(marked)
    chi2 = float(chdtri(max(len(marked) - 1, 1), OUTSIDE_ELLIPSOID))
    left = (population - drawn) / max(population - 1, 1)
    shares = tuple(count / population for count in marked)
    return Ellipsoid(shares, math.sqrt(chi2 * left / drawn))


@lru_cache(maxsize=1024)
def interval(population: int, marked: int, drawn: int, outside: float) -> tuple[int, int]:
    """Marked items in a draw without replacement: [low, high] with at most outside/2 on each side.

    P(k) = C(marked, k) C(population - marked, drawn - k) / C(population, drawn), summed up from
    either end.
    """
    import numpy as np

    first, last = max(0, drawn + marked - population), min(drawn, marked)
    k = np.arange(first, last + 1)

    def choose(n: int, r: np.ndarray) -> np.ndarray:
        logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
        return logs[n] - logs[r] - logs[n - r]

    logs = choose(marked, k) + choose(population - marked, drawn - k)
    shares = np.exp(logs - logs.max())
    shares /= shares.sum()
    below = int((np.cumsum(shares) <= outside / 2).sum())
    above = int((np.cumsum(shares[::-1]) <= outside / 2).sum())
    return int(k[below]), int(k[len(k) - 1 - above])
