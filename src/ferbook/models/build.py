"""From a model's description in an experiment file to a network and its input channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ferbook.errors import InputError

if TYPE_CHECKING:
    from torch import nn

    from ferbook.study.inputs import Channels

FAMILIES = ("hybrid", "backbone")


def build(model: dict[str, Any], sigma: float) -> tuple[nn.Module, Channels]:
    """The network that `model` describes, freshly initialised from torch's global generator.

    `model` holds `family` and that family's own arguments. Raises `InputError` on unknown ones.
    """
    arguments = dict(model)
    family = arguments.pop("family", None)
    if family not in FAMILIES:
        raise InputError(f"model family {family!r}: expected one of {', '.join(FAMILIES)}")
    make = _hybrid if family == "hybrid" else _backbone
    try:
        return make(arguments, sigma)
    except (TypeError, ValueError) as error:
        raise InputError(f"model {model}: {error}") from error


def _backbone(arguments: dict[str, Any], sigma: float) -> tuple[nn.Module, Channels]:
    """A network of Qiu's; with `perturb`, its input is what the scheme makes of an image."""
    from ferbook.models import backbones
    from ferbook.study.inputs import Channels

    if given := arguments.pop("perturb", None):
        from ferbook.perturb.scheme import Plan

        arguments["channels"] = Plan.of(given).channels
    return backbones.build(**arguments), Channels(True, 0, sigma)


def _hybrid(arguments: dict[str, Any], sigma: float) -> tuple[nn.Module, Channels]:
    from ferbook.models.hybrid import Hybrid
    from ferbook.study.inputs import Channels

    network = Hybrid(**arguments)
    branches = arguments.get("branches", ("pixels", "landmarks"))
    coordinates = arguments.get("coordinates", False)
    heatmaps = arguments.get("heatmaps", 1) if "landmarks" in branches and not coordinates else 0
    patches = arguments.get("patches", False)
    return network, Channels("pixels" in branches, heatmaps, sigma, patches, coordinates)
