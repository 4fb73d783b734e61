"""Qiu's paper in three answers and one table, from records."""

from __future__ import annotations

from ferbook.report import tables
from ferbook.report.qiu import performance_verdicts as verdicts
from ferbook.report.qiu.networks import (
    BASELINES,
    NETWORKS,
    SCHEME,
    Network,
    apart,
    printed_text,
    term,
)
from ferbook.report.qiu.tables import accuracy
from ferbook.report.tables import interval_text


def summary(tier: str | None = None) -> str:
    """Markdown; the tier is paper's as soon as it has runs of both kinds."""
    tier = tier or chosen_tier()
    records = [r for e in (BASELINES, SCHEME) for r in tables.select(f"qiu/{e}", tier)]
    if not records:
        return "No runs of Qiu's networks are recorded yet.\n"
    head = ["accuracy in %", "printed", "ours", "scheme, printed", "ours", "a mask takes"]
    rows = [f"| {' | '.join(head)} |", f"| {' | '.join(['---'] * len(head))} |"]
    rows += [_row(network, tier) for network in NETWORKS.values()]
    answers = [verdicts.improves(tier), verdicts.controls(tier), verdicts.occluded(tier)]
    sources = [tables.provenance(tables.select(f"qiu/{e}", tier)) for e in (BASELINES, SCHEME)]
    return "\n".join([*(f"- {said}" for said in answers), "", *rows, "", *sources, ""])


def chosen_tier() -> str:
    both = (tables.select(f"qiu/{experiment}", "paper") for experiment in (BASELINES, SCHEME))
    return "paper" if all(both) else "short"


def _row(network: Network, tier: str) -> str:
    """Printed and measured without and with the scheme; last what a face mask takes from it."""
    cells = [network.title]
    for variant in (network.baseline, network.scheme):
        share = accuracy(variant, tier=tier)
        cells.append(printed_text(f"qiu/table2/{variant}").get("accuracy", "–"))
        cells.append(interval_text(share) if share.runs else "–")
    masked = apart(term(network.baseline, "masked"), term(network.baseline), tier)
    return f"| {' | '.join([*cells, str(masked)])} |"
