"""How the printed accuracy on FER2013 could come about: one network under honest and other ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ferbook.report import tables
from ferbook.report.chew import peeking
from ferbook.report.chew.copies import worth
from ferbook.report.chew.protocols import Scored, gain
from ferbook.report.effects import Effect
from ferbook.report.measure import reduction
from ferbook.study.evaluation import Summary
from ferbook.study.records import Record


@dataclass(frozen=True)
class Way:
    """One way to come by an accuracy."""

    name: str
    kind: str
    experiment: str
    part: str = "test"
    view: str = "plain"
    against: str = "official split"  #: the way that differs from it in one thing only
    why: str = ""


#: From the field's own protocol to no test at all.
WAYS = (
    Way(
        "official split", "unseen images", "official",
        why="trained on Training, epoch chosen on PublicTest, PrivateTest scored once.",
    ),
    Way(
        "random split", "unseen images", "random",
        why="section 4.5 as printed; whether an image and its exact copy are parted is left to "
        "chance.",
    ),
    Way(
        "random, copies together", "unseen images", "random-unique", against="random split",
        why="drawn at random as well, but all exact copies of an image lie in one part.",
    ),
    Way(
        "official, epoch by test", "the test part leaks", "official", view="peeked",
        why="of all epochs the one that is best on PrivateTest. The test part then has a say in "
        "what it tests.",
    ),
    Way(
        "random, epoch by test", "the test part leaks", "random", view="peeked",
        against="random split",
        why="of all epochs the one that is best on the random test part.",
    ),
    Way(
        "augmented, then split", "the test part leaks", "augmented-first", against="random split",
        why="each face is doubled by a rotated, shifted, zoomed, perhaps mirrored version; all are "
        "shuffled, and then divided. For four test images in five the twin is in training.",
    ),
    Way(
        "labels of FER+", "other labels", "ferplus",
        why="the official parts under the majority of ten new votes, without "
        "the faces that have no majority: cleaner labels, and easier faces.",
    ),
    Way(
        "training, official split", "no test at all", "official", part="train",
        why="the images of Training, from which the network learnt, scored as a test.",
    ),
    Way(
        "training, random split", "no test at all", "random", part="train", against="random split",
        why="the training part of the random split, scored as a test.",
    ),
)  # fmt: skip
HONEST = WAYS[0]


@dataclass(frozen=True, eq=False)
class Candidate:
    """A way with what was measured of it."""

    way: Way
    scored: Scored
    accuracy: Summary
    more: Effect | None  #: above the way it is to be compared with


def experiment_of(way: Way, recipe: str = "chew") -> str:
    if recipe == "rote":
        return f"chew/rote-{way.experiment}"
    return "chew/ferplus" if way.experiment == "ferplus" else f"chew/{way.experiment}-fer2013"


def candidates(tier: str, variant: str = "hybrid", recipe: str = "chew") -> list[Candidate]:
    """The ways that are recorded for a network and a recipe, in the order of `WAYS`."""
    scored = {
        way: Scored(tables.select(experiment_of(way, recipe), tier, [variant]), way.part, way.view)
        for way in WAYS
    }
    named, out = {way.name: runs for way, runs in scored.items()}, []
    for way, runs in scored.items():
        if (accuracy := runs.level()) is None:
            continue
        found = None if way is HONEST else gain(runs, named[way.against])
        out.append(Candidate(way, runs, accuracy, found[0] if found else None))
    return out


def provenance(found: Sequence[Candidate], printed: float) -> str:
    """The printed number, and which runs the bars stand on."""
    runs = {record.id: record for one in found for record in one.scored.records}
    if not runs:
        return tables.provenance([])
    first = next(iter(runs.values())).config
    reduced = {reduction(record) for record in runs.values()} - {""}
    how = f" ({' or '.join(sorted(reduced))})" if reduced else ""
    return (
        f"The paper prints **{printed:g} %** for the network `{first['variant']}`. *Bars from "
        f"{len(runs)} runs, tier **{first['tier']}**{how}.*"
    )


def explained(found: Sequence[Candidate]) -> str:
    """A line of Markdown for each bar, in their order, under the heading of its kind."""
    lines: list[str] = []
    for kind in dict.fromkeys(candidate.way.kind for candidate in found):
        lines += ["", f"**{kind.capitalize()}**", ""]
        for one in (candidate for candidate in found if candidate.way.kind == kind):
            said = f"{tables.interval_text(one.accuracy)} %"
            if one.more is not None:
                said += f", {one.more} points against *{one.way.against}*"
            why = one.way.why
            if one.way.view == "peeked":
                why = f"{why} {peeking.sentence(one.scored.records)}".rstrip()
            lines.append(f"- *{one.way.name}* ({said}): {why}")
    missing = [way.name for way in WAYS if way not in {one.way for one in found}]
    if missing:
        lines += ["", f"Not recorded for this network at this tier: {'; '.join(missing)}."]
    return "\n".join(lines).strip()


def conclusion(found: Sequence[Candidate], printed: float) -> str:
    """Whether any candidate reaches the printed number, and what follows; computed."""
    if not found:
        return "None of these runs is recorded yet."
    reach = [one for one in found if 100 * one.accuracy.high >= printed]
    if reach:
        passed = [one for one in reach if 100 * one.accuracy.low > printed]
        names = ", ".join(f"*{one.way.name}*" for one in reach)
        how, by = ("passed", "by") if len(passed) == len(reach) else ("within reach", "of")
        said = [f"The printed {printed:g} % is {how} {by} {names}, and {by} no other bar."]
    else:
        best = max(found, key=lambda one: one.accuracy.mean)
        said = [
            f"**None of the {len(found)} bars reaches the printed {printed:g} %.** The highest, "
            f"*{best.way.name}*, ends {printed - 100 * best.accuracy.mean:.1f} points short of it."
        ]
    paragraphs = [[*said, *_gap(found, printed)], _memory(found)]
    return "\n\n".join(" ".join(sentences) for sentences in paragraphs if sentences)


def twins(records: Sequence[Record]) -> str:
    """Within the runs that augment first: test faces whose twin is elsewhere, against the rest."""
    if not records:
        return ""
    flags = []
    for record in records:
        rows = record.predictions("test").rows
        alone = np.bincount(rows)[rows] == 1  # its twin is not in the test part with it
        flags.append(alone)
    found = worth(Scored(records), flags)
    if found is None:
        return ""
    verdict = "that cannot be told from nothing" if not found.sign else "that is the leak"
    if found.seeds < 2:
        verdict = "one seed, which answers nothing yet"
    return (
        "Within the runs that augment first, test faces whose twin lies in training or "
        f"validation score {found} points against those whose twin is in the test part "
        f"beside them; {verdict}."
    )


def _gap(found: Sequence[Candidate], printed: float) -> list[str]:
    honest = next((one for one in found if one.way is HONEST), None)
    others = [one for one in found if one.more is not None]
    if honest is None or not others:
        return []
    gap = printed - 100 * honest.accuracy.mean
    most = max(others, key=lambda one: one.more.mean if one.more else 0.0)
    real = [one for one in others if one.more and one.more.told and one.more.mean > 0]
    said = (
        f"From the official split to the printed number it is {gap:.1f} points. The largest step "
        f"from a bar to the one that it is compared with is *{most.way.name}* against "
        f"*{most.way.against}*"
    )
    if most.more is not None and most.more.seeds < 2:
        return [said + f", {most.more} points under one seed, which answers nothing yet."]
    if most.more is None or most not in real:
        return [said + ", and chance alone could make one as large."]
    names = ", ".join(f"*{one.way.name}*" for one in real)
    return [said + f", {most.more} points. Steps up beyond chance: {names}."]


def _memory(found: Sequence[Candidate]) -> list[str]:
    """How much better a network knows its training images: what leaks could live on."""
    gaps = {
        one.way.against: one.more
        for one in found
        if one.way.part == "train" and one.more is not None
    }
    if not gaps:
        return []
    said = [f"{gap} points on the {name}" for name, gap in gaps.items()]
    scores = f"On images that it learnt from, this network scores {' and '.join(said)}"
    if any(gap.seeds < 2 for gap in gaps.values()):
        scores += " (one seed each is no answer yet)"
    if all(gap.low <= 0 for gap in gaps.values()):
        return [
            f"{scores}, which cannot be told from what it scores on unseen ones: it has little by "
            "heart, and a leak through copies or twins has little to live on."
        ]
    return [
        f"{scores} above unseen ones. That is about as much as a leak could give it on a test "
        "image that it met in training."
    ]


def caveat(found: Sequence[Candidate]) -> str:
    """What runs of a reduced schedule cannot show; nothing where none is reduced."""
    if not found or not reduction(found[0].scored.records[0]):
        return ""
    return (
        "These are runs of a reduced schedule: levels, and the distances that rest on memory, may "
        "grow with longer training. That no bar ends up at the printed number is no proof that it "
        "cannot come about, and that one does, no proof that it came about that way."
    )
