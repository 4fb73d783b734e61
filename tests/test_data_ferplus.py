"""FER+: votes made up here, joined to a small FER2013 registered as a csv or as pictures."""

from __future__ import annotations

import gzip
import lzma
from pathlib import Path

import numpy as np
import pytest

from data_forms import EMOTIONS, csv_text, encode, faces, kaggle, write_tree
from ferbook.data import ferplus_votes, genuine
from ferbook.data.faces import fingerprint
from ferbook.data.ferplus_votes import CHOICES, majority
from ferbook.data.store import open_faces, registered
from ferbook.vision import landmarks

IMAGES = faces(21)  # labels go round, seven of them Training, seven PublicTest, seven PrivateTest
USAGES = [usage for usage in ("Training", "PublicTest", "PrivateTest") for _ in range(7)]
HEADER = "image,fer2013_row,usage," + ",".join(CHOICES)
#: FER2013's label of each choice
LABEL = dict(zip(CHOICES, (6, 3, 5, 4, 0, 1, 2), strict=False))
NONE = dict.fromkeys(CHOICES, 0)


def ballots() -> list[dict[str, int] | None]:
    """Votes on each of the 21 faces: six of ten for its own emotion, but for the first seven."""
    own = {label: choice for choice, label in LABEL.items()}
    given: list[dict[str, int] | None] = [{own[i % 7]: 6, "unknown": 4} for i in range(21)]
    given[0] = {"anger": 5, "neutral": 5}  # half is no majority
    given[1] = {"contempt": 6, "disgust": 4}
    given[2] = {"unknown": 8, "fear": 2}
    given[3] = {"NF": 10}
    given[4] = {"sadness": 4, "surprise": 6}  # FER2013 says sad
    given[5] = {"happiness": 3, "surprise": 2}  # FER2013 says surprise; three of five votes cast
    given[6] = None  # nobody voted
    return given


KEPT = [4, 5, *range(7, 21)]
LABELS = [5, 3, *(i % 7 for i in range(7, 21))]


def line(start: str, votes: dict[str, int]) -> str:
    return ",".join([start, *(str((NONE | votes)[choice]) for choice in CHOICES)])


def named() -> str:
    """Our form: a face that nobody voted on has no row, and the order means nothing."""
    rows = [
        line(f"{USAGES[i]}_{i}.jpg,{i},{USAGES[i]}", votes)
        for i, votes in enumerate(ballots())
        if votes is not None
    ]
    return "\n".join([HEADER, *rows[::-1]]) + "\n"


def published() -> str:
    """The published form: one row for each of fer2013.csv, no file name where there is no face."""
    rows = [
        line(f"{USAGES[i]},{f'fer{i:07}.png' if votes else ''}", votes or {})
        for i, votes in enumerate(ballots())
    ]
    return "\n".join(["Usage,Image name," + ",".join(CHOICES), *rows]) + "\n"


@pytest.fixture(autouse=True)
def _any_pictures(monkeypatch) -> None:
    """Of pictures made up here none is FER2013's."""
    monkeypatch.setattr(genuine, "LEAST", 0)


@pytest.fixture(params=["csv", "pictures"])
def whole(request, tmp_path, home, ferbook) -> str:
    """A registered fer2013, from either form."""
    register(request.param, tmp_path, ferbook)
    return request.param


@pytest.fixture
def csv_copy(tmp_path, home, ferbook) -> None:
    register("csv", tmp_path, ferbook)


def register(form: str, tmp_path: Path, ferbook, images: np.ndarray = IMAGES) -> None:
    if form == "csv":
        path = tmp_path / "fer2013.csv"
        path.write_text(csv_text(images))
    else:
        path = write_tree(tmp_path / "fer2013", kaggle(images))
    assert ferbook("data", "add", "fer2013", path)[0] == 0


def write(tmp_path: Path, text: str, name: str = "votes.csv") -> Path:
    compress = {"xz": lzma.compress, "gz": gzip.compress}.get(name.split(".")[-1], bytes)
    (tmp_path / name).write_bytes(compress(text.encode()))
    return tmp_path / name


