"""What the page "Leave a landmark alone" needs beside its scripts: graph, drawings, words.

    python -m ferbook.report.book.live FOLDER PAGE PACKAGE

fills FOLDER with the graph of the recorded networks, a grid of drawn faces and `data.json`, copies
onnxruntime-web from the npm package beside it, and writes PAGE, which says how good the networks
are. Where networks are not recorded, or npm fetched nothing, PAGE says that.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferbook import paths
from ferbook.data import synthetic
from ferbook.data.face_geometry import Expression, Pose
from ferbook.data.face_rendering import Camera, Face, Light, render_face
from ferbook.emotions import EMOTIONS
from ferbook.errors import InputError
from ferbook.models.landmark_net import SIZE
from ferbook.report import live_card
from ferbook.report.figures import VARIANTS
from ferbook.vision.landmarks import REGIONS

RUNTIME = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
PHOTOGRAPH = ("book", "static", "live", "collins.jpg")
STEPS = 5  #: drawings along each slider; between them the page blends
PERSON = (7, 9)  #: seed and number of the drawn person
COVERED = {
    "brows": ("right brow", "left brow"),
    "eyes": ("right eye", "left eye"),
    "nose": ("nose",),
    "mouth": ("mouth",),
}


@dataclass(frozen=True)
class Axis:
    """A slider: action units at its two ends; with none at the lower end it begins there."""

    label: str
    low: str
    high: str
    below: Mapping[int, float]
    above: Mapping[int, float]

    @property
    def start(self) -> float:
        return 0.5 if self.below else 0.0

    def units(self, place: float) -> dict[int, float]:
        """Action units at a place from 0, the lower end, to 1."""
        if not self.below:
            return {unit: place * full for unit, full in self.above.items()}
        side = self.above if place >= 0.5 else self.below
        return {unit: abs(2 * place - 1) * full for unit, full in side.items()}


AXES = (
    Axis("Brows", "lowered", "raised", {4: 1.0}, {1: 1.0, 2: 1.0}),
    Axis("Lids", "drooping", "wide", {43: 0.9, 7: 0.3}, {5: 1.0}),
    Axis("Mouth", "down", "smiling", {15: 1.0, 17: 0.4}, {12: 1.0, 6: 0.9}),
    Axis("Jaw", "closed", "dropped", {}, {25: 1.0, 26: 1.0, 27: 0.6}),
)


def write(static: Path, page: Path, package: Path) -> None:
    """Everything, or a page that says what is missing."""
    shutil.rmtree(static, ignore_errors=True)
    static.mkdir(parents=True)
    page.parent.mkdir(parents=True, exist_ok=True)
    copied = _runtime(package, static.parent / "ort")
    try:
        words = live_card.page()
        _fill(static)
    except InputError as error:
        words = live_card.nothing(str(error))
    if not copied:
        words = live_card.nothing("npm fetched no onnxruntime-web when this book was built") + words
    page.write_text(words, encoding="utf-8")


def _runtime(package: Path, target: Path) -> bool:
    shutil.rmtree(target, ignore_errors=True)
    if not all((package / "dist" / name).is_file() for name in RUNTIME):
        return False
    target.mkdir(parents=True)
    for name in RUNTIME:
        shutil.copy(package / "dist" / name, target / name)
    return True


def _fill(static: Path) -> None:
    from PIL import Image

    from ferbook.portable.graph import onnx_file

    (static / "graph.onnx").write_bytes(onnx_file().read_bytes())
    Image.fromarray(drawings()).save(static / "faces.png", optimize=True)
    (static / "data.json").write_text(json.dumps(data()), encoding="utf-8")


def drawings() -> NDArray[np.uint8]:
    """Every combination of the sliders' steps, 48 x 48 tiles in rows; the last slider first."""
    places = np.linspace(0, 1, STEPS)
    tiles = np.stack([drawn(combination) for combination in product(places, repeat=len(AXES))])
    across = STEPS ** (len(AXES) // 2)
    rows = tiles.reshape(-1, across, SIZE, SIZE)
    return np.ascontiguousarray(rows.swapaxes(1, 2)).reshape(-1, across * SIZE)


def drawn(places: tuple[float, ...]) -> NDArray[np.uint8]:
    """(48, 48), the face at these places of the sliders."""
    units = {
        unit: full
        for axis, at in zip(AXES, places, strict=True)
        for unit, full in axis.units(at).items()
    }
    face = Face(
        synthetic.person(*PERSON),
        Expression(units),
        Pose(scale=1.08),
        Light(azimuth=15),
        Camera(background=0.6),
    )
    return render_face(face, SIZE)[0]


def data() -> dict[str, Any]:
    """What the scripts know of the study: names, colours, regions, sliders."""
    from matplotlib import colormaps

    magma = (255 * colormaps["magma"](np.linspace(0, 1, 64))[:, :3]).round().astype(int)
    return {
        "emotions": EMOTIONS,
        "networks": [{"name": name, "colour": colour} for name, colour in VARIANTS.items()],
        "regions": {
            name: [list(REGIONS[part]) for part in parts] for name, parts in COVERED.items()
        },
        "axes": [
            {"label": a.label, "low": a.low, "high": a.high, "start": a.start, "steps": STEPS}
            for a in AXES
        ],
        "magma": magma.tolist(),
        "crop": crop(),
    }


def crop() -> dict[str, float] | None:
    """Where the photograph's face lies as FER2013 frames it; None where none is found."""
    from ferbook.portable import photo
    from ferbook.study import distilled

    grey = np.asarray(photo.read(paths.checkout().joinpath(*PHOTOGRAPH)).convert("L"))
    found = photo.detect(grey)
    if not found:
        return None
    frame = photo.framed(found[0], distilled.load()["dataset"]["box"])
    return {"x": frame.left, "y": frame.top, "side": frame.side}


if __name__ == "__main__":
    write(*map(Path, sys.argv[1:4]))
