"""What `python -m benchmarks` measured: seconds side by side, ratios, shares of the limit."""

from __future__ import annotations

import json
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ferbook import paths
from ferbook.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]
#: Of a line: its name, what was measured against what, seconds per unit in each turn.
FIELDS = {"name", "what", "against", "unit", "ours", "theirs"}
GROWTH = {"name", "what", "over", "sizes", "seconds", "bytes"}
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
DEVICES = {"cpu": "CPU", "cuda": "GPU"}
_HELD = "\N{NO-BREAK SPACE}"  #: keeps a number and its unit on one line


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


def reached(row: Row) -> bool | None:
    """Whether what was aimed at was reached; None where nothing was."""
    if row.get("target") is not None:
        return bool(ratios(row)[0] >= row["target"])
    return bool(spent(row) <= row["wanted"]) if row.get("wanted") is not None else None


def exponent(series: Row) -> tuple[float, float]:
    """Of time and of memory over size: the slope of a line through their logarithms.

    1 is linear growth. Memory below a megabyte is noise of the interpreter and counts for nothing.
    """
    sizes = np.log(series["sizes"])
    time = float(np.polyfit(sizes, np.log(series["seconds"]), 1)[0])
    held = np.array(series["bytes"], float)
    known = held > 2**20
    memory = float(np.polyfit(sizes[known], np.log(held[known]), 1)[0]) if known.sum() > 1 else 0.0
    return time, memory


def readable(seconds: float) -> str:
    """0.00123 -> '1.2 ms', with a space at which no line breaks."""
    if not np.isfinite(seconds):
        return "–"
    scale, unit = next((pair for pair in UNITS if seconds >= pair[0]), UNITS[-1])
    value = seconds / scale
    return f"{value:.0f}{_HELD}{unit}" if value >= 100 else f"{value:.2g}{_HELD}{unit}"


def times(ratio: float) -> str:
    """One decimal, more where these are not two digits yet: 12.3, 4.5, 0.25."""
    decimals = 1 if not ratio > 0 else max(1, 1 - int(np.floor(np.log10(ratio))))
    return f"{ratio:.{decimals}f}"


def named(row: Row) -> str:
    """What was measured, and beside what."""
    return f"{row['what']}, beside {row['against']}" if row["against"] else str(row["what"])


def told(one: Row) -> str:
    """One line for a terminal."""
    if "over" in one:
        time, memory = exponent(one)
        return f"{one['what']:45} over {one['over']}: time ~ n^{time:.2f}, memory ~ n^{memory:.2f}"
    article = "an" if one["unit"][0] in "aeiou" else "a"
    line = f"{one['what']:45} {readable(spent(one)):>8} {article} {one['unit']}"
    middle, low, high = ratios(one)
    if np.isfinite(middle):
        aimed = f", asked for {one['target']}" if one.get("target") else ""
        found = f"{times(middle)} times as fast ({times(low)} to {times(high)}{aimed})"
        line += f"; {found} as {one['against']}"
    if np.isfinite(share := share_of_limit(one)):
        line += f"; {share:.0%} of the limit"
    return line


def table(device: str) -> pd.DataFrame:
    """Every line with a counterpart: seconds of both for one unit, the ratio with its range, the
    aim."""
    import pandas as pd

    lines = []
    for row, (middle, low, high) in paired(device):
        lines.append(
            {
                "": named(row),
                "for one": row["unit"],
                "ours": readable(spent(row)),
                "theirs": readable(spent(row, "theirs")),
                "times as fast": f"{times(middle)} [{times(low)},{_HELD}{times(high)}]",
                "aim": _aim(row),
            }
        )
    return pd.DataFrame(lines).set_index("") if lines else pd.DataFrame()


def _aim(row: Row) -> str:
    """How many times as fast, or a time."""
    if row.get("target") is not None:
        return f"{row['target']:g}{_HELD}times"
    return readable(row["wanted"]) if row.get("wanted") is not None else "–"


