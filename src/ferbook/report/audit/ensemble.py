"""What an ensemble's accuracy can be, given those of its members on the same images.

Of m members, c are right about an image, and nothing is known of how their errors go together. For
events with probabilities p_1 <= ... <= p_m, the largest probability that at least k happen is

    min(1, min over j < k of (p_1 + ... + p_(m-j)) / (k - j))       (Rueger 1978; it is reached)

since leaving out the j likeliest events, at least k - j of the others must happen (Markov). The
smallest follows from the complements: at least k happen unless at least m - k + 1 fail.

- Most votes: surely right where more than half are right (the others may agree on a wrong class);
  possibly right where the others can be spread so that no wrong class has more votes than c, that
  is c >= m / K for K classes. So the accuracy lies between the smallest P(c > m/2) and the largest
  P(c >= m/K): ties may fall well, or badly, each time.
- Ties by lot: where t classes share the most votes, each wins with 1/t. The m - c wrong votes fill
  K - 1 classes with c - 1 each, and what is left over makes so many classes tie; at worst they all
  go to one class, which wins if m - c > c and ties if m - c = c. With q_c the law of c and w_c
  these chances, the accuracy is sum w_c q_c. A law q and chances p_i go together if and only if

      sum of the j largest p_i <= sum_c q_c min(c, j) for each j,  and  sum p_i = sum_c q_c c,

  for these inequalities describe the convex hull of the sets of c members, and the hull of a
  mixture is the sum of the hulls (base polytopes of submodular functions; Edmonds 1970). So the
  ends are linear programmes in m + 1 unknowns. An accuracy beyond them needs ties that fall better
  or worse than by lot, as they might under "the first member decides": that is suspicious. Of three
  members with 60 %, two are right on at most 90 % of the images; more than that needs images with
  three different answers where the right one is taken.
- Mean of probabilities: surely right only where all members are, and possibly right even where
  none is, if K > 2 (each puts its second-most on the right class, and they err differently). So the
  accuracy is at least max(0, sum p_i - m + 1), and nothing forbids 100 %. With K = 2 one member
  must be right.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from ferbook.report.audit.cells import Setting, number_of, overall, shown
from ferbook.report.audit.findings import Finding
from ferbook.report.audit.rounding import ANY, Range, printed_share
from ferbook.report.reported import Paper, Row

CHECK = "ensemble"
TOLERANCE = Fraction(1, 10**7)  #: of a linear programme
VOTES = {"majority": "by most votes", "mean": "by the mean of probabilities"}


def most(chances: Sequence[Fraction], k: int) -> Fraction:
    """The largest probability that at least k of the events happen; k = 0 is certain."""
    ordered, m = sorted(chances), len(chances)
    if k > m:
        return Fraction(0)
    bounds = [Fraction(sum(ordered[: m - j])) / (k - j) for j in range(k)]
    return min([Fraction(1), *bounds])


def least(chances: Sequence[Fraction], k: int) -> Fraction:
    """The smallest probability that at least k of the events happen."""
    return 1 - most([1 - chance for chance in chances], len(chances) - k + 1)


def bounds(members: Sequence[Range], classes: int, vote: str) -> tuple[Fraction, Fraction]:
    """The smallest and the largest accuracy of an ensemble; `vote` is "majority" or "mean"."""
    lows, highs = [share.low for share in members], [share.high for share in members]
    m = len(members)
    if vote == "majority":
        return least(lows, m // 2 + 1), most(highs, math.ceil(m / classes))
    return least(lows, m), Fraction(1) if classes > 2 else most(highs, 1)


def by_lot(members: Sequence[Range], classes: int) -> tuple[Fraction, Fraction]:
    """The same for most votes with ties by lot, on average over the lots."""
    m = len(members)
    worst = [1.0 if 2 * c > m else 0.5 if 2 * c == m else 0.0 for c in range(m + 1)]
    best = [_luck(c, m, classes) for c in range(m + 1)]
    lows, highs = [share.low for share in members], [share.high for share in members]
    return _extreme(lows, worst, 1), _extreme(highs, best, -1)


def _luck(c: int, m: int, classes: int) -> float:
    """The best chance of the right class with c of m votes, ties by lot."""
    if c * classes < m or c == 0:
        return 0.0
    others = m - c - (classes - 1) * (c - 1)  # wrong classes that have c votes too
    return 1 / (1 + max(others, 0))


def _extreme(chances: Sequence[Fraction], worth: Sequence[float], sign: int) -> Fraction:
    """The smallest (sign 1) or largest (-1) sum worth_c q_c over the laws q of how many are right.

    The exact marginals are taken: w_c grows with c, so more right votes never make it smaller.
    """
    import numpy as np
    from scipy.optimize import linprog

    m = len(chances)
    ordered = np.cumsum(sorted((float(chance) for chance in chances), reverse=True))
    rows = np.minimum.outer(np.arange(1, m + 1), np.arange(m + 1))
    found = linprog(
        sign * np.asarray(worth),
        A_ub=-rows[:-1],
        b_ub=-ordered[:-1],
        A_eq=np.vstack([np.ones(m + 1), rows[-1]]),
        b_eq=[1.0, ordered[-1]],
    )
    if found.fun is None:  # the solver gave up: a doubt goes in favour of the print
        return Fraction(sign < 0)
    return Fraction(sign * found.fun)


def check(paper: Paper) -> Iterator[Finding]:
    """Every ensemble that the file declares and whose accuracy is printed."""
    totals = overall(paper)
    for name in paper.ensembles:
        for (where, variant), rows in totals.items():
            if variant == name and rows:
                yield from _outside(paper, where, rows[0], totals)


def _outside(
    paper: Paper,
    where: Setting,
    row: Row,
    totals: dict[tuple[Setting, str | None], list[Row]],
) -> Iterator[Finding]:
    ensemble = paper.ensembles[row.variant or ""]
    printed = [totals.get((where, member), [])[:1] for member in ensemble.members]
    if not any(printed):
        return
    shares = [printed_share(number_of(p[0]), p[0].unit, "either") if p else ANY for p in printed]
    own = printed_share(number_of(row), row.unit, "either")
    classes = len(paper.labels)
    reached = {vote: bounds(shares, classes, vote) for vote in VOTES}
    fits = {vote for vote, (low, high) in reached.items() if own.meets(low, high)}
    declared = {ensemble.vote} if ensemble.vote in VOTES else set(VOTES)
    ids = (row.id, *(p[0].id for p in printed if p))
    if declared <= fits:
        if declared == {"majority"}:
            yield from _lucky(row, ids, own, by_lot(shares, classes))
        return
    arithmetic = "; ".join(
        f"{VOTES[vote]} {100 * float(low):.1f} to {100 * float(high):.1f} %"
        for vote, (low, high) in reached.items()
    )
    message = f"{shown(row)} is outside what the accuracies of its members allow"
    if declared & fits:
        only = " or ".join(VOTES[vote] for vote in sorted(fits))
        message += f", unless they are joined {only}, or there are other members"
        yield Finding("suspicious", CHECK, ids, message, f"{arithmetic}; printed {row.reported}")
        return
    how = VOTES.get(ensemble.vote, "by most votes or by the mean of probabilities")
    message += f" {how}; possible only with other members, another vote, or on other images"
    yield Finding("impossible", CHECK, ids, message, f"{arithmetic}; printed {row.reported}")


def _lucky(
    row: Row, ids: tuple[str, ...], own: Range, by_lot: tuple[Fraction, Fraction]
) -> Iterator[Finding]:
    """Within what is possible by most votes, but not on average where ties are broken by lot."""
    low, high = by_lot
    if own.meets(low - TOLERANCE, high + TOLERANCE):
        return
    how = "better" if own.low > high else "worse"
    message = (
        f"{shown(row)} is within reach of its members only if ties of their votes fall {how} than"
        " by lot"
    )
    arithmetic = (
        f"by most votes with ties by lot {100 * float(low):.1f} to {100 * float(high):.1f} %;"
        f" printed {row.reported}"
    )
    yield Finding("suspicious", CHECK, ids, message, arithmetic)
