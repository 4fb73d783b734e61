"""Maps and curves of networks so small that their saliency is known by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter
from sklearn.metrics import auc
from torch import nn
from torch.nn.functional import interpolate

from ferbook.errors import InputError
from ferbook.vision import saliency
from ferbook.vision.saliency import CURVES, FILLS, METHODS, Curve, curve, maps, random_curve


class Linear(nn.Module):
    """Logits of as many classes as `weights` (K, S, S) has: sums of weighted pixels."""

    def __init__(self, weights: torch.Tensor) -> None:
        super().__init__()
        self.weights = nn.Parameter(weights.float())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.einsum("bchw,khw->bk", x, self.weights)


class Quadratic(nn.Module):
    """Class 0: half the sum of squares, whose gradient is the image itself; class 1: 0."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        half = x.square().sum(dim=(1, 2, 3)) / 2
        return torch.stack([half, torch.zeros_like(half)], dim=1)


class Staged(nn.Module):
    """Two stages and a linear layer on the means of the last one's channels."""

    def __init__(self) -> None:
        super().__init__()
        self.stages = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(before, after, 3, padding=1),
                nn.BatchNorm2d(after),
                nn.ReLU(inplace=True),
                nn.Dropout(0.5),
                nn.AvgPool2d(2),
            )
            for before, after in ((1, 4), (4, 6))
        )
        self.activation = nn.ReLU(inplace=True)  # writes into what the last stage gave
        self.last = nn.Linear(6, 7)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for stage in self.stages:
            x = stage(x)
        return self.last(self.activation(x).mean(dim=(2, 3)))


def staged(seed: int = 0) -> Staged:
    torch.manual_seed(seed)
    return Staged()


def pictures(count: int = 3, size: int = 8, channels: int = 1, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, channels, size, size, generator=generator)


# --- maps -------------------------------------------------------------------------------------


def test_the_gradient_of_a_linear_network_is_its_weights():
    weights = torch.tensor([[[1.0, -2.0], [3.0, 4.0]], [[0.0, 0.0], [-5.0, 0.0]]])
    found = maps(Linear(weights), pictures(2, size=2), torch.tensor([0, 1]))
    # |weights| over their sum: 1 + 2 + 3 + 4 = 10, and 5
    expected = torch.tensor([[[0.1, 0.2], [0.3, 0.4]], [[0, 0], [1.0, 0]]])
    torch.testing.assert_close(found, expected)
    assert found.dtype == torch.float32
    # a linear network has one gradient, whatever the noise
    smooth = maps(Linear(weights), pictures(2, size=2), torch.tensor([0, 1]), "smoothgrad")
    torch.testing.assert_close(smooth, expected)


def test_of_several_channels_the_largest_counts():
    class Channels(nn.Module):
        def forward(self, x):
            return torch.stack([x[:, 0, 0, 0] - 3 * x[:, 1, 0, 0] + x[:, 1, 1, 1]] * 2, dim=1)

    found = maps(Channels(), pictures(1, size=2, channels=2))
    torch.testing.assert_close(found[0], torch.tensor([[0.75, 0.0], [0.0, 0.25]]))


def test_without_a_target_the_predicted_class_counts():
    weights = torch.tensor([[[1.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 1.0]]])
    images = torch.tensor([[[[5.0, 0], [0, 1]]], [[[1.0, 0], [0, 5]]]])
    torch.testing.assert_close(maps(Linear(weights), images), weights)
    network = staged().eval()
    predicted = network(pictures()).argmax(dim=1)
    for method in METHODS:
        expected = maps(network, pictures(), predicted, method)
        torch.testing.assert_close(maps(network, pictures(), None, method), expected)
        other = maps(network, pictures(), (predicted + 1) % 7, method)
        assert not torch.allclose(other, expected)


