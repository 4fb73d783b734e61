"""The page of speed reads what the benchmarks wrote: ratios, limits and growth by hand."""

import json
import math
import os
from pathlib import Path

import pandas as pd
import pytest

from ferbook.errors import InputError
from ferbook.report import figures_speed, speed, speed_steps

ROW = {
    "name": "maps",
    "what": "maps, many",
    "against": "a loop",
    "unit": "face",
    # three turns; ratios 4, 6 and 5
    "ours": [0.002, 0.001, 0.002],
    "theirs": [0.008, 0.006, 0.010],
    "target": 5,
    "limit": 0.0005,
    "bound": "bytes",
    "finished": "2026-01-02T03:04:05+00:00",
    "hardware": {"processor": "a processor", "cores": 2},
    "versions": {"torch": "2.0+cpu"},
}
WAIT = ROW | {"name": "help", "what": "help", "against": "", "ours": [0.2], "theirs": []}
WAIT |= {"target": None, "wanted": 0.1, "limit": None}
#: seconds grow by 4 where sizes grow by 2: an exponent of 2; memory grows as the sizes
SERIES = {
    "name": "maps",
    "what": "maps",
    "over": "faces",
    "sizes": [1, 2, 4],
    "seconds": [0.1, 0.4, 1.6],
    "bytes": [2**21, 2**22, 2**23],
} | {key: ROW[key] for key in ("finished", "hardware", "versions")}


@pytest.fixture
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path))
    file = tmp_path / "speed" / "cpu.json"
    file.parent.mkdir()
    file.write_text(json.dumps({"rows": [ROW, WAIT], "growth": [SERIES]}))
    return file


