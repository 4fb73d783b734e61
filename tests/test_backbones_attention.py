"""Attention: weights by hand and against timm's, and the map that a network hands out."""

from copy import deepcopy

import cv2
import numpy as np
import pytest
import torch
from torch import nn

from ferbook.errors import InputError
from ferbook.models.attention import CBAM, ChannelAttention, SpatialAttention, attention
from ferbook.models.backbones import BACKBONES, build


def test_channel_attention_by_hand():
    # (B, C, h, w) = (1, 2, 1, 2). Means 2 and -3, maxima 3 and -1. Hidden units a, b, -b, 0:
    # of the means 2, 0, 3, 0, of the maxima 3, 0, 1, 0. Outputs a / 2 and a - (-b):
    # 1 and -1, 1.5 and 2, sums 2.5 and 1.
    x = torch.tensor([[[[1.0, 3.0]], [[-1.0, -5.0]]]])
    module = ChannelAttention(2)
    module.layers[0].weight.data = torch.tensor([[1.0, 0], [0, 1], [0, -1], [0, 0]])
    module.layers[2].weight.data = torch.tensor([[0.5, 0, 0, 0], [1, 0, -1, 0]])
    # sigmoid(2.5) = 0.924142, sigmoid(1) = 0.731059
    expected = torch.tensor([[[[0.924142, 2.772426]], [[-0.731059, -3.655293]]]])
    torch.testing.assert_close(module(x), expected, rtol=0, atol=1e-5)


def test_spatial_attention_by_hand():
    x = torch.tensor([[[[1.0, 2], [3, 4]], [[3, 0], [1, -4]]]])
    # means over channels [[2, 1], [2, 0]], maxima [[3, 2], [3, 4]]; the filter adds the mean of the
    # place to the right (0 outside) and takes away half the maximum of the place itself
    module = SpatialAttention()
    module.conv.weight.data.zero_()
    module.conv.weight.data[0, 0, 3, 4] = 1.0
    module.conv.weight.data[0, 1, 3, 3] = -0.5
    # 1 - 1.5, 0 - 1, 0 - 1.5, 0 - 2; sigmoid: 0.377541, 0.268941, 0.182426, 0.119203
    weights = torch.tensor([[0.377541, 0.268941], [0.182426, 0.119203]])
    torch.testing.assert_close(module(x), x * weights, rtol=0, atol=1e-5)
    torch.testing.assert_close(module.map, weights[None, None], rtol=0, atol=1e-5)


def test_no_weights_halve():
    x = torch.randn(2, 32, 5, 5)
    for module, share in ((ChannelAttention(32), 2), (SpatialAttention(), 2), (CBAM(32), 4)):
        for parameter in module.parameters():
            parameter.data.zero_()
        torch.testing.assert_close(module(x), x / share)


def test_cbam_agrees_with_timm():
    from timm.layers.cbam import CbamModule

    torch.manual_seed(0)
    ours, theirs = CBAM(64), CbamModule(64).eval()
    theirs.channel.fc1.weight.data = ours[0].layers[0].weight.data[:, :, None, None]
    theirs.channel.fc2.weight.data = ours[0].layers[2].weight.data[:, :, None, None]
    theirs.spatial.conv.conv.weight.data = ours[1].conv.weight.data
    theirs.spatial.conv.bn.eps = 0.0  # its normalisation, untrained, then does nothing
    x = torch.randn(3, 64, 9, 7)
    torch.testing.assert_close(ours(x), theirs(x))


def test_parameters_by_hand():
    # two matrices of C * C / 16, at least C * 4, and 2 * 49 weights in space
    sizes = {channels: 2 * channels * 4 + 98 for channels in (16, 64)} | {256: 2 * 256 * 16 + 98}
    for channels, expected in sizes.items():
        assert sum(p.numel() for p in CBAM(channels).parameters()) == expected
    assert sum(p.numel() for p in SpatialAttention().parameters()) == 98
    assert ChannelAttention(256, reduction=8).layers[0].out_features == 32


def test_kinds():
    assert isinstance(attention("cbam", 8), CBAM)
    assert isinstance(attention("spatial", 8), SpatialAttention)
    assert isinstance(attention(None, 8), nn.Identity)
    with pytest.raises(InputError, match="'se': expected one of cbam, spatial, or none"):
        attention("se", 8)


@pytest.mark.parametrize("name", BACKBONES)
@pytest.mark.parametrize(("kind", "size"), [("cbam", 40), ("spatial", 45)])
def test_the_map_is_the_mean_of_the_stages(name, kind, size):
    torch.manual_seed(1)
    network = build(name, 0.125, kind).eval()
    x = torch.rand(2, 1, size, size, generator=torch.Generator().manual_seed(2))
    modules = [module for module in network.modules() if isinstance(module, SpatialAttention)]
    assert len(modules) == len(network.stages) == (5 if name.startswith("vgg") else 4)
    for i, module in enumerate(modules):  # maps far enough from 0.5 to tell apart
        nn.init.normal_(module.conv.weight, std=0.5 + 0.5 * i)
    with torch.no_grad():
        logits, maps = network.with_attention(x)
        assert torch.equal(logits, network(x))
    assert maps.shape == (2, size, size) and maps.dtype == torch.float32
    assert maps.min() >= 0 and maps.max() <= 1 and maps.std() > 0.01
    for i in range(2):
        enlarged = [cv2.resize(module.map[i, 0].numpy(), (size, size)) for module in modules]
        np.testing.assert_allclose(maps[i], np.mean(enlarged, axis=0), atol=1e-5)


def test_the_first_map_has_the_places_of_the_input():
    network = build("vgg16", 0.125, "spatial").eval()
    x = torch.zeros(1, 1, 40, 40)
    x[:, :, 8:14, 25:30] = 2.0
    network.with_attention(x)
    first = network.attention[0].map[0, 0]
    changed = (first - first[35, 5]).abs() > 1e-4
    changed[:5], changed[35:], changed[:, :5], changed[:, 35:] = False, False, False, False
    rows, columns = torch.nonzero(changed, as_tuple=True)
    # two 3x3 convolutions and the 7x7 of the attention reach 2 + 3 = 5 px beyond the square
    assert rows.min() >= 3 and rows.max() <= 18 and columns.min() >= 20 and columns.max() <= 34
    assert changed[10, 27]


def test_half_precision_makes_no_ties():
    torch.manual_seed(3)
    network = build("resnet18", 0.125, "cbam").eval()
    x = torch.rand(1, 1, 40, 40)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        _, maps = network.with_attention(x)
        first = network.attention[0][1].map
    assert maps.dtype == torch.float32
    assert len(first.unique()) > 1_200  # of 1,600; bfloat16 has 64 numbers from 0.5 to 0.625


def test_maps_hold_no_gradient_and_networks_can_be_copied():
    network = build("vgg16", 0.125, "cbam")
    logits, maps = network.with_attention(torch.rand(2, 1, 40, 40))
    assert logits.requires_grad and not maps.requires_grad
    assert deepcopy(network).attention[0][1].map is not None
    assert not [key for key in network.state_dict() if "map" in key]


def test_a_network_without_attention_has_no_map():
    network = build("vgg16", 0.125)
    with pytest.raises(InputError, match="without attention"):
        network.with_attention(torch.rand(1, 1, 40, 40))
    # its parameters: the CBAM of stages of 8, 16, 32, 64, 64 channels, 2 * 4 C + 98 each
    more = build("vgg16", 0.125, "cbam")
    counts = [sum(p.numel() for p in one.parameters()) for one in (network, more)]
    assert counts[1] - counts[0] == 8 * 184 + 5 * 98
