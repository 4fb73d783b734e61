"""Losses on spoilt faces: by hand, and against the bootstrap over people."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ferbook.data.faces import Faces
from ferbook.data.synthetic import draw
from ferbook.errors import InputError
from ferbook.report import tables
from ferbook.report.chew import answers as an
from ferbook.report.chew import figures_robustness as drawn
from ferbook.report.chew import spoilt, spoilt_live
from ferbook.report.chew import spoilt_verdicts as verdicts
from ferbook.report.effects import Effect
from ferbook.study import records
from ferbook.study.cards import write_card
from ferbook.vision.landmarks import Landmarks
from ferbook.vision.masking import CONDITIONS, Condition
from test_records import content

COUNT = 20
FACES = np.arange(COUNT)
EYES = [Condition("eyes")]


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def dataset(people=0):
    labels = (FACES % 7).astype(np.uint8)
    subject = FACES % people if people else np.full(COUNT, -1)
    return Faces(
        "fer2013", np.zeros((COUNT, 4, 4), np.uint8), labels, np.full(COUNT, 2, np.uint8),
        subject.astype(np.int32), np.full(COUNT, -1, np.int32), FACES.astype("S"),
        f"{people + 1:064x}", judgement={"verdict": "genuine"},
    )  # fmt: skip


def put(root, network, right, seed=0, fold=None, rows=None, people=0, part="spoilt", found=0.75):
    """A record; `right` {view: how many of the rows, the first ones, are right}."""
    faces = dataset(people)
    rows = FACES[:10] if rows is None else rows
    detected = FACES != 0
    box = np.tile(np.array([0, 0, 4, 4], np.float32), (COUNT, 1))
    points = np.zeros((COUNT, 68, 2), np.float32)
    write_card(root / "datasets", faces, Landmarks(points, detected, 1.0 * detected, box))
    truth = faces.labels[rows].astype(int)
    said = {v: np.where(np.arange(len(rows)) < k, truth, (truth + 1) % 7) for v, k in right.items()}
    views = {view: np.eye(7, dtype=np.float32)[classes] for view, classes in said.items()}
    split = "official" if fold is None else "folds-2-subject"
    about = content(faces, experiment="x", variant=network, seed=seed, fold=fold, split=split)
    names = np.array([c.name for c in CONDITIONS])
    artifacts = {"spoilt.conditions": names, "spoilt.detected": np.full(len(names), found)}
    records.write(
        root / "chew" / f"x_{network}_s{seed}_f{fold}",
        about,
        {part: {"rows": rows, "views": views}},
        artifacts,
    )


def every(plain, **others):
    """All conditions as good as unspoilt, but those named (a dash is an underscore)."""
    changed = {name.replace("_", "-"): count for name, count in others.items()}
    return {"plain": plain, **{c.name: plain for c in CONDITIONS}, **changed}


@pytest.fixture
def seeds(tmp_path, monkeypatch):
    """Of ten faces pixels know 8, with eyes hidden 4; the hybrid 6, then 5, then with new landmarks
    2; landmarks 5 throughout. Two seeds that agree, so that the interval is that of the faces."""
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path))
    hybrid = every(6, occluded_eyes=5)
    for seed in (0, 1):
        put(tmp_path, "pixels", every(8, occluded_eyes=4), seed)
        put(tmp_path, "landmarks", every(5), seed)
        put(tmp_path, "hybrid", {**hybrid, "occluded-eyes/found": 2}, seed)
    return an.by_seed(tables.select("chew/x", "short"), "spoilt")


def test_losses_by_hand(seeds):
    table = spoilt.losses(seeds).set_index(["network", "landmarks", "kind", "amount"])
    eyes = table.xs(("eyes", 0.0), level=("kind", "amount"))
    assert eyes.loss["pixels", "before"] == pytest.approx(40)  # 8 of 10, then 4
    assert eyes.loss["pixels", "again"] == pytest.approx(40)  # sees no landmark: the same
    assert eyes.loss["hybrid", "before"] == pytest.approx(10)
    assert eyes.loss["hybrid", "again"] == pytest.approx(40)
    # Four faces lost of ten: variance 0.4 * 0.6, standard error sqrt(0.24 / 10).
    half = 100 * stats.norm.ppf(0.975) * (0.24 / 10) ** 0.5
    assert eyes.low["pixels", "before"] == pytest.approx(40 - half)
    assert eyes.high["pixels", "before"] == pytest.approx(40 + half)
    assert len(table) == 3 * 2 * len(CONDITIONS) and table.loss.isna().sum() == 0


def test_relative_losses_by_hand(seeds):
    table = spoilt.losses(seeds, EYES, "relative", ["before"]).set_index("network")
    assert table.loss["pixels"] == pytest.approx(50)  # 4 of 8
    assert table.loss["hybrid"] == pytest.approx(100 / 6)  # 1 of 6
    # R = lost / plain; z = (lost_i - R plain_i) / 0.8: of ten faces 4 have 0.5, 4 have -0.5, 2 have
    # 0, over 0.8; mean square 0.2 / 0.64.
    half = 100 * stats.norm.ppf(0.975) * (0.2 / 0.64 / 10) ** 0.5
    assert table.high["pixels"] - table.loss["pixels"] == pytest.approx(half)


def test_the_advantage_is_paired_and_a_mean_over_conditions(seeds):
    # Pixels lose faces 4 to 7, the hybrid face 5: differences 1 on three faces, else 0.
    effect = spoilt.advantage(seeds, EYES)
    half = 100 * stats.norm.ppf(0.975) * (0.3 * 0.7 / 10) ** 0.5
    assert effect.mean == pytest.approx(30) and effect.high == pytest.approx(30 + half)
    assert spoilt.advantage(seeds, EYES, "again").mean == pytest.approx(0)
    both = [*EYES, Condition("mouth")]  # nothing is lost with the mouth hidden
    assert spoilt.advantage(seeds, both).mean == pytest.approx(15)
    # 50 % of what it had, less 1 of 6.
    assert spoilt.advantage(seeds, EYES, "before", "relative").mean == pytest.approx(50 - 100 / 6)


def test_people_are_resampled_whole():
    """Against scipy's bootstrap over the sums of each person, an implementation of its own."""
    generator = np.random.default_rng(3)
    people = np.repeat(np.arange(40), generator.integers(3, 12, 40))
    skill = generator.normal(0, 1, 40)[people]
    right = skill + generator.normal(0, 0.5, len(people)) > 0
    lost = right & (generator.random(len(people)) < 0.4)
    card = type("Card", (), {"subject": people, "labels": people % 7})()
    views = {("pixels", "plain"): right, ("pixels", "occluded-eyes"): right & ~lost}
    one = {0: an.Answers(card, np.arange(len(people)), views)}
    (effect,) = an.over_seeds(one, lambda a: spoilt.loss(a, "pixels", EYES))
    sums, sizes = np.bincount(people, lost), np.bincount(people)
    result = stats.bootstrap(
        (sums, sizes), lambda s, n, axis=-1: s.sum(axis) / n.sum(axis), paired=True,
        method="percentile", n_resamples=9999, rng=np.random.default_rng(0),
    ).confidence_interval  # fmt: skip
    assert effect.mean == pytest.approx(100 * lost.mean())
    assert effect.high - effect.low == pytest.approx(100 * (result.high - result.low), rel=0.08)
    assert "of 40 people" in an.described(one)


