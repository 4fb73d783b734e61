"""The manifest: the digest of every file of a folder, so that none changes, goes or comes unseen.

A record's seal tells that it was edited, unless the seal was made anew with it. The manifest stands
outside the records, `results/manifest.sha256`, and under version control: a record altered together
with its seal differs from it, and an altered manifest from the history. It is kept in the format of
`sha256sum`, a line for each file, so that `cd results && sha256sum --check manifest.sha256` needs
nothing of this package, and a new record is some new lines. The built book has one too.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path, PurePosixPath

from ferbook import paths
from ferbook.errors import InputError

NAME = "manifest.sha256"
LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")
LARGEST = 8 * 2**20  #: bytes of a manifest: some 60,000 files
#: What pages record of drawn faces wherever they are built; version control ignores it too.
DEMONSTRATIONS = ("*/demo_*/*", "datasets/synthetic-*/*")
#: Folders of results whose files are measured again now and then; records and cards are final.
MEASURED_AGAIN = ("audit", "speed")

Say = Callable[[str], object]


def digests(folder: Path, ignored: Sequence[str] = DEMONSTRATIONS) -> dict[str, str]:
    """{path below `folder`: SHA-256} of its files, but the manifest, what is hidden and `ignored`.

    Hidden are the files that a process is still writing, and those it left when it was killed.
    """
    found = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in name.parts)
        if not hidden and name != Path(NAME) and not any(map(name.match, ignored)):
            found[name.as_posix()] = sha256(path.read_bytes()).hexdigest()
    return found


def read(folder: Path) -> dict[str, str]:
    """The manifest of `folder` as {path: SHA-256}; a line that is none is an InputError."""
    file = folder / NAME
    if not file.is_file():
        raise InputError(f"{file}: not there; expected the digests of the files beside it")
    if file.stat().st_size > LARGEST:
        raise InputError(f"{file}: more than {LARGEST} bytes; expected a line for each file")
    listed: dict[str, str] = {}
    for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), start=1):
        entry = LINE.fullmatch(line)
        if not entry or entry[2] in listed:
            raise InputError(
                f"{file}, line {number}: expected 64 hexadecimal digits, two blanks and the path of"
                f" a file, once; given {line[:80]!r}"
            )
        listed[entry[2]] = entry[1]
    return listed


def write(folder: Path, found: Mapping[str, str]) -> None:
    """Write the manifest whole or not at all."""
    scratch = paths.scratch(folder / NAME)
    scratch.write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(found.items())))
    os.replace(scratch, folder / NAME)


def differences(listed: Mapping[str, str], found: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(path, "altered", "missing" or "extra") of every file that is not as listed, by path."""
    for name in sorted({*listed, *found}):
        if name not in found:
            yield name, "missing"
        elif name not in listed:
            yield name, "extra"
        elif listed[name] != found[name]:
            yield name, "altered"


def check(folder: Path, say: Say) -> str:
    """Say of each file how it differs from the manifest, a line each, then raise an InputError; or
    return that none does."""
    listed, found = read(folder), digests(folder)
    apart = list(differences(listed, found))
    for name, how in apart:
        say(f"{folder / name}: {how}")
    if apart:
        raise InputError(
            f"{folder / NAME}: {len(apart)} files differ from it, {len(listed)} listed"
        )
    return f"{folder}: {len(listed)} files, all as {NAME} lists them"


def refuse_altered(results: Path) -> None:
    """An InputError for a record or card that is not the one listed.

    What is not listed, or gone, is for `check`: a reader may record runs, and leave out some.
    """
    if not (results / NAME).exists():
        return
    apart = differences(read(results), digests(results))
    altered = [name for name, how in apart if how == "altered" and _final(name)]
    if altered:
        more = f", and {len(altered) - 1} more" if altered[1:] else ""
        raise InputError(
            f"{results / altered[0]}: not the file that {NAME} lists{more}; records are final"
        )


def update(results: Path, anew: bool = False) -> str:
    """List what is new. A record that changed or went is an InputError, unless all is
    listed `anew`: altered records would otherwise be listed by habit."""
    found = digests(results)
    listed = read(results) if (results / NAME).exists() and not anew else {}
    apart = list(differences(listed, found))
    for name, how in apart:
        if how != "extra" and _final(name):
            raise InputError(
                f"{results / name}: {how}; records are final. If it must be so: "
                "ferbook manifest --anew"
            )
    write(results, found)
    return f"{results / NAME}: {len(found)} files, {len(apart)} of them new or changed"


def _final(name: str) -> bool:
    return PurePosixPath(name).parts[0] not in MEASURED_AGAIN
