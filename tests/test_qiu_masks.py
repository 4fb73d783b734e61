"""Qiu's section 1: changes under a face mask, the claims about them, all by hand."""

from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.text import Text
from scipy import stats

from ferbook import paths
from ferbook.data.live import described
from ferbook.emotions import EMOTIONS
from ferbook.report import lettering
from ferbook.report.chew.hypotheses import Statement
from ferbook.report.effects import NOTHING, Effect
from ferbook.report.notebooks import read as read_notebook
from ferbook.report.qiu import (
    answers,
    figures_table1,
    mask_summary,
    mask_tables,
    mask_verdicts,
    masks_live,
)
from ferbook.report.qiu import mask_losses as losses
from ferbook.report.qiu import tables as qiu
from ferbook.report.qiu.networks import NETWORKS, apart, experiment_of, term
from ferbook.study import records
from ferbook.study.cards import write_card
from test_records import COUNT, content, faces, landmarks

LABELS = np.arange(COUNT) % 7  # ten faces of each emotion; the detector misses 9, 19, ..., 69


def of(emotion, count):
    """The first rows that show an emotion."""
    return np.flatnonzero(EMOTIONS.index(emotion) == LABELS)[:count]


def said(wrong):
    """Answers that are right but for {row: what is said instead}, as probabilities."""
    answers = LABELS.copy()
    for row, emotion in wrong.items():
        answers[row] = EMOTIONS.index(emotion)
    return np.eye(7, dtype=np.float32)[answers]


def put(root, variant, seed, masked, plain=()):
    """A run that errs on {row: said instead}, without and with masks."""
    experiment = experiment_of(variant)
    about = content(faces(), paper="qiu", experiment=experiment, variant=variant, seed=seed)
    views = {"plain": said(dict(plain)), "masked": said(dict(masked))}
    folder = root / "qiu" / f"{experiment}_{variant}_short_s{seed}"
    records.write(folder, about, {"test": {"rows": np.arange(COUNT), "views": views}})


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path))
    write_card(tmp_path / "datasets", faces(), landmarks())
    return tmp_path


@pytest.fixture
def two_seeds(root):
    """Happy loses six and four of its ten, said to be sad; nothing else changes."""
    for seed, count in ((0, 6), (1, 4)):
        put(root, "vgg16", seed, dict.fromkeys(of("happy", count), "sad"))
    return losses.by_seed("vgg16", "short")


def test_a_change_of_recall_has_an_interval_over_seeds_and_faces(two_seeds):
    found = losses.change(two_seeds, "happy")
    # seeds: -0.6 and -0.4, s^2 / 2 = 0.01; faces: 0.24 in both, / 10 = 0.024
    half = 100 * stats.t.ppf(0.975, (0.034 / 0.01) ** 2) * 0.034**0.5
    assert (found.mean, found.high) == pytest.approx((-50, -50 + half))
    assert (found.seeds, found.images) == (2, 10)
    # the table of one network comes to the same by another way
    for emotion in EMOTIONS:
        other = apart(term("vgg16", "masked"), term("vgg16"), "short", emotion)
        own = losses.change(two_seeds, emotion)
        assert (own.mean, own.low, own.high) == pytest.approx((other.mean, other.low, other.high))
    assert qiu.masks("vgg16", "short").loc["happy", "points"] == str(found)


def test_f1_counts_those_who_are_only_said_to_be_sad(two_seeds):
    # sad: 2 x 10 / (10 + 16) and / (10 + 14); happy: 2 x 4 / (10 + 4) and 2 x 6 / (10 + 6)
    assert losses.change(two_seeds, "sad").mean == 0
    assert losses.change(two_seeds, "sad", "f1").mean == pytest.approx(
        100 * ((20 / 26 + 20 / 24) / 2 - 1)
    )
    level = losses.level(two_seeds, "happy", "masked", "f1")
    assert level.mean == pytest.approx(100 * (8 / 14 + 12 / 16) / 2)
    assert losses.level(two_seeds, "happy", "masked").mean == pytest.approx(50)
    assert losses.level(two_seeds, "happy", "plain").mean == pytest.approx(100)


