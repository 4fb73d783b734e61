"""Printed counts of a dataset against each other and against the dataset's own.

The parts of a dataset add up to the whole: printed sizes of training, validation and test against
the printed total, whether they stand in rows or in `n`; in `n` fewer than all three are no more
than the whole. A printed size against the class counts that the file gives as the dataset's own:
a paper may have used only some images, so a mismatch is suspicious only. Counts printed as round
numbers (negative decimals) stand for all that round or cut off to them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ferbook.report.audit.findings import Finding
from ferbook.report.audit.regions import OFFICIAL, named_dataset
from ferbook.report.reported import Paper, Row
from ferbook.report.reported_parts import Count, Number, ends

CHECK = "counts"
#: Names of the three parts.
PARTS = {"train": "train", "validation": "validation", "public": "validation"} | {
    "test": "test",
    "private": "test",
}
THREE = ("train", "validation", "test")


def check(paper: Paper) -> Iterator[Finding]:
    """Sums of printed sizes, then each printed size."""
    sizes: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in paper.rows:
        protocol = paper.protocol(row)
        number = row.reported
        single = number is not None and number.value is not None and number.comparator == "="
        if protocol.metric == "count" and number is not None and single:
            if row.count == "images":
                part = PARTS.get(protocol.part, protocol.part)
                sizes[named_dataset(paper, protocol)].setdefault(part, row)
            yield from _own(paper, row, number)
    told: set[str] = set()
    for dataset, rows in sizes.items():
        if {*THREE, "all"} <= set(rows):
            for finding in _sum([rows[part] for part in THREE], rows["all"]):
                told.add(dataset)
                yield finding
    for dataset in paper.n:
        if dataset not in told:
            yield from _declared(paper, dataset)


def limits(number: Number) -> tuple[int, int]:
    """The whole numbers that print as this one, rounded or cut off."""
    value = int(number.value or 0)
    step = 10 ** max(-number.decimals, 0)
    return (value, value) if step == 1 else (value - step // 2, value + step - 1)


def _declared(paper: Paper, dataset: str) -> Iterator[Finding]:
    """The sizes in `n`, which the paper prints without a row of their own."""
    size = paper.n[dataset]
    parts = {part: n for part in THREE if (n := getattr(size, part)) is not None}
    at, total = sum(parts.values()), size.total
    if total is None or at == total or (at < total and len(parts) < len(THREE)):
        return
    is_ = "more than" if at > total else "less than"
    message = f"in `n` of {dataset}, {' + '.join(parts)} is {is_} the total"
    added = f"{' + '.join(f'{n:,}' for n in parts.values())} = " if len(parts) > 1 else ""
    arithmetic = f"{added}{at:,}, not {total:,}"
    yield Finding("contradiction", CHECK, (f"n/{dataset}",), message, arithmetic)


def _sum(parts: list[Row], total: Row) -> Iterator[Finding]:
    numbers = [row.reported for row in (*parts, total) if row.reported]
    *each, whole = (limits(number) for number in numbers)
    low, high = sum(end[0] for end in each), sum(end[1] for end in each)
    if low > whole[1] or high < whole[0]:
        shown = " + ".join(f"{int(number.value or 0):,}" for number in numbers[:-1])
        at = sum(int(number.value or 0) for number in numbers[:-1])
        arithmetic = f"{shown} = {at:,}, not {int(numbers[-1].value or 0):,}"
        message = "the printed sizes of the parts do not add up to that of the dataset"
        ids = (total.id, *(row.id for row in parts))
        yield Finding("contradiction", CHECK, ids, message, arithmetic)


def _own(paper: Paper, row: Row, number: Number) -> Iterator[Finding]:
    protocol = paper.protocol(row)
    dataset = named_dataset(paper, protocol)
    parts = paper.class_counts.get(dataset, {})
    own = _counted(parts, protocol.part, row.count or "", whole=_total(paper, dataset))
    low, high = limits(number)
    if own is None or (low <= own[1] and own[0] <= high):
        return
    is_ = f"{own[0]:,}" if own[0] == own[1] else f"{own[0]:,} to {own[1]:,}"
    message = f"{number} is not the dataset's own {row.count}"
    others = [
        part
        for part in parts
        if (found := _counted(parts, part, row.count or "", None))
        and low <= found[1]
        and found[0] <= high
    ]
    if others:
        message += f"; it is that of {' or '.join(others)}"
    arithmetic = f"printed {int(number.value or 0):,}, {dataset} {protocol.part}: {is_}"
    yield Finding("suspicious", CHECK, (row.id,), message, arithmetic)


def _total(paper: Paper, dataset: str) -> int | None:
    found = paper.n.get(dataset)
    return found.total if found else None


def _counted(
    parts: dict[str, dict[str, Count]], part: str, what: str, whole: int | None
) -> tuple[int, int] | None:
    """What the class counts say of a part: images, classes, the largest or the smallest class."""
    counts = _of_part(parts, part, whole)
    if not counts:
        return None
    low, high = zip(*counts.values(), strict=True)
    answers = {
        "images": (sum(low), sum(high)),
        "emotions": (len(counts), len(counts)),
        "classes": (len(counts), len(counts)),
        "largest class": (max(low), max(high)),
        "smallest class": (min(low), min(high)),
    }
    return answers.get(what)


def _of_part(
    parts: dict[str, dict[str, Count]], part: str, whole: int | None
) -> dict[str, tuple[int, int]]:
    """{class: least and most} of a part; `all` is had from the parts where they hold it all."""
    for name in (part, OFFICIAL.get(part, part)):
        if name in parts:
            return {label: ends(count) for label, count in parts[name].items()}
    if part != "all":
        return {}
    total: dict[str, tuple[int, int]] = {}
    for counts in parts.values():
        for label, count in counts.items():
            low, high = total.get(label, (0, 0))
            total[label] = (low + ends(count)[0], high + ends(count)[1])
    complete = {PARTS.get(name) for name in parts} == {"train", "validation", "test"}
    held = whole is not None and sum(low for low, _ in total.values()) == whole
    return total if complete or held else {}
