"""Time and memory over the size of the work, each size in a process of its own."""

from __future__ import annotations

import atexit
import ctypes
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks import kmeans, training
from benchmarks.side_by_side import seconds
from ferbook import paths
from ferbook.data.synthetic import draw
from ferbook.errors import InputError
from ferbook.perturb.kmeans import fit
from ferbook.study.records import seal
from ferbook.vision.heatmaps import render

TURNS, MOST, ENOUGH = 3, 50, 1.0  #: turns at least and at most; seconds, after which no more
Timed = Callable[[], float]  #: seconds of one go


def heatmaps(faces: int, device: str) -> Timed:
    landmarks = torch.rand(faces, 68, 2, device=device) * 47
    return partial(seconds, lambda: render(landmarks), device)


def images_clustered(images: int, device: str) -> Timed:
    points = kmeans.face_points(64).repeat(-(-images // 64), 1, 1)[:images].to(device)
    return partial(seconds, lambda: fit(points, 3, 0), device)


def clusters(number: int, device: str) -> Timed:
    """Ten steps whatever the number, or its convergence would be measured as well."""
    points = kmeans.face_points(256).to(device)
    return partial(seconds, lambda: fit(points, number, 0, iterations=10), device)


def masked(faces: int, device: str) -> Timed:
    from ferbook.vision.facemasks import wear

    drawn = draw(70)
    rows = np.arange(faces)
    images, landmarks = drawn.images[rows % 70], drawn.landmarks[rows % 70]  # type: ignore[index]
    return partial(seconds, lambda: wear(images, landmarks, rows), device)


def batch(size: int, device: str) -> Timed:
    """An epoch by images a step; the images stay as many. On a GPU the first, in which it warms up
    and records its steps, is not counted."""
    images = 512 if device == "cpu" else 16_384
    load = training.Load(images, 1, 1 if device == "cpu" else 2, 64, batch=size, width=0.25)
    faces = load.faces()

    def epoch() -> float:
        return training.trained(load.model("vgg16"), load, faces, load.plan(), device, 1)[-1]

    return epoch


def many_records(number: int, device: str) -> Timed:
    """`ferbook verify` over so many records: one of ours under as many seeds."""
    from ferbook.report.compare import verify_table

    recorded = paths.checkout() / "results"  # wherever those of this process are
    found = sorted((recorded / "chew").glob("*_short_s0"))
    if not found:
        raise InputError(f"{recorded}: no record of the short tier to copy")
    folder = Path(tempfile.mkdtemp(prefix="ferbook-growth-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copytree(recorded / "datasets", folder / "datasets")
    for seed in range(number):
        copy = folder / "chew" / f"{found[0].name.removesuffix('0')}{seed}"
        shutil.copytree(found[0], copy)
        data = json.loads((copy / "record.json").read_text())
        data["config"]["seed"] = seed
        data["seal"] = seal(data)
        (copy / "record.json").write_text(json.dumps(data))
    os.environ["FERBOOK_RESULTS"] = str(folder)

    def verify() -> None:
        for file in folder.rglob("record.json"):
            os.utime(file)  # what was read before is kept as long as its file is not touched
        verify_table()

    return partial(seconds, verify, device)


#: what, over what, how, at which sizes: the first is for a warm-up, which is not told
SERIES: dict[str, tuple[str, str, Callable[[int, str], Timed], tuple[int, ...]]] = {
    "heatmaps": ("heatmaps", "faces", heatmaps, (8, 256, 1024, 4096, 16_384)),
    "kmeans-images": ("k-means", "images", images_clustered, (8, 128, 512, 2048, 8192)),
    "kmeans-clusters": ("k-means, ten steps", "clusters", clusters, (1, 1, 2, 4, 8)),
    "facemasks": ("face masks", "faces", masked, (7, 70, 280, 1120)),
    "batch": ("an epoch", "images a batch", batch, (256, 32, 64, 128, 256)),
    "records": ("`ferbook verify`", "records", many_records, (2, 25, 50, 100, 200)),
}


#: what a GPU has no part in
ON_PROCESSOR = ("facemasks", "records")


def parts(device: str) -> list[Callable[[], list[dict[str, Any]]]]:
    names = [name for name in SERIES if device == "cpu" or name not in ON_PROCESSOR]
    return [partial(one_series, name, device) for name in names]


def one_series(name: str, device: str) -> list[dict[str, Any]]:
    what, over, _, (_, *sizes) = SERIES[name]
    found = []
    for size in sizes:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            found.append(alone.submit(measured, name, size, device).result())
    taken, memory = zip(*found, strict=True)
    line = {"name": name, "what": what, "over": over, "sizes": sizes}
    return [line | {"seconds": list(taken), "bytes": list(memory)}]


def measured(name: str, size: int, device: str) -> tuple[float, int]:
    """The least seconds of some turns, and the most memory that the first call of this size holds
    above what was held before.

    A small call comes first, which loads what there is to load; what it freed is given back.
    """
    _, _, made, (small, *_) = SERIES[name]
    made(small, device)()
    task = made(size, device)
    before = reset_peak(device)
    task()
    held = peak(device) - before
    return least(task), held


def least(task: Timed) -> float:
    """Seconds of the quickest turn: short ones have several, for one is easily disturbed."""
    taken = [task() for _ in range(TURNS)]
    while sum(taken) < ENOUGH and len(taken) < MOST:
        taken.append(task())
    return min(taken)


def reset_peak(device: str) -> int:
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
        return torch.cuda.memory_allocated()
    with suppress(AttributeError):  # glibc
        ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")  # Linux: forget the peak of resident memory
    return status("VmRSS")


def peak(device: str) -> int:
    return torch.cuda.max_memory_allocated() if device == "cuda" else status("VmHWM")


def status(field: str) -> int:
    """Bytes, of a line of this process's status in kB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(field)).split()[1])
