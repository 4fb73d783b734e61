"""How long a person waits for the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.side_by_side import in_turns, row

COMMANDS = {"--help": 0.3, "verify": 3.0}  #: seconds asked for
TURNS = 5


def rows(device: str) -> list[dict[str, Any]]:
    ferbook = Path(sys.executable).with_name("ferbook")
    bare = min(in_turns({"ours": lambda: call(sys.executable, "-c", "")}, TURNS)["ours"])
    out = []
    for command, seconds in COMMANDS.items():
        taken = in_turns({"ours": lambda c=command: call(str(ferbook), c)}, TURNS)
        more = {"wanted": seconds, "limit": bare, "bound": "Python itself"}
        out.append(row(command, f"`ferbook {command}`", "", taken, {"ours": 1}, "call", **more))
    return out


def call(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
