"""What the Snakefile asks of the lessons: `python -m ferbook.teach.build lesson NAME PAGE SLIDES
EXERCISES`, and `... build overview TARGET`."""

from __future__ import annotations

import sys
from pathlib import Path

import jupytext

from ferbook.report import notebooks
from ferbook.teach import overview, slides
from ferbook.teach.exercises import student
from ferbook.teach.lesson import find
from ferbook.teach.page import page


def lesson(name: str, target: str, deck: str, exercises: str) -> None:
    """Execute the page of a lesson; slides are made of what it shows."""
    found = find(name)
    executed = notebooks.execute(page(found), {}, f"{name}.py", Path(target))
    notebooks.write(Path(target), executed)
    for file, text in (
        (deck, slides.deck(found, executed)),
        (exercises, jupytext.writes(student(found), fmt="ipynb")),
    ):
        Path(file).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1] == "overview":
        Path(sys.argv[2]).write_text(overview.overview(), encoding="utf-8")
    else:
        lesson(*sys.argv[2:])
