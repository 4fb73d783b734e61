"""The page "Every number on one page": counts of verdicts, plots, a table, two downloads.

Counts, plots and table are HTML of their own rather than Markdown: rows need an address, cells the
value behind what they show, and counts a link to the rows that they count.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ferbook.report.pages import BADGES, UNITS

if TYPE_CHECKING:
    from ferbook.report.compare import Outcome

COLUMNS = ("number", "printed", "ours", "95 % interval", "runs", "tier", "verdict", "reason")
#: Digits in which values are compared: sums of float64 differ between machines in the last ones.
DIGITS = 10
SCRIPT = '<script defer src="../_static/verdicts.js"></script>'


def page(found: Sequence[Outcome], study: str) -> str:
    """Markdown with the HTML of all parts; `study` is the digest of what it was computed from."""
    from ferbook.report.figures_dashboard import drawing

    plots = "\n".join(drawing(paper, rows) for paper, rows in by_paper(found).items())
    source = f'<p>Computed from records with the digest <code id="study">{study}</code>.</p>'
    parts = ["## How many\n", _raw(tally(found)), "## Printed against measured\n"]
    parts += [_raw(f'<div class="plots">\n{plots}\n</div>'), "## The numbers\n"]
    parts += [_raw(FILTERS), _raw(table(found)), _raw(source + SCRIPT)]
    return "\n".join(parts)


def _raw(html: str) -> str:
    return f"```{{raw}} html\n{html}\n```\n"


def by_paper(found: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    papers: dict[str, list[Outcome]] = {}
    for outcome in found:
        papers.setdefault(outcome.paper, []).append(outcome)
    return papers


def tally(found: Sequence[Outcome]) -> str:
    """Numbers of each verdict in each paper; a count leads to its rows in the table below."""
    papers = list(by_paper(found))
    counts = Counter((outcome.paper, str(outcome.verdict)) for outcome in found)
    names = [name for name in BADGES if any(counts[paper, name] for paper in papers)]
    head = "".join(f'<th scope="col">{escape(p.capitalize())}</th>' for p in papers)
    rows = "".join(
        f'<tr><th scope="row">{badge(name)}</th>'
        + "".join(f"<td>{_count(counts[p, name], paper=p, verdict=name)}</td>" for p in papers)
        + f"<td>{_count(sum(counts[p, name] for p in papers), verdict=name)}</td></tr>\n"
        for name in names
    )
    whole = Counter(outcome.paper for outcome in found)
    sums = "".join(f"<td>{_count(whole[p], paper=p)}</td>" for p in papers)
    return (
        f'<table class="tally"><thead><tr><th scope="col">verdict</th>{head}'
        f'<th scope="col">both</th></tr></thead>\n<tbody>\n{rows}</tbody>\n<tfoot><tr>'
        f'<th scope="row">all</th>{sums}<td>{len(found)}</td></tr></tfoot></table>'
    )


def _count(count: int, **state: str) -> str:
    """A count with a link to the table as `state` filters it; nothing is no link."""
    return f'<a href="#{escape(urlencode(state))}">{count}</a>' if count else "0"


def badge(verdict: str) -> str:
    """As the role `bdg-...` of sphinx-design is rendered."""
    name, line, _ = BADGES[verdict].partition("-line")
    looks = f"sd-outline-{name} sd-text-{name}" if line else f"sd-bg-{name} sd-bg-text-{name}"
    return f'<span class="sd-sphinx-override sd-badge {looks}">{escape(verdict)}</span>'


#: What the script shows and fills; without it there is nothing to filter by.
FILTERS = """<form id="filters" role="search" aria-label="Rows of the table" hidden>
<label>Paper <select name="paper"><option value="">both</option></select></label>
<label>Verdict <select name="verdict"><option value="">all</option></select></label>
<label>Text <input name="text" type="search" placeholder="fear, seed, table1"></label>
<button type="reset">Show all</button>
<output aria-live="polite"></output>
</form>"""


def table(found: Sequence[Outcome]) -> str:
    """A row for each number: its id is its address, `data-digest` covers all that is said of it.

    A phone shows rows as blocks, which takes a table's meaning away: hence the roles.
    """
    head = "".join(f'<th scope="col" role="columnheader">{name}</th>' for name in COLUMNS)
    rows = "\n".join(_row(outcome) for outcome in found)
    return (
        '<table id="verdicts" role="table" aria-label="Every printed number">\n'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>\n'
        f'<tbody role="rowgroup">\n{rows}\n</tbody></table>'
    )


def _row(outcome: Outcome) -> str:
    address = escape(outcome.id)
    said = address.replace("/", "/<wbr>")
    cells = "".join(
        _cell(name, text, value)
        for name, text, value in zip(COLUMNS[1:], shown(outcome), values(outcome), strict=True)
    )
    return (
        f'<tr role="row" id="{address}" data-paper="{escape(outcome.paper)}"'
        f' data-digest="{digest(outcome)}"><th scope="row" role="rowheader">'
        f'<a href="#{address}">{said}</a></th>{cells}</tr>'
    )


def _cell(column: str, text: str, value: str) -> str:
    kept = f' data-value="{value}"' if value else ""
    inner = badge(text) if column == "verdict" else escape(text)
    return f'<td role="cell" data-label="{column}"{kept}>{inner}</td>'


def shown(outcome: Outcome) -> tuple[str, ...]:
    """The texts of a row, in the order of COLUMNS but the first."""
    from ferbook.report.compare import cells

    _, printed, ours, interval, _, verdict = cells(outcome)
    unit = UNITS.get(outcome.unit, f" {outcome.unit}")
    runs = str(outcome.runs) if outcome.runs else ""
    printed, ours = (f"{text}{unit}" if text not in ("", "–") else text for text in (printed, ours))
    return printed, ours, interval, runs, outcome.tier or "", verdict, outcome.reason


def values(outcome: Outcome) -> tuple[str, ...]:
    """The numbers behind `shown`, by which rows are sorted; a verdict's place among verdicts."""
    reported = outcome.reported or {}
    printed = [reported[key] for key in ("value", "low", "high") if key in reported]
    ours = [] if outcome.measured is None else [outcome.measured]
    place = list(BADGES).index(outcome.verdict)
    columns: list[Iterable[float]] = [printed, ours, outcome.ci95 or (), [], [], [place], []]
    return tuple(" ".join(f"{number:.{DIGITS}g}" for number in column) for column in columns)


