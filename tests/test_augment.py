"""Images and landmarks move together."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ferbook.vision.augment import Geometry, apply, draw
from ferbook.vision.heatmaps import render
from ferbook.vision.landmarks import MIRROR, REGIONS


def move(geometry, points, seed=0):
    maps, flipped = draw(geometry, len(points), torch.Generator().manual_seed(seed))
    return maps, flipped, *apply(render(points), points, maps, flipped)


def faces(count, seed=0):
    return 14 + 20 * torch.rand(count, 68, 2, generator=torch.Generator().manual_seed(seed))


def test_no_augmentation_changes_nothing():
    points = faces(3)
    _, _, image, moved = move(Geometry(), points)
    torch.testing.assert_close(moved, points)
    torch.testing.assert_close(image, render(points), atol=1e-5, rtol=0)


def test_a_flip_by_hand():
    # Column x becomes 47 - x; the outer corner of the right eye (36) becomes the left one's (45).
    points = faces(1)
    _, flipped, image, moved = move(Geometry(flip=1.0), points)
    assert flipped.all()
    torch.testing.assert_close(image, render(points).flip(-1), atol=1e-5, rtol=0)
    assert moved[0, 45, 0].item() == pytest.approx(47 - points[0, 36, 0].item(), abs=1e-4)
    assert moved[0, 45, 1].item() == pytest.approx(points[0, 36, 1].item(), abs=1e-4)


def test_a_quarter_turn_by_hand():
    # Forced to exactly 90 degrees about the centre (23.5, 23.5): (x, y) -> (47 - y, x).
    maps = torch.tensor([[[0.0, -1.0, 47.0], [1.0, 0.0, 0.0]]])
    points = faces(1)
    image, moved = apply(render(points), points, maps, torch.tensor([False]))
    torch.testing.assert_close(moved[0, :, 0], 47 - points[0, :, 1])
    torch.testing.assert_close(moved[0, :, 1], points[0, :, 0])
    torch.testing.assert_close(
        image[0, 0], torch.rot90(render(points)[0, 0], -1), atol=1e-5, rtol=0
    )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_moved_image_shows_the_moved_landmark(seed):
    # One wide Gaussian, moved as an image and as a coordinate: its centre of mass is the landmark.
    geometry = Geometry(rotation=20, translation=4, zoom=(0.9, 1.1), flip=0.5)
    points = 20 + 8 * torch.rand(1, 68, 2, generator=torch.Generator().manual_seed(seed))
    maps, flipped = draw(geometry, 1, torch.Generator().manual_seed(seed))
    blob = render(points[:, 33:34], sigma=2.0)
    image, moved = apply(blob, points, maps, flipped)
    weight = image[0, 0] / image.sum()
    grid = torch.arange(48.0)
    centre = torch.stack([(weight.sum(0) * grid).sum(), (weight.sum(1) * grid).sum()])
    torch.testing.assert_close(centre, moved[0, 33], atol=0.06, rtol=0)


@pytest.mark.parametrize(
    ("geometry", "measure", "low", "high"),
    [
        (
            Geometry(rotation=20),
            lambda m: torch.rad2deg(torch.atan2(m[:, 1, 0], m[:, 0, 0])),
            -20,
            20,
        ),
        (Geometry(zoom=(0.9, 1.1)), lambda m: torch.linalg.det(m[:, :, :2]).sqrt(), 0.9, 1.1),
        (Geometry(translation=10), lambda m: m[:, 0, 2], -10, 10),
        (Geometry(translation=10), lambda m: m[:, 1, 2], -10, 10),
    ],
)
def test_ranges_are_filled_and_kept(geometry, measure, low, high):
    maps, _ = draw(geometry, 4000, torch.Generator().manual_seed(3))
    values = measure(maps)
    span = high - low
    assert low - 1e-4 <= values.min() < low + 0.01 * span
    assert high - 0.01 * span < values.max() <= high + 1e-4
    assert abs(values.mean() - (low + high) / 2) < 0.02 * span


def test_half_of_the_faces_are_flipped():
    _, flipped = draw(Geometry(flip=0.5), 4000, torch.Generator().manual_seed(4))
    assert abs(flipped.float().mean() - 0.5) < 0.03  # four standard errors


def test_mirror_pairs_regions():
    assert sorted(MIRROR) == list(range(68))
    assert (MIRROR[MIRROR] == np.arange(68)).all()
    for left, right in (("left eye", "right eye"), ("left brow", "right brow")):
        assert {int(MIRROR[i]) for i in REGIONS[left]} == set(REGIONS[right])
    for own in ("jaw", "nose", "mouth"):
        assert {int(MIRROR[i]) for i in REGIONS[own]} == set(REGIONS[own])
