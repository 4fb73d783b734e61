"""Where the numbers of a page come from: noted while they are computed, shown to whoever asks.

Whatever makes a number from records notes the number as it will be printed, and the runs behind it.
A page carries what was noted while it was made, as data; the script of the site looks up the text
of each cell of a table there, and shows its runs, seeds and tier, and the way to their records.
Whoever has a whole table and its records says so by `of`: then a number is known by its place too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from ferbook.study.records import Record

if TYPE_CHECKING:
    import pandas as pd
    from pandas.io.formats.style import Styler

#: {number as printed: its origins}; of equal numbers all are kept.
_NOTED: dict[str, list[dict[str, Any]]] = {}
#: More origins of one text than this say nothing of any.
MOST = 3
#: Columns of tables that hold no measurement, or none of a network.
UNMEASURED = {
    *("printed", "printed F1", "seeds", "images", "copied images", "of all, %", "weights"),
    *("faces", "of all faces", "picture, %"),
}
Shown = TypeVar("Shown", "pd.DataFrame", "Styler")


def note(
    text: str, runs: Iterable[tuple[str, str]], tier: str, seeds: Iterable[int], images: int
) -> None:
    """`text` stands on (experiment, variant) pairs, trained once with each of `seeds`."""
    origin = {
        "runs": sorted(set(runs)),
        "tier": tier,
        "seeds": sorted(set(seeds)),
        "images": images,
    }
    known = _NOTED.setdefault(text, [])
    if origin["seeds"] and origin not in known:
        known.append(origin)


def note_records(text: str, records: Sequence[Record], images: int) -> None:
    """`text` stands on these records of one tier."""
    configs = [record.config for record in records]
    runs = [(f"{c['paper']}/{c['experiment']}", c["variant"]) for c in configs]
    note(text, runs, configs[0]["tier"], (c["seed"] for c in configs), images)


def of(table: Shown, *records: Sequence[Record] | Mapping[str, Sequence[Record]]) -> Shown:
    """The table as it is; its numbers stand on these records: on those given by the head of their
    row, or on those of the network that the head names, or on all of them.

    What was noted of an interval already is more exact, and kept. Columns of `UNMEASURED` are left.
    """
    by_row: dict[str, Sequence[Record]] = {}
    known: list[Record] = []
    for some in records:
        by_row |= some if isinstance(some, Mapping) else {}
        known += chain(*some.values()) if isinstance(some, Mapping) else some
    for row, column, text in _cells(table):
        if not known or ("[" in text and text in _NOTED):
            continue
        named = row.replace(",", " ").split()
        own = by_row.get(row) or [r for r in known if r.config["variant"] in named] or known
        for tier in dict.fromkeys(record.config["tier"] for record in own):
            key = f"{row}\n{column}\n{text}"
            note_records(key, [r for r in own if r.config["tier"] == tier], 0)
    return table


def _cells(table: pd.DataFrame | Styler) -> list[tuple[str, str, str]]:
    """(heads of its row, head of its column, text) of each measured cell, as a page shows them."""
    from bs4 import BeautifulSoup

    whole = BeautifulSoup(table.to_html(), "html.parser")
    heads = [row.find_all("th") for row in whole.select("thead tr")]
    columns, found = [_text(cell) for cell in max(heads, key=len, default=[])], []
    for row in whole.select("tbody tr"):
        name = " ".join(_text(cell) for cell in row.find_all("th"))
        cells = row.find_all("td")
        for column, cell in zip(columns[len(columns) - len(cells) :], cells, strict=True):
            text = _text(cell)
            if column not in UNMEASURED and any(letter.isdigit() for letter in text):
                found.append((name, column, text))
    return found


def _text(cell: Any) -> str:
    return " ".join(cell.get_text().split())


def html() -> str:
    """What was noted so far, as data within a page; nothing where nothing was."""
    from ferbook.report.book.typeset import signs

    kept = {
        signs(text).replace("\u00a0", " "): found
        for text, found in _NOTED.items()
        if 0 < len(found) <= MOST
    }
    if not kept:
        return ""
    data = json.dumps(kept, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/json" class="sources">{data}</script>'


def publish() -> None:
    """Show `html` as the output of a notebook's cell."""
    from IPython.display import HTML, display

    if text := html():
        display(HTML(text))


def forget() -> None:
    """Begin another page in the same process."""
    _NOTED.clear()
