"""Qiu's tables and the best number of clusters, from made-up records, by hand."""

import numpy as np
import pytest

from ferbook.errors import InputError
from ferbook.report import compare
from ferbook.report import tables as all_tables
from ferbook.report.qiu import best_clusters, controls, networks, tables
from ferbook.report.qiu.networks import NETWORKS
from ferbook.report.reported import Number
from ferbook.report.verdict import Interval, compare_whole
from ferbook.study import records
from ferbook.study.cards import write_card
from ferbook.study.experiments import load_experiments
from ferbook.study.recipe import recipe
from test_records import COUNT, content, faces, landmarks

FACES = faces()  # 70, ten of each emotion: row i shows emotion i mod 7


def put(
    root, variant, wrong=(), seed=0, tier="short", experiment=None, artifacts=None, **more
):  # fmt: skip
    """A run of Qiu's that errs on the rows `wrong`; `more`: a view of the test part, by rows in
    error, or what replaces an entry of the record."""
    where = experiment or networks.experiment_of(variant)
    about = content(
        FACES, paper="qiu", experiment=where, variant=variant, seed=seed, tier=tier,
        recipe=recipe("qiu").as_dict(), reduced={},
    )  # fmt: skip
    views = {"plain": wrong}
    for name, value in more.items():
        if name in ("parameters", "history", "seconds", "phases", "hardware"):
            about[name] = value
        else:
            views[name] = value
    rows = np.arange(COUNT)
    shown = {}
    for name, bad in views.items():
        predicted = FACES.labels.astype(int)
        predicted[list(bad)] = (predicted[list(bad)] + 1) % 7
        shown[name] = np.eye(7, dtype=np.float32)[predicted]
    folder = root / "qiu" / f"{where}_{variant}_{tier}_s{seed}"
    parts = {"validation": {"rows": rows, "views": shown}, "test": {"rows": rows, "views": shown}}
    records.write(folder, about, parts, artifacts)


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path))
    write_card(tmp_path / "datasets", FACES, landmarks())
    return tmp_path


def test_every_variant_is_trained_where_it_is_looked_for():
    known = load_experiments("qiu")
    named = [v for n in NETWORKS.values() for v in (n.baseline, n.scheme, n.attention) if v]
    for variant in {*named, *networks.ELSEWHERE} - {"ensemble", "pensemble"}:
        assert variant in known[networks.experiment_of(variant)]["variants"], variant
    for experiment, variant in best_clusters.WHERE:
        assert variant in known[experiment]["variants"]
    assert len(best_clusters.WHERE) == 5 * 8


def test_below_a_table_stands_what_was_reduced_of_which_networks(root):
    for name in ("vgg16", "resnet", "densenet", "dpn", "resmasking"):
        put(root, name)
    runs = all_tables.select("qiu/backbones-fer2013", "short")
    for run in runs:
        if run.config["variant"] != "ensemble":
            width = 0.125 if run.config["variant"] == "resmasking" else 0.25
            run.config["model"] = {"width": width}
            run.config["reduced"] = {"width": 1.0}
    said = all_tables.provenance(runs)
    assert said.startswith("*5 runs of")  # a vote is no run
    assert "width 0.25 instead of 1.0 (densenet, dpn, resnet, vgg16)" in said
    assert "width 0.125 instead of 1.0 (resmasking)" in said
    (one,) = (run for run in runs if run.config["variant"] == "vgg16")
    assert "(width 0.25 instead of 1.0)" in all_tables.provenance([one])


def test_table_1_in_points_and_as_a_share(root):
    # one of ten of each emotion wrong, three in a mask: 0.9 to 0.7; all of disgust wrong before
    disgust = np.arange(1, COUNT, 7)
    put(root, "vgg16", [*range(7), *disgust], masked=[*range(21), *disgust])
    table = tables.masks("vgg16", "short")
    assert table.loc["fear", "points"].startswith("-20.0 [")
    assert table.loc["fear", "of what it was"] == "-22 %"  # 0.2 / 0.9
    assert table.loc["fear", "images"] == "10" and table.loc["all", "images"] == "70"
    assert table.loc["disgust", "of what it was"] == "–"  # nothing was right before
    assert table.loc["angry", "printed"] == "-22.8" and table.loc["all", "printed"] == "–"
    empty = tables.masks("dpn", "short")
    assert set(empty["points"]) == {"not measured"} and empty.loc["disgust", "printed"] == "-58.72"


