"""The notebooks and their parameters, for a terminal of any width."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from typing import Any

from ferbook import paths
from ferbook.report.notebooks import names, read, source
from ferbook.report.parameters import Parameter

ENDLESS = 10_000  #: columns of a pipe: a parameter stays on its line


def listing(name: str | None = None) -> str:
    """Every notebook, or the one called `name`, with type, range, default and meaning of each of
    its parameters; lines are folded for a terminal, not for a pipe."""
    wanted = [source(name).stem] if name else names()
    if not wanted:
        return f"no notebooks in {paths.notebooks()}"
    return "\n\n".join(_entry(one, *read(source(one))) for one in wanted)


def overview() -> str:
    """A line for each notebook: its name and its title."""
    width = max(map(len, names()), default=0)
    lines = [fold(f"{one:<{width}}  {title(read(source(one))[0])}", width + 2) for one in names()]
    lines.append("\nferbook notebook --list NAME says what a notebook takes, --list of all.")
    return "\n".join(lines)


def title(notebook: Any) -> str:
    """The first heading."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    found = re.search(r"^# (.+)$", text, re.MULTILINE)
    return found[1] if found else ""


def _entry(name: str, notebook: Any, parameters: list[Parameter]) -> str:
    lines = [fold(f"{name}  {title(notebook)}".rstrip(), 4)]
    lines += [fold(f"    {one}  {one.meaning}".rstrip(), 8) for one in parameters]
    return "\n".join(lines)


def fold(line: str, indent: int) -> str:
    """A line for a terminal of any width, what does not fit under column `indent`."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else ENDLESS
    return textwrap.fill(
        line,
        width=max(width, indent + 20),
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
