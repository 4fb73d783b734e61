"""Chew's paper in a few lines, one table and one figure, from records."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ferbook.report import alternatives, downloads, figures, tables
from ferbook.report.chew import answers
from ferbook.report.chew import hypotheses as h
from ferbook.report.chew.spoilt_verdicts import part_statements
from ferbook.report.chew.transfer import WAYS, change
from ferbook.report.effects import effect
from ferbook.report.printed import bounds, printed
from ferbook.report.reduced import schedule
from ferbook.study.records import Record

VARIANTS = ("pixels", "landmarks", "hybrid")
RECIPES = {
    "chew/ablation-fer2013": "the paper's recipe",
    "chew/random-fer2013": "the paper's recipe, narrower networks",
    "chew/tuned-fer2013": "our own recipe",
}
#: What a run of a split is scored on, as the reader knows it.
SCORED = {"official": "PrivateTest", "random-80-10-10": "a random split"}


def summary(picture: Path) -> str:
    """Markdown; draws the ablation to `picture` beside it."""
    said = printed("chew/overall/fer2013")
    shown = {name: tables.select(name, _tier(name), VARIANTS) for name in RECIPES}
    rows = ["| FER2013, accuracy in % | " + " | ".join(VARIANTS) + " | hybrid − pixels |"]
    rows.append("| --- | --- | --- | --- | --- |")
    gain = said["hybrid"] - said["pixels"]
    rows.append(
        "| printed by Chew, a random split | "
        + " | ".join(f"{said[name]:g}" for name in VARIANTS)
        + f" | {gain:+.1f} |"
    )
    rows += [_row(_label(name, records), records) for name, records in shown.items() if records]
    if not any(shown.values()):
        return "No runs on FER2013 are recorded yet.\n"
    figures.style()
    first = next(records for records in shown.values() if records)
    files = downloads.save(figures.ablation(first, said), picture)
    drawn = f"![{alternatives.ablation(first, said)}](generated/{picture.name})"
    caption = (
        "*The first of these rows that is measured: a dot is a run, a bar the 95 % interval of the "
        "mean, an open diamond the printed number, which is of other epochs and a random split.*"
    )
    sources = map(tables.provenance, filter(None, shown.values()))
    return "\n".join(
        [*_hypotheses(), "", *rows, "", *sources, "", drawn, "", caption, "", files, ""]
    )


def _hypotheses() -> list[str]:
    """A line for each hypothesis: how many of its statements hold, fail, stay open."""
    low, high = bounds("chew/ablation/fer2013/drop")
    _, limit = bounds("chew/occlusion/fer2013/eyes")
    first = h.fusion("short") + h.drop("short", low, high)
    first += h.subtle("short") + h.everywhere("short")
    second = h.resilience("short") + h.within("short", limit)
    spoilt = answers.by_seed(tables.select(h.PLACES["FER2013, random split"], "short"), "spoilt")
    again = [s for s in part_statements(spoilt, "FER2013") if s.claim.endswith("again")]
    third = h.transfer("short")
    lost = "; ".join(f"{way.name} {change(way, 'hybrid', 'shared', 'short')}" for way in WAYS)
    records = [record for name in h.PLACES.values() for record in tables.select(name, "short")]
    return [
        *less_trained(records),
        f"- **H1**, pixels and landmarks beat either alone: of {len(first)} statements "
        f"{h.summary(first)}.",
        "- **H2**, landmarks make it resilient: with landmarks found before a face is spoilt, of "
        f"{len(second)} statements {h.summary(second)}; found again on the spoilt face, of "
        f"{len(again)} statements {h.summary(again)}.",
        "- **H3**, it carries over to another dataset: of "
        f"{len(third)} comparisons with a single branch there {h.summary(third)}. On the way "
        f"the hybrid's accuracy changes by: {lost} points.",
    ]


def less_trained(records: Sequence[Record]) -> list[str]:
    """A paragraph that says how far an answer of these runs goes; none where nothing is reduced."""
    less = schedule(records)
    said = (
        f"These networks had less training than the paper's ({less}): a statement that holds or "
        "fails of them only leans for or against what the paper says of its own.\n"
    )
    return [said] if less else []


def _tier(experiment: str) -> str:
    """The paper tier as soon as it has runs of every network."""
    have = {record.config["variant"] for record in tables.select(experiment, "paper")}
    return "paper" if have >= set(VARIANTS) else "short"


def _label(experiment: str, records: list[Record]) -> str:
    """'the paper's recipe, 10 of 50 epochs'."""
    config = records[0].config
    full = config["reduced"].get("epochs")
    schedule = f", {config['recipe']['epochs']} of {full} epochs" if full else ""
    return RECIPES[experiment] + schedule


def _row(name: str, records: list[Record]) -> str:
    table = tables.ablation(records)
    config = records[0].config
    scored = SCORED[config["split"]]
    column = table["PrivateTest" if scored == "PrivateTest" else "test"]
    cells = [str(column.get(variant, "–")) for variant in VARIANTS]
    experiment = f"{config['paper']}/{config['experiment']}"
    gain = effect(h.difference(experiment, "hybrid", "pixels"), config["tier"])
    return f"| {name}, {scored} | {' | '.join(cells)} | {gain} |"
