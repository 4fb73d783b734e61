"""Folders and archives: one and the same content in every form, and nothing hostile gets in."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from data_forms import tar_bomb, tar_entry, write_tar, write_tree, write_zip, zip_bomb
from ferbook.data.archives import members
from ferbook.errors import InputError

TREE = {"a/one.txt": b"1", "a/b/two.bin": bytes(range(256)) * 8, "three.txt": b"3" * 1024}


def content(source: Path) -> dict[str, bytes]:
    found = {}
    for member in members(source):
        with member.open() as file:
            found[member.path] = file.read(2**20)
    return found


FORMS = {
    "folder": lambda path: write_tree(path, TREE),
    "zip": lambda path: write_zip(path, TREE),
    "tar": lambda path: write_tar(path, TREE),
    "tar.gz": lambda path: write_tar(path, TREE, "w:gz"),
    "tar.bz2": lambda path: write_tar(path, TREE, "w:bz2"),
    "tar.xz": lambda path: write_tar(path, TREE, "w:xz"),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_holds_the_same(tmp_path, form):
    # the name says nothing: what it is, is seen in the bytes
    assert content(FORMS[form](tmp_path / "source")) == TREE


def test_a_single_file_is_its_own_member(tmp_path):
    path = tmp_path / "fer2013.csv"
    path.write_bytes(b"emotion")
    assert content(path) == {"fer2013.csv": b"emotion"}


def test_clutter_of_file_managers_is_left_out(tmp_path):
    tree = {**TREE, "__MACOSX/a/._one.txt": b"x", ".DS_Store": b"x", "a/._one.txt": b"x"}
    assert content(write_zip(tmp_path / "z", tree)) == TREE


def test_backslashes_of_windows_zips_are_separators(tmp_path):
    assert content(write_zip(tmp_path / "z", {"a\\b.txt": b"1"})) == {"a/b.txt": b"1"}


def test_a_linked_folder_is_followed_once(tmp_path):
    write_tree(tmp_path / "real", TREE)
    (tmp_path / "real" / "a" / "back").symlink_to(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert content(tmp_path / "link") == TREE


@pytest.mark.parametrize("form", [form for form in FORMS if form != "folder"])
def test_every_truncation_is_noticed(tmp_path, form):
    whole = FORMS[form](tmp_path / "whole").read_bytes()
    # a plain tar: three headers, 512 + 2048 + 1024 bytes of members, then the mark; then padding
    last = 3 * 512 + 3584 + 511 if form == "tar" else len(whole) - 1
    cut = tmp_path / "cut"
    for length in {1, 100, 513, len(whole) // 2, last // 512 * 512, last}:
        cut.write_bytes(whole[: min(length, last)])
        with pytest.raises(InputError, match=f"^{cut}: "):
            if "cut" in content(cut):  # too short to be known as an archive: a file by itself
                raise InputError(f"{cut}: not an archive")


HOSTILE_NAMES = ["/etc/passwd", "../up.txt", "a/../../up.txt", "C:\\x.txt", "\\\\host\\x.txt"]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
@pytest.mark.parametrize("write", [write_zip, write_tar])
def test_a_path_outside_is_refused(tmp_path, write, name):
    with pytest.raises(InputError, match="a path outside the archive"):
        content(write(tmp_path / "source", {"good.txt": b"1", name: b"1"}))


KINDS = [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE]


@pytest.mark.parametrize("kind", KINDS)
def test_links_and_devices_in_a_tar_are_refused(tmp_path, kind):
    path = tmp_path / "source"
    with tarfile.open(path, "w:xz") as archive:
        archive.addfile(tar_entry("train/angry/Training_1.jpg", kind=kind))
    with pytest.raises(InputError, match=r"Training_1\.jpg: a link or device"):
        content(path)


def test_a_link_in_a_zip_is_refused(tmp_path):
    info = zipfile.ZipInfo("train/angry/Training_1.jpg")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "source", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(InputError, match=r"Training_1\.jpg: a link"):
        content(tmp_path / "source")


def test_an_encrypted_zip_is_refused(tmp_path):
    path = write_zip(tmp_path / "source", {"a.txt": b"1"})
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1  # the flag "encrypted" in the directory
    path.write_bytes(raw)
    with pytest.raises(InputError, match=r"a\.txt: encrypted"):
        content(path)


def test_a_zip_bomb_is_refused_before_it_is_inflated(tmp_path):
    bomb = zip_bomb(tmp_path / "bomb.zip")
    assert bomb.stat().st_size < 40e6  # and it holds 10.5 GiB
    with pytest.raises(InputError, match=r"Training_0\.png: has 3\.5 GiB; at most 512 MiB"):
        content(bomb)


def test_a_zip_that_lies_about_its_size_yields_no_more_than_it_said(tmp_path):
    bomb = zip_bomb(tmp_path / "bomb.zip", members=1, declared=1000)
    with pytest.raises(InputError, match=r"Training_0\.png: truncated or damaged .*CRC"):
        content(bomb)


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress], ids=["gz", "xz"])
def test_a_tar_bomb_is_refused_by_its_header(tmp_path, compress):
    bomb = tar_bomb(tmp_path / "bomb", compress)
    with pytest.raises(InputError, match=r"Training_1\.png: has 10\.0 GiB"):
        content(bomb)


@pytest.mark.parametrize("write", [write_zip, write_tar])
def test_many_small_members_may_not_add_up(tmp_path, monkeypatch, write):
    path = write(tmp_path / "source", {f"{i}.txt": bytes(600) for i in range(4)})
    assert len(list(members(path, 2400))) == 4
    with pytest.raises(InputError, match="holds more than"):
        list(members(path, 2399))
    monkeypatch.setattr("ferbook.data.archives.COUNT_LIMIT", 3)
    with pytest.raises(InputError, match="holds more than 3 files"):
        list(members(path))


def test_a_header_cannot_make_tarfile_fill_the_memory(tmp_path):
    # a pax header's own size is read into memory by tarfile before anyone sees the member
    header = tar_entry("x", 10 * 2**30, tarfile.XHDTYPE)
    path = tmp_path / "source"
    path.write_bytes(gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + bytes(4096)))
    with pytest.raises(InputError, match=r"a header asks for 10\.0 GiB"):
        content(path)


def test_padding_counts_too(tmp_path, monkeypatch):
    # zeros after the end-of-archive mark are drained for the checksum, but not without end
    monkeypatch.setattr("ferbook.data.archives.COUNT_LIMIT", 1)
    path = tmp_path / "source"
    path.write_bytes(write_tar(tmp_path / "t", {"a": b"1"}).read_bytes() + bytes(2**21))
    with pytest.raises(InputError, match="unpacks to more than"):
        list(members(path, 2**20))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "no such file or folder"),
        (lambda path: path.write_bytes(b""), "empty file"),
        (os.mkfifo, "neither a file nor a folder"),
        (lambda path: path.write_bytes(b"\xfd7zXZ\x00 and then something else"), "damaged"),
        (lambda path: path.write_bytes(b"PK\x03\x04 and then something else"), "damaged"),
        (lambda path: path.write_bytes(gzip.compress(b"not a tar")), "damaged"),
    ],
)
def test_what_is_no_source_is_said_in_one_line(tmp_path, make, said):
    path = tmp_path / "source"
    make(path)
    with pytest.raises(InputError, match=f"^{path}: .*{said}") as raised:
        content(path)
    assert "\n" not in str(raised.value)


def test_a_name_with_control_characters_cannot_write_on_the_terminal(tmp_path):
    path = tmp_path / "source"
    with tarfile.open(path, "w") as archive:
        archive.addfile(tar_entry("\x1b[2J\udcff/../x", 1), io.BytesIO(b"1"))
    with pytest.raises(InputError) as raised:
        content(path)
    assert str(raised.value).isprintable()
