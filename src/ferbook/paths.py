"""Every location that the project reads or writes.

Two roots: the *checkout* (reported numbers, experiments, records, notebooks, book) and the *home*,
where data, landmark caches and checkpoints of unfinished runs are kept outside version control.
"""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ferbook.errors import InputError


def home() -> Path:
    """`$FERBOOK_HOME`, or the platform's folder for user data."""
    if given := os.environ.get("FERBOOK_HOME"):
        return Path(given).expanduser()
    from platformdirs import user_data_path

    return user_data_path("ferbook", appauthor=False)


def checkout() -> Path:
    """The folder that holds `reported/` and `experiments/`.

    `$FERBOOK_ROOT` when set, else the nearest such folder above this file (an editable install),
    else the nearest one above the current folder.
    """
    if given := os.environ.get("FERBOOK_ROOT"):
        return Path(given).expanduser()
    for start in (Path(__file__).resolve(), Path.cwd() / "x"):
        for folder in start.parents:
            if (folder / "reported").is_dir() and (folder / "experiments").is_dir():
                return folder
    raise InputError(
        "no checkout of ferbook here: run inside it, or set FERBOOK_ROOT to its folder"
    )


def datasets() -> Path:
    return home() / "datasets"


def landmark_cache() -> Path:
    return home() / "landmarks"


def unfinished_runs() -> Path:
    return home() / "runs"


def weights() -> Path:
    """Networks that several runs build on; they can be trained again."""
    return home() / "weights"


def scratch(target: Path) -> Path:
    """Beside `target`, to be renamed to it: a name that no process has, here or on another machine
    that shares the folder."""
    return target.with_name(f".{target.name}.{platform.node()}-{os.getpid()}")


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """`target` whole or not at all: the path that is given becomes it, once all is written there.

    InputError where the system refuses; whatever goes wrong, what stood in `target` stays.
    """
    beside = scratch(target)
    try:
        yield beside
        beside.replace(target)
    except OSError as error:
        raise InputError(f"{target}: cannot be written: {error.strerror or error}") from None
    finally:
        beside.unlink(missing_ok=True)


def results() -> Path:
    """`$FERBOOK_RESULTS` when set (tests, trial runs), else the checkout's committed records."""
    if given := os.environ.get("FERBOOK_RESULTS"):
        return Path(given).expanduser()
    return checkout() / "results"


def reported() -> Path:
    return checkout() / "reported"


def experiments() -> Path:
    return checkout() / "experiments"


def notebooks() -> Path:
    return checkout() / "notebooks"


def executed_notebooks() -> Path:
    """Executed `.ipynb` files, the book's input; ignored by version control."""
    return checkout() / "book" / "notebooks"
