"""`make book` from nothing, and again with nothing to do, in a copy of the checkout."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.side_by_side import in_turns, row

ROOT = Path(__file__).parents[1]
#: What `make` installs an environment anew for, where they are younger than it.
PINS = ("requirements.txt", "pyproject.toml", "package-lock.json", "package.json")


def rows(device: str) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(Path(folder) / "ferbook")
        about = os.environ | {"PYTHONPATH": str(copy / "src")}

        def make() -> None:
            command = ["make", "-C", str(copy), "book"]
            subprocess.run(command, check=True, capture_output=True, env=about)

        full = in_turns({"theirs": make}, 1, warm=False)
        taken = in_turns({"ours": make}, 3, warm=False) | full
    items = {"ours": 1, "theirs": 1}
    against = "the whole book anew"
    return [row("book", "unchanged `make book`", against, taken, items, "build", wanted=10)]


def copied(copy: Path) -> Path:
    """A clone that shares the environment of this checkout and leaves it as it is."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(copy)], check=True)
    for shared in (".venv", "node_modules"):
        if (ROOT / shared).exists():
            (copy / shared).symlink_to(ROOT / shared)
    for name in PINS:  # else the clone would be installed into it in the place of this checkout
        os.utime(copy / name, (0, 0))
    return copy
