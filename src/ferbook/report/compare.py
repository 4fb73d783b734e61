"""Printed numbers beside ours: one outcome per row, as JSON, as a table, as data for the book."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ferbook import paths
from ferbook.errors import InputError
from ferbook.report.counted import counts

if TYPE_CHECKING:
    import pandas as pd

    from ferbook.report.measure import Measurement, Runs
    from ferbook.report.reported import Number, Paper, Row
    from ferbook.report.verdict import Verdict
    from ferbook.study.cards import Card

#: Characters of a terminal that the table keeps within.
WIDTH = 100


@dataclass(frozen=True)
class Outcome:
    """One row of `ferbook verify --json`; the fields are its keys, in order."""

    id: str
    paper: str
    where: str
    protocol: str
    reported: (
        dict[str, Any] | None
    )  #: as in the file: value, or low and/or high; comparator; decimals
    unit: str
    measured: float | None  #: mean over seeds, or a count
    ci95: tuple[float, float] | None  #: prediction interval for one new run of theirs
    runs: int  #: seeds
    tier: str | None
    verdict: Verdict
    reason: str
    assumptions: list[str]


def verify_table(paper: str | None = None, only: str | None = None, as_json: bool = False) -> str:
    """What `ferbook verify` prints. Unknown papers and a fruitless `only` are InputErrors."""
    found = outcomes(paper, only)
    return as_array(found) if as_json else _table(found)


def as_array(found: Sequence[Outcome]) -> str:
    """The outcomes as a JSON array of objects."""
    return json.dumps([asdict(outcome) for outcome in found], indent=1, allow_nan=False)


def outcomes(paper: str | None = None, only: str | None = None) -> list[Outcome]:
    """The outcome of every row of a paper (or of all) whose id contains `only`."""
    from ferbook.report.audit.run import ruled_out
    from ferbook.study.cards import cards
    from ferbook.study.manifest import refuse_altered

    read = papers(paper)
    picked = [(p, row) for p in read.values() for row in p.rows if not only or only in row.id]
    if not picked:
        families = dict.fromkeys(
            "/".join(row.id.split("/")[:2]) for p in read.values() for row in p.rows
        )
        raise InputError(f"--only {only}: no id contains it; there are {', '.join(families)}")
    refuse_altered(paths.results())
    runs = _runs(paper)
    known = cards(paths.results() / "datasets")
    audited = {name: ruled_out(p) for name, p in read.items()}
    return [outcome(p, row, runs, known, audited[p.paper]) for p, row in picked]


def alone(paper: Paper, ids: Iterable[str]) -> dict[str, tuple[float, float]]:
    """{id: 95 % interval of its one seed over the choice of test images alone, in its unit}, of
    those rows that have just one seed."""
    runs = _runs(paper.paper)
    rows = [row for name in ids if paper.protocol(row := paper.by_id[name]).measured]
    found = {row.id: runs.measure(paper, row) for row in rows}
    return {name: one.alone.ends for name, one in found.items() if one and one.alone}


def _runs(paper: str | None) -> Runs:
    """Every recorded run of a paper, or of all, with the votes of its ensembles."""
    from ferbook.report.measure import Runs
    from ferbook.report.qiu.ensemble import ensembles
    from ferbook.study.records import load_all

    records = load_all(paper)
    return Runs([*records, *ensembles(records)])


def outcome(
    paper: Paper, row: Row, runs: Runs, cards: Sequence[Card], audited: Mapping[str, str]
) -> Outcome:
    """Measure a row and judge it; `audited` says of cells why they cannot be."""
    from ferbook.report.measure import count

    protocol = paper.protocol(row)
    measured: Measurement | None = None
    number: float | None = None
    if protocol.metric == "count":
        number = count(cards, row, protocol)
    elif protocol.measured and (measured := runs.measure(paper, row)):
        number = measured.mean
    verdict, reason = _judge(paper, row, runs, measured, number, audited.get(row.id))
    notes = (protocol.note if measured else None, row.note if row.reported is not None else None)
    reason = "; ".join([reason, *filter(None, notes)])
    return Outcome(
        id=row.id,
        paper=paper.paper,
        where=row.where,
        protocol=row.protocol,
        reported=_plain(row.reported),
        unit=row.unit,
        measured=number,
        ci95=_ends(measured, protocol.scale, row.unit),
        runs=len(measured.values) if measured else 0,
        tier=measured.tier if measured else None,
        verdict=verdict,
        reason=reason,
        assumptions=paper.assumptions_of(row),
    )


def _ends(measured: Measurement | None, scale: str, unit: str) -> tuple[float, float] | None:
    """The interval's ends, those of a share and of a count within what they can be."""
    if measured is None or measured.interval is None:
        return None
    low, high = measured.interval.ends
    top = {"percent": 100.0, "f1": 1.0, "count": math.inf}.get(unit)
    if scale != "absolute" or top is None:
        return low, high
    return max(low, 0.0), min(high, top)


def rows_for_book(paper: str | None = None, only: str | None = None) -> pd.DataFrame:
    """The outcomes as a table with one more column, `printed`: the printed number as text."""
    import pandas as pd

    found = outcomes(paper, only)
    return pd.DataFrame([{**asdict(o), "printed": as_printed(o.reported)} for o in found])


