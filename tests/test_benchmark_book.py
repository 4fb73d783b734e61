"""The benchmark of `make book` works in a clone that shares this checkout's environment."""

import importlib
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def plan(copy: Path) -> str:
    command = ["make", "-C", str(copy), "-n", "book"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.skipif(
    not all((ROOT / name).exists() for name in (".git", ".venv/.installed")),
    reason="no clone, or no environment in .venv",
)
def test_the_shared_environment_is_not_installed_anew(tmp_path, monkeypatch) -> None:
    monkeypatch.syspath_prepend(ROOT)
    copy = importlib.import_module("benchmarks.book").copied(tmp_path / "ferbook")
    assert (copy / ".venv").resolve() == (ROOT / ".venv").resolve()
    assert "pip install" not in plan(copy) and "snakemake" in plan(copy)
    if (ROOT / "node_modules/.installed").exists():
        assert "npm" not in plan(copy)
    (copy / "requirements.txt").touch()  # as a clone leaves it
    assert "pip install" in plan(copy)