def test_only_seeds_with_every_network_and_fold_count(tmp_path, monkeypatch):
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path))
    for network in an.NETWORKS:
        for fold, rows in enumerate((FACES[:10], FACES[10:])):
            put(tmp_path, network, {"plain": 7 + fold}, 0, fold, rows, people=5, part="test")
        put(tmp_path, network, {"plain": 10}, 1, 0, people=5, part="test")
    put(tmp_path, "hybrid", {"plain": 10}, 1, 1, FACES[10:], people=5, part="test")
    there = tables.select("chew/x", "short")
    found = an.by_seed(there)
    assert list(found) == [0] and len(an.used(there, found)) == 6
    (effect,) = an.over_seeds(found, lambda a: a.accuracy("hybrid"))
    assert effect.mean == pytest.approx(75) and effect.images == COUNT  # 7 and 8 of ten
    assert an.described(found) == "20 faces of 5 people, 1 seed"
    assert an.by_seed(there, "spoilt") == {} and an.described({}) == "nothing recorded yet"


def test_networks_on_other_faces_are_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path))
    for network, rows in zip(an.NETWORKS, (FACES[:10], FACES[:10], FACES[5:15]), strict=True):
        put(tmp_path, network, {"plain": 5}, rows=rows)
    with pytest.raises(InputError, match="other faces"):
        an.by_seed(tables.select("chew/x", "short"), "spoilt")


