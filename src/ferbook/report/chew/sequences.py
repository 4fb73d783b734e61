"""CK+ as the paper describes it and as it is recorded: images, sequences and people by emotion."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ferbook.data.ckplus import SEQUENCES
from ferbook.emotions import EMOTIONS
from ferbook.study.cards import Card


def table(card: Card) -> pd.DataFrame:
    """A row an emotion, and all of them: images, sequences, people who show it."""
    codes = range(len(card.emotions))
    rows = {name: _count(card, card.labels == code) for code, name in enumerate(card.emotions)}
    rows["all"] = _count(card, np.isin(card.labels, list(codes)))
    return pd.DataFrame(rows, index=["images", "sequences", "people"]).T


def said(found: pd.DataFrame, printed: Mapping[str, float]) -> str:
    """How the printed counts and those of the recorded form go together.

    `printed` has `ckplus-sequences` and `ckplus-participants`, as `reported/chew.yaml` has them.
    """
    every = found.loc["all"]
    frames = every["images"] / every["sequences"]
    sequences, people = printed["ckplus-sequences"], printed["ckplus-participants"]
    published = {name: count for name, count in SEQUENCES.items() if count}
    own = found["sequences"].drop("all")
    agree = "are" if own[own > 0].to_dict() == published else "are **not**"
    return (
        f"The paper prints {sequences:,.0f} sequences of {people:,.0f} participants. The recorded "
        f"form has {every['images']:,} images: {frames:g} of each of {every['sequences']:,} "
        f"sequences, of {every['people']:,} people. Its sequences by emotion {agree} those that "
        "the dataset's authors publish as labelled. The other "
        f"{sequences - every['sequences']:,.0f} have no label; a network can be scored on none of "
        "their peaks, at most on first frames taken as neutral."
    )


def shared(found: pd.DataFrame) -> str:
    """What is left where only the paper's emotions count, and how little the rarest rests on."""
    six = found.loc[[name for name in EMOTIONS if found["images"][name]]]
    rarest, largest = str(six["images"].idxmin()), str(six["images"].idxmax())
    total = six["images"].sum()
    return (
        f"The {len(six)} emotions that are also the paper's have {total:,} images of "
        f"{six['sequences'].sum():,} sequences. Always answering *{largest}* is right for "
        f"{six['images'][largest] / total:.0%} of them; the accuracy of *{rarest}* rests on "
        f"{six['images'][rarest]} images of {six['people'][rarest]} people."
    )


def _count(card: Card, here: np.ndarray) -> tuple[int, int, int]:
    """Of the marked images (N,)."""
    return int(here.sum()), len(np.unique(card.sequence[here])), len(np.unique(card.subject[here]))
