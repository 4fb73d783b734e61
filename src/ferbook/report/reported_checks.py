"""What a schema of single fields cannot say of `reported/*.yaml`: references and claims."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ferbook.errors import InputError
from ferbook.report import claims

if TYPE_CHECKING:
    from ferbook.report.reported import Paper, Protocol, Row


def problems(paper: Paper) -> Iterator[str]:
    """One line for each reference that leads nowhere, each contradiction, each claim in error."""
    seen = set()
    for row in paper.rows:
        if row.id in seen:
            yield f"row {row.id}: field id: this id is given twice"
        seen.add(row.id)
        if not row.id.startswith(f"{paper.paper}/"):
            yield f"row {row.id}: field id: expected it to begin with {paper.paper}/"
        if row.protocol not in paper.protocols:
            known = ", ".join(paper.protocols)
            yield f"row {row.id}: field protocol: {row.protocol!r} is none of {known}"
            return
        yield from (f"row {row.id}: {text}" for text in _variants(paper, row))
        yield from (f"row {row.id}: {text}" for text in _fields(row, paper.protocol(row)))
    for row in paper.rows:
        yield from (f"row {row.id}: field id: {text}" for text in _base(paper, row))
    yield from _claims(paper)


def _variants(paper: Paper, row: Row) -> Iterator[str]:
    for field, name in row.naming:
        if name not in paper.variants:
            yield f"field {field}: {name!r} is none of {', '.join(paper.variants)}"
    if row.misplaced:
        yield f"field variants: {row.misplaced}"
    if paper.protocol(row).scored and not row.networks:
        yield f"field variant: metric {paper.protocol(row).metric} needs one"


def _fields(row: Row, protocol: Protocol) -> Iterator[str]:
    by_class = bool(row.emotion) or bool(row.classes)
    if by_class != (protocol.metric == "recall"):
        yield f"field class: goes with metric recall, the protocol's is {protocol.metric}"
    if bool(row.classes) != bool(row.pick) or (row.emotion and row.classes):
        yield "field pick: goes with `classes`, in place of `class`"
    if bool(row.against) != (protocol.scale != "absolute"):
        yield f"field against: goes with a difference, the protocol's scale is {protocol.scale}"
    if bool(row.count) != (protocol.metric == "count"):
        yield f"field count: goes with metric count, the protocol's is {protocol.metric}"
    unit = _unit(protocol)
    if unit and row.unit != unit:
        yield f"field unit: expected {unit} under protocol {row.protocol}, not {row.unit}"


def _unit(protocol: Protocol) -> str | None:
    if protocol.metric == "count":
        return "count"
    if not protocol.scored:
        return None
    if protocol.metric == "f1":
        return "f1"
    return "points" if protocol.scale == "points" else "percent"


def _base(paper: Paper, row: Row) -> Iterator[str]:
    base, at, _ = row.id.partition("@")
    if at and base not in paper.by_id:
        yield f"there is no row {base}"
    if at and row.reported is not None:
        yield "a row with @ holds no printed number"


def _claims(paper: Paper) -> Iterator[str]:
    cells = paper.printed_cells()
    names: set[str] = set()
    for claim in paper.claims:
        if claim.id in names:
            yield f"claim {claim.id}: field id: this id is given twice"
        names.add(claim.id)
        try:
            claims.evaluate(claim.expression, cells, refuse_zero=True)
        except InputError as error:
            yield f"claim {claim.id}: field expression: {error}"
