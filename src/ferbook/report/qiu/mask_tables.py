"""Beyond Table 1: guesses under a mask, faces the detector missed, networks that know masks."""

from __future__ import annotations

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
UNMEASURED = "Nothing is measured yet."


def guesses(seeds: BySeed) -> pd.DataFrame:
    """Per cent of the test faces that show each emotion, and that are said to, in either view."""
    rows = {}
    for emotion in COLUMNS if seeds else ():
        first = next(iter(seeds.values()))
        rows[emotion] = {
            "of all faces": f"{100 * first.shows(emotion).mean():.1f}",
            "said without mask": f"{losses.answered(seeds, emotion, 'plain'):.1f}",
            "said with mask": f"{losses.answered(seeds, emotion, 'masked'):.1f}",
            "F1 without": _hundredths(losses.level(seeds, emotion, "plain", "f1")),
            "F1 with": _hundredths(losses.level(seeds, emotion, "masked", "f1")),
        }
    return pd.DataFrame(rows).T


def guess_sentence(seeds: BySeed) -> str:
    """Which answer a mask makes commoner, and that it is a matter of answers, not of faces."""
    if not seeds:
        return UNMEASURED
    said = {e: [losses.answered(seeds, e, v) for v in ("plain", "masked")] for e in COLUMNS}
    most = max(said, key=lambda e: said[e][1] - said[e][0])
    true = 100 * float(next(iter(seeds.values())).shows(most).mean())
    f1, recall = losses.change(seeds, most, "f1"), losses.change(seeds, most)
    told = {
        (True, False): ": it is said more, and gains recall for it without being read better",
        (False, False): ": said more, it is read worse all the same",
    }.get((recall.mean > 0, f1.mean > 0), "")
    return (
        f"A mask makes the answer “{most}” commoner than any other: from {said[most][0]:.1f} to "
        f"{said[most][1]:.1f} % of all faces, of which {true:.1f} % show it. Its recall changes by "
        f"{recall} points, its F1, which counts wrong answers too, by {f1} hundredths{told}."
    )


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
    if min(recall.seeds, f1.seeds) < 2:
        return "one seed, no answer"
    if not (recall.told and f1.told):
        return "these runs cannot tell"
    return "a gain for nothing" if f1.sign < 0 else "a gain"


def undetected(seeds: BySeed) -> pd.DataFrame:
    """The change of recall on faces that the detector found and on those that it missed (A27)."""
    rows = {}
    for name in (*COLUMNS, "all") if seeds else ():
        chosen = () if name == "all" else (name,)
        found = losses.missed(seeds, *chosen)
        few = found["missed"].images < FEWEST
        rows[name] = {
            key: "–" if few and "missed" in key else str(effect) for key, effect in found.items()
        } | {"faces": f"{found['found'].images:,} + {found['missed'].images:,}"}
    return pd.DataFrame(rows).T


def undetected_sentence(seeds: BySeed) -> str:
    """Would Table 1 be another without the missed faces?"""
    found = losses.missed(seeds)
    if not found["all"].seeds:
        return UNMEASURED
    gap = found["found − missed"]
    verdict = {
        1: "masks cost less on faces that were found",
        -1: "masks cost more on faces that were found",
        0: "no difference between the two can be told",
    }[gap.sign if gap.told else 0]
    if gap.seeds < 2:
        verdict = "one seed, no answer"
    return (
        f"Over all emotions the change is {found['all']} points with the missed faces and "
        f"{found['found']} without them. Found minus missed: {gap} points; {verdict}."
    )


def trained(tier: str, plain: str = "vgg16", masked: str = "mvgg16") -> pd.DataFrame:
    """Accuracy in per cent, learnt from (rows) by scored on (columns), and second minus first."""
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
    """What having learnt from masked faces adds on masked faces, points of recall by emotion."""
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
        f"A network that never met a mask changes by {loss} points under one. One that learnt from "
        f"faces in masks, scored on such faces, stands {left} points from the first on bare ones"
    )
    if gain.seeds < 2:
        return f"{said}; one seed, no answer."
    told = {
        1: "so part of the loss was that masks were new, not that the mouth is hidden",
        -1: "so learning from masks did not help",
        0: "whether learning from masks helps cannot be told",
    }[gain.sign]
    return f"{said}; {told} ({gain} points)."


def _share(summary: object) -> str:
    return interval_text(summary) if summary.runs else "–"  # type: ignore[attr-defined, arg-type]


def _hundredths(effect: Effect) -> str:
    """ "0.52": F1 as papers print it."""
    return f"{effect.mean / 100:.2f}" if effect.seeds else "–"
