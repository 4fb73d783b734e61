"""One convention that explains many figures of a paper is told once.

A paper that cuts off its figures does so for every network, in its class accuracies and in its
confusion matrices: each by itself is a finding that says so. All findings that fit under the same
convention (and with the same doubt) are one finding, as severe as the most severe of them, with all
their cells: first the numbers that they are about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from ferbook.report.audit.findings import CUT_OFF, Finding, Unusual, ranked

#: Lines of arithmetic that are shown of many.
SHOWN = 3


def folded(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, those of one convention put together in the place of the first."""
    findings = list(findings)
    groups: dict[tuple[str, str], list[Unusual]] = defaultdict(list)
    for finding in findings:
        if isinstance(finding, Unusual):
            groups[finding.convention, finding.doubt].append(finding)
    for finding in findings:
        if not isinstance(finding, Unusual):
            yield finding
        elif group := groups.pop((finding.convention, finding.doubt), None):
            yield _one(group) if len(group) > 1 else finding


def parts(finding: Finding) -> tuple[Finding, ...]:
    """What a finding was put together from; itself, where it was not."""
    together = finding.parts if isinstance(finding, Unusual) else ()
    return together or (finding,)


def _one(group: list[Unusual]) -> Finding:
    found = [finding for finding in ranked(group) if isinstance(finding, Unusual)]
    single = [finding for finding in found if finding.severity == "note"]
    sums: dict[str, Unusual] = {}
    for finding in found:
        if finding.severity != "note":
            sums.setdefault(finding.cells[0], finding)
    firsts = [*sums, *(cell for finding in single for cell in finding.cells)]
    cells = tuple(dict.fromkeys([*firsts, *(cell for each in found for cell in each.cells)]))
    lines = [f"{cell}: {finding.arithmetic}" for cell, finding in sums.items()]
    lines = (lines or [finding.arithmetic for finding in single])[:SHOWN]
    more = (len(sums) or len(single)) - len(lines)
    arithmetic = "; ".join(lines) + (f"; and {more} more" if more else "")
    message = _message(list(sums), single, found[0])
    whole = found[0]
    return Unusual(
        whole.severity,
        whole.check,
        cells,
        message,
        arithmetic,
        whole.convention,
        whole.doubt,
        tuple(found),
    )


def _message(sums: list[str], single: list[Unusual], whole: Unusual) -> str:
    figures = sum(len(finding.cells) for finding in single)
    if not sums:
        return f"{CUT_OFF} in {len(single)} tables: {figures} are possible only so"
    subject = f"{len(sums)} overall figures" if len(sums) > 1 else "the overall figure"
    beside = "them" if len(sums) > 1 else "it"
    message = f"{subject} and the class figures beside {beside} fit only if {whole.convention}"
    if whole.doubt:
        message += f", or if {whole.doubt}"
    if figures:
        is_ = "figures by themselves are" if figures > 1 else "figure by itself is"
        message += f"; {figures} {is_} possible only so too"
    return message
