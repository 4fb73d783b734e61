"""Experiment files, read and checked: whatever is wrong is one line with file, experiment, key."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from ferbook import named, paths
from ferbook.errors import InputError
from ferbook.study.recipe import TIERS
from ferbook.study.variants import at

REQUIRED = {"title", "dataset", "split", "recipe", "model", "variants"}
KEYS = REQUIRED | {
    "undetected", "folds", "short", "emotions", "scores", "cross", "faces", "probabilities",
}  # fmt: skip
#: What a key holds, and what an error calls it.
FORMS = {
    **dict.fromkeys(("dataset", "split", "recipe", "cross", "faces"), (str, "a name")),
    **dict.fromkeys(("model", "short"), (dict, "a mapping")),
    **dict.fromkeys(("emotions", "scores"), (list, "a list")),
    "folds": (int, "a number"),
    "probabilities": (bool, "true or false"),
}
UNDETECTED, FACES = ("frame", "zero", "drop"), ("plain", "masked")
SCORES = ("train", "peeked", "spoilt", "tencrop", "masked", "saliency", "weights")


def load_experiments(paper: str) -> dict[str, dict[str, Any]]:
    """The experiments of one paper: {name: description}. Errors name file, experiment and key."""
    file = paths.experiments() / f"{paper}.yaml"
    if not file.is_file():
        known = sorted(other.stem for other in paths.experiments().glob("*.yaml"))
        raise InputError(f"paper {paper!r}: {named.instead(paper, known, 'expected one of')}")
    return _read(file, file.stat().st_mtime_ns, file.stat().st_size)


@lru_cache(maxsize=8)
def _read(file: Path, time: int, size: int) -> dict[str, dict[str, Any]]:
    """Read once, as long as the file stays what it was."""
    import yaml

    try:
        content = yaml.safe_load(file.read_text())
        experiments = dict(content["experiments"])
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{file}: expected a mapping with `experiments` ({error})") from error
    for name, about in experiments.items():
        _check(f"{file}: experiment {name}", about)
    return experiments


def papers() -> list[str]:
    return sorted(file.stem for file in paths.experiments().glob("*.yaml"))


def _check(where: str, about: Any) -> None:
    if not isinstance(about, dict):
        raise InputError(f"{where}: expected a mapping, not {type(about).__name__}")
    for key in sorted(REQUIRED - about.keys()):
        raise InputError(f"{where}: key `{key}` is missing")
    for key in sorted(about.keys() - KEYS):
        raise InputError(f"{where}: unknown key `{key}`, expected {', '.join(sorted(KEYS))}")
    for key, (form, called) in FORMS.items():
        if key in about and type(about[key]) is not form:  # YAML's `true` is an int as well
            raise InputError(f"{where}: `{key}` must be {called}")
    if not isinstance(about["variants"], dict) or not about["variants"]:
        raise InputError(f"{where}: `variants` must map names to model arguments")
    if (k := re.match(r"folds-(\d+)", about["split"])) and about.get("folds") != int(k[1]):
        raise InputError(f"{where}: split {about['split']} goes with `folds: {k[1]}`")
    if about.get("undetected", "frame") not in UNDETECTED:
        raise InputError(f"{where}: `undetected` must be one of {', '.join(UNDETECTED)}")
    for score in about.get("scores", ()):
        if score not in SCORES:
            raise InputError(f"{where}: `scores` has {score!r}, expected {', '.join(SCORES)}")
    if about.get("faces", "plain") not in FACES:
        raise InputError(f"{where}: `faces` must be one of {', '.join(FACES)}")
    if "spoilt" in about.get("scores", ()) and about.get("undetected") == "zero":
        raise InputError(
            f"{where}: spoilt faces need landmarks: `undetected` must be frame or drop"
        )
    for variant, own in about["variants"].items():
        try:
            for tier in TIERS:
                at(about, own, tier)
        except (TypeError, AttributeError) as error:
            raise InputError(f"{where}: variant {variant}: {error}") from None