def test_smoothgrad_averages_signed_gradients():
    # The gradient of the quadratic network at x + noise is x + noise, so the mean over n is
    # x + noise / sqrt(n): 20 for x of 20, and |normal| with deviation 0.6 / sqrt(64) for x of 0,
    # whose mean is sqrt(2 / pi) * 0.075 = 0.0598. Averaged without signs it were 0.6 * 0.798.
    image = torch.zeros(1, 1, 40, 40)
    image[..., :20] = 20.0
    found = maps(Quadratic(), image, torch.tensor([0]), "smoothgrad", samples=64)
    ratio = (found[0, :, 20:].mean() / found[0, :, :20].mean()).item()
    assert ratio * 20 == pytest.approx(0.0598, rel=0.1)
    for argument, factor in (({"samples": 16}, 2), ({"noise": 1.2}, 2), ({"noise": 0.0}, 0)):
        again = maps(
            Quadratic(), image, torch.tensor([0]), "smoothgrad", **{"samples": 64} | argument
        )
        other = (again[0, :, 20:].mean() / again[0, :, :20].mean()).item()
        assert other * 20 == pytest.approx(0.0598 * factor, rel=0.1)


def test_smoothgrad_depends_on_its_seed_alone():
    images = pictures(2)
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first = maps(Quadratic(), images, method="smoothgrad", seed=3)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(6)
    assert torch.equal(maps(Quadratic(), images, method="smoothgrad", seed=3), first)
    assert not torch.equal(maps(Quadratic(), images, method="smoothgrad", seed=4), first)


class Cam(nn.Module):
    """One stage of two channels, x and 2 - x, halved in size; logits: their weighted means."""

    def __init__(self, weights: list[list[float]]) -> None:
        super().__init__()
        convolution = nn.Conv2d(1, 2, 1)
        convolution.weight.data = torch.tensor([1.0, -1.0]).view(2, 1, 1, 1)
        convolution.bias.data = torch.tensor([0.0, 2.0])
        self.stages = nn.ModuleList([nn.Identity(), nn.Sequential(convolution, nn.AvgPool2d(2))])
        self.weights = torch.tensor(weights)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.stages[1](x).mean(dim=(2, 3)) @ self.weights.T


def test_grad_cam_by_hand():
    # Layer, 1 x 2 of the 2 x 2 cells: A_0 = (3, 1), A_1 = 2 - A_0 = (-1, 1), rows alike. With the
    # weights (2, 1) the gradient is (2, 1) / 4 in each cell: a_k = (0.5, 0.25), and the map is
    # 0.5 * 3 - 0.25 = 1.25 and 0.5 + 0.25 = 0.75. Bilinear from 2 to 4 takes 1, 3/4, 1/4, 0 of the
    # left one: 1.25, 1.125, 0.875, 0.75; sum 4, four rows.
    image = torch.tensor([3.0, 3, 1, 1]).expand(1, 1, 4, 4)
    found = maps(Cam([[2.0, 1.0], [0.0, 0.0]]), image, torch.tensor([0]), "gradcam")
    expected = torch.tensor([1.25, 1.125, 0.875, 0.75]) / 16
    torch.testing.assert_close(found[0], expected.expand(4, 4))
    # Weights (1, 3): 0.25 * 3 - 0.75 = 0 and 0.25 + 0.75 = 1, so 0, 1/4, 3/4, 1
    found = maps(Cam([[1.0, 3.0], [0.0, 0.0]]), image, torch.tensor([0]), "gradcam")
    torch.testing.assert_close(found[0], (torch.tensor([0, 0.25, 0.75, 1]) / 8).expand(4, 4))


def test_a_map_of_evidence_against_the_class_stays_zero():
    image = torch.tensor([3.0, 3, 1, 1]).expand(2, 1, 4, 4)
    found = maps(Cam([[2.0, 1.0], [-2.0, -1.0]]), image, torch.tensor([1, 0]), "gradcam")
    assert found[0].unique().tolist() == [0.0] and found[1].sum().item() == pytest.approx(1)


