"""Comparisons of inputs and of augmentations: intervals, tables and sentences by hand."""

import numpy as np
import pytest
import torch
from scipy import stats

from ferbook import paths
from ferbook.data.synthetic import draw
from ferbook.report.chew import augmented, contrasts, figures_inputs
from ferbook.report.chew.contrasts import ALL, Compared, Contrast
from ferbook.report.chew.live_face import live_face
from ferbook.report.effects import NOTHING, Effect, Term
from ferbook.report.notebooks import read
from ferbook.study.experiments import load_experiments
from ferbook.study.recipe import recipe
from ferbook.vision.heatmaps import render
from ferbook.vision.landmarks import MIRROR
from test_effects import COUNT, dataset, put

PAIR = Contrast("hybrid − pixels", Term("chew/x", "hybrid"), Term("chew/x", "pixels"))


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path))
    return tmp_path


@pytest.fixture
def two_seeds(root):
    faces = dataset()
    for seed, wrong in ((0, 14), (1, 7)):
        put(root, faces, "hybrid", seed, range(7))
        put(root, faces, "pixels", seed, range(wrong))


def test_every_network_compared_is_one_that_is_trained():
    known = load_experiments("chew")
    for term in (*contrasts.NETWORKS.values(), *contrasts.AUGMENTED.values()):
        assert term.variant in known[term.experiment.removeprefix("chew/")]["variants"]
    assert [c.name for c in contrasts.WORTH] == [
        "rotation", "translation", "zoom", "flip", ALL,
    ]  # fmt: skip
    assert contrasts.HEATMAPS[0].second == Term("chew/inputs-fer2013", "coordinates")


def test_a_contrast_has_an_interval_over_images_and_one_over_seeds_too(two_seeds):
    found = contrasts.compare(PAIR, "short")
    # Seed 0: 7 images that only the hybrid has right, p = 2 / 2^7; seed 1: none, p = 1.
    assert found.largest_p == 1
    # Seven of 70 images gain 1 in one of two seeds: 5 points.
    assert found.on_images.mean == pytest.approx(5) and found.effect.mean == pytest.approx(5)
    # Over images: seven of 70 gain a half and the others nothing, variance 0.1 x 0.9 / 4
    half = 100 * stats.norm.ppf(0.975) * (0.1 * 0.9 / 4 / 70) ** 0.5
    assert (found.on_images.low, found.on_images.high) == pytest.approx((5 - half, 5 + half))
    # Over seeds: 10 and 0 points, s^2 / 2 = 0.0025; images 0.09 / 2 / 70 on average
    total = 0.0025 + 0.045 / 70
    half = 100 * stats.t.ppf(0.975, (total / 0.0025) ** 2) * total**0.5
    assert found.effect.high == pytest.approx(5 + half)
    assert found.answer == "open"


def test_one_seed_and_one_emotion(root):
    faces = dataset()
    fear = np.arange(2, COUNT, 7)
    put(root, faces, "hybrid", 0, fear[:1])
    put(root, faces, "pixels", 0, fear[:4])
    found = contrasts.compare(PAIR, "short", "fear")
    # nine right against six of ten; three discordant pairs: p = 2 / 2^3
    assert found.effect.mean == pytest.approx(30) and found.effect.images == 10
    assert found.largest_p == pytest.approx(0.25)
    assert found.answer == "one seed"
    # of one seed there is one interval, wherever the difference stands
    ends = [(e.low, e.high) for e in (found.on_images, found.effect)]
    assert ends[0] == pytest.approx(ends[1])
    assert contrasts.compare(PAIR, "short", "happy").effect.mean == 0
    row = contrasts.table([found]).iloc[0]
    assert list(row.index) == ["points, new images", "largest p", "seeds"]
    assert row["largest p"] == "0.25" and row["seeds"] == "1"
    said = contrasts.table([found], {found.name: -2.0}).iloc[0]
    assert said["printed"] == "-2.0" and contrasts.table([found], {}).iloc[0]["printed"] == "–"


def test_the_table_has_the_contrasts_that_have_runs(two_seeds):
    missing = Contrast("x − y", Term("chew/x", "hybrid"), Term("chew/y", "none"))
    found = contrasts.compare_all([PAIR, missing], "short")
    table = contrasts.table(found)
    assert list(table.index) == ["hybrid − pixels"]
    assert table.iloc[0, 0].startswith("+5.0 [+") and table.iloc[0, 1].startswith("[-")
    assert contrasts.table(found[1:]).empty and np.isnan(found[1].largest_p)
    assert contrasts.compare(PAIR, "paper").effect == NOTHING


def test_levels_by_hand(two_seeds):
    terms = {"a": PAIR.second, "b": Term("chew/y", "none")}
    found = contrasts.levels(terms, "short")
    assert list(found) == ["a"] and found["a"].values == pytest.approx((0.8, 0.9))
    row = contrasts.level_table(found).loc["a"]
    assert row["accuracy"].startswith("85.0 [") and row["weights"] == "1"
    assert row["images"] == "70" and row["seeds"] == "2"
    assert contrasts.levels(terms, "short", "fear")["a"].images == 10


