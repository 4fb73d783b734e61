"""The book on one page, by hand; and printed, where there is a Chromium."""

import re
import shutil

import pytest
from bs4 import BeautifulSoup

from ferbook import paths
from ferbook.errors import InputError
from ferbook.report.book import onepage, pdf

TOC = {
    "root": "book/index",
    "parts": [
        {
            "caption": "Part",
            "chapters": [
                {"file": "book/a", "sections": [{"file": "book/notebooks/b"}]},
                {"file": "book/absent"},
            ],
        }
    ],
}
PAGES = {
    "book/index": '<h1>Home<a class="headerlink" href="#x">#</a></h1><a href="a.html">A</a>',
    "book/a": (
        '<h1 id="top">A &amp; a</h1><img src="../_images/f.svg"><button>Copy</button>'
        '<a href="notebooks/b.html#end">b</a><a href="#top">up</a><a href="list.csv">list</a>'
        '<a href="https://example.org/x.html#y">away</a><details class="hide">code</details>'
        '<table id="verdicts"><tr><td>1</td></tr></table>'
    ),
    "book/notebooks/b": (
        '<h1>B</h1><p id="end" title="hover">The end</p><a href="../a.html#top">a</a>'
        '<svg><use href="#end"></use></svg><a href="../../search.html">search</a>'
    ),
}


@pytest.fixture
def site(tmp_path):
    for page, body in PAGES.items():
        path = tmp_path / f"{page}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        head = '<link rel="stylesheet" href="../_static/custom.css?v=1"><script>go()</script>'
        path.write_text(f"<html><head>{head}</head><body><nav>N</nav><article>{body}</article>")
    (tmp_path / "_static").mkdir()
    shutil.copy(paths.checkout() / "book/static/print.css", tmp_path / "_static")
    return tmp_path


@pytest.fixture
def book(site):
    return BeautifulSoup(onepage.compose(site, TOC, "A book"), "html.parser")


def test_pages_come_in_the_order_of_the_contents_sections_after_their_chapter(book):
    slugs = ["book-index", "book-a", "book-notebooks-b"]
    assert [article["id"] for article in book.select("article")] == slugs
    entries = book.select("header li a")
    assert [entry["href"] for entry in entries] == [f"#{slug}" for slug in slugs]
    assert [entry.get_text() for entry in entries] == ["Home", "A & a", "B"]
    assert book.select_one("header > div p").get_text() == "Part"


def test_links_between_pages_lead_within_the_one_page(book):
    a = [link["href"] for link in book.select("#book-a a")]
    assert a[:3] == ["#book-notebooks-b--end", "#book-a--top", "book/list.csv"]
    assert a[3] == "https://example.org/x.html#y"
    b = [link["href"] for link in book.select("#book-notebooks-b a")]
    assert b == ["#book-a--top", "search.html"]
    assert book.select_one("use")["href"] == "#book-notebooks-b--end"
    targets = {tag["id"] for tag in book.select("[id]")}
    inner = [link["href"][1:] for link in book.select("a[href^='#'], use")]
    assert set(inner) <= targets and len(targets) == len(book.select("[id]"))


def test_files_are_named_from_the_root_of_the_site(book):
    assert book.select_one("#book-a img")["src"] == "_images/f.svg"
    sheets = [link["href"] for link in book.select("link")]
    assert sheets == ["_static/custom.css?v=1", "_static/print.css"]


def test_what_is_for_screens_goes(book):
    assert not book.select("nav, button, script, details, .headerlink, [title]")
    assert "page of verdicts" in book.select_one("#book-a").get_text()
    assert not book.select("table")


def test_formulas_bring_their_script(site):
    path = site / "book/a.html"
    text = path.read_text().replace("<h1", '<span class="math">x</span><h1')
    path.write_text(text)
    assert "mathjax/tex-chtml.js" in onepage.compose(site, TOC, "A book")


def test_without_a_book_or_a_browser_there_is_one_line(site, tmp_path, capsys, monkeypatch):
    with pytest.raises(SystemExit) as left:
        pdf.main(str(tmp_path / "none"), str(tmp_path / "book.pdf"))
    assert left.value.code == 2
    assert "no built book; `make book` builds it" in capsys.readouterr().err
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "chromium"))
    with pytest.raises(SystemExit) as left:
        pdf.main(str(site), str(tmp_path / "book.pdf"))
    said = capsys.readouterr().err
    assert left.value.code == 2 and said.count("\n") == 1 and "apt install chromium" in said
    assert not list(tmp_path.glob("*.pdf"))


@pytest.mark.browser
def test_the_printed_book_has_pages_and_an_outline(site, tmp_path):
    if not any(map(shutil.which, pdf.BROWSERS)):
        pytest.skip(pdf.NONE)
    toc = tmp_path / "toc.yml"
    toc.write_text(str(TOC).replace("'", '"'))
    target = tmp_path / "book.pdf"
    try:
        pdf.write(site, target, toc, "A book")
    except InputError as error:
        pytest.skip(str(error))
    content = target.read_bytes()
    assert content.startswith(b"%PDF")
    # cover, contents, three articles; two nodes of the page tree would both say how many
    counts = [int(count) for count in re.findall(rb"/Type /Pages\s*/Count (\d+)", content)]
    assert max(counts) == 5
    assert b"/Outlines" in content and b"/MarkInfo" in content
