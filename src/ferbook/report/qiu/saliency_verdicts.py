"""What the paper reads from Figures 1 and 6, put to the test on the sampled faces of the test part.

Each claim is a difference of two shares of saliency on the same faces, or of a share and the area
it would have if the network did not care; the answer is that of its interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ferbook.report.chew.hypotheses import Statement
from ferbook.report.effects import Effect
from ferbook.report.qiu import saliency
from ferbook.report.qiu.answers import SAID, brief, caveat, lean, say
from ferbook.report.qiu.networks import runs
from ferbook.report.qiu.saliency import NETWORKS, BySeed
from ferbook.report.qiu.saliency_claims import CLAIMS, Claim
from ferbook.study.records import Record

#: {(variant, view): where its runs look}
All = Mapping[tuple[str, str], BySeed]
WHERE = {"plain": "faces as they are", "masked": "faces in masks"}


def read(tier: str) -> dict[tuple[str, str], BySeed]:
    """Where every network of the figures looks, in either view."""
    return {
        (variant, view): saliency.looks(variant, view, tier)
        for variant in NETWORKS
        for view in saliency.VIEWS
    }


def as_in_figures(found: All) -> dict[str, BySeed]:
    """Each network on the faces on which the paper shows it."""
    return {
        name: found.get((variant, "masked" if variant.startswith("m") else "plain"), {})
        for variant, name in NETWORKS.items()
    }


def by_emotion(
    found: All, scale: str = "share", only_right: bool = False
) -> dict[str, dict[str, dict[str, Effect]]]:
    """{network: {emotion: {region: share or density}}} of the networks as in the figures."""
    networks = as_in_figures(found)
    emotions = saliency.emotions_shown(networks)
    return {
        name: {e: saliency.by_region(seeds, e, scale, only_right) for e in emotions}
        if seeds
        else {}
        for name, seeds in networks.items()
    }


def areas(found: All) -> dict[str, float]:
    """Per cent of the picture that each region takes."""
    seeds = next((seeds for seeds in found.values() if seeds), {})
    return {region: saliency.area(seeds, region) for region in saliency.REGIONS}


def measured(claim: Claim, found: All, only_right: bool = False) -> Effect:
    """The difference that a claim is about, in points of saliency."""
    return _difference(claim, found, claim.emotion, only_right)


def everywhere(claim: Claim, found: All, only_right: bool = False) -> Effect:
    """The same over all emotions: is it about this emotion at all?"""
    return _difference(claim, found, "all", only_right)


def _difference(claim: Claim, found: All, emotion: str, only_right: bool) -> Effect:
    first = found.get(claim.first, {})
    if claim.second is None:
        return saliency.beyond_area(first, [claim.region], emotion, only_right)
    second = found.get(claim.second, {})
    return saliency.apart(first, second, [claim.region], emotion, only_right)


def statement(claim: Claim, effect: Effect) -> Statement:
    low, high = claim.limits
    return Statement(claim.words, claim.place, effect, low, high)


def table(found: All, only_right: bool = False, claims: Sequence[Claim] = CLAIMS) -> pd.DataFrame:
    """A row a claim: the first share in per cent, minus the second, the same over all emotions, and
    the answer, or with one seed which way the difference leans."""
    rows = []
    for claim in claims:
        effect = measured(claim, found, only_right)
        first = saliency.share(
            found.get(claim.first, {}), [claim.region], claim.emotion, only_right
        )
        rows.append(
            {
                "claim": _short(claim),
                "first, %": f"{first.mean:.1f}" if first.seeds else "–",
                "minus second, points": str(effect),
                "over all emotions": str(everywhere(claim, found, only_right)),
                "faces": f"{effect.images:,}",
                "seeds": effect.seeds,
                "answer": brief(statement(claim, effect)),
            }
        )
    return pd.DataFrame(rows).set_index("claim")


def runs_of(tier: str, claims: Sequence[Claim] = CLAIMS) -> dict[str, list[Record]]:
    """{head of a row of `table`: the runs it stands on}."""
    return {
        _short(claim): [
            record for side in (claim.first, claim.second) if side for record in runs(side[0], tier)
        ]
        for claim in claims
    }


def sentences(found: All, only_right: bool = False, claims: Sequence[Claim] = CLAIMS) -> str:
    """A line for each of the paper's wordings, with the answers in every setting; the numbers are
    in `table`."""
    lines: dict[str, list[str]] = {}
    for claim in claims:
        head = f"“{claim.words}” ({claim.place}; {claim.region}, {_faces(claim.emotion)})"
        said = say(statement(claim, measured(claim, found, only_right)))
        lines.setdefault(head, []).append(f"{claim.setting}: {said}" if claim.setting else said)
    return "\n".join(f"- {head}: {'; '.join(said)}." for head, said in lines.items())


def so_far(
    found: All, tier: str, only_right: bool = False, claims: Sequence[Claim] = CLAIMS
) -> str:
    """Which way each claim lies over many faces, and what the runs are worth."""
    said: dict[str, list[str]] = {}
    faces = 0
    for claim in claims:
        effect = measured(claim, found, only_right)
        faces = max(faces, effect.images)
        said.setdefault(claim.gist, []).append(lean(statement(claim, effect)))
    each = [f"{gist}: {_tally(leans)}" for gist, leans in said.items()]
    records = [record for variant in NETWORKS for record in runs(variant, tier)]
    if not records:
        return f"**So far.** {caveat(records)}"
    return (
        f"**So far**, on up to {faces:,} faces of PrivateTest and not on seven: {'; '.join(each)}. "
        f"{caveat(records)}"
    )


def _tally(leans: Sequence[str]) -> str:
    """ "leans for in 3 of 3 comparisons", "no answer"."""
    if len(leans) == 1:
        return leans[0]
    kinds = list(dict.fromkeys(leans))
    return ", ".join(f"{k} in {leans.count(k)} of {len(leans)} comparisons" for k in kinds)


def curve_table(curves: Mapping[str, Mapping[str, np.ndarray]], head: str = "") -> pd.DataFrame:
    """By how much the own maps of a network, named `head`, beat another face's map and a random
    order."""
    rows = {}
    for kind, lines in curves.items():
        first = lines["own"].mean(axis=0)
        rows[kind] = {
            "probability, whole face": f"{first[0 if kind == 'deletion' else -1]:.2f}",
            "better than another's, hundredths": str(saliency.better_by(lines, kind, "another's")),
            "better than random, hundredths": str(saliency.better_by(lines, kind, "random")),
            "seeds": str(len(lines["own"])),
        }
    return pd.DataFrame(rows).T.rename_axis(columns=head)


CONTROLS = {"another's": "the map of another face", "random": "chance"}


def curve_sentence(curves: Mapping[str, Mapping[str, np.ndarray]], head: str = "") -> str:
    """Do the maps of a network name the pixels that count: those of this face, not of any face?"""
    found = {
        (kind, control): saliency.better_by(lines, kind, control)
        for kind, lines in curves.items()
        for control in CONTROLS
    }
    if not found:
        return "Not measured yet."
    if any(effect.seeds < 2 for effect in found.values()):
        better = sum(effect.mean > 0 for effect in found.values())
        return (
            f"The maps of {head} do better in {better} of {len(found)} comparisons. Without a "
            "second seed there is no interval, so how much of that is chance cannot be said."
        )
    return "\n".join(
        f"- {kind.capitalize()}, better than {CONTROLS[control]}: "
        f"{SAID[Statement('', '', effect).answer]}."
        for (kind, control), effect in found.items()
    )


def _short(claim: Claim) -> str:
    names = [_network(side) for side in (claim.first, claim.second) if side]
    against = names[1] if len(names) > 1 else "its area"
    way = "more than" if claim.more else "less than"
    return f"{claim.region}, {_faces(claim.emotion)}: {names[0]} {way} {against}"


def _network(side: tuple[str, str]) -> str:
    return f"{NETWORKS[side[0]]} ({WHERE[side[1]]})"


def _faces(emotion: str) -> str:
    return "all emotions" if emotion == "all" else emotion
