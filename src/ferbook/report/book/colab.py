"""The executed notebooks as Colab can open them: a first cell fetches the project and its needs.

Colab opens notebooks from a branch on GitHub and has most of the scientific stack already; the cell
brings the rest, at whatever versions fit, so numbers of live cells may differ in the last digits.
Run it as `python -m ferbook.report.book.colab FOLDER https://github.com/OWNER/NAME`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from ferbook import paths
from ferbook.report import roles
from ferbook.report.notebooks import names

#: Sections of requirements.in that a notebook needs, and what it needs of the others.
SECTIONS = ("the study", "the package")
FURTHER = ("seaborn", "matplotlib", "markdown-it-py", "beautifulsoup4")
CELL = """\
# Colab: the project, and what it needs that is not here yet (a minute)
import subprocess
import sys
from pathlib import Path

if not Path("ferbook").exists():
    subprocess.run(["git", "clone", "-q", "--depth=1", {repository!r}, "ferbook"], check=True)
needs = {needs!r}
subprocess.run([sys.executable, "-m", "pip", "install", "-q", *needs.split()], check=True)
sys.path.insert(0, str(Path("ferbook/src").resolve()))"""


def needs() -> list[str]:
    """Names of packages. Without versions, so that what Colab has stays; an upper bound stays."""
    text = (paths.checkout() / "requirements.in").read_text(encoding="utf-8")
    found, section = [], ""
    for line in text.splitlines():
        if heading := re.fullmatch(r"# (.*)", line):
            section = heading[1]
        elif section in SECTIONS and (named := re.match(r"[\w-]+(<[\w.]+)?", line)):
            found.append(named[0])
    return [*found, *FURTHER]


def write(folder: Path, repository: str) -> list[Path]:
    """Every executed notebook with the first cell, into `folder`; what was written."""
    import nbformat

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in names():
        notebook = nbformat.read(paths.executed_notebooks() / f"{name}.ipynb", as_version=4)
        roles.in_words(notebook)
        text = CELL.format(repository=repository, needs=" ".join(needs()))
        notebook.cells.insert(0, nbformat.v4.new_code_cell(text, id="colab"))
        nbformat.write(notebook, folder / f"{name}.ipynb")
        written.append(folder / f"{name}.ipynb")
    return written


if __name__ == "__main__":
    write(Path(sys.argv[1]), sys.argv[2])
