"""How many numbers have which verdict, in a line, and why those that are inconclusive are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ferbook.report.compare import Outcome


def counts(found: Sequence[Outcome]) -> str:
    """The most frequent first: "9 inconclusive, because there is one seed; 2 reproduced"."""
    parts = [
        f"{count} {name}" + (f", {_because(found)}" if name == "inconclusive" else "")
        for name, count in Counter(outcome.verdict for outcome in found).most_common()
    ]
    return ("; " if any(", " in part for part in parts) else ", ").join(parts)


def _because(found: Sequence[Outcome]) -> str:
    """What all inconclusive outcomes lack, or of how many each is true."""
    lacks = Counter(_lack(outcome) for outcome in found if outcome.verdict == "inconclusive")
    if len(lacks) == 1:
        return f"because {next(iter(lacks))}"
    return ", ".join(f"{count} because {lack}" for lack, count in lacks.most_common())


def _lack(outcome: Outcome) -> str:
    """What leaves an outcome inconclusive, in words that rows share; `reason` has the details."""
    if outcome.tier is None:
        return "no run has the printed protocol yet"
    if outcome.tier != "paper":
        return "no run has the paper's full schedule yet"
    if outcome.runs == 1:
        return "there is one seed"
    return "the interval holds other answers too"
