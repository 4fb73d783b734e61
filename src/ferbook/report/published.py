"""What the rendered book publishes, held against the records: each cell of the pages of verdicts.

The build leaves three things to check by. Pages and downloads show numbers, which are computed
anew; rows of the dashboard also carry the values behind them and a digest; and `manifest.sha256` of
the site lists the digest of every file, so that a digit changed on any other page is found too.
"""

from __future__ import annotations

import csv
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ferbook.errors import InputError
from ferbook.study import manifest

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

    from ferbook.report.compare import Outcome

VERIFY, DASHBOARD = "book/verify.html", "book/dashboard.html"
JSON, CSV = "book/verdicts.json", "book/verdicts.csv"
LARGEST = 32 * 2**20  #: bytes of a page or download
#: What typesetting makes of quotation marks, dashes, minus signs and dots.
TYPESET = str.maketrans("‘’“”–—−", "''\"\"---") | {ord("…"): "..."}

Say = Callable[[str], object]


class Row(NamedTuple):
    """A row of a table, under the id of its number or else its first cell."""

    name: str
    columns: list[str]
    texts: list[str]


def check(site: Path, say: Say) -> str:
    """Say of every number in the built book how it differs from the records, a line each, then of
    every file that is not the one built, and raise an InputError; or return that all agree."""
    from ferbook.report.claimed import claims_for_book
    from ferbook.report.compare import outcomes
    from ferbook.report.pipeline import study_digest

    read = {name: _read(site / name) for name in (VERIFY, DASHBOARD, JSON, CSV)}
    found = outcomes()
    lines = list(numbers(read, found, claims_for_book().to_dict("records")))
    pages = manifest.read(site)
    files = [
        f"{site / name}: {how}, not as the build left it"
        for name, how in manifest.differences(pages, manifest.digests(site, ignored=()))
    ]
    for line in [*lines, *files]:
        say(line)
    if lines or files:
        other = "" if study_digest() in read[DASHBOARD] else "; it was built from other records"
        raise InputError(
            f"{site}: {len(lines)} numbers are not what the records say, {len(files)} of "
            f"{len(pages)} files not what was built{other}; `make book` builds it anew"
        )
    return f"{site}: {len(found)} numbers as the records say, {len(pages)} files as built"


def _read(file: Path) -> str:
    if not file.is_file():
        raise InputError(f"{file}: not there; expected a built book, as `make book` leaves it")
    if file.stat().st_size > LARGEST:
        raise InputError(f"{file}: more than {LARGEST} bytes; expected a page of the book")
    return file.read_text(encoding="utf-8", errors="replace")


def numbers(
    read: dict[str, str], found: Sequence[Outcome], claims: Sequence[dict[Any, Any]]
) -> Iterator[str]:
    """A line for each cell, point or entry of a download that the outcomes do not bear out."""
    from ferbook.report import dashboard
    from ferbook.report.compare import as_array
    from ferbook.report.pages import verify_page

    page, other = _soup(read[DASHBOARD]), _soup(read[VERIFY])
    expected = _soup(_rendered(verify_page(found, claims)))
    yield from _apart(VERIFY, list(_rows(other)), list(_rows(expected)))
    expected = _soup(dashboard.tally(found) + dashboard.table(found))
    yield from _apart(DASHBOARD, list(_rows(page)), list(_rows(expected)))
    yield from _points(page, found)
    yield from _entries(JSON, _json(read[JSON]), _json(as_array(found)))
    yield from _entries(CSV, _csv(read[CSV]), _csv(dashboard.as_csv(found)))


def _rendered(markdown: str) -> str:
    """HTML of the tables of a generated page; MyST's badges as plain code."""
    from markdown_it import MarkdownIt

    text = re.sub(r"\{bdg-[a-z-]+\}(?=`)", "", markdown)
    return str(MarkdownIt("commonmark").enable("table").render(text))


def _soup(html: str) -> BeautifulSoup:
    from bs4 import BeautifulSoup

    return BeautifulSoup(html, "html.parser")


def _rows(soup: BeautifulSoup) -> Iterator[Row]:
    """The rows of all tables, in order."""
    for table in soup.find_all("table"):
        heads: list[str] = []
        for line in table.find_all("tr"):
            cells = line.find_all(["th", "td"])
            texts = [_text(cell) for cell in cells]
            heads = heads or texts
            if "data-digest" in line.attrs:
                yield Row(str(line["id"]), [*heads, "digest"], [*texts, str(line["data-digest"])])
            else:
                yield Row(_name(table, cells), heads, texts)


