"""Qiu's paper in a few lines and three tables, from records."""

from __future__ import annotations

from ferbook.report import reduced, tables
from ferbook.report.pages import table
from ferbook.report.printed import printed
from ferbook.report.qiu import controls, scheme_summary
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
    levels = [_row(network, tier) for network in NETWORKS.values()]
    head = (
        "accuracy in %",
        "printed, baseline",
        "ours, baseline",
        "printed, scheme",
        "ours, scheme",
        "change in a mask (ours, baseline)",
    )
    gains = [_gain(network, tier) for network in NETWORKS.values()]
    leads = [
        (name, controls.epochs(controls.CONTROLS[name], tier), str(found))
        for name, found in controls.leads(tier).items()
    ]
    own = controls.epochs(controls.CONTROLS["the scheme"], tier)
    sources = [tables.provenance(tables.select(f"qiu/{e}", tier)) for e in (BASELINES, SCHEME)]
    parts = [
        *_answers(tier),
        table(head, levels),
        *_below(tier),
        "What the scheme adds, in points:\n",
        table(("network", "printed", "ours", "ours, faces in masks"), gains),
        f"On VGG16, the scheme ({own} epochs) minus each of its controls, in points:\n",
        table(("instead of the scheme", "epochs", "the scheme minus it"), leads),
        *sources,
    ]
    return "\n".join([*parts, ""])


def _answers(tier: str) -> list[str]:
    """What the runs come to; of several seeds, what the claims do."""
    said = [scheme_summary.so_far(tier)]
    if max(c.effect.seeds for c in verdicts.improvements(tier)) > 1:
        said += [verdicts.improves(tier), controls.controls(tier), verdicts.occluded(tier)]
    return [*(f"{one}\n" for one in said), ""]


def _below(tier: str) -> list[str]:
    """How far single networks without the scheme are below print, where they are reduced."""
    less = reduced.schedule(tables.select(f"qiu/{BASELINES}", tier))
    gaps = [
        said["accuracy"] - 100 * level.mean
        for network in NETWORKS.values()
        if network.attention
        and "accuracy" in (said := printed(f"qiu/table2/{network.baseline}"))
        and (level := accuracy(network.baseline, tier=tier)).runs
    ]
    if not less or not gaps or min(gaps) <= 0:
        return []
    return [
        f"Reduced so ({less}), the single networks are {min(gaps):.0f} to {max(gaps):.0f} "
        "points below print; what one of them gains or loses is to be read at that level.\n"
    ]


def _gain(network: Network, tier: str) -> tuple[str, ...]:
    """What the scheme adds to one network: printed, on faces as they are, in masks."""
    said = scheme_summary.printed_gain(network)
    ours = [
        str(apart(term(network.scheme, view), term(network.baseline, view), tier))
        for view in ("plain", "masked")
    ]
    return network.title, "–" if said is None else f"{said:+.1f}", *ours


def chosen_tier() -> str:
    both = (tables.select(f"qiu/{experiment}", "paper") for experiment in (BASELINES, SCHEME))
    return "paper" if all(both) else "short"


def _row(network: Network, tier: str) -> list[str]:
    """Printed and measured without and with the scheme; last what a face mask changes of the
    first, in points."""
    cells = [network.title]
    for variant in (network.baseline, network.scheme):
        share = accuracy(variant, tier=tier)
        cells.append(printed_text(f"qiu/table2/{variant}").get("accuracy", "–"))
        cells.append(interval_text(share) if share.runs else "–")
    masked = apart(term(network.baseline, "masked"), term(network.baseline), tier)
    return [*cells, str(masked)]
