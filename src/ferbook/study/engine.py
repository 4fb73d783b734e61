"""One run from configuration to record: data, landmarks, training, scoring, writing."""

from __future__ import annotations

import json
import os
import platform
import shutil
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

import ferbook
from ferbook import paths
from ferbook.data.faces import Faces
from ferbook.errors import InputError
from ferbook.models.build import build
from ferbook.study import records, training
from ferbook.study.cards import write_card
from ferbook.study.inputs import Channels, Inputs
from ferbook.vision import landmarks as landmark_finder
from ferbook.vision.landmarks import Detector, Landmarks

if TYPE_CHECKING:
    from ferbook.study.experiments import Run

#: The modules that decide predictions; their digest is in every record.
SOURCE = ("vision/*.py", "models/*.py", "study/training.py", "study/inputs.py", "data/splits.py")


def train_and_record(
    run: Run, device: str | None = None, deadline: float | None = None, bar: Any = None
) -> int:
    """Train `run`, write its record, return the number of epochs it took."""
    from filelock import FileLock, Timeout

    place = _device(device)
    run.checkpoint.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(run.checkpoint.with_name("lock"), timeout=0):
            if records.is_complete(run.folder):
                return run.recipe.epochs
            return _train(run, place, deadline, bar)
    except Timeout:
        raise InputError(f"{run.id}: another process is training this run") from None


@lru_cache(maxsize=1)
def source_digest() -> str:
    """SHA-256 over the modules that decide a run's predictions, as they were when it began."""
    digest = sha256()
    root = Path(ferbook.__file__).parent
    for file in sorted(file for pattern in SOURCE for file in root.glob(pattern)):
        digest.update(f"{file.relative_to(root)}\n".encode() + file.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=2)
def open_dataset(name: str) -> tuple[Faces, Landmarks]:
    """A registered dataset, or `synthetic-N`, with its landmarks."""
    kind, _, count = name.partition("-")
    if kind == "synthetic":
        from ferbook.data.synthetic import draw

        if not count.isdigit() or int(count) < 7:
            raise InputError(f"dataset {name!r}: expected synthetic-N with N of 7 or more")
        faces = draw(int(count), seed=2013)
    else:
        from ferbook.data.store import open_faces

        faces = open_faces(name)
    return faces, landmark_finder.of(faces)


def _train(run: Run, device: torch.device, deadline: float | None, bar: Any) -> int:
    from ferbook.data.splits import make_split

    faces, landmarks = open_dataset(run.dataset)
    split = make_split(faces, run.split, seed=run.seed, fold=run.fold)
    rows = {"train": split.train, "validation": split.validation, "test": split.test}
    if run.undetected == "drop":
        rows = {part: index[landmarks.detected[index]] for part, index in rows.items()}
    points = landmarks.points
    if run.undetected == "zero":  # far outside the frame: an empty heatmap
        points = np.where(landmarks.detected[:, None, None], points, np.float32(-1e4))
    inputs = Inputs.on(device, faces.images, points, faces.labels)
    torch.manual_seed(run.seed)
    network, channels = build(run.model, run.recipe.sigma)
    history = training.train(
        network,
        channels,
        inputs,
        rows,
        run.recipe,
        run.seed,
        run.checkpoint,
        _fingerprint(run, faces, device),
        deadline,
        _reporter(bar),
    )
    predictions = _score(network, channels, inputs, rows, run.recipe.precision)
    detector = "true" if faces.landmarks is not None else Detector().key
    write_card(paths.results() / "datasets", faces, landmarks, detector)
    data = {
        "config": json.loads(json.dumps(run.config())),
        "dataset": {
            "name": faces.name,
            "fingerprint": faces.fingerprint,
            "verdict": faces.judgement.get("verdict", "unknown"),
            "ways": list(faces.judgement.get("ways", [])),
            "detector": detector,
            "rows": {part: len(index) for part, index in rows.items()},
        },
        "parameters": sum(weight.numel() for weight in network.parameters()),
        "history": history,
        "selected_epoch": training.selected(history, run.recipe),
        "seconds": round(sum(epoch["seconds"] for epoch in history), 1),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "hardware": hardware(device),
        "versions": versions(),
        "source": source_digest(),
    }
    records.write(run.folder, data, predictions)
    shutil.rmtree(run.checkpoint.parent, ignore_errors=True)
    return len(history)


def _score(
    network: torch.nn.Module,
    channels: Channels,
    inputs: Inputs,
    rows: dict[str, NDArray[np.int64]],
    precision: str,
) -> dict[str, Any]:
    """Probabilities (n, classes) of each part, plain and averaged with the mirror image."""
    out: dict[str, Any] = {}
    for part in ("validation", "test"):
        views = {}
        for view, flip in (("plain", False), ("flip", True)):
            logits = training.predict(network, channels, inputs, rows[part], precision, flip)
            views[view] = logits.softmax(1).cpu().numpy()
        out[part] = {"rows": rows[part], "views": views}
    return out


def _fingerprint(run: Run, faces: Faces, device: torch.device) -> str:
    """What a checkpoint must have in common with the run that goes on from it."""
    same = [run.config(), faces.fingerprint, source_digest(), torch.__version__, device.type]
    return sha256(json.dumps([*same, torch.get_num_threads()], sort_keys=True).encode()).hexdigest()


def _device(wanted: str | None) -> torch.device:
    if wanted == "cuda" and not torch.cuda.is_available():
        raise InputError("device cuda: torch sees no GPU here; use --device cpu or leave it out")
    if wanted not in (None, "cpu", "cuda"):
        raise InputError(f"device {wanted!r}: expected cpu or cuda")
    return torch.device(wanted or ("cuda" if torch.cuda.is_available() else "cpu"))


def _reporter(bar: Any) -> Any:
    def report(epoch: dict[str, Any]) -> None:
        if bar is not None:
            bar.update(1)
            bar.set_postfix_str(f"validation {epoch['validation_accuracy']:.1%}", refresh=True)

    return report


def hardware(device: torch.device) -> dict[str, Any]:
    """What the run ran on: processor, threads, and the GPU where there was one."""
    out: dict[str, Any] = {
        "device": device.type,
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
    }
    if device.type == "cuda":
        out["gpu"] = torch.cuda.get_device_name(device)
    return out


def versions() -> dict[str, str]:
    return {
        "ferbook": ferbook.__version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
