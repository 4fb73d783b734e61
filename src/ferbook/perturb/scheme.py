"""Qiu's Perturb Scheme (section 3): attention, clusters of important pixels, a predictor.

    phase 1   a network with attention modules is trained; S = its attention, per image
    phase 2   the pixels of highest S are clustered by Eq. 1; anew in every epoch (A24)
    phase 3   another network is trained on images that are changed by their clusters (A25)

Here are phases 2 and 3 as a feed needs them: clusters of every image, and what the predictor is
shown of an image and its clusters. Phase 1 is a training like any other (`study.phases`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from ferbook.errors import InputError
from ferbook.models.attention import KINDS
from ferbook.perturb.clusters import common_centres, label_maps
from ferbook.perturb.distance import Settings, is_number, is_whole

#: What the predictor is shown: an image that may have lost one cluster in training and is whole in
#: a test; only its clustered pixels; or the pixels of each cluster in a channel of their own.
MODES = ("drop", "keep", "stack")
#: Where clusters come from: attention; the same, moved to a random place in each image; or squares
#: at random (`squares`). The last two are controls that the paper lacks.
SOURCES = ("attention", "moved", "patches")

#: What of the attention map is ranked: what it has beyond that of an empty frame, or all of it.
FRAMES = ("removed", "kept")

Attend = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Plan:
    """How clusters are found and used; every default is the reading closest to the text."""

    settings: Settings = field(default_factory=Settings)
    mode: str = "drop"  #: one of MODES
    source: str = "attention"  #: one of SOURCES
    chance: float = 0.5  #: that a training image loses a cluster, where the mode is to drop
    attention: str = "cbam"  #: what phase 1's network has between its stages
    frame: str = "removed"  #: one of FRAMES: the part of attention that zero padding makes (A22)
    sample: int = 512  #: training images on whose pixels the centres of an epoch are found

    def __post_init__(self) -> None:
        named = {"mode": MODES, "source": SOURCES, "frame": FRAMES, "attention": KINDS}
        for name, known in named.items():
            given = getattr(self, name)
            if given not in known:
                raise InputError(f"perturb: {name} {given!r}, expected one of {', '.join(known)}")
        if not is_number(self.chance) or not 0 < self.chance <= 1:
            raise InputError(
                f"perturb: chance {self.chance!r}, expected a number above 0, at most 1"
            )
        if not is_whole(self.sample) or self.sample < 1:
            raise InputError(
                f"perturb: sample {self.sample!r}, expected a whole number of images, 1 or more"
            )

    @classmethod
    def of(cls, given: dict[str, Any]) -> Plan:
        """From the mapping `perturb` of a model in an experiment file."""
        if not isinstance(given, dict):
            raise InputError(f"perturb: {given!r}, expected a mapping of settings")
        own = {f.name for f in fields(cls)} - {"settings"}
        equation = {f.name for f in fields(Settings)}
        if unknown := sorted(given.keys() - own - equation):
            known = ", ".join(sorted(own | equation))
            raise InputError(f"perturb: unknown setting {unknown[0]!r}, expected {known}")
        try:
            settings = Settings(**{key: given[key] for key in given if key in equation})
        except InputError as error:
            raise InputError(f"perturb: {error}") from None
        return cls(settings, **{key: given[key] for key in given if key in own})

    def as_dict(self) -> dict[str, Any]:
        return {
            **asdict(self.settings),
            **{k: v for k, v in asdict(self).items() if k != "settings"},
        }

    @property
    def channels(self) -> int:
        """Of the predictor's input."""
        return self.settings.clusters if self.mode == "stack" else 1

    @property
    def needs_attention(self) -> bool:
        return self.source != "patches"


