"""Grading: a student's notebook is run, then the lesson's own checks are asked of what it defines.

The checks in the student's file count for nothing, so that one who changes them gains nothing. The
code runs as the person who grades: it is no sandbox, and a stranger's notebook is a stranger's
program.
"""

from __future__ import annotations

import csv
import io
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ferbook.errors import InputError
from ferbook.teach.lesson import Lesson, find, tags

SECONDS = 60  #: that a cell may take
MAX_BYTES = 20_000_000  #: of a notebook; more is no student's work
STOPPED = "Stopped"  #: what nbclient is to answer for a cell that took longer
#: How every lesson's notebook begins.
TITLE = re.compile(r"^# Lesson (\d+): ", re.MULTILINE)
#: What a check or a stub raises: its message is a whole sentence.
TOLD = ("AssertionError", "NotImplementedError")


@dataclass(frozen=True)
class Result:
    """One exercise of one file."""

    exercise: str
    passed: bool
    message: str = ""


@dataclass(frozen=True)
class Graded:
    """One file."""

    results: list[Result]  #: one for each exercise
    stopped: str = ""  #: which of the file's own cells did not end, as a sentence


def grade(lesson: Lesson, path: Path, seconds: int = SECONDS) -> Graded:
    """Run a file and ask the lesson's checks; InputError for one that is no notebook of it.

    A cell that takes longer than `seconds` is stopped.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import DeadKernelError

    token = secrets.token_hex(8)
    notebook = _assembled(lesson, path, token)
    endless: list[int] = []

    def note(cell: Any, cell_index: int, execute_reply: Any) -> None:
        if execute_reply["content"].get("ename") == STOPPED:
            endless.append(cell.metadata.get("number", 0))

    client = NotebookClient(
        notebook,
        timeout=seconds,
        interrupt_on_timeout=True,
        error_on_timeout={"ename": STOPPED},
        allow_errors=True,
        on_cell_executed=note,
        extra_arguments=["--log-level=CRITICAL"],
    )
    try:
        client.execute()
    except DeadKernelError:
        raise InputError(f"{path}: its kernel died; is there enough memory?") from None
    own, checks = notebook.cells[: -len(lesson.exercises)], notebook.cells[-len(lesson.exercises) :]
    first = next((f" An earlier cell failed: {said}" for said in map(_error, own) if said), "")
    results = [
        Result(one.title, passed, "" if passed else _message(cell, first))
        for one, cell in zip(lesson.exercises, checks, strict=True)
        for passed in [_reached(cell, token)]
    ]
    stopped = " ".join(f"Code cell {n} was stopped after {seconds} s." for n in endless if n)
    return Graded(results, stopped)


def report(wanted: str, files: Sequence[Path], as_csv: bool = False) -> tuple[str, bool]:
    """What `ferbook check` prints, and whether everything is passed."""
    lesson = find(wanted)
    for file in files:  # all of them, before the first is run
        _given(lesson, file)
    graded = {file: grade(lesson, file) for file in files}
    complete = all(one.passed for of_file in graded.values() for one in of_file.results)
    return (_csv(graded) if as_csv else _text(graded)), complete


def _given(lesson: Lesson, path: Path) -> Any:
    """The notebook in a file, not yet run; InputError for what is none, or of another lesson."""
    import jupytext

    if not path.exists():
        raise InputError(f"{path}: no such file")
    if not path.is_file() or path.suffix not in (".ipynb", ".py"):
        raise InputError(f"{path}: expected a file that ends in .ipynb or .py")
    if path.stat().st_size > MAX_BYTES:
        raise InputError(f"{path}: larger than {MAX_BYTES // 10**6} MB: no student's notebook")
    try:
        fmt = "ipynb" if path.suffix == ".ipynb" else "py:percent"
        given = jupytext.reads(path.read_text(encoding="utf-8"), fmt=fmt)
        text = [cell.source for cell in given.cells if cell.cell_type == "markdown"]
    except Exception as error:  # whatever nbformat makes of a file that is none
        raise InputError(f"{path}: not a notebook: {type(error).__name__}: {error}") from None
    of = TITLE.search("\n".join(text))
    if of and int(of[1]) != lesson.number:
        raise InputError(f"{path}: is of lesson {of[1]}, not {lesson.number}")
    return given


def _assembled(lesson: Lesson, path: Path, token: str) -> Any:
    """The student's code without checks, then the lesson's, each printing `token` at its end.

    The student's cells keep their number among the code cells of the file.
    """
    import nbformat

    new = nbformat.v4.new_code_cell
    code = [cell for cell in _given(lesson, path).cells if cell.cell_type == "code"]
    cells = [
        new(cell.source, metadata={"number": number})
        for number, cell in enumerate(code, start=1)
        if "check" not in tags(cell)
    ]
    cells += [new(f"{one.check}\nprint({token!r})") for one in lesson.exercises]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _error(cell: Any) -> str:
    """The message of what a cell raised, with the name of the error where it is not one of ours."""
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            name, said = output.ename, " ".join(output.evalue.split())
            return said if name in TOLD else f"{name}: {said}"
    return ""


def _reached(cell: Any, token: str) -> bool:
    """Whether a check ran to its end: one that is stopped leaves no error behind."""
    printed = "".join(o.text for o in cell.outputs if o.output_type == "stream")
    return token in printed and not _error(cell)


def _message(cell: Any, first: str) -> str:
    """What a check says; where that is no sentence of ours, with what went wrong before."""
    said = _error(cell)
    # whether the interruption of the kernel is still reported depends on how busy the machine is
    if not said or said.startswith("KeyboardInterrupt"):
        return f"took longer than a cell may, and was stopped.{first}"
    own = any(output.get("ename") in TOLD for output in cell.outputs)
    return said if own else f"{said}.{first}"


def _text(graded: dict[Path, Graded]) -> str:
    lines = []
    for file, of_file in graded.items():
        results = of_file.results
        lines.append(f"{file}: {sum(one.passed for one in results)} of {len(results)}")
        lines += [f"  {of_file.stopped}"] if of_file.stopped else []
        for one in results:
            lines.append(f"  {'passed' if one.passed else 'open  '}  {one.exercise}")
            lines += [f"          {one.message}"] if one.message else []
    return "\n".join(lines)


def _csv(graded: dict[Path, Graded]) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["file", "exercise", "passed", "message"])
    for file, of_file in graded.items():
        for one in of_file.results:
            said = " ".join(filter(None, [one.message, of_file.stopped]))
            table.writerow([file, one.exercise, int(one.passed), said])
    return text.getvalue().rstrip("\n")
