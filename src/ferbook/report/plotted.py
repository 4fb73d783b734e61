"""The numbers that a figure draws, as a tidy table read from its artists.

A row is a point, a bar, an interval, a cell of a matrix or a word in the plot. An interval stands
in the row of the point or bar that it belongs to; where several lie over one point, each has a row
of its own. Pixels are left out: a row says where a picture stands and how large it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from matplotlib import collections as drawn
from matplotlib.axes import Axes
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation, Text

from ferbook.report.plotted_names import Names, look

COLUMNS = (
    "panel", "kind", "series", "x", "x_low", "x_high", "y", "y_low", "y_high", "base", "value",
    "text", "x_axis", "y_axis",
)  # fmt: skip
WAYS = ("x", "y")
NUMBER = (int, float, np.number)
Row = dict[str, Any]

_given: WeakKeyDictionary[Figure, pd.DataFrame] = WeakKeyDictionary()


def give(figure: Figure, data: pd.DataFrame) -> None:
    """Say what a figure shows where its artists would mislead."""
    _given[figure] = data


def table(figure: Figure) -> pd.DataFrame:
    """What was given for the figure, else what its artists draw; columns without a value go."""
    if figure in _given:
        return _given[figure]
    names = Names(figure)
    rows = [row for axis in names.panels for row in _panel(axis, names)]
    _describe(rows)
    rows = [row for row in rows if not _said_twice(row, rows)]
    about = {figure.get_suptitle(), figure.get_supxlabel(), figure.get_supylabel()}
    words = [text for text in figure.texts if text.get_text() not in about]
    rows += [{"kind": "text", "text": _words(text)} for text in words]
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).replace("", None)
    return frame.drop(columns=[n for n in COLUMNS if n != "kind" and frame[n].isna().all()])


def _describe(rows: list[Row]) -> None:
    """What no legend names is told apart by how it looks, where its place does not say enough."""
    unnamed = [row for row in rows if row["_look"] is not None and not row["series"]]
    looks: dict[tuple[str, ...], set[str]] = {}
    for row in unnamed:
        if row["kind"] != "reference":
            place = [row.get(name) for name in ("panel", *WAYS)]
            place.append("interval" if row["kind"] == "interval" else "")  # a bar behind its dots
            named = tuple(one for one in place if isinstance(one, str))
            looks.setdefault(named, set()).add(row["_look"].words)
    if any(len(found) > 1 for found in looks.values()):
        for row in unnamed:
            row["series"] = row["_look"].words


def _said_twice(row: Row, rows: list[Row]) -> bool:
    """Whether a number in the plot is that of a bar or dot of its panel, rounded to be read."""
    shown = re.fullmatch(r"([−+-]?[\d,]*\d)(?:\.(\d+))?( ?%)?", str(row.get("text", "")))
    if row["kind"] != "text" or not shown:
        return False
    number = float(re.sub("[,% ]", "", shown[0]).replace("−", "-"))
    within = 0.5001 * 10.0 ** -len(shown[2] or "")
    return any(
        other["kind"] in ("bar", "point") and other["panel"] == row["panel"]
        and any(
            isinstance(value := other.get(long), NUMBER) and abs(float(value) - number) <= within
            and _same_place(other.get(across), row.get(across))
            for long, across in (WAYS, WAYS[::-1])
        )
        for other in rows
    )  # fmt: skip


def _same_place(one: Any, other: Any) -> bool:
    if isinstance(one, NUMBER) and isinstance(other, NUMBER):
        return abs(float(one) - float(other)) < 0.5
    return one is not None and one == other


def _panel(axis: Axes, names: Names) -> Iterator[Row]:
    """Rows of one panel; `_look` is how an artist looks, which the legend is asked about."""
    if not axis.get_visible():
        return
    for row in _joined([*_marks(axis, names)]):
        own = row.pop("_label", "")
        row["series"] = own if own and not own.startswith("_") else names.series(row["_look"])
        for way in WAYS:
            row[f"{way}_axis"] = names.axis(axis, way)
            if way in row:
                row[way] = names.at(axis, way, row[way])
        yield {"panel": names.panel(axis), **row}


def _marks(axis: Axes, names: Names) -> Iterator[Row]:
    taken: set[Any] = set()
    for container in axis.containers:
        if isinstance(container, ErrorbarContainer):
            line, caps, bars = container.lines
            taken |= {line, *caps, *bars}
            yield from _errorbar(container)
        elif isinstance(container, BarContainer):
            yield from _bars(container)
    for line in axis.lines:
        if line not in taken and line.get_visible():
            yield from _line(line, axis)
    for collection in axis.collections:
        if collection not in taken and collection.get_visible():
            yield from _collection(collection, axis, names)
    for image in axis.images:
        yield from _picture(np.asarray(image.get_array()), axis, names)
    if not any(isinstance(one, drawn.QuadMesh) for one in axis.collections):
        for text in axis.texts:
            yield from _text(text, axis, names)


def _bars(container: BarContainer) -> Iterator[Row]:
    """Length and place of each bar, and where it begins if that is not zero."""
    long, across = ("x", "y") if container.orientation == "horizontal" else ("y", "x")
    for patch in container.patches:
        (x, y), width, height = patch.get_xy(), patch.get_width(), patch.get_height()
        start, length, middle = (
            (x, width, y + height / 2) if long == "x" else (y, height, x + width / 2)
        )
        row = {"kind": "bar", long: length, across: middle, "_look": look(patch)}
        yield {**row, "_label": container.get_label(), **({"base": start} if start else {})}


def _errorbar(container: ErrorbarContainer) -> Iterator[Row]:
    line, _, bars = container.lines
    ways = [way for way in WAYS if getattr(container, f"has_{way}err")]
    about: Row = {"_label": container.get_label(), "_look": look(line or bars[0])}
    if line is not None:
        yield from _points(line, about)
    for way, collection in zip(ways, bars, strict=True):
        for segment in collection.get_segments():
            yield _interval(segment, way, about)


def _interval(ends: Any, way: str, about: Row) -> Row:
    place, other = WAYS.index(way), WAYS[1 - WAYS.index(way)]
    low, high = sorted(float(value) for value in np.asarray(ends)[:, place])
    fixed = float(np.asarray(ends)[0, 1 - place])
    return {"kind": "interval", other: fixed, f"{way}_low": low, f"{way}_high": high, **about}


def _line(line: Line2D, axis: Axes) -> Iterator[Row]:
    """Points of a line; an unnamed stroke along one axis is an interval."""
    in_data = line.get_transform().contains_branch_seperately(axis.transData)
    about: Row = {"_label": str(line.get_label()), "_look": look(line)}
    ends = np.column_stack([line.get_xdata(orig=False), line.get_ydata(orig=False)]).astype(float)
    if not len(ends) or not any(in_data):
        return
    if not all(in_data):  # axvline, axhline
        way = WAYS[in_data.index(True)]
        yield {"kind": "reference", way: float(ends[0, WAYS.index(way)]), **about}
        return
    along = [way for way, same in zip(WAYS, (ends[0] == ends[-1])[::-1], strict=True) if same]
    unnamed = str(line.get_label()).startswith("_")
    if len(ends) == 2 and along and unnamed and line.get_marker() in ("None", "", None):
        yield _interval(ends, along[0], about)
    else:
        yield from _points(line, about)


def _points(line: Line2D, about: Row) -> Iterator[Row]:
    places = np.column_stack([line.get_xdata(orig=False), line.get_ydata(orig=False)])
    kind = "line" if len(places) > 1 and line.get_linestyle() not in ("None", "", " ") else "point"
    for x, y in places.astype(float):
        if np.isfinite([x, y]).all():
            yield {"kind": kind, "x": x, "y": y, **about}


def _collection(collection: Any, axis: Axes, names: Names) -> Iterator[Row]:
    about: Row = {"_label": str(collection.get_label()), "_look": look(collection)}
    if isinstance(collection, drawn.QuadMesh):
        yield from _picture(np.asarray(collection.get_array()), axis, names, middle=0.5)
    elif isinstance(collection, drawn.LineCollection):
        for segment in collection.get_segments():
            if len(segment) == 2 and (segment[0] == segment[1]).any():
                yield _interval(segment, "x" if segment[0][1] == segment[1][1] else "y", about)
    elif isinstance(collection, drawn.PathCollection):
        for x, y in np.asarray(collection.get_offsets(), dtype=float):
            yield {"kind": "point", "x": x, "y": y, **about}
    elif isinstance(collection, drawn.PolyCollection):
        yield from _band(collection, about)


def _band(collection: Any, about: Row) -> Iterator[Row]:
    """Lower and upper edge of what `fill_between` filled, at each x."""
    for path in collection.get_paths():
        corners = pd.DataFrame(path.vertices, columns=["x", "y"]).groupby("x").y
        for x, low, high in zip(corners.min().index, corners.min(), corners.max(), strict=True):
            yield {"kind": "band", "x": float(x), "y_low": low, "y_high": high, **about}


def _picture(values: np.ndarray, axis: Axes, names: Names, middle: float = 0.0) -> Iterator[Row]:
    """The cells of a matrix whose rows and columns have names; of a picture its size alone."""
    if values.ndim == 2 and all(names.named(axis, way) for way in WAYS):
        for (row, column), value in np.ndenumerate(values):
            place = {"x": column + middle, "y": row + middle}
            yield {"kind": "cell", **place, "value": float(value), "_look": None}
    else:
        size = f"{values.shape[1]} x {values.shape[0]} pixels, not in this table"
        yield {"kind": "picture", "text": size, "_look": None}


def _text(text: Text, axis: Axes, names: Names) -> Iterator[Row]:
    """A word in the plot, at the row or column that it is written to, else at its place."""
    if isinstance(text, Annotation):
        at, inside = text.xy, [text.xycoords == "data"] * 2
    else:
        at = text.get_position()
        inside = [*text.get_transform().contains_branch_seperately(axis.transData)]
    named = [names.named(axis, way) for way in WAYS]
    kept = [(n if any(named) else True) and i for n, i in zip(named, inside, strict=True)]
    place = {way: float(at[i]) for i, way in enumerate(WAYS) if kept[i]}
    if any(inside) and text.get_text().strip():
        yield {"kind": "text", **place, "text": _words(text), "_look": None}


def _words(text: Text) -> str:
    return " ".join(text.get_text().split())


def _joined(rows: list[Row]) -> list[Row]:
    """Each interval or band in the row of the one mark that it belongs to, and to no other."""
    pairs = []
    for row in rows:
        if row["kind"] in ("interval", "band") and len(owners := _owners(row, rows)) == 1:
            pairs.append((row, owners[0]))
    gone = []
    for interval, mark in pairs:
        if sum(other is mark for _, other in pairs) == 1:
            mark.update({name: interval[name] for name in interval if name[1:] in ENDS})
            gone.append(id(interval))
    return [row for row in rows if id(row) not in gone]


ENDS = ("_low", "_high")


def _owners(interval: Row, rows: list[Row]) -> list[Row]:
    """Marks that lie within an interval; those of its colour alone where there are such."""
    way = "x" if "x_low" in interval else "y"
    other = WAYS[1 - WAYS.index(way)]
    found = [
        row
        for row in rows
        if row["kind"] in ("point", "line", "bar")
        and way in row and other in row and np.isclose(row[other], interval[other])
        and interval[f"{way}_low"] <= row[way] + row.get("base", 0) <= interval[f"{way}_high"]
    ]  # fmt: skip
    same = [row for row in found if row["_look"].colour == interval["_look"].colour]
    return same or found