def as_printed(reported: Mapping[str, Any] | None) -> str:
    """ "88.3", "4 to 6", "> 75"; a dash for a blank cell."""
    from ferbook.report.reported import Number

    return str(Number(**reported)) if reported else "–"


def papers(wanted: str | None) -> dict[str, Paper]:
    from ferbook.report.reported import load_all, load_reported

    return load_all() if wanted is None else {wanted: load_reported(wanted)}


def _judge(
    paper: Paper,
    row: Row,
    runs: Runs,
    measured: Measurement | None,
    number: float | None,
    audited: str | None,
) -> tuple[Verdict, str]:
    from ferbook.report import verdict

    protocol = paper.protocol(row)
    decisive = measured is not None and measured.tier == "paper"
    if row.reported is None:
        blank = "@" not in row.id
        return "not reported", row.note or (
            "blank in the paper" if blank else "the paper prints none"
        )
    if ruled_out := verdict.impossible(row, protocol.scale) or audited:
        return "impossible as printed", ruled_out
    if not decisive and (reason := row.not_testable or protocol.not_testable):
        return "not testable here", reason
    if protocol.metric == "count":
        if number is None:
            return "not measured", f"no card of an unaltered {protocol.dataset} in results/datasets"
        return verdict.compare_count(row.reported, int(number))
    if measured is None:
        return _unmeasured(paper, row, runs)
    if measured.tier != "paper":
        shorter = f" ({measured.reduced})" if measured.reduced else ""
        return "inconclusive", (
            f"no run at the paper tier, {_seeds(measured)} at the short tier{shorter}"
        )
    if measured.interval is None:
        return "inconclusive", "one seed, so the spread between seeds is unknown"
    if protocol.of_clusters:
        return verdict.compare_whole(row.reported, measured.interval)
    return verdict.compare(row.reported, row.unit, measured.interval)


def _unmeasured(paper: Paper, row: Row, runs: Runs) -> tuple[Verdict, str]:
    """Runs that bear on the row without being at its protocol leave it open; none is a gap."""
    from ferbook.report.measure import known_splits
    from ferbook.report.qiu.best_clusters import recorded

    protocol = paper.protocol(row)
    if protocol.metric == "best-clusters" and (there := recorded(runs.unaltered)):
        return "inconclusive", f"no network has all numbers of clusters; there are: {there}"
    if not protocol.scored:
        return "not measured", f"no run measures {protocol.about}"
    names = [*row.networks, row.against.variant if row.against else None]
    near = [runs.of(paper, protocol, name) for name in names if name]
    wanted = f"{protocol.split}, {protocol.part}"
    if protocol.view != "plain" or (row.against and row.against.view):
        wanted += f", view {(row.against and row.against.view) or protocol.view}"
    if not all(near):
        return "not measured", (
            f"no run of {' or '.join(n for n in names if n)} on {protocol.dataset} yet"
        )
    there = known_splits(record for records in near for record in records)
    lacking = "pair of runs on the same images" if row.against else "run"
    return "inconclusive", f"no {lacking} at the printed protocol ({wanted}); there are: {there}"


def _seeds(measured: Measurement) -> str:
    return "one seed" if len(measured.values) == 1 else f"{len(measured.values)} seeds"


def _plain(number: Number | None) -> dict[str, Any] | None:
    return None if number is None else number.model_dump(exclude_none=True)


def _table(found: Sequence[Outcome]) -> str:
    """Six columns within `WIDTH`; an id that is too long has a line of its own."""
    head = ("number", "printed", "ours", "95 % interval", "runs, tier", "verdict")
    lines: list[str] = []
    body = [cells(o) for o in found]
    widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
    widths[0] = min(widths[0], WIDTH - sum(widths[1:]) - 2 * (len(head) - 1))
    for line in (head, ["-" * width for width in widths], *body):
        lines += _wrapped(line, widths)
    note = (
        f"{len(found)} rows: {counts(found)}. Ours is the mean over seeds; the interval is for "
        "one new run of theirs. Tier paper is the full schedule, short one that two CPU cores "
        "finish. Reasons, units and assumptions: --json."
    )
    return "\n".join([*lines, "", *textwrap.wrap(note, WIDTH)])


def cells(o: Outcome) -> tuple[str, ...]:
    """id, printed, ours, interval, runs and verdict, as text; empty where there is none."""
    counted = o.unit == "count" and o.tier is None  # of images; a mean over runs has decimals
    places = 0 if counted else 3 if o.unit == "f1" else 1
    ours = "" if o.measured is None else f"{o.measured:.{places}f}"
    interval = "" if o.ci95 is None else " to ".join(f"{end:.{places}f}" for end in o.ci95)
    runs = f"{o.runs} {o.tier}" if o.tier else ""
    return o.id, as_printed(o.reported), ours, interval, runs, o.verdict


def _wrapped(line: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    first, rest = line[0], list(line[1:])
    if len(first) > widths[0]:
        yield first
        first = ""
    right = [f"{cell:>{width}}" for cell, width in zip(rest[:-1], widths[1:-1], strict=True)]
    yield "  ".join([f"{first:<{widths[0]}}", *right, rest[-1]]).rstrip()
