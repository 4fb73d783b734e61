"""Can these class accuracies and this overall accuracy belong together?

The accuracy of a class is its recall c_k / n_k, so the overall accuracy is their mean with the
class counts as weights: sum c_k / sum n_k = sum (n_k / n) (c_k / n_k). It always lies between the
smallest and the largest; with counts known or bounded, `feasibility` says exactly what it can be.
Conventions are tried from the usual to the unusual: all rounded; all cut off; class figures one
way and the overall figure the other; any mixture. Last come two readings that some authors have:
the overall figure is the unweighted mean over classes (balanced accuracy), or the class figures
are one-versus-rest accuracies a_k, of which every wrong image counts against two, so that
sum (1 - a_k) = 2 (1 - a). Where none fits, the set is impossible.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from ferbook.report.audit.cells import by_class, number_of, overall, shown
from ferbook.report.audit.feasibility import feasible, reach
from ferbook.report.audit.findings import Finding, Severity
from ferbook.report.audit.granularity import some_size
from ferbook.report.audit.regions import Region, region
from ferbook.report.audit.rounding import ANY, Convention, Range, printed_share
from ferbook.report.reported import Paper, Protocol, Row
from ferbook.report.reported_parts import Number

CHECK = "class-accuracies"
Figure = tuple[Number, str]  #: a printed number and its unit
Figures = Mapping[str, Figure]  #: by class
CONVENTIONS: tuple[tuple[Convention, Convention, str], ...] = (
    ("rounded", "rounded", ""),
    ("truncated", "truncated", "all figures are cut off, not rounded"),
    ("truncated", "rounded", "the class figures are cut off and the overall one is rounded"),
    ("rounded", "truncated", "the class figures are rounded and the overall one is cut off"),
    ("either", "either", "some figures are rounded and others cut off"),
)
#: Classes of which nothing but the figures is known: more images than any count matters for.
UNKNOWN = 10**9


@dataclass(frozen=True)
class Fit:
    """The first convention under which the figures belong together; `under` is None for none."""

    under: str | None
    reach: tuple[Fraction, Fraction]  #: overall shares, with the class figures rounded

    @property
    def usual(self) -> bool:
        return self.under == ""


def check(paper: Paper) -> Iterator[Finding]:
    """Every overall accuracy beside the class accuracies of the same network and images."""
    totals = overall(paper)
    for (where, variant, other), rows in by_class(paper).items():
        if other is not None or len(rows) < 2:
            continue
        for total in totals.get((where, variant), []):
            counts = _counts(paper, paper.protocol(total), rows)
            if counts is not None:
                figures = {name: (number_of(row), row.unit) for name, row in rows.items()}
                fit = fitting(counts, figures, (number_of(total), total.unit))
                if not fit.usual:
                    ids = (total.id, *(row.id for row in rows.values()))
                    yield finding(CHECK, ids, counts, total, fit)


def _counts(paper: Paper, protocol: Protocol, rows: Mapping[str, Row]) -> Region | None:
    """The region of the counts; any counts at all where the paper's classes are all printed."""
    found = region(paper, protocol)
    if found is not None:
        return found.over_runs(protocol.runs) if set(rows) <= set(found.classes) else None
    if set(rows) < set(paper.labels):
        return None
    zeros, many = (0,) * len(rows), (UNKNOWN,) * len(rows)
    return Region(tuple(rows), zeros, many, (UNKNOWN, UNKNOWN), "any class counts at all")


def fitting(counts: Region, figures: Figures, total: Figure) -> Fit:
    """Under which convention class figures and an overall figure belong together."""
    reached = reach(counts, _ranges(counts, figures, "rounded"))
    whole_numbers = _whole_numbers(counts, figures)
    for classes, whole, about in CONVENTIONS:
        shares = _ranges(counts, figures, classes)
        wanted = printed_share(*total, whole)
        fits = (
            feasible(counts, shares, wanted)
            if whole_numbers
            else wanted.meets(*reach(counts, shares))
        )
        if fits:
            return Fit(about, reached)
    return Fit(_reading(counts, figures, total), reached)


def _whole_numbers(counts: Region, figures: Figures) -> bool:
    """Whether whole numbers of images can be asked for: not of unknown or doubtful ones, nor where
    a class figure by itself is no share of its images, which is no fault of the overall one."""
    if counts.high[0] == UNKNOWN or not counts.certain:
        return False
    each = zip(counts.low, counts.high, _ranges(counts, figures, "either"), strict=True)
    return all(high == 0 or some_size(share, range(low, high + 1)) for low, high, share in each)


def _ranges(counts: Region, figures: Figures, convention: Convention) -> list[Range]:
    return [
        printed_share(*figures[name], convention) if name in figures else ANY
        for name in counts.classes
    ]


def _reading(counts: Region, figures: Figures, total: Figure) -> str | None:
    """What else than recalls and a share of images the figures could be."""
    shares = _ranges(counts, figures, "either")
    wanted = printed_share(*total, "either")
    low = sum((share.low for share in shares), Fraction(0))
    high = sum((share.high for share in shares), Fraction(0))
    size = len(shares)
    if wanted.meets(low / size, high / size):
        return "the overall figure is the unweighted mean over classes"
    if wanted.meets(1 - (size - low) / 2, 1 - (size - high) / 2):
        return "the class figures are one-versus-rest accuracies"
    return None


def finding(check: str, ids: tuple[str, ...], counts: Region, total: Row, fit: Fit) -> Finding:
    """What an unusual fit, or none, is called; `total` is the row of the overall accuracy."""
    severity: Severity = "impossible"
    given = f"with {counts.about}"
    printed = shown(total)
    if fit.under is not None:
        severity = "suspicious"
        message = f"overall {printed} and the class figures fit, {given}, only if {fit.under}"
        if not counts.certain:
            message += f", or if {counts.doubt}"
    else:
        message = f"overall {printed} and the class figures do not fit, {given}, rounded or cut off"
        if not counts.certain:
            severity = "suspicious"
            message += f"; possible only if {counts.doubt}"
        else:
            message += "; possible only if the class figures are no recalls, or of other images"
    low, high = (100 * float(end) for end in fit.reach)
    arithmetic = (
        f"sum of class count x class accuracy / n = {low:.2f} to {high:.2f} % with the class"
        f" figures rounded; printed {total.reported}"
    )
    if printed_share(number_of(total), total.unit, "rounded").meets(*fit.reach):
        arithmetic += ", but no whole numbers of images give every figure"
    return Finding(severity, check, ids, message, arithmetic)
