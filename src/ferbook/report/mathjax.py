"""Puts MathJax into the book's own static files, or a note where npm could not fetch it; and into
pages that are one file."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from ferbook import paths

#: What typesetting loads: the program, its fonts, and TeX extensions that formulas ask for.
PARTS = ("tex-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions")

#: Stands in for the program; says what is amiss on every page that holds a formula.
NOTE = """\
addEventListener("DOMContentLoaded", () => {
  if (!document.querySelector(".math")) return;
  const note = document.createElement("p");
  note.className = "mathjax-missing";
  note.textContent = "This book was built without MathJax: formulas stand as LaTeX.";
  document.querySelector("article").prepend(note);
});
"""

#: For a page that is one file: all of TeX, glyphs drawn, so that neither fonts nor extensions are
#: loaded.
WHOLE = "tex-svg-full.js"
SETTING = (
    "window.MathJax = {tex: {inlineMath: [['$', '$']], processEscapes: true},"
    " options: {enableMenu: false}};"
)


def inline() -> str:
    """HTML that brings the checkout's MathJax (2.3 MB) to a page; nothing where it is not there:
    formulas stand as LaTeX."""
    program = paths.checkout() / "node_modules" / "mathjax" / "es5" / WHOLE
    if not program.is_file():
        return ""
    text = program.read_text(encoding="utf-8").replace("</script", "<\\/script")
    return f"<script>{SETTING}</script>\n<script>{text}</script>"


def install(package: Path, target: Path) -> bool:
    """Fill `target` from the npm package; False, and a note in its place, where there is none."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    es5 = package / "es5"
    if not (es5 / PARTS[0]).is_file():
        (target / PARTS[0]).write_text(NOTE, encoding="utf-8")
        return False
    for part in PARTS:
        copy = shutil.copytree if (es5 / part).is_dir() else shutil.copy
        (target / part).parent.mkdir(parents=True, exist_ok=True)
        copy(es5 / part, target / part)
    return True


if __name__ == "__main__":
    install(Path(sys.argv[1]), Path(sys.argv[2]).parent)
