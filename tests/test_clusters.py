"""Qiu's Eq. 1 as points, the pixels that are clustered, and maps of their clusters, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ferbook.errors import InputError
from ferbook.perturb import clusters as module
from ferbook.perturb.clusters import common_centres, label_maps
from ferbook.perturb.distance import (
    INTENSITIES,
    Settings,
    chosen,
    features,
    share_of_intensity,
)

NONE = torch.zeros(1, 2, 3)


def grey(*rows: list[int]) -> torch.Tensor:
    return torch.tensor([rows], dtype=torch.uint8)


def some(count: int, size: int = 12, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Images (count, size, size) uint8 and attention 0..1, at random."""
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(0, 256, (count, size, size), generator=generator).to(torch.uint8)
    return images, torch.rand(count, size, size, generator=generator)


# --- Eq. 1 ------------------------------------------------------------------------------------


def test_points_by_hand():
    # lam 1.5 and alpha 1.2: pixel (2, 1), grey level 50, lies at (3, 1.5, 60).
    points = features(grey([0, 10, 20], [30, 40, 50]), NONE, Settings(intensity="image"))
    assert points.shape == (1, 6, 3) and points.dtype == torch.float32
    torch.testing.assert_close(points[0, 5], torch.tensor([3.0, 1.5, 60.0]))
    torch.testing.assert_close(points[0, 1], torch.tensor([1.5, 0.0, 12.0]))


def equation_1(level: np.ndarray, i: int, j: int, k: int, m: int, lam: float, alpha: float):
    """As printed, l written m, but for the second index of I: (k, l) instead of (j, l)."""
    apart = (lam * (i - k)) ** 2 + (lam * (j - m)) ** 2
    return (apart + (alpha * (level[j, i] - level[m, k])) ** 2) ** 0.5


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 999),
    ends=st.tuples(*[st.integers(0, 11)] * 4),
    lam=st.floats(0.1, 5),
    alpha=st.floats(0, 5),
    intensity=st.sampled_from(INTENSITIES),
)
def test_the_distance_of_points_is_equation_1(seed, ends, lam, alpha, intensity):
    images, attention = some(1, seed=seed)
    level = {"image": images[0], "image-unit": images[0] / 255}.get(intensity, attention[0])
    level = level.double().numpy() * (255 if intensity == "attention" else 1)
    points = features(images, attention, Settings(lam=lam, alpha=alpha, intensity=intensity))[0]
    i, j, k, m = ends
    distance = (points[12 * j + i] - points[12 * m + k]).norm().item()
    assert distance == pytest.approx(equation_1(level, i, j, k, m, lam, alpha), rel=1e-4, abs=1e-3)


# --- which pixels -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (1.0, [0, 1, 2, 3, 4, 5]),
        (0.5, [1, 3, 5]),  # 0.9, 0.8 and the first 0.5 are at 3, 1 and 5
        (1 / 3, [1, 3]),
        (0.2, [3]),  # 1.2 pixels
        (0.01, [3]),  # never none
        (0.75, [0, 1, 3, 5]),  # 4.5 is rounded to 4; of the two 0.2 the first
    ],
)
def test_the_pixels_of_highest_attention(share, expected):
    attention = torch.tensor([[[0.2, 0.8, 0.2], [0.9, 0.1, 0.5]]])
    assert chosen(attention, share).tolist() == [expected]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 999), share=st.floats(0.001, 1), levels=st.integers(1, 9))
def test_none_that_is_left_out_has_more_attention(seed, share, levels):
    attention = (some(2, seed=seed)[1] * levels).round() / levels  # with ties
    pixels = chosen(attention, share)
    assert pixels.shape == (2, max(1, round(share * 144)))
    for flat, kept in zip(attention.flatten(1), pixels, strict=True):
        expected = np.argsort(-flat.numpy(), kind="stable")[: len(kept)]
        assert kept.tolist() == sorted(expected.tolist())


# --- the part of the intensity -----------------------------------------------------------------


