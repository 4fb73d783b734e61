"""CK+'s official form, read through to folds: drawn people in frames of 640 x 490."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, map_coordinates

from ckplus_official_fixture import CODES, LENGTH, SUBJECTS, frames, official_tree
from data_forms import write_tar, write_tree
from ferbook.data import ckplus
from ferbook.data.faces import Faces
from ferbook.data.splits import make_split
from ferbook.data.store import open_faces
from ferbook.emotions import EMOTIONS
from ferbook.errors import InputError

SEVEN = len(EMOTIONS)


@pytest.fixture(scope="module")
def read(tmp_path_factory) -> Faces:
    return ckplus.read(write_tree(tmp_path_factory.mktemp("ckplus"), official_tree()))


def seven_classes(faces: Faces) -> Faces:
    """The paper's seven: neutral from the first frames, contempt left out."""
    return faces.take(faces.labels < SEVEN)


def test_which_frames_are_taken_and_what_they_are_labelled(read):
    # of each labelled sequence the first frame as neutral and the last three as its emotion
    names, labels = [], []
    for subject in range(1, SUBJECTS + 1):
        for sequence, emotion in enumerate(CODES, start=1):
            for number in (1, LENGTH - 2, LENGTH - 1, LENGTH):
                names.append(f"S{subject:03}_{sequence:03}_{number:08}.png".encode())
                shown = "neutral" if number == 1 else emotion
                labels.append([*EMOTIONS, "contempt"].index(shown))
    assert read.source.tolist() == names and read.labels.tolist() == labels
    # 11 subjects, 7 sequences each, three peaks of each emotion and seven first frames
    assert np.bincount(read.labels).tolist() == [33, 33, 33, 33, 33, 33, 77, 33]
    assert np.array_equal(read.subject, np.repeat(np.arange(1, 12), 28))
    assert len(np.unique(read.sequence)) == 77 and 1009 not in read.sequence
    assert (read.name, read.images.shape) == ("ckplus", (308, 48, 48))


def truth(read: Faces) -> list[tuple[np.ndarray, np.ndarray]]:
    made = frames()
    return [made[source.decode().removesuffix(".png")] for source in read.source]


def test_landmarks_are_the_drawn_ones_after_the_crop(read):
    for (_, points), found in zip(truth(read), read.landmarks, strict=True):
        low, high = points.min(0), points.max(0)
        # the box's centre comes to the crop's, 23.5, and 1.25 of its longer side to 48 pixels; the
        # files have 8 digits, float32 has 7, so what is below 100 is right to 1e-5
        by = 48 / (1.25 * (high - low).max())
        assert found == pytest.approx(23.5 + (points - (low + high) / 2) * by, abs=1e-4)


def test_the_picture_is_cropped_as_its_landmarks_are(read):
    shifts = [(dx, dy) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    y, x = np.mgrid[8:40, 8:40]
    rows = range(0, len(read), 7)
    for row, (frame, points) in zip(rows, truth(read)[::7], strict=True):
        # where the landmarks say that each pixel of the crop was in the frame
        by = float(np.ptp(points, 0).max() / np.ptp(read.landmarks[row], 0).max())
        start = (points - by * read.landmarks[row]).mean(0)
        smooth = gaussian_filter(frame.astype(float), by / 3)  # as the resizing averages
        errors = []
        for dx, dy in shifts:
            at = [start[1] + by * (y + dy), start[0] + by * (x + dx)]
            there = map_coordinates(smooth, at, order=1)
            errors.append(np.abs(there - read.images[row, 8:40, 8:40]).mean())
        # no shift by a pixel fits better, so the two agree to half a pixel; what is left over is
        # the other filter, a few grey levels at edges
        assert shifts[int(np.argmin(errors))] == (0, 0) and min(errors) < 4
        assert min(errors) < 0.6 * sorted(errors)[1]


def test_registered_from_a_tar(tmp_path, home, ferbook, read):
    source = write_tar(tmp_path / "ckplus.tar", {f"CK+/{p}": c for p, c in official_tree().items()})
    code, out, err = ferbook("data", "add", "ckplus", source)
    assert (code, err) == (0, "") and out.startswith("ckplus: 308 faces, altered\n")
    assert "angry: 33 for 135" in out and "subjects: 11 for 118" in out
    kept = open_faces("ckplus", verify=True)
    assert kept.fingerprint == read.fingerprint
    assert np.array_equal(kept.landmarks, read.landmarks)


def test_ten_folds_by_subject_over_the_seven_classes(read):
    seven = seven_classes(read)
    assert len(seven) == 275 and seven.fingerprint == read.fingerprint
    tested = []
    for fold in range(10):
        split = make_split(seven, "folds-10-subject", seed=0, fold=fold)
        people = [set(seven.subject[rows]) for rows in (split.train, split.validation, split.test)]
        assert not people[0] & people[1] and not people[2] & (people[0] | people[1])
        assert len(people[2]) in (1, 2)  # eleven people in ten folds
        for rows in (split.train, split.validation, split.test):
            assert set(seven.labels[rows]) == set(range(SEVEN))
        tested += split.test.tolist()
    assert sorted(tested) == list(range(275))


def test_fewer_subjects_than_folds(read):
    nine = seven_classes(read.take(read.subject <= 9))
    with pytest.raises(InputError, match="ckplus has only 9 separate subjects"):
        make_split(nine, "folds-10-subject", seed=0, fold=0)


@pytest.mark.filterwarnings("ignore:The least populated class")
def test_a_class_that_a_fold_lacks(read):
    # one person alone shows fear: whichever fold that is, two of the three parts have none
    fear = EMOTIONS.index("fear")
    few = seven_classes(read.take((read.labels != fear) | (read.subject == 4)))
    for fold in range(10):
        with pytest.raises(InputError) as raised:
            make_split(few, "folds-10-subject", seed=0, fold=fold)
        said = str(raised.value)
        assert said.startswith("split folds-10-subject: no fear in the ") and "\n" not in said


def test_a_dataset_without_the_emotion_has_no_such_gap(read):
    # left out everywhere, as contempt is, a class is missing nowhere
    fear = EMOTIONS.index("fear")
    six = seven_classes(read.take(read.labels != fear))
    assert len(make_split(six, "folds-10-subject", seed=0, fold=0).test)


BAD = {
    "an emotion without its sequence": (
        ("Emotion/S012/001/S012_001_00000005_emotion.txt", b"   3.0000000e+00\n"),
        "S012_001_00000005_emotion.txt: its sequence has 0 images, expected a first frame and 3",
    ),
    "67 points": (
        ("Landmarks/S001/002/S001_002_00000004_landmarks.txt", b"1.0 2.0\n" * 67),
        "S001_002_00000004_landmarks.txt: 67 points, expected 68",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line(tmp_path, home, ferbook, case):
    (path, content), said = BAD[case]
    source = write_tree(tmp_path / "source", {**official_tree(), path: content})
    code, out, err = ferbook("data", "add", "ckplus", source)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"ferbook: {source}: ") and said in err
    assert not home.exists()
