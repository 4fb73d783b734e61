"""Crops, erased rectangles and views, and the optimiser of section 4.2: by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ferbook.errors import InputError
from ferbook.study import training
from ferbook.study.inputs import Channels, Feed, Inputs
from ferbook.study.recipe import Recipe, recipe
from ferbook.vision import augment
from ferbook.vision.augment import Geometry

PIXELS = Channels(True, 0, 1.5)
QIU = replace(recipe("qiu"), precision="f32")


def numbered(count: int = 2, size: int = 48) -> torch.Tensor:
    """Images whose pixel at row y and column x is y + x / 100, plus 100 an image."""
    y, x = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    return torch.stack([100 * i + y + x / 100 for i in range(count)])[:, None]


def feed(plan: Recipe = QIU, count: int = 6, perturbation=None, channels=PIXELS) -> Feed:
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (count, 48, 48), generator=generator, dtype=torch.uint8)
    inputs = Inputs(images, torch.zeros(count, 68, 2), torch.arange(count) % 7)
    return Feed(inputs, channels, plan, perturbation)


def test_a_crop_starts_at_its_corner_and_a_flipped_one_is_mirrored():
    out = augment.crop(numbered(), torch.tensor([[3, 5], [0, 8]]), 40, torch.tensor([False, True]))
    assert out.shape == (2, 1, 40, 40)
    torch.testing.assert_close(out[0, 0, 0, :2], torch.tensor([3.05, 3.06]))
    # The mirrored crop begins with its last column, 8 + 39 = 47.
    torch.testing.assert_close(out[1, 0, 2, :2], torch.tensor([102.47, 102.46]))


@settings(deadline=None, max_examples=30)
@given(share=st.floats(0, 1), seed=st.integers(0, 99))
def test_erased_rectangles_are_rectangles_of_the_sizes_said(share, seed):
    boxes = augment.rectangles(share, 50, 40, torch.Generator().manual_seed(seed))
    erased = augment.erased(boxes, 40)
    for mask in erased[erased.any((1, 2))]:
        high, wide = int(mask.any(1).sum()), int(mask.any(0).sum())
        assert mask.sum() == high * wide  # no holes
        # 2 to 33 % of 1,600 pixels; rounding a side moves an area by half of the other side
        assert 32 - (high + wide) / 2 <= high * wide <= 528 + (high + wide) / 2
    if share == 0:
        assert not erased.any()


def test_a_rectangle_by_hand():
    boxes = torch.tensor([[1.0, 0.0, 3.0, 2.0], [0.0, 0.0, 0.0, 0.0]])
    masks = augment.erased(boxes, 4).int()
    assert masks[0].tolist() == [[0, 0, 0, 0], [1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]]
    assert not masks[1].any()


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_rectangles_are_those_of_recorded_runs(share):
    """Recorded runs drew whole masks; the same generator must give the same pixels, and go on as
    it did."""

    def masks(share, count, size, generator):  # as they were drawn
        uniform = torch.rand(5, count, generator=generator)
        area = (0.02 + uniform[0] * (0.33 - 0.02)) * size**2
        ratio = torch.exp(torch.log(torch.tensor(3.3)) * (2 * uniform[1] - 1))
        sides = torch.stack([(area * ratio).sqrt(), (area / ratio).sqrt()]).round().clamp(1, size)
        first = (uniform[2:4] * (size - sides + 1)).floor()
        steps = torch.arange(size)
        inside = (steps >= first[:, :, None]) & (steps < (first + sides)[:, :, None])
        erased = inside[0][:, :, None] & inside[1][:, None, :]
        return erased & (uniform[4] < share)[:, None, None]

    before, now = (torch.Generator().manual_seed(6) for _ in range(2))
    for count, size in ((128, 40), (37, 40), (9, 48)):
        expected = masks(share, count, size, before)
        assert torch.equal(
            augment.erased(augment.rectangles(share, count, size, now), size), expected
        )
        assert torch.equal(before.get_state(), now.get_state())


def test_erasing_happens_as_often_as_it_should():
    boxes = augment.rectangles(0.5, 4000, 40, torch.Generator().manual_seed(1))
    erased = augment.erased(boxes, 40).any((1, 2))
    assert erased.float().mean() == pytest.approx(0.5, abs=0.03)  # 4 standard errors


def test_training_shows_random_crops_flipped_and_erased():
    given = feed(replace(QIU, geometry=Geometry(flip=1.0), erasing=1.0))
    images, _ = given.training(torch.arange(6), *given.draw(6, torch.Generator().manual_seed(3)))
    assert images.shape == (6, 1, 40, 40)
    for shown, whole in zip(images[:, 0], given.inputs.images, strict=True):
        mirrored = whole.float().flip(1) / 255
        seen = shown > 0
        # Of all 81 places, one fits everywhere but where the image was erased.
        fits = [
            torch.equal(shown[seen], mirrored[top : top + 40, left : left + 40][seen])
            for top in range(9)
            for left in range(9)
        ]
        assert sum(fits) == 1 and 0.02 < (~seen).float().mean() < 0.5


def test_a_test_shows_the_middle_or_ten_crops():
    given = feed()
    chunk = torch.tensor([4, 1])
    ((plain, _),) = given.test(chunk, "plain")
    whole = given.inputs.images[chunk].float() / 255
    torch.testing.assert_close(plain[:, 0], whole[:, 4:44, 4:44])
    ten = [images[:, 0] for images, _ in given.test(chunk, "tencrop")]
    assert len(ten) == 10
    corners = [(4, 4), (0, 0), (0, 8), (8, 0), (8, 8)]
    for i, (top, left) in enumerate(corners):
        part = whole[:, top : top + 40, left : left + 40]
        torch.testing.assert_close(ten[2 * i], part)
        torch.testing.assert_close(ten[2 * i + 1], part.flip(2))
    assert len(given.test(chunk, "flip")) == 2


def test_ten_crops_are_averaged_as_probabilities():
    class Brightness(torch.nn.Module):
        def forward(self, x):
            return torch.stack([x.mean((1, 2, 3)), torch.zeros(len(x))], 1)

    given = feed()
    rows = np.array([0, 3])
    logits = training.predict(Brightness(), given, rows, "tencrop")
    singles = torch.stack(
        [
            Brightness()(PIXELS.compose(images, None)[0]).softmax(1)
            for images, _ in given.test(torch.from_numpy(rows), "tencrop")
        ]
    )
    torch.testing.assert_close(logits.softmax(1), singles.mean(0))


def test_clusters_are_cropped_with_their_image():
    class Marked:
        maps = torch.zeros(6, 48, 48, dtype=torch.uint8)

        def __init__(self):
            self.asked = []

        def begin(self, epoch):
            self.asked.append(epoch)

        def draw(self, count, generator):
            return ()

        def shown(self, images, maps):
            return images * (maps > 0)[:, None]

    marked = Marked()
    given = feed(replace(QIU, erasing=0.0), perturbation=marked)
    marked.maps[:] = (given.inputs.images > 127).to(torch.uint8)
    images, _ = given.training(torch.arange(6), *given.draw(6, torch.Generator().manual_seed(0)))
    assert ((images == 0) | (images > 127 / 255)).all() and (images > 0).any()
    given.begin(3)
    assert marked.asked == [3]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: feed(replace(QIU, crop=49)), "crop 49: expected 1 to 48"),
        (lambda: feed(replace(QIU, geometry=Geometry(rotation=5))), "crop and flip alone"),
        (lambda: feed(channels=Channels(True, 1, 1.5)), "takes landmarks"),
        (lambda: feed(recipe("chew"), perturbation=object()), "needs a recipe with crops"),
        (lambda: feed().test(torch.arange(2), "upside"), "view 'upside': expected one of plain"),
        (lambda: feed(recipe("chew")).test(torch.arange(2), "tencrop"), "needs a recipe with"),
    ],
)
def test_what_does_not_go_together(make, says):
    with pytest.raises(InputError, match=says):
        make()


def test_a_plateau_lowers_the_rate_by_a_quarter():
    network = torch.nn.Linear(1, 1)
    plan = replace(QIU, plateau=1)
    optimizer, schedule = training._optimizer(network, plan, steps=1)
    group = optimizer.param_groups[0]
    assert group["nesterov"] and group["momentum"] == 0.9 and group["weight_decay"] == 1e-4
    rates = []
    for loss in (1.0, 1.0, 1.0, 0.5, 0.6, 0.6):  # no better twice in a row: 0.75 of the rate
        schedule.step(loss)
        rates.append(group["lr"])
    assert rates == pytest.approx([0.01, 0.01, 0.0075, 0.0075, 0.0075, 0.005625])


def test_rare_settings_are_in_a_record_only_where_they_are_set():
    assert not {"crop", "erasing", "plateau"} & recipe("chew").as_dict().keys()
    said = recipe("qiu").as_dict()
    assert (said["crop"], said["erasing"]) == (40, 0.5)
    at_short, reduced = recipe("qiu").at("short")
    assert reduced == {"epochs": 200, "plateau": 5} and at_short.as_dict()["plateau"] == 1