def waits(device: str) -> pd.DataFrame:
    """Every line without one: seconds for one unit, and what was wanted."""
    import pandas as pd

    lines = [
        {
            "": row["what"],
            "for one": row["unit"],
            "takes": readable(spent(row)),
            "aim": _aim(row),
        }
        for row in rows(device)
        if not np.isfinite(ratios(row)[0]) and "step" not in row
    ]
    return pd.DataFrame(lines).set_index("") if lines else pd.DataFrame()


def limits(device: str) -> pd.DataFrame:
    """What the machine would need if it did nothing else, and how near that is.

    Lines of one thing beside several others are told apart by these.
    """
    import pandas as pd

    bound = [row for row in rows(device) if row.get("limit")]
    count = Counter(row["what"] for row in bound)
    lines = [
        {
            "": named(row) if count[row["what"]] > 1 else row["what"],
            "for one": row["unit"],
            "limit": readable(row["limit"]),
            "set by": row["bound"],
            "share reached": f"{share_of_limit(row):.0%}",
        }
        for row in bound
    ]
    return pd.DataFrame(lines).set_index("") if lines else pd.DataFrame()


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
                "memory": f"{memory:.2f}",
            }
        )
    return pd.DataFrame(lines).set_index("") if lines else pd.DataFrame()


def races(tier: str = "paper") -> pd.DataFrame:
    """Recipe `fast`, run by run: epochs, seconds of training, per cent of PrivateTest."""
    import pandas as pd

    from ferbook.report import tables

    lines = []
    for record in tables.select("qiu/fast-fer2013", tier):
        said = record.predictions("test", "plain")
        lines.append(
            {
                "network": record.config["variant"],
                "seed": record.config["seed"],
                "epochs": len(record.history),
                "seconds": record.data["seconds"],
                "PrivateTest": 100 * float((said.predicted == said.truth).mean()),
                "on": record.data["hardware"].get("gpu") or "CPU",
            }
        )
    columns = ["network", "seed", "epochs", "seconds", "PrivateTest", "on"]
    return pd.DataFrame(lines, columns=columns).set_index("network")


def race_sentence(tier: str = "paper", aim: float = 70.0) -> str:
    """The mean time of the network that is over the aim in every run, if one is."""
    found = races(tier)
    if found.empty:
        return "**No such run is recorded yet**: it takes a GPU."
    through = found.groupby(level=0).PrivateTest.min()
    able = through[through >= aim].index
    if not len(able):
        best = found.PrivateTest.max()
        return f"No network came to {aim:g} % in every run; the best run has {best:.1f} %."
    seconds = found.loc[able].groupby(level=0).seconds.mean()
    runs = len(found.loc[[seconds.idxmin()]])
    return (
        f"{seconds.idxmin()}: {seconds.min():.0f} s, mean of {runs} runs, all at {aim:g} % or more."
    )


def machine(device: str) -> str:
    """Where and when it was measured, in a sentence."""
    measured = [*rows(device), *growth(device)]
    if not measured:
        return f"*{DEVICES[device]} figures pending: nothing was measured on one yet.*"
    last = max(measured, key=lambda one: one["finished"])
    hardware = last["hardware"]
    name = hardware.get("gpu") or f"{hardware['processor']}, {hardware['cores']} cores"
    torch = last["versions"]["torch"].partition("+")[0]
    said = f"Measured on {last['finished'][:10]}: {name}, torch {torch}."
    if any(one["hardware"] != hardware for one in measured):
        said += (
            " Some rows are of another day and machine: ratios are of one run each, but do not"
            " compare the seconds of one row with those of another."
        )
    return f"*{said}*"


def missed_sentence(device: str) -> str:
    """How many aims were reached, and which were not."""
    aimed = [row for row in rows(device) if reached(row) is not None]
    if not aimed:
        return ""
    missed = [named(row) for row in aimed if not reached(row)]
    reached_ones = f"{len(aimed) - len(missed)} of {len(aimed)} aims are reached"
    return (
        f"{reached_ones}." if not missed else f"{reached_ones}. Not reached: {'; '.join(missed)}."
    )
