"""What the live part of the scheme's page says, as computed sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ferbook.report.qiu.networks import paper

if TYPE_CHECKING:
    from ferbook.report.qiu.live import Live

FEASIBLE = 600.0  #: seconds, once in a training
LEAST = 0.001  #: per cent, below which a share is nothing
INERT, RULES = 1.0, 50.0  #: per cent of the variance: below, a term decides nothing; above, most


def network(parameters: int) -> str:
    """The box of phase 1."""
    return f"ResNet18, 1/8\nas wide, CBAM\nat each stage:\n{parameters:,}\nweights"


def live_sentence(live: Live) -> str:
    """Whose faces, and that the network is a toy."""
    right, chance = 100 * live.validation, 100 / len(live.faces.emotions)
    known = f"names {right:.0f} % of unseen faces rightly, where guessing names {chance:.0f} %"
    if right <= chance:
        known = f"is no better than guessing, right {chance:.0f} % of the time"
    return (
        f"*{len(live.faces):,} faces of `{live.faces.name}`. After seconds of training this "
        f"network {known}: its attention is an example of what the next phase is given, and no "
        "finding. "
        "`-p epochs 30` trains it for longer.*"
    )


def percent(value: float) -> str:
    """ "79 %", "0.4 %", "below 0.001 %"."""
    return f"{value:.2g} %" if value >= LEAST or value == 0 else f"below {LEAST:g} %"


def carried_sentence(carried: pd.DataFrame) -> str:
    """For which readings of I the constant alpha decides anything."""
    share = carried["share of intensity"]
    groups = {
        "α decides next to nothing": share[share < INERT],
        "both terms count": share[(share >= INERT) & (share <= RULES)],
        "intensity rules, and clusters are bands of grey rather than places": share[share > RULES],
    }
    said = [f"with {_listed(found)}, {what}" for what, found in groups.items() if len(found)]
    return f"So {'; '.join(said)}." if said else "Nothing varies over these pixels."


def rate_sentence(rates: pd.DataFrame) -> str:
    """How long all training images take, each clustered by itself."""
    rate = float(rates["images a second"]["each image by itself"])
    number = paper().by_id["qiu/dataset/train-images"].reported
    assert number is not None and number.value is not None
    seconds = number.value / rate
    end = "That is feasible." if seconds < FEASIBLE else "That is much, once in a training."
    if float(rates["images a second"]["common centres"]) < rate:
        end += (
            " Common centres are no short cut here: they are sought among the pixels of all images "
            "together until none of them moves, and each image is to be labelled all the same."
        )
    return (
        f"At {rate:,.0f} images a second, each of the {number.value:,.0f} training images that the "
        f"paper counts has clusters of its own after **{seconds:,.0f} s** on this processor. They "
        "are found once: in phase 3 the attention network no longer changes, so neither do they. "
        + end
    )


def _listed(found: pd.Series) -> str:
    return " or ".join(f"*{name}* ({percent(value)})" for name, value in found.items())
