"""Hypothesis H3 in sentences, written by the intervals."""

from __future__ import annotations

from collections.abc import Sequence

from ferbook.report.chew import transfer
from ferbook.report.chew.contrasts import count_seeds, one_seed
from ferbook.report.chew.hypotheses import Statement
from ferbook.report.chew.transfer import WAYS, Way
from ferbook.report.chew.transfer_tables import percent

VERBS = {
    "holds": "holds",
    "fails": "does not hold",
    "open": "is open",
    "one seed": "has one seed so far, which answers nothing,",
    "not measured": "is not measured yet",
}
FINDINGS = {
    "holds": "the hybrid is better than pixels",
    "fails": "the hybrid is worse than pixels",
    "open": "hybrid and pixels cannot be told apart",
    "one seed": "hybrid minus pixels",
}


def hypothesis(view: str, tier: str) -> str:
    """Does the hybrid carry over better than pixels alone: answer, by how much, how sure."""
    statements = [s for s in transfer.hybrid_against(view, tier) if s.claim == "hybrid > pixels"]
    verbs = [f"{VERBS[s.answer]} for {s.where}" for s in statements]
    if len({s.answer for s in statements}) == 1:
        verbs = [f"{VERBS[statements[0].answer]} either way"]
    measured = [s for s in statements if s.effect.seeds]
    said = f"**H3 {' and '.join(verbs)}.**" + "".join(f" {_one(s)}" for s in measured)
    return said + one_seed(s.effect for s in measured)


def _one(statement: Statement) -> str:
    e = statement.effect
    return (
        f"{statement.where}: {FINDINGS[statement.answer]}, {e} points on the same "
        f"{e.images:,} images, {count_seeds(e)}."
    )


def carried(view: str, tier: str, variant: str = "hybrid") -> str:
    """What is left of a network's accuracy on the other dataset, against who knows nothing."""
    said = [_kept(way, view, tier, variant) for way in WAYS]
    return "\n".join(s for s in said if s) or "**Nothing is recorded yet.**"


def _kept(way: Way, view: str, tier: str, variant: str) -> str:
    base = transfer.baseline(way, view, tier)
    away = transfer.level(transfer.across(way, variant, view, tier))
    if base is None or not away.seeds:
        return ""
    home = transfer.level(transfer.within(way, variant, view, tier))
    change = transfer.change(way, variant, view, tier)
    beside = _beside(away.low, away.high, base.largest)
    return (
        f"- **{way.name}**: the {variant} network is right on {percent(home)} % of its own dataset "
        f"and on {percent(away)} % of the other, a change of {change} points. That is "
        f"{beside} the {base.largest:.1f} % of always saying {base.emotion}. "
        f"{_alike(way, view, tier, variant)}"
    )


def _alike(way: Way, view: str, tier: str, variant: str) -> str:
    """The same with emotions weighted alike: their shares differ between the datasets."""
    home, away = transfer.mean_recalls(way, variant, view, tier)
    change = transfer.combined([(1, away)], [(-1, home)])
    return (
        f"With every emotion counting the same, it is {percent(transfer.level(home))} % and "
        f"{percent(transfer.level(away))} %, a change of {change} points."
    )


def _beside(low: float, high: float, value: float) -> str:
    return "above" if low > value else "below" if high < value else "not to be told from"


def people(ways: Sequence[Way], view: str, tier: str) -> str:
    """How many images, of how many people, the other dataset has."""
    found = [(way, transfer.baseline(way, view, tier)) for way in ways]
    said = [
        f"{way.target}: {b.images:,} images" + (f" of {b.people} people" if b.people else "")
        for way, b in found
        if b is not None
    ]
    return "*Scored on " + "; on ".join(said) + ".*" if said else ""
