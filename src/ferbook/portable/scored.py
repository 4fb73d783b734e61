"""The record of what the live page's graph answers on the test part, with the faces covered or not.

    python -m ferbook.portable.scored [--dataset fer2013]

leaves `live/graph.npz` below the results, the predicted classes, and beside it `graph.json`, whose
`seal` is the SHA-256 of the rest. Landmarks are the pupil's, found on the face as it is shown.
"""

from __future__ import annotations

import argparse
import io
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferbook.errors import InputError
from ferbook.study import sealed
from ferbook.study.distilled import folder

NAME = "graph"
TEST = "private"
MASKED = "masked"
BATCH = 256


@dataclass(frozen=True, eq=False)
class Answers:
    """What was recorded: (conditions, networks, faces) classes, and the rows of the faces."""

    about: dict[str, Any]
    rows: NDArray[np.int64]
    classes: NDArray[np.uint8]

    def condition(self, name: str) -> NDArray[np.uint8]:
        """(networks, faces) under one of `about["conditions"]`."""
        found: NDArray[np.uint8] = self.classes[self.about["conditions"].index(name)]
        return found


def score(dataset: str) -> str:
    """Ask the graph about every face of the test part under each condition, and record it."""
    from ferbook.data.faces import SPLITS
    from ferbook.portable.graph import open_graph
    from ferbook.study.engine import versions
    from ferbook.study.material import open_dataset
    from ferbook.vision import facemasks
    from ferbook.vision.masking import REGION_CONDITIONS, spoil

    graph, networks = open_graph()
    faces, found = open_dataset(dataset)
    rows = np.flatnonzero(faces.split == SPLITS.index(TEST))
    images, points = np.array(faces.images[rows]), found.points[rows]
    shown = {"plain": images, MASKED: facemasks.masked(faces, found)[rows]}
    for condition in REGION_CONDITIONS:
        shown[condition.name] = spoil(images, points, condition, rows)[0]
    classes = np.stack([_answers(graph, seen) for seen in shown.values()])
    data = {
        "format": 1,
        "dataset": {"name": faces.name, "fingerprint": faces.fingerprint, "part": TEST},
        "networks": {one.name: one.digest for one in networks},
        "conditions": list(shown),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
    }
    packed = io.BytesIO()
    np.savez_compressed(packed, rows=rows.astype(np.int32), classes=classes)
    sealed.write(folder() / f"{NAME}.json", data, {f"{NAME}.npz": packed.getvalue()})
    return f"{folder() / NAME}.json: {len(rows)} faces under {len(shown)} conditions"


def _answers(graph: Any, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(networks, faces) predicted classes of (faces, 48, 48) images."""
    import torch

    faces = torch.from_numpy(images).unsqueeze(1).float() / 255
    with torch.inference_mode():
        said = torch.cat([graph(part)[2] for part in faces.split(BATCH)])
    return said.argmax(2).T.numpy().astype(np.uint8)


def load() -> Answers | None:
    """What was recorded; None where nothing was, an InputError where it was edited."""
    file = folder() / f"{NAME}.json"
    if not file.exists():
        return None
    data, beside = sealed.load(file)
    try:
        with np.load(io.BytesIO(beside[f"{NAME}.npz"]), allow_pickle=False) as stored:
            return Answers(data, stored["rows"].astype(np.int64), stored["classes"])
    except (ValueError, KeyError) as error:
        raise InputError(f"{file}: not a readable record ({error})") from error


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--dataset", default="fer2013")
    try:
        print(score(parser.parse_args().dataset))
    except InputError as error:
        print(f"ferbook: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
