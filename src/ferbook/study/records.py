"""Run records: written once, atomically, sealed, and checked whenever they are read.

A record is a folder `results/<paper>/<run>/` with

- `record.json`: configuration, dataset, history, selected epoch, seconds, hardware, versions, and
  `seal`, the SHA-256 of everything else in it, which names the digests of the other files;
- `predictions.npz`: for each part ("validation", "test", and what else was scored) the row ids,
  and for each view of it ("plain", "flip", an occlusion) the predicted class; probabilities for
  the plain and masked test part only, and not where an experiment does without;
- `artifacts.npz`, where a figure needs what cannot be had again without the weights;
- `weights.safetensors`, where the network itself is shown, in half precision (`portable.weights`).

Writing needs numpy alone, so that a training machine needs nothing more; reading checks a schema.
"""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferbook import paths
from ferbook.errors import InputError
from ferbook.study.cards import Card, open_card

FORMAT = 1
PREDICTIONS, ARTIFACTS, WEIGHTS = "predictions.npz", "artifacts.npz", "weights.safetensors"
VOTED = ("plain", "masked")  #: views of the test part whose probabilities are kept


@dataclass(frozen=True, eq=False)
class Predictions:
    """What one network says of the rows of one part, seen in one view."""

    rows: NDArray[np.int64]  #: (n,), rows of the dataset
    truth: NDArray[np.uint8]  #: (n,), their labels
    predicted: NDArray[np.uint8]  #: (n,), the class of highest probability
    probabilities: NDArray[np.float32] | None = None  #: (n, classes), to within 1/510


@dataclass(frozen=True, eq=False)
class Record:
    """One finished run, as read from its folder."""

    folder: Path
    data: dict[str, Any]  #: record.json

    @property
    def config(self) -> dict[str, Any]:
        return self.data["config"]

    @property
    def id(self) -> str:
        return f"{self.config['paper']}/{self.folder.name}"

    @property
    def history(self) -> list[dict[str, Any]]:
        return self.data["history"]

    @cached_property
    def card(self) -> Card:
        """The dataset that the run was trained and scored on."""
        dataset = self.data["dataset"]
        results = self.folder.parent.parent
        return open_card(results / "datasets", dataset["name"], dataset["fingerprint"])

    @cached_property
    def cross_card(self) -> Card:
        """The other dataset that the part "cross" was scored on."""
        other = self.data.get("cross")
        if not other:
            raise InputError(f"{self.folder}: this run was scored on no other dataset")
        return open_card(
            self.folder.parent.parent / "datasets", other["name"], other["fingerprint"]
        )

    @cached_property
    def _arrays(self) -> Mapping[str, NDArray[Any]]:
        return _stacked(_load_arrays(self.folder / PREDICTIONS))

    @cached_property
    def artifacts(self) -> Mapping[str, NDArray[Any]]:
        file = self.folder / ARTIFACTS
        return _load_arrays(file) if file.exists() else {}

    def views(self, part: str) -> list[str]:
        """The views in which `part` was scored, "plain" first."""
        return [str(name) for name in self._arrays.get(f"{part}.views", ())]

    def predictions(self, part: str = "test", view: str = "plain") -> Predictions:
        if view not in (views := self.views(part)):
            raise InputError(f"{self.folder / PREDICTIONS}: no predictions for {part}, view {view}")
        arrays = self._arrays
        rows = np.cumsum(arrays[f"{part}.rows"], dtype=np.int64)
        probabilities = arrays.get(f"{part}.probabilities.{view}")
        if probabilities is not None:
            probabilities = probabilities.astype(np.float32) / np.float32(255)
        card = self.cross_card if part == "cross" else self.card
        predicted = arrays[f"{part}.predicted"][views.index(view)]
        return Predictions(rows, card.labels[rows], predicted, probabilities)


def write(
    folder: Path,
    data: dict[str, Any],
    predictions: dict[str, Any],
    artifacts: dict[str, NDArray[Any]] | None = None,
    weights: bytes | None = None,
) -> None:
    """Write a record so that it is there whole or not at all.

    `predictions` is {part: {"rows": (n,), "views": {view: probabilities (n, classes)}}}; which
    probabilities are kept is decided here.
    """
    if folder.exists():
        raise InputError(f"{folder}: there is a record already; records are never overwritten")
    for stale in folder.parent.glob(f".{folder.name}.*"):  # of a killed process
        shutil.rmtree(stale, ignore_errors=True)
    scratch = paths.scratch(folder)
    scratch.mkdir(parents=True)
    files = {PREDICTIONS: _pack(predictions)} | ({ARTIFACTS: artifacts} if artifacts else {})
    contents = {name: _npz(arrays) for name, arrays in files.items()}
    contents |= {WEIGHTS: weights} if weights else {}
    for name, content in contents.items():
        (scratch / name).write_bytes(content)
    digests = {name: sha256(content).hexdigest() for name, content in contents.items()}
    sealed = {"format": FORMAT, **data, "files": digests}
    sealed["seal"] = seal(sealed)
    (scratch / "record.json").write_text(_lines(sealed))
    os.replace(scratch, folder)


