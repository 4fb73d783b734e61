"""Deletion and insertion by recorded networks: do their maps name the pixels that count?

The network of the figures is asked on the first of the sampled faces, face by face: the area under
the curve in order of a face's own map beside that of another face's map and of a random order.
Intervals hold faces and, from two seeds on, seeds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ferbook.report.chew.hypotheses import Statement
from ferbook.report.effects import NOTHING, Effect, interval, sampling
from ferbook.report.qiu.answers import brief, tally
from ferbook.report.qiu.networks import runs
from ferbook.report.qiu.saliency import METHODS

KINDS = ("deletion", "insertion")
CONTROLS = {"another's": "the map of another face", "random": "a random order"}
#: {seed: (rows (n,), {order: (n,) area under the curve of each face})}
Areas = Mapping[int, tuple[NDArray[np.int64], Mapping[str, NDArray[np.float64]]]]


def curves(variant: str, tier: str) -> dict[str, dict[str, NDArray[Any]]]:
    """{kind: {order: (seeds, steps + 1) mean probability of the predicted class}}, by the
    gradient."""
    out: dict[str, dict[str, list[NDArray[Any]]]] = {kind: {} for kind in KINDS}
    for record in runs(variant, tier):
        kept = record.artifacts
        for kind, orders in out.items():
            if f"curve.{kind}" in kept:
                for name, line in zip(kept["curve.orders"], kept[f"curve.{kind}"], strict=True):
                    orders.setdefault(str(name), []).append(line.astype(float))
    return {
        kind: {name: np.stack(lines) for name, lines in orders.items()}
        for kind, orders in out.items()
        if orders
    }


def areas(variant: str, tier: str, kind: str, method: str) -> Areas:
    """Of the recorded runs that kept areas face by face."""
    out = {}
    for record in runs(variant, tier):
        kept = record.artifacts
        if f"area.{kind}" in kept and method in (known := kept["area.methods"].tolist()):
            table = kept[f"area.{kind}"][known.index(method)].astype(float)
            rows = kept["sample.rows"][: table.shape[1]].astype(np.int64)
            orders = map(str, kept["curve.orders"])
            out[record.config["seed"]] = rows, dict(zip(orders, table, strict=True))
    return out


def better_by(seeds: Areas, kind: str, control: str) -> Effect:
    """Mean area between a control and the face's own map, in hundredths of probability.

    Above 0 where the map is the better order: lower for deletion, higher for insertion.
    """
    sign = -1 if kind == "deletion" else 1
    gaps = {seed: sign * (under["own"] - under[control]) for seed, (_, under) in seeds.items()}
    if not gaps:
        return NOTHING
    rows = [seeds[seed][0] for seed in gaps]
    spread = sampling([float(gap.var()) for gap in gaps.values()], rows)
    return interval([float(gap.mean()) for gap in gaps.values()], spread, len(rows[0]))


def measured(variant: str, tier: str) -> dict[tuple[str, str], dict[str, Effect]]:
    """{(kind, method): {control: by how much the own map is better}}, of what is recorded."""
    found = {(k, m): areas(variant, tier, k, m) for k in KINDS for m in METHODS}
    return {
        (kind, method): {control: better_by(seeds, kind, control) for control in CONTROLS}
        for (kind, method), seeds in found.items()
        if seeds
    }


def table(found: Mapping[tuple[str, str], Mapping[str, Effect]], head: str = "") -> pd.DataFrame:
    """A row a curve and method of the network named `head`: hundredths of probability."""
    rows = {
        f"{kind}, {METHODS[method]}": {
            "better than another's": str(each["another's"]),
            "better than random": str(each["random"]),
            "faces": f"{each['random'].images:,}",
            "seeds": str(each["random"].seeds),
        }
        for (kind, method), each in found.items()
    }
    return pd.DataFrame(rows).T.rename_axis(columns=head)


def sentence(found: Mapping[tuple[str, str], Mapping[str, Effect]], head: str = "") -> str:
    """In how many comparisons the maps of a network name the pixels that count: those of this
    face, not of any face."""
    if not found:
        return "Not measured yet."
    lines = [f"That the maps of {head} are", ""]
    for control, words in CONTROLS.items():
        said = [brief(Statement("", "", each[control])) for each in found.values()]
        lines.append(f"- better than {words}: {tally(said)}")
    return "\n".join(lines)
