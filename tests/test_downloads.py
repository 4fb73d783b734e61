"""The forms of a figure: the same bytes of the same figure, from notebook to page."""

import base64
import re
import subprocess
import sys
from pathlib import Path

import nbformat

from ferbook.report import downloads
from ferbook.report.notebooks import write_page

DRAW = """\
import hashlib
import matplotlib.pyplot as plt
from ferbook.report import downloads, figures
figures.style()
figure, axis = plt.subplots()
axis.plot([1, 2], [0.1, 0.2], "o-", label="hybrid")
axis.set_title("Δ, in points")
print(hashlib.sha256((downloads.pdf(figure) + downloads.csv(figure)).encode()).hexdigest())
"""
FORMS = {
    "image/svg+xml": "<svg>1</svg>",
    "application/pdf": base64.b64encode(b"%PDF-1").decode(),
    "text/csv": "x,y\n1,2\n",
}


def notebook():
    """Two code cells: one shows words and a figure, one a figure and a table."""
    new = nbformat.v4.new_output
    shown, table = new("display_data", FORMS), new("display_data", {"text/html": "<table>"})
    words = [new("stream", text="seen"), new("display_data", {"text/markdown": "words"})]
    cells = [
        nbformat.v4.new_markdown_cell("# Small"),
        nbformat.v4.new_code_cell("a", outputs=[*words, shown]),
        nbformat.v4.new_code_cell("b", outputs=[nbformat.from_dict(shown), table]),
    ]
    return nbformat.v4.new_notebook(cells=cells)


def test_two_processes_make_the_same_bytes():
    once, again = (
        subprocess.run([sys.executable, "-c", DRAW], capture_output=True, text=True, check=True)
        for _ in range(2)
    )
    assert len(once.stdout) == 65 and once.stdout == again.stdout


def test_a_pdf_bears_no_date_and_a_csv_its_header():
    from matplotlib.figure import Figure

    figure = Figure()
    figure.subplots().plot([1, 2], [0.1, 0.2])
    raw = base64.b64decode(downloads.pdf(figure))
    assert raw.startswith(b"%PDF") and b"Date" not in raw
    assert downloads.csv(figure) == "kind,x,y\nline,1,0.1\nline,2,0.2\n"


def test_a_reader_s_own_page_carries_the_files_within_it(tmp_path):
    nbformat.write(notebook(), tmp_path / "small.ipynb")
    write_page(tmp_path / "small.ipynb", tmp_path / "small.html")
    page = (tmp_path / "small.html").read_text(encoding="utf-8")
    found = re.findall(r'download="(small-\d\.\w+)" href="data:([^;]+);base64,([^"]+)"', page)
    names = ["small-1.svg", "small-1.pdf", "small-1.csv"]
    assert [name for name, _, _ in found] == names + [name.replace("1", "2") for name in names]
    for name, form, content in found[:3]:
        raw = base64.b64decode(content).decode()
        assert form in FORMS and raw in (FORMS[form], "%PDF-1"), name
    written = nbformat.read(tmp_path / "small.ipynb", as_version=4)
    assert len(written.cells[2].outputs) == 2  # the notebook itself stays as it is
    assert Path(tmp_path / "small.html").stat().st_size > 1000
