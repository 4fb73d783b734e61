"""Words of the glossary on every page: a Sphinx extension.

The first mention of a word on a page becomes a link to the glossary, without a mark-up in the page,
so that a notebook reads as well in JupyterLab; `{term}` does the same by hand. Each such link bears
the word's meaning as its title, which `terms.js` shows to a pointer, a finger or the keyboard.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes

PAGE = "book/glossary"
#: Words that also mean something else: `{term}` links them where they mean what the glossary says.
AMBIGUOUS = ("assumption", "fold", "insertion", "manifest", "margin", "stem", "verdict")
#: Where a link would be in the way, or is one already.
CLOSED = (nodes.title, nodes.table, nodes.reference, nodes.raw, nodes.literal, nodes.math)


def terms(text: str) -> list[str]:
    """The words that the source of the glossary defines, in its order."""
    blocks = re.findall(r"^```\{glossary\}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line[:1].strip()]


def pattern(words: list[str]) -> re.Pattern[str]:
    """Finds a word, its plural, and at the head of a sentence its capital; longer ones first."""
    forms = []
    for word in sorted(words, key=len, reverse=True):
        first = f"[{word[0]}{word[0].upper()}]" if word[0].islower() else word[0]
        rest = re.escape(word[1:])
        forms.append(first + (f"{rest[:-1]}(?:y|ies)" if word.endswith("y") else rest))
    return re.compile(rf"(?<![\w/.-])({'|'.join(forms)})(?:s|es)?(?![\w/-]|\.\w)")


def link(app: Any, doctree: nodes.document) -> None:
    """Sphinx's `doctree-read`: a link at the first mention of each word."""
    page = app.env.docname
    if page == PAGE:
        return
    source = Path(app.env.doc2path(PAGE))
    app.env.note_dependency(str(source))
    known = {word.lower(): word for word in terms(source.read_text(encoding="utf-8"))}
    left = {low: word for low, word in known.items() if word not in AMBIGUOUS}
    for reference in _by_hand(doctree):
        left.pop(reference.lower(), None)
    finder = pattern(list(left.values()))
    for text in list(_prose(doctree)):
        if parts := list(_linked(text.astext(), finder, left, page)):
            text.parent.replace(text, parts)


def _by_hand(doctree: nodes.document) -> Iterator[str]:
    for node in doctree.findall(lambda node: getattr(node, "tagname", "") == "pending_xref"):
        if node.get("reftype") == "term":
            yield str(node["reftarget"])


def _prose(doctree: nodes.document) -> Iterator[nodes.Text]:
    """Text of paragraphs, outside of what is closed to links."""
    for paragraph in doctree.findall(nodes.paragraph):
        for text in paragraph.findall(nodes.Text):
            if not any(map(_closed, _above(text))):
                yield text


def _above(node: nodes.Node) -> Iterator[nodes.Node]:
    while node.parent is not None:
        node = node.parent
        yield node


def _closed(node: nodes.Node) -> bool:
    return isinstance(node, CLOSED) or getattr(node, "tagname", "") == "pending_xref"


def _linked(
    text: str, finder: re.Pattern[str], left: dict[str, str], page: str
) -> Iterator[nodes.Node]:
    """The text in parts, of which some are links; nothing where it mentions no new word."""
    end = 0
    for found in finder.finditer(text):
        word = left.pop(re.sub("ies$", "y", found[1].lower()), None)
        if word is None:
            continue
        if found.start() > end:
            yield nodes.Text(text[end : found.start()])
        yield _reference(word, found[0], page)
        end = found.end()
    if 0 < end < len(text):
        yield nodes.Text(text[end:])


def _reference(word: str, shown: str, page: str) -> nodes.Node:
    from sphinx.addnodes import pending_xref

    inner = nodes.inline(shown, shown, classes=["xref", "std", "std-term"])
    about = {"refdomain": "std", "reftype": "term", "reftarget": word, "refdoc": page}
    return pending_xref("", inner, refexplicit=True, refwarn=True, **about)


def meanings(app: Any) -> dict[str, str]:
    """{anchor in the glossary: first paragraph of what it says}."""
    found = {}
    for item in app.env.get_doctree(PAGE).findall(nodes.definition_list_item):
        said = next(iter(item.findall(nodes.definition))).next_node(nodes.paragraph)
        for term in item.findall(nodes.term):
            found.update(dict.fromkeys(term["ids"], " ".join(said.astext().split())))
    return found


def explain(app: Any, doctree: nodes.document, page: str) -> None:
    """Sphinx's `doctree-resolved`: what a word means as the title of each link to it."""
    if page == PAGE or PAGE not in app.env.all_docs:
        return
    said = meanings(app)
    for reference in doctree.findall(nodes.reference):
        address, _, anchor = reference.get("refuri", "").partition("#")
        if Path(address).stem == Path(PAGE).name and anchor in said:
            reference["reftitle"] = said[anchor]


def setup(app: Any) -> dict[str, bool]:
    app.connect("doctree-read", link)
    app.connect("doctree-resolved", explain)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
