"""What the paper reads from Figures 1 and 6, put to the test on the sampled faces of the test part.

Each claim is a difference of two shares of saliency on the same faces, or of a share and the area
it would have if the network did not care; the answer is that of its interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ferbook.report.chew.hypotheses import Statement
from ferbook.report.effects import Effect
from ferbook.report.qiu import saliency
from ferbook.report.qiu.mask_verdicts import SAID
from ferbook.report.qiu.networks import runs
from ferbook.report.qiu.saliency import NETWORKS, BySeed
from ferbook.study.records import Record

#: {(variant, view): where its runs look}
All = Mapping[tuple[str, str], BySeed]
WHERE = {"plain": "faces as they are", "masked": "faces in masks"}


@dataclass(frozen=True)
class Claim:
    """The first network has more of its saliency in a region than the second, or less."""

    words: str  #: the paper's
    place: str  #: in the paper
    region: str
    emotion: str
    first: tuple[str, str]  #: variant, view
    second: tuple[str, str] | None  #: None: the region's area instead
    more: bool = True
    setting: str = ""  #: what is compared, in words

    @property
    def limits(self) -> tuple[float, float]:
        return (0.0, np.inf) if self.more else (-np.inf, 0.0)


BROWS = "the model trained on MaskFer was able to capture the features in the eyebrows"
MOUTH = "PVGG is able to put more emphasis on the important features such as the mouth"
NOSE = "and less emphasis on less important features like the nose as compared to VGG16"
DISGUST = "the model was not able to emphasize the mouth enough"
LEVERAGE = "do not effectively leverage all the information present ... like the eyebrows"
CLAIMS = (
    Claim(
        BROWS, "section 1", "brows", "angry", ("mvgg16", "masked"), ("vgg16", "plain"),
        setting="each on its own faces, as in the paper's Figure 1",
    ),
    Claim(
        BROWS, "section 1", "brows", "angry", ("mvgg16", "masked"), ("vgg16", "masked"),
        setting="both on faces in masks",
    ),
    Claim(
        BROWS, "section 1", "brows", "angry", ("mvgg16", "plain"), ("vgg16", "plain"),
        setting="both on faces as they are",
    ),
    Claim(
        LEVERAGE, "section 1", "brows", "all", ("vgg16", "plain"), None, more=False,
        setting="read as: the brows get less than their part of the picture",
    ),
    Claim(MOUTH, "section 5.2", "mouth", "fear", ("pvgg16", "plain"), ("vgg16", "plain")),
    Claim(
        NOSE, "section 5.2", "nose", "fear", ("pvgg16", "plain"), ("vgg16", "plain"), more=False
    ),
    Claim(
        DISGUST, "section 5.2", "mouth", "disgust", ("pvgg16", "plain"), ("vgg16", "plain"),
        more=False, setting="read as: less than VGG16 does",
    ),
)  # fmt: skip


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
    """A row a claim: the two shares in per cent, their difference, the same over all emotions."""
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
                "answer": statement(claim, effect).answer,
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
    """A line for each of the paper's wordings, with the answers in every setting."""
    lines: dict[str, list[str]] = {}
    for claim in claims:
        head = f"“{claim.words}” ({claim.place}; {claim.region}, {_faces(claim.emotion)})"
        effect = measured(claim, found, only_right)
        said = SAID[statement(claim, effect).answer]
        if effect.seeds:
            said += f", {effect} points on {effect.images:,} faces"
        lines.setdefault(head, []).append(f"{claim.setting}: {said}" if claim.setting else said)
    return "\n".join(f"- {head}: {'; '.join(said)}." for head, said in lines.items())


def curve_table(curves: Mapping[str, Mapping[str, np.ndarray]]) -> pd.DataFrame:
    """By how much a network's own maps beat another face's map and a random order."""
    rows = {}
    for kind, lines in curves.items():
        first = lines["own"].mean(axis=0)
        rows[kind] = {
            "probability, whole face": f"{first[0 if kind == 'deletion' else -1]:.2f}",
            "better than another's, hundredths": str(saliency.better_by(lines, kind, "another's")),
            "better than random, hundredths": str(saliency.better_by(lines, kind, "random")),
            "seeds": str(len(lines["own"])),
        }
    return pd.DataFrame(rows).T


def curve_sentence(curves: Mapping[str, Mapping[str, np.ndarray]]) -> str:
    """Do the maps name the pixels that count: those of this face, not of any face?"""
    said = []
    for kind, lines in curves.items():
        for control, words in {"another's": "the map of another face", "random": "chance"}.items():
            effect = saliency.better_by(lines, kind, control)
            answer = SAID[Statement("", "", effect).answer]
            said.append(f"{kind}, better than {words}: {answer} ({effect} hundredths)")
    return "\n".join(f"- {line[0].upper()}{line[1:]}." for line in said) or "Not measured yet."


def _short(claim: Claim) -> str:
    names = [_network(side) for side in (claim.first, claim.second) if side]
    against = names[1] if len(names) > 1 else "its area"
    sign = ">" if claim.more else "<"
    return f"{claim.region}, {_faces(claim.emotion)}: {names[0]} {sign} {against}"


def _network(side: tuple[str, str]) -> str:
    return f"{NETWORKS[side[0]]} ({WHERE[side[1]]})"


def _faces(emotion: str) -> str:
    return "all emotions" if emotion == "all" else emotion
