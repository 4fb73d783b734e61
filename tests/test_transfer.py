"""Networks on another dataset: accuracy, baselines and the answer to H3, by hand."""

import numpy as np
import pytest
from scipy import stats

from ferbook.data.faces import Faces
from ferbook.emotions import EMOTIONS
from ferbook.report.chew import figures_transfer, hypotheses, transfer, transfer_verdict
from ferbook.report.chew import transfer_tables as tables
from ferbook.report.chew.transfer import SHARED, WAYS
from ferbook.report.effects import Term, effect
from ferbook.study import records
from ferbook.study.cards import write_card
from ferbook.vision.landmarks import Landmarks
from test_records import content

COUNT, PEOPLE = 70, 10
TO_CK, TO_FER = WAYS
#: Rows of the other dataset that show one of the six: not the neutral (or contempt) of each seven.
SIX = np.flatnonzero(np.arange(COUNT) % 7 != 6)


def faces(name):
    """Ten faces of each emotion; on CK+ of ten people, the seventh class being contempt."""
    ckplus = name == "ckplus48"
    labels = (np.arange(COUNT) % 7).astype(np.uint8)
    subject = np.arange(COUNT) // 7 if ckplus else np.full(COUNT, -1)
    return Faces(
        name, np.zeros((COUNT, 2, 2), np.uint8), np.where(ckplus & (labels == 6), 7, labels),
        np.full(COUNT, 3 if ckplus else 2, np.uint8), subject.astype(np.int32),
        np.arange(COUNT, dtype=np.int32), np.arange(COUNT).astype("S"),
        ("c" if ckplus else "f") * 64, (*EMOTIONS, "contempt") if ckplus else EMOTIONS,
        judgement={"verdict": "genuine"},
    )  # fmt: skip


def card(root, dataset):
    found = Landmarks(
        np.ones((COUNT, 68, 2), np.float32), np.ones(COUNT, bool), np.ones(COUNT, np.float32),
        np.ones((COUNT, 4), np.float32),
    )  # fmt: skip
    write_card(root / "datasets", dataset, found)


def said(rows, wrong, width=9):
    """Answers of probability 1: right, but on the rows `wrong` the next of the six."""
    codes = rows % 7
    codes = np.where(np.isin(rows, wrong), (codes + 1) % 6, codes)
    return np.eye(width, dtype=np.float32)[codes]


def put(root, way, variant, seed, parts, fold=None):
    """A record of `way`; parts {part: (rows, {view: probabilities})}."""
    here, there = (faces(n) for n in ("fer2013", "ckplus48")[:: 1 if way is TO_CK else -1])
    card(root, here), card(root, there)
    more = {} if way is TO_CK else {"emotions": list(SHARED)}
    data = content(here, experiment=way.experiment.removeprefix("chew/"), variant=variant,
                   seed=seed, fold=fold, cross=there.name, **more)  # fmt: skip
    data["config"]["split"] = "random-80-10-10" if way is TO_CK else "folds-2-subject"
    data["cross"] = {"name": there.name, "fingerprint": there.fingerprint}
    name = f"{data['config']['experiment']}_{variant}_short_s{seed}_f{fold}"
    packed = {part: {"rows": rows, "views": views} for part, (rows, views) in parts.items()}
    records.write(root / "chew" / name, data, packed)


def to_ck(root, variant, seed, wrong, wrong_at_home=(), neutral=()):
    """Trained on FER2013: errs on `wrong` of CK+, and says neutral to `neutral` when it may."""
    shared = said(SIX, wrong)
    plain = np.where(np.isin(SIX, neutral)[:, None], np.eye(9, dtype=np.float32)[6], shared)
    home = np.arange(COUNT)
    own = said(home, wrong_at_home, 7)
    own[home % 7 == 6] = np.eye(7)[6]
    parts = {"test": (home, {"plain": own}), "cross": (SIX, {"plain": plain, "shared": shared})}
    put(root, TO_CK, variant, seed, parts)


def to_fer(root, variant, seed, wrong, wrong_at_home=()):
    """Trained on CK+ in two folds, of which fold k errs on the rows `wrong[k]` of FER2013."""
    for fold in (0, 1):
        person = SIX // 7
        test = SIX[person % 2 == fold]
        views = {"plain": said(SIX, wrong[fold]), "shared": said(SIX, wrong[fold])}
        own = said(test, wrong_at_home, 8)
        put(root, TO_FER, variant, seed, {"test": (test, {"plain": own}), "cross": (SIX, views)},
            fold)  # fmt: skip


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path))
    return tmp_path


