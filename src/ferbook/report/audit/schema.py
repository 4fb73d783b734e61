"""The format of `reported/*.yaml` for an audit: any paper, any classes, and only what is printed.

Our own two papers are read strictly (`ferbook.report.reported`): every number needs a protocol
that a run of ours can answer. An audit measures nothing, so what a run would need may be left out,
classes and variants are the paper's own, and precision and figures printed as fractions are known.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ferbook.emotions import EMOTIONS
from ferbook.report.reported import METRICS, Paper, Protocol, Row
from ferbook.report.reported_parts import Claim, Count, Matrix, Number, Size, Strict, Variant

#: Metrics of predictions; what they may be printed in.
SCORED = {
    "accuracy": ("percent", "fraction"),
    "recall": ("percent", "fraction"),
    "precision": ("percent", "fraction"),
    "f1": ("f1", "fraction", "percent"),
}


class Source(Strict):
    """Where a value was printed, or code read: a file at a commit, or the thread of an issue."""

    repository: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    path: str | None = Field(None, min_length=1)
    commit: str | None = Field(None, pattern=r"^[0-9a-f]{40}$")
    issue: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        file = (self.path is not None, self.commit is not None)
        if file not in ((True, True), (False, False)) or any(file) == (self.issue is not None):
            raise ValueError("expected `path` and `commit`, or `issue`")
        return self

    def __str__(self) -> str:
        if self.issue is not None:
            return f"{self.repository}, issue {self.issue}"
        return f"{self.repository}, {self.path} at {str(self.commit)[:7]}"


#: Of a dataset or a part of it.
Images = Annotated[int, Field(ge=1, le=1_000_000_000)]


class AuditSize(Size):
    total: Images | None = None
    test: Images | None = None
    train: Images | None = None
    validation: Images | None = None


class AuditVariant(Variant):
    title: str = ""


class AuditClaim(Claim):
    where: str = ""
    text: str = Field("", max_length=300)
    quoted: bool = True  #: whether `text` is the paper's own words, or those of who made the file


class AuditProtocol(Protocol):
    about: str = ""
    metric: Literal[METRICS, "precision"]  # type: ignore[assignment]
    split: str | None = "official"
    part: str = Field("test", pattern=r"^[a-z0-9-]+$")  # type: ignore[assignment]
    runs: int = Field(1, ge=1, le=1_000_000)
    #: What the print calls the part.
    stated: str | None = Field(None, min_length=1)
    #: The part on which epoch, network or hyper-parameters were chosen; "nothing", "unknown".
    chosen_on: str | None = Field(None, pattern=r"^[a-z0-9-]+$")
    sources: list[str] = Field([])  #: of the code that says so

    @property
    def scored(self) -> bool:
        return self.metric in SCORED


class AuditMatrix(Matrix):
    source: str | None = None


class AuditRow(Row):
    id: str = Field(pattern=r"^[a-z][a-z0-9-]*(/[a-z0-9][a-z0-9._-]*){1,5}(@[a-z0-9-]+)?$")
    where: str = ""
    reported: Number | None
    unit: str  # type: ignore[assignment]
    emotion: str | None = Field(None, alias="class")
    classes: list[str] = Field([], min_length=1)
    count: str | None = None  # type: ignore[assignment]
    source: str | None = None  #: one of the file's `sources`


class AuditPaper(Paper):
    paper: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str = ""
    authors: list[str] = Field([])
    recipe: str = ""
    n: dict[str, AuditSize] = Field({})  # type: ignore[assignment]
    class_counts: dict[str, dict[str, dict[str, Count]]] = Field({})
    confusion_matrices: dict[str, AuditMatrix] = Field({})  # type: ignore[assignment]
    sources: dict[str, Source] = Field({})
    assumptions: list[str] = Field([])
    variants: dict[str, AuditVariant] = Field({})  # type: ignore[assignment]
    protocols: dict[str, AuditProtocol] = Field({})  # type: ignore[assignment]
    rows: list[AuditRow] = Field(max_length=5000)  # type: ignore[assignment]
    claims: list[AuditClaim] = Field([], max_length=1000)  # type: ignore[assignment]
    labels: list[str] = Field(list(EMOTIONS), min_length=2, max_length=1000, alias="classes")
