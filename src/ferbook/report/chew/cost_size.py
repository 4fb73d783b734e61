"""How large the networks are: weights, and multiply-accumulates for one face."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ferbook.report.chew.cost import WIDTHS

#: Branches and heatmaps of each; the last is the alternative of assumption A1.
NETWORKS: dict[str, tuple[tuple[str, ...], int]] = {
    "pixels": (("pixels",), 1),
    "landmarks": (("landmarks",), 1),
    "hybrid": (("pixels", "landmarks"), 1),
    "hybrid, 68 maps": (("pixels", "landmarks"), 68),
}


def sizes(widths: Sequence[int] = WIDTHS) -> pd.DataFrame:
    """A row a network: trainable weights, and MACs of one face of 48 x 48 pixels."""
    rows = {name: _size(*each, widths) for name, each in NETWORKS.items()}
    return pd.DataFrame(rows, index=["weights", "MACs"]).T


def _size(branches: Sequence[str], heatmaps: int, widths: Sequence[int]) -> tuple[int, int]:
    """Weights, and each weight of a convolution or linear layer times the places it is used at.

    Batch normalisation, ReLU and pooling, about a hundredth of the work, do not count. PyTorch's
    own `FlopCounterMode`, two operations a MAC, agrees (tests/test_cost.py), but loads a compiler
    first, which takes seconds.
    """
    import torch
    from torch import Tensor, nn

    from ferbook.models.hybrid import Hybrid

    counted = []

    def count(layer: nn.Module, _: object, out: Tensor) -> None:
        counted.append(layer.weight.numel() * out[0, 0].numel())  # type: ignore[operator]

    with torch.no_grad():
        network = Hybrid(branches, heatmaps=heatmaps, widths=widths).eval()
        for layer in network.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                layer.register_forward_hook(count)
        network(torch.empty(1, sum(network.channels), 48, 48))
    return sum(parameter.numel() for parameter in network.parameters()), sum(counted)


def said(table: pd.DataFrame) -> str:
    """What the second branch and 67 more maps add, as sentences."""
    macs, weights = table["MACs"], table["weights"]
    more = macs["hybrid, 68 maps"] - macs["hybrid"]
    return (
        f"One face costs pixels {_millions(macs['pixels'])} MACs and the hybrid "
        f"{macs['hybrid'] / macs['pixels']:.1f} times as many. With 68 maps instead of one the "
        f"hybrid has {weights['hybrid, 68 maps'] / weights['hybrid'] - 1:.1%} more weights and "
        f"{_millions(more)} more MACs, {more / macs['hybrid']:.0%} more: all of them in the first "
        "layer of the second branch, which works at full resolution."
    )


def _millions(count: float) -> str:
    return f"{count / 1e6:.1f} million"
