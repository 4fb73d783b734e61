"""What the runs say of the claims of section 1 on face masks: sentences computed from intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ferbook.report.chew.hypotheses import Answer, Statement
from ferbook.report.effects import Effect
from ferbook.report.printed import printed
from ferbook.report.qiu import mask_losses as losses
from ferbook.report.qiu.answers import SAID, as_told, say, say_of
from ferbook.report.qiu.figures_table1 import Changes
from ferbook.report.qiu.mask_losses import MOUTHED, BySeed
from ferbook.report.qiu.networks import NETWORKS
from ferbook.report.qiu.tables import COLUMNS

#: {network: {seed: answers}}
Networks = Mapping[str, BySeed]


def read(tier: str) -> dict[str, dict[int, losses.Masked]]:
    """Every network of Table 1 that has runs on both kinds of faces."""
    found = {name: losses.by_seed(name, tier) for name in NETWORKS}
    return {name: seeds for name, seeds in found.items() if seeds}


def changes(networks: Networks, metric: str = "recall") -> dict[str, dict[str, Effect]]:
    """Table 1: {network: {emotion: with mask minus without}}."""
    return {
        name: {emotion: losses.change(seeds, emotion, metric) for emotion in COLUMNS}
        for name, seeds in networks.items()
    }


def before(networks: Networks, metric: str = "recall") -> dict[str, dict[str, Effect]]:
    """{network: {emotion: its level without a mask}}: more than that no emotion can lose."""
    return {
        name: {emotion: losses.level(seeds, emotion, "plain", metric) for emotion in COLUMNS}
        for name, seeds in networks.items()
    }


def unnamed(networks: Networks) -> dict[str, tuple[str, ...]]:
    """{network: emotions that it never answers, with a mask or without}."""
    return {name: losses.unnamed(seeds) for name, seeds in networks.items()}


def printed_table() -> dict[str, dict[str, float]]:
    """The paper's Table 1."""
    return {name: printed(f"qiu/table1/{name}") for name in NETWORKS}


# --- the print itself ---------------------------------------------------------------------------


def twins() -> list[tuple[str, str]]:
    """Rows of the printed table that are equal in every cell."""
    table = printed_table()
    names = [name for name, row in table.items() if row]
    return [(a, b) for i, a in enumerate(names) for b in names[i + 1 :] if table[a] == table[b]]


def twin_sentence(found: Changes) -> str:
    """Which printed rows are equal, and how far apart ours are."""
    said = []
    for first, second in twins():
        cells, names = len(printed_table()[first]), [NETWORKS[n].title for n in (first, second)]
        text = (
            f"In print the rows {names[0]} and {names[1]} are equal in each of their {cells} cells."
        )
        if first in found and second in found:
            gaps = {e: abs(found[first][e].mean - found[second][e].mean) for e in COLUMNS}
            most = max(gaps, key=gaps.__getitem__)
            text += f" Ours differ by up to {gaps[most]:.1f} points ({most})."
        said.append(text)
    return " ".join(said) or "In print no two rows are equal."


# --- the claims ---------------------------------------------------------------------------------


def counted(cells: Sequence[Effect]) -> dict[str, int]:
    """Cells whose interval says that they fall or rise, that tell neither, and with one seed."""
    measured = [cell for cell in cells if cell.seeds]
    several = [cell for cell in measured if cell.seeds > 1]
    return {
        "falls": sum(cell.told and cell.sign < 0 for cell in several),
        "rises": sum(cell.told and cell.sign > 0 for cell in several),
        "open": sum(not cell.told for cell in several),
        "one seed": len(measured) - len(several),
    }


def every_answer(cells: Sequence[Effect]) -> Answer:
    """Of "each falls": fails as soon as one rises."""
    found = counted(cells)
    if found["rises"]:
        return "fails"
    return _undecided(found) or "holds"


def some_answer(cells: Sequence[Effect]) -> Answer:
    """Of "some rise": holds as soon as one rises."""
    found = counted(cells)
    if found["rises"]:
        return "holds"
    return _undecided(found) or "fails"


def _undecided(found: Mapping[str, int]) -> Answer | None:
    if not sum(found.values()):
        return "not measured"
    if found["one seed"]:
        return "one seed"
    return "open" if found["open"] else None


def every_sentence(found: Changes, figure: str, with_print: bool = False) -> str:
    """ "The accuracy and F1 scores for each emotion class decreased", for one of the two."""
    cells = [effect for row in found.values() for effect in row.values() if effect.seeds]
    text = f"**Each emotion's {figure} falls** (section 1): {say_of(cells, every_answer)}"
    if cells:
        n = counted([as_told(cell) for cell in cells])
        parts = [f"{n[key]} {words[n[key] != 1]}" for key, words in _WORDS.items() if n[key]]
        text += f"; of {len(cells)} cells {', '.join(parts)}"
    if with_print:
        values = [value for row in printed_table().values() for value in row.values()]
        text += f". In print {sum(v < 0 for v in values)} of {len(values)} fall"
    return text + "."


