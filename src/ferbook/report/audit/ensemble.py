"""What an ensemble's accuracy can be, given those of its members on the same images.

Of m members, c are right about an image, and nothing is known of how their errors go together. For
events with probabilities p_1 <= ... <= p_m, the largest probability that at least k happen is

    min(1, min over j < k of (p_1 + ... + p_(m-j)) / (k - j))       (Rueger 1978; it is reached)

since leaving out the j likeliest events, at least k - j of the others must happen (Markov). The
smallest follows from the complements: at least k happen unless at least m - k + 1 fail.

- Most votes: surely right where more than half are right (the others may agree on a wrong class);
  possibly right where the others can be spread so that no wrong class has more votes than c, that
  is c >= m / K for K classes (a tie may be broken in its favour). So the accuracy lies between the
  smallest P(c > m/2) and the largest P(c >= m/K).
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
    reached = {vote: bounds(shares, len(paper.labels), vote) for vote in VOTES}
    fits = {vote for vote, (low, high) in reached.items() if own.meets(low, high)}
    declared = {ensemble.vote} if ensemble.vote in VOTES else set(VOTES)
    if declared <= fits:
        return
    ids = (row.id, *(p[0].id for p in printed if p))
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
