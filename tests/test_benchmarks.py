"""The benchmarks run on a machine that lacks half of the packages, and lose nothing by a failure.

What only a GPU is asked for runs here as well, on next to nothing: no time is looked at.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import __main__ as bench  # noqa: E402
from benchmarks import (  # noqa: E402
    growth,
    heatmaps,
    kmeans,
    limits,
    scheme,
    side_by_side,
    training,
)
from ferbook.errors import InputError  # noqa: E402
from ferbook.report import speed  # noqa: E402

ABSENT = ("kornia", "pydantic", "dlib", "papermill", "platformdirs", "captum", "jupytext")
#: Python runs it at its start, in processes of processes as well
BLOCKER = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {ABSENT}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
"""


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """The environment of a process that lacks these packages."""
    (tmp_path / "sitecustomize.py").write_text(BLOCKER)
    return os.environ | {
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT / "src")]),
        "FERBOOK_HOME": str(tmp_path / "home"),
        "FERBOOK_RESULTS": str(tmp_path / "results"),
    }


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One thread, and no measuring of the machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    monkeypatch.setattr(limits, "matrix_rate", lambda device, kind: 1e12)
    monkeypatch.setattr(limits, "bandwidth", lambda device: 1e10)
    monkeypatch.setattr(limits, "additions", lambda device: limits.Rate(1e9, "in thought"))
    yield
    torch.set_num_threads(threads)


def python(environment: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_is_not_installed_costs_its_own_rows_alone(bare, tmp_path) -> None:
    said = python(bare, "-m", "benchmarks", "--device", "cpu", "heatmaps")
    assert "heatmaps left out: No module named 'kornia'" in said
    held = json.loads((tmp_path / "results" / "speed" / "cpu.json").read_text())
    assert [row["name"] for row in held["rows"]] == ["heatmaps-loop"]


def test_a_gpu_asks_for_none_of_them(bare) -> None:
    """All that is run there by itself, and the reports that name what was found."""
    names = ", ".join(f"benchmarks.{name}" for name in bench.ON_GPU)
    assert python(bare, "-c", f"import {names}; print('all')") == "all\n"


def test_a_failure_loses_nothing_else(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["benchmarks", "heatmaps", "kmeans", "growth"])

    def line(name: str) -> dict[str, Any]:
        return side_by_side.row(name, name, "", {"ours": [2.0]}, {"ours": 4}, "face")

    def breaks() -> Iterator[dict[str, Any]]:
        yield line("before")
        raise ZeroDivisionError("of a device")

    def parts(device: str) -> Iterator[Any]:
        yield breaks
        yield lambda: [line("after")]
        raise InputError("no data")

    found = {"heatmaps": SimpleNamespace(parts=parts)}
    found["kmeans"] = SimpleNamespace(rows=lambda device: [line("next")])
    series = {"name": "s", "what": "s", "over": "faces", "sizes": [1, 2], "bytes": [0, 0]}
    found["growth"] = SimpleNamespace(parts=lambda d: [lambda: [series | {"seconds": [1, 2]}]])
    monkeypatch.setattr(bench, "import_module", lambda name: found[name.rpartition(".")[2]])
    assert bench.main() == 1
    said = capsys.readouterr()
    assert "heatmaps failed: ZeroDivisionError: of a device" in said.out
    assert "heatmaps left out: no data" in said.out and "Traceback" in said.err
    # 2 s for 4 faces
    assert [(row["name"], row["ours"]) for row in speed.rows("cpu")] == [
        ("before", [0.5]), ("after", [0.5]), ("next", [0.5]),
    ]  # fmt: skip
    assert [one["name"] for one in speed.growth("cpu")] == ["s"]


def test_turns_end_when_time_is_over_but_not_before_two() -> None:
    count = {"ours": 0}

    def task() -> None:
        count["ours"] += 1

    taken = side_by_side.in_turns({"ours": task}, 5, warm=False, within=0)
    assert len(taken["ours"]) == count["ours"] == 2
    assert len(side_by_side.in_turns({"ours": task}, 3, warm=False)["ours"]) == 3


def uncompiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "compile", lambda task, dynamic: task)


def test_what_cannot_be_compiled_runs_as_it_is_and_says_so(monkeypatch) -> None:
    def refuse(task: Any, dynamic: bool) -> None:
        raise RuntimeError("no compiler")

    monkeypatch.setattr(torch, "compile", refuse)
    task, note = side_by_side.compiled(torch.neg, torch.ones(1))
    assert task is torch.neg and note == "torch.compile: RuntimeError"
    rate = limits.chained(64, 4, "cpu")
    assert rate.where == "in memory; torch.compile: RuntimeError" and rate.each > 0
    uncompiled(monkeypatch)
    assert limits.chained(64, 4, "cpu").where == "in registers"


