"""Networks so small that a lesson can train them: seconds on one core, on drawn faces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ferbook.data.faces import Faces

if TYPE_CHECKING:
    from ferbook.study.scoring import Scorer

#: Chew's network at an eighth of its channels.
WIDTHS, HIDDEN = [4, 8, 16, 32], 32
EPOCHS, BATCH = 4, 10
#: The hybrid and its controls: name, branches, whether the landmark branch is shown nothing.
COMPARED = (
    ("pixels", ["pixels"], False),
    ("landmarks", ["landmarks"], False),
    ("hybrid", ["pixels", "landmarks"], False),
    ("blank", ["pixels", "landmarks"], True),
)


@dataclass(frozen=True, eq=False)
class Small:
    """A trained network."""

    scorer: Scorer
    blank: NDArray[np.float32] | None  #: (68, 2) that it is shown of every face, where it is blank

    def right(
        self,
        faces: Faces,
        images: NDArray[np.uint8] | None = None,
        points: NDArray[np.float32] | None = None,
    ) -> NDArray[np.bool_]:
        """(n,) whether each face is named rightly, shown as it is or as `images` and `points`."""
        from ferbook.study.demo import one_thread

        points = faces.landmarks if points is None else points
        assert points is not None
        shown = _shown(points, self.blank)
        with one_thread():
            said = self.scorer(faces.images if images is None else images, shown)
        right: NDArray[np.bool_] = said.argmax(axis=1) == faces.labels
        return right


def train(
    branches: Sequence[str], faces: Faces, seed: int = 0, blank: bool = False, epochs: int = EPOCHS
) -> Small:
    """Chew's network with these branches, trained on `faces`; a tenth of them chooses the epoch.

    `blank`: its landmark branch is shown the average heatmap, the same for every face.
    """
    import torch

    from ferbook.models.build import build
    from ferbook.study.demo import briefly
    from ferbook.study.inputs import Feed, Inputs
    from ferbook.study.recipe import Geometry, recipe
    from ferbook.study.scoring import Scorer

    assert faces.landmarks is not None
    still = Geometry(rotation=0, translation=0, zoom=(1.0, 1.0), flip=0.0)
    plan = replace(recipe("demo"), epochs=epochs, batch=BATCH, geometry=still)
    torch.manual_seed(seed)
    model = {"family": "hybrid", "branches": branches, "widths": WIDTHS, "hidden": HIDDEN}
    network, channels = build(model, plan.sigma)
    average = faces.landmarks.mean(axis=0) if blank else None
    cpu = torch.device("cpu")
    points = _shown(faces.landmarks, average)
    inputs = Inputs.on(cpu, faces.images, points, faces.labels)
    order = np.random.default_rng(seed).permutation(len(faces))
    held = max(1, len(faces) // 10)
    rows = {"train": order[held:], "validation": order[:held]}
    briefly(network, Feed(inputs, channels, plan), rows, seed)
    return Small(Scorer(network, channels, plan, cpu), average)


def _shown(points: NDArray[np.float32], blank: NDArray[np.float32] | None) -> NDArray[np.float32]:
    return points if blank is None else np.broadcast_to(blank, points.shape).copy()


def heatmap(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """(48, 48) what the landmark branch is shown of one face's landmarks (68, 2)."""
    import torch

    from ferbook.study.recipe import recipe
    from ferbook.vision.heatmaps import render

    drawn: NDArray[np.float32] = render(torch.tensor(points)[None], sigma=recipe("demo").sigma)[
        0, 0
    ].numpy()
    return drawn
