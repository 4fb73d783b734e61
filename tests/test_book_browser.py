"""The built book in a real browser: complete, quiet, searchable, typeset, legible on a phone."""

import csv
import gzip
import json
import os
import re
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from sphinx.search.en import SearchEnglish

from ferbook.report import pipeline, published
from ferbook.report import site as finishing

pytestmark = pytest.mark.browser

SITE = Path(__file__).parents[1] / "_build" / "html"
PHONE = {"width": 390, "height": 844}
TABLET = {"width": 820, "height": 1180}
DESKTOP = {"width": 1440, "height": 900}
VIEWPORTS = pytest.mark.parametrize(
    "viewport", [PHONE, TABLET, DESKTOP], ids=["phone", "tablet", "desktop"]
)
AXE = Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"
#: What is looked at of each kind of page where not everything is.
EACH = 3


def pages() -> list[str]:
    """Every page that a reader can reach, by its path within the site."""
    found = (path.relative_to(SITE) for path in SITE.rglob("*.html"))
    return sorted(str(path) for path in found if path.parts[0] != "_static")


def kinds(every: bool) -> list[str]:
    """All pages, or a few of each kind: a kind is a folder and, in it, what a name begins with."""
    found: dict[str, list[str]] = {}
    for path in pages():
        folder, _, name = path.rpartition("/")
        found.setdefault(f"{folder}/{name.split('_')[0]}" if "_" in name else folder, []).append(
            path
        )
    return [path for some in found.values() for path in (some if every else some[:EACH])]


#: A few pages of each kind; with the slow tests, every page.
EVERY = pytest.mark.parametrize(
    "every", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["some", "every"]
)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    if not (SITE / ".built").exists():
        pytest.skip("there is no built book: make book")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@pytest.fixture(scope="module")
def browser(site: str) -> Iterator[Any]:
    """The system's Chromium, or Playwright's own."""
    api = pytest.importorskip("playwright.sync_api")
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    system = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    with api.sync_playwright() as playwright:
        if not system and not Path(playwright.chromium.executable_path).exists():
            pytest.skip(
                "no Chromium: install the system's (apt install chromium) or Playwright's own "
                "(.venv/bin/playwright install chromium)"
            )
        # root, as in a container, has no sandbox; only our own pages are opened
        launched = playwright.chromium.launch(executable_path=system, args=["--no-sandbox"])
        yield launched
        launched.close()


class Watched:
    """A page that remembers what it should not have done."""

    def __init__(self, page: Any, site: str) -> None:
        self.page, self.site, self.faults = page, site, list[str]()
        page.on("request", self._request)
        page.on("response", self._response)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.site, "data:", "blob:")):
            self.faults.append(f"leaves the site: {request.url}")

    def _response(self, response: Any) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text}")

    def open(self, path: str) -> Any:
        self.page.goto(self.site + path, wait_until="networkidle")
        return self.page


@contextmanager
def watched(browser: Any, site: str, viewport: dict[str, int]) -> Iterator[Watched]:
    context = browser.new_context(viewport=viewport)
    yield Watched(context.new_page(), site)
    context.close()


@EVERY
@VIEWPORTS
def test_a_page_is_complete_quiet_and_fits_its_screen(
    browser: Any, site: str, viewport: dict[str, int], every: bool
) -> None:
    assert len(pages()) >= 10
    with watched(browser, site, viewport) as at:
        for path in kinds(every):
            page = at.open(path)
            widths = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
            assert widths[0] <= widths[1], f"{path} scrolls sideways: {widths}"
            broken = page.evaluate(
                "[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)"
            )
            assert not broken, f"{path}: {broken}"
            assert not at.faults, f"{path}: {at.faults}"


@EVERY
def test_every_figure_can_be_taken_along(browser: Any, site: str, every: bool) -> None:
    with watched(browser, site, DESKTOP) as at:
        count = 0
        for path in kinds(every):
            if not path.startswith(("book/notebooks/", "book/lessons/")):
                continue
            page = at.open(path)
            pictures = page.locator(".cell_output img")
            lines = page.locator(".cell_output .downloads")
            assert lines.count() == pictures.count(), path
            for place in range(lines.count()):
                picture, line = pictures.nth(place), lines.nth(place)
                links = [link.evaluate("a => a.href") for link in line.locator("a").all()]
                assert [url.rpartition(".")[2] for url in links] == ["svg", "pdf", "csv"], path
                assert links[0] == picture.evaluate("i => i.src"), path
                svg, pdf, data = (page.request.get(url) for url in links)
                assert svg.ok and pdf.ok and data.ok, links
                assert ElementTree.fromstring(svg.body()).tag.endswith("svg"), links
                assert pdf.body().startswith(b"%PDF"), links
                header, *rows = csv.reader(data.text().splitlines())
                assert "kind" in header and rows, links
                assert all(len(row) == len(header) for row in rows), links
                count += 1
        assert count > 5
        assert not at.faults


