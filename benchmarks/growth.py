"""Time and memory over the size of the work, each size in a process of its own."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks import kmeans, training
from benchmarks.side_by_side import Task, seconds
from ferbook import paths
from ferbook.data.synthetic import draw
from ferbook.perturb.kmeans import fit
from ferbook.report.compare import verify_table
from ferbook.study.recipe import recipe
from ferbook.study.records import seal
from ferbook.vision.facemasks import wear
from ferbook.vision.heatmaps import render

TURNS = 3


def heatmaps(faces: int, device: str) -> Task:
    landmarks = torch.rand(faces, 68, 2, device=device) * 47
    return lambda: render(landmarks)


def images_clustered(images: int, device: str) -> Task:
    points = kmeans.face_points(64).repeat(-(-images // 64), 1, 1)[:images].to(device)
    return lambda: fit(points, 3, 0)


def clusters(number: int, device: str) -> Task:
    """Ten steps whatever the number, or its convergence would be measured as well."""
    points = kmeans.face_points(256).to(device)
    return lambda: fit(points, number, 0, iterations=10)


def masked(faces: int, device: str) -> Task:
    drawn = draw(70)
    rows = np.arange(faces)
    images, landmarks = drawn.images[rows % 70], drawn.landmarks[rows % 70]  # type: ignore[index]
    return lambda: wear(images, landmarks, rows)


def batch(size: int, device: str) -> Task:
    """Images a step; the images of an epoch stay as many."""
    faces = draw(512).take(np.arange(512) if device == "cpu" else np.arange(16_384) % 512)
    plan = replace(recipe("qiu"), epochs=1, batch=size)
    return training.epoch(training.VGG16 | {"width": 0.25}, faces, plan, device)


def many_records(number: int, device: str) -> Task:
    """`ferbook verify` over so many records: one of ours under as many seeds."""
    folder = Path(tempfile.mkdtemp(prefix="ferbook-growth-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copytree(paths.results() / "datasets", folder / "datasets")
    source = sorted((paths.results() / "chew").glob("*_short_s0"))[0]
    for seed in range(number):
        copy = folder / "chew" / f"{source.name.removesuffix('0')}{seed}"
        shutil.copytree(source, copy)
        data = json.loads((copy / "record.json").read_text())
        data["config"]["seed"] = seed
        data["seal"] = seal(data)
        (copy / "record.json").write_text(json.dumps(data))
    os.environ["FERBOOK_RESULTS"] = str(folder)

    def verify() -> None:
        for file in folder.rglob("record.json"):
            os.utime(file)  # what was read before is kept as long as its file is not touched
        verify_table()

    return verify


SERIES: dict[str, tuple[str, str, Callable[[int, str], Task], tuple[int, ...]]] = {
    "heatmaps": ("heatmaps", "faces", heatmaps, (256, 1024, 4096, 16_384)),
    "kmeans-images": ("k-means", "images", images_clustered, (128, 512, 2048, 8192)),
    "kmeans-clusters": ("k-means, ten steps", "clusters", clusters, (1, 2, 4, 8)),
    "facemasks": ("face masks", "faces", masked, (70, 280, 1120)),
    "batch": ("an epoch", "images a batch", batch, (32, 64, 128, 256)),
    "records": ("`ferbook verify`", "records", many_records, (25, 50, 100, 200)),
}


def series(device: str) -> list[dict[str, Any]]:
    return [one_series(name, device) for name in SERIES]


def one_series(name: str, device: str) -> dict[str, Any]:
    what, over, _, sizes = SERIES[name]
    taken, memory = [], []
    for size in sizes:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            spent, held = alone.submit(measured, name, size, device).result()
        taken.append(spent)
        memory.append(held)
    return {
        "name": name,
        "what": what,
        "over": over,
        "sizes": list(sizes),
        "seconds": taken,
        "bytes": memory,
    }


def measured(name: str, size: int, device: str) -> tuple[float, int]:
    """The least seconds of some turns, and the most memory above what was held before."""
    task = SERIES[name][2](size, device)
    task()
    before = reset_peak(device)
    spent = min(seconds(task, device) for _ in range(TURNS))
    return spent, peak(device) - before


def reset_peak(device: str) -> int:
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
        return torch.cuda.memory_allocated()
    Path("/proc/self/clear_refs").write_text("5")  # Linux: forget the peak of resident memory
    return status("VmRSS")


def peak(device: str) -> int:
    return torch.cuda.max_memory_allocated() if device == "cuda" else status("VmHWM")


def status(field: str) -> int:
    """Bytes, of a line of this process's status in kB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(field)).split()[1])
