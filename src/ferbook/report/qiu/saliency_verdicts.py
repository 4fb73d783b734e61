"""What the paper reads from Figures 1 and 6, put to the test on the sampled faces of the test part.

Each claim is a difference of two shares of saliency on the same faces, or of a share and the area
of the region; the answer is that of its interval. Whether a difference belongs to the emotion that
the claim names is a second question: is it larger than on the faces of the other emotions?
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from ferbook.report.chew.hypotheses import Statement
from ferbook.report.effects import NOTHING, Effect
from ferbook.report.qiu import saliency
from ferbook.report.qiu.answers import as_told, brief, caveat, lean, say, tally
from ferbook.report.qiu.networks import runs
from ferbook.report.qiu.saliency import NETWORKS, BySeed
from ferbook.report.qiu.saliency_claims import CLAIMS, Claim
from ferbook.study.records import Record

#: {(variant, view): where its runs look}
All = Mapping[tuple[str, str], BySeed]
WHERE = {"plain": "faces as they are", "masked": "faces in masks"}
#: What a claim's `base` is, in words.
BASES = {"picture": "the picture", "face": "the face alone"}
#: How a difference on an emotion's faces is beside that on the others, by sign; 0 is not told.
BESIDE = {
    1: "larger than on other faces",
    -1: "smaller than on other faces",
    0: "not told apart from that on other faces",
}


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
    first = _first(claim, found)
    if claim.second is None:
        return saliency.beyond_area(first, [claim.region], claim.emotion, only_right)
    second = found.get(claim.second, {})
    return saliency.apart(first, second, [claim.region], claim.emotion, only_right)


def elsewhere(claim: Claim, found: All, only_right: bool = False) -> tuple[Effect, Effect]:
    """The same difference on the faces of the other emotions, and by how much the claim's is above
    that, in points; nothing of a claim on all emotions."""
    if claim.second is None or claim.emotion == "all":
        return NOTHING, NOTHING
    sides = found.get(claim.first, {}), found.get(claim.second, {})
    return (
        saliency.apart(*sides, [claim.region], claim.emotion, only_right, others=True),
        saliency.beyond_others(*sides, [claim.region], claim.emotion, only_right),
    )


def beside(claim: Claim, found: All, only_right: bool = False) -> str:
    """Whether a difference that is told is larger on the emotion's faces than on others, in words:
    else it is not about the emotion. Empty where there is no difference, or nothing beside it."""
    way = as_told(measured(claim, found, only_right)).sign
    more = elsewhere(claim, found, only_right)[1]
    return BESIDE[way * more.sign] if way and more.seeds else ""


def _first(claim: Claim, found: All) -> BySeed:
    first = found.get(claim.first, {})
    return saliency.of_face(first) if claim.base == "face" else first


def statement(claim: Claim, effect: Effect) -> Statement:
    low, high = claim.limits
    return Statement(claim.words, claim.place, effect, low, high)


def table(found: All, only_right: bool = False, claims: Sequence[Claim] = CLAIMS) -> pd.DataFrame:
    """A row a claim: the first share in per cent, minus the second, the same on the faces of other
    emotions, how much more the first is, and the answer, or with one seed which way it leans."""
    rows = []
    for claim in claims:
        effect = measured(claim, found, only_right)
        others, more = elsewhere(claim, found, only_right)
        first = saliency.share(_first(claim, found), [claim.region], claim.emotion, only_right)
        rows.append(
            {
                "claim": _short(claim),
                "first, %": f"{first.mean:.1f}" if first.seeds else "–",
                "minus second, points": str(effect),
                "on other faces": str(others) if others.seeds else "–",
                "more than there": str(more) if more.seeds else "–",
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
    same, apart, known = 0, [], False
    for claim in claims:
        said = {
            saliency.METHODS[method]: brief(statement(claim, effect))
            for method, effect in effects[_short(claim)].items()
            if effect.seeds
        }
        known |= bool(said)
        if len(said) < 2:
            continue
        if len(set(said.values())) == 1:
            same += 1
        else:
            words = ", ".join(f"{method} {answer}" for method, answer in said.items())
            apart.append(f"- {_short(claim)}: {words}.")
    if not same and not apart:
        return "By one method only so far." if known else "Not measured yet."
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
    """A line for each of the paper's wordings, with the answers in every setting, and how the
    difference is beside that on other faces; the numbers are in `table`."""
    lines: dict[str, list[str]] = {}
    for claim in claims:
        head = f"“{claim.words}” ({claim.place}; {claim.region}, {faces_of(claim.emotion)})"
        said = say(statement(claim, measured(claim, found, only_right)))
        if words := beside(claim, found, only_right):
            said += f" (a difference {words})"
        lines.setdefault(head, []).append(f"{claim.setting}: {said}" if claim.setting else said)
    return "\n".join(f"- {head}: {'; '.join(said)}." for head, said in lines.items())


def so_far(
    found: All, tier: str, only_right: bool = False, claims: Sequence[Claim] = CLAIMS
) -> str:
    """Which way each claim lies over many faces, and what the runs are worth."""
    said: dict[str, list[Claim]] = {}
    for claim in claims:
        said.setdefault(claim.gist, []).append(claim)
    records = [record for variant in NETWORKS for record in runs(variant, tier)]
    if not records:
        return f"**So far.** {caveat(records)}"
    faces = max(measured(claim, found, only_right).images for claim in claims)
    head = f"**So far**, on up to {faces:,} faces of PrivateTest and not on seven:"
    each = [f"- {gist}: {_lies(same, found, only_right)}" for gist, same in said.items()]
    return "\n".join([head, "", *each, "", caveat(records)])


def _lies(claims: Sequence[Claim], found: All, only_right: bool) -> str:
    """ "leans for; the difference is larger than on other faces"; of yardsticks that disagree
    each."""
    leans = [lean(statement(claim, measured(claim, found, only_right))) for claim in claims]
    if claims[0].second is None and len(set(leans)) > 1:
        each = (f"{word} (over {BASES[c.base]})" for c, word in zip(claims, leans, strict=True))
        return f"depends on the yardstick: {', '.join(each)}"
    words = [text for claim in claims if (text := beside(claim, found, only_right))]
    if not words:
        return tally(leans)
    said = f"{tally(leans)}; the difference is {tally(words)}"
    if {*words} == {BESIDE[1]}:
        return said
    return f"{said}, so it is not shown to be particular to this emotion"


def yardstick_sentence(
    found: All, only_right: bool = False, claims: Sequence[Claim] = CLAIMS
) -> str:
    """Whether a claim on area depends on the area of what, and the density of saliency by region:
    those of the face in falling order."""
    sides = [claim for claim in claims if claim.second is None and found.get(claim.first)]
    if not sides:
        return "Not measured yet."
    seeds = found[sides[0].first]
    said = [brief(statement(claim, measured(claim, found, only_right))) for claim in sides]
    dense = {
        region: saliency.density(seeds, [region], only_right=only_right).mean / 100
        for region in saliency.REGIONS
    }
    bare = dense.pop("outside")
    order = sorted(dense, key=dense.__getitem__, reverse=True)
    each = ", ".join(f"{region} {dense[region]:.2f}" for region in order)
    answers = ", ".join(
        f"{word} over {BASES[claim.base]} ({measured(claim, found, only_right)} points)"
        for claim, word in zip(sides, said, strict=True)
    )
    depends = "does not depend" if len(set(said)) == 1 else "depends"
    return (
        f"Whether the {sides[0].region} get less saliency than an even spread would put there "
        f"{depends} on the yardstick: {answers}. The density of the saliency of "
        f"{NETWORKS[sides[0].first[0]]} is {bare:.2f} outside the face, and on it: {each}."
    )


def _short(claim: Claim) -> str:
    names = [_network(side) for side in (claim.first, claim.second) if side]
    against = names[1] if len(names) > 1 else f"an even spread over {BASES[claim.base]}"
    way = "more than" if claim.more else "less than"
    return f"{claim.region}, {faces_of(claim.emotion)}: {names[0]} {way} {against}"


def _network(side: tuple[str, str]) -> str:
    return f"{NETWORKS[side[0]]} ({WHERE[side[1]]})"


def faces_of(emotion: str) -> str:
    """ "fear", "all emotions"."""
    return "all emotions" if emotion == "all" else emotion
