"""What a face mask costs Qiu's networks, emotion by emotion, on the same faces without and with it.

An estimate is a value with the influence of every image on it, so that differences and shares of
estimates have the right variance (`report.scores`); `over_seeds` makes an `Effect` of one a seed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferbook.report.effects import NOTHING, Effect, interval, sampling
from ferbook.report.qiu.networks import runs
from ferbook.report.scores import unit_variance

Floats = NDArray[np.floating[Any]]
#: That the paper says to lose most.
MOUTHED = ("happy", "surprise")


@dataclass(frozen=True, eq=False)
class Masked:
    """What the network of one seed says of the test faces without and with a mask."""

    rows: NDArray[np.int64]  #: (n,), of the dataset
    truth: NDArray[np.uint8]  #: (n,)
    plain: NDArray[np.uint8]  #: (n,), said of the face as it is
    masked: NDArray[np.uint8]  #: (n,), said of the same face in a mask
    detected: NDArray[np.bool_]  #: (n,), by the detector itself
    subject: NDArray[np.int32]  #: (n,), -1 where unknown
    emotions: tuple[str, ...]

    def shows(self, *emotions: str) -> NDArray[np.bool_]:
        """(n,): the face shows one of them; any emotion where none is named."""
        codes = [self.emotions.index(name) for name in emotions or self.emotions]
        return np.isin(self.truth, codes)


@dataclass(frozen=True, eq=False)
class Estimate:
    """A figure of one network and what every image adds to it; its variance is mean(z^2) / n."""

    value: float
    influence: Floats  #: (n,)

    def __sub__(self, other: Estimate) -> Estimate:
        return Estimate(self.value - other.value, self.influence - other.influence)

    def __truediv__(self, other: Estimate) -> Estimate:
        """d(a / b) = (da - (a / b) db) / b; NaN where b is 0."""
        if not other.value:
            return Estimate(np.nan, np.full_like(self.influence, np.nan))
        share = self.value / other.value
        return Estimate(share, (self.influence - share * other.influence) / other.value)


Measure = Callable[[Masked], Estimate]
#: Of the images that are True.
Figure = Callable[[Masked, NDArray[np.bool_]], Estimate]
BySeed = Mapping[int, Masked]


def by_seed(variant: str, tier: str) -> dict[int, Masked]:
    """{seed: answers} of the runs that were scored on both kinds of faces."""
    out = {}
    for record in runs(variant, tier):
        if not {"plain", "masked"} <= set(record.views("test")):
            continue
        plain, worn = (record.predictions("test", view) for view in ("plain", "masked"))
        if not np.array_equal(plain.rows, worn.rows):
            raise ValueError(f"{record.id}: faces in masks are not the same faces")
        card = record.card
        out[record.config["seed"]] = Masked(
            plain.rows, plain.truth, plain.predicted, worn.predicted,
            card.detected[plain.rows], card.subject[plain.rows], card.emotions,
        )  # fmt: skip
    return out


def mean(values: Floats, inside: NDArray[np.bool_]) -> Estimate:
    """The mean of `values` (n,) over the images `inside`; NaN where there are none."""
    if not inside.any():
        return Estimate(np.nan, np.full(len(inside), np.nan))
    centre = float(values[inside].mean())
    return Estimate(centre, np.where(inside, values - centre, 0.0) / inside.mean())


def recall(said: NDArray[np.uint8], found: Masked, inside: NDArray[np.bool_]) -> Estimate:
    """Share of the images `inside` that are said right."""
    return mean((said == found.truth).astype(float), inside)


def f1(said: NDArray[np.uint8], found: Masked, emotion: str) -> Estimate:
    """2 TP / (images that show it + images said to), so z = n (2 tp - F1 (shows + said)) / that."""
    code = found.emotions.index(emotion)
    shows, taken = (found.truth == code).astype(float), (said == code).astype(float)
    size = shows.sum() + taken.sum()
    value = float(2 * (shows * taken).sum() / size) if size else np.nan
    with np.errstate(invalid="ignore", divide="ignore"):
        return Estimate(value, (2 * shows * taken - value * (shows + taken)) * len(shows) / size)


def over_seeds(seeds: BySeed, measure: Measure, images: int) -> Effect:
    """Mean over seeds with a 95 % interval that holds seeds and images; in hundredths."""
    found = {seed: measure(one) for seed, one in seeds.items()}
    if not found or not np.isfinite([one.value for one in found.values()]).all():
        return NOTHING
    units = [unit_variance(one.influence, seeds[seed].subject) for seed, one in found.items()]
    rows = [seeds[seed].rows for seed in found]
    return interval([one.value for one in found.values()], sampling(units, rows), images)


def count(seeds: BySeed, *emotions: str) -> int:
    """Test images that show one of `emotions`."""
    return int(next(iter(seeds.values())).shows(*emotions).sum()) if seeds else 0


def change(seeds: BySeed, emotion: str, metric: str = "recall") -> Effect:
    """With mask minus without: of an emotion's recall (Table 1) or F1, in points (hundredths)."""

    def measure(one: Masked) -> Estimate:
        if metric == "f1":
            return f1(one.masked, one, emotion) - f1(one.plain, one, emotion)
        return loss(one, one.shows(emotion))

    return over_seeds(seeds, measure, count(seeds, emotion))


