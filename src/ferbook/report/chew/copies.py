"""What exact copies on both sides of a split are worth, measured on the copied images themselves.

Within one run: test images that have a copy among the training images, against the others. That
holds network, schedule and test part fixed, but copied pictures may be easier in themselves. How
much easier, two comparisons say: copied test images against others where no copy is in training;
and in the training part, images whose copies all lie outside of it, met once an epoch, against
images without a copy. Only what is scored beyond that ease is memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ferbook.data.faces import SPLITS
from ferbook.report import effects, tables
from ferbook.report.chew.protocols import Scored, apart, as_points
from ferbook.report.effects import Effect
from ferbook.study.evaluation import Summary
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


def met_once(record: Record, said: Predictions) -> Flags:
    """(n,) whether an image has copies, but none of them with it in the training part."""
    group = record.card.duplicate_group
    inside = np.bincount(group[record.predictions("train").rows], minlength=group.max() + 1)
    flags: Flags = copied(record, said) & (inside[group[said.rows]] == 1)
    return flags


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
    once on their training part (copied: no copy beside it there; others: without a copy); `unique`:
    runs without, whose copied test images have their copies beside them in the test part.
    """
    rows = {}
    for name in dict.fromkeys(record.config["variant"] for record in random):
        own = _with_training([r for r in random if r.config["variant"] == name])
        rows[f"{name}, test"] = _contrast(Scored(own), _flags(met, own, "test"))
        rows[f"{name}, training"] = _contrast(Scored(own, "train"), *_once(own))
    for name in dict.fromkeys(record.config["variant"] for record in unique):
        own = [r for r in unique if r.config["variant"] == name]
        rows[f"{name}, copies kept out"] = _contrast(Scored(own), _flags(copied, own, "test"))
    return pd.DataFrame({name: row for name, row in rows.items() if row}).T


def worth(
    scored: Scored, flags: Sequence[Flags], others: Sequence[Flags] | None = None
) -> Effect | None:
    """Accuracy on the flagged images minus that on `others`, all that are not flagged."""
    one, two = _levels(scored, flags, others)
    return apart(as_points(one), as_points(two)) if one and two else None


def removed(official: Sequence[Record], unique: Sequence[Record]) -> pd.DataFrame:
    """PrivateTest with and without copies in training: the same images, paired, in per cent."""
    if not official or not unique:
        return pd.DataFrame()
    card, rows = official[0].card, np.sort(official[0].predictions("test").rows)
    before = card.duplicate_group[card.split != SPLITS.index("private")]
    have = np.isin(card.duplicate_group[rows], before)
    table = {}
    for name, chosen in {"copies taken out": have, "all others": ~have}.items():
        sides = [_among(Scored(records).by_seed(), chosen) for records in (official, unique)]
        levels = [100 * np.mean([right.mean() for _, right, _ in side.values()]) for side in sides]
        found = effects.contrast([(1, sides[0]), (-1, sides[1])])
        table[name] = {
            "with copies": f"{levels[0]:.1f}",
            "without": f"{levels[1]:.1f}",
            "points": str(found),
            "images": f"{chosen.sum():,}",
        }
    return pd.DataFrame(table).T


def sentence(records: Mapping[str, Sequence[Record]]) -> str:
    """What copies are worth, computed: more on copied test images than their ease explains."""
    own = _with_training(records.get("random", ()))
    flags = _flags(met, own, "test")
    more = worth(Scored(own), flags) if own else None
    found = _ease(own, records.get("random-unique", ()))
    if more is None or found is None:
        return "No run on a random split is recorded yet that says what it was trained on."
    ease, why = found
    memory, share = apart(more, ease), float(np.mean([flag.mean() for flag in flags]))
    said = f"A test image that was met in training scores {more} points against the others. {why} "
    if memory.seeds < 2:
        said += f"The difference is {memory} points under one seed, which answers nothing yet. "
    elif not memory.told:
        said += f"The difference, {memory} points, cannot be told from nothing. "
    else:
        said += f"Beyond that, memory is worth **{memory} points** on such an image. "
    mean, low, high = (share * end for end in (memory.mean, memory.low, memory.high))
    return said + (
        f"With {share:.1%} of the test images met, that makes about {mean:+.1f} points, {low:+.1f} "
        f"to {high:+.1f}, in the accuracy of the whole test part."
    )


def _ease(random: Sequence[Record], unique: Sequence[Record]) -> tuple[Effect, str] | None:
    """What copied images score above others without being remembered, and how that is known.

    Test images whose copies were kept out of training say it best; a network that knows its
    training images by heart is right on all of those, easy or not.
    """
    if unique and (ease := worth(Scored(unique), _flags(copied, unique, "test"))):
        return ease, (
            f"Where their copies are kept out of training, such images still score {ease} points "
            "against the others: that is ease, not memory."
        )
    if random and (ease := worth(Scored(random, "train"), *_once(random))):
        return ease, (
            "Among the training images, those whose copies all lie in other parts were met once "
            f"an epoch like any other, and score {ease} points against images without a copy: "
            "that is ease, not memory."
        )
    return None


def _once(runs: Sequence[Record]) -> tuple[list[Flags], list[Flags]]:
    """In the training part: copied images that were met once an epoch, and uncopied ones."""
    return _flags(met_once, runs, "train"), [~flag for flag in _flags(copied, runs, "train")]


def _among(side: Mapping[int, effects.Scored], chosen: Flags) -> dict[int, effects.Scored]:
    return {
        seed: (rows[chosen], right[chosen], who[chosen])
        for seed, (rows, right, who) in side.items()
    }


def _levels(
    scored: Scored, flags: Sequence[Flags], others: Sequence[Flags] | None
) -> tuple[Summary | None, Summary | None]:
    rest = [~flag for flag in flags] if others is None else others
    return scored.level(flags), scored.level(rest)


def _flags(of: Callable[[Record, Predictions], Flags], runs: Sequence[Record], part: str) -> list:
    return [of(record, record.predictions(part)) for record in runs]


def _contrast(
    scored: Scored, flags: Sequence[Flags], others: Sequence[Flags] | None = None
) -> dict[str, str]:
    one, two = _levels(scored, flags, others)
    if one is None or two is None:
        return {}
    return {
        "copied": tables.interval_text(one),
        "others": tables.interval_text(two),
        "points": str(apart(as_points(one), as_points(two))),
        "copied images": f"{np.mean([flag.sum() for flag in flags]):.0f}",
    }


def _with_training(records: Sequence[Record]) -> list[Record]:
    return [record for record in records if record.views("train")]


def _over(runs: int) -> str:
    return "" if runs == 1 else f" (means of {runs} runs)"
