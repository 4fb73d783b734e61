"""What is said of Qiu's Tables 2 and 3, of the scheme's controls and of its costs, by hand."""

from unittest.mock import patch

import matplotlib.pyplot as plt
import numpy as np
import pytest

from ferbook.report.alternatives import NOTHING
from ferbook.report.effects import NOTHING as UNMEASURED
from ferbook.report.effects import Effect
from ferbook.report.qiu import (
    balanced,
    controls,
    networks,
    overhead,
    scheme_summary,
    summary,
    tables,
    votes,
)
from ferbook.report.qiu import figures_performance as drawn
from ferbook.report.qiu import performance_verdicts as verdicts
from ferbook.report.qiu.controls import CONTROLS
from ferbook.report.qiu.networks import NETWORKS
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
    assert verdicts.classes(one, "VGG16") == (
        "In this one pair of VGG16 networks angry gained and sad lost by more than the choice of "
        "images explains."
    )
    assert "no such pair" in verdicts.classes({"angry": UNMEASURED, "all": UNMEASURED}, "VGG16")


def everything(root, **wrong):  # noqa: F811
    """Two seeds of each variant, which err on so many images."""
    for variant, count in wrong.items():
        for seed in SEEDS:
            put(root, variant, range(count), seed, masked=range(count))


def test_the_controls_conclude(root):  # noqa: F811
    assert controls.controls("short") == "Nothing is measured yet."
    everything(root, vgg16=28, pvgg16=7, moved=14, patches=7, avgg16=28, long=28)
    said = controls.controls("short")
    # 21, 7, 0, 21 and 21 of 70 images in both seeds: 0 for the squares, which are as good
    assert said.startswith(
        "**The scheme is +30.0 [+19.3, +40.7] points from its baseline (2 seeds)"
    )
    assert ": a gain, but it is not told apart from random squares instead.**" in said
    assert "It does more than clusters moved at random, attention, nothing clustered" in said
    assert "random squares instead: +0.0" in said and "does less" not in said


def test_all_controls_are_beaten(root):  # noqa: F811
    everything(root, vgg16=28, pvgg16=7, moved=28, patches=28, avgg16=28, long=28)
    assert "more than every control, so where clusters lie matters.**" in controls.controls("short")


def test_a_gain_that_is_none_needs_no_explanation(root):  # noqa: F811
    everything(root, vgg16=7, pvgg16=7, moved=14)
    assert "(2 seeds): no gain is shown, so none is to be explained.**" in controls.controls(
        "short"
    )
    assert "It does more than clusters moved at random." in controls.controls("short")


def test_one_seed_concludes_nothing(root):  # noqa: F811
    put(root, "vgg16", range(28))
    put(root, "pvgg16", range(7))
    said = controls.controls("short")
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
    assert disgust.endswith(
        "1 gained, 0 lost, 0 did neither, 1 of them by more than the choice of images explains."
    )
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
    assert "trained on faces in masks: PVGG − VGG16 -10.0 [" in verdicts.occluded("short")


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
        "explains. The difference is higher in masks than without for 1 of them, beyond the choice "
        "of images for PVGG."
    )


def test_whoever_names_no_face_of_disgust_is_named(root):  # noqa: F811
    disgust = range(1, COUNT, 7)
    for name in ("vgg16", "pvgg16", "dpn"):
        put(root, name, disgust)
    put(root, "pdpn", list(disgust)[1:])
    said = verdicts.disgust("short")
    assert "1 gained, 0 lost, 1 did neither, none of them by more" in said
    assert said.endswith("VGG16 named none of them, with the scheme or without.")


def test_a_training_that_was_cut_says_so(root):  # noqa: F811
    put(root, "vgg16", range(7))
    assert controls.unfinished("vgg16", "short") == ""  # nothing is reduced
    (run,) = networks.runs("vgg16", "short")
    run.config["reduced"] = {"epochs": 200}
    run.data["selected_epoch"] = len(run.history)
    with patch.object(controls, "runs", return_value=[run]):
        said = controls.unfinished("vgg16", "short")
    assert f"in the last of its {len(run.history)} epochs, of 200 in the paper" in said
    run.data["selected_epoch"] = len(run.history) - 1
    with patch.object(controls, "runs", return_value=[run]):
        assert controls.unfinished("vgg16", "short") == ""


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


def test_the_scheme_beside_its_controls_in_masks(root):  # noqa: F811
    assert controls.masked("short") == ""
    put(root, "pvgg16", range(7), masked=range(14))
    put(root, "patches", range(7), masked=range(42))
    put(root, "moved", range(7), masked=range(13))
    put(root, "long", range(7), masked=[])
    # 28 more than the squares, 14 fewer than the longer training; 1 of 70 tells nothing
    assert controls.masked("short") == (
        "On VGG16 in masks the scheme is ahead of *random squares instead*; behind *baseline, twice"
        " the epochs*; not told apart from *clusters moved at random*; by more than the choice of "
        "images explains."
    )
    assert "not told apart from *clusters moved at random*, *random" in controls.by_sign(
        controls.leads("short")
    )


