"""What is said of Qiu's Tables 2 and 3, of the scheme's controls and of its costs, by hand."""

from unittest.mock import patch

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from ferbook.report.alternatives import NOTHING
from ferbook.report.effects import NOTHING as UNMEASURED
from ferbook.report.effects import Effect
from ferbook.report.qiu import figures_performance as drawn
from ferbook.report.qiu import networks, overhead, scheme_summary, summary, tables
from ferbook.report.qiu import performance_verdicts as verdicts
from ferbook.report.qiu.networks import NETWORKS
from ferbook.report.qiu.tables import CONTROLS
from test_qiu_tables import COUNT, FACES, put, root  # noqa: F401

SEEDS = (0, 1)


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def told(low, high, seeds=3):
    return Effect((low + high) / 2, low, high, seeds, 70)


def test_effects_are_sorted_by_what_their_intervals_say():
    found = {
        "a": told(1, 2),
        "b": told(-2, -1),
        "c": told(-1, 1),
        "d": told(1, 2, 1),
        "e": told(3, 4),
    }
    answers = verdicts.by_answer(found)
    assert answers.named("above") == ("a", "e") and answers.named("below") == ("b",)
    assert answers.named("open") == ("c",) and answers.named("one seed") == ("d",)
    assert answers.named("not measured") == ()


def test_emotions_gain_and_lose():
    found = {"angry": told(1, 2), "sad": told(-9, -3), "fear": told(-1, 1), "all": told(1, 2)}
    assert verdicts.classes(found, "VGG16") == (
        "**VGG16** (3 seeds): angry gained; sad lost; fear can be told neither way."
    )
    one = {name: told(effect.low, effect.high, 1) for name, effect in found.items()}
    assert verdicts.classes(one, "VGG16").endswith("networks angry gained.")
    assert "no such pair" in verdicts.classes({"angry": UNMEASURED, "all": UNMEASURED}, "VGG16")


def everything(root, **wrong):  # noqa: F811
    """Two seeds of each variant, which err on so many images."""
    for variant, count in wrong.items():
        for seed in SEEDS:
            put(root, variant, range(count), seed, masked=range(count))


def test_the_controls_conclude(root):  # noqa: F811
    assert verdicts.controls("short") == "Nothing is measured yet."
    everything(root, vgg16=28, pvgg16=7, moved=14, patches=7, avgg16=28, long=28)
    said = verdicts.controls("short")
    # 21, 7, 0, 21 and 21 of 70 images in both seeds: 0 for the squares, which are as good
    assert said.startswith(
        "**The scheme is +30.0 [+19.3, +40.7] points from its baseline (2 seeds)"
    )
    assert ": a gain, but it is not told apart from random squares instead.**" in said
    assert "It does more than clusters moved at random, attention, nothing clustered" in said
    assert "random squares instead: +0.0" in said and "does less" not in said


def test_all_controls_are_beaten(root):  # noqa: F811
    everything(root, vgg16=28, pvgg16=7, moved=28, patches=28, avgg16=28, long=28)
    assert "more than every control, so where clusters lie matters.**" in verdicts.controls("short")


def test_a_gain_that_is_none_needs_no_explanation(root):  # noqa: F811
    everything(root, vgg16=7, pvgg16=7, moved=14)
    assert "(2 seeds): no gain is shown, so none is to be explained.**" in verdicts.controls(
        "short"
    )
    assert "It does more than clusters moved at random." in verdicts.controls("short")


