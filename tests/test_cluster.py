"""`make reproduce`: which jobs it plans, here and with the profile for Slurm, and what one does."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from ferbook.report import pipeline
from ferbook.study import engine, experiments

ROOT = Path(__file__).parents[1]
PROFILE = ROOT / "profiles" / "slurm"
EXPERIMENTS = """
paper: tiny
experiments:
  whole:
    title: without folds
    dataset: synthetic-70
    split: official
    recipe: demo
    model: {family: hybrid}
    variants: {pixels: {branches: [pixels]}, hybrid: {}}
  folded:
    title: with folds
    dataset: synthetic-70
    split: folds-2
    folds: 2
    recipe: demo
    model: {family: hybrid}
    variants: {pixels: {branches: [pixels]}}
  elsewhere:
    title: of data that are not here
    dataset: fer2013
    split: official
    recipe: demo
    model: {family: hybrid}
    variants: {hybrid: {}}
"""
PLANNED = {
    "tiny/whole/pixels, short tier, seed 0, whole",
    "tiny/whole/hybrid, short tier, seed 0, whole",
    "tiny/folded/pixels, short tier, seed 0, fold0",
    "tiny/folded/pixels, short tier, seed 0, fold1",
}


@pytest.fixture
def study(empty_study):
    empty_study(EXPERIMENTS)


@pytest.mark.parametrize("where", [["--profile", PROFILE], ["-c1"]])
def test_every_pending_run_is_planned_as_a_job(study, tmp_path, where):
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "-n", "-d"]
    command += [tmp_path, *where, "reproduce", "--config", "tier=short", "seeds=1"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True)
    said = ran.stdout + ran.stderr
    assert ran.returncode == 0, said
    assert set(re.findall(r"tiny/\w+/\w+, .*", said)) == PLANNED
    assert "Left out, for want of registered data: fer2013" in said


def test_the_profile_is_one_that_snakemake_and_its_plugin_know():
    from snakemake.cli import parse_args

    _, said = parse_args(["--profile", str(PROFILE), "reproduce"])
    assert (said.executor, said.jobs, said.retries, said.keep_going) == ("slurm", 50, 3, True)
    assert said.slurm_requeue is True


def test_a_job_trains_the_one_run_that_its_stamp_names(study, monkeypatch):
    trained = []
    monkeypatch.setattr(
        engine,
        "train_and_record",
        lambda run, device, deadline, bar, wait: trained.append((run, wait)) or run.epochs,
    )
    threads = torch.get_num_threads()
    fields = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+?)", pipeline.STAMP.replace(".", r"\."))
    possible, _ = experiments.pending("short", 2)
    try:
        for run in possible:
            stamp = re.fullmatch(fields, pipeline.stamp(run))
            pipeline.train(SimpleNamespace(**stamp.groupdict()), 3)
            assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(threads)
    assert [run.id for run, _ in trained] == [run.id for run in possible]
    assert len({pipeline.stamp(run) for run in possible}) == len(possible) == 8
    assert {wait for _, wait in trained} == {pipeline.WAIT}


@pytest.mark.parametrize(
    ("arguments", "cores"), [("", True), ("--profile profiles/slurm", False), ("-q", True)]
)
def test_a_profile_says_how_many_runs_at_once(arguments, cores):
    command = ["make", "-n", "-o", ".venv/.installed", "reproduce", f"ARGS={arguments}"]
    # `make test` would make this a make within a make, which talks more
    own = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    ran = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=True)
    said = ran.stdout
    assert (" -c " in said) == cores and said.rstrip().endswith(arguments)
