"""What MyST's roles stand for, in words: for readers of a notebook that the book does not build.

Sphinx makes links of `{doc}`, `{ref}`, `{numref}` and `{cite}`; Jupyter, Colab and a page made of a
single notebook know none of them and show them as they are written.
"""

from __future__ import annotations

import re
from typing import Any

from ferbook import paths

ROLE = re.compile(r"\{([a-z][\w:-]*)\}`([^`]+)`")
NAMED = re.compile(r"(.+?)\s*<[^<>]+>", re.DOTALL)
#: Kinds of captioned outputs, by what their labels begin with.
KINDS = {"fig": "figure", "tab": "table"}


def in_words(notebook: Any) -> None:
    """Put words for the roles in the text of an nbformat notebook, and in its outputs' Markdown."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = words(cell.source)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "text/markdown" in data:
                data["text/markdown"] = words(data["text/markdown"])


def words(text: str) -> str:
    """Text with what each role stands for in its place.

    >>> words("see {ref}`A9 <A9>` and {doc}`another page </book/notebooks/speed>`")
    'see A9 and another page'
    """
    return ROLE.sub(lambda found: _said(found[1], found[2]), text)


def _said(role: str, target: str) -> str:
    if named := NAMED.fullmatch(target):
        return named[1]
    if role == "cite":
        return f"[{'; '.join(_citation(key.strip()) for key in target.split(','))}]"
    if role == "doc":
        return f"*{_title(target)}*"
    return _captioned(target) if role == "numref" else target


def _citation(key: str) -> str:
    """`Dalal and Triggs, 2005`, as the book cites; the key where there is no such entry."""
    file = paths.checkout() / "book" / "references.bib"
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    entry = re.search(rf"^@\w+\{{{re.escape(key)},(.*?)^\}}", text, re.MULTILINE | re.DOTALL)
    if not entry:
        return key
    fields = dict(re.findall(r"^ *(\w+) = \{(.*)\},?$", entry[1], re.MULTILINE))
    people = [name.partition(",")[0] for name in fields["author"].split(" and ")]
    who = f"{people[0]} et al." if len(people) > 2 else " and ".join(people)
    return ", ".join(filter(None, (who, fields.get("year"))))


def _title(document: str) -> str:
    """The first heading of a page of the book; its name where there is no such page."""
    name = document.removeprefix("/")
    for file, heading in (
        (paths.checkout() / f"{name.removeprefix('book/')}.py", r"^# # (.+)$"),
        (paths.checkout() / f"{name}.md", r"^# (.+)$"),
    ):
        if file.exists() and (
            found := re.search(heading, file.read_text(encoding="utf-8"), re.MULTILINE)
        ):
            return found[1]
    return name.rpartition("/")[2]


def _captioned(label: str) -> str:
    """`Figure *its caption*`: numbers are the book's. The label where no cell has that name."""
    kind, _, name = label.partition("-")
    header = re.compile(rf'^# %%.* {KINDS.get(kind)}="{re.escape(name)}" caption="(.*?)"', re.M)
    for file in sorted(paths.notebooks().glob("*.py")):
        if found := header.search(file.read_text(encoding="utf-8")):
            return f"{KINDS[kind].capitalize()} *{found[1]}*"
    return label
