"""The page "Leave a landmark alone" in Chromium: networks run, covers act, bad input is told."""

import shutil
import struct
import zlib
from typing import Any

import pytest

from test_book_browser import DESKTOP, PHONE, SITE, browser, site, watched  # noqa: F401

pytestmark = pytest.mark.browser

LIVE = "book/live.html"
BARS = "#live [data-part=bars] tbody td"


def png(width: int, height: int) -> bytes:
    """A grey picture of one tone, eight bits a pixel."""

    def chunk(name: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + check

    packer = zlib.compressobj(9)
    row = b"\0" + b"\x80" * width
    rows = b"".join([packer.compress(row) for _ in range(height)] + [packer.flush()])
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def opened(at: Any) -> Any:
    """The page with the networks' first answer on it."""
    if not (SITE / "_static" / "live" / "graph.onnx").exists():
        pytest.skip("the book was built without its networks")
    if not (SITE / "_static" / "ort").exists():
        pytest.skip("the book was built without onnxruntime-web: npm could not fetch it")
    page = at.open(LIVE)
    page.locator("#live[data-state=ready]").wait_for(timeout=60_000)
    return page


def after(page: Any, act: Any) -> list[int]:
    """The bars in per cent, once the networks have answered to what `act` does."""
    page.evaluate("document.querySelector('#live').dataset.frames = 0")
    act()
    page.locator("#live:not([data-frames='0'])").wait_for()
    return bars(page)


def bars(page: Any) -> list[int]:
    return [int(text.rstrip(" %")) for text in page.locator(BARS).all_inner_texts()]


def said(page: Any) -> str:
    return str(page.locator("#live [data-part=said]").inner_text())


def choose(page: Any, name: str) -> Any:
    return lambda: page.get_by_role("radio", name=name).check(force=True)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_covered_mouth_and_a_mask_move_the_bars(
    browser: Any,  # noqa: F811
    site: str,  # noqa: F811
    viewport: dict[str, int],
) -> None:
    with watched(browser, site, viewport) as at:
        page = opened(at)
        plain = after(page, choose(page, "photograph"))
        assert len(plain) == 21
        for network in range(3):  # seven shares of one, each rounded
            assert 96 <= sum(plain[network::3]) <= 104
        for name in ("mouth", "mask"):
            button = page.get_by_role("button", name=name, exact=True)
            covered = after(page, button.click)
            assert covered != plain and button.get_attribute("aria-pressed") == "true"
            assert "Covering moved" in page.locator("#live [data-part=moved]").inner_text()
            bare = page.locator(BARS).evaluate_all(
                "cells => cells.map(c => Math.round(100 * c.style.getPropertyValue('--bare')))"
            )
            assert bare == plain
            assert after(page, page.get_by_role("button", name="uncover").click) == plain
        assert "Nothing is covered" in page.locator("#live [data-part=moved]").inner_text()
        assert not at.faults


def test_sliders_and_the_brush_act_by_key_and_by_pointer(browser: Any, site: str) -> None:  # noqa: F811
    with watched(browser, site, DESKTOP) as at:
        page = opened(at)
        rest = bars(page)
        mouth = page.get_by_label("Mouth", exact=False)
        assert after(page, lambda: mouth.press("End")) != rest
        face = page.locator("#live [data-part=face]")
        face.scroll_into_view_if_needed()
        box = face.bounding_box()

        def stroke() -> None:
            page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.75 * box["height"])
            page.mouse.down()
            page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.75 * box["height"])
            page.mouse.up()

        before = grey_pixels(page)
        after(page, stroke)
        assert grey_pixels(page) > before + 50  # of 2,304; half the face wide, five pixels high
        assert not at.faults


def grey_pixels(page: Any) -> int:
    """How many of the 48 x 48 pixels on show have the brush's grey."""
    return int(
        page.evaluate(
            """() => { const c = document.querySelector('#live [data-part=face]');
            const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
            let n = 0;
            for (let y = 5; y < 480; y += 10) for (let x = 5; x < 480; x += 10) {
                const v = d[4 * (y * 480 + x)]; n += v === 127 || v === 128; }
            return n; }"""
        )
    )


