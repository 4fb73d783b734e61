"""What the papers print, read from `reported/<paper>.yaml` and checked.

One file per paper. At its top: `title`, `authors`, `recipe` (of the runs that answer it), `n` and
`class_counts` of its datasets, `confusion_matrices` where printed, `assumptions` that every run
rests on, `variants` (the networks, each with its own assumptions), `protocols`, `rows`, `claims`.

A protocol says how a number is had: dataset, split, part, metric, view (what the network is shown:
plain, flip, masked, ...), mask kind, and scale (absolute, or a difference in points or relative).
A row is one printed number: `reported` is null where the cell is blank, else `value`, or `low`
and/or `high`, with a comparator and the decimals printed. A row whose id ends in `@<protocol>`
holds no printed number: it is the same cell under a protocol that the paper does not print.
`against` names what differs in the second half of a difference, row minus against. A claim is an
expression over cells, see `claims`. book/reported-format.md shows all of it with examples.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from ferbook import paths
from ferbook.emotions import EMOTIONS
from ferbook.errors import InputError
from ferbook.report.field_errors import describe
from ferbook.report.reported_parts import (
    Against,
    Assumptions,
    Claim,
    Count,
    Ensemble,
    Matrix,
    Number,
    Reference,
    Size,
    Strict,
    Variant,
)
from ferbook.report.safe_yaml import parse

#: Metrics of predictions, counts of a dataset, and what is printed but is no result of a network.
METRICS = Literal[
    "accuracy",
    "recall",
    "f1",
    "count",
    "best-clusters",
    "eye-clusters",
    "mouth-clusters",
    "setting",
    "cited",
]
UNITS = Literal["percent", "points", "f1", "count", "degrees", "pixels", "epochs", "constant"]
COUNTS = Literal["images", "emotions", "subjects", "sequences", "largest class", "smallest class"]
#: A difference, row minus against, is in points, or a share of `against` ("relative") or, where the
#: row holds what was before, of the row ("relative-drop").
Scale = Literal["absolute", "points", "relative", "relative-drop"]


class Protocol(Strict):
    """How a number is had."""

    about: str
    metric: METRICS
    dataset: str | None = None
    split: str | None = None  #: as in `ferbook.data.splits`
    part: Literal["test", "validation", "train", "public", "private", "all"] = "test"
    view: str = "plain"  #: "plain": no augmentation at test time
    mask: str = "none"
    scale: Scale = "absolute"
    same_images: bool = False  #: the images behind the printed number are those we score
    runs: int = Field(1, ge=1)  #: the printed number is a mean over so many
    average: Literal["macro", "weighted", "unknown"] = "macro"  #: over classes, of an F1
    recipe: str | None = None  #: the paper's by default
    experiment: str | None = None  #: where several experiments could answer
    not_testable: str | None = None
    note: str | None = None  #: how what we measure differs from what is printed; part of the reason
    assumptions: Assumptions = Field([])

    @property
    def scored(self) -> bool:
        """Answered by the predictions of runs."""
        return self.metric in ("accuracy", "recall", "f1")

    @property
    def measured(self) -> bool:
        """Answered by runs, through one's predictions, its clusters, or by comparing several."""
        return self.scored or self.of_clusters

    @property
    def of_clusters(self) -> bool:
        """A whole number that comes of runs otherwise than by scoring their predictions."""
        return self.metric in ("best-clusters", "eye-clusters", "mouth-clusters")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.scored and not (self.dataset and self.split):
            raise ValueError(f"metric {self.metric} needs `dataset` and `split`")
        if self.metric == "count" and not self.dataset:
            raise ValueError("metric count needs `dataset`")
        return self


