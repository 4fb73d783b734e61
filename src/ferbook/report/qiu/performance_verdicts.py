"""What the scheme's runs say of sections 5.2 and 6, as computed sentences and their tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ferbook.report.chew import contrasts
from ferbook.report.chew.contrasts import Compared, Contrast, count_seeds
from ferbook.report.effects import Effect, effect, right_by_seed
from ferbook.report.qiu.networks import (
    NETWORKS,
    Side,
    apart,
    paper,
    side,
    term,
    title,
)
from ferbook.report.qiu.tables import COLUMNS, accuracy
from ferbook.report.tables import interval_text

#: A20: what else a name of the paper could stand for; {name: (taken, other)}.
DEPTHS = {
    "ResNet18, ResNet34": ("resnet", "resnet34"),
    "DPN26, DPN68": ("dpn", "dpn68"),
    "VGG16, VGG19": ("vgg16", "vgg19"),
}
VERBS: dict[Side, str] = {
    "above": "gained",
    "below": "lost",
    "open": "can be told neither way",
}


@dataclass(frozen=True)
class Sorted:
    """Names of effects by what their intervals say; "one seed" is no answer."""

    groups: Mapping[Side, tuple[str, ...]]

    def named(self, answer: Side) -> tuple[str, ...]:
        return self.groups.get(answer, ())


def by_answer(found: Mapping[str, Effect]) -> Sorted:
    """Names by the side of 0 on which their effects lie."""
    groups: dict[Side, tuple[str, ...]] = {}
    for name, one in found.items():
        answer = side(one)
        groups[answer] = (*groups.get(answer, ()), name)
    return Sorted(groups)


def improvements(tier: str, view: str = "plain") -> list[Compared]:
    """The scheme minus the baseline, a network each."""
    return contrasts.compare_all(
        [
            Contrast(
                f"{title(network.scheme)} − {network.title}",
                term(network.scheme, view),
                term(network.baseline, view),
            )
            for network in NETWORKS.values()
        ],
        tier,
    )


def improves(tier: str) -> str:
    """The abstract's claim, network by network; of one seed `so_far` says what there is."""
    found = improvements(tier)
    if {c.effect.seeds for c in found} <= {0, 1}:
        return ""
    return contrasts.claim("That the scheme improves accuracy (abstract)", found)


def classes(found: Mapping[str, Effect], name: str) -> str:
    """Which emotions gain and lose by the scheme; `found` is {emotion: effect}."""
    own = {emotion: found[emotion] for emotion in COLUMNS if emotion in found}
    answers = by_answer(own)
    if answers.named("not measured") == tuple(own):
        return f"**{name}**: no such pair of runs is recorded yet."
    if answers.named("one seed"):
        ups, downs = ([e for e, one in own.items() if one.sign == sign] for sign in (1, -1))
        return (
            f"In this one pair of {name} networks {listed(ups) or 'no emotion'} gained and "
            f"{listed(downs) or 'none'} lost by more than the choice of images explains."
        )
    parts = [
        f"{listed(answers.named(where))} {verb}"
        for where, verb in VERBS.items()
        if answers.named(where)
    ]
    seeds = count_seeds(next(iter(own.values())))
    return f"**{name}** ({seeds}): {'; '.join(parts)}."


def disgust(tier: str) -> str:
    """Section 6: "certain emotions like disgust showed a decrease in accuracy"."""
    found = {
        title(n.scheme): apart(term(n.scheme), term(n.baseline), tier, "disgust")
        for n in NETWORKS.values()
    }
    answers = by_answer(found)
    measured = {name: one for name, one in found.items() if one.seeds}
    if not measured:
        return "For disgust nothing is measured yet."
    images = next(iter(measured.values())).images
    head = f"Disgust, on {images:,} images, of which one is {100 / images:.1f} points"
    if answers.named("one seed"):
        ways = {
            "gained": sum(one.mean > 0 for one in measured.values()),
            "lost": sum(one.mean < 0 for one in measured.values()),
            "did neither": sum(one.mean == 0 for one in measured.values()),
        }
        body = ", ".join(f"{count} {what}" for what, count in ways.items())
        clear = sum(one.sign != 0 for one in measured.values())
        text = (
            f"{head}: by the scheme {body}, {clear or 'none'} of them by more than the choice of "
            "images explains."
        )
    else:
        values = "; ".join(f"{name} {one}" for name, one in measured.items())
        text = (
            f"{head}: {values}: it fell for {listed(answers.named('below')) or 'none'}, rose for "
            f"{listed(answers.named('above')) or 'none'}."
        )
    never = [
        network.title
        for network in NETWORKS.values()
        if title(network.scheme) in measured
        and not any(
            right.any()
            for variant in (network.baseline, network.scheme)
            for _, right, _ in right_by_seed(term(variant, emotion="disgust"), tier).values()
        )
    ]
    if never:
        text += f" {listed(never)} named none of them, with the scheme or without."
    return text


