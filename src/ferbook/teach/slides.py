"""A lesson's slides: one HTML file from the executed page, no script but the book's own MathJax.

Slides follow each other down the page and snap into place; a print is a slide a sheet.
"""

from __future__ import annotations

import base64
import re
from html import escape
from typing import Any

from ferbook import paths
from ferbook.teach.lesson import Lesson, tags

PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: slides</title>
<link rel="icon" href="../_static/favicon.svg" type="image/svg+xml">
<style>
{style}</style>
{maths}</head>
<body>
<main>
{slides}
</main>
<footer><a href="../book/lessons/{name}.html">the lesson</a></footer>
</body>
</html>
"""
MATHS = '<script defer src="../_static/mathjax/tex-chtml.js"></script>\n'
#: Forms of an output, the best first.
PICTURES = ("image/svg+xml", "image/png")
HINT = re.compile(r"<details>.*?</details>\s*", re.DOTALL)


def deck(lesson: Lesson, executed: Any) -> str:
    """The HTML of all slides of an executed page."""
    slides: list[list[str]] = []
    title = ""  #: of the exercise whose result a slide shows
    for cell in executed.cells:
        kinds = tags(cell)
        if kinds & {"slide", "exercise"}:
            slides.append([])
        if "exercise" in kinds:
            title = cell.source.lstrip("# ").partition(":")[0]
        if "slide" in kinds and cell.cell_type == "code":
            slides[-1].append(f"<h2>{escape(title)}: what comes out</h2>\n")
        if kinds & {"slide", "on-slide", "exercise"}:
            slides[-1].append(_content(cell))
    shown = [f'<section class="slide">\n{"".join(parts)}</section>' for parts in slides]
    body = "\n".join(shown)
    return PAGE.format(
        title=escape(lesson.title),
        name=lesson.name,
        style=(paths.checkout() / "book" / "static" / "slides.css").read_text(encoding="utf-8"),
        maths=MATHS if 'class="math' in body else "",
        slides=body,
    )


def _content(cell: Any) -> str:
    if cell.cell_type == "markdown":
        return markdown(HINT.sub("", cell.source))
    return "".join(_output(output) for output in cell.get("outputs", []))


def markdown(text: str) -> str:
    """CommonMark with tables; formulas are left to MathJax."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    def formula(source: str, options: dict[str, Any]) -> str:
        kind, signs = ("div", r"\[{}\]") if options["display_mode"] else ("span", r"\({}\)")
        return f'<{kind} class="math">{signs.format(escape(source))}</{kind}>'

    reader = MarkdownIt("commonmark").enable("table")
    reader.use(dollarmath_plugin, renderer=formula)
    return str(reader.render(text))


def _output(output: Any) -> str:
    data = output.get("data", {})
    for form in PICTURES:
        if form in data:
            content = data[form]
            raw = content.encode() if form.startswith("image/svg") else base64.b64decode(content)
            source = f"data:{form};base64,{base64.b64encode(raw).decode()}"
            alt = escape(output.get("metadata", {}).get("alt", ""))
            return f'<figure><img src="{source}" alt="{alt}"></figure>\n'
    if "text/html" in data:
        return f'<div class="table">{data["text/html"]}</div>\n'
    if "text/markdown" in data:
        return markdown(data["text/markdown"])
    text = data.get("text/plain", output.get("text", ""))
    return f"<pre>{escape(text)}</pre>\n"
