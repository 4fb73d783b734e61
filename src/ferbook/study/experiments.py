"""Experiments as data, expanded into runs; each run trained once, recorded, resumable."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import MISSING, asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from ferbook import paths
from ferbook.errors import InputError
from ferbook.study.recipe import TIERS, Recipe
from ferbook.study.variants import at

REQUIRED = {"title", "dataset", "split", "recipe", "model", "variants"}
KEYS = REQUIRED | {
    "undetected", "folds", "short", "emotions", "scores", "cross", "faces", "probabilities",
}  # fmt: skip
#: What a key holds, and what an error calls it.
FORMS = {
    **dict.fromkeys(("dataset", "split", "recipe", "cross", "faces"), (str, "a name")),
    **dict.fromkeys(("model", "short"), (dict, "a mapping")),
    **dict.fromkeys(("emotions", "scores"), (list, "a list")),
    "folds": (int, "a number"),
    "probabilities": (bool, "true or false"),
}
UNDETECTED, FACES = ("frame", "zero", "drop"), ("plain", "masked")
SCORES = ("train", "peeked", "spoilt", "tencrop", "masked", "saliency", "weights")


@dataclass(frozen=True, eq=False)
class Run:
    """One network to train: what `record.json` calls the configuration."""

    paper: str
    experiment: str
    variant: str
    dataset: str
    split: str
    tier: str
    seed: int
    fold: int | None
    recipe: Recipe
    reduced: dict[str, Any]
    model: dict[str, Any]
    undetected: str
    emotions: tuple[str, ...] | None = None  #: those told apart, where not all of the dataset's
    scores: tuple[str, ...] = ()  #: what is scored or kept beside validation and test
    cross: str | None = None  #: another dataset that is scored too
    faces: str = "plain"  #: what is learnt from, of FACES: faces as they are, or in masks
    probabilities: bool = True  #: whether those of the test part are kept

    @property
    def wears_masks(self) -> bool:
        return self.faces == "masked" or "masked" in self.scores

    @property
    def epochs(self) -> int:
        """Of all its phases, at most."""
        return self.recipe.epochs * (2 if "perturb" in self.model else 1)

    @property
    def name(self) -> str:
        fold = "" if self.fold is None else f"_f{self.fold}"
        return f"{self.experiment}_{self.variant}_{self.tier}_s{self.seed}{fold}"

    @property
    def id(self) -> str:
        return f"{self.paper}/{self.name}"

    @property
    def folder(self) -> Path:
        return paths.results() / self.paper / self.name

    @property
    def checkpoint(self) -> Path:
        return paths.unfinished_runs() / self.paper / self.name / "checkpoint.pt"

    def config(self) -> dict[str, Any]:
        """What a record holds of it; what few runs have is there only where it is set."""
        unset = {f.name: f.default for f in fields(self) if f.default is not MISSING}
        given = {**asdict(self), "recipe": self.recipe.as_dict()}
        return {k: v for k, v in given.items() if k not in unset or v != unset[k]}


def load_experiments(paper: str) -> dict[str, dict[str, Any]]:
    """The experiments of one paper: {name: description}. Errors name file, experiment and key."""
    file = paths.experiments() / f"{paper}.yaml"
    if not file.is_file():
        known = sorted(other.stem for other in paths.experiments().glob("*.yaml"))
        raise InputError(f"paper {paper!r}: expected one of {', '.join(known)}")
    return _read(file, file.stat().st_mtime_ns, file.stat().st_size)


@lru_cache(maxsize=8)
def _read(file: Path, time: int, size: int) -> dict[str, dict[str, Any]]:
    """Read once, as long as the file stays what it was."""
    import yaml

    try:
        content = yaml.safe_load(file.read_text())
        experiments = dict(content["experiments"])
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{file}: expected a mapping with `experiments` ({error})") from error
    for name, about in experiments.items():
        _check(f"{file}: experiment {name}", about)
    return experiments


def papers() -> list[str]:
    return sorted(file.stem for file in paths.experiments().glob("*.yaml"))


def runs(wanted: str, tier: str, seeds: range) -> list[Run]:
    """The runs of `<paper>`, `<paper>/<experiment>` or `<paper>/<experiment>/<variant>`, seed by
    seed; within a seed in the order of the file."""
    paper, _, rest = wanted.partition("/")
    name, _, only = rest.partition("/")
    experiments = load_experiments(paper)
    if not rest:
        every = [run for known in experiments for run in runs(f"{paper}/{known}", tier, seeds)]
        return sorted(every, key=lambda run: run.seed)
    if name not in experiments:
        raise InputError(
            f"experiment {wanted!r}: expected one of "
            + ", ".join(f"{paper}/{known}" for known in experiments)
        )
    if tier not in TIERS:
        raise InputError(f"tier {tier!r}: expected one of {', '.join(TIERS)}")
    about = experiments[name]
    variants = {only: about["variants"].get(only)} if only else about["variants"]
    if None in variants.values():
        raise InputError(f"variant {only!r}: expected one of {', '.join(about['variants'])}")
    return list(_expand(paper, name, about, variants, tier, seeds))


def pending(tier: str, seeds: int) -> tuple[list[Run], list[str]]:
    """Runs of all experiments that have no valid record yet, the first seeds first; and the
    datasets that some of the rest would need and that are not registered."""
    from ferbook.data.store import registered

    wanted = [f"{paper}/{name}" for paper in papers() for name in load_experiments(paper)]
    missing = [run for name in wanted for run in runs(name, tier, range(seeds)) if not done(run)]
    here = set(registered())
    lacking = {
        run: [d for d in (run.dataset, run.cross) if d and not _drawn(d) and d not in here]
        for run in missing
    }
    possible = [run for run in missing if not lacking[run]]
    absent = sorted({name for names in lacking.values() for name in names})
    return sorted(possible, key=lambda run: run.seed), absent


def _check_here(wanted: list[Run]) -> None:
    """Whatever data the runs need is registered: said before the first of them begins."""
    from ferbook.data.store import read_meta

    for name in sorted({d for run in wanted for d in (run.dataset, run.cross) if d}):
        if not _drawn(name):
            read_meta(name)


def _drawn(dataset: str) -> bool:
    return dataset.startswith("synthetic-")


def done(run: Run) -> bool:
    from ferbook.study.records import is_complete

    return is_complete(run.folder)


def run_experiment(
    wanted: str,
    tier: str = "short",
    seeds: range | int = 1,
    max_minutes: float | None = None,
    device: str | None = None,
    folds: range | None = None,
    wait: float = 0,
    jobs: int = 1,
) -> str:
    """Train and record what is missing; returns a line per run. Resumes what was interrupted.

    seeds : how many, or which; folds : which, where there are folds; None for all. While another
    process trains a run, wait for it up to `wait` seconds. jobs : runs at once.
    """
    from tqdm import tqdm

    from ferbook.study.engine import pick_device

    plan = runs(wanted, tier, range(seeds) if isinstance(seeds, int) else seeds)
    plan = [run for run in plan if folds is None or run.fold in folds]
    seconds = None if max_minutes is None else 60 * max_minutes
    state = {run.id: "recorded before" if done(run) else "pending" for run in plan}
    missing = [run for run in plan if state[run.id] == "pending"]
    _check_here(missing)
    pick_device(device)
    epochs = sum(run.epochs for run in missing)
    with tqdm(total=epochs, unit="epoch", disable=not missing, smoothing=0.1) as bar:
        if jobs > 1:
            from ferbook.study.side_by_side import train

            bar.set_description(f"{len(missing)} runs, {jobs} at once")
            deadline = None if seconds is None else time.time() + seconds
            ended = train(missing, jobs, device, deadline, bar)
        else:
            ended = _one_by_one(missing, device, seconds, bar, wait)
        for run, used in ended:
            if used is not None:
                bar.update(run.epochs - used)  # early stopping, a phase trained before
                state[run.id] = f"recorded in {run.folder}"
    return "\n".join(f"{name}: {text}" for name, text in state.items())


def _one_by_one(
    missing: list[Run], device: str | None, seconds: float | None, bar: Any, wait: float
) -> Iterator[tuple[Run, int | None]]:
    """Each run with the epochs that it took, until time is over."""
    from ferbook.study.engine import train_and_record
    from ferbook.study.training import Deadline

    deadline = None if seconds is None else time.monotonic() + seconds
    for run in missing:
        bar.set_description(run.id)
        try:
            yield run, train_and_record(run, device, deadline, bar, wait)
        except Deadline:
            return


def _expand(
    paper: str,
    name: str,
    about: dict[str, Any],
    variants: dict[str, dict[str, Any]],
    tier: str,
    seeds: range,
) -> Iterator[Run]:
    folds = range(about["folds"]) if "folds" in about else [None]
    for seed in seeds:
        for fold in folds:
            for variant, own in variants.items():
                at_tier, model, reduced = at(about, own, tier)
                yield Run(
                    paper=paper,
                    experiment=name,
                    variant=variant,
                    dataset=about["dataset"],
                    split=about["split"],
                    tier=tier,
                    seed=seed,
                    fold=fold,
                    recipe=at_tier,
                    reduced=reduced,
                    model=model,
                    undetected=about.get("undetected", "frame"),
                    emotions=tuple(about["emotions"]) if "emotions" in about else None,
                    scores=tuple(about.get("scores", ())),
                    cross=about.get("cross"),
                    faces=about.get("faces", "plain"),
                    probabilities=about.get("probabilities", True),
                )


def _check(where: str, about: Any) -> None:
    if not isinstance(about, dict):
        raise InputError(f"{where}: expected a mapping, not {type(about).__name__}")
    for key in sorted(REQUIRED - about.keys()):
        raise InputError(f"{where}: key `{key}` is missing")
    for key in sorted(about.keys() - KEYS):
        raise InputError(f"{where}: unknown key `{key}`, expected {', '.join(sorted(KEYS))}")
    for key, (form, called) in FORMS.items():
        if key in about and type(about[key]) is not form:  # YAML's `true` is an int as well
            raise InputError(f"{where}: `{key}` must be {called}")
    if not isinstance(about["variants"], dict) or not about["variants"]:
        raise InputError(f"{where}: `variants` must map names to model arguments")
    if (k := re.match(r"folds-(\d+)", about["split"])) and about.get("folds") != int(k[1]):
        raise InputError(f"{where}: split {about['split']} goes with `folds: {k[1]}`")
    if about.get("undetected", "frame") not in UNDETECTED:
        raise InputError(f"{where}: `undetected` must be one of {', '.join(UNDETECTED)}")
    for score in about.get("scores", ()):
        if score not in SCORES:
            raise InputError(f"{where}: `scores` has {score!r}, expected {', '.join(SCORES)}")
    if about.get("faces", "plain") not in FACES:
        raise InputError(f"{where}: `faces` must be one of {', '.join(FACES)}")
    if "spoilt" in about.get("scores", ()) and about.get("undetected") == "zero":
        raise InputError(
            f"{where}: spoilt faces need landmarks: `undetected` must be frame or drop"
        )
    for variant, own in about["variants"].items():
        try:
            for tier in TIERS:
                at(about, own, tier)
        except (TypeError, AttributeError) as error:
            raise InputError(f"{where}: variant {variant}: {error}") from None
