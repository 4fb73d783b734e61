"""What single fields cannot say of a file for an audit: references, sums, limits.

Each check yields (place, text): the keys and numbers that lead to the field, and what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from ferbook.errors import InputError
from ferbook.report import claims
from ferbook.report.audit import schema_counts
from ferbook.report.audit.rounding import WHOLE, exact
from ferbook.report.audit.schema import SCORED, AuditPaper, AuditRow
from ferbook.report.reported_parts import Matrix, Number

Problem = tuple[tuple[str | int, ...], str]
#: Of any printed number, and of a cell of a matrix.
LARGEST = 10**12
CHECKS = (
    "granularity",
    "class-accuracies",
    "class-changes",
    "confusion-matrix",
    "f1",
    "ensemble",
    "claims",
    "counts",
    "copies",
    "published",
    "sampling-error",
    "references",
)


def problems(paper: AuditPaper) -> Iterator[Problem]:
    """Everything that is wrong, in the order in which it should be mended."""
    yield from _checks(paper)
    yield from _labels(paper)
    seen: set[str] = set()
    for number, row in enumerate(paper.rows):
        for field, text in _row(paper, row, row.id in seen):
            name = f"field {field}: " if field else ""
            yield ("rows", number, *field.split(".")), f"row {row.id}: {name}{text}"
        seen.add(row.id)
    yield from schema_counts.problems(paper)
    yield from _matrices(paper)
    yield from _ensembles(paper)
    yield from _claims(paper)
    yield from _sources(paper)


def _checks(paper: AuditPaper) -> Iterator[Problem]:
    for number, name in enumerate(paper.checks or ()):
        if name not in CHECKS:
            near = get_close_matches(name, CHECKS, n=1)
            meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(CHECKS)}"
            yield ("checks", number), f"field checks: {name!r} is no check; {meant}"


def _labels(paper: AuditPaper) -> Iterator[Problem]:
    for number, name in enumerate(paper.labels):
        if name in paper.labels[:number]:
            yield ("classes", number), f"field classes: {name!r} is given twice"


def _row(paper: AuditPaper, row: AuditRow, again: bool) -> Iterator[tuple[str, str]]:
    if again:
        yield "id", "this id is given twice"
    if not row.id.startswith(f"{paper.paper}/"):
        yield "id", f"expected it to begin with {paper.paper}/"
    if row.protocol not in paper.protocols:
        known = ", ".join(paper.protocols) or "none are given"
        yield "protocol", f"{row.protocol!r} is no protocol; there are: {known}"
        return
    yield from _names(paper, row)
    yield from _form(paper, row)
    if row.reported is not None:
        yield from _size(row.reported)
        if paper.protocols[row.protocol].scored:
            yield from _limits(paper, row, row.reported)


def _names(paper: AuditPaper, row: AuditRow) -> Iterator[tuple[str, str]]:
    for field, name in row.naming:
        if paper.variants and name not in paper.variants:
            yield field, f"{name!r} is none of {', '.join(paper.variants)}"
    for field, names in {
        "class": [row.emotion] if row.emotion else [],
        "classes": row.classes,
    }.items():
        for name in names:
            if name not in paper.labels:
                yield field, f"{name!r} is none of {', '.join(paper.labels)} (top-level `classes`)"


def _form(paper: AuditPaper, row: AuditRow) -> Iterator[tuple[str, str]]:
    protocol = paper.protocols[row.protocol]
    if bool(row.classes) != bool(row.pick) or (row.emotion and row.classes):
        yield "pick", "goes with `classes`, in place of `class`"
    if row.misplaced:
        yield "variants", row.misplaced
    if row.emotion and protocol.metric in ("accuracy", "count"):
        yield "class", f"goes with recall, precision or f1; the protocol's is {protocol.metric}"
    if bool(row.against) != (protocol.scale != "absolute"):
        yield "against", f"goes with a difference; the protocol's scale is {protocol.scale}"
    if bool(row.count) != (protocol.metric == "count"):
        yield "count", f"goes with metric count; the protocol's is {protocol.metric}"
    units = _units(paper, row)
    if units and row.unit not in units:
        yield "unit", f"expected {' or '.join(units)} under {row.protocol}, not {row.unit}"


def _units(paper: AuditPaper, row: AuditRow) -> tuple[str, ...]:
    protocol = paper.protocols[row.protocol]
    if protocol.metric == "count":
        return ("count",)
    if not protocol.scored or protocol.scale.startswith("relative"):
        return ("percent",) if protocol.scored else ()
    if protocol.scale == "points":
        return ("points", "f1") if protocol.metric == "f1" else ("points",)
    return SCORED[protocol.metric]


def _size(number: Number) -> Iterator[tuple[str, str]]:
    for field in ("value", "low", "high"):
        end = getattr(number, field)
        if end is not None and abs(end) > LARGEST:
            yield f"reported.{field}", f"expected at most {LARGEST:,}, not {end:g}"


def _limits(paper: AuditPaper, row: AuditRow, number: Number) -> Iterator[tuple[str, str]]:
    scale = paper.protocols[row.protocol].scale
    top = WHOLE.get(row.unit, 1)
    low = 0 if scale == "absolute" else -top
    for field in ("value", "low", "high"):
        end = getattr(number, field)
        if end is None:
            continue
        if not scale.startswith("relative") and not low <= end <= top:
            yield f"reported.{field}", f"{end:g} lies outside {low} to {top}"
        if (exact(end) * exact(10.0) ** number.decimals).denominator != 1:
            yield "reported.decimals", f"{end!r} has more than {number.decimals} decimals"


def _matrices(paper: AuditPaper) -> Iterator[Problem]:
    for name, matrix in paper.confusion_matrices.items():
        place, where = ("confusion_matrices", name), f"confusion_matrices {name}"
        for more, text in _shape(paper, matrix):
            yield (*place, *more), f"{where}: {text}"
        fields: dict[str, tuple[str | None, Any]] = {
            "protocol": (matrix.protocol, paper.protocols),
            "variant": (matrix.variant, paper.variants),
        }
        for field, (given, known) in fields.items():
            if given is not None and known and given not in known:
                text = f"field {field}: {given!r} is none of {', '.join(known)}"
                yield (*place, field), f"{where}: {text}"


def _shape(paper: AuditPaper, matrix: Matrix) -> Iterator[Problem]:
    size = len(matrix.matrix)
    for number, row in enumerate(matrix.matrix):
        for text in _line(row, size, matrix):
            yield ("matrix", number), f"field matrix: row {number + 1} {text}"
    classes = matrix.classes or paper.labels
    if len(classes) != size:
        yield ("matrix",), f"field matrix: {size} rows, but {len(classes)} classes"
    if len(set(classes)) < len(classes):
        yield ("classes",), "field classes: one is given twice"
    if unknown := set(classes) - set(paper.labels):
        names = f"{', '.join(sorted(unknown))}: none of {', '.join(paper.labels)}"
        yield ("classes",), f"field classes: {names}"


def _line(row: list[float], size: int, matrix: Matrix) -> Iterator[str]:
    if len(row) != size:
        yield f"has {len(row)} columns: not square, there are {size} rows"
    if any(cell > LARGEST for cell in row):
        yield f"holds more than {LARGEST:,}"
    if any(cell < 0 for cell in row):
        yield "holds a negative number"
    if matrix.unit == "counts" and any(cell != int(cell) for cell in row):
        yield "holds a fraction; counts are whole (field unit)"
    if matrix.unit != "counts" and any(cell > WHOLE[matrix.unit] for cell in row):
        yield f"holds more than {WHOLE[matrix.unit]}"
    step = exact(10.0) ** matrix.decimals
    if matrix.unit != "counts" and any((exact(cell) * step).denominator != 1 for cell in row):
        yield f"holds more than {matrix.decimals} decimals (field decimals)"


def _ensembles(paper: AuditPaper) -> Iterator[Problem]:
    known = {row.variant for row in paper.rows if row.variant} | set(paper.variants)
    for name, ensemble in paper.ensembles.items():
        for variant in (name, *ensemble.members):
            if variant not in known:
                text = f"{variant!r} is no variant of a row"
                yield ("ensembles", name), f"ensembles {name}: field members: {text}"


def _sources(paper: AuditPaper) -> Iterator[Problem]:
    """Every source named is one of the file's."""
    named: list[tuple[tuple[str | int, ...], str, str | None]] = [
        *((("rows", i, "source"), f"row {row.id}", row.source) for i, row in enumerate(paper.rows)),
        *(
            (("confusion_matrices", name, "source"), f"confusion_matrices {name}", matrix.source)
            for name, matrix in paper.confusion_matrices.items()
        ),
        *(
            (("protocols", name, "sources"), f"protocols {name}", source)
            for name, protocol in paper.protocols.items()
            for source in protocol.sources
        ),
    ]
    for place, where, source in named:
        if source is not None and source not in paper.sources:
            known = ", ".join(paper.sources) or "none are given"
            yield place, f"{where}: field {place[-1]}: {source!r} is no source; there are: {known}"


def _claims(paper: AuditPaper) -> Iterator[Problem]:
    cells = paper.printed_cells()
    seen: set[str] = set()
    for number, claim in enumerate(paper.claims):
        if claim.id in seen:
            yield ("claims", number, "id"), f"claim {claim.id}: field id: this id is given twice"
        seen.add(claim.id)
        try:
            claims.evaluate(claim.expression, cells, refuse_zero=True)
        except InputError as error:
            text = f"claim {claim.id}: field expression: {error}"
            yield ("claims", number, "expression"), text