def test_table_2_has_the_printed_numbers_as_they_are_printed(root):
    put(root, "vgg16")
    put(root, "vgg16", seed=1)
    table = tables.performance("short")
    assert list(table.index[:2]) == ["DenseNet", "PDenseNet"]
    assert table.loc["VGG16"].tolist() == ["66.5", "100.0", "0.653", "1.000", "2"]
    assert table.loc["PVGG"].tolist() == ["69.5", "–", "0.66", "–", "0"]
    assert table.loc["ResNet", "printed F1"] == "0.685" and table.loc["DPN", "printed F1"] == "0.68"
    assert table.loc["PEnsemble", "printed"] == "40" and table.loc["PResMasking", "printed"] == "–"


def test_f1_has_an_interval_over_seeds_only(root):
    put(root, "vgg16", range(7))
    assert tables.performance("short").loc["VGG16", "F1"] == "0.900"  # by symmetry of the classes
    put(root, "vgg16", range(14), seed=1)
    # 0.9 and 0.8: 12.706 x 0.05 = 0.635 to either side, and no F1 is above 1
    assert tables.performance("short").loc["VGG16", "F1"] == "0.850 [0.215, 1.000]"


def test_all_parts_and_ten_crops(root):
    put(root, "vgg16", range(14), tencrop=range(7))
    table = tables.parts("short")
    assert list(table.index) == ["VGG16"]
    row = table.loc["VGG16"]
    assert row["PublicTest"].startswith("80.0 [") and row["PrivateTest"].startswith("80.0 [")
    assert row["PrivateTest, ten crops"].startswith("90.0 [")


def test_what_the_scheme_adds(root):
    put(root, "vgg16", range(14), masked=range(35))
    put(root, "pvgg16", range(7), masked=range(35))
    put(root, "avgg16", range(14))
    row = tables.gains("short").loc["VGG16"]
    # seven images that only the scheme has right: p = 2 / 2^7
    assert row["scheme"].startswith("+10.0 [+") and row["largest p"] == "0.016"
    assert row["attention alone"] == "+0.0" and row["seeds"] == "1"
    assert tables.gains("short", "masked").loc["VGG16", "largest p"] == "1"
    assert tables.gains("short").loc["Ensemble", "attention alone"] == "–"


def test_table_3_by_emotion(root):
    fear = np.arange(2, COUNT, 7)
    put(root, "vgg16", fear[:5], masked=fear)
    put(root, "pvgg16", fear[:2], masked=fear[:4])
    table = tables.classes("vgg16", "short")
    assert table.loc["fear", "points"].startswith("+30.0 [")
    assert table.loc["fear", "in face masks"].startswith("+60.0 [")
    assert table.loc["fear", "printed"] == "+18" and table.loc["sad", "printed"] == "-17.3"
    assert table.loc["happy", "points"] == "+0.0"


def test_controls_are_held_against_baseline_and_scheme(root):
    put(root, "vgg16", range(14))
    put(root, "pvgg16", range(7))
    put(root, "patches", range(10))
    table = controls.against(controls.CONTROLS, "short")
    assert table.loc["VGG16", "minus baseline"] == "–"
    assert table.loc["the scheme", "minus baseline"].startswith("+10.0")
    squares = table.loc["random squares instead"]
    assert squares["minus baseline"].startswith("+5.7")  # 4 of 70
    assert squares["scheme minus it"].startswith("+4.3")  # 3 of 70
    assert table.loc["VGG16", "scheme minus it"].startswith("+10.0")
    assert table.loc["the scheme", "the same in masks"] == "–"
    assert squares["the same in masks"] == "not measured"
    assert table.loc["clusters moved at random", "minus baseline"] == "not measured"


def sweep(root, best, seed=0, tier="paper", counts=range(1, 9), backbone="vgg16"):
    """A backbone with every number of clusters, the one that does best being `best`."""
    for count in counts:
        experiment, variant = best_clusters.experiment_and_variant(backbone, count)
        wrong = range(7) if count == best else range(14)
        put(root, variant, wrong, seed, tier, experiment)


