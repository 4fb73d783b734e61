"""The votes of five recorded networks, by hand."""

import numpy as np
import pytest
from scipy.stats import mode

from ferbook.errors import InputError
from ferbook.report.qiu.ensemble import ENSEMBLES, MEMBERS, ensembles
from ferbook.study import records
from ferbook.study.cards import write_card
from test_records import content, faces, landmarks

ROWS = np.arange(60, 63)


def write(
    root, variant, probabilities, seed=0, experiment="backbones-fer2013", masked=True, tencrop=None
):
    about = content(faces(), paper="qiu", experiment=experiment, variant=variant, seed=seed)
    table = np.asarray(probabilities, np.float32)
    views = {"plain": table} | ({"masked": table[::-1]} if masked else {})
    views |= {"tencrop": np.asarray(tencrop, np.float32)} if tencrop else {}
    folder = root / "qiu" / f"{experiment}_{variant}_short_s{seed}"
    public = {"rows": ROWS - 10, "views": {"plain": table}}
    records.write(folder, about, {"validation": public, "test": {"rows": ROWS, "views": views}})


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
    assert vote.views("test") == ["plain", "masked"] and vote.views("validation") == ["plain"]
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
    with pytest.raises(InputError, match="not all members were scored on test, view masked"):
        found[0].predictions("test", "masked")


def test_without_probabilities_most_answers_win(root):
    # Answers of five members to three faces: three to two; two, two and one; all of one mind.
    answers = [(1, 4, 2), (1, 4, 2), (1, 2, 2), (0, 2, 2), (0, 6, 2)]
    for variant, said in zip(MEMBERS, answers, strict=True):
        # The three are barely sure and the two entirely: softly the first face goes the other way.
        crops = [[0.0] * 7 for _ in said]
        for row, code in zip(crops, said, strict=True):
            row[code] = 0.52 if variant in MEMBERS[:3] else 1.0
            row[0] += 1 - sum(row)
        write(root, variant, crops, tencrop=crops)
    (vote,) = ensembles(records.load_all("qiu"))
    assert vote.predictions().predicted.tolist() == [0, 2, 2]
    for part, view in (("test", "tencrop"), ("validation", "plain")):
        said = vote.predictions(part, view)
        assert said.predicted.tolist() == [1, 2, 2]  # of a tie the first in order: 2 and not 4
        assert said.probabilities is None and said.predicted.dtype == np.uint8
    np.testing.assert_array_equal(vote.predictions("validation").rows, ROWS - 10)
    assert vote.hard().predicted.tolist() == [1, 2, 2] and vote.hard().probabilities is None
    assert vote.tied().tolist() == [False, True, False]


@pytest.mark.parametrize(("part", "view"), [("validation", "plain"), ("test", "tencrop")])
def test_recorded_hard_votes_are_scipys(part, view):
    for vote in ensembles(records.load_all("qiu")):
        answers = [member.predictions(part, view).predicted for member in vote.members]
        expected = mode(answers, axis=0).mode  # the smallest of several
        np.testing.assert_array_equal(vote.predictions(part, view).predicted, expected)