def occluded(tier: str) -> str:
    """Section 6: gains "particularly when dealing with occluded facial regions"."""
    extra = {
        title(n.scheme): effect(
            [
                (1, term(n.scheme, "masked")),
                (-1, term(n.baseline, "masked")),
                (-1, term(n.scheme)),
                (1, term(n.baseline)),
            ],
            tier,
        )
        for n in NETWORKS.values()
    }
    gains = improvements(tier, "masked")
    measured = {name: one for name, one in extra.items() if one.seeds}
    answers = by_answer(measured)
    if answers.named("one seed"):
        ahead, behind = (sum(c.effect.sign == sign for c in gains) for sign in (1, -1))
        more = sum(one.mean > 0 for one in measured.values())
        clear = [name for name, one in measured.items() if one.sign > 0]
        said = (
            f"In masks the scheme puts {ahead} of {len(measured)} ahead and {behind} behind, by "
            f"more than the choice of images explains. The difference is higher in masks than "
            f"without for {more} of them, beyond the choice of images for "
            f"{listed(clear) or 'none'}."
        )
    else:
        said = contrasts.claim("That the scheme helps on faces in masks (section 6)", gains)
        if not measured:
            return said
        values = "; ".join(f"{name} {one}" for name, one in measured.items())
        end = f"more for {listed(answers.named('above')) or 'none'}"
        if answers.named("below"):
            end += f", less for {listed(answers.named('below'))}"
        said += f" Gain in masks minus gain without, in points: {values}: {end}."
    learnt = apart(term("mpvgg16", "masked"), term("mvgg16", "masked"), tier)
    if not learnt.seeds:
        return said
    return f"{said} Of networks trained on faces in masks: PVGG − VGG16 {learnt} points."


def ensemble(tier: str) -> str:
    """The printed PEnsemble beside its members, and ours beside its own."""
    cells = paper().by_id
    members = [n.scheme for n in NETWORKS.values() if n.attention]
    said = {
        name: number.value
        for name in (*members, "pensemble")
        if (number := cells[f"qiu/table2/{name}/accuracy"].reported) and number.value is not None
    }
    vote = said.pop("pensemble")
    text = (
        f"Printed are {vote:g} % for PEnsemble and {min(said.values()):g} to "
        f"{max(said.values()):g} % for its members."
    )
    own = accuracy("pensemble", tier=tier)
    if not own.runs:
        return f"{text} A vote of ours is not recorded yet."
    levels = [100 * accuracy(name, tier=tier).mean for name in members]
    return (
        f"{text} Here a soft vote has {interval_text(own)} %, its members "
        f"{min(levels):.1f} to {max(levels):.1f} %."
    )


def other_parts(tier: str) -> str:
    """On how many networks the other part, or ten crops, make a higher number."""
    single = [name for n in NETWORKS.values() if n.attention for name in (n.baseline, n.scheme)]
    pairs = [
        (accuracy(name, tier=tier), accuracy(name, tier=tier, part="validation")) for name in single
    ]
    higher = [one.mean > other.mean for one, other in pairs if one.runs and other.runs]
    crops = [
        found for name in single if (found := apart(term(name, "tencrop"), term(name), tier)).seeds
    ]
    if not higher or not crops:
        return "Not measured yet."
    return (
        f"Of {len(higher)} single networks {sum(higher)} are higher on PrivateTest than on "
        "PublicTest, on which their epochs were chosen. Ten crops make "
        f"{sum(one.mean > 0 for one in crops)} of {len(crops)} higher on PrivateTest, by "
        f"{np.mean([one.mean for one in crops]):+.1f} points on average; by more than the choice "
        f"of images explains {sum(one.sign > 0 for one in crops)} are higher and "
        f"{sum(one.sign < 0 for one in crops)} lower."
    )


def depths(tier: str) -> pd.DataFrame:
    """A20: what is printed beside the depth that was taken and the other one."""
    rows = {}
    for name, (taken, other) in DEPTHS.items():
        number = paper().by_id[f"qiu/table2/{taken}/accuracy"].reported
        one, two = (accuracy(variant, tier=tier) for variant in (taken, other))
        more = apart(term(other), term(taken), tier)
        rows[name] = {
            "printed": "–" if number is None else str(number),
            "taken": interval_text(one) if one.runs else "–",
            "other": interval_text(two) if two.runs else "–",
            "other minus taken": str(more),
            "seeds": str(more.seeds),
        }
    return pd.DataFrame(rows).T


def listed(names: Sequence[str]) -> str:
    """ "a, b and c"; empty for none."""
    if not names:
        return ""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
