"""What the machine could do: bytes, additions and matrix products a second, measured here."""

from __future__ import annotations

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.side_by_side import seconds

TURNS = 5


def bandwidth(device: str) -> float:
    """Bytes a second that a copy far larger than any cache reads and writes."""
    count = 2**30 if device == "cuda" else 2**26
    source = torch.ones(count // 4, device=device)
    target = torch.empty_like(source)
    return 2 * count / _least(lambda: target.copy_(source), device)


def additions(device: str) -> float:
    """float32 additions a second of operands that stay in a cache, by all cores."""
    size = (4096, 4096) if device == "cuda" else (torch.get_num_threads(), 2**16)
    values, sums, times = torch.ones(size, device=device), torch.zeros(size, device=device), 200

    def add() -> None:
        for _ in range(times):
            torch.add(sums, values, out=sums)

    return times * sums.numel() / _least(add, device)


def matrix_rate(device: str, kind: torch.dtype) -> float:
    """Operations (two a product) a second of large matrix products of random numbers."""
    size = 8192 if device == "cuda" else 1536
    left, right = (torch.randn(size, size, device=device).to(kind) for _ in range(2))
    return 2 * size**3 / _least(lambda: left @ right, device)


def operations(network: nn.Module, example: torch.Tensor) -> float:
    """Operations of one forward and backward pass for one image, as `FlopCounterMode` counts."""
    with FlopCounterMode(display=False) as counter:
        network(example).sum().backward()
    return counter.get_total_flops() / len(example)


def _least(task: object, device: str) -> float:
    task()  # type: ignore[operator]
    return min(seconds(task, device) for _ in range(TURNS))  # type: ignore[arg-type]
