"""Qiu's networks under their names in the paper's tables, and what belongs to each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from ferbook.report import tables
from ferbook.report.effects import Effect, Term, effect
from ferbook.study.records import Record

if TYPE_CHECKING:
    from ferbook.report.reported import Paper

BASELINES, SCHEME, ATTENTION = "backbones-fer2013", "perturb-fer2013", "attention-fer2013"


@dataclass(frozen=True)
class Network:
    """One row of the tables."""

    title: str
    baseline: str  #: variants
    scheme: str
    attention: str | None  #: with CBAM and nothing clustered; the ensemble has none


NETWORKS = {
    network.baseline: network
    for network in (
        Network("DenseNet", "densenet", "pdensenet", "adensenet"),
        Network("DPN", "dpn", "pdpn", "adpn"),
        Network("ResMasking", "resmasking", "presmasking", "aresmasking"),
        Network("ResNet", "resnet", "presnet", "aresnet"),
        Network("VGG16", "vgg16", "pvgg16", "avgg16"),
        Network("Ensemble", "ensemble", "pensemble", None),
    )
}
#: Where every other variant is trained.
ELSEWHERE = {
    "patches": "controls-vgg16",
    "moved": "controls-vgg16",
    "long": "long-vgg16",
    "mvgg16": "masked-fer2013",
    "mpvgg16": "masked-fer2013",
    **dict.fromkeys(
        ("raw", "keep", "stack", "image", "grey", "attention", "spatial"), "readings-vgg16"
    ),
    **dict.fromkeys(("vgg19", "resnet34", "dpn68"), "depths-fer2013"),
}


def experiment_of(variant: str) -> str:
    """The experiment that trains a variant."""
    for network in NETWORKS.values():
        for name, where in (
            (network.baseline, BASELINES),
            (network.scheme, SCHEME),
            (network.attention, ATTENTION),
        ):
            if variant == name:
                return where
    return ELSEWHERE[variant]


def term(variant: str, view: str = "plain", emotion: str | None = None) -> Term:
    """Accuracy of a variant on PrivateTest, on the images of one emotion where one is named."""
    named = None if emotion is None else (emotion,)
    return Term(f"qiu/{experiment_of(variant)}", variant, "test", view, named)


def runs(variant: str, tier: str) -> list[Record]:
    return tables.select(f"qiu/{experiment_of(variant)}", tier, [variant])


def apart(first: Term, second: Term, tier: str, emotion: str | None = None) -> Effect:
    """First minus second on the same images, in points."""
    sides = [t if emotion is None else replace(t, emotions=(emotion,)) for t in (first, second)]
    return effect([(1, sides[0]), (-1, sides[1])], tier)


Side = Literal["above", "below", "open", "one seed", "not measured"]


def side(found: Effect) -> Side:
    """On which side of 0 a difference is told to lie; one seed tells nothing."""
    if not found.seeds:
        return "not measured"
    if found.seeds < 2:
        return "one seed"
    return {1: "above", -1: "below"}.get(found.sign, "open")  # type: ignore[return-value]


@lru_cache(maxsize=1)
def paper() -> Paper:
    """What the paper prints, read once."""
    from ferbook.report.reported import load_reported

    return load_reported("qiu")


def title(variant: str) -> str:
    """How the paper writes a network: "PVGG"."""
    return paper().variants[variant].title


def printed_text(prefix: str) -> dict[str, str]:
    """{last part of the id: the number as printed, "0.685"} of the rows `prefix`/<one part>."""
    out = {}
    for row in paper().rows:
        head, _, tail = row.id.rpartition("/")
        if head == prefix and row.reported is not None:
            out[tail] = str(row.reported)
    return out
