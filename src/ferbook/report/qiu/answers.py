"""Answers in words: what intervals tell, which way one seed leans, what the runs are worth."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any, Literal

from ferbook.report.chew.hypotheses import Answer, Statement
from ferbook.report.effects import Effect
from ferbook.report.qiu.networks import paper
from ferbook.report.reduced import trained
from ferbook.study.records import Record

Config = dict[str, Any]
Lean = Literal["leans for", "leans against", "no answer", "not measured"]
SAID: dict[Answer, str] = {
    "holds": "**holds**",
    "fails": "**fails**",
    "open": "**open**, these runs cannot tell",
    "not measured": "not measured yet",
}
LEANS: dict[Answer, Lean] = {
    "holds": "leans for",
    "fails": "leans against",
    "open": "no answer",
    "not measured": "not measured",
}


def as_told(effect: Effect) -> Effect:
    """The effect as if its interval were one over seeds, to ask which way it lies."""
    return replace(effect, seeds=max(effect.seeds, 2)) if effect.seeds else effect


def lean(statement: Statement) -> Lean:
    """Which way a statement's interval lies, whatever it holds."""
    return LEANS[replace(statement, effect=as_told(statement.effect)).answer]


def brief(statement: Statement) -> str:
    """The answer in the cell of a table, or with one seed which way it leans."""
    return lean(statement) if statement.answer == "one seed" else statement.answer


def say(statement: Statement) -> str:
    """The same in a sentence."""
    answer = statement.answer
    return SAID[answer] if answer in SAID else f"**{lean(statement)}**"


def say_of(cells: Sequence[Effect], answer: Callable[[Sequence[Effect]], Answer]) -> str:
    """The same of a claim on many cells."""
    found = answer(cells)
    if found in SAID:
        return SAID[found]
    return f"**{LEANS[answer([as_told(cell) for cell in cells])]}**"


def tally(leans: Sequence[str]) -> str:
    """ "leans for in 3 of 3 comparisons", "no answer"."""
    if len(leans) == 1:
        return leans[0]
    kinds = list(dict.fromkeys(leans))
    return ", ".join(f"{k} in {leans.count(k)} of {len(leans)} comparisons" for k in kinds)


# --- what the runs are worth --------------------------------------------------------------------


def caveat(records: Sequence[Record]) -> str:
    """How much shorter and narrower than the paper's the runs are, and how many seeds they have."""
    if not records:
        return "**No such run is recorded yet.**"
    configs = [record.config for record in trained(records)]
    size = ", ".join(filter(None, (_epochs(configs), _width(configs))))
    tier = f"These runs are of tier *{configs[0]['tier']}*{f' ({size})' if size else ''}"
    return f"{tier}. {_seeds(configs)}"


def _epochs(configs: Sequence[Config]) -> str:
    pairs = [
        (c["recipe"]["epochs"], c["reduced"]["epochs"]) for c in configs if "epochs" in c["reduced"]
    ]
    return (
        " of ".join(_span(side) for side in zip(*pairs, strict=True)) + " epochs" if pairs else ""
    )


def _width(configs: Sequence[Config]) -> str:
    narrow = {
        c["model"]["width"] / c["reduced"]["width"] for c in configs if "width" in c["reduced"]
    }
    return f"{_span(narrow)} of the width" if narrow else ""


def _span(values: Collection[float]) -> str:
    """ "10", "0.125 to 0.25"."""
    return " to ".join(f"{value:g}" for value in dict.fromkeys((min(values), max(values))))


def _seeds(configs: Sequence[Config]) -> str:
    seeds: dict[str, set[int]] = {}
    for config in configs:
        seeds.setdefault(config["variant"], set()).add(config["seed"])
    known = paper().variants  # it has no name for a network trained on faces in masks
    single = [
        known[variant].title if variant in known else variant
        for variant, own in seeds.items()
        if len(own) < 2
    ]
    if not single:
        return f"Each network has {min(map(len, seeds.values()))} seeds or more."
    alone = len(single) == len(seeds)
    who = "Each network has" if alone else f"{', '.join(single)} {_have(single)}"
    return (
        f"{who} one seed. The interval of such a run covers only the choice of test images and "
        "settles nothing: a claim is only said to lean."
    )


def _have(names: Sequence[str]) -> str:
    return "has" if len(names) == 1 else "have"