def test_grad_cam_of_another_layer():
    network, images = staged().eval(), pictures()
    # by hand of autograd: the first stage's output, and the rest of the network
    inner = network.stages[0](images).detach().requires_grad_()
    outer = network.last(network.stages[1](inner).mean(dim=(2, 3)))
    (gradient,) = torch.autograd.grad(outer[:, 2].sum(), inner)
    coarse = (gradient.mean(dim=(2, 3), keepdim=True) * inner).sum(dim=1, keepdim=True).relu()
    expected = interpolate(coarse, size=(8, 8), mode="bilinear")[:, 0].detach()
    expected = (expected / expected.sum(dim=(1, 2), keepdim=True)).nan_to_num()
    assert expected.count_nonzero(dim=(1, 2)).any()
    target = torch.full((3,), 2)
    found = maps(network, images, target, "gradcam", layer=network.stages[0])
    torch.testing.assert_close(found, expected)
    assert not torch.allclose(maps(network, images, target, "gradcam"), expected)


@pytest.mark.parametrize("method", METHODS)
def test_the_network_is_judged_in_evaluation_and_left_as_it_was(method):
    network = staged().train()
    network.stages[0][1].eval()  # a frozen layer
    modes = [part.training for part in network.modules()]
    state = {name: value.clone() for name, value in network.state_dict().items()}
    images = pictures()
    found = maps(network, images, method=method)
    curve(network, images, found)
    assert [part.training for part in network.modules()] == modes
    assert all(torch.equal(value, state[name]) for name, value in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())
    assert not images.requires_grad and not found.requires_grad
    with torch.no_grad():
        assert torch.equal(maps(network.eval(), images, method=method), found)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), scale=st.floats(1e-6, 1e6), method=st.sampled_from(METHODS))
def test_maps_sum_to_one_whatever_the_scale_of_the_logits(seed, scale, method):
    network, images = staged(seed), pictures(2, seed=seed)
    target = torch.tensor([seed % 7, 3])
    found = maps(network, images, target, method)
    assert found.shape == (2, 8, 8) and (found >= 0).all()
    total = found.sum(dim=(1, 2))
    assert (torch.isclose(total, torch.ones(2)) | (total == 0)).all()
    network.last.weight.data *= scale
    torch.testing.assert_close(maps(network, images, target, method), found, rtol=1e-3, atol=1e-5)


# --- curves -----------------------------------------------------------------------------------

#: Mean 0, so a deleted pixel is 0. Each pixel speaks for class 0 by weight * pixel * ln 2:
#: 4, 1, 3 and 2 times ln 2, and the probability of class 0 is 2^sum / (1 + 2^sum).
WEIGHTS = torch.tensor([[[4.0, 1.0], [-3.0, -2.0]], [[0.0, 0.0], [0.0, 0.0]]]) * math.log(2)
IMAGE = torch.tensor([[[[1.0, 1.0], [-1.0, -1.0]]]])
GONE = [1024 / 1025, 64 / 65, 8 / 9, 2 / 3, 1 / 2]  # left: 10, then less 4, 3, 2 and 1


def test_deletion_of_a_linear_network_by_hand():
    network = Linear(WEIGHTS)
    saliency = maps(network, IMAGE, torch.tensor([0]))
    torch.testing.assert_close(saliency[0], torch.tensor([[0.4, 0.1], [0.3, 0.2]]))
    found = curve(network, IMAGE, saliency, steps=4, fill="mean")
    torch.testing.assert_close(found.share, torch.tensor([0, 0.25, 0.5, 0.75, 1]))
    torch.testing.assert_close(found.probability, torch.tensor([GONE]))
    by_hand = (GONE[0] / 2 + GONE[1] + GONE[2] + GONE[3] + GONE[4] / 2) / 4
    assert found.area.item() == pytest.approx(by_hand)
    # the other class is said by what is left
    other = curve(network, IMAGE, saliency, torch.tensor([1]), steps=4, fill="mean")
    torch.testing.assert_close(other.probability, 1 - found.probability)


def test_insertion_of_a_linear_network_by_hand():
    # there: nothing, 4, 4 + 3, + 2, + 1
    found = curve(Linear(WEIGHTS), IMAGE, WEIGHTS[:1].abs(), kind="insertion", steps=4, fill="mean")
    come = [1 / 2, 16 / 17, 128 / 129, 512 / 513, 1024 / 1025]
    torch.testing.assert_close(found.probability, torch.tensor([come]))


