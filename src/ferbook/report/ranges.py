"""Several values for a parameter on the command line: `2..8`, `0.5..3..0.5`, `vgg16,resnet`.

A range holds both its ends; a third number is its step, which only whole numbers may leave out. A
list may hold ranges, `1,3,5..8`. A parameter that takes a list itself is never spread.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from itertools import product
from math import prod
from typing import Any

from ferbook.errors import InputError
from ferbook.report.parameters import Parameter, settings, typed

LIMIT = 500  #: notebooks of a sweep; by mistake it is easily a million
#: In text that may be anything, what was surely meant as a range.
PLAIN = re.compile(r"[-+.\de]*\d\.\.[-+.\d]+")


class Wrong(ValueError):
    """What is wrong with a range, in words."""


def combinations(
    pairs: Sequence[str], known: Sequence[Parameter], where: str
) -> list[dict[str, Any]] | None:
    """Every combination of the values that `NAME=VALUES` pairs name, each in the order of `known`;
    None where each pair names one. InputError where a value is not what its parameter takes."""
    by_name = {parameter.name: parameter for parameter in known}
    spread = [_spread(pair, by_name, where) for pair in pairs]
    if all(several is None for several in spread):
        return None
    choices = [several or [pair] for pair, several in zip(pairs, spread, strict=True)]
    if (count := prod(map(len, choices))) > LIMIT:
        raise InputError(f"{where}: {count:,} combinations; at most {LIMIT} are run at once")
    found = [settings(combination, known, where) for combination in product(*choices)]
    return [{name: values[name] for name in by_name if name in values} for values in found]


def _spread(pair: str, by_name: dict[str, Parameter], where: str) -> list[str] | None:
    """A pair for each value, or None where `pair` names one value, or an unknown parameter."""
    name, _, text = pair.partition("=")
    parameter = by_name.get(name)
    if parameter is None or not _several(text, parameter):
        return None
    try:
        values = [value for part in text.split(",") for value in _values(part, parameter)]
    except Wrong as error:
        raise InputError(f"{where}: {name} is {text!r}; {error}") from None
    except ValueError:
        raise InputError(f"{where}: {name} is {text!r}; expected {parameter.expected}") from None
    if len(set(values)) < len(values):
        raise InputError(f"{where}: {name} is {text!r}; each value once")
    return [f"{name}={typed(value)}" for value in values]


def _several(text: str, parameter: Parameter) -> bool:
    if parameter.kind == "str" and not parameter.choices:  # any text, a path for instance
        return bool(PLAIN.fullmatch(text))
    if parameter.kind.startswith("list["):
        return ".." in text
    return ".." in text or "," in text


def _values(part: str, parameter: Parameter) -> list[Any]:
    """The values of one range, or the one value; ValueError where the parameter takes no such."""
    if ".." not in part:
        return [parameter.read(part.strip())]
    if parameter.kind.startswith("list["):
        raise Wrong("it takes a list, 1,2,3, and is not varied")
    if parameter.item not in ("int", "float"):
        raise Wrong(f"a range is of numbers; expected {parameter.expected}")
    return [parameter.read(text) for text in _range(part, parameter)]


def _range(part: str, parameter: Parameter) -> list[str]:
    """Its numbers, in decimals, so that steps of a tenth add up."""
    example = "2..8" if parameter.item == "int" else "0.5..3..0.5"
    ends = part.split("..")
    if len(ends) not in (2, 3):
        raise Wrong(f"expected a range such as {example}")
    for end in ends[:2]:  # both are in it
        parameter.read(end)
    if parameter.item == "int" and not ends[-1].lstrip("+-").isdigit():
        raise Wrong(f"expected a range such as {example}, its step a whole number")
    try:
        first, last, step = map(Decimal, [*ends, "1"][:3])
    except InvalidOperation:
        raise Wrong(f"expected a range such as {example}") from None
    low, high = sorted((first, last))
    if len(ends) == 2 and parameter.item == "float":
        quarter = (high - low) / 4 or step
        raise Wrong(f"a range of floats has a step; expected such as {low}..{high}..{quarter}")
    if not step.is_finite() or step <= 0:
        raise Wrong(f"its step is {step}; expected one above 0")
    if last < first:
        raise Wrong(f"it runs downwards; expected {'..'.join([ends[1], ends[0], *ends[2:]])}")
    if (count := int((last - first) / step) + 1) > LIMIT:
        raise Wrong(f"these are {count:,} values; at most {LIMIT} are run at once")
    return [str(first + number * step) for number in range(count)]