class Scheme:
    """Phases 2 and 3 on the images of one dataset: a `study.inputs.Perturbation`."""

    def __init__(
        self, plan: Plan, images: Tensor, rows: NDArray[np.int64], seed: int, attend: Attend | None
    ) -> None:
        """
        Parameters
        ----------
        images : (N, 48, 48) uint8, on the device
        rows : of the training part, on which the centres of an epoch are found
        attend : (B, 48, 48) uint8 -> (B, 48, 48) attention in 0 to 1; not needed for patches
        """
        if plan.needs_attention and attend is None:
            raise InputError(f"perturb: source {plan.source!r} needs a network with attention")
        self.plan, self.seed, self.images, self.attend = plan, seed, images, attend
        learnt = torch.from_numpy(rows).to(images.device)
        everything = torch.arange(len(images), device=images.device)
        #: those that are clustered: a test shows whole images where training drops clusters
        self._rows = learnt if plan.mode == "drop" else everything
        self._learnt = torch.arange(len(learnt)) if plan.mode == "drop" else torch.from_numpy(rows)
        self._attention: Tensor | None = None  # (len(self._rows), 48, 48), once it is asked
        self.epoch = 0
        self.centres: Tensor | None = None  #: (n, 3), where they are common to all images
        self.maps = torch.zeros(images.shape, dtype=torch.uint8, device=images.device)
        self.seconds = {"attention": 0.0, "clustering": 0.0}

    def begin(self, epoch: int) -> None:
        """Clusters for epoch `epoch` (from 1), the same whenever they are asked for."""
        fixed = self.plan.settings.granularity == "image" and self.plan.source == "attention"
        epoch = 1 if fixed else epoch
        if self.epoch == epoch:
            return
        attention = self._attended()
        start = time.perf_counter()
        generator = self._generator(epoch)
        if attention is not None and self.plan.settings.granularity == "epoch":
            order = torch.randperm(len(self._learnt), generator=generator)[: self.plan.sample]
            some = self._learnt[order].to(self.images.device)
            self.centres = common_centres(
                self.images[self._rows[some]], attention[some], self.plan.settings, epoch
            )
        self.maps[self._rows] = self._clusters(self.images[self._rows], attention, generator)
        self.epoch = epoch
        self.seconds["clustering"] += time.perf_counter() - start

    def on(self, images: Tensor) -> Scheme:
        """The same scheme, in the epoch that it is in, for other images, to be shown in a test."""
        other = Scheme(self.plan, images, np.arange(0), self.seed, self.attend)
        other.centres, other.epoch = self.centres, self.epoch
        if len(other._rows):
            other.maps[:] = self.look(images)[0]
        return other

    def look(self, images: Tensor) -> tuple[Tensor, Tensor | None]:
        """Clusters (B, 48, 48) and attention (B, 48, 48) of other images, whatever the mode."""
        attention = self.attend(images) if self.attend and self.plan.needs_attention else None
        return self._clusters(images, attention, self._generator(self.epoch)), attention

    def draw(self, count: int, generator: Generator) -> tuple[Tensor, ...]:
        """(count,) int64: which cluster each image loses, -1 for none; nothing in other modes."""
        if self.plan.mode != "drop":
            return ()
        lost = torch.randint(1, self.plan.settings.clusters + 1, (count,), generator=generator)
        spared = torch.rand(count, generator=generator) >= self.plan.chance
        return (torch.where(spared, -1, lost),)  # no cluster has this number

    def shown(self, images: Tensor, maps: Tensor, *drawn: Tensor) -> Tensor:
        """(B, 1, S, S) in 0 to 1 and clusters (B, S, S) -> (B, C, S, S); what is lost is black.

        Without what `draw` gives, as in a test.
        """
        clusters = self.plan.settings.clusters
        if self.plan.mode == "stack":
            return torch.cat([images * (maps == k + 1)[:, None] for k in range(clusters)], dim=1)
        if self.plan.mode == "keep":
            return images * (maps > 0)[:, None]
        if not drawn:
            return images
        return images.masked_fill((maps == drawn[0][:, None, None])[:, None], 0.0)

    def _generator(self, epoch: int) -> Generator:
        return torch.Generator().manual_seed(self.seed * 100_003 + epoch)

    def _attended(self) -> Tensor | None:
        if self._attention is None and self.plan.needs_attention:
            assert self.attend is not None
            start = time.perf_counter()
            self._attention = self.attend(self.images[self._rows])
            self.seconds["attention"] += time.perf_counter() - start
        return self._attention

    def _clusters(self, images: Tensor, attention: Tensor | None, generator: Generator) -> Tensor:
        """(n, 48, 48) uint8."""
        if attention is None:
            return squares(len(images), self.plan, images.shape[-1], generator).to(images.device)
        seed = int(torch.randint(2**31, (), generator=generator))
        maps = label_maps(images, attention, self.plan.settings, seed, self.centres)
        return moved(maps, generator) if self.plan.source == "moved" else maps


def moved(maps: Tensor, generator: Generator) -> Tensor:
    """Each map (B, H, W) shifted by a random number of pixels, around the edges: the same clusters
    in size and shape, where attention did not put them."""
    count, height, width = maps.shape
    shift = torch.rand(2, count, generator=generator)
    down, right = (shift * torch.tensor([[height], [width]])).long().to(maps.device)
    rows = (torch.arange(height, device=maps.device) - down[:, None]) % height
    columns = (torch.arange(width, device=maps.device) - right[:, None]) % width
    image = torch.arange(count, device=maps.device)[:, None, None]
    return maps[image, rows[:, :, None], columns[:, None, :]]


def squares(count: int, plan: Plan, size: int, generator: Generator) -> Tensor:
    """(count, size, size) uint8: n squares a map, at random, each as large as a cluster is on
    average over the whole frame.

    They lie anywhere within the frame and may overlap, where the later one is on top: of three of
    14 px in 48, the first keeps 152 of its 196 pixels on average, the second 172, the third all.
    As they lie whole within the frame, its middle is under one more often than its edge: 9.9 % of
    the middle crop is erased with a square, 8.3 % with a moved cluster (`erased_share`).
    """
    clusters = plan.settings.clusters
    side = min(size, max(1, round((plan.settings.share / clusters) ** 0.5 * size)))
    maps = torch.zeros(count, size, size, dtype=torch.uint8)
    steps = torch.arange(size)
    for number in range(1, clusters + 1):
        first = torch.randint(0, size - side + 1, (count, 2), generator=generator)
        inside = (steps >= first[..., None]) & (steps < first[..., None] + side)  # (count, 2, size)
        maps[inside[:, 0, :, None] & inside[:, 1, None, :]] = number
    return maps


def erased_share(maps: Tensor, clusters: int, crop: int) -> float:
    """What an image loses with one of its clusters: the share of the middle `crop` x `crop` pixels,
    mean over images and clusters. maps (B, H, W), 0 to `clusters`; NaN without an image."""
    top, left = ((side - crop) // 2 for side in maps.shape[1:])
    middle = maps[:, top : top + crop, left : left + crop]
    return float((middle > 0).double().mean()) / clusters
