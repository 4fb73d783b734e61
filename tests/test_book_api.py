"""The reference of the package: every module has its place, and docstrings reach Sphinx whole."""

import ast
import inspect

import pytest
import yaml
from docutils import nodes
from docutils.core import publish_doctree
from sphinx.ext.napoleon import Config, NumpyDocstring

from ferbook import paths
from ferbook.report.book import api
from ferbook.vision import heatmaps


def text(docstring: str) -> list[str]:
    lines = inspect.cleandoc(docstring).splitlines()
    api.as_text(None, "module", "x", None, None, lines)
    return lines


def test_every_room_has_a_page_and_every_page_a_room():
    pages = {path.stem.removeprefix("api_") for path in (paths.checkout() / "book").glob("api_*")}
    assert pages == set(api.ROOMS)
    toc = yaml.safe_load((paths.checkout() / "_toc.yml").read_text())
    chapters = next(part["chapters"] for part in toc["parts"] if part["caption"] == "Reference")
    listed = next(c["sections"] for c in chapters if c["file"] == "book/api")
    assert [section["file"] for section in listed] == [f"{api.PREFIX}{room}" for room in api.ROOMS]


def test_a_room_lists_its_modules_and_not_those_of_rooms_within_it():
    assert "heatmaps" in api.modules("ferbook.vision")
    listing = api.listing("report")
    assert "automodule:: ferbook.report.verdict\n" in listing
    assert "__init__" not in listing and "ferbook.report.audit." not in listing
    assert "automodule:: ferbook.report.leakage.audit\n" in api.listing("audit")


def test_only_pages_of_rooms_are_filled():
    source = ["# Design\n"]
    api.fill(None, "book/design", source)
    assert source == ["# Design\n"]


def test_an_indented_block_is_kept_as_it_is():
    assert text("Equal to\n\n    a|b = 1,\n\nand no more.") == [
        *("Equal to", "", ".. code-block:: text", "", "    a|b = 1,", "", "and no more."),
    ]


def test_a_block_within_a_list_belongs_to_its_item():
    assert text("- One:\n\n      a = 1\n\n  and so on.\n- Two") == [
        *("- One:", "", "  .. code-block:: text", "", "      a = 1", "", "  and so on.", "- Two"),
    ]


def test_a_bar_is_a_bar():
    assert text("|p - q| as `a | b`") == [r"\|p - q\| as `a | b`"]
    assert text("2 * 3 of *args, *not* x_ nor a_b") == [r"2 \* 3 of \*args, *not* x\_ nor a_b"]


def test_sections_are_left_alone_and_what_follows_them_is_one():
    lines = text("Do.\n\nRaises\n------\nValueError : x\n\nAnd then.\n\n>>> 1\n1")
    assert lines == [
        *("Do.", "", "Raises", "------", "ValueError : x", ""),
        *("Notes", "-----", "And then.", "", "Examples", "--------", ">>> 1", "1"),
    ]


@pytest.mark.parametrize("name", ["Parameters", "Raises", "Examples"])
def test_the_sections_of_a_real_docstring_survive(name):
    lines = text(heatmaps.render.__doc__ or "")
    at = lines.index(name)
    assert set(lines[at + 1]) == {"-"}
    assert lines.count(name) == 1


@pytest.mark.parametrize("room", api.ROOMS)
def test_every_docstring_is_read_without_a_fault(room):
    """As Sphinx reads it, which would name the fault only at the end of a build of the book."""
    packages = map(api.folder, api.ROOMS[room])
    for path in (path for package in packages for path in package.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
        for node in (node for node in ast.walk(tree) if isinstance(node, kinds)):
            if docstring := ast.get_docstring(node):
                where = f"{path.name}: {getattr(node, 'name', 'module')}"
                assert faults(docstring) == [], where


def faults(docstring: str) -> list[str]:
    read = str(NumpyDocstring(text(docstring), Config(), what="function"))
    settings = {"report_level": 5, "halt_level": 5, "default_role": "code"}
    tree = publish_doctree(f".. default-role:: code\n\n{read}", settings_overrides=settings)
    said = [message.astext() for message in tree.findall(nodes.system_message)]
    # what only Sphinx knows: field lists and roles of its own
    return [message for message in said if "Unknown interpreted text role" not in message]


def test_a_fault_is_found():
    assert "indentation" in faults("One\ntwo\n    three")[0]