def _npz(arrays: dict[str, NDArray[Any]]) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def _lines(data: dict[str, Any]) -> str:
    """JSON, a line for each entry, and in the history for each epoch."""
    entries = []
    for key, value in data.items():
        text = json.dumps(value)
        if key == "history":
            text = "[\n  " + ",\n  ".join(json.dumps(epoch) for epoch in value) + "\n ]"
        entries.append(f" {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(entries) + "\n}\n"


def load(folder: Path) -> Record:
    """Read and check a record; anything wrong is one line that names file and field.

    A record is read once: as long as its files have the same size and time, it is the same.
    """
    try:
        stamp = tuple(
            (file.name, file.stat().st_mtime_ns, file.stat().st_size)
            for file in sorted(folder.iterdir())
        )
    except OSError as error:
        raise InputError(f"{folder}: not a readable record ({error})") from None
    return _load(folder, stamp)


@lru_cache(maxsize=4096)
def _load(folder: Path, stamp: tuple[tuple[str, int, int], ...]) -> Record:
    file = folder / "record.json"
    try:
        data = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: not a readable record ({error})") from error
    _validate(file, data)
    if data["seal"] != seal(data):
        raise InputError(
            f"{file}: edited after the run, its seal does not match; records are final"
        )
    for name, digest in data["files"].items():
        content = (folder / name).read_bytes() if (folder / name).exists() else b""
        if sha256(content).hexdigest() != digest:
            raise InputError(f"{folder / name}: missing or not the file that record.json sealed")
    return Record(folder, data)


def is_complete(folder: Path) -> bool:
    """A sealed record with all its files is there; no schema, which training machines lack."""
    try:
        data = json.loads((folder / "record.json").read_text())
        files = {name: sha256((folder / name).read_bytes()).hexdigest() for name in data["files"]}
        return data["seal"] == seal(data) and files == data["files"]
    except (OSError, ValueError, KeyError):
        return False


def load_all(paper: str | None = None, root: Path | None = None) -> list[Record]:
    """Every record of a paper, or of all, in the order of their names."""
    return [load(folder) for folder in _folders(root or paths.results(), paper)]


def seal(data: dict[str, Any]) -> str:
    """SHA-256 of a record's content without its seal, in canonical JSON."""
    content = {key: value for key, value in data.items() if key != "seal"}
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _folders(root: Path, paper: str | None) -> Iterator[Path]:
    for file in sorted(root.glob(f"{paper or '*'}/*/record.json")):
        if not file.parent.name.startswith(".") and file.parent.parent.name != "datasets":
            yield file.parent


def _pack(predictions: dict[str, Any]) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    for part, content in predictions.items():
        # Differences of the row ids: consecutive rows become ones, which compress to nothing.
        arrays[f"{part}.rows"] = np.diff(content["rows"], prepend=0).astype(np.int32)
        views = content["views"]
        arrays[f"{part}.views"] = np.array(list(views))
        best = [probabilities.argmax(1) for probabilities in views.values()]
        arrays[f"{part}.predicted"] = np.stack(best).astype(np.uint8)
        for view, probabilities in views.items():
            if part == "test" and view in content.get("probabilities", VOTED):
                arrays[f"{part}.probabilities.{view}"] = quantise(probabilities)
    return arrays


def _stacked(arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The earliest records hold an array a view, `<part>.predicted.<view>`; now one for all."""
    for part in ("validation", "test"):
        prefix = f"{part}.predicted."
        if views := [key.removeprefix(prefix) for key in arrays if key.startswith(prefix)]:
            arrays[f"{part}.views"] = np.array(views)
            arrays[f"{part}.predicted"] = np.stack([arrays.pop(prefix + v) for v in views])
    return arrays


def quantise(probabilities: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    """(n, classes) probabilities in 255ths, the most probable class still strictly first."""
    steps = np.rint(probabilities * 255).astype(np.int16)
    row, best = np.arange(len(steps)), probabilities.argmax(1)
    others = steps.copy()
    others[row, best] = -1
    steps[row, best] = np.maximum(steps[row, best], others.max(1) + 1)
    return steps.astype(np.uint8)


def _load_arrays(file: Path) -> dict[str, NDArray[Any]]:
    try:
        with np.load(file, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except Exception as error:
        raise InputError(f"{file}: not a readable npz file ({error})") from error


def _validate(file: Path, data: Any) -> None:
    from pydantic import ValidationError

    from ferbook.study.schema import RecordSchema

    try:
        RecordSchema.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{file}: field {field or '(top)'}: {first['msg']}") from error
