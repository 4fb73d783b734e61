"""What `python -m benchmarks` measured: seconds side by side, ratios, shares of the limit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ferbook import paths
from ferbook.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]
#: Of a line: its name, what was measured against what, seconds per unit in each turn.
FIELDS = {"name", "what", "against", "unit", "ours", "theirs"}
GROWTH = {"name", "what", "over", "sizes", "seconds", "bytes"}
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
HELD = "\N{NO-BREAK SPACE}"  #: keeps a number and its unit on one line


def file(device: str) -> Path:
    return paths.results() / "speed" / f"{device}.json"


def rows(device: str) -> list[Row]:
    """Every line that was measured on a kind of device, in the order of measuring."""
    return list(_read(device)["rows"])


def growth(device: str) -> list[Row]:
    """Every series over a size."""
    return list(_read(device)["growth"])


@lru_cache(maxsize=8)
def _parsed(path: Path, time: int) -> dict[str, list[Row]]:
    try:
        held = json.loads(path.read_text())
        parts = {"rows": FIELDS, "growth": GROWTH}
        for part, fields in parts.items():
            for one in held[part]:
                if missing := fields - one.keys():
                    raise ValueError(f"{part}: {one.get('name')} lacks {', '.join(missing)}")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: not what `python -m benchmarks` writes ({error})") from None
    return held  # type: ignore[no-any-return]


def _read(device: str) -> dict[str, list[Row]]:
    path = file(device)
    return _parsed(path, path.stat().st_mtime_ns) if path.exists() else {"rows": [], "growth": []}


def ratios(row: Row) -> tuple[float, float, float]:
    """How many times as fast ours is: the median over turns, the least, the most; NaN alone."""
    if not row["theirs"] or row["name"] == "book":
        return np.nan, np.nan, np.nan
    each = np.array(row["theirs"]) / np.array(row["ours"])
    return float(np.median(each)), float(each.min()), float(each.max())


def paired(device: str) -> list[tuple[Row, tuple[float, float, float]]]:
    """Every line with a counterpart, and its ratio with the range."""
    found = [(row, ratios(row)) for row in rows(device)]
    return [(row, ratio) for row, ratio in found if np.isfinite(ratio[0])]


def spent(row: Row, side: str = "ours") -> float:
    """Median seconds for one unit; NaN where a side was not measured."""
    return float(np.median(row[side])) if row[side] else np.nan


def share_of_limit(row: Row) -> float:
    """The limit's seconds by ours: 1 is the limit itself. NaN where none is known."""
    return row["limit"] / spent(row) if row.get("limit") else np.nan


def aims(row: Row) -> dict[str, bool]:
    """What was aimed at, a ratio, a time or a share of the limit, and whether it was reached."""
    found = {}
    if row.get("target") is not None:
        found[f"{row['target']:g}{HELD}times"] = bool(ratios(row)[0] >= row["target"])
    if row.get("wanted") is not None:
        found[readable(row["wanted"])] = bool(spent(row) <= row["wanted"])
    if row.get("share") is not None:
        found[f"{row['share']:.0%} of the limit"] = bool(share_of_limit(row) >= row["share"])
    return found


def reached(row: Row) -> bool | None:
    """Whether all that was aimed at was reached; None where nothing was."""
    return all(aims(row).values()) if aims(row) else None


def exponent(series: Row) -> tuple[float, float]:
    """Of time and of memory over size: the slope of a line through their logarithms.

    1 is linear growth. Memory below a megabyte is noise of the interpreter: where a size needs no
    more, the exponent of memory is NaN.
    """
    sizes = np.log(series["sizes"])
    time = float(np.polyfit(sizes, np.log(series["seconds"]), 1)[0])
    held = np.array(series["bytes"], float)
    if (held <= 2**20).any():
        return time, np.nan
    return time, float(np.polyfit(sizes, np.log(held), 1)[0])


def readable(seconds: float) -> str:
    """0.00123 -> '1.2 ms', with a space at which no line breaks."""
    if not np.isfinite(seconds):
        return "–"
    scale, unit = next((pair for pair in UNITS if seconds >= pair[0]), UNITS[-1])
    value = seconds / scale
    return f"{value:.0f}{HELD}{unit}" if value >= 100 else f"{value:.2g}{HELD}{unit}"


def times(ratio: float, aim: float | None = None) -> str:
    """One decimal, more where these are not two digits yet: 12.3, 4.5, 0.25; or where a rounded
    ratio would be on the other side of its `aim`: 1.79 beside 1.8."""
    decimals = 1 if not ratio > 0 else max(1, 1 - int(np.floor(np.log10(ratio))))
    while aim is not None and (round(ratio, decimals) >= aim) != (ratio >= aim):
        decimals += 1
    return f"{ratio:.{decimals}f}"


def named(row: Row) -> str:
    """What was measured, and beside what."""
    return f"{row['what']}, beside {row['against']}" if row["against"] else str(row["what"])