def test_the_crop_box_moves_by_key_and_by_pointer(browser: Any, site: str) -> None:  # noqa: F811
    with watched(browser, site, PHONE) as at:
        page = opened(at)
        first = after(page, choose(page, "photograph"))
        picture = page.locator("#live [data-part=picture]")
        assert after(page, lambda: picture.press("ArrowDown")) != first
        larger = after(page, lambda: page.get_by_label("Size of the box").press("End"))
        assert larger != first
        assert not at.faults


def test_pictures_that_show_no_face_are_told_in_words(
    browser: Any,  # noqa: F811
    site: str,  # noqa: F811
) -> None:
    with watched(browser, site, DESKTOP) as at:
        page = opened(at)
        rest = bars(page)
        upload = page.locator("#live [data-part=file]")
        files = {
            "dot.png": (png(1, 1), "1 × 1 pixels cannot show a face"),
            "words.jpg": (b"no picture at all", "words.jpg is no picture that this browser reads"),
            "cut.png": (png(64, 64)[:20], "cut.png is no picture that this browser reads"),
        }
        for name, (content, wanted) in files.items():
            upload.set_input_files({"name": name, "mimeType": "image/png", "buffer": content})
            page.locator("[data-part=said]:not(:empty)").wait_for()
            assert wanted in said(page)
            assert page.get_by_role("radio", name="drawn").is_checked() and bars(page) == rest
            page.evaluate("document.querySelector('[data-part=said]').textContent = ''")
        assert not at.faults


def test_a_picture_of_12000_pixels_is_read(browser: Any, site: str) -> None:  # noqa: F811
    with watched(browser, site, DESKTOP) as at:
        page = opened(at)
        large = {"name": "large.png", "mimeType": "image/png", "buffer": png(12_000, 12_000)}
        page.locator("#live [data-part=file]").set_input_files(large)
        read = page.locator(
            "#live [data-part=pick][aria-pressed=true], #live [data-part=said]:not(:empty)"
        )
        read.first.wait_for(timeout=60_000)
        # a browser with too little memory for it says so; either way the page goes on
        assert page.locator("[data-part=pick]").get_attribute(
            "aria-pressed"
        ) == "true" or "too many" in said(page)
        assert len(after(page, choose(page, "drawn"))) == 21
        assert not at.faults


def test_a_refused_camera_is_told_and_the_face_stays(browser: Any, site: str) -> None:  # noqa: F811
    with watched(browser, site, PHONE) as at:
        at.page.add_init_script(
            "navigator.mediaDevices.getUserMedia ="
            " () => Promise.reject(new DOMException('', 'NotAllowedError'))"
        )
        page = opened(at)
        rest = bars(page)
        page.get_by_role("radio", name="camera").click(force=True)
        page.locator("[data-part=said]:not(:empty)").wait_for()
        assert said(page) == "The camera was refused."
        assert page.get_by_role("radio", name="drawn").is_checked() and bars(page) == rest
        assert not at.faults


def test_a_camera_is_looked_at_again_and_again_and_let_go(
    browser: Any,  # noqa: F811
    site: str,  # noqa: F811
) -> None:
    system = shutil.which("chromium") or shutil.which("google-chrome")
    flags = ["--no-sandbox", "--use-fake-device-for-media-stream"]
    flags.append("--use-fake-ui-for-media-stream")
    launched = browser.browser_type.launch(executable_path=system, args=flags)
    with watched(launched, site, DESKTOP) as at:
        page = opened(at)
        after(page, choose(page, "camera"))
        for _ in range(200):
            page.wait_for_timeout(50)
            if (looks := int(page.locator("#live").get_attribute("data-frames"))) > 3:
                break
        assert looks > 3
        rest = after(page, choose(page, "drawn"))
        page.wait_for_timeout(200)
        assert bars(page) == rest
        assert not at.faults
    launched.close()


def test_without_scripts_the_page_says_what_it_needs(browser: Any, site: str) -> None:  # noqa: F811
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(site + LIVE)
    assert "serve.py" in page.locator("#live").inner_text()
    plain.close()
