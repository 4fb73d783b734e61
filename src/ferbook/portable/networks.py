"""The networks that leave the laboratory, opened from their records and held against them."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ferbook import paths
from ferbook.errors import InputError
from ferbook.portable.weights import read, restored

if TYPE_CHECKING:
    from torch import nn

EXPERIMENT = "live-fer2013"
VARIANTS = ("pixels", "landmarks", "hybrid")
TIERS = ("paper", "short")  #: the better first


@dataclass(frozen=True, eq=False)
class Portable:
    """A network with its rounded weights, and the record that they stand in."""

    name: str
    network: nn.Module
    record: dict[str, Any]  #: record.json, or landmark_net.json
    file: Path  #: of the weights

    @property
    def digest(self) -> str:
        """The seal of its record, which names the digest of the weights."""
        return str(self.record["seal"])


def landmark_net() -> Portable:
    """The pupil of dlib. Raises `InputError` where it was not taught yet."""
    from ferbook.models.landmark_net import LandmarkNet
    from ferbook.study import distilled

    record = distilled.load()
    file = distilled.folder() / f"{distilled.NAME}.safetensors"
    return Portable(distilled.NAME, restored(LandmarkNet(), read(file)), record, file)


def classifiers() -> list[Portable]:
    """Pixels, landmarks and hybrid, of one tier, seed 0; an `InputError` where one is missing."""
    return [_classifier(name, _tier()) for name in VARIANTS]


def _classifier(variant: str, tier: str) -> Portable:
    from ferbook.models.build import build
    from ferbook.study import records

    record = records.load(_folder(variant, tier))
    network, _ = build(record.config["model"], record.config["recipe"]["sigma"])
    file = record.folder / records.WEIGHTS
    return Portable(variant, restored(network, read(file)), record.data, file)


def _tier() -> str:
    for tier in TIERS:
        if all((_folder(name, tier) / "record.json").exists() for name in VARIANTS):
            return tier
    raise InputError(
        f"{_folder(VARIANTS[0], TIERS[-1])}: no record of all of {', '.join(VARIANTS)};"
        f" make them with: ferbook run chew/{EXPERIMENT}"
    )


def _folder(variant: str, tier: str) -> Path:
    return paths.results() / "chew" / f"{EXPERIMENT}_{variant}_{tier}_s0"


def key(networks: list[Portable]) -> str:
    """Sixteen digits over the records and over this code: what a graph made of them is named by."""
    total = sha256("".join(one.digest for one in networks).encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        total.update(file.read_bytes())
    return total.hexdigest()[:16]
