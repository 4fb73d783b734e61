"""The index of notebooks that differ in their parameters: a row for each, with links."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ferbook.report.notebooks import read, source
from ferbook.report.pages import table
from ferbook.report.parameters import Parameter, settings, typed

if TYPE_CHECKING:
    from ferbook.report.sweep import Plan

PAGE = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body {{ font: 1rem/1.5 sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }}
:root {{ color-scheme: light dark }} table {{ border-collapse: collapse }}
td, th {{ border-bottom: 1px solid; padding: 0.2rem 0.8rem; text-align: left }}</style>
{body}</html>
"""


def write(plan: Plan, failed: Sequence[str]) -> Path:
    """Write `index.md` over everything in the plan's folder, and `index.html` where there are
    pages; the path of the one to open."""
    folder = Path(plan.folder)
    known = read(source(plan.notebook))[1]
    rows = [*_done(folder, failed), *_failed(plan, failed, known)]
    named = {name for values, _, _ in rows for name in values}
    columns = [one for one in known if one.name in named]
    full = [({one.name: one.default for one in columns} | row[0], *row[1:]) for row in rows]
    full.sort(key=lambda row: [(str(type(v)), v) for v in (row[0][one.name] for one in columns)])
    cells = ([*(typed(row[0][one.name]) for one in columns), *row[1:]] for row in full)
    head = [*(one.name for one in columns), "notebook", "seconds"]
    text = f"# {plan.notebook}, with other parameters\n\n" + table(head, cells)
    index = folder / "index.md"
    index.write_text(text, encoding="utf-8")
    if not plan.pages:
        return index
    page = folder / "index.html"
    page.write_text(_page(plan.notebook, text), encoding="utf-8")
    return page


def reason(folder: Path, job: str) -> str:
    """What the failing job said last, without where its traceback is."""
    log = folder / ".logs" / f"{job}.txt"
    lines = log.read_text(encoding="utf-8").split("\n") if log.exists() else []
    last = next((line for line in reversed(lines) if line.strip()), "")
    return last.removeprefix("ferbook: ").partition("; with its traceback:")[0]


def _done(folder: Path, failed: Iterable[str]) -> list[tuple[dict[str, Any], str, str]]:
    """Parameters, links and seconds of every notebook in the folder that a sweep left there."""
    rows = []
    for path in folder.glob("*=*.ipynb"):
        if path.name.endswith(".failed.ipynb"):
            continue
        ran = json.loads(path.read_text(encoding="utf-8"))["metadata"]["papermill"]
        links = [_link(path)]
        if path.with_suffix(".html").exists():
            links.insert(0, _link(path.with_suffix(".html")))
        rows.append((ran["parameters"], ", ".join(links), f"{ran['duration']:.1f}"))
    return rows


def _failed(
    plan: Plan, failed: Iterable[str], known: Sequence[Parameter]
) -> list[tuple[dict[str, Any], str, str]]:
    folder, rows = Path(plan.folder), []
    for job in failed:
        kept = folder / f"{job}.failed.ipynb"
        how = reason(folder, job) or "not run"
        where = f"{_link(kept)}: " if kept.exists() else ""
        rows.append((settings(plan.jobs[job], known, plan.notebook), f"failed, {where}{how}", "–"))
    return rows


def _link(path: Path) -> str:
    return f"[{path.name}]({quote(path.name)})"


def _page(title: str, text: str) -> str:
    from markdown_it import MarkdownIt

    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    return PAGE.format(title=html.escape(title), body=body)