def _name(table: Tag, cells: Sequence[Tag]) -> str:
    """Of a row of the page of verdicts: "Chew: table" stands above it, "ckplus/angry" in it."""
    bold = cells[0].find("strong") if cells else None
    if bold is None:
        return _text(cells[0]) if cells else ""
    heading = table.find_previous("h2")
    above = _text(heading).rstrip("# ").lower() if heading else ""
    paper, between, family = above.partition(": ")
    return f"{paper}/{family}/{_text(bold)}" if between else _text(bold)


def _text(cell: Tag) -> str:
    """The text of a cell, and in brackets the value that it carries."""
    kept = f" [{cell['data-value']}]" if "data-value" in cell.attrs else ""
    return " ".join(cell.get_text(" ").split()) + kept


def _plain(text: str) -> str:
    """Without what rendering does to blanks, quotes and dashes."""
    plain = unicodedata.normalize("NFKC", text.translate(TYPESET)).replace("--", "-")
    return re.sub(r"\s+", "", plain)


def _apart(page: str, there: Sequence[Row], wanted: Sequence[Row]) -> Iterator[str]:
    """Rows by their place, since a name may be what was changed; by their names where some are
    missing or too many."""
    pairs: list[tuple[Row | None, Row | None]] = list(zip(there, wanted, strict=False))
    if len(there) != len(wanted):
        got, want = {row.name: row for row in there}, {row.name: row for row in wanted}
        pairs = [(got.get(name), want.get(name)) for name in dict.fromkeys([*want, *got])]
    for one, other in pairs:
        if one is not None and other is not None:
            yield from _row_apart(page, one, other)
        elif row := one or other:
            yield f"{page}: {row.name}: {'missing' if one is None else 'no row of the records'}"


def _row_apart(page: str, there: Row, wanted: Row) -> Iterator[str]:
    texts = list(zip_longest(there.texts, wanted.texts, fillvalue=""))
    changed = [place for place, (says, right) in enumerate(texts) if _plain(says) != _plain(right)]
    for place in changed:
        says, right = texts[place]
        column = wanted.columns[place] if place < len(wanted.columns) else f"column {place + 1}"
        yield (f"{page}: {wanted.name}, {column}: the page says {says!r}, the records {right!r}")
    if not changed and _plain(there.name) != _plain(wanted.name):
        yield f"{page}: {wanted.name}: the page has it under {there.name!r}"


def _points(page: BeautifulSoup, found: Sequence[Outcome]) -> Iterator[str]:
    """What the points of the plots say."""
    from ferbook.report.figures_dashboard import said, with_both

    wanted = {f"#{outcome.id}": said(outcome) for outcome in with_both(found)}
    there = {str(link["href"]): link for link in page.select("svg a[href]")}
    for address in sorted({*wanted, *there}):
        link = there.get(address)
        title = link.find("title") if link else None
        texts = [title.get_text() if title else "", str(link.get("aria-label"))] if link else [""]
        for text in dict.fromkeys(texts):
            if text != (want := wanted.get(address, "nothing")):
                yield f"{DASHBOARD}: point {address[1:]}: {text!r}, the records {want!r}"


def _json(text: str) -> dict[str, dict[str, Any]]:
    from ferbook.report.dashboard import rounded

    try:
        return {str(entry["id"]): rounded(entry) for entry in json.loads(text)}
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InputError(f"{JSON}: expected an array of objects with an id ({error})") from None


def _csv(text: str) -> dict[str, dict[str, Any]]:
    lines = csv.DictReader(text.splitlines())
    return {str(line.get("id")): {k: _number(v) for k, v in line.items()} for line in lines}


def _number(text: Any) -> Any:
    from ferbook.report.dashboard import rounded

    try:
        return rounded(float(text))
    except (ValueError, TypeError):
        return text


def _entries(
    file: str, there: dict[str, dict[str, Any]], wanted: dict[str, dict[str, Any]]
) -> Iterator[str]:
    """Of a download: fields that differ, entries that are missing or too many."""
    for name in [*wanted, *(name for name in there if name not in wanted)]:
        got, want = there.get(name), wanted.get(name)
        if got is None or want is None:
            yield f"{file}: {name}: {'missing' if got is None else 'not a number of the records'}"
            continue
        for field in dict.fromkeys([*want, *got]):
            if got.get(field) != want.get(field):
                yield (
                    f"{file}: {name}, {field}: the file says {got.get(field)!r}, "
                    f"the records {want.get(field)!r}"
                )


def main(site: str) -> None:
    """After a build: the digest of each of its files."""
    manifest.write(Path(site), manifest.digests(Path(site), ignored=()))


if __name__ == "__main__":
    main(*sys.argv[1:])