def test_figure_5_by_hand(root):
    sweep(root, best=3, counts=(1, 3))
    table = tables.cluster_numbers("vgg16", "paper")
    assert table.clusters.tolist() == [1, 3]
    assert table.accuracy.tolist() == pytest.approx([80, 90])
    assert table.seeds.tolist() == [1, 1]
    # one seed: 1.96 sqrt(0.8 x 0.2 / 70) = 9.37 points
    assert table.low[0] == pytest.approx(80 - 9.370, abs=0.01)
    assert tables.cluster_numbers("resnet", "paper").empty


def best_row():
    (found,) = compare.outcomes("qiu", "qiu/claim/best-clusters")
    return found


def test_the_best_number_of_clusters_needs_all_of_them(root):
    assert best_row().verdict == "not measured"
    sweep(root, best=3, counts=(1, 2, 3))
    found = best_row()
    assert found.verdict == "inconclusive" and found.measured is None
    assert found.reason.endswith("there are: vgg16 1, 2, 3")


def test_the_default_alone_says_nothing_of_other_numbers(root):
    sweep(root, best=3, counts=(3,))
    assert best_row().verdict == "not measured"


def test_the_best_number_of_clusters_over_seeds(root):
    sweep(root, best=3)
    assert best_row().verdict == "inconclusive"  # one seed
    sweep(root, best=3, seed=1)
    found = best_row()
    assert (found.verdict, found.measured, found.ci95) == ("reproduced", 3.0, (3.0, 3.0))
    assert found.runs == 2 and compare.cells(found)[2] == "3.0"
    sweep(root, best=5, seed=2)
    # 3, 3, 5: mean 11/3, s^2 = 4/3, 4.3027 x sqrt(4/3 x 4/3) = 5.737 to either side, none below 0
    found = best_row()
    assert found.verdict == "inconclusive" and "other numbers" in found.reason
    assert found.ci95 == pytest.approx((0, 11 / 3 + 5.737), abs=1e-3)


def test_another_best_number_contradicts_it_and_the_short_tier_decides_nothing(root):
    for seed in (0, 1):
        sweep(root, best=5, seed=seed, tier="short")
    assert best_row().verdict == "inconclusive" and best_row().tier == "short"
    for seed in (0, 1):
        sweep(root, best=5, seed=seed)
    assert best_row().verdict == "not reproduced"


def test_backbones_count_alike_and_equals_share(root):
    sweep(root, best=3)
    sweep(root, best=8, backbone="resnet")
    sweep(root, best=0, backbone="dpn")  # all eight alike: the mean of 1 to 8
    sweep(root, best=1, backbone="densenet", counts=range(1, 8))  # one is missing
    found = best_clusters.by_backbone(records.load_all("qiu"), "paper")
    assert found == {"vgg16": {0: 3.0}, "resnet": {0: 8.0}, "dpn": {0: 4.5}}
    assert best_clusters.by_seed(records.load_all("qiu"), "paper") == {0: pytest.approx(15.5 / 3)}


@pytest.mark.parametrize(
    ("mean", "half", "expected"),
    [
        (3.2, 0.3, "reproduced"),  # 2.9 to 3.5
        (3.2, 0.31, "inconclusive"),
        (3.6, 0.5, "not reproduced"),  # 3.1 to 4.1
        (2.0, 0.9, "not reproduced"),
        (4.0, 1.0, "inconclusive"),
    ],
)
def test_the_rule_for_a_best_number(mean, half, expected):
    assert compare_whole(Number(value=3, decimals=0), Interval(mean, half))[0] == expected


def test_what_to_train_for_a_number():
    assert best_clusters.wanted("resnet", [5]) == [
        "qiu/perturb-fer2013/presnet", "qiu/clusters-resnet/n5",
    ]  # fmt: skip
    assert best_clusters.wanted("resmasking", [2, 5, 8]) == [
        "qiu/clusters-resmasking/n2", "qiu/perturb-fer2013/presmasking",
        "qiu/clusters-resmasking/n5", "qiu/clusters-resmasking/n8",
    ]  # fmt: skip
    with pytest.raises(InputError, match="backbone 'vgg19': expected one of vgg16, resnet"):
        best_clusters.wanted("vgg19", [5])
