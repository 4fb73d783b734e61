"""Which checks found nothing to look at in a file, and what they miss.

Such a check says nothing against the paper, and nothing for it either: 'no findings' is good news
only of what was looked at. Whether a check has something to look at is asked here of the file's
fields alone, a little more generously than the check itself decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from ferbook.report import claims
from ferbook.report.audit import (
    class_accuracies,
    class_changes,
    confusion,
    copies,
    dataset_counts,
    ensemble,
    f1,
    granularity,
    halves,
    published,
    references,
    sampling,
    text,
)
from ferbook.report.audit.cells import (
    PROPORTIONS,
    bounded,
    by_class,
    overall,
    printed,
    value,
)
from ferbook.report.audit.regions import region
from ferbook.report.audit.unmatched import idle_matrices, unmatched
from ferbook.report.reported import Paper, Row


def unchecked(paper: Paper) -> dict[str, str]:
    """{check: why it found nothing to look at}, of the checks that the file asks for."""
    wanted = set(MISSING if paper.checks is None else paper.checks)
    reasons = {name: why(paper) for name, why in MISSING.items() if name in wanted}
    return {name: reason for name, reason in reasons.items() if reason}


def left_out(paper: Paper) -> list[str]:
    """The checks that the file does not ask for."""
    return [] if paper.checks is None else [name for name in MISSING if name not in paper.checks]


def told(paper: Paper) -> list[str]:
    """Lines for whoever reads the findings; none where everything was looked at."""
    lines = [f"unmatched: {text}" for text in unmatched(paper)]
    if names := undecided(paper):
        lines.append(f"claims left open by blank cells or ranges: {', '.join(names)}")
    if reasons := unchecked(paper):
        listed = ", ".join(f"{name} ({why})" for name, why in reasons.items())
        lines.append(f"not checked: {listed}")
    if names := left_out(paper):
        lines.append(f"not in `checks`: {', '.join(names)}")
    return lines


def undecided(paper: Paper) -> list[str]:
    """The claims that blank cells and ranges leave open."""
    cells = paper.printed_cells()
    return [c.id for c in paper.claims if claims.evaluate(c.expression, cells) is None]


def _shares(paper: Paper) -> str:
    rows = [
        row
        for metric in ("accuracy", "recall")
        for scale in ("absolute", "points")
        for row, _ in printed(paper, metric, scale)
        if row.emotion or metric == "accuracy"
    ]
    if not rows:
        return "no accuracy or recall that is one value"
    return _unsized(paper, rows)


def _unsized(paper: Paper, rows: list[Row]) -> str:
    sized = any(sampling.images(paper, row) for row in rows)
    return "" if sized else "no `n` or `class_counts` of its part"


def _class_accuracies(paper: Paper) -> str:
    groups = {key: rows for key, rows in by_class(paper).items() if key[2] is None}
    if _averaged(paper):
        return ""
    if not groups:
        return "no recalls of classes"
    totals, bounds = overall(paper), bounded(paper)
    beside = [rows for key, rows in groups.items() if totals.get(key[:2]) or bounds.get(key[:2])]
    if not beside:
        return "no overall accuracy of the same network and part beside the recalls"
    known = any(_counted(paper, rows) or set(rows) >= set(paper.labels) for rows in beside)
    return "" if known else "no `class_counts`, and not every class printed"


def _averaged(paper: Paper) -> bool:
    """Whether a mean recall or precision stands beside that of every class."""
    return any(
        rows and set(by_class(paper, metric).get((*key, None), {})) == set(paper.labels)
        for metric in ("recall", "precision")
        for key, rows in overall(paper, metric).items()
    )


def _class_changes(paper: Paper) -> str:
    differences = list(halves.compared(paper))
    if not differences:
        return "no differences"
    if any(pairs for _, _, pairs in differences):
        return ""
    known = any(_counted(paper, rows) for rows in by_class(paper, scale="points").values())
    return "" if known else "no `class_counts`, nor the two figures of a difference"


def _counted(paper: Paper, rows: dict[str, Row]) -> bool:
    found = region(paper, paper.protocol(next(iter(rows.values()))))
    return found is not None and set(rows) <= set(found.classes)


def _matrices(paper: Paper) -> str:
    if not paper.confusion_matrices:
        return "no `confusion_matrices`"
    idle = idle_matrices(paper)
    for name, matrix in paper.confusion_matrices.items():
        counted = matrix.protocol and region(paper, paper.protocols[matrix.protocol])
        if name not in idle or counted or matrix.unit != "counts":  # shares have to add up to 1
            return ""
    return "no figures and no `class_counts` beside the matrices"


def _f1(paper: Paper) -> str:
    whole = {key: rows for key, rows in overall(paper, "f1").items() if rows}
    classes = by_class(paper, "f1")
    if not whole and not classes:
        return "no F1"
    accuracies, recalls = overall(paper), by_class(paper)
    precisions = by_class(paper, "precision")
    averages = [overall(paper, metric) for metric in ("precision", "recall")]
    for key, rows in whole.items():
        known = region(paper, paper.protocol(rows[0])) is not None
        if known and (accuracies.get(key) or recalls.get((*key, None))):
            return ""
        if set(classes.get((*key, None), {})) == set(paper.labels):
            return ""
        if all(found.get(key) for found in averages):
            return ""
    if any(key in precisions and key in recalls for key in classes):
        return ""
    return "no F1 of all classes, and no accuracy with `class_counts`, beside the F1"


def _ensemble(paper: Paper) -> str:
    if not paper.ensembles:
        return "no `ensembles`"
    there: dict[object, set[str | None]] = defaultdict(set)
    for (where, variant), rows in overall(paper).items():
        if rows:
            there[where].add(variant)
    known = any(
        name in names and names & set(joined.members)
        for name, joined in paper.ensembles.items()
        for names in there.values()
    )
    return "" if known else "no accuracies of an ensemble and of its members on the same part"


def _claims(paper: Paper) -> str:
    if not paper.claims:
        return "no `claims`"
    return "every claim rests on blank cells" if len(undecided(paper)) == len(paper.claims) else ""


def _counts(paper: Paper) -> str:
    sizes = [size for size in paper.n.values() if size.total is not None]
    if any(getattr(size, part) is not None for size in sizes for part in dataset_counts.THREE):
        return ""
    if not any(paper.protocol(row).metric == "count" for row in paper.rows):
        return "no rows of metric count"
    return "" if paper.class_counts else "no `class_counts`"


def _copies(paper: Paper) -> str:
    tables: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in paper.rows:
        parts = row.id.split("/")
        if len(parts) == 4 and value(row) and paper.protocol(row).metric in PROPORTIONS:
            tables["/".join(parts[:2])].append((parts[2], parts[3]))
    for cells in tables.values():
        rows, columns = ({cell[at] for cell in cells} for at in (0, 1))
        shape = sorted((len(rows), len(columns)))
        if shape[0] >= copies.FEWEST and shape[1] >= copies.LINES:
            return ""
    return (
        f"no table with {copies.LINES} lines of {copies.FEWEST} cells, by ids"
        " paper/table/row/column"
    )


def _published(paper: Paper) -> str:
    datasets = {where.dataset for (where, _), rows in overall(paper).items() if rows}
    if not datasets:
        return "no overall accuracy"
    known = any(published.known_results(dataset) for dataset in datasets)
    return "" if known else f"no published results known of {', '.join(sorted(datasets))}"


def _sampling(paper: Paper) -> str:
    pairs = [pair for pair in sampling.claimed(paper) if sampling.comparable(paper, *pair)]
    rows = [pair[0] for pair in pairs]
    rows += [row for row, _ in printed(paper, "accuracy", "points") if sampling.base_of(paper, row)]
    if not rows:
        return "no two accuracies compared, by a claim or a printed difference"
    return _unsized(paper, rows)


def _references(paper: Paper) -> str:
    return "" if paper.references else "no `references`"


#: What a check misses, "" for nothing; in the order in which the checks are documented.
MISSING: dict[str, Callable[[Paper], str]] = {
    granularity.CHECK: _shares,
    class_accuracies.CHECK: _class_accuracies,
    class_changes.CHECK: _class_changes,
    confusion.CHECK: _matrices,
    f1.CHECK: _f1,
    ensemble.CHECK: _ensemble,
    text.CHECK: _claims,
    dataset_counts.CHECK: _counts,
    copies.CHECK: _copies,
    published.CHECK: _published,
    sampling.CHECK: _sampling,
    references.CHECK: _references,
}
