"""Phases 2 and 3 of the Perturb Scheme on made-up attention, phase 1 shared between runs."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ferbook.errors import InputError
from ferbook.perturb.scheme import Plan, Scheme, erased_share, moved, squares
from ferbook.study.inputs import Perturbation

COUNT = 12
ROWS = np.arange(8)  # those learnt from


def blobs() -> torch.Tensor:
    """(12, 48, 48) uint8: two bright discs on black, at the same places in every image."""
    y, x = torch.meshgrid(torch.arange(48.0), torch.arange(48.0), indexing="ij")
    near = torch.minimum((y - 10).hypot(x - 24), (y - 36).hypot(x - 24))
    return (250 * torch.exp(-((near / 6) ** 2))).to(torch.uint8).expand(COUNT, 48, 48).clone()


def bright(images: torch.Tensor) -> torch.Tensor:
    """Attention is brightness."""
    return images.float() / 255


def scheme(images=None, attend=bright, seed=0, **changes) -> Scheme:
    plan = Plan.of({"clusters": 2, "share": 0.1, "alpha": 0.0, **changes})
    return Scheme(plan, blobs() if images is None else images, ROWS, seed, attend)


def test_clusters_are_where_attention_is():
    given: Perturbation = scheme()
    given.begin(1)
    top, bottom = given.maps[0] == 1, given.maps[0] == 2
    assert top.sum() + bottom.sum() == round(0.1 * 48 * 48)
    assert top[24:].sum() == 0 and bottom[:24].sum() == 0  # numbered from top to bottom
    assert (given.maps[8:] == 0).all()  # what is only tested is shown whole


@pytest.mark.parametrize("granularity", ["epoch", "image"])
def test_the_same_epoch_has_the_same_clusters(granularity):
    noise = torch.randint(0, 256, (COUNT, 48, 48), dtype=torch.uint8)
    one, two = (scheme(noise, granularity=granularity, clusters=3) for _ in range(2))
    one.begin(1), one.begin(2), two.begin(2)
    assert torch.equal(one.maps, two.maps)
    assert (one.centres is None) == (granularity == "image")


def test_an_epoch_draws_its_own_sample():
    noise = torch.randint(0, 256, (COUNT, 48, 48), dtype=torch.uint8)
    given = scheme(noise, sample=1, clusters=5)
    given.begin(1)
    first = given.maps.clone()
    given.begin(2)
    assert not torch.equal(first, given.maps)


def test_dropping_takes_one_cluster_or_none_and_nothing_in_a_test():
    given = scheme(chance=0.5)
    given.begin(1)
    maps = given.maps[:1].expand(4000, 48, 48)
    images = torch.ones(4000, 1, 48, 48)
    out = given.shown(images, maps, *given.draw(len(images), torch.Generator().manual_seed(0)))[
        :, 0
    ]
    lost = [int(((out[:, maps[0] == k] == 0).all(1)).sum()) for k in (1, 2)]
    whole = int((out == 1).all((1, 2)).sum())
    # Half of 4,000 lose a cluster, either as often: standard errors of 32 and 27
    assert whole == pytest.approx(2000, abs=130) and lost == pytest.approx([1000] * 2, abs=110)
    assert sum(lost) + whole == 4000 and (out[:, maps[0] == 0] == 1).all()
    torch.testing.assert_close(given.shown(images[:2], maps[:2]), images[:2])


def test_keeping_and_stacking_show_clusters_alone():
    images = torch.full((COUNT, 1, 48, 48), 0.5)
    kept = scheme(mode="keep")
    kept.begin(1)
    out = kept.shown(images, kept.maps)
    assert torch.equal(out[:, 0] > 0, kept.maps > 0) and (kept.maps > 0).any((1, 2)).all()
    stacked = scheme(mode="stack")
    stacked.begin(1)
    out = stacked.shown(images, stacked.maps)
    assert out.shape == (COUNT, 2, 48, 48)
    torch.testing.assert_close(out.sum(1, keepdim=True), images * (stacked.maps > 0)[:, None])
    assert stacked.plan.channels == 2 and kept.plan.channels == 1


def test_other_images_are_clustered_by_the_same_centres():
    given = scheme(mode="keep")
    given.begin(3)
    other = given.on(given.images[5:7])
    assert torch.equal(other.maps, given.maps[5:7])
    assert (scheme().on(blobs()).maps == 0).all()  # dropping shows whole images in a test


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 999))
def test_moved_clusters_keep_size_and_shape(seed):
    maps = torch.randint(0, 4, (5, 48, 48), dtype=torch.uint8)
    out = moved(maps, torch.Generator().manual_seed(seed))
    for before, after in zip(maps, out, strict=True):
        assert torch.equal(before.flatten().bincount(), after.flatten().bincount())
        shifts = [(i, j) for i in range(48) for j in range(48) if before[i, j] == after[0, 0]]
        assert any(torch.equal(before.roll((-i, -j), (0, 1)), after) for i, j in shifts)


def test_what_is_erased_with_a_cluster_by_hand():
    maps = torch.zeros(1, 6, 6, dtype=torch.uint8)
    maps[0, 2] = torch.tensor([1, 1, 1, 2, 2, 2])
    maps[0, 5] = 2
    # the middle 4 x 4 holds four of its pixels in clusters, two of each: 2 / 16
    assert erased_share(maps, 2, 4) == 0.125
    assert erased_share(maps, 2, 6) == (12 / 36) / 2
    # the upper left of two middles where the sides differ by an odd number
    assert erased_share(maps, 1, 5) == 5 / 25
    # a cluster moved at random around the edges erases everywhere alike: 12 of 36 pixels in two
    moves = moved(maps.repeat(9000, 1, 1), torch.Generator().manual_seed(0))
    assert erased_share(moves, 2, 4) == pytest.approx(1 / 6, abs=0.004)


def test_squares_are_as_large_as_clusters_together():
    plan = Plan.of({"clusters": 3, "share": 0.25, "source": "patches"})
    maps = squares(8000, plan, 48, torch.Generator().manual_seed(0))
    # sqrt(0.25 / 3) 48 = 13.86: 14 pixels
    assert (maps == 3).sum((1, 2)).eq(14**2).all()  # the last one is on top
    # A square is at each of 35 places along an axis alike, so column x is under it with chance
    # c(x) = 1/35, 2/35, ..., 13/35, then 14/35 for 22 columns, and back. The sums of c, c^2, c^3
    # are 14, 5950/1225 = 4.857, 76930/42875 = 1.794; two squares share 4.857^2 = 23.6 pixels on
    # average, three 1.794^2 = 3.2. So the second keeps 196 - 23.6, the first 196 - 2 x 23.6 + 3.2.
    kept = [float((maps == k).sum((1, 2)).double().mean()) for k in (1, 2, 3)]
    assert kept == pytest.approx([152.0, 172.4, 196.0], abs=2)  # 4 standard errors
    # In the middle 40 columns these sums are 14 - 20/35 = 13.429, 4.857 - 60/1225 = 4.808 and
    # 1.794 - 200/42875 = 1.790: three squares cover 3 x 180.3 - 3 x 23.12 + 3.20 = 474.8 of 1,600
    # pixels, a third of which is 9.89 %; of the whole frame (588 - 70.8 + 3.2) / 3 / 2304 = 7.53 %.
    assert erased_share(maps, 3, 40) == pytest.approx(0.0989, abs=0.0006)
    assert erased_share(maps, 3, 48) == pytest.approx(0.0753, abs=0.0004)
    alone = Scheme(plan, blobs(), ROWS, 0, None)
    alone.begin(1)
    first = alone.maps.clone()
    alone.begin(2)
    assert not torch.equal(first, alone.maps) and (alone.maps[8:] == 0).all()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"mode": "hide"}, "mode 'hide', expected one of drop, keep, stack"),
        ({"source": "lot"}, "source 'lot', expected one of attention, moved, patches"),
        ({"frame": "cut"}, "frame 'cut', expected one of removed, kept"),
        ({"chance": 0.0}, "chance 0.0, expected a number above 0, at most 1"),
        ({"chance": float("nan")}, "chance nan"),
        ({"sample": 0}, "sample 0"),
        ({"sample": 2.5}, "sample 2.5, expected a whole number of images, 1 or more"),
        ({"sample": True}, "sample True, expected a whole"),
        ({"chance": "a"}, "chance 'a', expected a number above 0, at most 1"),
        ({"chance": True}, "chance True, expected a number"),
        ({"attention": "both"}, "attention 'both', expected one of cbam, spatial"),
        ({"clusters": 0}, "perturb: clusters 0"),
        ({"clusters": True}, "perturb: clusters True"),
        ({"lam": 0, "alpha": 0}, "perturb: lam 0 and alpha 0: expected one of them above 0"),
        (None, "perturb: None, expected a mapping of settings"),
        ([3], "expected a mapping of settings"),
        ({"beta": 1}, "unknown setting 'beta', expected alpha, "),
    ],
)
def test_bad_settings_are_one_line(given, says):
    with pytest.raises(InputError, match=says):
        Plan.of(given)


def test_attention_is_needed_but_for_patches():
    with pytest.raises(InputError, match="needs a network with attention"):
        scheme(attend=None)


def test_a_plan_says_all_of_itself():
    plan = Plan.of({"clusters": 5, "mode": "keep"})
    assert Plan.of(plan.as_dict()) == plan
    assert replace(plan, mode="drop").as_dict()["clusters"] == 5
