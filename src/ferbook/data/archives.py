"""Members of a folder, a file, a zip or a tar, one by one, never unpacked and never trusted."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from ferbook.errors import InputError

#: The official csv has 301 MB and is by far the largest file of any published form.
MEMBER_LIMIT = 512 * 2**20
TOTAL_LIMIT = 2**30
COUNT_LIMIT = 200_000

#: How a compressed file begins; what its name ends in is not asked.
COMPRESSED: tuple[tuple[bytes, Callable[..., Any]], ...] = (
    (b"\x1f\x8b", gzip.open),
    (b"\xfd7zXZ\x00", lzma.open),
    (b"BZh", bz2.open),
)

#: What the decompressors raise on bytes that are cut short or are not theirs.
BROKEN = (EOFError, ValueError, lzma.LZMAError, zlib.error, tarfile.TarError, zipfile.BadZipFile)


@dataclass(frozen=True)
class Member:
    """One file of a source, to be read before the next one is asked for."""

    source: Path
    path: str  #: below the source, with `/`
    opener: Callable[[], IO[bytes]]

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The file; an `InputError` raised while it is open is made to begin with its name."""
        alone = self.path == self.source.name and self.source.is_file()
        name = str(self.source) if alone else f"{self.source}: {self.path}"
        with _naming(name), self.opener() as file:
            yield file


def members(source: Path, total_limit: int = TOTAL_LIMIT) -> Iterator[Member]:
    """Every file in `source`, in stored order (folders: sorted), clutter of file managers left out.

    Raises `InputError`, one line that begins with `source`, for what is missing, empty, cut short,
    or could do harm: a path outside, a link, a device, more than the limits above.
    """
    with _naming(str(source)):
        for member in _form(source)(source, total_limit):
            if not _is_clutter(member.path):
                yield member


def _form(source: Path) -> Callable[[Path, int], Iterator[Member]]:
    if source.is_dir():
        return _folder
    if not source.exists():
        raise InputError("no such file or folder")
    if not source.is_file():
        raise InputError("neither a file nor a folder")
    with source.open("rb") as file:
        head = file.read(512)
    if not head:
        raise InputError("empty file")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip
    if head[257:262] == b"ustar" or any(head.startswith(magic) for magic, _ in COMPRESSED):
        return _tar
    return _single


def _single(source: Path, limit: int) -> Iterator[Member]:
    _check_size(source.name, source.stat().st_size, 0, limit)
    yield Member(source, source.name, lambda: source.open("rb"))


def _folder(source: Path, limit: int) -> Iterator[Member]:
    seen: set[str] = set()
    count = 0
    for folder, below, files in os.walk(source, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:  # a link that leads back
            below.clear()
            continue
        seen.add(real)
        below.sort()
        for file in sorted(files):
            count = _check_count(count)
            path = Path(folder, file)
            if path.is_file():
                yield Member(source, _inside(path.relative_to(source).as_posix()), _opener(path))


def _opener(path: Path) -> Callable[[], BinaryIO]:
    return lambda: path.open("rb")


def _zip(source: Path, limit: int) -> Iterator[Member]:
    with zipfile.ZipFile(source) as archive:
        infos = archive.infolist()
        total = count = 0
        for info in infos:  # the directory tells all, so nothing is inflated before it is judged
            count = _check_count(count)
            total = _check_size(info.filename, info.file_size, total, limit)
            _check_entry(info)
        for info in infos:
            path = _inside(info.filename)
            if not info.is_dir():
                yield Member(source, path, _zip_opener(archive, info))


def _check_entry(info: zipfile.ZipInfo) -> None:
    path = _inside(info.filename)
    if stat.S_ISLNK(info.external_attr >> 16):
        raise InputError(f"{path}: a link; only plain files are read")
    if info.flag_bits & 1:
        raise InputError(f"{path}: encrypted")
    if info.compress_type not in (
        zipfile.ZIP_STORED,
        zipfile.ZIP_DEFLATED,
        zipfile.ZIP_BZIP2,
        zipfile.ZIP_LZMA,
    ):
        raise InputError(f"{path}: compressed by an unknown method ({info.compress_type})")


def _zip_opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: archive.open(info)


def _tar(source: Path, limit: int) -> Iterator[Member]:
    with _decompressed(source) as raw:
        stream = _Metered(raw, limit)
        total = count = 0
        with tarfile.open(fileobj=cast(BinaryIO, stream), mode="r:") as archive:
            for entry in archive:
                count = _check_count(count)
                path = _inside(entry.name)
                if entry.isdir():
                    continue
                if not entry.isreg() or entry.issparse():
                    raise InputError(f"{path}: a link or device; only plain files are read")
                total = _check_size(path, entry.size, total, limit)
                yield Member(source, path, _tar_opener(archive, entry))
        # tarfile takes a cut between two members, or a damaged header, for the end
        if not stream.ended_in_zeros:
            raise InputError("truncated or damaged archive (no end-of-archive mark)")
        while stream.read(2**20):  # the checksum of gz and xz comes last
            pass


def _tar_opener(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> Callable[[], IO[bytes]]:
    return lambda: cast(IO[bytes], archive.extractfile(entry))


@contextmanager
def _decompressed(source: Path) -> Iterator[IO[bytes]]:
    with source.open("rb") as file:
        head = file.read(8)
        file.seek(0)
        opener = next((o for magic, o in COMPRESSED if head.startswith(magic)), None)
        if opener is None:
            yield file
        else:
            with opener(file) as plain:
                yield plain


class _Metered:
    """What tarfile reads from: stops at the limits, and remembers how the last block looked."""

    def __init__(self, raw: IO[bytes], limit: int) -> None:
        self.raw = raw
        self.limit = limit
        self.ended_in_zeros = False
        self.tell, self.seek, self.seekable = raw.tell, raw.seek, raw.seekable

    def read(self, size: int) -> bytes:
        if size > MEMBER_LIMIT:
            raise InputError(f"a header asks for {_size(size)}")
        content = self.raw.read(size)
        # headers and padding come on top of the members' own sizes
        if self.raw.tell() > self.limit + COUNT_LIMIT * 1024:
            raise InputError(f"unpacks to more than {_size(self.limit)}")
        self.ended_in_zeros = len(content) == tarfile.BLOCKSIZE and not any(content)
        return content


def _inside(path: str) -> str:
    """`path`, printable and with `/`, if it stays below the folder that it would be unpacked in."""
    tidy = "".join(c if c.isprintable() else "?" for c in path).replace("\\", "/")
    if tidy.startswith("/") or re.match(r"[A-Za-z]:", tidy) or ".." in tidy.split("/"):
        raise InputError(f"{tidy}: a path outside the archive")
    return "/".join(part for part in tidy.split("/") if part not in ("", "."))


def _check_size(path: str, size: int, total: int, limit: int) -> int:
    if size > MEMBER_LIMIT:
        raise InputError(f"{path}: has {_size(size)}; at most {_size(MEMBER_LIMIT)} is read")
    if total + size > limit:
        raise InputError(f"holds more than {_size(limit)}")
    return total + size


def _check_count(count: int) -> int:
    if count >= COUNT_LIMIT:
        raise InputError(f"holds more than {COUNT_LIMIT:,} files")
    return count + 1


def _is_clutter(path: str) -> bool:
    parts = path.split("/")
    return "__MACOSX" in parts or any(part.startswith(".") for part in parts)


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Every error as one line that begins with `name`."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    except BROKEN as error:
        raise InputError(f"{name}: truncated or damaged ({error})") from None
    except OSError as error:
        raise InputError(f"{name}: {error.strerror or error}") from None
