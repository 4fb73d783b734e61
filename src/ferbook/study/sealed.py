"""A record of one JSON file, with the digests of what lies beside it and a `seal` over the rest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from ferbook import paths
from ferbook.errors import InputError
from ferbook.study.records import seal


def write(file: Path, data: Mapping[str, Any], beside: Mapping[str, bytes]) -> None:
    """Each file whole or not at all; `beside` first, for the JSON says that they are there."""
    digests = {name: sha256(content).hexdigest() for name, content in beside.items()}
    sealed = {**data, "files": digests}
    sealed["seal"] = seal(sealed)
    text = json.dumps(sealed, indent=1) + "\n"
    file.parent.mkdir(parents=True, exist_ok=True)
    for name, content in {**beside, file.name: text.encode()}.items():
        with paths.whole(file.with_name(name)) as scratch:
            scratch.write_bytes(content)


def load(file: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What the JSON says, and the files beside it; an InputError where either was edited."""
    try:
        data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if data["seal"] != seal(data):
            raise InputError(f"{file}: edited after it was recorded, its seal does not match")
        beside = {name: file.with_name(name).read_bytes() for name in data["files"]}
        for name, content in beside.items():
            if sha256(content).hexdigest() != data["files"][name]:
                raise InputError(f"{file.with_name(name)}: not the file that {file.name} sealed")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{file}: not a readable record ({error})") from error
    return data, beside
