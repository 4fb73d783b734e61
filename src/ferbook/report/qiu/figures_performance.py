"""Qiu's Tables 2 and 3 and our controls as figures of records, ours beside the printed numbers.

`say_...` is what a figure says to those who do not see it (`report.alternatives`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ferbook.emotions import COLOURS
from ferbook.report.alternatives import NOTHING
from ferbook.report.effects import Effect, right_by_seed
from ferbook.report.figures import WIDTH, nothing
from ferbook.report.printed import printed
from ferbook.report.qiu.networks import NETWORKS, apart, paper, term
from ferbook.report.qiu.tables import COLUMNS, accuracy
from ferbook.report.tables import PART_NAMES
from ferbook.study.cards import Card
from ferbook.study.evaluation import Summary

WITHOUT, WITH, PRINTED = "#0072B2", "#D55E00", "#222222"


def levels(tier: str) -> Figure:
    """Tables 2.1 and 2.2: every network without and with the scheme, a dot a seed, the mean's 95 %
    interval behind, the printed number as a diamond."""
    found = _levels(tier)
    if not any(level.runs for level, _, _ in found.values()):
        return nothing()
    figure, axis = plt.subplots(figsize=(WIDTH, 0.9 + 0.55 * len(NETWORKS)))
    for row, network in enumerate(NETWORKS.values()):
        for shift, variant, colour in (
            (-0.17, network.baseline, WITHOUT),
            (0.17, network.scheme, WITH),
        ):
            level, values, said = found[variant]
            at = row + shift
            if level.runs:
                ends = [100 * max(level.low, 0.0), 100 * min(level.high, 1.0)]
                axis.plot(ends, [at, at], color=colour, lw=6, alpha=0.25, solid_capstyle="butt")
                axis.plot(100 * np.array(values), [at] * len(values), "o", color=colour, ms=4.5)
            if said is not None:
                axis.plot(said, at, "D", mfc="none", mec=PRINTED, ms=5.5)
    axis.set_yticks(range(len(NETWORKS)), [n.title for n in NETWORKS.values()])
    axis.set(xlabel=f"accuracy, % of PrivateTest (n = {_images(tier):,})")
    axis.set_ylim(len(NETWORKS) - 0.5, -0.5)
    axis.grid(False, axis="y")
    _legend(figure, {"as it is": WITHOUT, "by the scheme": WITH})
    return figure


def say_levels(tier: str) -> str:
    """Of `levels`: every mean, and what is printed."""
    found = _levels(tier)
    if not any(level.runs for level, _, _ in found.values()):
        return NOTHING
    said = []
    for network in NETWORKS.values():
        for variant, how in ((network.baseline, "as it is"), (network.scheme, "by the scheme")):
            level, _, number = found[variant]
            ours = f"{100 * level.mean:.1f}" if level.runs else "not measured"
            text = "blank" if number is None else f"{number:g}"
            said.append(f"{network.title} {how} {ours} (printed {text})")
    return f"Dots, one a seed, with 95 % intervals: accuracy in %; {'; '.join(said)}"


def differences(
    found: Mapping[str, Effect], label: str, said: Mapping[str, float | None] | None = None
) -> Figure:
    """Differences in points with their 95 % intervals, a row each; printed ones as diamonds.

    Rows that are emotions have their colour.
    """
    here = {name: effect for name, effect in found.items() if effect.seeds}
    if not here:
        return nothing()
    figure, axis = plt.subplots(figsize=(WIDTH, 1.2 + 0.33 * len(here)))
    axis.axvline(0, color="black", lw=0.8)
    for row, (name, effect) in enumerate(here.items()):
        colour = COLOURS.get(name, WITHOUT)
        if effect.low < effect.high:
            axis.plot([effect.low, effect.high], [row, row], color=colour, lw=2.2)
        axis.plot(effect.mean, row, "o", color=colour, ms=6)
        value = (said or {}).get(name)
        if value is not None:
            axis.plot(value, row, "D", mfc="none", mec=PRINTED, ms=6)
    sizes = {effect.images for effect in here.values()}
    alike = f", n = {max(sizes):,}" if len(sizes) == 1 else ""
    names = [name if alike else f"{name} (n = {effect.images:,})" for name, effect in here.items()]
    axis.set_yticks(range(len(here)), names, fontsize=9)
    axis.set(xlabel=f"{label}, {_seeds(here)}{alike}", ylim=(len(here) - 0.5, -0.5))
    axis.grid(False, axis="y")
    if said:
        _legend(figure, {"measured, 95 %": WITHOUT})
    return figure


def _seeds(found: Mapping[str, Effect]) -> str:
    """ "3 seeds", "1 to 3 seeds"."""
    counts = sorted({effect.seeds for effect in found.values()})
    few = "" if len(counts) == 1 else f"{counts[0]} to "
    return f"{few}{counts[-1]} seed{'s' if counts[-1] > 1 else ''}"


def say_differences(
    found: Mapping[str, Effect], label: str, said: Mapping[str, float | None] | None = None
) -> str:
    """Of `differences`: each with its interval, and what is printed."""
    texts = []
    for name, effect in found.items():
        if effect.seeds:
            value = (said or {}).get(name)
            texts.append(f"{name} {effect}" + (f" (printed {value:+g})" if value else ""))
    return f"Dots with 95 % intervals, {label}: {'; '.join(texts)}" if texts else NOTHING


def by_emotion(baseline: str, tier: str, view: str = "plain") -> dict[str, Effect]:
    """Table 3 of one network: recall with the scheme minus without, the paper's order, then all."""
    network = NETWORKS[baseline]
    first, second = term(network.scheme, view), term(network.baseline, view)
    found = {name: apart(first, second, tier, name) for name in COLUMNS}
    return {**found, "all": apart(first, second, tier)}


