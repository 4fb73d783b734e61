"""What is still to be trained, what it takes, and in which order it is trained.

Operations are counted (`study.operations`), not measured; seconds are operations over a rate, the
measured rate of matrix products times the share of it that trainings reach. A training that others
build on, phase 1 of the scheme, is counted with the first that needs it. First come the runs that
fill most printed cells for their operations; those that fill none follow, the least work first.

Files are read here without schemas, which training machines lack.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ferbook import paths
from ferbook.errors import InputError
from ferbook.study import experiments

if TYPE_CHECKING:
    import pandas as pd

    from ferbook.study.experiments import Run

#: TFLOP/s of bfloat16 matrix products of 8,192 x 8,192 on random data, measured on an H200.
RATE = 790.0
SHARE = 0.45  #: of that rate, which trainings are to reach
#: Tables that one seed on one GPU is to fill: the beginnings of their rows' names.
TABLES = (
    *("chew/table/", "chew/overall/", "chew/ablation/", "chew/occlusion/"),
    *("qiu/table1/", "qiu/table2/", "qiu/table3/"),
)
PETA = 1e15


class Step(NamedTuple):
    """One run of the queue."""

    run: Run
    images: int  #: of an epoch
    operations: float  #: of its own training; NaN where they cannot be counted here
    first: float  #: of a phase 1 that no run before it has trained
    parameters: int
    cells: float  #: printed ones that it bears on; of a fold, its part

    @property
    def work(self) -> float:
        return self.operations + self.first


def steps(runs: Iterable[Run]) -> list[Step]:
    """The queue: seed by seed, by cells per operation, then by operations."""
    by_seed: dict[int, list[Run]] = {}
    for run in runs:
        by_seed.setdefault(run.seed, []).append(run)
    done: set[str] = set()
    return [step for _, some in sorted(by_seed.items()) for step in _queue(some, done)]


def ordered(runs: Sequence[Run]) -> list[Run]:
    """`runs` as `steps` queues them; one alone, or folds of one network, as they are given."""
    if len({json.dumps(run.config()["model"], sort_keys=True) for run in runs}) < 2:
        return list(runs)
    return [step.run for step in steps(runs)]


def table(
    wanted: Sequence[str] = (),
    tier: str = "paper",
    seeds: int = 1,
    rate: float = RATE,
    share: float = SHARE,
    tables: Sequence[str] = (),
    recorded: bool = False,
) -> pd.DataFrame:
    """A row for each pending run, in the order of the queue.

    Columns: run, epochs, images, operations and phase 1 (PFLOP), parameters, cells, seconds.

    wanted : as for `ferbook run`; none for both papers. rate : TFLOP/s; share : of it, 0 to 1.
    tables : only runs that bear on cells whose names begin so, `TABLES`. recorded : also runs that
    are recorded already.
    """
    import pandas as pd

    if not 0 < rate < math.inf or not 0 < share <= 1:
        raise InputError(f"rate {rate:g}, share {share:g}: expected above 0, the share at most 1")
    runs = experiments.wished(wanted or experiments.papers(), tier, seeds)
    if not recorded:
        runs = [run for run in runs if not experiments.done(run)]
    if tables:
        runs = [run for run in runs if cells(run, tables)]
    rows = [
        {
            "run": step.run.id,
            "epochs": step.run.recipe.epochs,
            "images": step.images,
            "operations": step.operations / PETA,
            "phase 1": step.first / PETA,
            "parameters": step.parameters,
            "cells": step.cells,
            "seconds": step.work / (rate * 1e12 * share),
        }
        for step in steps(runs)
    ]
    columns = ("run", "epochs", "images", "operations", "phase 1", "parameters", "cells", "seconds")
    return pd.DataFrame(rows, columns=columns)


def sentence(
    plan: pd.DataFrame, minutes: float = 45.0, share: float = SHARE, rate: float = RATE
) -> str:
    """What a `table` at that rate and share comes to, whether it fits; also without ResMasking."""
    if plan.empty:
        return "Nothing is pending."
    work, spent = plan["operations"] + plan["phase 1"], plan["seconds"] / 60
    large = plan["run"].str.contains("resmasking")

    def fits(some: Any) -> str:
        return "fit" if spent[some].sum() <= minutes else "do not fit"

    said = (
        f"{len(plan)} runs take {work.sum():,.0f} PFLOP: on a GPU of {rate:g} TFLOP/s"
        f"{' (an H200)' if rate == RATE else ''} {spent.sum():,.0f} minutes at {share:.0%} of that "
        f"rate of matrix products, {spent.sum() * share:,.0f} at all of it. At {share:.0%} they "
        f"{fits(large | ~large)} into {minutes:g} minutes."
    )
    if not large.any() or large.all():
        return said
    return (
        f"{said} ResMasking is {work[large].sum() / work.sum():.0%} of the work; the others, "
        f"{work[~large].sum():,.0f} PFLOP, take {spent[~large].sum():,.0f} minutes and "
        f"{fits(~large)}."
    )


def cells(run: Run, tables: Sequence[str] = ("",)) -> float:
    """Printed cells that a run bears on, by itself or in a vote; of a fold, its part."""
    recipe, printed = _printed(paths.reported() / f"{run.paper}.yaml")
    found = 0
    for name, networks, protocol in printed:
        found += (
            name.startswith(tuple(tables))
            and run.variant in networks
            and protocol.get("dataset") == run.dataset
            and protocol.get("split") == run.split
            and (protocol.get("recipe") or recipe) == run.recipe.name
            and protocol.get("experiment") in (None, run.experiment)
        )
    return found / (_folds(run) or 1)


def _queue(runs: list[Run], done: set[str]) -> list[Step]:
    """Always the best of those that are left, since a phase 1 is taken off what follows it."""
    left = [(place, _step(run), _first(run)) for place, run in enumerate(runs)]
    queue = []
    while left:
        best = min(left, key=lambda one: (*_rank(_after(one[1], one[2], done)), one[0]))
        queue.append(_after(best[1], best[2], done))
        left.remove(best)
        if best[2] is not None:
            done.add(best[2])
    return queue


def _rank(step: Step) -> tuple[float, float]:
    """Small is early. What costs nothing is early; what cannot be counted is late."""
    if math.isnan(step.work):
        return (math.inf, 0.0)
    if not step.work:
        return (-math.inf, 0.0)
    return (-step.cells / step.work, step.work)


def _after(step: Step, key: str | None, done: set[str]) -> Step:
    """What is left of a run's work where its phase 1 is trained, which may be all of it."""
    from ferbook.study import phases

    if key not in done:
        return step
    if phases.shares(step.run):
        return step._replace(operations=0.0)
    return step._replace(first=0.0)


