"""Face masks: what they hide and what not, how they follow the face, its light and its picture."""

from __future__ import annotations

import cv2
import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from scipy.interpolate import RBFInterpolator

from ferbook import paths
from ferbook.data.synthetic import draw
from ferbook.errors import InputError
from ferbook.report.qiu.figures_masks import mask_sheet
from ferbook.study.cards import cards
from ferbook.vision import (
    facemask_light,
    facemask_sampling,
    facemasks,
    picture_quality,
    thin_plate,
)
from ferbook.vision.facemask_fit import texels
from ferbook.vision.facemask_shapes import AVERAGE, CUTS, KINDS, LEFT, SCALE, TOP, VARIANTS, drawing
from ferbook.vision.facemasks import FLAT, coverage, look, masked, wear
from ferbook.vision.landmarks import MIRROR, Landmarks, of

FACES = draw(70, seed=3)
POINTS = FACES.landmarks
ROWS = np.arange(70)
#: iBUG's numbering, 0-based: https://ibug.doc.ic.ac.uk/resources/300-W/
HIDDEN = [30, 33, *range(48, 68)]  # tip and base of the nose, lips
SEEN = [*range(17, 27), *range(36, 48)]  # brows, eyes


def at(pictures: np.ndarray, points: np.ndarray, numbers: list[int]) -> np.ndarray:
    """(N, len(numbers)): values of the pixels that hold the landmarks."""
    x, y = np.clip(np.rint(points[:, numbers]), 0, 47).astype(int).transpose(2, 0, 1)
    return pictures[np.arange(len(pictures))[:, None], y, x]


def whole(points: np.ndarray) -> Landmarks:
    """What dlib would say of faces with these landmarks."""
    count = len(points)
    return Landmarks(points, np.ones(count, bool), np.ones(count), np.zeros((count, 4), np.float32))


# --- what is hidden ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*KINDS, "any"])
def test_nose_and_mouth_are_hidden_and_eyes_and_brows_are_not(kind):
    covers = coverage(POINTS, ROWS, kind)
    assert at(covers, POINTS, HIDDEN).min() > 0.99
    assert at(covers, POINTS, SEEN).max() == 0
    worn = wear(FACES.images, POINTS, ROWS, kind)
    np.testing.assert_array_equal(at(worn, POINTS, SEEN), at(FACES.images, POINTS, SEEN))
    # A mask may match the skin here or there, but not at a whole mouth.
    assert (at(worn, POINTS, HIDDEN) != at(FACES.images, POINTS, HIDDEN)).mean() > 0.95
    above = POINTS[:, 27, 1].astype(int) - 1  # rows above the bridge of the nose: straps only
    changed = worn != FACES.images
    assert np.mean([changed[i, : above[i], 12:36].any() for i in ROWS]) < 0.05


@pytest.mark.parametrize("kind", KINDS)
def test_real_faces_wear_it_as_well(kind):
    (card,) = [one for one in cards(paths.results() / "datasets") if one.name == "fer2013"]
    rows, images, points = (card.thumbnails[part] for part in ("rows", "images", "landmarks"))
    inside = ((points >= 0) & (points <= 47)).all(axis=-1)[:, HIDDEN]
    assert inside.mean() > 0.9
    assert at(coverage(points, rows, kind), points, HIDDEN)[inside].min() > 0.5
    worn = wear(images, points, rows, kind)
    np.testing.assert_array_equal(at(worn, points, SEEN), at(images, points, SEEN))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), spread=st.floats(4, 40), kind=st.sampled_from(KINDS))
def test_eyes_and_brows_stay_whatever_the_landmarks(seed, spread, kind):
    generator = np.random.default_rng(seed)
    image = generator.integers(0, 256, (1, 48, 48)).astype(np.uint8)
    points = generator.normal(24, spread, (1, 68, 2)).astype(np.float32)
    worn = wear(image, points, np.array([5]), kind)
    inside = [i for i in SEEN if (np.rint(points[0, i]) >= 0).all() and (points[0, i] < 47.5).all()]
    np.testing.assert_array_equal(at(worn, points, inside), at(image, points, inside))