def test_influences_are_derivatives_by_the_weights_of_images(two_seeds):
    one = two_seeds[0]

    def weighted(weights, emotion):
        code = EMOTIONS.index(emotion)
        shows, taken = one.truth == code, one.masked == code
        f1 = 2 * weights[shows & taken].sum() / (weights[shows].sum() + weights[taken].sum())
        right = one.masked == one.truth
        return f1, weights[shows & right].sum() / weights[shows].sum()

    for emotion in ("happy", "sad", "fear"):
        f1 = losses.f1(one.masked, one, emotion)
        recall = losses.recall(one.masked, one, one.shows(emotion))
        at = weighted(np.ones(COUNT), emotion)
        assert (f1.value, recall.value) == pytest.approx(at)
        for row in (0, *of(emotion, 10)[[0, -1]], *of("happy", 1)):
            more = np.ones(COUNT)
            more[row] += 1e-6
            slope = (np.array(weighted(more, emotion)) - at) / 1e-6 * COUNT
            assert (f1.influence[row], recall.influence[row]) == pytest.approx(slope, abs=1e-3)


def test_a_relative_change_by_hand(root):
    fear = of("fear", 6)
    put(root, "vgg16", 0, dict.fromkeys(fear, "sad"), dict.fromkeys(fear[:2], "sad"))
    seeds = losses.by_seed("vgg16", "short")
    assert losses.change(seeds, "fear").mean == pytest.approx(-40)
    found = losses.relative(seeds, "fear")  # 0.8 -> 0.4
    assert found.mean == pytest.approx(-50)
    # b / a with a = 8/10, b = 4/10, nested: var = b (a - b) / a^3 / n = 0.3125 / 10
    assert (found.high - found.low) / 2 == pytest.approx(100 * 1.959964 * 0.03125**0.5)


def test_happy_and_surprise_beside_the_others(root):
    wrong = {**dict.fromkeys(of("happy", 6), "sad"), **dict.fromkeys(of("surprise", 2), "fear")}
    put(root, "vgg16", 0, {**wrong, of("sad", 1)[0]: "fear"})
    seeds = losses.by_seed("vgg16", "short")
    # (60 + 20) / 2 = 40 lost against 10 / 5 = 2
    assert losses.beyond_others(seeds).mean == pytest.approx(-38)
    put(root, "vgg16", 1, {**wrong, of("sad", 1)[0]: "fear"})
    text = mask_verdicts.most_sentence(losses.by_seed("vgg16", "short"), "vgg16")
    assert "**holds**; the mean change of the two minus that of the others is -38.0 [" in text
    # print: disgust -49.3, neutral -43.2, happy -35, angry -22.8, surprise -20.1, fear, sad
    assert text.endswith(
        "VGG16 loses most on disgust; happy is number 3, surprise is number 5 of 7."
    )


def test_faces_that_the_detector_missed(root):
    put(root, "vgg16", 0, {0: "fear", 9: "sad", 19: "sad", 29: "sad"})  # three of seven missed
    seeds = losses.by_seed("vgg16", "short")
    found = losses.missed(seeds)
    assert found["all"].mean == pytest.approx(-100 * 4 / 70)
    assert found["found"].mean == pytest.approx(-100 / 63) and found["found"].images == 63
    assert found["missed"].mean == pytest.approx(-300 / 7) and found["missed"].images == 7
    assert found["found − missed"].mean == pytest.approx(-100 / 63 + 300 / 7)
    # independent groups: variances add
    parts = [(62 / 63 / 63) / 63, (3 / 7 * 4 / 7) / 7]
    gap = found["found − missed"]
    assert (gap.high - gap.low) / 2 == pytest.approx(100 * 1.959964 * sum(parts) ** 0.5)
    table = mask_tables.undetected(seeds)
    assert table.loc["all", "faces"] == "63 and 7" and table.loc["all", "found"].startswith(
        "-1.6 ["
    )
    assert table.loc["all", "missed"] == "–"  # of seven faces nothing is told
    # -5.7 with them, -1.6 without
    assert mask_tables.undetected_sentence(seeds) == (
        "Leaving out the missed faces moves the change over all emotions by +4.1 points. "
        "Without a mask 100.0 % of the found faces are read right and 100.0 % of the missed ones; "
        "a mask changes that by -1.6 and -42.9 points, which is -2 and -43 % of what it was. Both "
        "in points and as a share masks cost less on faces that were found, as these runs lean."
    )
    put(root, "vgg16", 1, {0: "fear", **dict.fromkeys(range(9, 60, 10), "fear")})
    put(root, "vgg16", 2, {0: "fear", **dict.fromkeys(range(9, 60, 10), "fear")})
    text = mask_tables.undetected_sentence(losses.by_seed("vgg16", "short"))
    assert text.endswith("as a share masks cost less on faces that were found.")