def digest(outcome: Outcome) -> str:
    """Sixteen hexadecimal digits over all fields of an outcome, its numbers to DIGITS digits."""
    content = json.dumps(rounded(asdict(outcome)), sort_keys=True)
    return sha256(content.encode()).hexdigest()[:16]


def rounded(content: Any) -> Any:
    """JSON content with every float to DIGITS digits."""
    if isinstance(content, dict):
        return {key: rounded(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [rounded(value) for value in content]
    return float(f"{content:.{DIGITS}g}") if isinstance(content, float) else content


def as_csv(found: Iterable[Outcome]) -> str:
    """A line for each number, with what JSON nests in columns of its own."""
    from ferbook.report.compare import as_printed

    text = io.StringIO()
    writer: csv.DictWriter[str] | None = None
    for outcome in found:
        fields = asdict(outcome)
        reported, interval = fields.pop("reported") or {}, fields.pop("ci95") or ("", "")
        fields |= {"printed": as_printed(outcome.reported) if reported else ""}
        fields |= {key: reported.get(key, "") for key in ("value", "low", "high", "comparator")}
        fields |= {"decimals": reported.get("decimals", "")}
        fields |= {"ci95_low": interval[0], "ci95_high": interval[1]}
        fields["assumptions"] = " ".join(outcome.assumptions)
        if writer is None:
            writer = csv.DictWriter(text, list(fields), lineterminator="\n")
            writer.writeheader()
        writer.writerow(fields)
    return text.getvalue()


def main(target: str, json_file: str, csv_file: str, *_: str) -> None:
    """Write the page, both downloads of its table, and beside them its plots as files."""
    from ferbook.report import figures_dashboard
    from ferbook.report.compare import as_array, outcomes
    from ferbook.report.pipeline import study_digest

    found = outcomes()
    Path(json_file).write_text(as_array(found) + "\n", encoding="utf-8")
    Path(csv_file).write_text(as_csv(found), encoding="utf-8")
    for paper, rows in by_paper(found).items():
        figures_dashboard.save(paper, rows, Path(json_file).parent)
    Path(target).write_text(page(found, study_digest()), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
