"""Tables of images and parts: every form that is read, and what is refused in one line."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from ferbook.data import split_table
from ferbook.data.split_table import from_arrays, read
from ferbook.errors import InputError

RAMP = np.add.outer(np.arange(48), 2 * np.arange(48)).astype(np.uint8)
GREY = " ".join(map(str, RAMP.ravel()))
HEAD = "file,label,part\n"


def write(folder, text, name="split.csv"):
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize("form", ["png", "bmp", "webp", "pgm", "tif"])
def test_every_lossless_format_gives_the_same_pixels(tmp_path, form):
    options = {"lossless": True} if form == "webp" else {}
    (tmp_path / "a b").mkdir()
    Image.fromarray(RAMP).save(tmp_path / "a b" / f"x.{form}", **options)
    table = read(write(tmp_path, HEAD + f"a b/x.{form},happy,test\n"))
    assert np.array_equal(table.images[0], RAMP)
    assert table.names == (f"a b/x.{form}",)


def test_columns_by_any_name_in_any_order_and_case(tmp_path):
    for name in "xy":
        Image.fromarray(RAMP).save(tmp_path / f"{name}.png")
    text = "\ufeffSplit, Emotion ,note,PATH,Person,video,Frame\n"
    text += "train,sad,?,x.png,ann,1,2.5\n\ntest,sad,?,./y.png,bob,1,\n"
    table = read(write(tmp_path, text))
    assert table.parts == ("train", "test") and table.part.tolist() == [0, 1]
    assert table.labels == ("sad",) and table.label.tolist() == [0, 0]
    assert table.subjects == ("ann", "bob") and table.subject.tolist() == [0, 1]
    assert table.sequences == ("ann/1", "bob/1")  # numbered anew for each person
    assert table.frame[0] == 2.5 and np.isnan(table.frame[1])
    assert table.copies.tolist() == [0, 0]


def test_fer2013_as_it_is_published(tmp_path):
    text = f"emotion,pixels,Usage\n3,{GREY},Training\n0,{GREY},PrivateTest\n"
    table = read(write(tmp_path, text))
    assert np.array_equal(table.images, [RAMP, RAMP])
    assert table.names == ("line 2", "line 3")
    assert table.labels == ("3", "0") and table.parts == ("Training", "PrivateTest")
    assert table.subject.tolist() == table.sequence.tolist() == [-1, -1]


def test_copies_are_exact_in_their_own_size(tmp_path):
    """Two pictures that are the same once reduced to 48 x 48 are no exact copies."""
    large = np.kron(RAMP, np.ones((2, 2), np.uint8))
    for name, image in {"a": large, "b": large, "c": RAMP}.items():
        Image.fromarray(image).save(tmp_path / f"{name}.png")
    table = read(write(tmp_path, HEAD + "".join(f"{n}.png,x,p\n" for n in "abc")))
    assert table.copies.tolist() == [0, 0, 1]
    assert table.images.shape == (3, 48, 48)


def test_blanks_around_values_are_dropped(tmp_path):
    Image.fromarray(RAMP).save(tmp_path / "x.png")
    table = read(write(tmp_path, HEAD + "x.png,a,p\n x.png , a , p\t\nx.png,a,q\n"))
    assert (table.parts, table.labels, table.names) == (("p", "q"), ("a",), ("x.png",) * 3)
    assert table.padded == 1


def test_parts_of_arrays_are_written_in_one_way():
    frame = pd.DataFrame({"label": "a", "part": ["Train", "train"]})
    with pytest.raises(InputError, match=r"^row 1, column part: 'train', but 'Train' in row 0; "):
        from_arrays(frame, np.stack([RAMP, RAMP]))


def test_arrays_are_read_as_a_csv_is():
    frame = pd.DataFrame({"label": [3, 0], "part": ["train", "test"], "subject": [7, None]})
    table = from_arrays(frame, np.stack([RAMP, RAMP.T]))
    assert table.names == ("row 0", "row 1")
    assert table.labels == ("3", "0") and table.subject.tolist() == [0, -1]
    assert np.array_equal(table.images, [RAMP, RAMP.T])
    small = from_arrays(frame, np.stack([RAMP[:40, :30]] * 2))
    assert small.images.shape == (2, 48, 48)


def test_frames_without_sequences_are_of_one_film_of_each_person():
    frame = pd.DataFrame({"label": "x", "part": "p", "subject": list("aab"), "frame": [1, 2, None]})
    assert from_arrays(frame, np.stack([RAMP] * 3)).sequence.tolist() == [0, 0, -1]


@pytest.mark.parametrize(
    ("frame", "images", "said"),
    [
        ({"label": ["a"]}, np.stack([RAMP]), "no column part"),
        ({"label": ["a"], "part": [""]}, np.stack([RAMP]), "row 0, column part: empty"),
        ({"label": [None], "part": ["p"]}, np.stack([RAMP]), "row 0, column label: empty"),
        ({"label": ["a"], "part": ["p"]}, np.stack([RAMP] * 2), "expected (1, H, W) uint8"),
        ({"label": ["a"], "part": ["p"]}, np.stack([RAMP]) / 255, "float64; expected"),
    ],
)
def test_bad_arrays(frame, images, said):
    with pytest.raises(InputError) as error:
        from_arrays(pd.DataFrame(frame), images)
    assert said in str(error.value)


BAD = {
    "": "split.csv: no column label (emotion, class); the file is empty",
    "file;label;part\nx.png;a;p\n": "columns are separated by ';'; expected commas",
    "file,part\nx.png,p\n": "no column label (emotion, class); there are file, part",
    "file,label\nx.png,p\n": "no column part (split, usage, fold); there are file, label",
    "label,part\na,p\n": "no column file or pixels; there are label, part",
    "file,label,split,part\n": "two columns for part: split, part",
    HEAD: "a header and no rows",
    HEAD + "x.png,a\n": "line 2: 2 fields, expected 3",
    HEAD + "x.png,,p\n": "line 2, column label: empty",
    HEAD + "x.png,a,p\n\nx.png,a, \n": "line 4, column part: empty",
    HEAD + ",a,p\n": "line 2, column file: empty",
    HEAD + "gone.png,a,p\n": "line 2, column file: 'gone.png': no such file",
    HEAD + "../out.png,a,p\n": "'../out.png': leads out of the csv's folder",
    HEAD + "/etc/hostname,a,p\n": "'/etc/hostname': leads out of the csv's folder",
    HEAD + "link.png,a,p\n": "'link.png': leads out of the csv's folder",
    HEAD + "loop.png,a,p\n": "line 2, column file: 'loop.png': ",
    HEAD + "sub,a,p\n": "'sub': not a plain file",
    HEAD + "pipe,a,p\n": "'pipe': not a plain file",
    HEAD + "a\0b,a,p\n": "line 2, column file: ",
    HEAD + "text.png,a,p\n": "'text.png': not an image in a format that is read: JPEG, PNG, BMP",
    HEAD
    + "gif.png,a,p\n": "'gif.png': not an image in a format that is read: GIF; read are JPEG, ",
    HEAD + "x.avif,a,p\n": "'x.avif': not an image in a format that is read: AVIF; read are JPEG, ",
    HEAD
    + "x.png,a,Train\nx.png,a,train\n": "line 3, column part: 'train', but 'Train' in line 2; ",
    HEAD + "x.png,a,my set\n\nx.png,a,my  set \n": "they differ only in case or blanks",
    HEAD + "cut.png,a,p\n": "'cut.png': damaged image",
    HEAD + "bomb.png,a,p\n": "'bomb.png': 12000 x 12000 pixels, expected at most 4096 a side",
    HEAD + "deep.png,a,p\n": "'deep.png': mode I;16, expected 8 bits a channel",
    HEAD + "vast.png,a,p\n": "'vast.png': larger than 8 MiB",
    HEAD + 'x.png,"a,p\n': "line 2: not csv",
    "file,label,part,frame\nx.png,a,p,late\n": "line 2, column frame: 'late', expected a number",
    "pixels,label,part\n1 2 3,a,p\n": "line 2, column pixels: 3 values, which is no square image",
    f"pixels,label,part\n{GREY},a,p\n{GREY} 7,a,p\n": "line 3, column pixels: 2,305 values",
    f"pixels,label,part\n{GREY[:-3]}256,a,p\n": "line 2, column pixels: '256' is no grey level",
    HEAD.encode() + b"x.png,\xe4rger,p\n": "split.csv: line 1 or soon after: not UTF-8 text",
    (HEAD + "x.png,a,p\n").encode("utf-16"): "not UTF-8 text",
    HEAD + "".join(f"x.png,a,{n}\n" for n in range(101)): "101 different values, at most 100",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with every kind of bad image, beside one that lies outside of it."""
    outside = tmp_path_factory.mktemp("outside")
    folder = outside / "in"
    (folder / "sub").mkdir(parents=True)
    for path in (folder / "x.png", outside / "out.png"):
        Image.fromarray(RAMP).save(path)
    (folder / "link.png").symlink_to(outside / "out.png")
    (folder / "loop.png").symlink_to(folder / "loop.png")
    os.mkfifo(folder / "pipe")
    (folder / "text.png").write_text("no picture")
    Image.fromarray(RAMP).save(folder / "gif.png", "GIF")
    (folder / "x.avif").write_bytes(b"\0\0\0 ftypavif\0\0\0\0")
    (folder / "cut.png").write_bytes((folder / "x.png").read_bytes()[:-40])
    Image.new("L", (12_000, 12_000)).save(folder / "bomb.png")
    Image.fromarray(RAMP.astype(np.uint16)).save(folder / "deep.png")
    (folder / "vast.png").write_bytes(bytes(9 * 2**20))
    return folder


@pytest.mark.parametrize("text", BAD)
def test_bad_tables_are_refused_in_one_line(folder, text, ferbook):
    path = write(folder, text)
    code, out, err = ferbook("audit-split", path)
    assert code == 2 and out == ""
    assert BAD[text] in err and err.startswith(f"ferbook: {path}: ")
    assert err.count("\n") == 1


def test_files_that_are_no_table(tmp_path, ferbook, monkeypatch):
    assert "no such file" in ferbook("audit-split", tmp_path / "none.csv")[2]
    assert "not a file; expected a csv" in ferbook("audit-split", tmp_path)[2]
    monkeypatch.setattr(split_table, "MEMBER_LIMIT", 20)
    path = write(tmp_path, HEAD + "x.png,a,p\n")
    assert ferbook("audit-split", path)[0] == 2
    assert "larger than" in ferbook("audit-split", path)[2]


def test_too_many_rows(folder, monkeypatch):
    monkeypatch.setattr(split_table, "COUNT_LIMIT", 3)
    assert len(read(write(folder, HEAD + "x.png,a,p\n" * 3))) == 3
    with pytest.raises(InputError, match="more than 3 rows"):
        read(write(folder, HEAD + "x.png,a,p\n" * 4))
