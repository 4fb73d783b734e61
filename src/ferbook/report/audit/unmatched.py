"""Names that lead nowhere: a dataset, a part or a network that the rest of the file does not know.

A name misspelt is no fault that the format could refuse, for datasets, parts and networks are the
paper's own; but what bears it is held against nothing, and that must be said.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from ferbook.report.audit.cells import Setting, overall, setting
from ferbook.report.audit.dataset_counts import PARTS, THREE
from ferbook.report.audit.regions import named_dataset, region, size
from ferbook.report.reported import Paper, Protocol
from ferbook.report.reported_parts import Matrix


def unmatched(paper: Paper) -> list[str]:
    """One line for each name that leads nowhere; none where the file knows no dataset at all."""
    lines: dict[str, list[str]] = defaultdict(list)
    for name, by_class in _used(paper).items():
        for text in _protocol(paper, paper.protocols[name], by_class):
            lines[text].append(name)
    found = [f"{text} (protocol {', '.join(names)})" for text, names in lines.items()]
    return [*found, *_unused(paper), *_matrices(paper)]


def _used(paper: Paper) -> dict[str, bool]:
    """The protocols of the file's numbers, and whether any is of single classes."""
    used: dict[str, bool] = {}
    for row in paper.rows:
        protocol = paper.protocol(row)
        if row.reported is not None and (protocol.scored or protocol.metric == "count"):
            used[row.protocol] = used.get(row.protocol, False) or bool(row.emotion)
    for matrix in paper.confusion_matrices.values():
        if matrix.protocol:
            used[matrix.protocol] = True
    return used


def _protocol(paper: Paper, protocol: Protocol, by_class: bool) -> Iterator[str]:
    if not (paper.n or paper.class_counts):
        return
    dataset = named_dataset(paper, protocol)
    counts, part = paper.class_counts.get(dataset), protocol.part
    if counts is None and dataset not in paper.n:
        known = ", ".join(dict.fromkeys([*paper.class_counts, *paper.n]))
        yield f"neither `class_counts` nor `n` has a dataset {dataset!r}; known: {known}"
    elif protocol.metric == "count":
        if counts and part != "all" and not _named(part) & {n for p in counts for n in _named(p)}:
            yield _no_part("class_counts", part, dataset, list(counts))
    elif region(paper, protocol) is None and (by_class or size(paper, protocol) is None):
        if counts:
            drawn = re.match(r"random-\d+-\d+-\d+", protocol.split or "")
            yield _no_part("class_counts", part, dataset, list(THREE if drawn else counts))
        elif size(paper, protocol) is None:
            yield _no_part("n", part, dataset, _sizes(paper, dataset))


def _named(part: str) -> set[str]:
    """A part by each of its names."""
    return {part, PARTS.get(part, part)}


def _sizes(paper: Paper, dataset: str) -> list[str]:
    given = paper.n[dataset].model_dump(exclude_none=True)
    return [name for name in ("total", *THREE) if name in given]


def _no_part(field: str, part: str, dataset: str, known: list[str]) -> str:
    return f"`{field}` has no part {part!r} of {dataset!r}; known: {', '.join(known) or 'none'}"


def _unused(paper: Paper) -> Iterator[str]:
    """Datasets of which the file knows something and prints nothing."""
    named = [protocol for protocol in paper.protocols.values() if protocol.dataset]
    meant = {named_dataset(paper, p) for p in named} | {str(p.dataset) for p in named}
    for field, datasets in (("class_counts", paper.class_counts), ("n", paper.n)):
        for dataset in datasets:
            if dataset not in meant:
                known = ", ".join(sorted(meant)) or "none"
                yield f"`{field}` has {dataset!r}, which no protocol names; they name: {known}"


def _matrices(paper: Paper) -> Iterator[str]:
    for name, why in idle_matrices(paper).items():
        yield f"confusion_matrices {name}: {why}"


def idle_matrices(paper: Paper) -> dict[str, str]:
    """{matrix: why neither its sums nor its figures are held against anything}."""
    found = {}
    for name, matrix in paper.confusion_matrices.items():
        variant, where = _of_matrix(paper, name, matrix)
        beside = [
            row.id
            for row in paper.rows
            if where and row.variant == variant and where == setting(paper, paper.protocol(row))
        ]
        if where is None:
            found[name] = "no `protocol`, and not one overall accuracy of its variant to go by"
        elif not beside:
            known = ", ".join(dict.fromkeys(row.variant for row in paper.rows if row.variant))
            of = f"variant {variant!r}" if variant else "no `variant`"
            found[name] = f"no figure of {of} on the same part; variants: {known or 'none'}"
    return found


def _of_matrix(paper: Paper, name: str, matrix: Matrix) -> tuple[str | None, Setting | None]:
    """The network of a matrix, and the images; None where nothing says."""
    variants = {row.variant for row in paper.rows}
    variant = matrix.variant or (name if name in variants else None)
    if matrix.protocol:
        return variant, setting(paper, paper.protocols[matrix.protocol])
    there = {where for (where, other), rows in overall(paper).items() if rows and other == variant}
    return variant, there.pop() if len(there) == 1 else None
