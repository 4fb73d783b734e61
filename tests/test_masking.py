"""Spoilt faces: each condition by hand, the same for the same row, and nothing else changed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from ferbook.errors import InputError
from ferbook.vision.masking import (
    AMOUNTS,
    CONDITIONS,
    OCCLUDERS,
    REGION_CONDITIONS,
    Condition,
    region_box,
    spoil,
)

#: iBUG's numbering, 0-based: https://ibug.doc.ic.ac.uk/resources/300-W/
IBUG = {"eyes": range(36, 48), "mouth": range(48, 68), "brows": range(17, 27)}


def a_face() -> np.ndarray:
    """(68, 2): every landmark in the middle of the frame, but for a corner or two a region."""
    points = np.full((68, 2), 24, np.float32)
    points[36], points[42] = (10.3, 15.6), (37.2, 19.5)  # the rest at (24, 24) reaches lower
    points[17], points[26] = (5.0, 1.0), (40.0, 9.0)
    points[48], points[57] = (15.0, 35.2), (30.9, 47.5)
    points[27:31, 0] = 22, 23, 24, 26  # the bridge: mean 23.75
    return points


def grey(level: float, count: int = 1, size: int = 48) -> np.ndarray:
    return np.full((count, size, size), level, np.uint8)


def one(image: np.ndarray, kind: str, amount: float, row: int = 0) -> np.ndarray:
    """One image spoilt, as numbers that may be subtracted."""
    points = np.zeros((1, 68, 2), np.float32)
    return spoil(image[None], points, Condition(kind, amount), np.array([row]))[0][0].astype(int)


# --- occluders of regions ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "box"),
    [
        # left floor(10.3 - 2) = 8, top floor(15.6 - 2) = 13; right ceil(37.2 + 2) + 1 = 41,
        # bottom ceil(24 + 2) + 1 = 27: the pixels 40 and 26 are the last ones covered
        ("eyes", (8, 13, 41, 27)),
        # floor(5 - 2) = 3, floor(1 - 2) = -1 ends at the frame; 40 + 2 + 1 = 43, 24 + 2 + 1 = 27
        ("brows", (3, 0, 43, 27)),
        # floor(15 - 2) = 13, but the middle's 24 - 2 = 22 is higher than 35.2 - 2; right
        # ceil(30.9 + 2) + 1 = 34; bottom ceil(47.5 + 2) + 1 = 51 ends at the frame
        ("mouth", (13, 22, 34, 48)),
        # the bridge's mean 23.75 rounds to 24: columns 0 to 23, and 24 to 47
        ("left", (0, 0, 24, 48)),
        ("right", (24, 0, 48, 48)),
    ],
)
def test_the_box_of_a_region_by_hand(region, box):
    assert region_box(a_face(), region) == box
    image = np.random.default_rng(0).integers(1, 256, (1, 48, 48)).astype(np.uint8)
    spoilt, points = spoil(image, a_face()[None], Condition(region), np.array([0]))
    left, top, right, bottom = box
    expected = image[0].copy()
    expected[top:bottom, left:right] = 0  # rows are y
    np.testing.assert_array_equal(spoilt[0], expected)
    np.testing.assert_array_equal(points[0], a_face())


@pytest.mark.parametrize("region", IBUG)
def test_a_region_is_its_own_landmarks(region):
    centre = np.full((68, 2), 24, np.float32)
    for number in range(68):
        moved = centre.copy()
        moved[number] = 10
        changed = region_box(moved, region) != region_box(centre, region)
        assert changed == (number in IBUG[region])


def test_a_half_ends_at_the_bridge_of_the_nose_alone():
    centre = np.full((68, 2), 24, np.float32)
    for number in range(68):
        moved = centre.copy()
        moved[number, 0] = 44  # a quarter of the mean: 24 + 20 / 4 = 29
        assert region_box(moved, "left")[2] == (29 if number in (27, 28, 29, 30) else 24)


def test_a_bridge_outside_the_frame_leaves_one_half_empty():
    points = np.full((68, 2), 60, np.float32)
    assert region_box(points, "left") == (0, 0, 48, 48)
    assert region_box(points, "right") == (48, 0, 48, 48)
    assert region_box(points, "left", size=32) == (0, 0, 32, 32)


@settings(max_examples=40, deadline=None)
@given(
    middle=st.tuples(st.floats(-80, 130), st.floats(-80, 130)),
    spread=st.floats(0, 30),
    seed=st.integers(0, 1000),
    region=st.sampled_from(OCCLUDERS),
)
def test_an_occluder_lies_in_the_frame_and_hides_its_landmarks(middle, spread, seed, region):
    scatter = np.random.default_rng(seed).normal(size=(68, 2))
    points = (np.array(middle) + spread * scatter).astype(np.float32)
    left, top, right, bottom = region_box(points, region)
    assert 0 <= left <= right <= 48 and 0 <= top <= bottom <= 48
    if region in IBUG:
        x, y = np.rint(points[list(IBUG[region])]).astype(int).T
        shown = (x >= 0) & (x < 48) & (y >= 0) & (y < 48)
        assert ((left <= x) & (x < right) & (top <= y) & (y < bottom))[shown].all()
    else:
        halves = [region_box(points, half) for half in ("left", "right")]
        assert sum((r - x) * (b - y) for x, y, r, b in halves) == 48 * 48


# --- squares ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("percent", "side"),
    [
        # 48 * sqrt(percent / 100): 10.73, 15.18, 21.47, 26.29, 30.36
        *((5, 11), (10, 15), (20, 21), (30, 26), (40, 30)),
        *((100, 48), (0.001, 1)),  # the whole frame; never less than a pixel
    ],
)
def test_a_square_has_its_area_and_lies_in_the_frame(percent, side):
    rows = np.arange(300)
    points = np.zeros((300, 68, 2), np.float32)
    black = spoil(grey(255, 300), points, Condition("square", percent), rows)[0] == 0
    assert (black.sum(axis=(1, 2)) == side**2).all()
    high, wide = black.any(axis=2), black.any(axis=1)
    assert (high.sum(axis=1) == side).all() and (wide.sum(axis=1) == side).all()
    room = 48 - side + 1  # places along a side
    for first in (high.argmax(axis=1), wide.argmax(axis=1)):
        assert first.min() <= room // 10 and first.max() >= room - 1 - room // 10


def test_a_square_of_another_frame():
    # 32 * sqrt(0.25) = 16
    assert (one(grey(255, size=32)[0], "square", 25) == 0).sum() == 16**2


# --- light ------------------------------------------------------------------------------------


def levels(*values: int) -> np.ndarray:
    return np.tile(np.array(values, np.uint8), (48, 48 // len(values)))


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(80, (80, 180, 255, 255)), (-80, (0, 20, 120, 175)), (0.4, (0, 100, 200, 255))],
)
def test_brightness_is_added_and_clipped(amount, expected):
    spoilt = one(levels(0, 100, 200, 255), "brightness", amount)
    np.testing.assert_array_equal(spoilt, levels(*expected))


@pytest.mark.parametrize(
    ("image", "factor", "expected"),
    [
        ((100, 200), 0.5, (125, 175)),  # about the mean of 150
        ((100, 200), 2, (50, 250)),
        ((0, 255), 2, (0, 255)),  # -127.5 and 382.5, clipped
        ((0, 100, 200, 20), 0.25, (60, 85, 110, 65)),  # about 80
        ((100, 200), 0, (150, 150)),
        ((100, 200), 1, (100, 200)),
    ],
)
def test_contrast_is_about_the_mean(image, factor, expected):
    np.testing.assert_array_equal(one(levels(*image), "contrast", factor), levels(*expected))


@pytest.mark.parametrize("lost", [0.0, 0.5, 0.9, 1.0])
def test_shade_falls_linearly_from_1_to_1_minus_lost(lost):
    spoilt = [one(grey(200)[0], "shade", lost, row) for row in range(40)]
    y, x = np.mgrid[:48, :48]
    plane = np.stack([x, y, np.ones_like(x)], axis=-1).reshape(-1, 3).astype(float)
    for image in spoilt:
        assert image.max() == 200 and image.min() == round(200 * (1 - lost))
        fitted = plane @ np.linalg.lstsq(plane, image.ravel(), rcond=None)[0]
        assert np.abs(fitted - image.ravel()).max() < 0.6  # rounding to grey levels
    if lost:  # the light comes from every side
        corners = {(image[0, 0] > image[0, -1], image[0, 0] > image[-1, 0]) for image in spoilt}
        assert len(corners) == 4


def test_shade_scales_what_is_there():
    # The same row has the same ramp: half the grey level, half the loss, up to rounding.
    light, dark = one(grey(200)[0], "shade", 0.9), one(grey(100)[0], "shade", 0.9)
    assert np.abs(light / 2 - dark).max() <= 0.75


@pytest.mark.parametrize("deviation", [10, 20])
def test_noise_has_its_deviation(deviation):
    points = np.zeros((40, 68, 2), np.float32)
    spoilt = spoil(grey(128, 40), points, Condition("noise", deviation), np.arange(40))[0]
    error = spoilt.astype(float) - 128
    n = error.size  # 92,160; rounding to grey levels adds 1/12 to the variance
    assert abs(error.mean()) < 4 * deviation / n**0.5
    expected = (deviation**2 + 1 / 12) ** 0.5
    assert abs(error.std() - expected) < 4 * deviation / (2 * n) ** 0.5
    beside = np.corrcoef(error[:, :, :-1].ravel(), error[:, :, 1:].ravel())[0, 1]
    assert abs(beside) < 4 / n**0.5  # each pixel for itself


def test_noise_is_clipped():
    assert set(np.unique(one(levels(0, 255), "noise", 1000)).tolist()) >= {0, 255}


def test_two_amounts_are_two_draws():
    first, second = (one(grey(128)[0], "noise", amount) - 128 for amount in (10, 20))
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 4 / 48


# --- shift ------------------------------------------------------------------------------------


@pytest.mark.parametrize("pixels", [*AMOUNTS["shift"], 0, 100])
def test_a_shift_moves_image_and_landmarks_together(pixels):
    generator = np.random.default_rng(1)
    images = generator.integers(0, 256, (60, 48, 48)).astype(np.uint8)
    points = generator.uniform(0, 47, (60, 68, 2)).astype(np.float32)
    spoilt, moved = spoil(images, points, Condition("shift", pixels), np.arange(60))
    by = moved - points
    np.testing.assert_allclose(by, np.broadcast_to(np.rint(by[:, :1]), by.shape), atol=1e-5)
    right, down = np.rint(by[:, 0]).astype(int).T
    # Whole pixels: each coordinate is half a pixel off at most.
    assert (np.abs(np.hypot(right, down) - pixels) <= 0.5**0.5).all()
    for image, before, x, y in zip(spoilt, images, right, down, strict=True):
        expected = ndimage.shift(before, (y, x), order=0, mode="nearest")
        np.testing.assert_array_equal(image, expected)
    if pixels:  # in any direction
        assert len({(x > 0, y > 0) for x, y in zip(right, down, strict=True)}) == 4


def test_nothing_but_a_shift_moves_landmarks():
    points = np.random.default_rng(2).uniform(0, 47, (3, 68, 2)).astype(np.float32)
    for condition in CONDITIONS:
        moved = spoil(grey(99, 3), points, condition, np.arange(3))[1]
        assert np.array_equal(moved, points) == (condition.kind != "shift")


# --- all conditions ---------------------------------------------------------------------------


def test_the_conditions_have_names_of_their_own():
    names = [condition.name for condition in CONDITIONS]
    assert len(set(names)) == len(names) == 5 + 5 + 4 + 3 + 2 + 3 + 3
    assert names[:5] == [f"occluded-{kind}" for kind in OCCLUDERS]
    assert {"square-20", "brightness+40", "brightness-80", "contrast-0.25", "shift-2"} < set(names)
    assert [condition.kind for condition in REGION_CONDITIONS] == list(OCCLUDERS)


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.name)
def test_a_row_decides_what_is_random(condition):
    generator = np.random.default_rng(3)
    images = np.tile(generator.integers(60, 190, (1, 48, 48)).astype(np.uint8), (6, 1, 1))
    points = np.tile(a_face()[None], (6, 1, 1))
    images.flags.writeable = points.flags.writeable = False  # as a memory-mapped store is
    rows = np.array([4, 0, 35_000, 7, 4, 11])
    spoilt, moved = spoil(images, points, condition, rows)
    assert spoilt.shape == images.shape and spoilt.dtype == np.uint8
    assert moved.shape == points.shape and moved.dtype == np.float32
    assert (spoilt[0] != images[0]).any()
    # The same row in whatever company, the same face ...
    np.testing.assert_array_equal(spoilt[0], spoilt[4])
    back = spoil(images[::-1], points[::-1], condition, rows[::-1])
    np.testing.assert_array_equal(back[0], spoilt[::-1])
    np.testing.assert_array_equal(back[1], moved[::-1])
    # ... and another row another one, where anything is random.
    others = {image.tobytes() for image in spoilt[[0, 1, 2, 3, 5]]}
    random = condition.kind in ("square", "shade", "noise", "shift")
    assert len(others) >= 4 if random else len(others) == 1


@settings(max_examples=40, deadline=None)
@given(
    condition=st.sampled_from(CONDITIONS),
    seed=st.integers(0, 2**32 - 1),
    row=st.integers(0, 10**6),
)
def test_what_each_kind_leaves_alone(condition, seed, row):
    generator = np.random.default_rng(seed)
    image = generator.integers(0, 256, (1, 48, 48)).astype(np.uint8)
    points = generator.uniform(-5, 52, (1, 68, 2)).astype(np.float32)
    spoilt, _ = spoil(image, points, condition, np.array([row]))
    if condition.kind in (*OCCLUDERS, "square"):
        assert ((spoilt == image) | (spoilt == 0)).all()
    elif condition.kind == "shade":
        assert (spoilt <= image).all()
    elif condition.kind in ("brightness", "contrast"):  # what was not darker is not darker now
        order = np.argsort(image, axis=None)
        assert (np.diff(spoilt.ravel()[order].astype(int)) >= 0).all()
    elif condition.kind == "shift":
        assert set(np.unique(spoilt)) <= set(np.unique(image))


@pytest.mark.parametrize(
    ("kind", "amount", "message"),
    [
        ("square", 120, "an occluder over 120 % of the frame: expected above 0, at most 100"),
        ("square", 0, "an occluder over 0 % of the frame"),
        ("square", -5, "an occluder over -5 % of the frame"),
        ("square", float("nan"), "an occluder over nan % of the frame"),
        ("shade", 1.5, "shade 1.5: expected 0 to 1"),
        ("shade", -0.1, "shade -0.1: expected 0 to 1"),
        ("contrast", -1, "contrast -1: expected 0 or more"),
        ("noise", -3, "noise -3: expected 0 or more"),
        ("shift", -2, "shift -2: expected 0 or more"),
        ("fog", 1, "condition 'fog': expected one of eyes, mouth, brows, left, right, square,"),
        ("nose", 0, "condition 'nose': expected one of eyes"),
    ],
)
def test_a_bad_condition_is_one_line(kind, amount, message):
    with pytest.raises(InputError) as error:
        Condition(kind, amount)
    assert str(error.value).startswith(message) and "\n" not in str(error.value)
