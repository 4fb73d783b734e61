"""A small paper that is not about faces, as a file for the audit, to be changed by tests."""

from __future__ import annotations

import copy
from typing import Any

BASE: dict[str, Any] = {
    "paper": "pets",
    "title": "Cats, dogs and birds",
    "classes": ["cat", "dog", "bird"],
    "n": {"zoo": {"total": 1000, "test": 200}},
    "class_counts": {"zoo": {"test": {"cat": 100, "dog": 60, "bird": 40}}},
    "protocols": {
        "whole": {"metric": "accuracy", "dataset": "zoo", "split": "held-out"},
        "class": {"metric": "recall", "dataset": "zoo", "split": "held-out"},
    },
    "rows": [],
}


def paper(*rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The base with these rows and other top-level fields."""
    content = copy.deepcopy(BASE)
    content["rows"] = list(rows)
    return {**content, **changes}


def row(id: str, value: float, decimals: int = 0, **more: Any) -> dict[str, Any]:
    """One printed value of variant `net`, the overall accuracy unless told otherwise."""
    return {
        "id": f"pets/{id}",
        "reported": {"value": value, "decimals": decimals},
        "unit": "percent",
        "protocol": "whole",
        "variant": "net",
        **more,
    }


def recall(name: str, value: float, decimals: int = 0, **more: Any) -> dict[str, Any]:
    return row(f"classes/{name}", value, decimals, **{"protocol": "class", "class": name, **more})