def test_within_and_across_by_hand(root):
    to_ck(root, "hybrid", 0, wrong=SIX[:15], wrong_at_home=SIX[:6], neutral=SIX[-3:])
    assert transfer.level(transfer.across(TO_CK, "hybrid", "shared", "short")).mean == 75
    assert transfer.level(transfer.across(TO_CK, "hybrid", "plain", "short")).mean == 70
    for view in ("plain", "shared"):  # of the sixty at home that show one of the six, six are wrong
        home = transfer.level(transfer.within(TO_CK, "hybrid", view, "short"))
        assert home.mean == pytest.approx(90) and home.images == 60
    found = transfer.change(TO_CK, "hybrid", "shared", "short")
    # the first fifteen are of the first three people: 6, 6 and 3 wrong of their six each
    assert found.mean == pytest.approx(-15)
    sums = np.array([6, 6, 3, *[0] * 7]) - 15 / 60 * 6
    away = 10 / 9 * (sums**2).sum() / 60**2  # G / (G - 1), whole people
    half = 1.959964 * (away + 0.1 * 0.9 / 60) ** 0.5  # two sets of images: variances add
    assert found.high - found.mean == pytest.approx(100 * half)


def test_the_choice_among_six_takes_the_likeliest_of_them(root):
    rows = np.array([0, 1, 2, 6])
    table = np.zeros((4, 7), np.float32)
    table[:, 6] = 0.6  # neutral wins
    table[0, [0, 1]] = 0.3, 0.1  # right among the six
    table[1, [0, 1]] = 0.3, 0.1  # wrong
    table[2, [2, 3]] = 0.2, 0.2  # undecided between two: half right
    put(root, TO_CK, "hybrid", 0, {"test": (rows, {"plain": table})})
    scored = transfer.within(TO_CK, "hybrid", "shared", "short")[0]
    assert scored[0].tolist() == [0, 1, 2] and scored[1].tolist() == [1, 0, 0.5]
    plain = transfer.within(TO_CK, "hybrid", "plain", "short")[0]
    assert plain[1].tolist() == [0, 0, 0]
    fear = transfer.within(TO_CK, "hybrid", "shared", "short", ("fear",))[0]
    assert fear[0].tolist() == [2]


def test_an_image_counts_by_the_share_of_folds_that_are_right(root):
    to_fer(root, "hybrid", 0, wrong=[SIX[:12], SIX[:24]], wrong_at_home=SIX[:3])
    away = transfer.across(TO_FER, "hybrid", "shared", "short")[0]
    assert away[1].sum() == 60 - 12 - 12 * 0.5
    home = transfer.within(TO_FER, "hybrid", "shared", "short")[0]  # both test folds pooled
    assert len(home[0]) == 60 and home[1].sum() == 57 and len(set(home[2])) == PEOPLE


