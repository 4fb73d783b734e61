"""What exact copies on both sides of a split are worth, measured on the copied images themselves.

Within one run: test images that have a copy among the training images, against the others. That
holds network, schedule and test part fixed, but copied pictures may be easier in themselves. How
much easier, the training part says, since all of its images were met: what copied ones score above
the others there is ease, and only what they score beyond that in the test part is memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ferbook.data.faces import SPLITS
from ferbook.report import tables
from ferbook.report.chew.folds import points
from ferbook.report.chew.protocols import Scored, apart
from ferbook.study import evaluation as ev
from ferbook.study.records import Predictions, Record

Flags = NDArray[np.bool_]


def met(record: Record, said: Predictions) -> Flags:
    """(n,) whether an image has an exact copy in the training part of the run."""
    group = record.card.duplicate_group
    return np.isin(group[said.rows], group[record.predictions("train").rows])


def met_with_label(record: Record, said: Predictions) -> Flags:
    """(n,) ... under the same label."""
    card, train = record.card, record.predictions("train").rows
    key = card.duplicate_group.astype(np.int64) * len(card.emotions) + card.labels
    return np.isin(key[said.rows], key[train])


def copied(record: Record, said: Predictions) -> Flags:
    """(n,) whether the dataset holds another copy of an image, wherever."""
    group = record.card.duplicate_group
    return np.bincount(group)[group[said.rows]] > 1


def counted(records: Sequence[Record]) -> str:
    """How many test images were met in training, in one sentence."""
    shown = _with_training(records)
    if not shown:
        return "No run is recorded that names its training images."
    tests = [(record, record.predictions("test")) for record in shown]
    total = np.mean([len(said.rows) for _, said in tests])
    have = np.mean([met(record, said).sum() for record, said in tests])
    same = np.mean([met_with_label(record, said).sum() for record, said in tests])
    return (
        f"Of {total:,.0f} test images, **{have:.0f}** ({have / total:.1%}) have an exact copy "
        f"among the training images, {same:.0f} of them under the same label"
        f"{_over(len(tests))}."
    )


def within(random: Sequence[Record], unique: Sequence[Record] = ()) -> pd.DataFrame:
    """Accuracy in per cent on copied images and on the others, within the same runs.

    `random`: runs with copies across parts, once on their test part (copied: met in training),
    once on their training part, all of which was met; `unique`: runs without, whose copied test
    images have their copies beside them in the test part.
    """
    rows = {}
    for name in dict.fromkeys(record.config["variant"] for record in random):
        own = _with_training([r for r in random if r.config["variant"] == name])
        rows[f"{name}, test"] = _contrast(Scored(own), _flags(met, own, "test"))
        rows[f"{name}, training"] = _contrast(Scored(own, "train"), _flags(copied, own, "train"))
    for name in dict.fromkeys(record.config["variant"] for record in unique):
        own = [r for r in unique if r.config["variant"] == name]
        rows[f"{name}, copies kept out"] = _contrast(Scored(own), _flags(copied, own, "test"))
    return pd.DataFrame({name: row for name, row in rows.items() if row}).T


def worth(scored: Scored, flags: Sequence[Flags]) -> ev.Summary | None:
    """Accuracy on the flagged images minus that on the others."""
    one, two = scored.level(flags), scored.level([~flag for flag in flags])
    return apart(one, two) if one and two else None


def removed(official: Sequence[Record], unique: Sequence[Record]) -> pd.DataFrame:
    """PrivateTest with and without copies in training: the same images, paired, in per cent."""
    if not official or not unique:
        return pd.DataFrame()
    sides = [np.stack(Scored(records).right()) for records in (official, unique)]
    card, rows = official[0].card, official[0].predictions("test").rows
    group = card.duplicate_group
    before = group[(card.split != SPLITS.index("private"))]
    have = np.isin(group[rows], before)
    table = {}
    for name, chosen in {"copies taken out": have, "all others": ~have}.items():
        mean, low, high = ev.paired_bootstrap(sides[0][:, chosen], sides[1][:, chosen])
        table[name] = {
            "with copies": f"{100 * sides[0][:, chosen].mean():.1f}",
            "without": f"{100 * sides[1][:, chosen].mean():.1f}",
            "points": points(ev.Summary(mean, 1, low, high)),
            "images": str(chosen.sum()),
        }
    return pd.DataFrame(table).T


def sentence(records: Mapping[str, Sequence[Record]]) -> str:
    """What copies are worth, computed: more on copied test images than on copied training ones."""
    own = _with_training(records.get("random", ()))
    flags = _flags(met, own, "test")
    more = worth(Scored(own), flags) if own else None
    ease = worth(Scored(own, "train"), _flags(copied, own, "train")) if own else None
    if more is None or ease is None:
        return "No run on a random split is recorded yet that says what it was trained on."
    memory, share = apart(more, ease), float(np.mean([flag.mean() for flag in flags]))
    said = (
        f"A test image that was met in training scores {points(more)} points against the others. "
        f"Among the training images, all of which were met, those with a copy score {points(ease)} "
        "points against the rest: that is ease, not memory. "
    )
    if memory.low <= 0 <= memory.high:
        said += f"The difference, {points(memory)} points, cannot be told from nothing. "
    else:
        said += f"Beyond that, memory is worth **{points(memory)} points** on such an image. "
    mean, low, high = (100 * share * end for end in (memory.mean, memory.low, memory.high))
    return said + (
        f"With {share:.1%} of the test images met, that makes about {mean:+.1f} points, {low:+.1f} "
        f"to {high:+.1f}, in the accuracy of the whole test part."
    )


def _flags(of: Callable[[Record, Predictions], Flags], runs: Sequence[Record], part: str) -> list:
    return [of(record, record.predictions(part)) for record in runs]


def _contrast(scored: Scored, flags: Sequence[Flags]) -> dict[str, str]:
    one, two = scored.level(flags), scored.level([~flag for flag in flags])
    if one is None or two is None:
        return {}
    return {
        "copied": tables.interval_text(one),
        "others": tables.interval_text(two),
        "points": points(apart(one, two)),
        "copied images": f"{np.mean([flag.sum() for flag in flags]):.0f}",
    }


def _with_training(records: Sequence[Record]) -> list[Record]:
    return [record for record in records if record.views("train")]


def _over(runs: int) -> str:
    return "" if runs == 1 else f" (means of {runs} runs)"