def test_the_share_of_intensity_by_hand():
    # Chosen: the upper row, x = 0, 1, 2 (variance 2/3), y the same, grey 0, 0, 30 (variance 200),
    # attention 0.9, 0.6, 0.9 (variance 0.02). With lam 3 and alpha 2: x 9 * 2/3 = 6.
    images = grey([0, 0, 30], [7, 7, 7])
    attention = torch.tensor([[[0.9, 0.6, 0.9], [0.1, 0.2, 0.3]]])
    shares = share_of_intensity(images, attention, Settings(share=0.5, lam=3, alpha=2))
    assert tuple(shares) == INTENSITIES
    level = {"image": 4 * 200, "image-unit": 4 * 200 / 255**2}
    level |= {"attention": 4 * 0.02 * 255**2, "attention-unit": 4 * 0.02}
    for name, variance in level.items():
        assert shares[name].item() == pytest.approx(variance / (6 + variance), rel=1e-5), name


def test_a_share_of_nothing_is_undefined():
    shares = share_of_intensity(*some(2), Settings(share=0.001, clusters=1))  # one pixel
    assert all(share.isnan().all() for share in shares.values())


# --- maps -------------------------------------------------------------------------------------

FOUR = Settings(clusters=3, alpha=0, share=0.25, granularity="image")


def corners() -> torch.Tensor:
    """(1, 4, 4): attention at the upper left and right, and at two pixels in the middle below."""
    attention = torch.zeros(1, 4, 4)
    attention[0, 0, 0] = attention[0, 0, 3] = 1
    attention[0, 3, 1] = attention[0, 3, 2] = 0.5
    return attention


@pytest.mark.parametrize("granularity", ["image", "epoch"])
def test_clusters_are_numbered_downwards_then_to_the_right(granularity):
    plan = Settings(clusters=3, alpha=0, share=0.25, granularity=granularity)
    expected = [[1, 0, 0, 2], [0, 0, 0, 0], [0, 0, 0, 0], [0, 3, 3, 0]]
    # k-means++ may begin with both pixels below and stay there: that map has the upper ones as one
    found = [label_maps(grey(*[[9] * 4] * 4), corners(), plan, seed) for seed in range(8)]
    assert all(maps.dtype == torch.uint8 and maps.shape == (1, 4, 4) for maps in found)
    right = [maps.tolist() == [expected] for maps in found]
    assert sum(right) >= 5
    together = [[1, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0], [0, 2, 3, 0]]
    assert all(ok or maps.tolist() == [together] for ok, maps in zip(right, found, strict=True))


def test_clusters_of_one_place_are_numbered_from_dark_to_light():
    plan = Settings(clusters=2, lam=0, share=1, granularity="image")
    assert label_maps(grey([200, 10], [10, 200]), torch.rand(1, 2, 2), plan, 0).tolist() == [
        [[2, 1], [1, 2]]
    ]


def test_common_centres_are_those_of_all_pixels_together():
    # Attention at the left edge of one image and the right edge of another: one centre each.
    attention = torch.zeros(2, 4, 4)
    attention[0, :, 0] = attention[1, :, 3] = 1
    images = torch.full((2, 4, 4), 100, dtype=torch.uint8)
    plan = Settings(clusters=2, share=0.25, intensity="image")
    # The columns x = 0 and x = 3, in steps of 1.5; the level is 1.2 * 100
    start = torch.tensor([[4.0, 2.0, 120.0], [0.0, 2.0, 120.0]])
    centres = common_centres(images, attention, plan, 0, start)
    expected = torch.tensor([[0, 2.25, 120], [4.5, 2.25, 120]], dtype=torch.float64)
    torch.testing.assert_close(centres, expected, rtol=0, atol=1e-4)
    maps = label_maps(images, attention, plan, 0, centres)
    assert maps[0, :, 0].tolist() == [1] * 4 and maps[1, :, 3].tolist() == [2] * 4
    assert int((maps > 0).sum()) == 8


def test_an_image_of_its_own_has_all_its_clusters():
    attention = torch.zeros(2, 4, 4)
    attention[0, :, 0] = attention[1, :, 3] = 1
    images = torch.full((2, 4, 4), 100, dtype=torch.uint8)
    maps = label_maps(images, attention, Settings(clusters=2, granularity="image"), 0)
    assert maps.flatten(1).amax(dim=1).tolist() == [2, 2]


