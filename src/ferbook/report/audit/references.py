"""The list of references: entries that the text never cites, and entries of another field.

`cited` is transcribed. An entry is foreign where it holds none of the words of the field that the
file names (`topic`), anywhere in its text; without such words nothing is called foreign. Neither
says anything of the numbers, so the first is a note; the second is suspicious.
"""

from __future__ import annotations

from collections.abc import Iterator

from ferbook.report.audit.findings import Finding
from ferbook.report.reported import Paper
from ferbook.report.reported_parts import Reference

CHECK = "references"


def check(paper: Paper) -> Iterator[Finding]:
    """One finding for the foreign, one for those never cited."""
    foreign = [ref for ref in paper.references if paper.topic and is_foreign(ref, paper.topic)]
    if foreign:
        message = f"{len(foreign)} references hold no word of the field: {_listed(foreign)}"
        arithmetic = f"none of: {', '.join(paper.topic)}"
        yield Finding("suspicious", CHECK, _ids(foreign), message, arithmetic)
    silent = [ref for ref in paper.references if not ref.cited]
    if silent:
        message = f"references that the text never cites: {', '.join(str(r.id) for r in silent)}"
        arithmetic = f"{len(silent)} of {len(paper.references)}"
        yield Finding("note", CHECK, _ids(silent), message, arithmetic)


def is_foreign(reference: Reference, topic: list[str]) -> bool:
    """Whether no word of the field occurs in a reference, in any case, as part of any word."""
    text = reference.text.lower()
    return not any(word.lower() in text for word in topic)


def _ids(references: list[Reference]) -> tuple[str, ...]:
    return tuple(f"references/{reference.id}" for reference in references)


def _listed(references: list[Reference]) -> str:
    return "; ".join(f"{reference.id} ({reference.text[:60]})" for reference in references)
