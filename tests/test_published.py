"""The rendered book against the records: one altered digit anywhere is found and named."""

from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from ferbook.errors import InputError
from ferbook.report import claimed, compare, dashboard, published
from ferbook.report.compare import Outcome, as_array
from ferbook.report.pages import badge, verify_page
from ferbook.study import manifest
from test_dashboard import number

CLAIM = {"id": "h1", "text": "'best' ... by 7 -- or so", "printed": True, "measured": None}
CLAIMS = [{**CLAIM, "where": "Abstract", "because": "", "printed_only": False}]
CLAIMS[0] |= {"lean": None, "read_as": None, "paper": "chew"}


@pytest.fixture(scope="module")
def found() -> list[Outcome]:
    return [
        number("chew/t/a", 90.0, 80.0, reason="off by 10.0 | 2.0 allowed"),
        number("chew/t/b", 50.0, 60.25, reason="the dataset's own -- it's <2>"),
        number("qiu/t/a", -7.5, 1.0, unit="points", ci95=None, runs=1, tier="short"),
    ]


def rendered(markdown: str) -> str:
    """As Sphinx does: badges, and typographer's quotes, dashes and dots."""
    for verdict in ("reproduced", "not reproduced", "inconclusive"):
        markdown = markdown.replace(badge(verdict), f'<span class="sd-badge">{verdict}</span>')
    html = MarkdownIt("commonmark", {"typographer": True}).enable(
        ["table", "replacements", "smartquotes"]
    )
    return f"<html><body><article>{html.render(markdown)}</article></body></html>"


@pytest.fixture(scope="module")
def built(found: list[Outcome]) -> dict[str, str]:
    """The four files as the build leaves them."""
    parts = dashboard.page(found, "0123456789abcdef").replace("```{raw} html", "")
    return {
        published.VERIFY: rendered(verify_page(found, CLAIMS)),
        published.DASHBOARD: f"<html><body>{parts.replace('```', '')}</body></html>",
        published.JSON: as_array(found) + "\n",
        published.CSV: dashboard.as_csv(found),
    }


@pytest.fixture
def book(built: dict[str, str]) -> dict[str, str]:
    return dict(built)


def lines(book: dict[str, str], found: list[Outcome]) -> list[str]:
    return list(published.numbers(book, found, CLAIMS))


def test_a_book_as_built_agrees(book: dict[str, str], found: list[Outcome]) -> None:
    assert "’" in book[published.VERIFY] and "…" in book[published.VERIFY]  # it is typeset
    assert lines(book, found) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "there", "wanted"),
    [
        ("verify", "<td>90.0%", "<td>91.0%", "chew/t/a", "91.0%", "90.0%"),
        ("verify", "60.2%<br", "69.2%<br", "chew/t/b", "69.2%", "60.2%"),
        ("verify", "58.8 to", "58.9 to", "chew/t/b", "58.9 to 61.8", "58.8 to 61.8"),
        ("verify", "allowed", "denied", "chew/t/a", "denied", "allowed"),
        ("verify", "own –", "0wn –", "chew/t/b", "0wn", "own"),
        ("verify", "inconclusive</span></td>\n<td>3", "inconclusive</span></td>\n<td>4",
         "inconclusive", "4", "3"),
        ("verify", "<td>open", "<td>holds", "h1", "holds", "open"),
        ("dashboard", ">80.0%</td>", ">88.0%</td>", "chew/t/a, ours", "88.0% [80]", "80.0% [80]"),
        ("dashboard", 'data-value="60.25"', 'data-value="60.35"', "chew/t/b, ours",
         "60.2% [60.35]", "60.2% [60.25]"),
        ("dashboard", "-7.5 points</td>", "-1.5 points</td>", "qiu/t/a, printed", "-1.5", "-7.5"),
        ("dashboard", '">2</a>', '">3</a>', "inconclusive, Chew", "3", "2"),
        ("dashboard", "<title>chew/t/a: printed 90", "<title>chew/t/a: printed 99",
         "point chew/t/a", "99.0%", "90.0%"),
        ("dashboard", ">95 % interval</th>", ">90 % interval</th>", "number, 95 % interval",
         "90 % interval", "95 % interval"),
        ("json", '"measured": 60.25', '"measured": 60.26', "chew/t/b, measured", "60.26", "60.25"),
        ("csv", "60.25,", "60.52,", "chew/t/b, measured", "60.52", "60.25"),
    ],
)  # fmt: skip
def test_one_altered_digit_is_named(
    book: dict[str, str],
    found: list[Outcome],
    file: str,
    old: str,
    new: str,
    place: str,
    there: str,
    wanted: str,
) -> None:
    names = {"verify": published.VERIFY, "dashboard": published.DASHBOARD}
    names |= {"json": published.JSON, "csv": published.CSV}
    name = names[file]
    assert old in book[name]
    altered = lines({**book, name: book[name].replace(old, new, 1)}, found)
    assert len(altered) == 1, altered
    assert altered[0].startswith(f"{name}: ")
    said, _, right = altered[0].rpartition(", the records ")
    assert f": {place}" in said and there in said.partition(place)[2]
    assert wanted in right and there not in right


