"""Faces that the detector misses: gains and gaps by hand, against statsmodels where it has them."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from ferbook.data.synthetic import draw
from ferbook.emotions import EMOTIONS
from ferbook.report.chew import figures_robustness as drawn
from ferbook.report.chew import undetected, undetected_verdicts
from ferbook.report.chew.answers import Answers
from ferbook.report.effects import Effect
from ferbook.study.cards import Card

#: (emotion code, group, faces): angry and happy, found and fitting, misfitting, missed.
CELLS = ((0, "fits", 60), (0, "misfit", 20), (0, "missed", 30), (3, "fits", 80), (3, "missed", 10))
#: Right answers of each cell.
RIGHT = {
    "pixels": (30, 5, 10, 60, 5),
    "landmarks": (30, 10, 6, 40, 2),
    "hybrid": (36, 10, 10, 64, 5),
}


def marks(values):
    return np.repeat(values, [count for *_, count in CELLS])


def right(counts):
    parts = [np.arange(count) < k for (*_, count), k in zip(CELLS, counts, strict=True)]
    return np.concatenate(parts)


@pytest.fixture
def given():
    labels = marks([code for code, *_ in CELLS]).astype(np.uint8)
    group = marks([name for _, name, _ in CELLS])
    nobody = np.full(len(labels), -1, np.int32)
    card = Card(
        "fer2013", "0" * 64, EMOTIONS, {}, "x3", labels, np.full(len(labels), 2, np.uint8),
        nobody, nobody, np.arange(len(labels)), group != "missed", group == "fits", {},
    )  # fmt: skip
    answers = {(network, "plain"): right(counts) for network, counts in RIGHT.items()}
    one = Answers(card, np.arange(len(labels)), answers)
    return {0: one, 1: one}  # two seeds that agree: the interval is that of the faces


def test_groups_and_composition(given):
    assert undetected.counts(given) == {"box fits": 140, "box misfits": 20, "missed": 40}
    table = undetected.composition(given)
    assert table.loc["angry"].tolist() == [110, 20, 30, pytest.approx(100 * 30 / 110)]
    assert table.loc["happy", ["faces", "missed"]].tolist() == [90, 10]
    assert np.isnan(table.loc["fear", "missed, %"])  # no such face: not 0 per cent
    assert undetected.composition({}).columns.tolist() == table.columns.tolist()
    assert undetected.composition({}).empty and undetected.counts({}) == {}


def test_accuracy_by_group(given):
    table = undetected.by_group(given).set_index(["network", "group"])
    assert table.value["pixels", "box fits"] == pytest.approx(100 * 90 / 140)
    assert table.value["landmarks", "missed"] == pytest.approx(100 * 8 / 40)
    assert table.value["hybrid", "box misfits"] == pytest.approx(50)
    # A share of 40 faces: standard error sqrt(0.2 * 0.8 / 40).
    half = 196 * (0.2 * 0.8 / 40) ** 0.5
    assert table.high["landmarks", "missed"] == pytest.approx(20 + half, abs=0.01)


def test_gain_by_hand(given):
    # Pixels: 110 of 200; without the missed 95 of 160.
    effect = undetected.gain(given, "pixels")
    assert effect.mean == pytest.approx(100 * (95 / 160 - 110 / 200))
    # z = found (right - 95/160) / 0.8 - (right - 0.55): mean square over 200 faces.
    r = right(RIGHT["pixels"])
    found = marks([name != "missed" for _, name, _ in CELLS])
    z = found * (r - 95 / 160) / 0.8 - (r - 0.55)
    half = 1.95996 * 100 * (np.mean(z**2) / 200) ** 0.5
    assert effect.high - effect.mean == pytest.approx(half, rel=1e-4)
    # Hybrid: 125 of 200 and 110 of 160.
    more = undetected.gain(given, "hybrid", "pixels")
    assert more.mean == pytest.approx(100 * (110 / 160 - 125 / 200) - effect.mean)
    table = undetected.flattery(given)
    assert table.loc["pixels", "all faces"].startswith("55.0 [")
    assert table.loc["pixels", "without the missed"].startswith("59.4 [")
    assert table.loc["pixels", "gain"].startswith("+4.4 [")


def test_gap_as_they_are_is_that_of_two_independent_shares(given):
    effect = undetected.gap(given, "pixels", equal=False)
    low, high = confint_proportions_2indep(90, 140, 15, 40, method="wald", correction=False)
    assert effect.mean == pytest.approx(100 * (90 / 140 - 15 / 40))
    assert (effect.low, effect.high) == pytest.approx((100 * low, 100 * high), abs=0.01)


def test_gap_at_equal_emotions_by_hand(given):
    # Missed: 30 angry and 10 happy. Angry 30/60 - 10/30 = 1/6, happy 60/80 - 5/10 = 1/4.
    effect = undetected.gap(given, "pixels")
    assert effect.mean == pytest.approx(100 * (0.75 / 6 + 0.25 / 4))
    # Variances of four independent shares, weighted 3/4 and 1/4.
    shares = ((0.75, 0.5, 60), (0.75, 1 / 3, 30), (0.25, 0.75, 80), (0.25, 0.5, 10))
    variance = sum(w * w * p * (1 - p) / n for w, p, n in shares)
    assert effect.high - effect.mean == pytest.approx(195.996 * variance**0.5, rel=1e-4)
    # Landmarks: angry 30/60 - 6/30 = 0.3, happy 40/80 - 2/10 = 0.3.
    against = undetected.gap(given, "landmarks", against="pixels")
    assert against.mean == pytest.approx(30 - effect.mean)
    # Misfits are all angry: 30/60 - 5/20 for pixels, 30/60 - 10/20 for landmarks.
    assert undetected.gap(given, "pixels", "box misfits").mean == pytest.approx(25)
    assert undetected.gap(given, "landmarks", "box misfits").mean == pytest.approx(0)


def test_gaps_by_emotion(given):
    table = undetected.gaps_by_emotion(given).set_index(["emotion", "network"])
    assert table.value["angry", "pixels"] == pytest.approx(100 / 6)
    assert table.value["happy", "landmarks"] == pytest.approx(30)
    assert np.isnan(table.value["fear", "pixels"]) and table.faces["fear", "pixels"] == 0
    assert undetected.gaps_by_emotion({}).empty


def test_a_small_group_has_no_interval(given, monkeypatch):
    monkeypatch.setattr(undetected, "SMALLEST", 11)
    table = undetected.gaps_by_emotion(given).set_index(["emotion", "network"])
    assert np.isnan(table.low["happy", "pixels"]) and np.isfinite(table.low["angry", "pixels"])
    monkeypatch.setattr(undetected, "SMALLEST", 41)
    assert np.isnan(undetected.gap(given, "pixels").low)


def test_sentences(given):
    said = undetected_verdicts.flatters(given)
    assert "misses 40 of 200 faces (20.0%)" in said and "pixels by +4.4 [" in said
    assert "it flatters every network" in said
    harder = undetected_verdicts.harder(given)
    assert "lose 26.8 [" in harder and "lose 18.8 [" in harder  # as they are; equal emotions
    assert "landmarks lose 11.2 [" in harder and "points more than pixels" in harder
    misfits = undetected_verdicts.misfits(given)
    assert "20 faces (12.5% of those found)" in misfits and "pixels 25.0 [" in misfits
    assert "Landmarks lose 25.0 [" in misfits and "points less than pixels" in misfits
    for sentence in (undetected_verdicts.flatters, undetected_verdicts.harder):
        assert sentence({}) == undetected_verdicts.NOTHING
    assert undetected_verdicts.misfits({}) == undetected_verdicts.NOTHING


def test_one_seed_answers_nothing():
    told = undetected_verdicts._told
    assert told(Effect(3, 1, 5, 1, 9)) == "one seed, no answer"
    assert told(Effect(3, 1, 5, 2, 9)) == "**told apart from zero**"
    assert told(Effect(3, -1, 7, 2, 9)) == "not told apart from zero"
    assert told(Effect(3, np.nan, np.nan, 2, 9)) == "too few faces for an interval"


def test_figures_draw_what_the_tables_say(given):
    chart = drawn.group_accuracy(undetected.by_group(given))
    values = {line.get_label(): line.get_xdata().tolist() for line in chart.axes[0].lines}
    assert values["landmarks"] == pytest.approx([50, 50, 20])
    assert chart.axes[0].get_yticklabels()[2].get_text() == "missed\n40 faces"
    chart = drawn.emotion_gaps(undetected.gaps_by_emotion(given))
    dots = {line.get_label(): line.get_xdata() for line in chart.axes[0].lines}
    assert dots["pixels"][0] == pytest.approx(100 / 6) and np.isnan(dots["pixels"][1])
    for figure, empty in (
        (drawn.group_accuracy, undetected.by_group({})),
        (drawn.emotion_gaps, undetected.gaps_by_emotion({})),
    ):
        assert "no such run" in figure(empty).texts[0].get_text()
    plt.close("all")


def test_confidence_orders_the_faces():
    faces = draw(4, seed=0)
    score = np.array([0.5, np.nan, 2.0, 1.0], np.float32)
    figure = drawn.confidence(faces.images, faces.landmarks, score, count=2)
    assert [axis.get_title() for axis in figure.axes] == ["2.00", "1.00", "0.50", "–"]
    plt.close(figure)