def held(text: str) -> str:
    """A number and its unit are never parted by the end of a line."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def test_a_ratio_is_the_median_over_turns_with_its_range(measured: Path) -> None:
    row, wait = speed.rows("cpu")
    assert speed.ratios(row) == pytest.approx((5, 4, 6))
    assert all(math.isnan(value) for value in speed.ratios(wait))


def test_the_limit_by_the_median(measured: Path) -> None:
    # 0.0005 s of 0.002 s
    assert speed.share_of_limit(speed.rows("cpu")[0]) == pytest.approx(0.25)


def test_what_was_aimed_at(measured: Path) -> None:
    # a median of 5 reaches 5; 0.2 s are more than the 0.1 s wanted
    assert [speed.reached(row) for row in speed.rows("cpu")] == [True, False]
    assert speed.reached(ROW | {"target": 5.1}) is False
    assert speed.reached(ROW | {"target": None}) is None
    assert speed.missed_sentence("cpu") == "1 of 2 aims are reached. Not reached: help."


def test_exponents_of_growth(measured: Path) -> None:
    assert speed.exponent(speed.growth("cpu")[0]) == pytest.approx((2, 1))
    # less than a megabyte says nothing
    assert speed.exponent(SERIES | {"bytes": [1, 10, 100]})[1] == 0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(12.3, "12 s"), (1.23, "1.2 s"), (0.123, "123 ms"), (2.5e-5, "25 µs"), (math.nan, "–")],
)
def test_seconds_as_people_read_them(seconds: float, text: str) -> None:
    assert speed.readable(seconds) == held(text)


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(12.34, "12.3"), (1, "1.0"), (0.249, "0.25"), (0.2, "0.20"), (0.0123, "0.012")],
)
def test_ratios_have_two_digits_or_more(ratio: float, text: str) -> None:
    assert speed.times(ratio) == text


def test_tables(measured: Path) -> None:
    assert speed.table("cpu").loc["maps, many, beside a loop"].to_list() == [
        "face", held("2 ms"), held("8 ms"), "5.0 [4.0,\N{NO-BREAK SPACE}6.0]", held("5 times"),
    ]  # fmt: skip
    assert speed.waits("cpu").loc["help"].to_list() == [
        "face", held("200 ms"), held("100 ms"),
    ]  # fmt: skip
    assert speed.limits("cpu").loc["maps, many"].to_list() == [
        "face", held("500 µs"), "bytes", "25%",
    ]  # fmt: skip
    assert speed.grown("cpu").loc["maps"].to_list() == ["faces", 1, 4, "2.00", "1.00"]
    assert speed.machine("cpu") == ("*Measured on 2026-01-02: a processor, 2 cores, torch 2.0.*")


def test_each_line_has_a_name_of_its_own(measured: Path) -> None:
    other = ROW | {"name": "maps-two", "against": "two loops"}
    measured.write_text(json.dumps({"rows": [ROW, other], "growth": []}))
    os.utime(measured, (9, 9))
    names = ["maps, many, beside a loop", "maps, many, beside two loops"]
    assert list(speed.table("cpu").index) == list(speed.limits("cpu").index) == names


#: dlib's way 10 + 4 + 1 + 5 = 20 ms, the graph's 10 + 1 + 1 + 4 = 16
STEPS = {
    "dlib": {"detection": 0.010, "landmarks": 0.004, "heatmap": 0.001, "networks": 0.005},
    "onnx": {"detection": 0.010, "landmarks": 0.001, "heatmap": 0.001, "networks": 0.004},
}


def test_a_face_to_its_emotion_step_by_step(measured: Path) -> None:
    assert speed_steps.table().empty and "Not measured yet" in speed_steps.sentence()
    lines = [
        WAIT | {"name": way + step, "way": way, "step": step, "ours": [seconds], "wanted": None}
        for way, own in STEPS.items()
        for step, seconds in own.items()
    ]
    whole = ROW | {"name": speed_steps.WHOLE, "ours": [0.017], "theirs": [0.022]}
    measured.write_text(json.dumps({"rows": [ROW, WAIT, *lines, whole], "growth": []}))
    os.utime(measured, (9, 9))
    found = speed_steps.table()
    for way, expected in (
        ("dlib and PyTorch", (10, 4, 1, 5, 20, 22)),
        ("ONNX graph", (10, 1, 1, 4, 16, 17)),
    ):
        assert found[way].to_list() == [held(f"{number} ms") for number in expected]
    assert list(found.index) == [
        "detection", "landmarks", "heatmap", "networks",
        "sum of the steps", "search, then one call",
    ]  # fmt: skip
    # 4 of 20, 1 of 16, 10 of 20
    said = speed_steps.sentence()
    assert "landmarks are 20% and those of the graph 6%" in said and "face is 50% of dlib's" in said
    assert list(speed.waits("cpu").index) == ["help"]


def test_a_time_can_be_the_aim_of_a_pair(measured: Path) -> None:
    timed = ROW | {"target": None, "wanted": 0.001}
    measured.write_text(json.dumps({"rows": [timed], "growth": []}))
    os.utime(measured, (9, 9))
    assert speed.table("cpu").aim.to_list() == [held("1 ms")]
    assert speed.missed_sentence("cpu").startswith("0 of 1 aims")


def test_nothing_measured_is_said(measured: Path) -> None:
    assert speed.rows("cuda") == []
    assert "pending" in speed.machine("cuda")
    assert speed.table("cuda").empty and speed.grown("cuda").empty
    assert "nothing was measured" in figures_speed.say_ratios("cuda")
    figures_speed.ratios("cuda")


def test_figures_show_every_line(measured: Path) -> None:
    axis = figures_speed.ratios("cpu").axes[0]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["maps\nbeside a loop"]
    assert "5.0" in figures_speed.say_ratios("cpu")
    assert figures_speed.growth("cpu").axes[0].get_title() == "maps"
    assert "2.00" in figures_speed.say_growth("cpu")


@pytest.mark.parametrize("text", ["{", "[]", '{"rows": [{"name": "x"}], "growth": []}'])
def test_a_file_of_another_kind_is_one_line(measured: Path, text: str) -> None:
    measured.write_text(text)
    with pytest.raises(InputError, match=r"cpu\.json: not what `python -m benchmarks` writes"):
        speed.rows("cpu")


def raced(accuracies: dict[str, list[float]]) -> pd.DataFrame:
    lines = [
        {"network": name, "seed": seed, "seconds": 10.0 + seed, "PrivateTest": accuracy}
        for name, values in accuracies.items()
        for seed, accuracy in enumerate(values)
    ]
    return pd.DataFrame(lines).set_index("network")


def test_only_a_network_that_is_over_the_aim_each_time_counts(
    measured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "takes a GPU" in speed.race_sentence()
    # a was over 70 % each time, in 10 and 11 s; b once only
    found = raced({"a": [70.0, 71.0], "b": [75.0, 69.9]})
    monkeypatch.setattr(speed, "races", lambda tier: found)
    assert speed.race_sentence() == "a: 10 s, mean of 2 runs, all at 70 % or more."
    assert "the best run has 75.0 %" in speed.race_sentence(aim=72)