def test_detector_failures_by_hand(tmp_path, monkeypatch):
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path))
    put(tmp_path, "pixels", every(8), 0, found=0.8)
    put(tmp_path, "pixels", every(8), 1, rows=FACES[5:15], found=0.6)
    put(tmp_path, "hybrid", every(8), 0, found=0.1)  # the same faces again: not counted twice
    table = spoilt.failures(tables.select("chew/x", "short", ["pixels", "hybrid"]))
    assert table.missed.iloc[0] == pytest.approx(5)  # face 0 of the first ten: mean of 10 % and 0
    assert table.missed.iloc[1:].tolist() == pytest.approx([30] * len(CONDITIONS))
    # Fifteen different faces, 4.5 of them missed: Wilson's interval, the formula itself.
    p, n, z = 0.3, 15, stats.norm.ppf(0.975)
    middle, root = p + z * z / (2 * n), z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    assert table.low.iloc[1] == pytest.approx(100 * (middle - root) / (1 + z * z / n))
    assert table.high.iloc[1] == pytest.approx(100 * (middle + root) / (1 + z * z / n))
    assert spoilt.failures([]).empty


def test_the_claim_of_section_5_under_both_readings(seeds):
    table = verdicts.retention_table({"fer2013": seeds, "ckplus": {}}, "pixels")
    # 40 points lost, at least 40 - 30.4 of them sure; nothing with the mouth hidden.
    assert table.loc["FER2013, eyes", "within, points"] == "fails"
    assert table.loc["FER2013, mouth", "within, points"] == "holds"
    assert table.loc["CK+, eyes", "within, %"] == "not measured"
    assert table.loc["FER2013, eyes", "lost, % of it"].startswith("50.0 [")
    assert verdicts.retention({"fer2013": seeds}, "points")[0].answer == "open"  # 10 +- 18.6
    said = verdicts.retention_sentence({"fer2013": seeds})
    assert "**open** for FER2013 (eyes); **holds** for FER2013 (mouth)" in said
    assert verdicts.limit("fer2013", "eyes") == verdicts.limit("ckplus", "mouth") > 0
    assert "within" in verdicts.claim_text("occlusion-within-5")


def test_the_claim_of_section_6(seeds):
    table = verdicts.baseline(seeds, seeds).set_index("landmarks", append=True)
    before, again = table.loc[("eyes", "before")], table.loc[("eyes", "again")]
    assert before.tolist()[:2] == ["40.0", "10.0"] and before["less by"].startswith("+30.0 [")
    assert again["less by"].startswith("+0.0 [")
    assert (before.answer, again.answer) == ("holds", "open")
    relative = verdicts.baseline(seeds, {}, "relative")
    assert relative.loc["eyes", "pixels lose"].tolist() == ["50.0", "–"]
    said = verdicts.baseline_sentence(seeds, {})
    # Four regions cost neither anything: the hybrid does not lose less.
    assert "of 5 regions it holds for 1, fails for 4" in said
    assert said.splitlines()[0].endswith("the hybrid loses 0.0 to 30.0 points less than pixels.")
    assert "nothing is measured" in said.splitlines()[1]


