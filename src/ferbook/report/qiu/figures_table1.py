"""Table 1 as a figure: what a face mask changes, six networks by seven emotions."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ferbook.report.alternatives import NOTHING
from ferbook.report.effects import Effect
from ferbook.report.figures import WIDTH, nothing
from ferbook.report.qiu.networks import NETWORKS
from ferbook.report.qiu.tables import COLUMNS

#: {network: {emotion: its change}}
Changes = Mapping[str, Mapping[str, Effect]]
Printed = Mapping[str, Mapping[str, float]]
#: {network: emotions that it never answers}
Unnamed = Mapping[str, Collection[str]]
OURS, FLOOR, *_ = sns.color_palette("colorblind").as_hex()


def table1(
    changes: Changes,
    printed: Printed | None = None,
    label: str = "points of recall",
    before: Changes | None = None,
    unnamed: Unnamed | None = None,
) -> Figure:
    """A panel a network, a row an emotion: ours with its 95 % interval, the printed value beside.

    `before` is the level without a mask: a stroke at minus that, the lowest a change can be. Of
    emotions in `unnamed` a cross says that there is no change to speak of. Where nothing is
    recorded yet the printed values stand alone, and the figure says so.
    """
    measured = any(effect.seeds for row in changes.values() for effect in row.values())
    if not measured and not printed:
        return nothing()
    figure, axes = plt.subplots(3, 2, sharex=True, sharey=True, figsize=(WIDTH, 8.0))
    for axis, (name, network) in zip(axes.flat, NETWORKS.items(), strict=True):
        never = (unnamed or {}).get(name, ())
        _floor(axis, (before or {}).get(name, {}), never)
        _panel(axis, changes.get(name, {}), (printed or {}).get(name, {}), never)
        axis.set_title(network.title + _seeds(changes.get(name, {})), fontsize=10)
    axes[0, 0].set_yticks(range(len(COLUMNS)), [_row(changes, name) for name in COLUMNS])
    axes[0, 0].set_ylim(len(COLUMNS) - 0.5, -0.5)
    axes[0, 0].xaxis.set_major_locator(MaxNLocator(5))
    figure.supxlabel(f"with mask minus without, {label}", fontsize=10)
    kinds = {
        "ours": measured,
        "printed": bool(printed),
        "floor": measured and before is not None,
        "never": measured and any((unnamed or {}).values()),
    }
    _legend(axes[0, 0], figure, kinds)
    return figure


def say_table1(
    changes: Changes, printed: Printed | None = None, unnamed: Unnamed | None = None
) -> str:
    """Of `table1`: for each network the emotion that falls most and the one that falls least, and
    those that it never answers."""
    said = []
    for name, network in NETWORKS.items():
        never = (unnamed or {}).get(name, ())
        row = {e: c.mean for e, c in changes.get(name, {}).items() if c.seeds and e not in never}
        if row:
            said.append(
                f"{network.title} {_ends(row)}" + f", never {' or '.join(never)}" * bool(never)
            )
        elif printed and printed.get(name):
            said.append(f"{network.title} as printed {_ends(printed[name])}")
    if not said:
        return NOTHING
    return f"Six panels of dots: change under a face mask by emotion; {'; '.join(said)}"


def single(changes: Mapping[str, Effect], label: str) -> Figure:
    """One panel: a change an emotion, with its 95 % interval."""
    if not any(effect.seeds for effect in changes.values()):
        return nothing()
    figure, axis = plt.subplots(figsize=(WIDTH, 3.0))
    _panel(axis, changes, {})
    axis.set_yticks(range(len(COLUMNS)), [_row({"": changes}, name) for name in COLUMNS])
    axis.set_ylim(len(COLUMNS) - 0.5, -0.5)
    axis.set_xlabel(label + _seeds(changes))
    return figure


def say_single(changes: Mapping[str, Effect]) -> str:
    """Of `single`: every change with its interval."""
    said = [f"{name} {effect}" for name, effect in changes.items() if effect.seeds]
    return f"Dots with 95 % intervals by emotion: {'; '.join(said)}" if said else NOTHING


def _floor(axis: Axes, before: Mapping[str, Effect], never: Collection[str]) -> None:
    for row, emotion in enumerate(COLUMNS):
        effect = before.get(emotion)
        if effect is not None and effect.seeds and emotion not in never:
            axis.plot(-effect.mean, row, "|", color=FLOOR, ms=11, mew=2)


def _panel(
    axis: Axes,
    changes: Mapping[str, Effect],
    printed: Mapping[str, float],
    never: Collection[str] = (),
) -> None:
    axis.axvline(0, color="black", lw=0.8)
    for row, emotion in enumerate(COLUMNS):
        effect = changes.get(emotion)
        if emotion in never:
            axis.plot(0, row, "x", color=OURS, ms=7, mew=2)
        elif effect is not None and effect.seeds:
            if effect.low < effect.high:
                axis.plot([effect.low, effect.high], [row, row], color=OURS, lw=5, alpha=0.35)
            axis.plot(effect.mean, row, "o", color=OURS, ms=5)
        if emotion in printed:
            axis.plot(printed[emotion], row, "D", mfc="none", mec="#222222", ms=6)
    axis.grid(False, axis="y")


def _seeds(changes: Mapping[str, Effect]) -> str:
    seeds = max((effect.seeds for effect in changes.values()), default=0)
    return f", {seeds} seed{'s' * (seeds > 1)}" if seeds else ""


def _row(changes: Changes, emotion: str) -> str:
    """ "fear (528)": the emotion and on how many images it was measured."""
    images = max((row[emotion].images for row in changes.values() if emotion in row), default=0)
    return f"{emotion} ({images})" if images else emotion


def _legend(axis: Axes, figure: Figure, kinds: Mapping[str, bool]) -> None:
    if kinds["ours"]:
        axis.plot([], [], "o-", color=OURS, lw=5, alpha=0.5, ms=5, label="ours, 95 %")
    if kinds["printed"]:
        axis.plot([], [], "D", mfc="none", mec="#222222", ms=6, label="printed")
    if kinds["floor"]:
        axis.plot([], [], "|", color=FLOOR, ms=11, mew=2, label="lowest there can be")
    if kinds["never"]:
        axis.plot([], [], "x", color=OURS, ms=7, mew=2, label="never answered")
    title = None if kinds["ours"] else "no such run is recorded yet"
    figure.legend(
        loc="outside upper right", frameon=False, ncols=2, fontsize=10, title=title,
        title_fontsize=10,
    )  # fmt: skip


def _ends(row: Mapping[str, float]) -> str:
    least, most = max(row, key=row.__getitem__), min(row, key=row.__getitem__)
    return f"{most} {row[most]:+.1f} to {least} {row[least]:+.1f}"
