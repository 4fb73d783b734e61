"""The zip of the book: the same bytes of the same book, and a server that shows it here only."""

import os
import re
import subprocess
import sys
import threading
import urllib.request
import zipfile

import pytest

from ferbook.errors import InputError
from ferbook.report.book import archive, serve

KINDS = {
    "index.html": "text/html",
    "ort.mjs": "text/javascript",
    "terms.js": "text/javascript",
    "ort.wasm": "application/wasm",
    "net.onnx": "application/octet-stream",
}


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "html"
    (folder / "book").mkdir(parents=True)
    (folder / "book" / "index.html").write_text("<p>a book</p>")
    for name in KINDS:
        (folder / name).write_text(f"this is {name}")
    return folder


def test_the_same_book_gives_the_same_bytes(site, tmp_path):
    one, two = tmp_path / "one.zip", tmp_path / "two.zip"
    assert archive.write(site, one) == 6
    for path in [*site.rglob("*.html"), *site.rglob("*.js")]:
        os.utime(path, (1e9, 1e9))
        path.chmod(0o600)
    archive.write(site, two)
    assert one.read_bytes() == two.read_bytes()
    (site / "terms.js").write_text("other")
    archive.write(site, two)
    assert one.read_bytes() != two.read_bytes()


def test_everything_lies_in_one_folder_in_order(site, tmp_path):
    archive.write(site, tmp_path / "book.zip")
    with zipfile.ZipFile(tmp_path / "book.zip") as packed:
        names = packed.namelist()
        assert packed.read("ferbook-book/html/book/index.html") == b"<p>a book</p>"
    assert names[:2] == ["ferbook-book/README.txt", "ferbook-book/serve.py"]
    assert names[2:] == sorted(names[2:])
    assert all(name.startswith("ferbook-book/") for name in names)


def test_without_a_book_there_is_one_line_and_no_zip(tmp_path, capsys):
    with pytest.raises(SystemExit) as left:
        archive.main(str(tmp_path / "none"), str(tmp_path / "book.zip"))
    assert left.value.code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "no built book; `make book` builds it" in said
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_one_line_and_leaves_nothing(site, tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        archive.write(site, tmp_path / "no" / "book.zip")


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_files_go_out_under_the_types_that_browsers_insist_on(site, name, kind):
    with serve.server(site, 0) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        assert running.server_address[0] == "127.0.0.1"
        address = f"http://127.0.0.1:{running.server_port}/{name}"
        with urllib.request.urlopen(address) as answer:
            assert answer.headers["Content-Type"] == kind
            assert answer.read().decode() == f"this is {name}"
        running.shutdown()


def test_a_port_that_is_taken_is_no_fault(site):
    with serve.server(site, 0) as one, serve.server(site, one.server_port) as two:
        assert two.server_port != one.server_port


def test_the_unpacked_zip_serves_itself_without_this_package(site, tmp_path):
    archive.write(site, tmp_path / "book.zip")
    with zipfile.ZipFile(tmp_path / "book.zip") as packed:
        packed.extractall(tmp_path)
    script = tmp_path / "ferbook-book" / "serve.py"
    # -I: neither this checkout nor an environment variable is seen; -S: no installed package either
    command = [sys.executable, "-I", "-S", str(script), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            address = re.search(r"http://127\.0\.0\.1:\d+/", said)
            assert address, said
            with urllib.request.urlopen(address[0] + "book/index.html") as answer:
                assert answer.read() == b"<p>a book</p>"
        finally:
            process.terminate()


@pytest.mark.parametrize("arguments", [["x"], ["70000"], ["1", "2"]])
def test_a_wrong_port_is_one_line(arguments):
    with pytest.raises(SystemExit, match="usage: python3 serve"):
        serve.main(*arguments)
