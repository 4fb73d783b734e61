"""What the live page needs, small: three networks and `landmark_net` of a few synthetic faces."""

from pathlib import Path

import pytest

EXPERIMENT = """
paper: chew
experiments:
  live-fer2013:
    title: Networks whose weights are kept
    dataset: synthetic-140
    split: official
    recipe: demo
    short: {epochs: 1}
    scores: [weights]
    model: {family: hybrid, widths: [4, 8, 8, 16], hidden: 16}
    variants:
      pixels: {branches: [pixels]}
      landmarks: {branches: [landmarks]}
      hybrid: {branches: [pixels, landmarks]}
"""


@pytest.fixture(scope="session")
def live_results(tmp_path_factory) -> Path:
    """A folder of results with the records of one epoch each."""
    root = tmp_path_factory.mktemp("live")
    (root / "experiments").mkdir()
    (root / "experiments" / "chew.yaml").write_text(EXPERIMENT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FERBOOK_ROOT", str(root))
        patch.setenv("FERBOOK_HOME", str(root / "home"))
        patch.setenv("FERBOOK_RESULTS", str(root / "results"))
        from ferbook.study.distilled import distil
        from ferbook.study.experiments import run_experiment

        run_experiment("chew/live-fer2013")
        distil("synthetic-140", epochs=1)
    return root / "results"


@pytest.fixture
def live(live_results, tmp_path, monkeypatch) -> Path:
    """The same, for the time of a test the results of this process, with a home of its own."""
    monkeypatch.setenv("FERBOOK_RESULTS", str(live_results))
    monkeypatch.setenv("FERBOOK_HOME", str(tmp_path / "home"))
    return live_results