def test_one_seed_concludes_nothing(root):  # noqa: F811
    put(root, "vgg16", range(28))
    put(root, "pvgg16", range(7))
    said = verdicts.controls("short")
    assert said.endswith("(1 seed), too few for a gain that controls could explain.")
    assert verdicts.improves("short") == ""  # what there is, is said above
    so_far = scheme_summary.so_far("short")
    # 21 of 70 images more
    assert so_far.startswith("**So far**: of 1 network the scheme puts PVGG (+30.0) ahead")
    assert "and none behind" in so_far and "Each network has one seed." in so_far
    assert "random squares" not in so_far
    put(root, "patches", range(14))
    assert "instead of random squares is worth +10.0 [" in scheme_summary.so_far("short")
    # ten images, of which the first is 1; of the first 28 and 7 images 4 and 1 are disgust
    disgust = verdicts.disgust("short")
    assert disgust.startswith(
        "Disgust, on 10 images, of which one is 10.0 points: by the scheme 1 "
    )
    assert disgust.endswith("1 gained, 0 lost, 0 did neither.")
    (first, *rest) = verdicts.improvements("short")[::-1]
    assert first.name == "PEnsemble − Ensemble" and first.effect.seeds == 0
    assert [c.effect.seeds for c in rest] == [1, 0, 0, 0, 0]


def test_the_summary_has_a_row_for_each_network(root):  # noqa: F811
    assert summary.summary() == "No runs of Qiu's networks are recorded yet.\n"
    for seed in SEEDS:  # 28 of 70 wrong as they are, 35 in masks; 7 by the scheme
        put(root, "vgg16", range(28), seed, masked=range(35))
    everything(root, pvgg16=7)
    lines = summary.summary().splitlines()
    rows = lines[lines.index("| --- | --- | --- | --- | --- | --- |") + 1 :]
    assert [row.split(" | ")[0] for row in rows[:6]] == [f"| {n.title}" for n in NETWORKS.values()]
    cells = next(row for row in rows if row.startswith("| VGG16")).strip("| ").split(" | ")
    # printed 66.5 and 69.5; 42 and 63 of 70 are right; the mask takes 7 of 70 images
    assert [cell.split(" [")[0] for cell in cells] == [
        "VGG16",
        "66.5",
        "60.0",
        "69.5",
        "90.0",
        "-10.0",
    ]
    gains = lines[lines.index("| --- | --- | --- | --- |") + 1 :]
    # the scheme has 63 of 70 right instead of 42, and 63 instead of 35 in masks
    assert gains[4].startswith("| VGG16 | +3.0 | +30.0 [") and "] | +40.0 [" in gains[4]
    assert gains[1] == "| DPN | +0.7 | not measured | not measured |"
    assert lines[0].startswith("**So far**: of 1 network")
    assert lines[2].startswith("**That the scheme improves accuracy")  # of several seeds


def test_the_summary_of_one_seed_answers_nothing(root):  # noqa: F811
    put(root, "vgg16", range(28))
    put(root, "pvgg16", range(7))
    assert summary.summary().startswith("**So far**: of 1 network")


def test_disgust_by_network(root):  # noqa: F811
    disgust = np.arange(1, COUNT, 7)
    for seed in SEEDS:
        put(root, "vgg16", disgust[:1], seed)
        put(root, "pvgg16", disgust[:9], seed)
        put(root, "resnet", disgust[:9], seed)
        put(root, "presnet", disgust[:1], seed)
    said = verdicts.disgust("short")
    assert said.startswith("Disgust, on 10 images, of which one is 10.0 points: PResNet +80.0 [")
    assert said.endswith("it fell for PVGG, rose for PResNet.")
    assert verdicts.disgust("paper") == "For disgust nothing is measured yet."


def test_the_gain_in_masks_beside_the_gain_without(root):  # noqa: F811
    assert "is not measured yet" in verdicts.occluded("short")
    for seed in SEEDS:
        put(root, "vgg16", range(14), seed, masked=range(49))
        put(root, "pvgg16", range(7), seed, masked=range(21))
    said = verdicts.occluded("short")
    assert "PVGG − VGG16: +40.0 [" in said  # 28 of 70
    assert "without, in points: PVGG +30.0 [" in said and said.endswith("more for PVGG.")
    put(root, "mvgg16", range(7), masked=range(14))
    put(root, "mpvgg16", range(7), masked=range(21))
    assert "learnt from faces in masks: PVGG − VGG16 -10.0 [" in verdicts.occluded("short")


