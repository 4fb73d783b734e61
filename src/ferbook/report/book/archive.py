"""The built book as one zip to take along, with a server for the page that needs one.

The same book gives the same bytes: files in order of their names, all of one time and one mode.
"""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

from ferbook import paths
from ferbook.errors import InputError
from ferbook.report.book import serve

FOLDER = "ferbook-book"  #: into which the zip unpacks
EARLIEST = (1980, 1, 1, 0, 0, 0)  #: the first time that a zip can name
README = """\
Do the numbers hold? Two papers on facial emotion recognition, checked number by number.

Open html/index.html in a browser, or, for the page that runs networks,

    python3 serve.py

and go to the address that it prints. Nothing is fetched from anywhere else.
"""


def write(site: Path, target: Path) -> int:
    """Write the zip whole or not at all; the number of files of the book in it."""
    require(site)
    files = sorted(path for path in site.rglob("*") if path.is_file())
    with (
        paths.whole(target) as beside,
        zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
    ):
        _add(archive, "README.txt", README.encode())
        _add(archive, "serve.py", Path(serve.__file__).read_bytes())
        for path in files:
            _add(archive, f"html/{path.relative_to(site).as_posix()}", path.read_bytes())
    return len(files)


def require(site: Path) -> None:
    """An InputError where no book was built."""
    if not (site / "book" / "index.html").is_file():
        raise InputError(f"{site}: no built book; `make book` builds it")


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(f"{FOLDER}/{name}", EARLIEST)
    entry.create_system = 3  # Unix, whatever this is made on
    entry.external_attr = 0o644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def main(site: str, target: str) -> None:
    try:
        count = write(Path(site), Path(target))
    except InputError as error:
        print(f"make zip: {error}", file=sys.stderr)
        sys.exit(2)
    size = os.path.getsize(target) / 2**20
    print(
        f"The book's {count} files and a server for them, {size:.1f} MB: {Path(target).resolve()}"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
