"""What the ablation answers, in sentences: does the hybrid beat either branch alone?"""

from __future__ import annotations

from collections.abc import Sequence

from ferbook.report import tables
from ferbook.report.chew import hypotheses as h
from ferbook.report.chew.spoilt import NAMES
from ferbook.report.chew.summary import SCORED
from ferbook.report.effects import Effect, effect
from ferbook.report.qiu.performance_verdicts import listed
from ferbook.report.reduced import schedule
from ferbook.study.records import Record

BRANCHES = ("pixels", "landmarks")
#: McNemar's test is not convinced from here on.
ALPHA = 0.05


def so_far(experiments: Sequence[str], tier: str) -> str:
    """Hybrid minus pixels, and minus landmarks, of each experiment that has runs of the tier."""
    lines = []
    for name in experiments:
        leads = [
            f"minus {branch} {found}, {answer(found)}"
            for branch in BRANCHES
            if (found := effect(h.difference(name, "hybrid", branch), tier)).seeds
        ]
        if leads:
            records = tables.select(name, tier, ("hybrid", *BRANCHES))
            lines.append(f"- {_place(records)}: {'; '.join(leads)}.")
    if not lines:
        return "No pair of the hybrid and one of its branches is recorded yet."
    head = (
        "**So far**, the accuracy of both minus that of one branch, in points, with an interval "
        "over seeds and test images:\n"
    )
    return "\n".join([head, *lines])


def answer(found: Effect) -> str:
    """What an interval over seeds and images tells of a lead."""
    if found.seeds < 2:
        return "one seed, no answer yet"
    return {1: "ahead", -1: "behind", 0: "not told from nothing"}[found.sign]


def by_emotion(records: Sequence[Record], first: str, second: str) -> str:
    """What the table of `tables.difference` says over all emotions, and why an interval that leaves
    0 out may stand beside a large p."""
    found = tables.paired(records, first, second)
    if not found:
        return "No pair of runs is recorded yet."
    whole = found["all"]
    told = "" if whole.low > 0 or whole.high < 0 else "not "
    text = f"Over all emotions {whole.text}: {told}told from nothing, for these very networks."
    apart = {
        {"all": "all emotions"}.get(name, name): one.pairs
        for name, one in found.items()
        if (one.low > 0 or one.high < 0) and len(one.pairs) > 1 and max(one.pairs) >= ALPHA
    }
    if not apart:
        return text
    largest = listed([f"{max(pairs):.2g}" for pairs in apart.values()])
    return (
        f"{text} Of {listed(list(apart))} the interval leaves 0 out though the largest p is "
        f"{largest}: the interval is of the mean over {len(found['all'].pairs)} pairs of runs, p "
        "of the pair that is least convincing, which does not show the difference by itself."
    )


def _place(records: Sequence[Record]) -> str:
    """ "FER2013, PrivateTest (10 of 50 epochs)"."""
    dataset, split = (records[0].config[key] for key in ("dataset", "split"))
    less = schedule(records)
    where = f"{NAMES.get(dataset, dataset)}, {SCORED.get(split, split)}"
    return f"{where} ({less})" if less else where
