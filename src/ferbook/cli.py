"""The `ferbook` command: parses, calls, prints. Every heavy import waits for its command."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from ferbook.cli_data import data
from ferbook.errors import InputError

app = typer.Typer(
    help="Two papers on facial emotion recognition, re-run and checked number by number.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(data, name="data")


class Pairs(TyperCommand):
    """A command whose `-p` takes two values, as papermill's does, or one `NAME=VALUE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        joined: list[str] = []
        for arg in args:
            if joined[-2:-1] == ["-p"] and "=" not in joined[-1]:
                joined[-1] += f"={arg}"
            else:
                joined.append(arg)
        return super().parse_args(ctx, joined)


def _version(wanted: bool) -> None:
    if wanted:
        import ferbook

        typer.echo(f"ferbook {ferbook.__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_version, help="Say which, and stop."),
    ] = False,
) -> None:
    """Two papers on facial emotion recognition, re-run and checked number by number."""


@app.command(short_help="Train what is missing of an experiment; resumes.")
def run(
    experiments: Annotated[
        list[str] | None,
        typer.Argument(
            help="<paper>[/<experiment>[/<variant>]], as in experiments/; several as well",
            metavar="EXPERIMENT",
            show_default=False,
        ),
    ] = None,
    tier: Annotated[str, typer.Option(help="paper or short")] = "short",
    seeds: Annotated[int, typer.Option(min=1, help="Seeds 0 to N-1.")] = 1,
    max_minutes: Annotated[
        float | None,
        typer.Option(min=0, help="Stop after the epoch in which they are over; resumable."),
    ] = None,
    device: Annotated[
        str | None, typer.Option(help="cpu or cuda; a GPU where there is one")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Runs at once, to fill a large GPU.")] = 1,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Only make the caches that the runs need.")
    ] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Only say what is missing, in order, and its operations.")
    ] = False,
    tables: Annotated[
        bool, typer.Option("--tables", help="Of a plan: what the papers' tables stand on.")
    ] = False,
    rate: Annotated[
        float, typer.Option(help="Of a plan: TFLOP/s of matrix products, an H200's by default.")
    ] = 790.0,
    share: Annotated[float, typer.Option(help="Of a plan: of that rate, in training.")] = 0.45,
) -> None:
    """Train what is missing of an experiment and record it. The same command resumes.

    Of several networks those come first that fill most printed cells for their operations. A run
    that lacks a package, a cache or data is named, with what brings it, before it is trained; the
    others go on, and the exit code is 2.
    """
    from ferbook.report import plan as plans
    from ferbook.report import plan_page
    from ferbook.study import experiments as study

    if plan:
        only = plans.TABLES if tables else ()
        found = plans.table(experiments or (), tier, seeds, rate, share, only)
        typer.echo(plan_page.text(found, share, rate))
        return
    if not experiments:
        raise InputError("which experiment? `ferbook run --plan` lists what is missing of all")
    try:
        if prepare:
            told = study.prepare(experiments, tier, seeds)
        else:
            told = study.run_experiment(
                experiments,
                tier=tier,
                seeds=seeds,
                max_minutes=max_minutes,
                device=device,
                jobs=jobs,
                order=plans.ordered,
            )
    except study.Unfinished as error:
        typer.echo(error.told)
        raise
    typer.echo(told)
    if all(line.endswith(study.BEFORE) for line in told.splitlines()):
        afresh = "with FERBOOK_RESULTS=DIR before the command these are trained afresh, into DIR"
        typer.echo(f"Nothing is missing: a larger --seeds trains more; {afresh}.", err=True)


@app.command(short_help="Every printed number beside ours, with a verdict.")
def verify(
    paper: Annotated[str | None, typer.Option(help="chew or qiu; both by default")] = None,
    only: Annotated[str | None, typer.Option(help="rows whose id contains this")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="An array of objects.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="First hold results/ against its manifest.")
    ] = False,
    book: Annotated[
        Path | None, typer.Option(help="First hold a built book (_build/html) against the records.")
    ] = None,
) -> None:
    """Say of every number that the papers print whether our runs bear it out."""
    from ferbook import paths
    from ferbook.report import published
    from ferbook.report.compare import verify_table
    from ferbook.study import manifest

    say = partial(typer.echo, err=True)
    if check:
        say(manifest.check(paths.results(), say))
    if book:
        say(published.check(book, say))
    typer.echo(verify_table(paper=paper, only=only, as_json=as_json))


@app.command("manifest", short_help="List new records for `verify --check`.")
def update_manifest(
    anew: Annotated[bool, typer.Option("--anew", help="Also what was altered or is gone.")] = False,
) -> None:
    """List the digests of new records in results/manifest.sha256, for `verify --check`."""
    from ferbook import paths
    from ferbook.study.manifest import update

    typer.echo(update(paths.results(), anew))


