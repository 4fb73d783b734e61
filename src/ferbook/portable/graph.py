"""One network of four: a face in, its landmarks, their heatmap and three opinions out.

    image (1, 1, 48, 48), grey in 0 to 1 -> landmark_net -> landmarks (1, 68, 2), (x, y) in pixels
      -> Gaussian heatmap (1, 1, 48, 48) -> pixels, landmarks, hybrid -> probabilities (1, 3, 7)

What the classifiers are shown is what they were trained on, except for the teacher's landmarks,
in whose place stand the pupil's.
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from ferbook import paths
from ferbook.models.landmark_net import SIZE
from ferbook.portable.networks import VARIANTS, Portable, classifiers, key, landmark_net
from ferbook.study.inputs import Channels

INPUT, OUTPUTS = "image", ("landmarks", "heatmap", "probabilities")
SMALL = 256  #: weights of a layer up to which they stay in float32


class Graph(nn.Module):
    """`classifiers` in the order of `VARIANTS`; `sigma` in pixels, that of their training."""

    def __init__(self, finder: nn.Module, classifiers: Sequence[nn.Module], sigma: float) -> None:
        super().__init__()
        self.finder, self.classifiers = finder, nn.ModuleList(classifiers)
        self.sigma = sigma

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B, 1, 48, 48) -> landmarks (B, 68, 2), heatmap (B, 1, 48, 48), opinions (B, 3, 7)."""
        landmarks = self.finder(4 * image - 2)
        shown = Channels(True, 1, self.sigma).compose(image, landmarks)[0]
        return landmarks, shown[:, 1:], self.opinions(shown)

    def opinions(self, shown: Tensor) -> Tensor:
        """(B, 2, 48, 48), pixels and heatmap as networks are shown them -> (B, 3, 7)."""
        parts = (shown[:, :1], shown[:, 1:], shown)
        said = [net(part).softmax(1) for net, part in zip(self.classifiers, parts, strict=True)]
        return torch.stack(said, dim=1)


def open_graph() -> tuple[Graph, list[Portable]]:
    """The graph of the recorded networks, and these. Raises `InputError` where some are missing."""
    finder, others = landmark_net(), classifiers()
    sigma = others[0].record["config"]["recipe"]["sigma"]
    assert [other.name for other in others] == list(VARIANTS)
    graph = Graph(finder.network, [other.network for other in others], sigma)
    return graph.eval(), [finder, *others]


def onnx_file() -> Path:
    """The recorded networks as an ONNX file of this machine, made when first needed."""
    finder, others = landmark_net(), classifiers()
    file = paths.weights() / f"live-{key([finder, *others])}.onnx"
    if not file.exists():
        graph, _ = open_graph()
        file.parent.mkdir(parents=True, exist_ok=True)
        scratch = paths.scratch(file)
        scratch.write_bytes(exported(graph))
        os.replace(scratch, file)
    return file


def exported(graph: Graph) -> bytes:
    """An ONNX file of the graph for one face, its weights in half precision.

    They are cast to float32 once, when a session opens it, and computed with in float32.
    """
    import contextlib

    import onnx

    said = io.StringIO()  # the exporter tells its progress
    with torch.no_grad(), contextlib.redirect_stdout(said):
        program = torch.onnx.export(
            graph,
            (torch.rand(1, 1, SIZE, SIZE),),
            input_names=[INPUT],
            output_names=list(OUTPUTS),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    model = program.model_proto  # type: ignore[union-attr]
    _halve(model)
    _strip(model)
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())


def _strip(model: object) -> None:
    """Without what the exporter notes of each step: names and lines of files on this machine."""
    graph = model.graph  # type: ignore[attr-defined]
    for part in (graph, *graph.node, *graph.value_info, *graph.initializer):
        part.doc_string = ""
        del part.metadata_props[:]


def _halve(model: object) -> None:
    """Each larger weight stored as float16, and a Cast in its place."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    graph = model.graph  # type: ignore[attr-defined]
    casts = []
    for weight in graph.initializer:
        if weight.data_type != TensorProto.FLOAT or numpy_helper.to_array(weight).size <= SMALL:
            continue
        name, values = weight.name, numpy_helper.to_array(weight)
        halved = values.astype(np.float16)
        assert np.array_equal(halved.astype(np.float32), values), f"{name} was rounded before"
        weight.CopyFrom(numpy_helper.from_array(halved, f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
