"""`ferbook predict` on one core: a face by one ONNX graph, beside dlib's landmarks and PyTorch.

Both ways start from the same detection, in a crop of 200 pixels around the face of a photograph.
Steps of the graph are differences: a graph that ends in landmarks, one that ends in the heatmap,
the whole one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import dlib
import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import limits
from benchmarks.side_by_side import Task, in_turns, row
from ferbook import paths
from ferbook.portable import photo
from ferbook.portable.graph import INPUT, OUTPUTS, Graph, onnx_file, open_graph
from ferbook.portable.predict import dlib_reader, graph_reader, open_session
from ferbook.report.chew.cost import one_thread
from ferbook.study.inputs import Channels
from ferbook.vision.landmarks import _dlib

SIDE = 200  #: pixels of the crop that is searched
WIDER = 1.6  #: times as wide as the face
TURNS, CALLS = 9, 10
Grey = NDArray[np.uint8]


def rows(device: str) -> list[dict[str, Any]]:
    """Raises `InputError` where the networks are not recorded."""
    with one_thread():
        picture = searched()
        by_graph, usual = graph_reader()
        by_dlib, _ = dlib_reader()
        (box, *_) = photo.detect(picture)
        frame = photo.framed(box, usual)
        graph, _ = open_graph()
        whole = {
            "ours": lambda: by_graph(picture, box, frame),
            "theirs": lambda: by_dlib(picture, box, frame),
        }
        steps = dlib_steps(graph, picture, box, frame) | graph_steps(photo.crop(picture, frame))
        tasks = whole | {"detection": lambda: photo.detect(picture)} | steps
        taken = in_turns({name: repeated(task) for name, task in tasks.items()}, TURNS)
        limit = operations(graph) / limits.matrix_rate("cpu", torch.float32)
    return [*totals(taken, limit), *by_step(taken)]


def totals(taken: dict[str, list[float]], limit: float) -> list[dict[str, Any]]:
    items = {"ours": CALLS, "theirs": CALLS}
    what, against = "a found face to its emotion, ONNX, one core", "dlib and PyTorch"
    bound = {"limit": limit, "bound": "float32 products of the networks, one core"}
    own = {side: taken[side] for side in items}
    found = row("predict", what, against, own, items, "face", wanted=0.005, **bound)
    searching = {
        side: [a + b for a, b in zip(taken[side], taken["detection"], strict=True)]
        for side in items
    }
    what = f"the same with dlib's search of {SIDE} × {SIDE} pixels"
    return [found, row("predict-searched", what, against, searching, items, "face", wanted=0.020)]


def by_step(taken: dict[str, list[float]]) -> list[dict[str, Any]]:
    """Lines of a table of their own: `step`, and by which `way`."""
    before = {"landmarks": None, "heatmap": "onnx landmarks", "networks": "onnx heatmap"}
    spent = {("dlib", "detection"): taken["detection"], ("onnx", "detection"): taken["detection"]}
    for step, less in before.items():
        spent["dlib", step] = taken[f"dlib {step}"]
        until = np.array(taken[f"onnx {step}"])
        spent["onnx", step] = (until - (taken[less] if less else 0)).tolist()
    return [
        row(f"predict-{way}-{step}", step, "", {"ours": times}, {"ours": CALLS}, "face")
        | {"way": way, "step": step}
        for (way, step), times in spent.items()
    ]


def searched() -> Grey:
    """The public domain photograph around its face, as large as a small camera's preview."""
    file = paths.checkout() / "book" / "static" / "live" / "collins.jpg"
    grey = np.asarray(photo.read(file).convert("L"))
    left, top, right, bottom = photo.detect(grey)[0]
    side = WIDER * (right - left)
    x, y = (left + right - side) / 2, (top + bottom - side) / 2
    rows_, columns = (slice(max(0, int(a)), int(a + side)) for a in (y, x))
    return np.asarray(cv2.resize(grey[rows_, columns], (SIDE, SIDE), interpolation=cv2.INTER_AREA))


def dlib_steps(graph: Graph, picture: Grey, box: tuple, frame: photo.Frame) -> dict[str, Task]:
    """The steps of `ferbook.portable.predict.dlib_reader`."""
    predictor = _dlib()[1]
    channels = Channels(True, 1, graph.sigma)
    edges = dlib.rectangle(*(round(edge) for edge in box))

    def landmarks() -> NDArray[Any]:
        shape = predictor(picture, edges)
        return frame.to_crop(np.array([(part.x, part.y) for part in shape.parts()]))

    points = torch.from_numpy(landmarks())[None]

    def heatmap() -> torch.Tensor:
        face = torch.from_numpy(photo.crop(picture, frame))[None, None].float() / 255
        return channels.compose(face, points)[0]

    shown = heatmap()

    @torch.inference_mode()
    def networks() -> None:
        graph.opinions(shown)[0].numpy()

    return {"dlib landmarks": landmarks, "dlib heatmap": heatmap, "dlib networks": networks}


def graph_steps(crop: Grey) -> dict[str, Task]:
    """The recorded graph as far as each of its outputs."""
    import onnx
    from onnx.utils import Extractor

    model = onnx.load(onnx_file())
    face = {INPUT: crop[None, None].astype(np.float32) / 255}
    tasks: dict[str, Task] = {}
    for step, output in zip(("landmarks", "heatmap", "networks"), OUTPUTS, strict=True):
        part = Extractor(model).extract_model([INPUT], [output])
        session = open_session(part.SerializeToString())
        tasks[f"onnx {step}"] = lambda session=session: session.run(None, face)
    return tasks


def repeated(task: Task) -> Callable[[], None]:
    """Some calls, for a clock that is coarse beside one."""

    def calls() -> None:
        for _ in range(CALLS):
            task()

    return calls


def operations(graph: Graph) -> float:
    """Operations (two a product) for one face."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        graph(torch.rand(1, 1, 48, 48))
    return float(counter.get_total_flops())
