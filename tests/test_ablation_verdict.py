"""What the page on pixels, landmarks or both answers, of records whose intervals are derived."""

import pytest

from ferbook.report import tables
from ferbook.report.chew import ablation_verdict as verdict
from test_effects import dataset, put, root  # noqa: F401

ANGRY = range(0, 70, 7)  # its ten faces


def test_the_page_begins_with_an_answer(root):  # noqa: F811
    assert "is recorded yet" in verdict.so_far(["chew/x"], "short")
    faces = dataset()
    for seed in (0, 1):
        put(root, faces, "hybrid", seed, ())
        put(root, faces, "pixels", seed, range(7))
        put(root, faces, "landmarks", seed, [seed])
    # 7 of 70 in both seeds: 10 points, variance 0.1 x 0.9 / 70, half a width of 1.95996 x 0.0358569
    # = 7.03. Of the landmarks 1 of 70: 1.43, variance 0.0142857 x 0.9857143 / 70, each seed another
    # face: of 70 distinct ones, half a width of 2.78.
    head, blank, line = verdict.so_far(["chew/x", "chew/y"], "short").splitlines()
    assert head.startswith("**So far**") and not blank
    assert line == (
        "- ckplus48, PrivateTest: minus pixels +10.0 [+3.0, +17.0], ahead; "
        "minus landmarks +1.4 [-1.4, +4.2], not told from nothing."
    )


def test_one_seed_is_no_answer(root):  # noqa: F811
    put(root, dataset(), "hybrid", 0, range(14))
    put(root, dataset(), "pixels", 0, range(7))
    assert "minus pixels -10.0 [" in (said := verdict.so_far(["chew/x"], "short"))
    assert said.endswith("], one seed, no answer yet.")
    put(root, dataset(), "hybrid", 1, range(14))
    put(root, dataset(), "pixels", 1, range(7))
    assert verdict.so_far(["chew/x"], "short").endswith("], behind.")


@pytest.fixture
def uneven(root):  # noqa: F811
    """The hybrid never errs; pixels err on all angry faces, or on three of them."""
    faces = dataset()
    for seed, wrong in enumerate((list(ANGRY), list(ANGRY)[:3])):
        put(root, faces, "hybrid", seed, ())
        put(root, faces, "pixels", seed, wrong)
    return tables.select("chew/x", "short")


def test_an_interval_beside_a_large_p_is_explained(uneven):
    # angry: p = 2 / 2^10 and 2 / 2^3 = 0.25; three faces differ by 1, seven by 0.5: mean 0.65, the
    # variance (3 x 0.35^2 + 7 x 0.15^2) / 10 = 0.0525, half a width of 1.95996 sqrt(0.0525 / 10)
    # = 0.142, above 0. All: 6.5 of 70, mean square 4.75 / 70, variance 0.0592347, half 0.0570.
    said = verdict.by_emotion(uneven, "hybrid", "pixels")
    assert said.startswith("Over all emotions +9.3 [+3.6, +15.0]: told from nothing, for these")
    assert (
        "Of all emotions and angry the interval leaves 0 out though the largest p is 0.25" in said
    )
    assert "the mean over 2 pairs of runs, p of the pair that is least convincing" in said
    table = tables.difference(uneven, "hybrid", "pixels")
    assert table.loc["angry", "difference"] == "+65.0 [+50.8, +79.2]"
    assert table.loc["angry", "largest p"] == "0.25"


def test_where_nothing_is_told_nothing_is_explained(root):  # noqa: F811
    assert verdict.by_emotion([], "hybrid", "pixels") == "No pair of runs is recorded yet."
    for seed in (0, 1):  # 3 lost and 3 won of 70: the difference is 0
        put(root, dataset(), "hybrid", seed, range(3))
        put(root, dataset(), "pixels", seed, range(3 + 7, 6 + 7))
    said = verdict.by_emotion(tables.select("chew/x", "short"), "hybrid", "pixels")
    assert said.startswith("Over all emotions +0.0 [") and said.endswith(
        "]: not told from nothing, for these very networks."
    )
