"""Printed confusion matrices against the figures printed of the same network, and the split.

Each figure must be what the matrix gives, rounded or cut off. The rows of a matrix of counts sum to
the class counts of the part of the data that it was computed on, which identifies that part. In a
matrix in percent the rows sum to 100, each cell is a share of its class's images, and the diagonal
holds the recalls.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from ferbook.report.audit import class_accuracies, granularity
from ferbook.report.audit.cells import Setting, number_of, overall, printed, setting, shown
from ferbook.report.audit.findings import Finding, Severity
from ferbook.report.audit.matrices import Scores, counts_of, scores, sums_to_whole, transposed
from ferbook.report.audit.regions import Region, doubt, region
from ferbook.report.audit.rounding import WHOLE, printed_share
from ferbook.report.reported import Paper, Protocol, Row
from ferbook.report.reported_parts import Count, Matrix, Number, ends

CHECK = "confusion-matrix"
FIGURES = ("accuracy", "recall", "precision", "f1")


def check(paper: Paper) -> Iterator[Finding]:
    """Every printed matrix."""
    for name, matrix in paper.confusion_matrices.items():
        variant = matrix.variant or (name if name in _variants(paper) else None)
        protocol = _protocol(paper, matrix, variant)
        where = setting(paper, protocol) if protocol else None
        beside = [
            row
            for metric in FIGURES
            for row, _ in printed(paper, metric)
            if where == setting(paper, paper.protocol(row)) and row.variant == variant
        ]
        classes = matrix.classes or paper.labels
        if matrix.unit == "counts":
            yield from _counts(paper, name, matrix, classes, protocol, beside)
        else:
            yield from _shares(paper, name, matrix, classes, protocol, beside)


def _variants(paper: Paper) -> set[str | None]:
    return {row.variant for row in paper.rows}


def _protocol(paper: Paper, matrix: Matrix, variant: str | None) -> Protocol | None:
    """The one named, else that of the only overall accuracy that the variant has."""
    if matrix.protocol:
        return paper.protocols[matrix.protocol]
    found: dict[Setting, Protocol] = {}
    for (where, name), rows in overall(paper).items():
        if rows and name == variant:
            found[where] = paper.protocol(rows[0])
    return next(iter(found.values())) if len(found) == 1 else None


def _counts(
    paper: Paper,
    name: str,
    matrix: Matrix,
    classes: list[str],
    protocol: Protocol | None,
    beside: list[Row],
) -> Iterator[Finding]:
    rows = counts_of(matrix)
    turned = False
    if protocol and (counts := region(paper, protocol)):
        found, turned = _split(paper, name, rows, classes, protocol, counts)
        yield from found
    said = scores(transposed(rows) if turned else rows)
    for row in beside if not protocol or protocol.runs == 1 else []:  # a matrix is of one run
        yield from _figure(paper, name, row, said, classes)


def _split(
    paper: Paper,
    name: str,
    rows: list[list[int]],
    classes: list[str],
    protocol: Protocol,
    counts: Region,
) -> tuple[list[Finding], bool]:
    """What the row sums say of the part of the data, and whether rows and columns are swapped."""
    sums = dict(zip(classes, map(sum, rows), strict=True))
    if _within(sums, counts):
        return [], False
    columns = dict(zip(classes, map(sum, zip(*rows, strict=True)), strict=True))
    given = ", ".join(f"{label} {n}" for label, n in sums.items())
    wanted = ", ".join(
        f"{label} {low}" if low == high else f"{label} {low} to {high}"
        for label, low, high in zip(counts.classes, counts.low, counts.high, strict=True)
    )
    arithmetic = f"row sums: {given}; {counts.about}: {wanted}"
    cells = (f"confusion_matrices/{name}",)
    if _within(columns, counts):
        message = f"the columns of {name}, not its rows, sum to the class counts: it is transposed"
        return [Finding("suspicious", CHECK, cells, message, arithmetic)], True
    message = f"the rows of {name} do not sum to {counts.about}"
    if others := _parts(paper, protocol, sums):
        message += f"; they sum to the counts of {' or '.join(others)}"
    severity: Severity = "contradiction" if counts.exact and counts.certain else "suspicious"
    return [Finding(severity, CHECK, cells, message, arithmetic)], False


def _within(sums: Mapping[str, int], counts: Region) -> bool:
    if set(sums) != set(counts.classes):
        return False
    return all(low <= sums[n] <= high for n, (low, high) in _bounds(counts).items()) and (
        counts.total[0] <= sum(sums.values()) <= counts.total[1]
    )


def _bounds(counts: Region) -> dict[str, tuple[int, int]]:
    return {name: counts.bounds(name) for name in counts.classes}


def _parts(paper: Paper, protocol: Protocol, sums: Mapping[str, int]) -> list[str]:
    """Parts of the dataset that have exactly these class counts."""

    def same(counts: Mapping[str, Count]) -> bool:
        return {name: ends(count) for name, count in counts.items()} == {
            name: (n, n) for name, n in sums.items()
        }

    dataset = protocol.dataset or ""
    parts = paper.class_counts.get(paper.stands_for.get(dataset, dataset), {})
    return [part for part, counts in parts.items() if same(counts)]


def _figure(
    paper: Paper, name: str, row: Row, said: Scores, classes: list[str]
) -> Iterator[Finding]:
    """One printed figure against what the matrix of counts gives."""
    protocol = paper.protocol(row)
    ways = _ways(row, protocol, said, classes)
    number = number_of(row)
    fits = {
        how: {way for way, value in ways.items() if value in printed_share(number, row.unit, how)}
        for how in ("rounded", "either")
    }
    declared = protocol.average if protocol.metric == "f1" and not row.emotion else "unknown"
    usual = {"macro", "of macro precision and recall"} if declared == "macro" else {declared}
    wanted = set(ways) if declared == "unknown" else usual
    if wanted & fits["either"] or not ways:
        return
    whole = WHOLE[row.unit]
    given = ", ".join(f"{way} {float(whole * value):.4g}" for way, value in ways.items())
    cells = (row.id, f"confusion_matrices/{name}")
    if fits["either"]:
        message = f"{shown(row)} is {' or '.join(sorted(fits['either']))}, not {declared}"
        yield Finding("suspicious", CHECK, cells, message, f"from {name}: {given}")
        return
    message = f"{shown(row)} is not what the confusion matrix {name} gives, rounded or cut off"
    arithmetic = f"from {name}: {given}; printed {row.reported}"
    yield _contradiction(protocol, cells, message, arithmetic)


def _contradiction(
    protocol: Protocol, cells: tuple[str, ...], message: str, arithmetic: str
) -> Finding:
    """Unless the figures may be means, or of fewer images, than the matrix."""
    if reason := doubt(protocol):
        return Finding("suspicious", CHECK, cells, f"{message}; unless {reason}", arithmetic)
    return Finding("contradiction", CHECK, cells, message, arithmetic)


def _ways(row: Row, protocol: Protocol, said: Scores, classes: list[str]) -> dict[str, Fraction]:
    """{how the figure is had: its value}, without those that are not defined."""
    metric = protocol.metric
    found: dict[str, Fraction | None]
    if row.classes:
        return {}
    if metric == "accuracy":
        found = {"accuracy": said.accuracy}
    elif row.emotion:
        found = {metric: getattr(said, metric)[classes.index(row.emotion)]}
    else:
        found = said.averages(metric)
    return {way: value for way, value in found.items() if value is not None}


def _shares(
    paper: Paper,
    name: str,
    matrix: Matrix,
    classes: list[str],
    protocol: Protocol | None,
    beside: list[Row],
) -> Iterator[Finding]:
    """A matrix in percent or as fractions."""
    rows = (
        matrix.matrix
        if matrix.rows == "true"
        else [list(c) for c in zip(*matrix.matrix, strict=True)]
    )
    cells = (f"confusion_matrices/{name}",)
    whole = WHOLE[matrix.unit]
    for label, row in zip(classes, rows, strict=True):
        if not sums_to_whole(row, matrix):
            columns = [list(column) for column in zip(*rows, strict=True)]
            turned = all(sums_to_whole(column, matrix) for column in columns)
            message = f"the row of {label} in {name} does not sum to {whole}"
            if turned:
                message += "; the columns do: its diagonal holds precisions, not recalls"
            arithmetic = f"{' + '.join(f'{cell:g}' for cell in row)} = {sum(row):g}"
            severity: Severity = "suspicious" if turned else "contradiction"
            yield Finding(severity, CHECK, cells, message, arithmetic)
            return
    diagonal = {label: row[k] for k, (label, row) in enumerate(zip(classes, rows, strict=True))}
    numbers = {k: Number(value=v, decimals=matrix.decimals) for k, v in diagonal.items()}
    yield from _diagonal(paper, name, matrix.unit, numbers, beside)
    counts = region(paper, protocol) if protocol else None
    if counts is not None:
        yield from _weighted(paper, name, matrix.unit, numbers, beside, counts)
        yield from _grains(name, matrix, classes, rows, counts)


def _diagonal(
    paper: Paper, name: str, unit: str, numbers: Mapping[str, Number], beside: list[Row]
) -> Iterator[Finding]:
    for row in beside:
        label = row.emotion
        if paper.protocol(row).metric != "recall" or label is None or label not in numbers:
            continue
        own = printed_share(numbers[label], unit, "either")
        if not printed_share(number_of(row), row.unit, "either").meets(own.low, own.high):
            message = f"the recall of {label} is not that on the diagonal of {name}"
            arithmetic = f"printed {row.reported}, on the diagonal {numbers[label]}"
            ids = (row.id, f"confusion_matrices/{name}")
            yield _contradiction(paper.protocol(row), ids, message, arithmetic)


def _weighted(
    paper: Paper,
    name: str,
    unit: str,
    numbers: Mapping[str, Number],
    beside: list[Row],
    counts: Region,
) -> Iterator[Finding]:
    for row in beside:
        if paper.protocol(row).metric == "accuracy" and set(numbers) == set(counts.classes):
            figures = {label: (number, unit) for label, number in numbers.items()}
            fit = class_accuracies.fitting(counts, figures, (number_of(row), row.unit))
            if not fit.usual:
                ids = (row.id, f"confusion_matrices/{name}")
                yield class_accuracies.finding(CHECK, ids, counts, row, fit)


def _grains(
    name: str, matrix: Matrix, classes: list[str], rows: list[list[float]], counts: Region
) -> Iterator[Finding]:
    """Cells that are no share of their class's images."""
    wrong = []
    for label, row in zip(classes, rows, strict=True):
        low, high = counts.bounds(label) if label in counts.classes else (0, 0)
        for other, cell in zip(classes, row, strict=True):
            share = printed_share(
                Number(value=cell, decimals=matrix.decimals), matrix.unit, "either"
            )
            if high > 0 and not granularity.some_size(share, range(low, high + 1)):
                wrong.append((f"{label} taken for {other}: {cell:g} of {high} images", label))
    if wrong:
        severity: Severity = "impossible" if counts.certain else "suspicious"
        message = f"{len(wrong)} cells of {name} are no share of their class's images"
        text = "; ".join(item for item, _ in wrong[:3])
        yield Finding(severity, CHECK, (f"confusion_matrices/{name}",), message, text)
