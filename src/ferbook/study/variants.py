"""What a variant changes of its experiment, and a tier of both."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from ferbook.study.recipe import Recipe, recipe

#: What a variant may change beside the model: the recipe, and what the short tier reduces.
RECIPE, SHORT = "recipe", "short"


def at(
    about: dict[str, Any], own: dict[str, Any], tier: str
) -> tuple[Recipe, dict[str, Any], dict[str, Any]]:
    """Recipe and model of a variant at a tier, and what the tier reduced."""
    full = _changed(recipe(about["recipe"]), own.get(RECIPE, {}))
    model = {**about["model"], **{key: own[key] for key in own if key not in (RECIPE, SHORT)}}
    changes = {**about.get(SHORT, {}), **own.get(SHORT, {})}
    if tier != "short" or not changes:
        at_tier, reduced = full.at(tier)
        return at_tier, model, reduced
    known = {field.name for field in fields(Recipe)}
    of_recipe = {key: value for key, value in changes.items() if key in known}
    of_model = {key: value for key, value in changes.items() if key not in known}
    reduced = {key: getattr(full, key) for key in of_recipe}
    reduced |= {key: model.get(key, DEFAULTS.get(key)) for key in of_model}
    return replace(full, **of_recipe), model | of_model, reduced


#: Arguments of the network that a tier may reduce, as they are where an experiment is silent.
DEFAULTS = {"widths": [32, 64, 128, 256], "hidden": 256, "width": 1.0, "stride": 1}


def _changed(base: Recipe, changes: dict[str, Any]) -> Recipe:
    """`base` with some settings changed; of `geometry` those that are named."""
    geometry = replace(base.geometry, **_tuples(changes.get("geometry", {})))
    rest = {key: value for key, value in changes.items() if key != "geometry"}
    return replace(base, geometry=geometry, **rest)


def _tuples(settings: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in settings.items()}
