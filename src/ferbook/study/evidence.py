"""What of a trained network cannot be had again without its weights: where it looks, its clusters.

All of it is for the network's own choice of class, on

- `shown`: the 21 faces that the dataset's card carries as figure material;
- `sample`: up to 1,000 faces of the test part, the same for every network; shares of saliency
  that methods other than the gradient give are in 255ths, a row of zeros where a map is empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from ferbook.perturb.distance import INTENSITIES, share_of_intensity
from ferbook.study.cards import thumbnail_rows
from ferbook.study.material import Material
from ferbook.study.phases import Attention
from ferbook.study.robustness import sample
from ferbook.vision import regions as zones
from ferbook.vision import saliency

if TYPE_CHECKING:
    from ferbook.perturb.scheme import Scheme
    from ferbook.study.scoring import Scorer

Arrays = dict[str, NDArray[Any]]
#: Faces for deletion and insertion curves, and steps of these.
CURVED, STEPS = 100, 16
#: Methods of which shares and areas are kept, but no map, in the order of `area.methods`.
OTHERS = ("smoothgrad", "gradcam")
METHODS = ("gradient", *OTHERS)
#: Whose pixels go or come first: by the map, by the map of another face, in random order.
ORDERS = ("own", "another's", "random")


def evidence(material: Material, scorer: Scorer) -> Arrays:
    """Saliency of a network of pixels, and of its Perturb Scheme where it has one."""
    faces = {"plain": material.bare, "masked": material.masked}
    out: Arrays = {"regions": np.array(list(zones.HULLS))}
    rows, shown = sample(material), thumbnail_rows(material.faces, material.found)
    out |= {"sample.rows": rows.astype(np.int32), "shown.rows": shown.astype(np.int32)}
    for view, images in faces.items():
        if images is None:
            continue
        found = _maps(scorer, images, shown, "gradient")
        top = found.max(axis=(1, 2), keepdims=True)
        scaled = 255 * found / np.where(top > 0, top, 1)
        out[f"shown.saliency.{view}"] = np.rint(scaled).astype(np.uint8)
        where = _regions(material, rows, found.shape[-1])
        shares = zones.shares(_maps(scorer, images, rows, "gradient"), where)
        out[f"sample.saliency.{view}"] = shares.saliency.astype(np.float16)
        out["sample.area"] = shares.area.astype(np.float16)
        for method in OTHERS:
            other = zones.shares(_maps(scorer, images, rows, method), where).saliency
            out[f"sample.{method}.{view}"] = np.rint(255 * np.nan_to_num(other)).astype(np.uint8)
    out |= _curves(scorer, material.bare[rows[:CURVED]])
    if scorer.scheme is not None:
        out |= _clusters(material, scorer.scheme, shown)
    return out


def _maps(
    scorer: Scorer, images: NDArray[np.uint8], rows: NDArray[np.int64], method: str
) -> NDArray[Any]:
    """(n, S, S) saliency of the predicted class."""
    parts = [
        saliency.maps(scorer.network, scorer.network_input(images[part]), method=method)
        .cpu()
        .numpy()
        for part in np.array_split(rows, max(1, len(rows) // 128))
    ]
    return np.concatenate(parts)


def _regions(material: Material, rows: NDArray[np.int64], size: int) -> NDArray[np.uint8]:
    return zones.regions(zones.cropped(material.points[rows], size), size)


def _curves(scorer: Scorer, images: NDArray[np.uint8]) -> Arrays:
    """As pixels go, or come: the mean probability (orders, STEPS + 1) of the predicted class by
    the gradient, and the area under the curve of each face (methods, orders, n)."""
    network, x = scorer.network, scorer.network_input(images)
    found = {method: saliency.maps(network, x, method=method) for method in METHODS}
    out = {"curve.orders": np.array(ORDERS), "area.methods": np.array(METHODS)}
    for kind in saliency.CURVES:
        random = saliency.random_curve(network, x, kind=kind, steps=STEPS)
        curves = {
            method: [
                saliency.curve(network, x, maps, kind=kind, steps=STEPS),
                saliency.curve(network, x, maps.roll(1, 0), kind=kind, steps=STEPS),
                random,
            ]
            for method, maps in found.items()
        }
        means = [curve.probability.mean(0).cpu().numpy() for curve in curves["gradient"]]
        out[f"curve.{kind}"] = np.stack(means).astype(np.float32)
        under = [[curve.area.cpu().numpy() for curve in each] for each in curves.values()]
        out[f"area.{kind}"] = np.array(under).astype(np.float16)
    return out


def _clusters(material: Material, scheme: Scheme, shown: NDArray[np.int64]) -> Arrays:
    """Clusters and attention of the shown faces; what regions clusters cover on the test part;
    the network's own attention (2, 48, 48), its mean over the test part and on an empty frame."""
    rows = material.rows["test"]
    counts = np.zeros((scheme.plan.settings.clusters + 1, len(zones.HULLS)), np.int64)
    shares = []
    raw = np.zeros(scheme.images.shape[1:])
    for part in np.array_split(rows, max(1, len(rows) // 512)):
        images = torch.from_numpy(np.array(material.bare[part])).to(scheme.images.device)
        maps, attention = scheme.look(images)
        where = zones.regions(material.points[part], images.shape[-1])
        np.add.at(counts, (maps.cpu().numpy(), where), 1)
        if attention is not None:
            given = share_of_intensity(images, attention, scheme.plan.settings)
            shares.append([float(given[name].nanmean()) for name in INTENSITIES])
        if isinstance(scheme.attend, Attention):
            raw += scheme.attend.raw(images).sum(0).cpu().numpy()
    images = torch.from_numpy(np.array(material.bare[shown])).to(scheme.images.device)
    maps, attention = scheme.look(images)
    out: Arrays = {
        "clusters.regions": counts,
        "clusters.seconds": np.array([scheme.seconds[k] for k in ("attention", "clustering")]),
        "shown.clusters": maps.cpu().numpy(),
    }
    if attention is not None:
        low, high = attention.amin((1, 2), True), attention.amax((1, 2), True)
        grey = 255 * (attention - low) / (high - low).clamp_min(1e-6)
        out["shown.attention"] = grey.round().to(torch.uint8).cpu().numpy()
        out["clusters.intensity"] = np.mean(shares, axis=0)
        out["clusters.readings"] = np.array(INTENSITIES)
    if isinstance(scheme.attend, Attention):
        empty = scheme.attend.empty(images).cpu().numpy()
        out["attention.means"] = np.stack([raw / len(rows), empty]).astype(np.float16)
    return out
