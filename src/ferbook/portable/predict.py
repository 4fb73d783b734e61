"""`ferbook predict`: faces of a photograph, their landmarks, and what three networks make of them.

Two ways lead from a face to an answer. By default dlib finds the landmarks and PyTorch computes;
with `onnx` one graph does it all, the one that the book's live page runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ferbook import paths
from ferbook.emotions import EMOTIONS
from ferbook.errors import InputError
from ferbook.portable import photo
from ferbook.portable.networks import VARIANTS
from ferbook.portable.photo import Frame

if TYPE_CHECKING:
    from PIL.Image import Image

Grey = NDArray[np.uint8]
#: (grey picture, box of the detection, frame) -> landmarks (68, 2) in pixels of the crop and
#: probabilities (3, 7)
Reader = Callable[[Grey, tuple[float, float, float, float], Frame], tuple[NDArray, NDArray]]


@dataclass(frozen=True, eq=False)
class Seen:
    """One face of a picture."""

    box: tuple[float, float, float, float]  #: left, top, right, bottom, pixels of the picture
    frame: Frame  #: the square that the networks saw
    landmarks: NDArray[np.float32]  #: (68, 2), pixels of the picture
    probabilities: NDArray[np.float32]  #: (3, 7), networks as in `VARIANTS`, emotions as everywhere


def predict(file: Path, output: Path | None = None, onnx: bool = False) -> str:
    """Look at a photograph, draw what was seen beside it, and return it as text."""
    picture = photo.read(file)
    reader, usual = graph_reader() if onnx else dlib_reader()
    seen = look(np.asarray(picture.convert("L")), reader, usual)
    if not seen:
        raise InputError(
            f"{file}: no face found; expected one that looks at the camera, upright, and is at"
            " least 80 pixels high"
        )
    target = output or file.with_name(f"{file.stem}.faces.png")
    shown = drawn(picture, seen)
    with paths.whole(target) as beside:
        shown.save(beside, format="PNG")
    return "\n".join([*_told(seen), f"drawn to {target}"])


def look(grey: Grey, reader: Reader, usual: dict[str, float]) -> list[Seen]:
    """Every face of a grey picture (H, W), the detector's surest first."""
    out = []
    for box in photo.detect(grey):
        frame = photo.framed(box, usual)
        points, probabilities = reader(grey, box, frame)
        out.append(Seen(box, frame, frame.to_picture(points), probabilities))
    return out


def graph_reader() -> tuple[Reader, dict[str, float]]:
    """One graph under onnxruntime, on one thread, and where FER2013 has its faces."""
    from ferbook.portable.graph import INPUT, onnx_file
    from ferbook.study import distilled

    session = open_session(onnx_file().read_bytes())

    def read(grey: Grey, box: tuple, frame: Frame) -> tuple[NDArray, NDArray]:
        face = photo.crop(grey, frame)[None, None].astype(np.float32) / 255
        landmarks, _, probabilities = session.run(None, {INPUT: face})
        return landmarks[0], probabilities[0]

    return read, distilled.load()["dataset"]["box"]


def open_session(graph: bytes):  # type: ignore[no-untyped-def]
    """An onnxruntime session on one thread of the processor."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def dlib_reader() -> tuple[Reader, dict[str, float]]:
    """dlib's landmarks of the picture itself, the heatmap and the networks in PyTorch."""
    import dlib
    import torch

    from ferbook.portable.graph import open_graph
    from ferbook.study.inputs import Channels
    from ferbook.vision.landmarks import _dlib

    graph, (finder, *_) = open_graph()
    _, predictor = _dlib()
    channels = Channels(True, 1, graph.sigma)

    @torch.inference_mode()
    def read(grey: Grey, box: tuple, frame: Frame) -> tuple[NDArray, NDArray]:
        shape = predictor(grey, dlib.rectangle(*(round(edge) for edge in box)))
        points = frame.to_crop(np.array([(part.x, part.y) for part in shape.parts()]))
        face = torch.from_numpy(photo.crop(grey, frame))[None, None].float() / 255
        shown = channels.compose(face, torch.from_numpy(points)[None])[0]
        return points, graph.opinions(shown)[0].numpy()

    return read, finder.record["dataset"]["box"]


def drawn(picture: Image, seen: list[Seen]) -> Image:
    """The picture with frames, landmarks and, below each frame, the hybrid's first choice."""
    from PIL import ImageDraw

    canvas = picture.copy()
    pen = ImageDraw.Draw(canvas)
    for number, face in enumerate(seen, start=1):
        edge = max(1, round(face.frame.side / 100))
        left, top, side = face.frame.left, face.frame.top, face.frame.side
        pen.rectangle((left, top, left + side, top + side), outline="#ffb000", width=edge)
        for x, y in face.landmarks:
            pen.ellipse((x - edge, y - edge, x + edge, y + edge), fill="#00e0ff")
        best = int(face.probabilities[VARIANTS.index("hybrid")].argmax())
        said = f"{number}: {EMOTIONS[best]} {face.probabilities[-1, best]:.0%}"
        size = max(12, round(side / 12))
        place = (max(left, 0), min(top + side, canvas.height - size) - 1.2 * size)
        pen.text(place, said, fill="#ffffff", font_size=size, stroke_width=2, stroke_fill="#000000")
    return canvas


def _told(seen: list[Seen]) -> list[str]:
    lines = []
    for number, face in enumerate(seen, start=1):
        left, top, right, bottom = (round(edge) for edge in face.box)
        lines.append(
            f"face {number}, {right - left} px wide, at x {left} to {right}, y {top} to {bottom}"
        )
        lines.append(f"{'':10}" + "".join(f"{name:>11}" for name in VARIANTS))
        for code, emotion in enumerate(EMOTIONS):
            cells = (f"{p:>11.0%}" for p in face.probabilities[:, code])
            lines.append(f"{emotion:10}" + "".join(cells))
    lines.append("What a face shows is not what a person feels: see book/ethics.md.")
    return lines
