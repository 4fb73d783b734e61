"""The soft vote of five recorded networks, by hand."""

import numpy as np
import pytest

from ferbook.errors import InputError
from ferbook.report.qiu.ensemble import ENSEMBLES, MEMBERS, ensembles
from ferbook.study import records
from ferbook.study.cards import write_card
from test_records import content, faces, landmarks

ROWS = np.arange(60, 63)


def write(root, variant, probabilities, seed=0, experiment="backbones-fer2013", masked=True):
    about = content(faces(), paper="qiu", experiment=experiment, variant=variant, seed=seed)
    table = np.asarray(probabilities, np.float32)
    views = {"plain": table} | ({"masked": table[::-1]} if masked else {})
    folder = root / "qiu" / f"{experiment}_{variant}_short_s{seed}"
    records.write(folder, about, {"test": {"rows": ROWS, "views": views}})


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path))
    write_card(tmp_path / "datasets", faces(), landmarks())
    return tmp_path


def sure(first, second):
    """Three faces: class 0 with probability `first`, class 1 with `second`, class 2 the rest."""
    row = [first, second, 1 - first - second, 0, 0, 0, 0]
    return [row, row[::-1], [1 / 7] * 7]


def test_the_vote_is_the_mean_of_probabilities(root):
    # Three are for class 1 by a little, two for class 0 by a lot: means 0.56 and 0.40.
    for variant in MEMBERS[:3]:
        write(root, variant, sure(0.4, 0.6))
    for variant in MEMBERS[3:]:
        write(root, variant, sure(0.8, 0.1))
    (vote,) = ensembles(records.load_all("qiu"))
    said = vote.predictions()
    assert said.predicted[:2].tolist() == [0, 6]
    np.testing.assert_allclose(said.probabilities[0, :2], [0.56, 0.4], atol=1 / 255)
    np.testing.assert_array_equal(vote.predictions("test", "masked").predicted[1:], [6, 0])
    assert vote.views("test") == ["plain", "masked"] and vote.views("validation") == []
    assert vote.config["variant"] == "ensemble" and vote.data["parameters"] == 50
    assert vote.id == "qiu/backbones-fer2013_ensemble_short_s0"


def test_only_whole_ensembles_vote(root):
    for seed, names in ((0, MEMBERS), (1, MEMBERS[:4])):
        for variant in names:
            write(root, variant, sure(0.4, 0.6), seed, masked=variant != "dpn" or bool(seed))
    for variant in ENSEMBLES["pensemble"][1]:
        write(root, variant, sure(0.4, 0.6), 2, "perturb-fer2013")
    found = ensembles(records.load_all("qiu"))
    assert [(e.config["variant"], e.config["seed"]) for e in found] == [
        ("ensemble", 0), ("pensemble", 2),
    ]  # fmt: skip
    assert found[0].views("test") == ["plain"]  # one member never saw a mask
    with pytest.raises(InputError, match="no probabilities of all members for test, view masked"):
        found[0].predictions("test", "masked")
