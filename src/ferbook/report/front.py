"""The home page in one screen: what each paper claims its idea adds, what our runs say it adds.

Chew's idea is landmarks beside pixels, Qiu's the Perturb Scheme; either is one difference in points
of accuracy, on several datasets or networks. A figure a paper, a sentence a figure, from records.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ferbook.report import downloads, figures
from ferbook.report.chew import hypotheses as h
from ferbook.report.compare import Outcome
from ferbook.report.counted import counts
from ferbook.report.effects import Effect, effect
from ferbook.report.printed import printed
from ferbook.report.qiu import figures_performance as drawn
from ferbook.report.qiu.networks import BASELINES, NETWORKS, apart, term
from ferbook.report.qiu.performance_verdicts import listed
from ferbook.report.qiu.scheme_summary import printed_gain
from ferbook.report.qiu.summary import chosen_tier
from ferbook.report.reduced import schedule
from ferbook.report.tables import select

SIZE = (4.7, 2.3)  #: inches: two stand side by side, one fills a phone
#: Where Chew's paper prints both networks, and which of its splits that was.
PRINTED = {"FER2013, random split": "fer2013", "CK+, six emotions": "ckplus"}


@dataclass(frozen=True)
class Told:
    """What an idea adds, in points: printed, and measured."""

    label: str
    schedule: str  #: how far the runs are below the paper's, empty where they are not
    found: dict[str, Effect]
    said: dict[str, float | None]

    @property
    def largest(self) -> float:
        return max(value for value in self.said.values() if value is not None)


def chew(tier: str = "short") -> Told:
    """Landmarks: the hybrid network minus that of pixels, wherever both were trained."""
    found = {
        where: effect(h.difference(name, "hybrid", "pixels"), tier)
        for where, name in h.PLACES.items()
    }
    said: dict[str, float | None] = {}
    for where, dataset in PRINTED.items():
        row = printed(f"chew/overall/{dataset}")
        said[where] = row["hybrid"] - row["pixels"]
    records = [run for name in h.PLACES.values() for run in select(name, tier)]
    return Told("points that landmarks add", schedule(records), found, said)


def perturb(tier: str | None = None) -> Told:
    """The Perturb Scheme: each network trained by it minus the same network without.

    The ensemble is a vote of these, and no network; the printed one is far below all its members.
    """
    tier = tier or chosen_tier()
    found, said = {}, {}
    for network in (one for one in NETWORKS.values() if one.attention):
        found[network.title] = apart(term(network.scheme), term(network.baseline), tier)
        said[network.title] = printed_gain(network)
    records = select(f"qiu/{BASELINES}", tier)
    return Told("points that the scheme adds", schedule(records), found, said)


def measured(found: Mapping[str, Effect]) -> str:
    """Where the gain is shown, where it is a loss, where it cannot be told from nothing."""
    here = {name: one for name, one in found.items() if one.seeds}
    if not here:
        return "Nothing is measured yet."
    single = [name for name, one in here.items() if one.seeds < 2]
    if len(single) == len(here):
        above, below = (sum(one.sign == sign for one in here.values()) for sign in (1, -1))
        return (
            f"{_count(above)} of {len(here)} networks came out ahead, {_count(below).lower()} "
            "behind, by more than the choice of test images explains. With one seed each, networks "
            "trained anew could turn that."
        )
    groups: dict[str, list[str]] = {"shown": [], "a loss": [], "not told from nothing": []}
    for name, one in here.items():
        kind = "shown" if one.sign > 0 else "a loss" if one.sign < 0 else "not told from nothing"
        groups[kind if one.seeds > 1 else "not told from nothing"].append(name)
    parts = [f"{kind} on {listed(names)}" for kind, names in groups.items() if names]
    return f"A gain is {'; '.join(parts)}."


def home_page(target: Path) -> str:
    """Markdown of the two papers side by side; draws a figure of each beside `target`."""
    figures.style()
    top, paper = printed("chew/overall/fer2013"), chew()
    ours = perturb()
    best = [printed(f"qiu/table2/{n.scheme}").get("accuracy") for n in NETWORKS.values()]
    parts = [
        _card(
            "Chew: do landmarks help?",
            "A network that sees the face *and* heatmaps of its 68 landmarks is said to beat one "
            f"that sees the face alone, by up to {paper.largest:.1f} points, and to reach "
            f"{top['hybrid']:g} % on FER2013 {{cite}}`chew`.",
            paper,
            target.with_name("home_chew.svg"),
            "chew",
        ),
        _card(
            "Qiu: should some pixels be left out?",
            "Networks are said to gain, by up to "
            f"{ours.largest:.1f} points, when clusters of the pixels that they attend to are "
            f"dropped in training, and to reach {max(v for v in best if v):g} % "
            "{cite}`qiu`.",
            ours,
            target.with_name("home_qiu.svg"),
            "qiu",
        ),
    ]
    return "\n".join(
        ["::::{grid} 1 1 2 2", ":gutter: 3", ":class-container: front", "", *parts, "::::", ""]
    )


def numbers(found: Sequence[Outcome]) -> str:
    """What becomes of the papers' scores, and of what they say of the datasets; Markdown."""
    sides: dict[bool, list[Outcome]] = {False: [], True: []}
    for outcome in found:
        sides["/dataset/" in outcome.id].append(outcome)
    scores, sizes = sides.values()
    of_data = verdict_counts(sizes, "counts of the datasets")
    return f"Of {verdict_counts(scores)}. Of {of_data}. {{doc}}`Every one </book/dashboard>`"


def verdict_counts(found: Sequence[Outcome], what: str = "printed numbers") -> str:
    """'40 printed numbers: 12 reproduced, 3 not reproduced, ...'; blank cells are left out."""
    printed_ones = [outcome for outcome in found if outcome.verdict != "not reported"]
    return f"{len(printed_ones)} {what}: {counts(printed_ones)}"


def _card(title: str, claim: str, told: Told, picture: Path, page: str) -> str:
    figure = drawn.differences(told.found, told.label, told.said)
    figure.set_size_inches(*SIZE)
    for axis in figure.axes:  # long names leave the axis little room
        axis.xaxis.label.set(x=1, horizontalalignment="right")
    files = downloads.save(figure, picture)
    text = drawn.say_differences(told.found, told.label, told.said)
    return "\n".join(
        [
            ":::{grid-item}",
            f"**{title}** {claim}",
            "",
            f"![{text}](generated/{picture.name})",
            "",
            files,
            "",
            f"**Measured**{f' ({told.schedule})' if told.schedule else ''}: "
            f"{measured(told.found)} {{doc}}`Claim by claim </book/{page}>`",
            ":::",
        ]
    )


def _count(number: int) -> str:
    return "None" if number == 0 else str(number)
