"""Near copies of a registered dataset, kept as a record: the book has no images to find them in.

python -m ferbook.report.leakage.kept fer2013
"""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path

import numpy as np

from ferbook import paths
from ferbook.data.near_copies import Pairs
from ferbook.errors import InputError


def file(name: str, fingerprint: str) -> Path:
    return paths.results() / "audit" / f"near-{name}-{fingerprint[:16]}.npz"


def keep(name: str) -> str:
    """Find and write the near copies of a registered dataset, between its parts and within."""
    from ferbook.data import near_copies
    from ferbook.data.splits import duplicate_groups
    from ferbook.data.store import open_faces

    faces = open_faces(name)
    images = np.array(faces.images)
    group = duplicate_groups(images)
    pairs = near_copies.find(images, faces.split.astype(np.int32), group.astype(np.int32))
    target = file(name, faces.fingerprint)
    target.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        target,
        one=pairs.one.astype(np.int32),
        other=pairs.other.astype(np.int32),
        mirrored=pairs.mirrored,
        likeness=pairs.likeness.astype(np.float32),
    )
    return f"{len(pairs.one):,} pairs of near copies in {target}"


@lru_cache(maxsize=2)
def near_copies_of(name: str, fingerprint: str) -> Pairs | None:
    """Those that were kept; None where nobody looked."""
    path = file(name, fingerprint)
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as held:
            return Pairs(
                held["one"].astype(np.int64),
                held["other"].astype(np.int64),
                held["mirrored"],
                held["likeness"].astype(np.float64),
            )
    except Exception as error:
        raise InputError(f"{path}: not a record of near copies ({error})") from None


if __name__ == "__main__":
    print(keep(sys.argv[1]))
