"""What the paper reads from Figures 1 and 6, put to the test on the sampled faces of the test part.

Each claim is a difference of two shares of saliency on the same faces, or of a share and the area
it would have if the network did not care; the answer is that of its interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from ferbook.report.chew.hypotheses import Statement
from ferbook.report.effects import Effect
from ferbook.report.qiu import saliency
from ferbook.report.qiu.answers import brief, caveat, lean, say, tally
from ferbook.report.qiu.networks import runs
from ferbook.report.qiu.saliency import NETWORKS, BySeed
from ferbook.report.qiu.saliency_claims import CLAIMS, Claim
from ferbook.study.records import Record

#: {(variant, view): where its runs look}
All = Mapping[tuple[str, str], BySeed]
WHERE = {"plain": "faces as they are", "masked": "faces in masks"}


def read(tier: str, method: str = "gradient") -> dict[tuple[str, str], BySeed]:
    """Where every network of the figures looks, in either view."""
    return {
        (variant, view): saliency.looks(variant, view, tier, method)
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


def by_method(
    tier: str, only_right: bool = False, claims: Sequence[Claim] = CLAIMS
) -> dict[str, dict[str, Effect]]:
    """{claim: {method: its difference}}, by the methods of which runs kept shares."""
    found = {method: read(tier, method) for method in saliency.METHODS}
    return {
        _short(claim): {method: measured(claim, each, only_right) for method, each in found.items()}
        for claim in claims
    }


def method_table(effects: Mapping[str, Mapping[str, Effect]]) -> pd.DataFrame:
    """A row a claim, a column a method: the difference in points of saliency."""
    rows = {
        claim: {saliency.METHODS[method]: str(effect) for method, effect in each.items()}
        for claim, each in effects.items()
    }
    return pd.DataFrame(rows).T.rename_axis("claim")


def method_sentence(
    effects: Mapping[str, Mapping[str, Effect]], claims: Sequence[Claim] = CLAIMS
) -> str:
    """For which claims the answer depends on how saliency is computed."""
    same, apart = 0, []
    for claim in claims:
        said = {
            saliency.METHODS[method]: brief(statement(claim, effect))
            for method, effect in effects[_short(claim)].items()
            if effect.seeds
        }
        if len(set(said.values())) == 1:
            same += 1
        elif said:
            words = ", ".join(f"{method} {answer}" for method, answer in said.items())
            apart.append(f"- {_short(claim)}: {words}.")
    if not same and not apart:
        return "Not measured yet."
    head = f"In {same} of {same + len(apart)} comparisons the methods give the same answer."
    return "\n".join([head, "", *apart]) if apart else head


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
        head = f"“{claim.words}” ({claim.place}; {claim.region}, {faces_of(claim.emotion)})"
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
    each = [f"{gist}: {tally(leans)}" for gist, leans in said.items()]
    records = [record for variant in NETWORKS for record in runs(variant, tier)]
    if not records:
        return f"**So far.** {caveat(records)}"
    return (
        f"**So far**, on up to {faces:,} faces of PrivateTest and not on seven: {'; '.join(each)}. "
        f"{caveat(records)}"
    )


def _short(claim: Claim) -> str:
    names = [_network(side) for side in (claim.first, claim.second) if side]
    against = names[1] if len(names) > 1 else "its area"
    way = "more than" if claim.more else "less than"
    return f"{claim.region}, {faces_of(claim.emotion)}: {names[0]} {way} {against}"


def _network(side: tuple[str, str]) -> str:
    return f"{NETWORKS[side[0]]} ({WHERE[side[1]]})"


def faces_of(emotion: str) -> str:
    """ "fear", "all emotions"."""
    return "all emotions" if emotion == "all" else emotion
