"""Printed numbers for figures, looked up in `reported/`; none is typed in code."""

from __future__ import annotations


def printed(prefix: str) -> dict[str, float]:
    """{last part of the id: printed value} of the rows whose id is `prefix`/<one part>."""
    from ferbook.report.reported import load_reported

    paper = prefix.split("/")[0]
    out = {}
    for row in load_reported(paper).rows:
        head, _, tail = row.id.rpartition("/")
        if head == prefix and row.reported is not None and row.reported.value is not None:
            out[tail] = row.reported.value
    return out