@app.command(short_help="Printed numbers that cannot be; trains nothing.")
def audit(
    file: Annotated[Path, typer.Argument(help="printed numbers, as in reported/*.yaml")],
    as_json: Annotated[bool, typer.Option("--json", help="An array of objects.")] = False,
) -> None:
    """Say which printed numbers of a paper cannot be, or do not agree; trains nothing.

    Below the findings, with --json on stderr, stands what was not checked. Exit code 0, findings or
    not; 2 for a file with a fault, named in one line.
    """
    from ferbook.report.audit.run import audit_text

    typer.echo(audit_text(file, as_json=as_json, say=partial(typer.echo, err=True)))


@app.command("audit-split", short_help="What stands on two sides of a split.")
def audit_split(
    file: Annotated[Path, typer.Argument(help="csv: file or pixels, label, part, maybe subject")],
    as_json: Annotated[bool, typer.Option("--json", help="An array of objects.")] = False,
    sheet: Annotated[Path | None, typer.Option(help="Write a png with the pairs found.")] = None,
) -> None:
    """Say what stands on two sides of a split: copies, people, neighbouring frames; and labels.

    Exit code 0, findings or not; 2 for a table or an image that cannot be read, named in one line.
    """
    from ferbook.report.leakage.audit import audit_text

    typer.echo(audit_text(file, as_json=as_json, sheet=sheet))


@app.command(short_help="Faces of a photograph, and their emotions.")
def predict(
    photo: Annotated[Path, typer.Argument(help="a photograph: jpg, png, webp, tiff, bmp or gif")],
    onnx: Annotated[
        bool, typer.Option("--onnx", help="Landmarks by the small network, not by dlib: one graph.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            help="The picture to draw, .png, .jpg, .webp, .tiff or .bmp; by default"
            " PHOTO.faces.png, or PHOTO.faces-onnx.png."
        ),
    ] = None,
) -> None:
    """Find the faces of a photograph, their landmarks, and what three networks make of them."""
    from ferbook.portable.predict import predict as look

    typer.echo(look(photo, output=output, onnx=onnx))


@app.command(cls=Pairs, short_help="Run a notebook of the book with other parameters.")
def notebook(
    name: Annotated[str | None, typer.Argument(help="as listed, or a part of it")] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "-p",
            help="NAME VALUE, or NAME=VALUE; several: 2..8, of floats 0.5..3..0.5, or 1,3,5",
            metavar="NAME VALUE",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="./NAME.ipynb by default; of several, the folder ./NAME.")
    ] = None,
    html: Annotated[bool, typer.Option("--html", help="Write an HTML page beside it.")] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Of several, at once; all cores by default.")
    ] = None,
    list_: Annotated[
        bool, typer.Option("--list", help="Say what every notebook takes, or the one named.")
    ] = False,
) -> None:
    """Run a notebook of the book with other parameters, once or for every combination of them."""
    from ferbook.report import listing, sweep

    if list_ or name is None:
        if parameter:
            raise InputError("-p: of which notebook? `ferbook notebook` lists them")
        typer.echo(listing.listing(name) if list_ else listing.overview())
        return
    typer.echo(sweep.rerun(name, parameter or [], output=output, html=html, jobs=jobs))


@app.command(short_help="Write a lesson's exercises as a notebook, or list all.")
def lesson(
    name: Annotated[str | None, typer.Argument(help="its number, or a part of its name")] = None,
    output: Annotated[
        Path | None, typer.Option(help="./NAME.ipynb by default; .py for a script of cells.")
    ] = None,
    solved: Annotated[bool, typer.Option("--solved", help="With the solutions.")] = False,
) -> None:
    """Write the exercises of a lesson as a notebook; without a name, list the lessons."""
    from ferbook.teach.exercises import listing, write

    typer.echo(write(name, output, solved) if name else listing())


@app.command(short_help="Grade solved notebooks of a lesson.")
def check(
    lesson: Annotated[str, typer.Argument(help="its number, or a part of its name")],
    files: Annotated[list[Path], typer.Argument(help="solved notebooks, .ipynb or .py")],
    as_csv: Annotated[bool, typer.Option("--csv", help="file, exercise, passed, message.")] = False,
) -> None:
    """Run notebooks of a lesson, and say what passes and what is missing. They are not confined."""
    from ferbook.teach.grading import report

    said, complete = report(lesson, files, as_csv)
    typer.echo(said)
    if not complete:
        raise typer.Exit(1)


def main() -> None:
    """Entry point: what a person can mend is one line and exit code 2; Ctrl-C says how to go on."""
    try:
        code = app(standalone_mode=False)
    except KeyboardInterrupt:
        code = 130
    except InputError as error:
        typer.echo(f"ferbook: {error}", err=True)
        code = 2
    except OSError as error:
        typer.echo(f"ferbook: {error.filename or 'system'}: {error.strerror or error}", err=True)
        code = 2
    except Exception as error:
        if not hasattr(error, "show"):  # anything but a usage error is a bug: show where
            raise
        error.show()
        code = getattr(error, "exit_code", 2)
    if code == 130:
        typer.echo("\nferbook: interrupted; the same command goes on from here", err=True)
    sys.exit(code)
