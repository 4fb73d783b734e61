"""What a figure in a notebook also is: beside the SVG that is shown, a PDF and its numbers as csv.

All three are forms of one output, as a notebook keeps forms of anything, so an executed notebook is
all that a page and its downloads are made of: those of the book (`report.book.figures`), and the
page of its own that a reader makes of a notebook. The same figure gives the same bytes.
"""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

SVG, PDF, CSV = "image/svg+xml", "application/pdf", "text/csv"
#: What each form is called below a figure, and how its file's name ends.
FORMS = {SVG: ("SVG", ".svg"), PDF: ("PDF", ".pdf"), CSV: ("data (csv)", ".csv")}
BETWEEN = " · "


def pdf(figure: Figure) -> str:
    """The figure as a PDF that bears no date, in base64 as notebooks have it."""
    return base64.b64encode(pdf_file(figure)).decode()


def pdf_file(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="pdf", bbox_inches="tight", metadata={"CreationDate": None})
    return file.getvalue()


def csv(figure: Figure) -> str:
    """The numbers that the figure draws; `plotted` says which."""
    from ferbook.report import plotted

    # enough digits for any count; a share that was computed does not end in ...0000001
    return plotted.table(figure).to_csv(index=False, lineterminator="\n", float_format="%.8g")


def save(figure: Figure, picture: Path) -> str:
    """Write all three forms, the SVG to `picture`; Markdown of the line that offers them.

    For a page that is no notebook: it includes what was generated into the folder of `picture`.
    """
    figure.savefig(picture, metadata={"Date": None})
    picture.with_suffix(".pdf").write_bytes(pdf_file(figure))
    picture.with_suffix(".csv").write_text(csv(figure), encoding="utf-8")
    links = (
        f"{{download}}`{text} <{picture.parent.name}/{picture.stem}{ending}>`"
        for text, ending in FORMS.values()
    )
    return f"```{{container}} downloads\n{BETWEEN.join(links)}\n```"


def offer(shell: Any) -> None:
    """Have figures shown in an IPython shell bear both forms beside the one that is shown."""
    from IPython.core.formatters import BaseFormatter
    from matplotlib.figure import Figure

    display = shell.display_formatter
    forms = display.formatters
    if CSV not in forms:
        forms[CSV] = BaseFormatter(parent=display, format_type=CSV, print_method="_repr_csv_")
    forms[CSV].for_type(Figure, csv)
    forms[PDF].for_type(Figure, pdf)


def with_links(notebook: Any, name: str) -> Any:
    """The notebook, below each figure a line of downloads that need no file beside the page."""
    from nbformat.v4 import new_output

    number = 0
    for cell in notebook.cells:
        outputs = []
        for output in cell.get("outputs", []):
            outputs.append(output)
            if FORMS.keys() <= output.get("data", {}).keys():
                number += 1
                line = _links(output.data, f"{name}-{number}")
                outputs.append(new_output("display_data", {"text/html": line}))
        if "outputs" in cell:
            cell.outputs = outputs
    return notebook


def _links(data: Any, name: str) -> str:
    links = (
        f'<a download="{name}{ending}" href="data:{form};base64,{_encoded(data, form)}">{text}</a>'
        for form, (text, ending) in FORMS.items()
    )
    return f"<small>{BETWEEN.join(links)}</small>"


def _encoded(data: Any, form: str) -> str:
    return str(data[form]) if form == PDF else base64.b64encode(data[form].encode()).decode()
