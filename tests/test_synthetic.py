"""Drawn faces: what is stable, what is true of their landmarks, and what moves what."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ferbook.data.face_geometry import Expression, Identity, Pose, expressed, project
from ferbook.data.face_rendering import HAIRSTYLES, Camera, Face, Light, render_face
from ferbook.data.splits import make_split
from ferbook.data.synthetic import PROTOTYPES, draw, expression, sample
from ferbook.emotions import EMOTIONS
from ferbook.errors import InputError
from ferbook.vision.landmarks import MIRROR, REGIONS, detect

NEUTRAL = expressed(Identity(), Expression())


@pytest.fixture(scope="module")
def faces():
    return draw(560, seed=7)


# --- what a draw promises ------------------------------------------------------------------------


def test_a_longer_draw_begins_with_the_shorter_one(faces):
    short = draw(10, seed=7)
    np.testing.assert_array_equal(short.images, faces.images[:10])
    np.testing.assert_array_equal(short.landmarks, faces.landmarks[:10])
    np.testing.assert_array_equal(short.subject, faces.subject[:10])


def test_a_face_needs_only_seed_and_number(faces):
    image, landmarks = render_face(sample(7, 555))
    np.testing.assert_array_equal(image, faces.images[555])
    np.testing.assert_array_equal(landmarks, faces.landmarks[555])


def test_processes_draw_the_same_faces_as_one(faces):
    # More than one portion of 500 faces.
    both = draw(510, seed=7, jobs=2)
    np.testing.assert_array_equal(both.images, faces.images[:510])
    np.testing.assert_array_equal(both.landmarks, faces.landmarks[:510])


def test_another_seed_shows_other_people():
    assert sample(0, 3).identity != sample(1, 3).identity
    assert draw(7, seed=0).fingerprint != draw(7, seed=1).fingerprint


def test_form(faces):
    assert faces.name == "synthetic" and faces.emotions == EMOTIONS
    assert faces.images.shape == (560, 48, 48) and faces.images.dtype == np.uint8
    assert faces.landmarks.shape == (560, 68, 2) and faces.landmarks.dtype == np.float32
    assert faces.source[9] == b"synthetic/7/9" and (faces.sequence == -1).all()
    # Eighty people of seven faces each.
    assert (np.bincount(faces.labels) == 80).all() and (np.bincount(faces.subject) == 7).all()
    # No picture is a copy of another, none is flat.
    assert len(np.unique(faces.images.reshape(560, -1), axis=0)) == 560
    assert faces.images.std(axis=(1, 2)).min() > 10


def test_one_person_is_seen_in_one_part_only(faces):
    split = make_split(faces, "official")
    people = [
        set(faces.subject[rows].tolist()) for rows in (split.train, split.validation, split.test)
    ]
    assert [len(part) for part in people] == [64, 8, 8]  # 80, 10 and 10 % of 80
    assert not people[0] & people[1] and not people[0] & people[2] and not people[1] & people[2]


def test_three_people_are_enough_for_all_parts():
    split = make_split(draw(21), "official")
    assert [len(split.train), len(split.validation), len(split.test)] == [7, 7, 7]


def test_one_person_keeps_the_identity_through_all_emotions():
    assert {sample(3, index).identity for index in range(14, 21)} == {sample(3, 14).identity}
    assert sample(3, 13).identity != sample(3, 14).identity != sample(3, 21).identity


@pytest.mark.parametrize("wrong", [{"n": 0}, {"n": 7, "size": 8}, {"n": 7, "seed": -1}])
def test_bad_arguments(wrong):
    with pytest.raises(InputError):
        draw(**wrong)


# --- geometry ------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 2**31), index=st.integers(0, 2**31))
def test_landmarks_keep_a_pixel_from_the_border(seed, index):
    face = sample(seed, index)
    points = project(expressed(face.identity, face.expression), face.pose, 48)
    assert points.min() >= 1 - 1e-6 and points.max() <= 46 + 1e-6


_SHAPE = {
    name: st.floats(low, high)
    for name, (low, high) in {
        "face_width": (0.9, 1.1), "face_length": (0.9, 1.1), "jaw_width": (0.9, 1.1),
        "eye_distance": (0.9, 1.1), "eye_size": (0.85, 1.15), "eye_tilt": (-6, 6),
        "brow_height": (-1, 1), "brow_tilt": (-5, 5), "nose_length": (0.9, 1.1),
        "nose_width": (0.8, 1.3), "mouth_width": (0.85, 1.15), "lip_fullness": (0.7, 1.4),
    }.items()
}  # fmt: skip
_UNITS = st.dictionaries(
    st.sampled_from([1, 2, 4, 5, 6, 7, 9, 10, 12, 15, 16, 17, 20, 23, 25, 26, 27, 43]),
    st.floats(0, 1.1),
)


@settings(max_examples=25, deadline=None)
@given(
    who=st.builds(Identity, **_SHAPE, hairstyle=st.sampled_from(HAIRSTYLES)),
    units=_UNITS,
    angles=st.tuples(st.floats(-10, 10), st.floats(-18, 18), st.floats(-8, 8)),
    uneven=st.floats(-0.3, 0.3),
    azimuth=st.floats(-50, 50),
)
def test_the_mirror_image_is_the_face_of_the_mirrored_parameters(
    who, units, angles, uneven, azimuth
):
    roll, yaw, pitch = angles
    pictures = []
    for side in (1, -1):
        face = Face(
            who,
            Expression(units, side * uneven, (side * 0.5, 0.1)),
            Pose(side * roll, side * yaw, pitch, 1.0, (side * 0.7, 0.4)),
            Light(azimuth=side * azimuth),
            Camera(),
        )
        pictures.append(render_face(face))
    (image, points), (mirrored, other) = pictures
    # The frame is 0 to 47, so x becomes 47 - x and each landmark takes its opposite's place.
    np.testing.assert_allclose(other, (points * (-1, 1) + (47, 0))[MIRROR], atol=1e-4)
    difference = np.abs(mirrored[:, ::-1].astype(int) - image)
    assert difference.mean() < 1.0


def test_a_plain_neutral_face_is_symmetric():
    image, points = render_face(Face())
    np.testing.assert_allclose((points * (-1, 1) + (47, 0))[MIRROR], points, atol=1e-4)
    assert np.abs(image[:, ::-1].astype(int) - image).mean() < 1.0


def test_pose_by_hand():
    # The pivot (0, 9.5) is shown in the middle of the frame, 23.5; a unit is a pixel at scale 1.
    chin = np.array([[0.0, 26.5, 0.0]])
    np.testing.assert_allclose(project(chin, Pose(), 48), [[23.5, 40.5]])
    np.testing.assert_allclose(project(chin, Pose(scale=0.5, shift=(1, -2)), 48), [[24.5, 30.0]])
    # Clockwise by 90 degrees: what was below is now on the left.
    np.testing.assert_allclose(project(chin, Pose(roll=90), 48), [[6.5, 23.5]], atol=1e-9)
    # The tip of the nose, ahead of the ears, goes to the side to which the head turns.
    tip = np.array([[0.0, 9.5, 10.0]])
    np.testing.assert_allclose(project(tip, Pose(yaw=30), 48), [[28.5, 23.5]])  # 10 sin 30 = 5
    np.testing.assert_allclose(project(tip, Pose(pitch=30), 48), [[23.5, 28.5]])


def test_any_size_shows_the_same_face():
    face = replace(sample(2, 3), camera=Camera())
    face = replace(face, identity=replace(face.identity, mottling=0.0))
    small, points = render_face(face, 48)
    large, finer = render_face(face, 96)
    assert large.shape == (96, 96)
    # Pixel centres: x becomes 2 (x + 1/2) - 1/2.
    np.testing.assert_allclose(finer, 2 * points + 0.5, atol=1e-4)
    halved = large.reshape(48, 2, 48, 2).mean((1, 3))
    assert np.abs(halved - small).mean() < 4


# --- expression ----------------------------------------------------------------------------------

BROW, EYE = slice(17, 22), slice(36, 42)
#: FACS unit: what it moves (image-left side), where to; y grows downwards. Lines of the manual's
#: appearance changes, Ekman, Friesen and Hager 2002.
MOVES = {
    1: [(21, "y", -1)],
    2: [(18, "y", -1)],
    4: [(21, "y", 1), (21, "x", 1)],
    5: [(37, "y", -1)],
    6: [(41, "y", -1)],
    7: [(41, "y", -1), (37, "y", 1)],
    9: [(31, "y", -1), (50, "y", -1)],
    10: [(50, "y", -1)],
    12: [(48, "y", -1), (48, "x", -1)],
    15: [(48, "y", 1)],
    16: [(57, "y", 1)],
    17: [(57, "y", -1)],
    20: [(48, "x", -1)],
    23: [(50, "y", 1), (58, "y", -1)],
    25: [(66, "y", 1), (62, "y", -1)],
    26: [(8, "y", 1), (57, "y", 1)],
    27: [(8, "y", 1), (57, "y", 1)],
    43: [(37, "y", 1)],
}


@pytest.mark.parametrize("unit", MOVES)
def test_an_action_unit_moves_its_landmarks(unit):
    move = expressed(Identity(), Expression({unit: 0.8})) - NEUTRAL
    for landmark, axis, sign in MOVES[unit]:
        column = "xy".index(axis)
        assert sign * move[landmark, column] > 0.15, (landmark, axis)
        # The other side does the mirrored thing.
        opposite = move[MIRROR[landmark], column] * (-1 if axis == "x" else 1)
        assert opposite == pytest.approx(move[landmark, column])


def test_asymmetry_moves_one_side_more():
    move = expressed(Identity(), Expression({12: 1.0}, asymmetry=0.5)) - NEUTRAL
    assert move[48, 1] == pytest.approx(3 * move[54, 1])  # 1.5 against 0.5


@settings(max_examples=100, deadline=None)
@given(units=_UNITS)
def test_lids_and_lips_never_cross(units):
    points = expressed(Identity(), Expression(units))
    for upper, lower in ((37, 41), (38, 40), (61, 67), (62, 66), (50, 61), (67, 58), (66, 57)):
        assert points[upper, 1] < points[lower, 1]


def test_prototypes_are_those_of_the_literature():
    expected = {
        "happy": {6, 12}, "sad": {1, 4, 15}, "surprise": {1, 2, 5, 26}, "angry": {4, 5, 7, 23},
        "fear": {1, 2, 4, 5, 20, 26}, "disgust": {9, 15, 16}, "neutral": set(),
    }  # fmt: skip
    assert {emotion: set(units) for emotion, units in PROTOTYPES.items()} == expected


def test_expression_scales_with_intensity():
    half, full = expression("sad", 0.5), expression("sad")
    assert all(half[unit] == pytest.approx(full[unit] / 2) for unit in (1, 4, 15))
    assert not any(expression("happy", 0.0).units.values())
    with pytest.raises(InputError, match="joy"):
        expression("joy")


# --- pictures ------------------------------------------------------------------------------------

_OTHER = {
    "hairstyle": "long", "hair": 0.6, "skin": 0.4, "beard": 0.8, "glasses": 0.8, "age": 1.0,
    "hairline": 2.0, "mottling": 0.5, "makeup": 0.9, "brow_height": 1.0, "eye_tilt": 6.0,
    "brow_tilt": 5.0, "azimuth": 40.0, "elevation": 60.0, "ambient": 0.8, "gamma": 1.4,
    "noise": 4.0, "background": 0.9, "clutter": 0.7, "blur": 0.9, "seed": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (part, field.name)
        for part, kind in (("identity", Identity), ("light", Light), ("camera", Camera))
        for field in fields(kind)
    ],
)
def test_every_parameter_changes_the_picture(part, name):
    plain = Face(expression=expression("happy"), camera=Camera(clutter=0.3))
    old = getattr(plain, part)
    value = _OTHER.get(name, getattr(old, name) * 1.15 if name not in _OTHER else None)
    changed = replace(plain, **{part: replace(old, **{name: value})})
    before, after = (render_face(face)[0].astype(int) for face in (plain, changed))
    assert np.abs(after - before).max() >= 8


def test_light_comes_from_where_it_is_said_to():
    right, _ = render_face(Face(light=Light(azimuth=50)))
    cheeks = right[26:32, 11:17].mean(), right[26:32, 31:37].mean()
    assert cheeks[1] > cheeks[0] + 20
    brightness = [
        render_face(Face(light=Light(gain=gain)))[0][12:40, 12:36].mean() for gain in (0.7, 1.1)
    ]
    assert brightness[0] < brightness[1] - 30


def test_features_lie_where_the_landmarks_say():
    """Pupils, brows and an open mouth are darker than the cheek, teeth brighter than the lips."""
    image, points = render_face(Face(expression=expression("surprise")), 192)
    assert image.shape == (192, 192)

    def grey(x, y):
        return float(image[round(y) - 1 : round(y) + 2, round(x) - 1 : round(x) + 2].mean())

    cheek = grey(points[4, 0] + 16, points[30, 1])
    for region in ("right eye", "left eye"):
        # Below the highlight, in the lower half of the pupil.
        x, y = points[REGIONS[region]].mean(0)
        assert grey(x, y + 1) < 0.5 * cheek
    for landmark in (18, 19, 24, 25):
        assert grey(points[landmark, 0], points[landmark, 1] + 1) < 0.75 * cheek
    assert grey(*(points[62] * 0.3 + points[66] * 0.7)) < 0.5 * cheek


def test_dlib_finds_the_faces_and_agrees_on_the_landmarks(faces):
    """dlib is the independent judge: its own error between an image and its mirror is 4 %."""
    found = detect(faces.images[:56])
    assert found.detected.mean() >= 0.8
    truth = faces.landmarks[:56]
    across = np.linalg.norm(truth[:, 36] - truth[:, 45], axis=1)
    apart = found.points - truth
    error = np.linalg.norm(apart, axis=2) / across[:, None]
    assert np.median(error.mean(1)[found.detected]) < 0.06
    for region, indices in REGIONS.items():
        bias = np.median(apart[found.detected][:, indices], axis=(0, 1))
        assert np.abs(bias).max() < 1.0, region


# --- learning ------------------------------------------------------------------------------------


def test_no_single_pixel_gives_the_emotion_away(faces):
    """The best of all pixels, its grey in eight steps: chance is 14 %."""
    train, test = faces.split == 0, faces.split > 0
    grey = (faces.images // 32).reshape(len(faces), -1)
    counts = np.stack(
        [[(grey[train & (faces.labels == e)] == g).sum(0) for e in range(7)] for g in range(8)]
    )
    guess = counts.argmax(1)  # (8, pixels): the commonest emotion for each grey
    right = guess[grey, np.arange(grey.shape[1])] == faces.labels[:, None]
    best = right[train].mean(0).argmax()
    assert right[test][:, best].mean() < 0.4


def _recall_of_unseen_people(faces, features, shrinkage):
    """Recall of each emotion by a linear model that saw other people only."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.metrics import recall_score

    train, test = faces.split == 0, faces.split > 0
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage)
    guess = model.fit(features[train], faces.labels[train]).predict(features[test])
    return recall_score(faces.labels[test], guess, average=None)


