"""The built book in a real browser: complete, quiet, searchable, typeset, legible on a phone."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

SITE = Path(__file__).parents[1] / "_build" / "html"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


def pages() -> list[str]:
    """Every page that a reader can reach, by its path within the site."""
    found = (path.relative_to(SITE) for path in SITE.rglob("*.html"))
    return sorted(str(path) for path in found if path.parts[0] != "_static")


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


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_page_is_complete_quiet_and_fits_its_screen(
    browser: Any, site: str, viewport: dict[str, int]
) -> None:
    assert len(pages()) >= 10
    with watched(browser, site, viewport) as at:
        for path in pages():
            page = at.open(path)
            widths = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
            assert widths[0] <= widths[1], f"{path} scrolls sideways: {widths}"
            broken = page.evaluate(
                "[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)"
            )
            assert not broken, f"{path}: {broken}"
            assert not at.faults, f"{path}: {at.faults}"


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
        for _ in range(3):  # light, dark, as the system has it
            if page.evaluate("document.documentElement.dataset.theme") == "dark":
                break
            button.click()
        assert max(_ground(page)) < 60
        assert min(_colour(page, "color")) > 150  # text stays legible
        assert not at.faults


def _ground(page: Any) -> list[int]:
    return _colour(page, "backgroundColor")


def _colour(page: Any, kind: str) -> list[int]:
    shown = page.evaluate(f"getComputedStyle(document.body).{kind}")
    return [int(part) for part in shown[shown.index("(") + 1 : -1].split(",")[:3]]
