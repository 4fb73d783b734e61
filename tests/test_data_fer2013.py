"""FER2013: every published form gives the same faces; every bad input one line, and no trace."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data_forms import (
    csv_text,
    encode,
    faces,
    kaggle,
    tar_bomb,
    tar_entry,
    write_tar,
    write_tree,
    write_zip,
    zip_bomb,
)
from ferbook.data import fer2013
from ferbook.data.faces import SPLITS
from ferbook.errors import InputError

IMAGES = faces(42)
CSV = csv_text(IMAGES).encode()
TREE = kaggle(IMAGES)

FORMS = {
    "csv": lambda path: path.write_bytes(CSV),
    "csv with a byte order mark": lambda path: path.write_bytes(b"\xef\xbb\xbf" + CSV),
    "csv of Windows": lambda path: path.write_bytes(CSV.replace(b"\n", b"\r\n")),
    "csv with other columns": lambda path: path.write_bytes(
        CSV.replace(b"emotion,pixels,Usage", b"emotion, pixels, Usage,x").replace(
            b"Test\n", b"Test,7\n"
        )
    ),
    "folder": lambda path: write_tree(path, TREE),
    "folder in a folder": lambda path: write_tree(path / "archive" / "fer", TREE),
    "zip of a csv": lambda path: write_zip(
        path, {"fer2013/fer2013.csv": CSV, "fer2013/README": b"x"}
    ),
    "zip of images": lambda path: write_zip(path, TREE),
    "tar.gz of a csv": lambda path: write_tar(
        path, {"fer2013/fer2013.csv": CSV, "fer2013/fer2013.bib": b"@x"}, "w:gz"
    ),
    "tar.xz of images": lambda path: write_tar(
        path, {f"top/{p}": c for p, c in TREE.items()}, "w:xz"
    ),
    "tar of images beside another csv": lambda path: write_tar(
        path, {"votes.csv": b"image,votes\n1,2\n", **TREE}
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_faces(tmp_path, form):
    path = tmp_path / "source.csv"
    FORMS[form](path)
    read = fer2013.read(path)
    assert len(read) == 42
    # forms differ in order only: the labels and parts go round with 7 and 21, see csv_text
    place = {image.tobytes(): i for i, image in enumerate(IMAGES)}
    i = np.array([place[image.tobytes()] for image in read.images])
    assert sorted(i) == list(range(42))
    assert np.array_equal(read.labels, i % 7)
    assert np.array_equal(read.split, i // 7 % 3)
    assert (read.subject == -1).all() and (read.sequence == -1).all()


def test_the_source_names_the_row_or_the_file(tmp_path):
    (tmp_path / "fer2013.csv").write_bytes(CSV)
    assert fer2013.read(tmp_path / "fer2013.csv").source[:2].tolist() == [b"row 1", b"row 2"]
    folder = write_tree(tmp_path / "top", TREE)
    assert b"train/angry/Training_0.png" in fer2013.read(folder).source.tolist()


@pytest.mark.parametrize(
    ("path", "split"),
    [
        ("train/angry/Training_1.png", "train"),
        ("test/angry/PublicTest_1.png", "public"),
        ("test/angry/PrivateTest_1.png", "private"),
        ("test/angry/im0.png", "unknown"),
        ("validation/angry/im0.png", "unknown"),
        ("train/angry/im0.png", "train"),
        ("Training/Angry/im0.png", "train"),
        ("PublicTest/angry/im0.png", "public"),
        ("PrivateTest/happiness/im0.png", "private"),
        ("angry/im0.png", "unknown"),
        ("train/angry/PrivateTest_7.png", "private"),  # the file's own name is nearer the truth
    ],
)
def test_the_part_comes_from_the_name_else_from_the_folder(tmp_path, path, split):
    read = fer2013.read(write_tree(tmp_path / "data", {path: TREE["train/angry/Training_0.png"]}))
    assert SPLITS[read.split[0]] == split


@pytest.mark.parametrize("number", ["0", "9", "10", "99", "100", "255", "007"])
def test_grey_levels_are_read_exactly(tmp_path, number):
    path = tmp_path / "fer2013.csv"
    path.write_text(f"emotion,pixels,Usage\n0,{' '.join([number] * 2304)},Training\n")
    assert (fer2013.read(path).images == int(number)).all()


def row(pixels=None, label="3", usage="Training") -> bytes:
    good = [str(level) for level in IMAGES[0].ravel()]
    return f"emotion,pixels,Usage\n{label},{' '.join(pixels or good)},{usage}\n".encode()


def with_pixel(value: str) -> bytes:
    return row([*["7"] * 1000, value, *["7"] * 1303])


BAD_CSV = {
    "no pixels column": (CSV.replace(b"pixels", b"pixel", 1), "no column pixels; expected"),
    "no header": (CSV.split(b"\n", 1)[1], "no column emotion, pixels, Usage"),
    "only a header": (b"emotion,pixels,Usage\n", "source.csv: a header and no rows"),
    "a header and blank lines": (b"emotion,pixels,Usage\n\n\n", "a header and no rows"),
    "empty": (b"", "empty file"),
    "binary": (bytes(range(256)) * 9, "source.csv: "),
    "2,303 pixels": (row(["7"] * 2303), "row 1, pixels: 2,303 values, expected 2,304"),
    "2,305 pixels": (row(["7"] * 2305), "row 1, pixels: 2,305 values, expected 2,304"),
    "no pixels": (row([" "]), "row 1, pixels: 0 values"),
    "pixel 256": (with_pixel("256"), "row 1, pixels: '256' is no grey level 0 to 255"),
    "pixel -1": (with_pixel("-1"), "row 1, pixels: '-1' is no grey level"),
    "pixel nan": (with_pixel("nan"), "row 1, pixels: 'nan' is no grey level"),
    "pixel 1.5": (with_pixel("1.5"), "row 1, pixels: '1.5' is no grey level"),
    "pixel 2^32 + 4": (with_pixel("4294967300"), "row 1, pixels: '4294967300' is no grey"),
    "pixel 2^64 + 4": (with_pixel("18446744073709551620"), "row 1, pixels: '18446744"),
    "a superscript digit": (with_pixel("²"), "row 1, pixels: '²' is no grey level"),
    "label 7": (row(label="7"), "row 1, emotion: '7', expected 0 to 6"),
    "label -1": (row(label="-1"), "row 1, emotion: '-1', expected 0 to 6"),
    "label happy": (row(label="happy"), "row 1, emotion: 'happy'"),
    "unknown Usage": (row(usage="Test"), "row 1, Usage: 'Test', expected Training, PublicTest"),
    "a row cut short": (CSV[: len(CSV) // 2], r"row 2\d(:|,) "),
    "a row without Usage": (b"emotion,pixels,Usage\n3,7 7\n", "row 1: 2 fields"),
    "a field without end": (CSV[: CSV.index(b"\n3,")] + b'\n3,"' + b"7 " * 10**5, "row 4: not csv"),
    "bad in the middle": (CSV.replace(b"\n5,", b"\n9,", 1), "row 6, emotion: '9'"),
}

PICTURE = encode(IMAGES[0])
LARGE = encode(np.zeros((64, 64), np.uint8))
COLOUR = encode(np.zeros((48, 48, 3), np.uint8))
DEEP = io.BytesIO()
Image.fromarray(np.zeros((48, 48), np.uint16)).save(DEEP, "PNG")

BAD_TREE = {
    "another size": ({"train/fear/a.png": LARGE}, "fear/a.png: 64 x 64 pixels, expected 48 x 48"),
    "colour": ({"train/fear/a.png": COLOUR}, "fear/a.png: mode RGB, expected 8-bit grey"),
    "16 bit": ({"train/fear/a.png": DEEP.getvalue()}, "fear/a.png: mode I;16, expected"),
    "text as image": ({"train/fear/a.jpg": b"hello"}, "fear/a.jpg: not an image"),
    "an empty image": ({"train/fear/a.jpg": b""}, "fear/a.jpg: empty file"),
    "half an image": (
        {"train/fear/a.jpg": encode(IMAGES[0], "JPEG")[:-300]},
        "fear/a.jpg: damaged image",
    ),
    "half a png": ({"train/fear/a.png": PICTURE[:-300]}, "fear/a.png: damaged image"),
    "a gif": ({"train/fear/a.jpg": encode(IMAGES[0], "GIF")}, "fear/a.jpg: not an image"),
    "no emotion": ({"train/cats/a.png": PICTURE}, "cats/a.png: folder 'cats' is no emotion"),
    "no folder": ({"a.png": PICTURE}, "a.png: a file in no folder is no emotion"),
    "contempt": ({**TREE, "train/contempt/a.png": PICTURE}, "folder 'contempt' is no emotion"),
    "one bad among good": ({**TREE, "train/fear/z.png": LARGE}, "fear/z.png: 64 x 64"),
    "nothing of use": ({"README": b"hello"}, "no FER2013 here; expected a csv"),
    "images and csv": (
        {**TREE, "zz.csv": CSV},
        "holds two datasets, (images and zz.csv|zz.csv and images)",
    ),
    "two csv": ({"a.csv": CSV, "b.csv": CSV}, "holds two datasets, a.csv and b.csv"),
    "a bad csv alone": ({"a.csv": b"x,y\n1,2\n"}, "a.csv: no column emotion, pixels, Usage"),
}


def check(result: tuple[int, str, str], source: Path, said: str, home: Path) -> None:
    """One line that names the source, exit code 2, nothing left behind."""
    import re

    code, out, err = result
    assert (code, out) == (2, "")
    assert err.count("\n") == 1 and err.startswith(f"ferbook: {source}"), err
    assert re.search(said, err), err
    assert not home.exists()


@pytest.mark.parametrize("case", BAD_CSV)
def test_a_bad_csv(tmp_path, home, ferbook, case):
    content, said = BAD_CSV[case]
    path = tmp_path / "source.csv"
    path.write_bytes(content)
    result = ferbook("data", "add", "fer2013", path)
    check(result, path, said, home)
    assert result[2].count("source.csv") == 1  # the file is named once


@pytest.mark.parametrize("form", [write_tree, write_zip, write_tar])
@pytest.mark.parametrize("case", BAD_TREE)
def test_a_bad_folder_in_any_archive(tmp_path, home, ferbook, case, form):
    tree, said = BAD_TREE[case]
    path = form(tmp_path / "source", tree)
    check(ferbook("data", "add", "fer2013", path), path, said, home)


HOSTILE = {
    "missing": (lambda path: None, "no such file or folder"),
    "empty folder": (lambda path: path.mkdir(), "no FER2013 here"),
    "zip bomb": (zip_bomb, "has 3.5 GiB; at most 512 MiB"),
    "tar bomb": (lambda path: tar_bomb(path, gzip.compress), "has 10.0 GiB"),
    "truncated zip": (lambda path: cut(write_zip(path, TREE)), "truncated or damaged"),
    "truncated tar.xz": (lambda path: cut(write_tar(path, TREE, "w:xz")), "truncated or damaged"),
    "truncated tar": (lambda path: cut(write_tar(path, TREE)), "truncated or damaged"),
    "truncated csv in tar.gz": (
        lambda path: cut(write_tar(path, {"fer2013.csv": CSV}, "w:gz")),
        "truncated or damaged",
    ),
    "outside": (lambda path: write_tar(path, {"../train/fear/a.png": PICTURE}), "outside"),
    "an image that inflates": (
        lambda path: write_zip(path, {"train/fear/a.png": bytes(9 * 2**20)}),
        "fear/a.png: larger than 8 MiB",
    ),
}


def cut(path: Path) -> Path:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_and_broken_sources(tmp_path, home, ferbook, case):
    make, said = HOSTILE[case]
    path = tmp_path / "source"
    make(path)
    check(ferbook("data", "add", "fer2013", path), path, said, home)


def test_a_link_in_an_archive(tmp_path, home, ferbook):
    import tarfile

    path = tmp_path / "source"
    with tarfile.open(path, "w:xz") as archive:
        archive.addfile(tar_entry("train/fear/a.jpg", kind=tarfile.SYMTYPE))
    check(ferbook("data", "add", "fer2013", path), path, "a.jpg: a link or device", home)


def test_an_unknown_dataset(tmp_path, home, ferbook):
    code, _, err = ferbook("data", "add", "fer2014", tmp_path)
    assert (code, err) == (2, "ferbook: dataset 'fer2014': expected fer2013 or ckplus or ferplus\n")
    assert not home.exists()


def test_reading_is_the_same_error_from_python(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        fer2013.read(tmp_path / "nothing.csv")
