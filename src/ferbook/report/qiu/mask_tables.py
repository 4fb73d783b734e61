"""Beyond Table 1: guesses under a mask, faces the detector missed, networks that know masks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ferbook.report.effects import Effect
from ferbook.report.qiu import mask_losses as losses
from ferbook.report.qiu.figures_table1 import Changes
from ferbook.report.qiu.mask_losses import BySeed
from ferbook.report.qiu.networks import NETWORKS, apart, term
from ferbook.report.qiu.tables import COLUMNS, accuracy
from ferbook.report.tables import interval_text

#: Missed faces of an emotion of which a change is told.
FEWEST = 10
VIEWS = ("plain", "masked")
UNMEASURED = "Nothing is measured yet."
#: By the sign of found minus missed.
COSTS = {
    1: "masks cost less on faces that were found",
    -1: "masks cost more on faces that were found",
    0: "no difference between the two can be told",
}


def guesses(seeds: BySeed, head: str = "") -> pd.DataFrame:
    """Per cent of the test faces that show each emotion, and that are said to, in either view;
    `head` names the network."""
    rows = {}
    for emotion in COLUMNS if seeds else ():
        first = next(iter(seeds.values()))
        rows[emotion] = {
            "of all faces": f"{100 * first.shows(emotion).mean():.1f}",
            "said without mask": _share_said(losses.answered(seeds, emotion, "plain")),
            "said with mask": _share_said(losses.answered(seeds, emotion, "masked")),
            "F1 without": _hundredths(losses.level(seeds, emotion, "plain", "f1")),
            "F1 with": _hundredths(losses.level(seeds, emotion, "masked", "f1")),
        }
    return pd.DataFrame(rows).T.rename_axis(columns=head)


def guess_sentence(seeds: BySeed, head: str) -> str:
    """Which answer a mask makes commoner, and whether it was the commonest already."""
    if not seeds:
        return UNMEASURED
    said = {e: [losses.answered(seeds, e, v) for v in ("plain", "masked")] for e in COLUMNS}
    most = max(said, key=lambda e: said[e][1] - said[e][0])
    first = max(said, key=lambda e: said[e][0])
    if said[most][1] <= said[most][0]:
        return f"A mask makes no answer of {head} commoner."
    true = 100 * float(next(iter(seeds.values())).shows(most).mean())
    rank = (
        "was the commonest answer already"
        if most == first
        else f"was not the commonest before: “{first}” was ({said[first][0]:.1f} %)"
    )
    return (
        f"Of the answers of {head} a mask raises “{most}” most, by "
        f"{said[most][1] - said[most][0]:.1f} points: from {said[most][0]:.1f} to "
        f"{said[most][1]:.1f} % of all faces, of which {true:.1f} % show it. It {rank}."
    )


def better_sentence(seeds: BySeed, head: str, emotion: str = "sad") -> str:
    """Is an emotion read better under a mask, or only said more often?"""
    if not seeds:
        return UNMEASURED
    said = [losses.answered(seeds, emotion, view) for view in VIEWS]
    recall, f1 = (
        [losses.level(seeds, emotion, view, metric).mean for view in VIEWS]
        for metric in ("recall", "f1")
    )
    often = {1: "more often", -1: "less often"}.get(_way(said), "as often")
    told = {1: "better", -1: "worse"}.get(_way(f1), "as well")
    return (
        f"Is {emotion} read better by {head} under a mask? It is answered for {said[0]:.1f} % of "
        f"faces without and {said[1]:.1f} % with one; its recall goes from {recall[0]:.1f} to "
        f"{recall[1]:.1f} %, its F1 from {f1[0] / 100:.2f} to {f1[1] / 100:.2f}: said "
        f"{often}, read {told}."
    )


def _way(pair: Sequence[float]) -> int:
    return int(np.sign(pair[1] - pair[0]))


def gained_sentence(recalls: Changes, f1: Changes) -> str:
    """The emotions whose recall rises under a mask, of all networks, and whether F1 does, too."""
    cells = {
        f"{NETWORKS[name].title}'s of {emotion}": (effect, f1[name][emotion])
        for name, row in recalls.items()
        for emotion, effect in row.items()
        if effect.seeds
    }
    if not cells:
        return UNMEASURED
    up = {where: pair for where, pair in cells.items() if pair[0].mean > 0}
    if not up:
        return f"Of {len(cells)} recalls, over all networks, none rises under a mask."
    each = [
        f"{where}, by {recall} points, while F1 changes by "
        f"{other} hundredths ({_bought(recall, other)})"
        for where, (recall, other) in up.items()
    ]
    rise = "rises" if len(up) == 1 else "rise"
    return f"Of {len(cells)} recalls, over all networks, {len(up)} {rise}: {'; '.join(each)}."


def _bought(recall: Effect, f1: Effect) -> str:
    if not (recall.sign and f1.sign):
        return "these runs cannot tell"
    text = "a gain for nothing" if f1.sign < 0 else "a gain"
    return text if min(recall.seeds, f1.seeds) > 1 else f"leans to {text}"


def undetected(seeds: BySeed, head: str = "") -> pd.DataFrame:
    """The change of recall on faces that the detector found and on those that it missed (A27), what
    the recall of both was without a mask, and the change as a share of that."""
    rows, never = {}, losses.unnamed(seeds)
    for name in (*COLUMNS, "all") if seeds else ():
        chosen = () if name == "all" else (name,)
        found = losses.missed(seeds, *chosen)
        few = found["missed"].images < FEWEST
        pairs = {
            "without mask, %": (losses.missed(seeds, *chosen, figure=losses.bare), ".1f"),
            "of what it was, %": (losses.missed(seeds, *chosen, figure=losses.share), "+.0f"),
        }
        rows[name] = {
            key: "never answered"
            if name in never and key == "all"
            else "–"
            if name in never or (few and "missed" in key)
            else str(effect)
            for key, effect in found.items()
        }
        for head_of, (figure, form) in pairs.items():
            rows[name][head_of] = "–" if name in never else _pair(figure, form, few)
        rows[name]["faces"] = f"{found['found'].images:,} and {found['missed'].images:,}"
    return pd.DataFrame(rows).T.rename_axis(columns=head)


def undetected_sentence(seeds: BySeed) -> str:
    """Would Table 1 be another without the missed faces?"""
    found = losses.missed(seeds)
    if not found["all"].seeds:
        return UNMEASURED
    bare, share = (losses.missed(seeds, figure=f) for f in (losses.bare, losses.share))
    moved = found["found"].mean - found["all"].mean
    gaps = [each["found − missed"] for each in (found, share)]
    costs = [COSTS[gap.sign] for gap in gaps]
    verdict = (
        f"Both in points and as a share {costs[0]}"
        if costs[0] == costs[1]
        else f"In points {costs[0]}; as a share of what it was {costs[1]}"
    )
    return (
        f"Leaving out the missed faces moves the change over all emotions by {moved:+.1f} points. "
        f"Without a mask {bare['found'].mean:.1f} % of the found faces are read right and "
        f"{bare['missed'].mean:.1f} % of the missed ones; a mask changes that by "
        f"{found['found'].mean:+.1f} and {found['missed'].mean:+.1f} points, "
        f"which is {share['found'].mean:+.0f} and {share['missed'].mean:+.0f} % of what it was. "
        f"{verdict}{_leaning(gaps[0])}."
    )


def _pair(found: Mapping[str, Effect], form: str, few: bool) -> str:
    """ "58.4 and 46.5" of faces found and missed; of few missed ones nothing."""
    first, second = (found[key] for key in ("found", "missed"))
    each = [f"{e.mean:{form}}" if e.seeds else "–" for e in (first, second)]
    return f"{each[0]} and {'–' if few else each[1]}"


def trained(tier: str, plain: str = "vgg16", masked: str = "mvgg16") -> pd.DataFrame:
    """Accuracy in per cent, trained on (rows) by scored on (columns), and second minus first."""
    rows = {}
    for name, variant in {"faces as they are": plain, "faces in masks": masked}.items():
        shares = {view: accuracy(variant, view, tier) for view in ("plain", "masked")}
        rows[name] = {
            "scored on faces as they are": _share(shares["plain"]),
            "scored on faces in masks": _share(shares["masked"]),
            "seeds": str(shares["plain"].runs),
        }
    rows["second minus first"] = {
        "scored on faces as they are": str(apart(term(masked), term(plain), tier)),
        "scored on faces in masks": str(apart(term(masked, "masked"), term(plain, "masked"), tier)),
        "seeds": "",
    }
    return pd.DataFrame(rows).T


def trained_by_emotion(
    tier: str, plain: str = "vgg16", masked: str = "mvgg16"
) -> dict[str, Effect]:
    """What training on masked faces adds on masked faces, points of recall by emotion."""
    sides = term(masked, "masked"), term(plain, "masked")
    return {emotion: apart(*sides, tier, emotion) for emotion in COLUMNS}


def trained_sentence(tier: str, plain: str = "vgg16", masked: str = "mvgg16") -> str:
    """How much of the loss is the mask's, and how much is that masks were new to the network."""
    loss = apart(term(plain, "masked"), term(plain), tier)
    left = apart(term(masked, "masked"), term(plain), tier)
    gain = apart(term(masked, "masked"), term(plain, "masked"), tier)
    if not (loss.seeds and left.seeds):
        return UNMEASURED
    said = (
        f"A mask changes the accuracy of VGG16 by {loss.mean:+.1f} points; training on faces in "
        f"masks changes it by {gain.mean:+.1f}, which leaves {left.mean:+.1f}"
    )
    told = {
        1: "Part of the loss was that masks were new, not that the mouth is hidden",
        -1: "Training on masks did not help",
        0: "Whether training on masks helps cannot be told",
    }[gain.sign]
    return f"{said}. {told}{_leaning(gain)}."


