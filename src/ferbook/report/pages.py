"""The pages of the book that are written by machine: verdicts, and the state of the build."""

from __future__ import annotations

import inspect
import json
import os
import platform
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any

from ferbook import paths

if TYPE_CHECKING:
    from ferbook.report.compare import Outcome

#: Colours of the seven verdicts, as sphinx-design names them.
BADGES: dict[str, str] = {
    "reproduced": "success",
    "not reproduced": "danger",
    "inconclusive": "warning",
    "impossible as printed": "danger-line",
    "not reported": "muted-line",
    "not testable here": "muted",
    "not measured": "muted-line",
}
UNITS = {"percent": "%", "f1": "", "count": ""}
#: Letters: what is longer is said once where several rows say it.
LONG = 60
HOLDS = {True: "holds", False: "does not hold", None: "open"}


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; a bar in a cell would end it."""
    lines = [head, ["---"] * len(head), *rows]
    cells = ([str(cell).replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells) + "\n"


def verify_page(found: Sequence[Outcome], claims: Iterable[Mapping[Any, Any]]) -> str:
    """Numbers per verdict, the rule, the claims, then a table per paper and family of numbers."""
    from ferbook.report import verdict

    counts: Counter[str] = Counter(outcome.verdict for outcome in found)
    tally = ((badge(name), counts[name]) for name in BADGES if counts[name])
    _, _, rule = (inspect.getdoc(verdict) or "").partition("\n\n")
    parts = [table(("verdict", "numbers"), tally), "## The rule\n", f"{rule}\n"]
    parts += ["## What the text claims\n", _claims(claims)]

    families: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in found:
        families.setdefault((outcome.paper, outcome.id.split("/")[1]), []).append(outcome)
    for (paper, name), rows in families.items():
        parts.append(f"## {paper.capitalize()}: {name}\n")
        parts.append(_family(rows))
    return "\n".join(parts)


def _family(rows: Sequence[Outcome]) -> str:
    """One table; assumptions that all its rows rest on, and reasons of several, stand above it."""
    shared = set.intersection(*(set(row.assumptions) for row in rows))
    common = [name for name in rows[0].assumptions if name in shared]
    head = f"All rest on {_links(common)}.\n\n" if common else ""
    letters = _letters(rows)
    head += "".join(f"- **{letter}**: {reason}\n" for reason, letter in letters.items()) + "\n"
    body = (
        _outcome_row(
            row,
            letters.get(row.reason, row.reason),
            [a for a in row.assumptions if a not in shared],
        )
        for row in rows
    )
    numbers = table(("number", "printed", "ours", "verdict"), body)
    return f"{head}:::{{container}} numbers\n\n{numbers}\n:::\n"


def _letters(rows: Sequence[Outcome]) -> dict[str, str]:
    """A letter for each long reason that several rows have."""
    counts = Counter(row.reason for row in rows)
    long = [reason for reason in counts if counts[reason] > 1 and len(reason) > LONG]
    return dict(zip(long, ascii_lowercase, strict=False))


def _links(assumptions: Iterable[str]) -> str:
    return ", ".join(f"[{name}](#{name})" for name in assumptions)


def badge(verdict: str) -> str:
    return f"{{bdg-{BADGES[verdict]}}}`{verdict}`"


def _claims(claims: Iterable[Mapping[Any, Any]]) -> str:
    """The rule, then a table per paper, under its name where there are several."""
    from ferbook.report.claimed import RULE

    papers: dict[str, list[tuple[str, ...]]] = {}
    for claim in claims:
        papers.setdefault(claim["paper"], []).append(_claim_row(claim))
    head = ("claim", "by the printed numbers", "by ours")
    parts = [
        (f"### {paper.capitalize()}\n\n" if len(papers) > 1 else "") + table(head, rows)
        for paper, rows in papers.items()
    ]
    return "\n".join([f"{RULE}\n", *parts])


def _claim_row(claim: Mapping[Any, Any]) -> tuple[str, ...]:
    return (
        f"{claim['text']}<br>{claim['where']}: {_read_as(claim)}",
        "<br>".join(filter(None, [HOLDS[claim["printed"]], claim["because"]])),
        "–" if claim["printed_only"] else claim["lean"] or HOLDS[claim["measured"]],
    )


def _read_as(claim: Mapping[Any, Any]) -> str:
    """How the sentence is taken, where that is said; its name in the file of printed numbers."""
    said = f"read as: *{claim['read_as']}*; " if claim["read_as"] else ""
    return f"{said}**{claim['id']}**"


def _outcome_row(outcome: Outcome, reason: str, assumptions: Sequence[str]) -> tuple[str, ...]:
    from ferbook.report.compare import cells

    _, printed, ours, interval, runs, _ = cells(outcome)
    unit = UNITS.get(outcome.unit, f" {outcome.unit}") if outcome.reported or ours else ""
    measured = [f"{ours}{unit}" if ours else "", interval, runs]
    said = [f"{badge(outcome.verdict)} {reason}", _links(assumptions)]
    return (
        f"**{outcome.id.split('/', 2)[2]}**<br>{outcome.where}",
        f"{printed}{unit}" if outcome.reported else printed,
        "<br>".join(filter(None, measured)),
        "<br>".join(filter(None, said)),
    )


def records_page(records: Sequence[Any]) -> str:
    """Every recorded run by experiment, under the name by which pages lead here."""
    groups: dict[str, list[Any]] = {}
    for record in records:
        name = f"{record.config['paper']}/{record.config['experiment']}"
        groups.setdefault(name, []).append(record)
    parts = []
    for name, found in sorted(groups.items()):
        head = f"({name.replace('/', '-')})=\n## {name}\n\n{_title(name)}"
        again = (
            f"`ferbook run {name} --tier {found[0].config['tier']}` trains what is missing of it."
        )
        rows = map(_record_row, sorted(found, key=lambda record: record.folder.name))
        body = table(("record", "epochs", "accuracy, %", "seal"), rows)
        parts.append(f"{head} {again}\n\n{body}")
    return "\n".join(parts) or "No runs are recorded yet.\n"


def _title(experiment: str) -> str:
    from ferbook.study.experiments import load_experiments

    paper, _, name = experiment.partition("/")
    known = load_experiments(paper).get(name)
    return f"{known['title']}." if known else ""


def _record_row(record: Any) -> tuple[object, ...]:
    found = record.predictions("test")
    share = f"{100 * (found.predicted == found.truth).mean():.1f}"
    own = record.folder.name.removeprefix(f"{record.config['experiment']}_")
    return f"`{own}`", len(record.history), share, f"`{record.data['seal'][:8]}`"


def status_page(records: Sequence[Any], notebooks: Sequence[Path]) -> str:
    """What built the book: machine and versions; seconds per notebook; seconds per run."""
    return "\n".join(
        [
            "## This build\n",
            table(("what", "version"), _versions()),
            "## Notebooks\n",
            table(("notebook", "seconds"), map(_notebook_row, notebooks)),
            "## Runs\n",
            _runs(records),
        ]
    )


def _versions() -> list[tuple[str, str]]:
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    found = [("machine", machine), ("Python", platform.python_version())]
    for line in (paths.checkout() / "requirements.in").read_text(encoding="utf-8").splitlines():
        if name := re.match(r"[A-Za-z][\w-]*", line):
            try:
                found.append((name[0], version(name[0])))
            except PackageNotFoundError:
                found.append((name[0], "missing"))
    return found


def _notebook_row(path: Path) -> tuple[str, str]:
    metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
    return f"[{path.stem}](notebooks/{path.name})", f"{metadata['papermill']['duration']:.1f}"


def _runs(records: Sequence[Any]) -> str:
    """One row per experiment, variant, tier and machine: seeds recorded, seconds of a run."""
    groups: dict[tuple[str, str, str], list[Any]] = {}
    for record in records:
        config = record.config
        name = f"{config['paper']}/{config['experiment']}/{config['variant']}"
        groups.setdefault((name, config["tier"], _machine(record.data)), []).append(record.data)
    if not groups:
        return "No runs are recorded yet.\n"
    rows = (
        (name, tier, len(runs), f"{median(run['seconds'] for run in runs):,.0f}", machine)
        for (name, tier, machine), runs in sorted(groups.items())
    )
    return f"{_hours(records)}\n\n" + table(("run", "tier", "runs", "median seconds", "on"), rows)


def _hours(records: Sequence[Any]) -> str:
    """ "Training took 5.2 hours of one core for 300 runs of the short tier (Chew)", a line each."""
    spent: dict[tuple[str, str], list[float]] = {}
    for record in records:
        on = record.data["hardware"]
        cores = on.get("threads", 1) if on.get("device") == "cpu" else 1
        key = (record.config["paper"].capitalize(), record.config["tier"])
        spent.setdefault(key, []).append(record.data["seconds"] * cores)
    return "\n".join(
        f"- {paper}, tier {tier}: {len(runs)} runs, {sum(runs) / 3600:.1f} core-hours of training"
        for (paper, tier), runs in sorted(spent.items())
    )


def _machine(record: Mapping[str, Any]) -> str:
    hardware = record["hardware"]
    on = hardware.get("gpu") or f"{hardware['processor']}, threads: {hardware['threads']}"
    return f"{on}; torch {record['versions']['torch']}"


def summary_page(paper: str, target: Path) -> str:
    """A paper in one page: its claims, then its main table from records."""
    from ferbook.report.claimed import claims_for_book

    claims, more = claims_for_book(paper).to_dict("records"), ""
    if paper == "chew":
        from ferbook.report.chew.summary import summary

        said = summary(target.with_suffix(".svg"))
    else:
        from ferbook.report.qiu import summary as qiu
        from ferbook.report.qiu import unprinted

        said, more = qiu.summary(), unprinted.section(qiu.chosen_tier())
    return f"{said}\n## What the text claims\n\n{_claims(claims)}{more}"


def main(page: str, target: str, *notebooks: str) -> None:
    if page == "verify":
        from ferbook.report.claimed import claims_for_book
        from ferbook.report.compare import outcomes

        text = verify_page(outcomes(), claims_for_book().to_dict("records"))
    elif page == "home":
        from ferbook.report.compare import outcomes
        from ferbook.report.front import home_page, numbers

        text = f"{home_page(Path(target))}\n{numbers(outcomes())}\n"
    elif page in ("chew", "qiu"):
        text = summary_page(page, Path(target))
    elif page == "plan":
        from ferbook.report import plan_page

        text = plan_page.page()
    elif page == "records":
        from ferbook.study.records import load_all

        text = records_page(load_all())
    else:
        from ferbook.study.records import load_all

        text = status_page(load_all(), [Path(name) for name in notebooks])
    if page in ("home", "chew", "qiu", "verify"):
        from ferbook.report.book.typeset import signs

        text = signs(text)
    if page in ("home", "chew", "qiu"):
        from ferbook.report import sources

        text += f"\n{sources.html()}\n"
    Path(target).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
