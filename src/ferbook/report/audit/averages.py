"""A figure over all classes against those of its classes, and an F1 against precision and recall.

- The macro average is the mean of the classes' figures, the weighted one their mean by class
  counts. With the counts unknown it lies between the smallest and the largest of them, as does any
  mean by whatever weights (of precision, the micro average is the one by numbers of answers).
- An averaged F1 never exceeds the harmonic mean of precision and recall averaged alike, let alone
  their arithmetic mean: h(p, r) = 2 p r / (p + r) is homogeneous of degree 1 and concave (its
  Hessian is -4 / (p + r)^3 times (r, -p)' (r, -p)), so with weights w_k that sum to 1, by Jensen,

      sum w_k F1_k = sum w_k h(p_k, r_k) <= h(sum w_k p_k, sum w_k r_k) <= (P + R) / 2.

  The same holds once more for means over runs or folds. The harmonic mean is reached where all
  classes have one ratio of precision to recall. (A class without answers counts 0 in all three.)
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ferbook.report.audit.cells import by_class, number_of, overall
from ferbook.report.audit.feasibility import reach
from ferbook.report.audit.findings import Finding, Severity
from ferbook.report.audit.matrices import harmonic
from ferbook.report.audit.regions import doubt, region
from ferbook.report.audit.rounding import Range, printed_share
from ferbook.report.reported import Paper, Protocol, Row

NAMES = {"f1": "F1", "recall": "recall", "precision": "precision"}


def share(row: Row) -> Range:
    return printed_share(number_of(row), row.unit, "either")


def declared(protocol: Protocol) -> str:
    """The average over classes: an F1 is macro unless told; of the others it is open."""
    told = protocol.metric == "f1" or "average" in protocol.model_fields_set
    return protocol.average if told else "unknown"


def means(paper: Paper, metric: str, check: str) -> Iterator[Finding]:
    """Figures over all classes beside those of every class; `check` is what they count to."""
    classes = by_class(paper, metric)
    for (where, variant), rows in overall(paper, metric).items():
        parts = classes.get((where, variant, None), {})
        for row in rows:
            if set(parts) == set(paper.labels):
                yield from _no_mean(paper, row, parts, check)


def _no_mean(paper: Paper, row: Row, parts: dict[str, Row], check: str) -> Iterator[Finding]:
    protocol = paper.protocol(row)
    average, name = declared(protocol), NAMES[protocol.metric]
    spans = _spans(paper, row, parts)
    fits = [way for way, span in spans.items() if share(row).meets(*span)]
    if average in fits or (average == "unknown" and fits):
        return
    ids = (row.id, *(part.id for part in parts.values()))
    arithmetic = "; ".join(
        f"{way} mean of the classes {float(low):.4f} to {float(high):.4f}"
        for way, (low, high) in spans.items()
    )
    kind = "any" if average == "unknown" else f"the {average}"
    message = f"the overall {name} of {row.reported} is not {kind} mean of the classes' {name}"
    severity: Severity = "contradiction"
    if fits:
        severity = "suspicious"
        message += f"; it can be their {fits[0]} mean"
    elif reason := doubt(protocol):
        severity = "suspicious"
        message += f"; unless {reason}"
    yield Finding(severity, check, ids, message, f"{arithmetic}; printed {row.reported}")


def _spans(paper: Paper, row: Row, parts: dict[str, Row]) -> dict[str, tuple[Fraction, Fraction]]:
    """{average: from, to}, given the figures of the classes."""
    protocol = paper.protocol(row)
    ranges = [share(parts[name]) for name in paper.labels]
    lows, highs = [part.low for part in ranges], [part.high for part in ranges]
    size = len(ranges)
    found = {"macro": (sum(lows, Fraction(0)) / size, sum(highs, Fraction(0)) / size)}
    counts = region(paper, protocol)
    counts = counts and counts.over_runs(protocol.runs)
    known = counts is not None and counts.certain and counts.classes == tuple(paper.labels)
    found["weighted"] = reach(counts, ranges) if known and counts else (min(lows), max(highs))
    if protocol.metric == "precision":
        found["micro"] = min(lows), max(highs)
    return found


def above_its_parts(paper: Paper, check: str) -> Iterator[Finding]:
    """Averaged F1 beside averaged precision and recall."""
    precisions, recalls = overall(paper, "precision"), overall(paper, "recall")
    for key, rows in overall(paper, "f1").items():
        for row in rows:
            p, r = (_alike(paper, row, found.get(key, [])) for found in (precisions, recalls))
            if p is not None and r is not None:
                yield from _above(paper, row, p, r, check)


def _alike(paper: Paper, row: Row, others: list[Row]) -> Row | None:
    """The largest figure that is averaged as the F1 is, or else of which it is not said how."""
    wanted = paper.protocol(row).average
    told = [other for other in others if declared(paper.protocol(other)) == wanted]
    open_ = [other for other in others if declared(paper.protocol(other)) == "unknown"]
    return max(told or open_, key=lambda other: share(other).high, default=None)


def _above(paper: Paper, row: Row, p: Row, r: Row, check: str) -> Iterator[Finding]:
    most = harmonic(share(p).high, share(r).high) or Fraction(0)
    if share(row).low <= most:
        return
    average = paper.protocol(row).average
    open_ = "unknown" in (declared(paper.protocol(p)), declared(paper.protocol(r)))
    named = "" if average == "unknown" else f"{average} "
    message = (
        f"a {named}F1 of {row.reported} is above what precision {p.reported} and recall"
        f" {r.reported} allow"
    )
    if open_ or average == "unknown":
        message += ", unless the three are averaged in different ways"
    arithmetic = (
        f"at most 2 P R / (P + R) = {float(most):.4f}, which is at most (P + R) / 2; printed"
        f" {row.reported}"
    )
    # a macro average is what is meant where nothing is said
    severity: Severity = "suspicious" if open_ and average != "macro" else "contradiction"
    yield Finding(severity, check, (row.id, p.id, r.id), message, arithmetic)
