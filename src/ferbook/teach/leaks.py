"""What lesson 5 measures: memory without learning, and what is known of FER2013's copies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferbook import paths
from ferbook.data.faces import Faces

Rows = NDArray[np.int64]
Splitter = Callable[[NDArray[np.int32], float, int], tuple[Rows, Rows]]
SHARE = 0.2  #: of people, or of pictures, in the test part


def nearest(faces: Faces, by_person: Splitter, repeats: int) -> dict[str, float]:
    """Accuracy of repeating the emotion of the most similar training picture, a mean over splits.

    {"by picture", "by person"}: pictures drawn at random, or the people of `by_person`.
    """
    from scipy.spatial.distance import cdist

    flat = faces.images.reshape(len(faces), -1).astype(float)
    gaps = cdist(flat, flat)
    right: dict[str, list[float]] = {"by picture": [], "by person": []}
    for seed in range(repeats):
        order = np.random.default_rng(seed).permutation(len(faces))
        held = round(SHARE * len(faces))
        splits: dict[str, Any] = {
            "by picture": (order[held:], order[:held]),
            "by person": by_person(faces.subject, SHARE, seed),
        }
        for name, (train, test) in splits.items():
            twin = train[gaps[np.ix_(test, train)].argmin(axis=1)]
            right[name].append(float((faces.labels[twin] == faces.labels[test]).mean()))
    return {name: float(np.mean(scores)) for name, scores in right.items()}


def best_published(kind: str) -> float:
    """The best accuracy, per cent, on FER2013's PrivateTest whose protocol is known."""
    from ferbook.report.audit.published import published

    known = published(paths.reported() / "published" / "fer2013.yaml")
    assert known is not None
    return known.best(kind).accuracy


def copied_share(draws: int) -> float:
    """Share of a random tenth of FER2013 that has an exact copy in another eight tenths."""
    from ferbook.report.tables import card_of

    group = card_of("fer2013").duplicate_group
    tenth = len(group) // 10
    found = []
    for seed in range(draws):
        order = np.random.default_rng(seed).permutation(len(group))
        found.append(np.isin(group[order[:tenth]], group[order[2 * tenth :]]).mean())
    return float(np.mean(found))
