"""The page of speed reads what the benchmarks wrote: ratios, limits and growth by hand."""

import json
import math
import os
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest

from ferbook.errors import InputError
from ferbook.report import figures_speed, speed, speed_races, speed_said, speed_steps
from ferbook.study import records
from ferbook.study.cards import write_card
from test_records import content, faces, landmarks

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


def write(file: Path, rows: list[dict], growth: list[dict] | None = None) -> None:
    """In the place of what stands there, and of another time than it."""
    file.write_text(json.dumps({"rows": rows, "growth": growth or []}))
    os.utime(file, (9, 9))


def held(text: str) -> str:
    """A number and its unit are never parted by the end of a line."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def held_aim(*parts: str) -> str:
    return "\N{NO-BREAK SPACE}".join(parts)


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
    assert speed_said.missed_sentence("cpu") == held_aim(
        "1 of 2 aims are reached. Not reached: help (100", "ms)."
    )


def test_an_aim_can_be_a_share_of_the_limit(measured: Path) -> None:
    # a quarter of the limit: 25 % is reached, 45 % is not; the ratio of 5 is, beside it
    held_ = [ROW | {"share": 0.25}, ROW | {"name": "large", "what": "large", "share": 0.45}]
    write(measured, held_)
    assert [speed.reached(row) for row in held_] == [True, False]
    assert speed.limits("cpu").aim.to_list() == ["25%", "45%"]
    assert speed_said.missed_sentence("cpu") == (
        "3 of 4 aims are reached. Not reached: large, beside a loop (45% of the limit)."
    )


@pytest.mark.parametrize(
    ("ratio", "aim", "text"),
    [(1.76, 1.8, "1.76"), (1.796, 1.8, "1.796"), (1.8, 1.8, "1.8"), (1.84, 1.8, "1.8")],
)
def test_no_rounded_ratio_contradicts_its_aim(ratio: float, aim: float, text: str) -> None:
    assert speed.times(ratio, aim) == text


def test_exponents_of_growth(measured: Path) -> None:
    assert speed.exponent(speed.growth("cpu")[0]) == pytest.approx((2, 1))
    # less than a megabyte says nothing, and a series is not told by part of its sizes
    for held_ in ([1, 10, 100], [0, 2**22, 2**23]):
        assert math.isnan(speed.exponent(SERIES | {"bytes": held_})[1])
    write(measured, [], [SERIES | {"bytes": [0, 0, 0]}])
    assert speed.grown("cpu").loc["maps"].to_list() == ["faces", 1, 4, "2.00", "–"]
    assert "memory ~ next to nothing" in speed.told(SERIES | {"bytes": [0, 0, 0]})


def test_what_one_of_many_costs(measured: Path) -> None:
    # 0.1, 0.2 and 0.4 s for one: the last is the dearest, four times the first
    assert speed_said.each_sentence("cpu", "maps") == (
        "Of maps, a face of 4 takes 4.0 times as long as a face of 1; dearest is a face of 4,"
        " 4.0 times the cheapest."
    )
    assert speed_said.each_sentence("cpu", "others") == ""


def part(name: str, clusters: int, *seconds: float) -> dict[str, object]:
    found = {"name": f"scheme-{name}-{clusters}", "part": name, "clusters": clusters}
    return WAIT | found | {"wanted": None, "ours": list(seconds)}


def test_the_cost_of_the_scheme(measured: Path) -> None:
    """By three clusters 5, 6 and 8 s, of which 1, 2 and 3 are the attention."""
    parts = [part("cbam", 0, 3, 3, 8), part("attention", 0, 1, 2, 3), part("epoch", 3, 5, 6, 8)]
    write(measured, [part("plain", 0, 2, 2, 4), *parts, part("clustering", 3, 1.5, 1, 2)])
    found = {key: turns.tolist() for key, turns in speed.scheme("cpu").items()}
    assert found == {
        ("plain", 0): [2, 2, 4], ("cbam", 0): [3, 3, 8], ("attention", 0): [1, 2, 3],
        ("training", 3): [4, 4, 5], ("clustering", 3): [1.5, 1, 2],
    }  # fmt: skip
    assert speed.waits("cpu").empty  # it is no wait of a person's


def test_the_cost_of_the_scheme_is_told_beside_a_plain_epoch(measured: Path) -> None:
    write(measured, [part("cbam", 0, 3, 3, 8)])
    assert speed.scheme("cpu") == {} == speed.scheme("cuda")


def test_a_table_without_rows_is_not_shown(measured: Path) -> None:
    table = speed.table("cpu")
    with patch("IPython.display.display") as shown:
        speed.show({"ours": table, "nothing": speed.table("cuda")})
    ((name, last),) = (call.args for call in shown.call_args_list)
    assert name.data == "*ours*" and last is table


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
    assert speed_said.machine("cpu") == (
        "*Measured on 2026-01-02: a processor, 2 cores, torch 2.0.*"
    )


def test_each_line_has_a_name_of_its_own(measured: Path) -> None:
    other = ROW | {"name": "maps-two", "against": "two loops"}
    measured.write_text(json.dumps({"rows": [ROW, other], "growth": []}))
    os.utime(measured, (9, 9))
    names = ["maps, many, beside a loop", "maps, many, beside two loops"]
    assert list(speed.table("cpu").index) == names


def test_work_beside_several_others_has_one_limit(measured: Path) -> None:
    # turns of 2, 1, 2 and 4, 4, 4 ms: a median of 3, of which 0.5 are 17 %
    other = ROW | {"name": "maps-two", "against": "two loops", "ours": [0.004] * 3}
    write(measured, [ROW, other])
    assert speed.limits("cpu").loc["maps, many"].to_list() == [
        "face", held("500 µs"), "bytes", "17%",
    ]  # fmt: skip
    # the limit was measured with each: the lower one stands, 0.3 of 3 ms
    write(measured, [ROW, other | {"limit": 0.0003}])
    os.utime(measured, (8, 8))
    assert speed.limits("cpu").loc["maps, many"].to_list()[-1] == "10%"


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
    assert speed_said.missed_sentence("cpu").startswith("0 of 1 aims")


def test_nothing_measured_is_said(measured: Path) -> None:
    assert speed.rows("cuda") == []
    assert "pending" in speed_said.machine("cuda")
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
    assert "takes a GPU" in speed_races.race_sentence()
    # a was over 70 % each time, in 10 and 11 s; b once only
    found = raced({"a": [70.0, 71.0], "b": [75.0, 69.9]})
    monkeypatch.setattr(speed_races, "races", lambda tier: found)
    assert speed_races.race_sentence() == "a: 10 s, mean of 2 runs, all at 70 % or more."
    assert "the best run has 75.0 %" in speed_races.race_sentence(aim=72)


def race(root: Path, recipe: str, seed: int, validation: list[float], right: int) -> None:
    """A run of ResNet by a recipe: accuracy after each epoch, and so many of ten test faces."""
    experiment = "fast-fer2013" if recipe == "fast" else "backbones-fer2013"
    about = content(faces(), paper="qiu", experiment=experiment, variant="resnet", seed=seed)
    about["config"]["recipe"] = {**about["config"]["recipe"], "name": recipe}
    epoch = about["history"][0]
    about["history"] = [
        {**epoch, "epoch": number, "validation_accuracy": value}
        for number, value in enumerate(validation, 1)
    ]
    rows = np.arange(60, 70)
    answers = faces().labels[rows].astype(int)
    answers[right:] = (answers[right:] + 1) % 7
    scored = {"rows": rows, "views": {"plain": np.eye(7, dtype=np.float32)[answers]}}
    folder = root / "qiu" / f"{experiment}_resnet_short_s{seed}"
    records.write(folder, about, {"test": scored})


def test_recipe_fast_beside_the_papers(measured: Path) -> None:
    root = measured.parent.parent
    write_card(root / "datasets", faces(), landmarks())
    assert speed_races.beside("short").empty
    assert speed_races.beside_sentence("short") == "Not measured yet."
    race(root, "fast", 0, [0.3, 0.4, 0.5, 0.6], right=9)
    race(root, "fast", 1, [0.3, 0.51, 0.4, 0.6], right=9)
    race(root, "fast", 2, [0.3, 0.4, 0.4, 0.49], right=3)
    assert speed_races.beside_sentence("short") == "Not measured yet."  # nothing beside it
    race(root, "qiu", 0, [0.3, 0.7], right=7)
    table = speed_races.beside("short")
    assert table.index.tolist() == ["ResNet, fast", "ResNet, qiu"]
    # the first epochs at 50 %: 3, 2, none
    assert table["epochs to 50 %"].tolist() == ["3 (2 to never)", "2"]
    assert table["of"].tolist() == ["4", "2"] and table["seeds"].tolist() == ["3", "1"]
    assert table["PrivateTest, %"].iloc[0].startswith("70.0 [")  # 90, 90 and 30
    # seed 0 alone has both: 90 - 70
    assert table["fast minus qiu, points"].iloc[0].startswith("+20.0 [")
    assert speed_races.gain("resnet", "short").seeds == 1
    assert speed_races.beside_sentence("short") == (
        "- ResNet is at 50 % of PublicTest after 3 epochs by `fast` (median of 3), after 2 epochs "
        "by `qiu` (1): `fast` is later there. In the end `fast` minus `qiu` is "
        f"{speed_races.gain('resnet', 'short')} points of PrivateTest."
    )
