"""What the live part of the scheme's page says, as computed sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from ferbook.report.qiu.networks import SCHEME, paper
from ferbook.report.tables import select

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
    known = f"is right on {right:.0f} % of the faces held out, where chance is {chance:.0f} %"
    return (
        f"*{len(live.faces):,} faces of `{live.faces.name}`. After seconds of training this "
        f"network {known}: its attention is an example of what the next phase is given, not a "
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
        "intensity dominates, and clusters are bands of grey rather than places": share[
            share > RULES
        ],
    }
    said = [f"with {_listed(found)}, {what}" for what, found in groups.items() if len(found)]
    return f"So {'; '.join(said)}." if said else "Nothing varies over these pixels."


def printed(name: str) -> int:
    """A number that the paper prints, by the end of its id: "dataset/train-images"."""
    number = paper().by_id[f"qiu/{name}"].reported
    assert number is not None and number.value is not None
    return int(number.value)


def all_images(rates: pd.DataFrame) -> pd.DataFrame:
    """`live.rates` as text, with the seconds for all training images that the paper counts."""
    images = printed("dataset/train-images")
    return pd.DataFrame(
        {
            "centres, s": rates["centres"].map(
                lambda value: "–" if value != value else f"{value:.2f}"
            ),
            "an image, ms": rates["an image"].map(lambda value: f"{1000 * value:.2f}"),
            f"{images:,} images, s": whole(rates).map(lambda value: f"{value:.1f}"),
        }
    )


def whole(rates: pd.DataFrame) -> pd.Series:
    """Seconds of either way for all training images that the paper counts."""
    return rates["centres"].fillna(0) + printed("dataset/train-images") * rates["an image"]


def attention_seconds(tier: str) -> list[float]:
    """What the attention of all training images took in each recorded run of the scheme."""
    kept = [record.artifacts for record in select(f"qiu/{SCHEME}", tier)]
    return [float(one["clusters.seconds"][0]) for one in kept if "clusters.seconds" in one]


def rate_sentence(rates: pd.DataFrame, attention: Sequence[float], tier: str) -> str:
    """How long all training images take, each clustered by itself or by an epoch's common centres,
    and what it takes to know their attention (`attention_seconds` of runs of `tier`)."""
    images, epochs = printed("dataset/train-images"), printed("claim/epochs")
    own, common = (float(whole(rates)[way]) for way in ("each image by itself", "common centres"))
    saved = f"{own / common:.1f} times as fast" if common < own else "no short cut even there"
    text = (
        f"At these rates each of the {images:,} training images that the paper counts has clusters "
        f"of its own after **{own:,.1f} s** on this processor, and they are found once: in phase 3 "
        f"the attention network no longer changes, so neither do they. By common centres one epoch "
        f"takes **{common:,.1f} s**, {saved}; but they are found anew in every epoch, and the "
        f"paper's {epochs} epochs come to {epochs * common:,.0f} s."
    )
    if attention:
        ends = " to ".join(dict.fromkeys(f"{end:.0f}" for end in (min(attention), max(attention))))
        text += (
            " Neither counts the attention of these images, which both ways need, once: it took "
            f"{ends} s in the {len(attention)} recorded runs of tier *{tier}*."
        )
    feasible = "is feasible" if own < FEASIBLE else "is much, once in a training"
    less = attention and own < min(attention)
    return (
        f"{text} So clustering each image by itself {feasible}"
        f"{', and takes less than computing their attention' if less else ''}."
    )


def _listed(found: pd.Series) -> str:
    return " or ".join(f"*{name}* ({percent(value)})" for name, value in found.items())
