"""The ensemble of Qiu's networks: a soft vote, the mean of its members' probabilities (A26).

No network is trained for it: its answers follow from its members' records, which keep probabilities
of the test part, plain and masked. They are quantised to 255ths, so that a vote which is closer
than that may fall the other way. Of PublicTest and of ten crops records keep the answers alone:
there the vote is hard, an answer a member.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferbook.errors import InputError
from ferbook.study.records import Predictions, Record

MEMBERS = ("densenet", "dpn", "resmasking", "resnet", "vgg16")
#: {name: (experiment, its members)}
ENSEMBLES = {
    "ensemble": ("backbones-fer2013", MEMBERS),
    "pensemble": ("perturb-fer2013", tuple(f"p{name}" for name in MEMBERS)),
}


@dataclass(frozen=True, eq=False)
class Ensemble(Record):
    """Answers of several networks of one seed, as if a run had given them."""

    members: tuple[Record, ...]

    def views(self, part: str) -> list[str]:
        each = [member.views(part) for member in self.members]
        return [view for view in each[0] if all(view in views for views in each)]

    def predictions(self, part: str = "test", view: str = "plain") -> Predictions:
        """The soft vote, or where a member's probabilities are not kept the hard one."""
        said = self._said(part, view)
        tables = [one.probabilities for one in said]
        if any(table is None for table in tables):
            return self.hard(part, view)
        mean: NDArray[np.float32] = np.stack(tables).mean(axis=0)  # type: ignore[arg-type]
        return replace(said[0], predicted=mean.argmax(1).astype(np.uint8), probabilities=mean)

    def hard(self, part: str = "test", view: str = "plain") -> Predictions:
        """The class that most members answer, of several such the first in the dataset's order."""
        said = self._said(part, view)
        return replace(
            said[0], predicted=_counts(said).argmax(1).astype(np.uint8), probabilities=None
        )

    def tied(self, part: str = "test", view: str = "plain") -> NDArray[np.bool_]:
        """(n,), whether several classes have the most answers of a hard vote."""
        counts = _counts(self._said(part, view))
        return (counts == counts.max(1, keepdims=True)).sum(1) > 1

    def _said(self, part: str, view: str) -> list[Predictions]:
        if view not in self.views(part):
            raise InputError(f"{self.id}: not all members were scored on {part}, view {view}")
        said = [member.predictions(part, view) for member in self.members]
        if any(not np.array_equal(said[0].rows, other.rows) for other in said):
            raise InputError(f"{self.id}: its members were scored on other images")
        return said


def _counts(said: Sequence[Predictions]) -> NDArray[np.int64]:
    """(n, classes), how many answered each class."""
    answers = np.stack([one.predicted for one in said])
    return (answers[..., None] == np.arange(answers.max() + 1)).sum(0)


def ensembles(records: Iterable[Record]) -> list[Ensemble]:
    """One for each tier and seed of which all members are there."""
    found: dict[Any, dict[str, Record]] = defaultdict(dict)
    for record in records:
        c = record.config
        if c["paper"] == "qiu":
            found[c["experiment"], c["tier"], c["seed"]][c["variant"]] = record
    out = []
    for name, (experiment, names) in ENSEMBLES.items():
        for (where, *_), runs in sorted(found.items()):
            if where == experiment and set(names) <= set(runs):
                out.append(vote(name, [runs[member] for member in names]))
    return out


def vote(name: str, members: Sequence[Record]) -> Ensemble:
    """The vote of networks of one experiment, tier and seed, under a name of its own."""
    first = members[0]
    c = {**first.config, "variant": name}
    folder = first.folder.with_name(f"{c['experiment']}_{name}_{c['tier']}_s{c['seed']}")
    weights = sum(member.data["parameters"] for member in members)
    data = {**first.data, "config": c, "parameters": weights}
    return Ensemble(folder, data, tuple(members))
