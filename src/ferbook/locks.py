"""Locks between processes of one machine, or of many machines that share a file system.

A lock is the kernel's (flock), never a file whose presence says "taken": it goes with the process
that holds it, however that ends, and with a machine that dies (on NFS when its lease is over), so
nobody waits for a killed job. Where a file system has no such locks, that is said, and nothing else
is put in their place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ferbook.errors import InputError

if TYPE_CHECKING:
    from filelock import FileLock


def made_once(file: Path, make: Callable[[], object]) -> None:
    """Have `make` write `file`, unless it is there; while another process is at it, wait for that.

    What `make` needs of an unfinished try it may leave beside `file`: a process at a time is in it.
    """
    if not file.exists():
        with locked(file.with_suffix(".lock")):
            if not file.exists():  # or the other process wrote it meanwhile
                make()


class Taken(Exception):
    """Another process holds the lock, and went on holding it for as long as one would wait."""


@contextmanager
def locked(file: Path, wait: float = -1) -> Iterator[None]:
    """Hold the lock `file`, which stays there, empty, when it is released.

    wait : seconds to wait for another process; below 0, for as long as it takes. Raises `Taken`
    when they are over, and `InputError` where the file system has no locks.
    """
    from filelock import Timeout

    lock = _lock(file)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=wait)
    except Timeout:
        raise Taken(file) from None
    except (OSError, NotImplementedError) as error:  # the second is an older filelock's
        said = getattr(error, "strerror", None) or error
        raise InputError(
            f"{file.parent}: no file can be locked there ({said}); expected FERBOOK_HOME on a file "
            "system with locks (flock)"
        ) from None
    try:
        yield
    finally:
        lock.release()


def _lock(file: Path) -> FileLock:
    """A lock that is never a mere file; before it could become one, filelock had no such option."""
    from filelock import FileLock

    try:
        return FileLock(file, fallback_to_soft=False)
    except TypeError:
        return FileLock(file)