def test_an_epoch_goes_on_from_the_one_before():
    images, attention = some(6)
    plan = Settings(clusters=4)
    centres = common_centres(images, attention, plan, 0)
    # centres that are means of what is nearest to them stay where they are, whatever the seed
    torch.testing.assert_close(common_centres(images, attention, plan, 9, centres), centres)


@pytest.mark.parametrize("granularity", ["image", "epoch"])
def test_settings_change_what_is_found(granularity):
    images, attention = some(3)
    given = {"granularity": granularity, "share": 0.3, "intensity": "image"}
    base = label_maps(images, attention, Settings(**given), 0)
    assert torch.equal(base, label_maps(images, attention, Settings(**given), 0))
    for other in (
        {"clusters": 5},
        {"lam": 30.0},
        {"alpha": 0.0},
        {"share": 0.5},
        {"intensity": "image-unit"},
        {"intensity": "attention"},
    ):
        assert not torch.equal(base, label_maps(images, attention, Settings(**given | other), 0))
    assert not all(
        torch.equal(base, label_maps(images, attention, Settings(**given), seed))
        for seed in range(1, 6)
    )


def test_weights_count_by_their_ratio():
    images, attention = some(5)
    for granularity in ("image", "epoch"):
        one = Settings(lam=1.5, alpha=1.25, granularity=granularity)
        two = Settings(lam=3, alpha=2.5, granularity=granularity)
        assert torch.equal(
            label_maps(images, attention, one, 0), label_maps(images, attention, two, 0)
        )


@pytest.mark.parametrize("granularity", ["image", "epoch"])
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 999), count=st.integers(1, 6))
def test_a_label_is_a_chosen_pixels_and_a_chosen_pixels_only(granularity, seed, count):
    images, attention = some(3, seed=seed)
    maps = label_maps(images, attention, Settings(count, granularity=granularity), seed)
    assert maps.max() <= count
    for flat, pixels in zip(maps.flatten(1), chosen(attention, 0.25), strict=True):
        assert (flat > 0).nonzero()[:, 0].tolist() == pixels.tolist()


def test_chunks_of_images_do_not_matter(monkeypatch):
    images, attention = some(7)
    for granularity in ("image", "epoch"):
        plan = Settings(granularity=granularity)
        whole = label_maps(images, attention, plan, 1)
        with monkeypatch.context() as patch:
            patch.setattr(module, "CHUNK", 2)
            assert torch.equal(whole, label_maps(images, attention, plan, 1))


# --- odd input --------------------------------------------------------------------------------


def test_in_a_constant_image_position_decides():
    images = torch.full((1, 2, 12), 80, dtype=torch.uint8)
    maps = label_maps(images, torch.rand(1, 2, 12), Settings(2, share=1), 0)
    # the left half and the right one
    assert maps.tolist() == [[[1] * 6 + [2] * 6] * 2]


@pytest.mark.parametrize("granularity", ["image", "epoch"])
@pytest.mark.parametrize("level", [0.0, 0.7])
def test_a_constant_attention_map_names_no_pixel(granularity, level):
    images, attention = some(3)
    plan = Settings(granularity=granularity)
    alone = label_maps(images[[0, 2]], attention[[0, 2]], plan, 0)
    attention[1] = level
    maps = label_maps(images, attention, plan, 0)
    assert not maps[1].any()
    assert torch.equal(maps[[0, 2]], alone)
    assert not label_maps(images[1:2], attention[1:2], plan, 0).any()
    # unless all pixels are clustered anyway
    every = label_maps(images[1:2], attention[1:2], Settings(share=1, granularity=granularity), 0)
    assert (every > 0).all()


