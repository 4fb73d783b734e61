"""`ferbook data add` and `ferbook data status`: reads, judges, stores, reports."""

from __future__ import annotations

import os
from hashlib import file_digest, sha256
from pathlib import Path

from ferbook import paths
from ferbook.data.faces import Faces
from ferbook.data.store import only_writer, open_faces, read_meta, registered, write_faces
from ferbook.errors import InputError

ADDABLE = ("fer2013", "ckplus", "ferplus")
#: What the verdict on a copy means; book/data.md says more.
MEANS = {
    "genuine": "as published, in every image, label and part",
    "recompressed": "as published, but for what JPEG lost of the images",
    "altered": "not as published, for what is listed above (book/data.md)",
}


def add(name: str, path: Path, replace: bool = False) -> str:
    """Read the dataset `name` from `path`, judge it, store it, and say what was done."""
    if name not in ADDABLE:
        raise InputError(f"dataset '{name}': expected {' or '.join(ADDABLE)}")
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    with only_writer(name):
        origin = _origin(path)
        if name == "ferplus":  # made from the registered fer2013 too
            origin += read_meta("fer2013")["fingerprint"]
        there = [] if replace else [old for old in registered() if old.startswith(name)]
        for old in there:
            if read_meta(old)["origin"] == origin:
                open_faces(old)
                return f"{old} is already registered from {path}; nothing done"
        faces = _read(name, path)
        for old in there:
            if read_meta(old)["fingerprint"] == faces.fingerprint:
                return f"{old} is already registered with the same faces; nothing done"
        if faces.name in there:
            raise InputError(
                f"{path}: another copy of {faces.name} is registered; --replace takes this one"
            )
        write_faces(faces, {"origin": origin, "path": str(path)})
    return f"{_report(faces)}\n  kept in {paths.datasets() / faces.name}"


def status() -> str:
    """What is registered, how genuine it is, how large, and whether its landmarks are cached."""
    if not (names := registered()):
        return (
            f"nothing is registered below {paths.home()}; `ferbook data add fer2013 PATH` does it"
        )
    return "\n\n".join(_status(name) for name in names)


def _status(name: str) -> str:
    from ferbook.vision.landmarks import is_cached

    faces = open_faces(name, verify=True)
    stored = sum(file.stat().st_size for file in (paths.datasets() / name).iterdir())
    cached = "cached" if is_cached(faces.fingerprint) else "not cached"
    return (
        f"{_report(faces)}\n  {stored / 1e6:.1f} MB, fingerprint {faces.fingerprint[:12]},"
        f" dlib landmarks {cached}"
    )


def _report(faces: Faces) -> str:
    """Name and verdict, each part (counts, grey levels, verdict, what was altered), its meaning."""
    judgement = faces.judgement
    lines = [f"{faces.name}: {len(faces):,} faces, {judgement['verdict']}"]
    lines.append(
        f"  {'part':<7}{'faces':>7}" + "".join(f"{e[:4]:>5}" for e in faces.emotions) + "  mean  sd"
    )
    for part, about in judgement["per_split"].items():
        counts = "".join(f"{given:>5}" for given, _ in about["counts"].values())
        levels = about.get("grey")
        grey = "{:>6.0f}{:>4.0f}".format(*levels) if levels else " " * 10
        lines.append(f"  {part:<7}{about['faces']:>7,}{counts}{grey}  {about['verdict']}")
        lines += [f"    - {way}" for way in about["ways"]]
    if means := MEANS.get(judgement["verdict"]):
        lines.append(f"  {judgement['verdict']}: {means}")
    return "\n".join(lines)


def _read(name: str, path: Path) -> Faces:
    if name == "fer2013":
        from ferbook.data import fer2013, genuine

        faces = fer2013.read(path)
        try:
            return genuine.judge(faces, genuine.LEAST)
        except InputError as error:
            raise InputError(f"{path}: {error}") from None
    if name == "ferplus":
        from ferbook.data import ferplus

        return ferplus.read(path)
    from ferbook.data import ckplus

    return ckplus.read(path)


def _origin(path: Path) -> str:
    """A digest of a file's content; of a folder's names, sizes and times, which is fast."""
    try:
        if path.is_file():
            with path.open("rb") as file:
                return file_digest(file, "sha256").hexdigest()
        digest = sha256()
        for folder, below, files in os.walk(path, followlinks=False):
            below.sort()
            for name in sorted(files):
                at = os.stat(os.path.join(folder, name))
                line = f"{os.path.relpath(folder, path)}/{name} {at.st_size} {at.st_mtime_ns}\n"
                digest.update(line.encode("utf-8", "surrogateescape"))
        return digest.hexdigest()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