def test_what_is_read_less_has_less_to_lose(root):
    # 48 of 63 found faces are read and 24 are left; 2 of 7 missed ones, and one is left
    found, missed = np.flatnonzero(np.arange(COUNT) % 10 != 9), np.arange(9, COUNT, 10)
    wrong = {row: EMOTIONS[(LABELS[row] + 1) % 7] for row in (*found, *missed)}
    plain = {row: wrong[row] for row in (*found[48:], *missed[2:])}
    masked = {row: wrong[row] for row in (*found[24:], *missed[1:])}
    put(root, "vgg16", 0, masked, plain)
    seeds = losses.by_seed("vgg16", "short")
    bare = losses.missed(seeds, figure=losses.bare)
    assert (bare["found"].mean, bare["missed"].mean) == pytest.approx((4800 / 63, 200 / 7))
    share = losses.missed(seeds, figure=losses.share)
    assert (share["found"].mean, share["missed"].mean) == pytest.approx((-50, -50))
    # nested: var = b (a - b) / a^3 / n with 48 and 24 of 63, with 2 and 1 of 7
    parts = [(24 / 63) ** 2 / (48 / 63) ** 3 / 63, (1 / 7) ** 2 / (2 / 7) ** 3 / 7]
    gap = share["found − missed"]
    assert (gap.high - gap.low) / 2 == pytest.approx(100 * 1.959964 * sum(parts) ** 0.5)
    text = mask_tables.undetected_sentence(seeds)
    # -38.1 against -14.3 points: 0.236 / 63 + 0.122 / 7 = 0.0212, and 1.96 of its root are 28.5
    assert "76.2 % of the found faces are read right and 28.6 % of the missed ones; " in text
    assert "by -38.1 and -14.3 points, which is -50 and -50 % of what it was. " in text
    assert text.endswith(
        "as a share no difference between the two can be told, as these runs lean."
    )
    row = mask_tables.undetected(seeds).loc["all"]
    assert row["without mask, %"] == "76.2 and –" and row["of what it was, %"] == "-50 and –"


def test_a_mask_makes_one_answer_commoner(two_seeds):
    # ten of 70 are sad; 16 and 14 are said to be: 15 / 70
    assert losses.answered(two_seeds, "sad", "masked") == pytest.approx(1500 / 70)
    row = mask_tables.guesses(two_seeds).loc["sad"]
    assert row.tolist() == ["14.3", "14.3", "21.4", "1.00", "0.80"]
    assert mask_tables.guesses(two_seeds, "VGG16").columns.name == "VGG16"
    text = mask_tables.guess_sentence(two_seeds, "VGG16")
    assert text.startswith(
        "Of the answers of VGG16 a mask raises “sad” most, by 7.1 points: from 14.3 to 21.4 % of "
        "all faces, of which 14.3 % show it. It was "
    )
    # all sad faces were read before: no recall to gain, and F1 falls to the mean of 0.77 and 0.83
    assert mask_tables.better_sentence(two_seeds, "VGG16") == (
        "Is sad read better by VGG16 under a mask? It is answered for 14.3 % of faces without and "
        "21.4 % with one; its recall goes from 100.0 to 100.0 %, its F1 from 1.00 to 0.80: said "
        "more often, read worse."
    )
    assert "Nothing" in mask_tables.better_sentence({}, "VGG16")
    assert mask_tables.guesses({}).empty and "Nothing" in mask_tables.guess_sentence({}, "VGG16")


