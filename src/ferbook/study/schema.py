"""The schema of record.json, checked whenever a record is read."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Digest = Field(pattern="^[0-9a-f]{64}$")


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Config(Strict):
    """Everything that decides a run's predictions, apart from data and code."""

    paper: str
    experiment: str
    variant: str
    dataset: str
    split: str
    tier: Literal["paper", "short"]
    seed: int = Field(ge=0)
    fold: int | None
    recipe: dict[str, Any]
    reduced: dict[str, Any]  #: settings that the tier changed: {setting: value at the paper tier}
    model: dict[str, Any]
    undetected: str  #: what a face without a detection gets (assumption A9)
    emotions: list[str] | None = None  #: those told apart, where not all of the dataset's
    scores: list[str] = []  #: what was scored beside validation and test
    cross: str | None = None  #: another dataset that was scored too
    probabilities: bool = True  #: whether those of the test part were kept
    faces: str = "plain"  #: what was learnt from: faces as they are, or "masked"


class Dataset(Strict):
    name: str
    fingerprint: str = Digest
    verdict: str  #: how genuine the copy was judged to be
    ways: list[str]
    detector: str  #: settings under which the landmarks were found, "true" where they are given
    rows: dict[str, int]  #: images per part


class Epoch(Strict):
    epoch: int = Field(ge=1)
    lr: float
    train_loss: float
    train_accuracy: float = Field(ge=0, le=1)
    validation_loss: float
    validation_accuracy: float = Field(ge=0, le=1)
    test_accuracy: float | None = Field(None, ge=0, le=1)  #: chooses nothing but the view "peeked"
    seconds: float


class Cross(Strict):
    name: str
    fingerprint: str = Digest


class RecordSchema(Strict):
    format: Literal[1]
    config: Config
    dataset: Dataset
    cross: Cross | None = None  #: the dataset of the part "cross"
    phases: dict[str, dict[str, float]] | None = None  #: what trained before the network scored
    parameters: int = Field(ge=1)
    history: list[Epoch] = Field(min_length=1)
    selected_epoch: int = Field(ge=1)
    seconds: float = Field(ge=0)
    finished: str
    hardware: dict[str, Any]
    versions: dict[str, str]
    source: str = Digest
    files: dict[str, str]
    seal: str = Digest
