"""What it is worth to let the test part choose the epoch, told apart from what else differs.

A run keeps the epoch of the lowest validation loss; the view "peeked" keeps that of the highest
test accuracy. Between the two lies a third, the epoch of the highest validation accuracy: from the
first to it only the criterion changes, from it to the second only the images that are asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ferbook.report.chew.folds import complete
from ferbook.study.records import Record


@dataclass(frozen=True)
class Peek:
    """Points of accuracy, means over seeds."""

    criterion: float  #: by the validation part's accuracy, not by its loss
    test: float  #: by the test part's accuracy, not by the validation part's; never negative
    seeds: int


def peek(records: Sequence[Record]) -> Peek | None:
    """Of the seeds that have all folds and scored the test part after every epoch."""
    chosen = [r for r in records if all("test_accuracy" in epoch for epoch in r.history)]
    whole = complete(chosen)
    if not whole:
        return None
    steps = [_steps(folds) for folds in whole.values()]
    criterion, test = (float(100 * value) for value in np.mean(steps, axis=0))
    return Peek(criterion, test, len(whole))


def sentence(records: Sequence[Record], whole: str = "that") -> str:
    """ "Of that, ..."; nothing where there is nothing to say."""
    found = peek(records)
    if found is None:
        return ""
    return (
        f"Of {whole}, {found.criterion:+.1f} come from asking the validation images for accuracy "
        f"where the recipe asks them for loss, and {found.test:+.1f} from asking the test images."
    )


def _steps(folds: Sequence[Record]) -> Any:
    """(2,) both steps of one seed, folds weighted by their images; fractions of 1."""
    sizes = [len(record.predictions("test").rows) for record in folds]
    steps = []
    for record in folds:
        history = record.history
        kept = history[record.data["selected_epoch"] - 1]["test_accuracy"]
        asked = max(history, key=lambda epoch: epoch["validation_accuracy"])["test_accuracy"]
        best = max(epoch["test_accuracy"] for epoch in history)
        steps.append((asked - kept, best - asked))
    return np.average(steps, axis=0, weights=sizes)
