"""The compact local store: one folder of npy files per dataset, written whole or not at all.

`datasets/<name>/` below the home holds one file per array of `Faces` and `meta.json` with the rest,
the SHA-256 of every file, and what the copy was made from.
"""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferbook import paths
from ferbook.data.faces import Faces
from ferbook.errors import InputError

VERSION = 1
ARRAYS = ("images", "labels", "split", "subject", "sequence", "source", "landmarks")
META = "meta.json"


def registered() -> list[str]:
    """Names of the datasets in the store, sorted."""
    return sorted(file.parent.name for file in paths.datasets().glob(f"[!.]*/{META}"))


def open_faces(name: str, verify: bool = False) -> Faces:
    """A registered dataset; the images stay on disk, mapped into memory read-only.

    The size of every file and the content of all but the images are checked; with `verify` the
    images too. Raises `InputError` if the dataset is not there or the store is damaged.
    """
    meta = read_meta(name)
    folder = paths.datasets() / name
    arrays: dict[str, Any] = {
        array: _open_array(folder / f"{array}.npy", known, verify)
        for array, known in meta["files"].items()
    }
    if len({len(array) for array in arrays.values()}) != 1:
        raise _damaged(folder / META, name)
    arrays |= {key: meta[key] for key in ("fingerprint", "judgement")}
    return Faces(name=name, emotions=tuple(meta["emotions"]), **arrays)


def read_meta(name: str) -> dict[str, Any]:
    """What `meta.json` says, its own digest checked."""
    path = paths.datasets() / name / META
    try:
        meta: dict[str, Any] = json.loads(path.read_bytes())
        digest = meta.pop("digest")
        if digest != sha256(_canonical(meta)).hexdigest() or meta["version"] != VERSION:
            raise _damaged(path, name)
    except (FileNotFoundError, NotADirectoryError):
        known = next((kind for kind in ("ferplus", "ckplus") if name.startswith(kind)), "fer2013")
        raise InputError(
            f"{name} is not registered below {paths.home()}, there are: "
            f"{', '.join(registered()) or 'none'}; `ferbook data add {known} PATH` registers one"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise _damaged(path, name) from None
    return meta


def _open_array(path: Path, known: dict[str, Any], verify: bool) -> NDArray[Any]:
    name = path.parent.name
    try:
        if path.stat().st_size != known["bytes"]:
            raise _damaged(path, name)
        if path.stem == "images" and not verify:
            mapped: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
            return mapped
        content = path.read_bytes()
        if sha256(content).hexdigest() != known["sha256"]:
            raise _damaged(path, name)
        loaded: NDArray[Any] = np.load(io.BytesIO(content), allow_pickle=False)
        return loaded
    except (OSError, ValueError, EOFError):
        raise _damaged(path, name) from None


def _damaged(path: Path, name: str) -> InputError:
    return InputError(
        f"{path}: damaged or of another version; `ferbook data add {name} PATH --replace` mends it"
    )


def write_faces(faces: Faces, meta: dict[str, Any]) -> None:
    """Store `faces` with what `meta` adds, in place of what was there; all of it or nothing."""
    target = paths.datasets() / faces.name
    partial = target.with_name(f".{faces.name}.partial-{os.getpid()}")
    try:
        partial.mkdir(parents=True)
        try:
            files = {array: _write_array(partial, faces, array) for array in _present(faces)}
            _write(partial / META, _sealed(_about(faces, files) | meta))
            _move_in(partial, target)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        raise InputError(f"{target}: cannot be written: {error.strerror or error}") from None


def _present(faces: Faces) -> list[str]:
    return [array for array in ARRAYS if getattr(faces, array) is not None]


def _about(faces: Faces, files: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "version": VERSION,
        "files": files,
        "fingerprint": faces.fingerprint,
        "emotions": list(faces.emotions),
        "judgement": faces.judgement,
    }


def _write_array(folder: Path, faces: Faces, array: str) -> dict[str, Any]:
    buffer = io.BytesIO()
    np.save(buffer, getattr(faces, array), allow_pickle=False)
    content = buffer.getbuffer()
    _write(folder / f"{array}.npy", content)
    return {"bytes": len(content), "sha256": sha256(content).hexdigest()}


def _write(path: Path, content: bytes | memoryview) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sealed(meta: dict[str, Any]) -> bytes:
    return _canonical(meta | {"digest": sha256(_canonical(meta)).hexdigest()})


def _canonical(meta: dict[str, Any]) -> bytes:
    return json.dumps(meta, indent=1).encode()


def _move_in(partial: Path, target: Path) -> None:
    """A folder cannot replace one that is not empty, so the old one steps aside for a moment."""
    old = target.with_name(f".{target.name}.old")
    if target.exists():
        os.replace(target, old)
    try:
        os.replace(partial, target)
    except OSError:
        if old.exists():
            os.replace(old, target)
        raise
    _sync(target.parent)
    shutil.rmtree(old, ignore_errors=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def only_writer(name: str) -> Iterator[None]:
    """Nobody else adds `name` meanwhile; what a killed process left behind is cleared first."""
    from filelock import FileLock, Timeout

    folder = paths.datasets()
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    lock = FileLock(folder / f".{name}.lock", timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with lock:
            try:
                _recover(folder, name)
                yield
            finally:  # filelock asks, after locking, whether its file is still there
                Path(lock.lock_file).unlink(missing_ok=True)
    except Timeout:
        raise InputError(f"another process is adding {name} below {folder}; wait for it") from None
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror or error}") from None
    finally:
        for path in made:  # only what is still empty
            with suppress(OSError):
                path.rmdir()


def _recover(folder: Path, name: str) -> None:
    """Killed between the two steps of `_move_in`, the old copy comes back."""
    old, target = folder / f".{name}.old", folder / name
    if old.exists() and not target.exists():
        os.replace(old, target)
    for left in (old, *folder.glob(f".{name}.partial-*")):
        shutil.rmtree(left, ignore_errors=True)
