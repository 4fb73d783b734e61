"""The notebook that a student gets, and the one that the teacher keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ferbook.errors import InputError
from ferbook.report.listing import fold
from ferbook.teach.lesson import Lesson, find, folder, names, tags
from ferbook.teach.stubs import stub

#: Tags of cells that no student's notebook holds.
ELSEWHERE = {"notes", "mistake", "book"}
HOW = """\
Write the body of each function that says it is open, run it, then run the check beneath it. Cells
behind an exercise may need it and fail before. At the end, in a terminal:

```
ferbook check {number} {name}.ipynb
```"""


def student(lesson: Lesson, solved: bool = False) -> Any:
    """nbformat's object: the lesson without its solutions, or (`solved`) with them."""
    import nbformat

    out = nbformat.from_dict(lesson.notebook)
    cells, number = [], 0
    for cell in out.cells:
        if tags(cell) & ELSEWHERE:
            continue
        kind = next(iter(tags(cell) & {"solution", "check", "parameters"}), None)
        if kind == "solution":
            number += 1
            cell.source = cell.source if solved else stub(cell.source, number)
        cell.metadata = nbformat.from_dict({"tags": [kind]} if kind else {})
        cells.append(cell)
    how = HOW.format(number=lesson.number, name=lesson.name)
    cells.insert(1, nbformat.v4.new_markdown_cell(how, id="how"))
    out.cells = cells
    return out


def write(wanted: str, output: Path | None = None, solved: bool = False) -> str:
    """Write a lesson's notebook and say where; a file that is there already is left alone."""
    import jupytext

    lesson = find(wanted)
    ending = "-solved" if solved else ""
    target = output or Path.cwd() / f"{lesson.name}{ending}.ipynb"
    if target.suffix not in (".ipynb", ".py"):
        raise InputError(f"--output {target}: expected a file name that ends in .ipynb or .py")
    if not target.parent.is_dir():
        raise InputError(f"--output {target}: no folder {target.parent}")
    if target.exists():
        raise InputError(f"{target}: is there already, perhaps with somebody's work; move it away")
    fmt = "ipynb" if target.suffix == ".ipynb" else "py:percent"
    target.write_text(jupytext.writes(student(lesson, solved), fmt=fmt), encoding="utf-8")
    return str(target)


def listing() -> str:
    """Every lesson: name and title, below them its question and exercises; then what to type."""
    lessons = [find(name) for name in names()]
    if not lessons:
        return f"no lessons in {folder()}"
    width = max(len(lesson.name) for lesson in lessons) + 2
    lines = []
    for lesson in lessons:
        below = [lesson.question, *(one.title for one in lesson.exercises)]
        lines.append(fold(f"{lesson.name:{width}}{lesson.topic}", width))
        lines += [fold(f"{'':{width}}{line}", width) for line in below]
    first = lessons[0]
    file = f"{first.name}.ipynb"
    lines.append(f"\nType next: ferbook lesson {first.number}; it writes the exercises to {file}.")
    return "\n".join(lines)
