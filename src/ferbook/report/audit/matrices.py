"""What a printed confusion matrix says by itself: accuracy, recall, precision, F1 and sums.

Of counts m_ij (true class i, answer j): accuracy sum m_kk / sum m_ij, recall m_kk / sum_j m_kj,
precision m_kk / sum_i m_ik, F1 2 m_kk / (row sum + column sum), all as exact fractions. Rows in
percent sum to 100 within what rounding (half a unit of the last digit a cell, up or down) or
cutting off (less than a unit a cell, down) leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ferbook.report.audit.rounding import WHOLE, exact
from ferbook.report.reported_parts import Matrix


@dataclass(frozen=True)
class Scores:
    """What a matrix of counts says; None where nothing was shown or answered."""

    accuracy: Fraction | None
    recall: tuple[Fraction | None, ...]
    precision: tuple[Fraction | None, ...]
    f1: tuple[Fraction | None, ...]
    counts: tuple[int, ...]

    def averages(self, metric: str) -> dict[str, Fraction | None]:
        """Ways in which a figure over all classes is had; an undefined class counts 0."""
        values = [value or Fraction(0) for value in getattr(self, metric)]
        n = sum(self.counts)
        weighted = sum((k * v for k, v in zip(self.counts, values, strict=True)), Fraction(0))
        found: dict[str, Fraction | None] = {
            "macro": sum(values, Fraction(0)) / len(values),
            "weighted": weighted / n if n else None,
            "micro": self.accuracy,
        }
        if metric == "f1":
            found["of macro precision and recall"] = harmonic(
                self.averages("precision")["macro"], self.averages("recall")["macro"]
            )
        return found


def harmonic(p: Fraction | None, r: Fraction | None) -> Fraction | None:
    """2 p r / (p + r); None where it is not defined."""
    if p is None or r is None or p + r == 0:
        return None
    return 2 * p * r / (p + r)


def counts_of(matrix: Matrix) -> list[list[int]]:
    """Rows of true classes, columns of answers."""
    rows = [[int(cell) for cell in row] for row in matrix.matrix]
    return rows if matrix.rows == "true" else transposed(rows)


def transposed(rows: list[list[int]]) -> list[list[int]]:
    return [list(column) for column in zip(*rows, strict=True)]


def scores(rows: list[list[int]]) -> Scores:
    """Of a square matrix of counts, true classes in rows."""
    sums = [sum(row) for row in rows]
    answers = [sum(column) for column in zip(*rows, strict=True)]
    right = [row[k] for k, row in enumerate(rows)]
    n = sum(sums)
    return Scores(
        Fraction(sum(right), n) if n else None,
        tuple(_share(c, s) for c, s in zip(right, sums, strict=True)),
        tuple(_share(c, a) for c, a in zip(right, answers, strict=True)),
        tuple(_share(2 * c, s + a) for c, s, a in zip(right, sums, answers, strict=True)),
        tuple(sums),
    )


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def sums_to_whole(row: list[float], matrix: Matrix) -> bool:
    """Whether printed shares can add up to 1, each rounded or cut off."""
    whole, s = WHOLE[matrix.unit], Fraction(10) ** -matrix.decimals
    total = sum((exact(cell) for cell in row), Fraction(0))
    return whole - len(row) * s < total <= whole + len(row) * s / 2
