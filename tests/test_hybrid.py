"""Chew's network: parameters by hand, shapes, and what each branch sees."""

import pytest
import torch

from ferbook.errors import InputError
from ferbook.models.build import build
from ferbook.models.hybrid import Hybrid, parameter_count


def test_parameters_of_one_branch_by_hand():
    # Blocks, 9 in out + 2 out:  352 + 18,560 + 73,984 + 295,424 = 388,320
    # 256 maps of 3 x 3 = 2,304 features: 2,305 * 256 = 590,080; last layer 257 * 7 = 1,799
    assert parameter_count([1]) == 388_320 + 590_080 + 1_799
    assert sum(p.numel() for p in Hybrid(["pixels"]).parameters()) == 980_199


def test_parameters_of_the_hybrid_by_hand():
    # Two branches, 4,608 features: 2 * 388,320 + 4,609 * 256 + 1,799
    assert sum(p.numel() for p in Hybrid().parameters()) == 776_640 + 1_179_904 + 1_799
    # 68 heatmaps instead of one: the first convolution has 67 * 9 * 32 weights more.
    assert parameter_count([1, 68]) - parameter_count([1, 1]) == 19_296


@pytest.mark.parametrize(
    ("branches", "heatmaps", "channels"),
    [(["pixels"], 1, 1), (["landmarks"], 1, 1), (["pixels", "landmarks"], 68, 69)],
)
def test_shapes(branches, heatmaps, channels):
    network = Hybrid(branches, heatmaps=heatmaps).eval()
    assert network(torch.rand(2, channels, 48, 48)).shape == (2, 7)


def test_each_branch_sees_its_own_channels_only():
    network = Hybrid().eval()
    x = torch.rand(1, 2, 48, 48, requires_grad=True)
    features = network.branches[0](x[:, :1]).sum()
    (gradient,) = torch.autograd.grad(features, x)
    assert gradient[:, 0].abs().sum() > 0 and gradient[:, 1].abs().sum() == 0
    (whole,) = torch.autograd.grad(network(x)[0, 3], x)
    assert whole[:, 0].abs().sum() > 0 and whole[:, 1].abs().sum() > 0


def test_four_poolings_reduce_48_to_3():
    assert Hybrid().branches[0](torch.rand(1, 1, 48, 48)).shape == (1, 256, 3, 3)


def test_dropout_acts_in_training_only():
    torch.manual_seed(0)
    network = Hybrid(["pixels"], dropout=0.5)
    x = torch.rand(4, 1, 48, 48)
    network.train()
    assert not torch.equal(network(x), network(x))
    network.eval()
    assert torch.equal(network(x), network(x))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"family": "hybrid", "branches": ["sound"]}, "branches must be of"),
        ({"family": "hybrid", "branches": []}, "branches must be of"),
        ({"family": "hybrid", "widths": [8, 16]}, "four blocks"),
        ({"family": "hybrid", "size": 50}, "16 divides"),
        ({"family": "hybrid", "depth": 3}, "depth"),
        ({"family": "transformer"}, "expected one of hybrid"),
        ({}, "expected one of hybrid"),
    ],
)
def test_unknown_models_are_one_line(model, message):
    with pytest.raises(InputError, match=message):
        build(model, 1.5)


def test_build_knows_the_channels():
    _, channels = build({"family": "hybrid", "branches": ["landmarks"], "heatmaps": 68}, 2.0)
    assert not channels.pixels and channels.heatmaps == 68 and channels.sigma == 2.0
    images, points = torch.zeros(2, 1, 48, 48), torch.full((2, 68, 2), 24.0)
    assert channels.compose(images, points)[0].shape == (2, 68, 48, 48)
    _, both = build({"family": "hybrid"}, 2.0)
    (composed,) = both.compose(torch.ones(2, 1, 48, 48), points)
    assert composed.shape == (2, 2, 48, 48)
    assert composed[0, 0].unique().tolist() == [2.0]  # 4 * 1 - 2
    assert composed[0, 1, 24, 24] == 1.0
