"""Can these class accuracies and this overall accuracy belong together?

The accuracy of a class is its recall c_k / n_k, so the overall accuracy is their mean with the
class counts as weights: sum c_k / sum n_k = sum (n_k / n) (c_k / n_k). It always lies between the
smallest and the largest; with counts known or bounded, `feasibility` says exactly what it can be.
A class that is not printed may have any accuracy: even one printed class leaves the overall figure
only (n_k / n) r_k to 1 - (n_k / n) (1 - r_k). An overall figure that is printed as a bound or a
range ("> 90 %") is held against what can be, as it stands.
Conventions are tried from the usual to the unusual: all rounded; all cut off; class figures one
way and the overall figure the other; any mixture. Last come two readings that some authors have:
the overall figure is the unweighted mean over classes (balanced accuracy), or the class figures
are one-versus-rest accuracies a_k, of which every wrong image counts against two, so that
sum (1 - a_k) = 2 (1 - a) and a <= a_k. A bound may be rounded itself. Where none fits, the set
is impossible.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from ferbook.report.audit import averages
from ferbook.report.audit.cells import bounded, by_class, number_of, overall, shown
from ferbook.report.audit.feasibility import feasible, reach
from ferbook.report.audit.findings import CUT_OFF, Finding, Unusual
from ferbook.report.audit.granularity import some_size
from ferbook.report.audit.regions import Region, region
from ferbook.report.audit.rounding import ANY, Convention, Range, printed_range, printed_share
from ferbook.report.reported import Paper, Protocol, Row
from ferbook.report.reported_parts import Number

CHECK = "class-accuracies"
Figure = tuple[Number, str]  #: a printed number and its unit
Figures = Mapping[str, Figure]  #: by class
CONVENTIONS: tuple[tuple[Convention, Convention, str], ...] = (
    ("rounded", "rounded", ""),
    ("truncated", "truncated", CUT_OFF),
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
    """Every overall accuracy beside the class accuracies of the same network and images, and every
    mean recall or precision beside those of all classes (`averages`)."""
    for metric in ("recall", "precision"):
        yield from averages.means(paper, metric, CHECK)
    totals, bounds = overall(paper), bounded(paper)
    for (where, variant, other), rows in by_class(paper).items():
        if other is not None:
            continue
        for total in [*totals.get((where, variant), []), *bounds.get((where, variant), [])]:
            yield from _beside(paper, total, rows)


def _beside(paper: Paper, total: Row, rows: Mapping[str, Row]) -> Iterator[Finding]:
    counts = _counts(paper, paper.protocol(total), rows)
    if counts is None or total.reported is None:
        return
    figures = {name: (number_of(row), row.unit) for name, row in rows.items()}
    fit = fitting(counts, figures, (total.reported, total.unit))
    if not fit.usual:
        yield finding(CHECK, (total.id, *(row.id for row in rows.values())), counts, total, fit)


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
    whole_numbers = _whole_numbers(counts, figures, total)
    for classes, whole, about in CONVENTIONS:
        shares = _ranges(counts, figures, classes)
        if _fits(counts, shares, _wanted(total, whole), whole_numbers):
            return Fit(about, reached)
    shares = _ranges(counts, figures, "either")
    wanted = printed_range(*total, "either")
    if total[0].value is None and _fits(counts, shares, wanted, whole_numbers):
        return Fit("the bound is rounded itself", reached)
    return Fit(_reading(shares, wanted), reached)


def _fits(counts: Region, shares: list[Range], wanted: Range, whole_numbers: bool) -> bool:
    if whole_numbers:
        return feasible(counts, shares, wanted)
    return wanted.meets(*reach(counts, shares))


def _wanted(total: Figure, convention: Convention) -> Range:
    """The overall share; a bound is taken as it stands."""
    number, unit = total
    return printed_range(number, unit, convention if number.value is not None else "rounded")


def _whole_numbers(counts: Region, figures: Figures, total: Figure) -> bool:
    """Whether whole numbers of images can be asked for: not of unknown or doubtful ones, nor where
    a figure by itself is no share of its images, which is no fault of the others."""
    if counts.high[0] == UNKNOWN or not counts.certain:
        return False
    if not some_size(_wanted(total, "either"), range(counts.total[0], counts.total[1] + 1)):
        return False
    each = zip(counts.low, counts.high, _ranges(counts, figures, "either"), strict=True)
    return all(high == 0 or some_size(share, range(low, high + 1)) for low, high, share in each)


def _ranges(counts: Region, figures: Figures, convention: Convention) -> list[Range]:
    return [
        printed_share(*figures[name], convention) if name in figures else ANY
        for name in counts.classes
    ]


def _reading(shares: list[Range], wanted: Range) -> str | None:
    """What else than recalls and a share of images the figures could be."""
    low = sum((share.low for share in shares), Fraction(0))
    high = sum((share.high for share in shares), Fraction(0))
    size = len(shares)
    if wanted.meets(low / size, high / size):
        return "the overall figure is the unweighted mean over classes"
    most = min(1 - (size - high) / 2, *(share.high for share in shares))
    if wanted.meets(1 - (size - low) / 2, most):
        return "the class figures are one-versus-rest accuracies"
    return None


def finding(check: str, ids: tuple[str, ...], counts: Region, total: Row, fit: Fit) -> Finding:
    """What an unusual fit, or none, is called; `total` is the row of the overall accuracy."""
    start = f"overall {shown(total)} and the class figures"
    given = f"with {counts.about}"
    partly = check == CHECK and len(ids) <= len(counts.classes)
    arithmetic = _arithmetic(total, fit, partly)
    if fit.under is not None:
        message = f"{start} fit, {given}, only if {fit.under}"
        if not counts.certain:
            message += f", or if {counts.doubt}"
        return Unusual("suspicious", check, ids, message, arithmetic, fit.under, counts.doubt)
    message = f"{start} do not fit, {given}, rounded or cut off"
    if not counts.certain:
        message += f"; possible only if {counts.doubt}"
        return Finding("suspicious", check, ids, message, arithmetic)
    message += "; possible only if the class figures are no recalls, or of other images"
    return Finding("impossible", check, ids, message, arithmetic)


def _arithmetic(total: Row, fit: Fit, partly: bool) -> str:
    low, high = (100 * float(end) for end in fit.reach)
    text = (
        f"sum of class count x class accuracy / n = {low:.2f} to {high:.2f} % with the class"
        " figures rounded"
    )
    if partly:
        text += " and 0 to 100 % for the other classes"
    text += f"; printed {total.reported}"
    number = total.reported
    if number and _wanted((number, total.unit), "rounded").meets(*fit.reach):
        text += ", but no whole numbers of images give every figure"
    return text
