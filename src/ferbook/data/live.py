"""The faces on which a page runs live: drawn ones, or a sample of a registered dataset."""

from __future__ import annotations

import numpy as np

from ferbook.data.faces import Faces
from ferbook.errors import InputError


def described(dataset: str) -> str:
    """What the live faces of a page are, in a sentence."""
    if dataset == "synthetic":
        return (
            "The live faces on this page are synthetic: this project draws them, and where their "
            "landmarks are is known exactly."
        )
    return f"The live faces on this page are a sample of `{dataset}`."


def live_faces(dataset: str, count: int, seed: int = 0) -> Faces:
    """`count` faces, about equally many of each emotion, the same for the same arguments.

    `dataset` is "synthetic" or a registered one; CK+ is refused, its faces may not be shown.
    """
    if dataset == "synthetic":
        from ferbook.data.synthetic import draw

        return draw(count, seed=seed)
    if dataset.startswith("ckplus"):
        raise InputError(f"dataset {dataset!r}: CK+ faces may not be shown; expected fer2013")
    from ferbook.data.store import open_faces

    faces = open_faces(dataset)
    generator = np.random.default_rng(seed)
    shuffled = generator.permutation(len(faces))
    # The k-th face of each emotion comes before the k+1-th of any.
    rank = np.empty(len(faces), int)
    for code in range(len(faces.emotions)):
        chosen = shuffled[faces.labels[shuffled] == code]
        rank[chosen] = np.arange(len(chosen))
    order = shuffled[np.argsort(rank[shuffled], kind="stable")]
    return faces.take(np.sort(order[:count]))
