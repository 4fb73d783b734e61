"""The store: whole or not at all, opened by memory map, one writer, every damage noticed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from data_forms import csv_text, faces, kaggle, write_tar, write_tree
from ferbook.data import genuine
from ferbook.data.faces import Faces, fingerprint
from ferbook.data.store import open_faces, registered, write_faces
from ferbook.errors import InputError

IMAGES = faces(42)


#: Of pictures made up here none is FER2013's; for those of `add` a prelude says so.
ANY = "from ferbook.data import genuine; genuine.LEAST = 0"


@pytest.fixture(autouse=True)
def _any_pictures(monkeypatch) -> None:
    monkeypatch.setattr(genuine, "LEAST", 0)


@pytest.fixture
def source(tmp_path) -> Path:
    path = tmp_path / "fer2013.csv"
    path.write_text(csv_text(IMAGES))
    return path


def some_faces(name: str = "ckplus", landmarks: bool = True) -> Faces:
    labels = (np.arange(42) % 7).astype(np.uint8)
    split = (np.arange(42) // 7 % 3).astype(np.uint8)
    return Faces(
        name=name,
        images=IMAGES,
        labels=labels,
        split=split,
        subject=np.arange(42, dtype=np.int32) // 3,
        sequence=np.arange(42, dtype=np.int32) // 2,
        source=np.array([f"S{i}" for i in range(42)], dtype=np.bytes_),
        fingerprint=fingerprint(IMAGES, labels, split),
        emotions=("a", "b", "c", "d", "e", "f", "g", "contempt"),
        landmarks=np.random.default_rng(0).random((42, 68, 2), np.float32) if landmarks else None,
        judgement={"verdict": "unknown", "ways": ["x"]},
    )


@pytest.mark.parametrize("landmarks", [True, False])
def test_what_is_written_is_opened_again(home, landmarks):
    given = some_faces(landmarks=landmarks)
    write_faces(given, {"origin": "here"})
    back = open_faces("ckplus", verify=True)
    for name in ("images", "labels", "split", "subject", "sequence", "source", "landmarks"):
        one, other = getattr(given, name), getattr(back, name)
        assert np.array_equal(one, other) and getattr(one, "dtype", 0) == getattr(other, "dtype", 0)
    for name in ("name", "fingerprint", "emotions", "judgement"):
        assert getattr(given, name) == getattr(back, name)
    assert registered() == ["ckplus"]


def test_images_stay_on_disk_and_cannot_be_written(home):
    write_faces(some_faces(), {})
    images = open_faces("ckplus").images
    assert isinstance(images, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        images[0, 0, 0] = 1


def test_what_is_not_registered_says_how(home):
    with pytest.raises(
        InputError, match=r"fer2013 is not registered below .*there are: none.*ferbook data add"
    ):
        open_faces("fer2013")
    assert registered() == []


def damage(path: Path, how: str) -> None:
    content = bytearray(path.read_bytes())
    if how == "a byte":
        content[-1] ^= 1
    elif how == "cut":
        del content[-1]
    elif how == "longer":
        content += b"x"
    elif how == "header":
        content[10] ^= 1
    path.unlink() if how == "gone" else path.write_bytes(content)


ARRAYS = ("images", "labels", "split", "subject", "sequence", "source", "landmarks")


@pytest.mark.parametrize("how", ["a byte", "cut", "longer", "header", "gone"])
@pytest.mark.parametrize("file", [*(f"{array}.npy" for array in ARRAYS), "meta.json"])
def test_every_damage_is_noticed(home, ferbook, file, how):
    write_faces(some_faces(), {})
    path = home / "datasets" / "ckplus" / file
    damage(path, how)
    if (file, how) == ("meta.json", "gone"):
        assert registered() == []
        return
    with pytest.raises(InputError, match=r"--replace") as raised:
        open_faces("ckplus", verify=True)
    assert str(path) in str(raised.value)
    code, out, err = ferbook("data", "status")
    assert (code, out, err) == (2, "", f"ferbook: {raised.value}\n")


@pytest.mark.parametrize("file", ["labels.npy", "meta.json"])
def test_all_but_the_images_is_checked_at_every_opening(home, file):
    write_faces(some_faces(), {})
    damage(home / "datasets" / "ckplus" / file, "a byte")
    with pytest.raises(InputError, match="damaged"):
        open_faces("ckplus")


def test_an_edited_judgement_is_noticed(home):
    write_faces(some_faces(), {})
    path = home / "datasets" / "ckplus" / "meta.json"
    meta = json.loads(path.read_text())
    meta["judgement"]["verdict"] = "genuine"
    path.write_text(json.dumps(meta, indent=1))
    with pytest.raises(InputError, match="damaged"):
        open_faces("ckplus")


def test_meta_that_is_no_object_is_damage(home):
    write_faces(some_faces(), {})
    for text in ("[]", "{}", "nonsense", '{"digest": 1}'):
        (home / "datasets" / "ckplus" / "meta.json").write_text(text)
        with pytest.raises(InputError, match="damaged"):
            open_faces("ckplus")


def test_adding_twice_does_nothing_and_says_so(home, ferbook, source):
    code, out, _ = ferbook("data", "add", "fer2013", source)
    assert code == 0 and out.startswith("fer2013: 42 faces, altered\n")
    before = {p: p.stat().st_mtime_ns for p in home.rglob("*.npy")}
    code, out, err = ferbook("data", "add", "fer2013", source)
    assert (code, err) == (0, "") and "already registered" in out and "nothing done" in out
    assert {p: p.stat().st_mtime_ns for p in home.rglob("*.npy")} == before
    assert sorted(p.name for p in (home / "datasets").iterdir()) == ["fer2013"]


def test_the_same_faces_from_another_file_do_nothing(home, ferbook, source, tmp_path):
    ferbook("data", "add", "fer2013", source)
    again = write_tar(tmp_path / "again.tar.gz", {"fer2013.csv": source.read_bytes()}, "w:gz")
    code, out, _ = ferbook("data", "add", "fer2013", again)
    assert code == 0 and "already registered with the same faces" in out


def test_another_copy_needs_replace(home, ferbook, source, tmp_path):
    ferbook("data", "add", "fer2013", source)
    other = write_tree(tmp_path / "folder", kaggle(IMAGES[:21]))
    code, out, err = ferbook("data", "add", "fer2013", other)
    assert (code, out) == (2, "") and err.count("\n") == 1 and "--replace" in err
    assert len(open_faces("fer2013")) == 42
    mapped = open_faces("fer2013").images
    code, out, _ = ferbook("data", "add", "fer2013", other, "--replace")
    assert code == 0 and out.startswith("fer2013: 21 faces")
    assert len(open_faces("fer2013", verify=True)) == 21
    assert np.array_equal(mapped, IMAGES)  # who had the old one open keeps it
    assert sorted(p.name for p in (home / "datasets").iterdir()) == ["fer2013"]


def test_a_bad_replacement_leaves_the_old_copy(home, ferbook, source, tmp_path):
    ferbook("data", "add", "fer2013", source)
    bad = tmp_path / "bad.csv"
    bad.write_text(source.read_text().replace("\n5,", "\n9,"))
    assert ferbook("data", "add", "fer2013", bad, "--replace")[0] == 2
    assert len(open_faces("fer2013", verify=True)) == 42


def test_replace_mends_a_damaged_store(home, ferbook, source):
    ferbook("data", "add", "fer2013", source)
    damage(home / "datasets" / "fer2013" / "labels.npy", "a byte")
    code, _, err = ferbook("data", "add", "fer2013", source)
    assert code == 2 and "labels.npy: damaged" in err
    assert ferbook("data", "add", "fer2013", source, "--replace")[0] == 0
    open_faces("fer2013", verify=True)


def test_pictures_that_are_not_of_fer2013_are_refused(home, ferbook, source, monkeypatch):
    monkeypatch.undo()  # the shipped threshold
    monkeypatch.setenv("FERBOOK_HOME", str(home))
    code, out, err = ferbook("data", "add", "fer2013", source)
    assert (code, out) == (2, "") and err == (
        f"ferbook: {source}: no copy of FER2013: of 42 images 0% are FER2013's, expected 10% or"
        " more (see book/data.md)\n"
    )
    assert registered() == []


def test_status(home, ferbook, source):
    assert "nothing is registered" in ferbook("data", "status")[1]
    ferbook("data", "add", "fer2013", source)
    code, out, _ = ferbook("data", "status")
    lines = out.splitlines()
    assert code == 0 and max(map(len, lines)) <= 80
    assert lines[0] == "fer2013: 42 faces, altered"
    # labels and parts of `csv_text` go round: of 42 faces 14 in each part, 2 of each emotion
    train = next(line.split() for line in lines if line.startswith("  train"))
    assert train[:9] == ["train", "14", *["2"] * 7] and train[-1] == "altered"
    assert "    - images lost: 28,709 of 28,709 in Training" in lines
    assert "  altered: not as published, for what is listed above (book/data.md)" in lines
    assert open_faces("fer2013").fingerprint[:12] in out and "landmarks not cached" in out


# --- real processes -------------------------------------------------------------------------------


def add(home: Path, source: Path, prelude: str = "") -> subprocess.Popen[str]:
    """`ferbook data add` in a process of its own, after the statements of `prelude`."""
    code = f"{ANY}\n{prelude}\nimport sys; from ferbook.cli import main; sys.argv = sys.argv[:1] + "
    code += f"['data', 'add', 'fer2013', {str(source)!r}]; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "FERBOOK_HOME": str(home)},
    )


HOLD = """
from ferbook.data.store import only_writer
with only_writer("fer2013"):
    print("holding", flush=True)
    input()
