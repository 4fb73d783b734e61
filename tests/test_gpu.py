"""What goes to a machine with a GPU: the smoke covers the queue, caches and records travel."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ferbook import paths
from ferbook.study import experiments

ROOT = Path(__file__).parents[1]


def about(file):
    """Scores, networks, and sources and modes of the scheme that an experiment file asks for."""
    import yaml

    scores, networks, schemes, faces = set(), set(), set(), set()
    for content in yaml.safe_load(file.read_text())["experiments"].values():
        scores |= set(content.get("scores", ()))
        faces.add(content.get("faces", "plain"))
        for own in content["variants"].values():
            model = {**content["model"], **own}
            networks.add(model.get("name", model["family"]))
            plan = model.get("perturb", {})
            schemes.add((plan.get("source", "attention"), plan.get("mode", "drop") == "stack"))
    return scores, networks, schemes, faces


def test_the_smoke_has_every_kind_of_run_of_the_queue(tmp_path, monkeypatch):
    smoke = about(ROOT / "gpu" / "smoke.yaml")
    for file in (ROOT / "experiments").glob("*.yaml"):
        scores, networks, schemes, faces = about(file)
        deeper = {"vgg19", "resnet34", "dpn68"}  # made by the same functions
        assert scores <= smoke[0] and networks - deeper <= smoke[1]
        assert schemes <= smoke[2] and faces <= smoke[3]
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "smoke.yaml").write_text((ROOT / "gpu" / "smoke.yaml").read_text())
    monkeypatch.setenv("FERBOOK_ROOT", str(tmp_path))
    runs = experiments.runs("smoke", "short", range(1))
    assert len(runs) == 5 + 5 + 1 + 2 + 3
    assert all(run.dataset == "synthetic-140" and run.recipe.epochs <= 2 for run in runs)


def test_the_scripts_are_such_that_bash_reads_them():
    for name in ("queue.sh", "notebooks.sh", "unpack.sh"):
        subprocess.run(["bash", "-n", ROOT / "gpu" / name], check=True)


@pytest.fixture
def pack(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(ROOT / "gpu")
    import pack

    yield pack
    sys.modules.pop("pack")


def test_caches_travel_unchanged_and_smaller(pack, home, tmp_path):
    import tarfile

    paths.landmark_cache().mkdir(parents=True)
    points = (np.arange(500 * 68 * 2) % 144 / 3).astype(np.float32).reshape(500, 68, 2)
    found = points[:, 0, 0] > 9
    np.savez_compressed(paths.landmark_cache() / "a.npz", points=points, detected=found)
    (paths.landmark_cache() / "masked-a.npy").write_bytes(b"drawn there again")
    pack.landmarks(tmp_path / "landmarks.tar.xz")
    with tarfile.open(tmp_path / "landmarks.tar.xz") as packed:
        assert packed.getnames() == ["a.npz"]
        packed.extractall(tmp_path, filter="data")
    with np.load(tmp_path / "a.npz") as stored:
        np.testing.assert_array_equal(stored["points"], points)
        assert (stored["detected"] == found).all()


def test_too_much_to_travel_is_one_line(pack, home, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(pack, "CARRY", tmp_path / "carry")
    archive = tmp_path / "fer2013.tar"
    archive.write_bytes(bytes(3 * 2**20))
    call = ["pack.py", f"fer2013={archive}", "--no-packages"]
    monkeypatch.setattr(sys, "argv", [*call, "--limit", "3"])
    with pytest.raises(SystemExit) as left:
        pack.main()
    err = capsys.readouterr().err
    assert left.value.code == 2 and err.startswith("pack: 3.0 MiB in ") and err.count("\n") == 1
    monkeypatch.setattr(sys, "argv", call)
    pack.main()
    assert (tmp_path / "carry" / "data" / "fer2013.fer2013.tar").stat().st_size == 3 * 2**20
    monkeypatch.setattr(sys, "argv", ["pack.py", "fer2013=/nowhere"])
    with pytest.raises(SystemExit):
        pack.main()
    assert "fer2013=/nowhere: expected NAME=PATH of a dataset's archive" in capsys.readouterr().err


def test_records_return_once_and_whole(pack, tmp_path, monkeypatch):
    """A record of ours stands for one that came from there."""
    import shutil
    import tarfile

    source = paths.results()
    one = "qiu/clusters-vgg16_n1_short_s0"
    there = tmp_path / "there"
    shutil.copytree(source / one, there / one)
    shutil.copytree(source / one, there / "qiu" / "half")
    (there / "qiu" / "half" / "predictions.npz").unlink()
    (there / "datasets").mkdir()
    card = next((source / "datasets").glob("fer2013*"))
    shutil.copytree(card, there / "datasets" / card.name)
    shutil.copytree(there / one, there / "qiu" / ".half.77.tmp")  # that a run still writes
    script = f". {ROOT / 'gpu' / 'unpack.sh'}; pack_records"
    where = {"OUT": str(tmp_path), "FERBOOK_RESULTS": str(there), "work": str(tmp_path / "work")}
    subprocess.run(["bash", "-euc", script], check=True, cwd=tmp_path, env=os.environ | where)
    with tarfile.open(tmp_path / "records.tar.gz") as packed:
        assert not any(".half" in name for name in packed.getnames())
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path / "results"))
    (tmp_path / "results").mkdir()
    assert pack.unpack(tmp_path / "records.tar.gz").startswith("1 records into")
    assert (tmp_path / "results" / one / "record.json").exists()
    assert not (tmp_path / "results" / "qiu" / "half").exists()
    assert one in (tmp_path / "results" / "manifest.sha256").read_text()
    assert pack.unpack(tmp_path / "records.tar.gz").startswith("0 records into")
    with pytest.raises(pack.InputError, match="not an archive of records"):
        (tmp_path / "x").write_text("x")
        pack.unpack(tmp_path / "x")
