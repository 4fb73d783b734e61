"""How often verdicts err: simulated papers, many cells at once, and what few seeds can detect.

A simulated paper prints the accuracy of one run. That run and k of ours have true accuracies around
one mean, with a standard deviation `spread` between seeds, and are scored on test images. What the
choice of images adds to an accuracy p has the variance p (1 - p) / n. Where all runs are scored on
the same images, a part of it is shared by all and cancels; where each run has images of its own,
none is. Both are normal, as they are to within a thousandth for the thousands of images here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ferbook.report import verdict
from ferbook.report.reported import Number
from ferbook.report.verdict import Interval, p_value, prediction_interval

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
LEVEL = 0.05
POWER = 0.8
MEAN = 0.65  #: of the accuracies; what matters of it is p (1 - p)
SEEDS = (2, 3, 5, 10)
SHIFTS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)


@dataclass(frozen=True)
class World:
    """Where simulated papers come from; spread and shift in points of accuracy."""

    seeds: int = 5  #: runs of ours
    spread: float = 0.6  #: standard deviation between seeds
    images: int = 3589  #: in the test part, theirs and ours
    shared: float = 0.7  #: of the images' variance, common to all runs; 0: each has its own images
    shift: float = 0.0  #: by which the printed number is not what such a run gives


def papers(world: World, count: int, seed: int = 0) -> tuple[Floats, Floats]:
    """Printed accuracies (count,) and those of our runs (count, seeds), fractions of 1."""
    dice = np.random.default_rng(seed)
    sampling = math.sqrt(MEAN * (1 - MEAN) / world.images)
    own = math.hypot(world.spread / 100, sampling * math.sqrt(1 - world.shared))
    common = sampling * math.sqrt(world.shared) * dice.standard_normal((count, 1))
    runs = MEAN + common + own * dice.standard_normal((count, world.seeds + 1))
    return runs[:, 0] + world.shift / 100, runs[:, 1:]


def interval_of(values: Floats, world: World) -> Interval:
    """The interval that `ferbook verify` would take, in points."""
    mean = float(values.mean())
    found = prediction_interval(list(values), mean * (1 - mean), world.images, None)
    assert found is not None  # two seeds or more
    return Interval(100 * found.mean, 100 * found.half, found.freedom)


def reproduced_share(world: World, count: int = 1000, seed: int = 0) -> float:
    """Of simulated papers, the share with the verdict `reproduced`, printed to a tenth."""
    printed, ours = papers(world, count, seed)
    found = 0
    for value, values in zip(printed, ours, strict=True):
        number = Number(value=round(100 * float(value), 1), decimals=1)
        found += verdict.compare(number, "percent", interval_of(values, world))[0] == "reproduced"
    return found / count


@lru_cache(maxsize=8)
def rates(world: World = World(), count: int = 1000) -> pd.DataFrame:
    """`reproduced_share`, a row a shift in points, a column a number of seeds."""
    import pandas as pd

    return pd.DataFrame(
        {
            seeds: {
                shift: reproduced_share(replace(world, seeds=seeds, shift=shift), count)
                for shift in SHIFTS
            }
            for seeds in SEEDS
        }
    ).rename_axis("shift, points")


def many_cells(cells: int = 100, wrong: int = 20, world: World = World(shift=5.0)) -> pd.DataFrame:
    """Papers of many cells, some shifted: how many are called, one by one and under control of the
    false discovery rate (Benjamini and Hochberg). Means over 200 papers; the margin of 2 points is
    left aside, which only ever calls fewer."""
    import pandas as pd
    from scipy.stats import false_discovery_control

    repeats = 200
    p_wrong = p_values(world, repeats * wrong, 1).reshape(repeats, wrong)
    p_right = p_values(replace(world, shift=0.0), repeats * (cells - wrong), 2)
    ps = np.concatenate([p_wrong, p_right.reshape(repeats, cells - wrong)], axis=1)
    controlled = false_discovery_control(ps, axis=1)
    rows = {
        "each at 5 %": ps <= LEVEL,
        "false discoveries at 5 %": controlled <= LEVEL,
    }
    return pd.DataFrame(
        {
            name: {
                f"called, of {wrong} wrong": called[:, :wrong].sum(1).mean(),
                f"called, of {cells - wrong} right": called[:, wrong:].sum(1).mean(),
                "false, % of called": 100
                * np.mean(called[:, wrong:].sum(1) / np.maximum(called.sum(1), 1)),
            }
            for name, called in rows.items()
        }
    ).T


def p_values(world: World, count: int, seed: int) -> Floats:
    printed, ours = papers(world, count, seed)
    pairs = zip(printed, ours, strict=True)
    found = [(100 * float(value), interval_of(values, world)) for value, values in pairs]
    return np.array([p_value(value - interval.mean, interval) for value, interval in found])


def judged(table: pd.DataFrame) -> pd.DataFrame:
    """What control of the false discovery rate leaves of the verdicts `not reproduced`, a paper a
    row. `table`: paper, verdict, p of every cell that was compared with runs (`compared`)."""
    import pandas as pd
    from scipy.stats import false_discovery_control

    rows = {}
    for paper, part in table.groupby("paper"):
        controlled = false_discovery_control(part.p.to_numpy()) <= LEVEL
        against = (part.verdict == "not reproduced").to_numpy()
        rows[paper] = {
            "cells compared": len(part),
            "not reproduced": int(against.sum()),
            "expected by chance, at most": f"{LEVEL * len(part):.1f}",
            "left under control": int((against & controlled).sum()),
        }
    return pd.DataFrame(rows).T


def compared(tier: str = "paper") -> pd.DataFrame:
    """Every printed cell that runs of a tier answer with an interval: paper, id, verdict, p, and
    what goes into the power; a tier below the paper's decides no verdict, it shows the spread."""
    import pandas as pd

    from ferbook.report.compare import outcome
    from ferbook.report.measure import Runs
    from ferbook.report.qiu.ensemble import ensembles
    from ferbook.report.reported import load_all as load_papers
    from ferbook.study.records import load_all

    records = load_all()
    runs, lines = Runs([*records, *ensembles(records)]), []
    for name, paper in load_papers().items():
        for row in paper.rows:
            protocol = paper.protocol(row)
            if not protocol.scored or row.reported is None:
                continue
            found = runs.measure(paper, row)
            if found is None or found.interval is None or found.tier != tier:
                continue
            miss = verdict.distance(row.reported, found.mean)
            lines.append(
                {
                    "paper": name,
                    "id": row.id,
                    "family": "/".join(row.id.split("/")[:2]),
                    "unit": row.unit,
                    "verdict": outcome(paper, row, runs, [], {}).verdict,
                    "p": p_value(miss, found.interval),
                    "seeds": len(found.values),
                    "spread": float(np.std(found.values, ddof=1)),
                    "half": found.interval.half,
                    "freedom": found.interval.freedom,
                }
            )
    return pd.DataFrame(lines, columns=list(COLUMNS))


