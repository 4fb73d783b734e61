"""Experiments as data, expanded into runs; each run trained once, recorded, resumable."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any

from ferbook import named, paths
from ferbook.errors import InputError
from ferbook.study.experiment_files import load_experiments, papers
from ferbook.study.recipe import TIERS, Recipe
from ferbook.study.variants import at

BEFORE = "recorded before"  #: what is said of a run that is not trained again


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

    def stopped(self, epochs: int) -> str:
        """What is said of it where time was over after so many epochs."""
        return f"pending, {epochs} of {self.epochs} epochs; the same command goes on"

    def config(self) -> dict[str, Any]:
        """What a record holds of it; what few runs have is there only where it is set."""
        unset = {f.name: f.default for f in fields(self) if f.default is not MISSING}
        given = {**asdict(self), "recipe": self.recipe.as_dict()}
        return {k: v for k, v in given.items() if k not in unset or v != unset[k]}


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
        known = [f"{paper}/{one}" for one in experiments]
        there = named.instead(f"{paper}/{name}", known, "expected one of")
        raise InputError(f"experiment {wanted!r}: {there}")
    if tier not in TIERS:
        raise InputError(f"tier {tier!r}: expected one of {', '.join(TIERS)}")
    about = experiments[name]
    variants = {only: about["variants"].get(only)} if only else about["variants"]
    if None in variants.values():
        there = named.instead(only, about["variants"], "expected one of")
        raise InputError(f"variant {only!r}: {there}")
    return list(_expand(paper, name, about, variants, tier, seeds))


def pending(tier: str, seeds: int) -> tuple[list[Run], list[str]]:
    """Runs of all experiments that have no valid record yet, the first seeds first; and the
    datasets that some of the rest would need and that are not registered."""
    from ferbook.data.store import registered

    wanted = [f"{paper}/{name}" for paper in papers() for name in load_experiments(paper)]
    missing = [run for name in wanted for run in runs(name, tier, range(seeds)) if not done(run)]
    here = set(registered())
    lacking = {run: unregistered(run, here) for run in missing}
    possible = [run for run in missing if not lacking[run]]
    absent = sorted({name for names in lacking.values() for name in names})
    return sorted(possible, key=lambda run: run.seed), absent


def unregistered(run: Run, here: set[str]) -> list[str]:
    """Datasets that a run needs and that are not among those registered."""
    wanted = (run.dataset, run.cross)
    return [
        name for name in wanted if name and not name.startswith("synthetic-") and name not in here
    ]


def _apart(missing: list[Run]) -> tuple[list[Run], dict[str, InputError]]:
    """Runs whose data are registered, and what is amiss with the others; where that is all, the
    error itself."""
    from ferbook.data.store import read_meta, registered

    here = set(registered())
    amiss: dict[str, InputError] = {}
    for run in missing:
        for name in unregistered(run, here):
            try:
                read_meta(name)
            except InputError as error:
                amiss[run.id] = error
    if missing and len(amiss) == len(missing):
        raise amiss[missing[0].id]
    return [run for run in missing if run.id not in amiss], amiss


def done(run: Run) -> bool:
    from ferbook.study.records import is_complete

    return is_complete(run.folder)


class Unfinished(InputError):
    """Some runs could not be trained; `told` is a line per run, of those that could as well."""

    def __init__(self, told: str, failed: list[InputError]) -> None:
        more = f"; {len(failed) - 1} more could not be trained" if len(failed) > 1 else ""
        super().__init__(f"{failed[0]}{more}")
        self.told = told


def wished(
    wanted: str | Sequence[str], tier: str, seeds: range | int, folds: range | None = None
) -> list[Run]:
    """The runs of one or several experiments, each once, in the order in which they are named."""
    names = [wanted] if isinstance(wanted, str) else wanted
    numbers = range(seeds) if isinstance(seeds, int) else seeds
    found = {run.id: run for name in names for run in runs(name, tier, numbers)}
    return [run for run in found.values() if folds is None or run.fold in folds]


def run_experiment(
    wanted: str | Sequence[str],
    tier: str = "short",
    seeds: range | int = 1,
    max_minutes: float | None = None,
    device: str | None = None,
    folds: range | None = None,
    wait: float = 0,
    jobs: int = 1,
    order: Callable[[list[Run]], list[Run]] = list,
) -> str:
    """Train and record what is missing; returns a line per run. Resumes what was interrupted.

    seeds : how many, or which; folds : which, where there are folds; None for all. While another
    process trains a run, wait for it up to `wait` seconds. jobs : runs at once. order : of missing
    runs. One that cannot be trained does not stop the others; in the end `Unfinished` is raised.
    """
    from tqdm import tqdm

    from ferbook.study.engine import pick_device

    plan = wished(wanted, tier, seeds, folds)
    state = {run.id: BEFORE if done(run) else "pending" for run in plan}
    missing, amiss = _apart([run for run in plan if state[run.id] == "pending"])
    state |= {name: f"not trained: {error}" for name, error in amiss.items()}
    pick_device(device)
    seconds = None if max_minutes is None else 60 * max_minutes
    missing, failed = order(missing), list(amiss.values())
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
            if isinstance(used, InputError):
                failed.append(used)
                state[run.id] = f"not trained: {str(used).removeprefix(f'{run.id}: ')}"
            elif isinstance(used, str):
                state[run.id] = used
            elif used is not None:
                bar.update(run.epochs - used)  # early stopping, a phase trained before
                state[run.id] = f"recorded in {run.folder}"
    told = "\n".join(f"{name}: {text}" for name, text in state.items())
    if failed:
        raise Unfinished(told, failed)
    return told


def prepare(
    wanted: str | Sequence[str], tier: str, seeds: range | int, folds: range | None = None
) -> str:
    """Make the caches that missing runs need, for a machine without dlib; says where they are."""
    from ferbook.study.preflight import prepare as make

    missing = [run for run in wished(wanted, tier, seeds, folds) if not done(run)]
    missing, amiss = _apart(missing)
    for run in missing:
        make(run)
    told = f"caches of {len(missing)} runs: {paths.landmark_cache()}"
    if amiss:
        raise Unfinished(told, list(amiss.values()))
    return told


def _one_by_one(
    missing: list[Run], device: str | None, seconds: float | None, bar: Any, wait: float
) -> Iterator[tuple[Run, int | InputError | str]]:
    """Each run with the epochs that it took, what is amiss, or what is said once time is over."""
    from ferbook.study.engine import train_and_record
    from ferbook.study.training import Deadline

    deadline = None if seconds is None else time.monotonic() + seconds
    for run in missing:
        bar.set_description(run.id)
        before = bar.n
        try:
            yield run, train_and_record(run, device, deadline, bar, wait)
        except InputError as error:
            yield run, error
        except Deadline:
            yield run, run.stopped(bar.n - before)
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
                _check_scheme(f"{paper}.yaml: experiment {name}: variant {variant}", model)
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


def _check_scheme(where: str, model: dict[str, Any]) -> None:
    """InputError where the Perturb Scheme could not be made, before anything is trained for it."""
    if "perturb" not in model:
        return
    from ferbook.perturb.scheme import Plan

    try:
        Plan.of(model["perturb"])
    except InputError as error:
        raise InputError(f"{paths.experiments() / where}: {error}") from None
