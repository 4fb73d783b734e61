"""68 landmarks to one 48 x 48 map: ours, a loop over landmarks, kornia's renderer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmarks import limits
from benchmarks.side_by_side import compiled, in_turns, row
from ferbook.vision.heatmaps import render

FACES, SIZE, SIGMA = 1024, 48, 1.5
#: the slow sides draw fewer faces in a turn; their time is by the face
LOOPED, BY_KORNIA = 64, 256
WHAT = "68 landmarks to one 48 × 48 heatmap"
WITHIN = 0.5  #: share of the limit that is aimed at on a GPU: within twice its time
BF16 = 2**-8  #: by which a bfloat16 between 0 and 1 may be off: twice its rounding
Row = dict[str, Any]


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


def fused(landmarks: Tensor, maps: str = "max", kind: torch.dtype = torch.float32) -> Tensor:
    """`render` as one expression, for a compiler to make one loop of: coordinates, squares and
    exponents are float32 and stay in registers, and only the maps, of type `kind`, are written."""
    grid = torch.arange(SIZE, device=landmarks.device, dtype=torch.float32)
    columns, rows = (grid - landmarks.float()[..., None]).square().unbind(dim=2)
    squared = rows[..., :, None] + columns[..., None, :]
    if maps == "max":
        squared = squared.amin(dim=1, keepdim=True)
    return torch.exp(squared * (-0.5 / SIGMA**2)).to(kind)


def parts(device: str) -> list[Callable[[], list[Row]]]:
    torch.manual_seed(0)
    landmarks = torch.rand(32_768 if device == "cuda" else FACES, 68, 2, device=device) * (SIZE - 1)
    on_two_cores = {"loop": 25, "kornia": 8} if device == "cpu" else {}
    found = [partial(beside, way, landmarks, on_two_cores.get(way)) for way in ("loop", "kornia")]
    if device == "cuda":
        found += [partial(one_map, landmarks), partial(all_maps, landmarks[:4096])]
    return found


def beside(way: str, landmarks: Tensor, target: float | None) -> list[Row]:
    """Ours beside the "loop" or "kornia"."""
    looped, part = landmarks[:LOOPED].cpu().numpy(), landmarks[:BY_KORNIA]
    task, count, title = {
        "loop": (lambda: loop(looped), len(looped), "a loop over landmarks"),
        "kornia": (lambda: by_kornia(part), len(part), "kornia, then the maximum"),
    }[way]
    agree(way, landmarks[:LOOPED])
    device = landmarks.device.type
    taken = in_turns({"ours": lambda: render(landmarks), "theirs": task}, 7, device)
    faces = {"ours": len(landmarks), "theirs": count}
    return [row(f"heatmaps-{way}", WHAT, title, taken, faces, "face", target, **bound(device))]


def one_map(landmarks: Tensor) -> list[Row]:
    """The maximum, compiled."""
    device = landmarks.device.type
    quick, note = compiled(fused, landmarks)
    torch.testing.assert_close(quick(landmarks)[:LOOPED], render(landmarks[:LOOPED]))
    taken = in_turns({"ours": lambda: quick(landmarks)}, 20, device)
    more = bound(device) | {"share": WITHIN, "note": note}
    faces, what = {"ours": len(landmarks)}, f"{WHAT}, compiled"
    return [row("heatmaps-compiled", what, "", taken, faces, "face", **more)]


def all_maps(landmarks: Tensor) -> list[Row]:
    """68 maps a face, compiled; their limit is the writing of them. A copy, by which it is
    measured, reads as many bytes as it writes."""
    device, kind = landmarks.device.type, torch.bfloat16
    quick, note = compiled(lambda points: fused(points, "all", kind), landmarks)
    exact = render(landmarks[:LOOPED].double(), maps="all")
    error = (quick(landmarks)[:LOOPED].double() - exact).abs().max().item()
    assert error <= BF16, f"bf16 maps are {error:.4f} off"
    taken = in_turns({"ours": lambda: quick(landmarks)}, 20, device)
    limit = 68 * SIZE**2 * kind.itemsize / limits.bandwidth(device)
    more = {"limit": limit, "bound": "bytes written", "share": WITHIN, "note": note, "error": error}
    faces, what = {"ours": len(landmarks)}, "68 heatmaps a face, bf16, compiled"
    return [row("heatmaps-all", what, "", taken, faces, "face", **more)]


def bound(device: str) -> dict[str, Any]:
    rate = limits.additions(device)
    return {"limit": 2 * 68 * SIZE**2 / rate.each, "bound": f"additions, minima {rate.where}"}


def agree(way: str, landmarks: Tensor) -> None:
    """Both draw the same, but where a landmark at the edge is cut off kornia's sum."""
    if way == "loop":
        ours = render(landmarks)[:, 0].cpu()
        torch.testing.assert_close(ours, torch.from_numpy(loop(landmarks.cpu().numpy())))
        return
    inner = landmarks[:1] / 2 + SIZE / 4
    torch.testing.assert_close(
        render(inner)[:, 0].cpu(), by_kornia(inner).cpu(), atol=1e-3, rtol=1e-3
    )
