"""What single fields cannot say of a file for an audit: references, sums, limits.

Each check yields (place, text): the keys and numbers that lead to the field, and what is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ferbook.errors import InputError
from ferbook.report import claims
from ferbook.report.audit.rounding import WHOLE, exact
from ferbook.report.audit.schema import SCORED, AuditPaper, AuditRow
from ferbook.report.reported_parts import Matrix, Number, ends

Problem = tuple[tuple[str | int, ...], str]
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
    ids = Counter(row.id for row in paper.rows)
    for number, row in enumerate(paper.rows):
        for field, text in _row(paper, row, ids[row.id]):
            name = f"field {field}: " if field else ""
            yield ("rows", number, *field.split(".")), f"row {row.id}: {name}{text}"
    yield from _counts(paper)
    yield from _matrices(paper)
    yield from _ensembles(paper)
    yield from _claims(paper)
    yield from _sources(paper)


def _checks(paper: AuditPaper) -> Iterator[Problem]:
    for number, name in enumerate(paper.checks or ()):
        if name not in CHECKS:
            known = ", ".join(CHECKS)
            yield ("checks", number), f"field checks: {name!r} is no check; there are {known}"


def _row(paper: AuditPaper, row: AuditRow, times: int) -> Iterator[tuple[str, str]]:
    if times > 1:
        yield "id", "this id is given twice"
    if not row.id.startswith(f"{paper.paper}/"):
        yield "id", f"expected it to begin with {paper.paper}/"
    if row.protocol not in paper.protocols:
        known = ", ".join(paper.protocols) or "none are given"
        yield "protocol", f"{row.protocol!r} is no protocol; there are: {known}"
        return
    yield from _names(paper, row)
    yield from _form(paper, row)
    if row.reported is not None and paper.protocols[row.protocol].scored:
        yield from _limits(paper, row, row.reported)


def _names(paper: AuditPaper, row: AuditRow) -> Iterator[tuple[str, str]]:
    variants = {"variant": row.variant, "against.variant": row.against and row.against.variant}
    for field, name in variants.items():
        if name is not None and paper.variants and name not in paper.variants:
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


def _counts(paper: AuditPaper) -> Iterator[Problem]:
    for dataset, parts in paper.class_counts.items():
        for part, counts in parts.items():
            place = ("class_counts", dataset, part)
            where = f"class_counts {dataset}: field {part}"
            for name, count in counts.items():
                low, high = ends(count)
                if name not in paper.labels:
                    known = ", ".join(paper.labels)
                    yield (*place, name), f"{where}.{name}: {name!r} is none of {known}"
                if not 0 <= low <= high:
                    yield (
                        (*place, name),
                        f"{where}.{name}: expected counts of 0 or more, not {count}",
                    )
            yield from _sum(paper, dataset, part, place, where)
        yield from _whole(paper, dataset)


def _size(paper: AuditPaper, dataset: str, part: str) -> int | None:
    """What `n` says of a part of a dataset."""
    names = {"all": "total", "private": "test", "public": "validation"}
    size = paper.n.get(dataset)
    return getattr(size, names.get(part, part), None) if size else None


def _sum(
    paper: AuditPaper, dataset: str, part: str, place: tuple[str, ...], where: str
) -> Iterator[Problem]:
    counts = [ends(count) for count in paper.class_counts[dataset][part].values()]
    low, high = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0)
    size = _size(paper, dataset, part)
    if size is not None and not low <= size <= high:
        total = f"{low:,}" if low == high else f"{low:,} to {high:,}"
        yield place, f"{where}: the counts sum to {total}, `n` says {size:,}"


def _whole(paper: AuditPaper, dataset: str) -> Iterator[Problem]:
    """The three parts of a dataset hold it all."""
    parts = paper.class_counts[dataset]
    total = _size(paper, dataset, "all")
    named = [{"train"}, {"validation", "public"}, {"test", "private"}]
    if total is None or len(parts) != 3 or not all(group & set(parts) for group in named):
        return
    low = sum(ends(count)[0] for counts in parts.values() for count in counts.values())
    high = sum(ends(count)[1] for counts in parts.values() for count in counts.values())
    if not low <= total <= high:
        where = f"class_counts {dataset}"
        yield ("class_counts", dataset), f"{where}: the parts sum to {low:,}, `n` says {total:,}"


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
    if unknown := set(classes) - set(paper.labels):
        names = f"{', '.join(sorted(unknown))}: none of {', '.join(paper.labels)}"
        yield ("classes",), f"field classes: {names}"


def _line(row: list[float], size: int, matrix: Matrix) -> Iterator[str]:
    if len(row) != size:
        yield f"has {len(row)} columns: not square, there are {size} rows"
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
            claims.evaluate(claim.expression, cells)
        except InputError as error:
            text = f"claim {claim.id}: field expression: {error}"
            yield ("claims", number, "expression"), text
