"""Where the numbers of a page come from: noted while they are computed, shown to whoever asks.

Whatever makes a number from records notes the number as it will be printed, and the runs behind it.
A page carries what was noted while it was made, as data; the script of the site looks up the text
of each cell of a table there, and shows its runs, seeds and tier, and the way to their records.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from ferbook.study.records import Record

#: {number as printed: its origins}; of equal numbers all are kept.
_NOTED: dict[str, list[dict[str, Any]]] = {}
#: More origins of one text than this say nothing of any.
MOST = 3


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


def html() -> str:
    """What was noted so far, as data within a page; nothing where nothing was."""
    kept = {text: found for text, found in _NOTED.items() if 0 < len(found) <= MOST}
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