def printed_by_emotion(baseline: str) -> dict[str, float | None]:
    """The printed row of Table 3; nothing where the cell is blank."""
    return dict(printed(f"qiu/table3/{baseline}"))


def class_sizes(card: Card) -> Figure:
    """Figure 3: images of each emotion in the whole dataset, counts written out."""
    sizes = np.bincount(card.labels, minlength=len(card.emotions))
    figure, axis = plt.subplots(figsize=(WIDTH, 2.5))
    axis.barh(card.emotions, sizes, color=[COLOURS[name] for name in card.emotions])
    for row, size in enumerate(sizes):
        axis.text(size + 60, row, f"{size:,}", va="center", fontsize=9)
    axis.set(xlabel=f"images (n = {len(card):,})", xlim=(0, 1.14 * sizes.max()))
    axis.grid(False, axis="y")
    axis.invert_yaxis()
    return figure


def say_class_sizes(card: Card) -> str:
    """Of `class_sizes`: every count."""
    sizes = np.bincount(card.labels, minlength=len(card.emotions))
    said = (f"{name} {size:,}" for name, size in zip(card.emotions, sizes, strict=True))
    return f"Bars: images of each emotion; {', '.join(said)}"


def counted(card: Card) -> list[str]:
    """Section 4.1 in its own numbers, each with the dataset's; then Training alone."""
    from ferbook.report.measure import count

    out = []
    rows = [row for row in paper().rows if row.id.startswith("qiu/dataset/")]
    twice = Counter(row.where for row in rows)
    for row in rows:
        protocol = paper().protocol(row)
        ours = count([card], row, protocol)
        if ours is None:
            continue
        if row.reported is None:
            out.append(f"{row.where.removeprefix('not printed: ')}, {row.count}: {ours:,} here")
            continue
        both = twice[row.where] > 1 and protocol.part in PART_NAMES
        part = f" ({PART_NAMES[protocol.part]})" if both else ""
        where = row.where.removeprefix("Section 4.1, ")
        out.append(f"{where}{part}: {row.reported.value:,.0f} printed, {ours:,} here")
    return out


def _levels(tier: str) -> dict[str, tuple[Summary, list[float], float | None]]:
    out = {}
    for network in NETWORKS.values():
        for variant in (network.baseline, network.scheme):
            scored = right_by_seed(term(variant), tier)
            values = [float(right.mean()) for _, right, _ in scored.values()]
            said = paper().by_id[f"qiu/table2/{variant}/accuracy"].reported
            number = None if said is None else said.value
            out[variant] = (accuracy(variant, tier=tier), values, number)
    return out


def _images(tier: str) -> int:
    for network in NETWORKS:
        for rows, _, _ in right_by_seed(term(network), tier).values():
            return len(rows)
    return 0


def _legend(figure: Figure, colours: Mapping[str, str]) -> None:
    handles = [Line2D([], [], color=c, marker="o", lw=0, label=name) for name, c in colours.items()]
    diamond = {"marker": "D", "mfc": "none", "mec": PRINTED, "lw": 0}
    handles.append(Line2D([], [], label="printed", **diamond))  # type: ignore[arg-type]
    figure.legend(handles=handles, loc="outside upper right", frameon=False, ncols=3, fontsize=9)