def _step(run: Run) -> Step:
    """A run for which nothing was trained before."""
    from ferbook.study import operations, phases

    images, first = _images(run), 0.0
    times = images * run.recipe.epochs
    try:
        size = operations.of_run(run)
        if _first(run) is not None and not phases.shares(run):
            first = float(times * operations.of_run(phases.attention_run(run)).operations)
    except (ImportError, InputError):  # the run itself will say what is amiss
        return Step(run, images, math.nan, 0.0, 0, cells(run))
    return Step(run, images, float(times * size.operations), first, size.parameters, cells(run))


def _first(run: Run) -> str | None:
    """What names the phase 1 that a run needs or is; None where it needs none."""
    from ferbook.study import phases

    if phases.shares(run):
        return json.dumps(phases.anonymous(run).config(), sort_keys=True)
    plan = run.model.get("perturb")
    if plan is None or plan.get("source") == "patches":
        return None
    return json.dumps(phases.attention_run(run).config(), sort_keys=True)


def _folds(run: Run) -> int:
    about = experiments.load_experiments(run.paper)[run.experiment]
    return int(about.get("folds", 0))


def _images(run: Run) -> int:
    """Of an epoch: as any record of the same faces has it, else by the split's name."""
    known = _recorded_rows(paths.results())
    key = json.dumps([run.dataset, run.split, run.emotions and list(run.emotions)])
    if key in known:
        return known[key]
    kind, _, count = run.dataset.partition("-")
    total = int(count) if kind == "synthetic" else _total(run.paper, run.dataset)
    folds = _folds(run)
    doubled = 2 if run.split.startswith("augmented") else 1
    return round(total * doubled * (1 - 2 / folds if folds > 2 else 0.8))


@lru_cache(maxsize=2)
def _recorded_rows(results: Path) -> dict[str, int]:
    """{dataset, split, emotions: images of the training part}."""
    found = {}
    for file in sorted(results.glob("*/*/record.json")):
        try:
            data = json.loads(file.read_text())
            c, rows = data["config"], data["dataset"]["rows"]
            key = json.dumps([c["dataset"], c["split"], c.get("emotions")])
            found[key] = int(rows["train"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def _total(paper: str, dataset: str) -> int:
    content = _reported(paths.reported() / f"{paper}.yaml")
    return int((content.get("n", {}).get(dataset) or {}).get("total") or 0)


@lru_cache(maxsize=8)
def _printed(file: Path) -> tuple[str, list[tuple[str, set[str], dict[str, Any]]]]:
    """The paper's recipe, and of each printed cell its name, networks and protocol."""
    content = _reported(file)
    votes = {name: about["members"] for name, about in content.get("ensembles", {}).items()}
    out = []
    for row in content.get("rows", []):
        if "@" in row["id"]:
            continue
        named = [row.get("variant"), *row.get("variants", ())]
        named.append((row.get("against") or {}).get("variant"))
        networks = {one for name in named if name for one in votes.get(name, [name])}
        out.append((row["id"], networks, content["protocols"][row["protocol"]]))
    return content.get("recipe", ""), out


def _reported(file: Path) -> dict[str, Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(file.read_text(), loader) if file.is_file() else {}