def test_an_emotion_that_is_said_more_gains_recall_for_nothing(root):
    # two sad faces were missed and are read in masks, where all happy faces are said to be sad
    put(
        root, "vgg16", 0, dict.fromkeys(of("happy", 10), "sad"), dict.fromkeys(of("sad", 2), "fear")
    )
    seeds = losses.by_seed("vgg16", "short")
    # ten of 70 are said to be fear and two more: the commonest; of sad eight, then twenty
    assert mask_tables.guess_sentence(seeds, "VGG16").endswith(
        "by 17.1 points: from 11.4 to 28.6 % of all faces, of which 14.3 % show it. It was not the "
        "commonest before: “fear” was (17.1 %)."
    )
    # F1: 16 / 18, then 20 / 30
    assert mask_tables.better_sentence(seeds, "VGG16").endswith(
        "recall goes from 80.0 to 100.0 %, its F1 from 0.89 to 0.67: said more often, read worse."
    )
    assert mask_tables.better_sentence(seeds, "VGG16", "happy").endswith(
        "said less often, read worse."
    )
    # fear: 20 / 22, then all right
    assert mask_tables.better_sentence(seeds, "VGG16", "fear").endswith(
        "said less often, read better."
    )
    assert mask_tables.better_sentence(seeds, "VGG16", "angry").endswith(
        "said as often, read as well."
    )
    put(root, "resnet", 0, {}, {})
    same = losses.by_seed("resnet", "short")
    assert (
        mask_tables.guess_sentence(same, "ResNet") == "A mask makes no answer of ResNet commoner."
    )


def effect(low, high, seeds=2):
    return Effect((low + high) / 2, low, high, seeds, 10)


def test_recalls_that_rise_are_told_with_their_f1():
    falls = {e: effect(-2, -1) for e in qiu.COLUMNS}
    f1 = {"vgg16": falls, "dpn": falls}
    said = mask_tables.gained_sentence
    assert said({}, {}) == "Nothing is measured yet."
    assert said({"vgg16": falls}, f1).endswith("none rises under a mask.")
    text = said({"vgg16": falls, "dpn": {**falls, "sad": effect(1, 3)}}, f1)
    assert text == (
        "Of 14 recalls, over all networks, 1 rises: DPN's of sad, by +2.0 [+1.0, +3.0] points, "
        "while F1 changes by -1.5 [-2.0, -1.0] hundredths (a gain for nothing)."
    )
    rises = {**falls, "sad": effect(1, 3)}
    assert "(a gain)" in said({"dpn": rises}, {"dpn": rises})
    assert "cannot tell" in said({"dpn": rises}, {"dpn": {**falls, "sad": effect(-1, 3)}})
    assert "(leans to a gain for nothing)" in said({"dpn": {**falls, "sad": effect(1, 3, 1)}}, f1)


@pytest.mark.parametrize(
    ("cells", "every", "some"),
    [
        ([], "not measured", "not measured"),
        ([effect(-2, -1), effect(-3, -1)], "holds", "fails"),
        ([effect(-2, -1), effect(-1, 1)], "open", "open"),
        ([effect(-2, -1), effect(1, 2)], "fails", "holds"),
        ([effect(-2, -1, 1)], "one seed", "one seed"),
        ([effect(1, 2, 1), effect(-2, -1)], "one seed", "one seed"),
    ],
)
def test_claims_on_many_cells(cells, every, some):
    assert mask_verdicts.every_answer(cells) == every
    assert mask_verdicts.some_answer(cells) == some


def test_sentences_count_cells_and_name_what_is_printed():
    row = {e: effect(-2, -1) for e in qiu.COLUMNS}
    found = {"vgg16": row, "dpn": {**row, "sad": effect(1, 2), "fear": effect(-1, 1)}}
    text = mask_verdicts.every_sentence(found, "accuracy", with_print=True)
    assert "**fails**; of 14 cells 12 fall, 1 rises, 1 can be told neither way" in text
    assert text.endswith("In print 39 of 42 fall.")  # all but sad of DenseNet, DPN, ResNet
    text = mask_verdicts.sad_sentence(found)
    assert "**holds**; of 2 networks it rises for DPN (means -1.5 to +1.5 points)" in text
    assert text.endswith("In print it rises for DenseNet, DPN, ResNet.")


def test_one_seed_only_leans_and_its_cells_are_counted():
    row = {e: effect(-2, -1, 1) for e in qiu.COLUMNS}
    text = mask_verdicts.every_sentence({"vgg16": row}, "F1")
    assert text.endswith("**leans for**; of 7 cells 7 fall.")
    row["sad"] = effect(1, 2, 1)
    text = mask_verdicts.every_sentence({"vgg16": row}, "F1")
    assert text.endswith("**leans against**; of 7 cells 6 fall, 1 rises.")
    assert "(section 1): **leans for**;" in mask_verdicts.sad_sentence({"vgg16": row})
    row["sad"] = effect(-1, 1, 1)
    assert "**no answer**" in mask_verdicts.sad_sentence({"vgg16": row})
    low, high = Statement("", "", effect(1, 2, 1)), Statement("", "", effect(-2, -1, 1))
    assert [answers.brief(one) for one in (low, high)] == ["leans for", "leans against"]
    assert answers.brief(Statement("", "", effect(1, 2))) == "holds"
    assert answers.lean(Statement("", "", NOTHING)) == "not measured"


