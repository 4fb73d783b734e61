"""What tests of several topics share: the skip of `realdata` tests, and a home of one's own."""

from __future__ import annotations

import pytest

from ferbook.errors import InputError
from live_fixture import live, live_results  # noqa: F401  (fixtures of several topics)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    wanting = [item for item in items if "realdata" in item.keywords]
    if not wanting:
        return
    from ferbook.data.store import open_faces

    try:
        open_faces("fer2013")
    except InputError as error:
        for item in wanting:
            item.add_marker(pytest.mark.skip(reason=f"the real FER2013 is not here: {error}"))


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty `$FERBOOK_HOME` that is not there yet."""
    folder = tmp_path / "home"
    monkeypatch.setenv("FERBOOK_HOME", str(folder))
    return folder


@pytest.fixture
def ferbook(monkeypatch, capsys):
    """Call the command line in this process: (exit code, stdout, stderr)."""

    def call(*arguments: object) -> tuple[int, str, str]:
        from ferbook.cli import main

        monkeypatch.setattr("sys.argv", ["ferbook", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as leave:
            code = int(leave.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def empty_study(tmp_path, monkeypatch):
    """A function that makes the test's folder a study of the experiments in a text, nothing run."""

    def make(experiments, reported=None):
        for folder, content in (("experiments", experiments), ("reported", reported)):
            (tmp_path / folder).mkdir()
            if content is not None:
                (tmp_path / folder / "tiny.yaml").write_text(content)
        monkeypatch.setenv("FERBOOK_ROOT", str(tmp_path))
        monkeypatch.setenv("FERBOOK_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path / "results"))

    return make
