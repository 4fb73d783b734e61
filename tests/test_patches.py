"""Patches against scipy's sampling and a plane, coordinates against values by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import map_coordinates

from ferbook.vision.patches import PATCHES, cut, normalised

#: iBUG's numbering, 0-based, in the order of the channels
IBUG = (range(36, 48), range(17, 27), range(48, 68))  # eyes, brows, mouth


def boxed(*boxes: tuple[float, float, float, float]) -> torch.Tensor:
    """(1, 68, 2): eyes, brows and mouth with these boxes (left, top, right, bottom)."""
    points = torch.full((1, 68, 2), 24.0, dtype=torch.float64)
    for region, (left, top, right, bottom) in zip(IBUG, boxes, strict=True):
        points[0, region] = torch.tensor([(left + right) / 2, (top + bottom) / 2]).double()
        points[0, region[0]] = torch.tensor([left, bottom]).double()
        points[0, region[1]] = torch.tensor([right, top]).double()
    return points


def plane(x, y):
    """A picture without curvature, on which bilinear sampling is exact."""
    return 0.1 + 0.01 * x + 0.005 * y


def picture(height: int = 48, width: int = 48) -> torch.Tensor:
    y, x = np.mgrid[:height, :width]
    return torch.from_numpy(plane(x, y))[None, None]


def test_a_patch_of_a_plane_by_hand():
    # Eyes from (10, 12) to (26, 20): 16 wide, an eighth of it on each side makes 8 to 28; 8 high
    # makes 11 to 21. The patch's first pixel is the box's corner, its last the opposite one.
    patches = cut(picture(), boxed((10, 12, 26, 20), (8, 4, 40, 12), (16, 30, 32, 38)))
    assert patches.shape == (1, 3, 48, 48)
    eyes = patches[0, 0]
    assert eyes[0, 0].item() == pytest.approx(plane(8, 11))
    assert eyes[0, 47].item() == pytest.approx(plane(28, 11))
    assert eyes[47, 0].item() == pytest.approx(plane(8, 21))
    assert eyes[47, 47].item() == pytest.approx(plane(28, 21))
    # In between 47 equal steps: 20 / 47 to the right, 10 / 47 down.
    assert eyes[20, 30].item() == pytest.approx(plane(8 + 30 * 20 / 47, 11 + 20 * 10 / 47))
    # Brows: 32 + 2 * 4 wide from 4, 8 + 2 high from 3. Mouth: 16 + 2 * 2 from 14, 8 + 2 from 29.
    assert patches[0, 1, 47, 47].item() == pytest.approx(plane(44, 13))
    assert patches[0, 2, 0, 0].item() == pytest.approx(plane(14, 29))


@pytest.mark.parametrize("shape", [(48, 48), (32, 48), (48, 40)])
def test_equals_scipy_also_beyond_the_frame(shape):
    height, width = shape
    generator = np.random.default_rng(0)
    images = generator.uniform(0, 1, (5, 1, height, width))
    points = generator.uniform(-6, 54, (5, 68, 2))
    ours = cut(torch.from_numpy(images), torch.from_numpy(points)).numpy()
    for image, marks, patches in zip(images, points, ours, strict=True):
        for region, patch in zip(IBUG, patches, strict=True):
            low, high = marks[region].min(0), marks[region].max(0)
            margin = (high - low) / 8
            x = np.linspace(low[0] - margin[0], high[0] + margin[0], width)
            y = np.linspace(low[1] - margin[1], high[1] + margin[1], height)
            at = np.meshgrid(y, x, indexing="ij")
            theirs = map_coordinates(image[0], at, order=1, mode="nearest")
            np.testing.assert_allclose(patch, theirs, atol=1e-9)


def test_the_channels_are_eyes_brows_mouth_and_nothing_else():
    assert list(PATCHES) == ["eyes", "brows", "mouth"]
    base = boxed((10, 12, 26, 20), (8, 4, 40, 12), (16, 30, 32, 38))
    before = cut(picture(), base)[0]
    for number in range(68):
        moved = base.clone()
        moved[0, number] = 46.0  # outside every box
        changed = (cut(picture(), moved)[0] != before).any(dim=2).any(dim=1).tolist()
        assert changed == [number in region for region in IBUG]


def test_the_least_box_is_four_pixels():
    # A point: 4 x 4 about it. A flat line of 16: 20 wide, 4 high.
    patches = cut(picture(), boxed((20, 30, 20, 30), (10, 10, 26, 10), (24, 24, 24, 24)))[0]
    assert patches[0, 0, 0].item() == pytest.approx(plane(18, 28))
    assert patches[0, 47, 47].item() == pytest.approx(plane(22, 32))
    assert patches[1, 0, 0].item() == pytest.approx(plane(8, 8))
    assert patches[1, 47, 47].item() == pytest.approx(plane(28, 12))


def test_landmarks_far_outside_repeat_a_corner():
    patches = cut(picture(), torch.full((1, 68, 2), -1e4, dtype=torch.float64))
    torch.testing.assert_close(patches, torch.full_like(patches, plane(0, 0)))


@settings(max_examples=25, deadline=None)
@given(
    corner=st.tuples(st.floats(6, 20), st.floats(6, 20)),
    side=st.tuples(st.floats(4, 20), st.floats(4, 20)),
)
def test_a_patch_of_a_plane_is_a_plane(corner, side):
    (x, y), (wide, high) = corner, side
    patch = cut(picture(), boxed(*[(x, y, x + wide, y + high)] * 3))[0, 1].numpy()
    at_x = x - wide / 8 + 1.25 * wide * np.arange(48) / 47
    at_y = y - high / 8 + 1.25 * high * np.arange(48) / 47
    reach = [np.maximum(at_x, 0), np.maximum(at_y, 0)]  # 20 + 20 + 20 / 8 is in the frame
    # SMALLEST does not bite: 1.25 * 4 is above 4.
    np.testing.assert_allclose(patch, plane(reach[0][None, :], reach[1][:, None]), atol=1e-9)


def test_a_batch_is_its_faces_one_by_one():
    generator = torch.Generator().manual_seed(1)
    images = torch.rand(4, 1, 48, 48, generator=generator)
    points = 48 * torch.rand(4, 68, 2, generator=generator)
    whole = cut(images, points)
    for i in range(4):
        torch.testing.assert_close(whole[i : i + 1], cut(images[i : i + 1], points[i : i + 1]))


# --- coordinates ------------------------------------------------------------------------------


def test_coordinates_by_hand():
    # Half of the points at (0, 0), half at (6, 8): the mean is (3, 4), each point 5 from it, so
    # the unit is 5 and the coordinates are -3/5, -4/5 and +3/5, +4/5: x and y of 0, of 1, ...
    points = torch.zeros(1, 68, 2)
    points[0, 1::2] = torch.tensor([6.0, 8.0])
    vector = normalised(points)
    assert vector.shape == (1, 136)
    expected = torch.tensor([-0.6, -0.8, 0.6, 0.8]).repeat(34)
    torch.testing.assert_close(vector[0], expected)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 1000),
    scale=st.floats(0.05, 20),
    by=st.tuples(st.floats(-100, 100), st.floats(-100, 100)),
)
def test_place_and_size_are_gone(seed, scale, by):
    points = torch.rand(2, 68, 2, generator=torch.Generator().manual_seed(seed)).double() * 48
    vector = normalised(points)
    torch.testing.assert_close(normalised(points * scale + torch.tensor(by)), vector)
    apart = vector.view(2, 68, 2)
    torch.testing.assert_close(apart.mean(1), torch.zeros(2, 2).double(), atol=1e-12, rtol=0)
    torch.testing.assert_close(apart.square().sum(2).mean(1), torch.ones(2).double())


def test_shape_and_roll_stay():
    points = torch.rand(1, 68, 2, generator=torch.Generator().manual_seed(2)).double()
    turned = torch.stack([-points[..., 1], points[..., 0]], dim=2)  # by a right angle
    vector, after = normalised(points).view(68, 2), normalised(turned).view(68, 2)
    torch.testing.assert_close(after, torch.stack([-vector[:, 1], vector[:, 0]], dim=1))
    wide = points * torch.tensor([2.0, 1.0])
    assert not torch.allclose(normalised(wide), normalised(points), atol=0.05)


def test_points_that_all_coincide_stay_zero():
    assert (normalised(torch.full((1, 68, 2), -1e4)) == 0).all()
