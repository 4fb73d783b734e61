"""The text against the tables: each claim, an expression over cells, evaluated.

A claim that is false for the printed values and for all values that these can stand for is a
contradiction. One that is false for the printed values alone ("above 75 %" where 75 is printed,
which 75.4 would round to) is suspicious: true only thanks to digits that are not printed. A claim
that compares what is printed in two places (`printed_only`) is about the print itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from ferbook.report import claims
from ferbook.report.audit.findings import Finding, Severity
from ferbook.report.audit.spans import FUNCTIONS, Comparison, spans
from ferbook.report.reported import Paper
from ferbook.report.reported_parts import Claim

CHECK = "claims"
#: Comparisons that are shown of a claim about many cells.
SHOWN = 4


def check(paper: Paper) -> Iterator[Finding]:
    """Every claim of the file."""
    printed = paper.printed_cells()
    for claim in paper.claims:
        if claims.evaluate(claim.expression, printed) is not False:
            continue
        possible, log = evaluated(paper, claim)
        certain = possible is False or claim.printed_only
        # "the mean is 46" where the printed cells give 46.25: rounding is all there is to it
        rounding = all(c.sign == "=" for c in log if not c.holds)
        if certain or not rounding:
            yield _finding(paper, claim, certain, log)


def evaluated(paper: Paper, claim: Claim) -> tuple[bool | None, list[Comparison]]:
    """Whether a claim holds for all, none or some of what the print can stand for, and what it
    compares."""
    log: list[Comparison] = []
    return claims.evaluate(claim.expression, spans(paper, named(paper, claim), log), FUNCTIONS), log


def _finding(paper: Paper, claim: Claim, certain: bool, log: list[Comparison]) -> Finding:
    taken = f"read as: {claim.read_as}" if claim.read_as else ""
    where = ", ".join(filter(None, [claim.where, taken]))
    where = f" ({where})" if where else ""
    quoted = getattr(claim, "quoted", True)  # our own two files hold quotations only
    said = f'the text says "{claim.text}"' if quoted else f"said in other words: {claim.text}"
    message = f"{said}{where}; the printed numbers say otherwise"
    if not certain:
        message += ", unless digits that are not printed make it true"
    if claim.reading:
        message += f"; possible only if {claim.reading}"
    failed = list(dict.fromkeys(c.text for c in log if not c.holds))
    more = f" and {len(failed) - SHOWN} more" if len(failed) > SHOWN else ""
    arithmetic = f"false: {'; '.join(failed[:SHOWN])}{more}" if failed else claim.expression
    severity: Severity = "contradiction" if certain else "suspicious"
    wrong = [cell for c in log if not c.holds for cell in c.cells if cell]
    cells = tuple(dict.fromkeys([*wrong, *named(paper, claim)]))
    return Finding(severity, CHECK, cells, message, arithmetic)


def named(paper: Paper, claim: Claim) -> tuple[str, ...]:
    """The cells of a claim, in its order."""
    cells = paper.printed_cells()
    found = claims.TOKEN.finditer(claim.expression)
    patterns = [token["cell"] for token in found if token["cell"]]
    return tuple(
        dict.fromkeys(name for pattern in patterns for name in claims.matching(pattern, cells))
    )
