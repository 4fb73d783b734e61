"""CK+: both forms, made up here from random pictures; no pixel of the real one."""

from __future__ import annotations

import numpy as np
import pytest

from data_forms import encode, faces, write_tar, write_tree, write_zip
from ferbook.data import ckplus
from ferbook.data.store import open_faces

IMAGES = faces(60)
#: folder name in the 981-image form, code in the official one
EMOTIONS = {
    "anger": 1,
    "contempt": 2,
    "disgust": 3,
    "fear": 4,
    "happy": 5,
    "sadness": 6,
    "surprise": 7,
}
#: our label of each
LABELS = {
    "anger": 0,
    "disgust": 1,
    "fear": 2,
    "happy": 3,
    "sadness": 4,
    "surprise": 5,
    "contempt": 7,
}


def cropped() -> dict[str, bytes]:
    """Seven sequences of three frames, of four subjects, one emotion each."""
    tree = {}
    for i, emotion in enumerate(EMOTIONS):
        for frame in (9, 10, 11):
            name = f"S{10 + i // 2:03}_{i + 1:03}_{frame:08}.png"
            tree[f"CK+48/{emotion}/{name}"] = encode(IMAGES[i * 3 + frame - 9])
    return tree


def face_points(left: float, top: float, size: float) -> np.ndarray:
    """68 points whose box is the given square."""
    points = np.random.default_rng(1).uniform(0, 1, (68, 2))
    points[0], points[1] = (0, 0), (1, 1)
    return np.array([left, top]) + size * points


def scene(points: np.ndarray, colour: bool = False) -> bytes:
    """A black frame of 640 x 490 with one white pixel at the first of the points."""
    frame = np.zeros((490, 640), np.uint8)
    x, y = points[0].astype(int)
    frame[y, x] = 255
    return encode(np.stack([frame] * 3, 2) if colour else frame)


def official(length: int = 6) -> dict[str, bytes]:
    """Two labelled sequences and one that is not."""
    tree = {}
    for subject, sequence, code in ((5, 1, 3), (11, 2, 2), (11, 4, None)):
        folder = f"S{subject:03}/{sequence:03}"
        stem = f"S{subject:03}_{sequence:03}_"
        for number in range(1, length + 1):
            points = face_points(200 + number, 100, 192)
            text = "\n".join(f"   {x:.7e}   {y:.7e}" for x, y in points) + "\n"
            image = scene(points, colour=subject == 11)
            tree[f"cohn-kanade-images/{folder}/{stem}{number:08}.png"] = image
            tree[f"Landmarks/{folder}/{stem}{number:08}_landmarks.txt"] = text.encode()
        if code:
            name = f"Emotion/{folder}/{stem}{length:08}_emotion.txt"
            tree[name] = f"   {code:.7e}\n".encode()
    return tree


