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
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ferbook import paths
from ferbook.emotions import EMOTIONS
from ferbook.errors import InputError

#: A file of ours is a tenth of this; more is a mistake or an attack.
MAX_BYTES = 1_000_000
#: Metrics of predictions, counts of a dataset, and what is printed but is no result of a network.
METRICS = Literal["accuracy", "recall", "f1", "count", "best-clusters", "setting", "cited"]
UNITS = Literal["percent", "points", "f1", "count", "degrees", "pixels", "epochs", "constant"]
COUNTS = Literal["images", "emotions", "subjects", "sequences", "largest class", "smallest class"]
#: A difference, row minus against, is in points, or a share of `against` ("relative") or, where the
#: row holds what was before, of the row ("relative-drop").
Scale = Literal["absolute", "points", "relative", "relative-drop"]
Assumptions = list[Annotated[str, Field(pattern=r"^A[1-9]\d*$")]]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Number(Strict):
    """A printed number: a value, or a range with an end or two."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    comparator: Literal["=", ">", ">=", "<", "<=", "between", "about"] = "="
    decimals: int = Field(ge=-4, le=6)  #: negative where rounded to tens, hundreds, thousands

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        ends = (self.low is not None, self.high is not None)
        forms = {
            (False, False): ("=", "about"),
            (True, False): (">", ">="),
            (False, True): ("<", "<="),
            (True, True): ("between",),
        }
        if (self.value is None) == (not any(ends)):
            raise ValueError("expected either `value`, or `low` and/or `high`")
        if self.comparator not in forms[ends]:
            raise ValueError(f"comparator must be one of {', '.join(forms[ends])} here")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("`low` must be below `high`")
        return self

    def __str__(self) -> str:
        places = max(self.decimals, 0)
        ends = [f"{end:.{places}f}" for end in (self.value, self.low, self.high) if end is not None]
        sign = "" if self.comparator in ("=", "between", "about") else f"{self.comparator} "
        return sign + " to ".join(ends)


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
    recipe: str | None = None  #: the paper's by default
    experiment: str | None = None  #: where several experiments could answer
    not_testable: str | None = None
    note: str | None = None  #: how what we measure differs from what is printed; part of the reason
    assumptions: Assumptions = []

    @property
    def scored(self) -> bool:
        """Answered by the predictions of runs."""
        return self.metric in ("accuracy", "recall", "f1")

    @property
    def measured(self) -> bool:
        """Answered by runs, through one's predictions or by comparing several."""
        return self.scored or self.metric == "best-clusters"

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.scored and not (self.dataset and self.split):
            raise ValueError(f"metric {self.metric} needs `dataset` and `split`")
        if self.metric == "count" and not self.dataset:
            raise ValueError("metric count needs `dataset`")
        return self


class Against(Strict):
    """What is other in the second half of a difference."""

    variant: str | None = None
    view: str | None = None


class Row(Strict):
    """One number, printed or not."""

    id: str = Field(pattern=r"^[a-z]+(/[a-z0-9][a-z0-9.-]*){2,3}(@[a-z0-9-]+)?$")
    where: str = Field(min_length=1)
    reported: Number | None
    unit: UNITS
    protocol: str
    variant: str | None = None
    emotion: Literal[EMOTIONS] | None = Field(None, alias="class")  # type: ignore[valid-type]
    classes: list[Literal[EMOTIONS]] = Field([], min_length=1)  # type: ignore[valid-type]
    pick: Literal["lowest", "highest"] | None = None  #: which of `classes`
    against: Against | None = None
    count: COUNTS | None = None
    not_testable: str | None = None
    impossible: str | None = None  #: the arithmetic that rules the printed number out
    note: str | None = None
    assumptions: Assumptions = []


class Variant(Strict):
    title: str
    assumptions: Assumptions = []


class Size(Strict):
    """Images of a dataset as a paper used it, and of the test set behind a printed number."""

    total: int | None
    test: int | None  #: null: not printed, taken to be as many as we test on


class Claim(Strict):
    """A sentence of a paper as an expression over cells."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    where: str
    text: str = Field(max_length=300)
    expression: str
    #: It compares what the paper prints in one place with what it prints in another.
    printed_only: bool = False


class Paper(Strict):
    """One file."""

    paper: str = Field(pattern=r"^[a-z]+$")
    title: str
    authors: list[str]
    recipe: str
    n: dict[str, Size]
    class_counts: dict[str, dict[str, dict[Literal[EMOTIONS], int]]]  # type: ignore[valid-type]
    confusion_matrices: dict[str, list[list[float]]]
    assumptions: Assumptions
    variants: dict[str, Variant]
    protocols: dict[str, Protocol]
    rows: list[Row]
    claims: list[Claim]

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
            for variant in (row.variant, row.against.variant if row.against else None):
                names |= set(self.variants[variant].assumptions if variant else ())
        return sorted(names, key=lambda name: int(name[1:]))


def load(file: Path) -> Paper:
    """One paper's file; whatever is wrong is one line that names file, row and field."""
    content = _read(file)
    try:
        paper = Paper.model_validate(content)
    except ValidationError as error:
        raise InputError(f"{file}: {_first(error, content)}") from None
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


def _read(file: Path) -> Any:
    import yaml

    from ferbook.report.reported_checks import SafeLoader

    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            raise InputError(f"{file}: {size:,} bytes; expected at most {MAX_BYTES:,}")
        text = file.read_text(encoding="utf-8")
        return yaml.load(text, SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise InputError(f"{file}: not readable as YAML: {error}") from None


def _first(error: ValidationError, content: Any) -> str:
    """The first thing wrong, with the id of the row (or claim) that holds it."""
    found = error.errors()[0]
    place = list(found["loc"])
    where = ""
    if len(place) > 1 and place[0] in ("rows", "claims"):
        number = int(place[1])
        entry = content[place[0]][number]
        name = entry.get("id") if isinstance(entry, dict) else None
        where = f"{place[0][:-1]} {name or f'number {number + 1}'}: "
        place = place[2:]
    elif len(place) > 1:
        where, place = f"{place[0]} {place[1]}: ", place[2:]
    field = f"field {'.'.join(map(str, place))}: " if place else ""
    given = "" if isinstance(found["input"], dict) else f", not {str(found['input'])[:60]!r}"
    return f"{where}{field}{found['msg'].removeprefix('Value error, ')}{given}"
