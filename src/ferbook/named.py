"""A name that somebody typed, held against the names that there are."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches


def whole(wanted: str, known: Collection[str]) -> str | None:
    """The name that is `wanted`, or else the only one of which it is a part; None if there is none.

    >>> whole("maps", ["heatmaps", "masks"]), whole("ma", ["heatmaps", "masks"])
    ('heatmaps', None)
    """
    if wanted in known:
        return wanted
    having = _having(wanted, known)
    return having[0] if len(having) == 1 else None


def instead(wanted: str, known: Collection[str], said: str = "there are:") -> str:
    """What to type instead of a name that is none: those that have it as a part, or else the
    nearest, where one is near, and all.

    >>> instead("ma", ["heatmaps", "masks", "speed"])
    'it may be heatmaps, masks'
    >>> instead("speak", ["masks", "speed"])
    'nearest is speed; there are: masks, speed'
    >>> instead("chew/foo", ["chew/demo", "chew/live"])
    'there are: chew/demo, chew/live'
    """
    if having := _having(wanted, known):
        return f"it may be {', '.join(having)}"
    # a folder or paper that all have makes none of them near
    ends = {name.rpartition("/")[2]: name for name in known}
    near = get_close_matches(wanted.rpartition("/")[2], ends, n=1)
    nearest = f"nearest is {ends[near[0]]}; " if near else ""
    return f"{nearest}{said} {', '.join(known)}"


def _having(part: str, known: Collection[str]) -> list[str]:
    return [name for name in known if part and part in name]
