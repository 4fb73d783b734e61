"""The reference of the package: a Sphinx extension that lists each module of a room on its page.

A page `book/api_<room>.md` holds a title and what a person has to say about the room; the modules
follow by themselves, so that a new module needs no line anywhere. Docstrings are read by Sphinx's
own autodoc, and those with sections by napoleon.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

#: Pages and the packages whose modules they list, in the order in which data flow.
ROOMS: dict[str, tuple[str, ...]] = {
    "data": ("ferbook.data",),
    "vision": ("ferbook.vision",),
    "models": ("ferbook.models",),
    "perturb": ("ferbook.perturb",),
    "study": ("ferbook.study",),
    "report": ("ferbook.report",),
    "audit": ("ferbook.report.audit", "ferbook.report.leakage"),
}
PREFIX = "book/api_"

#: What only training needs, and what takes longest to import. The pages show names and docstrings,
#: for which a stand-in is as good.
MOCKED = ("torch", "torchvision", "cv2", "seaborn", "statsmodels", "matplotlib")


def folder(package: str) -> Path:
    """Where a package lies; its parents are imported, it is not."""
    found = importlib.util.find_spec(package)
    assert found and found.submodule_search_locations
    return Path(found.submodule_search_locations[0])


def modules(package: str) -> list[str]:
    """The modules of `package`, not those of packages within it, by name."""
    return sorted(path.stem for path in folder(package).glob("*.py") if path.stem[0] != "_")


def listing(room: str) -> str:
    """MyST: a heading for each module of a room, and what autodoc finds in it."""
    parts = []
    for package in ROOMS[room]:
        for name in modules(package):
            short = f"{package}.{name}".removeprefix("ferbook.").removeprefix("report.")
            parts += [f"## {short}", "```{eval-rst}", f".. automodule:: {package}.{name}"]
            parts += ["   :members:", "   :member-order: bysource", "```", ""]
    return "\n".join(parts)


def fill(app: Any, page: str, source: list[str]) -> None:
    """Sphinx's `source-read`: append the listing to the pages of rooms."""
    if not page.startswith(PREFIX):
        return
    room = page.removeprefix(PREFIX)
    for package in ROOMS[room]:
        app.env.note_dependency(str(folder(package)))  # whose time changes with a new module
    source[0] += "\n" + listing(room)


def as_text(
    _app: Any, _what: str, _name: str, _object: Any, _options: Any, lines: list[str]
) -> None:
    """autodoc's `autodoc-process-docstring`: a docstring as it is written here, as Sphinx reads it.

    What stands indented after a blank line is kept as it is, a formula or a drawing; a bar is a
    bar. Before napoleon, whose sections are left alone.
    """
    under = (at for at, line in enumerate(lines) if at and re.fullmatch(r"-{4,}", line))
    first = next(under, len(lines) + 1) - 1
    lines[:] = [*_paragraphs(lines[:first]), *_sections(lines[first:])]


def _paragraphs(lines: Sequence[str]) -> Iterator[str]:
    """Text before the sections."""
    literal, last = False, 0  # where the text of the last paragraph begins
    for above, line in zip(["text", *lines], lines, strict=False):
        indent = len(line) - len(line.lstrip())
        if line.strip() and not above.strip():
            was, literal = literal, indent >= last + 4
            if literal and not was:
                yield from (" " * last + ".. code-block:: text", "")
        if line.strip() and not literal:
            last = indent + 2 * line.lstrip().startswith("- ")
        yield line if literal else _escaped(line)


def _sections(lines: Sequence[str]) -> Iterator[str]:
    """Text after the sections is one of its own, or it would be taken for part of the last."""
    example = False
    for above, line, below in zip(["", *lines], lines, [*lines[1:], ""], strict=False):
        if not above and line[:1].strip() and not re.fullmatch(r"-{4,}", below):
            example = line.startswith(">>>")
            yield from ("Examples", "--------") if example else ("Notes", "-----")
        yield line if example else _escaped(line)


def _escaped(line: str) -> str:
    """With bars, stars and underscores that mark nothing up; within backticks they are none."""
    parts = line.split("`")
    return "`".join(part if at % 2 else _plain(part) for at, part in enumerate(parts))


def _plain(part: str) -> str:
    part = re.sub(r"\\|\||(?<=\w)_(?!\w)", r"\\\g<0>", part)
    emphasis = r"(?<!\S)(\*{1,2})(\S(?:[^*]*\S)?)\1(?!\w)|\*"
    return re.sub(emphasis, lambda found: found[0] if found[2] else r"\*", part)


def is_alias(
    _app: Any, _what: str, _name: str, found: object, _skip: bool, _options: Any
) -> bool | None:
    """autodoc's `autodoc-skip-member`: what stands for a type brings that type's own docstring."""
    return True if type(found).__module__ == "typing" else None


def setup(app: Any) -> dict[str, bool]:
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("sphinx.ext.napoleon")
    app.config.autodoc_mock_imports = list(MOCKED)
    app.connect("source-read", fill)
    app.connect("autodoc-skip-member", is_alias)
    app.connect("autodoc-process-docstring", as_text, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