class Row(Strict):
    """One number, printed or not."""

    id: str = Field(pattern=r"^[a-z]+(/[a-z0-9][a-z0-9.-]*){2,3}(@[a-z0-9-]+)?$")
    where: str = Field(min_length=1)
    reported: Number | None
    unit: UNITS
    protocol: str
    variant: str | None = None
    variants: list[str] = Field([], min_length=2)
    emotion: Literal[EMOTIONS] | None = Field(None, alias="class")  # type: ignore[valid-type]
    classes: list[Literal[EMOTIONS]] = Field([], min_length=1)  # type: ignore[valid-type]
    pick: Literal["lowest", "highest"] | None = None  #: which of `classes`, and of `variants`
    against: Against | None = None
    count: COUNTS | None = None
    not_testable: str | None = None
    impossible: str | None = None  #: why the number cannot be, where no audit computes it
    note: str | None = None
    assumptions: Assumptions = Field([])

    @property
    def networks(self) -> list[str]:
        """Its one variant, or those among which `pick` chooses; none for a count or a setting."""
        return self.variants or ([self.variant] if self.variant else [])

    @property
    def naming(self) -> list[tuple[str, str]]:
        """(field, name) wherever it names a variant."""
        named = [("variant", self.variant), *(("variants", name) for name in self.variants)]
        named.append(("against.variant", self.against.variant if self.against else None))
        return [(field, name) for field, name in named if name is not None]

    @property
    def misplaced(self) -> str | None:
        """What is wrong with its `variants` beside other fields."""
        if self.variants and (self.variant or not self.classes):
            return "goes with `classes` and `pick`, in place of `variant`"
        return None


class Paper(Strict):
    """One file."""

    paper: str = Field(pattern=r"^[a-z]+$")
    title: str
    authors: list[str]
    recipe: str
    n: dict[str, Size]
    class_counts: dict[str, dict[str, dict[Literal[EMOTIONS], Count]]]  # type: ignore[valid-type]
    confusion_matrices: dict[str, Matrix]
    assumptions: Assumptions
    variants: dict[str, Variant]
    protocols: dict[str, Protocol]
    rows: list[Row]
    claims: list[Claim]
    #: The rest is for audits.
    labels: list[str] = Field(list(EMOTIONS), min_length=2, alias="classes")
    stands_for: dict[str, str] = Field(
        {}
    )  #: a dataset that we measure on: the one that the paper names
    ensembles: dict[str, Ensemble] = Field({})
    references: list[Reference] = Field([])
    topic: list[str] = Field([])  #: words of the field; a reference with none of them is foreign
    checks: list[str] | None = None  #: null: all

    @cached_property
    def by_id(self) -> dict[str, Row]:
        return {row.id: row for row in self.rows}

    def protocol(self, row: Row) -> Protocol:
        return self.protocols[row.protocol]

    def printed_cells(self) -> dict[str, float | None]:
        """Cells for `claims`: blank ones are left out, ranges have no value."""
        return {row.id: row.reported.value for row in self.rows if row.reported is not None}

    def assumptions_of(self, row: Row) -> list[str]:
        """What the comparison of a row rests on, in the order of their numbers."""
        protocol = self.protocol(row)
        names = {*protocol.assumptions, *row.assumptions}
        if protocol.scored:
            names |= set(self.assumptions)
            for variant in (*row.networks, row.against.variant if row.against else None):
                names |= set(self.variants[variant].assumptions if variant else ())
        return sorted(names, key=lambda name: int(name[1:]))


def load(file: Path) -> Paper:
    """One paper's file; whatever is wrong is one line that names file, row and field."""
    _, content = parse(file)
    try:
        paper = Paper.model_validate(content)
    except ValidationError as error:
        raise InputError(f"{file}: {describe(error, content, Paper)}") from None
    if paper.paper != file.stem:
        raise InputError(f"{file}: field paper: expected {file.stem}, not {paper.paper}")
    from ferbook.report.reported_checks import problems

    for problem in problems(paper):
        raise InputError(f"{file}: {problem}")
    return paper


def load_reported(paper: str) -> Paper:
    """The file of one paper by its name; an unknown name is an error that lists the known ones."""
    known = sorted(file.stem for file in paths.reported().glob("*.yaml"))
    if paper not in known:
        raise InputError(f"paper {paper!r}: expected one of {', '.join(known)}")
    return load(paths.reported() / f"{paper}.yaml")


def load_all() -> dict[str, Paper]:
    """Every paper: {name: content}, in alphabetical order."""
    return {file.stem: load(file) for file in sorted(paths.reported().glob("*.yaml"))}