def test_common_centres_need_a_map_that_names_pixels():
    images, _ = some(2)
    with pytest.raises(InputError, match="2 attention maps, each the same everywhere"):
        common_centres(images, torch.zeros(2, 12, 12), Settings(), 0)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"clusters": 0}, "clusters 0: expected a whole number, 1 to 255"),
        ({"clusters": -3}, "clusters -3: expected a whole number"),
        ({"clusters": 2.5}, "clusters 2.5: expected a whole number"),
        ({"clusters": 256}, "clusters 256: expected a whole number"),
        ({"lam": -1}, "lam -1: expected a number, 0 or more"),
        ({"lam": float("nan")}, "lam nan: expected a number, 0 or more"),
        ({"alpha": -0.5}, "alpha -0.5: expected a number, 0 or more"),
        ({"alpha": float("nan")}, "alpha nan: expected a number, 0 or more"),
        ({"alpha": float("inf")}, "alpha inf: expected a number, 0 or more"),
        ({"clusters": True}, "clusters True: expected a whole number"),
        ({"lam": "1.5"}, "lam '1.5': expected a number, 0 or more"),
        ({"alpha": None}, "alpha None: expected a number, 0 or more"),
        ({"share": "x"}, "share 'x': expected a number above 0, at most 1"),
        ({"share": True}, "share True: expected a number above 0, at most 1"),
        ({"lam": 0, "alpha": 0}, "lam 0 and alpha 0: expected one of them above 0"),
        ({"share": 0}, "share 0: expected a number above 0, at most 1"),
        ({"share": 1.1}, "share 1.1: expected a number above 0, at most 1"),
        ({"share": float("nan")}, "share nan: expected a number above 0"),
        ({"intensity": "hue"}, "intensity 'hue': expected one of image, image-unit, attention,"),
        ({"granularity": "day"}, "granularity 'day': expected one of epoch, image"),
    ],
)
def test_bad_settings_are_one_line(given, message):
    with pytest.raises(InputError) as error:
        Settings(**given)
    assert str(error.value).startswith(message) and "\n" not in str(error.value)


def spoilt(level: float) -> torch.Tensor:
    attention = some(3)[1]
    attention[1, 5, 5] = level
    return attention


@pytest.mark.parametrize("granularity", ["image", "epoch"])
@pytest.mark.parametrize(
    ("images", "attention", "message"),
    [
        (some(3)[0], spoilt(torch.nan), "the attention map of image 1 holds NaN or infinity"),
        (some(3)[0], spoilt(torch.inf), "the attention map of image 1 holds NaN or infinity"),
        (some(3)[0], spoilt(3.0), "attention from "),
        (some(3)[0], spoilt(-1.0), "attention from -1 to "),
        (some(2)[0], some(3)[1], "images (2, 12, 12) and attention (3, 12, 12): expected"),
        (some(2)[0][:, None], some(2)[1][:, None], "images (2, 1, 12, 12) and attention"),
        (some(2)[0].float(), some(2)[1], "images of torch.float32: expected uint8"),
    ],
)
def test_bad_input_is_one_line(granularity, images, attention, message):
    for call in (label_maps, common_centres):
        with pytest.raises(InputError) as error:
            call(images, attention, Settings(granularity=granularity), 0)
        assert str(error.value).startswith(message) and "\n" not in str(error.value)


@pytest.mark.parametrize("granularity", ["image", "epoch"])
@pytest.mark.parametrize("call", [label_maps, common_centres])
def test_more_clusters_than_chosen_pixels(call, granularity):
    # A hundredth of 144 pixels is one, a sixth (0.16 x 144 = 23.04) are 23.
    plan = Settings(clusters=3, share=0.01, granularity=granularity)
    with pytest.raises(InputError, match=r"^3 clusters of 1 points: expected at most as many$"):
        call(*some(2), plan, 0)
    plan = Settings(clusters=50, share=0.16, granularity=granularity)
    with pytest.raises(InputError, match=r"^50 clusters of 23 points: expected"):
        call(*some(2), plan, 0)
    call(*some(2), replace(plan, clusters=23), 0)


def test_centres_are_for_an_epoch():
    plan = Settings(granularity="image")
    with pytest.raises(InputError, match="centres: expected none with granularity 'image'"):
        label_maps(*some(2), plan, 0, centres=torch.zeros(3, 3))
    with pytest.raises(InputError, match=r"centres \(2, 3\): expected \(3, 3\)"):
        label_maps(*some(2), Settings(), 0, centres=torch.zeros(2, 3))
