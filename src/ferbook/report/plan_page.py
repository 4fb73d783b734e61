"""A plan of `report.plan` for a terminal and for the book."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any

from ferbook.report import plan as plans

if TYPE_CHECKING:
    import pandas as pd


WIDTH = 100


def lines(plan: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """A `table` with folds of a network in one line, and its totals, "all"."""
    plan = plan.assign(runs=1)
    summed = ("runs", "operations", "phase 1", "cells", "seconds")
    found: dict[str, dict[str, Any]] = {}
    for row in plan.to_dict("records"):
        name = re.sub(r"_f\d+$", " (folds)", str(row["run"]))
        known = found.setdefault(name, {str(k): 0.0 if k in summed else row[k] for k in row})
        known |= {key: known[key] + row[key] for key in summed}
    total = {key: float(plan[key].sum()) for key in summed}
    return found | {"all": {"epochs": "", "parameters": "", **total}}


def text(plan: pd.DataFrame, share: float = plans.SHARE, rate: float = plans.RATE) -> str:
    """The table for a terminal, folds of a network in one line, its totals, and the sentence."""
    every = lines(plan)
    width = max(map(len, every))
    names = ("runs", "epochs", "PFLOP", "phase 1", "weights", "cells", "seconds")
    head = "{:>4} {:>6} {:>8} {:>8} {:>11} {:>5} {:>7}".format(*names)
    told = [f"{'run':<{width}} {head}"]
    for name, line in every.items():
        weights = f"{line['parameters']:,}" if line["parameters"] else ""
        told.append(
            f"{name:<{width}} {line['runs']:>4.0f} {line['epochs']:>6} {line['operations']:>8.2f} "
            f"{line['phase 1']:>8.2f} {weights:>11} {line['cells']:>5.0f} {line['seconds']:>7.0f}"
        )
    return "\n".join(
        [*told, "", *textwrap.wrap(plans.sentence(plan, share=share, rate=rate), WIDTH)]
    )


def markdown(found: pd.DataFrame) -> str:
    """The sentence of a plan, then a row for each network, folds together, and all of it."""
    from ferbook.report.pages import table

    rows = [
        (
            f"`{name.replace('_paper_s0', '')}`" if name != "all" else name,
            f"{line['operations'] + line['phase 1']:.2f}",
            f"{line['cells']:.0f}",
            f"{line['seconds']:,.0f}",
        )
        for name, line in lines(found).items()
    ]
    head = ("run", "PFLOP", "printed cells", "seconds")
    return f"{plans.sentence(found)}\n\n{table(head, rows)}"


def page() -> str:
    """Of every run behind Chew's tables and Qiu's Tables 1 to 3, recorded or not."""
    return markdown(plans.table(tables=plans.TABLES, recorded=True))
