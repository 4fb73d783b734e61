"""The F1 that an accuracy leaves possible.

Class k has n_k images, c_k of them right, and f_k images of other classes taken for it. Then

    F1_k = 2 c_k / (n_k + c_k + f_k),    sum c_k = C,    sum f_k = N - C = E,

and the average is sum w_k F1_k with w_k = 1/K (macro) or n_k / N (weighted). Over all real c and f
that keep to these sums (a real confusion matrix keeps to more, so the bounds hold for it):

- Largest. Each term is convex in f_k, so the sum is largest where all of E goes to one class j.
  Given j, each term is concave and increasing in c_k, so the best c has equal slopes: with
  b_k = n_k (+ E for j) the slope 2 w b / (b+c)^2 of 2 w c / (b+c) is m where
  c = sqrt(2 w b / m) - b, kept within 0 to n_k; m is found by bisection. The best j is taken.
- Smallest. For given f each term is concave in c, so a vertex of {sum c = C, 0 <= c_k <= n_k} is
  best: some classes are all right, at most one is partly right, the others have none. Given c, each
  term is convex in f: equal slopes again, 2 w c / (b + f)^2 = m with b = n + c, hence
  f = sqrt(2 w c / m) - b. All vertices are tried.

Both grow with C: one more image right, and one fewer taken for another class, raises what can be
reached at either end. So for an accuracy within a range its lower end gives the smallest, its upper
end the largest. With the recalls printed, c is known within their rounding: `with_recalls`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

#: Vertices are 2^K K / 2; beyond this many classes the lower bound 0 must do.
MOST_CLASSES = 10
STEPS = 60  #: of a bisection over 24 powers of ten, down to rounding errors


def large(counts: Sequence[float], weights: Sequence[float], right: float) -> float:
    """One high value: all recalls equal, the errors on the class where they hurt least. Never above
    `largest`, and had at once: whatever is below it needs no further search."""
    n = sum(counts)
    wrong = max(n - right, 0.0)
    chosen = [right / n * count for count in counts]
    return max(
        _average(weights, chosen, [c + (wrong if k == j else 0.0) for k, c in enumerate(counts)])
        for j in range(len(counts))
    )


def largest(counts: Sequence[float], weights: Sequence[float], right: float) -> float:
    """The upper bound of sum w_k F1_k with `right` images right, any real number."""
    wrong = max(sum(counts) - right, 0.0)
    best = 0.0
    for j in range(len(counts)):
        bases = [n + (wrong if k == j else 0.0) for k, n in enumerate(counts)]
        chosen = _spread(
            right, [2 * w * b for w, b in zip(weights, bases, strict=True)], bases, counts
        )
        best = max(best, _average(weights, chosen, bases))
    return min(best, 1.0)


def small(counts: Sequence[float], weights: Sequence[float], right: float) -> float:
    """One low value: the largest classes right, the errors where they hurt most. Never below
    `smallest`, and had at once: whatever is above it needs no further search."""
    left, chosen = right, [0.0] * len(counts)
    for k in sorted(range(len(counts)), key=lambda k: weights[k] / max(counts[k], 1e-9)):
        chosen[k] = min(counts[k], left)
        left -= chosen[k]
    return _after_worst_errors(counts, weights, chosen, max(sum(counts) - right, 0.0))


def smallest(counts: Sequence[float], weights: Sequence[float], right: float) -> float:
    """The lower bound; 0 for more than `MOST_CLASSES` classes."""
    if len(counts) > MOST_CLASSES:
        return 0.0
    wrong = max(sum(counts) - right, 0.0)
    return min(
        (
            _after_worst_errors(counts, weights, chosen, wrong)
            for chosen in _vertices(counts, right)
        ),
        default=0.0,
    )


def with_recalls(
    counts: Sequence[float],
    weights: Sequence[float],
    least: Sequence[float],
    most: Sequence[float],
) -> tuple[float, float]:
    """Both bounds where c_k lies within `least` and `most`: F1 grows with c and falls with f.

    Upper: all c at their most, so at least N - sum c errors, all taken for the one class where that
    costs least (convex). Lower: all c at their least, the errors where they hurt most.
    """
    n = sum(counts)
    wrong = max(n - sum(most), 0.0)
    tops = (
        _average(weights, most, [k + (wrong if i == j else 0.0) for i, k in enumerate(counts)])
        for j in range(len(counts))
    )
    return _after_worst_errors(counts, weights, least, max(n - sum(least), 0.0)), max(tops)


def _after_worst_errors(
    counts: Sequence[float], weights: Sequence[float], chosen: Sequence[float], wrong: float
) -> float:
    bases = [n + c for n, c in zip(counts, chosen, strict=True)]
    slopes = [2 * w * c for w, c in zip(weights, chosen, strict=True)]
    false = _spread(wrong, slopes, bases, [wrong] * len(counts))
    return _average(weights, chosen, [n + f for n, f in zip(counts, false, strict=True)])


def _average(weights: Sequence[float], right: Sequence[float], bases: Sequence[float]) -> float:
    """sum w_k 2 c_k / (b_k + c_k); a class without images and without answers counts 0."""
    terms = zip(weights, right, bases, strict=True)
    return math.fsum(w * 2 * c / (b + c) if b + c > 0 else 0.0 for w, c, b in terms)


def _spread(
    total: float, slopes: Sequence[float], bases: Sequence[float], limits: Sequence[float]
) -> list[float]:
    """x with sum x = total, 0 <= x_k <= limit_k and equal slope_k / (b_k + x_k)^2 in between."""

    def at(m: float) -> list[float]:
        each = zip(slopes, bases, limits, strict=True)
        return [min(max(math.sqrt(s / m) - b, 0.0), limit) for s, b, limit in each]

    high = max(max(slopes), 1e-9) / max(min(bases), 1e-3) ** 2 * 4  # nothing is above 0 here
    low = high * 1e-24
    for _ in range(STEPS):
        middle = math.sqrt(low * high)
        if sum(at(middle)) > total:
            low = middle
        else:
            high = middle
        if high / low < 1 + 1e-13:
            break
    return at(high)


def _vertices(counts: Sequence[float], right: float) -> Iterator[list[float]]:
    """Every c with each class all right or all wrong but at most one, and sum `right`."""
    size = len(counts)
    for chosen in range(1 << size):
        full = [n if chosen >> k & 1 else 0.0 for k, n in enumerate(counts)]
        left = right - sum(full)
        if abs(left) < 1e-9:
            yield full
        elif left > 0:
            for k, n in enumerate(counts):
                if not chosen >> k & 1 and left < n:
                    yield [left if i == k else c for i, c in enumerate(full)]
