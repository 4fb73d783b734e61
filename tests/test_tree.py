"""The tree agrees with itself: scripts, table of contents, sizes, and what must never be in it."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from ferbook.cli import app

ROOT = Path(__file__).parents[1]


#: Folders of py:percent files, each a page of the book.
SCRIPTS = ("notebooks", "lessons")
#: Notebooks on no one paper.
ABOUT_BOTH = {"audit", "audit_own", "peers", "speed", "verdicts"}


@cache
def tracked() -> list[Path]:
    """Every file under version control, or that would be: new ones that are not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    return [path for name in listed.decode().split("\0") if name and (path := ROOT / name).exists()]


@pytest.fixture(autouse=True)
def needs_git() -> None:
    if subprocess.run(["git", "rev-parse"], cwd=ROOT, capture_output=True).returncode:
        pytest.skip("not a git checkout")


def texts() -> list[tuple[Path, str]]:
    binary = {".npz", ".png", ".webp", ".jpg", ".woff", ".ico", ".safetensors"}
    return [
        (path.relative_to(ROOT), path.read_text(encoding="utf-8"))
        for path in tracked()
        if path.suffix not in binary
    ]


def toc_files() -> set[str]:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    chapters = [chapter for part in toc["parts"] for chapter in part["chapters"]]
    sections = [section for chapter in chapters for section in chapter.get("sections", [])]
    files = [entry["file"] for entry in (*chapters, *sections)]
    assert len(files) == len(set(files))
    return {toc["root"], *files}


def test_every_notebook_is_in_the_table_of_contents_and_the_other_way_round() -> None:
    for folder in SCRIPTS:
        scripts = {f"book/{folder}/{path.stem}" for path in (ROOT / folder).glob("*.py")}
        listed = {name for name in toc_files() if name.startswith(f"book/{folder}/")}
        assert scripts and scripts == listed


def test_each_figure_of_a_notebook_has_a_name_of_its_own_and_a_caption() -> None:
    named: list[tuple[str, str]] = []
    for path in sorted((ROOT / "notebooks").glob("*.py")):
        for cell in re.split(r"^# %%", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            header, _, code = cell.partition("\n")
            found = re.findall(r' (figure|table)="([a-z0-9-]+)" caption="[A-Z][^"]+[^".]"$', header)
            assert len(found) == ("caption=" in header), f"{path.name}: {header}"
            assert header.isascii(), (
                f"{path.name}: {header}"
            )  # or JupyterLab would save it otherwise
            if "alternatives.show(" in code:
                assert found and found[0][0] == "figure", f"{path.name}: {code[:60]}"
            named += found
    assert len(named) == len(set(named)) > 100


def test_every_prose_page_is_in_the_table_of_contents_and_the_other_way_round() -> None:
    pages = {f"book/{path.stem}" for path in (ROOT / "book").glob("*.md")}
    executed = tuple(f"book/{folder}/" for folder in SCRIPTS)
    assert pages == {name for name in toc_files() if not name.startswith(executed)}


def test_a_notebook_names_its_paper_and_section() -> None:
    papers = "|".join(path.stem for path in (ROOT / "reported").glob("*.yaml"))
    for path in (ROOT / "notebooks").glob("*.py"):
        own = rf"({papers})_s\d+(_\w+)?"
        assert re.fullmatch(own, path.stem) or path.stem in ABOUT_BOTH, path.name


def test_experiments_and_records_are_of_papers_with_reported_numbers() -> None:
    papers = {path.stem for path in (ROOT / "reported").glob("*.yaml")}
    assert papers == {"chew", "qiu"}
    assert {path.stem for path in (ROOT / "experiments").glob("*.yaml")} <= papers
    folders = {path.parts[len(ROOT.parts) + 1] for path in tracked() if "results" in path.parts}
    assert folders <= papers | {"audit", "datasets", "live", "speed", "manifest.sha256"}


def test_notebook_code_reads_no_file_of_its_own() -> None:
    """Logic and file formats live in the package; a cell calls, shows or explains."""
    for path in (path for folder in SCRIPTS for path in (ROOT / folder).glob("*.py")):
        tree = ast.parse(path.read_text())
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)], path.name
        calls = {node.func.id for node in ast.walk(tree) if _is_plain_call(node)}
        assert "open" not in calls, path.name


def _is_plain_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name)


def test_modules_are_short_and_say_what_they_are_for() -> None:
    for path in (ROOT / "src").rglob("*.py"):
        text = path.read_text()
        assert len(text.splitlines()) <= 300, path
        if path.name != "__init__.py":
            assert ast.get_docstring(ast.parse(text)), path


def test_no_executed_notebook_and_no_ckplus_image_is_tracked() -> None:
    names = [path.name for path in tracked()]
    assert not [name for name in names if name.endswith(".ipynb")]
    # CK+ files are named <subject>_<sequence>_<frame>
    assert not [name for name in names if re.match(r"S\d{3}_\d{3}_\d+", name)]


def test_the_tree_travels() -> None:
    sizes = {path: path.stat().st_size for path in tracked()}
    assert sum(sizes.values()) < 14 * 2**20
    assert max(sizes.values()) < 3 * 2**20


def test_no_registry_is_named() -> None:
    host = re.compile(
        "pypi" + r"\.org|pythonhosted" + r"\.org|registry\.npm" + "js|--index" + "-url"
    )
    for path, text in texts():
        assert not host.search(text), path
        assert '"resolved"' not in text or path == Path("tests/test_tree.py"), path


def test_no_path_of_one_machine_is_named() -> None:
    machine = re.compile(r"(?<![\w.~$}])/(?:home/\w+/|Users/\w+/|root/\S|work/\S)")
    for path, text in texts():
        found = machine.search(text)
        assert not found, f"{path}: {found and found[0]}"


def test_every_pin_has_a_hash_and_every_requirement_a_pin() -> None:
    locked = (ROOT / "requirements.txt").read_text()
    pins = re.findall(r"^([a-z0-9._-]+)==", locked, re.M)
    blocks = re.split(r"^(?=[a-z0-9._-]+==)", locked, flags=re.M)[1:]
    assert len(pins) == len(blocks)
    assert all("--hash=sha256:" in block for block in blocks)
    for line in (ROOT / "requirements.in").read_text().splitlines():
        if name := re.match(r"[A-Za-z][\w.-]*", line):
            assert name[0].lower().replace("_", "-") in pins, name[0]


def test_every_make_target_says_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (help .*)$", makefile, re.M)
    assert phony
    for target in phony[1].split():
        assert re.search(rf"^{target}:.*## \w", makefile, re.M), target


@pytest.mark.parametrize("group", [[], ["data"]], ids=["ferbook", "data"])
def test_every_command_is_said_whole_in_a_terminal(group: list[str]) -> None:
    said = CliRunner().invoke(app, [*group, "--help"], env={"COLUMNS": "80"}).output
    lines = said.partition("Commands:\n")[2].splitlines()
    assert len(lines) >= 3
    assert all(len(line) <= 80 and line.endswith(".") for line in lines), said
    assert "..." not in said.partition("Commands:\n")[2]