def number(source: bytes) -> int:
    """Which of the 21 faces this is: `row 8` or `train/sad/Training_7.png`."""
    text = source.decode()
    return int(text.split()[1]) - 1 if text.startswith("row") else int(text.split("_")[1][:-4])


def test_a_majority_is_more_than_half_of_the_votes_cast():
    votes = np.array(
        [
            [6, 4, 0, 0, 0, 0, 0, 0, 0, 0],  # neutral
            [5, 5, 0, 0, 0, 0, 0, 0, 0, 0],  # a draw
            [0, 2, 1, 0, 0, 0, 0, 0, 0, 0],  # happy, by two of three
            [1, 4, 1, 1, 1, 1, 1, 0, 0, 0],  # most votes, four of ten
            [0, 0, 0, 0, 0, 0, 0, 9, 1, 0],  # contempt
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            [0, 0, 0, 0, 0, 0, 10, 0, 0, 0],  # fear
        ]
    )
    assert majority(votes).tolist() == [6, -1, 3, -1, -1, -1, 2]


@pytest.mark.parametrize("name", ["votes.csv", "votes.csv.xz", "votes.csv.gz"])
def test_named_votes_on_either_form(tmp_path, ferbook, whole, name):
    assert ferbook("data", "add", "ferplus", write(tmp_path, named(), name))[0] == 0
    check_faces()


def test_published_votes_go_by_the_rows_of_the_csv(tmp_path, ferbook, csv_copy):
    assert ferbook("data", "add", "ferplus", write(tmp_path, published()))[0] == 0
    check_faces()


def check_faces() -> None:
    read, old = open_faces("ferplus", verify=True), open_faces("fer2013")
    which = [number(source) for source in read.source]
    assert sorted(which) == KEPT
    assert dict(zip(which, read.labels.tolist(), strict=True)) == dict(
        zip(KEPT, LABELS, strict=True)
    )
    assert np.array_equal(read.images, IMAGES[which])
    assert read.split.tolist() == [i // 7 for i in which]
    rows = np.flatnonzero(np.isin(old.source, read.source))
    assert read.source.tolist() == old.source[rows].tolist()  # the order is fer2013's
    assert read.name == "ferplus" and read.emotions == EMOTIONS and read.landmarks is None
    assert read.fingerprint == fingerprint(read.images, read.labels, read.split)
    assert read.fingerprint != old.fingerprint


def test_the_report_counts_what_is_there_and_what_is_not(tmp_path, ferbook, whole):
    code, out, err = ferbook("data", "add", "ferplus", write(tmp_path, named()))
    lines = out.splitlines()
    assert (code, err) == (0, "") and lines[0] == "ferplus: 16 faces, altered"  # as that fer2013 is
    train = lines[2].split()
    assert train[:9] == ["train", "2", "0", "0", "0", "1", "0", "1", "0"] and train[-1] == "altered"
    assert (
        "    - left out: 1 without a majority, 3 voted contempt, unknown or no face,"
        " 1 without votes" in lines
    )
    assert out.count("left out") == 1  # none of the other parts
    old, new = open_faces("fer2013").judgement, open_faces("ferplus").judgement
    assert new["verdict"] == old["verdict"] == "altered" and new["faces_of"]
    assert set(old["ways"]) < set(new["ways"])
    assert new["per_split"]["public"]["counts"] == {emotion: [1, 1] for emotion in EMOTIONS}
    assert "ferplus: 16 faces" in ferbook("data", "status")[1]


def some_landmarks(count: int) -> landmarks.Landmarks:
    draw = np.random.default_rng(0)
    detected = draw.random(count) < 0.5
    return landmarks.Landmarks(
        draw.random((count, 68, 2), np.float32),
        detected,
        np.where(detected, draw.random(count, np.float32), np.float32(np.nan)),
        draw.random((count, 4), np.float32),
    )


def test_landmarks_of_the_same_images_are_passed_on(tmp_path, home, ferbook, whole, monkeypatch):
    old, known = open_faces("fer2013"), some_landmarks(21)
    path = home / "landmarks" / f"{old.fingerprint[:16]}-{landmarks.Detector().key}.npz"
    path.parent.mkdir()
    np.savez(path, **vars(known))
    ferbook("data", "add", "ferplus", write(tmp_path, named()))
    monkeypatch.setattr(landmarks, "detect", None)  # nobody looks again
    read = open_faces("ferplus")
    rows = [old.source.tolist().index(source) for source in read.source.tolist()]
    for column, passed_on in vars(landmarks.find(read)).items():
        assert np.array_equal(getattr(known, column)[rows], passed_on, equal_nan=True), column
    assert len(list(path.parent.iterdir())) == 2
    assert ferbook("data", "status")[1].count("dlib landmarks cached") == 2


def test_no_landmarks_no_cache(tmp_path, home, ferbook, whole):
    ferbook("data", "add", "ferplus", write(tmp_path, named()))
    assert not (home / "landmarks").exists()


def test_published_votes_cannot_be_joined_to_pictures(tmp_path, home, ferbook):
    register("pictures", tmp_path, ferbook)
    refused(
        ferbook,
        write(tmp_path, published()),
        "its rows are in the order of fer2013.csv, and the registered fer2013 was read from"
        " pictures; expected votes with the columns image,fer2013_row,usage",
    )


def test_without_fer2013_there_is_nothing_to_relabel(tmp_path, home, ferbook):
    code, out, err = ferbook("data", "add", "ferplus", write(tmp_path, named()))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "fer2013 is not registered" in err and "`ferbook data add fer2013 PATH`" in err
    assert not home.exists()


def refused(ferbook, path: Path, said: str) -> None:
    code, out, err = ferbook("data", "add", "ferplus", path)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"ferbook: {path}: ") and said in err, err
    assert registered() == ["fer2013"]