def test_maps_of_a_gpu(monkeypatch) -> None:
    uncompiled(monkeypatch)
    points = torch.rand(5, 68, 2, generator=torch.Generator().manual_seed(0)) * 47
    (one,), (every,) = heatmaps.one_map(points), heatmaps.all_maps(points)
    # 2 operations for each of 68 landmarks and 48 x 48 pixels at 1e9 a second; 2 bytes at 1e10
    assert one["limit"] == pytest.approx(2 * 68 * 48 * 48 / 1e9)
    assert every["limit"] == pytest.approx(2 * 68 * 48 * 48 / 1e10)
    assert one["share"] == every["share"] == 0.5 and one["bound"].endswith("in thought")
    # a bfloat16 below 1 is off by 2^-9 at most; by more where its coordinates are bfloat16 too
    assert 0 < every["error"] <= 2**-9 + 1e-6
    rounded = points.bfloat16()
    with pytest.raises(AssertionError, match="bf16 maps are"):
        whole = heatmaps.fused
        monkeypatch.setattr(heatmaps, "fused", lambda p, *how: whole(rounded, *how))
        heatmaps.all_maps(points)


def test_a_compiler_is_given_the_same_sum(monkeypatch) -> None:
    points = torch.rand(3, 68, 2) * 47
    for maps in ("max", "all"):
        torch.testing.assert_close(heatmaps.fused(points, maps), heatmaps.render(points, maps=maps))


def test_kmeans_says_on_how_many_threads_the_other_side_was(monkeypatch) -> None:
    (row,) = kmeans.rows("cpu", images=4)
    assert row["note"].startswith("0 of 4 images end more than")
    assert row["note"].partition("scikit-learn on ")[2].split(",")[0] in kmeans.THREADS
    assert len(row["ours"]) == len(row["theirs"]) == 5


TINY = training.Load(6, 3, 3, 6, whole=True, batch=3, width=0.05)


def test_every_training_of_a_gpu() -> None:
    found = [row for part in training.parts("cpu", TINY) for row in part()]
    names = [row["name"] for row in found]
    assert names == ["epoch-vgg16-3", "epoch-vgg16-6", *(f"epochs-{n}" for n in training.NETWORKS)]
    # three epochs, the first of which is not told
    assert [len(row["ours"]) for row in found] == [2] * 7
    assert len(found[0]["theirs"]) == 2 and found[0]["target"] == 1.5
    assert found[2]["wanted"] == 90 and found[3]["wanted"] is None


def test_a_whole_training_by_hand(monkeypatch) -> None:
    # the first epoch ends at 5 s, then 7 and 10: 5 + 199 x 2 and 5 + 199 x 3
    clock = iter([0.0, 5.0, 7.0, 10.0])
    monkeypatch.setattr(training.time, "perf_counter", lambda: next(clock))

    def three(*args: Any) -> None:
        for _ in range(3):
            args[-1]()

    monkeypatch.setattr(training, "trained", three)
    (row,) = training.whole_training("vgg16", TINY, TINY.faces(), TINY.plan(), "cpu")
    assert row["ours"] == [403.0, 602.0]


def test_shares_are_aimed_at_on_a_gpu(monkeypatch) -> None:
    monkeypatch.setattr(limits, "operations", lambda network, example: 1e9)
    plan, model = TINY.plan(), TINY.model("vgg16")
    for batch, share in ((128, 0.25), (1024, 0.45)):
        large = training.replace(plan, batch=batch)
        row = training.line(model, large, "cuda", {"ours": [1.0]}, 10)
        assert row["share"] == share and row["limit"] == 1e9 / 1e12
    beside = training.line(model, plan, "cuda", {"ours": [1.0], "theirs": [1.0]}, 10)
    assert "TF32" in beside["against"] and beside["target"] == 5


def test_the_scheme_and_its_table(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path))
    load = training.Load(6, 3, 2, 6, batch=3, width=0.05)
    for row in scheme.rows("cpu", load, clusters=(1, 3), turns=2):
        bench.kept(speed.file("cpu"), row, "cpu")
    found = speed.scheme("cpu")
    assert {(part, n) for part, n in found if n} == {
        (part, n) for part in ("clustering", "training") for n in (1, 3)
    }
    for n in (1, 3):
        assert len(found["training", n]) == 2 and (found["clustering", n] > 0).all()
        assert (found["clustering", n] < found["training", n]).all()


def test_short_work_has_more_turns() -> None:
    # 3 turns of 2 s; 4 turns of 0.25 s make a second; 50 turns at most
    for each, turns in ((2.0, 3), (0.25, 4), (0.0, 50)):
        taken: list[float] = []
        assert growth.least(lambda each=each, t=taken: t.append(each) or each) == each
        assert len(taken) == turns


def test_memory_over_size(monkeypatch) -> None:
    monkeypatch.setattr(growth, "TURNS", 1)
    monkeypatch.setattr(growth, "ENOUGH", 0)
    # The maps of 4,096 faces, 4 x 48 x 48 bytes each; and less than 64 MiB for what a share of 256
    # faces takes on the way: four times its exponents, 4 x 2 x 68 x 48 bytes each, are 27 MB.
    maps = 4 * 48 * 48 * 4096
    spent, held = growth.measured("heatmaps", 4096, "cpu")
    assert spent > 0 and maps <= held < maps + 2**26


def test_a_gpu_has_no_part_in_work_of_the_processor() -> None:
    names = {part.args[0] for part in growth.parts("cuda")}
    assert names == {"heatmaps", "kmeans-images", "kmeans-clusters", "batch"}
    assert {part.args[0] for part in growth.parts("cpu")} == names | {"facemasks", "records"}
