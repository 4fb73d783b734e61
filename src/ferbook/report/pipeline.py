"""What the Snakefile asks of the package: pages, digests of what they show, and single runs."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ferbook import paths
from ferbook.study.manifest import DEMONSTRATIONS

if TYPE_CHECKING:
    from ferbook.study.experiments import Run

PAPERS = ("chew", "qiu")
#: What stands for a run that is to be trained; `fold` is "whole" or "fold3".
STAMP = ".snakemake/runs/{paper}/{experiment}/{variant}/{tier}/{seed}-{fold}"
#: Seconds. A killed run's lock may outlive it: while it is being ended, or on NFS for a lease.
WAIT = 180


def digest(files: Iterable[Path]) -> str:
    """Sixteen hexadecimal digits over names and contents of `files`; folders are passed over."""
    total = sha256()
    for path in sorted(path for path in files if path.is_file()):
        content = path.read_bytes()
        total.update(f"{path.name} {len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()[:16]


def source_digest() -> str:
    """The package: a change in any module may change any page."""
    return digest(path for path in Path(__file__).parents[1].rglob("*") if path.suffix != ".pyc")


def study_digest(notebook: str = "") -> str:
    """Records, reported numbers and experiments that a notebook may show.

    A notebook whose name begins with a paper sees that paper and the datasets; every other one
    sees everything.
    """
    paper = notebook.partition("_")[0]
    hidden = set(PAPERS) - {paper} if paper in PAPERS else set()
    folders = [folder for folder in paths.results().glob("*") if folder.name not in hidden]
    files = [path for folder in folders for path in folder.rglob("*")]
    for root in (paths.reported(), paths.experiments()):
        files += [path for path in root.glob("*.yaml") if path.stem not in hidden]
    return digest(path for path in files if not demonstrated(path))


def taught_digest() -> str:
    """What lessons show beside drawn faces: reported numbers, and what is recorded of datasets."""
    folders = (paths.reported(), paths.results() / "datasets")
    files = [path for folder in folders for path in folder.rglob("*")]
    return digest(path for path in files if not demonstrated(path))


def demonstrated(path: Path) -> bool:
    """What a page's demonstration recorded on drawn faces, here only: no other page shows it."""
    return any(map(path.match, DEMONSTRATIONS))


def data_digest() -> str:
    """The registered datasets, by what their stores say of themselves: live cells use them."""
    return digest(paths.datasets().glob("*/*.json"))


def prose() -> list[str]:
    """Every page and static file of the book that a person writes."""
    book = paths.checkout() / "book"
    made = (book / "generated", book / "notebooks", book / "lessons")
    return sorted(
        str(path.relative_to(book.parent))
        for path in book.rglob("*")
        if path.is_file() and not any(path.is_relative_to(folder) for folder in made)
    )


def stamp(run: Run) -> str:
    """The file that Snakemake makes when `run` is recorded."""
    return STAMP.format(
        paper=run.paper,
        experiment=run.experiment,
        variant=run.variant,
        tier=run.tier,
        seed=run.seed,
        fold="whole" if run.fold is None else f"fold{run.fold}",
    )


def train(job: Any, threads: int) -> None:
    """Train and record one run. `job` has the fields of STAMP as attributes, all of them text."""
    import torch

    from ferbook.study.experiments import run_experiment

    torch.set_num_threads(threads)
    seed = int(job.seed)
    fold = None if job.fold == "whole" else int(job.fold.removeprefix("fold"))
    run_experiment(
        f"{job.paper}/{job.experiment}/{job.variant}",
        tier=job.tier,
        seeds=range(seed, seed + 1),
        folds=None if fold is None else range(fold, fold + 1),
        wait=WAIT,
    )