def test_attention_alone_is_a_control_of_every_network(root):  # noqa: F811
    put(root, "dpn", range(14))
    put(root, "adpn", range(21))
    put(root, "pdpn", range(7))
    table = controls.attention("short")
    assert "Ensemble" not in table.index and table.loc["ResNet", "largest p"] == "–"
    row = table.loc["DPN"]
    assert row["attention minus baseline"].startswith("-10.0 [")
    assert row["scheme minus attention"].startswith("+20.0 [")
    assert row["largest p"] == f"{2 / 2**14:.2g}"  # 14 images, all one way


def test_a_mean_of_recalls_weighs_emotions_alike(root):  # noqa: F811
    # 70 faces, ten of each emotion: both meanings agree, and both intervals
    put(root, "vgg16", range(14))
    put(root, "pvgg16", range(7))
    sides = networks.term("pvgg16"), networks.term("vgg16")
    found = balanced.balanced(*sides, "short")
    # each emotion gains 1 of 10: variance 0.09 within each
    half = 100 * 1.959964 * (0.09 / 70) ** 0.5
    assert (found.mean, found.high) == pytest.approx((10, 10 + half), rel=1e-4)
    assert (found.seeds, found.images) == (1, 70)
    assert balanced.balanced(*sides, "paper").seeds == 0
    table = balanced.two_meanings("short")
    # +8 ... of Table 3: (12.2 - 1.2 - 17.3 + 2.2 + 1.6 + 5 + 18) / 7 = 2.93
    assert table.loc["VGG16", ["printed", "mean of Table 3"]].tolist() == ["+3.0", "+2.9"]
    assert table.loc["DenseNet", "mean recall"] == "not measured"
    # classes of unlike size: gains 1 of 1, 0 of 3: mean of 1 and 0, share 1 of 4
    gains, labels = np.array([1.0, 0, 0, 0]), np.array([5, 2, 2, 2])
    value, influence = balanced._mean_recall(gains, labels)
    assert value == 0.5 and influence.tolist() == [0, 0, 0, 0]
    value, influence = balanced._mean_recall(np.array([1.0, 0, 1, 0]), np.array([5, 5, 2, 2]))
    assert value == 0.5 and influence.tolist() == [0.5, -0.5, 0.5, -0.5]


def test_the_other_part_and_ten_crops_are_counted(root):  # noqa: F811
    assert verdicts.other_parts("short") == "Not measured yet."
    put(root, "vgg16", range(14), tencrop=range(7))
    put(root, "pvgg16", range(14), tencrop=range(15))
    # both parts have 80 %; 7 of 70 more by ten crops, and 1 fewer
    assert verdicts.other_parts("short") == (
        "Of 2 single networks 0 are higher on PrivateTest than on PublicTest, on which their epochs"
        " were chosen. Ten crops make 1 of 2 higher on PrivateTest, by +4.3 points on average; by "
        "more than the choice of images explains 1 are higher and 0 lower."
    )


def test_a_vote_of_the_three_that_are_printed(root):  # noqa: F811
    assert votes.three("short") == ""
    for wrong, name in enumerate(("pdpn", "presnet", "pvgg16")):
        put(root, name, range(7 * wrong))
    for name in ("dpn", "resnet", "vgg16"):
        put(root, name, range(21))
    # 0, 7 and 14 of 70 wrong, nested: the middle one decides; 21 without the scheme
    said = votes.three("short")
    assert said.startswith("The printed one can hold 3 members only")
    assert "PDPN, PResNet and PVGG. A vote of ours of these has 90.0 [" in said
    assert "beside our Ensemble" not in said  # five are not there
    assert said.endswith("points beside the same 3 networks without the scheme.")
    for name in ("densenet", "resmasking"):
        put(root, name, range(28))
    # of five three have 21 wrong, two 28: the vote errs on 21
    assert "+20.0 [" in votes.three("short").split("beside our Ensemble of five")[0]
    assert "+20.0 [" in votes.three("short").split("beside our Ensemble of five")[1]


def test_soft_and_hard_votes_side_by_side(root):  # noqa: F811
    for wrong, network in enumerate(n for n in NETWORKS.values() if n.attention):
        put(root, network.baseline, range(7 * wrong))
    table = votes.votes("short")
    assert list(table.index) == ["Ensemble"]  # that by the scheme is not recorded
    row = table.loc["Ensemble"]
    # nested errors: the middle one of five decides by either vote, 14 of 70
    assert row["soft"] == row["hard"] and row["soft"].startswith("80.0 [")
    assert row["soft minus hard"] == "+0.0"


