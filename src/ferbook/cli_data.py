"""The commands of `ferbook data`: parse, call, print. Every heavy import waits for its command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

data = typer.Typer(help="Register datasets and judge how genuine they are.", no_args_is_help=True)


@data.command("add", short_help="Read, check and keep a dataset.")
def data_add(
    name: Annotated[str, typer.Argument(help="fer2013, ckplus or ferplus")],
    path: Annotated[
        Path, typer.Argument(help="csv, folder, zip or tar; for ferplus the csv of FER+'s votes")
    ],
    replace: Annotated[bool, typer.Option(help="Replace the copy registered before.")] = False,
) -> None:
    """Read a dataset in any published form, check it, and keep a compact copy."""
    from ferbook.data.register import add

    typer.echo(add(name, path, replace=replace))


@data.command("status", short_help="What is registered, and how genuine.")
def data_status() -> None:
    """What is registered, how genuine it is, and whether its landmarks are cached."""
    from ferbook.data.register import status

    typer.echo(status())


@data.command("landmarks", short_help="Find the 68 landmarks of every face.")
def data_landmarks(
    name: Annotated[str, typer.Argument(help="a registered dataset")],
    jobs: Annotated[int | None, typer.Option(help="Processes; all cores by default.")] = None,
) -> None:
    """Find the 68 dlib landmarks of every face; resumable, cached."""
    from ferbook.data.store import open_faces
    from ferbook.vision.landmarks import find, summary

    faces = open_faces(name)
    typer.echo(summary(faces, find(faces, jobs=jobs)))
