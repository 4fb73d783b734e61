"""Recipes: how a network is trained, and what a tier changes about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal

from ferbook.errors import InputError
from ferbook.vision.augment import Geometry

TIERS = ("paper", "short")


@dataclass(frozen=True)
class Recipe:
    """Everything about training except network, data and seed."""

    name: str
    optimizer: Literal["adam", "adamw", "nesterov"]  #: the last is SGD, momentum 0.9
    lr: float  #: learning rate; the peak of a one-cycle or triangle schedule
    epochs: int
    batch: int = 64
    weight_decay: float = 0.0
    #: one-cycle moves the momentum as well; a triangle is linear up, linear down, and rate alone
    schedule: Literal["constant", "one-cycle", "triangle", "plateau"] = "constant"
    label_smoothing: float = 0.0
    patience: int | None = None  #: epochs without a better validation loss before training stops
    select: Literal["loss", "accuracy"] = "loss"  #: the validation figure that chooses the epoch
    precision: Literal["bf16", "f32"] = "bf16"  #: of matrix products and convolutions
    geometry: Geometry = field(default_factory=Geometry)
    sigma: float = 1.5  #: pixels, width of a landmark's Gaussian (assumption A2)
    crop: int | None = None  #: pixels; at random in training, from the middle in a test
    erasing: float = 0.0  #: probability that a rectangle of a training image is erased
    #: epochs without a lower validation loss before a plateau divides the learning rate (A35)
    plateau: int = 5

    def at(self, tier: str) -> tuple[Recipe, dict[str, Any]]:
        """The recipe at a tier, and what the tier reduced: {setting: value of the paper tier}."""
        if tier not in TIERS:
            raise InputError(f"tier {tier!r}: expected one of {', '.join(TIERS)}")
        changes = SHORT.get(self.name, {}) if tier == "short" else {}
        return replace(self, **changes), {name: getattr(self, name) for name in changes}

    def as_dict(self) -> dict[str, Any]:
        """All settings; those that few recipes have only where they are set."""
        rare = {f.name: f.default for f in fields(self) if f.name in ("crop", "erasing", "plateau")}
        return {k: v for k, v in asdict(self).items() if k not in rare or v != rare[k]}


RECIPES = {
    # Section 4.4 as printed; patience and choice of epoch are assumptions A10 and A11.
    "chew": Recipe(
        name="chew",
        optimizer="adam",
        lr=1e-4,
        epochs=50,
        batch=64,
        patience=10,
        geometry=Geometry(rotation=20, translation=10, zoom=(0.9, 1.1), flip=0.5),
    ),
    # Section 4.2 as printed; what it leaves open is assumption A35.
    "qiu": Recipe(
        name="qiu",
        optimizer="nesterov",
        lr=0.01,
        epochs=200,
        batch=128,
        weight_decay=1e-4,
        schedule="plateau",
        select="accuracy",
        geometry=Geometry(flip=0.5),
        crop=40,
        erasing=0.5,
    ),
    # Ours: how far the same network honestly goes. Never mixed with the reproduction.
    "tuned": Recipe(
        name="tuned",
        optimizer="adamw",
        lr=3e-3,
        epochs=60,
        batch=128,
        weight_decay=0.02,
        schedule="one-cycle",
        label_smoothing=0.1,
        select="accuracy",
        geometry=Geometry(rotation=10, translation=3, zoom=(0.9, 1.1), flip=0.5),
    ),
    # Ours as well: a network that learns its training set by heart, to see what leaks are worth
    # to one that has. No augmentation, nothing that holds it back.
    "rote": Recipe(
        name="rote",
        optimizer="adamw",
        lr=3e-3,
        epochs=12,
        batch=128,
        schedule="one-cycle",
        select="accuracy",
    ),
    # Ours: how few seconds a network needs on a GPU. What it changes about Qiu's recipe is what the
    # record holders on small images change: larger batches, one rise and fall of the rate,
    # smoothed labels. Its numbers stand for no paper's.
    "fast": Recipe(
        name="fast",
        optimizer="nesterov",
        lr=0.1,
        epochs=40,
        batch=512,
        weight_decay=5e-4,
        schedule="triangle",
        label_smoothing=0.1,
        select="accuracy",
        geometry=Geometry(flip=0.5),
        crop=40,
        erasing=0.5,
    ),
    # For pages and tests: synthetic faces, a minute on a laptop.
    "demo": Recipe(
        name="demo",
        optimizer="adamw",
        lr=4e-3,
        epochs=8,
        batch=64,
        weight_decay=0.02,
        schedule="one-cycle",
        geometry=Geometry(rotation=10, translation=2, zoom=(0.9, 1.1), flip=0.5),
    ),
}

#: What the short tier reduces, by recipe.
SHORT: dict[str, dict[str, Any]] = {
    "chew": {"epochs": 10},
    "tuned": {"epochs": 12},
    "qiu": {"epochs": 10, "plateau": 1},
    "fast": {"epochs": 10},
}


def recipe(name: str) -> Recipe:
    if name not in RECIPES:
        raise InputError(f"recipe {name!r}: expected one of {', '.join(RECIPES)}")
    return RECIPES[name]
