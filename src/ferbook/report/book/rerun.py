"""What a page says of running it again: its command, its parameters, and where to open it.

A Sphinx extension. Each executed notebook shows its cell tagged `parameters` as a closed block with
a command to paste and a table, made of that cell while the page is read, so that neither can say
anything else than the notebook. The notebook itself stays as it is.
"""

from __future__ import annotations

import os
import re
import shlex
from typing import TYPE_CHECKING, Any

from ferbook.errors import InputError
from ferbook.report.pages import table
from ferbook.report.parameters import Parameter, parse

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

FOLDER = "book/notebooks/"
TAG = "parameters"
BLOCK = """\
:::{{dropdown}} Change the parameters
:class-container: rerun

```text
{command}
```

With the values as they are it runs this page as it is. Change some, leave out the rest;
a range such as `2..8`, of floats with its step, `0.5..3..0.5`, or a list such as `1,3,5` in place
of a value runs it with each ({{doc}}`/book/rerun`).

{parameters}
{launch}
:::
"""
BINDER = "https://mybinder.org/v2/gh/{place}/HEAD?urlpath=lab/tree/notebooks/{name}.py"
COLAB = "https://colab.research.google.com/github/{place}/blob/colab/{name}.ipynb"


def block(name: str, parameters: list[Parameter], repository: str = "") -> str:
    """Markdown: the command with every parameter, a table of them, links where `repository`,
    `https://github.com/OWNER/NAME`, says where the project is published."""
    return BLOCK.format(
        command=command(name, parameters),
        parameters=_table(parameters),
        launch=_launch(name, repository) if repository else "",
    )


def command(name: str, parameters: list[Parameter]) -> str:
    """Every parameter with its default, a line each, for a shell."""
    set_ = (f"-p {one.name} {shlex.quote(one.typed)}" for one in parameters)
    return " \\\n    ".join([f"ferbook notebook {name}", *set_])


def _table(parameters: list[Parameter]) -> str:
    rows = (
        (f"`{one.name}`", one.meaning, f"{one.expected}; default {one.typed or 'empty'}")
        for one in parameters
    )
    return table(("parameter", "what it is", "what it may be"), rows)


def _launch(name: str, repository: str) -> str:
    place = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?", repository)
    if not place:
        raise InputError(
            f"rerun_repository is {repository!r}; expected https://github.com/OWNER/NAME"
        )
    binder, colab = (link.format(place=place[1], name=name) for link in (BINDER, COLAB))
    return f"Nothing installed? Open it on [Binder]({binder}) or [Colab]({colab})."


def insert(app: Sphinx, document: str, content: list[str]) -> None:
    """Put the block in place of the parameters in the source of an executed notebook."""
    if not document.startswith(FOLDER):
        return
    import nbformat

    name = document.removeprefix(FOLDER)
    notebook = nbformat.reads(content[0], as_version=4)
    for number, cell in enumerate(notebook.cells):
        if TAG in cell.metadata.get("tags", []):
            text = block(name, parse(cell.source, name), app.config.rerun_repository)
            notebook.cells[number] = nbformat.v4.new_markdown_cell(text, id=TAG)
            content[0] = nbformat.writes(notebook)
            return


def published(app: Sphinx, config: Config) -> None:
    """Where the configuration does not say it, whoever publishes does by the environment."""
    config.rerun_repository = config.rerun_repository or os.environ.get("FERBOOK_REPOSITORY", "")


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("rerun_repository", "", "env")
    app.connect("config-inited", published)
    app.connect("source-read", insert)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
