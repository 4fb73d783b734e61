"""Timing: what is counted, what a step is, and what the sentences make of it."""

import time

import cv2
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch

from ferbook.data.synthetic import draw
from ferbook.models.hybrid import Hybrid
from ferbook.report.chew import cost, cost_size, cost_verdicts, figures_cost
from ferbook.vision.landmarks import Detector, detect


@pytest.fixture(scope="module")
def images():
    return draw(3, seed=0).images


@pytest.fixture(scope="module")
def measured(images):
    return cost.measure(images, repeats=4, batches=(2, 8), precisions=("f32",), widths=(2, 2, 2, 2))


@pytest.fixture
def clock(monkeypatch):
    """A processor whose every call takes as long as the caller says."""
    now = [0.0]
    monkeypatch.setattr(time, "process_time", lambda: now[0])
    return now


def test_timed_by_hand(clock):
    calls = []

    def call(i):
        calls.append(i)
        clock[0] += 0.010 if i == 2 else 0.004

    times = cost.timed(call, repeats=4, faces=2)
    # 4 and 10 ms for two faces; the calls before the first repeat are not among them.
    np.testing.assert_allclose(times, [2, 2, 5, 2])
    assert len(calls) == 4 + cost.WARM_UP


def test_a_row_is_median_and_quartiles():
    # numpy's linear quartiles of 1 2 3 4 10: 2, 3, 4.
    row = cost._row("detect", 1, "", np.array([10.0, 1, 2, 4, 3]))
    assert (row["low"], row["median"], row["high"], row["repeats"]) == (2, 3, 4, 5)


def test_every_step_is_there(measured):
    steps = measured.set_index(["step", "batch"])
    assert measured.step.tolist()[:2] == ["detect", "landmarks"]
    for batch in (1, 2, 8):  # one at a time is timed without being asked for
        for step in ("heatmap", "68 heatmaps", "pixels", "hybrid"):
            assert steps.loc[(step, batch), "precision"] == "f32"
    assert len(measured) == 2 + 3 * 4
    assert (measured["low"] <= measured["median"]).all() and (measured["median"] > 0).all()
    assert steps.loc[("pixels", 2), "repeats"] == 4
    assert steps.loc[("pixels", 8), "repeats"] == 3  # a quarter as often, but three times at least


def test_the_two_steps_of_dlib_are_those_of_detect(images):
    settings = Detector(pad=10, enlarge=4)
    calls = cost._dlib_calls(images, settings)
    found = detect(images, settings)
    for i in range(4):  # the fourth is the first again
        _, scores, _ = calls["detect"](i)
        assert max(scores) == pytest.approx(found.score[i % 3])
        points = np.array([(part.x, part.y) for part in calls["landmarks"](i)])
        np.testing.assert_allclose((points + 0.5) / 4 - 10.5, found.points[i % 3], atol=1e-4)


def test_threads_are_given_back():
    before = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(2)
    with pytest.raises(KeyError), cost.one_thread():
        assert torch.get_num_threads() == cv2.getNumThreads() == 1
        raise KeyError
    assert torch.get_num_threads() == 2 and cv2.getNumThreads() == before[1]
    torch.set_num_threads(before[0])


def test_end_to_end(images):
    times = cost.end_to_end(images, repeats=3, widths=(2, 2, 2, 2))
    assert times.shape == (3,) and (times > 0).all()


@pytest.fixture
def times():
    rows = [
        ("detect", 1, "", 6.0), ("landmarks", 1, "", 1.0), ("heatmap", 1, "f32", 0.5),
        ("pixels", 1, "f32", 1.0), ("pixels", 1, "bf16", 2.0),
        ("hybrid", 1, "f32", 2.5), ("hybrid", 1, "bf16", 5.0),
        ("pixels", 64, "f32", 0.9), ("pixels", 64, "bf16", 0.3),
        ("hybrid", 64, "f32", 2.0), ("hybrid", 64, "bf16", 0.8), ("heatmap", 64, "f32", 0.1),
        ("68 heatmaps", 1, "f32", 0.75),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["step", "batch", "precision", "median"])
    return table.assign(low=table["median"] * 0.9, high=table["median"] * 1.2, repeats=20)


