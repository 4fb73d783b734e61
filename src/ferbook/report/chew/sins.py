"""What each sin of cross-validation on CK+ is worth: differences on the same images, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from ferbook.report import tables
from ferbook.report.chew.folds import Pooled, accuracy, difference, pool
from ferbook.report.effects import Effect
from ferbook.study.records import Record

#: Which pictures a fold keeps together, the strictest first: {what: experiment}.
FOLDS = {
    "subject": "chew/seven-ckplus",
    "sequence": "chew/sequence-ckplus",
    "frame": "chew/frame-ckplus",
}
#: Where the epoch is chosen: {view: in words}.
EPOCH = {"plain": "validation fold", "peeked": "test fold"}


@dataclass(frozen=True)
class Sin:
    """One difference of two accuracies."""

    name: str
    points: Effect


Levels = Mapping[tuple[str, str], Pooled]  #: by what a fold keeps together, and view


def select(tier: str) -> dict[str, list[Record]]:
    """Records of the hybrid under each kind of fold."""
    return {unit: tables.select(name, tier, ["hybrid"]) for unit, name in FOLDS.items()}


def levels(records: Mapping[str, Sequence[Record]]) -> dict[tuple[str, str], Pooled]:
    """What is recorded in full of the six ways to score one network."""
    found = {
        (unit, view): pool(records.get(unit, []), "hybrid", view)
        for unit in FOLDS
        for view in EPOCH
    }
    return {key: pooled for key, pooled in found.items() if pooled is not None}


def table(scored: Levels) -> pd.DataFrame:
    """Accuracy in per cent: what a fold keeps together (rows), where the epoch is chosen."""
    cells = {
        unit: {
            f"epoch by {word}": tables.interval_text(accuracy(scored[unit, view]))
            if (unit, view) in scored
            else "–"
            for view, word in EPOCH.items()
        }
        for unit in FOLDS
    }
    return pd.DataFrame(cells).T.rename_axis("folds by")


def sins(scored: Levels) -> list[Sin]:
    """Each sin alone, then all of them; those whose runs are recorded."""
    wanted = {
        "the person\nis in training": (("sequence", "plain"), ("subject", "plain")),
        "neighbouring\nframes, too": (("frame", "plain"), ("sequence", "plain")),
        "epoch chosen\non the test fold": (("subject", "peeked"), ("subject", "plain")),
        "all three": (("frame", "peeked"), ("subject", "plain")),
    }
    return [
        Sin(name, difference(scored[first], scored[second]))
        for name, (first, second) in wanted.items()
        if first in scored and second in scored
    ]


def sentence(scored: Levels, printed: float) -> str:
    """What the figure says, computed; a line where there is nothing to say it of."""
    found = sins(scored)
    if not found:
        return "The runs that this comparison needs are not recorded yet."
    said = [_verdict(sin) for sin in found if sin.name != "all three"]
    whole = next((sin for sin in found if sin.name == "all three"), None)
    if whole is not None:
        said.append(_together(scored, whole, printed))
    return " ".join(said)


def _verdict(sin: Sin) -> str:
    name = sin.name.replace("\n", " ")
    if sin.points.seeds < 2:
        return f"*{name.capitalize()}*: {sin.points} points under one seed of ten folds."
    if sin.points.low > 0:
        return f"*{name.capitalize()}*: worth {sin.points} points."
    if sin.points.high < 0:
        return f"*{name.capitalize()}*: costs points here, {sin.points}."
    return f"*{name.capitalize()}*: {sin.points}, which cannot be told from nothing."


def _together(scored: Levels, whole: Sin, printed: float) -> str:
    honest = 100 * scored["subject", "plain"].right.mean()
    sinful = 100 * scored["frame", "peeked"].right.mean()
    said = (
        f"All at once move the same network from {honest:.1f} % to **{sinful:.1f} %**, by "
        f"{whole.points} points. "
    )
    if honest < printed <= sinful:
        return said + (
            f"The paper's {printed:g} %, for its own seven emotions, lies between the two: sins "
            "like these would be enough to produce such a number. Whether they did, nobody can "
            "read off the paper."
        )
    side = "above both" if printed > sinful else "below both"
    return said + f"The paper's {printed:g} %, for its own seven emotions, lies {side}."
