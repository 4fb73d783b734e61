"""Where Qiu's networks look: shares, claims, curves and figures from fabricated runs, by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats

from ferbook import paths
from ferbook.data.synthetic import draw
from ferbook.emotions import EMOTIONS
from ferbook.report.effects import NOTHING, Effect
from ferbook.report.notebooks import read as read_notebook
from ferbook.report.qiu import (
    figures_saliency,
    figures_shares,
    saliency,
    saliency_curves,
    saliency_live,
)
from ferbook.report.qiu import saliency_verdicts as verdicts
from ferbook.report.qiu.networks import experiment_of
from ferbook.report.qiu.saliency_verdicts import Claim
from ferbook.study import records
from ferbook.study.cards import cards, thumbnail_rows, write_card
from ferbook.vision.facemasks import wear
from ferbook.vision.landmarks import Landmarks
from test_records import content

COUNT = 70
FACES = draw(COUNT, seed=5)  # ten of each emotion
FOUND = Landmarks(
    FACES.landmarks, np.ones(COUNT, bool), np.ones(COUNT, np.float32),
    np.tile(np.array([0, 0, 48, 48], np.float32), (COUNT, 1)),
)  # fmt: skip
SAMPLE = np.arange(0, COUNT, 2)  # five of each
SHOWN = thumbnail_rows(FACES, FOUND)
#: eyes, brows, mouth, nose, cheeks, outside
AREA = np.array([0.05, 0.05, 0.1, 0.1, 0.3, 0.4])
BASE = np.array([0.1, 0.1, 0.2, 0.1, 0.3, 0.2])
CURVE = np.array([[0.8, 0.4, 0.2], [0.8, 0.6, 0.2], [0.8, 0.5, 0.4]])


def put(
    root, variant, seed, shares, wrong=(), views=("plain",), curve=CURVE, under=None, others=()
):
    """A run that kept `shares` (35, 6) of the sampled faces, and errs on the rows `wrong`."""
    experiment = experiment_of(variant)
    about = content(FACES, paper="qiu", experiment=experiment, variant=variant, seed=seed)
    answers = np.arange(COUNT) % 7
    answers[list(wrong)] = (answers[list(wrong)] + 1) % 7
    kept = {
        "regions": np.array(saliency.REGIONS),
        "sample.rows": SAMPLE.astype(np.int32),
        "sample.area": np.tile(AREA, (len(SAMPLE), 1)).astype(np.float16),
        "shown.rows": SHOWN.astype(np.int32),
        "curve.orders": np.array(["own", "another's", "random"]),
        "curve.deletion": curve.astype(np.float32),
        "curve.insertion": curve[:, ::-1].astype(np.float32),
    }
    for view in views:
        kept[f"sample.saliency.{view}"] = shares.astype(np.float16)
        maps = np.zeros((len(SHOWN), 40, 40), np.uint8)
        maps[:, :10] = 255 if variant == "vgg16" else 51
        kept[f"shown.saliency.{view}"] = maps
    if under is not None:
        kept["area.methods"] = np.array(["gradient", "smoothgrad"])
        kept |= dict.fromkeys(("area.deletion", "area.insertion"), under.astype(np.float16))
    kept |= {f"sample.{method}.plain": table for method, table in dict(others).items()}
    said = np.eye(7, dtype=np.float32)[answers]
    scored = {"rows": np.arange(COUNT), "views": {"plain": said, "masked": said}}
    folder = root / "qiu" / f"{experiment}_{variant}_short_s{seed}"
    records.write(folder, about, {"test": scored}, kept)


def shares(region="mouth", extra=(), emotion="fear"):
    """BASE for every face; on those of an emotion `extra` goes from "outside" to a region."""
    out = np.tile(BASE, (len(SAMPLE), 1))
    places = np.flatnonzero(EMOTIONS.index(emotion) == SAMPLE % 7)
    for place, more in zip(places, extra, strict=False):
        out[place, saliency.REGIONS.index(region)] += more
        out[place, -1] -= more
    return out


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path))
    write_card(tmp_path / "datasets", FACES, FOUND)
    return tmp_path


#: More saliency on the mouth of five frightened faces: mean 0.1, variance 0.002.
MORE = (0.04, 0.16, 0.08, 0.12, 0.10)


def test_shares_densities_and_areas_by_hand(root):
    put(root, "vgg16", 0, shares(extra=MORE), wrong=SAMPLE[:3])
    seeds = saliency.looks("vgg16", "plain", "short")
    found = saliency.share(seeds, ["mouth"], "fear")
    var = np.var(MORE)
    assert found.mean == pytest.approx(30, abs=0.02) and found.images == 5
    assert (found.high - found.low) / 2 == pytest.approx(
        100 * 1.959964 * (var / 5) ** 0.5, rel=0.01
    )
    assert saliency.share(seeds, ["mouth", "eyes"], "angry").mean == pytest.approx(30, abs=0.02)
    # 5 of 35 faces have 0.1 more
    assert saliency.share(seeds, ["mouth"]).mean == pytest.approx(20 + 10 / 7, abs=0.02)
    assert saliency.density(seeds, ["mouth"], "fear").mean == pytest.approx(300, abs=0.3)
    assert saliency.area(seeds, "cheeks") == pytest.approx(30, abs=0.02)
    assert saliency.beyond_area(seeds, ["brows"]).mean == pytest.approx(5, abs=0.02)
    # rows 0, 2, 4 are wrong: angry, fear and sad lose one face each
    right = saliency.share(seeds, ["mouth"], "fear", only_right=True)
    assert right.images == 4 and right.mean == pytest.approx(20 + 100 * np.mean(MORE[1:]), abs=0.02)


def test_a_face_without_a_map_counts_nowhere(root):
    table = shares(extra=MORE)
    table[2] = np.nan  # row 4 of the dataset: sad
    put(root, "vgg16", 0, table)
    seeds = saliency.looks("vgg16", "plain", "short")
    assert saliency.share(seeds, ["nose"], "sad").images == 4
    assert saliency.share(seeds, ["nose"], "sad").mean == pytest.approx(10, abs=0.02)
    assert saliency.looks("vgg16", "masked", "short") == {}


def test_a_difference_is_taken_face_by_face_and_seed_by_seed(root):
    for seed, more in ((0, MORE), (1, [2 * m for m in MORE])):
        put(root, "vgg16", seed, shares())
        put(root, "pvgg16", seed, shares(extra=more))
    put(root, "pvgg16", 2, shares())  # no VGG16 of this seed
    sides = [saliency.looks(v, "plain", "short") for v in ("pvgg16", "vgg16")]
    found = saliency.apart(*sides, ["mouth"], "fear")
    # seeds: 0.1 and 0.2, s^2 / 2 = 0.0025; faces: (v + 4 v) / 2 / 5
    faces = 2.5 * np.var(MORE) / 5
    total = 0.0025 + faces
    half = 100 * stats.t.ppf(0.975, (total / 0.0025) ** 2) * total**0.5
    assert (found.mean, found.high) == pytest.approx((15, 15 + half), rel=0.01)
    assert (found.seeds, found.images) == (2, 5)
    assert saliency.apart(*sides, ["nose"], "fear").mean == pytest.approx(0)
    assert saliency.apart(sides[0], {}, ["nose"]).seeds == 0


CLAIM = Claim("it minds the mouth", "section 9", "mouth", "fear", ("pvgg16", "plain"),
              ("vgg16", "plain"))  # fmt: skip
BROWS = Claim("brows", "section 9", "brows", "all", CLAIM.second, None)


def test_claims_are_answered_by_intervals(root):
    for seed in range(3):
        put(root, "vgg16", seed, shares())
        put(root, "pvgg16", seed, shares(extra=(0.1, 0.1, 0.1, 0.1, 0.11)))
    found = verdicts.read("short")
    less = Claim("less", "section 9", "mouth", "fear", *(CLAIM.first, CLAIM.second), more=False)
    nose = Claim("nose", "section 9", "nose", "fear", *(CLAIM.first, CLAIM.second))
    area = Claim("brows", "section 9", "brows", "all", CLAIM.second, None, more=False)
    table = verdicts.table(found, claims=(CLAIM, less, nose, area))
    assert table["answer"].tolist() == ["holds", "fails", "fails", "fails"]
    assert table.index[0].startswith("mouth, fear: PVGG (faces as they are) more than VGG16")
    assert table.index[3].endswith("less than an even spread over the picture")
    assert table.iloc[0]["first, %"] == "30.2" and table.iloc[0]["faces"] == "5"
    # nothing on the thirty other faces, so all of the 10.2 points are more than there
    assert table.iloc[0]["on other faces"] == "+0.0"
    assert table.iloc[0]["more than there"].startswith("+10.2 [")
    assert table.iloc[3][["on other faces", "more than there"]].tolist() == ["–", "–"]
    text = verdicts.sentences(found, claims=(CLAIM, less))
    assert text.splitlines() == [
        "- “it minds the mouth” (section 9; mouth, fear): **holds** (a difference larger than on "
        "other faces).",
        "- “less” (section 9; mouth, fear): **fails** (a difference larger than on other faces).",
    ]
    # brows: a tenth of the saliency, a twentieth of the picture; nothing varies
    assert verdicts.measured(area, found).mean == pytest.approx(5, abs=0.02)


def test_one_seed_answers_nothing_and_no_seed_is_said(root):
    assert set(verdicts.table(verdicts.read("short"))["answer"]) == {"not measured"}
    put(root, "vgg16", 0, shares())
    put(root, "pvgg16", 0, shares(extra=MORE))
    table = verdicts.table(verdicts.read("short"))
    # brows: 10 % of the saliency on 5 % of the picture, 12.5 on 8.3 of the face; PVGG has 10 points
    # more on mouths of fear, nothing else on noses and disgust
    assert table["answer"].tolist() == ["not measured"] * 3 + [
        "leans against", "leans against", "leans for", "leans against", "leans against",
    ]  # fmt: skip
    text = verdicts.so_far(verdicts.read("short"), "short")
    assert text.startswith("**So far**, on up to 35 faces of PrivateTest and not on seven:\n\n- ")
    assert "on the brows of angry faces: not measured in 3 of 3 comparisons\n" in text
    assert "an even spread would: leans against in 2 of 2 comparisons\n" in text
    assert (
        "mouth of frightened faces: leans for; the difference is larger than on other fac" in text
    )
    assert text.count("one seed") == 1
    assert verdicts.so_far({}, "paper") == "**So far.** **No such run is recorded yet.**"


def test_a_difference_is_held_against_that_on_the_faces_of_other_emotions(root):
    # on each face of fear 0.1 more on average, on the others 0.2 or 0.3, as often: 0.25
    table, fear = shares(extra=MORE), EMOTIONS.index("fear") == SAMPLE % 7
    more = np.where(np.arange(30) % 2, 0.3, 0.2)
    table[~fear, saliency.REGIONS.index("mouth")] += more
    put(root, "vgg16", 0, shares())
    put(root, "pvgg16", 0, table, wrong=SAMPLE[fear][:1])
    found = verdicts.read("short")
    others, beyond = verdicts.elsewhere(CLAIM, found)
    assert others.mean == pytest.approx(25, abs=0.02) and others.images == 30
    # two groups of faces: their variances add, 0.002 / 5 and 0.0025 / 30
    half = 100 * 1.959964 * (np.var(MORE) / 5 + 0.0025 / 30) ** 0.5
    assert (beyond.mean, beyond.high) == pytest.approx((-15, -15 + half), abs=0.05)
    assert (beyond.seeds, beyond.images) == (1, 5)
    assert verdicts.elsewhere(CLAIM, found, only_right=True)[1].images == 4
    assert verdicts.beside(CLAIM, found) == "smaller than on other faces"
    text = verdicts.so_far(found, "short", claims=(replace(CLAIM, gist="mouth"),))
    assert (
        "- mouth: leans for; the difference is smaller than on other faces, so it is not shown to "
        "be particular to this emotion\n"
    ) in text
    # nothing is said beside no difference, and of claims on all emotions
    nose = replace(CLAIM, region="nose")
    assert verdicts.beside(nose, found) == verdicts.beside(BROWS, found) == ""
    assert verdicts.elsewhere(BROWS, found)[0].seeds == 0


def test_an_even_spread_over_the_picture_is_not_one_over_the_face(root):
    table = shares()
    # of the picture 6 % for an area of 5 %; of the face 6 / 80 = 7.5 % for 5 / 60 = 8.3 %
    table[:, saliency.REGIONS.index("brows")] -= 0.04
    table[:, saliency.REGIONS.index("mouth")] += 0.04
    table[::2, 4:] += [0.01, -0.01]  # so that there is an interval
    table[1::2, 4:] -= [0.01, -0.01]
    put(root, "vgg16", 0, table)
    found = verdicts.read("short")
    less = [replace(BROWS, more=False, base=base, gist="brows") for base in ("picture", "face")]
    assert verdicts.measured(less[0], found).mean == pytest.approx(1, abs=0.02)
    assert verdicts.measured(less[1], found).mean == pytest.approx(-100 / 120, abs=0.02)
    assert verdicts.table(found, claims=less)["answer"].tolist() == ["leans against", "leans for"]
    assert verdicts.table(found, claims=less)["first, %"].tolist() == ["6.0", "7.5"]
    assert (
        "- brows: depends on the yardstick: leans against (over the picture), leans for (over"
        in (verdicts.so_far(found, "short", claims=less))
    )
    # densities: 0.2 / 0.4 outside; 0.24 / 0.1, 0.1 / 0.05, 0.06 / 0.05, 0.1 / 0.1, 0.3 / 0.3
    text = verdicts.yardstick_sentence(found, claims=less)
    assert text.startswith(
        "Whether the brows get less saliency than an even spread would put there depends on the "
        "yardstick: leans against over the picture (+1.0"
    )
    assert "VGG16 is 0.50 outside the face, and on it: mouth 2.40, eyes 2.00, brows 1.20, " in text
    assert "does not depend" in verdicts.yardstick_sentence(found, claims=less[:1])
    assert verdicts.yardstick_sentence({}) == "Not measured yet."


def test_a_map_that_lies_outside_the_face_is_none_of_the_face(root):
    table = shares()
    table[0] = [0, 0, 0, 0, 0, 1]
    put(root, "vgg16", 0, table)
    seeds = saliency.of_face(saliency.looks("vgg16", "plain", "short"))
    assert saliency.share(seeds, ["mouth"]).images == len(SAMPLE) - 1
    assert saliency.share(seeds, ["mouth"]).mean == pytest.approx(25, abs=0.02)  # 0.2 of 0.8
    assert saliency.share(seeds, ["outside"]).mean == 0


def test_every_claim_compares_networks_that_keep_saliency():
    for claim in verdicts.CLAIMS:
        assert claim.region in saliency.REGIONS
        assert claim.emotion in (*EMOTIONS, "all")
        for side in (claim.first, claim.second):
            assert side is None or (side[0] in saliency.NETWORKS and side[1] in saliency.VIEWS)


def test_curves_as_a_figure(root):
    for seed, shift in ((0, 0.0), (1, 0.1)):
        curve = CURVE.copy()
        curve[0, 1] -= shift
        put(root, "vgg16", seed, shares(), curve=curve)
    found = saliency_curves.curves("vgg16", "short")
    assert list(found) == ["deletion", "insertion"]
    np.testing.assert_allclose(found["deletion"]["own"][:, 1], [0.4, 0.3], atol=1e-6)
    # mean of the areas (0.8 + 0.2) / 4 + 0.4 / 2 = 0.45 and 0.40, in two digits
    assert "deletion: the map of this face 0.4" in figures_shares.say_curves(found)
    axes = figures_shares.curves(found).axes
    assert [axis.get_title() for axis in axes] == ["deletion", "insertion"]
    np.testing.assert_allclose(axes[0].lines[0].get_ydata(), [0.8, 0.35, 0.2], atol=1e-6)


#: Areas of four faces in order of the own map, another's and at random, by two methods.
UNDER = np.array(
    [
        [[0.25, 0.5, 0.25, 0.5], [0.5, 0.5, 0.75, 0.75], [0.75, 0.75, 0.5, 0.5]],
        [[0.5, 0.5, 0.5, 0.5], [0.25, 0.75, 0.5, 0.5], [0.25, 0.25, 0.25, 0.25]],
    ]
)


def test_areas_are_held_against_their_controls_face_by_face(root):
    put(root, "vgg16", 0, shares(), under=UNDER)
    own = saliency_curves.areas("vgg16", "short", "deletion", "gradient")
    assert own[0][0].tolist() == SAMPLE[:4].tolist()
    # another's minus own, deletion: 0.25, 0, 0.5, 0.25, mean 0.25, variance 1 / 32
    better = saliency_curves.better_by(own, "deletion", "another's")
    half = 100 * 1.959964 * (1 / 32 / 4) ** 0.5
    assert (better.mean, better.high) == pytest.approx((25, 25 + half), rel=1e-4)
    assert (better.seeds, better.images) == (1, 4)
    # insertion has the same areas here, and there the larger is the better
    found = saliency_curves.measured("vgg16", "short")
    assert found["insertion", "gradient"]["another's"].mean == pytest.approx(-25)
    assert found["deletion", "smoothgrad"]["random"].mean == pytest.approx(-25)
    assert list(found) == [
        (kind, method) for kind in saliency_curves.KINDS for method in ("gradient", "smoothgrad")
    ]
    table = saliency_curves.table(found, "VGG16")
    assert table.columns.name == "VGG16" and table.loc["deletion, SmoothGrad", "faces"] == "4"
    assert table.loc["deletion, gradient", "better than another's"] == "+25.0 [+7.7, +42.3]"
    # random minus own, gradient: 0.5, 0.25, 0.25, 0; SmoothGrad: -0.25 of each
    assert saliency_curves.sentence(found, "VGG16").splitlines() == [
        "That the maps of VGG16 are",
        "",
        "- better than the map of another face: leans for in 1 of 4 comparisons, no answer in 2 of"
        " 4 comparisons, leans against in 1 of 4 comparisons",
        "- better than a random order: leans for in 2 of 4 comparisons, leans against in 2 of 4"
        " comparisons",
    ]
    put(root, "vgg16", 1, shares(), under=UNDER[:, :, ::-1] / 2)
    two = saliency_curves.measured("vgg16", "short")["deletion", "gradient"]["another's"]
    # seeds: 0.25 and 0.125, s^2 / 2 = 1 / 256; faces: (v + v / 4) / 2 over 4
    total = 1 / 256 + 5 / 8 / 32 / 4
    half = 100 * stats.t.ppf(0.975, (256 * total) ** 2) * total**0.5
    assert (two.mean, two.high) == pytest.approx((18.75, 18.75 + half), rel=1e-4)
    assert saliency_curves.measured("pvgg16", "short") == {}
    assert saliency_curves.sentence({}) == "Not measured yet."


def test_other_methods_are_asked_the_same(root):
    less = Claim("less", "section 9", "mouth", "fear", *(CLAIM.first, CLAIM.second), more=False)
    even = np.rint(255 * shares()).astype(np.uint8)
    more = np.rint(255 * shares(extra=MORE)).astype(np.uint8)
    empty = more.copy()
    empty[0] = 0  # a map of zeros, of an angry face
    put(root, "vgg16", 0, shares(), others={"smoothgrad": even, "gradcam": more})
    put(root, "pvgg16", 0, shares(extra=MORE), others={"smoothgrad": empty, "gradcam": even})
    looks = saliency.looks("pvgg16", "plain", "short", "smoothgrad")
    assert np.isnan(looks[0].share[0]).all() and not looks[0].faces("angry", False)[0]
    np.testing.assert_allclose(looks[0].share[1:].sum(1), 1)
    effects = verdicts.by_method("short", claims=(CLAIM, less))
    by_row = next(iter(effects.values()))
    assert [by_row[method].mean for method in saliency.METHODS] == pytest.approx(
        [10, 10, -10], abs=0.2
    )
    table = verdicts.method_table(effects)
    assert list(table) == ["gradient", "SmoothGrad", "Grad-CAM"]
    assert table.iloc[0, 2].startswith("-10.") or table.iloc[0, 2].startswith("-9.")
    text = verdicts.method_sentence(effects, (CLAIM, less)).splitlines()
    assert text[0] == "In 0 of 2 comparisons the methods give the same answer."
    assert text[2].endswith("gradient leans for, SmoothGrad leans for, Grad-CAM leans against.")
    alike = verdicts.by_method("short", claims=(BROWS,))
    assert verdicts.method_sentence(alike, (BROWS,)) == (
        "In 1 of 1 comparisons the methods give the same answer."
    )
    assert verdicts.method_sentence({}, ()) == "Not measured yet."
    # by one method there is nothing to compare
    one = {
        claim: {**each, "smoothgrad": NOTHING, "gradcam": NOTHING} for claim, each in alike.items()
    }
    assert verdicts.method_sentence(one, (BROWS,)) == "By one method only so far."


def test_shares_as_figure_and_table(root):
    put(root, "vgg16", 0, shares(extra=MORE))
    found = verdicts.read("short")
    rows = verdicts.by_emotion(found)
    assert list(rows) == [*saliency.NETWORKS.values()] and rows["PVGG"] == {}
    figure = figures_shares.regions(rows, verdicts.areas(found))
    axes = {axis.get_title(): axis for axis in figure.axes}
    assert list(axes) == list(saliency.REGIONS)
    assert axes["cheeks"].lines[0].get_xdata()[0] == pytest.approx(30, abs=0.02)  # the area
    shared = axes["eyes"].get_shared_x_axes()
    assert shared.joined(axes["eyes"], axes["nose"]) and not shared.joined(
        axes["eyes"], axes["cheeks"]
    )
    assert "all emotions" in figure.legends[0].get_texts()[-1].get_text()
    marks = [line for line in axes["mouth"].lines if line.get_marker() == "o"]
    emotions = [t.get_text() for t in axes["eyes"].get_yticklabels()]
    fear = marks[emotions.index("fear")]
    assert fear.get_xdata()[0] == pytest.approx(30, abs=0.02)
    assert "VGG16 most cheeks (30.0 %), least" in figures_shares.say_regions(rows)
    dense = verdicts.by_emotion(found, "density")
    assert "least outside (0.5)" in figures_shares.say_regions(dense, "density")
    figure = figures_shares.regions(dense, verdicts.areas(found), "density")
    assert len({axis.get_xlim() for axis in figure.axes}) == 1  # densities share one scale
    table = saliency.region_table(verdicts.as_in_figures(found), "fear", False)
    row = table.loc["mouth"]
    assert row["area, %"] == "10.0" and row["VGG16, %"].startswith("30.0 [")
    assert row["VGG16, density"] == "3.00"
    assert "no such run" in figures_shares.regions({"VGG16": {}}, {}).texts[0].get_text()


def test_networks_are_told_apart_by_colour_and_marker():
    def share(mean):
        return {"fear": {r: Effect(mean, mean - 1, mean + 1, 1, 9) for r in saliency.REGIONS}}

    areas = dict.fromkeys(saliency.REGIONS, 7.0)
    figure = figures_shares.regions({"VGG16": share(8), "PVGG": share(9), "masks": share(5)}, areas)
    marks = [m for m in figure.axes[2].lines if m.get_marker() in figures_shares.MARKERS]
    assert [mark.get_xdata()[0] for mark in marks] == [8, 9, 5]
    assert len({mark.get_color() for mark in marks}) == 3
    assert figure.axes[2].lines[0].get_linestyle() == "--"  # the area, unlike a line of the grid
    keys = {m.get_label(): m.get_color() for m in figure.axes[0].lines if m.get_label()[0] != "_"}
    assert [keys["VGG16"], keys["PVGG"]] == [marks[0].get_color(), marks[1].get_color()]


def test_the_figures_show_the_kept_maps_over_the_cards_faces(root):
    put(root, "vgg16", 0, shares())
    put(root, "mvgg16", 0, shares(), views=("plain", "masked"))
    (card,) = cards(root / "datasets")
    places, emotions = figures_saliency.thumbnails(card, 2)
    assert emotions == list(EMOTIONS) and places.tolist() == [1, 4, 7, 10, 13, 16, 19]
    rows = figures_saliency.figure1(card, places, "short", 0)
    assert [label for label, _, _ in rows] == ["as it is", "VGG16", "in a mask", "VGG16,\nmasks"]
    worn = wear(FACES.images[SHOWN], FACES.landmarks[SHOWN], SHOWN)
    np.testing.assert_array_equal(rows[2][1], worn[places])
    assert (rows[1][2][:, :10] == 255).all() and (rows[3][2][:, :10] == 51).all()
    figure = figures_saliency.sheet(rows, emotions)
    assert len(figure.axes) == 28 and figure.axes[0].get_title() == "angry"
    # all saliency is in the upper quarter
    assert "VGG16, 100 % of the saliency in the upper half" in figures_saliency.say_sheet(
        rows, emotions
    )
    # PVGG is not recorded, nor is another seed
    assert [row[0] for row in figures_saliency.figure6(card, places, "short", 0)][1:] == ["VGG16"]
    assert len(figures_saliency.figure6(card, places, "short", 7)) == 1
    assert "PVGG: **No such run" in figures_saliency.provenance("short")


def test_a_map_lies_over_the_middle_of_the_face():
    face = np.arange(48 * 48, dtype=np.float64).reshape(48, 48) % 251
    face = face.astype(np.uint8)
    found = np.zeros((40, 40), np.uint8)
    found[0, 0], found[0, 1] = 200, 50
    picture = figures_saliency.overlaid(face, found, 40)
    # no saliency: the face at 0.6 of its light; a quarter of the most: half way to the colour
    assert picture[5, 5] == pytest.approx(np.full(3, 0.6 * face[9, 9] / 255))
    assert picture[0, 0] == pytest.approx(figures_saliency.plt.get_cmap("inferno")(1.0)[:3])
    half = np.array(figures_saliency.plt.get_cmap("inferno")(0.5)[:3])
    assert picture[0, 1] == pytest.approx(0.5 * 0.6 * face[4, 5] / 255 + 0.5 * half)
    bare = figures_saliency.overlaid(face, None, 40)
    assert bare.shape == (40, 40, 3) and bare[0, 0, 0] == face[4, 4] / 255
    assert figures_saliency.overlaid(face, 0 * found, 40).max() <= 0.6


@pytest.fixture(scope="module")
def small():
    return saliency_live.learnt("synthetic", 35, 0, 1)


def test_the_live_networks_maps(small):
    maps = saliency_live.trio(small, 3, samples=2)
    for network in ("trained", "untrained"):
        assert list(maps[network]) == list(saliency.METHODS)
        for found in maps[network].values():
            assert found.shape == (48, 48) and found.sum() == pytest.approx(1, abs=1e-3)
    same = saliency_live.alike({"trained": maps["trained"], "untrained": maps["trained"]})
    assert list(same.values()) == pytest.approx([1, 1, 1])
    assert saliency_live.alike(maps)["gradient"] < 0.99
    rows = saliency_live.rows(small, 3, maps)
    assert [row[0] for row in rows] == ["untrained", "trained"]
    np.testing.assert_array_equal(rows[0][1][2], small.faces.images[3])
    assert "14 % by chance" in saliency_live.sentence(small, maps)
    more = saliency_live.trio(small, 3, samples=4)
    assert not np.array_equal(maps["trained"]["smoothgrad"], more["trained"]["smoothgrad"])


def test_the_untrained_network_is_where_the_live_one_started():
    first, second = (saliency_live.untrained(3).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_live_densities_and_curves(small):
    table = saliency_live.densities(small, "gradient", 1)
    assert list(table.index) == list(saliency.REGIONS)
    assert table["picture, %"].sum() == pytest.approx(100)
    # densities, weighed by area, mean 1
    for name in ("trained", "untrained"):
        assert (table["picture, %"] * table[name]).sum() == pytest.approx(100, abs=0.1)
    lines = saliency_live.live_curves(small, "gradient", 1, steps=4)
    for kind, end in (("deletion", 0), ("insertion", -1)):
        ends = [lines[kind][order][0, end] for order in ("own", "another's", "random")]
        assert ends == pytest.approx([ends[0]] * 3)  # the whole faces


def test_the_page_offers_the_networks_of_the_figures():
    _, parameters = read_notebook(paths.notebooks() / "qiu_s52_saliency.py")
    default = {p.name: p for p in parameters}
    assert list(default["model"].choices) == list(saliency.NETWORKS)
    assert list(default["method"].choices) == list(saliency.METHODS)