def test_parts_of_the_hypothesis(seeds):
    table = verdicts.parts(seeds).reset_index().set_index(["part", "landmarks"])
    # Ten conditions hide something, one of them costs pixels 40 and the hybrid 10 points.
    assert table.loc[("occlusion", "before"), "pixels lose"] == "4.0"
    assert table.loc[("occlusion", "before"), "hybrid loses"] == "1.0"
    assert table.loc[("occlusion", "again"), "hybrid loses"] == "4.0"
    assert table.loc[("occlusion", "before"), "answer"] == "holds"
    assert len(table) == 8
    said = verdicts.part_sentence(seeds, "occlusion")
    assert "(10 conditions)" in said and "loses 3.0 points [" in said and "**holds**" in said
    # Relative: 50 % and 1 of 6 under one condition of ten.
    assert "as a share of what each had: the hybrid loses 3.3 % [" in said
    assert "nothing is measured" in verdicts.part_sentence({}, "noise")
    kinds = [kind for part in spoilt.PARTS.values() for kind in part]
    assert sorted(set(kinds)) == sorted({c.kind for c in CONDITIONS})


def test_a_worse_hybrid_is_said_to_lose_more():
    worse = Effect(-3.0, -5.0, -1.0, 2, 10)
    said = verdicts._compared(worse, " points")
    assert said == "the hybrid loses 3.0 points [1.0, 5.0] more than pixels: **fails**"
    alone = verdicts._compared(Effect(3.0, 1.0, 5.0, 1, 10), " %")
    assert alone == "the hybrid loses 3.0 % [1.0, 5.0] less than pixels: one seed, no answer"


def test_what_guessing_keeps(seeds):
    # Labels 0 1 2 3 4 5 6 0 1 2: three classes occur twice, so guessing keeps 2 of 10.
    said = verdicts.start_sentence(seeds)
    assert "pixels 80.0 %, landmarks 50.0 %, hybrid 60.0 %" in said
    assert "right on 20.0 %" in said and "between 30 and 60 points" in said
    assert "No such runs" in verdicts.start_sentence({})


def test_live_faces_are_spoilt_and_found_again():
    faces = draw(7, seed=0)
    chosen = spoilt_live.conditions("square", 30)
    assert [c.name for c in chosen] == [
        "square-30", "brightness-80", "contrast-0.25", "shade-0.9", "noise-40", "shift-8",
    ]  # fmt: skip
    assert spoilt_live.conditions("mouth", 30)[0].name == "occluded-mouth"
    shown = spoilt_live.show(faces.images[:2], chosen[:1] + chosen[-1:])
    assert shown.names == ("as it is", "square 30 %", "shift 8 px")
    assert shown.images.shape == (3, 2, 48, 48) and (shown.images[1] == 0).sum() > 0.25 * 2 * 48**2
    np.testing.assert_array_equal(shown.carried[0], shown.carried[1])  # a square moves no landmark
    moved = np.linalg.norm(shown.carried[2] - shown.carried[0], axis=-1)
    np.testing.assert_allclose(moved, 8, atol=1)  # whole pixels
    np.testing.assert_array_equal(shown.carried[0], shown.again[0])
    figure = drawn.spoilt_sheet(shown)
    assert len(figure.axes) == 12
    blurred = drawn.spoilt_sheet(shown, face=1, sigma=3)
    maps = [chart.axes[3].images[0].get_array().sum() for chart in (figure, blurred)]
    assert maps[1] > 1.5 * maps[0]  # of the second row, the heatmap of the clean face
    np.testing.assert_array_equal(blurred.axes[0].images[0].get_array(), faces.images[1])


