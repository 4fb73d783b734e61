"""Everything that is claimed of speed, measured side by side in one run.

    python -m benchmarks [NAME ...] [--device cuda]      names: see NAMES; all by default

Prints a line as each is done, and keeps what was measured in results/speed/<device>.json, which
the book's page of speed is made from. On a machine that does other work at the same time what runs
on all cores waits for the slowest of them: for the committed figures it did none.
"""

from __future__ import annotations

import argparse
import json
import os
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from ferbook import paths
from ferbook.errors import InputError
from ferbook.report.speed import told
from ferbook.study.engine import hardware, source_digest, versions

NAMES = (
    "startup",
    "heatmaps",
    "kmeans",
    "facemasks",
    "landmarks",
    "predict",
    "training",
    "book",
    "live",
    "growth",
)
#: what needs no processor but the one that a GPU is fed from
ON_GPU = ("heatmaps", "kmeans", "training", "growth")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help=", ".join(NAMES))
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    options = parser.parse_args()
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(NAMES)}")
    file = paths.results() / "speed" / f"{options.device}.json"
    for name in options.names or (ON_GPU if options.device == "cuda" else NAMES):
        module = import_module(f"benchmarks.{name}")
        try:
            if name == "growth":
                found = {"growth": module.series(options.device)}
            else:
                found = {"rows": module.rows(options.device)}
        except InputError as error:  # what it would measure is not here
            print(f"{name} left out: {error}", flush=True)
            continue
        kept(file, found, options.device)
        for one in [*found.get("rows", []), *found.get("growth", [])]:
            print(told(one), flush=True)


def kept(file: Path, found: dict[str, list[dict[str, Any]]], device: str) -> None:
    """Put what was found into the file, in place of what it held under the same names."""
    held = json.loads(file.read_text()) if file.exists() else {}
    about = {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "hardware": hardware(torch.device(device)),
        "versions": versions(),
        "source": source_digest(),
    }
    for part in ("rows", "growth"):
        old = {one["name"]: one for one in held.get(part, [])}
        held[part] = list(
            (old | {one["name"]: one | about for one in found.get(part, [])}).values()
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    scratch = file.with_suffix(f".{os.getpid()}")
    scratch.write_text(json.dumps(held, indent=1) + "\n")
    os.replace(scratch, file)


if __name__ == "__main__":
    main()
