"""The dashboard's plots: printed against measured, every point a link to its row, as inline SVG.

They stand in the page itself, not in an image, so that points can be followed, by keyboard too, and
so that lines and text take the colour of the page's text, in the light as in the dark.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from ferbook.report.downloads import BETWEEN, FORMS
from ferbook.report.verdict import MARGIN

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ferbook.report.compare import Outcome

#: Inches. A phone shows it at 340 px, where 9 pt are 10 px.
SIZE = (4.1, 5.2)
#: Colour (Okabe and Ito 2008, in the hues of the badges), and a shape for who sees no colour.
LOOKS: dict[str, tuple[str, str]] = {
    "reproduced": ("#009E73", "o"),
    "not reproduced": ("#D55E00", "X"),
    "inconclusive": ("#E69F00", "s"),
    "impossible as printed": ("#CC79A7", "D"),
    "not testable here": ("#56B4E9", "^"),
}
#: Stands for the colour of the page's text until the drawing is in the page.
INK = "#010203"
#: Factor from a unit to the axes' hundredths.
HUNDREDTHS = {"percent": 1.0, "points": 1.0, "f1": 100.0}
SVG = "http://www.w3.org/2000/svg"
XLINK = "{http://www.w3.org/1999/xlink}href"


def with_both(rows: Sequence[Outcome]) -> list[Outcome]:
    """Those with a printed and a measured number."""
    return [row for row in rows if row.reported and row.measured is not None]


def drawing(paper: str, rows: Sequence[Outcome]) -> str:
    """An <svg> with a caption; a sentence where no number has both."""
    both = with_both(rows)
    name = escape(paper.capitalize())
    if not both:
        return f"<p>No number of {name} is both printed and measured yet.</p>"
    svg = _inline(_drawn(both, f"ferbook-{paper}", "svg", INK).decode(), paper, both)
    links = BETWEEN.join(
        f'<a href="{_stem(paper) + ending if ending != ".csv" else "verdicts.csv"}" download>'
        f"{text}</a>"
        for text, ending in FORMS.values()
    )
    line = f'<p class="downloads">{links}</p>'
    return f'<figure class="against">\n<figcaption>{name}</figcaption>\n{svg}\n{line}\n</figure>'


def save(paper: str, rows: Sequence[Outcome], folder: Path) -> None:
    """The drawing as files in black; an empty one where no number has both."""
    both = with_both(rows)
    for form in ("svg", "pdf"):
        content = _drawn(both, f"ferbook-{paper}", form, "black") if both else b""
        (folder / f"{_stem(paper)}.{form}").write_bytes(content)


def _stem(paper: str) -> str:
    return f"printed-measured-{paper}"


def said(row: Outcome) -> str:
    """What a point says to a pointer or a screen reader."""
    from ferbook.report.dashboard import shown

    printed, ours, interval, runs, tier, verdict, _ = shown(row)
    of = f"; {interval}" if interval else ""
    by = f"; runs: {runs}, {tier} tier" if runs else ""
    return f"{row.id}: printed {printed}, ours {ours}{of}{by}; {verdict}"


def summary(paper: str, both: Sequence[Outcome]) -> str:
    """The drawing in words."""
    apart = {row.id: abs(_middle(row) - (row.measured or 0.0)) for row in both if _scale(row)}
    far = max(both, key=lambda row: _scale(row) * apart.get(row.id, 0.0))
    counts = Counter(str(row.verdict) for row in both)
    verdicts = ", ".join(f"{count} {name}" for name, count in counts.most_common())
    return (
        f"{len(both)} numbers of {paper.capitalize()} with a printed (across) and a measured value "
        f"(upwards): {verdicts}. Farthest from the diagonal: {said(far)}."
    )


def _scale(row: Outcome) -> float:
    return HUNDREDTHS.get(row.unit, 0.0)


def _middle(row: Outcome) -> float:
    """The printed value, the middle of a range, or its one end."""
    reported = row.reported or {}
    ends = [reported[key] for key in ("value", "low", "high") if key in reported]
    return float(sum(ends) / len(ends))


def _drawn(both: Sequence[Outcome], salt: str, form: str, ink: str) -> bytes:
    """The plot as the content of a file; counts of images in a panel of their own."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    shares = [row for row in both if _scale(row)]
    counts = [row for row in both if not _scale(row)]
    inked = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color")
    look: dict[Any, Any] = dict.fromkeys(inked, ink) | {
        "svg.fonttype": "none",
        "svg.hashsalt": salt,
        "font.size": 9,
        "font.family": ["sans-serif"],
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    with mpl.rc_context(look):
        figure = Figure(figsize=SIZE, layout="constrained")
        heights = [(4.0, shares), (1.3, counts)]
        panels = [(height, rows) for height, rows in heights if rows]
        axes = figure.subplots(
            len(panels), 1, squeeze=False, height_ratios=[height for height, _ in panels]
        )
        for axis, (_, rows) in zip(axes[:, 0], panels, strict=True):
            (_shares if rows is shares else _counts)(axis, rows, ink)
        axes[-1, 0].set_xlabel("printed")
        _legend(figure, both, ink)
        file, date = io.BytesIO(), {"svg": "Date", "pdf": "CreationDate"}[form]
        figure.savefig(file, format=form, transparent=ink == INK, metadata={date: None})
    return file.getvalue()


def _shares(axis: Axes, rows: Sequence[Outcome], ink: str) -> None:
    """Percent, points and F1 in hundredths; the diagonal, and the margin on both sides."""
    at = [_scale(r) * v for r in rows for v in (_middle(r), r.measured or 0.0)]
    low, high = min(at) - 6, max(at) + 6
    margin = MARGIN["percent"]
    ends = [low, high]
    axis.fill_between(
        ends, [e - margin for e in ends], [e + margin for e in ends], color=ink, alpha=0.13, lw=0
    )
    axis.plot(ends, ends, color=ink, lw=0.8, ls=(0, (4, 3)))
    for row in rows:
        _interval(axis, row)
    for row in sorted(rows, key=lambda row: row.verdict != "inconclusive"):  # the rare on top
        _point(axis, row, _scale(row), ink)
    axis.set(xlim=ends, ylim=ends, aspect="equal", ylabel="ours: %, points, F1 × 100")
    axis.grid(color=ink, alpha=0.1, lw=0.6)


def _counts(axis: Axes, rows: Sequence[Outcome], ink: str) -> None:
    """Counts of images and classes, on logarithmic axes."""
    at = [v for row in rows for v in (_middle(row), row.measured or 0.0) if v > 0]
    ends = [min(at) / 2, max(at) * 2]
    axis.plot(ends, ends, color=ink, lw=0.8, ls=(0, (4, 3)))
    for row in rows:
        _point(axis, row, 1.0, ink)
    axis.set(xscale="log", yscale="log", xlim=ends, ylim=ends, ylabel="ours: counts")
    axis.grid(color=ink, alpha=0.1, lw=0.6)
    axis.minorticks_off()


def _interval(axis: Axes, row: Outcome) -> None:
    """For one new run of theirs, upwards; a printed range, across."""
    scale, colour = _scale(row), LOOKS[row.verdict][0]
    x, y = scale * _middle(row), scale * (row.measured or 0.0)
    if row.ci95:
        axis.plot([x, x], [scale * end for end in row.ci95], color=colour, alpha=0.55, lw=1.4)
    reported = row.reported or {}
    if "value" not in reported:
        # a range with one end is open on the other side
        low = scale * reported["low"] if "low" in reported else axis.get_xlim()[0]
        high = scale * reported["high"] if "high" in reported else axis.get_xlim()[1]
        axis.plot([low, high], [y, y], color=colour, alpha=0.55, lw=1.4, ls=(0, (1, 1)))


def _point(axis: Axes, row: Outcome, scale: float, ink: str) -> None:
    colour, shape = LOOKS[row.verdict]
    (mark,) = axis.plot(
        [scale * _middle(row)],
        [scale * (row.measured or 0.0)],
        marker=shape,
        ms=6.5 if shape != "X" else 7.5,
        mfc=colour,
        mec=ink,
        mew=0.6,
        ls="",
        clip_on=False,
    )
    mark.set_url(f"#{row.id}")


def _legend(figure: Figure, both: Sequence[Outcome], ink: str) -> None:
    from matplotlib.lines import Line2D

    counts = Counter(str(row.verdict) for row in both)
    marks: list[Any] = [
        Line2D([], [], marker=LOOKS[name][1], color=LOOKS[name][0], mec=ink, mew=0.6, ls="", ms=6.5)
        for name in LOOKS
        if counts[name]
    ]
    names = [f"{name} ({counts[name]})" for name in LOOKS if counts[name]]
    look: dict[str, Any] = {"frameon": False, "handletextpad": 0.1, "columnspacing": 1.0}
    figure.legend(marks, names, loc="outside upper left", ncols=2, fontsize=9, **look)


def _inline(text: str, paper: str, both: Sequence[Outcome]) -> str:
    """The file's <svg> made part of a page: named, without ids that two drawings share, in the
    page's ink, each link with what it leads to."""
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(text)
    for child in list(root):
        if child.tag == f"{{{SVG}}}metadata":
            root.remove(child)
    for element in root.iter(f"{{{SVG}}}g"):
        element.attrib.pop("id", None)
    sentences = {f"#{row.id}": said(row) for row in both}
    for link in root.iter(f"{{{SVG}}}a"):
        link.attrib.pop("target", None)
        link.set("aria-label", sentences[link.get(XLINK, "")])
        title = ElementTree.Element(f"{{{SVG}}}title")
        title.text = sentences[link.get(XLINK, "")]
        link.insert(0, title)
    for element in root.iter():
        if (address := element.attrib.pop(XLINK, None)) is not None:
            element.set("href", address)
    _name(root, paper, summary(paper, both))
    svg = ElementTree.tostring(root, encoding="unicode")
    return re.sub(r"\n\s*\n", "\n", svg.replace(INK, "currentColor"))


def _name(root: ElementTree.Element, paper: str, description: str) -> None:
    for attribute in ("width", "height"):
        root.attrib.pop(attribute, None)
    names = {"title": f"{paper.capitalize()}: printed against measured", "desc": description}
    for place, (tag, content) in enumerate(names.items()):
        element = ElementTree.Element(f"{{{SVG}}}{tag}", {"id": f"{paper}-plot-{tag}"})
        element.text = content
        root.insert(place, element)
    root.set("role", "group")
    root.set("aria-labelledby", f"{paper}-plot-title")
    root.set("aria-describedby", f"{paper}-plot-desc")
