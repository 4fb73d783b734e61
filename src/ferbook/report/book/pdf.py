"""The whole book as one PDF, printed by Chromium from the built pages.

So figures and formulas are those of the site, and no TeX is needed. Links stay links, headings are
the PDF's outline, and its structure is tagged for screen readers.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from ferbook import paths
from ferbook.errors import InputError
from ferbook.report.book import onepage, serve
from ferbook.report.book.archive import require

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
NONE = (
    "no Chromium: install the system's (apt install chromium) or Playwright's own "
    "(.venv/bin/playwright install chromium), or name one in CHROMIUM"
)
ADDRESS = "/__book.html"  #: of the one page, which is no file
WIDTH = 673  #: CSS pixels between the margins of an A4 page, 178 mm
WAIT = 600_000  #: milliseconds; a slow machine takes minutes over a long book
FOOTER = (
    '<div style="width: 100%; font: 8px sans-serif; color: #555; text-align: center">'
    '<span class="pageNumber"></span></div>'
)
#: Tables and drawings that are wider than a page are made smaller as a whole.
FIT = """width => {
  for (const wide of document.querySelectorAll(".bd-article table, .bd-article pre")) {
    const room = wide.parentElement.clientWidth || width;
    const factor = room / wide.scrollWidth;
    if (factor < 1) wide.style.zoom = Math.max(factor, 0.45);
  }
}"""


class Handler(serve.Handler):
    """The site, and the one page among its files."""

    def __init__(self, *arguments: Any, page: bytes, **options: Any) -> None:
        self.page = page
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        if self.path != ADDRESS:
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(self.page)))
        self.end_headers()
        self.wfile.write(self.page)


def browser() -> str | None:
    """The path of the system's Chromium; None for Playwright's own."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


def write(site: Path, target: Path, toc: Path, title: str) -> None:
    """Print the book to `target`, whole or not at all."""
    require(site)
    contents = yaml.safe_load(toc.read_text(encoding="utf-8"))
    page = onepage.compose(site, contents, title).encode()
    with _served(site, page) as address, paths.whole(target) as beside:
        _print(address, beside)


@contextmanager
def _served(site: Path, page: bytes) -> Iterator[str]:
    handler = partial(Handler, page=page, directory=str(site))
    with serve.ThreadingHTTPServer((serve.HOST, 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://{serve.HOST}:{running.server_port}{ADDRESS}"
        running.shutdown()


def _print(address: str, target: Path) -> None:
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        try:
            # root, as in a container, has no sandbox; only our own pages are opened
            launched = playwright.chromium.launch(
                executable_path=browser(), args=["--no-sandbox"], timeout=WAIT
            )
        except Error:
            raise InputError(NONE) from None
        page = launched.new_page(viewport={"width": WIDTH, "height": 1000})
        page.set_default_timeout(WAIT)
        page.emulate_media(media="print")
        page.goto(address, wait_until="load")
        page.evaluate("window.MathJax ? MathJax.startup.promise : null")
        page.evaluate(FIT, WIDTH)
        _save(page, target)
        launched.close()


def _save(page: Any, target: Path) -> None:
    page.pdf(
        path=target,
        format="A4",
        margin={"top": "18mm", "bottom": "18mm", "left": "16mm", "right": "16mm"},
        print_background=True,
        display_header_footer=True,
        header_template="<span></span>",
        footer_template=FOOTER,
        outline=True,
        tagged=True,
    )


def main(site: str, target: str) -> None:
    root = paths.checkout()
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    try:
        write(Path(site), Path(target), root / "_toc.yml", config["title"])
    except InputError as error:
        print(f"make pdf: {error}", file=sys.stderr)
        sys.exit(2)
    size = os.path.getsize(target) / 2**20
    print(f"The book as a PDF, {size:.1f} MB: {Path(target).resolve()}")


if __name__ == "__main__":
    main(*sys.argv[1:])
