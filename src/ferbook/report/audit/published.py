"""Is a number above every honest published result, and by how many standard errors?

The published results are data with their sources (`reported/published/<dataset>.yaml`): single
networks and ensembles whose protocol is known. With n test images the standard error of the best,
an accuracy p, is sqrt(p (1 - p) / n); a result many errors above it is worth a question. It is no
proof: a better network may exist, so this is `suspicious` at most, and a `note` between the best
single network and the best ensemble, for what is declared no ensemble.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from ferbook import paths
from ferbook.errors import InputError
from ferbook.report.audit.cells import number_of, overall, shown
from ferbook.report.audit.findings import Finding
from ferbook.report.audit.regions import WHOLE_VIEWS
from ferbook.report.audit.rounding import WHOLE
from ferbook.report.audit.sampling import images
from ferbook.report.field_errors import describe
from ferbook.report.reported import Paper, Row
from ferbook.report.reported_parts import Strict
from ferbook.report.safe_yaml import parse

CHECK = "published"
FAR = 3.0  #: standard errors above which a number is questioned


class Result(Strict):
    """A published accuracy whose protocol is known."""

    model: str
    accuracy: float = Field(gt=0, lt=100)
    kind: Literal["single", "ensemble"]
    source: str
    protocol: str


class Published(Strict):
    dataset: str
    n: int = Field(gt=0)  #: test images
    results: list[Result] = Field(min_length=1)

    def best(self, kind: str) -> Result:
        found = [result for result in self.results if kind in ("any", result.kind)]
        return max(found or self.results, key=lambda result: result.accuracy)


def check(paper: Paper) -> Iterator[Finding]:
    """Every overall accuracy of a dataset with known results."""
    for (where, variant), rows in overall(paper).items():
        known = known_results(where.dataset)
        plain = where.view in WHOLE_VIEWS
        for row in rows if known and plain else []:
            if known:
                yield from _above(paper, row, known, variant in paper.ensembles)


def known_results(dataset: str) -> Published | None:
    """What is published of a dataset, where anybody wrote it down."""
    return published(paths.reported() / "published" / f"{dataset}.yaml")


@lru_cache(maxsize=32)
def published(file: Path) -> Published | None:
    """The results of a dataset; None where there are none."""
    if not file.is_file():
        return None
    _, content = parse(file)
    try:
        return Published.model_validate(content)
    except ValidationError as error:
        raise InputError(f"{file}: {describe(error, content, Published)}") from None


def _above(paper: Paper, row: Row, known: Published, ensemble: bool) -> Iterator[Finding]:
    accuracy = 100 * (number_of(row).value or 0.0) / WHOLE[row.unit]
    n = images(paper, row) or known.n
    best, single = known.best("any"), known.best("single")
    z = errors_above(accuracy, best.accuracy, n)
    if z >= FAR:
        message = (
            f"{shown(row)} is {z:.1f} standard errors above the best published result whose"
            f" protocol is known, {best.accuracy:g} % ({best.model}, {best.source}); other labels,"
            " a leak between the parts, or a real advance would explain it"
        )
        yield Finding("suspicious", CHECK, (row.id,), message, _arithmetic(accuracy, best, n))
    elif not ensemble and errors_above(accuracy, single.accuracy, n) >= FAR:
        message = (
            f"{shown(row)} is above every published single network whose protocol is known, the"
            f" best with {single.accuracy:g} % ({single.model}, {single.source})"
        )
        yield Finding("note", CHECK, (row.id,), message, _arithmetic(accuracy, single, n))


def errors_above(accuracy: float, best: float, n: int) -> float:
    """How many standard errors of `best` (both in percent) lie between the two at n images."""
    return (accuracy - best) / math.sqrt(best * (100 - best) / n)


def _arithmetic(accuracy: float, best: Result, n: int) -> str:
    error = math.sqrt(best.accuracy * (100 - best.accuracy) / n)
    z = errors_above(accuracy, best.accuracy, n)
    return f"({accuracy:g} - {best.accuracy:g}) / {error:.2f} = {z:.1f}, n = {n:,}"
