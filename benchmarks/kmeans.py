"""Batched k-means beside scikit-learn's, image by image, from the same centres to convergence.

Both work on the chosen pixels of synthetic faces under a stand-in for attention: Gaussians of 4 px
at the landmarks of eyes and mouth.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits
from torch import Tensor

from benchmarks import limits
from benchmarks.side_by_side import Task, in_turns, row
from ferbook.data.synthetic import draw
from ferbook.perturb.distance import Settings, chosen_points
from ferbook.perturb.kmeans import Fit, fit
from ferbook.vision.heatmaps import render

IMAGES, CLUSTERS, ITERATIONS = 512, 3, 300
#: operations of a step for each point and centre: three differences, squared and summed, compared
OPERATIONS = 9
#: work for so little data can be hindered by several threads
THREADS = {"one thread": 1, "all threads": None}


def rows(device: str, images: int = IMAGES) -> list[dict[str, Any]]:
    points = face_points(images)
    centres = first_centres(points, CLUSTERS)
    there, from_there = points.to(device), centres.to(device)

    def ours() -> Fit:
        return fit(there, CLUSTERS, 0, from_there, ITERATIONS)

    tasks: dict[str, Task] = {"ours": ours}
    tasks |= {way: partial(scikit, points, centres, threads) for way, threads in THREADS.items()}
    found = ours()
    inertia = scikit(points, centres)
    far = int((np.abs(inertia - found.inertia.cpu().numpy()) > 1e-3 * inertia).sum())
    taken = in_turns(tasks, 5, device)
    best = min(THREADS, key=lambda way: float(np.median(taken[way])))
    rate = limits.additions(device)
    steps = found.steps.double().mean().item()
    limit = OPERATIONS * steps * points.shape[1] * CLUSTERS / rate.each
    return [
        row(
            "kmeans",
            f"k-means of Eq. 1, {images} images of {points.shape[1]} pixels, n = {CLUSTERS}",
            "scikit-learn, image by image",
            {"ours": taken["ours"], "theirs": taken[best]},
            {"ours": images, "theirs": images},
            "image",
            200 if device == "cuda" else 3,
            limit=limit,
            bound=f"float32 arithmetic {rate.where}",
            note=f"{far} of {images} images end more than 0.1 % apart in inertia; scikit-learn on"
            f" {best}, the faster of one thread and all",
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


def scikit(points: Tensor, centres: Tensor, threads: int | None = None) -> np.ndarray:
    """(images,): the inertia of each; on all threads, or so many."""
    pairs = zip(points.numpy(), centres.numpy(), strict=True)
    options = {"n_clusters": centres.shape[1], "n_init": 1, "tol": 0, "max_iter": ITERATIONS}
    with threadpool_limits(threads):
        return np.array([KMeans(init=start, **options).fit(rows).inertia_ for rows, start in pairs])