def test_a_step_takes_its_share_of_the_pixels():
    # three steps of four pixels: 4 / 3 and 8 / 3 round to 1 and 3
    found = curve(Linear(WEIGHTS), IMAGE, WEIGHTS[:1].abs(), steps=3, fill="mean")
    torch.testing.assert_close(found.share, torch.tensor([0, 0.25, 0.75, 1]))
    torch.testing.assert_close(found.probability[0], torch.tensor([GONE[i] for i in (0, 1, 3, 4)]))
    assert found.area.item() == pytest.approx(auc(found.share, found.probability[0]), rel=1e-5)


def test_the_area_of_a_straight_line():
    rows = torch.tensor([[1.0, 0.6, 0.0], [0.5, 0.5, 0.5]])  # shares 0.4 and 0.6 apart
    # 0.4 * 0.8 + 0.6 * 0.3 = 0.5; a constant is its own mean
    torch.testing.assert_close(
        Curve(torch.tensor([0.0, 0.4, 1.0]), rows).area, torch.tensor([0.5, 0.5])
    )


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), fill=st.sampled_from(FILLS))
def test_no_order_beats_that_of_the_contributions_in_a_linear_network(seed, fill):
    images = pictures(4, size=6, seed=seed)
    weights = torch.stack([pictures(1, 6, seed=seed + 1)[0, 0], torch.zeros(6, 6)])
    network, target = Linear(weights), torch.zeros(4, dtype=torch.int64)
    empty = images.mean(dim=(2, 3), keepdim=True) if fill == "mean" else saliency._blurred(images)
    best = (weights[0] * (images - empty))[:, 0]
    for kind, sign in (("deletion", 1), ("insertion", -1)):
        ours = curve(network, images, best, target, kind, steps=36, fill=fill)
        control = random_curve(network, images, target, kind, steps=36, fill=fill, seed=seed)
        assert (sign * (ours.probability - control.probability) <= 1e-5).all()


@pytest.mark.parametrize("fill", FILLS)
def test_insertion_is_deletion_the_other_way_round(fill):
    network, images = staged(), pictures()
    order = torch.rand(3, 8, 8)
    target = torch.tensor([0, 1, 2])
    come = curve(network, images, order, target, "insertion", 16, fill)
    gone = curve(network, images, -order, target, "deletion", 16, fill)
    torch.testing.assert_close(come.probability.flip(1), gone.probability)
    # both ends are the whole image and the empty one
    network.eval()
    whole = network(images).softmax(dim=1).gather(1, target[:, None])
    torch.testing.assert_close(gone.probability[:, :1], whole)


def test_the_fills():
    images = pictures(2, size=10, channels=2)
    seen = []

    class Watching(nn.Module):
        def forward(self, x):
            seen.append(x.clone())
            return x.mean(dim=(1, 2, 3))[:, None].expand(-1, 2)

    curve(Watching(), images, torch.rand(2, 10, 10), steps=1, fill="mean")
    mean = images.numpy().mean(axis=(2, 3), keepdims=True)
    np.testing.assert_allclose(seen[-1], np.broadcast_to(mean, images.shape), atol=1e-6)
    curve(Watching(), images, torch.rand(2, 10, 10), steps=1, fill="blur")
    # scipy's filter of the image over that of ones: a mean of what lies inside; sigma 10 / 8
    options = {"sigma": (0, 0, 1.25, 1.25), "mode": "constant", "truncate": 20}
    blurred = gaussian_filter(images.double().numpy(), **options)
    blurred /= gaussian_filter(np.ones(images.shape), **options)
    np.testing.assert_allclose(seen[-1], blurred, atol=1e-5)


def test_pixels_of_equal_saliency_go_in_no_order_of_place():
    rank = saliency._rank(torch.zeros(1, 40, 40))
    assert sorted(rank[0].tolist()) == list(range(1600))
    assert abs(np.corrcoef(rank[0], np.arange(1600))[0, 1]) < 0.1
    tied = torch.zeros(1, 40, 40)
    tied[0, 30, 7], tied[0, 2, 2] = 2.0, 1.0
    rank = saliency._rank(tied)[0].view(40, 40)
    assert rank[30, 7] == 0 and rank[2, 2] == 1