def told(one: Row) -> str:
    """One line for a terminal."""
    if "over" in one:
        time, memory = exponent(one)
        held = f"n^{memory:.2f}" if np.isfinite(memory) else "next to nothing"
        return f"{one['what']:45} over {one['over']}: time ~ n^{time:.2f}, memory ~ {held}"
    article = "an" if one["unit"][0] in "aeiou" else "a"
    line = f"{one['what']:45} {readable(spent(one)):>8} {article} {one['unit']}"
    middle, low, high = ratios(one)
    if np.isfinite(middle):
        aimed = f", asked for {one['target']}" if one.get("target") else ""
        range_ = f"{times(low)} to {times(high)}"
        ratio = times(middle, one.get("target"))
        line += f"; {ratio} times as fast ({range_}{aimed}) as {one['against']}"
    if np.isfinite(share := share_of_limit(one)):
        line += f"; {share:.0%} of the limit, {one['bound']}"
    return line + (f" ({one['note']})" if one.get("note") else "")


def table(device: str) -> pd.DataFrame:
    """Every line with a counterpart: seconds of both for one unit, the ratio with its range, the
    aim."""
    import pandas as pd

    lines = []
    for row, (middle, low, high) in paired(device):
        ratio = times(middle, row.get("target"))
        lines.append(
            {
                "": named(row),
                "for one": row["unit"],
                "ours": readable(spent(row)),
                "theirs": readable(spent(row, "theirs")),
                "times as fast": f"{ratio} [{times(low)},{HELD}{times(high)}]",
                "aim": _aimed(row),
            }
        )
    return pd.DataFrame(lines).set_index("") if lines else pd.DataFrame()


def _aimed(row: Row) -> str:
    return ", ".join(aim for aim in aims(row) if not aim.endswith("limit")) or "–"


def waits(device: str) -> pd.DataFrame:
    """Every line without one: seconds for one unit, and what was wanted."""
    import pandas as pd

    lines = [
        {
            "": row["what"],
            "for one": row["unit"],
            "takes": readable(spent(row)),
            "aim": _aimed(row),
        }
        for row in rows(device)
        if not np.isfinite(ratios(row)[0]) and not row.keys() & {"step", "part"}
    ]
    return pd.DataFrame(lines).set_index("") if lines else pd.DataFrame()


def limits(device: str) -> pd.DataFrame:
    """What the machine would need if it did nothing else, and how near that is.

    Work that was measured beside several others has one line, the median of all its turns, and the
    least of the limits that were measured with it.
    """
    import pandas as pd

    bound: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows(device):
        if row.get("limit"):
            key = tuple(row[part] for part in ("what", "unit", "bound"))
            bound.setdefault(key, []).append(row)
    lines = []
    for (what, unit, by), same in bound.items():
        limit = min(row["limit"] for row in same)
        ours = [spent for row in same for spent in row["ours"]]
        whole = same[0] | {"ours": ours, "limit": limit}
        aimed = whole.get("share")
        lines.append(
            {
                "": what,
                "for one": unit,
                "limit": readable(limit),
                "set by": by,
                "share reached": f"{share_of_limit(whole):.0%}",
                "aim": f"{aimed:.0%}" if aimed is not None else "–",
            }
        )
    return _with_aims(pd.DataFrame(lines).set_index("")) if lines else pd.DataFrame()


def _with_aims(table: pd.DataFrame) -> pd.DataFrame:
    """Without the column of aims where there are none."""
    return table if (table["aim"] != "–").any() else table.drop(columns="aim")


def grown(device: str) -> pd.DataFrame:
    """The exponents of time and memory over each size."""
    import pandas as pd

    lines = []
    for series in growth(device):
        time, memory = exponent(series)
        lines.append(
            {
                "": series["what"],
                "over": series["over"],
                "from": series["sizes"][0],
                "to": series["sizes"][-1],
                "time": f"{time:.2f}",
                "memory": f"{memory:.2f}" if np.isfinite(memory) else "–",
            }
        )
    return pd.DataFrame(lines).set_index("") if lines else pd.DataFrame()


def scheme(device: str) -> dict[tuple[str, int], NDArray[np.float64]]:
    """Seconds for an image in each turn of what Qiu's Perturb Scheme was timed by, all in turns.

    Keys are a part and n clusters: ("plain", 0) an epoch without the scheme, ("cbam", 0) one of
    phase 1, ("attention", 0) that of all images, ("clustering", n), and ("training", n) an epoch of
    phase 3 with its clustering but without that attention, as all after the first are. Empty where
    it was not measured.
    """
    found = {
        (row["part"], row["clusters"]): np.array(row["ours"])
        for row in rows(device)
        if "part" in row
    }
    if ("plain", 0) not in found:
        return {}
    looked = found.get(("attention", 0), 0.0)
    return {
        ("training" if part == "epoch" else part, n): taken - looked if part == "epoch" else taken
        for (part, n), taken in found.items()
    }


def show(tables: Mapping[str, Any]) -> None:
    """Display those tables, styled or not, that have rows, each below what it is called."""
    from IPython.display import Markdown, display

    for name, table in tables.items():
        if len(getattr(table, "data", table)):
            display(Markdown(f"*{name}*"), table)
