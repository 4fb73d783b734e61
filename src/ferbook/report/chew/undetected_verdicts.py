"""Sentences on faces that the detector misses or boxes oddly, computed from `undetected`."""

from __future__ import annotations

import numpy as np

from ferbook.report.chew.answers import NETWORKS, BySeed
from ferbook.report.chew.undetected import SMALLEST, counts, gain, gap
from ferbook.report.effects import Effect

NOTHING = "No such runs are recorded yet."


def flatters(answers: BySeed) -> str:
    """Whether leaving out the missed faces raises the score, and whose the most."""
    if not (sizes := counts(answers)):
        return NOTHING
    missed, faces = sizes["missed"], sum(sizes.values())
    gains = {name: gain(answers, name) for name in NETWORKS}
    said = ", ".join(f"{name} by {effect} points" for name, effect in gains.items())
    more = gain(answers, "hybrid", "pixels")
    return (
        f"The detector misses {missed:,} of {faces:,} faces ({missed / faces:.1%}). Leaving them "
        f"out changes the score of {said}: {_whom(gains)}. The "
        f"hybrid's lead over pixels changes by {more} points: {_told(more)}."
    )


def harder(answers: BySeed) -> str:
    """Pixels see no landmark: what they lose is the faces'; what others lose beyond, landmarks'."""
    if counts(answers).get("missed", 0) < SMALLEST:
        return NOTHING if not answers else "Too few faces are missed to say more."
    raw, own = gap(answers, "pixels", equal=False), gap(answers, "pixels")
    extra = []
    for name in ("landmarks", "hybrid"):
        beyond = gap(answers, name, against="pixels")
        verb = "loses" if name == "hybrid" else "lose"
        extra.append(f"{name} {verb} {_more(beyond)} than pixels: {_told(beyond)}")
    return (
        "- **Harder faces?** Pixels, which never see a landmark, lose "
        f"{_more(raw, '')} from faces whose box fits to missed ones. Part of that is the mix of "
        f"emotions; at equal emotions they lose {_more(own, '')}: {_told(own)}.\n"
        f"- **Wrong landmarks?** At equal emotions, {'; '.join(extra)}."
    )


def misfits(answers: BySeed) -> str:
    """What false positives do, or whatever else it is whose box does not fit the frame."""
    if (count := counts(answers).get("box misfits", 0)) < SMALLEST:
        return NOTHING if not answers else "Too few boxes misfit to say more."
    share = count / (count + counts(answers)["box fits"])
    gaps = {name: gap(answers, name, "box misfits") for name in NETWORKS}
    said = ", ".join(f"{name} {_more(effect, '')}" for name, effect in gaps.items())
    beyond = gap(answers, "landmarks", "box misfits", against="pixels")
    reading = {
        1: "what false positives would do",
        -1: "not what false positives would do; it suggests small faces, found where they are",
        0: "so these runs cannot tell false positives from small faces",
    }
    return (
        f"{count:,} faces ({share:.1%} of those found) have a box that does not fit the frame. "
        f"From faces whose box fits to these, at equal emotions, the networks lose: {said}. "
        f"Landmarks lose {_more(beyond)} than pixels: {_told(beyond)}, "
        f"{reading[beyond.sign if beyond.seeds > 1 else 0]}."
    )


def _more(effect: Effect, word: str = "more") -> str:
    """ "2.1 [0.5, 3.7] points more"; less, with the signs turned, where it is negative and there is
    a word to turn."""
    turn = -1 if word and effect.mean < 0 else 1
    low, high = sorted((turn * effect.low, turn * effect.high))
    ends = f" [{low:.1f}, {high:.1f}]" if low < high else ""
    said = f"{turn * effect.mean:.1f}{ends} points"
    return f"{said} {'less' if turn < 0 else word}".rstrip()


def _told(effect: Effect) -> str:
    """Whether the interval leaves 0 out."""
    if not np.isfinite(effect.low):
        return "too few faces for an interval"
    if effect.seeds < 2:
        return "one seed, no answer"
    return "**told apart from zero**" if effect.sign else "not told apart from zero"


def _whom(gains: dict[str, Effect]) -> str:
    if min(effect.seeds for effect in gains.values()) < 2:
        return "whom that flatters, one seed cannot tell"
    names = [name for name, effect in gains.items() if effect.sign > 0]
    if len(names) == len(gains):
        return "it flatters every network"
    return f"it flatters {' and '.join(names) if names else 'none that these runs can tell'}"
