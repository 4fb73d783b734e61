"""Runs the checks over a file and prints what they found."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ferbook.report.audit import (
    class_accuracies,
    class_changes,
    confusion,
    copies,
    dataset_counts,
    ensemble,
    f1,
    granularity,
    published,
    references,
    sampling,
    text,
)
from ferbook.report.audit.conventions import folded
from ferbook.report.audit.findings import Finding, ranked, summary
from ferbook.report.reported import Paper

#: Characters of a terminal that the text keeps within.
WIDTH = 100
#: In the order in which findings of one severity are listed.
CHECKS: dict[str, Callable[[Paper], Iterator[Finding]]] = {
    granularity.CHECK: granularity.check,
    class_accuracies.CHECK: class_accuracies.check,
    class_changes.CHECK: class_changes.check,
    confusion.CHECK: confusion.check,
    f1.CHECK: f1.check,
    ensemble.CHECK: ensemble.check,
    text.CHECK: text.check,
    dataset_counts.CHECK: dataset_counts.check,
    copies.CHECK: copies.check,
    published.CHECK: published.check,
    sampling.CHECK: sampling.check,
    references.CHECK: references.check,
}

#: Those that can call a number impossible.
CERTAIN = (
    granularity.CHECK,
    class_accuracies.CHECK,
    class_changes.CHECK,
    confusion.CHECK,
    f1.CHECK,
    ensemble.CHECK,
)


def audit(paper: Paper, checks: Iterable[str] | None = None) -> list[Finding]:
    """All findings, most serious first, of the checks named, else of those the file names, else
    of all."""
    wanted = checks if checks is not None else paper.checks
    names = set(CHECKS if wanted is None else wanted)
    found = [finding for name, check in CHECKS.items() if name in names for finding in check(paper)]
    return ranked(folded(_once(found)))


def _once(findings: list[Finding]) -> Iterator[Finding]:
    """Without what a claim of the text has said of the very same cells."""
    said = {frozenset(finding.cells) for finding in findings if finding.check == text.CHECK}
    for finding in findings:
        if finding.check != dataset_counts.CHECK or frozenset(finding.cells) not in said:
            yield finding


def ruled_out(paper: Paper) -> dict[str, str]:
    """{cell: why} of every number that cannot be, given the rest of what is printed."""
    found = audit(paper, CERTAIN)
    return {
        finding.cells[0]: f"{finding.message}: {finding.arithmetic}"
        for finding in reversed(found)
        if finding.severity == "impossible"
    }


def audit_text(file: Path, as_json: bool = False, say: Callable[[str], None] | None = None) -> str:
    """What `ferbook audit FILE` prints; raises InputError for a file that is no such file.

    say : takes the lines on what was not looked at where the text is json, which has findings alone
    """
    from ferbook.report.audit.coverage import told
    from ferbook.report.audit.reader import load

    paper = load(file)
    found = audit(paper)
    if as_json:
        if say and (lines := told(paper)):
            say("\n".join(lines))
        return json.dumps([finding.plain() for finding in found], indent=1, ensure_ascii=False)
    blocks = [_block(finding) for finding in found]
    if lines := told(paper):
        blocks.append("\n".join(_wrapped(line) for line in lines))
    return "\n\n".join([*blocks, summary(found)])


def _block(finding: Finding) -> str:
    head = f"{finding.severity}: {', '.join(finding.cells[:1])} ({finding.check})"
    others = finding.cells[1:]
    lines = [head, *_indented(finding.message), *_indented(finding.arithmetic)]
    if others:
        shown = ", ".join(others[:4]) + (f" and {len(others) - 4} more" if len(others) > 4 else "")
        lines += _indented(f"held against: {shown}")
    return "\n".join(lines)


def _wrapped(line: str) -> str:
    return textwrap.fill(line, WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _indented(text: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
    )
