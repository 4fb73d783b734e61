"""The home page: what is printed and what is measured, side by side, from made-up records."""

import pytest

from ferbook.report import counted, front
from ferbook.report.effects import Effect
from test_pages import outcome
from test_qiu_tables import put, root  # noqa: F401


def gain(mean, low, high, seeds=3):
    return Effect(mean, low, high, seeds, 70)


def test_what_is_measured_is_said_by_place():
    assert front.measured({}) == "Nothing is measured yet."
    found = {
        "A": gain(2, 1, 3),
        "B": gain(-2, -3, -1, 2),
        "C": gain(0, -1, 1),
        "D": gain(5, 4, 6, 1),
    }
    assert front.measured(found) == (
        "A gain is shown on A; a loss on B; not told from nothing on C and D."
    )
    one = {"A": gain(2, 1, 3, 1), "B": gain(0, -1, 1, 1), "C": gain(0, 0, 0, 0)}
    assert front.measured(one).startswith("1 of 2 networks came out ahead")
    assert "None of 1" in front.measured({"B": one["B"]})
    lost = front.measured({**one, "E": gain(-2, -3, -1, 1)})
    assert "1 of 3 networks came out ahead" in lost and ", 1 behind, by more than" in lost


def test_the_scheme_is_read_from_pairs_of_runs(root):  # noqa: F811
    for seed in (0, 1):  # 28 of 70 wrong, 21 with the scheme: 10 points
        put(root, "vgg16", range(28), seed)
        put(root, "pvgg16", range(21), seed)
    told = front.perturb()
    assert told.found["VGG16"].mean == pytest.approx(10) and told.found["DPN"].seeds == 0
    assert told.said["VGG16"] == pytest.approx(3) and told.said["ResMasking"] is None
    assert told.largest == pytest.approx(3.1)  # ResNet, 69.2 to 72.3


def test_the_page_has_both_papers_and_a_figure_of_each(root, tmp_path):  # noqa: F811
    text = front.home_page(tmp_path / "home.md")
    assert text.count(":::{grid-item}") == 2 and text.count("Nothing is measured yet.") == 2
    assert "82.5 % on FER2013" in text and "72.3 %" in text
    for paper in ("chew", "qiu"):
        assert (tmp_path / f"home_{paper}.svg").read_text().startswith("<?xml")
        assert (tmp_path / f"home_{paper}.pdf").read_bytes().startswith(b"%PDF")
        assert (tmp_path / f"home_{paper}.csv").read_text().startswith("kind")
        assert f"{{download}}`PDF <{tmp_path.name}/home_{paper}.pdf>`" in text


def test_counts_of_verdicts_say_why_numbers_are_inconclusive():
    good, blank = outcome(verdict="reproduced"), outcome(verdict="not reported")
    short = outcome(verdict="inconclusive", tier="short", runs=1)
    assert front.verdict_counts([good, blank, good]) == "2 printed numbers: 2 reproduced"
    assert front.verdict_counts([good, blank, short, short]) == (
        "3 printed numbers: 2 inconclusive, because no run has the paper's full schedule yet; "
        "1 reproduced"
    )
    size = outcome(id="chew/dataset/fer2013/images", verdict="reproduced")
    assert front.numbers([good, size, blank]) == (
        "Of 1 printed numbers: 1 reproduced. Of 1 counts of the datasets: 1 reproduced. "
        "{doc}`Every one </book/dashboard>`"
    )
    lone = outcome(verdict="inconclusive", tier="paper", runs=1, ci95=None)
    other = outcome(verdict="inconclusive", tier=None, runs=0)
    wide = outcome(verdict="inconclusive", tier="paper", runs=3)
    assert counted.counts([short, short, lone, other, wide]) == (
        "5 inconclusive, 2 because no run has the paper's full schedule yet, 1 because there is "
        "one seed, 1 because no run has the printed protocol yet, 1 because the interval holds "
        "other answers too"
    )
