"""Verdicts: the rule by hand-derived values, and whole rows from records on disk."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, recall_score

from ferbook.data.faces import Faces, fingerprint
from ferbook.emotions import EMOTIONS
from ferbook.errors import InputError
from ferbook.report import claimed, compare, scores, verdict
from ferbook.report.reported import Number
from ferbook.study import records
from ferbook.study.cards import write_card
from ferbook.study.recipe import recipe
from ferbook.study.records import Predictions
from ferbook.vision.landmarks import Landmarks
from test_pages import outcome

KEYS = "id paper where protocol reported unit measured ci95 runs tier verdict reason assumptions"


# --- the rule --------------------------------------------------------------------------------


def test_interval_of_three_seeds_without_sampling_error():
    # m = 0.51, s^2 = (0.0001 + 0 + 0.0001) / 2 = 1e-4; s^2 (1 + 1/3) = 1.3333e-4, root 0.0115470;
    # nu = 2, t = 4.3027: half-width 0.049683
    found = verdict.prediction_interval([0.50, 0.51, 0.52], 0.0, 3589, None)
    assert found.mean == pytest.approx(0.51)
    assert found.half == pytest.approx(0.049683, abs=1e-6)


def test_interval_of_two_seeds_with_their_sampling_error():
    # s^2 = 2 x 0.01^2 = 2e-4, times 1.5 = 3e-4; sampling 0.24 / 800 = 3e-4; total 6e-4,
    # root 0.0244949; nu = 1 x (6 / 3)^2 = 4, t = 2.7764: half-width 0.068009
    found = verdict.prediction_interval([0.59, 0.61], 0.24, 800, None)
    assert found.half == pytest.approx(0.068009, abs=1e-6)


def test_interval_with_both_sampling_errors():
    # 3e-4 between; 0.24 / 800 + 0.24 / 800 = 6e-4; total 9e-4, root 0.03; nu = (9 / 3)^2 = 9,
    # t = 2.26216: half-width 0.067865
    found = verdict.prediction_interval([0.59, 0.61], 0.24, 800, 800)
    assert found.half == pytest.approx(0.067865, abs=1e-6)


def test_equal_seeds_leave_the_normal_quantile():
    # no variance between seeds: infinite degrees of freedom, 1.95996 x sqrt(0.25 / 100) = 0.097998
    found = verdict.prediction_interval([0.5, 0.5], 0.25, 100, None)
    assert found.half == pytest.approx(0.097998, abs=1e-6)


def test_one_seed_has_no_interval():
    assert verdict.prediction_interval([0.5], 0.25, 100, None) is None


def value(number):
    return Number(value=number, decimals=1)


@pytest.mark.parametrize(
    ("mean", "half", "printed", "unit", "expected"),
    [
        (80.5, 0.5, value(82.5), "percent", "reproduced"),  # a miss of 2.0 is the margin
        (80.4, 0.5, value(82.5), "percent", "not reproduced"),  # 2.1
        (79.5, 3.0, value(82.5), "percent", "reproduced"),  # within the interval
        (79.4, 3.0, value(82.5), "percent", "not reproduced"),
        (0.68, 0.001, value(0.70), "f1", "reproduced"),  # the margin is 0.02
        (0.67, 0.001, value(0.70), "f1", "not reproduced"),
        (5.0, 0.1, Number(low=4, high=6, comparator="between", decimals=0), "points", "reproduced"),
        (2.0, 0.1, Number(low=4, high=6, comparator="between", decimals=0), "points", "reproduced"),
        (1.9, 0.1, Number(low=4, high=6, comparator="between", decimals=0), "points",
         "not reproduced"),
        (8.1, 0.1, Number(low=4, high=6, comparator="between", decimals=0), "points",
         "not reproduced"),
        (-9.0, 0.1, Number(high=5, comparator="<=", decimals=0), "points", "reproduced"),
        (7.1, 0.1, Number(high=5, comparator="<=", decimals=0), "points", "not reproduced"),
        (99.0, 0.1, Number(low=75, comparator=">", decimals=0), "percent", "reproduced"),
        (72.0, 0.1, Number(low=75, comparator=">", decimals=0), "percent", "not reproduced"),
    ],
)  # fmt: skip
def test_verdict_of_a_measured_number(mean, half, printed, unit, expected):
    assert verdict.compare(printed, unit, verdict.Interval(mean, half))[0] == expected


@pytest.mark.parametrize(
    ("printed", "decimals", "counted", "expected"),
    [
        (28708, 0, 28709, "not reproduced"),  # exact: one image off
        (28709, 0, 28709, "reproduced"),
        (7000, -3, 7215, "reproduced"),  # rounded to thousands
        (7000, -3, 7999, "reproduced"),  # truncated
        (7000, -3, 8000, "not reproduced"),
        (500, -2, 547, "reproduced"),
        (500, -2, 450, "reproduced"),  # rounded up
        (500, -2, 436, "not reproduced"),
    ],
)
def test_verdict_of_a_count(printed, decimals, counted, expected):
    number = Number(value=printed, decimals=decimals)
    assert verdict.compare_count(number, counted)[0] == expected


FRACTION = st.floats(0.01, 0.99)


@given(FRACTION, st.floats(0, 0.1), FRACTION, st.floats(0, 1))
def test_moving_towards_the_mean_never_loses_reproduced(mean, half, printed, share):
    interval = verdict.Interval(mean, half)
    nearer = printed + share * (mean - printed)

    def judged(number):
        return verdict.compare(Number(value=number, decimals=3), "f1", interval)[0]

    if judged(printed) == "reproduced":
        assert judged(nearer) == "reproduced"


@given(st.lists(FRACTION, min_size=2, max_size=6), st.integers(10, 10**5), st.integers(1, 10**5))
def test_the_sampling_error_shrinks_with_n(values, n, more):
    """Total variance falls with n; so does the interval, unless fewer degrees of freedom outweigh
    it, which cannot be where the seeds agree."""
    mean = sum(values) / len(values)
    same = [mean] * len(values)
    small, large = (
        verdict.prediction_interval(same, mean * (1 - mean), size, size) for size in (n, n + more)
    )
    assert large.half < small.half
    ours = verdict.prediction_interval(same, mean * (1 - mean), n, None)
    assert ours.half < small.half


# --- metrics and their influence, against scikit-learn with weighted images ------------------


def drawn(seed=0, n=200, classes=7):
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, classes, n)
    wrong = generator.random(n) < 0.35
    predicted = np.where(wrong, generator.integers(0, classes, n), truth)
    return Predictions(np.arange(n), truth.astype(np.uint8), predicted.astype(np.uint8))


def by_sklearn(metric, predictions, weights):
    t, p = predictions.truth, predictions.predicted
    if metric == "accuracy":
        return np.array([np.average(t == p, weights=weights)])
    if metric == "recall":
        return recall_score(t, p, average=None, sample_weight=weights)
    return np.array([f1_score(t, p, average="macro", sample_weight=weights)])


def slopes(figure, n, step=1e-5):
    """n times the change of `figure(weights)` per weight of image i: its influence."""
    rows = []
    for image in range(n):
        up, down = np.ones(n), np.ones(n)
        up[image] += step
        down[image] -= step
        rows.append((figure(up) - figure(down)) / (2 * step) * n)
    return np.array(rows).T


@pytest.mark.parametrize("metric", ["accuracy", "recall", "f1"])
def test_value_and_influence(metric):
    predictions = drawn(n=60)
    found = scores.score(metric, predictions, 7)
    n = len(predictions.rows)
    np.testing.assert_allclose(found.values, by_sklearn(metric, predictions, np.ones(n)))
    expected = slopes(lambda weights: by_sklearn(metric, predictions, weights), n)
    np.testing.assert_allclose(found.influence, expected, atol=1e-5)


@pytest.mark.parametrize("scale", ["points", "relative", "relative-drop"])
def test_value_and_influence_of_a_difference(scale):
    first = drawn(n=60)
    other = drawn(seed=1, n=60)
    second = Predictions(first.rows, first.truth, other.predicted)

    def figure(weights):
        a, b = (by_sklearn("accuracy", p, weights) for p in (first, second))
        return (a - b) / {"points": 1, "relative": b, "relative-drop": a}[scale]

    pair = [scores.score("accuracy", p, 7) for p in (first, second)]
    found = pair[0].minus(pair[1], scale)
    np.testing.assert_allclose(found.values, figure(np.ones(60)))
    np.testing.assert_allclose(found.influence, slopes(figure, 60), atol=1e-5)


def test_extreme_of_several_classes():
    predictions = drawn()
    found = scores.score("recall", predictions, 7)
    codes = [1, 3, 5]
    assert found.of(codes, "lowest").values[0] == found.values[codes].min()
    assert found.of(codes, "highest").values[0] == found.values[codes].max()
    assert found.of([4], None).values[0] == found.values[4]


def test_an_emotion_without_images_has_no_recall_and_no_extreme():
    whole = drawn()
    there = whole.truth != 3
    found = scores.score("recall", Predictions(*(a[there] for a in (
        whole.rows, whole.truth, whole.predicted))), 7)  # fmt: skip
    assert np.isnan(found.values[3])
    assert np.isnan(found.of([1, 3], "highest").values[0])
    assert np.isfinite(found.of([1, 5], "highest").values[0])


def test_subjects_count_whole():
    z = np.array([1.0, 1.0, -1.0, -1.0])
    # each image alone: mean of squares 1
    assert scores.unit_variance(z, np.full(4, -1)) == 1
    # two subjects: sums 2 and -2, (4 + 4) / 4 = 2, times G / (G - 1) = 2
    assert scores.unit_variance(z, np.array([7, 7, 8, 8])) == pytest.approx(4)
    # one subject of two, two unknown: sums 2, -1, -1: (4 + 1 + 1) / 4 = 1.5, times 3 / 2
    assert scores.unit_variance(z, np.array([7, 7, -1, -1])) == pytest.approx(2.25)


# --- rows from records -----------------------------------------------------------------------

SIZE = 700  # images, 100 of each emotion
TEST = np.arange(0, SIZE, 2)  # the test part: 350 images, 50 of each emotion


def faces(name, emotions=EMOTIONS, people=0, verdict_of_copy="genuine"):
    images = np.zeros((SIZE, 2, 2), np.uint8)
    labels = (np.arange(SIZE) // 2 % len(emotions)).astype(np.uint8)
    split = np.where(np.arange(SIZE) % 2 == 0, 2, 0).astype(np.uint8)
    subject = (np.arange(SIZE) % people if people else np.full(SIZE, -1)).astype(np.int32)
    mark = fingerprint(images, labels, split)
    return Faces(
        name, images, labels, split, subject, np.arange(SIZE, dtype=np.int32),
        np.arange(SIZE).astype("S"), mark, emotions, judgement={"verdict": verdict_of_copy},
    )  # fmt: skip


class Results:
    """A folder of results to which runs of a wanted accuracy are added."""

    def __init__(self, root):
        self.root = root

    def card(self, dataset):
        count = len(dataset)
        points = np.full((count, 68, 2), 1, np.float32)
        nothing = Landmarks(
            points, np.zeros(count, bool), np.full(count, np.nan, np.float32),
            np.zeros((count, 4), np.float32),
        )  # fmt: skip
        if dataset.name == "fer2013":  # cards of shown datasets carry faces that were detected
            nothing = Landmarks(
                points, np.ones(count, bool), np.ones(count, np.float32),
                np.tile(np.array([0, 0, 2, 2], np.float32), (count, 1)),
            )  # fmt: skip
        write_card(self.root / "datasets", dataset, nothing)

    def run(self, wrong, seed=0, rows=TEST, dataset=None, views=None, **config):
        """Record a run that errs on the first `wrong` of its test rows; `views` {view: wrong}."""
        dataset = dataset or faces("fer2013")
        self.card(dataset)
        full = {
            "paper": "chew", "experiment": "x", "variant": "hybrid", "dataset": dataset.name,
            "split": "random-80-10-10", "tier": "paper", "seed": seed, "fold": None,
            "recipe": recipe("chew").as_dict(), "reduced": {}, "model": {}, "undetected": "frame",
        } | config  # fmt: skip
        epoch = {
            "epoch": 1, "lr": 1e-4, "train_loss": 1.0, "train_accuracy": 0.5,
            "validation_loss": 1.0, "validation_accuracy": 0.5, "seconds": 1.0,
        }  # fmt: skip
        data = {
            "config": full,
            "dataset": {
                "name": dataset.name, "fingerprint": dataset.fingerprint,
                "verdict": dataset.judgement["verdict"], "ways": [], "detector": "x",
                "rows": {"test": len(rows)},
            },
            "parameters": 1, "history": [epoch], "selected_epoch": 1, "seconds": 1.0,
            "finished": "2026-01-01T00:00:00+00:00", "hardware": {}, "versions": {},
            "source": "0" * 64,
        }  # fmt: skip
        shown = {
            view: self._probabilities(dataset, rows, count)
            for view, count in {"plain": wrong, **(views or {})}.items()
        }
        name = "_".join(str(full[k]) for k in ("experiment", "variant", "tier", "seed", "fold"))
        folder = self.root / full["paper"] / f"{name}_{full['split']}"
        parts = {part: {"rows": rows, "views": shown} for part in ("test", "validation")}
        records.write(folder, data, parts)

    def _probabilities(self, dataset, rows, wrong):
        classes = len(dataset.emotions)
        predicted = dataset.labels[rows].astype(int)
        predicted[:wrong] = (predicted[:wrong] + 1) % classes
        return np.eye(classes, dtype=np.float32)[predicted]


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path))
    return Results(tmp_path)


def row(id):
    found = {o.id: o for o in compare.outcomes(id.split("/")[0], id)}
    return found[id]


HYBRID = "chew/overall/fer2013/hybrid"


def test_nothing_recorded_is_not_measured(results):
    found = row(HYBRID)
    assert (found.verdict, found.runs, found.tier) == ("not measured", 0, None)
    assert (found.measured, found.ci95) == (None, None)
    assert found.reported == {"value": 82.5, "comparator": "=", "decimals": 1}


def test_two_seeds_on_a_shared_test_set(results):
    # 63 and 56 of 350 wrong: 82 and 84 %. m = 83, s^2 = 2e-4, times 1.5 = 3e-4.
    # v = (0.82 x 0.18 + 0.84 x 0.16) / 2 = 0.141; 0.141 / 3589 + 0.141 / 350 = 4.421439e-4
    # total 7.421439e-4, root 2.72423 %; nu = (7.421439 / 3)^2 = 6.1197; t = 2.437 by linear
    # interpolation between t(6) = 2.4469 and t(7) = 2.3646: half-width 6.639 points
    results.run(63, seed=0)
    results.run(56, seed=1)
    found = row(HYBRID)
    assert (found.verdict, found.runs, found.tier) == ("reproduced", 2, "paper")
    assert found.measured == pytest.approx(83)
    assert found.ci95 == pytest.approx((83 - 6.639, 83 + 6.639), abs=0.02)
    assert found.reason == "off by 0.5, 6.6 allowed (half the interval)"
    # the sentence of the abstract is the same number
    assert row("chew/claim/abstract-fer2013").verdict == "reproduced"
    assert row("chew/overall/fer2013/pixels").verdict == "not measured"


def test_a_test_set_drawn_anew_for_each_seed_has_no_second_sampling_term(results):
    # as above without 0.141 / 350: total 3.392868e-4, root 1.84197 %; nu = (3.392868 / 3)^2 =
    # 1.279; wider all the same, for want of degrees of freedom
    from scipy.stats import t

    results.run(63, seed=0)
    results.run(56, seed=1, rows=TEST + 1)
    found = row(HYBRID)
    half = t.ppf(0.975, (3.392868 / 3) ** 2) * 1.84197
    assert found.ci95 == pytest.approx((83 - half, 83 + half), abs=0.01)


def test_far_off_is_not_reproduced(results):
    for seed in range(5):
        results.run(140 + seed, seed=seed)  # 60 % to 58.9 %
    found = row(HYBRID)
    assert (found.verdict, found.runs) == ("not reproduced", 5)
    assert found.reason.startswith("off by 23.1, ")  # 82.5 - 59.43


def test_one_seed_is_inconclusive(results):
    results.run(63)
    found = row(HYBRID)
    assert (found.verdict, found.ci95, found.runs) == ("inconclusive", None, 1)
    assert found.measured == pytest.approx(82)
    assert "one seed" in found.reason


def test_the_short_tier_is_inconclusive_and_gives_way_to_the_paper_tier(results):
    for seed in (0, 1):
        results.run(63, seed=seed, tier="short")
    found = row(HYBRID)
    assert (found.verdict, found.tier, found.runs) == ("inconclusive", "short", 2)
    assert found.ci95 is not None
    assert found.reason == "no run at the paper tier, 2 seeds at the short tier"
    results.run(70, seed=0)
    assert (row(HYBRID).tier, row(HYBRID).measured) == ("paper", pytest.approx(80))


def test_another_split_is_inconclusive_and_answers_its_own_row(results):
    for seed in (0, 1):
        official = {"split": "official", "experiment": "ablation-fer2013"}
        results.run(63, seed=seed, views={"flip": 35}, **official)
    found = row(HYBRID)
    assert (found.verdict, found.measured) == ("inconclusive", None)
    assert "random-80-10-10, test" in found.reason
    assert "official (2 paper)" in found.reason
    other = row(f"{HYBRID}@official")
    assert (other.verdict, other.reported, other.runs) == ("not reported", None, 2)
    assert other.measured == pytest.approx(82)
    assert row(f"{HYBRID}@official-flip").measured == pytest.approx(90)
    assert row(f"{HYBRID}@official-public").measured == pytest.approx(82)
    # the same images, so v / n_theirs alone: 1.95996 x sqrt(0.1476 / 3589) = 1.2569 points
    assert other.ci95 == pytest.approx((82 - 1.2569, 82 + 1.2569), abs=1e-3)


def test_other_recipes_and_altered_copies_answer_nothing(results):
    results.run(63, seed=0, recipe=recipe("tuned").as_dict())
    results.run(63, seed=1, dataset=faces("fer2013", verdict_of_copy="altered"))
    assert row(HYBRID).verdict == "not measured"


def test_a_drop_is_paired_by_seed(results):
    # hybrid 63 and 56 wrong, pixels 77 and 77: 4 and 6 points; the wrong ones are nested, so the
    # difference of an image is 1 on 14 or 21 of 350: v = 0.04 - 0.0016 and 0.06 - 0.0036, 0.0474
    results.run(63, seed=0)
    results.run(56, seed=1)
    results.run(77, seed=0, variant="pixels")
    results.run(77, seed=1, variant="pixels")
    results.run(0, seed=2, variant="pixels")  # without its pair: not counted
    found = row("chew/ablation/fer2013/drop")
    assert (found.verdict, found.runs) == ("reproduced", 2)
    assert found.measured == pytest.approx(5)
    from scipy.stats import t

    between, total = 3e-4, 3e-4 + 0.0474 / 3589 + 0.0474 / 350
    half = 100 * t.ppf(0.975, (total / between) ** 2) * total**0.5
    assert found.ci95 == pytest.approx((5 - half, 5 + half), abs=1e-6)


def test_occlusion_compares_views_of_one_network(results):
    for seed in (0, 1):
        results.run(35, seed=seed, views={"occluded-eyes": 49, "occluded-mouth": 105})
    eyes, mouth = (row(f"chew/occlusion/fer2013/{r}") for r in ("eyes", "mouth"))
    assert (eyes.verdict, eyes.measured) == ("reproduced", pytest.approx(4))
    assert (mouth.verdict, mouth.measured) == ("not reproduced", pytest.approx(20))
    # a run without that view bears on the row, but does not answer it
    results.run(35, seed=0, variant="pixels")
    assert row("chew/overall/fer2013/pixels").verdict == "inconclusive"


def test_class_recall(results):
    # rows 0, 2, 4, ... hold angry, disgust, fear, ... in turn: of the first 7 k rows k are of each
    # emotion. 70 wrong: 10 of 50 per emotion, 80 %; 71 wrong: one more, angry at 39 of 50, 78 %
    results.run(70, seed=0)
    results.run(71, seed=1)
    assert row("chew/table/fer2013/angry").measured == pytest.approx(79)
    assert row("chew/table/fer2013/disgust").measured == pytest.approx(80)
    assert row("chew/claim/fer2013-above-75").measured == pytest.approx(79)  # 80 and 78


def test_masks_and_schemes_of_the_other_paper(results):
    own = {"paper": "qiu", "split": "official", "recipe": {"name": "qiu"}, "variant": "vgg16"}
    for seed in (0, 1):
        results.run(70, seed=seed, views={"masked": 175}, **own)
        results.run(35, seed=seed, **own | {"variant": "pvgg16"})
    # 80 % plain, 50 % masked, 90 % with the scheme; errors fall evenly on the emotions
    assert row("qiu/table1/vgg16/happy").measured == pytest.approx(-30)
    # printed -35. The seeds agree, so the images alone give the interval; 3,589 / 7 = 512.7 of them
    # show one emotion: 1.96 x 100 x sqrt((0.3 - 0.09) / 512.7) = 3.967 points
    assert row("qiu/table1/vgg16/happy").ci95 == pytest.approx((-33.967, -26.033), abs=1e-3)
    assert row("qiu/table1/vgg16/happy").verdict == "not reproduced"
    assert row("qiu/table3/vgg16/sad").measured == pytest.approx(10)
    assert row("qiu/table2/vgg16/accuracy").measured == pytest.approx(80)
    f1 = row("qiu/table2/vgg16/f1")
    # each emotion: 40 right of 50, 10 taken for the next: F1 = 80 / (50 + 50) = 0.8
    assert (f1.unit, f1.measured) == ("f1", pytest.approx(0.8))


def test_the_largest_drop_is_over_all_networks_of_the_table(results):
    own = {"paper": "qiu", "split": "official", "recipe": {"name": "qiu"}}
    others = ("densenet", "dpn", "resnet", "vgg16", "ensemble")
    wrong = {"resmasking": (210, 280)} | dict.fromkeys(others, (70, 175))
    drop, share = "qiu/claim/largest-drop", "qiu/claim/largest-drop@relative"
    for name, (plain, masked) in wrong.items():
        assert row(drop).measured is None  # the largest of all, not of those at hand
        for seed in (0, 1):
            results.run(plain, seed=seed, variant=name, views={"masked": masked + 7 * seed}, **own)
    # errors fall evenly on the emotions. ResMasking 40 % plain, 20 and 18 % masked: by 20 and 22
    # points, 50 and 55 % of it; the others 80 % to 50 and 48 %: 30 and 32 points, 37.5 and 40 %
    assert row(drop).measured == pytest.approx(31)
    assert row(share).measured == pytest.approx(52.5)
    assert row(drop).runs == 2 and "A26" in row(drop).assumptions
    # one printed 85, of which each row says how it reads it
    assert row(drop).reason.count("85 % in print, read as points here") == 1
    assert (row(share).verdict, row(share).reported) == ("not reported", None)
    assert row(share).reason.startswith("the other reading of the printed 85 %")


def test_ten_folds_make_one_run_and_subjects_count_whole(results):
    people = faces("ckplus48", people=70)
    fold_rows = [np.flatnonzero(np.arange(SIZE) % 10 == fold) for fold in range(10)]
    own = {"dataset": people, "split": "folds-10-subject", "experiment": "subject-ckplus"}
    for seed in (0, 1):
        for fold in range(9):
            results.run(7, seed=seed, rows=fold_rows[fold], fold=fold, **own)
    found = row("chew/overall/ckplus/hybrid")
    assert (found.verdict, found.runs) == ("inconclusive", 0)  # a fold is missing
    for seed in (0, 1):
        results.run(7, seed=seed, rows=fold_rows[9], fold=9, **own)
    found = row("chew/overall/ckplus/hybrid")
    assert (found.runs, found.measured) == (2, pytest.approx(90))  # 70 of 700 wrong
    # the first 7 rows of a fold, r = fold + 10 j with j < 7, are subjects r mod 70: each of the 70
    # subjects has one wrong of its ten images, so subjects do not differ and the variance is 0
    assert found.ci95 == pytest.approx((90, 90), abs=1e-6)
    assert "six shared emotions" in found.reason
    assert row("chew/table/ckplus/neutral").verdict == "not testable here"
    official = {**own, "dataset": faces("ckplus", people=70), "experiment": "neutral-ckplus"}
    for seed in (0, 1):
        for fold in range(10):
            results.run(7, seed=seed, rows=fold_rows[fold], fold=fold, **official)
    neutral = row("chew/table/ckplus/neutral")  # testable where neutral frames are at hand
    assert neutral.verdict in ("reproduced", "not reproduced")


def test_a_share_lies_within_0_and_100(results):
    results.run(3, seed=0)
    results.run(200, seed=1)  # two seeds far apart: 99.1 % and 42.9 %
    found = row(HYBRID)
    assert found.ci95 == (0.0, 100.0)


def test_what_cannot_be_tested_says_why(results):
    assert row("chew/table/ckplus/neutral").verdict == "not testable here"
    assert "no neutral frame" in row("chew/table/ckplus/neutral").reason
    assert row("chew/claim/epochs").verdict == "not testable here"
    assert row("qiu/claim/best-clusters").verdict == "not measured"
    assert row("qiu/table3/densenet/sad").verdict == "not reported"


def test_counts_come_from_the_card(results):
    assert row("chew/dataset/fer2013-images").verdict == "not measured"
    results.card(faces("fer2013"))
    images, emotions = (row(f"chew/dataset/fer2013-{what}") for what in ("images", "emotions"))
    assert (images.verdict, images.measured) == ("not reproduced", SIZE)
    assert (emotions.verdict, emotions.measured) == ("reproduced", 7)
    assert row("qiu/dataset/test-images").measured == 350
    assert row("qiu/dataset/smallest-class").measured == 100
    assert row("qiu/dataset/largest-class@training").measured == 50


def test_arithmetic_rules_out_what_no_run_could_give():
    from ferbook.report.reported import load_reported

    paper = load_reported("chew")
    base = paper.by_id[HYBRID]
    high = base.model_copy(update={"reported": value(120.0)})
    assert verdict.impossible(base) is None
    assert verdict.impossible(high) == "120 lies outside 0 to 100"
    assert verdict.impossible(high, "relative") is None
    told = base.model_copy(update={"impossible": "1 + 1 = 2"})
    assert verdict.impossible(told) == "1 + 1 = 2"


def test_what_the_audit_rules_out_is_impossible_whatever_is_run(results):
    """5.6 points of 55 images: 3/55 is 5.45, 4/55 is 7.27."""
    found = row("qiu/table3/resnet/disgust")
    assert found.verdict == "impossible as printed"
    assert "3/55 = 5.455, 4/55 = 7.273; printed 5.6" in found.reason
    assert row("qiu/table3/resnet/happy").verdict == "not measured"


def test_two_runs_that_answer_one_row_are_refused(results):
    results.run(63)
    results.run(64, experiment="y")
    with pytest.raises(InputError, match="name the `experiment`"):
        row(HYBRID)


# --- what is printed -------------------------------------------------------------------------


def test_json_has_the_agreed_keys_in_order(results):
    rows = json.loads(compare.verify_table(as_json=True))
    assert {" ".join(row) for row in rows} == {KEYS}
    assert len({row["id"] for row in rows}) == len(rows)
    assert {row["verdict"] for row in rows} <= set(verdict.VERDICTS)
    assert all(row["reason"] for row in rows)


def test_the_table_fits_a_terminal(results):
    results.run(63, seed=0)
    results.run(56, seed=1)
    text = compare.verify_table()
    assert max(map(len, text.splitlines())) <= 100
    # "2 paper" stands under what it is
    assert "95 % interval  runs, tier  verdict" in text and "Tier paper is" in text
    line = next(line for line in text.splitlines() if line.startswith(f"{HYBRID} "))
    assert line.split() == [
        HYBRID,
        "82.5",
        "83.0",
        "76.4",
        "to",
        "89.6",
        "2",
        "paper",
        "reproduced",
    ]


def test_the_table_says_why_numbers_are_inconclusive(results):
    results.run(63, tier="short")
    text = " ".join(compare.verify_table("chew", HYBRID).split())
    assert "; 1 inconclusive, because no run has the paper's full schedule yet. Ours is" in text


def test_only_and_paper_choose_rows(results):
    rows = json.loads(compare.verify_table("qiu", "table2", as_json=True))
    assert all(row["id"].startswith("qiu/table2/") for row in rows)
    with pytest.raises(InputError, match="'x': expected one of chew, qiu"):
        compare.verify_table("x")
    with pytest.raises(InputError, match=r"--only table9: no id contains it; .*qiu/table3"):
        compare.verify_table(only="table9")


@pytest.mark.parametrize(
    ("half", "expected"),
    [
        (0.5, True),  # 4 points are 11 standard deviations of a difference
        (2.0, True),  # 4 / (2 / 1.96 * sqrt(2)) = 2.77: above in 99.7 % of draws
        (4.0, None),  # 1.39: 92 %
        (400.0, None),
    ],
)
def test_a_claim_holds_where_new_runs_would_bear_it_out(half, expected):
    def ours(mean, **more):
        return outcome(measured=mean, ci95=(mean - half, mean + half), **more)

    cells = {"a/b/hybrid": ours(60.0), "a/b/pixels": ours(56.0)}
    assert claimed._held("a/b/hybrid > a/b/pixels", cells) is expected
    opposite = {True: False, None: None}[expected]
    assert claimed._held("a/b/hybrid < a/b/pixels", cells) is opposite
    one = {**cells, "a/b/pixels": outcome(measured=56.0, ci95=None, runs=1, tier="short")}
    assert claimed._held("a/b/hybrid > a/b/pixels", one) is None
    counted = {"a/b/n": outcome(measured=70.0, ci95=None, runs=0, tier=None)}
    assert claimed._held("a/b/n = 70", counted) is True


def test_of_one_seed_a_claim_only_leans(results):
    own = {"paper": "qiu", "split": "official", "recipe": {"name": "qiu"}, "variant": "vgg16"}
    claims = claimed.claims_for_book("qiu").set_index("id")
    assert claims.loc["disgust-improves-under-masks", "lean"] is None  # nothing is recorded
    results.run(70, seed=0, views={"masked": 175}, **own)
    # 80 % plain and 50 % masked in each emotion: 30 points; seeds that agree
    # add nothing to the images' interval, which is that of the test on masks and schemes above
    happy = "qiu/table1/vgg16/happy"
    assert row(happy).ci95 is None
    ends = compare.alone(compare.papers("qiu")["qiu"], [happy, "qiu/table1/dpn/happy"])
    assert list(ends) == [happy] and ends[happy] == pytest.approx((-33.967, -26.033), abs=1e-3)
    claims = claimed.claims_for_book("qiu").set_index("id")
    said = claims.loc["disgust-improves-under-masks"]
    assert (said.measured, said.lean) == (None, "leans against")
    # all seven fall by 30: which falls most is anybody's guess
    assert claims.loc["happy-and-surprise-fall-more", "lean"] == "no answer"
    assert claims.loc["every-class-falls", "lean"] is None  # five networks are missing
    results.run(70, seed=1, views={"masked": 175}, **own)
    said = claimed.claims_for_book("qiu").set_index("id").loc["disgust-improves-under-masks"]
    assert (said.measured, said.lean) == (False, None)


def test_of_the_short_tier_a_claim_only_leans(results):
    # 90 % and 50 %: 40 points on FER2013 alone decide that a drop is not 4 to 6, whatever CK+ is
    for tier, expected in [
        ("short", (None, "leans against")),
        ("paper", (False, None)),  # once they are there, these are asked
    ]:
        for seed in (0, 1):
            results.run(35, seed=seed, tier=tier)
            results.run(35 + 140, seed=seed, variant="pixels", tier=tier)
        ours = row("chew/overall/fer2013/hybrid")
        assert ours.tier == tier and ours.ci95
        said = claimed.claims_for_book("chew").set_index("id").loc["drop-4-to-6"]
        assert (said.measured, said.lean) == expected


def test_a_claim_that_cells_of_the_paper_tier_decide_does_not_ask_the_short_tier():
    def ours(mean, tier):
        return outcome(measured=mean, ci95=(mean - 0.5, mean + 0.5), tier=tier)

    cells = {"a/b/c": ours(60.0, "paper"), "a/b/d": ours(90.0, "short")}
    assert claimed._held("a/b/c > 75 and a/b/d > 75", cells) is False  # 60 is below 75
    assert claimed._held("a/b/c < 75 and a/b/d > 75", cells) is None
    assert claimed._lean("a/b/c < 75 and a/b/d > 75", cells, {}) == "leans for"
    assert claimed._lean("a/b/c < 75", cells, {}) is None  # nothing of the short tier


def test_data_for_the_book(results):
    for seed in (0, 1):
        results.run(35, seed=seed)
        results.run(70, seed=seed, variant="pixels")
        results.run(70, seed=seed, variant="landmarks")
    table = compare.rows_for_book("chew")
    assert [*table.columns] == [*KEYS.split(), "printed"]
    assert table.set_index("id").printed["chew/ablation/fer2013/drop"] == "4 to 6"
    claims = claimed.claims_for_book().set_index(["paper", "id"])
    best = claims.loc[("chew", "hybrid-is-best")]
    assert (best.printed, best.measured) == (True, None)  # CK+ is not measured
    assert claims.loc[("chew", "abstract-agrees")].printed_only  # of the print alone
    assert claims.loc[("chew", "abstract-agrees")].measured is None
    drop = claims.loc[("chew", "drop-4-to-6")]
    assert (drop.printed, drop.measured) == (True, False)  # 10 points on FER2013, whatever CK+ is