ROW = line("PrivateTest_20.jpg,20,PrivateTest", {"unknown": 4, "neutral": 6})  # row 1 of `named`
BAD = {
    "eleven votes": (",20,PrivateTest,6,", ",20,PrivateTest,11,", "row 1, neutral: '11', expected"),
    "a negative count": (",20,PrivateTest,6,", ",20,PrivateTest,-1,", "row 1, neutral: '-1', exp"),
    "half a vote": (",20,PrivateTest,6,", ",20,PrivateTest,.5,", "row 1, neutral: '.5', expected"),
    "no count": (",20,PrivateTest,6,", ",20,PrivateTest,,", "row 1, neutral: '', expected 0 to 10"),
    "a field too few": (ROW, ROW[:-2], "row 1: 12 fields, expected 13"),
    "a field too many": (ROW, ROW + ",0", "row 1: 14 fields, expected 13"),
    "no column": ("contempt", "scorn", "no column contempt; expected image,fer2013_row,usage or"),
    "neither form": ("image,fer2013_row", "a,b", "no column Usage, Image name; expected image,"),
    "a row twice": (ROW, f"{ROW}\n{ROW}", "row 2: votes on the same face as row 1"),
    "a part that is not its own": (",PrivateTest,6", ",Training,6", "row 1, usage: 'Training', "),
    "an unknown part": (",PrivateTest,6", ",Test,6", "row 1, usage: 'Test', but its face is in"),
    "a row that is no number": ("_20.jpg,20,", "_20.jpg,x,", "row 1, fer2013_row: 'x', expected"),
    "a header alone": (named(), HEADER, "a header and no rows"),
    "an empty file": (named(), " ", "no column Usage, Image name, neutral"),
    "binary": (named(), "\0\1\2", "no column Usage"),
    "nobody agrees": (
        named(),
        f"{HEADER}\n{line('Training_0.jpg,0,Training', {'NF': 10})}",
        "no face of the registered fer2013 has a majority of votes",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_votes_are_one_line(tmp_path, ferbook, csv_copy, case):
    old, new, said = BAD[case]
    assert old in named()
    refused(ferbook, write(tmp_path, named().replace(old, new, 1)), said)


def test_an_unknown_name(tmp_path, home, ferbook):
    register("pictures", tmp_path, ferbook)
    text = named().replace("PrivateTest_20.jpg", "PrivateTest_2O.jpg")
    refused(ferbook, write(tmp_path, text), "row 1, image: 'PrivateTest_2O', and no picture of")


def test_rows_that_the_csv_does_not_have(tmp_path, ferbook, csv_copy):
    beyond = named().replace("_20.jpg,20,", "_20.jpg,21,")
    refused(ferbook, write(tmp_path, beyond), "row 1, fer2013_row: 21, but the registered fer2013")
    short = published().rsplit("\n", 2)[0]
    refused(ferbook, write(tmp_path, short), "20 rows, expected 21 as in fer2013.csv")


@pytest.mark.parametrize("name", ["votes.csv.xz", "votes.csv.gz"])
def test_a_cut_file(tmp_path, ferbook, csv_copy, name):
    path = write(tmp_path, named(), name)
    path.write_bytes(path.read_bytes()[:-20])
    refused(ferbook, path, "truncated or damaged")


def test_a_file_that_unpacks_to_too_much(tmp_path, ferbook, csv_copy):
    path = write(tmp_path, " " * (ferplus_votes.TEXT_LIMIT + 1), "votes.csv.xz")
    assert path.stat().st_size < 10_000
    refused(ferbook, path, "more than 16 MiB; expected a csv of votes")


def test_a_folder_is_no_votes(tmp_path, ferbook, csv_copy):
    refused(ferbook, tmp_path, "a folder; expected one csv file of votes")


def test_votes_of_other_faces_are_noticed(tmp_path, ferbook, csv_copy):
    header, *rows = published().splitlines()
    starts = [row.split(",")[:2] for row in rows]
    moved = [row.split(",")[2:] for row in (*rows[-1:], *rows[:-1])]
    text = "\n".join([header, *(",".join([*s, *v]) for s, v in zip(starts, moved, strict=True))])
    # each face has the votes of the one before: a majority have the faces 0 (neutral, of face 20),
    # 5 (surprise, as FER2013 says), 6 (happy) and 8 to 20 (each another emotion): 1 of 16 agrees
    refused(ferbook, write(tmp_path, text), "the votes are not those of these faces: 6%")
    refused(ferbook, tmp_path / "votes.csv", "(see book/data.md, and A18 in book/assumptions.md)")


def test_a_name_that_two_pictures_bear_is_left_out(tmp_path, home, ferbook):
    tree = kaggle(IMAGES)
    tree["train/sad/Training_0.png"] = encode(faces(22)[21])
    source = write_tree(tmp_path / "fer2013", tree)
    assert ferbook("data", "add", "fer2013", source)[0] == 0
    text = named().replace(  # a clear majority for face 0, if only one knew which that is
        line("Training_0.jpg,0,Training", {"anger": 5, "neutral": 5}),
        line("Training_0.jpg,0,Training", {"anger": 10}),
    )
    assert ferbook("data", "add", "ferplus", write(tmp_path, text))[0] == 0
    check_faces()


def test_what_is_made_from_another_fer2013_is_another(tmp_path, home, ferbook):
    register("csv", tmp_path, ferbook)
    votes = write(tmp_path, named())
    assert ferbook("data", "add", "ferplus", votes)[0] == 0
    assert "nothing done" in ferbook("data", "add", "ferplus", votes)[1]
    (tmp_path / "fer2013.csv").write_text(csv_text(IMAGES[::-1]))
    assert ferbook("data", "add", "fer2013", tmp_path / "fer2013.csv", "--replace")[0] == 0
    code, _, err = ferbook("data", "add", "ferplus", votes)
    assert code == 2 and "another copy of ferplus is registered; --replace takes this one" in err
    assert ferbook("data", "add", "ferplus", votes, "--replace")[0] == 0
    assert np.array_equal(open_faces("ferplus").images, IMAGES[::-1][KEPT])


@pytest.mark.realdata
def test_the_real_votes_are_on_their_own_faces():
    if "ferplus" not in registered():
        pytest.skip("FER+ is not registered")
    old, new = open_faces("fer2013"), open_faces("ferplus")
    at = {source: row for row, source in enumerate(old.source.tolist())}
    rows = np.array([at[source] for source in new.source.tolist()])
    assert np.array_equal(old.images[rows], new.images)
    assert np.array_equal(old.split[rows], new.split)
    same = old.labels[rows] == new.labels
    # a join that slips somewhere agrees by chance, 19 %, from there on
    stretches = np.array_split(same, len(same) // 500)
    assert same.mean() > 0.7 and min(part.mean() for part in stretches) > 0.6