def test_folds_that_are_missing_leave_a_seed_out(root):
    test = SIX[SIX // 7 % 2 == 0]
    parts = {"test": (test, {"plain": said(test, (), 8)}), "cross": (SIX, {"plain": said(SIX, ())})}
    put(root, TO_FER, "hybrid", 0, parts, fold=0)
    assert transfer.within(TO_FER, "hybrid", "shared", "short") == {}
    assert tables.confusion(TO_FER, "hybrid", "plain", "short").empty


def test_one_set_of_images_is_the_contrast_of_the_hypotheses(root):
    for seed, wrong in ((0, 9), (1, 15)):
        to_ck(root, "hybrid", seed, SIX[:wrong])
        to_ck(root, "pixels", seed, SIX[10:30])
        to_ck(root, "landmarks", seed, SIX[:20])
    terms = [
        (s, Term(TO_CK.experiment, v, "cross", "shared"))
        for s, v in ((1, "hybrid"), (-1, "pixels"))
    ]
    sides = [(s, transfer.across(TO_CK, t.variant, "shared", "short")) for s, t in terms]
    assert transfer.combined(sides) == effect(terms, "short")
    ours = transfer.hybrid_against("shared", "short")
    theirs = hypotheses.transfer("short", "shared")
    assert ours[0].effect == theirs[0].effect and ours[0].answer == theirs[0].answer
    # 12 of 60 wrong on average against 20: 13.3 points
    assert ours[0].effect.mean == pytest.approx(100 * 8 / 60)


def test_other_images_are_not_paired():
    one = {0: (np.arange(3), np.ones(3), np.full(3, -1, np.int32))}
    two = {0: (np.arange(1, 4), np.ones(3), np.full(3, -1, np.int32))}
    with pytest.raises(ValueError, match="same images"):
        transfer.combined([(1, one), (-1, two)])
    assert transfer.combined([(1, one)], [(-1, two)]).mean == 0


def test_whole_people_as_a_bootstrap_over_people_has_it():
    dice = np.random.default_rng(0)
    people = np.repeat(np.arange(60), dice.integers(2, 12, 60)).astype(np.int32)
    luck = dice.normal(0, 1, 60)[people]
    gain = (dice.normal(luck, 1) > 0.3).astype(float) - (dice.normal(luck, 1) > 0).astype(float)
    found = transfer.level({0: (np.arange(len(gain)), gain, people)})
    members = [np.flatnonzero(people == p) for p in range(60)]
    drawn = [
        gain[np.concatenate([members[p] for p in dice.integers(0, 60, 60)])].mean()
        for _ in range(2000)
    ]
    low, high = 100 * np.quantile(drawn, [0.025, 0.975])
    assert found.high - found.low == pytest.approx(high - low, rel=0.1)
    assert found.low == pytest.approx(low, abs=0.8)


def test_every_emotion_counts_the_same(root):
    # 30 of one emotion with 24 right, 10 of another with 1 right: mean recall (0.8 + 0.1) / 2
    none = np.full(30, -1, np.int32)
    first = {0: (np.arange(30), (np.arange(30) < 24).astype(float), none)}
    second = {0: (np.arange(30, 40), (np.arange(10) < 1).astype(float), none[:10])}
    found = transfer.level(transfer.balanced([first, second]))
    assert found.mean == pytest.approx(45) and found.images == 40
    # each recall varies by itself: (0.8 x 0.2 / 30 + 0.1 x 0.9 / 10) / 4
    half = 1.959964 * ((0.16 / 30 + 0.09 / 10) / 4) ** 0.5
    assert found.high - found.mean == pytest.approx(100 * half)
    to_ck(root, "hybrid", 0, wrong=SIX[SIX % 7 == 2])  # no fear at all
    home, away = transfer.mean_recalls(TO_CK, "hybrid", "shared", "short")
    assert transfer.level(home).mean == 100
    assert transfer.level(away).mean == pytest.approx(100 * 5 / 6)


def test_baselines_by_hand(root):
    assert transfer.baseline(TO_CK, "shared", "short") is None
    rows = np.array([0, 1, 3, 8])  # angry, disgust, happy, disgust: of persons 0 and 1
    views = {"plain": said(rows, ()), "shared": said(rows, ())}
    put(
        root,
        TO_CK,
        "hybrid",
        0,
        {"test": (rows, {"plain": said(rows, (), 7)}), "cross": (rows, views)},
    )
    base = transfer.baseline(TO_CK, "plain", "short")
    assert (base.chance, base.largest, base.emotion) == (pytest.approx(100 / 7), 50, "disgust")
    assert (base.images, base.people) == (4, 2)
    assert transfer.baseline(TO_CK, "shared", "short").chance == pytest.approx(100 / 6)
    to_fer(root, "hybrid", 0, [(), ()])
    base = transfer.baseline(TO_FER, "plain", "short")  # these networks know six in either view
    assert base.chance == pytest.approx(100 / 6) and base.people == 0
    assert transfer_verdict.people(WAYS, "shared", "short") == (
        "*Scored on CK+: 4 images of 2 people; on FER2013: 60 images.*"
    )


def test_tables_by_hand(root):
    to_ck(root, "hybrid", 0, wrong=SIX[:15], wrong_at_home=SIX[:6])
    row = tables.table(TO_CK, "shared", "short").loc["hybrid"]
    assert list(row.index) == ["on FER2013", "on CK+", "change", "seeds"]
    assert row["on CK+"].startswith("75.0 [") and row["change"].startswith("-15.0 [")
    found = {way: tables.per_emotion(way, "hybrid", "shared", "short") for way in WAYS}
    wide = tables.recalls(found)
    assert wide.shape == (6, 2)  # nothing of the other way is recorded
    # the first fifteen are two of each emotion and a third of angry, disgust, fear
    assert wide[TO_CK.name, "on CK+"].tolist() == [70, 70, 70, 80, 80, 80]
    assert wide[TO_CK.name, "on FER2013"].tolist() == [90] * 6
    assert tables.percent(transfer.NOTHING) == "–"


def test_confusion_by_hand(root):
    to_ck(root, "hybrid", 0, wrong=SIX[:1], neutral=SIX[1:3])
    to_ck(root, "hybrid", 1, wrong=SIX[:1])
    counts = tables.confusion(TO_CK, "hybrid", "plain", "short")
    assert list(counts.columns) == list(EMOTIONS) and list(counts.index) == list(SHARED)
    # two runs of ten angry faces: each errs once, towards disgust
    assert counts.loc["angry", ["angry", "disgust"]].tolist() == [18, 2]
    assert counts["neutral"].tolist() == [0, 1, 1, 0, 0, 0]
    assert counts.to_numpy().sum() == 120
    assert "neutral" not in tables.confusion(TO_CK, "hybrid", "shared", "short")
    to_fer(root, "hybrid", 0, [(), ()])
    assert list(tables.confusion(TO_FER, "hybrid", "plain", "short").columns) == list(SHARED)
    axis = figures_transfer.confusion(counts).axes[0]
    assert axis.get_ylabel() == "true" and axis.texts[0].get_text() == "90"


def three(root, put_one, *wrong):
    for variant, rows in zip(("hybrid", "pixels", "landmarks"), wrong, strict=True):
        put_one(variant, rows)


def test_h3_is_answered_by_two_seeds(root):
    for seed in (0, 1):
        three(root, lambda v, w, s=seed: to_ck(root, v, s, w), SIX[:0], SIX[::2], SIX[::3])
    said = transfer_verdict.hypothesis("shared", "short")
    assert said.startswith(
        "**H3 holds for FER2013 → CK+ and is not measured yet for CK+ → FER2013.**"
    )
    assert "the hybrid is better than pixels, +50.0" in said and "very networks" not in said
    three(root, lambda v, w: to_fer(root, v, 0, [w, w]), SIX[:0], SIX[::2], SIX[::3])
    said = transfer_verdict.hypothesis("shared", "short")
    assert "has one seed so far" in said and "very networks" in said
    three(root, lambda v, w: to_fer(root, v, 1, [w, w]), SIX[:0], SIX[::2], SIX[::3])
    assert transfer_verdict.hypothesis("shared", "short").startswith("**H3 holds either way.**")


def test_what_is_left_is_held_against_the_most_frequent_emotion(root):
    assert "Nothing is recorded" in transfer_verdict.carried("shared", "short")
    to_ck(root, "hybrid", 0, wrong=SIX[6:], wrong_at_home=SIX[:6])  # right on one person only
    to_ck(root, "pixels", 0, wrong=SIX[:6])
    said = transfer_verdict.carried("shared", "short")
    # six of sixty right; each of the six emotions is a sixth of the images
    assert "on 10.0 [" in said and "not to be told from the 16.7 % of always saying angry" in said
    assert "a change of -80.0 [" in said and said.count("**") == 2
    assert "above the 16.7 %" in transfer_verdict.carried("shared", "short", "pixels")


def test_figures_draw_what_the_tables_say(root):
    to_ck(root, "hybrid", 0, wrong=SIX[:15], wrong_at_home=SIX[:6])
    axes = figures_transfer.accuracies("shared", "short").axes
    dots = [
        line.get_xdata()[0]
        for line in axes[0].lines
        if line.get_marker() == "o" and len(line.get_xdata())
    ]
    assert dots == pytest.approx([90, 75])
    lines = [
        line.get_xdata()[0]
        for line in axes[0].lines
        if line.get_linestyle() in (":", "--") and len(line.get_xdata())
    ]
    assert lines == pytest.approx([100 / 6, 100 / 6])
    assert axes[0].get_title().endswith("60 images, 10 people")
    found = {way: tables.per_emotion(way, "hybrid", "shared", "short") for way in WAYS}
    axes = figures_transfer.emotions(found).axes
    assert [text.get_text() for text in axes[0].texts] == ["10"] * 6 and not axes[1].texts


def test_nothing_recorded_is_said_and_drawn(root):
    assert tables.table(TO_CK, "shared", "short").empty
    assert (
        transfer_verdict.hypothesis("shared", "short") == "**H3 is not measured yet either way.**"
    )
    assert transfer_verdict.people(WAYS, "shared", "short") == ""
    found = {way: tables.per_emotion(way, "hybrid", "shared", "short") for way in WAYS}
    for chart in (
        figures_transfer.accuracies("shared", "short"),
        figures_transfer.emotions(found),
        figures_transfer.confusion(tables.confusion(TO_CK, "hybrid", "plain", "short")),
    ):
        assert "no such run" in chart.texts[0].get_text()


def test_one_seed_has_the_interval_of_the_images():
    """The interval of one seed is the normal one: half a width of 1.96 standard errors."""
    right = np.r_[np.ones(30), np.zeros(70)]
    found = transfer.level({0: (np.arange(100), right, np.full(100, -1, np.int32))})
    half = stats.norm.ppf(0.975) * (0.3 * 0.7 / 100) ** 0.5
    assert found.low == pytest.approx(100 * (0.3 - half))