def test_most_of_a_jaw_is_hidden_and_little_beyond_it():
    for kind in KINDS:
        covers = coverage(POINTS, ROWS, kind)
        assert at(covers, POINTS, [57]).min() > 0.99
        chin = np.array(POINTS[:, 8])
        beyond = [covers[i, int(y) + 6 :].max(initial=0) for i, (_, y) in enumerate(chin)]
        assert max(beyond) == 0
        # From the bridge to the chin and nearly the jaw's width: a quarter to a half of the frame.
        assert 0.15 < covers.mean() < 0.5


# --- the fit ----------------------------------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(
    face=st.integers(0, 69),
    right=st.integers(-20, 20),
    down=st.integers(-20, 20),
    kind=st.sampled_from(KINDS),
)
def test_a_mask_moves_with_the_face(face, right, down, kind):
    points, row = POINTS[[face]], ROWS[[face]]
    here = coverage(points, row, kind)[0]
    there = coverage(points + np.float32([right, down]), row, kind)[0]
    expected = ndimage.shift(here, (down, right), order=0, cval=-1)
    seen = expected >= 0  # what was beyond the frame before is not known
    # cv2 rounds places on the drawing to 1/32 of a texel, and an odd way puts the spline's points
    # elsewhere: at an edge up to 0.024 of a pixel among 60 random ways.
    np.testing.assert_allclose(there[seen], expected[seen], atol=0.04)


