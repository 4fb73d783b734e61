"""The format of `reported/*.yaml` for an audit: any paper, any classes, and only what is printed.

Our own two papers are read strictly (`ferbook.report.reported`): every number needs a protocol
that a run of ours can answer. An audit measures nothing, so what a run would need may be left out,
classes and variants are the paper's own, and precision and figures printed as fractions are known.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ferbook.report.reported import Paper, Protocol, Row
from ferbook.report.reported_parts import Claim, Count, Matrix, Number, Size, Variant

#: Metrics of predictions; what they may be printed in.
SCORED = {
    "accuracy": ("percent", "fraction"),
    "recall": ("percent", "fraction"),
    "precision": ("percent", "fraction"),
    "f1": ("f1", "fraction", "percent"),
}


class AuditSize(Size):
    total: int | None = None
    test: int | None = None


class AuditVariant(Variant):
    title: str = ""


class AuditClaim(Claim):
    where: str = ""
    text: str = Field("", max_length=300)


class AuditProtocol(Protocol):
    about: str = ""
    metric: Literal[  # type: ignore[assignment]
        "accuracy", "recall", "precision", "f1", "count", "best-clusters", "setting", "cited"
    ]
    split: str | None = "official"
    part: str = Field("test", pattern=r"^[a-z0-9-]+$")  # type: ignore[assignment]

    @property
    def scored(self) -> bool:
        return self.metric in SCORED


class AuditRow(Row):
    id: str = Field(pattern=r"^[a-z][a-z0-9-]*(/[a-z0-9][a-z0-9._-]*){1,5}(@[a-z0-9-]+)?$")
    where: str = ""
    reported: Number | None
    unit: str  # type: ignore[assignment]
    emotion: str | None = Field(None, alias="class")
    classes: list[str] = Field([], min_length=1)
    count: str | None = None  # type: ignore[assignment]


class AuditPaper(Paper):
    paper: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str = ""
    authors: list[str] = Field([])
    recipe: str = ""
    n: dict[str, AuditSize] = Field({})  # type: ignore[assignment]
    class_counts: dict[str, dict[str, dict[str, Count]]] = Field({})
    confusion_matrices: dict[str, Matrix] = Field({})
    assumptions: list[str] = Field([])
    variants: dict[str, AuditVariant] = Field({})  # type: ignore[assignment]
    protocols: dict[str, AuditProtocol] = Field({})  # type: ignore[assignment]
    rows: list[AuditRow]  # type: ignore[assignment]
    claims: list[AuditClaim] = Field([])  # type: ignore[assignment]
