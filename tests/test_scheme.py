"""Phases 2 and 3 of the Perturb Scheme on made-up attention, phase 1 shared between runs."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ferbook.errors import InputError
from ferbook.perturb.scheme import Plan, Scheme, moved, squares
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


def test_squares_are_as_large_as_clusters_together():
    plan = Plan.of({"clusters": 3, "share": 0.25, "source": "patches"})
    maps = squares(200, plan, 48, torch.Generator().manual_seed(0))
    # sqrt(0.25 / 3) 48 = 13.86: 14 pixels
    assert (maps == 3).sum((1, 2)).eq(14**2).all()  # the last one is on top
    assert (maps == 1).sum((1, 2)).le(14**2).all() and set(maps.unique().tolist()) == {0, 1, 2, 3}
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
        ({"chance": 0.0}, "chance 0, expected above 0"),
        ({"chance": float("nan")}, "chance nan"),
        ({"sample": 0}, "sample 0"),
        ({"clusters": 0}, "clusters 0"),
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
