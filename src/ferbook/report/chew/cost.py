"""What each step from a face to an emotion costs, timed on one core of the machine at hand.

A time is the median over repeats, in milliseconds a face, with the quartiles as its spread. It is
the processor's time for this process, not the clock on the wall, so that waiting for others who use
the same core does not count; with one thread and nobody else both are the same. Before the repeats,
some calls are thrown away: the first ones load code and allocate memory.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ferbook.vision.landmarks import Detector, _dlib, detect

if TYPE_CHECKING:
    import torch

WARM_UP = 2
BATCH = 8  #: faces from which a batch is timed a quarter as often: it is a mean by itself
Call = Callable[[int], Any]  #: of the number of the repeat
BRANCHES = {"pixels": ["pixels"], "hybrid": ["pixels", "landmarks"]}
WIDTHS = (32, 64, 128, 256)  #: those of assumption A3
SETTINGS = Detector()  #: those of assumption A9


def timed(call: Call, repeats: int, faces: int = 1) -> NDArray[np.float64]:
    """(repeats,) milliseconds a face of `call(i)`, i = 0, 1, ..., each on `faces` faces."""
    for i in range(WARM_UP):
        call(i)
    out = np.empty(repeats)
    for i in range(repeats):
        start = time.process_time()
        call(i)
        out[i] = time.process_time() - start
    return 1000 * out / faces


def measure(
    images: NDArray[np.uint8],
    repeats: int = 20,
    batches: Sequence[int] = (1, 64),
    precisions: Sequence[str] = ("f32", "bf16"),
    widths: Sequence[int] = WIDTHS,
    settings: Detector = SETTINGS,
) -> pd.DataFrame:
    """A row a step: step, batch, precision, median, low, high (quartiles, ms a face), repeats.

    images (N, 48, 48) uint8 are gone through in turn; one at a time is always timed. The networks
    have random weights, which cost as much as trained ones.
    """
    rows = []
    with one_thread():
        for step, call in _dlib_calls(images, settings).items():
            rows.append(_row(step, 1, "", timed(call, repeats)))
        points = detect(images[: max(batches)], settings).points
        for batch in sorted({1, *batches}):
            count = repeats if batch < BATCH else max(3, repeats // 4)
            for step, call in _heatmap_calls(_cycled(points, batch)).items():
                rows.append(_row(step, batch, "f32", timed(call, count, batch)))
            for network, precision in product(BRANCHES, precisions):
                call = _network_call(network, batch, precision, widths)
                rows.append(_row(network, batch, precision, timed(call, count, batch)))
    return pd.DataFrame(rows)


def end_to_end(
    images: NDArray[np.uint8], repeats: int = 20, widths: Sequence[int] = WIDTHS
) -> NDArray[np.float64]:
    """(repeats,) ms from one image to the hybrid's answer in one go: the sum of parts, checked."""
    import torch

    from ferbook.study.inputs import Channels

    channels = Channels(True, 1, 1.5)
    network = _network("hybrid", widths)
    with one_thread(), torch.inference_mode():

        def call(i: int) -> None:
            image = images[i % len(images)][None]
            points = torch.from_numpy(detect(image).points)
            faces = torch.from_numpy(np.array(image)).unsqueeze(1).float().div_(255)
            network(*channels.compose(faces, points)).argmax()

        return timed(call, repeats)


@contextmanager
def one_thread() -> Iterator[None]:
    """torch and OpenCV on one core, as dlib always is; restored afterwards."""
    import cv2
    import torch

    before = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        cv2.setNumThreads(before[1])


def _dlib_calls(images: NDArray[np.uint8], settings: Detector) -> dict[str, Call]:
    """The two steps of `vision.landmarks.detect`, apart: of face i in turn, what dlib returns."""
    import dlib

    detector, predictor = _dlib()

    def search(i: int) -> Any:
        large = _enlarged(images[i % len(images)], settings)
        return detector.run(large, 0, settings.threshold)

    enlarged, boxes = [], []
    for i, image in enumerate(images):
        found, scores, _ = search(i)
        enlarged.append(_enlarged(image, settings))
        whole = dlib.rectangle(0, 0, *enlarged[i].shape[::-1])
        boxes.append(found[int(np.argmax(scores))] if found else whole)

    def place(i: int) -> Any:
        return predictor(enlarged[i % len(images)], boxes[i % len(images)]).parts()

    return {"detect": search, "landmarks": place}


def _enlarged(image: NDArray[np.uint8], settings: Detector) -> NDArray[np.uint8]:
    import cv2

    pad, by = settings.pad, settings.enlarge
    padded = cv2.copyMakeBorder(np.asarray(image), pad, pad, pad, pad, cv2.BORDER_REPLICATE)
    large = cv2.resize(padded, None, fx=by, fy=by, interpolation=cv2.INTER_CUBIC)
    return large.astype(np.uint8, copy=False)


def _heatmap_calls(points: NDArray[np.float32]) -> dict[str, Call]:
    import torch

    from ferbook.vision.heatmaps import render

    batch = torch.from_numpy(points)
    return {
        "heatmap": lambda _: render(batch),
        "68 heatmaps": lambda _: render(batch, maps="all").contiguous(),
    }


def _network_call(name: str, count: int, precision: str, widths: Sequence[int]) -> Call:
    """A forward pass on noise: what a pixel's value is does not matter to its cost."""
    import torch

    shape = (count, len(BRANCHES[name]), 48, 48)
    faces = torch.rand(shape).contiguous(memory_format=torch.channels_last)
    network = _network(name, widths)
    lower = torch.autocast("cpu", torch.bfloat16) if precision == "bf16" else nullcontext()

    def forward(_: int) -> None:
        with torch.inference_mode(), lower:
            network(faces)

    return forward


def _network(name: str, widths: Sequence[int]) -> torch.nn.Module:
    import torch

    from ferbook.models.hybrid import Hybrid

    network = Hybrid(BRANCHES[name], widths=widths).eval()
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def _cycled(points: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    return points[np.arange(count) % len(points)]


def _row(step: str, batch: int, precision: str, times: NDArray[np.float64]) -> dict[str, Any]:
    low, median, high = np.percentile(times, [25, 50, 75])
    about = {"step": step, "batch": batch, "precision": precision}
    return {**about, "median": median, "low": low, "high": high, "repeats": len(times)}
