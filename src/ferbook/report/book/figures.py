"""What stands below a figure of a page: the figure as SVG and PDF, and its numbers as csv.

A Sphinx extension. An executed notebook holds all three forms of a figure (`report.downloads`). The
page shows the first; the others are written to files and offered for download, and a link to the
picture that is shown is the download of the first.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes

from ferbook.report.downloads import BETWEEN, CSV, FORMS, PDF, SVG

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDERS = ("book/notebooks/", "book/lessons/")
KEPT = "ferbook_figures"  #: in Sphinx's store for the page that is being read
MADE = "_build/figures"


class SvgLink(nodes.General, nodes.Element):
    """A download of the picture that stands above it in the same output."""


def take(app: Sphinx, document: str, content: list[str]) -> None:
    """Sphinx's `source-read`: what is not shown of a figure goes from the notebook into files."""
    if not document.startswith(FOLDERS):
        return
    import nbformat

    notebook = nbformat.reads(content[0], as_version=4)
    found = app.env.temp_data.setdefault(KEPT, {})
    for cell_number, cell in enumerate(notebook.cells):
        shown = [one for one in cell.get("outputs", []) if "data" in one]
        for place, output in enumerate(shown):
            if FORMS.keys() <= output.data.keys():
                stem = f"{Path(document).name}-{len(found) + 1}"
                found[cell_number, place] = stem
                _write(Path(app.srcdir) / MADE / document, stem, output.data)
    content[0] = nbformat.writes(notebook)


def _write(folder: Path, stem: str, data: dict[str, str]) -> None:
    """Write the files of a figure, and leave its SVG alone in the notebook."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{stem}.pdf").write_bytes(base64.b64decode(data.pop(PDF)))
    (folder / f"{stem}.csv").write_text(data.pop(CSV), encoding="utf-8")


def offer(app: Sphinx, doctree: nodes.document) -> None:
    """Sphinx's `doctree-read`: the line of downloads below each figure of a page."""
    page, found = app.env.docname, app.env.temp_data.get(KEPT, {})
    for cell in [*doctree.findall(lambda node: _is(node, "cell_code"))]:
        bundles = [*cell.findall(lambda node: _is(node, "mime_bundle"))]
        for place, bundle in enumerate(bundles):
            if stem := found.get((cell["cell_index"], place)):
                at = bundle.parent.index(bundle) + 1
                bundle.parent.insert(at, _line(f"/{MADE}/{page}/{stem}", stem))


def _is(node: nodes.Node, kind: str) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == kind


def _line(path: str, stem: str) -> nodes.paragraph:
    from sphinx.addnodes import download_reference

    line = nodes.paragraph(classes=["downloads"])
    line += SvgLink(name=f"{stem}.svg")
    for form in (PDF, CSV):
        text, ending = FORMS[form]
        inner = nodes.inline(text, text)
        line += nodes.Text(BETWEEN)
        line += download_reference("", "", inner, reftarget=path + ending, refdoc="")
    return line


def visit_svg(writer: Any, node: SvgLink) -> None:
    """The picture was written just before, and bears by now the address that it has on the page."""
    picture = next(iter(_before(node).findall(nodes.image)))
    writer.body.append(
        writer.starttag(node, "a", "", CLASS="reference download internal",
                        href=picture["uri"], download=node["name"])
    )  # fmt: skip
    writer.body.append(f"{FORMS[SVG][0]}</a>")
    raise nodes.SkipNode


def _before(node: SvgLink) -> nodes.Element:
    line = node.parent
    return line.parent[line.parent.index(line) - 1]


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_node(SvgLink, html=(visit_svg, None))
    app.connect("source-read", take)
    # before Sphinx collects what is to be copied to the site
    app.connect("doctree-read", offer, priority=400)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
