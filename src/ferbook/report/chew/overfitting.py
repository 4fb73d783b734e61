"""How far training accuracy runs ahead of validation accuracy, and what augmentation does to it.

The history of a run holds its accuracy on the training images as it met them in an epoch: each of
them augmented, and judged by the network as it was at that moment. With augmentation that is
accuracy on harder images than those of the validation part. Where a run was also scored on its
training part, the images are as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ferbook.report import sources
from ferbook.report.chew.contrasts import count_seeds, one_seed
from ferbook.report.effects import NOTHING, Effect, Term, interval, right_by_seed
from ferbook.report.scores import unit_variance
from ferbook.report.tables import select
from ferbook.study.records import Record


def curves(terms: Mapping[str, Term], tier: str) -> pd.DataFrame:
    """A row a condition, seed and epoch: accuracy in training and validation, their gap; %."""
    rows = [
        {
            "condition": name,
            "seed": record.config["seed"],
            "epoch": epoch["epoch"],
            "training": 100 * epoch["train_accuracy"],
            "validation": 100 * epoch["validation_accuracy"],
        }
        for name, term in terms.items()
        for record in select(term.experiment, tier, [term.variant])
        for epoch in record.history
    ]
    frame = pd.DataFrame(rows, columns=["condition", "seed", "epoch", "training", "validation"])
    return frame.assign(gap=frame.training - frame.validation)


@dataclass(frozen=True)
class Fit:
    """One run at the epoch that was kept; fractions of 1."""

    shown: float  #: on training images as it met them
    plain: float  #: on training images as they are, NaN where that was not scored
    validation: float
    images: int  #: of the training part
    kept: int  #: that epoch

    @property
    def training(self) -> float:
        """On training images as they are, where that is known."""
        return self.shown if np.isnan(self.plain) else self.plain

    @property
    def gap(self) -> float:
        return self.training - self.validation


def fit(record: Record) -> Fit:
    kept = record.data["selected_epoch"]
    epoch = record.history[kept - 1]
    plain = float("nan")
    if "plain" in record.views("train"):
        said = record.predictions("train")
        plain = float((said.predicted == said.truth).mean())
    return Fit(
        shown=epoch["train_accuracy"],
        plain=plain,
        validation=epoch["validation_accuracy"],
        images=int(record.data["dataset"]["rows"].get("train", 0)),
        kept=kept,
    )


def fits(term: Term, tier: str) -> dict[int, Fit]:
    """{seed: fit} of a network's runs."""
    return {r.config["seed"]: fit(r) for r in select(term.experiment, tier, [term.variant])}


def table(terms: Mapping[str, Term], tier: str) -> pd.DataFrame:
    """A row a condition: accuracies at the epoch kept, in per cent, means over seeds, and
    that epoch for each of them."""
    rows, runs = {}, {}
    for name, term in terms.items():
        if not (found := list(fits(term, tier).values())):
            continue
        runs[name] = select(term.experiment, tier, [term.variant])
        shown, plain, validation = (
            100 * np.mean([getattr(f, part) for f in found])
            for part in ("shown", "plain", "validation")
        )
        rows[name] = {
            "training, as met": f"{shown:.1f}",
            "training, as is": "–" if np.isnan(plain) else f"{plain:.1f}",
            "validation": f"{validation:.1f}",
            "epoch kept": ", ".join(str(f.kept) for f in found),
        }
    return sources.of(pd.DataFrame(rows).T, runs)


def closed(without: Term, with_all: Term, tier: str) -> Effect:
    """By how many points the gap is smaller with augmentation than without it.

    Both gaps are on images as they are: without augmentation no others are met, and the accuracy in
    the history lags behind that of the epoch's end, so that the difference is rather too small.
    """
    gaps = [fits(term, tier) for term in (without, with_all)]
    scored = [
        right_by_seed(Term(t.experiment, t.variant, "validation"), tier)
        for t in (without, with_all)
    ]
    seeds = sorted(set(gaps[0]) & set(gaps[1]) & set(scored[0]) & set(scored[1]))
    values, variances = [], []
    for seed in seeds:
        one, two = gaps[0][seed], gaps[1][seed]
        values.append(one.gap - two.gap)
        right = scored[1][seed][1] - scored[0][seed][1]
        alone = unit_variance(right - right.mean(), scored[0][seed][2]) / len(right)
        variances.append(alone + _sampling(one) + _sampling(two))
    images = len(scored[0][seeds[0]][0]) if seeds else 0
    return interval(values, float(np.mean(variances)), images) if values else NOTHING


def sentence(without: Term, with_all: Term, worth: Effect, tier: str) -> str:
    """What all augmentations together do to the gap and to the test accuracy, and why."""
    change = closed(without, with_all, tier)
    if not (worth.seeds and change.seeds):
        return "**Not both of the runs with and without augmentation are recorded yet.**"
    gap = _verb(change, "narrow", "widen")
    accuracy = _verb(worth, "raise", "lower")
    one, two = (list(fits(term, tier).values()) for term in (with_all, without))
    return (
        f"Together the augmentations {gap} the gap between training and validation "
        f"({change} points narrower, {count_seeds(change)}), and {accuracy} the "
        f"accuracy on PrivateTest ({worth} points on {worth.images:,} images, "
        f"{count_seeds(worth)}). {_at_the_end(without, with_all, tier)}"
        f"{_reading(one, two, worth)}{one_seed([worth, change])}"
    )


def _at_the_end(without: Term, with_all: Term, tier: str) -> str:
    """The gaps after the last epoch, when no epoch has been chosen yet."""
    frame = curves({"none": without, "all": with_all}, tier)
    last = frame[frame.epoch == frame.groupby(["condition", "seed"]).epoch.transform("max")]
    gap = last.groupby("condition").gap.mean()
    return (
        f"That is at the epoch which the validation loss chose; after the last one it is "
        f"{gap['none']:+.1f} points without augmentation and {gap['all']:+.1f} with all four, on "
        "training images as met. "
    )


def _verb(effect: Effect, up: str, down: str) -> str:
    """What the interval says; of one seed, which answers nothing, which way its mean points."""
    if effect.seeds < 2:
        return up if effect.mean > 0 else down
    said = {1: up, -1: down, 0: "do not measurably change"}[effect.sign]
    return f"**{said}**"


def _reading(with_all: Sequence[Fit], without: Sequence[Fit], worth: Effect) -> str:
    """Underfitted is what gets better, on training and on new images alike, by an easier task."""
    one, two = (float(np.mean([run.training for run in side])) for side in (with_all, without))
    said = (
        "On the training images, not augmented, the networks with all four are right in "
        f"{100 * one:.1f} %, those with none in {100 * two:.1f} %"
    )
    if worth.told and worth.sign < 0 and one < two:
        return (
            f"{said}: with all four they are underfitted at this schedule, worse on the images "
            "that they learn from and on new ones. What they lack is training, not data, and "
            "variation that could prevent overfitting later only makes the task harder."
        )
    if worth.told and worth.sign > 0:
        return f"{said}: what is not memorised there is gained on new images."
    return f"{said}."


def _sampling(run: Fit) -> float:
    """Variance of a training accuracy by the images it is taken over."""
    return run.training * (1 - run.training) / run.images if run.images else 0.0
