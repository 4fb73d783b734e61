"""What is wrong with a field of a file, in our own words: place, what was given, what is expected.

pydantic finds the fault; its sentences speak of models and types, ours of fields and of what may
stand in them. A field that does not exist is named with the nearest one that does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

Place = tuple[str | int, ...]
Found = Any  #: one of pydantic's `errors()`

#: Parts of pydantic's place that are no part of the file: which of several types it tried.
TYPES = ("int", "tuple[int, int]", "[key]", "str")
#: Forms of names, in words.
FORMS = {
    r"^[a-z][a-z0-9-]*$": "a small letter, then small letters, digits and `-`",
    r"^[a-z]+$": "small letters",
    r"^[a-z0-9-]+$": "small letters, digits and `-`",
    r"^[\w.-]+/[\w.-]+$": "owner/name",
    r"^[0-9a-f]{40}$": "the 40 hex digits of a commit",
    r"^A[1-9]\d*$": "the number of an assumption, such as A7",
}
ROW_ID = "an id such as paper/table1/net/accuracy: small letters, digits, `-`, `.`"
#: What a type of pydantic's faults asks for.
EXPECTED = {
    "int": "expected a whole number",
    "float": "expected a number",
    "finite": "expected a finite number",
    "string": "expected text; put it in quotes",
    "bool": "expected true or false",
    "list": "expected a list",
    "tuple": "expected a list",
    "dict": "expected entries of the form `name: value`",
    "model": "expected entries of the form `name: value`",
    "missing": "is missing",
    "none": "expected nothing",
    "too": "expected another number of entries",
}
#: Limits, with what they limit.
LIMITS = {
    "greater_than_equal": ("ge", "expected {} or more"),
    "greater_than": ("gt", "expected more than {}"),
    "less_than_equal": ("le", "expected at most {}"),
    "less_than": ("lt", "expected less than {}"),
    "string_too_long": ("max_length", "expected at most {} characters"),
    "string_too_short": ("min_length", "expected at least {} characters"),
    "too_long": ("max_length", "expected at most {} entries"),
    "too_short": ("min_length", "expected at least {} entries"),
}


def describe(error: ValidationError, content: Any, model: type[BaseModel]) -> str:
    """The first thing wrong, with the id of the row (or claim) that holds it."""
    found = first(error)
    place = place_of(found)
    where, rest = _where(place, content)
    field = f"field {'.'.join(map(str, rest))}: " if rest else ""
    return f"{where}{field}{_said(found, place, model)}"


def first(error: ValidationError) -> Found:
    """A misspelt field before all else: what it lacks in its right spelling is no fault of its
    own."""
    found = error.errors()
    return next((one for one in found if one["type"] == "extra_forbidden"), found[0])


def place_of(found: Found) -> Place:
    """Keys and numbers from the top of the file; of a key that is no text, what holds it."""
    if found["loc"][-1:] == ("[key]",):
        return place_of({"loc": found["loc"][:-2]})
    return tuple(part for part in found["loc"] if part not in TYPES)


def unknown(name: str, known: Sequence[str]) -> str:
    """Of a name that is none of the known ones: the nearest, or all."""
    near = get_close_matches(name, known, n=1)
    meant = f"did you mean `{near[0]}`?" if near else f"known: {', '.join(known)}"
    return f"no such field; {meant}"


def _where(place: Place, content: Any) -> tuple[str, Place]:
    """The entry that holds the field, and the field within it."""
    if len(place) < 2:
        return "", place
    number = place[1]
    if not isinstance(number, int):
        return f"{place[0]} {number}: ", place[2:]
    if place[0] not in ("rows", "claims", "references"):
        return "", place
    entry = content[place[0]][number]
    name = entry.get("id") if isinstance(entry, dict) else None
    return f"{str(place[0])[:-1]} {name or f'number {number + 1}'}: ", place[2:]


def _said(found: Found, place: Place, model: type[BaseModel]) -> str:
    kind, given = found["type"], found["input"]
    if kind == "extra_forbidden":
        return unknown(str(place[-1]), list(fields_at(model, place[:-1])))
    if found["loc"][-1:] == ("[key]",):
        return f"a name that is read as {given}, not as text; put it in quotes"
    text = _expected(found)
    if kind == "missing" or isinstance(given, (dict, list)):
        return text
    return f"{text}, not {_shown(given)}"


def _expected(found: Found) -> str:
    kind, context = found["type"], found.get("ctx", {})
    if kind in ("value_error", "assertion_error"):
        return str(found["msg"]).partition(", ")[2]
    if kind == "literal_error":
        return f"expected {context['expected']}"
    if kind == "string_pattern_mismatch":
        return f"expected {FORMS.get(context['pattern'], ROW_ID)}"
    if kind in LIMITS:
        name, text = LIMITS[kind]
        return text.format(f"{context[name]:,}")
    return EXPECTED.get(kind.partition("_")[0], "not of the form that is expected there")


def _shown(given: Any) -> str:
    return "an empty value" if given is None else repr(str(given)[:60])


def fields_at(model: Any, place: Place) -> Iterator[str]:
    """The names that a file may use at a place."""
    for part in place:
        model = _inside(model, part)
    for kind in _models(model):
        for name, field in kind.model_fields.items():
            yield field.alias or name


def _inside(annotation: Any, part: str | int) -> Any:
    """What stands behind a key, a number or a field."""
    for kind in _models(annotation):
        for name, field in kind.model_fields.items():
            if part in (name, field.alias):
                return field.annotation
    plain = next((kind for kind in _options(annotation) if get_origin(kind) in (dict, list)), None)
    return get_args(plain)[-1] if plain else None


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    for kind in _options(annotation):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield kind


def _options(annotation: Any) -> list[Any]:
    """An annotation, or those that it leaves to choose from."""
    if get_origin(annotation) is Annotated:
        return _options(get_args(annotation)[0])
    if get_origin(annotation) in (dict, list, tuple) or isinstance(annotation, type):
        return [annotation]
    return [kind for option in get_args(annotation) for kind in _options(option)]
