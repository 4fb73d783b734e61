"""What lesson 6 looks at: printed tables, the images behind them, what the audit finds."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ferbook import paths

if TYPE_CHECKING:
    import pandas as pd


def counts(paper: str, dataset: str) -> dict[str, int]:
    """Images of each class of a whole dataset; classes of unknown size are left out."""
    from ferbook.report.reported import load_reported

    total: Counter[str] = Counter()
    for part in load_reported(paper).class_counts[dataset].values():
        total.update({name: size for name, size in part.items() if isinstance(size, int)})
    return dict(total)


def beside(table: dict[str, float], images: dict[str, int]) -> pd.DataFrame:
    """Printed percentages and numbers of images, a class a column."""
    import pandas as pd

    rows = {
        "printed, %": {name: f"{value:g}" for name, value in table.items()},
        "images": {name: str(images.get(name, "?")) for name in table},
    }
    return pd.DataFrame(rows).T


def flagged(paper: str, dataset: str) -> list[str]:
    """Classes of a dataset's table whose percentage the audit finds no number of answers for."""
    from ferbook.report.audit import granularity
    from ferbook.report.audit.reader import load

    found = granularity.check(load(paths.reported() / f"{paper}.yaml"))
    ids = [cell for one in found if one.severity != "note" for cell in one.cells]
    return [cell.rpartition("/")[2] for cell in ids if cell.startswith(f"{paper}/table/{dataset}/")]
