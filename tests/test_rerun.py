"""What pages say of running them again, and what JupyterLab, Binder and Colab find in the tree."""

import ast
import html
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import yaml

from ferbook.cli import app
from ferbook.errors import InputError
from ferbook.report import sweep
from ferbook.report.book import colab, rerun
from ferbook.report.notebooks import names, read, source
from ferbook.report.parameters import settings

ROOT = Path(__file__).parents[1]
CELL = """\
sigma: float = 2.0  # px, width; 0.3 to 6
shown: list[str] = ["a b", "c"]  # curves; one of: a b, c, d
threshold: float = -0.5  # of the detector; -2 to 2
live: bool = True  # also on drawn faces
file: str = ""  # to read
"""


def page(cell: str = CELL) -> str:
    first = nbformat.v4.new_code_cell(cell)
    first.metadata["tags"] = ["parameters"]
    language = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    cells = [nbformat.v4.new_markdown_cell("# Small"), first, nbformat.v4.new_code_cell("sigma")]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells, metadata=language))


def shown(document: str, text: str, repository: str = "") -> str:
    content = [text]
    app = SimpleNamespace(config=SimpleNamespace(rerun_repository=repository))
    rerun.insert(app, document, content)  # type: ignore[arg-type]
    return content[0]


def test_the_parameters_of_a_page_are_a_closed_block_with_its_command() -> None:
    cells = json.loads(shown("book/notebooks/small", page()))["cells"]
    assert [cell["cell_type"] for cell in cells] == ["markdown", "markdown", "code"]
    text = "".join(cells[1]["source"])
    assert text.startswith(":::{dropdown} Change the parameters\n")
    assert (
        "```text\nferbook notebook small \\\n    -p sigma 2 \\\n    -p shown 'a b,c' \\\n"
        "    -p threshold -0.5 \\\n    -p live true \\\n    -p file ''\n```\n"
    ) in text
    assert "| `sigma` | px, width | float, 0.3 to 6; default 2 |\n" in text
    assert "| `file` | to read | str; default empty |\n" in text
    assert "http" not in text  # nobody has said where the project is published


def test_other_pages_stay_as_they_are() -> None:
    assert (
        shown("book/rerun", page()) == page.__wrapped__() if hasattr(page, "__wrapped__") else True
    )
    text = page()
    assert shown("book/rerun", text) == text


@pytest.mark.parametrize("end", ["", "/", ".git"])
def test_a_published_project_is_linked_not_loaded(end: str) -> None:
    text = shown("book/notebooks/small", page(), f"https://github.com/some/fer.book{end}")
    assert (
        "[Binder](https://mybinder.org/v2/gh/some/fer.book/HEAD?urlpath=lab/tree/notebooks/small.py)"
    ) in text
    assert (
        "[Colab](https://colab.research.google.com/github/some/fer.book/blob/colab/small.ipynb)"
    ) in text
    assert "![" not in text
    assert "<" not in text


def test_a_repository_that_is_none_is_named() -> None:
    with pytest.raises(InputError, match="rerun_repository is 'some/ferbook'; expected https"):
        shown("book/notebooks/small", page(), "some/ferbook")


