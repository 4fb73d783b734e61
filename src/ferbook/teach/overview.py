"""The timetable of the course, from the lessons themselves."""

from __future__ import annotations

from ferbook.report.pages import table
from ferbook.teach.lesson import Lesson, find, names

FILES = (
    '<a href="../slides/{name}.html">slides</a><br>'
    '<a href="../exercises/{name}.ipynb" download>exercises</a>'
)


def overview() -> str:
    """Markdown: a row a lesson, then its minutes by kind of work."""
    lessons = [find(name) for name in names()]
    rows = [(_lesson(one), one.question, str(len(one.exercises)), _files(one)) for one in lessons]
    parts = [table(("lesson", "question", "exercises", "take along"), rows)]
    parts.append("## Timetable\n")
    times = [(one.title.partition(":")[0], *_minutes(one)) for one in lessons]
    parts.append(table(("lesson", "explaining, minutes", "exercises, minutes", "together"), times))
    return "\n".join(parts)


def _lesson(lesson: Lesson) -> str:
    _, _, name = lesson.title.partition(": ")
    return f"{{doc}}`{name} </book/lessons/{lesson.name}>`"


def _files(lesson: Lesson) -> str:
    return FILES.format(name=lesson.name)


def _minutes(lesson: Lesson) -> tuple[int, int, int]:
    """Explaining, exercises, together; a section named after an exercise is one."""
    work = sum(minutes for title, minutes in lesson.sections if title.startswith("Exercise"))
    every = sum(minutes for _, minutes in lesson.sections)
    return every - work, work, every
