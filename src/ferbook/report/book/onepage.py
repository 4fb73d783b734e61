"""The built pages as one long page to print: in the order of the table of contents, links within.

What only works on a screen goes: navigation, buttons, folded code, forms. Each page's ids are
prefixed with its name, so that none occurs twice and links between pages stay links.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from posixpath import join, normpath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

#: What a page has for a screen only.
ON_SCREEN = (
    "script, noscript, template, a.headerlink, button, form, input, select, output, nav, iframe, "
    "video, audio, canvas, details.hide, .tag_remove-input > .cell_input, [hidden], .plots + form, "
    ".downloads, #live"
)
#: Tables that another page of the book holds too, and where.
ELSEWHERE = {"table#verdicts": "The table of all numbers stands on the page of verdicts, above."}
#: What points at another element of the page by its id.
POINTERS = ("aria-labelledby", "aria-describedby", "for", "headers")


def order(toc: Mapping[str, Any]) -> Iterator[tuple[str | None, list[str]]]:
    """(caption of a part or None, its pages), as `_toc.yml` has them; sections follow chapters."""
    yield None, [toc["root"]]
    for part in toc["parts"]:
        pages = []
        for chapter in part["chapters"]:
            pages += [chapter["file"], *(entry["file"] for entry in chapter.get("sections", []))]
        yield part.get("caption"), pages


def compose(site: Path, toc: Mapping[str, Any], title: str) -> str:
    """HTML of the whole book, to be shown from the root of the site."""
    from bs4 import BeautifulSoup

    parts = [
        (caption, [page for page in pages if (site / f"{page}.html").is_file()])
        for caption, pages in order(toc)
    ]
    known = {page for _, pages in parts for page in pages}
    articles, contents = [], []
    for caption, pages in parts:
        entries = []
        for page in pages:
            soup = BeautifulSoup((site / f"{page}.html").read_text(encoding="utf-8"), "html.parser")
            article = soup.select_one("article")
            if article is None:
                continue
            entries.append(f'<li><a href="#{_slug(page)}">{heading(article)}</a></li>')
            articles.append(_article(article, page, known))
        label = f"<p>{caption}</p>" if caption else ""
        contents.append(f"{label}<ul>{''.join(entries)}</ul>")
    root = BeautifulSoup((site / f"{toc['root']}.html").read_text(encoding="utf-8"), "html.parser")
    return _document(root, toc["root"], title, "".join(contents), "\n".join(articles))


def heading(article: Tag) -> str:
    """The title of a page, as text."""
    found = article.find("h1")
    text = found.get_text(" ", strip=True) if found else ""
    return re.sub(r"\s*#$", "", text).replace("&", "&amp;").replace("<", "&lt;")


def _document(root: BeautifulSoup, page: str, title: str, contents: str, articles: str) -> str:
    sheets = (str(link["href"]) for link in root.select("link[rel=stylesheet]"))
    links = "".join(f'<link rel="stylesheet" href="{_path(page, sheet)}">' for sheet in sheets)
    return (
        f'<!DOCTYPE html><html lang="en" data-theme="light" data-mode="light"><head>'
        f'<meta charset="utf-8"><title>{title}</title>{links}'
        f'<link rel="stylesheet" href="_static/print.css">{_mathjax(articles)}</head>'
        f'<body><main class="printed bd-content"><header><img src="_static/logo.svg" alt="">'
        f"<p>{title}</p><div>{contents}</div></header>{articles}</main></body></html>"
    )


def _mathjax(articles: str) -> str:
    """The script that typesets formulas, set up as on the pages, where there is a formula."""
    if 'class="math' not in articles:
        return ""
    setting = 'window.MathJax = {options: {enableMenu: false, processHtmlClass: "math"}}'
    return f'<script>{setting}</script><script src="_static/mathjax/tex-chtml.js" defer></script>'


def _article(article: Tag, page: str, known: set[str]) -> str:
    for tag in article.select(ON_SCREEN):
        tag.decompose()
    for selector, said in ELSEWHERE.items():
        for tag in article.select(selector):
            tag.replace_with(said)
    slug = _slug(page)
    for tag in article.find_all(True):
        _within(tag, slug)
        for name in ("src", "href", "xlink:href"):
            if name in tag.attrs:
                tag[name] = _target(str(tag[name]), page, known, tag.name == "a")
    article.attrs.clear()
    article["class"], article["id"] = "bd-article", slug
    return str(article)


def _within(tag: Tag, slug: str) -> None:
    """Ids, and what points at them, under the name of the page."""
    if "id" in tag.attrs:
        tag["id"] = f"{slug}--{tag['id']}"
    for name in POINTERS:
        if isinstance(value := tag.attrs.get(name), str):
            tag[name] = " ".join(f"{slug}--{one}" for one in value.split())
    tag.attrs.pop("title", None)


def _target(address: str, page: str, known: set[str], is_link: bool) -> str:
    """Where an address leads within the one page; files of the site from its root."""
    if re.match(r"[a-z][a-z0-9+.-]*:|//", address):
        return address
    path, _, anchor = address.partition("#")
    place = _path(page, path).partition("?")[0] if path else f"{page}.html"
    other = place.removesuffix(".html")
    if other in known and (is_link or not path):
        return f"#{_slug(other)}--{anchor}" if anchor else f"#{_slug(other)}"
    return _path(page, path) + (f"#{anchor}" if anchor else "")


def _path(page: str, address: str) -> str:
    return normpath(join(page, "..", address))


def _slug(page: str) -> str:
    return page.replace("/", "-")
