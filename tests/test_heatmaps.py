"""Heatmaps against hand-derived values, kornia's renderer and their own gradient."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ferbook.vision.heatmaps import render


def test_value_by_hand():
    # One landmark at (10.5, 20), sigma 1.5. Pixel (12, 21) lies 1.5 right and 1 below:
    # exp(-(2.25 + 1) / (2 * 2.25)) = exp(-0.7222) = 0.4857. Rows come first in the array.
    heatmap = render(torch.tensor([[[10.5, 20.0]]]), sigma=1.5)[0, 0]
    assert heatmap[21, 12].item() == pytest.approx(0.4857, abs=1e-4)
    # Its two nearest pixels, half a pixel away: exp(-0.25 / 4.5) = 0.9460.
    assert heatmap[20, 10].item() == pytest.approx(0.9460, abs=1e-4)
    assert heatmap[20, 11].item() == pytest.approx(0.9460, abs=1e-4)


def test_sigma_changes_the_width():
    # Two pixels away: exp(-4 / 2) for sigma 1, exp(-4 / 18) for sigma 3.
    point = torch.tensor([[[10.0, 20.0]]])
    assert render(point, sigma=1.0)[0, 0, 20, 12].item() == pytest.approx(math.exp(-2), rel=1e-5)
    assert render(point, sigma=3.0)[0, 0, 20, 12].item() == pytest.approx(
        math.exp(-2 / 9), rel=1e-5
    )


@pytest.mark.parametrize("size", [32, 48])
def test_equals_kornia(size):
    from kornia.geometry.subpix import render_gaussian2d

    points = torch.rand(3, 68, 2, generator=torch.Generator().manual_seed(0)) * size
    ours = render(points, size=size, sigma=2.0, maps="all")
    # kornia normalises each map to the sum 1; ours has the value 1 at the landmark.
    theirs = render_gaussian2d(points.view(-1, 2), torch.tensor([[2.0, 2.0]]), (size, size), False)
    theirs = theirs.view(3, 68, size, size)
    normalised = ours / ours.sum(dim=(-2, -1), keepdim=True)
    torch.testing.assert_close(normalised, theirs, rtol=1e-4, atol=1e-6)


def test_maximum_is_the_maximum_of_all_maps():
    # 19 faces are not a multiple of those made at once. A product of two rounded exponentials and
    # the exponential of a sum differ by a few roundings, 1.2e-7 of 1 each.
    points = torch.rand(19, 68, 2, generator=torch.Generator().manual_seed(1)) * 48
    torch.testing.assert_close(
        render(points, maps="max")[:, 0], render(points, maps="all").amax(1), rtol=5e-6, atol=5e-7
    )


def test_the_differentiable_path_has_the_same_values():
    points = torch.rand(2, 68, 2, generator=torch.Generator().manual_seed(2)) * 48
    torch.testing.assert_close(render(points), render(points.clone().requires_grad_()))


def test_gradient_agrees_with_finite_differences():
    points = torch.rand(1, 3, 2, dtype=torch.float64) * 8
    points.requires_grad_()
    for maps in ("all", "max"):
        assert torch.autograd.gradcheck(lambda p, m=maps: render(p, 8, 1.5, m), points)


@settings(max_examples=30, deadline=None)
@given(x=st.floats(2, 45), y=st.floats(2, 45), sigma=st.floats(0.5, 4))
def test_the_peak_is_the_pixel_nearest_to_the_landmark(x, y, sigma):
    heatmap = render(torch.tensor([[[x, y]]], dtype=torch.float64), sigma=sigma)[0, 0]
    row, column = divmod(int(heatmap.argmax()), 48)
    assert abs(column - x) <= 0.5 + 1e-9 and abs(row - y) <= 0.5 + 1e-9


def test_a_landmark_far_outside_leaves_an_empty_map():
    assert render(torch.full((1, 68, 2), -1e4)).abs().max() == 0


@pytest.mark.parametrize(
    ("points", "arguments", "message"),
    [
        (torch.zeros(68, 2), {}, r"\(B, K, 2\)"),
        (torch.zeros(1, 68, 3), {}, r"\(B, K, 2\)"),
        (torch.zeros(1, 68, 2), {"sigma": 0.0}, "above 0"),
        (torch.zeros(1, 68, 2), {"sigma": float("nan")}, "above 0"),
        (torch.zeros(1, 68, 2), {"maps": "sum"}, "'max' or 'all'"),
    ],
)
def test_wrong_arguments(points, arguments, message):
    with pytest.raises(ValueError, match=message):
        render(points, **arguments)