def level(seeds: BySeed, emotion: str, view: str, metric: str = "recall") -> Effect:
    """An emotion's recall or F1 in one view, in hundredths."""

    def measure(one: Masked) -> Estimate:
        said = getattr(one, view)
        return f1(said, one, emotion) if metric == "f1" else recall(said, one, one.shows(emotion))

    return over_seeds(seeds, measure, count(seeds, emotion))


def relative(seeds: BySeed, emotion: str) -> Effect:
    """The change of an emotion's recall as a share of the recall without mask, in per cent."""
    return over_seeds(seeds, lambda one: share(one, one.shows(emotion)), count(seeds, emotion))


def beyond_others(seeds: BySeed, emotions: tuple[str, ...] = MOUTHED) -> Effect:
    """The mean change over `emotions` minus that over the others; every emotion weighs the same."""

    def measure(one: Masked) -> Estimate:
        parts = []
        others = tuple(name for name in one.emotions if name not in emotions)
        for group in (emotions, others):
            each = [loss(one, one.shows(name)) for name in group]
            value = float(np.mean([part.value for part in each]))
            parts.append(Estimate(value, np.mean([part.influence for part in each], axis=0)))
        return parts[0] - parts[1]

    return over_seeds(seeds, measure, count(seeds))


def loss(one: Masked, inside: NDArray[np.bool_]) -> Estimate:
    """Recall with a mask minus without, of the images `inside` (n,)."""
    right = [(said == one.truth).astype(float) for said in (one.masked, one.plain)]
    return mean(right[0] - right[1], inside)


def share(one: Masked, inside: NDArray[np.bool_]) -> Estimate:
    """The same as a share of the recall without a mask."""
    return loss(one, inside) / bare(one, inside)


def bare(one: Masked, inside: NDArray[np.bool_]) -> Estimate:
    """The recall without a mask."""
    return recall(one.plain, one, inside)


def missed(seeds: BySeed, *emotions: str, figure: Figure = loss) -> dict[str, Effect]:
    """The change of recall, or another figure, by whether the detector found the face: a mask lies
    where landmarks are, and those of a missed face are a guess (A27). In hundredths."""

    def group(choose: Callable[[Masked], NDArray[np.bool_]]) -> Effect:
        images = int(choose(next(iter(seeds.values()))).sum()) if seeds else 0
        return over_seeds(seeds, lambda one: figure(one, choose(one)), images)

    def apart(one: Masked) -> Estimate:
        shows = one.shows(*emotions)
        return figure(one, shows & one.detected) - figure(one, shows & ~one.detected)

    return {
        "all": group(lambda one: one.shows(*emotions)),
        "found": group(lambda one: one.shows(*emotions) & one.detected),
        "missed": group(lambda one: one.shows(*emotions) & ~one.detected),
        "found − missed": over_seeds(seeds, apart, count(seeds, *emotions)),
    }


def answered(seeds: BySeed, emotion: str, view: str) -> float:
    """Per cent of all test faces of which the networks say `emotion`, mean over seeds."""
    shares = [
        100 * float((getattr(one, view) == one.emotions.index(emotion)).mean())
        for one in seeds.values()
    ]
    return float(np.mean(shares)) if shares else np.nan


def unnamed(seeds: BySeed) -> tuple[str, ...]:
    """Emotions that no network of these seeds says of any face, with a mask or without."""
    said = [codes for one in seeds.values() for codes in (one.plain, one.masked)]
    names = next((one.emotions for one in seeds.values()), ())
    return tuple(
        name for code, name in enumerate(names) if not any((codes == code).any() for codes in said)
    )
