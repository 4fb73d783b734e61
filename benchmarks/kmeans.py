"""Batched k-means beside scikit-learn's, image by image, from the same centres to convergence.

    python benchmarks/kmeans.py [--images 512] [--share 0.25] [--clusters 1 2 3 5 8] [--threads 1]

Both work on the chosen pixels of synthetic faces under a stand-in for attention: Gaussians of 4 px
at the landmarks of eyes and mouth. They take turns, so that what else the machine does meets both;
processor and wall time are the least of `--repeats`. "differ" counts images whose inertia is more
than 0.1 % apart; "itself" counts the same of scikit-learn against itself when every coordinate is
changed by up to 0.0001: where a point is nearly as near to two centres, little decides.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits
from torch import Tensor

from ferbook.data.synthetic import draw
from ferbook.perturb.distance import Settings, chosen_points
from ferbook.perturb.kmeans import fit
from ferbook.vision.heatmaps import render

ITERATIONS = 300


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=512)
    parser.add_argument("--share", type=float, default=0.25, help="of the pixels, clustered")
    parser.add_argument("--clusters", type=int, nargs="+", default=[1, 2, 3, 5, 8])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    points = face_points(options.images, options.share)
    print(f"{len(points)} images of {points.shape[1]} points, {options.threads} threads; seconds")
    print("clusters  steps   ours  theirs  ratio  wall ratio  differ  itself")
    with threadpool_limits(options.threads):
        for clusters in options.clusters:
            print(row(points, clusters, options.repeats))


def face_points(images: int, share: float) -> Tensor:
    """(images, P, 3) float64."""
    faces = draw(images, seed=2013)
    eyes_and_mouth = torch.from_numpy(faces.landmarks[:, 36:].copy())
    attention = render(eyes_and_mouth, sigma=4.0)[:, 0]
    pictures = torch.from_numpy(faces.images.copy())
    return chosen_points(pictures, attention, Settings(share=share))[1].double()


def row(points: Tensor, clusters: int, repeats: int) -> str:
    generator = torch.Generator().manual_seed(clusters)
    first = torch.rand(points.shape[:2], generator=generator).argsort(dim=1)[:, :clusters]
    centres = points.gather(1, first[..., None].expand(-1, -1, 3))
    ours, theirs = [], []
    for _ in range(repeats):
        found, *seconds = timed(lambda: fit(points, clusters, 0, centres, ITERATIONS))
        ours.append(seconds)
        inertia, *seconds = timed(lambda: scikit(points, centres))
        theirs.append(seconds)
    (cpu, wall), (their_cpu, their_wall) = np.min(ours, axis=0), np.min(theirs, axis=0)
    noise = 2e-4 * (torch.rand(points.shape, generator=generator) - 0.5)
    differ, itself = (
        int((np.abs(other - inertia) > 1e-3 * inertia).sum())
        for other in (found.inertia.numpy(), scikit(points + noise, centres))
    )
    return (
        f"{clusters:8} {found.steps.double().mean():6.1f} {cpu:6.3f} {their_cpu:7.3f} "
        f"{their_cpu / cpu:6.1f} {their_wall / wall:11.1f} {differ:7} {itself:7}"
    )


def scikit(points: Tensor, centres: Tensor) -> np.ndarray:
    """(B,): the inertia of each set."""
    pairs = zip(points.numpy(), centres.numpy(), strict=True)
    options = {"n_clusters": centres.shape[1], "n_init": 1, "tol": 0, "max_iter": ITERATIONS}
    return np.array([KMeans(init=start, **options).fit(rows).inertia_ for rows, start in pairs])


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """What `work` returns, its processor seconds and its wall seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    return result, time.process_time() - cpu, time.perf_counter() - wall


if __name__ == "__main__":
    main()
