"""What the audit found, as the book shows it: findings, peers in a table, error rates."""

from __future__ import annotations

import json
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ferbook import paths
from ferbook.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from ferbook.report.audit.findings import Finding

PAPERS = ("chew", "qiu")
#: What kinds of figures were moved, as a reader knows them.
KINDS = {
    "overall": "an overall accuracy",
    "classes": "a class accuracy",
    "f1": "an F1",
    "changes": "a difference between two tables",
    "matrix": "a cell of a confusion matrix",
    "any": "any of them",
}
#: Peers: what `same` says of the part that a number is of.
CHOSEN = {True: "on the same part", False: "elsewhere", None: "not known"}


@lru_cache(maxsize=4)
def findings(paper: str) -> tuple[Finding, ...]:
    """Of one of our two papers, most serious first."""
    from ferbook.report.audit.reader import load
    from ferbook.report.audit.run import audit

    return tuple(audit(load(paths.reported() / f"{paper}.yaml")))


def counts() -> pd.DataFrame:
    """Findings by severity, a paper a row."""
    import pandas as pd

    from ferbook.report.audit.findings import SEVERITIES

    rows = {}
    for paper in PAPERS:
        found = Counter(finding.severity for finding in findings(paper))
        rows[paper.capitalize()] = {severity: found[severity] for severity in SEVERITIES}
    return pd.DataFrame(rows).T


def lines(paper: str, least: str = "note") -> str:
    """Markdown, a finding a line: severity, where it is printed, what is wrong, the arithmetic.

    least : the least serious severity that is shown
    """
    from ferbook.report.audit.findings import SEVERITIES

    if least not in SEVERITIES:
        raise InputError(f"severity {least!r}: expected one of {', '.join(SEVERITIES)}")
    shown = SEVERITIES[: SEVERITIES.index(least) + 1]
    told = [
        _line(finding, _places(paper)) for finding in findings(paper) if finding.severity in shown
    ]
    return "\n".join(told) or "Nothing of that kind was found."


def _line(finding: Finding, places: dict[str, str]) -> str:
    cell = finding.cells[0] if finding.cells else ""
    named, where = f"`{cell}`", ""
    if cell in places:  # a row of the dashboard, with our runs beside it
        named = f'<a href="../dashboard.html#{cell}"><code>{cell}</code></a>'
        where = f" ({places[cell]})"
    return f"- **{finding.severity}**, {named}{where}: {finding.message}. *{finding.arithmetic}*"


def _places(paper: str) -> dict[str, str]:
    """{id: section, table, row}."""
    from ferbook.report.reported import load_reported

    return {row.id: row.where for row in load_reported(paper).rows}


# --- peers ----------------------------------------------------------------------------------------


def peers(dataset: str = "all") -> pd.DataFrame:
    """The highest number of each protocol: what is said, which part it is of, where it was chosen.

    dataset : "fer2013", "ckplus" (in any form), or "all"
    """
    import pandas as pd

    table = _peers()
    if dataset != "all":
        table = table[table.dataset.str.startswith(dataset)]
    return pd.DataFrame(
        {
            "repository": table.repository.str.replace("/", "/\u200b"),  # may be broken there
            "printed": [_percent(line) for line in table.itertuples()],
            "said to be": table.stated,
            "is": [_part(line) for line in table.itertuples()],
            "chosen": [CHOSEN[same] for same in table.same],
        }
    ).set_index("repository")


@lru_cache(maxsize=1)
def _peers() -> pd.DataFrame:
    """`peers.table`, for which every file is audited, once."""
    from ferbook.report import peers as repositories

    return repositories.table()


def _percent(line: Any) -> str:
    if line.unit != "fraction":
        return f"{line.number} %"
    return f"{100 * float(line.number):.2f} %"


def _part(line: Any) -> str:
    how = {"tencrop": ", ten crops", "augmented": ", random copies"}.get(line.view, "")
    votes = f", {line.networks} networks" if line.networks > 1 else ""
    data = "" if line.dataset == "fer2013" else f", {line.dataset}"
    return f"{line.part}{how}{votes}{data}"


def peers_sentence() -> str:
    """How many repositories choose on the very part that they report."""
    table = _peers()
    grouped = table.groupby("repository")
    every = grouped.same.agg(lambda column: any(same is True for same in column))
    serious = grouped[["impossible", "contradiction"]].first().sum(axis=1)
    names = ", ".join(every.index[every])
    return (
        f"Of {len(every)} repositories {int(every.sum())} report a number of the very part by "
        f"which epoch or network was chosen: {names}. The audit finds something impossible or "
        f"contradictory in {int((serious > 0).sum())}."
    )


def peer_lines() -> str:
    """Every serious finding of the peers' files, a line each."""
    from ferbook.report import peers as repositories
    from ferbook.report.audit.reader import load
    from ferbook.report.audit.run import audit

    told = []
    for file in repositories.files():
        paper = load(file)
        name = repositories.repository(paper)
        for finding in audit(paper):
            if finding.severity in ("impossible", "contradiction"):
                text = f"{finding.message}. *{finding.arithmetic}*"
                told.append(f"- {name}, **{finding.severity}**: {text}")
    return "\n".join(told) or "None."


# --- how often the audit errs ---------------------------------------------------------------------


@lru_cache(maxsize=1)
def simulation() -> dict[str, Any]:
    """What `python -m ferbook.report.audit.simulate` wrote; empty where it was not run."""
    file = paths.results() / "audit" / "simulation.json"
    return json.loads(file.read_text()) if file.exists() else {}


def honest_sentence() -> str:
    found = simulation()
    if not found:
        return "*Not simulated yet.*"
    honest = found["honest"]
    wronged = sum(honest["wronged"].values()) if honest["wronged"] else 0
    suspicious = honest["with"].get("suspicious", 0)
    return (
        f"Of {honest['papers']:,} honest papers, **{wronged}** are told that a number is "
        f"impossible or that two contradict each other; {suspicious} get something called "
        "suspicious, and are told what would explain it."
    )


def detection() -> pd.DataFrame:
    """Share (per cent) of papers in which one moved figure is found as impossible or contradictory,
    a row a kind of figure, a column the points by which it was moved."""
    import pandas as pd

    rows: dict[str, dict[float, float]] = {}
    for rate in simulation().get("altered", []):
        shares = rows.setdefault(KINDS[rate["kind"]], {})
        shares[rate["points"]] = 100 * rate["serious"] / rate["papers"]
    return pd.DataFrame(rows).T.rename_axis("points", axis=1)
