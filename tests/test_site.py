"""What the last pass makes of a page."""

import base64
import hashlib

from ferbook.report import site

PAGE = """<html>
  <head>
    <meta charset="utf-8" />
  <script src="a.js">ignored()</script>
  <script data-x="1">
    first("&");
  </script>
</head><body>
<button class="btn search-button-field x" title="Search" aria-label="Search" id="s">Search</button>
<i class="theme-switch fa-solid fa-sun   fa-lg" data-mode="light" title="Light"></i>
<details><summary aria-label="Toggle hidden content"><p>Show</p></summary></details>
<details><summary><span class="toctree-toggle" role="presentation"></span></summary></details>
<button onclick="go(&quot;x&quot;)">go</button><button onclick="go(&quot;x&quot;)">again</button>
</body></html>
"""


def digest(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def test_scripts_of_the_page_are_allowed_by_their_text():
    found = dict(part.split(" ", 1) for part in site.policy(PAGE).split("; "))
    inline, handler = digest('\n    first("&");\n  '), digest('go("x")')
    theme = " ".join(digest(text) for text in ("toggleFullScreen()", "window.print()"))
    assert found["script-src"] == f"'self' {inline} {theme} {handler} 'unsafe-hashes'"
    assert found["default-src"] == "'self'" and found["object-src"] == "'none'"
    assert "wasm" not in site.policy(PAGE) and "'wasm-unsafe-eval'" in site.policy(PAGE, wasm=True)


def test_a_page_is_finished_once():
    page = site.finished(PAGE)
    assert page.count("Content-Security-Policy") == 1
    assert page.index("Content-Security-Policy") < page.index("<script")
    assert '<summary aria-label="Pages below this"><span class="toctree-toggle"' in page
    assert "<summary><p>Show" in page and 'title="Light"' not in page
    assert 'title="Search" id="s">Search' in page
    assert site.finished(page) == page
    assert "Content-Security-Policy" in site.finished('<meta charset="utf-8"><p>A page of ours</p>')


def test_a_site_loses_what_no_page_shows(tmp_path):
    scripts = tmp_path / "_static" / "scripts"
    scripts.mkdir(parents=True)
    icons = 'i={sun:[5,5,[9728],"f1","M1"],adjust:[5,5,[],"f2","M2"],"old-x":[5,5,["x"],"f3","M3"]}'
    (scripts / "fontawesome.js").write_text(icons)
    (scripts / "theme.js").write_text("element.innerHTML = '<i class=\"fa-solid fa-x\">'")
    (scripts / "theme.js.map").write_text("{}")
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "_static" / "template.html").write_text(PAGE)
    assert site.finish(tmp_path) == 1 and site.finish(tmp_path) == 0
    left = (scripts / "fontawesome.js").read_text()
    assert left == 'i={sun:[5,5,[9728],"f1","M1"],"old-x":[5,5,["x"],"f3","M3"]}'
    assert not list(tmp_path.rglob("*.map"))
    assert (tmp_path / "_static" / "template.html").read_text() == PAGE


def test_references_are_not_called_a_list_without_entries() -> None:
    page = '<div role="list" class="citation-list"><div role="doc-biblioentry">A</div></div>'
    assert site.finished(page) == page.replace(' role="list"', "")


def test_the_theme_is_known_before_the_first_paint_and_without_scripts() -> None:
    line = 'document.documentElement.dataset.theme = localStorage.getItem("theme") || "auto";'
    page = f'<html data-theme="auto"><meta charset="utf-8"><script>{line}</script></html>'
    found = site.finished(page)
    assert '<html data-theme="light">' in found
    (script,) = site.SCRIPT.findall(found)
    assert script[1].endswith('? "dark" : "light");') and '"auto"' not in script[1]
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    assert digest in found and site.finished(found) == found