def test_epochs_of_the_attention_network_count(root):  # noqa: F811
    assert controls.epochs("pvgg16", "short") == "–"
    timed(root, "pvgg16", 18.0, phases=FIRST | {"epochs": 3.0})
    timed(root, "vgg16", 18.0)
    assert (controls.epochs("pvgg16", "short"), controls.epochs("vgg16", "short")) == (
        "3\xa0+\xa02",
        "2",
    )


def test_claims_about_the_printed_tables(root):  # noqa: F811
    table = scheme_summary.claims()
    assert len(table) == len(scheme_summary.CLAIMS) == 10
    # PEnsemble at 40 %, the single networks gain; sad and happy fall and disgust gains in print; 18
    # points and not 7; ResNet's disgust rises; sad falls; five of seven and
    # six; DPN's disgust alone falls
    answers = ["no", "yes", "yes", "no", "no", "no", "no", "yes", "no", "yes"]
    said = {"yes": "holds", "no": "does not hold"}
    assert table["in print"].tolist() == [said[answer] for answer in answers]
    # "up to 7 %" beside Table 3 is of the print alone
    assert table["here"].tolist() == ["is open"] * 4 + ["–"] + ["is open"] * 5
    assert table.index[1].endswith("accuracy”, read as: of every single network with printed cells")
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
    # epoch; beside 10. Clustering: 2 seconds in two epochs, after 1 for the attention
    assert row["times the baseline"] == pytest.approx(3.0)
    assert row["of it clustering"] == 1.0 and row["weights of phase 1"] == 110
    said = overhead.sentence("short")
    assert "adds no weights; its recorded trainings took 3.0 times as long." in said
    assert row["attention, once"] == 1.0 and shown["attention, s once"] == "1"
    # 1 of 12 + 18 seconds
    assert "Clustering itself was 3 % of that; the attention of all images took 1 s more" in said
    assert "not of training" in said
    timed(root, "avgg16", 40.0, each=7.0)
    assert overhead.costs("short").loc["PVGG", "times the baseline"] == pytest.approx(2.5)


def test_seconds_over_the_number_of_clusters(root):  # noqa: F811
    timed(root, "pvgg16", 18.0, phases=FIRST)
    table = overhead.over_numbers("vgg16", "short")
    assert list(table.index) == ["3"] and table.loc["3", "weights"] == "100"


def test_an_epoch_beside_a_plain_one():
    # seconds of two turns, the second on a machine that does something else
    found = {
        ("plain", 0): np.array([2.0, 4.0]), ("cbam", 0): np.array([3.0, 5.0]),
        ("clustering", 1): np.array([0.25, 0.5]), ("training", 1): np.array([2.5, 5.0]),
        ("clustering", 8): np.array([0.75, 1.0]), ("training", 8): np.array([3.0, 4.0]),
    }  # fmt: skip
    with patch.object(overhead.speed, "scheme", return_value=found):
        table = overhead.beside_plain()
        said, more = overhead.in_turns(clusters=8), overhead.more_clusters()
    assert list(table.index) == ["phase 1", "phase 3, n = 1", "phase 3, n = 8"]
    # 3 / 2 and 5 / 4; 2.5 / 2 and 5 / 4; 3 / 2 and 4 / 4
    assert table["times a plain epoch"].tolist() == [
        "1.38 [1.25, 1.50]", "1.25 [1.25, 1.25]", "1.25 [1.00, 1.50]",
    ]  # fmt: skip
    # a tenth of either; a quarter of either
    assert table["clustering, %"].tolist() == ["–", "10 [10, 10]", "25 [25, 25]"]
    # in sum 3 and 2.25
    assert "1.0 to 1.5 times with 8 clusters" in said and "**2.2 to 3.0 times**" in said
    # 0.75 / 0.25 and 1 / 0.5; 3 / 2.5 and 4 / 5
    assert "8 instead of 1, clustering itself takes 2.0 to 3.0 times" in more
    assert "(more in every turn), the whole epoch 0.80 to 1.20 times (more in some turns" in more
    cheap = found | {("training", 8): np.array([2.4, 4.0])}
    with patch.object(overhead.speed, "scheme", return_value=cheap):
        assert "0.80 to 0.96 times (less in every turn)" in overhead.more_clusters()
    with patch.object(overhead.speed, "scheme", return_value={}):
        assert overhead.beside_plain().empty and "not measured here yet" in overhead.in_turns()
        assert "not measured here yet" in overhead.more_clusters()


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