def test_landmarks_tell_the_emotions_of_unseen_people_apart(faces):
    points = faces.landmarks - faces.landmarks[:, 27:28]
    across = np.linalg.norm(faces.landmarks[:, 36] - faces.landmarks[:, 45], axis=1)
    shape = (points / across[:, None, None]).reshape(len(faces), -1)
    recall = _recall_of_unseen_people(faces, shape, shrinkage=0.001)
    assert recall.mean() > 0.85 and recall.min() > 0.6


def test_pixels_tell_the_emotions_of_unseen_people_apart(faces):
    """Histograms of oriented gradients, as good as pixels get without training a network."""
    import cv2

    hog = cv2.HOGDescriptor((48, 48), (16, 16), (8, 8), (8, 8), 9)
    gradients = np.stack([hog.compute(image) for image in faces.images])
    recall = _recall_of_unseen_people(faces, gradients, shrinkage=0.3)
    assert recall.mean() > 0.75 and recall.min() > 0.45


def _network_accuracy(count: int, epochs: int) -> float:
    """Accuracy on unseen people of a network of three convolutions, trained on four in five."""
    import torch
    from torch import nn

    faces = draw(count, seed=11)
    grey = torch.from_numpy(faces.images)[:, None].float()
    grey = (grey - grey.mean((2, 3), keepdim=True)) / grey.std((2, 3), keepdim=True)
    labels, train = torch.from_numpy(faces.labels).long(), torch.from_numpy(faces.split == 0)
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    for inputs, outputs in ((1, 16), (16, 32), (32, 64)):
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs)]
        layers += [nn.ReLU(), nn.MaxPool2d(2)]
    network = nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.3), nn.Linear(64 * 6 * 6, 7))
    optimiser = torch.optim.AdamW(network.parameters(), 2e-3, weight_decay=0.01)
    steps = epochs * -(-int(train.sum()) // 64)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
    inputs_, targets = grey[train], labels[train]
    for _ in range(epochs):
        for batch in torch.randperm(len(targets)).split(64):
            loss = nn.functional.cross_entropy(network(inputs_[batch]), targets[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    network.eval()
    with torch.no_grad():
        return float((network(grey[~train]).argmax(1) == labels[~train]).float().mean())


@pytest.mark.slow
def test_a_small_network_knows_the_emotions_of_unseen_people():
    assert _network_accuracy(6000, 6) >= 0.90
