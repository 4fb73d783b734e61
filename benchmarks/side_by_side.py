"""Two ways of doing the same thing, in turns, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Task = Callable[[], object]


def seconds(task: Task, device: str = "cpu") -> float:
    """Wall seconds of one call; on a GPU until it has finished."""
    if device == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    task()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def in_turns(
    tasks: dict[str, Task],
    turns: int,
    device: str = "cpu",
    warm: bool = True,
    within: float = float("inf"),
) -> dict[str, list[float]]:
    """Seconds of each task in each turn: what else the machine does meets all of them.

    After two turns none is begun when `within` seconds are over.
    """
    if warm:
        for task in tasks.values():
            task()
    taken: dict[str, list[float]] = {name: [] for name in tasks}
    began = time.perf_counter()
    for turn in range(turns):
        if turn >= 2 and time.perf_counter() - began > within:
            break
        for name, task in tasks.items():
            taken[name].append(seconds(task, device))
    return taken


def compiled(task: Callable[..., Tensor], *example: Tensor) -> tuple[Callable[..., Tensor], str]:
    """`task` by torch.compile and no note; or as it is and why, where that fails for `example`."""
    try:
        quick = torch.compile(task, dynamic=False)
        quick(*example)
    except Exception as error:  # no compiler, no Triton, or what they do not know
        return task, f"torch.compile: {type(error).__name__}"
    return quick, ""


def row(
    name: str,
    what: str,
    against: str,
    taken: dict[str, list[float]],
    items: dict[str, int],
    unit: str,
    target: float | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A line of the table. `items`: how many `unit`s each side did in the time of a turn.

    more: `limit`, the seconds that one unit takes where the machine does nothing else; `bound`,
    what that limit is; `wanted`, seconds for one unit; `share`, of the limit, that is aimed at;
    `note`.
    """
    per_unit = {side: [spent / items[side] for spent in taken[side]] for side in taken}
    return {
        "name": name,
        "what": what,
        "against": against,
        "unit": unit,
        "ours": per_unit["ours"],
        "theirs": per_unit.get("theirs", []),
        "target": target,
        **more,
    }