def test_a_recall_that_is_low_to_begin_with_cannot_fall_as_in_print(root):
    # one of ten frightened faces is read: 10 %; in print VGG16 loses 17.2 points of fear.
    # Nobody is said to be disgusted, and 49.3 points are lost in print.
    wrong = {**dict.fromkeys(of("fear", 9), "sad"), **dict.fromkeys(of("disgust", 10), "angry")}
    put(root, "vgg16", 0, wrong, wrong)
    networks = mask_verdicts.read("short")
    assert mask_summary.beyond(networks) == {"disgust": ["vgg16"], "fear": ["vgg16"]}
    assert mask_verdicts.unnamed(networks) == {"vgg16": ("disgust",)}
    assert mask_summary.floor_sentence(networks) == (
        "A recall cannot fall below 0. In 2 of 7 cells the print takes away more than our network "
        "had without a mask: disgust (1 of 1), fear (1 of 1). Never answered, "
        "with a mask or without: disgust by VGG16; there the change says nothing."
    )
    assert mask_summary.floor_sentence({}) == ""
    one = networks["vgg16"]
    assert qiu.masks("vgg16", "short").loc["disgust", "points"] == "never answered"
    assert qiu.masks("vgg16", "short").columns.name == "VGG16"
    assert mask_tables.guesses(one).loc["disgust", "said with mask"] == "never"
    assert mask_tables.undetected(one).loc["disgust"].tolist()[:2] == ["never answered", "–"]
    assert mask_verdicts.disgust_sentence(one, "vgg16").startswith(
        "**Accuracy for disgust improves** (abstract): no answer; VGG16 never answers it."
    )


def test_so_far_counts_over_networks(root):
    assert mask_summary.so_far("short") == "**So far.** **No such run is recorded yet.**"
    # VGG16: happy and surprise lose six and five of ten; ResNet: sad loses three
    lost = {**dict.fromkeys(of("happy", 6), "sad"), **dict.fromkeys(of("surprise", 5), "sad")}
    put(root, "vgg16", 0, lost)
    put(root, "resnet", 0, dict.fromkeys(of("sad", 3), "fear"))
    text = mask_summary.so_far("short")
    # 3 and 11 of 70
    assert "of 2 networks by -4.3 (ResNet) to -15.7 (VGG16) points. " in text
    assert "two that fall most for 1 of 2 here and for 0 of 6 in print. " in text
    assert "Disgust improves for 0 of 2 here and for 0 of 6 in Table 1. " in text
    assert "0 are falls by more recall than our network had" in text  # all was read without a mask
    assert text.endswith("a claim is only said to lean.") and "Each network has one seed" in text
    put(root, "vgg16", 1, lost)
    assert "ResNet has one seed" in mask_summary.so_far("short")
    put(root, "resnet", 1, {})
    assert mask_summary.so_far("short").endswith("Each network has 2 seeds or more.")


def test_a_caveat_says_how_much_was_reduced():
    def run(variant, epochs, width, reduced):
        config = {
            "variant": variant, "seed": 0, "tier": "short", "recipe": {"epochs": epochs},
            "model": {"width": width}, "reduced": reduced,
        }  # fmt: skip
        return SimpleNamespace(config=config, folder=variant)

    full = {"epochs": 200, "width": 1.0}
    narrow = [run("vgg16", 10, 0.25, full), run("resnet", 10, 0.125, full)]
    assert answers.caveat(narrow).startswith(
        "These runs are of tier *short* (10 of 200 epochs, 0.125 to 0.25 of the width). Each"
    )
    assert answers.caveat([run("vgg16", 200, 1.0, {})]).startswith(
        "These runs are of tier *short*. Each"
    )
    vote = SimpleNamespace(members=narrow)  # is no run of its own
    assert answers.caveat([*narrow, vote]) == answers.caveat(narrow)


