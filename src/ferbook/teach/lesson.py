"""A lesson's one source, `lessons/<name>.py`: py:percent cells whose tags say whom each is for.

- `setup` imports what solutions stand on; `parameters` is that of every notebook of the book
- `exercise` (Markdown), `solution`, `check` and any number of `mistake` follow each other: the
  task, what a student is to write, what says whether it is right, and what students write instead,
  each with its explanation as the first comment
- `slide` begins a slide, `on-slide` continues it; an exercise is a slide of its own, and a slide
  that begins with code shows what comes out of the last one
- `notes` are for the teacher, `book` is for the page alone; everything else is for all

A section's heading carries its minutes: `# %% [markdown] minutes=8`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ferbook import named, paths
from ferbook.errors import InputError
from ferbook.report.notebooks import read as read_notebook

MINUTES = 45
#: Cells whose text also stands where no MyST is understood: on slides, in students' notebooks.
ROLE = re.compile(r"\{\w[\w:-]*\}`|^:::|^```\{", re.MULTILINE)


@dataclass(frozen=True)
class Exercise:
    """One task with its answer."""

    number: int
    title: str
    task: str
    solution: str = ""
    check: str = ""
    mistakes: list[str] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Lesson:
    name: str  #: of the file, "lesson_1_heatmaps"
    title: str
    question: str
    sections: list[tuple[str, int]]  #: heading, minutes
    exercises: list[Exercise]
    notebook: Any  #: nbformat's object with all cells

    @property
    def number(self) -> int:
        return int(self.name.split("_")[1])

    @property
    def topic(self) -> str:
        """The title without the number before it."""
        return self.title.partition(": ")[2] or self.title


def tags(cell: Any) -> set[str]:
    return set(cell.metadata.get("tags", []))


def folder() -> Path:
    return paths.checkout() / "lessons"


def names() -> list[str]:
    """Every lesson, in the order of its number."""
    return sorted(path.stem for path in folder().glob("lesson_*.py"))


def find(wanted: str) -> Lesson:
    """The lesson of a number or a name, of which a part is enough that no other has; `.py` and the
    folder may be left on."""
    stem = Path(wanted).name.removesuffix(".py").removesuffix(".ipynb")
    numbers = {name.split("_")[1]: name for name in names()}
    if name := numbers.get(stem) or named.whole(stem, names()):
        return read(folder() / f"{name}.py")
    there = named.instead(stem, names() or [f"none in {folder()}"])
    raise InputError(f"no lesson {wanted}; {there}")


def read(path: Path) -> Lesson:
    """The lesson in a file; InputError where cells do not follow each other as they should."""
    notebook, _ = read_notebook(path)
    cells = notebook.cells
    head = cells[0].source if cells else ""
    title = re.match(r"# (.+)\n", head)
    question = re.search(r"^> question: ((?:.+\n?)+?)(?:\n|$)", head, re.MULTILINE)
    if not title or not question:
        raise InputError(f"{path.name}: the first cell is not a title and `> question: ...`")
    said = " ".join(question[1].replace("\n> ", " ").split())
    for cell in cells:
        if tags(cell) & {"slide", "on-slide", "exercise"} and ROLE.search(cell.source):
            raise InputError(f"{path.name}: MyST on a slide: {cell.source[:60]!r}")
    return Lesson(
        path.stem, title[1], said, _sections(cells), _exercises(cells, path.name), notebook
    )


def _sections(cells: list[Any]) -> list[tuple[str, int]]:
    return [
        (cell.source.splitlines()[0].lstrip("# "), int(cell.metadata["minutes"]))
        for cell in cells
        if "minutes" in cell.metadata
    ]


def _exercises(cells: list[Any], where: str) -> list[Exercise]:
    found: list[dict[str, Any]] = []
    last = ""
    before = {"solution": ("exercise",), "check": ("solution",), "mistake": ("check", "mistake")}
    for cell in cells:
        kind = next(iter(tags(cell) & {"exercise", *before}), "")
        if kind in before and last not in before[kind]:
            raise InputError(
                f"{where}: a cell tagged {kind} behind {last or 'a plain cell'};"
                f" expected {' or '.join(before[kind])} before it"
            )
        if kind == "exercise":
            heading = cell.source.splitlines()[0].lstrip("# ")
            found.append({"number": len(found) + 1, "title": heading, "task": cell.source})
        elif kind == "mistake":
            found[-1].setdefault("mistakes", []).append(cell.source)
        elif kind:
            found[-1][kind] = cell.source
        last = kind
    incomplete = [one["title"] for one in found if "check" not in one]
    if incomplete:
        raise InputError(f"{where}: {incomplete[0]}: expected cells exercise, solution, check")
    return [Exercise(**one) for one in found]
