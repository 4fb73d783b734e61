"""A notebook with many combinations of parameters: a job of the Snakefile for each, an index after.

The folder of a sweep holds `plan.json`, what the command asked for; a notebook for each
combination, named by its parameters; and `index.md`, a table of all that is there. A combination
that is finished is run again only when the notebook, the package or the data have changed.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from ferbook import paths
from ferbook.errors import InputError
from ferbook.report.notebooks import read, run_notebook, source
from ferbook.report.parameters import absolute, typed
from ferbook.report.ranges import combinations
from ferbook.report.sweep_progress import Progress

PLAN = "plan.json"
LONGEST = 150  #: characters of a file's name, of which systems take some 250


@dataclass(frozen=True)
class Plan:
    """What a sweep runs."""

    notebook: str
    folder: str
    pages: bool  #: HTML beside each notebook
    training: bool  #: jobs add records, so records do not decide what is run again
    jobs: dict[str, list[str]]  #: file name without suffix -> its `NAME=VALUE` pairs

    @classmethod
    def load(cls, folder: str) -> Plan:
        return cls(**json.loads((Path(folder) / PLAN).read_text(encoding="utf-8")))

    def save(self) -> None:
        (Path(self.folder) / PLAN).write_text(json.dumps(asdict(self)), encoding="utf-8")

    def targets(self) -> list[str]:
        forms = [".ipynb", ".html"] if self.pages else [".ipynb"]
        return [str(Path(self.folder) / f"{job}{form}") for job in self.jobs for form in forms]

    def arguments(self, job: str) -> str:
        """For the shell."""
        return " ".join(f"-p {shlex.quote(pair)}" for pair in self.jobs[job])


def rerun(
    name: str,
    pairs: Sequence[str] = (),
    *,
    output: Path | None = None,
    html: bool = False,
    jobs: int | None = None,
) -> str:
    """Execute a notebook once, or for every combination where a pair names several values, and say
    where the result is. InputError names what is wrong, or how many combinations failed."""
    path = source(name)
    known = read(path)[1]
    found = combinations(pairs, known, path.name)
    if found is None:
        return run_notebook(name, pairs, output=output, html=html)
    folder = _folder(output or Path.cwd() / path.stem)
    named = {
        job_name(values): [f"{k}={typed(v)}" for k, v in absolute(values, known).items()]
        for values in found
    }
    training = any(values.get("runs") == "train" for values in found)
    plan = Plan(path.stem, str(folder), html, training, named)
    plan.save()
    said = _snakemake(plan, jobs or _at_once())
    return _result(plan, said)


def job_name(values: dict[str, Any]) -> str:
    """`clusters=2_seed=0`; what file systems or links may stumble over is a hyphen."""
    name = "_".join(f"{key}={typed(value)}" for key, value in values.items())
    plain = re.sub(r"[^\w.+=-]+", "-", name)
    if len(plain) > LONGEST:
        plain = f"{plain[:LONGEST]}-{sha256(name.encode()).hexdigest()[:8]}"
    return plain


def _folder(folder: Path) -> Path:
    if folder.suffix == ".ipynb":
        raise InputError(f"--output {folder}: many notebooks come of this; expected a folder")
    if not folder.parent.is_dir():
        raise InputError(f"--output {folder}: no folder {folder.parent}")
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--output {folder}: is a file; expected a folder")
    folder.mkdir(exist_ok=True)
    return folder.resolve()


def _at_once() -> int:
    """As many as there are cores, but one where there is a GPU, which several would share."""
    return 1 if Path("/dev/nvidia0").exists() else os.cpu_count() or 1


def _snakemake(plan: Plan, jobs: int) -> list[str]:
    """Run what is missing, and say how far it is; the last lines that Snakemake said of itself."""
    root = paths.checkout()
    command = [sys.executable, "-m", "snakemake", "sweep", "--snakefile", root / "Snakefile"]
    command += ["--directory", root, "--cores", jobs, "--config", f"sweep={plan.folder}"]
    # as in the Makefile; and one combination that fails does not stop the others
    command += ["--nolock", "--rerun-incomplete", "--keep-going"]
    said: deque[str] = deque(maxlen=30)
    pipe = subprocess.PIPE
    with (
        Progress(len(plan.jobs)) as progress,
        subprocess.Popen(
            list(map(str, command)), stdout=subprocess.DEVNULL, stderr=pipe, text=True
        ) as process,
    ):
        try:
            for line in process.stderr or ():
                said.append(line.strip())
                progress.read(line.rstrip())
        except KeyboardInterrupt:  # Snakemake has it too, and ends its jobs first
            process.wait()
            raise
        if not process.wait():
            progress.end()
    return [] if process.returncode == 0 else [line for line in said if line]


def _result(plan: Plan, said: list[str]) -> str:
    from ferbook.report import sweep_index

    folder = Path(plan.folder)
    failed = [job for job in plan.jobs if not (folder / f"{job}.ipynb").exists()]
    index = sweep_index.write(plan, failed)
    if failed:
        why = sweep_index.reason(folder, failed[0]) or (said or [""])[-1]
        raise InputError(
            f"{len(failed)} of {len(plan.jobs)} failed, {failed[0]} first: {why}; all: {index}"
        )
    if said:
        raise InputError(f"{plan.notebook}: Snakemake: {said[-1]}")
    return f"{len(plan.jobs)} notebooks in {folder}\n{index}"
