"""How often the audit errs: `python -m ferbook.report.audit.simulate` writes the rates.

Of honest papers (`honest`), how many get an `impossible` or a `contradiction`. Of honest papers
with one printed figure moved by so many points, how many get one that they did not have before, or
at least a new `suspicious`. Paper k of a simulation is drawn with the seed (seed + k), so any part
of it can be computed again by itself.
"""

from __future__ import annotations

import copy
import json
import math
from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any

import numpy as np
import typer

from ferbook import paths
from ferbook.report.audit.conventions import parts
from ferbook.report.audit.findings import Finding
from ferbook.report.audit.honest import honest_paper
from ferbook.report.audit.reader import build
from ferbook.report.audit.run import audit

SEED = 20_000
#: Points by which a figure is moved.
SIZES = (0.1, 0.3, 1.0, 3.0, 10.0)
#: Papers of which the record keeps the outcomes, to be computed again.
FIRST = 20
SERIOUS = ("impossible", "contradiction")
#: What kinds of figures are moved.
KINDS = ("overall", "classes", "f1", "changes", "matrix")


def alarms(seed: int) -> list[Finding]:
    """All findings of one honest paper."""
    return audit(build(honest_paper(seed)))


def altered(content: dict[str, Any], kind: str, points: float, seed: int) -> dict[str, Any] | None:
    """The paper with one figure of a kind moved by so many points, up or down, or by one unit of
    its last digit where that is more; None where it has no such figure."""
    rng = np.random.default_rng(seed)
    moved = copy.deepcopy(content)
    sign = float(rng.choice([-1.0, 1.0]))
    if kind == "matrix":
        return moved if _matrix_moved(moved, rng, sign * points) else None
    rows = [row for row in moved["rows"] if row["id"].split("/")[1] == kind]
    if not rows:
        return None
    row = rows[int(rng.integers(len(rows)))]
    _move(row, sign * points)
    return moved


def _move(row: dict[str, Any], points: float) -> None:
    number = row["reported"]
    whole = 1.0 if row["unit"] == "f1" else 100.0
    unit = 10.0 ** -number["decimals"]
    steps = max(round(abs(points) / 100 * whole / unit), 1)
    low = -whole if row["unit"] == "points" else 0.0
    value = number["value"] + math.copysign(steps * unit, points)
    if not low <= value <= whole:
        value = number["value"] - math.copysign(steps * unit, points)
    number["value"] = round(value, max(number["decimals"], 0))


def _matrix_moved(content: dict[str, Any], rng: np.random.Generator, points: float) -> bool:
    """Moves one cell of a confusion matrix; of counts, by the points' share of its row."""
    for matrix in content["confusion_matrices"].values():
        rows = matrix["matrix"]
        i, j = (int(k) for k in rng.integers(len(rows), size=2))
        counts = matrix["unit"] == "counts"
        size = float(sum(rows[i])) if counts else 100.0
        unit = 10.0 ** -int(matrix.get("decimals", 0))
        change = math.copysign(max(round(abs(points) / 100 * size / unit), 1) * unit, points)
        inside = 0 <= rows[i][j] + change <= size
        value = rows[i][j] + (change if inside else -change)
        rows[i][j] = round(value) if counts else round(value, int(matrix.get("decimals", 0)))
        return True
    return False


def trial(seed: int) -> dict[str, Any]:
    """One honest paper and itself with one figure moved, by each of SIZES.

    `serious`: what of the honest paper is `impossible` or a `contradiction` (nothing should be);
    `severities`: all that it has; `outcomes`: for each size the worst severity that the moved
    figure adds. Kinds of figures take turns; a paper that has none of its kind has the next one
    moved.
    """
    content = honest_paper(seed)
    before = audit(build(content))
    kind = KINDS[seed % len(KINDS)]
    while altered(content, kind, SIZES[0], seed) is None:
        kind = KINDS[(KINDS.index(kind) + 1) % len(KINDS)]
    known = _told(before)
    moved = [altered(content, kind, points, seed) for points in SIZES]
    return {
        "seed": seed,
        "severities": sorted({finding.severity for finding in before}),
        "serious": [f"{f.check}: {f.message}" for f in before if f.severity in SERIOUS],
        "kind": kind,
        "outcomes": [_worst(paper, known) for paper in moved if paper],
    }


def _worst(moved: dict[str, Any], before: Counter[Any]) -> str:
    new = _told(audit(build(moved))) - before
    severities = {severity for severity, _, _ in new}
    if severities & set(SERIOUS):
        return "serious"
    return "suspicious" if "suspicious" in severities else "nothing"


def _told(findings: list[Finding]) -> Counter[tuple[str, str, tuple[str, ...]]]:
    """What is said of which cells, be it told once for the whole paper."""
    return Counter(
        (part.severity, part.check, part.cells) for each in findings for part in parts(each)
    )


def wronged(seeds: Iterable[int]) -> dict[int, list[str]]:
    """{seed: messages} of the honest papers with an `impossible` or a `contradiction`."""
    found = {
        seed: [f"{f.check}: {f.message}" for f in alarms(seed) if f.severity in SERIOUS]
        for seed in seeds
    }
    return {seed: messages for seed, messages in found.items() if messages}


def summary(trials: list[dict[str, Any]]) -> dict[str, Any]:
    """The rates: honest papers by severity, altered ones by kind and size of the change."""
    severities = Counter(severity for each in trials for severity in each["severities"])
    return {
        "honest": {
            "papers": len(trials),
            "with": dict(sorted(severities.items())),
            "wronged": {str(each["seed"]): each["serious"] for each in trials if each["serious"]},
        },
        "altered": [
            _rate([each for each in trials if kind in (each["kind"], "any")], size)
            | {"kind": kind, "points": points}
            for kind in (*KINDS, "any")
            for size, points in enumerate(SIZES)
        ],
    }


def _rate(trials: list[dict[str, Any]], size: int) -> dict[str, Any]:
    outcomes = Counter(each["outcomes"][size] for each in trials)
    return {
        "papers": len(trials),
        "serious": outcomes["serious"],
        "suspicious": outcomes["suspicious"],
    }


def main(
    papers: Annotated[int, typer.Option(help="honest papers, each then altered")] = 1000,
    seed: Annotated[int, typer.Option(help="of the first paper")] = SEED,
) -> None:
    """Write results/audit/simulation.json."""
    import ferbook

    trials = [trial(k) for k in range(seed, seed + papers)]
    found = {
        "version": ferbook.__version__,
        "seed": seed,
        **summary(trials),
        "first": [[each["kind"], *each["outcomes"]] for each in trials[:FIRST]],
    }
    file = paths.results() / "audit" / "simulation.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(found, indent=1) + "\n")
    typer.echo(f"{file}: {len(found['honest']['wronged'])} of {papers} honest papers wronged")


if __name__ == "__main__":
    typer.run(main)