def test_the_control_is_random_for_each_image_and_seed():
    network, images = staged(), pictures(1).expand(3, 1, 8, 8)
    first = random_curve(network, images, seed=1)
    assert not torch.allclose(first.probability[0], first.probability[1])
    assert torch.equal(first.probability, random_curve(network, images, seed=1).probability)
    assert not torch.equal(first.probability, random_curve(network, images, seed=2).probability)
    assert first.probability.shape == (3, 33)


@pytest.mark.parametrize("kind", CURVES)
def test_curves_of_a_batch_are_those_of_its_images(kind):
    network, images = staged(), pictures(4)
    order = maps(network, images)
    whole = curve(network, images, order, kind=kind)
    for i in range(4):
        alone = curve(network, images[i : i + 1], order[i : i + 1], kind=kind)
        torch.testing.assert_close(alone.probability[0], whole.probability[i])


# --- what a person may get wrong --------------------------------------------------------------

NAN = pictures(2).index_fill(0, torch.tensor([1]), float("nan"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "lime"}, "method 'lime': expected one of gradient, smoothgrad, gradcam"),
        ({"images": NAN}, "images: expected finite floating point numbers"),
        ({"images": pictures(2)[:, 0]}, r"images \(2, 8, 8\): expected \(B, C, S, S\)"),
        ({"images": pictures(2)[:0]}, r"images \(0, 1, 8, 8\): expected"),
        ({"images": pictures(2)[..., :4]}, r"images \(2, 1, 8, 4\): expected"),
        ({"images": torch.zeros(2, 1, 8, 8, dtype=torch.uint8)}, "images: expected finite float"),
        ({"target": torch.tensor([0, 7])}, r"target \[0, 7\]: expected classes 0 to 6"),
        ({"target": torch.tensor([-1, 0])}, r"target \[-1, 0\]: expected classes 0 to 6"),
        ({"target": torch.tensor([1])}, r"target \(1,\): expected \(2,\) integers"),
        ({"target": torch.tensor([1.0, 2.0])}, r"target \(2,\): expected \(2,\) integers"),
        ({"samples": 0}, "SmoothGrad, samples=0"),
        ({"noise": -1.0}, "SmoothGrad, samples=16, noise=-1"),
        ({"noise": float("nan")}, "SmoothGrad, samples=16, noise=nan"),
        ({"method": "gradcam", "network": Quadratic()}, "the network has no stages"),
        ({"method": "gradcam", "layer": nn.ReLU()}, "the layer is no part of the network"),
    ],
)
def test_a_bad_map_is_one_line(arguments, message):
    given_ = {"network": staged(), "images": pictures(2)} | arguments
    with pytest.raises(InputError, match=message):
        maps(**given_)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": 0}, "a curve of 0 steps: expected 1 to 64, its pixels"),
        ({"steps": 65}, "a curve of 65 steps: expected 1 to 64"),
        ({"kind": "removal"}, "curve 'removal': expected one of deletion, insertion"),
        ({"fill": "black"}, "fill 'black': expected one of blur, mean"),
        ({"images": NAN}, "images: expected finite"),
        ({"images": pictures(2)[:0]}, "images"),
        ({"target": torch.tensor([0, 7])}, "expected classes 0 to 6"),
        ({"saliency": torch.rand(2, 4, 4)}, r"saliency \(2, 4, 4\): expected \(2, 8, 8\), no NaN"),
        ({"saliency": NAN[:, 0]}, r"saliency \(2, 8, 8\): expected \(2, 8, 8\), no NaN"),
    ],
)
def test_a_bad_curve_is_one_line(arguments, message):
    given_ = {"network": staged(), "images": pictures(2), "saliency": torch.rand(2, 8, 8)}
    with pytest.raises(InputError, match=message):
        curve(**given_ | arguments)


def test_a_network_that_says_nan_is_one_line():
    network = staged()
    network.last.bias.data[3] = float("nan")
    with pytest.raises(InputError, match="the network's logits are not finite"):
        maps(network, pictures())
