"""What a file says of the sizes of its datasets: class counts within limits, and their sums.

`class_counts` are what is known of a dataset, so counts that do not add up are a fault of the file.
The sizes in `n` are what the paper prints: where those do not add up it is a finding
(`dataset_counts`), not a fault.
"""

from __future__ import annotations

from collections.abc import Iterator

from ferbook.report.audit.dataset_counts import PARTS
from ferbook.report.audit.schema import AuditPaper
from ferbook.report.reported_parts import Count, ends

Problem = tuple[tuple[str | int, ...], str]
#: Images of a class; more than any dataset has, and than a draw can be worked out for.
MOST_IMAGES = 10_000_000


def problems(paper: AuditPaper) -> Iterator[Problem]:
    """Everything that is wrong with the class counts."""
    for dataset, parts in paper.class_counts.items():
        for part, counts in parts.items():
            place = ("class_counts", dataset, part)
            where = f"class_counts {dataset}: field {part}"
            for name, count in counts.items():
                for text in _count(paper, name, count):
                    yield (*place, name), f"{where}.{name}: {text}"
            yield from _sum(paper, dataset, part, place, where)
        yield from _whole(paper, dataset)


def _count(paper: AuditPaper, name: str, count: Count) -> Iterator[str]:
    low, high = ends(count)
    if name not in paper.labels:
        yield f"{name!r} is none of {', '.join(paper.labels)}"
    if not 0 <= low <= high:
        yield f"expected counts of 0 or more, not {count}"
    if high > MOST_IMAGES:
        yield f"expected at most {MOST_IMAGES:,} images, not {high:,}"


def _size(paper: AuditPaper, dataset: str, part: str) -> int | None:
    """What `n` says of a part of a dataset."""
    size = paper.n.get(dataset)
    return getattr(size, {"all": "total"}.get(part, PARTS.get(part, part)), None) if size else None


def _sum(
    paper: AuditPaper, dataset: str, part: str, place: tuple[str, ...], where: str
) -> Iterator[Problem]:
    low, high = _together([paper.class_counts[dataset][part]])
    size = _size(paper, dataset, part)
    if size is not None and not low <= size <= high:
        yield place, f"{where}: the counts sum to {_shown(low, high)}, `n` says {size:,}"


def _whole(paper: AuditPaper, dataset: str) -> Iterator[Problem]:
    """The parts of a dataset are no more than it, and the three together are all of it.

    Parts by other names may overlap and are left alone.
    """
    parts = paper.class_counts[dataset]
    named = {PARTS[part]: counts for part, counts in parts.items() if part in PARTS}
    if not named or len(named) < sum(part in PARTS for part in parts):
        return
    low, high = _together(list(named.values()))
    least, most = _together([parts["all"]]) if "all" in parts else (0, high)
    said = "`all`"
    if (total := _size(paper, dataset, "all")) is not None:
        least, most, said = total, total, "`n`"
    if low > most or (len(named) == 3 and high < least):
        text = f"the parts sum to {_shown(low, high)}, {said} says {_shown(least, most)}"
        yield ("class_counts", dataset), f"class_counts {dataset}: {text}"


def _together(parts: list[dict[str, Count]]) -> tuple[int, int]:
    """The least and the most images of all classes of some parts."""
    counts = [ends(count) for part in parts for count in part.values()]
    return sum(low for low, _ in counts), sum(high for _, high in counts)


def _shown(low: int, high: int) -> str:
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
