"""Seconds to an accuracy: runs of the recipe `fast` on FER2013."""

from __future__ import annotations

import pandas as pd

from ferbook.report import tables


def races(tier: str = "paper") -> pd.DataFrame:
    """Recipe `fast`, run by run: epochs, seconds of training, per cent of PrivateTest."""
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
