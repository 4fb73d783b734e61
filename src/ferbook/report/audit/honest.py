"""Honest papers, made up: classifiers with true answers on true images, printed as papers print.

Everything printed follows from answers to single images (through numpy's sums and
Python's decimal arithmetic), so nothing in such a paper can be impossible or contradict itself.
Nothing here uses a check of the audit: this is what the checks are tried on.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ferbook.report.audit.honest_draft import Draft, accuracy, drawn_draft, matrix, scores


def honest_paper(seed: int) -> dict[str, Any]:
    """The content of a file for the audit."""
    rng = np.random.default_rng(seed)
    draft = drawn_draft(rng)
    _overall(draft)
    _classes(draft)
    _f1(draft)
    if len(next(iter(draft.answers.values()))) == 1:
        _changes(draft)
        _matrix(draft)
        _detail(draft)
    _claims(draft)
    more = np.random.default_rng((seed, 1))  # what came later leaves the rest as it was
    _averages(draft)
    _relative(draft, more)
    _bounds(draft, more)
    _some_classes(draft, more)
    _counted_parts(draft, more)
    return draft.content


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


def _averages(draft: Draft) -> None:
    """Accuracy, precision, recall and F1 of every network, averaged alike; the weighted recall is
    the accuracy."""
    average = draft.content["protocols"]["f1"]["average"]
    protocols = draft.content["protocols"]
    for metric in ("precision", "recall"):
        protocols[f"mean-{metric}"] = {**protocols[metric], "average": average}
    for name in draft.answers:
        draft.add(f"averages/{name}/accuracy", accuracy(draft, name), "accuracy", variant=name)
        for metric, protocol in (
            ("precision", "mean-precision"),
            ("recall", "mean-recall"),
            ("f1", "f1"),
        ):
            value = 100 * float(scores(draft, name, metric, average))
            draft.add(f"averages/{name}/{metric}", value, protocol, variant=name)


def _relative(draft: Draft, rng: np.random.Generator) -> None:
    """Of net1 over net0 in percent, of the figures themselves or as printed."""
    protocols = draft.content["protocols"]
    new, old = accuracy(draft, "net1"), accuracy(draft, "net0")
    if rng.random() < 0.5:
        new, old = (float(draft.number(value)["value"]) for value in (new, old))
    scale, base = ("relative", old) if rng.random() < 0.7 else ("relative-drop", new)
    if protocols["accuracy"]["runs"] == 1 and base > 0:
        protocols["relative"] = {**protocols["accuracy"], "scale": scale}
        more: dict[str, Any] = {"variant": "net1", "against": {"variant": "net0"}}
        draft.add("text/relative", 100 * (new - old) / base, "relative", **more)


def _bounds(draft: Draft, rng: np.random.Generator) -> None:
    """Above, below or between whole numbers."""
    for name in draft.answers:
        value = accuracy(draft, name)
        low, high = float(np.ceil(value)) - 1, float(np.floor(value)) + 1
        ends = [
            {"low": low, "comparator": ">"},
            {"high": high, "comparator": "<"},
            {"low": low, "high": high, "comparator": "between"},
        ][int(rng.integers(3))]
        reported = {key: end for key, end in ends.items() if end not in (-1.0, 101.0)}
        if len(reported) == len(ends):
            row = {"id": f"made/text/bound-{name}", "unit": "percent", "protocol": "accuracy"}
            draft.content["rows"].append(
                {**row, "variant": name, "reported": {**reported, "decimals": 0}}
            )


def _some_classes(draft: Draft, rng: np.random.Generator) -> None:
    """The recalls of some classes, of a network that has no table of its own."""
    name = list(draft.answers)[-1]
    if any(row["id"].startswith(f"made/classes/{name}/") for row in draft.content["rows"]):
        return
    values = scores(draft, name, "recall", None)
    for k in sorted(rng.choice(len(values), int(rng.integers(1, len(values))), replace=False)):
        more: dict[str, Any] = {"variant": name, "class": draft.names[k]}
        draft.add(f"some/{name}/{draft.names[k]}", 100 * float(values[k]), "recall", **more)


def _counted_parts(draft: Draft, rng: np.random.Generator) -> None:
    """Of some random splits the data are counted by the parts of another division."""
    counts = draft.content["class_counts"]["data"]
    if "all" not in counts or rng.random() < 0.5:
        return
    left = np.array(list(counts.pop("all").values()))
    tenth = len(draft.truth)
    for part in ("test", "validation", "train"):
        size = int(left.sum()) if part == "train" else tenth
        taken = rng.multivariate_hypergeometric(left, size)
        counts[part] = {name: int(n) for name, n in zip(draft.names, taken, strict=True)}
        left = left - taken
