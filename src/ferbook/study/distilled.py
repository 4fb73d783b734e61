"""The record of `landmark_net`: weights, how they were taught, and how far they are from dlib.

    python -m ferbook.study.distilled [--dataset fer2013] [--epochs 20] [--max-minutes M]

leaves `live/landmark_net.safetensors` below the results, and beside it `landmark_net.json`: plan,
history, errors, and `seal`, the SHA-256 of the rest, which names the digest of the weights. The
same command goes on where it was interrupted, and does nothing where both are there.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferbook import paths
from ferbook.data.faces import SPLITS, Faces
from ferbook.errors import InputError
from ferbook.study import sealed
from ferbook.vision.landmarks import MIRROR, Detector, Landmarks, detect

NAME = "landmark_net"
PARTS = {"train": "train", "validation": "public", "test": "private"}
FRAMED = 0.4  #: least overlap of a detection with the frame, IoU; below it, it is a false positive


def folder() -> Path:
    return paths.results() / "live"


def sure(faces: Faces, found: Landmarks) -> dict[str, NDArray[np.int64]]:
    """Rows of each part whose face the detector found itself, about where the frame is."""
    size = faces.images.shape[-1]
    fit = found.detected & ((found.frame_iou(size) >= FRAMED) | np.isnan(found.score))
    return {
        part: np.flatnonzero(fit & (faces.split == SPLITS.index(name)))
        for part, name in PARTS.items()
    }


def mirror_errors(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n,) how far dlib is from itself: found on the mirrored face, mirrored back, against found.

    As a share of the inter-ocular distance, of the faces that it detects both ways.
    """
    import torch

    from ferbook.study.distil import normalised_errors

    plain, mirrored = detect(images), detect(np.ascontiguousarray(images[:, :, ::-1]))
    back = mirrored.points[:, MIRROR].copy()
    back[..., 0] = images.shape[-1] - 1 - back[..., 0]
    both = plain.detected & mirrored.detected
    pair = (torch.from_numpy(points[both]) for points in (back, plain.points))
    return normalised_errors(*pair).numpy()


def measured(network: Any, faces: Faces, found: Landmarks, test: Any) -> dict[str, Any]:
    """Errors of the rounded network on the test part, with and without jitter, and dlib's own."""
    import torch

    from ferbook.study import distil

    images, points = np.array(faces.images[test]), found.points[test]
    plain = torch.from_numpy(images).unsqueeze(1).float() / 255, torch.from_numpy(points)
    shown = {"plain": plain, "jittered": distil.jittered(images, points)}
    out: dict[str, Any] = {"faces": len(test)}
    for name, (seen, truth) in shown.items():
        out[name] = _spread(distil.normalised_errors(distil.look(network, seen), truth).numpy())
    own = mirror_errors(images)
    out["mirror"] = _spread(own) | {"faces": len(own)}
    return out


def _spread(errors: NDArray[np.float32]) -> dict[str, float]:
    return {
        "mean": float(errors.mean()),
        "median": float(np.median(errors)),
        "p95": float(np.quantile(errors, 0.95)),
    }


def distil(dataset: str, epochs: int | None = None, max_minutes: float | None = None) -> str:
    """Teach, measure and record; returns a line. What is recorded is left as it is."""
    import torch
    from tqdm import tqdm

    from ferbook.models.landmark_net import LandmarkNet
    from ferbook.portable.weights import halves, packed, restored
    from ferbook.study import distil as teaching
    from ferbook.study.engine import hardware, source_digest, versions
    from ferbook.study.material import open_dataset

    if (folder() / f"{NAME}.json").exists():
        return f"{folder() / NAME}.json: recorded before"
    faces, found = open_dataset(dataset)
    plan = teaching.Plan() if epochs is None else replace(teaching.Plan(), epochs=epochs)
    rows = sure(faces, found)
    said = teaching.described(plan)
    decides = [said, faces.fingerprint, source_digest(), torch.__version__, torch.get_num_threads()]
    mark = sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()
    checkpoint = paths.unfinished_runs() / "live" / f"{NAME}.pt"
    deadline = None if max_minutes is None else time.monotonic() + 60 * max_minutes
    with tqdm(total=plan.epochs, unit="epoch", desc=NAME) as bar:
        network, history = teaching.teach(
            faces.images,
            found.points,
            rows,
            plan,
            checkpoint,
            mark,
            deadline,
            report=partial(_told, bar),
        )
    weights = halves(network)
    rounded = restored(LandmarkNet(), weights)
    data = {
        "format": 1,
        "plan": said,
        "dataset": {
            "name": faces.name,
            "fingerprint": faces.fingerprint,
            "detector": "true" if faces.landmarks is not None else Detector().key,
            "rows": {part: len(index) for part, index in rows.items()},
            "box": _average_box(found, rows["train"], faces.images.shape[-1]),
        },
        "parameters": sum(weight.numel() for weight in network.parameters()),
        "history": history,
        "seconds": round(sum(epoch["seconds"] for epoch in history), 1),
        "errors": measured(rounded, faces, found, rows["test"]),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "hardware": hardware(torch.device("cpu")),
        "versions": versions(),
        "source": source_digest(),
    }
    sealed.write(folder() / f"{NAME}.json", data, {f"{NAME}.safetensors": packed(weights)})
    checkpoint.unlink(missing_ok=True)
    return f"{folder() / NAME}.json: mean error {data['errors']['plain']['mean']:.1%}"


def _told(bar: Any, epoch: dict[str, Any]) -> None:
    bar.set_postfix_str(f"error {epoch['validation_error']:.1%}", refresh=False)
    bar.update(1)


def _average_box(found: Landmarks, rows: Any, size: int) -> dict[str, float]:
    """Where a dataset's frames have the detector's box: its middle and side, in frames."""
    left, top, right, bottom = found.box[rows].mean(axis=0) / size
    return {
        "x": float(left + right) / 2,
        "y": float(top + bottom) / 2,
        "side": float(right - left + bottom - top) / 2,
    }


def load() -> dict[str, Any]:
    """What the record says; an InputError where there is none, or where it was edited."""
    file = folder() / f"{NAME}.json"
    if not file.exists():
        raise InputError(f"{file}: not there; make it with: python -m ferbook.study.distilled")
    return _load(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _load(file: Path, time: int) -> dict[str, Any]:
    return sealed.load(file)[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--dataset", default="fer2013")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--max-minutes", type=float)
    options = parser.parse_args()
    from ferbook.study.training import Deadline

    try:
        print(distil(options.dataset, options.epochs, options.max_minutes))
    except Deadline:
        sys.exit("time is over; the same command goes on from here")
    except InputError as error:
        sys.exit(f"ferbook: {error}")


if __name__ == "__main__":
    main()
