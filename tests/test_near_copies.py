"""Near copies: what is found again, and that different faces are not."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.ndimage import affine_transform

from ferbook.data import near_copies
from ferbook.data.near_copies import ALIKE, find
from ferbook.data.registration import likeness
from ferbook.data.splits import duplicate_groups
from ferbook.data.synthetic import draw

FACES = draw(420, seed=3)  # sixty people


def jpeg(image, quality):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def moved(image, down, right):
    """Moved by whole pixels; what comes in at the border repeats it."""
    padded = np.pad(image, 2, mode="edge")
    return padded[2 - down : 50 - down, 2 - right : 50 - right]


def resized(image, side):
    small = Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(small.resize((48, 48), Image.Resampling.BICUBIC))


def brighter(image, by):
    return np.clip(image.astype(int) + by, 0, 255).astype(np.uint8)


CHANGES = {
    "JPEG 75": lambda image: jpeg(image, 75),
    "JPEG 40": lambda image: jpeg(image, 40),
    "one pixel down": lambda image: moved(image, 1, 0),
    "one pixel left": lambda image: moved(image, 0, -1),
    "one pixel each way": lambda image: moved(image, 1, 1),
    "brighter": lambda image: brighter(image, 30),
    "darker": lambda image: brighter(image, -30),
    "less contrast": lambda image: (60 + 0.6 * image).astype(np.uint8),
    "resized": lambda image: resized(image, 32),
    "enlarged": lambda image: resized(image, 96),
    "cropped": lambda image: resized(image[1:-1, 1:-1], 48),
    "one pixel, darker, JPEG": lambda image: jpeg(brighter(moved(image, 1, 0), -20), 60),
}
EACH = 10


def search(images, part):
    return find(images, np.array(part, np.int32), duplicate_groups(images))


@pytest.fixture(scope="module")
def planted():
    """Faces of sixty people in training; in the test part ten of them for each change, and mirrored
    again for each."""
    rows = np.arange(EACH * len(CHANGES))
    changed = np.stack([change(FACES.images[row]) for change, row in _each(rows)])
    turned = changed[:, :, ::-1]
    images = np.concatenate([FACES.images, changed, turned])
    part = np.repeat([0, 1], [len(FACES), 2 * len(rows)])
    return search(images, part), rows


def _each(rows):
    names = list(CHANGES.values())
    return [(names[row // EACH], 3 * row) for row in rows]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_changed_copy_is_found(planted, change, mirrored):
    pairs, rows = planted
    first = len(FACES) + mirrored * len(rows)
    found = set(
        zip(
            pairs.one[pairs.mirrored == mirrored],
            pairs.other[pairs.mirrored == mirrored],
            strict=True,
        )
    )
    at = list(CHANGES).index(change)
    wanted = {(3 * row, first + row) for row in rows[rows // EACH == at]}
    assert len(wanted & found) >= EACH - 1, wanted - found


def test_nothing_but_the_copies_is_found(planted):
    pairs, rows = planted
    origin = np.concatenate([np.arange(len(FACES)), 3 * rows, 3 * rows])
    assert (origin[pairs.one] == origin[pairs.other]).all()
    assert (pairs.one < pairs.other).all()
    assert (pairs.likeness >= ALIKE).all()


def test_different_faces_are_no_copies():
    """630 faces of 90 people: of 198,000 pairs, and as many mirrored, none. In a draw of 7,000 it
    is five of 24 million."""
    faces = draw(630, seed=8)
    assert len(search(faces.images, faces.subject % 2).one) == 0


def test_exact_copies_are_not_given_and_the_first_of_a_part_speaks_for_all():
    image, changed = FACES.images[0], jpeg(FACES.images[0], 60)
    pairs = search(np.stack([image, image, changed, image]), [0, 0, 1, 1])
    # rows 0 and 1 are one image in one part: 0 speaks; 3 is its exact copy, and near to 2
    assert list(zip(pairs.one.tolist(), pairs.other.tolist(), strict=True)) == [(0, 2), (2, 3)]


def test_a_crowd_of_copies_in_one_part_hides_none_in_another():
    crowd = np.stack([brighter(FACES.images[0], 0) for _ in range(40)])
    crowd[np.arange(40), 0, np.arange(40)] ^= np.arange(1, 41, dtype=np.uint8)
    images = np.concatenate([crowd, jpeg(FACES.images[0], 50)[None]])
    pairs = search(images, [0] * 40 + [1])
    assert (pairs.other == 40).sum() == 40


def test_blank_images_are_alike_to_nothing():
    blank = np.stack([np.full((48, 48), level, np.uint8) for level in (0, 90, 255)])
    assert len(search(blank, [0, 1, 1]).one) == 0


def test_mirrored_spectrum_is_that_of_the_mirror_image():
    images = FACES.images[:5]
    mine = near_copies._mirrored(near_copies._rough(images))
    assert np.allclose(mine, near_copies._rough(images[:, :, ::-1]), atol=1e-4)


def bands(images):
    return near_copies._band(images)


@settings(deadline=None, max_examples=20)
@given(
    turn=st.floats(-0.06, 0.06),
    zoom=st.floats(-0.06, 0.06),
    shift=st.tuples(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5)),
)
def test_registration_undoes_a_similarity_map(turn, zoom, shift):
    """scipy moves the picture; its order of coordinates is (down, right)."""
    matrix = np.array([[1 + zoom, turn], [-turn, 1 + zoom]])
    middle = np.array([23.5, 23.5])
    offset = middle - matrix @ middle + np.array(shift)
    face = bands(FACES.images[7:8])
    other = affine_transform(face[0], matrix, offset, order=3, mode="nearest")[None]
    start = np.zeros((1, 2), np.float32)
    assert likeness(face, other.astype(np.float32), start)[0] > 0.97


@settings(deadline=None, max_examples=20)
@given(gain=st.floats(0.2, 5), level=st.floats(-1, 1))
def test_likeness_is_blind_to_gain_and_level(gain, level):
    one, other = bands(FACES.images[:3]), bands(FACES.images[7:10])
    start = np.zeros((3, 2), np.float32)
    changed = likeness(one, one * np.float32(gain) + np.float32(level), start)
    assert changed == pytest.approx(1, abs=1e-4)
    assert (likeness(one, other, start) < 0.9).all()


def test_the_start_is_a_shift_to_the_right_and_down():
    face = bands(FACES.images[7:8])
    other = np.roll(face, (4, -3), axis=(1, 2))
    alike = [likeness(face, other, np.array([s], np.float32))[0] for s in ((-3, 4), (4, -3))]
    assert alike[0] > 0.97 > alike[1]


@pytest.mark.realdata
def test_different_people_of_ckplus_are_no_copies():
    """Posed in one laboratory and cut out alike, they are the hardest to tell apart."""
    from ferbook.data.store import open_faces
    from ferbook.errors import InputError

    try:
        faces = open_faces("ckplus48")
    except InputError as error:
        pytest.skip(str(error))
    faces = faces.take(np.arange(400))
    pairs = search(faces.images, faces.subject % 2)
    assert len(pairs.one) > 200  # neighbouring frames
    assert (faces.subject[pairs.one] == faces.subject[pairs.other]).all()
