"""Everything that is claimed of speed, measured side by side in one run.

    python -m benchmarks [NAME ...] [--device cuda]      names: see NAMES; all by default

Prints a line as each is done, and keeps what was measured in results/speed/<device>.json, which
the book's page of speed is made from. What fails is told, and the rest goes on. On a machine that
does other work at the same time what runs on all cores waits for the slowest of them: for the
committed figures it did none.
"""

from __future__ import annotations

import argparse
import json
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from ferbook import paths
from ferbook.errors import InputError
from ferbook.report.speed import told
from ferbook.study.engine import hardware, source_digest, versions

Row = dict[str, Any]
NAMES = (
    "startup",
    "heatmaps",
    "kmeans",
    "facemasks",
    "landmarks",
    "predict",
    "training",
    "scheme",
    "book",
    "live",
    "growth",
)
#: what needs no processor but the one that a GPU is fed from; what matters most comes first
ON_GPU = ("heatmaps", "kmeans", "training", "scheme", "growth")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help=", ".join(NAMES))
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    options = parser.parse_args()
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(NAMES)}")
    if options.device == "cuda" and not torch.cuda.is_available():
        parser.error("torch sees no GPU here")
    file = paths.results() / "speed" / f"{options.device}.json"
    failed: list[str] = []
    for name in options.names or (ON_GPU if options.device == "cuda" else NAMES):
        with going_on(name, failed):
            for part in parts(name, options.device):
                with going_on(name, failed):
                    for one in part():
                        kept(file, one, options.device)
                        print(told(one), flush=True)
    return 1 if failed else 0


def parts(name: str, device: str) -> Iterable[Callable[[], Iterable[Row]]]:
    """What a benchmark measures, in parts of which one can fail without the others."""
    module = import_module(f"benchmarks.{name}")
    several = getattr(module, "parts", None)
    return several(device) if several else [partial(module.rows, device)]


@contextmanager
def going_on(name: str, failed: list[str]) -> Iterator[None]:
    """Say what goes wrong, and let the rest be measured."""
    try:
        yield
    except (InputError, ModuleNotFoundError) as error:  # what it would measure is not here
        print(f"{name} left out: {error}", flush=True)
    except Exception as error:
        print(f"{name} failed: {type(error).__name__}: {error}", flush=True)
        traceback.print_exc()
        failed.append(name)


def kept(file: Path, one: Row, device: str) -> None:
    """Put what was found into the file, in place of what it held under the same name."""
    held = json.loads(file.read_text()) if file.exists() else {}
    about = {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "hardware": hardware(torch.device(device)),
        "versions": versions(),
        "source": source_digest(),
    }
    part = "growth" if "over" in one else "rows"
    old = {row["name"]: row for row in held.get(part, [])}
    held = {"rows": [], "growth": []} | held
    held[part] = list((old | {one["name"]: one | about}).values())
    file.parent.mkdir(parents=True, exist_ok=True)
    with paths.whole(file) as beside:
        beside.write_text(json.dumps(held, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
