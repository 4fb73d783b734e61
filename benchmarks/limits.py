"""What the machine could do: bytes, additions and matrix products a second, measured here."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.side_by_side import compiled, seconds

TURNS = 5
CHAIN = 512  #: additions to each number that a GPU keeps in a register


class Rate(NamedTuple):
    each: float  #: a second
    where: str  #: the operands are


def bandwidth(device: str) -> float:
    """Bytes a second that a copy far larger than any cache reads and writes."""
    count = 2**30 if device == "cuda" else 2**26
    source = torch.ones(count // 4, device=device)
    target = torch.empty_like(source)
    return 2 * count / _least(lambda: target.copy_(source), device)


def additions(device: str) -> Rate:
    """float32 additions a second, by all cores or multiprocessors.

    On a GPU of numbers in registers, CHAIN one after the other to each of so many that the memory
    is idle most of the time; by a minimum, which the bounds below count as one, it takes twice as
    long. On a CPU of operands that stay in a cache.
    """
    if device == "cuda":
        return chained(2**24, CHAIN, device)
    return Rate(_in_cache((torch.get_num_threads(), 2**16), device), "in cache")


def chained(numbers: int, links: int, device: str) -> Rate:
    """Of `links` additions to each of so many `numbers`, compiled to one loop over them; of
    operands in cache or memory where that fails."""
    values, step = torch.zeros(numbers, device=device), torch.full((), 1e-3, device=device)

    def chain(values: Tensor, step: Tensor) -> Tensor:
        for _ in range(links):
            values = values + step
        return values

    quick, note = compiled(chain, values, step)
    if note:
        return Rate(_in_cache((numbers,), device), f"in memory; {note}")
    return Rate(numbers * links / _least(lambda: quick(values, step), device), "in registers")


def _in_cache(size: tuple[int, ...], device: str) -> float:
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
