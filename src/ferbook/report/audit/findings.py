"""A finding: what the printed numbers of a paper do not agree on, and how sure that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

#: Most serious first.
#: - `impossible`: no counts give the number, rounded or cut off, for any count vector that the
#:   declared protocol allows (for a random split, its 99.9 % region);
#: - `contradiction`: two printed numbers, or text and table, disagree;
#: - `suspicious`: possible, but only under an unusual convention or against long odds, which the
#:   message names;
#: - `note`: worth knowing.
Severity = Literal["impossible", "contradiction", "suspicious", "note"]
SEVERITIES: tuple[Severity, ...] = Severity.__args__  # type: ignore[attr-defined]

#: The convention that is told most.
CUT_OFF = "all figures are cut off, not rounded"


@dataclass(frozen=True)
class Finding:
    """One finding; its fields are the keys of `ferbook audit --json`, in order.

    `cells` begins with the number that the finding is about; those that it is held against follow.
    `arithmetic` is one line that a reader can redo by hand.
    """

    severity: Severity
    check: str
    cells: tuple[str, ...]
    message: str
    arithmetic: str

    def plain(self) -> dict[str, Any]:
        return {
            "severity": self.severity,
            "check": self.check,
            "cells": list(self.cells),
            "message": self.message,
            "arithmetic": self.arithmetic,
        }


@dataclass(frozen=True)
class Unusual(Finding):
    """Figures that fit only under a convention, which may be that of the whole paper: `conventions`
    tells it once."""

    convention: str = ""
    doubt: str = ""  #: what else would explain them
    parts: tuple[Finding, ...] = ()  #: the findings that were put together


def summary(found: list[Finding]) -> str:
    """The last line of what a command prints: how many, by severity."""
    counts = Counter(finding.severity for finding in found)
    parts = [f"{counts[severity]} {severity}" for severity in SEVERITIES]
    return f"{len(found)} finding{'s' * (len(found) != 1)}: {', '.join(parts)}."


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """Most serious first; within a severity in the order of the checks and of the paper."""
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