def test_rows_that_are_equal_in_print():
    assert mask_verdicts.twins() == [("resmasking", "ensemble")]
    assert mask_verdicts.twin_sentence({}) == (
        "In print the rows ResMasking and Ensemble are equal in each of their 7 cells."
    )
    ours = {
        name: {e: effect(shift, shift + (e == "fear")) for e in qiu.COLUMNS}
        for name, shift in (("resmasking", -2), ("ensemble", -2))
    }
    ours["ensemble"]["sad"] = effect(1, 1.5)
    assert mask_verdicts.twin_sentence(ours).endswith("Ours differ by up to 3.2 points (sad).")


def test_disgust_and_the_largest_drop(root, two_seeds):
    text = mask_verdicts.disgust_sentence(two_seeds, "vgg16")
    assert "**fails**; VGG16 +0.0 points" in text and text.endswith(
        "The paper's Table 1 prints -49.3 for VGG16."
    )
    text = mask_verdicts.largest_sentence({"vgg16": two_seeds})
    assert "85 %** (section 1): over 1 of 6 rows our largest loss in points is VGG16's" in text
    assert text.endswith("In the paper's Table 1 the largest is -62.8.")
    for seed in (0, 1):  # of four surprised faces that are read none is left: 40 points, 100 %
        lost = dict.fromkeys(of("surprise", 10), "fear")
        unread = dict.fromkeys(of("surprise", 6), "fear")
        put(root, "resnet", seed, lost, unread)
    networks = mask_verdicts.read("short")
    assert list(networks) == ["resnet", "vgg16"]
    text = mask_verdicts.largest_sentence(networks)
    assert "largest loss in points is VGG16's of happy, -50.0 [" in text
    assert "what it was ResNet's of surprise, -100.0" in text and "85 %: **holds**" in text
    assert "not measured yet" in mask_verdicts.largest_sentence({})


def test_a_network_that_learnt_from_masks(root, two_seeds):
    for seed in (0, 1):
        put(root, "mvgg16", seed, {}, {0: "fear"})
    table = mask_tables.trained("short")
    assert table.loc["faces in masks", "scored on faces in masks"] == "100.0"
    # 69 of 70 right on bare faces against all of them
    assert table.iloc[2, 0].startswith("-1.4 [")
    assert mask_tables.trained_by_emotion("short")["happy"].mean == pytest.approx(50)
    text = mask_tables.trained_sentence("short")
    # 64 and 66 of 70 right: -7.1; then all right again, as without a mask
    assert text == (
        "A mask changes the accuracy of VGG16 by -7.1 points; training on faces in masks changes "
        "it by +7.1, which leaves +0.0. Part of the loss was that masks were new, not that the "
        "mouth is hidden."
    )
    assert mask_tables.trained_sentence("paper") == mask_tables.UNMEASURED
    # of ten happy faces in masks the one reads all, the other four and six
    gain = mask_tables.trained_by_emotion("short")["happy"]
    assert mask_tables.recall_sentence("short", "happy") == (
        "Of 10 happy faces in masks VGG16 trained on masks reads 100.0 % right, VGG16 trained on "
        f"faces as they are 50.0 %; the difference is {gain} points: training on masks helps to "
        "read them."
    )
    assert mask_tables.recall_sentence("paper") == mask_tables.UNMEASURED


def test_emotions_that_training_on_masks_helps_to_read():
    said = mask_tables.by_emotion_sentence
    gains = {"happy": effect(1, 2, 1), "sad": effect(-1, 1, 1), "angry": effect(-2, -1, 1)}
    assert said(gains | {"fear": NOTHING}) == (
        "By emotion, recall rises for happy; it falls for angry; it is not told to change for sad, "
        "as these runs lean."
    )
    assert said({"happy": effect(1, 2)}) == "By emotion, recall rises for happy."
    assert said({"happy": NOTHING}) == mask_tables.UNMEASURED


