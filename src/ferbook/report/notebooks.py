"""The notebook driver: py:percent in, values checked, executed by papermill, `.ipynb` out."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ferbook import named, paths
from ferbook.errors import InputError
from ferbook.report import downloads, mathjax, roles
from ferbook.report.book.typeset import typeset
from ferbook.report.parameters import Parameter, absolute, parse, settings

#: What a kernel that never answers costs at most; a training cell has no limit.
START_TIMEOUT = 120
#: JupyterLab's look without the scripts that nbconvert asks other sites for.
PAGE = """\
{%- extends 'lab/index.html.j2' -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block jupyter_widgets -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{{ resources.maths }}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
"""


def names() -> list[str]:
    """Every notebook of the book, in reading order within a paper."""
    return sorted(path.stem for path in paths.notebooks().glob("*.py"))


def source(name: str) -> Path:
    """The py:percent file of a notebook, of whose name a part is enough that no other has; `.py`
    may be left on it."""
    name = Path(name).name.removesuffix(".py")
    known = names()
    if found := named.whole(name, known):
        return paths.notebooks() / f"{found}.py"
    there = named.instead(name, known or [f"none in {paths.notebooks()}"])
    raise InputError(f"no notebook {name}; {there}")


def read(path: Path) -> tuple[Any, list[Parameter]]:
    """The notebook at `path` as nbformat's object, and the parameters that it declares."""
    import jupytext

    notebook = jupytext.read(path)
    notebook.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    tagged = [cell for cell in code if "parameters" in cell.metadata.get("tags", [])]
    if len(tagged) != 1 or tagged[0] is not code[0]:
        raise InputError(f"{path.name}: the first code cell, and no other, is tagged `parameters`")
    return notebook, parse(tagged[0].source, path.name)


def run_notebook(
    name: str, pairs: Sequence[str] = (), *, output: Path | None = None, html: bool = False
) -> str:
    """Execute a notebook with `NAME=VALUE` settings and say where the result is.

    It lands in `output`, by default `<name>.ipynb` in the current folder; MyST's roles stay in it
    only where the book is built from, and are put in words elsewhere. A failing cell is an
    InputError; the notebook with its traceback is then kept as `<output>.failed.ipynb`, and what
    stood in `output` stays.
    """
    path = source(name)
    notebook, parameters = read(path)
    values = absolute(settings(pairs, parameters, path.name), parameters)
    target = output or Path.cwd() / f"{path.stem}.ipynb"
    if target.suffix != ".ipynb":
        raise InputError(f"--output {target}: expected a file name that ends in .ipynb")
    if not target.parent.is_dir():
        raise InputError(f"--output {target}: no folder {target.parent}")
    executed = execute(notebook, values, path.name, target)
    if target.parent.resolve() != paths.executed_notebooks().resolve():
        roles.in_words(executed)
    write(target, executed)
    target.with_suffix(".failed.ipynb").unlink(missing_ok=True)  # of an earlier try
    if not html:
        return f"{target}"
    page = target.with_suffix(".html")
    write_page(target, page)
    return f"{target}\n{page}"


def write_page(notebook: Path, page: Path) -> None:
    """The HTML of an executed notebook, in one file that asks no other for anything."""
    import nbformat

    read = downloads.with_links(nbformat.read(notebook, as_version=4), notebook.stem)
    roles.in_words(read)
    text = _page(read, notebook.stem)
    with paths.whole(page) as beside:
        beside.write_text(text, encoding="utf-8")


def execute(notebook: Any, values: dict[str, Any], name: str, target: Path) -> Any:
    """The notebook with its outputs; one that fails is kept beside `target`, and an InputError."""
    import nbformat
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    notebook.cells.append(_origins())
    watched = sys.stderr.isatty()
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder) / "executed.ipynb"
        try:
            papermill.execute_notebook(
                notebook,
                str(at),
                parameters=values,
                progress_bar=watched,
                # the progress bars of a training cell, live
                stderr_file=sys.stderr if watched else None,
                start_timeout=START_TIMEOUT,
                request_save_on_cell_execute=False,
                # its warnings are about itself, not about the notebook
                extra_arguments=["--log-level=CRITICAL"],
                cwd=str(paths.checkout()),
            )
        except PapermillExecutionError as error:
            kept = target.with_suffix(".failed.ipynb")
            write(kept, nbformat.read(at, as_version=4))
            raise InputError(f"{name}: {_failure(error)}; with its traceback: {kept}") from None
        except DeadKernelError:
            raise InputError(f"{name}: the kernel died; is there enough memory?") from None
        executed = nbformat.read(at, as_version=4)
    if not executed.cells[-1].outputs:  # no number of this page came from records
        executed.cells.pop()
    _carry_alternatives(executed)
    typeset(executed)
    return executed


def _origins() -> Any:
    """The last cell of every page: where its numbers come from, for those who point at one."""
    from nbformat.v4 import new_code_cell

    source = "from ferbook.report import sources\n\nsources.publish()"
    return new_code_cell(source, metadata={"tags": ["remove-input"]})


def _carry_alternatives(notebook: Any) -> None:
    """Copy the text that `alternatives.show` left with an output to where the book looks for it."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if text := output.get("metadata", {}).get("alt"):
                cell.metadata.setdefault("mystnb", {}).setdefault("image", {})["alt"] = text


def _failure(error: Any) -> str:
    """Which cell failed, by its first line, and how."""
    lines = [line for line in error.source.splitlines() if line.strip()]
    first = lines[0] if lines else ""
    return f"cell {error.cell_index} (`{first}`) failed: {error.ename}: {error.evalue}"


def write(target: Path, notebook: Any) -> None:
    """The notebook to `target`, whole or not at all."""
    import nbformat

    # where it was executed is nobody's business, and differs between machines
    for key in ("input_path", "output_path"):
        notebook.metadata.get("papermill", {}).pop(key, None)
    with paths.whole(target) as beside:
        beside.write_text(nbformat.writes(notebook), encoding="utf-8")


def _page(notebook: Any, title: str) -> str:
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(raw_template=PAGE)
    maths = mathjax.inline() if _has_formulas(notebook) else ""
    page, _ = exporter.from_notebook_node(
        notebook, resources={"metadata": {"name": title}, "maths": maths}
    )
    return str(page)


def _has_formulas(notebook: Any) -> bool:
    """Whether its text has formulas; not its code, in which a dollar is one."""
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            texts += [data[form] for form in ("text/markdown", "text/latex") if form in data]
    return any("$" in text for text in texts)


if __name__ == "__main__":
    write_page(*map(Path, sys.argv[1:]))
