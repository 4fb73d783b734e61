"""Sentences of the lessons that hold numbers: computed where they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Gain = tuple[float, float]


def interval(points: float, half: float) -> str:
    """ "+12.4 ± 7.8"."""
    return f"{points:+.1f} ± {half:.1f}"


# --- lesson 2 ---


def fusion_claim(printed: Mapping[str, float]) -> str:
    """The accuracies that the paper prints for FER2013."""
    said = ", ".join(f"{name} {value:g} %" for name, value in printed.items())
    gap = printed["hybrid"] - max(printed["pixels"], printed["landmarks"])
    return (
        f"Printed for FER2013: {said}. That is {gap:.1f} points above the better stream alone,"
        " without an interval, and without a control of the same size."
    )


def weights(one: int, two: int) -> str:
    """What the second stream adds behind the branches, and its share of the whole network."""
    from ferbook.models.hybrid import parameter_count

    single, double = parameter_count([1]), parameter_count([1, 1])
    return (
        f"A network of one stream learns {single:,} numbers, {one / single:.0%} of them in this"
        f" layer; the hybrid {double:,}, {two / double:.0%} of them here."
    )


def fusion(gains: Mapping[str, Gain]) -> str:
    """Which of the hybrid's gains are more than luck on these faces."""
    sure = [name for name, (points, half) in gains.items() if points > half]
    lost = [name for name, (points, half) in gains.items() if points < -half]
    open_ = [name for name in gains if name not in (*sure, *lost)]
    parts = [
        f"{verb} {_and(names)}"
        for verb, names in (("beats", sure), ("loses to", lost), ("is level with", open_))
        if names
    ]
    helped = min(
        gains["pixels"][0] - gains["pixels"][1], gains["landmarks"][0] - gains["landmarks"][1]
    )
    verdict = "That is what the claim asks for" if helped > 0 else "The claim asks for more"
    return (
        f"On these faces the hybrid {_and(parts)}. {verdict}: it must beat **both** streams,"
        " beyond the interval."
    )


# --- lesson 3 ---


def occlusion(accuracy: pd.DataFrame) -> str:
    """What the hybrid loses with landmarks from before and with those found again."""
    lost = 100 * accuracy.rsub(accuracy["whole"], axis=0)
    hybrid, pixels = lost.loc["hybrid"], lost.loc["pixels"]
    return (
        f"With its mouth hidden a face costs the network of pixels {pixels['hidden, again']:.0f}"
        f" points. The hybrid loses {hybrid['hidden, before']:.0f} if it is given the landmarks"
        f" from before, {hybrid['hidden, again']:.0f} if they are found again."
    )


# --- lesson 4 ---


def scales(small: float, large: float) -> str:
    """The share of intensity under both readings of I."""
    return (
        f"Intensity carries {100 * small:.1g} % of the variance where I goes from 0 to 1, and"
        f" {100 * large:.0f} % where it goes to 255. The paper gives one constant, and no scale."
    )


# --- lesson 5 ---


def planted(table: pd.DataFrame, hits: NDArray[np.bool_]) -> str:
    """Which of the planted leaks were found by comparing pixels."""
    files = table.file[table.part == "test"].to_numpy()
    leaks = [name for name in files if name.startswith("planted: ")]
    found = [name.removeprefix("planted: ") for name in files[hits] if name in leaks]
    missed = [
        n.removeprefix("planted: ") for n in leaks if n.removeprefix("planted: ") not in found
    ]
    wrong = int(hits.sum()) - len(found)
    return (
        f"Of {len(leaks)} planted leaks {len(found)} are found: {_and(found)}. Not found: "
        f"{_and(missed)}. False alarms: {wrong}."
    )


def short_findings(table: pd.DataFrame, images: NDArray[np.uint8]) -> str:
    """Markdown, a finding of the audit of the split a line, without its arithmetic."""
    from ferbook.report.leakage.audit import audit_arrays

    found = [one for one in audit_arrays(table, images) if "planted" in " ".join(one.cells)]
    return "\n".join(f"- **{one.check}**: {'; '.join(one.cells[:3])}" for one in found)


def nearest(scores: Mapping[str, float]) -> str:
    """What remembering is worth under both splits, beside chance."""
    from ferbook.report.chew.near_copies import SHOWN

    picture, person = scores["by picture"], scores["by person"]
    return (
        f"The nearest neighbour is right for **{picture:.0%}** where pictures were drawn, and for"
        f" **{person:.0%}** where people were (chance: {1 / len(SHOWN):.0%}). Nothing but the split"
        " has changed."
    )


def memory(printed: float, best: float, needed: float, copied: float) -> str:
    """Whether exact copies could carry the printed number."""
    verdict = "cannot carry the number alone" if copied < needed else "would be enough"
    return (
        f"Printed is {printed:g} %, the best published single network has {best:g} %. A network as"
        f" good as that would have to know **{needed:.0%}** of the test images by heart. In a"
        f" random split, {copied:.1%} of them have an exact copy in training: these {verdict}."
    )


# --- lesson 6 ---


def around(name: str, value: float, images: int) -> str:
    """The shares on both sides of a printed percentage, to do the arithmetic by hand."""
    below = int(value * images / 100)
    near = " and ".join(f"{k}/{images} = {100 * k / images:.2f}" for k in (below, below + 1))
    return f"By hand, for {name}: {near}; printed is {value:g}."


def overall(printed: float, low: float, high: float) -> str:
    """Whether the printed overall accuracy lies within what the classes allow.

    A figure cut off stands for up to one unit more, not for half a unit on either side.
    """
    cut = low + 0.5 <= printed <= high + 0.5
    verdict = "They agree."
    if not low <= printed <= high:
        verdict = "They do not agree, if all are rounded. " + (
            f"If all are cut off, they allow {low + 0.5:.2f} to {high + 0.5:.2f}, and do."
            if cut
            else "Nor if all are cut off."
        )
        verdict += " A random test part has other shares of the classes, too. So: a question."
    return (
        f"Chew's classes on FER2013, rounded, allow {low:.2f} to {high:.2f} % overall; printed is"
        f" **{printed:g} %**. {verdict}"
    )


def _and(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else "none"