_WORDS = {
    "falls": ("falls", "fall"),
    "rises": ("rises", "rise"),
    "open": ("can be told neither way", "can be told neither way"),
}


def sad_sentence(found: Changes, emotion: str = "sad") -> str:
    """ "for emotion sad, there was a slight increase in accuracy in some cases"."""
    cells = {name: row[emotion] for name, row in found.items() if row[emotion].seeds}
    said = f"**{emotion.capitalize()} gains in some cases** (section 1): "
    said += say_of(list(cells.values()), some_answer)
    if cells:
        up = [NETWORKS[name].title for name, effect in cells.items() if effect.mean > 0]
        low, high = (end(effect.mean for effect in cells.values()) for end in (min, max))
        said += (
            f"; of {len(cells)} network{'s' * (len(cells) > 1)} it rises for "
            f"{', '.join(up) or 'none'} "
            f"(means {low:+.1f} to {high:+.1f} points)"
        )
    rise = [NETWORKS[n].title for n, row in printed_table().items() if row.get(emotion, 0) > 0]
    return f"{said}. In print it rises for {', '.join(rise) or 'none'}."


def most_sentence(seeds: BySeed, name: str) -> str:
    """ "particularly for emotions like happy and surprise": do they fall more than the others?"""
    pair = " and ".join(MOUTHED)
    effect = losses.beyond_others(seeds)
    statement = Statement("", "", effect, -np.inf, 0.0)
    said = f"**{pair.capitalize()} fall more than the others** (abstract): {say(statement)}"
    title = NETWORKS[name].title
    if effect.seeds:
        said += (
            f"; the mean change of the two minus that of the others is {effect} points ({title})"
        )
    row = printed_table()[name]
    order = sorted(row, key=row.__getitem__)
    places = ", ".join(f"{emotion} is number {order.index(emotion) + 1}" for emotion in MOUTHED)
    return f"{said}. In print {title} loses most on {order[0]}; {places} of {len(row)}."


def disgust_sentence(seeds: BySeed, name: str, emotion: str = "disgust") -> str:
    """ "while accuracy for disgust improved"."""
    effect = losses.change(seeds, emotion)
    said = f"**Accuracy for {emotion} improves** (abstract): "
    title = NETWORKS[name].title
    if emotion in losses.unnamed(seeds):
        said += f"no answer; {title} never answers it"
    else:
        said += say(Statement("", "", effect))
        if effect.seeds:
            said += f"; {title} {effect} points on {effect.images:,} faces"
    return f"{said}. The paper's Table 1 prints {printed_table()[name][emotion]:+g} for {title}."


def largest_sentence(networks: Networks) -> str:
    """ "For emotions like happiness and surprise, the model's accuracy dropped by up to 85%"."""
    claim = printed("qiu/claim")["largest-drop"]
    lowest = min(row[e] for row in printed_table().values() for e in MOUTHED if e in row)
    said = f"**{' and '.join(MOUTHED).capitalize()} drop by up to {claim:g} %** (section 1): "
    points, shares = (_lowest(networks, measure) for measure in (losses.change, losses.relative))
    if points is None or shares is None:
        said += SAID["not measured"]
    else:
        reached = Statement("", "", shares[1], -np.inf, -claim)
        said += (
            f"over {count_of(networks)} our largest loss in points is {points[0]}, {points[1]}; "
            f"as a share of what it was {shares[0]}, {shares[1]} %; that the share comes to "
            f"{claim:g} %: {say(reached)}"
        )
    return f"{said}. In the paper's Table 1 the largest is {lowest:g}."


def _lowest(
    networks: Networks, measure: Callable[[BySeed, str], Effect]
) -> tuple[str, Effect] | None:
    """Whose loss of which of `MOUTHED` is the largest over all networks, and how large."""
    cells = {
        f"{NETWORKS[name].title}'s of {emotion}": measure(seeds, emotion)
        for name, seeds in networks.items()
        for emotion in MOUTHED
    }
    cells = {key: effect for key, effect in cells.items() if effect.seeds}
    return min(cells.items(), key=lambda cell: cell[1].mean, default=None)


def count_of(networks: Networks) -> str:
    """ "all 6 rows", "2 of 6 rows" of the paper's Table 1."""
    whole = len(networks) == len(NETWORKS)
    return f"{'all' if whole else f'{len(networks)} of'} {len(NETWORKS)} rows"
