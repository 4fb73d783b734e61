"""Batched k-means beside scikit-learn's, image by image, from the same centres to convergence.

Both work on the chosen pixels of synthetic faces under a stand-in for attention: Gaussians of 4 px
at the landmarks of eyes and mouth.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits
from torch import Tensor

from benchmarks import limits
from benchmarks.side_by_side import in_turns, row
from ferbook.data.synthetic import draw
from ferbook.perturb.distance import Settings, chosen_points
from ferbook.perturb.kmeans import fit
from ferbook.vision.heatmaps import render

IMAGES, CLUSTERS, ITERATIONS = 512, 3, 300
#: operations of a step for each point and centre: three differences, squared and summed, compared
OPERATIONS = 9


def rows(device: str) -> list[dict[str, Any]]:
    points = face_points(IMAGES)
    centres = first_centres(points, CLUSTERS)
    found = fit(points, CLUSTERS, 0, centres, ITERATIONS)
    inertia = scikit(points, centres)
    far = int((np.abs(inertia - found.inertia.numpy()) > 1e-3 * inertia).sum())
    there, from_there = points.to(device), centres.to(device)
    tasks = {
        "ours": lambda: fit(there, CLUSTERS, 0, from_there, ITERATIONS),
        "theirs": lambda: scikit(points, centres),
    }
    with threadpool_limits(torch.get_num_threads()):
        taken = in_turns(tasks, 5, device)
    steps = found.steps.double().mean().item()
    limit = OPERATIONS * steps * points.shape[1] * CLUSTERS / limits.additions(device)
    return [
        row(
            "kmeans",
            f"k-means of Eq. 1, {IMAGES} images of {points.shape[1]} pixels, n = {CLUSTERS}",
            "scikit-learn, image by image",
            taken,
            {"ours": IMAGES, "theirs": IMAGES},
            "image",
            200 if device == "cuda" else 3,
            limit=limit,
            bound="arithmetic",
            note=f"{far} of {IMAGES} images end more than 0.1 % apart in inertia",
        )
    ]


def face_points(images: int, share: float = 0.25) -> Tensor:
    """(images, P, 3) float32."""
    faces = draw(images, seed=2013)
    eyes_and_mouth = torch.from_numpy(faces.landmarks[:, 36:].copy())
    attention = render(eyes_and_mouth, sigma=4.0)[:, 0]
    pictures = torch.from_numpy(faces.images.copy())
    return chosen_points(pictures, attention, Settings(share=share))[1]


def first_centres(points: Tensor, clusters: int) -> Tensor:
    """(images, clusters, 3): points of each image, drawn at random."""
    generator = torch.Generator().manual_seed(clusters)
    first = torch.rand(points.shape[:2], generator=generator).argsort(dim=1)[:, :clusters]
    return points.gather(1, first[..., None].expand(-1, -1, 3))


def scikit(points: Tensor, centres: Tensor) -> np.ndarray:
    """(images,): the inertia of each."""
    pairs = zip(points.numpy(), centres.numpy(), strict=True)
    options = {"n_clusters": centres.shape[1], "n_init": 1, "tol": 0, "max_iter": ITERATIONS}
    return np.array([KMeans(init=start, **options).fit(rows).inertia_ for rows, start in pairs])
