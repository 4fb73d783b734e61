"""k-means of many sets: by hand, against scikit-learn, and what must not matter to it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans

from ferbook.data.synthetic import draw
from ferbook.errors import InputError
from ferbook.perturb import kmeans
from ferbook.perturb.distance import Settings, chosen_points
from ferbook.perturb.kmeans import assign, fit
from ferbook.report import tables


def on_a_line(*places: float) -> torch.Tensor:
    """(1, P, 3): points along the first axis."""
    return torch.tensor([[[place, 0.0, 0.0] for place in places]])


def scattered(count: int, size: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(count, size, 3, generator=generator, dtype=torch.float64) * 100


def scikit(points: torch.Tensor, centres: torch.Tensor) -> list[KMeans]:
    """Each set of `points`, from its own `centres`, to convergence."""
    pairs = zip(points.double().numpy(), centres.numpy(), strict=True)
    options = {"n_clusters": centres.shape[1], "n_init": 1, "tol": 0, "max_iter": 300}
    return [KMeans(init=start, **options).fit(rows) for rows, start in pairs]


# --- by hand ----------------------------------------------------------------------------------


def test_two_steps_by_hand():
    # From 0 and 1: {0} and {1, 9, 11}; means 0 and 7; {0, 1} and {9, 11}; means 0.5 and 10; no
    # label changes, so the third step moves nothing. 2 * 0.25 + 2 * 1 = 2.5
    found = fit(on_a_line(0, 1, 9, 11), 2, seed=0, centres=on_a_line(0, 1)[0])
    assert found.centres[0, :, 0].tolist() == [0.5, 10.0]
    assert found.labels.tolist() == [[0, 0, 1, 1]]
    assert found.inertia.tolist() == [2.5] and found.steps.tolist() == [3]
    # After one step the centres are 0 and 7: 0 + 1 + 4 + 16 = 21
    early = fit(on_a_line(0, 1, 9, 11), 2, seed=0, centres=on_a_line(0, 1)[0], iterations=1)
    assert early.inertia.tolist() == [21.0] and early.steps.tolist() == [1]
    assert early.labels.tolist() == [[0, 0, 1, 1]]  # of the centres that it returns


def test_one_cluster_is_the_mean():
    points = scattered(3, 20)
    found = fit(points, 1, seed=0)
    torch.testing.assert_close(found.centres, points.mean(dim=1, keepdim=True), rtol=0, atol=1e-5)
    variance = points.var(dim=1, correction=0).sum(dim=1)
    torch.testing.assert_close(found.inertia, 20 * variance, rtol=1e-6, atol=0)


def test_as_many_clusters_as_points():
    found = fit(scattered(4, 6), 6, seed=3)
    assert found.inertia.tolist() == [0.0] * 4
    assert all(sorted(labels) == list(range(6)) for labels in found.labels.tolist())


def test_a_point_between_two_centres_belongs_to_the_first():
    assert assign(on_a_line(1), on_a_line(0, 2)[0]).tolist() == [[0]]
    assert assign(on_a_line(1), on_a_line(2, 0)[0]).tolist() == [[0]]


def test_centres_for_all_or_for_each():
    points = torch.cat([on_a_line(0, 10), on_a_line(0, 10)])
    assert assign(points, on_a_line(1, 9)[0]).tolist() == [[0, 1], [0, 1]]
    each = torch.cat([on_a_line(1, 9), on_a_line(9, 1)])
    assert assign(points, each).tolist() == [[0, 1], [1, 0]]
    assert fit(points, 2, seed=0, centres=each).labels.tolist() == [[0, 1], [1, 0]]
    # fewer points than centres are no hindrance to naming the nearest
    assert assign(on_a_line(7), on_a_line(0, 5, 10)[0]).tolist() == [[1]]


# --- empty clusters ---------------------------------------------------------------------------


def test_an_empty_cluster_takes_the_farthest_point():
    # Centre 100 has no point. Of 0, 1, 8 about the centre 0 the point 8 is farthest: means 0.5, 8.
    found = fit(on_a_line(0, 1, 8), 2, seed=0, centres=on_a_line(0, 100)[0])
    assert found.centres[0, :, 0].tolist() == [0.5, 8.0] and found.inertia.tolist() == [0.5]


def test_several_empty_clusters_take_the_farthest_points_in_order():
    start = on_a_line(0, 200, 300)[0]
    found = fit(on_a_line(0, 1, 8, 20), 3, seed=0, centres=start, iterations=1)
    assert found.centres[0, :, 0].tolist() == [0.5, 20.0, 8.0]


def test_points_that_coincide_leave_clusters_empty():
    points = on_a_line(4, 4, 4, 6)
    for seed in range(5):
        found = fit(points, 3, seed=seed)
        assert found.inertia.tolist() == [0.0] and len(found.labels.unique()) == 2
        assert found.centres.isfinite().all() and found.steps.item() < 5


# --- k-means++ --------------------------------------------------------------------------------


def test_the_chances_of_plus_plus_by_hand():
    # Points 0, 1, 3. The first with 1/3 each; the second by squared distance: after 0 (1, 9) / 10,
    # after 1 (1, 4) / 5, after 3 (9, 4) / 13. One set of points after the other draws for itself.
    count = 30_000
    points = on_a_line(0, 1, 3).double().expand(count, -1, -1)
    rows = kmeans._Grid(points, 2, None)
    draws = torch.rand(count, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    centres = kmeans._plus_plus(rows.rows, draws) * rows.unit
    pairs, seen = centres[..., 0].round().long().unique(dim=0, return_counts=True)
    chances = {(0, 1): 1 / 30, (0, 3): 9 / 30, (1, 0): 1 / 15, (1, 3): 4 / 15}
    chances |= {(3, 0): 9 / 39, (3, 1): 4 / 39}
    assert {tuple(pair) for pair in pairs.tolist()} == set(chances)
    for pair, times in zip(pairs.tolist(), seen.tolist(), strict=True):
        chance = chances[tuple(pair)]
        assert abs(times - count * chance) < 4 * (count * chance * (1 - chance)) ** 0.5


def test_a_seed_decides_and_the_others_do_not():
    points = scattered(7, 30)
    found, again, other = (fit(points, 4, seed, iterations=1) for seed in (5, 5, 6))
    assert torch.equal(found.centres, again.centres)
    assert not torch.equal(found.centres, other.centres)
    part = fit(points[:3], 4, 5, iterations=1)
    assert torch.equal(part.centres, found.centres[:3])


# --- scikit-learn -----------------------------------------------------------------------------


def smooth_maps(count: int, seed: int) -> torch.Tensor:
    """(count, 48, 48) in 0..1: noise, blurred."""
    from torchvision.transforms.functional import gaussian_blur

    noise = torch.rand(count, 48, 48, generator=torch.Generator().manual_seed(seed))
    blurred = gaussian_blur(noise, [13, 13], [3.0, 3.0])
    low, high = blurred.amin(dim=(1, 2), keepdim=True), blurred.amax(dim=(1, 2), keepdim=True)
    return (blurred - low) / (high - low)


def edges(images: torch.Tensor) -> torch.Tensor:
    """(B, 48, 48) in 0..1: how steep the image is."""
    down, right = torch.gradient(images.double(), dim=(1, 2))
    steep = (down**2 + right**2).sqrt()
    return steep / steep.amax(dim=(1, 2), keepdim=True)


@pytest.mark.parametrize("clusters", [1, 2, 3, 5, 8])
def test_equals_scikit_learn_where_nothing_ties(clusters):
    points = scattered(12, 200, seed=clusters)
    centres = scattered(12, clusters, seed=100 + clusters)
    theirs = scikit(points, centres)
    ours = fit(points, clusters, seed=0, centres=centres, iterations=300)
    np.testing.assert_array_equal(ours.labels, [model.labels_ for model in theirs])
    np.testing.assert_allclose(ours.inertia, [model.inertia_ for model in theirs], rtol=1e-5)
    np.testing.assert_array_equal(ours.steps, [model.n_iter_ for model in theirs])
    expected = np.stack([model.cluster_centers_ for model in theirs])
    np.testing.assert_allclose(ours.centres, expected, atol=1e-4)


@pytest.mark.parametrize("maps", ["smooth", "edges"])
@pytest.mark.parametrize("intensity", ["image", "attention"])
def test_inertia_equals_scikit_learn_on_faces(maps, intensity):
    images = torch.from_numpy(draw(35, seed=4).images.copy())
    attention = smooth_maps(35, 0) if maps == "smooth" else edges(images)
    _, points = chosen_points(images, attention, Settings(intensity=intensity))
    generator = torch.Generator().manual_seed(0)
    first = torch.rand(35, 576, generator=generator).argsort(dim=1)[:, :3]
    centres = points.gather(1, first[..., None].expand(-1, -1, 3)).double()
    ours = fit(points, 3, seed=0, centres=centres, iterations=300)
    theirs = [model.inertia_ for model in scikit(points, centres)]
    np.testing.assert_allclose(ours.inertia, theirs, rtol=1e-3)


@pytest.mark.parametrize("intensity", ["image-unit", "image", "attention"])
def test_inertia_equals_scikit_learn_on_recorded_attention(intensity):
    """Maps of trained networks, 21 faces of FER2013 each, as the records keep them."""
    networks = ("densenet", "dpn", "resmasking", "resnet", "vgg16")
    records = [tables.select("qiu/perturb-fer2013", "short", [f"p{name}"])[0] for name in networks]
    faces = records[0].card.thumbnails
    assert all((one.artifacts["shown.rows"] == faces["rows"]).all() for one in records)
    attention = np.concatenate([record.artifacts["shown.attention"] for record in records])
    assert attention.shape == (5 * 21, 48, 48) and attention.std(axis=(1, 2)).min() > 1
    images = torch.from_numpy(np.tile(faces["images"], (5, 1, 1)))
    settings = Settings(intensity=intensity)
    _, points = chosen_points(images, torch.from_numpy(attention) / 255, settings)
    generator = torch.Generator().manual_seed(0)
    first = torch.rand(len(points), 576, generator=generator).argsort(dim=1)[:, :3]
    centres = points.gather(1, first[..., None].expand(-1, -1, 3)).double()
    ours = fit(points, 3, seed=0, centres=centres, iterations=300)
    theirs = [model.inertia_ for model in scikit(points, centres)]
    np.testing.assert_allclose(ours.inertia, theirs, rtol=1e-3)


def test_empty_clusters_as_scikit_learn():
    points = scattered(6, 40)
    centres = scattered(6, 5, seed=1)
    centres[:, 2:] += 1000  # far from every point
    ours = fit(points, 5, seed=0, centres=centres, iterations=300)
    theirs = scikit(points, centres)
    np.testing.assert_allclose(ours.inertia, [model.inertia_ for model in theirs], rtol=1e-4)


def test_plus_plus_is_as_good_as_scikit_learns():
    """The mean inertia over many seeds; theirs takes the best of several draws for each centre."""
    points = scattered(1, 60).expand(200, -1, -1)
    ours = fit(points, 4, seed=0, iterations=300).inertia.mean().item()
    rows = points[0].numpy()
    models = [KMeans(4, n_init=1, random_state=seed).fit(rows) for seed in range(60)]
    theirs = np.mean([model.inertia_ for model in models])
    assert 0.9 * theirs < ours < 1.1 * theirs


# --- what holds always ------------------------------------------------------------------------

SETS = st.tuples(st.integers(0, 10**6), st.integers(8, 60), st.integers(1, 8))


@settings(max_examples=40, deadline=None)
@given(which=SETS, whole=st.booleans())
def test_inertia_never_increases(which, whole):
    seed, size, clusters = which
    points = scattered(3, size, seed)
    if whole:  # many ties, many coincident points
        points = (points / 20).round()
    inertia = [fit(points, clusters, seed, iterations=steps).inertia for steps in range(1, 8)]
    for before, after in pairwise(inertia):
        assert (after <= before * (1 + 1e-9) + 1e-9).all()


@settings(max_examples=40, deadline=None)
@given(which=SETS)
def test_every_label_is_the_nearest_and_every_centre_a_mean(which):
    seed, size, clusters = which
    points = scattered(2, size, seed)
    found = fit(points, clusters, seed, iterations=300)
    distance = torch.cdist(points, found.centres)
    assert torch.equal(found.labels, distance.argmin(dim=2))
    assert torch.equal(found.labels, assign(points, found.centres))
    nearest = distance.amin(dim=2).square().sum(dim=1)
    torch.testing.assert_close(found.inertia, nearest, rtol=1e-4, atol=1e-4)
    for rows, labels, centres in zip(points, found.labels, found.centres, strict=True):
        for number in labels.unique():
            mean = rows[labels == number].mean(dim=0)
            torch.testing.assert_close(centres[number], mean, rtol=0, atol=1e-4)


@settings(max_examples=30, deadline=None)
@given(which=SETS, by=st.tuples(*[st.integers(-4096, 4096)] * 3))
def test_moving_all_points_moves_the_centres(which, by):
    seed, size, clusters = which
    points = (scattered(2, size, seed) * 256).round() / 256  # so that the sum is exact
    shift = torch.tensor(by, dtype=torch.float64)
    here, there = fit(points, clusters, seed), fit(points + shift, clusters, seed)
    assert torch.equal(here.labels, there.labels)
    torch.testing.assert_close(here.centres + shift, there.centres, rtol=0, atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(which=SETS, factor=st.sampled_from([2.0**-30, 0.25, 8.0, 2.0**40]))
def test_the_scale_of_all_axes_does_not_matter(which, factor):
    seed, size, clusters = which
    points = scattered(2, size, seed)
    here, there = fit(points, clusters, seed), fit(points * factor, clusters, seed)
    assert torch.equal(here.labels, there.labels)
    torch.testing.assert_close(here.inertia * factor**2, there.inertia, rtol=1e-12, atol=0)


@settings(max_examples=30, deadline=None)
@given(which=SETS)
def test_the_order_of_points_does_not_matter(which):
    seed, size, clusters = which
    points = scattered(2, size, seed)
    order = torch.randperm(size, generator=torch.Generator().manual_seed(seed))
    centres = points[:, :clusters]
    here, there = fit(points, clusters, 0, centres), fit(points[:, order], clusters, 0, centres)
    assert torch.equal(here.labels[:, order], there.labels)


@pytest.mark.parametrize("chunk", [1, 50, 2**20])
def test_chunks_do_not_matter(chunk, monkeypatch):
    points = scattered(9, 25).float()
    whole = fit(points, 3, seed=2)
    monkeypatch.setitem(kmeans.CHUNK, "cpu", chunk)
    parts = fit(points, 3, seed=2)
    for name in ("centres", "labels", "inertia", "steps"):
        assert torch.equal(getattr(whole, name), getattr(parts, name)), name
    assert torch.equal(assign(points, whole.centres), whole.labels)


@pytest.mark.parametrize("iterations", [1, 7, 8, 9, 300])
@pytest.mark.parametrize("kind", ["scattered", "ties", "coincident", "far centres"])
def test_steps_in_blocks_give_the_same_bits(kind, iterations, monkeypatch):
    points = scattered(9, 60)
    centres = None
    if kind == "ties":
        points = (points / 20).round()
    if kind == "coincident":  # fewer points than clusters: some stay empty in every step
        points = torch.cat([points[:5], (points[5:, :1] + 0 * points[5:])])
    if kind == "far centres":  # empty at first, refilled within a block
        centres = scattered(9, 5, seed=1)
        centres[4:, 2:] += 1000
    one_by_one = fit(points, 5, 0, centres, iterations)
    monkeypatch.setitem(kmeans.BLOCK, "cpu", 8)
    in_blocks = fit(points, 5, 0, centres, iterations)
    for name in ("centres", "labels", "inertia", "steps"):
        assert torch.equal(getattr(one_by_one, name), getattr(in_blocks, name)), name
    if iterations == 300 and kind == "scattered":  # more than a block, and not all at once
        assert in_blocks.steps.max() > 8 and len(in_blocks.steps.unique()) > 1


def test_a_block_asks_once(monkeypatch):
    """Which sets go on is asked after 8 steps, not after each: 19 steps in 3 blocks."""
    asked = []
    take = kmeans._steps
    monkeypatch.setattr(kmeans, "_steps", lambda *args: asked.append(args[2]) or take(*args))
    monkeypatch.setitem(kmeans.BLOCK, "cpu", 8)
    fit(scattered(20, 400), 4, 0, iterations=19)
    assert asked == [8, 8, 3]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_gives_the_same_bits():
    points = (scattered(40, 300) / 3).round()  # with ties
    here, there = fit(points, 5, seed=2), fit(points.cuda(), 5, seed=2)
    for name in ("centres", "labels", "inertia", "steps"):
        assert torch.equal(getattr(here, name), getattr(there, name).cpu()), name


def test_no_gradient_is_kept():
    found = fit(scattered(2, 9).requires_grad_(), 2, seed=0)
    assert not found.centres.requires_grad and not found.inertia.requires_grad


def test_no_sets_have_no_clusters():
    found = fit(torch.zeros(0, 5, 3), 2, seed=0)
    assert found.centres.shape == (0, 2, 3) and found.labels.shape == (0, 5)


# --- bad input --------------------------------------------------------------------------------

NAN = torch.full((2, 4, 3), torch.nan)


@pytest.mark.parametrize(
    ("points", "clusters", "more", "message"),
    [
        (torch.zeros(2, 4), 2, {}, "points (2, 4): expected (B, P, 3)"),
        (torch.zeros(2, 4, 2), 2, {}, "points (2, 4, 2): expected (B, P, 3)"),
        (torch.zeros(2, 4, 3), 0, {}, "0 clusters: expected 1 or more"),
        (torch.zeros(2, 4, 3), -1, {}, "-1 clusters: expected 1 or more"),
        (torch.zeros(2, 4, 3), 5, {}, "5 clusters of 4 points: expected at most as many"),
        (torch.zeros(2, 4, 3), 2, {"iterations": 0}, "0 iterations: expected 1 or more"),
        (NAN, 2, {}, "points hold NaN or infinity"),
        (torch.zeros(2, 4, 3), 2, {"centres": NAN[:, :2]}, "centres hold NaN or infinity"),
        (
            torch.zeros(2, 4, 3),
            2,
            {"centres": torch.zeros(3, 3)},
            "centres (3, 3): expected (2, 3) or (2, 2, 3)",
        ),
    ],
)
def test_bad_input_is_one_line(points, clusters, more, message):
    with pytest.raises(InputError) as error:
        fit(points, clusters, 0, **more)
    assert str(error.value).startswith(message) and "\n" not in str(error.value)