def test_the_printed_vote_is_beside_its_members(root):  # noqa: F811
    said = verdicts.ensemble("short")
    assert said.startswith("Printed are 40 % for PEnsemble and 69.5 to 72.3 % for its members.")
    assert said.endswith("not recorded yet.")
    for wrong, network in enumerate(n for n in NETWORKS.values() if n.attention):
        put(root, network.scheme, range(7 * wrong))
    # 0 to 28 of 70 wrong, nested: the middle one decides, 14 wrong
    assert "has 80.0 [" in verdicts.ensemble("short")
    assert verdicts.ensemble("short").endswith("its members 60.0 to 100.0 %.")


def test_masks_and_one_seed(root):  # noqa: F811
    put(root, "vgg16", range(14), masked=range(49))
    put(root, "pvgg16", range(7), masked=range(21))
    put(root, "dpn", range(14), masked=range(14))
    put(root, "pdpn", range(7), masked=range(14))
    # 28 images more in masks and 7 more without; none more in masks and 7 more without
    assert verdicts.occluded("short") == (
        "In masks the scheme puts 1 of 2 ahead and 0 behind, by more than the choice of images "
        "explains; 1 gain more in masks than without."
    )


def test_whoever_names_no_face_of_disgust_is_named(root):  # noqa: F811
    disgust = range(1, COUNT, 7)
    for name in ("vgg16", "pvgg16", "dpn"):
        put(root, name, disgust)
    put(root, "pdpn", list(disgust)[1:])
    said = verdicts.disgust("short")
    assert "1 gained, 0 lost, 1 did neither." in said
    assert said.endswith("VGG16 named none of them, with the scheme or without.")


def test_a_training_that_was_cut_says_so(root):  # noqa: F811
    put(root, "vgg16", range(7))
    assert verdicts.unfinished("vgg16", "short") == ""  # nothing is reduced
    (run,) = networks.runs("vgg16", "short")
    run.config["reduced"] = {"epochs": 200}
    run.data["selected_epoch"] = len(run.history)
    with patch.object(verdicts, "runs", return_value=[run]):
        said = verdicts.unfinished("vgg16", "short")
    assert f"in the last of its {len(run.history)} epochs, of 200 in the paper" in said
    run.data["selected_epoch"] = len(run.history) - 1
    with patch.object(verdicts, "runs", return_value=[run]):
        assert verdicts.unfinished("vgg16", "short") == ""


def test_table_3_whole(root):  # noqa: F811
    fear = np.arange(2, COUNT, 7)
    put(root, "vgg16", fear[:5])
    put(root, "pvgg16", fear[:2])
    table = tables.class_changes("short")
    assert table.loc["fear", "VGG16"] == "+18 / +30.0"  # 3 of ten faces more
    assert table.loc["fear", "DenseNet"] == "– / –" and table.loc["sad", "DPN"] == "+1.5 / –"


def test_f1_of_each_emotion_in_masks(root):  # noqa: F811
    put(root, "pvgg16", range(14), masked=range(7, 14))
    table = tables.class_f1("short")
    assert list(table.index) == ["PVGG"]
    # each emotion: nine of ten named, and one of another is given its name: 9 / (9 + 1)
    assert set(table.loc["PVGG"]) == {"0.90"}
    assert tables.class_f1("paper").empty


def test_epochs_of_the_attention_network_count(root):  # noqa: F811
    assert tables.epochs("pvgg16", "short") == "–"
    timed(root, "pvgg16", 18.0, phases=FIRST | {"epochs": 3.0})
    timed(root, "vgg16", 18.0)
    assert (tables.epochs("pvgg16", "short"), tables.epochs("vgg16", "short")) == (
        "3\xa0+\xa02",
        "2",
    )