COLUMNS = (
    "paper", "id", "family", "unit", "verdict", "p", "seeds", "spread", "half", "freedom",
)  # fmt: skip


def detectable(line: Any, seeds: int | None = None) -> float:
    """The miss that would be called with a probability of 80 %, in the row's unit.

    line : of `compared`; seeds : as if there were so many, with the spread that was found. The
    margin counts: a miss within it is never called.
    """
    from scipy.special import stdtrit

    total = (line.half / stdtrit(line.freedom, 0.975)) ** 2
    seeds = seeds or int(line.seeds)
    between = line.spread**2
    sampling = max(total - between * (1 + 1 / line.seeds), 0.0)
    total = between * (1 + 1 / seeds) + sampling
    freedom = (seeds - 1) * (total / (between * (1 + 1 / seeds))) ** 2 if between else math.inf
    reach = math.sqrt(total)
    half = max(float(stdtrit(freedom, 0.975)) * reach, verdict.MARGIN[line.unit])
    return half + float(stdtrit(math.inf, POWER)) * reach


def power(tier: str) -> pd.DataFrame:
    """Median of `detectable` over a family: with the seeds that there are, and with others."""
    import pandas as pd

    table = compared(tier)
    rows = {}
    for family, part in table[table.unit != "f1"].groupby("family", sort=False):
        lines = list(part.itertuples())
        rows[family] = {"cells": len(lines), "seeds": int(np.median(part.seeds))} | {
            name: float(np.median([detectable(line, seeds) for line in lines]))
            for name, seeds in (("now", None), *((f"{k} seeds", k) for k in SEEDS[1:]))
        }
    return pd.DataFrame(rows).T


def power_table(tier: str) -> pd.DataFrame:
    """`power` as text: counts whole, points to tenths; empty without two runs of anything."""
    table = power(tier)
    counted = [name for name in ("cells", "seeds") if name in table]
    return table.apply(
        lambda column: column.map("{:.0f}".format if column.name in counted else "{:.1f}".format)
    )
