"""What a text claims of its numbers: held against the printed ones and against ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from ferbook.report.claims import evaluate, named
from ferbook.report.compare import Outcome, alone, outcomes, papers

if TYPE_CHECKING:
    import pandas as pd

    from ferbook.report.reported import Paper

Lean = Literal["leans for", "leans against", "no answer"]
#: New runs in which a claim is tried, and the share of them that decides it.
DRAWS, SURE = 1_000, 0.975
LEANS: dict[bool | None, Lean] = {True: "leans for", False: "leans against", None: "no answer"}
#: How claims are decided, for those who read a table of them.
RULE = (
    "By the printed numbers: below the answer stand the fewest of them that decide it, unless "
    f"they are many. By ours: each number is drawn {DRAWS:,} times from its interval for one new "
    f"run, by itself. A claim holds where it does in {SURE:.1%} of the draws, does not hold where "
    f"it does in {1 - SURE:.1%} at most. It is open in between, and where a number is missing. "
    "Numbers of the short tier are of less training than the paper's, and the interval of one seed "
    "covers only the choice of test images: a claim that rests on any such number only *leans for* "
    "or *against*, or has *no answer*. A dash: it compares the paper with itself."
)
SHOWN = 8  #: cells that decide a claim, at most, for them to be named


def claims_for_book(paper: str | None = None) -> pd.DataFrame:
    """Every claim: paper, id, where, text, expression, and whether it holds for the printed and for
    the measured cells (None: missing values or wide intervals leave it open, or it is about the
    print alone); `lean`, where one seed or the short tier of some cell leaves it open, which way it
    leans; `because`, which printed cells decide."""
    import pandas as pd

    measured = {outcome.id: outcome for outcome in outcomes(paper)}
    table = []
    for name, content in papers(paper).items():
        cells = content.printed_cells()
        ours = {cell: measured[cell] for cell in cells}
        single = alone(content, [name for name, o in ours.items() if o.runs == 1])
        for claim in content.claims:
            printed = evaluate(claim.expression, cells)
            own = None if claim.printed_only else _held(claim.expression, ours)
            leans = own is None and not claim.printed_only
            lean = _lean(claim.expression, ours, single) if leans else None
            said = {"printed": printed, "measured": own, "lean": lean}
            because = _named(content, deciding(claim.expression, cells))
            table.append({"paper": name, **claim.model_dump(), **said, "because": because})
    return pd.DataFrame(table, dtype=object)  # None stays None


def deciding(expression: str, cells: Mapping[str, Any]) -> list[str]:
    """Cells that decide a claim by themselves, as few as go: it would hold, or not, all the same
    were all others unknown. Of an `all` that does not hold it is one that fails. Empty where the
    claim is open."""
    said = evaluate(expression, cells)
    if said is None:
        return []
    known: dict[str, Any] = dict(cells)
    needed = named(expression, cells)
    for name in sorted(needed, key=lambda name: abs(cells[name] or 0.0)):
        if evaluate(expression, without := known | {name: None}) is said:
            known = without
    return [name for name in needed if known[name] is not None]


def _named(paper: Paper, names: Sequence[str]) -> str:
    """ "pvgg16: accuracy 69.5; vgg16: accuracy 66.5" of cells of a paper; empty for too many."""
    groups: dict[str, list[str]] = {}
    for name in names if len(names) <= SHOWN else ():
        *_, group, last = name.split("/")
        known = paper.variants.get(group)
        label = known.title if known else group
        printed = str(paper.by_id[name].reported).replace("-", "−")
        groups.setdefault(label, []).append(f"{last} {printed}")
    return "; ".join(f"{group}: {', '.join(cells)}" for group, cells in groups.items())


def _held(expression: str, ours: Mapping[str, Outcome]) -> bool | None:
    """Whether a claim would hold for new runs at the paper tier: each number with an interval for
    one is drawn from it, by itself. None where that is neither likely nor unlikely enough, or where
    numbers on which it rests are missing, of one seed or of the short tier."""
    firm = {name: o for name, o in ours.items() if o.tier is None or (o.ci95 and not _short(o))}
    known = {name: o.measured if name in firm else None for name, o in ours.items()}
    return _drawn(expression, known, {name: o.ci95 for name, o in firm.items() if o.ci95})


def _short(outcome: Outcome) -> bool:
    """Of less training than the paper's, so that its verdict is inconclusive whatever it is."""
    return outcome.tier not in (None, "paper")


def _lean(
    expression: str, ours: Mapping[str, Outcome], single: Mapping[str, tuple[float, float]]
) -> Lean | None:
    """Which way a claim leans where numbers are of the short tier or of one seed: the same with all
    intervals, of one seed that over images alone (`single`); None where none of its numbers is such
    a one, or they leave out one that is needed."""
    cells = named(expression, ours)
    if not any(name in single or _short(ours[name]) for name in cells):
        return None
    known = {name: o.measured for name, o in ours.items()}
    if evaluate(expression, known) is None:
        return None
    intervals = {name: o.ci95 for name, o in ours.items() if o.ci95} | dict(single)
    return LEANS[_drawn(expression, known, intervals)]


def _drawn(
    expression: str,
    known: Mapping[str, float | None],
    intervals: Mapping[str, tuple[float, float]],
) -> bool | None:
    """Whether an expression holds in nearly all draws of its cells from their 95 % intervals, or in
    hardly any; None in between, and where it lacks numbers."""
    import numpy as np

    from ferbook.report.audit.sampling import Z

    if evaluate(expression, known) is None:
        return None
    rng = np.random.default_rng(0)
    draws = {
        name: (low + high) / 2 + (high - low) / 2 / Z * rng.standard_normal(DRAWS)
        for name, (low, high) in intervals.items()
    }
    held = [
        evaluate(expression, {**known, **{name: float(draws[name][i]) for name in draws}})
        for i in range(DRAWS if draws else 1)
    ]
    share = held.count(True) / len(held)
    return True if share >= SURE else False if share <= 1 - SURE else None