@EVERY
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_page_is_there_for_everyone(browser: Any, site: str, mode: str, every: bool) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not there: npm ci")
    context = browser.new_context(viewport=PHONE if mode == "dark" else DESKTOP, bypass_csp=True)
    context.add_init_script(f"localStorage.setItem('mode', '{mode}')")
    page = context.new_page()
    for path in (path for path in kinds(every) if path.startswith("book/")):
        page.goto(site + path, wait_until="networkidle")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        grave = [
            f"{one['id']}: {one['nodes'][0]['html'][:120]}"
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
        assert not grave, f"{path} in the {mode}: {grave}"
    context.close()


def test_every_page_says_what_it_may_load(site: str) -> None:
    for path in pages():
        text = (SITE / path).read_text(encoding="utf-8")
        (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
        assert policy.startswith("default-src 'self'; script-src 'self'"), path
        assert "unsafe-eval" not in policy.replace("wasm-unsafe-eval", ""), path
        assert ("wasm-unsafe-eval" in policy) == (path in finishing.WASM), path


def test_no_page_shows_what_only_a_kernel_understands(site: str) -> None:
    for path in pages():
        text = (SITE / path).read_text(encoding="utf-8")
        for raw in ("&lt;IPython.core", "&lt;Figure size", "Traceback (most recent call"):
            assert raw not in text, f"{path}: {raw}"


def test_figures_and_tables_are_numbered_through_the_book_each_number_an_anchor(site: str) -> None:
    numbers: dict[str, list[int]] = {"figure": [], "table": []}
    for path in SITE.glob("book/notebooks/*.html"):
        text = path.read_text(encoding="utf-8")
        said = re.findall(r'"caption-number">(Figure|Table) (\d+) <', text)
        anchors = re.findall(r'<span id="(figure|table)-(\d+)">', text)
        assert [(kind.lower(), n) for kind, n in said] == anchors and said, path.name
        for kind, number in anchors:
            numbers[kind].append(int(number))
    for found in numbers.values():
        assert sorted(found) == list(range(1, len(found) + 1)) and len(found) > 30


def test_a_script_that_the_build_did_not_write_is_refused(browser: Any, site: str) -> None:
    with watched(browser, site, DESKTOP) as at:
        page = at.open("book/index.html")
        page.evaluate(
            "document.body.append(Object.assign(document.createElement('script'),"
            " {textContent: 'window.foreign = true'}))"
        )
        assert page.evaluate("window.foreign") is None
        assert any("Content Security Policy" in fault for fault in at.faults)


def test_the_keyboard_reaches_whatever_scrolls_or_leads_on(browser: Any, site: str) -> None:
    with watched(browser, site, PHONE) as at:
        for path in (path for path in kinds(every=False) if path.startswith("book/")):
            page = at.open(path)
            lost = page.evaluate(
                """[...document.querySelectorAll(".bd-article :is(table, pre, a, button, summary)")]
                .filter(e => e.checkVisibility() && e.tabIndex < 0)
                .filter(e => e.href || e.matches("button, summary")
                             || e.scrollWidth > e.clientWidth + 1)
                .map(e => e.outerHTML.slice(0, 99))"""
            )
            assert not lost, f"{path}: {lost}"


def test_the_first_page_is_light(browser: Any, site: str) -> None:
    sizes = {}
    with watched(browser, site, DESKTOP) as at:
        at.page.on("response", lambda answer: sizes.update({answer.url: len(answer.body())}))
        at.open("book/index.html")
    files = [SITE / url.removeprefix(site).partition("?")[0] for url in sizes]
    packed = sum(len(gzip.compress(file.read_bytes())) for file in files if file.is_file())
    assert len(files) > 5 and packed < 2**20, f"{packed:,} bytes"


@pytest.mark.parametrize("door", ["Rerun", "Teach", "Verify"])
def test_the_sidebar_shows_where_one_is(browser: Any, site: str, door: str) -> None:
    with watched(browser, site, DESKTOP) as at:
        page = at.open("book/index.html")
        page.locator(".doors .sd-card", has_text=door).click()
        page.wait_for_url(lambda url: not url.endswith("index.html"))
        page.wait_for_load_state("networkidle")
        entry = page.locator(".bd-sidebar-primary li.current > a").last
        assert entry.get_attribute("href") == "#"
        box = entry.bounding_box()
        assert 0 <= box["y"] < box["y"] + box["height"] <= DESKTOP["height"], box
        assert page.evaluate("scrollY") == 0
        assert not at.faults


def test_every_page_has_one_title(browser: Any, site: str) -> None:
    with watched(browser, site, DESKTOP) as at:
        for path in (path for path in pages() if path.startswith("book/")):
            at.page.goto(site + path, wait_until="domcontentloaded")
            assert at.page.locator("article h1").count() == 1, path


def test_the_site_begins_at_the_book(browser: Any, site: str) -> None:
    with watched(browser, site, DESKTOP) as at:
        page = at.open("")
        page.wait_for_url("**/book/index.html")
        assert not at.faults


def test_search_finds_a_word_and_leads_to_it(browser: Any, site: str) -> None:
    with watched(browser, site, DESKTOP) as at:
        page = at.open("search.html?q=landmark")
        result = page.locator("ul.search li a").first
        result.wait_for()
        result.click()
        page.wait_for_load_state("networkidle")
        assert "landmark" in page.locator("article").inner_text().lower()
        assert not at.faults


@EVERY
def test_search_finds_every_page_by_a_word_of_its_own(browser: Any, site: str, every: bool) -> None:
    index = _words_of_pages()
    with watched(browser, site, DESKTOP) as at:
        for path in (path for path in kinds(every) if path in index):
            page = at.open(f"search.html?q={index[path]}")
            found = page.locator("ul.search li a")
            found.first.wait_for()
            links = found.evaluate_all("links => links.map(a => new URL(a.href).pathname.slice(1))")
            assert path in links, f"{path} is not found by {index[path]!r}: {links}"
        assert not at.faults


def _words_of_pages() -> dict[str, str]:
    """{page: a word of its title, one that the fewest titles have, the longest of these}."""
    titles = {}
    for path in (path for path in pages() if path.startswith("book/")):
        title = re.search(r"<title>(.*?)(?: &#8212;|</title>)", (SITE / path).read_text("utf-8"))
        words = re.findall(r"[a-z]{4,}", title[1].lower()) if title else []
        titles[path] = [word for word in words if word not in SearchEnglish.stopwords]
    counts = Counter(word for words in titles.values() for word in set(words))
    return {
        path: min(words, key=lambda word: (counts[word], -len(word)))
        for path, words in titles.items()
        if words
    }


def test_maths_is_typeset(browser: Any, site: str) -> None:
    with watched(browser, site, DESKTOP) as at:
        page = at.open("book/notebooks/chew_s42_preprocessing.html")
        if page.locator(".mathjax-missing").count():
            pytest.skip("the book was built without MathJax: npm could not fetch it")
        page.locator("mjx-container").first.wait_for()
        assert page.locator("article .math:not(:has(mjx-container))").count() == 0
        # a failed formula is set in an element of this name
        assert page.locator("mjx-merror").count() == 0
        assert not at.faults


def test_light_and_dark(browser: Any, site: str) -> None:
    with watched(browser, site, DESKTOP) as at:
        page = at.open("book/index.html")
        light = _ground(page)
        assert min(light) > 200
        button = page.locator("article button.theme-switch-button, .theme-switch-button").first
        for _ in range(3):  # as the browser has it, dark, light
            if page.evaluate("document.documentElement.dataset.theme") == "dark":
                break
            button.click()
        assert max(_ground(page)) < 60
        assert min(_colour(page, "color")) > 150  # text stays legible
        assert not at.faults


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_book_is_as_light_as_the_browser(
    browser: Any, site: str, mode: str, scripts: bool
) -> None:
    context = browser.new_context(color_scheme=mode, java_script_enabled=scripts)
    page = context.new_page()
    page.goto(site + "book/index.html", wait_until="load")
    ground = _ground(page)
    # where no script runs, nobody asks the browser
    assert max(ground) < 60 if mode == "dark" and scripts else min(ground) > 200
    context.close()


@VIEWPORTS
def test_an_interval_of_the_page_of_verdicts_stays_on_its_line(
    browser: Any, site: str, viewport: dict[str, int]
) -> None:
    with watched(browser, site, viewport) as at:
        intervals = at.open("book/verify.html").evaluate(
            """[...document.querySelectorAll(".numbers td:nth-child(3)")].flatMap(cell => {
              const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), found = [];
              const range = document.createRange();
              while (texts.nextNode()) if (texts.currentNode.data.includes(" to ")) {
                range.selectNodeContents(texts.currentNode);
                found.push([texts.currentNode.data, range.getClientRects().length,
                            cell.scrollWidth - cell.clientWidth]);
              }
              return found;
            })"""
        )
        assert len(intervals) > 10
        assert not [one for one in intervals if one[1] > 1 or one[2] > 0]


# --- the page of every number ------------------------------------------------------------------

DASHBOARD = "book/dashboard.html"


def column(page: Any, place: int) -> list[str]:
    """The texts of a column of the rows that are shown."""
    found = page.locator(f"#verdicts tbody tr:not([hidden]) > :nth-child({place})")
    return [text.strip() for text in found.all_inner_texts()]


def hash_of(page: Any) -> str:
    return str(page.evaluate("location.hash"))


@pytest.mark.parametrize("way", ["click", "Enter", "Space"])
def test_the_table_is_sorted_by_pointer_and_keyboard(browser: Any, site: str, way: str) -> None:
    with watched(browser, site, DESKTOP) as at:
        page = at.open(DASHBOARD)
        header = page.locator("#verdicts th", has_text="ours")
        assert header.get_attribute("aria-sort") is None
        for order, sign in (("ascending", 1), ("descending", -1)):
            if way == "click":
                header.get_by_role("button").click()
            else:
                header.get_by_role("button").focus()
                page.keyboard.press(way)
            assert header.get_attribute("aria-sort") == order
            assert page.locator("#verdicts [aria-sort]").count() == 1
            assert hash_of(page) == f"#sort=ours&order={order}"
            shown = page.locator("#verdicts tbody td[data-label=ours]")
            kept = shown.evaluate_all("cells => cells.map(cell => cell.dataset.value ?? null)")
            numbers = [float(value) for value in kept if value is not None]
            assert len(set(numbers)) > 10
            assert numbers == sorted(numbers, key=lambda number: sign * number)
            assert kept[: len(numbers)].count(None) == 0  # what was not measured stands last
        assert not at.faults


def test_the_table_is_filtered_and_the_address_keeps_the_view(browser: Any, site: str) -> None:
    with watched(browser, site, DESKTOP) as at:
        page = at.open(DASHBOARD)
        everything = column(page, 1)
        page.get_by_label("Paper").select_option("qiu")
        page.get_by_label("Verdict").select_option("not reported")
        page.get_by_label("Text").fill("Table2 F1")
        names = column(page, 1)
        assert 0 < len(names) < len(everything)
        assert all(name.startswith("qiu/") and "table2" in name for name in names)
        assert set(column(page, 7)) == {"not reported"}
        said = page.locator("#filters output").inner_text()
        assert said == f"{len(names)} of {len(everything)} numbers"
        address = hash_of(page)
        assert address == "#paper=qiu&verdict=not+reported&text=Table2+F1"

        again = at.open(DASHBOARD + "?x" + address)  # a link, opened anew
        assert column(again, 1) == names
        assert again.get_by_label("Verdict").input_value() == "not reported"
        again.get_by_role("button", name="Show all").click()
        assert column(again, 1) == everything and hash_of(again) == ""
        assert not at.faults


def test_an_address_that_fits_nothing_shows_everything(browser: Any, site: str) -> None:
    with watched(browser, site, DESKTOP) as at:
        page = at.open(f"{DASHBOARD}#paper=smith&verdict=%E0%A4%A&sort=x&order=up")
        rows = page.locator("#verdicts tbody tr").count()
        assert len(column(page, 1)) == rows > 100
        assert page.locator("#verdicts [aria-sort]").count() == 0
        assert not at.faults


def test_a_count_leads_to_the_rows_that_it_counts(browser: Any, site: str) -> None:
    with watched(browser, site, DESKTOP) as at:
        page = at.open(DASHBOARD)
        link = page.locator("table.tally tbody a").first
        count = int(link.inner_text())
        link.click()
        page.wait_for_function("document.querySelector('#filters select[name=verdict]').value")
        assert len(column(page, 1)) == count > 0
        page.go_back()
        page.wait_for_function("!document.querySelector('#filters select[name=verdict]').value")
        assert len(column(page, 1)) > count


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_point_leads_to_its_row(browser: Any, site: str, viewport: dict[str, int]) -> None:
    with watched(browser, site, viewport) as at:
        page = at.open(f"{DASHBOARD}#verdict=not+reported")  # where the row is not shown
        points = page.locator("figure.against svg a")
        links = points.evaluate_all("links => links.map(a => a.getAttribute('href').slice(1))")
        rows = page.locator("#verdicts tbody tr").evaluate_all("rows => rows.map(row => row.id)")
        assert len(links) > 10 and set(links) <= set(rows)
        for place in (0, len(links) - 1):
            row = page.locator(f'[id="{links[place]}"]')
            assert points.nth(place).get_attribute("aria-label").startswith(links[place])
            points.nth(place).focus()
            page.keyboard.press("Enter")
            page.wait_for_function("id => location.hash === '#' + id", arg=links[place])
            row.wait_for(state="visible")  # the page hears of its new address a moment later
            assert row.evaluate("row => row === document.querySelector(':target')")
            box = row.bounding_box()
            assert 0 <= box["y"] < viewport["height"]
        assert not at.faults


def test_the_dashboard_works_as_a_file_and_without_scripts(browser: Any, site: str) -> None:
    file = (SITE / DASHBOARD).as_uri()
    page = browser.new_page(viewport=PHONE)
    page.goto(file + "#paper=chew&sort=printed&order=descending")
    names = column(page, 1)
    assert names and all(name.startswith("chew/") for name in names)
    page.get_by_label("Text").fill("happy")
    assert hash_of(page) == "#paper=chew&sort=printed&order=descending&text=happy"
    assert 0 < len(column(page, 1)) < len(names)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.close()

    plain = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = plain.new_page()
    page.goto(file)
    assert len(column(page, 1)) > len(names)
    assert not page.locator("#filters").is_visible()
    assert page.locator("#verdicts button").count() == 0
    plain.close()


def test_the_downloads_are_what_the_table_shows(browser: Any, site: str) -> None:
    with watched(browser, site, DESKTOP) as at:
        page = at.open(DASHBOARD)
        rows = page.locator("#verdicts tbody tr").evaluate_all("rows => rows.map(row => row.id)")
        for form in ("json", "csv"):
            with page.expect_download() as download:
                page.get_by_role("link", name=f"verdicts.{form}").click()
            text = Path(download.value.path()).read_text(encoding="utf-8")
            entries = json.loads(text) if form == "json" else csv.DictReader(text.splitlines())
            assert [entry["id"] for entry in entries] == rows


def test_the_dashboard_is_legible_in_the_dark(browser: Any, site: str) -> None:
    context = browser.new_context(viewport=DESKTOP)
    context.add_init_script("localStorage.setItem('mode', 'dark')")
    page = context.new_page()
    page.goto(site + DASHBOARD, wait_until="networkidle")
    # the theme's last script sets it, under load after the network is idle
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    text = page.locator("figure.against svg text").first
    colour = text.evaluate("text => getComputedStyle(text).fill")
    assert min(int(part) for part in re.findall(r"\d+", colour)[:3]) > 150
    context.close()


def test_the_built_book_says_what_the_records_say(site: str) -> None:
    if pipeline.study_digest() not in (SITE / DASHBOARD).read_text(encoding="utf-8"):
        pytest.skip("the book was built from other records: make book")
    assert "numbers as the records say" in published.check(SITE, print)


def _ground(page: Any) -> list[int]:
    return _colour(page, "backgroundColor")


def _colour(page: Any, kind: str) -> list[int]:
    shown = page.evaluate(f"getComputedStyle(document.body).{kind}")
    return [int(part) for part in shown[shown.index("(") + 1 : -1].split(",")[:3]]
