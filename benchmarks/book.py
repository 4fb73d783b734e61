"""`make book` from nothing, and again with nothing to do, in a copy of the checkout."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.side_by_side import in_turns, row

ROOT = Path(__file__).parents[1]


def rows(device: str) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "ferbook"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(copy)], check=True)
        for shared in (".venv", "node_modules"):
            if (ROOT / shared).exists():
                (copy / shared).symlink_to(ROOT / shared)

        def make() -> None:
            subprocess.run(["make", "-C", str(copy), "book"], check=True, capture_output=True)

        full = in_turns({"theirs": make}, 1, warm=False)
        taken = in_turns({"ours": make}, 3, warm=False) | full
    items = {"ours": 1, "theirs": 1}
    against = "the whole book anew"
    return [row("book", "unchanged `make book`", against, taken, items, "build", wanted=10)]
