"""Numbers of well-known public repositories, from `reported/peers/`: what each says, which part of
the dataset its code scores, on which part the network was chosen, and what the audit finds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ferbook import paths

if TYPE_CHECKING:
    import pandas as pd

    from ferbook.report.audit.schema import AuditPaper, AuditRow


def files() -> list[Path]:
    """One file for each repository."""
    return sorted((paths.reported() / "peers").glob("*.yaml"))


def repository(paper: AuditPaper) -> str:
    """owner/name, of the first source that a row names."""
    row = next(row for row in paper.rows if row.source)
    return paper.sources[str(row.source)].repository


def own_accuracies(paper: AuditPaper) -> list[AuditRow]:
    """Overall accuracies whose protocol says on what the choice was made; what a repository only
    cites, and differences, are left out."""
    return [
        row
        for row in paper.rows
        if (protocol := paper.protocols[row.protocol]).metric == "accuracy"
        and protocol.scale == "absolute"
        and protocol.chosen_on is not None
        and row.emotion is None
    ]


def table(every: bool = False) -> pd.DataFrame:
    """A line for the highest accuracy of each protocol of each repository, or for every accuracy.

    `number` is as printed, in `unit`. `stated` is what the print calls the part; `part` is the one
    that the code scores; `view` is other than `plain` for several crops or copies of an image, and
    `networks` above 1 for an ensemble. `chosen_on` is the part by which epoch, network or
    hyper-parameters were chosen; `same` says whether that is `part` itself, None where one of the
    two is not known. The columns named by severity count the findings of the whole file.
    """
    import pandas as pd

    from ferbook.report.audit.reader import load

    return pd.DataFrame([line for file in files() for line in _lines(load(file), every)])


def _lines(paper: AuditPaper, every: bool) -> list[dict[str, Any]]:
    from ferbook.report.audit.findings import SEVERITIES
    from ferbook.report.audit.run import audit

    found = Counter(finding.severity for finding in audit(paper))
    counts = {severity: found[severity] for severity in SEVERITIES}
    rows = own_accuracies(paper)
    return [_line(paper, row) | counts for row in (rows if every else _highest(rows))]


def _highest(rows: list[AuditRow]) -> list[AuditRow]:
    """The highest of each protocol, the first of equals."""
    best: dict[str, AuditRow] = {}
    for row in rows:
        if row.protocol not in best or _share(row) > _share(best[row.protocol]):
            best[row.protocol] = row
    return list(best.values())


def _share(row: AuditRow) -> float:
    from ferbook.report.audit.rounding import WHOLE

    assert row.reported is not None and row.reported.value is not None, row.id
    return row.reported.value / WHOLE[row.unit]


def _line(paper: AuditPaper, row: AuditRow) -> dict[str, Any]:
    protocol = paper.protocols[row.protocol]
    number = row.reported
    members = paper.ensembles[row.variant].members if row.variant in paper.ensembles else ()
    known = protocol.chosen_on != "unknown" and protocol.part != "not-said"
    return {
        "repository": repository(paper),
        "id": row.id,
        "number": f"about {number}" if number and number.comparator == "about" else str(number),
        "unit": row.unit,
        "dataset": protocol.dataset,
        "split": protocol.split,
        "stated": protocol.stated,
        "part": protocol.part,
        "view": protocol.view,
        "networks": max(len(members), 1),
        "chosen_on": protocol.chosen_on,
        "same": protocol.chosen_on == protocol.part if known else None,
        "source": str(paper.sources[row.source]) if row.source else "",
        "code": "; ".join(str(paper.sources[name]) for name in protocol.sources),
    }
