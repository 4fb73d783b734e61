"""Printed numbers for figures, looked up in `reported/`; none is typed in code."""

from __future__ import annotations

import math


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


def bounds(row: str) -> tuple[float, float]:
    """The ends of a printed range, -inf or inf where it is open."""
    from ferbook.report.reported import load_reported

    found = load_reported(row.split("/")[0]).by_id[row].reported
    assert found is not None and found.value is None, f"{row} prints no range"
    low = -math.inf if found.low is None else found.low
    high = math.inf if found.high is None else found.high
    return low, high


def cited(paper: str) -> list[str]:
    """ "> 70 % (Section 2, Tang (2013) on FER2013)": a line for each printed result of others."""
    from ferbook.report.reported import load_reported

    return [
        f"{row.reported}{' %' if row.unit == 'percent' else ''} ({row.where})"
        for row in load_reported(paper).rows
        if row.protocol == "cited"
    ]


def claimed_drop(row: str) -> str:
    """The paper's own words on leaving the landmarks out, as a sentence; nothing of ours."""
    from ferbook.report.reported import load_reported

    found = next(other for other in load_reported(row.split("/")[0]).rows if other.id == row)
    return (
        f"The paper prints a drop of **{found.reported} points** without the landmarks "
        f"({found.where})."
    )
