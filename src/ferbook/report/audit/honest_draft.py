"""A made-up paper before it is printed: images, answers, scores, and habits of printing.

Nothing here uses a check of the audit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
ROUNDING = (ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN)


@dataclass
class Draft:
    """A paper being written: its habits of printing, its data, and the file that describes it."""

    rng: np.random.Generator
    names: list[str]
    truth: Labels  #: (n,) of the test images
    answers: dict[str, list[Labels]]  #: {variant: one (n,) a run}
    decimals: int
    rounding: str
    content: dict[str, Any] = field(default_factory=dict)

    def number(self, value: float, decimals: int | None = None) -> dict[str, Any]:
        """A value as it is printed."""
        places = self.decimals if decimals is None else decimals
        printed = Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), self.rounding)
        return {"value": float(printed), "decimals": places}

    def add(
        self, id: str, value: float, protocol: str, decimals: int | None = None, **more: Any
    ) -> float:
        """A row, and the value that it prints."""
        number = self.number(value, decimals)
        row = {"id": f"made/{id}", "reported": number, "unit": "percent", "protocol": protocol}
        self.content["rows"].append({**row, **more})
        return float(number["value"])


def drawn_draft(rng: np.random.Generator) -> Draft:
    size = int(rng.integers(3, 9))
    names = [f"class-{letter}" for letter in "abcdefgh"[:size]]
    whole = rng.multinomial(int(10 ** rng.uniform(2.8, 4.6)), rng.dirichlet(np.full(size, 3.0)))
    whole = np.maximum(whole, 30)
    official = bool(rng.random() < 0.5)
    test = _drawn(rng, whole, stratified=official or rng.random() < 0.3)
    runs = 3 if official and rng.random() < 0.2 else 1
    truth = np.repeat(np.arange(size), test)
    draft = Draft(
        rng,
        names,
        truth,
        _answers(rng, truth, size, runs),
        int(rng.integers(0, 3)),
        str(rng.choice(ROUNDING)),
    )
    counts = {"test": test} if official else {"all": whole}
    draft.content = _head(draft, counts, int(whole.sum()), official, runs)
    _sizes(draft, int(whole.sum()))
    return draft


def _drawn(rng: np.random.Generator, whole: Labels, stratified: bool) -> Labels:
    """The class counts of a tenth, none of them 0."""
    tenth = round(int(whole.sum()) / 10)
    while True:
        shares = rng.multivariate_hypergeometric(whole, tenth)
        if stratified:
            shares = np.floor(whole / 10).astype(np.int64)
            left = tenth - int(shares.sum())
            shares[np.argsort(-(whole / 10 - shares))[:left]] += 1
        if (shares > 0).all():
            return shares


def _answers(
    rng: np.random.Generator, truth: Labels, size: int, runs: int
) -> dict[str, list[Labels]]:
    """Networks that find the same images hard, and perhaps their ensemble."""
    n, members = len(truth), int(rng.integers(2, 6))
    ease = rng.normal(2.5, 1.0, size)[truth][:, None] * np.eye(size)[truth]
    shared = rng.normal(0, 1.0, (n, size))
    found: dict[str, list[Labels]] = {}
    logits = []
    for k in range(members):
        skill = rng.uniform(0.5, 1.2)
        each = [skill * ease + shared + rng.normal(0, 1.0, (n, size)) for _ in range(runs)]
        found[f"net{k}"] = [answer.argmax(1) for answer in each]
        logits.append(each[0])
    if runs == 1 and members > 2:
        found["ensemble"] = [_joined(rng, np.stack(logits))]
    return found


def _joined(rng: np.random.Generator, logits: NDArray[np.float64]) -> Labels:
    """By most votes, ties at random; logits (members, n, K)."""
    votes = np.eye(logits.shape[2])[logits.argmax(2)].sum(0)
    return np.asarray((votes + rng.uniform(0, 0.5, votes.shape)).argmax(1))


def _head(
    draft: Draft, counts: dict[str, Labels], total: int, official: bool, runs: int
) -> dict[str, Any]:
    split = "official" if official else "random-80-10-10"
    base = {"dataset": "data", "split": split, "runs": runs}
    average = str(draft.rng.choice(["macro", "weighted"]))
    members = [name for name in draft.answers if name != "ensemble"]
    return {
        "paper": "made",
        "classes": draft.names,
        "n": {"data": {"total": total, "test": len(draft.truth)}},
        "class_counts": {
            "data": {
                part: {k: int(n) for k, n in zip(draft.names, found, strict=True)}
                for part, found in counts.items()
            }
        },
        "protocols": {
            "accuracy": {**base, "metric": "accuracy"},
            "recall": {**base, "metric": "recall"},
            "precision": {**base, "metric": "precision"},
            "f1": {**base, "metric": "f1", "average": average},
            "change": {**base, "metric": "recall", "scale": "points"},
            "gain": {**base, "metric": "accuracy", "scale": "points"},
            **{
                part: {"metric": "count", "dataset": "data", "part": part}
                for part in ("all", "train", "validation", "test")
            },
        },
        "ensembles": (
            {"ensemble": {"members": members, "vote": "majority"}}
            if "ensemble" in draft.answers
            else {}
        ),
        "confusion_matrices": {},
        "rows": [],
        "claims": [],
    }


def _sizes(draft: Draft, total: int) -> None:
    test = len(draft.truth)
    parts = {"all": total, "train": total - 2 * test, "validation": test, "test": test}
    for part, n in parts.items():
        draft.add(f"sizes/{part}", n, part, 0, unit="count", count="images")


def _mean(values: list[float]) -> float:
    return float(np.mean(values))


def accuracy(draft: Draft, variant: str) -> float:
    """In percent, the mean over runs."""
    return _mean([100 * float((run == draft.truth).mean()) for run in draft.answers[variant]])


def scores(draft: Draft, variant: str, metric: str, average: str | None) -> NDArray[np.float64]:
    """Of the classes (K,), or their average, the mean over runs; fractions, 0 where undefined."""
    found = [class_scores(matrix(draft, run), metric) for run in draft.answers[variant]]
    weights = np.bincount(draft.truth, minlength=len(draft.names)) / len(draft.truth)
    means = {"macro": np.mean(found, axis=1), "weighted": np.dot(found, weights)}
    return np.mean(means[average] if average else found, axis=0)


def matrix(draft: Draft, answers: Labels) -> Labels:
    """(K, K) images by true class and answer."""
    size = len(draft.names)
    return np.bincount(draft.truth * size + answers, minlength=size**2).reshape(size, size)


def class_scores(counts: Labels, metric: str) -> NDArray[np.float64]:
    """(K,) recall, precision or F1, from true positives and the two margins."""
    hits, shown, said = counts.diagonal(), counts.sum(1), counts.sum(0)
    above, below = {
        "recall": (hits, shown),
        "precision": (hits, said),
        "f1": (2 * hits, shown + said),
    }[metric]
    return above / np.maximum(below, 1)
