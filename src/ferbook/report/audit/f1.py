"""F1 against accuracy, against the F1 of the classes, and against precision and recall.

- Overall: `f1_bounds` says between what the macro and the weighted F1 lie at an accuracy and class
  counts. The printed F1 is held against the average that the protocol names; where only the other
  one can be meant, that is said. For a random split the expected counts are taken, and nothing is
  called impossible.
- With the recalls of all classes printed, and exact counts, the bounds are much closer.
- Against the F1 of all classes, and against the averages of precision and recall: `averages`.
- Of a class, F1 = 2 p r / (p + r), which grows with p and with r, so the ranges of the printed
  precision and recall give a range for F1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from ferbook.report.audit import averages
from ferbook.report.audit.averages import share
from ferbook.report.audit.cells import by_class, overall
from ferbook.report.audit.f1_bounds import large, largest, small, smallest, with_recalls
from ferbook.report.audit.findings import Finding, Severity
from ferbook.report.audit.matrices import harmonic
from ferbook.report.audit.regions import Region, doubt, region
from ferbook.report.audit.rounding import Range
from ferbook.report.reported import Paper, Row

CHECK = "f1"
AVERAGES = ("macro", "weighted")


def check(paper: Paper) -> Iterator[Finding]:
    """Every printed F1 beside whatever else is printed of the same network and images."""
    yield from _against_accuracy(paper)
    yield from _against_recalls(paper)
    yield from averages.means(paper, "f1", CHECK)
    yield from averages.above_its_parts(paper, CHECK)
    yield from _against_precision_and_recall(paper)


def _against_accuracy(paper: Paper) -> Iterator[Finding]:
    accuracies = overall(paper)
    for key, rows in overall(paper, "f1").items():
        for row in rows:
            counts = region(paper, paper.protocol(row))
            if counts is None or not accuracies.get(key):
                continue
            if counts.exact or counts.ellipsoid:
                yield from _outside(paper, row, accuracies[key][0], counts)


def _outside(paper: Paper, row: Row, accuracy: Row, counts: Region) -> Iterator[Finding]:
    images = _images(counts)
    fits = [name for name in AVERAGES if _fits(share(row), share(accuracy), images, name)]
    spans = {name: _ends(share(accuracy), images, name) for name in AVERAGES if name not in fits}
    beside = f"at an accuracy of {accuracy.reported}"
    yield from _out_of_reach(paper, row, fits, spans, (accuracy.id,), beside, counts)


def _against_recalls(paper: Paper) -> Iterator[Finding]:
    recalls = by_class(paper)
    for (where, variant), rows in overall(paper, "f1").items():
        parts = recalls.get((where, variant, None), {})
        for row in rows:
            counts = region(paper, paper.protocol(row))
            if counts is None or not counts.exact or set(parts) != set(counts.classes):
                continue
            images = _images(counts)
            shares = [share(parts[name]) for name in counts.classes]
            least = [n * float(s.low) for n, s in zip(images, shares, strict=True)]
            most = [n * float(s.high) for n, s in zip(images, shares, strict=True)]
            spans = {
                name: with_recalls(images, _weights(images, name), least, most) for name in AVERAGES
            }
            fits = [name for name, span in spans.items() if _meets(share(row), span)]
            ids = tuple(part.id for part in parts.values())
            yield from _out_of_reach(paper, row, fits, spans, ids, "with these recalls", counts)


def _meets(f1: Range, span: tuple[float, float]) -> bool:
    return span[0] - 1e-9 <= float(f1.high) and float(f1.low) <= span[1] + 1e-9


def _out_of_reach(
    paper: Paper,
    row: Row,
    fits: list[str],
    spans: dict[str, tuple[float, float]],
    others: tuple[str, ...],
    beside: str,
    counts: Region,
) -> Iterator[Finding]:
    declared = paper.protocol(row).average
    if (fits and declared == "unknown") or declared in fits:
        return
    low, high = spans["macro" if declared == "unknown" else declared]
    meant = "" if declared == "unknown" else f"{declared} "
    message = f"a {meant}F1 of {row.reported} is out of reach {beside}"
    certain = counts.exact and counts.certain and paper.protocol(row).runs == 1
    severity: Severity = "impossible" if certain else "suspicious"
    if fits:
        severity = "suspicious"
        message += f"; it fits only as a {fits[0]} F1"
    else:
        message += "; possible only on other images, or over other classes"
    arithmetic = f"{meant}F1 between {low:.4f} and {high:.4f} with {counts.about}"
    ids = (row.id, *others)
    yield Finding(severity, CHECK, ids, message, f"{arithmetic}; printed {row.reported}")


def _images(counts: Region) -> list[float]:
    """Images of each class: known, or expected of a draw."""
    if counts.ellipsoid:
        return [share * counts.total[1] for share in counts.ellipsoid.shares]
    return [float(n) for n in counts.low]


def _weights(images: Sequence[float], average: str) -> list[float]:
    if average == "macro":
        return [1 / len(images)] * len(images)
    return [n / sum(images) for n in images]


def _fits(f1: Range, accuracy: Range, images: Sequence[float], average: str) -> bool:
    weights, n = _weights(images, average), sum(images)
    least, most = float(accuracy.low) * n, float(accuracy.high) * n
    bottom, top = float(f1.low) - 1e-9, float(f1.high) + 1e-9
    if large(images, weights, most) < bottom and largest(images, weights, most) < bottom:
        return False
    return small(images, weights, least) <= top or smallest(images, weights, least) <= top


def _ends(accuracy: Range, images: Sequence[float], average: str) -> tuple[float, float]:
    weights, n = _weights(images, average), sum(images)
    least, most = float(accuracy.low) * n, float(accuracy.high) * n
    return smallest(images, weights, least), largest(images, weights, most)


def _against_precision_and_recall(paper: Paper) -> Iterator[Finding]:
    precisions, recalls = by_class(paper, "precision"), by_class(paper, "recall")
    for key, rows in by_class(paper, "f1").items():
        for name, row in rows.items():
            p, r = precisions.get(key, {}).get(name), recalls.get(key, {}).get(name)
            protocol = paper.protocol(row)
            if p is None or r is None or protocol.runs > 1 or doubt(protocol):
                continue  # a mean of F1 is not the F1 of means
            low = harmonic(share(p).low, share(r).low) or Fraction(0)
            high = harmonic(share(p).high, share(r).high) or Fraction(0)
            if not share(row).meets(low, high):
                message = f"the F1 of {name} is not that of its precision and recall"
                arithmetic = (
                    f"2 p r / (p + r) = {float(low):.4f} to {float(high):.4f};"
                    f" printed {row.reported}"
                )
                yield Finding("contradiction", CHECK, (row.id, p.id, r.id), message, arithmetic)
