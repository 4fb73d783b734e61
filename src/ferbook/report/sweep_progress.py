"""How far a sweep is, from what Snakemake says: a bar in a terminal, elsewhere lines."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Self

#: The first line of what is said of a job; behind it stand its output and its number.
BLOCK = re.compile(r"(?:local)?rule (\w+):$|Error in rule")
WAITING = re.compile(r"combination\s+(\d+)$")
OUTPUT = re.compile(r"\s+output: (.+)\.ipynb$")
JOB = re.compile(r"\s+jobid: (\d+)$")
FINISHED = re.compile(r"Finished jobid: (\d+) \(Rule: combination\)")


class Progress:
    """Of `total` combinations those that are done, on stderr, with the name of the last; a bar has
    the name of the one that was begun last, too, so that it shows something before one is done."""

    def __init__(self, total: int) -> None:
        from tqdm import tqdm

        self.total, self.done = total, 0
        self._named = False  #: whether a combination is spoken of that is begun
        self._begun = ""  #: its name
        self._names: dict[str, str] = {}  #: number of a job -> name of its combination
        self._bar = tqdm(total=total, unit=" notebooks", disable=None)

    def read(self, line: str) -> None:
        """A line of what Snakemake says on stderr."""
        if waiting := WAITING.match(line):
            self._show(self.total - int(waiting[1]))
        elif block := BLOCK.match(line):
            self._begun, self._named = "", block[1] == "combination"
        elif self._named and (output := OUTPUT.match(line)):
            self._begun = Path(output[1]).name
        elif self._named and (job := JOB.match(line)):
            self._names[job[1]] = self._begun
            self._bar.set_postfix_str(self._begun)
        elif finished := FINISHED.match(line):
            self._show(self.done + 1, self._names.get(finished[1], ""))

    def end(self) -> None:
        """All went well: what was done before, and so was never spoken of, is done as well."""
        if self.done < self.total:
            self._show(self.total)

    def _show(self, done: int, name: str = "") -> None:
        self._bar.update(done - self.done)
        self.done = done
        if self._bar.disable:
            said = f"{done} of {self.total} done" + (f": {name}" if name else "")
            print(said, file=sys.stderr, flush=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._bar.close()
