"""68 landmarks to one 48 x 48 map: ours, a loop over landmarks, kornia's renderer."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmarks import limits
from benchmarks.side_by_side import in_turns, row
from ferbook.vision.heatmaps import render

FACES, SIZE, SIGMA = 1024, 48, 1.5
#: the slow sides draw fewer faces in a turn; their time is by the face
LOOPED, BY_KORNIA = 64, 256


def loop(landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """One Gaussian after the other over the whole image, as is common practice."""
    x, y = np.meshgrid(np.arange(SIZE), np.arange(SIZE))
    maps = np.zeros((len(landmarks), SIZE, SIZE), np.float32)
    for face, points in enumerate(landmarks):
        for left, top in points:
            one = np.exp(-((x - left) ** 2 + (y - top) ** 2) / (2 * SIGMA**2))
            maps[face] = np.maximum(maps[face], one)
    return maps


def by_kornia(landmarks: Tensor) -> Tensor:
    """kornia's maps, which sum to 1, scaled to our maximum, and the maximum over landmarks."""
    from kornia.geometry.subpix import render_gaussian2d

    spread = landmarks.new_tensor([[SIGMA, SIGMA]])
    maps = render_gaussian2d(landmarks.view(-1, 2), spread, (SIZE, SIZE), False)
    return (maps * (2 * np.pi * SIGMA**2)).view(len(landmarks), -1, SIZE, SIZE).amax(1)


def rows(device: str) -> list[dict[str, Any]]:
    torch.manual_seed(0)
    landmarks = torch.rand(32_768 if device == "cuda" else FACES, 68, 2, device=device) * (SIZE - 1)
    agree(landmarks[:LOOPED])
    what = "68 landmarks to one 48 × 48 heatmap"
    bound = {"limit": 2 * 68 * SIZE**2 / limits.additions(device), "bound": "additions, minima"}
    looped, part = landmarks[:LOOPED].cpu().numpy(), landmarks[:BY_KORNIA]
    against = {
        "heatmaps-loop": (lambda: loop(looped), len(looped), "a loop over landmarks", 25),
        "heatmaps-kornia": (lambda: by_kornia(part), len(part), "kornia, then the maximum", 8),
    }
    out = []
    for name, (theirs, count, title, target) in against.items():
        taken = in_turns({"ours": lambda: render(landmarks), "theirs": theirs}, 7, device)
        items = {"ours": len(landmarks), "theirs": count}
        out.append(row(name, what, title, taken, items, "face", target, **bound))
    return [*out, all_maps(landmarks[:4096].bfloat16())] if device == "cuda" else out


def all_maps(landmarks: Tensor) -> dict[str, Any]:
    """68 maps a face; their limit is the writing of them. A copy, by which it is measured, reads
    as many bytes as it writes."""
    device = landmarks.device.type
    taken = in_turns({"ours": lambda: render(landmarks, maps="all")}, 20, device)
    limit = 68 * SIZE**2 * landmarks.element_size() / limits.bandwidth(device)
    items = {"ours": len(landmarks)}
    what = "68 heatmaps a face, bf16"
    return row("heatmaps-all", what, "", taken, items, "face", limit=limit, bound="bytes written")


def agree(landmarks: Tensor) -> None:
    """All three draw the same, but where a landmark at the edge is cut off kornia's sum."""
    ours = render(landmarks)[:, 0].cpu()
    torch.testing.assert_close(ours, torch.from_numpy(loop(landmarks.cpu().numpy())))
    inner = landmarks[:1] / 2 + SIZE / 4
    torch.testing.assert_close(
        render(inner)[:, 0].cpu(), by_kornia(inner).cpu(), atol=1e-3, rtol=1e-3
    )