def test_an_altered_digest_is_named(book: dict[str, str], found: list[Outcome]) -> None:
    right = dashboard.digest(found[0])
    book[published.DASHBOARD] = book[published.DASHBOARD].replace(right, "0" * 16)
    (line,) = lines(book, found)
    assert "chew/t/a, digest" in line and right in line


def test_rows_that_are_missing_or_too_many_are_named(
    book: dict[str, str], found: list[Outcome]
) -> None:
    said = "\n".join(lines(book, [*found, number("qiu/t/b", 1.0, None)]))
    assert f"{published.DASHBOARD}: qiu/t/b: missing" in said
    assert f"{published.JSON}: qiu/t/b: missing" in said
    said = "\n".join(lines(book, found[:2]))
    assert f"{published.DASHBOARD}: qiu/t/a: no row of the records" in said
    assert f"{published.CSV}: qiu/t/a: not a number of the records" in said
    assert "point qiu/t/a" in said


def test_a_download_that_is_none_is_one_line(book: dict[str, str], found: list[Outcome]) -> None:
    with pytest.raises(InputError, match=r"verdicts\.json: expected an array"):
        lines({**book, published.JSON: "{"}, found)


# --- a whole site ------------------------------------------------------------------------------


@pytest.fixture
def site(
    tmp_path: Path, book: dict[str, str], found: list[Outcome], monkeypatch: pytest.MonkeyPatch
) -> Path:
    import pandas as pd

    monkeypatch.setattr(compare, "outcomes", lambda *_: found)
    monkeypatch.setattr(claimed, "claims_for_book", lambda *_: pd.DataFrame(CLAIMS, dtype=object))
    folder = tmp_path / "html"
    for name, text in {**book, "book/other.html": "<p>88.3 %</p>"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    published.main(str(folder))
    return folder


def test_a_site_as_built_agrees(site: Path) -> None:
    assert published.check(site, print) == f"{site}: 3 numbers as the records say, 5 files as built"


def test_an_altered_page_is_named_by_number_and_by_file(site: Path) -> None:
    file, said = site / published.DASHBOARD, list[str]()
    file.write_text(file.read_text().replace(">80.0%</td>", ">83.0%</td>"))
    with pytest.raises(InputError, match="1 numbers are not what the records say, 1 of 5 files"):
        published.check(site, said.append)
    assert len(said) == 2 and "chew/t/a, ours" in said[0]
    assert said[1] == f"{file}: altered, not as the build left it"


def test_a_digit_on_any_other_page_is_found(site: Path) -> None:
    (site / "book/other.html").write_text("<p>89.3 %</p>")
    said: list[str] = []
    with pytest.raises(InputError, match="0 numbers are not what"):
        published.check(site, said.append)
    assert said == [f"{site / 'book/other.html'}: altered, not as the build left it"]


def test_a_page_altered_with_its_digest_is_found_all_the_same(site: Path) -> None:
    file, said = site / published.VERIFY, list[str]()
    file.write_text(file.read_text().replace("<td>90.0%", "<td>80.0%"))
    published.main(str(site))
    assert manifest.check(site, print)  # the manifest was made anew, but records tell
    with pytest.raises(InputError, match="1 numbers are not what"):
        published.check(site, said.append)
    assert len(said) == 1 and "'80.0%'" in said[0]


def test_a_book_of_other_records_says_so(site: Path) -> None:
    with pytest.raises(InputError, match="it was built from other records; `make book`"):
        (site / "book/other.html").unlink()
        published.check(site, print)


def test_no_book_is_said(tmp_path: Path, ferbook) -> None:
    code, out, err = ferbook("verify", "--book", tmp_path)
    assert (code, out) == (2, "")
    assert err == (
        f"ferbook: {tmp_path}/book/verify.html: not there; expected a built book, as `make book`"
        " leaves it\n"
    )