@pytest.mark.parametrize("form", [write_tree, write_zip, write_tar])
def test_the_cropped_form(tmp_path, form):
    read = ckplus.read(form(tmp_path / "source", cropped()))
    assert read.name == "ckplus48" and len(read) == 21 and read.landmarks is None
    assert read.emotions[7] == "contempt" and len(read.emotions) == 8
    assert read.labels.tolist() == [label for e in EMOTIONS for label in [LABELS[e]] * 3]
    assert read.subject.tolist() == [s for i in range(7) for s in [10 + i // 2] * 3]
    assert read.sequence.tolist() == [
        s for i in range(7) for s in [(10 + i // 2) * 1000 + i + 1] * 3
    ]
    assert np.array_equal(read.images, IMAGES[:21])
    assert read.source[0] == b"anger/S010_001_00000009.png"
    assert read.judgement["verdict"] == "altered"  # 3 for 135 and so on
    assert "angry: 3 for 135" in read.judgement["ways"]
    assert "subjects: 4 for 118" in read.judgement["ways"]


@pytest.mark.parametrize("form", [write_tree, write_zip, write_tar])
def test_the_official_form(tmp_path, form):
    read = ckplus.read(form(tmp_path / "source", {f"CK+/{p}": c for p, c in official().items()}))
    assert read.name == "ckplus"
    # of six frames the first, as neutral, and the last three; the unlabelled sequence is left out
    assert read.source.tolist() == [
        f"S{s}_{q}_{n:08}.png".encode()
        for s, q in (("005", "001"), ("011", "002"))
        for n in (1, 4, 5, 6)
    ]
    assert read.labels.tolist() == [6, 1, 1, 1, 6, 7, 7, 7]
    assert read.subject.tolist() == [5] * 4 + [11] * 4
    assert read.sequence.tolist() == [5001] * 4 + [11002] * 4


def test_crop_and_landmarks_stay_together(tmp_path):
    read = ckplus.read(write_tree(tmp_path / "source", official()))
    assert read.landmarks is not None and read.landmarks.shape == (8, 68, 2)
    # box 192 wide from x = 201, crop 1.25 * 192 = 240 = 5 * 48: the scale is 1/5. The box's centre
    # is the crop's, its edge (240 - 193) / 2 before the first point's pixel:
    # (0.5 + (240 - 193) / 2) / 5 - 0.5 = 4.3
    assert read.landmarks[:, 0] == pytest.approx(np.full((8, 2), 4.3), abs=1e-4)
    assert read.landmarks[:, 1] == pytest.approx(np.full((8, 2), 4.3 + 192 / 5), abs=1e-4)
    # the white pixel lies there in the image too: its centre of mass
    for image, points in zip(read.images.astype(float), read.landmarks, strict=True):
        y, x = (image.sum(axis) @ np.arange(48) / image.sum() for axis in (1, 0))
        assert (x, y) == pytest.approx(points[0], abs=0.3)


def edit(tree: dict[str, bytes], part: str, content: bytes | None) -> dict[str, bytes]:
    """The tree with the first file whose path holds `part` changed, or without it."""
    path = next(path for path in tree if part in path)
    return {
        p: content if p == path else c for p, c in tree.items() if p != path or content is not None
    }


LINE = b"1.0 2.0\n"
BAD = {
    "67 points": (
        edit(official(), "1_landmarks", LINE * 67),
        "1_landmarks.txt: 67 points, expected 68",
    ),
    "69 points": (edit(official(), "6_landmarks", LINE * 69), "6_landmarks.txt: 69 points"),
    "three columns": (edit(official(), "1_landmarks", b"1 2 3\n" * 68), "68 lines of x and y"),
    "ragged": (edit(official(), "1_landmarks", b"1 2 3\n" + LINE * 67), "68 lines of x and y"),
    "nan": (edit(official(), "1_landmarks", b"nan 2\n" + LINE * 67), "68 lines of x and y"),
    "words": (edit(official(), "1_landmarks", b"here there\n" * 68), "68 lines of x and y"),
    "points in a point": (
        edit(official(), "1_landmarks", LINE * 68),
        "do not lie on the 640 x 490",
    ),
    "points outside": (
        edit(official(), "1_landmarks", b"".join(b"%d 9\n" % (i * 10) for i in range(68))),
        "do not lie on the 640 x 490",
    ),
    "no landmark file": (
        edit(official(), "1_landmarks", None),
        "00000001.png: has no landmark file",
    ),
    "emotion 8": (edit(official(), "_emotion", b"8.0"), "'8.0', expected an emotion code 1 to 7"),
    "emotion 0": (edit(official(), "_emotion", b"0.0"), "'0.0', expected an emotion code"),
    "emotion 1.5": (edit(official(), "_emotion", b"1.5"), "'1.5', expected an emotion code"),
    "emotion empty": (edit(official(), "_emotion", b""), "_emotion.txt: '', expected"),
    "emotion word": (edit(official(), "_emotion", b"happy"), "_emotion.txt: 'happy', expected"),
    "no emotions": (
        {p: c for p, c in official().items() if "_emotion" not in p},
        "no emotion files",
    ),
    "a sequence too short": (official(length=3), "its sequence has 3 images, expected a first"),
    "an emotion without its sequence": (
        {**official(), "Emotion/S999/001/S999_001_00000003_emotion.txt": b"3.0"},
        "S999_001_00000003_emotion.txt: its sequence has 0 images",
    ),
    "a misnamed frame": (
        {**official(), "cohn-kanade-images/S005/001/frame1.png": b""},
        "frame1.png: its name is not <subject>_<sequence>_<frame>",
    ),
    "a damaged frame": (edit(official(), "00000006.png", b"hello"), "00000006.png: not an image"),
    "no images": ({"README": b"hello"}, "no images; expected CK"),
    "a misnamed crop": ({"CK+48/anger/one.png": encode(IMAGES[0])}, "one.png: its name is not"),
    "an unknown emotion": (
        {"CK+48/bored/S1.png": encode(IMAGES[0])},
        "folder 'bored' is no emotion",
    ),
    "a large crop": (
        {"CK+48/anger/S010_001_00000001.png": encode(np.zeros((64, 64), np.uint8))},
        "64 x 64 pixels, expected 48 x 48",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line(tmp_path, home, ferbook, case):
    tree, said = BAD[case]
    path = write_tree(tmp_path / "source", tree)
    code, out, err = ferbook("data", "add", "ckplus", path)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"ferbook: {path}: ") and said in err
    assert not home.exists()


def test_both_forms_are_registered_side_by_side(tmp_path, home, ferbook):
    small = write_zip(tmp_path / "981.zip", cropped())
    large = write_tree(tmp_path / "official", official())
    assert ferbook("data", "add", "ckplus", small)[1].startswith("ckplus48: 21 faces")
    assert ferbook("data", "add", "ckplus", large)[1].startswith("ckplus: 8 faces")
    assert "already registered" in ferbook("data", "add", "ckplus", small)[1]
    code, out, _ = ferbook("data", "status")
    assert code == 0 and "ckplus48: 21 faces" in out and "ckplus: 8 faces" in out
    assert open_faces("ckplus48").emotions[7] == "contempt"
    assert open_faces("ckplus", verify=True).landmarks is not None


def test_the_published_counts_are_genuine(tmp_path):
    # 981 = 3 * 327: Lucey et al. (2010), labelled sequences per emotion; 118 subjects
    published = {
        "anger": 45, "contempt": 18, "disgust": 59, "fear": 25, "happy": 69, "sadness": 28,
        "surprise": 83,
    }  # fmt: skip
    tree, total = {}, 0
    for emotion, sequences in published.items():
        for _ in range(sequences):
            subject, sequence = 1 + total % 118, 1 + total // 118
            for frame in (1, 2, 3):
                tree[f"{emotion}/S{subject:03}_{sequence:03}_{frame:08}.png"] = encode(IMAGES[0])
            total += 1
    read = ckplus.read(write_tar(tmp_path / "source", tree))
    assert len(read) == 981 and len(np.unique(read.sequence)) == 327
    assert read.judgement["verdict"] == "genuine" and read.judgement["ways"] == []
