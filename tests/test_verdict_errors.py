"""Error rates of verdicts: the simulation's variances, p-values and power by hand."""

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ferbook.report import figures_verdicts
from ferbook.report import verdict_errors as errors
from ferbook.report.verdict import Interval, p_value, prediction_interval


def test_a_p_value_is_5_percent_at_the_ends_of_the_interval() -> None:
    found = prediction_interval([0.60, 0.62, 0.61], 0.24, 3589, None)
    assert found is not None
    assert p_value(found.half, found) == pytest.approx(0.05)
    # twice as far: both tails of Student's t beyond twice its 97.5 % quantile
    far = 2 * stats.t.ppf(0.975, found.freedom)
    assert p_value(2 * found.half, found) == pytest.approx(2 * stats.t.sf(far, found.freedom))
    assert p_value(0.0, found) == 1
    assert p_value(0.1, Interval(0.5, 0.0)) == 0 and p_value(0.0, Interval(0.5, 0.0)) == 1


@pytest.mark.parametrize("shared", [0.0, 0.7, 1.0])
def test_the_simulated_variances(shared: float) -> None:
    world = errors.World(seeds=2, spread=1.0, images=1000, shared=shared, shift=3.0)
    printed, ours = errors.papers(world, 20_000)
    images = 0.65 * 0.35 / 1000
    # what two runs differ by: their seeds, and the images' part that is not shared
    apart = 2 * (0.01**2 + (1 - shared) * images)
    assert (ours[:, 0] - ours[:, 1]).var() == pytest.approx(apart, rel=0.05)
    assert ours[:, 0].var() == pytest.approx(0.01**2 + images, rel=0.05)
    assert (printed - ours.mean(1)).mean() == pytest.approx(0.03, abs=0.0005)


@pytest.mark.parametrize("shared", [0.0, 1.0])
@pytest.mark.parametrize("seeds", [2, 5])
def test_an_honest_number_is_reproduced_in_95_percent(seeds: int, shared: float) -> None:
    world = errors.World(seeds=seeds, spread=2.0, images=200, shared=shared)
    # 1,000 papers: a standard error of 0.7 points at 95 %
    assert errors.reproduced_share(world) >= 0.95 - 0.014


def test_what_is_far_off_is_not() -> None:
    far = errors.World(seeds=5, shift=20.0)
    assert errors.reproduced_share(far, 200) == 0
    within = replace(far, spread=0.01, images=10**7, shift=1.9)  # by the margin alone
    assert errors.reproduced_share(within, 200) == 1


def test_more_seeds_find_more() -> None:
    table = errors.rates(errors.World(), 200)
    assert list(table.columns) == [2, 3, 5, 10] and table.index[0] == 0
    assert table.loc[5.0, 10] < table.loc[5.0, 2]
    axis = figures_verdicts.rates(table).axes[0]
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["2", "3", "5", "10"]
    assert "Where they are 8 points off: 2 seeds" in figures_verdicts.say_rates(table)


def test_control_calls_fewer_and_errs_less() -> None:
    table = errors.many_cells(40, 10, errors.World(shared=0.0, shift=4.0))
    alone, controlled = table.iloc[0], table.iloc[1]
    assert (controlled <= alone).all()
    assert controlled["false, % of called"] <= 5


def test_judged_by_hand() -> None:
    # Benjamini and Hochberg of four p: 0.01 * 4 / 1 = 0.04, 0.04 * 4 / 2 = 0.08, more, more
    table = pd.DataFrame(
        {
            "paper": ["a"] * 4,
            "verdict": ["not reproduced", "not reproduced", "reproduced", "reproduced"],
            "p": [0.01, 0.04, 0.5, 0.9],
        }
    )
    row = errors.judged(table).loc["a"]
    assert row["cells compared"] == 4 and row["not reproduced"] == 2
    assert row["left under control"] == 1 and row["expected by chance, at most"] == "0.2"


def test_detectable_by_hand() -> None:
    # No spread: only images, a standard deviation of 1 point. Half the interval is 1.96, less than
    # the margin of 2; a miss of 2 + 0.8416 is beyond it in 80 % of cases.
    line = SimpleNamespace(half=1.959964, freedom=math.inf, spread=0.0, seeds=3, unit="percent")
    assert errors.detectable(line) == pytest.approx(2.8416, abs=1e-3)
    assert errors.detectable(line, 10) == pytest.approx(2.8416, abs=1e-3)
    # Spread of 2 points alone, 3 seeds: a reach of 2 sqrt(4 / 3), t with 2 degrees of freedom.
    reach = 2 * math.sqrt(4 / 3)
    line = SimpleNamespace(
        half=stats.t.ppf(0.975, 2) * reach, freedom=2, spread=2.0, seeds=3, unit="percent"
    )
    wanted = (stats.t.ppf(0.975, 2) + stats.norm.ppf(0.8)) * reach
    assert errors.detectable(line) == pytest.approx(wanted)
    assert errors.detectable(line, 10) < wanted


def test_real_records_have_a_power() -> None:
    table = errors.power("short")
    assert "chew/overall" in table.index
    assert (table["10 seeds"] <= table["3 seeds"] + 1e-9).all()
    compared = errors.compared("short")
    assert np.isfinite(compared.half).all() and set(compared.verdict) == {"inconclusive"}
    shown = errors.power_table("short")
    assert shown.loc["chew/overall", "now"] == f"{table.loc['chew/overall', 'now']:.1f}"
    assert errors.power_table("paper").empty