def test_claims_about_the_printed_tables(root):  # noqa: F811
    table = scheme_summary.claims()
    assert len(table) == len(scheme_summary.CLAIMS) == 4
    # PEnsemble at 40 %; sad and happy fall and disgust gains in print; 18 points and not 7
    assert table["in print"].tolist() == ["does not hold"] * 3 + ["holds"]
    assert set(table["here"]) == {"is open"}
    assert table["because"].iloc[0] == "PEnsemble: accuracy 40; Ensemble: accuracy 73.4"


def test_depths(root):  # noqa: F811
    put(root, "resnet", range(14))
    put(root, "resnet34", range(7))
    table = verdicts.depths("short")
    row = table.loc["ResNet18, ResNet34"]
    assert row["printed"] == "69.2" and row["other minus taken"].startswith("+10.0 [")
    assert table.loc["DPN26, DPN68", "taken"] == "–"


def test_listing():
    assert [verdicts.listed(x) for x in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "", "a", "a and b", "a, b and c",
    ]  # fmt: skip


# --- figures ---------------------------------------------------------------------------------


def test_table_2_is_drawn_and_told(root):  # noqa: F811
    assert drawn.say_levels("short") == NOTHING and drawn.levels("short")
    put(root, "vgg16", range(14))
    said = drawn.say_levels("short")
    assert (
        "VGG16 as it is 80.0 (printed 66.5); VGG16 by the scheme not measured (printed 69.5)"
        in said
    )
    assert "DenseNet by the scheme not measured (printed blank)" in said
    (axis,) = drawn.levels("short").axes
    assert axis.get_xlabel() == "accuracy, % of PrivateTest (n = 70)"


def test_table_3_is_drawn_and_told(root):  # noqa: F811
    fear = np.arange(2, COUNT, 7)
    put(root, "vgg16", fear[:5])
    put(root, "pvgg16", fear[:2])
    found, said = drawn.by_emotion("vgg16", "short"), drawn.printed_by_emotion("vgg16")
    assert found["fear"].mean == pytest.approx(30) and said["fear"] == 18
    assert drawn.printed_by_emotion("densenet") == {}
    text = drawn.say_differences(found, "points", said)
    assert "fear +30.0 [" in text and "(printed +18)" in text
    (axis,) = drawn.differences(found, "points", said).axes
    assert axis.get_xlabel() == "points, 1 seed"
    assert [tick.get_text() for tick in axis.get_yticklabels()][:2] == [
        "angry (n = 10)",
        "happy (n = 10)",
    ]
    assert drawn.say_differences({"a": UNMEASURED}, "points") == NOTHING


def test_figure_3_counts_the_whole_dataset(root):  # noqa: F811
    from ferbook.report.tables import card_of

    card = card_of("fer2013")
    assert drawn.say_class_sizes(card).startswith("Bars: images of each emotion; angry 10, disg")
    (axis,) = drawn.class_sizes(card).axes
    assert axis.get_xlabel() == "images (n = 70)"
    lines = drawn.counted(card)
    assert lines[0] == "images of FER2013 (printed twice): 35,887 printed, 70 here"
    assert "images for training: 28,708 printed, 50 here" in lines
    assert "images for validation and testing (PublicTest): 3,589 printed, 10 here" in lines
    # of the first 50 rows 50 // 7 + 1 show emotion 0
    assert lines[-2] == "Training alone, largest class: 8 here"


# --- costs -----------------------------------------------------------------------------------


def timed(root, variant, seconds, seed=0, hardware=None, phases=None, parameters=100, each=1.5):  # noqa: F811
    epoch = {
        "epoch": 1, "lr": 0.01, "train_loss": 1.0, "train_accuracy": 0.5, "validation_loss": 1.0,
        "validation_accuracy": 0.5, "seconds": each,
    }  # fmt: skip
    more = {"phases": {"attention": phases}} if phases else {}
    artifacts = {"clusters.seconds": np.array([1.0, 2.0])} if phases else None
    put(
        root, variant, (), seed, artifacts=artifacts, seconds=seconds, parameters=parameters,
        history=[epoch, epoch | {"epoch": 2, "seconds": 9 * each}],
        hardware=hardware or {"device": "cpu"}, **more,
    )  # fmt: skip


