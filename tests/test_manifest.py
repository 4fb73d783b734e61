"""The manifest: whatever is altered by a byte, gone or slipped in is named; honest work goes on."""

import json
import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from ferbook.errors import InputError
from ferbook.study import manifest, records
from test_records import content, faces, written  # noqa: F401 (a fixture)

RECORD = "chew/x_hybrid_short_s0"
CARD = f"datasets/fer2013-{faces().fingerprint[:8]}"


@pytest.fixture
def results(written, monkeypatch) -> Path:  # noqa: F811
    """A record with artifacts, the card of its dataset, a measurement; all of them listed."""
    root = written[0].parent.parent
    monkeypatch.setenv("FERBOOK_RESULTS", str(root))
    (root / "speed").mkdir()
    (root / "speed" / "cpu.json").write_text("{}\n")
    manifest.update(root)
    return root


def alter(file: Path) -> None:
    """One bit of the byte in the middle."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def lines_of(results: Path) -> list[str]:
    said: list[str] = []
    with pytest.raises(InputError, match=r"manifest\.sha256: \d+ files differ from it"):
        manifest.check(results, said.append)
    return said


def test_the_manifest_lists_every_file_and_agrees_with_sha256sum(results: Path) -> None:
    listed = manifest.read(results)
    names = {"record.json", "predictions.npz", "artifacts.npz"}
    wanted = {f"{RECORD}/{name}" for name in names} | {f"{CARD}/card.json", f"{CARD}/card.npz"}
    assert set(listed) == wanted | {"speed/cpu.json"}
    assert listed["speed/cpu.json"] == sha256(b"{}\n").hexdigest()
    assert (
        manifest.check(results, print) == f"{results}: 6 files, all as manifest.sha256 lists them"
    )
    if tool := shutil.which("sha256sum"):
        command = [tool, "--check", "--strict", "manifest.sha256"]
        subprocess.run(command, cwd=results, check=True, capture_output=True)


@pytest.mark.parametrize(
    "name",
    [
        *(f"{RECORD}/{name}" for name in ("record.json", "predictions.npz", "artifacts.npz")),
        *(f"{CARD}/{name}" for name in ("card.json", "card.npz")),
        "speed/cpu.json",
    ],
)
def test_one_altered_byte_is_named(results: Path, name: str, ferbook) -> None:
    alter(results / name)
    assert lines_of(results) == [f"{results / name}: altered"]
    code, out, err = ferbook("verify", "--check")
    assert code == 2 and out == ""
    assert err.splitlines()[0] == f"{results / name}: altered"
    assert len(err.splitlines()) == 2 and "1 files differ" in err
    code, _, err = ferbook("verify", "--only", "chew/dataset")
    # without the option, too; but speed may be measured again
    assert (code, str(results / name) in err) == ((0, False) if "speed" in name else (2, True))


def test_a_record_altered_with_its_seal_is_named(results: Path, ferbook) -> None:
    file = results / RECORD / "record.json"
    data = json.loads(file.read_text())
    data["history"][0]["validation_accuracy"] = 0.9
    data["seal"] = records.seal(data)
    file.write_text(json.dumps(data))
    records.load(results / RECORD)  # the seal alone does not tell
    assert lines_of(results) == [f"{file}: altered"]
    code, out, err = ferbook("verify")  # nor need one ask for it
    assert (code, out) == (2, "")
    assert err == (f"ferbook: {file}: not the file that manifest.sha256 lists; records are final\n")


def test_what_is_missing_or_extra_is_named(results: Path) -> None:
    shutil.rmtree(results / RECORD)
    (results / "chew" / "new").mkdir()
    (results / "chew" / "new" / "record.json").write_text("{}")
    names = ("artifacts.npz", "predictions.npz", "record.json")
    missing = [f"{results / RECORD / name}: missing" for name in names]
    assert lines_of(results) == [f"{results}/chew/new/record.json: extra", *missing]


def test_a_reader_may_record_runs_and_measure_speed(results: Path, ferbook) -> None:
    records.write(results / "chew" / "y_hybrid_short_s0", content(faces()), {})
    (results / "speed" / "cpu.json").write_text("[]\n")
    assert ferbook("verify", "--only", "chew/dataset")[0] == 0
    assert ferbook("verify", "--only", "chew/dataset", "--check")[0] == 2
    code, out, _ = ferbook("manifest")
    # a record of two files (no artifacts), and the measurement
    assert code == 0 and out.endswith("manifest.sha256: 8 files, 3 of them new or changed\n")
    code, out, err = ferbook("verify", "--only", "chew/dataset", "--check")
    assert code == 0 and "all as manifest.sha256 lists them" in err and "chew/dataset" in out


@pytest.mark.parametrize("change", ["altered", "missing"])
def test_an_altered_record_is_not_listed_by_habit(results: Path, change: str, ferbook) -> None:
    before = (results / manifest.NAME).read_text()
    file = results / RECORD / "artifacts.npz"
    alter(file) if change == "altered" else file.unlink()
    code, _, err = ferbook("manifest")
    assert code == 2 and f"{file}: {change}; records are final" in err
    assert (results / manifest.NAME).read_text() == before
    assert ferbook("manifest", "--anew")[0] == 0
    assert manifest.check(results, print)


def test_what_is_being_written_and_demonstrations_are_passed_over(results: Path) -> None:
    for name in ("chew/.y.node-1", "qiu/demo_x", "datasets/synthetic-12345678"):
        (results / name).mkdir(parents=True)
        (results / name / "record.json").write_text("{}")
    assert manifest.check(results, print)


def test_demonstrations_are_what_version_control_ignores() -> None:
    ignored = (Path(__file__).parents[1] / ".gitignore").read_text().splitlines()
    for pattern in manifest.DEMONSTRATIONS:
        assert f"results/{pattern.removesuffix('*')}" in ignored


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no digest  chew/x\n", r"line 1: expected 64 hexadecimal digits"),
        (f"{'0' * 64}  a\n{'0' * 63}  b\n", "line 2"),
        (f"{'0' * 64}  a\n{'1' * 64}  a\n", "line 2: .* once"),
    ],
)
def test_a_manifest_that_is_none_is_one_line(results: Path, text: str, message: str) -> None:
    (results / manifest.NAME).write_text(text)
    with pytest.raises(InputError, match=message) as error:
        manifest.check(results, print)
    assert "\n" not in str(error.value)


def test_no_manifest_is_said(results: Path) -> None:
    (results / manifest.NAME).unlink()
    with pytest.raises(InputError, match=r"manifest\.sha256: not there"):
        manifest.check(results, print)
    manifest.refuse_altered(results)  # nothing is asked of a reader's own folder


def test_a_manifest_keeps_its_order(results: Path) -> None:
    lines = (results / manifest.NAME).read_text().splitlines()
    assert all(re.fullmatch(r"[0-9a-f]{64}  [!-~]+", line) for line in lines)
    assert [line[66:] for line in lines] == sorted(line[66:] for line in lines)