def test_sentences_by_hand(times):
    said = cost_verdicts.summary(times, np.array([9.0, 11.0, 40.0]))
    # 6 + 1 + 0.5 + 2.5 = 10 ms, 7.5 of them before the network; 1.5 ms for the second branch.
    assert "**10.0 ms**, 100 faces a second" in said and "pixels alone 1.0 ms, 1,000" in said
    assert "**75%**" in said and "*detect*, 6.0 ms" in said and "adds 1.5 ms" in said
    assert "11.0 ms (median of 3)" in said
    # Pixels after the same detector: 7 of 10 ms.
    shared = cost_verdicts.detector_shared(times)
    assert "pixels take 7.0 ms" in shared and "30% of the hybrid" in shared
    drawing = cost_verdicts.drawing(times)
    assert "68 maps takes 0.75 ms" in drawing and "maximum 0.50 ms" in drawing
    pays = cost_verdicts.bf16_pays(times)
    assert "pixels, batch of 1: 0.5; pixels, batch of 64: 3.0; hybrid, batch of 1: 0.5" in pays
    assert cost_verdicts.bf16_pays(times[times.precision != "bf16"]) == ""
    lower = times[(times.precision != "f32") | (times.step == "heatmap")]
    assert cost_verdicts.bf16_pays(lower) == ""


def test_the_figure_in_words(times):
    said = cost_verdicts.in_words(times)
    path = "detect 6.0, landmarks 1.0, heatmap 0.5, network 2.5"
    assert f"pixels: network 1.0; hybrid: {path}" in said
    assert "from pixels, batch of 64, bf16: 0.30 to hybrid, batch of 1, bf16: 5.00" in said


def test_sizes_by_hand():
    sizes = cost_size.sizes()
    # 3 x 3 weights at every place of 48^2, 24^2, 12^2, 6^2: 9 * (1 * 32 * 2304 + 32 * 64 * 576 +
    # 64 * 128 * 144 + 128 * 256 * 36) = 32,514,048; then 2304 * 256 + 256 * 7 = 591,616.
    assert sizes.loc["pixels"].tolist() == [980_199, 33_105_664]
    assert sizes.loc["landmarks"].tolist() == sizes.loc["pixels"].tolist()
    # Twice the blocks, 4608 * 256 + 256 * 7 = 1,181,440 behind them.
    assert sizes.loc["hybrid"].tolist() == [1_958_343, 66_209_536]
    # 67 more maps: 9 * 67 * 32 = 19,296 weights, each at 2,304 places.
    more = sizes.loc["hybrid, 68 maps"] - sizes.loc["hybrid"]
    assert more.tolist() == [19_296, 44_457_984]
    said = cost_size.said(sizes)
    assert "33.1 million MACs and the hybrid 2.0 times as many" in said
    assert "1.0% more weights and 44.5 million more MACs, 67% more" in said


def test_sizes_are_those_of_pytorch():
    from torch.utils.flop_counter import FlopCounterMode

    widths = (3, 4, 5, 6)
    network = Hybrid(["pixels", "landmarks"], heatmaps=68, widths=widths).eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counted:
        network(torch.zeros(1, 69, 48, 48))
    macs = cost_size.sizes(widths).loc["hybrid, 68 maps", "MACs"]
    assert 2 * macs == counted.get_total_flops()


def test_where_names_processor_and_method():
    said = cost_verdicts.where()
    assert torch.__version__ in said and f"{cost.WARM_UP} calls to warm up" in said


def test_bars_by_hand(times):
    figure = figures_cost.bars(times)
    above, below = figure.axes
    ends = [patch.get_x() + patch.get_width() for patch in above.patches]
    np.testing.assert_allclose(ends, [1, 6, 7, 7.5, 10])
    assert [text.get_text().strip() for text in above.texts] == ["1.0", "10.0"]
    assert [text.get_text() for text in below.get_yticklabels()] == [
        "batch 1, bfloat16", "batch 1, float32", "batch 64, bfloat16", "batch 64, float32",
    ]  # fmt: skip
    widths = [patch.get_width() for patch in below.patches]
    np.testing.assert_allclose(widths, [2, 1, 0.3, 0.9, 5, 2.5, 0.8, 2])
    plt.close(figure)
