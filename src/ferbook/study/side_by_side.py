"""Several runs at once, each in a process of its own.

One training seldom fills a large GPU: its kernels are short, and between them it waits for the
processor. Several share it. On a CPU they share the cores, a part of the threads for each.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import Manager, get_context
from threading import Thread
from typing import TYPE_CHECKING, Any

from ferbook.errors import InputError

if TYPE_CHECKING:
    from ferbook.study.experiments import Run


@dataclass
class Telling:
    """What a process is given for a progress bar: it sends what it is told to the real one."""

    queue: Any
    told: int = 0  #: epochs, so far

    def update(self, epochs: int) -> None:
        self.told += epochs
        self.queue.put(epochs)

    def set_postfix_str(self, text: str, refresh: bool = True) -> None:
        """Several runs have no one figure to show."""


def train(
    runs: Sequence[Run], jobs: int, device: str | None, deadline: float | None, bar: Any
) -> Iterator[tuple[Run, int | InputError | str | None]]:
    """Each run as it ends, with the epochs that it took, None where time was over before, what is
    said where it was over meanwhile, or what is amiss with it.

    deadline : of `time.time()`, which all processes share. Any other error ends the waiting: what
    has not begun does not begin, and it is raised when the runs in hand have ended.
    """
    with Manager() as manager, ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        queue = manager.Queue()
        Thread(target=_pass_on, args=(queue, bar), daemon=True).start()
        threads = max(1, (os.cpu_count() or 1) // jobs)
        work = {
            pool.submit(_train, run, device, deadline, threads, Telling(queue)): run for run in runs
        }
        try:
            for future in as_completed(work):
                yield work[future], future.result()
        except BaseException:
            _leave(work)
            raise
        finally:
            queue.put(None)


def _train(
    run: Run, device: str | None, deadline: float | None, threads: int, bar: Telling
) -> int | InputError | str | None:
    import torch

    from ferbook.study.engine import train_and_record
    from ferbook.study.training import Deadline

    torch.set_num_threads(threads)
    left = None if deadline is None else deadline - time.time()
    if left is not None and left <= 0:
        return None
    try:
        return train_and_record(run, device, None if left is None else time.monotonic() + left, bar)
    except InputError as error:
        return error
    except Deadline:
        return run.stopped(bar.told)


def _pass_on(queue: Any, bar: Any) -> None:
    while (epochs := queue.get()) is not None:
        bar.update(epochs)


def _leave(work: dict[Future[Any], Run]) -> None:
    for future in work:
        future.cancel()
