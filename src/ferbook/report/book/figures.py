"""What stands beside a figure or table of a page: a number, a caption, and files to take along.

A Sphinx extension. The header of a cell names and captions its first figure or table,

    # %% figure="splits" caption="Accuracy under four splits"

and its output holds a figure in three forms (`report.downloads`). Here these outputs become
numbered figures and tables, which {numref}`fig-splits` refers to, and below each figure its forms
are offered. Numbers run through the book: a figure of ours is not mistaken for one of the papers.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms import SphinxTransform

from ferbook.errors import InputError
from ferbook.report.downloads import BETWEEN, CSV, FORMS, PDF, SVG

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDERS = ("book/notebooks/", "book/lessons/")
KEPT = "ferbook_shown"  #: in Sphinx's store for the page that is being read
MADE = "_build/figures"


class Figure(nodes.General, nodes.Element):
    """A captioned output, the caption below."""

    kind = "figure"


class Table(nodes.General, nodes.Element):
    """A captioned output, the caption above."""

    kind = "table"


class Caption(nodes.TextElement):
    """What a figure or table shows, in one line."""


class SvgLink(nodes.General, nodes.Element):
    """A download of the picture that stands above it in the same output."""


def take(app: Sphinx, document: str, content: list[str]) -> None:
    """Sphinx's `source-read`: what is not shown of a figure goes from the notebook into files."""
    if not document.startswith(FOLDERS):
        return
    import nbformat

    notebook = nbformat.reads(content[0], as_version=4)
    count = 0
    for number, cell in enumerate(notebook.cells):
        shown = [one for one in cell.get("outputs", []) if "data" in one]
        for place, output in enumerate(shown):
            about = _called(cell, output)
            if FORMS.keys() <= output.data.keys():
                count += 1
                about["stem"] = f"{Path(document).name}-{about.get('name', count)}"
                _write(Path(app.srcdir) / MADE / document, about["stem"], output.data)
            if about:
                app.env.temp_data.setdefault(KEPT, {})[number, place] = about
        words = shown and "text/markdown" in shown[-1].data  # that there is nothing to show yet
        if "caption" in cell.metadata and not words:
            raise InputError(f"{document}: no such output: {cell.metadata['caption']!r}")
    content[0] = nbformat.writes(notebook)


def _called(cell: Any, output: Any) -> dict[str, str]:
    """Kind, name and caption from the cell's header, given out to the first output of the kind."""
    for kind, holds in (("figure", SVG in output.data), ("table", "<table" in _html(output))):
        if holds and kind in cell.metadata and "caption" in cell.metadata:
            said = {"kind": kind, "name": cell.metadata[kind], "caption": cell.metadata["caption"]}
            del cell.metadata["caption"]
            return said
    return {}


def _html(output: Any) -> str:
    return str(output.data.get("text/html", ""))


def _write(folder: Path, stem: str, data: dict[str, str]) -> None:
    """Write the files of a figure, and leave its SVG alone in the notebook."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{stem}.pdf").write_bytes(base64.b64decode(data.pop(PDF)))
    (folder / f"{stem}.csv").write_text(data.pop(CSV), encoding="utf-8")


class Place(SphinxTransform):
    """Number, caption and downloads to where the output stands in the page."""

    default_priority = 800  # before Sphinx takes note of labels and of files to copy

    def apply(self, **_: Any) -> None:
        found = self.env.temp_data.get(KEPT, {})
        for cell in [*self.document.findall(lambda node: _is(node, "cell_code"))]:
            bundles = [*cell.findall(lambda node: _is(node, "mime_bundle"))]
            for place, bundle in enumerate(bundles):
                if about := found.get((cell["cell_index"], place)):
                    self._place(bundle, about)

    def _place(self, bundle: nodes.Element, about: dict[str, str]) -> None:
        parent, at = bundle.parent, bundle.parent.index(bundle)
        parts: list[nodes.Node] = [bundle]
        if stem := about.get("stem"):
            parts.append(_line(f"/{MADE}/{self.env.docname}/{stem}", stem))
        if caption := about.get("caption"):
            kind = Figure if about["kind"] == "figure" else Table
            parts.insert(kind is Figure, Caption(caption, caption))
            parts = [kind("", *parts, names=[f"{about['kind'][:3]}-{about['name']}"])]
        parent.remove(bundle)
        parent[at:at] = parts
        if caption:
            self.document.note_explicit_target(parts[0], parts[0])


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


def number(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Sphinx's `doctree-resolved`: the number of a figure or table is an anchor beside its name."""
    for wrap in doctree.findall(lambda node: isinstance(node, (Figure, Table))):
        numbers = app.env.toc_fignumbers.get(page, {}).get(wrap.kind, {})
        if own := numbers.get(wrap["ids"][0]):
            wrap["ids"].append(f"{wrap.kind}-{'-'.join(map(str, own))}")


# --- HTML --------------------------------------------------------------------------------------


def visit_shown(writer: Any, node: nodes.Element) -> None:
    writer.body.append(writer.starttag(node, "figure", CLASS=f"shown shown-{node.kind}"))


def depart_shown(writer: Any, node: nodes.Element) -> None:
    writer.body.append("</figure>\n")


def visit_caption(writer: Any, node: Caption) -> None:
    writer.body.append("<figcaption>")
    writer.add_fignumber(node.parent)
    writer.body.append('<span class="caption-text">')


def depart_caption(writer: Any, node: Caption) -> None:
    writer.body.append("</span>")
    writer.add_permalink_ref(node.parent, f"Link to this {node.parent.kind}")
    writer.body.append("</figcaption>\n")


def visit_svg(writer: Any, node: SvgLink) -> None:
    """The picture was written just before, and bears by now the address that it has on the page."""
    above = node.parent.parent
    pictures = (p for p in above[: above.index(node.parent)] for p in p.findall(nodes.image))
    address = [*pictures][-1]["uri"]
    about = {"CLASS": "reference download internal", "href": address, "download": node["name"]}
    writer.body.append(f"{writer.starttag(node, 'a', '', **about)}{FORMS[SVG][0]}</a>")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    for shown in (Figure, Table):
        app.add_enumerable_node(
            shown,
            shown.kind,
            lambda node: next(node.findall(Caption)).astext(),
            html=(visit_shown, depart_shown),
        )
    app.add_node(Caption, html=(visit_caption, depart_caption))
    app.add_node(SvgLink, html=(visit_svg, None))
    app.connect("source-read", take)
    app.add_transform(Place)
    app.connect("doctree-resolved", number)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
