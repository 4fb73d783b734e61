"""One network minus another on the same test images: how landmarks enter, what augmentation gives.

Every comparison has two 95 % intervals. The first holds the choice of images only (seeds averaged):
it speaks of these trained networks. The second holds the spread between seeds as well (`effects`):
it speaks of networks trained anew, is the one that a verdict reads, and needs two seeds. Of one
seed the two are the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ferbook.report import sources
from ferbook.report.chew.hypotheses import Statement
from ferbook.report.effects import NOTHING, Effect, Term, effect, right_by_seed
from ferbook.report.tables import interval_text, select
from ferbook.study import evaluation as ev

OFFICIAL, INPUTS = "chew/official-fer2013", "chew/inputs-fer2013"
AUGMENTATION = "chew/augmentation-fer2013"

#: Every form in which landmarks enter, beside the three networks of the ablation.
NETWORKS = {
    term.variant: term
    for term in (
        Term(OFFICIAL, "pixels"),
        Term(OFFICIAL, "landmarks"),
        Term(INPUTS, "landmarks-68"),
        Term(INPUTS, "coordinates"),
        Term(OFFICIAL, "hybrid"),
        Term(INPUTS, "hybrid-68"),
        Term(INPUTS, "hybrid-coordinates"),
        Term(INPUTS, "patches"),
    )
}
ALL = "all four"
#: What each set of augmentations was trained as; a name says what is left out.
AUGMENTED = {
    ALL: Term(OFFICIAL, "hybrid"),
    "no rotation": Term(AUGMENTATION, "no-rotation"),
    "no translation": Term(AUGMENTATION, "no-translation"),
    "no zoom": Term(AUGMENTATION, "no-zoom"),
    "no flip": Term(AUGMENTATION, "no-flip"),
    "none": Term(AUGMENTATION, "none"),
}


@dataclass(frozen=True)
class Contrast:
    """Accuracy of `first` minus accuracy of `second`."""

    name: str
    first: Term
    second: Term


def _between(first: str, second: str) -> Contrast:
    return Contrast(f"{first} − {second}", NETWORKS[first], NETWORKS[second])


#: Section 6: heatmaps rather than coordinate vectors.
HEATMAPS = (_between("landmarks", "coordinates"), _between("hybrid", "hybrid-coordinates"))
#: One map for each landmark rather than their maximum.
MAPS = (_between("landmarks-68", "landmarks"), _between("hybrid-68", "hybrid"))
#: Grey patches of eyes, brows and mouth, as the abstract has them.
PATCHES = (_between("patches", "hybrid"),)
#: What an augmentation is worth: with all of them, minus all but that one.
WORTH = tuple(
    Contrast(name.removeprefix("no ") if name != "none" else ALL, AUGMENTED[ALL], term)
    for name, term in AUGMENTED.items()
    if name != ALL
)


@dataclass(frozen=True)
class Compared:
    """What the records say of a contrast, in points."""

    name: str
    on_images: Effect  #: new images, the same networks
    effect: Effect  #: new images and new seeds; with one seed it holds images only
    largest_p: float  #: McNemar's exact p of the least convincing pair of runs

    @property
    def answer(self) -> str:
        """Is the first better: an answer as of `hypotheses.Statement`."""
        return Statement(self.name, "", self.effect).answer


@dataclass(frozen=True)
class Level:
    """Accuracy of a network over its seeds."""

    values: tuple[float, ...]  #: one a seed, fractions of 1
    summary: ev.Summary
    images: int
    weights: int


def compare(contrast: Contrast, tier: str, emotion: str = "all") -> Compared:
    """Both intervals of a contrast, over all test images or those of one emotion."""
    first, second = (_among(term, emotion) for term in (contrast.first, contrast.second))
    both = effect([(1, first), (-1, second)], tier)
    if not both.seeds:
        return Compared(contrast.name, NOTHING, NOTHING, float("nan"))
    sides = [right_by_seed(term, tier) for term in (first, second)]
    seeds = sorted(set(sides[0]) & set(sides[1]))
    one, two = (np.stack([side[seed][1] for seed in seeds]).astype(bool) for side in sides)
    mean, low, high = (100 * value for value in ev.paired_interval(one, two))
    least = max(ev.mcnemar(a, b) for a, b in zip(one, two, strict=True))
    on_images = Effect(mean, low, high, both.seeds, both.images)
    runs = [(term.experiment, term.variant) for term in (first, second)]
    for text in (str(on_images), both.ends, f"{contrast.name}\n{least:.2g}"):
        sources.note(text, runs, tier, seeds, both.images)
    return Compared(contrast.name, on_images, both, least)


def compare_all(contrasts: Sequence[Contrast], tier: str, emotion: str = "all") -> list[Compared]:
    """`compare` for each, in their order."""
    return [compare(contrast, tier, emotion) for contrast in contrasts]


def table(
    found: Sequence[Compared], said: Mapping[str, float | None] | None = None
) -> pd.DataFrame:
    """A row a contrast that has runs: points with either interval (that over seeds where there are
    several), p-value, seeds; before them what is printed, where `said` names it."""
    several = any(c.effect.seeds > 1 for c in found)
    rows = {
        c.name: {
            **({} if said is None else {"printed": _signed(said.get(c.name))}),
            "points, new images": str(c.on_images),
            **({"new seeds too": c.effect.ends or "–"} if several else {}),
            "largest p": f"{c.largest_p:.2g}",
            "seeds": str(c.effect.seeds),
        }
        for c in found
        if c.effect.seeds
    }
    return pd.DataFrame(rows).T


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.1f}"


def levels(terms: Mapping[str, Term], tier: str, emotion: str = "all") -> dict[str, Level]:
    """Accuracy of each network that has runs."""
    out = {}
    for name, term in terms.items():
        scored = right_by_seed(_among(term, emotion), tier)
        if not scored:
            continue
        values = tuple(float(right.mean()) for _, right, _ in scored.values())
        images = len(next(iter(scored.values()))[0])
        weights = select(term.experiment, tier, [term.variant])[0].data["parameters"]
        summary = ev.seed_interval(np.array(values), images)
        runs = [(term.experiment, term.variant)]
        sources.note(interval_text(summary), runs, tier, scored, images)
        out[name] = Level(values, summary, images, int(weights))
    return out


def level_table(found: Mapping[str, Level]) -> pd.DataFrame:
    """Accuracy in per cent with its interval, images, weights, seeds; a row a network."""
    rows = {
        name: {
            "accuracy": interval_text(level.summary),
            "images": f"{level.images:,}",
            "weights": f"{level.weights:,}",
            "seeds": str(len(level.values)),
        }
        for name, level in found.items()
    }
    return pd.DataFrame(rows).T


#: Answers, found in one comparison or several, as the verb of a sentence about a claim.
VERBS = {
    frozenset(): "is not measured yet",
    frozenset({"one seed"}): "has one seed so far, which answers nothing",
    frozenset({"holds"}): "is borne out",
    frozenset({"fails"}): "is contradicted",
    frozenset({"open"}): "can be told neither way",
    frozenset({"holds", "open"}): "is borne out in part",
    frozenset({"fails", "open"}): "is contradicted in part",
}

#: An answer to the statement that the first of a pair is better.
ANSWERED = {
    "holds": "says yes",
    "fails": "says no",
    "open": "leaves it open",
}


def claim(what: str, found: Sequence[Compared]) -> str:
    """Whether the first of each pair is the better one, as the intervals have it."""
    measured = [c for c in found if c.effect.seeds]
    answers = frozenset(c.answer for c in measured)
    answers = answers - {"one seed"} or answers
    verb = VERBS.get(answers, "depends on where it is tried")
    said = f"**{what} {verb}.**"
    if measured:
        alike = len({(c.effect.images, c.effect.seeds) for c in measured}) == 1 < len(measured)
        said += f" {'; '.join(f'{c.name}: {_evidence(c, not alike)}' for c in measured)}"
        said += f"; each {_basis(measured[0].effect)}." if alike else "."
    return said + one_seed(c.effect for c in measured)


def helps(found: Sequence[Compared]) -> str:
    """Which of the contrasts raise the accuracy, which lower it, which cannot be told."""
    sides: dict[str, list[str]] = {}
    for one in found:
        if one.effect.seeds:
            named = f"{one.name} ({one.effect})"
            sides.setdefault(one.answer, []).append(named)
    words = {
        "holds": "**raises** accuracy",
        "fails": "**lowers** it",
        "open": "cannot be told from nothing",
        "one seed": "under one seed, which answers nothing",
    }
    said = [f"{words[side]}: {', '.join(names)}" for side, names in sides.items()]
    return f"What {'; what '.join(said)}; in points." if said else "Nothing is recorded yet."


def one_seed(effects: Iterable[Effect]) -> str:
    """What to add where an interval does not hold the seeds."""
    if all(effect.seeds != 1 for effect in effects):
        return ""
    return (
        " Where there is one seed, the interval holds the images only: it is for these very "
        "networks, and networks trained anew may fall elsewhere."
    )


def count_seeds(effect: Effect) -> str:
    return f"{effect.seeds} seed{'s' if effect.seeds != 1 else ''}"


def _evidence(found: Compared, with_basis: bool) -> str:
    basis = f" {_basis(found.effect)}" if with_basis else ""
    answer = "" if found.answer == "one seed" else f", which {ANSWERED[found.answer]}"
    return f"{found.effect} points{basis}{answer}"


def _basis(effect: Effect) -> str:
    """ "on 3,589 images, 3 seeds"."""
    return f"on {effect.images:,} images, {count_seeds(effect)}"


def _among(term: Term, emotion: str) -> Term:
    return term if emotion == "all" else replace(term, emotions=(emotion,))
