"""What a training goes on from: the state after an epoch, in a file that is whole or not there."""

from __future__ import annotations

import os
import signal
import threading
import time
from copy import deepcopy
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

import torch


class Checkpoint:
    """Writes a training's state at most every so many seconds, and whenever the training ends.

    An epoch that is not written is copied where it lies, on the device. However the block is left,
    the last finished epoch is in the file then: at the end, at a deadline, by Ctrl-C, by an error,
    and by SIGTERM, which is made to end the process in this way. Only what cannot be caught
    (SIGKILL, a machine that dies) costs the epochs of the last `every` seconds; with 0 there are
    none, every epoch is written.
    """

    def __init__(self, file: Path, every: float = 0.0) -> None:
        self.file, self.every = file, every
        self._written = time.monotonic()
        self._held: dict[str, Any] | None = None
        self._before: Any = None

    def keep(self, state: dict[str, Any], last: bool = False) -> None:
        """Of an epoch that has just ended; the last one is always written."""
        if last or time.monotonic() - self._written >= self.every:
            self._held = None
            write_checkpoint(self.file, state)
            self._written = time.monotonic()
        else:
            self._held = deepcopy(state)

    def __enter__(self) -> Self:
        if self.every and threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGTERM, _leave)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._held is not None:
            write_checkpoint(self.file, self._held)
            self._held = None
        if self._before is not None:
            signal.signal(signal.SIGTERM, self._before)


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def read_checkpoint(
    checkpoint: Path, fingerprint: str, device: torch.device
) -> dict[str, Any] | None:
    if not checkpoint.exists():
        return None
    try:
        state = torch.load(checkpoint, map_location=device, weights_only=True)
    except Exception:  # a damaged file costs the epochs it held, not the run
        return None
    return state if state.get("fingerprint") == fingerprint else None


def write_checkpoint(checkpoint: Path, state: dict[str, Any]) -> None:
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    scratch = checkpoint.with_name(f".{checkpoint.name}.{os.getpid()}")
    with open(scratch, "wb") as stream:
        torch.save(state, stream)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(scratch, checkpoint)
