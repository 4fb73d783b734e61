"""What the scheme's runs come to, what is printed of its gains, what is claimed of its tables."""

from __future__ import annotations

import pandas as pd

from ferbook.report.printed import printed
from ferbook.report.qiu.answers import caveat
from ferbook.report.qiu.controls import CONTROLS
from ferbook.report.qiu.networks import BASELINES, NETWORKS, SCHEME, Network, apart, term, title
from ferbook.report.qiu.performance_verdicts import improvements, listed
from ferbook.report.tables import select

#: Claims of the paper about its own tables, by their ids in reported/qiu.yaml.
CLAIMS = (
    "perturb-improves",
    "perturb-improves-singles",
    "perturb-improves-some",
    "pvgg-gains-but-disgust",
    "pvgg-gains-up-to-7",
    "gains-but-disgust",
    "other-emotions-gain",
    "resnet-and-dpn-gain-mostly",
    "disgust-falls",
    "disgust-falls-somewhere",
)
HOLDS = {True: "holds", False: "does not hold", None: "is open"}


def printed_gain(network: Network) -> float | None:
    """Points that the paper prints for the scheme; None where it leaves a cell blank."""
    before, after = (
        printed(f"qiu/table2/{variant}").get("accuracy")
        for variant in (network.baseline, network.scheme)
    )
    return None if before is None or after is None else after - before


def printed_gains() -> dict[str, float | None]:
    """{name of a contrast of `improvements`: points that the paper prints}."""
    return {
        f"{title(network.scheme)} − {network.title}": printed_gain(network)
        for network in NETWORKS.values()
    }


def so_far(tier: str) -> str:
    """What the page's runs come to, how far they are reduced, and of how many seeds they are."""
    pairs = [
        (one.effect, title(network.scheme))
        for network, one in zip(NETWORKS.values(), improvements(tier), strict=True)
        if network.attention and one.effect.seeds
    ]
    if not pairs:
        return "No pair of networks with and without the scheme is recorded yet."
    sides = {
        sign: [f"{name} ({found.mean:+.1f})" for found, name in pairs if found.sign == sign]
        for sign in (1, -1)
    }
    text = (
        f"**So far**: of {len(pairs)} network{'s' * (len(pairs) > 1)} the scheme puts "
        f"{listed(sides[1]) or 'none'} ahead of its baseline and {listed(sides[-1]) or 'none'} "
        "behind, in points and by more than the choice of test images explains."
    )
    squares = apart(term("pvgg16"), term(CONTROLS["random squares instead"]), tier)
    if squares.seeds:
        text += f" On VGG16, dropping clusters instead of random squares is worth {squares} points."
    records = [r for name in (BASELINES, SCHEME) for r in select(f"qiu/{name}", tier)]
    return f"{text} {caveat(records)}"


def claims() -> pd.DataFrame:
    """The paper's claims about its tables: in its own cells, and in ours."""
    from ferbook.report.claimed import claims_for_book

    table = claims_for_book("qiu").set_index("id").loc[list(CLAIMS)]
    rows = {
        f"“{row.text}”{f', read as: {row.read_as}' if row.read_as else ''}": {
            "where": row["where"],
            "in print": HOLDS[row.printed],
            "because": row.because or "of many cells",
            "here": "–" if row.printed_only else row.lean or HOLDS[row.measured],
        }
        for _, row in table.iterrows()
    }
    return pd.DataFrame(rows).T.rename_axis("claim")