def test_the_figure_draws_ours_beside_the_printed(two_seeds):
    found = mask_verdicts.changes({"vgg16": two_seeds})
    figure = figures_table1.table1(found, mask_verdicts.printed_table())
    axes = {axis.get_title(): axis for axis in figure.axes}
    assert next(iter(axes)) == "DenseNet" and "VGG16, 2 seeds" in axes
    lines = axes["VGG16, 2 seeds"].lines
    dots = {line.get_ydata()[0]: line.get_xdata()[0] for line in lines if line.get_marker() == "o"}
    diamonds = {
        line.get_ydata()[0]: line.get_xdata()[0] for line in lines if line.get_marker() == "D"
    }
    assert dots[1] == pytest.approx(-50) and diamonds[1] == -35  # happy
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()][1] == "happy (10)"
    assert "VGG16 happy -50.0 to" in figures_table1.say_table1(found)
    networks = {"vgg16": two_seeds}
    figure = figures_table1.table1(
        found, before=mask_verdicts.before(networks), unnamed={"vgg16": ["fear"]}
    )
    lines = figure.axes[4].lines
    single = [line for line in lines if len(line.get_xdata()) == 1]
    marked = [(m.get_marker(), m.get_xdata()[0], m.get_ydata()[0]) for m in single]
    assert ("|", -100, 1) in marked  # all happy faces are read without a mask
    assert ("x", 0, 6) in marked and ("o", 0, 6) not in marked  # fear
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["ours, 95 %", "lowest there can be", "never answered"]
    said = figures_table1.say_table1(found, unnamed={"vgg16": ["fear"]})
    assert "never fear" in said
    alone = figures_table1.table1({}, mask_verdicts.printed_table())
    assert alone.legends[0].get_title().get_text() == "no such run is recorded yet"
    text = figures_table1.say_table1({}, mask_verdicts.printed_table())
    assert "VGG16 as printed disgust -49.3 to sad -7.9" in text
    assert figures_table1.say_table1({}).startswith("No figure")


def test_lettering_is_legible_on_a_phone(two_seeds):
    found = mask_verdicts.changes({"vgg16": two_seeds})
    for figure in (figures_table1.table1(found), figures_table1.single(found["vgg16"], "points")):
        lettering.legible(figure).draw_without_rendering()
        # 9 px of a figure that is 358 px wide, 5.3 inches and 0.2 around them: 9 * 396 / 358 pt
        least = min(t.get_fontsize() for t in figure.findobj(Text) if t.get_text())
        assert least >= 9.95
    # what is large enough stays
    large = plt.figure(figsize=(5.3, 1))
    title = large.text(0, 0, "a", size=14)
    assert lettering.legible(large) is large and title.get_fontsize() == 14


def test_one_panel_and_none(two_seeds):
    found = mask_verdicts.changes({"vgg16": two_seeds})["vgg16"]
    axis = figures_table1.single(found, "points").axes[0]
    assert axis.get_xlabel() == "points, 2 seeds"
    assert "happy -50.0 [" in figures_table1.say_single(found)
    chart = figures_table1.single({"fear": NOTHING}, "points")
    assert "no such run" in chart.texts[0].get_text()


def test_what_a_mask_hides_of_drawn_faces():
    images, points, titles = masks_live.marked("synthetic", 7, 1)
    assert titles == list(EMOTIONS) and images.shape == (7, 48, 48)
    table = masks_live.covered(points, masks_live.kinds_of("all"))
    assert list(table.index) == ["surgical", "N95", "cloth"]
    assert (table["mouth"] > 95).all() and (table[["eyes", "brows"]] < 10).all(axis=None)
    text = masks_live.say_sheet(titles, table, "synthetic")
    assert "7 synthetic faces (angry, disgust," in text and "of the mouth" in text
    assert "7 faces of fer2013 (" in masks_live.say_sheet(titles, table, "fer2013")
    assert "are synthetic" in described("synthetic") and "`fer2013`" in described("fer2013")
    assert list(masks_live.covered(points, masks_live.kinds_of("n95")).index) == ["N95"]


def test_nothing_is_recorded_yet(root):
    assert mask_verdicts.read("short") == {} and losses.by_seed("vgg16", "paper") == {}
    for name in NETWORKS:
        assert losses.change({}, "sad") == NOTHING, name
    assert mask_tables.undetected({}).empty
    for text in (
        mask_verdicts.most_sentence({}, "vgg16"),
        mask_verdicts.disgust_sentence({}, "vgg16"),
        mask_verdicts.every_sentence({}, "F1"),
        mask_verdicts.sad_sentence({}),
    ):
        assert "not measured yet" in text


def test_the_page_offers_the_networks_of_the_table():
    _, parameters = read_notebook(paths.notebooks() / "qiu_s1_masks.py")
    model = next(p for p in parameters if p.name == "model")
    assert list(model.choices) == list(NETWORKS)
