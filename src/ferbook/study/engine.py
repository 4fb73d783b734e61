"""One run from configuration to record: data, landmarks, training, scoring, writing."""

from __future__ import annotations

import json
import os
import platform
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

import ferbook
from ferbook import paths
from ferbook.data.faces import Faces
from ferbook.errors import InputError
from ferbook.locks import Taken, locked
from ferbook.models.build import build
from ferbook.portable.weights import halves, packed
from ferbook.study import phases, preflight, records, training
from ferbook.study.cards import write_card
from ferbook.study.inputs import Feed, Inputs
from ferbook.study.material import Material, classes_of, gather, open_dataset
from ferbook.study.scoring import Scorer, artifacts, score
from ferbook.study.step import computes_bf16
from ferbook.vision.landmarks import Detector, Landmarks

if TYPE_CHECKING:
    from ferbook.perturb.scheme import Scheme
    from ferbook.study.experiments import Run

#: The modules that decide predictions; their digest is in every record.
SOURCE = (
    "vision/*.py",
    "models/*.py",
    "perturb/*.py",
    "study/training.py",
    "study/step.py",
    "study/inputs.py",
    "study/material.py",
    "data/splits.py",
)


def train_and_record(
    run: Run,
    device: str | None = None,
    deadline: float | None = None,
    bar: Any = None,
    wait: float = 0,
) -> int:
    """Train `run`, write its record, return the number of epochs it took.

    While another process trains the same run, wait for it up to `wait` seconds; then an InputError.
    """
    place = pick_device(device)
    folder = run.checkpoint.parent
    try:
        # beside the folder, which goes when the run is recorded
        with locked(folder.with_name(f"{folder.name}.lock"), wait):
            if records.is_complete(run.folder):
                return run.recipe.epochs
            return _train(run, place, deadline, bar)
    except Taken:
        raise InputError(f"{run.id}: another process is training this run") from None


@lru_cache(maxsize=1)
def source_digest() -> str:
    """SHA-256 over the modules that decide a run's predictions, as they were when it began."""
    digest = sha256()
    root = Path(ferbook.__file__).parent
    for file in sorted(file for pattern in SOURCE for file in root.glob(pattern)):
        digest.update(f"{file.relative_to(root)}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def _train(run: Run, device: torch.device, deadline: float | None, bar: Any) -> int:
    preflight.check(run)
    material = gather(run)
    preflight.check_caches(run, material)
    if run.cross is not None:  # wanted at the end; what is amiss with it is said before hours pass
        open_dataset(run.cross)
    inputs = Inputs.on(device, material.images, material.points, material.labels)

    mark = partial(_fingerprint, faces=material.faces, device=device)
    report = _reporter(bar)
    scheme, before = _scheme(run, material, inputs, mark, deadline, report)
    torch.manual_seed(run.seed)
    network, channels = build(run.model | classes_of(material), run.recipe.sigma)
    peeked: dict[str, torch.Tensor] = {}
    feed = Feed(inputs, channels, run.recipe, scheme)
    if phases.shares(run):
        first = phases.anonymous(run)
        history = phases.trained(
            network, feed, material.rows, first, mark(first), deadline, report, history=True
        )["history"]
    else:
        history = training.train(
            network,
            feed,
            material.rows,
            run.seed,
            run.checkpoint,
            mark(run),
            deadline,
            report,
            peeked if "peeked" in run.scores else None,
        )
    chosen = training.selected(history, run.recipe)
    if scheme is not None:
        scheme.begin(chosen)  # the clusters of the epoch that is kept
    scorer = Scorer(network, channels, run.recipe, device, scheme)
    data = {
        "config": json.loads(json.dumps(run.config())),
        "dataset": _dataset(material),
        **_cross(run),
        **before,
        "parameters": sum(weight.numel() for weight in network.parameters()),
        "history": history,
        "selected_epoch": chosen,
        "seconds": round(sum(epoch["seconds"] for epoch in history), 1),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "hardware": hardware(device),
        "versions": versions(),
        "source": source_digest(),
    }
    predictions = score(run, material, scorer, peeked)
    weights = packed(halves(network)) if "weights" in run.scores else None
    records.write(run.folder, data, predictions, artifacts(run, material, scorer), weights)
    shutil.rmtree(run.checkpoint.parent, ignore_errors=True)
    return len(history)


def _scheme(
    run: Run,
    material: Material,
    inputs: Inputs,
    mark: Callable[[Run], str],
    deadline: float | None,
    report: Callable[[dict[str, Any]], None],
) -> tuple[Scheme | None, dict[str, Any]]:
    """The Perturb Scheme of a run that has one, its first phase trained, and a record's words."""
    if "perturb" not in run.model:
        return None, {}
    from ferbook.perturb.scheme import Plan, Scheme

    plan = Plan.of(run.model["perturb"])
    rows = material.rows["train"]
    if not plan.needs_attention:
        return Scheme(plan, inputs.images, rows, run.seed, None), {}
    first, about = phases.attention_network(run, material, inputs, mark, deadline, report)
    look = phases.Attention(first, plan.frame)
    return Scheme(plan, inputs.images, rows, run.seed, look), {"phases": {"attention": about}}


def _dataset(material: Material) -> dict[str, Any]:
    """What a record says of its dataset, whose card is written beside the records."""
    faces = material.faces
    detector = _carded(faces, material.found)
    return {
        "name": faces.name,
        "fingerprint": faces.fingerprint,
        "verdict": faces.judgement.get("verdict", "unknown"),
        "ways": list(faces.judgement.get("ways", [])),
        "detector": detector,
        "rows": {part: len(index) for part, index in material.rows.items()},
    }


def _cross(run: Run) -> dict[str, Any]:
    if run.cross is None:
        return {}
    faces, found = open_dataset(run.cross)
    _carded(faces, found)
    return {"cross": {"name": faces.name, "fingerprint": faces.fingerprint}}


def _carded(faces: Faces, found: Landmarks) -> str:
    """Writes the dataset's card unless it is there; returns the detector's settings."""
    detector = "true" if faces.landmarks is not None else Detector().key
    write_card(paths.results() / "datasets", faces, found, detector)
    return detector


def _fingerprint(run: Run, faces: Faces, device: torch.device) -> str:
    """What a checkpoint must have in common with the run that goes on from it."""
    same = [run.config(), faces.fingerprint, source_digest(), torch.__version__, device.type]
    here = [torch.get_num_threads(), computes_bf16(device)]
    return sha256(json.dumps([*same, *here], sort_keys=True).encode()).hexdigest()


def pick_device(wanted: str | None) -> torch.device:
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
    """What the run ran on: processor, threads, whether it computes bfloat16, GPU if any."""
    out: dict[str, Any] = {
        "device": device.type,
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "bfloat16": computes_bf16(device),
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