def test_displacement_by_hand():
    before = np.zeros((2, 2, 68, 2), np.float32)
    before[:, :, 45, 0] = 20  # outer corners 20 px apart
    again = before.copy()
    again[1, 0] += (3, 4)  # 5 px, a quarter; the other face is not found
    again[1, 1] += (30, 40)
    there = np.array([[True, True], [True, False]])
    again[1, 0, :10] += (3, 4)  # ten hidden landmarks: 10 px, one half
    hidden = np.zeros((2, 2, 68), bool)
    hidden[1, :, :10] = True
    images = np.zeros((2, 2, 48, 48), np.uint8)
    table = spoilt_live.displaced(
        spoilt_live.Shown(("as it is", "eyes hidden"), images, before, again, there, hidden)
    )
    assert next(iter(table)) == "found, of 2"
    assert table.loc["eyes hidden"].tolist() == [1, 25, 50]


def test_live_faces_that_are_missed_stand_beside_recorded_ones():
    shown = spoilt_live.show(draw(7, seed=0).images[:2], [Condition("eyes")])
    missed = pd.DataFrame({"kind": ["plain", "eyes"], "amount": [0.0, 0.0], "missed": [10, 55.4]})
    text = spoilt_live.beside_recorded(shown, Condition("eyes"), missed)
    lost = 2 - shown.detected[1].sum()
    assert text.startswith("With eyes hidden the detector misses 55 % of the recorded faces, and ")
    assert f"{lost} of the 2 live ones" in text
    assert spoilt_live.beside_recorded(shown, Condition("square", 7), missed) == ""


@pytest.mark.parametrize(
    ("less", "words"),
    [
        ([-0.9, 1.1, 0.2], "from 0.9 points more to 1.1 points less"),
        ([4.7, 13.4], "4.7 to 13.4 points less"),
        ([-3, -1.5], "1.5 to 3.0 points more"),
        ([0, 30], "0.0 to 30.0 points less"),
    ],
)
def test_ends_of_what_is_lost_less(less, words):
    assert verdicts._ends(less) == words


def test_hidden_landmarks_lie_under_the_box():
    faces = draw(7, seed=0)
    shown = spoilt_live.show(faces.images[:2], [Condition("mouth"), Condition("noise", 40)])
    assert shown.hidden[1][:, 48:].all() and not shown.hidden[1][:, 17:31].any()
    assert not shown.hidden[[0, 2]].any()


@pytest.mark.parametrize(
    ("condition", "name"),
    [
        (Condition("left"), "left half hidden"),
        (Condition("brightness", -80), "brightness −80"),
        (Condition("brightness", 40), "brightness +40"),
        (Condition("contrast", 0.25), "contrast 0.25"),
    ],
)
def test_labels(condition, name):
    assert spoilt_live.label(condition) == name


def test_figures_draw_what_the_tables_say(seeds):
    lost, missed = spoilt.losses(seeds), spoilt.failures(tables.select("chew/x", "short"))
    left, right = drawn.region_losses(lost, missed).axes[:2]
    first = {line.get_label(): line.get_xdata()[0] for line in left.lines if len(line.get_xdata())}
    assert first["pixels"] == pytest.approx(40) and first["hybrid"] == pytest.approx(10)
    assert "no face: 25 %" in left.get_yticklabels()[0].get_text()
    again = {line.get_label(): line.get_xdata()[0] for line in right.lines}
    assert again["hybrid"] == pytest.approx(40)
    axes = drawn.graded_losses(lost, missed).axes
    assert len(axes) == 18
    (square,) = [line for line in axes[0].lines if line.get_label() == "pixels"]
    assert square.get_xdata().tolist() == [0, 5, 10, 20, 30, 40]
    np.testing.assert_allclose(square.get_ydata(), 0, atol=1e-9)
    assert axes[2].lines[0].get_ydata().tolist() == pytest.approx([10, 25, 25, 25, 25, 25])


def test_nothing_recorded_is_said_and_drawn_as_such():
    empty, none = spoilt.losses({}), spoilt.failures([])
    for chart in (drawn.region_losses(empty, none), drawn.graded_losses(empty, none)):
        assert "no such run" in chart.texts[0].get_text()
    assert set(verdicts.parts({}).answer) == {"not measured"}
    assert set(verdicts.baseline({}, {}).answer) == {"not measured"}
