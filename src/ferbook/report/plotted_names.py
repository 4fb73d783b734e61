"""What the parts of a figure are called: panels, axes, places on them, and series by the legend."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.category import StrCategoryLocator
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator

SIDES: tuple[Literal["center", "left", "right"], ...] = ("center", "left", "right")


MARKERS = {"o": "dot", ".": "dot", "D": "diamond", "s": "square", "|": "stroke", "^": "triangle"}
HOLLOW = ("none", "None", "white", "w", "#ffffff")
LINES = {"-": "line", "--": "dashed line", ":": "dotted line", "-.": "dash-dotted line"}


@dataclass(frozen=True)
class Look:
    """What tells one series from another."""

    colour: str
    marker: str = ""
    line: str = ""
    width: float = 0.0
    hollow: bool = False

    @property
    def words(self) -> str:
        """'dot #0072b2', 'hollow diamond #222222', 'dashed line #000000'; an area is its colour."""
        shape = MARKERS.get(self.marker, self.marker) or LINES.get(self.line, "")
        return f"{'hollow ' * self.hollow}{shape} {self.colour}".strip()

    def likeness(self, other: Look) -> int:
        """Of a mark to one in a legend; 0 where neither colour nor marker are the same."""
        stroke, dot = (self, other) if self.line and not self.marker else (other, self)
        if stroke.line and not stroke.marker and dot.marker and not (dot is other and dot.line):
            return 0  # a stroke is no dot of its colour, but may be the line through one
        colour = self.colour == other.colour
        marker = bool(self.marker) and self.marker == other.marker
        if not (colour or marker):
            return 0
        alike = ((2, "marker"), (2, "hollow"), (1, "line"), (1, "width"))
        rest = sum(n for n, name in alike if getattr(self, name) == getattr(other, name))
        return 8 * colour + 4 * marker + rest


def look(artist: Any) -> Look | None:
    """How an artist looks; None where it has no colour of its own."""
    for name in ("get_color", "get_facecolor", "get_edgecolor"):
        colour = np.atleast_1d(np.asarray(getattr(artist, name, list)(), dtype=object))
        if colour.size == 0:
            continue
        first = colour if colour.ndim == 1 else colour[0]
        one: Any = first[0] if isinstance(first[0], str) else tuple(float(part) for part in first)
        width = np.atleast_1d(getattr(artist, "get_linewidth", lambda: 0.0)())
        marker, style, hollow = "", "", False
        if isinstance(artist, Line2D):
            marker, style = str(artist.get_marker()), str(artist.get_linestyle())
            hollow = str(artist.get_markerfacecolor()) in HOLLOW
            one = artist.get_markeredgecolor() if hollow else one
        plain = {"None": "", " ": ""}
        return Look(
            to_hex(one),
            plain.get(marker, marker),
            "-" if isinstance(artist, LineCollection) else plain.get(style, style),
            float(width[0]),
            hollow,
        )
    return None


class Names:
    """The names within one figure."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        self.panels = [axis for axis in figure.axes if not hasattr(axis, "_colorbar")]
        legends = [axis.get_legend() for axis in figure.axes] + figure.legends
        self._handles = [
            (found, _line(text.get_text()))
            for legend in legends
            if legend is not None
            for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=True)
            if (found := look(handle)) is not None
        ]
        self._ticks: dict[tuple[int, str], tuple[list[str], np.ndarray]] = {}

    def series(self, about: Look | None) -> str:
        """The one name in a legend whose mark is most alike; '' where there is none, or are two.

        A line that is dashed otherwise than the one in the legend says so.
        """
        if about is None:
            return ""
        scores = [(about.likeness(one), one, name) for one, name in self._handles]
        top = max((score for score, _, _ in scores), default=0)
        best = {name: one for score, one, name in scores if top and score == top}
        if len(best) != 1:
            return ""
        ((name, one),) = best.items()
        other = about.line and one.line and about.line != one.line and not about.marker
        return f"{name}, {LINES.get(about.line, about.line)}" if other else name

    def panel(self, axis: Axes) -> str:
        """Its title where each panel has one of its own, else row and column by title or number."""
        own, titles = _title(axis), {_title(one) for one in self.panels} - {""}
        spec = axis.get_subplotspec()
        if len(self.panels) == 1 or len(titles) == len(self.panels) or spec is None:
            return own
        row, column = spec.rowspan.start, spec.colspan.start
        above = [
            _title(one)
            for one in self.panels
            if (s := one.get_subplotspec()) is not None and s.colspan.start == column
        ]
        rows, columns = spec.get_gridspec().get_geometry()
        number = f"column {column + 1}" if columns > 1 else ""
        name = own or next(filter(None, above), number)
        return ", ".join(filter(None, [f"row {row + 1}" if rows > 1 else "", name]))

    def axis(self, axis: Axes, way: str) -> str:
        """The label of an axis, its own, that of the panels in line with it, or the figure's."""
        spec, span = axis.get_subplotspec(), {"x": "colspan", "y": "rowspan"}[way]
        row = [
            one
            for one in self.panels
            if spec is not None
            and (other := one.get_subplotspec()) is not None
            and getattr(other, span).start == getattr(spec, span).start
        ]
        labels = [getattr(one, f"get_{way}label")() for one in (axis, *row)]
        above = getattr(self.figure, f"get_sup{way}label")()
        return _line(next(filter(None, [*labels, above]), ""))

    def named(self, axis: Axes, way: str) -> bool:
        """Whether the places of an axis are names."""
        return bool(self._named(axis, way)[0])

    def at(self, axis: Axes, way: str, place: float) -> str | float:
        """The name next to a place, where places have names, else the place."""
        names, places = self._named(axis, way)
        if not names:
            return place
        apart = np.diff(np.sort(places)).min() if len(places) > 1 else 1.0
        nearest = int(np.abs(places - place).argmin())
        return names[nearest] if abs(places[nearest] - place) <= apart / 2 else place

    def _named(self, axis: Axes, way: str) -> tuple[list[str], np.ndarray]:
        key = (id(axis), way)
        if key not in self._ticks:
            self._ticks[key] = _ticks(getattr(axis, f"{way}axis"))
        return self._ticks[key]


def _ticks(axis: Any) -> tuple[list[str], np.ndarray]:
    """Names and places of an axis that says names; nothing of one that says numbers."""
    locator, formatter = axis.get_major_locator(), axis.get_major_formatter()
    if not isinstance(locator, (FixedLocator, StrCategoryLocator)):
        return [], np.empty(0)
    places = np.asarray(locator(), dtype=float)
    names = [_line(name) for name in formatter.format_ticks(places)]
    kept = [(name, place) for name, place in zip(names, places, strict=True) if name]
    if not any(map(_is_word, names)):
        return [], np.empty(0)
    return [name for name, _ in kept], np.array([place for _, place in kept])


def _is_word(text: str) -> bool:
    return bool(text) and not re.fullmatch(r"[−+-]?[\d.,]+( ?%)?|\$.*\$", text)


def _title(axis: Axes) -> str:
    return _line(next(filter(None, (axis.get_title(side) for side in SIDES)), ""))


def _line(text: str) -> str:
    return " ".join(str(text).split())
