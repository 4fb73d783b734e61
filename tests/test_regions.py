"""Regions of a face: hulls by hand and against OpenCV's, precedence, crops, shares of saliency."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ferbook.data.synthetic import draw
from ferbook.errors import InputError
from ferbook.vision.landmarks import MIRROR
from ferbook.vision.regions import HULLS, MARGIN, cropped, regions, shares

NAMES = ("eyes", "brows", "mouth", "nose", "cheeks", "outside")
#: iBUG's numbering, 0-based, of what comes before the hull of all.
IBUG = {
    "eyes": (range(36, 42), range(42, 48)),
    "brows": (range(17, 27),),
    "mouth": (range(48, 68),),
    "nose": (range(27, 36),),
}


def spread(*indices: int, box: tuple[float, float, float, float]) -> dict[int, tuple]:
    """The landmarks of `indices` on the corners of a box: left, top, right, bottom."""
    left, top, right, bottom = box
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return {index: corners[i % 4] for i, index in enumerate(indices)}


def a_face() -> np.ndarray:
    """(1, 68, 2): boxes that do not touch, the jaw around all of them."""
    places = spread(*range(17), box=(5, 5, 40, 42))
    places |= spread(*range(17, 27), box=(10, 8, 34, 10))
    places |= spread(*range(27, 36), box=(21, 15, 25, 27))
    places |= spread(*range(36, 42), box=(10, 15, 16, 18))
    places |= spread(*range(42, 48), box=(28, 15, 34, 18))
    places |= spread(*range(48, 68), box=(15, 32, 30, 36))
    return np.array([[places[i] for i in range(68)]], np.float32)


def test_the_regions_of_boxes_by_hand():
    assert tuple(HULLS) == NAMES
    found = regions(a_face(), margin=0)[0]
    expected = np.full((48, 48), 5)
    expected[5:43, 5:41] = 4  # rows are y; the pixel of a corner belongs to it
    expected[15:28, 21:26] = 3
    expected[32:37, 15:31] = 2
    expected[8:11, 10:35] = 1  # both brows and what is between them
    expected[15:19, 10:17] = expected[15:19, 28:35] = 0  # an eye each
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.uint8


def test_a_margin_grows_a_box_and_rounds_its_corners():
    eye = regions(a_face(), margin=1.5)[0, 10:24, 5:20] == 0  # pixel (5, 10) comes first
    grown = np.zeros((14, 15), bool)
    grown[4:10, 4:13] = True  # one pixel more all around: (9, 14) to (17, 19)
    np.testing.assert_array_equal(
        eye, grown
    )  # a corner at distance sqrt(2) is in, 2 pixels are not
    eye = regions(a_face(), margin=1.4)[0, 10:24, 5:20] == 0
    grown[[4, 4, 9, 9], [4, 12, 4, 12]] = False  # sqrt(2) is above 1.4
    np.testing.assert_array_equal(eye, grown)
    assert MARGIN == 1.5
    np.testing.assert_array_equal(regions(a_face()), regions(a_face(), 48, 1.5))


def test_a_pixel_of_several_regions_belongs_to_the_first():
    points = np.full((1, 68, 2), 5, np.float32)
    for hulls in IBUG.values():
        for hull in hulls:
            points[0, hull] = [*([(10, 10), (20, 10), (20, 20), (10, 20)] * 5)][: len(hull)]
    for index, name in enumerate(IBUG):
        assert regions(points, margin=0)[0, 15, 15] == index
        for hull in IBUG[name]:
            points[0, hull] = 5  # out of the way
    assert regions(points, margin=0)[0, 15, 15] == 5


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    middle=st.floats(-10, 50),
    width=st.sampled_from([0.0, 0.01, 3.0, 15.0]),
    margin=st.sampled_from([0.0, 1.5, 4.0]),
    whole=st.booleans(),
)
def test_regions_are_the_hulls_that_opencv_measures(seed, middle, width, margin, whole):
    points = np.random.default_rng(seed).normal(middle, width, (68, 2)).astype(np.float32)
    points = np.rint(points) if whole else points
    found = regions(points[None], 20, margin)[0]
    expected, near = np.full((20, 20), 5), np.zeros((20, 20), bool)
    hulls = [(4, range(68)), *((i, h) for i, n in enumerate(IBUG) for h in IBUG[n])]
    for index, hull in sorted(hulls, key=lambda item: -item[0]):
        outline = cv2.convexHull(points[hull] + np.float32(0))  # no -0, which it cannot take
        for y in range(20):
            for x in range(20):
                distance = cv2.pointPolygonTest(outline, (x, y), measureDist=True)
                near[y, x] |= abs(distance + margin) < 1e-3  # where rounding may decide
                if distance >= -margin:
                    expected[y, x] = index
    assert ((found == expected) | near).all()


def test_regions_of_drawn_faces():
    faces = draw(14, seed=3)
    found = regions(faces.landmarks)
    assert found.shape == (14, 48, 48) and set(np.unique(found)) == set(range(6))
    # a landmark's own pixel is no further than 0.71 from it: in its region or one before
    order = {i: index for index, n in enumerate(IBUG) for hull in IBUG[n] for i in hull}
    for labels, points in zip(found, faces.landmarks, strict=True):
        x, y = np.rint(points).astype(int).T
        own = np.array([order.get(i, 4) for i in range(68)])
        assert (labels[y, x] <= own).all()
        assert (labels[y, x] == own).mean() > 0.9
    # the other way round, faces are the same
    mirrored = faces.landmarks[:, MIRROR] * [-1, 1] + [47, 0]
    assert (regions(mirrored) == found[:, :, ::-1]).mean() > 0.999
    assert regions(faces.landmarks[:0]).shape == (0, 48, 48)


def test_a_crop_of_the_regions_is_the_regions_of_the_crop():
    landmarks = draw(7, seed=1).landmarks
    moved = cropped(landmarks)
    np.testing.assert_allclose(moved, landmarks - 4, atol=1e-5)
    np.testing.assert_array_equal(regions(moved, 40), regions(landmarks)[:, 4:44, 4:44])
    np.testing.assert_array_equal(cropped(landmarks, 48), landmarks)
    np.testing.assert_allclose(cropped(landmarks, 32, 40), landmarks - 4, atol=1e-5)


# --- shares -----------------------------------------------------------------------------------


def test_shares_by_hand():
    labels = np.array([[[0, 0], [2, 5]], [[4, 4], [4, 4]]], np.uint8)
    found = shares(np.array([[[1, 2], [3, 2]], [[0, 5], [0, 0]]], np.float32), labels)
    np.testing.assert_allclose(found.saliency, [[3 / 8, 0, 3 / 8, 0, 0, 2 / 8], [0] * 4 + [1, 0]])
    np.testing.assert_allclose(found.area, [[2 / 4, 0, 1 / 4, 0, 0, 1 / 4], [0] * 4 + [1, 0]])
    nan = np.nan  # of a region that is not there
    np.testing.assert_allclose(
        found.density, [[3 / 4, nan, 3 / 2, nan, nan, 1], [nan] * 4 + [1, nan]]
    )


def test_the_shares_of_nothing_are_undefined():
    found = shares(np.zeros((1, 2, 2)), np.zeros((1, 2, 2), np.uint8))
    assert np.isnan(found.saliency).all() and np.isnan(found.density).all()
    assert found.area.tolist() == [[1, 0, 0, 0, 0, 0]]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), scale=st.floats(1e-6, 1e6))
def test_shares_sum_to_one_and_even_saliency_has_the_shares_of_area(seed, scale):
    dice = np.random.default_rng(seed)
    labels = dice.integers(0, 6, (3, 12, 12)).astype(np.uint8)
    found = shares(scale * dice.random((3, 12, 12)), labels)
    np.testing.assert_allclose(found.saliency.sum(axis=1), 1)
    np.testing.assert_allclose(found.area.sum(axis=1), 1)
    even = shares(np.full((3, 12, 12), scale), labels)
    np.testing.assert_allclose(even.saliency, found.area)
    np.testing.assert_allclose(even.density, 1)


# --- what a person may get wrong --------------------------------------------------------------


def test_bad_input_is_one_line():
    face = a_face()
    with pytest.raises(InputError, match=r"landmarks \(1, 60, 2\): expected \(N, 68, 2\) finite"):
        regions(face[:, :60])
    face[0, 3] = np.nan
    with pytest.raises(InputError, match=r"landmarks \(1, 68, 2\): expected"):
        regions(face)
    with pytest.raises(InputError, match="margin -1: expected 0 pixels or more"):
        regions(a_face(), margin=-1)
    with pytest.raises(InputError, match="margin nan"):
        regions(a_face(), margin=float("nan"))
    for size, frame in ((50, 48), (41, 48), (0, 48)):
        with pytest.raises(InputError, match=f"a crop of {size} from {frame}: it has no centre"):
            cropped(a_face(), size, frame)
    labels = np.zeros((1, 2, 2), np.uint8)
    for bad in (np.zeros((1, 3, 3)), np.full((1, 2, 2), -1.0), np.full((1, 2, 2), np.nan)):
        with pytest.raises(InputError, match=r"saliency \(1, .*: expected"):
            shares(bad, labels)