"""


@pytest.fixture
def holder(home):
    """A process that is in the middle of adding FER2013."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "holding\n"
    yield process
    process.kill()
    process.communicate()


def test_the_second_of_two_processes_ends_with_one_line(home, ferbook, source, holder):
    out, err = (second := add(home, source)).communicate(timeout=60)
    assert (second.returncode, out, err.count("\n")) == (2, "", 1)
    assert "another process is adding fer2013" in err
    assert registered() == []
    holder.communicate("go on\n")
    assert ferbook("data", "add", "fer2013", source)[0] == 0


def test_a_killed_process_holds_nothing_up(home, ferbook, source, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    partial = home / "datasets" / ".fer2013.partial-1"
    partial.mkdir()
    (partial / "images.npy").write_bytes(b"half")
    assert ferbook("data", "add", "fer2013", source)[0] == 0
    assert sorted(p.name for p in (home / "datasets").iterdir()) == ["fer2013"]


def test_killed_while_replacing_the_old_copy_comes_back(home, ferbook, source):
    ferbook("data", "add", "fer2013", source)
    # as if killed after the old one stepped aside
    os.replace(home / "datasets" / "fer2013", home / "datasets" / ".fer2013.old")
    assert "already registered" in ferbook("data", "add", "fer2013", source)[1]
    assert len(open_faces("fer2013", verify=True)) == 42


def test_two_at_once_leave_one_good_store(home, source):
    both = [add(home, source), add(home, source)]
    ends = [(*process.communicate(timeout=60), process.returncode) for process in both]
    codes = sorted(code for *_, code in ends)
    assert codes in ([0, 0], [0, 2]), ends
    for out, err, code in ends:
        assert err.count("\n") == (1 if code else 0) and "Traceback" not in err
        assert code == 2 or "already registered" in out or out.startswith("fer2013: 42 faces")
    assert len(open_faces("fer2013", verify=True)) == 42
    assert sorted(p.name for p in (home / "datasets").iterdir()) == ["fer2013"]


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 64 KiB (42 faces need 97), or a file size limit where none can be made."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))"
        yield folder, limit, "File too large"
        return
    yield folder, "", "No space left on device"
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_one_line_and_leaves_nothing(small_disk, source):
    folder, prelude, said = small_disk
    out, err = (process := add(folder / "home", source, prelude)).communicate(timeout=60)
    assert (process.returncode, out, err.count("\n")) == (2, "", 1), err
    assert err.startswith(f"ferbook: {folder}/home") and said in err
    assert list(folder.iterdir()) == []


def test_a_home_that_cannot_be_written_is_one_line(tmp_path, ferbook, source, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("FERBOOK_HOME", str(tmp_path / "file"))
    code, out, err = ferbook("data", "add", "fer2013", source)
    assert (code, out, err.count("\n")) == (2, "", 1) and str(tmp_path / "file") in err
