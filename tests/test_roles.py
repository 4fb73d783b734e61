"""Roles of MyST in words, where no book is built, and pages that ask no other site for anything."""

import re
from pathlib import Path

import nbformat
import pytest

from ferbook import paths
from ferbook.report import mathjax, roles
from ferbook.report.notebooks import run_notebook, write_page

TEXT = "As {cite}`dalal2005` ({ref}`A9 <A9>`), {doc}`/book/data` and {numref}`fig-kept`."
WORDS = "As [Dalal and Triggs, 2005] (A9), *Data* and Figure *What is kept*."
#: An address in a page that a browser would ask for something.
ASKED = re.compile(r"""(?:src|href)=["']?https?://|import\(["']https?://|url\(["']?https?://""")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a notebook whose text and output have roles, and what they point at."""
    for folder in ("notebooks", "reported", "experiments", "here", "book/notebooks"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "book" / "data.md").write_text("(top)=\n# Data\n\n# Other\n")
    (tmp_path / "book" / "references.bib").write_text(
        "@misc{dalal2005,\n  author = {Dalal, Navneet and Triggs, Bill},\n  year = {2005}\n}\n\n"
        "@misc{chew,\n  author = {Chew, Monica},\n  title = {A {CNN}}\n}\n\n"
        "@misc{many,\n  author = {A, B and C, D and E, F},\n  year = {1999}\n}\n"
    )
    (tmp_path / "notebooks" / "small.py").write_text(
        f'# %% [markdown]\n# # Small\n#\n# {TEXT}\n\n# %% tags=["parameters"]\n'
        'seeds: int = 3  # networks; 1 to 20\n\n# %% figure="kept" caption="What is kept"\n'
        "from IPython.display import Markdown\n\nMarkdown('see {doc}`/book/notebooks/small`')\n"
    )
    monkeypatch.setenv("FERBOOK_ROOT", str(tmp_path))
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


def test_each_role_in_words(checkout: Path) -> None:
    assert roles.words(TEXT) == WORDS
    assert roles.words("{cite}`chew,many`") == "[Chew; A et al., 1999]"
    assert roles.words("{doc}`its\nentry </book/x>`, {term}`seed`") == "its\nentry, seed"
    # what is not there keeps its name
    assert roles.words("{cite}`a` {doc}`/book/b` {numref}`tab-c`") == "[a] *b* tab-c"


def test_a_reader_gets_words_and_the_book_its_roles(checkout: Path) -> None:
    run_notebook("small", html=True)
    notebook = nbformat.read("small.ipynb", as_version=4)
    assert WORDS in notebook.cells[0].source
    assert "see *Small*" in notebook.cells[-1].outputs[0].data["text/markdown"]
    assert "{cite}" not in Path("small.html").read_text()
    run_notebook("small", output=paths.executed_notebooks() / "small.ipynb")
    kept = nbformat.read(paths.executed_notebooks() / "small.ipynb", as_version=4)
    assert TEXT in kept.cells[0].source
    write_page(paths.executed_notebooks() / "small.ipynb", Path("book.html"))
    assert "{cite}" not in Path("book.html").read_text()


def test_every_role_of_the_notebooks_has_words() -> None:
    for file in sorted(paths.notebooks().glob("*.py")):
        for found in roles.ROLE.finditer(file.read_text().replace("\n# ", "\n")):
            said = roles.words(found[0])
            assert said not in (found[2], f"*{found[2].rpartition('/')[2]}*", f"[{found[2]}]")


def test_a_page_holds_mathjax_where_it_needs_it_and_asks_no_other_site(checkout: Path) -> None:
    def page(text: str) -> str:
        cells = [nbformat.v4.new_markdown_cell(text), nbformat.v4.new_code_cell("cost = '$'")]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), "one.ipynb")
        write_page(Path("one.ipynb"), Path("one.html"))
        written = Path("one.html").read_text()
        assert not ASKED.search(written)
        return written

    assert "MathJax" not in page("$a^2$")  # npm has not fetched it
    program = checkout / "node_modules" / "mathjax" / "es5" / mathjax.WHOLE
    program.parent.mkdir(parents=True)
    program.write_text("typeset('</script>')")
    assert r"<script>typeset('<\/script>')</script>" in page("$a^2$")
    assert "MathJax" not in page("no formula")