FIRST = {"epochs": 1.0, "seconds": 12.0, "validation_accuracy": 0.5, "parameters": 110.0}


def test_costs_by_hand(root):  # noqa: F811
    assert overhead.costs("short").empty
    assert overhead.sentence("short") == "What the scheme costs is not recorded yet."
    timed(root, "vgg16", 10.0, each=10.0)
    timed(root, "pvgg16", 18.0, phases=FIRST, each=18.0)
    timed(root, "dpn", 10.0, hardware={"device": "cuda"})
    timed(root, "pdpn", 10.0, phases=FIRST)  # on another machine: no comparison
    table = overhead.costs("short")
    assert list(table.index) == ["PVGG"]
    shown = overhead.cost_table("short").loc["PVGG"]
    assert shown["times"] == "3.00" and shown["in phase 1"] == "110"
    assert overhead.cost_table("paper").empty
    row = table.loc["PVGG"]
    # the fastest epochs: 18 s and, of phase 1, whose epochs only its own record tells, 12 s of one
    # epoch; beside 10. Clustering: 1 + 2 seconds in two epochs
    assert row["times the baseline"] == pytest.approx(3.0)
    assert row["of it clustering"] == 1.5 and row["weights of phase 1"] == 110
    said = overhead.sentence("short")
    assert "adds no weights; its recorded trainings took 3.0 times as long." in said
    assert "Clustering itself was 5 % of that." in said and "not of training" in said
    timed(root, "avgg16", 40.0, each=7.0)
    assert overhead.costs("short").loc["PVGG", "times the baseline"] == pytest.approx(2.5)


def test_seconds_over_the_number_of_clusters(root):  # noqa: F811
    timed(root, "pvgg16", 18.0, phases=FIRST)
    table = overhead.over_numbers("vgg16", "short")
    assert list(table.index) == ["3"] and table.loc["3", "weights"] == "100"


def test_an_epoch_beside_a_plain_one():
    found = pd.DataFrame(
        [(1, 0, 1.5, 0.0, 0.0), (3, 3, 2.5, 0.1, 0.4), (3, 8, 2.5, 0.3, 0.4)],
        columns=["phase", "n", "relative", "clustering", "attention"],
    )
    with patch.object(overhead.speed, "scheme", return_value=found):
        table, said = overhead.beside_plain(), overhead.in_turns()
    # 60 % of 2.5 times is left where the attention is known, and a sixth or half of it clusters
    assert table["times a plain epoch"].tolist() == ["1.50", "1.50", "1.50"]
    assert table["of it clustering"].tolist() == ["0 %", "17 %", "50 %"]
    assert list(table.index) == ["phase 1", "phase 3, n = 3", "phase 3, n = 8"]
    assert "1.50 times a plain one in phase 1" in said and "**3.0 times**" in said
    with patch.object(overhead.speed, "scheme", return_value=found.iloc[:0]):
        assert overhead.beside_plain().empty and "not measured here yet" in overhead.in_turns()


def test_every_control_is_named():
    assert list(CONTROLS.values()) == ["pvgg16", "moved", "patches", "avgg16", "long"]
    assert FACES.emotions[1] == "disgust"


def test_how_far_reduced_networks_are_below_print(root):  # noqa: F811
    put(root, "vgg16", range(35))  # 50.0 of 66.5 printed
    put(root, "dpn", range(28))  # 60.0 of 71.2
    assert not any("below print" in line for line in summary.summary().splitlines())
    with patch.object(summary.reduced, "schedule", return_value="10 of 200 epochs"):
        (said,) = (line for line in summary.summary().splitlines() if "below print" in line)
    assert said.startswith("Reduced so (10 of 200 epochs), the single networks are 11 to 16 points")
