"""Chew's network: parameters by hand, shapes, and what each branch sees."""

import pytest
import torch

from ferbook.errors import InputError
from ferbook.models.build import build
from ferbook.models.hybrid import Hybrid, parameter_count
from ferbook.vision.heatmaps import render
from ferbook.vision.patches import cut, normalised


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


def test_parameters_with_coordinates_by_hand():
    # Two layers with batch normalisation instead of a bias, 136 in:
    # 136 * 256 + 2 * 256 + 256 * 256 + 2 * 256 = 101,376; no image channel at all: 256 features
    alone = Hybrid(["landmarks"], coordinates=True)
    assert sum(p.numel() for p in alone.parameters()) == 101_376 + 257 * 256 + 1_799
    # Beside the pixels 2,304 + 256 = 2,560 features.
    both = Hybrid(coordinates=True)
    assert sum(p.numel() for p in both.parameters()) == 388_320 + 101_376 + 2_561 * 256 + 1_799
    assert both.channels == [1] and alone.channels == []


def test_parameters_with_patches_and_68_heatmaps_by_hand():
    # Three patches more in the first convolution of the pixel branch: 3 * 9 * 32 weights.
    patches = Hybrid(patches=True)
    assert sum(p.numel() for p in patches.parameters()) == 1_958_343 + 864
    # 67 heatmaps more in that of the other: 67 * 9 * 32.
    maps = Hybrid(["landmarks"], heatmaps=68)
    assert sum(p.numel() for p in maps.parameters()) == 980_199 + 19_296


def test_parameters_of_six_emotions_and_narrow_layers_by_hand():
    # Blocks 1-4-8-8-16: 36 + 8 + 288 + 16 + 576 + 16 + 1,152 + 32 = 2,124 for one branch;
    # 2 * 144 features: 289 * 10; 11 * 6.
    network = Hybrid(widths=[4, 8, 8, 16], hidden=10, classes=6)
    assert sum(p.numel() for p in network.parameters()) == 2 * 2_124 + 2_890 + 66
    # Coordinates through 10 and 10 units: 136 * 10 + 20 + 100 + 20 = 1,500; 144 + 10 features.
    network = Hybrid(widths=[4, 8, 8, 16], hidden=10, classes=6, coordinates=True)
    assert sum(p.numel() for p in network.parameters()) == 2_124 + 1_500 + 1_550 + 66


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
        (
            {"family": "hybrid", "branches": ["pixels"], "coordinates": True},
            "coordinates are a form of the landmark branch, which is left out",
        ),
        (
            {"family": "hybrid", "branches": ["landmarks"], "patches": True},
            "patches are part of the pixel branch, which is left out",
        ),
        ({"family": "transformer"}, "expected one of hybrid"),
        ({}, "expected one of hybrid"),
    ],
)
def test_unknown_models_are_one_line(model, message):
    with pytest.raises(InputError, match=message) as error:
        build(model, 1.5)
    assert "\n" not in str(error.value)


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


#: The variants of an experiment on inputs: arguments, image channels, coordinates or not.
INPUTS = {
    "coordinates": ({"branches": ["landmarks"], "coordinates": True}, 0, True),
    "hybrid-coordinates": ({"coordinates": True}, 1, True),
    "patches": ({"patches": True}, 5, False),
    "pixels-patches": ({"branches": ["pixels"], "patches": True}, 4, False),
    "patches-coordinates": ({"patches": True, "coordinates": True}, 4, True),
    "landmarks-68": ({"branches": ["landmarks"], "heatmaps": 68}, 68, False),
    "hybrid-68": ({"branches": ["pixels", "landmarks"], "heatmaps": 68}, 69, False),
    "other-order": ({"branches": ["landmarks", "pixels"], "heatmaps": 68}, 69, False),
    "coordinates-for-68": ({"heatmaps": 68, "coordinates": True}, 1, True),
}


@pytest.mark.parametrize("name", INPUTS)
def test_what_is_composed_fits_the_network(name):
    arguments, count, coordinates = INPUTS[name]
    small = {"widths": [4, 4, 8, 8], "hidden": 16, "classes": 5}
    network, channels = build({"family": "hybrid", **arguments, **small}, 1.5)
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(3, 1, 48, 48, generator=generator)
    points = 10 + 20 * torch.rand(3, 68, 2, generator=generator)
    inputs = channels.compose(images, points)
    shapes = [(3, count, 48, 48)] * bool(count) + [(3, 136)] * coordinates
    assert [tuple(part.shape) for part in inputs] == shapes
    assert sum(network.channels) == count
    assert network(*inputs).shape == (3, 5)
    network.eval()  # landmarks matter to what it says
    moved = channels.compose(images, points.flip(0))
    assert channels.landmarks and not torch.equal(network(*inputs), network(*moved))


def test_pixels_alone_do_not_care_for_landmarks():
    _, channels = build({"family": "hybrid", "branches": ["pixels"]}, 1.5)
    assert not channels.landmarks and channels.pixels and channels.heatmaps == 0
    (composed,) = channels.compose(torch.ones(2, 1, 48, 48), torch.zeros(2, 68, 2))
    assert composed.shape == (2, 1, 48, 48)


def test_channels_come_in_the_order_of_the_branches():
    model = {"family": "hybrid", "patches": True, "heatmaps": 68}
    network, channels = build(model, 2.0)
    assert network.channels == [4, 68]
    images = torch.rand(2, 1, 48, 48, generator=torch.Generator().manual_seed(1))
    points = 10 + 25 * torch.rand(2, 68, 2, generator=torch.Generator().manual_seed(2))
    (composed,) = channels.compose(images, points)
    torch.testing.assert_close(composed[:, :1], 4 * images - 2)
    torch.testing.assert_close(composed[:, 1:4], 4 * cut(images, points) - 2)
    torch.testing.assert_close(composed[:, 4:], render(points, 48, 2.0, "all"))
    _, both = build({"family": "hybrid", "coordinates": True}, 2.0)
    torch.testing.assert_close(both.compose(images, points)[1], normalised(points))


def test_every_input_reaches_the_logits():
    network = Hybrid(patches=True, heatmaps=68).eval()
    x = torch.rand(1, 72, 48, 48, requires_grad=True)
    (gradient,) = torch.autograd.grad(network(x)[0, 0], x)
    assert (gradient.abs().sum((0, 2, 3)) > 0).all()
    network = Hybrid(coordinates=True).eval()
    x, vector = torch.rand(1, 1, 48, 48, requires_grad=True), torch.rand(1, 136)
    vector.requires_grad_()
    for gradient in torch.autograd.grad(network(x, vector)[0, 0], (x, vector)):
        assert gradient.abs().sum() > 0
