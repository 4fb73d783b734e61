"""Honest papers, made up: classifiers with true answers on true images, printed as papers print.

Everything printed follows from answers to single images (through numpy's sums and
Python's decimal arithmetic), so nothing in such a paper can be impossible or contradict itself.
Nothing here uses a check of the audit: this is what the checks are tried on.
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


def honest_paper(seed: int) -> dict[str, Any]:
    """The content of a file for the audit."""
    rng = np.random.default_rng(seed)
    draft = _draft(rng)
    _overall(draft)
    _classes(draft)
    _f1(draft)
    if len(next(iter(draft.answers.values()))) == 1:
        _changes(draft)
        _matrix(draft)
        _detail(draft)
    _claims(draft)
    return draft.content


def _draft(rng: np.random.Generator) -> Draft:
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


def _overall(draft: Draft) -> None:
    for name in draft.answers:
        draft.add(f"overall/{name}", accuracy(draft, name), "accuracy", variant=name)


def _classes(draft: Draft) -> None:
    for name in list(draft.answers)[: int(draft.rng.integers(1, 4))]:
        values = scores(draft, name, "recall", None)
        for label, value in zip(draft.names, values, strict=True):
            more: dict[str, Any] = {"variant": name, "class": label}
            draft.add(f"classes/{name}/{label}", 100 * float(value), "recall", **more)


def _f1(draft: Draft) -> None:
    average = draft.content["protocols"]["f1"]["average"]
    percent = bool(draft.rng.random() < 0.5)
    for name in draft.answers:
        value = float(scores(draft, name, "f1", average)) * (100 if percent else 1)
        places = draft.decimals if percent else 2 + draft.decimals // 2
        unit = "percent" if percent else "f1"
        draft.add(f"f1/{name}", value, "f1", places, variant=name, unit=unit)


def _changes(draft: Draft) -> None:
    """Of net1 over net0: the differences rounded, or differences of rounded figures."""
    halves = bool(draft.rng.random() < 0.5)
    new, old = (100 * scores(draft, name, "recall", None) for name in ("net1", "net0"))
    more: dict[str, Any] = {"unit": "points", "variant": "net1", "against": {"variant": "net0"}}
    for label, a, b in zip(draft.names, new, old, strict=True):
        value = _difference(draft, float(a), float(b), halves)
        draft.add(f"changes/net1/{label}", value, "change", **{**more, "class": label})
    value = _difference(draft, accuracy(draft, "net1"), accuracy(draft, "net0"), halves)
    draft.add("changes/overall", value, "gain", **more)


def _difference(draft: Draft, new: float, old: float, halves: bool) -> float:
    if not halves:
        return new - old
    return round(float(draft.number(new)["value"]) - float(draft.number(old)["value"]), 6)


def _matrix(draft: Draft) -> None:
    counts = matrix(draft, draft.answers["net0"][0])
    kind = str(draft.rng.choice(["counts", "percent", "none"]))
    rows = "predicted" if draft.rng.random() < 0.3 else "true"
    found: dict[str, Any] = {"variant": "net0", "protocol": "accuracy", "unit": kind, "rows": rows}
    if kind == "counts":
        found["matrix"] = counts.tolist()
    elif kind == "percent":
        shares = 100 * counts / counts.sum(1, keepdims=True)
        found["matrix"] = [[draft.number(float(v))["value"] for v in row] for row in shares]
        found["decimals"] = draft.decimals
    if kind != "none":
        if rows == "predicted":
            found["matrix"] = [list(column) for column in zip(*found["matrix"], strict=True)]
        draft.content["confusion_matrices"]["net0"] = found


def _detail(draft: Draft) -> None:
    """Precision and F1 of each class, for one network."""
    for metric in ("precision", "f1"):
        values = scores(draft, "net0", metric, None)
        for label, value in zip(draft.names, values, strict=True):
            more: dict[str, Any] = {"variant": "net0", "class": label}
            draft.add(f"detail/net0/{label}-{metric}", 100 * float(value), metric, **more)


def _claims(draft: Draft) -> None:
    """Sentences that are true of the unprinted digits."""
    exact = {name: accuracy(draft, name) for name in draft.answers}
    best = max(exact, key=lambda name: exact[name])
    others = [name for name in exact if exact[name] < exact[best]]
    said = []
    if others:
        said.append(f"all(made/overall/{best} > made/overall/{{{','.join(others)}}})")
        margin = np.floor(10 * (exact[best] - exact[others[0]])) / 10
        said.append(f"made/overall/{best} - made/overall/{others[0]} >= {margin:.1f}")
    lowest = float(np.floor(100 * scores(draft, "net0", "recall", None).min()))
    said.append(f"all(made/classes/net0/* >= {lowest:.0f})")
    mean = 100 * float(scores(draft, "net0", "recall", "macro"))
    draft.add("text/mean-recall", mean, "recall", variant="net0")
    said.append("made/text/mean-recall = mean(made/classes/net0/*)")
    draft.add("text/abstract", exact[best], "accuracy", variant=best)
    said.append(f"made/text/abstract = made/overall/{best}")
    draft.content["claims"] = [
        {"id": f"claim-{k}", "where": "text", "text": "said", "expression": text}
        for k, text in enumerate(said)
    ]
