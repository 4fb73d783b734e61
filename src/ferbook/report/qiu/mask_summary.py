"""What the page on face masks has found so far, and where its changes could not be others."""

from __future__ import annotations

from collections.abc import Mapping

from ferbook.report.effects import Effect
from ferbook.report.qiu import mask_verdicts as verdicts
from ferbook.report.qiu.answers import caveat
from ferbook.report.qiu.mask_losses import MOUTHED
from ferbook.report.qiu.mask_verdicts import Networks
from ferbook.report.qiu.networks import NETWORKS, apart, runs, term
from ferbook.report.qiu.tables import COLUMNS


def so_far(tier: str) -> str:
    """What a mask costs, whether it costs what the paper says, and what the runs are worth."""
    networks = verdicts.read(tier)
    records = [record for name in networks for record in runs(name, tier)]
    if not networks:
        return f"**So far.** {caveat(records)}"
    cost = {name: apart(term(name, "masked"), term(name), tier) for name in networks}
    said = f"**So far.** {cost_sentence(cost)} {pair_sentence(networks)} {disgust(networks)}"
    return f"{said} {print_sentence(networks)} {caveat(records)}"


def cost_sentence(cost: Mapping[str, Effect]) -> str:
    """The range over networks of the change in accuracy."""
    low = min(cost, key=lambda name: cost[name].mean)
    high = max(cost, key=lambda name: cost[name].mean)
    who = f"{len(cost)} network{'s' * (len(cost) > 1)}"
    ends = (f"{cost[name].mean:+.1f} ({NETWORKS[name].title})" for name in (high, low))
    return f"A mask changes the accuracy of {who} by {' to '.join(dict.fromkeys(ends))} points."


def pair_sentence(networks: Networks) -> str:
    """For how many networks happy and surprise are those that fall most, here and in print."""
    ours = {
        name: {e: change.mean for e, change in row.items() if change.seeds}
        for name, row in verdicts.changes(networks).items()
    }
    printed = {name: row for name, row in verdicts.printed_table().items() if row}
    counts = (f"{sum(map(_most, t.values()))} of {len(t)}" for t in (ours, printed))
    return "{} are the two that fall most for {} here and for {} in print.".format(
        " and ".join(MOUTHED).capitalize(), *counts
    )


def _most(row: Mapping[str, float]) -> bool:
    return set(sorted(row, key=row.__getitem__)[: len(MOUTHED)]) == set(MOUTHED)


def disgust(networks: Networks, emotion: str = "disgust") -> str:
    """For how many networks the emotion improves that the abstract says to improve."""
    rows, never = verdicts.changes(networks), verdicts.unnamed(networks)
    up = sum(row[emotion].mean > 0 for row in rows.values())
    mute = sum(emotion in names for names in never.values())
    printed = [row[emotion] for row in verdicts.printed_table().values() if emotion in row]
    aside = f" ({mute} never answer{'s' * (mute == 1)} it)" if mute else ""
    return (
        f"{emotion.capitalize()} improves for {up} of {len(rows)} here{aside} and for "
        f"{sum(value > 0 for value in printed)} of {len(printed)} in Table 1."
    )


def print_sentence(networks: Networks) -> str:
    """In how many cells the printed change lies within our interval, and where it cannot."""
    table, found = verdicts.printed_table(), verdicts.changes(networks)
    cells = [(name, e) for name in networks for e in COLUMNS if found[name][e].seeds]
    inside = sum(
        found[name][e].low <= table[name].get(e, float("nan")) <= found[name][e].high
        for name, e in cells
    )
    far = sum(map(len, beyond(networks).values()))
    return (
        f"Of {len(cells)} printed changes {inside} lie within our 95 % intervals; {far} are falls "
        "by more recall than our network had without a mask."
    )


# --- floors -------------------------------------------------------------------------------------


def beyond(networks: Networks) -> dict[str, list[str]]:
    """{emotion: networks that have less recall without a mask than the print says they lose}."""
    levels, table = verdicts.before(networks), verdicts.printed_table()
    found = {
        emotion: [
            name
            for name, row in levels.items()
            if row[emotion].seeds and row[emotion].mean < -table[name].get(emotion, 0.0)
        ]
        for emotion in COLUMNS
    }
    return {emotion: names for emotion, names in found.items() if names}


def floor_sentence(networks: Networks) -> str:
    """Where ours cannot fall as far as the print does, and which answers are never given."""
    far, text = beyond(networks), ""
    if far:
        cells = len(networks) * len(COLUMNS)
        each = [f"{e} ({len(names)} of {len(networks)})" for e, names in far.items()]
        text = (
            f"A recall cannot fall below 0. In {sum(map(len, far.values()))} of {cells} cells the "
            f"print takes away more than our network had without a mask: {', '.join(each)}. "
        )
    never: dict[str, list[str]] = {}
    for name, emotions in verdicts.unnamed(networks).items():
        for emotion in emotions:
            never.setdefault(emotion, []).append(NETWORKS[name].title)
    each = [f"{emotion} by {' and '.join(names)}" for emotion, names in never.items()]
    if each:
        text += (
            f"Never answered, with a mask or without: {', '.join(each)}; there the change says "
            "nothing."
        )
    return text.strip()
