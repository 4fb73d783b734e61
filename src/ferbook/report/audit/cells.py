"""The cells that a check works on: printed single values, grouped by what they were measured on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from ferbook.report.audit.regions import named_dataset
from ferbook.report.audit.rounding import WHOLE
from ferbook.report.reported import Paper, Protocol, Row
from ferbook.report.reported_parts import Number

PROPORTIONS = ("accuracy", "recall", "precision", "f1")


class Setting(NamedTuple):
    """The images that a number rests on, and how they were shown."""

    dataset: str
    split: str
    part: str
    view: str
    mask: str


def setting(paper: Paper, protocol: Protocol, view: str | None = None) -> Setting:
    shown = view or protocol.view
    # a kind of mask says something only where there is one
    mask = "none" if shown == "plain" else protocol.mask
    dataset = named_dataset(paper, protocol)
    return Setting(dataset, protocol.split or "", protocol.part, shown, mask)


def value(row: Row) -> Number | None:
    """What the row prints, where it is one value that a share can be read from."""
    number = row.reported
    single = number is not None and number.value is not None and number.comparator == "="
    return number if single and row.unit in WHOLE else None


def printed(paper: Paper, metric: str, scale: str = "absolute") -> Iterator[tuple[Row, Number]]:
    """Rows of a metric that print a single value, in the order of the file."""
    for row in paper.rows:
        protocol = paper.protocol(row)
        number = value(row)
        if number is not None and (protocol.metric, protocol.scale) == (metric, scale):
            yield row, number


def number_of(row: Row) -> Number:
    """The single value of a row that `printed` gave."""
    number = value(row)
    assert number is not None
    return number


def shown(row: Row) -> str:
    """The printed number with its sign of percent."""
    return f"{row.reported} %" if row.unit == "percent" else str(row.reported)


def overall(paper: Paper, metric: str = "accuracy") -> dict[tuple[Setting, str | None], list[Row]]:
    """Figures of all classes together, by setting and variant: each printed value once, though the
    abstract may repeat the table."""
    found: dict[tuple[Setting, str | None], list[Row]] = defaultdict(list)
    for row, _ in printed(paper, metric):
        rows = found[setting(paper, paper.protocol(row)), row.variant]
        repeated = any(other.reported == row.reported for other in rows)
        if not row.emotion and not row.classes and not repeated:
            rows.append(row)
    return found


def bounded(paper: Paper) -> dict[tuple[Setting, str | None], list[Row]]:
    """Overall accuracies that are printed as a bound or a range: above, below, between."""
    found: dict[tuple[Setting, str | None], list[Row]] = defaultdict(list)
    for row in paper.rows:
        protocol, number = paper.protocol(row), row.reported
        overall = (protocol.metric, protocol.scale) == ("accuracy", "absolute")
        bound = number is not None and number.value is None and row.unit in WHOLE
        if overall and bound and not row.emotion and not row.classes:
            found[setting(paper, protocol), row.variant].append(row)
    return found


def by_class(
    paper: Paper, metric: str = "recall", scale: str = "absolute"
) -> dict[tuple[Setting, str | None, str | None], dict[str, Row]]:
    """Figures of single classes, {(setting, variant, variant of the second half): {class: row}}.

    Of two rows for one class the first counts. Differences between views are left out.
    """
    found: dict[tuple[Setting, str | None, str | None], dict[str, Row]] = defaultdict(dict)
    for row, _ in printed(paper, metric, scale):
        if row.emotion and not (row.against and row.against.view):
            other = row.against.variant if row.against else None
            key = setting(paper, paper.protocol(row)), row.variant, other
            found[key].setdefault(row.emotion, row)
    return found


def table(row: Row) -> str:
    """The part of an id that the cells of one table share: the first two names."""
    return "/".join(row.id.split("/")[:2])
