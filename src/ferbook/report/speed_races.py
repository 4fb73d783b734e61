"""Seconds, or epochs, to an accuracy: runs of the recipe `fast` on FER2013."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

import pandas as pd

from ferbook.report import sources, tables
from ferbook.report.effects import Effect, Term, effect
from ferbook.report.qiu.networks import BASELINES, title
from ferbook.report.qiu.tables import level
from ferbook.report.tables import interval_text
from ferbook.study.records import Record

FAST, FAITHFUL = "qiu/fast-fer2013", f"qiu/{BASELINES}"
#: Per cent of PublicTest that networks of a tier are on the way to.
AIMS = {"paper": 70.0, "short": 50.0}


def races(tier: str = "paper") -> pd.DataFrame:
    """Recipe `fast`, run by run: epochs, seconds of training, per cent of PrivateTest."""
    lines = []
    for record in tables.select(FAST, tier):
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


# --- beside the paper's recipe ------------------------------------------------------------------


def first_epoch(record: Record, aim: float) -> float:
    """Counted from 1, the first that PublicTest is at `aim` per cent after; infinite for never."""
    for number, epoch in enumerate(record.history, 1):
        if 100 * epoch["validation_accuracy"] >= aim:
            return number
    return math.inf


def beside(tier: str) -> pd.DataFrame:
    """A row a network and recipe: accuracy, what `fast` adds on the same images, and the epochs to
    the tier's aim, median and range over seeds."""
    rows, own = {}, {}
    for variant in _variants(tier):
        for where in (FAST, FAITHFUL):
            found = tables.select(where, tier, [variant])
            if not found:
                continue
            head = f"{title(variant)}, {found[0].config['recipe']['name']}"
            own[head] = found
            rows[head] = {
                "PrivateTest, %": interval_text(level(Term(where, variant), tier)),
                "fast minus qiu, points": str(gain(variant, tier)) if where == FAST else "–",
                f"epochs to {AIMS[tier]:g} %": _spread([first_epoch(r, AIMS[tier]) for r in found]),
                "of": str(max(len(record.history) for record in found)),
                "seeds": str(len(found)),
            }
    return sources.of(pd.DataFrame(rows).T, own)


def gain(variant: str, tier: str) -> Effect:
    """What recipe `fast` adds to a network's PrivateTest accuracy, points on the same images."""
    return effect([(1, Term(FAST, variant)), (-1, Term(FAITHFUL, variant))], tier)


def beside_sentence(tier: str) -> str:
    """Whether `fast` is sooner at the aim than the paper's recipe, and what it has in the end,
    network by network."""
    lines = []
    for variant in _variants(tier):
        sides = [
            [first_epoch(record, AIMS[tier]) for record in tables.select(where, tier, [variant])]
            for where in (FAST, FAITHFUL)
        ]
        if all(sides):
            ours, theirs = map(median, sides)
            lines.append(
                f"- {title(variant)} is at {AIMS[tier]:g} % of PublicTest after {_epochs(ours)} by "
                f"`fast` (median of {len(sides[0])}), after {_epochs(theirs)} by `qiu` "
                f"({len(sides[1])}): `fast` is {_sooner(ours, theirs)}. In the end "
                f"`fast` minus `qiu` is {gain(variant, tier)} points of PrivateTest."
            )
    return "\n".join(lines) or "Not measured yet."


def _variants(tier: str) -> list[str]:
    return sorted({record.config["variant"] for record in tables.select(FAST, tier)})


def _sooner(ours: float, theirs: float) -> str:
    if ours == theirs:
        return "as soon there"
    return "sooner there" if ours < theirs else "later there"


def _epochs(count: float) -> str:
    return f"{count:g} epochs" if math.isfinite(count) else "no epoch"


def _spread(epochs: Sequence[float]) -> str:
    """ "7", "8 (7 to 9)", "never"."""
    said = [
        "never" if math.isinf(e) else f"{e:g}" for e in (median(epochs), min(epochs), max(epochs))
    ]
    return said[0] if said[1] == said[2] else f"{said[0]} ({said[1]} to {said[2]})"