@pytest.mark.parametrize("kind", KINDS)
def test_a_mirrored_face_wears_the_mirrored_mask(kind):
    mirrored = POINTS[:, MIRROR] * np.float32([-1, 1]) + np.float32([47, 0])
    there = coverage(mirrored, ROWS, kind)
    # cv2 rounds places on the drawing to 1/32 of a texel.
    np.testing.assert_allclose(there[:, :, ::-1], coverage(POINTS, ROWS, kind), atol=0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_a_turned_face_wears_the_turned_mask(kind):
    # A quarter turn clockwise takes (x, y) to (47 - y, x).
    turned = np.stack([47 - POINTS[..., 1], POINTS[..., 0]], axis=-1)
    there = np.rot90(coverage(turned, ROWS, kind), axes=(1, 2))
    # Between the spline's own points it is linear, and those lie elsewhere now.
    assert abs(there - coverage(POINTS, ROWS, kind)).max() < 0.1


def test_a_wider_jaw_wears_a_wider_mask():
    wide = POINTS.copy()
    wide[:, :17, 0] += 0.2 * (wide[:, :17, 0] - wide[:, [27], 0])
    for kind in KINDS:
        areas = [
            coverage(points[:14], ROWS[:14], kind).sum(axis=(1, 2)) for points in (POINTS, wide)
        ]
        assert (areas[1] > 1.02 * areas[0]).all()


def test_the_spline_is_that_of_scipy():
    generator = np.random.default_rng(0)
    sources, targets = generator.normal(size=(3, 12, 2)), generator.normal(size=(12, 2))
    x, y = generator.normal(size=(3, 8)), generator.normal(size=(3, 5))
    for stiffness in (0.0, 0.7):
        weights, affine = thin_plate.fit(sources, targets, stiffness)
        moved = thin_plate.on_grid(x, y, sources, weights, affine)
        for own, columns, rows, found in zip(sources, x, y, moved, strict=True):
            other = RBFInterpolator(own, targets, smoothing=stiffness, kernel="thin_plate_spline")
            places = np.stack(np.meshgrid(columns, rows), axis=-1)
            np.testing.assert_allclose(
                found, other(places.reshape(-1, 2)).reshape(5, 8, 2), atol=1e-9
            )
    exact = thin_plate.on_grid(
        *sources.transpose(2, 0, 1), sources, *thin_plate.fit(sources, targets)
    )
    own = range(12)  # a grid's diagonal is the sources themselves
    np.testing.assert_allclose(exact[:, own, own], np.broadcast_to(targets, (3, 12, 2)), atol=1e-9)


# --- the drawings -----------------------------------------------------------------------------


def test_the_average_face_is_symmetric_and_complete():
    assert list(AVERAGE) == [*range(17), *range(27, 37), *range(39, 43), *range(45, 48)]
    for number, (x, y) in AVERAGE.items():
        assert AVERAGE[int(MIRROR[number])] == (-x if x else 0, y)


@pytest.mark.parametrize("kind", KINDS)
def test_a_drawing_keeps_to_its_cut(kind):
    cover = drawing(kind, VARIANTS[kind][0])[..., 0]
    np.testing.assert_array_equal(cover, cover[:, ::-1])
    middle = cover[:, int(-LEFT * SCALE)]
    rows = np.flatnonzero(middle > 0.5)
    top, bottom = CUTS[kind].upper[0][1], CUTS[kind].lower[0][1]
    # The first row's centre lies half a texel below the edge, the last one's as much above.
    assert rows[0] == pytest.approx((top - TOP) * SCALE, abs=1)
    assert rows[-1] == pytest.approx((bottom - TOP) * SCALE - 1, abs=1)
    assert (np.diff(rows) == 1).all()
    for y, x in CUTS[kind].half[2:4]:  # at the height of the mouth
        line = np.flatnonzero(cover[int((y - TOP) * SCALE)] > 0.5)
        assert len(line) == pytest.approx(2 * x * SCALE, abs=2)


def test_every_variant_is_another_drawing():
    seen = set()
    for kind, variants in VARIANTS.items():
        for variant in variants:
            layers = drawing(kind, variant)
            assert layers.shape == (288, 288, 5) and np.isfinite(layers).all()
            cover, folds, pattern, strap, shadow = np.moveaxis(layers, -1, 0)
            assert cover.min() == 0 and cover.max() == 1
            assert strap.max() > 0.9 and strap[cover == 1].max() == 0
            assert shadow.min() >= 0 and shadow.max() <= 1
            assert folds[cover == 1].min() > 0.4 and folds[cover == 1].max() < 1.3
            assert pattern[cover == 0].max() == 0
            assert (pattern.std() > 0) == (kind == "cloth")
            seen.add(layers.tobytes())
    assert len(seen) == 10


@pytest.mark.parametrize("kind", KINDS)
def test_sampling_a_part_is_sampling_it_all(kind):
    # Also where a spline folds or a frame is odd: every cell, by OpenCV's own resampling.
    points, shape = np.concatenate([POINTS[:3], 3 * POINTS[3:6] - 40]).astype(float), (47, 40)
    ones = np.ones(6)
    grids = texels(points, ones, 0 * ones, shape)
    plates = [facemask_sampling.plate(kind, variant) for variant in VARIANTS[kind][:1]] * 6
    cells = facemask_sampling.reached(grids, plates)
    assert 0 < cells.mean() < 0.9
    for own, part, plate in zip(grids, cells, plates, strict=True):
        # six samples from point to point; a pixel's first is the seventh, of cell -1's right half
        fine = cv2.resize(own, (6 * own.shape[1], 6 * own.shape[0]))[6 : 6 + 141, 6 : 6 + 120]
        seen = cv2.remap(plate.drawn, fine, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        whole = cv2.resize(seen, (40, 47), interpolation=cv2.INTER_AREA)
        np.testing.assert_array_equal(
            facemask_sampling.sampled(plate.drawn, own, part, shape), whole
        )


def test_what_is_drawn_keeps_off_the_edge():
    # A sample beyond a drawing takes the texel at its edge.
    for kind, variants in VARIANTS.items():
        for variant in variants:
            layers = drawing(kind, variant)
            for edge in (layers[0], layers[-1], layers[:, 0], layers[:, -1]):
                assert not edge.any()


# --- chance -----------------------------------------------------------------------------------


def test_a_row_decides_what_is_random():
    images = FACES.images[:20].copy()
    images.flags.writeable = False  # as a memory-mapped store is
    rows = np.arange(20) * 1000
    worn = wear(images, POINTS[:20], rows)
    some = np.array([13, 2, 19, 2])
    np.testing.assert_array_equal(wear(images[some], POINTS[some], rows[some]), worn[some])
    kinds = [look(int(row), "any", (48, 48)).kind for row in rows]
    assert set(kinds) == set(KINDS)
    for i, kind in enumerate(kinds):  # "any" is one of the kinds, drawn as that kind is
        own = slice(i, i + 1)
        np.testing.assert_array_equal(wear(images[own], POINTS[own], rows[own], kind)[0], worn[i])


def test_kinds_and_variants_are_equally_likely_and_tones_in_their_range():
    looks = [look(row, "any", (2, 2)) for row in range(6000)]
    for kind in KINDS:
        own = [one for one in looks if one.kind == kind]
        assert abs(len(own) - 2000) < 4 * (6000 * (1 / 3) * (2 / 3)) ** 0.5
        share = 1 / len(VARIANTS[kind])
        for variant in VARIANTS[kind]:
            count = sum(one.variant == variant for one in own)
            assert abs(count - share * len(own)) < 4 * (len(own) * share * (1 - share)) ** 0.5
        dark, (low, high) = facemasks._TONES[kind]
        tones = np.array([one.tone for one in own])
        usual = (tones >= low) & (tones <= high)
        assert (usual | ((tones >= 0.28) & (tones <= 0.6))).all()
        assert abs((~usual).mean() - dark) < 4 * (dark * (1 - dark) / len(own)) ** 0.5
    for name, low, high in (("lift", -0.8, 0.8), ("width", 0.97, 1.03), ("strap", 0.9, 1.8)):
        values = np.array([getattr(one, name) for one in looks])
        assert low <= values.min() < values.max() <= high
        assert values.max() - values.min() > 0.95 * (high - low)


@pytest.mark.parametrize("kind", KINDS)
def test_another_row_is_another_grey(kind):
    images, points = np.repeat(FACES.images[:1], 12, axis=0), np.repeat(POINTS[:1], 12, axis=0)
    worn = wear(images, points, np.arange(12), kind)
    inside = coverage(points, np.arange(12), kind).min(axis=0) > 0.99
    means = worn[:, inside].mean(axis=1)
    assert len(set(means.round(1).tolist())) == 12 and means.std() > 10


# --- light and picture ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_grey_of_a_mask_follows_the_light_on_the_face(kind):
    images, points, rows = FACES.images[:28], POINTS[:28], ROWS[:28]
    inside = coverage(points, rows, kind) > 0.99

    def means(light, part):
        """Mean grey of part of the mask under the light."""
        worn = wear(np.rint(light * images).astype(np.uint8), points, rows, kind)
        return (worn * part).sum(axis=(1, 2)) / part.sum(axis=(1, 2))

    assert (np.diff([means(light, inside) for light in (0.3, 0.6, 0.9)], axis=0) > 3).all()
    left = inside & (np.arange(48) < points[:, 30, 0, None, None])
    ramp = np.linspace(1, 0.3, 48)  # light from the left, then from the right
    for light, sign in ((ramp, 1), (ramp[::-1], -1)):
        assert (sign * (means(light, left) - means(light, inside & ~left)) > 0).mean() > 0.9


def test_the_grey_of_a_fabric_by_hand():
    # 255 (1 - (1 - 0.5)^tone): tone 1 is the light itself, 2 gives 3/4, 1/2 gives 1 - 0.7071
    for tone, share in ((1, 0.5), (2, 0.75), (0.5, 0.29289)):
        assert facemasks._grey(np.float64(0.5), tone) == pytest.approx(255 * share, abs=0.01)


def test_the_light_is_that_of_the_skin():
    # Skin of one grey, with black eyes and mouth on black ground: the features do not darken it.
    points = POINTS[:2].astype(np.float32)
    images = np.zeros((2, 48, 48), np.uint8)
    for image, face, grey in zip(images, points, (150, 90), strict=True):
        outline = np.rint(16 * face[facemask_light._OUTLINE]).astype(np.int32)
        cv2.fillPoly(image, [outline], grey, cv2.LINE_8, 4)
        for region in (range(36, 42), range(42, 48), range(48, 68)):
            hull = np.rint(16 * cv2.convexHull(face[region])).astype(np.int32)
            cv2.fillPoly(image, [hull], 0, cv2.LINE_8, 4)
    lights = facemask_light.lights(images, points, facemask_light.sixteenths(points))
    for light, grey in zip(lights, (150, 90), strict=True):
        np.testing.assert_allclose(light, grey / 255, atol=1e-6)


@pytest.mark.parametrize("deviation", [1.0, 3.0, 8.0])
def test_noise_is_measured_beside_edges(deviation):
    generator = np.random.default_rng(0)
    y, x = np.mgrid[:48, :48]
    plane = 60 + x + 0.5 * y + 60 * (x > 20)  # a slope and an edge
    noisy = plane + generator.normal(0, deviation, (50, 48, 48))
    # rounding adds 1/12 to the variance, and makes the quartile a whole number
    expected = (deviation**2 + 1 / 12) ** 0.5
    measured = picture_quality.noise(np.rint(noisy).astype(np.uint8))
    assert measured.mean() == pytest.approx(expected, rel=0.12, abs=0.1)


@pytest.mark.parametrize("width", [0.01, 0.4, 0.8, 1.2])
def test_blur_of_edges_is_measured(width):
    boards = []
    for place in np.linspace(0, 1, 8):  # of the edges within a pixel
        fine = np.where((np.arange(48 * 50) / 50 + place) // 8 % 2, 1.0, -1.0)
        line = ndimage.gaussian_filter1d(fine, 50 * width).reshape(48, 50).mean(axis=1)
        boards.append(np.rint(120 + 80 * line[:, None] * line))
    measured = picture_quality.blur(np.array(boards).astype(np.uint8))
    assert measured.mean() == pytest.approx(width, abs=0.15)


def test_blur_of_faces_is_measured():
    read = []
    for width in (0.5, 1.0, 1.5):
        blurred = ndimage.gaussian_filter(FACES.images.astype(float), (0, width, width))
        read.append(np.median(picture_quality.blur(np.rint(blurred).astype(np.uint8))))
    np.testing.assert_allclose(read, (0.4, 0.8, 1.2), atol=0.15)


def test_a_mask_is_as_soft_and_as_noisy_as_its_picture():
    points, rows = POINTS[:20], ROWS[:20]
    smooth = ndimage.gaussian_filter(FACES.images[:20].astype(float), (0, 1.2, 1.2))
    noisy = smooth + np.random.default_rng(1).normal(0, 3.5, smooth.shape)
    before = [np.clip(np.rint(part), 0, 255).astype(np.uint8) for part in (smooth, noisy)]
    soft, rough = (wear(part, points, rows, "surgical").astype(float) for part in before)
    inside = coverage(points, rows, "surgical") > 0.99
    # Below the nose, where all is mask; independent noises add up in their squares.
    x, y = np.rint(points[:, 33]).astype(int).T
    crops = [
        np.stack([one[b : b + 12, a - 6 : a + 6] for one, a, b in zip(part, x, y, strict=True)])
        for part in (soft, rough)
    ]
    quiet, loud = (picture_quality.noise(part).mean() for part in crops)
    assert (loud**2 - quiet**2) ** 0.5 == pytest.approx(3.5, rel=0.25)
    sharp = wear(FACES.images[:20], points, rows, "surgical").astype(float)
    bends = [abs(np.diff(part, 2, axis=1))[inside[:, 1:-1]].mean() for part in (soft, sharp)]
    assert bends[0] < 0.8 * bends[1]


# --- bad input --------------------------------------------------------------------------------


def test_no_faces_no_masks():
    none = np.zeros((0, 48, 48), np.uint8)
    assert wear(none, np.zeros((0, 68, 2)), np.zeros(0, int)).shape == (0, 48, 48)
    assert coverage(np.zeros((0, 68, 2)), np.zeros(0, int)).shape == (0, 48, 48)


def test_a_face_outside_the_frame_and_a_flat_picture_stay():
    for away in ([200, 0], [0, -200], [-90, 90], [0, 1e5]):
        points = POINTS[:3] + np.float32(away)
        np.testing.assert_array_equal(wear(FACES.images[:3], points, ROWS[:3]), FACES.images[:3])
    flat = np.full((1, 48, 48), 90, np.uint8)
    flat[0, 0, 0] = 90 + FLAT - 1
    np.testing.assert_array_equal(wear(flat, POINTS[:1], ROWS[:1]), flat)
    flat[0, 0, 0] = 90 + FLAT
    assert (wear(flat, POINTS[:1], ROWS[:1]) != flat).any()


def test_other_frames():
    small = draw(7, seed=1, size=33)
    worn = wear(small.images, small.landmarks, ROWS[:7], "n95")
    assert worn.shape == (7, 33, 33) and (worn != small.images).any(axis=(1, 2)).all()
    assert coverage(small.landmarks, ROWS[:7], size=33).shape == (7, 33, 33)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "scarf"}, "'scarf': expected one of surgical, n95, cloth, any"),
        ({"rows": np.arange(3)}, "2 images, 3 rows"),
        ({"rows": np.array([4, -1])}, "row -1: expected 0 or more"),
        ({"landmarks": POINTS[:2, :60]}, r"landmarks \(2, 60, 2\): expected \(2, 68, 2\)"),
        ({"landmarks": POINTS[:3]}, r"landmarks \(3, 68, 2\): expected \(2, 68, 2\)"),
        ({"images": FACES.images[:2] / 255}, r"\(2, 48, 48\) float64: expected \(N, H, W\) uint8"),
        ({"images": FACES.images[0]}, r"images \(48, 48\) uint8"),
        ({"landmarks": np.full((2, 68, 2), np.nan)}, "face 40: landmarks that are not numbers"),
        ({"landmarks": np.full((2, 68, 2), 9.0)}, "face 40: its landmarks lie within 0.00 px"),
        ({"landmarks": POINTS[:2] * [0, 1]}, "face 40: .* of a line, expected 1 or more"),
        ({"landmarks": np.stack([POINTS[0], POINTS[0] * 0.05])}, "face 41: its landmarks lie"),
    ],
)
def test_bad_input_is_one_line(change, message):
    given_input = {"images": FACES.images[:2], "landmarks": POINTS[:2], "rows": np.array([40, 41])}
    with pytest.raises(InputError, match=message) as error:
        wear(**{**given_input, **change})
    assert "\n" not in str(error.value)


