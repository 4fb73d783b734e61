"""A lesson as a page of the book: solutions and checks closed, the teacher's part at its end."""

from __future__ import annotations

import re
from typing import Any

from ferbook.report.pages import table
from ferbook.teach.lesson import Lesson, tags
from ferbook.teach.stubs import stub

LINKS = """\
<a href="../../slides/{name}.html">Slides</a> ·
<a href="../../exercises/{name}.ipynb" download>exercises as a notebook</a>, or
`ferbook lesson {number}` · graded by `ferbook check {number} {name}.ipynb` ·
{{doc}}`all lessons </book/teach>`"""

#: Above a check: what passes is not the open function that the page shows first.
RAN = "This page runs the solution, not the open exercise; then the check says:"


def page(lesson: Lesson) -> Any:
    """nbformat's object, to be executed."""
    import nbformat

    out = nbformat.from_dict(lesson.notebook)
    new = nbformat.v4.new_markdown_cell
    links = LINKS.format(name=lesson.name, number=lesson.number)
    cells, number = [], 0
    for cell in out.cells:
        kinds = tags(cell)
        if kinds & {"notes", "mistake"}:
            continue
        if "solution" in kinds:
            number += 1
            text = _code(stub(cell.source, number))
            cells.append(new(text, id=f"stub-{number}", metadata={"tags": ["on-slide"]}))
            _close(cell, "the solution")
        elif "check" in kinds:
            cells.append(new(RAN, id=f"ran-{number}"))
            _close(cell, "the check")
        cell.metadata.pop("minutes", None)
        cells.append(cell)
    cells.insert(1, new(links, id="links"))
    cells.append(new(teacher(lesson), id="teacher"))
    out.cells = cells
    return out


def _close(cell: Any, what: str) -> None:
    cell.metadata["tags"] = [*cell.metadata["tags"], "hide-input"]
    cell.metadata["mystnb"] = {
        "code_prompt_show": f"Show {what}",
        "code_prompt_hide": f"Hide {what}",
    }


def teacher(lesson: Lesson) -> str:
    """Markdown: timing, notes and common mistakes, in a dropdown."""
    notes = [cell.source for cell in lesson.notebook.cells if "notes" in tags(cell)]
    parts = ["## For the teacher\n", "::::{dropdown} Timing, notes, common mistakes\n"]
    parts += [table(("min", "what"), timing(lesson)), *(f"{note}\n" for note in notes)]
    mistakes = [(one, wrong) for one in lesson.exercises for wrong in one.mistakes]
    if mistakes:
        parts.append("**Common mistakes.** Each check answers these with a sentence of its own.\n")
    parts += [f"{one.title.partition(':')[0]}. {_explained(wrong)}" for one, wrong in mistakes]
    return "\n".join([*parts, "::::\n"])


def timing(lesson: Lesson) -> list[tuple[str, str]]:
    """("0–5", "Opening"), ... for each section."""
    rows, at = [], 0
    for title, minutes in lesson.sections:
        rows.append((f"{at}–{at + minutes}", re.sub(r"^Lesson \d+: .*", "Opening", title)))
        at += minutes
    return rows


def _explained(mistake: str) -> str:
    """The comment in front as a sentence, then the code."""
    lines = mistake.splitlines()
    said = [line.lstrip("# ") for line in lines if line.startswith("#")]
    rest = "\n".join(line for line in lines if not line.startswith("#"))
    return f"{' '.join(said)}\n\n{_code(rest)}\n"


def _code(source: str) -> str:
    return f"```python\n{source.strip()}\n```"