def by_emotion_sentence(gains: Mapping[str, Effect]) -> str:
    """Which emotions the network trained on masks reads better behind a mask, and which worse."""
    known = {emotion: gain for emotion, gain in gains.items() if gain.seeds}
    if not known:
        return UNMEASURED
    words = {1: "rises for", -1: "falls for", 0: "is not told to change for"}
    said = []
    for sign, verb in words.items():
        if names := [emotion for emotion, gain in known.items() if gain.sign == sign]:
            said.append(f"{verb} {', '.join(names)}")
    return f"By emotion, recall {'; it '.join(said)}{_leaning(next(iter(known.values())))}."


def recall_sentence(
    tier: str, emotion: str = "angry", plain: str = "vgg16", masked: str = "mvgg16"
) -> str:
    """Whether the network trained on masks reads an emotion better behind a mask than the other."""
    gain = apart(term(masked, "masked"), term(plain, "masked"), tier, emotion)
    if not gain.seeds:
        return UNMEASURED
    levels = [
        losses.level(losses.by_seed(name, tier), emotion, "masked").mean for name in (masked, plain)
    ]
    told = {
        1: "training on masks helps to read them",
        -1: "training on masks makes it read fewer of them",
        0: "whether training on masks helps to read them cannot be told",
    }[gain.sign]
    return (
        f"Of {gain.images:,} {emotion} faces in masks VGG16 trained on masks reads "
        f"{levels[0]:.1f} % right, VGG16 trained on faces as they are {levels[1]:.1f} %; the "
        f"difference is {gain} points: {told}{_leaning(gain)}."
    )


def _leaning(effect: Effect) -> str:
    """With one seed that a verdict is none."""
    return ", as these runs lean" if effect.seeds < 2 else ""


def _share(summary: object) -> str:
    return interval_text(summary) if summary.runs else "–"  # type: ignore[attr-defined, arg-type]


def _share_said(per_cent: float) -> str:
    """Per cent of the faces; in words where it is none at all."""
    return f"{per_cent:.1f}" if per_cent else "never"


def _hundredths(effect: Effect) -> str:
    """ "0.52": F1 as papers print it."""
    return f"{effect.mean / 100:.2f}" if effect.seeds else "–"