# --- the whole dataset ------------------------------------------------------------------------


def test_a_dataset_is_masked_once(home, monkeypatch):
    found = of(FACES)
    first = masked(FACES, found)
    np.testing.assert_array_equal(first, wear(FACES.images, found.points, ROWS))
    (file,) = home.glob("landmarks/*.npy")
    assert FACES.fingerprint[:16] in file.name
    monkeypatch.setattr(facemasks, "wear", lambda *_: pytest.fail("drawn again"))
    np.testing.assert_array_equal(masked(FACES, found), first)


def test_other_landmarks_and_other_code_are_drawn_again(home, monkeypatch):
    few = FACES.take(ROWS[:7])
    masked(few, whole(few.landmarks))
    masked(few, whole(few.landmarks + np.float32(1)))
    assert len([*home.glob("landmarks/*.npy")]) == 2
    before = facemasks._source()
    assert b"def wear" in before and b"CUTS" in before and b"def texels" in before
    assert b"def noise" in before and b"def fit" in before
    monkeypatch.setattr(facemasks, "_source", lambda: before + b"#")
    masked(few, whole(few.landmarks))
    assert len([*home.glob("landmarks/*.npy")]) == 3
    assert not [*home.glob("landmarks/.*.npy*")]  # no scratch is left


def test_a_broken_cache_is_one_line(home):
    few = FACES.take(ROWS[:7])
    masked(few, of(few))
    (file,) = home.glob("landmarks/*.npy")
    file.write_bytes(file.read_bytes()[:300])
    with pytest.raises(InputError, match=f"{file.name}: not a cache of masks") as error:
        masked(few, of(few))
    assert "\n" not in str(error.value)


def test_the_sheet_shows_each_kind():
    figure = mask_sheet(FACES.images[:3], POINTS[:3], ROWS[:3], titles=("a", "b", "c"))
    shown = [axis.images[0].get_array() for axis in figure.axes]
    assert len(shown) == 12
    np.testing.assert_array_equal(shown[:3], FACES.images[:3])
    for line, kind in enumerate(KINDS, 1):
        expected = wear(FACES.images[:3], POINTS[:3], ROWS[:3], kind)
        np.testing.assert_array_equal(shown[3 * line : 3 * line + 3], expected)
    assert [axis.get_title() for axis in figure.axes[:3]] == ["a", "b", "c"]
    labels = [axis.get_ylabel() for axis in figure.axes[::3]]
    assert labels == ["as it is", "surgical", "N95", "cloth"]
    plt.close(figure)
