"""dlib's landmarks of a dataset, beside a loop over its images in one process."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.side_by_side import in_turns, row
from ferbook.data.synthetic import draw
from ferbook.vision.landmarks import detect, find

FACES, DIFFERENT = 35_887, 2000  #: as many as FER2013 has
TURNS, WITHIN = 3, 240  #: and seconds after which no other turn is begun


def rows(device: str) -> list[dict[str, Any]]:
    faces = draw(DIFFERENT).take(np.arange(FACES) % DIFFERENT)
    found: dict[str, Any] = {}

    def all_cores() -> None:  # in a folder of its own, or the second turn would read the first's
        with tempfile.TemporaryDirectory() as home, patch.dict(os.environ, FERBOOK_HOME=home):
            found["ours"] = find(replace(faces, landmarks=None))

    def one_process() -> None:
        found["theirs"] = detect(faces.images)

    tasks = {"ours": all_cores, "theirs": one_process}
    taken = in_turns(tasks, TURNS, warm=False, within=WITHIN)
    same = all(
        np.array_equal(getattr(found["ours"], part), getattr(found["theirs"], part), True)
        for part in ("points", "detected", "score", "box")
    )
    seconds = min(taken["theirs"]) / FACES / (os.cpu_count() or 1)
    return [
        row(
            "landmarks",
            "dlib's landmarks",
            "a loop in one process",
            taken,
            {"ours": FACES, "theirs": FACES},
            "face",
            1.8,
            limit=seconds,
            bound="the loop, shared by all cores",
            note="the same landmarks, bit for bit" if same else "landmarks differ",
        )
    ]
