"""Numbers, captions and downloads of a small book with two notebooks and a lesson."""

import base64
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from bs4 import BeautifulSoup

from ferbook.errors import InputError
from ferbook.report.book import figures

TABLE = {"text/html": "<table><tr><td>1</td></tr></table>", "text/plain": "1"}
CONF = """\
extensions = ["myst_nb", "ferbook.report.book.figures"]
nb_execution_mode = "off"
numfig = True
numfig_secnum_depth = 0
numfig_format = {"figure": "Figure %s", "table": "Table %s"}
"""


def figure(text: str) -> dict[str, str]:
    return {
        "image/svg+xml": f'<svg xmlns="http://www.w3.org/2000/svg"><text>{text}</text></svg>',
        "application/pdf": base64.b64encode(b"%PDF-" + text.encode()).decode(),
        "text/csv": f"x\n{text}\n",
        "text/plain": "<Figure>",
    }


def cell(*outputs: dict[str, str], **metadata: str):
    shown = [nbformat.v4.new_output("display_data", data) for data in outputs]
    return nbformat.v4.new_code_cell("show()", outputs=shown, metadata=metadata)


def notebook(*cells) -> str:
    first = nbformat.v4.new_markdown_cell("# A page")
    language = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    return nbformat.writes(nbformat.v4.new_notebook(cells=[first, *cells], metadata=language))


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """Prose that refers to the second notebook's figure, two notebooks, a lesson."""
    root = tmp_path_factory.mktemp("book")
    words = {"text/markdown": "words"}
    pages = {
        "conf.py": CONF,
        "index.md": "# Book\n\nSee {numref}`fig-third`, {numref}`tab-one`.\n\n"
        "```{toctree}\nbook/notebooks/a\nbook/notebooks/b\nbook/lessons/c\n```\n",
        "book/notebooks/a.ipynb": notebook(
            cell(words, figure("11"), figure="first", caption="What one sees"),
            cell(words, TABLE, TABLE, table="one", caption="What one counts"),
        ),
        "book/notebooks/b.ipynb": notebook(
            cell(figure("22"), figure="second", caption="Another"),
            cell(figure("33"), figure="third", caption="A third"),
        ),
        "book/lessons/c.ipynb": notebook(cell(figure("44")), cell(TABLE)),
    }
    for name, text in pages.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    out = root / "_build" / "html"
    command = [sys.executable, "-m", "sphinx", "-W", "-q", root, out]
    subprocess.run(command, check=True)  # apart, since Sphinx leaves its mark-up behind in docutils
    return out


def page(site: Path, name: str) -> BeautifulSoup:
    return BeautifulSoup((site / f"{name}.html").read_text(encoding="utf-8"), "html.parser")


def test_figures_and_tables_are_numbered_through_the_book(site):
    captions = [
        caption.get_text().replace("¶", "").strip()
        for name in ("a", "b")
        for caption in page(site, f"book/notebooks/{name}").select("figure > figcaption")
    ]
    assert captions == [
        "Figure 1 What one sees",
        "Table 1 What one counts",
        "Figure 2 Another",
        "Figure 3 A third",
    ]


def test_each_is_found_by_its_name_and_by_its_number(site):
    second = page(site, "book/notebooks/b")
    assert second.select_one("figure#fig-third #figure-3")
    links = [(a.get_text(), a["href"]) for a in page(site, "index").select("a:has(.std-numref)")]
    assert links == [
        ("Figure 3", "book/notebooks/b.html#fig-third"),
        ("Table 1", "book/notebooks/a.html#tab-one"),
    ]


def test_the_caption_of_a_table_stands_above_it_that_of_a_figure_below(site):
    first, one = page(site, "book/notebooks/a").select("figure.shown")
    parts = [tag.name for tag in first.find_all(recursive=False)]
    assert parts == ["span", "img", "figcaption", "p"]
    assert one["class"] == ["shown", "shown-table"] and not one.select(".downloads")
    assert [tag.name for tag in one.find_all(recursive=False)] == ["span", "figcaption", "div"]
    # of two tables in a cell the first has the caption
    assert (
        len(page(site, "book/notebooks/a").select("table")) == 2 and len(one.select("table")) == 1
    )


@pytest.mark.parametrize(
    ("name", "count", "text", "stem"),
    [("notebooks/a", 1, "11", "a-first"), ("lessons/c", 1, "44", "c-1")],
)
def test_below_each_figure_stand_its_files(site, name, count, text, stem):
    lines = page(site, f"book/{name}").select(".downloads")
    assert len(lines) == count
    assert lines[0].get_text() == "SVG · PDF · data (csv)"
    svg, pdf, csv = ((site / "book" / "x" / a["href"]).resolve() for a in lines[0].select("a"))
    assert text in svg.read_text() and lines[0].a["download"] == f"{stem}.svg"
    assert (pdf.name, pdf.read_bytes()) == (f"{stem}.pdf", b"%PDF-" + text.encode())
    assert (csv.name, csv.read_text()) == (f"{stem}.csv", f"x\n{text}\n")


def test_a_lesson_s_figures_have_no_number(site):
    assert not page(site, "book/lessons/c").select("figure, figcaption")


def test_a_caption_without_its_figure_is_a_fault(tmp_path):
    env = SimpleNamespace(temp_data={})
    app = SimpleNamespace(env=env, srcdir=tmp_path)
    content = [notebook(cell(TABLE, figure="lost", caption="Nowhere"))]
    with pytest.raises(InputError, match="'Nowhere'"):
        figures.take(app, "book/notebooks/a", content)  # type: ignore[arg-type]
    words = {"text/markdown": "*No such run is recorded yet.*"}
    content = [notebook(cell(words, table="later", caption="Not yet"))]
    figures.take(app, "book/notebooks/a", content)  # type: ignore[arg-type]
    assert not env.temp_data


def test_prose_is_passed_over(tmp_path):
    content = ["# A page"]
    app = SimpleNamespace(env=SimpleNamespace(temp_data={}), srcdir=tmp_path)
    figures.take(app, "book/verify", content)  # type: ignore[arg-type]
    assert content == ["# A page"] and not list(tmp_path.iterdir())