def compared(low, high, seeds=2, name="a − b"):
    effect = Effect((low + high) / 2, low, high, seeds, 3589)
    return Compared(name, effect, effect, 0.5)


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ([], "**It is not measured yet.**"),
        ([Compared("a − b", NOTHING, NOTHING, np.nan)], "**It is not measured yet.**"),
        ([compared(1, 2)], "**It is borne out.** a − b: +1.5 [+1.0, +2.0] points on 3,589 images"),
        ([compared(1, 2), compared(-1, 1)], "is borne out in part"),
        # what all stand on alike is said once
        ([compared(1, 2), compared(1, 2)], "which says yes; each on 3,589 images, 2 seeds."),
        ([compared(-2, -1)], "is contradicted.** a − b: -1.5 [-2.0, -1.0]"),
        ([compared(-2, -1), compared(1, 2)], "depends on where it is tried"),
        ([compared(-1, 1)], "can be told neither way"),
        ([compared(1, 2, seeds=1)], "has one seed so far"),
        ([compared(1, 2, seeds=1), compared(-2, -1)], "is contradicted.**"),
    ],
)
def test_a_claim_is_answered_by_its_intervals(found, says):
    said = contrasts.claim("It", found)
    assert says in said
    assert ("very networks" in said) == any(c.effect.seeds == 1 for c in found)


def test_a_difference_without_an_interval_is_its_mean():
    assert str(Effect(1.0, np.nan, np.nan, 1, 1)) == "+1.0"
    assert Effect(1.0, 1.0, 1.0, 1, 1).ends == ""


def test_figures_draw_what_the_tables_say(two_seeds):
    found = contrasts.compare_all([PAIR], "short")
    axis = figures_inputs.contrasts(found, "points").axes[0]
    thick, thin = (
        line for line in axis.lines if line.get_color() == "#0072B2" and len(line.get_xdata())
    )
    assert list(thick.get_xdata()) == [found[0].on_images.low, found[0].on_images.high]
    assert list(thin.get_xdata()) == [found[0].effect.low, found[0].effect.high]
    assert axis.get_xlabel() == "points (70 images)"
    axis = figures_inputs.levels(contrasts.levels({"pixels": PAIR.second}, "short")).axes[0]
    dots = [line.get_xdata() for line in axis.lines if line.get_marker() == "o"]
    np.testing.assert_allclose(dots, [[80, 90]])
    for chart in (figures_inputs.contrasts([], ""), figures_inputs.levels({})):
        assert "no such run" in chart.texts[0].get_text()


def test_colours_are_those_of_the_ablation():
    colour = figures_inputs.colour_of
    assert colour("landmarks-68") == colour("coordinates") == figures_inputs.VARIANTS["landmarks"]
    assert colour("patches") == colour("hybrid-68") == figures_inputs.VARIANTS["hybrid"]


def test_what_a_network_is_shown():
    image, points = live_face("synthetic", 2)
    drawn = draw(7, seed=2)
    np.testing.assert_array_equal(image, drawn.images[2])
    np.testing.assert_array_equal(points, drawn.landmarks[2])
    axes = figures_inputs.shown(image, points, 3.0, [8, 36, 48]).axes
    heat = render(torch.tensor(points)[None], 48, 3.0)[0, 0].numpy()
    np.testing.assert_array_equal(axes[1].images[0].get_array(), heat)
    assert [axis.get_title() for axis in axes[6:]] == [
        "map of landmark 8", "map of landmark 36", "map of landmark 48",
    ]  # fmt: skip
    # a single map is 1 where its landmark is
    x, y = np.rint(points[36]).astype(int)
    assert axes[7].images[0].get_array()[y, x] > 0.9


def test_each_augmentation_alone():
    image, points = live_face("synthetic", 0)
    given = augmented.geometries(20, 10, 0.1, 1.0)
    assert list(given) == ["rotation", "translation", "zoom", "flip", ALL]
    faces, marks = augmented.moved(image, points, given["flip"], 2)
    # x -> 47 - x, and left and right landmarks change their numbers
    np.testing.assert_allclose(faces[0], image[:, ::-1], atol=0.01)
    np.testing.assert_allclose(marks[0], ([47, 0] + points * [-1, 1])[list(MIRROR)], atol=1e-3)
    table = augmented.effects(image, points, given, draws=2000)
    # a point uniform in a square of side 20 lies (sqrt 2 + ln(1 + sqrt 2)) / 3 x 10 = 7.65 off
    assert table.loc["translation"].iloc[0] == pytest.approx(7.65, abs=0.2)
    nothing = augmented.effects(image, points, augmented.geometries(0, 0, 0, 0), draws=5)
    assert nothing.iloc[:, 0].max() < 1e-4
    chart = figures_inputs.alone(image, points, given, count=3)
    assert len(chart.axes) == 5 * 4 and chart.axes[4].get_ylabel() == "translation"


def test_a_landmark_outside_the_frame_is_counted():
    image, points = live_face("synthetic", 0)
    points = points.copy()
    points[:17] = -5  # a quarter of 68
    row = augmented.effects(image, points, {}, draws=3).loc["as it is"]
    assert row.iloc[1] == pytest.approx(25) and row.iloc[2] == 100


def test_the_page_starts_from_the_ranges_of_the_recipe():
    _, parameters = read(paths.notebooks() / "chew_s44_augmentation.py")
    default = {p.name: p.default for p in parameters}
    ranges = [default[name] for name in ("rotation", "translation", "zoom", "flip")]
    assert augmented.geometries(*ranges)[ALL] == recipe("chew").geometry
    curves = next(p for p in parameters if p.name == "curves")
    assert list(curves.choices) == list(contrasts.AUGMENTED) == list(figures_inputs.CONDITIONS)


def test_what_helps_is_told_by_the_intervals():
    said = contrasts.helps([compared(1, 2), compared(-2, -1), compared(-1, 1)])
    assert said.startswith("What **raises** accuracy: a − b (+1.5 [+1.0, +2.0]); what **lowers**")
    assert "nothing: a − b (+0.0 [-1.0, +1.0])" in said
    assert contrasts.helps([]) == "Nothing is recorded yet."