def test_every_command_works_as_pasted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Through bash and the command line, to the values that the notebook has anyway."""
    said = {name: rerun.command(name, read(source(name))[1]) for name in names()}
    # bash splits the words, and says them one a line with a mark before, as one of them is empty
    script = "\n".join(["ferbook() { printf ':%s\\n' \"$@\"; echo end; }", *said.values()])
    words = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    given: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(sweep, "rerun", lambda name, pairs, **_: given.append((name, pairs)) or "")
    for command in words.stdout.split("end\n")[:-1]:
        app([word[1:] for word in command.splitlines()], standalone_mode=False)
    assert [name for name, _ in given] == names()
    for name, pairs in given:
        known = read(source(name))[1]
        assert settings(pairs, known, name) == {one.name: one.default for one in known}


@pytest.mark.slow
def test_sphinx_shows_the_block(tmp_path: Path) -> None:
    from sphinx.application import Sphinx

    folder = tmp_path / "book" / "notebooks"
    folder.mkdir(parents=True)
    (folder / "small.ipynb").write_text(page())
    (tmp_path / "book" / "rerun.md").write_text("# Rerun\n")
    (tmp_path / "index.md").write_text(
        "# Book\n\n```{toctree}\nbook/rerun\nbook/notebooks/small\n```\n"
    )
    wanted = {
        "extensions": ["myst_nb", "sphinx_design", "ferbook.report.book.rerun"],
        "nb_execution_mode": "off",
        "myst_enable_extensions": ["colon_fence"],
    }
    out, warned = tmp_path / "html", io.StringIO()
    Sphinx(tmp_path, None, out, out, "html", wanted, io.StringIO(), warned).build()
    built = (out / "book/notebooks/small.html").read_text()
    assert warned.getvalue() == ""
    assert "<details" in built
    words = html.unescape(re.sub("<[^>]*>", "", built))
    assert "-p shown 'a b,c'" in words
    assert "sigma: float = 2.0" not in words


@pytest.mark.parametrize("name", names())
def test_saving_a_notebook_in_jupyterlab_changes_nothing(name: str) -> None:
    import jupytext
    from jupytext.config import load_jupytext_configuration_file

    path = source(name)
    config = load_jupytext_configuration_file(str(path.with_name("jupytext.toml")))
    notebook = jupytext.read(path, config=config)
    notebook.metadata["language_info"] = {"name": "python", "version": "3.13"}  # as JupyterLab does
    assert jupytext.writes(notebook, "py:percent", config=config) == path.read_text()


def test_binder_finds_one_python_and_the_package() -> None:
    # repo2docker looks for `python\s*=+\s*([\d\.]*)`, and takes 3.10 where it finds no version
    python, *_ = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    assert re.fullmatch(r"python=3\.\d+", python)
    script = (ROOT / "postBuild").read_text()
    assert "pip install --no-deps --editable ." in script
    (copied,) = re.findall(r"cp (\S+) ", script)
    (viewers,) = ROOT.glob(copied)
    (setting,) = json.loads(viewers.read_text()).values()
    assert setting == {"defaultViewers": {"python": "Jupytext Notebook"}}


def test_colab_gets_the_executed_notebooks_with_a_cell_that_fetches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(colab, "names", lambda: ["small"])
    monkeypatch.setattr("ferbook.paths.executed_notebooks", lambda: tmp_path)
    (tmp_path / "small.ipynb").write_text(page())
    (written,) = colab.write(tmp_path / "out", "https://github.com/some/ferbook")
    first, *others = json.loads(written.read_text())["cells"]
    assert [cell["source"] for cell in others] == [["# Small"], CELL.splitlines(True), ["sigma"]]

    commands: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda command, check: commands.append(command))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(tmp_path)
    exec("".join(first["source"]), {})
    clone, install = commands
    assert clone == [
        "git",
        "clone",
        "-q",
        "--depth=1",
        "https://github.com/some/ferbook",
        "ferbook",
    ]
    assert install[1:] == ["-m", "pip", "install", "-q", *colab.needs()]
    assert sys.path[0] == str(tmp_path / "ferbook" / "src")


def imports(path: Path) -> set[str]:
    """Modules that a file names, wherever in it; of `from a import b` both `a` and `a.b`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_colab_lacks_nothing_that_a_notebook_leads_to() -> None:
    waiting = set().union(*(imports(source(name)) for name in names()))
    seen: set[str] = set()
    while waiting:
        seen.add(module := waiting.pop())
        path = ROOT / "src" / (module.replace(".", "/") + ".py")
        if path.exists():
            waiting |= imports(path) - seen
    roots = {module.partition(".")[0] for module in seen} - set(sys.stdlib_module_names)
    assert {"torch", "cv2", "seaborn"} <= roots
    # what runs a notebook, and what Jupyter itself brings
    roots -= {"ferbook", "papermill", "nbclient", "nbformat", "nbconvert", "jupytext"}
    roots -= {"IPython", "matplotlib_inline"}
    called = {name.partition("<")[0].replace("-", "_") for name in colab.needs()}
    # packages whose module is called otherwise
    assert roots <= called | {"PIL", "bs4", "cv2", "dlib", "markdown_it", "sklearn", "yaml"}
