"""Faces that the landmark detector misses or boxes oddly: do they cost accuracy, and whose?

A card knows of each face whether the detector found it, and whether the box that it found overlaps
the frame (IoU of 0.4 or more), as that of a face which fills the frame does; a misfit is a false
positive, or a face that is smaller than its frame. A gap is the accuracy on faces whose box fits
minus that on the others; "at equal emotions" each emotion counts as often on either side as it does
among the others, so that what is left is not their mix.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ferbook.report.chew.answers import NETWORKS, Answers, BySeed, over_seeds, plain
from ferbook.report.effects import NOTHING, Effect
from ferbook.report.scores import Score

Mask = NDArray[np.bool_]
#: A group with fewer faces has no interval: too few for a normal one.
SMALLEST = 10


def groups(answers: Answers) -> dict[str, Mask]:
    """Faces (n,) by what the detector made of them; each is in one group."""
    found, fits = answers.card.detected[answers.rows], answers.card.framed[answers.rows]
    return {"box fits": fits, "box misfits": found & ~fits, "missed": ~found}


def by_group(answers: BySeed) -> pd.DataFrame:
    """Accuracy, per cent: network, group, faces, value, low, high; a row for each pair."""
    rows = []
    for group, faces in counts(answers).items():
        for network in NETWORKS:

            def figure(one: Answers, network: str = network, group: str = group) -> Score:
                return _on(one, network, groups(one)[group])

            effect = _sized(answers, group, figure)
            rows.append((network, group, faces, effect.mean, effect.low, effect.high))
    return pd.DataFrame(rows, columns=["network", "group", "faces", "value", "low", "high"])


def counts(answers: BySeed) -> dict[str, int]:
    """Faces of each group."""
    first = next(iter(answers.values()), None)
    return {} if first is None else {name: int(m.sum()) for name, m in groups(first).items()}


def composition(answers: BySeed) -> pd.DataFrame:
    """Faces of each emotion, and how many of them were missed or whose box misfits."""
    if not answers:
        return pd.DataFrame(columns=["faces", "box misfits", "missed", "missed, %"])
    first = next(iter(answers.values()))
    truth, names = first.card.labels[first.rows], first.card.emotions
    table = {"faces": np.bincount(truth, minlength=len(names))}
    for name, mask in groups(first).items():
        if name != "box fits":
            table[name] = np.bincount(truth[mask], minlength=len(names))
    out = pd.DataFrame(table, index=list(names))
    out["missed, %"] = 100 * out["missed"] / out["faces"].where(out["faces"] > 0)
    return out


def flattery(answers: BySeed) -> pd.DataFrame:
    """A row a network: accuracy on all faces, without the missed, and what that gains, points."""
    rows = {}
    for network in NETWORKS:
        rows[network] = {
            "all faces": plain(_first(over_seeds(answers, partial(_all, network=network)))),
            "without the missed": plain(
                _first(over_seeds(answers, partial(_found, network=network)))
            ),
            "gain": str(gain(answers, network)),
        }
    return pd.DataFrame(rows).T


def gain(answers: BySeed, network: str, against: str | None = None) -> Effect:
    """Points that leaving out the missed faces adds; `against`: beyond what it adds to another."""

    def figure(one: Answers) -> Score:
        sides = [
            _found(one, name).minus(_all(one, name), "points")
            for name in (network, against)
            if name
        ]
        return sides[0] if len(sides) == 1 else sides[0].minus(sides[1], "points")

    return _first(over_seeds(answers, figure))


def gap(
    answers: BySeed,
    network: str,
    group: str = "missed",
    equal: bool = True,
    against: str | None = None,
) -> Effect:
    """Accuracy on faces whose box fits minus that on `group`, at `equal` emotions or as they are;
    `against`: minus the same of another network."""

    def figure(one: Answers) -> Score:
        sides = [_gap(one, name, group, equal) for name in (network, against) if name]
        return sides[0] if len(sides) == 1 else sides[0].minus(sides[1], "points")

    return _sized(answers, group, figure)


def gaps_by_emotion(answers: BySeed, group: str = "missed") -> pd.DataFrame:
    """emotion, network, faces (of `group`), value, low, high: the gap within one emotion."""
    rows = []
    table = composition(answers)
    for code, emotion in enumerate(table.index):
        for network in NETWORKS:
            figure = partial(_within, network=network, group=group, code=code)
            effect = _first(over_seeds(answers, figure))
            size = int(table[group].iloc[code])
            effect = _blank(effect) if size < SMALLEST else effect
            rows.append((emotion, network, size, effect.mean, effect.low, effect.high))
    return pd.DataFrame(rows, columns=["emotion", "network", "faces", "value", "low", "high"])


def _all(answers: Answers, network: str) -> Score:
    return answers.accuracy(network)


def _found(answers: Answers, network: str) -> Score:
    return _on(answers, network, ~groups(answers)["missed"])


def _on(answers: Answers, network: str, among: Mask) -> Score:
    return answers.accuracy(network, among=among)


def _within(answers: Answers, network: str, group: str, code: int) -> Score:
    """The gap among the faces of one emotion."""
    here = answers.card.labels[answers.rows] == code
    sides = groups(answers)
    fits, others = (_on(answers, network, here & sides[g]) for g in ("box fits", group))
    return fits.minus(others, "points")


def _gap(answers: Answers, network: str, group: str, equal: bool) -> Score:
    sides = groups(answers)
    if not equal:
        fits, others = (_on(answers, network, sides[g]) for g in ("box fits", group))
        return fits.minus(others, "points")
    truth = answers.card.labels[answers.rows]
    codes = np.intersect1d(truth[sides["box fits"]], truth[sides[group]])
    if not len(codes):
        return Score(np.full(1, np.nan), np.zeros((1, len(truth))), answers.rows)
    weights = np.array([(sides[group] & (truth == code)).sum() for code in codes], float)
    parts = [_within(answers, network, group, int(code)) for code in codes]
    values = np.stack([part.values for part in parts])
    influence = np.stack([part.influence for part in parts])
    share = weights / weights.sum()
    return Score(share @ values, np.tensordot(share, influence, 1), answers.rows)


def _sized(answers: BySeed, group: str, figure: Callable[[Answers], Score]) -> Effect:
    effect = _first(over_seeds(answers, figure))
    return _blank(effect) if counts(answers).get(group, 0) < SMALLEST else effect


def _blank(effect: Effect) -> Effect:
    """Without its interval."""
    return replace(effect, low=np.nan, high=np.nan)


def _first(effects: list[Effect]) -> Effect:
    return effects[0] if effects else NOTHING
