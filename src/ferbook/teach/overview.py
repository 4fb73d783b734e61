"""The timetable of the course, from the lessons themselves."""

from __future__ import annotations

from ferbook.report.pages import table
from ferbook.teach.lesson import Lesson, find, names

FILES = (
    '<a href="../slides/{name}.html">slides</a><br>'
    '<a href="../exercises/{name}.ipynb" download>{count} exercises</a>'
)


def overview() -> str:
    """Markdown: a row a lesson, then its minutes by kind of work."""
    lessons = [find(name) for name in names()]
    rows = [(_page(one), one.question, _files(one)) for one in lessons]
    parts = [table(("lesson", "question", "to take"), rows), "## Timetable\n"]
    times = [(one.number, *minutes(one)) for one in lessons]
    head = ("lesson", "talk, min", "work, min", "all, min")
    return "\n".join([*parts, table(head, times)])


def _page(lesson: Lesson) -> str:
    return f"{lesson.number}. {{doc}}`{lesson.topic} </book/lessons/{lesson.name}>`"


def _files(lesson: Lesson) -> str:
    return FILES.format(name=lesson.name, count=len(lesson.exercises))


def minutes(lesson: Lesson) -> tuple[int, int, int]:
    """Talk, work, together; a section whose heading begins with "Exercise" is work."""
    work = sum(minutes for title, minutes in lesson.sections if title.startswith("Exercise"))
    every = sum(minutes for _, minutes in lesson.sections)
    return every - work, work, every
