"""Pages in headless Chromium: the first until it answers, the live page from slider to bars.

There the face wears a mask, so the networks, on one thread, are asked twice: where its landmarks
are, then what they make of it.
"""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

from benchmarks.side_by_side import row
from ferbook.errors import InputError
from ferbook.report.book import serve

SITE = Path(__file__).parents[1] / "_build" / "html"
VISITS, FRAMES, WARM = 5, 60, 10
#: Milliseconds from the click until the page's own scripts have run.
INTERACTIVE = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
WANTED = 1 / 20  #: seconds: twenty pictures a second
#: Moves the last slider to and fro; seconds from each move to the bars that answer it.
DRIVE = """async (frames) => {
  const live = document.getElementById("live");
  const slider = live.querySelector("[data-part=sliders] label:last-child input");
  const taken = [];
  for (let frame = 0; frame < frames; frame++) {
    const before = live.dataset.frames;
    const began = performance.now();
    slider.value = (frame % 10) / 10;
    slider.dispatchEvent(new Event("input"));
    while (live.dataset.frames === before) await new Promise(requestAnimationFrame);
    taken.push((performance.now() - began) / 1000);
  }
  return taken;
}"""


def rows(device: str) -> list[dict[str, Any]]:
    if not (SITE / "_static" / "live" / "graph.onnx").is_file():
        raise InputError(f"{SITE}: no book with its networks; make book")
    server = serve.server(SITE, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        ready, taken = measured(f"http://{serve.HOST}:{server.server_port}/book/")
    finally:
        server.shutdown()
    first = row(
        "home", "first page, interactive", "", {"ours": ready}, {"ours": 1}, "page", wanted=1
    )
    what = "live page: slider to bars, masked face"
    return [first, row("live", what, "", {"ours": taken}, {"ours": 1}, "face", wanted=WANTED)]


def measured(book: str) -> tuple[list[float], list[float]]:
    """Seconds until the first page is interactive, VISITS times, and of each of FRAMES answers."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        ready = []
        for _ in range(VISITS):
            page = browser.new_context().new_page()  # nothing cached
            page.goto(f"{book}index.html", wait_until="load")
            ready.append(page.evaluate(INTERACTIVE) / 1000)
        page = browser.new_page()
        page.goto(f"{book}live.html")
        page.locator("#live[data-state=ready]").wait_for(timeout=60_000)
        page.get_by_role("button", name="mask", exact=True).click()
        taken: list[float] = page.evaluate(DRIVE, FRAMES + WARM)[WARM:]
        browser.close()
    return ready, taken
