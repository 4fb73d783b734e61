"""The last pass over the site that Sphinx has written: what a page may load, what buttons say.

A Content-Security-Policy lets a page run and load what the site itself brings, and nothing else.
The theme writes small scripts into its pages; each is allowed by the digest of its text, so that
none can be added later without being refused. It stands in the page, since a static site may have
no say in headers. Of the theme's two thousand icons those stay that a page shows.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
import sys
from collections.abc import Iterable
from pathlib import Path

#: Pages that run networks; WebAssembly is allowed on them alone.
WASM = ("book/live.html",)
CHARSET = re.compile(r'<meta charset="utf-8" ?/?>')
POLICY = re.compile(r'\s*<meta http-equiv="Content-Security-Policy"[^>]*>')
SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<text>.*?)</script>", re.DOTALL)
HANDLER = re.compile(r'<[a-z]+\b[^>]*?\son[a-z]+="(?P<text>[^"]*)"')
#: What the theme's buttons run; the search looks into every page, and so meets those of others.
HANDLERS = ("toggleFullScreen()", "window.print()")
#: What the theme says over the visible text of its own buttons, and where it says nothing.
SUMMARY = '<summary aria-label="Toggle hidden content">'
BRANCH = '<summary><span class="toctree-toggle"'
#: docutils calls its references a list, whose entries are none to those who listen.
LISTED = '<div role="list" class="citation-list">'
SEARCH = re.compile(r'(<button class="[^"]*\bsearch-button-field\b[^>]*?) aria-label="Search"')
MODES = re.compile(r'(<i class="theme-switch [^>]*?) +title="[^"]*"')
#: Light or dark as the browser has it, before the first paint; light where no script runs. Until
#: its last script is there, the theme itself says "auto", which none of its colours knows.
THEMES = (
    ('data-theme="auto"', 'data-theme="light"'),
    (
        'dataset.theme = localStorage.getItem("theme") || "auto"',
        'dataset.theme = localStorage.getItem("theme") ||'
        ' (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")',
    ),
)
#: The theme's icons, and one of them: name, [width, height, other names, character, path or two].
ICONS = "_static/scripts/fontawesome.js"
ICON = re.compile(
    r'"?(?P<name>[a-z0-9-]+)"?:\[\d+,\d+,\[(?P<others>[^\]]*)\],"[0-9a-f]+",'
    r'(?:"[^"]*"|\[[^\]]*\])\],?'
)
SHOWN = re.compile(r"\bfa-([a-z0-9-]+)")


def policy(page: str, wasm: bool = False) -> str:
    """The Content-Security-Policy of a page, from the scripts that stand in it.

    >>> policy("<script>go()</script>")[:82]
    "default-src 'self'; script-src 'self' 'sha256-5KYv+PUboo5h+0+YAtGRPbwv5d/QxzHslP4Y"
    """
    inline = [m["text"] for m in SCRIPT.finditer(page) if "src=" not in m["attributes"]]
    handlers = [html.unescape(m["text"]) for m in HANDLER.finditer(page)]
    allowed = ["'self'", *_digests([*inline, *HANDLERS, *handlers]), "'unsafe-hashes'"]
    if wasm:
        allowed.append("'wasm-unsafe-eval'")
    directives = {
        "default-src": "'self'",
        "script-src": " ".join(allowed),
        "style-src": "'self' 'unsafe-inline'",  # formulas and tables carry styles of their own
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def finished(page: str, wasm: bool = False) -> str:
    """A page as it is published; a finished page stays as it is."""
    page = POLICY.sub("", page)
    for pattern in (SEARCH, MODES):
        page = pattern.sub(r"\1", page)
    for said, meant in THEMES:
        page = page.replace(said, meant)
    page = page.replace(SUMMARY, "<summary>")
    page = page.replace(LISTED, LISTED.replace(' role="list"', ""))
    page = page.replace(
        BRANCH, BRANCH.replace("<summary", '<summary aria-label="Pages below this"')
    )
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(page, wasm)}" />'
    return CHARSET.sub(lambda found: f"{found[0]}\n    {meta}", page, count=1)


def finish(site: Path) -> int:
    """Every page of a built book; how many were changed."""
    changed = 0
    for file in sorted(site.rglob("*.html")):
        name = file.relative_to(site).as_posix()
        if name.startswith("_static/"):
            continue
        before = file.read_text(encoding="utf-8")
        after = finished(before, name in WASM)
        if after != before:
            file.write_text(after, encoding="utf-8")
            changed += 1
    _lighten(site)
    return changed


def _lighten(site: Path) -> None:
    """Leave out what no reader needs: icons that nothing shows, and maps of minified scripts."""
    for file in (site / "_static").rglob("*.map"):
        file.unlink()
    icons = site / ICONS
    if not icons.exists():
        return
    others = (file for file in icons.parent.parent.rglob("*.js") if file != icons)
    texts = (file.read_text(encoding="utf-8") for file in (*others, *site.rglob("*.html")))
    shown = {name for text in texts for name in SHOWN.findall(text)}
    icons.write_text(only_icons(icons.read_text(encoding="utf-8"), shown), encoding="utf-8")


def only_icons(script: str, shown: set[str]) -> str:
    """The script of the icons without those that have none of the names `shown`.

    >>> only_icons('x={a:[1,1,[],"f0","M1"],"b-c":[1,1,["old"],"f1",["M","N"]]}', {"old"})
    'x={"b-c":[1,1,["old"],"f1",["M","N"]]}'
    """

    def kept(icon: re.Match[str]) -> str:
        names = {icon["name"], *re.findall('"([^"]*)"', icon["others"])}
        return icon[0] if names & shown else ""

    return ICON.sub(kept, script)


def _digests(scripts: Iterable[str]) -> list[str]:
    """'sha256-...' of each text, every one once."""
    raw = (hashlib.sha256(text.encode()).digest() for text in scripts)
    return list(dict.fromkeys(f"'sha256-{base64.b64encode(one).decode()}'" for one in raw))


if __name__ == "__main__":
    finish(Path(sys.argv[1]))
