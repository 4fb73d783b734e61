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
NAMED = VARIANTS.index("hybrid")  #: the network whose first choice stands in the picture
#: What a picture may be drawn as, by the ending of its name.
DRAWABLE = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
}


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
    target = output or file.with_name(f"{file.name}.faces{'-onnx' if onnx else ''}.png")
    _check(target, file)
    reader, usual = graph_reader() if onnx else dlib_reader()
    seen = look(np.asarray(picture.convert("L")), reader, usual)
    if not seen:
        raise InputError(
            f"{file}: no face found; expected one that looks at the camera, upright, and is at"
            " least 80 pixels high"
        )
    shown = drawn(picture, seen)
    with paths.whole(target) as beside:
        shown.save(beside, format=DRAWABLE[target.suffix.lower()], quality=95)
    return "\n".join([*_told(seen), f"drawn to {target}"])


def _check(target: Path, file: Path) -> None:
    """InputError where no picture can be drawn to `target`, before anything is computed for it."""
    if target.suffix.lower() not in DRAWABLE:
        raise InputError(
            f"--output {target}: expected a file name that ends in {', '.join(DRAWABLE)}"
        )
    if not target.parent.is_dir():
        raise InputError(f"--output {target}: no folder {target.parent}")
    if target.is_dir():
        raise InputError(f"--output {target}: is a folder; expected a file name")
    if target.exists() and target.samefile(file):
        raise InputError(f"--output {target}: is the photograph itself; expected another name")


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
    """The picture with frames, landmarks and, at the foot of each frame, `label`."""
    from PIL import ImageDraw

    canvas = picture.copy()
    pen = ImageDraw.Draw(canvas)
    for number, face in enumerate(seen, start=1):
        edge = max(1, round(face.frame.side / 100))
        left, top, side = face.frame.pixels
        square = (left, top, left + side - 1, top + side - 1)  # its last pixels are drawn as well
        pen.rectangle(square, outline="#ffb000", width=edge)
        for x, y in face.landmarks:
            pen.ellipse((x - edge, y - edge, x + edge, y + edge), fill="#00e0ff")
        said, size = label(number, face), max(12, round(side / 12))
        room = canvas.width - pen.textlength(said, font_size=size)
        place = (max(min(left, room), 0), min(top + side, canvas.height - size) - 1.2 * size)
        pen.text(place, said, fill="#ffffff", font_size=size, stroke_width=2, stroke_fill="#000000")
    return canvas


def label(number: int, face: Seen) -> str:
    """What stands in the picture: which face, which network, its first choice."""
    said = face.probabilities[NAMED]
    best = int(said.argmax())
    return f"{number}, {VARIANTS[NAMED]}: {EMOTIONS[best]} {said[best]:.0%}"


def _told(seen: list[Seen]) -> list[str]:
    lines = [
        "Of each face: the square that is drawn and that networks see, in pixels of the drawing;",
        "then how probable each emotion is to each network, which is named by what it sees.",
    ]
    for number, face in enumerate(seen, start=1):
        left, top, side = face.frame.pixels
        right, bottom = left + side - 1, top + side - 1
        lines.append(f"face {number}, {side} px wide, at x {left} to {right}, y {top} to {bottom}")
        lines.append(f"{'':10}" + "".join(f"{name:>11}" for name in VARIANTS))
        for code, emotion in enumerate(EMOTIONS):
            cells = (f"{p:>11.0%}" for p in face.probabilities[:, code])
            lines.append(f"{emotion:10}" + "".join(cells))
    lines.append("What a face shows is not what a person feels: see book/ethics.md.")
    return lines
