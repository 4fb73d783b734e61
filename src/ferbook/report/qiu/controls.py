"""Is it the clusters? The scheme on VGG16 beside what else could do what it does, and its readings.

Differences are in points on the same images, seed by seed (`report.effects`), of plain faces and of
the same faces in masks, since section 6 claims the gain there.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ferbook.report import sources
from ferbook.report.chew.contrasts import count_seeds
from ferbook.report.effects import Effect
from ferbook.report.qiu.answers import as_told
from ferbook.report.qiu.networks import NETWORKS, Side, apart, runs, side, term, title
from ferbook.report.qiu.performance_verdicts import by_answer, listed
from ferbook.report.qiu.tables import accuracy, largest_p
from ferbook.report.tables import interval_text

#: What the scheme is compared with, on VGG16: {what is done: variant}.
CONTROLS = {
    "the scheme": "pvgg16",
    "clusters moved at random": "moved",
    "random squares instead": "patches",
    "attention, nothing clustered": "avgg16",
    "baseline, twice the epochs": "long",
}
#: How the scheme stands beside a control, by the side of 0 on which their difference is.
BESIDE: dict[Side, str] = {"above": "ahead of", "below": "behind", "open": "not told apart from"}
READINGS = {
    "as taken": "pvgg16",
    "attention as it is, with its frame": "raw",
    "only clusters are kept": "keep",
    "a channel for each cluster": "stack",
    "clusters of each image": "image",
    "I in 0 to 255": "grey",
    "I is the attention": "attention",
    "spatial attention alone": "spatial",
}


def against(
    variants: Mapping[str, str], tier: str, base: str = "vgg16", second: str = "pvgg16"
) -> pd.DataFrame:
    """Accuracy of each variant, its distance from the baseline, and the scheme's from it, also on
    faces in masks."""
    rows, own = {}, {}
    for name, variant in {title(base): base, **variants}.items():
        share = accuracy(variant, tier=tier)
        own[name] = [*runs(variant, tier), *runs(base, tier), *runs(second, tier)]
        less, masked = (
            "–" if variant == second else str(apart(term(second, view), term(variant, view), tier))
            for view in ("plain", "masked")
        )
        rows[name] = {
            "epochs": epochs(variant, tier),
            "accuracy": interval_text(share) if share.runs else "–",
            "minus baseline": "–"
            if variant == base
            else str(apart(term(variant), term(base), tier)),
            "scheme minus it": less,
            "the same in masks": masked,
            "seeds": str(share.runs),
        }
    return sources.of(pd.DataFrame(rows).T, own)


def epochs(variant: str, tier: str) -> str:
    """That a network took, those of its attention network included: "10 + 10"."""
    for record in runs(variant, tier):
        first = (record.data.get("phases") or {}).get("attention")
        before = f"{first['epochs']:.0f}\N{NO-BREAK SPACE}+\N{NO-BREAK SPACE}" if first else ""
        return f"{before}{len(record.history)}"
    return "–"


def leads(tier: str, second: str = "pvgg16", view: str = "plain") -> dict[str, Effect]:
    """The scheme minus each of its controls, in points."""
    return {
        name: apart(term(second, view), term(variant, view), tier)
        for name, variant in CONTROLS.items()
        if variant != second
    }


def controls(tier: str, second: str = "pvgg16", base: str = "vgg16") -> str:
    """Does the scheme do more than what its controls do?"""
    gain = apart(term(second), term(base), tier)
    if not gain.seeds:
        return "Nothing is measured yet."
    lead = leads(tier, second)
    answers = by_answer(lead)
    values = "; ".join(f"{name}: {one}" for name, one in lead.items())
    head = f"The scheme is {gain} points from its baseline ({count_seeds(gain)})"
    if gain.seeds < 2:
        few = f"{head}, too few for a gain that controls could explain."
        beside = f" It is {told}." if (told := by_sign(lead)) else ""
        return f"{few}{beside}{unfinished(base, tier)}"
    better, less = answers.named("above"), answers.named("below")
    if side(gain) != "above":
        body = "a loss" if side(gain) == "below" else "no gain is shown, so none is to be explained"
    elif len(better) == len(lead):
        body = "it does more than every control, so where clusters lie matters"
    else:
        rest = [name for name in lead if name not in better]
        body = f"a gain, but it is not told apart from {listed(rest)}"
    more = f" It does more than {listed(better)}." if better else ""
    more += f" It does less than {listed(less)}." if less else ""
    end = f" The scheme minus each control: {values}.{unfinished(base, tier)}"
    return f"**{head}: {body}.**{more}{end}"


def by_sign(found: Mapping[str, Effect]) -> str:
    """Whom the scheme is ahead of, and behind, by more than the choice of images explains."""
    told = by_answer({f"*{name}*": as_told(one) for name, one in found.items()})
    said = [f"{words} {listed(names)}" for w, words in BESIDE.items() if (names := told.named(w))]
    return f"{'; '.join(said)}; by more than the choice of images explains" if said else ""


def masked(tier: str) -> str:
    """On faces in masks: does the scheme do more there than its controls do?"""
    said = by_sign(leads(tier, view="masked"))
    return f"On VGG16 in masks the scheme is {said}." if said else ""


def attention(tier: str) -> pd.DataFrame:
    """A row a network: what CBAM alone adds to it, and what the scheme adds to that; points."""
    rows, own = {}, {}
    for network in NETWORKS.values():
        if network.attention is None:
            continue
        alone = apart(term(network.attention), term(network.baseline), tier)
        more = apart(term(network.scheme), term(network.attention), tier)
        both = (network.baseline, network.attention, network.scheme)
        own[network.title] = [run for variant in both for run in runs(variant, tier)]
        p = largest_p(network.scheme, network.attention, tier)
        rows[network.title] = {
            "attention minus baseline": str(alone),
            "scheme minus attention": str(more),
            "largest p": f"{p:.2g}" if more.seeds else "–",
            "seeds": str(more.seeds),
        }
    return sources.of(pd.DataFrame(rows).T, own)


def unfinished(variant: str, tier: str) -> str:
    """What a short training says of a longer one: where its last epoch was its best, and it was cut
    short of the paper's, more epochs help whatever is done in them."""
    cut = [record for record in runs(variant, tier) if "epochs" in record.config["reduced"]]
    if not cut or any(r.data["selected_epoch"] < len(r.history) for r in cut):
        return ""
    return (
        f" {title(variant)} was at its best in the last of its {len(cut[0].history)} epochs, of "
        f"{cut[0].config['reduced']['epochs']} in the paper: more epochs help here whatever is "
        "done in them, and need not at the paper's length."
    )
