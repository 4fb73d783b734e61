"""The glossary: its words are found where they stand alone, once a page, and say what they mean."""

from types import SimpleNamespace

import pytest
from docutils import nodes

from ferbook import paths
from ferbook.report.book import glossary

WORDS = ["seed", "heatmap", "CK+", "near copy", "recall", "official split", "split"]


def found(text: str) -> list[str]:
    return [match[0] for match in glossary.pattern(WORDS).finditer(text)]


def test_words_are_those_of_every_block():
    text = "```{glossary}\nseed\n  A number.\nCK+\n  Faces.\n```\n\nmap\n"
    text += "\n```{glossary}\nx y\n  Z\n```\n"
    assert glossary.terms(text) == ["seed", "CK+", "x y"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Seeds and a heatmap.", ["Seeds", "heatmap"]),
        ("the official split, a split", ["official split", "split"]),  # the longer one first
        ("Near copies, a near copy", ["Near copies", "near copy"]),
        ("CK+, but not ck+", ["CK+"]),
        ("seeded, reseed, seed_1, seed-wise, -p seed.", ["seed"]),  # -p is a word of its own
        ("results/seed and seed.json", []),
    ],
)
def test_a_word_is_found_where_it_stands_alone(text, words):
    assert found(text) == words


def page(*parts: nodes.Node, name: str = "book/x") -> tuple[SimpleNamespace, nodes.document]:
    from docutils.utils import new_document

    document = new_document("x")
    document += list(parts)
    source = paths.checkout() / "book" / "glossary.md"
    env = SimpleNamespace(docname=name, doc2path=lambda _: source, note_dependency=print)
    return SimpleNamespace(env=env), document


def links(document: nodes.document) -> list[tuple[str, str]]:
    """(word, what is shown) of each link."""
    kind = lambda node: getattr(node, "tagname", "") == "pending_xref"  # noqa: E731
    return [(node["reftarget"], node.astext()) for node in document.findall(kind)]


def test_only_the_first_mention_in_prose_is_linked():
    title = nodes.title("", "Heatmaps")
    code = nodes.paragraph("", "", nodes.literal("", "heatmap"), nodes.Text(" draws "))
    prose = nodes.paragraph("", "Heatmaps of a seed; a heatmap, a fold, near copies, a near copy.")
    app, document = page(title, code, prose)
    glossary.link(app, document)
    # "fold" also means something else, so it is linked by hand only
    assert links(document) == [
        ("heatmap", "Heatmaps"),
        ("seed", "seed"),
        ("near copy", "near copies"),
    ]
    assert prose.astext() == "Heatmaps of a seed; a heatmap, a fold, near copies, a near copy."


def test_a_table_and_the_glossary_itself_stay_as_they_are():
    def cell() -> nodes.table:
        return nodes.table("", nodes.paragraph("", "a seed"))

    for app, document in (page(cell()), page(nodes.paragraph("", "a seed"), name=glossary.PAGE)):
        glossary.link(app, document)
        assert links(document) == []


def test_a_word_linked_by_hand_is_not_linked_again():
    from sphinx.addnodes import pending_xref

    hand = pending_xref("", nodes.inline("", "seeds"), reftype="term", reftarget="Seed")
    app, document = page(nodes.paragraph("", "", hand, nodes.Text(" and a seed")))
    glossary.link(app, document)
    assert links(document) == [("Seed", "seeds")]


def test_links_bear_the_first_paragraph_of_the_meaning():
    term = nodes.term("", "seed", ids=["term-seed"])
    said = nodes.definition("", nodes.paragraph("", "A\nnumber."), nodes.paragraph("", "More."))
    _, known = page(nodes.definition_list("", nodes.definition_list_item("", term, said)))
    word, other = (
        nodes.reference("", "x", refuri=f"{to}") for to in ("glossary.html#term-seed", "x")
    )
    _, document = page(nodes.paragraph("", "", word, other))
    env = SimpleNamespace(get_doctree=lambda _: known, all_docs={glossary.PAGE: 0})
    glossary.explain(SimpleNamespace(env=env), document, "book/x")
    assert word["reftitle"] == "A number." and "reftitle" not in other


def test_the_glossary_defines_each_word_once_and_ambiguous_ones_too():
    words = glossary.terms((paths.checkout() / "book" / "glossary.md").read_text())
    assert len({word.lower() for word in words}) == len(words) > 30
    assert set(glossary.AMBIGUOUS) <= set(words)
