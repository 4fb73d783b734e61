"""The smaller parts of a file of printed numbers: a number, a size, a claim, what audits need."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Assumptions = list[Annotated[str, Field(pattern=r"^A[1-9]\d*$")]]
#: Images of a class: known, or at least and at most so many.
Count = int | tuple[int, int]


def ends(count: Count) -> tuple[int, int]:
    """The least and the most images of a class."""
    return (count, count) if isinstance(count, int) else count


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


class Against(Strict):
    """What is other in the second half of a difference."""

    variant: str | None = None
    view: str | None = None


class Variant(Strict):
    title: str
    assumptions: Assumptions = []


class Size(Strict):
    """Images of a dataset as a paper used it, and of the test set behind a printed number."""

    total: int | None
    test: int | None  #: null: not printed, taken to be as many as we test on
    train: int | None = None
    validation: int | None = None


class Claim(Strict):
    """A sentence of a paper as an expression over cells."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    where: str
    text: str = Field(max_length=300)
    expression: str
    #: It compares what the paper prints in one place with what it prints in another.
    printed_only: bool = False
    read_as: str | None = None  #: how the expression takes a sentence that can be taken otherwise
    reading: str | None = None  #: what would make it true


class Matrix(Strict):
    """A printed confusion matrix; a bare list of rows stands for one of counts."""

    matrix: list[list[float]]
    unit: Literal["counts", "percent", "fraction"] = "counts"
    decimals: int = Field(0, ge=0, le=6)
    protocol: str | None = None  #: of the overall accuracy that belongs to it
    variant: str | None = None
    classes: list[str] = []  #: in the order of the rows; the paper's by default
    rows: Literal["true", "predicted"] = "true"

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, given: Any) -> Any:
        return {"matrix": given} if isinstance(given, list) else given


class Ensemble(Strict):
    """What an ensemble is made of."""

    members: list[str] = Field(min_length=2, max_length=100)
    #: Most votes, the mean of the members' probabilities, or not said.
    vote: Literal["majority", "mean", "unknown"] = "unknown"


class Reference(Strict):
    """An entry of the list of references."""

    id: str | int
    text: str = Field(max_length=1000)
    cited: bool = True  #: the text refers to it
