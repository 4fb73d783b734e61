"""`landmark_net`: parameters by hand, what it is shown and measured by, its record."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from ferbook.data.faces import SPLITS
from ferbook.data.synthetic import draw
from ferbook.errors import InputError
from ferbook.models.landmark_net import LandmarkNet
from ferbook.portable import weights
from ferbook.study import distil, distilled, sealed
from ferbook.study.training import Deadline
from ferbook.vision.landmarks import Landmarks, of


def faces(count=28):
    drawn = draw(count)
    return drawn.images, drawn.landmarks


def test_parameters_by_hand():
    # Convolutions 9 in out, batch normalisation 2 out; channels 1-16-32-32-64-64-128-64:
    # 9 (16 + 512 + 1,024 + 2,048 + 4,096 + 8,192 + 8,192) = 216,720; 2 x 400 = 800
    # 64 maps of 6 x 6 = 2,304 features: 2,305 x 136 = 313,480
    assert sum(p.numel() for p in LandmarkNet().parameters()) == 216_720 + 800 + 313_480


def test_it_begins_with_the_average_face():
    average = torch.from_numpy(draw(7).landmarks.mean(axis=0))
    network = LandmarkNet().eval()
    torch.nn.init.zeros_(network.head.weight)
    network.start_from(average)
    torch.testing.assert_close(network(torch.rand(3, 1, 48, 48)), average.expand(3, 68, 2))


def test_an_error_by_hand():
    # Outer corners 20 px apart; every point 3 right and 4 down of the truth: 5 / 20
    truth = torch.rand(1, 68, 2)
    truth[0, 36], truth[0, 45] = torch.tensor([10.0, 20.0]), torch.tensor([30.0, 20.0])
    found = truth + torch.tensor([3.0, 4.0])
    assert distil.normalised_errors(found, truth).tolist() == pytest.approx([0.25])


def test_jitter_moves_face_and_points_alike_and_no_further_than_a_careless_crop():
    images, points = faces(70)
    moved, there = distil.jittered(images, points)
    again, _ = distil.jittered(images, points)
    assert torch.equal(moved, again) and not torch.equal(
        moved, distil.jittered(images, points, 1)[0]
    )
    # p' = zoom (p - c) + c + t of every point: a line fitted to x gives zoom and the shift of c
    for before, after in zip(points, there.numpy(), strict=True):
        zoom, offset = np.polyfit(before[:, 0], after[:, 0], 1)
        assert 0.85 - 1e-4 <= zoom <= 1.15 + 1e-4
        assert abs(zoom * 23.5 + offset - 23.5) <= 7.2 + 1e-3
    spread = there.mean(1).std(0)
    assert (spread > 2).all()  # uniform in +-7.2: 4.2


def test_what_the_pupil_is_shown_is_lit_covered_and_in_range():
    images, points = faces()
    plain = distil.Plan(rotation=0, erasing=0, contrast=0, brightness=0)
    covered = distil.Plan(rotation=0, erasing=1, contrast=0, brightness=0)
    bright = distil.Plan(rotation=0, erasing=0, contrast=0, brightness=0.5)
    seen = {
        name: distil.shown(images, points, plan, torch.Generator().manual_seed(1))
        for name, plan in (("plain", plain), ("covered", covered), ("bright", bright))
    }
    truths = [truth for _, truth in seen.values()]
    assert all(torch.equal(truths[0], truth) for truth in truths)  # the teacher saw the whole face
    different = (seen["plain"][0] != seen["covered"][0]).float().mean((1, 2, 3))
    assert (different > 0.01).all() and (different < 0.5).all()
    change = (seen["bright"][0] - seen["plain"][0]).mean((1, 2, 3))
    assert change.min() < -0.1 and change.max() > 0.1
    assert all(shown.min() >= 0 and shown.max() <= 1 for shown, _ in seen.values())


def test_it_learns_stops_and_goes_on_as_if_it_had_not_stopped(tmp_path):
    images, points = faces(70)
    rows = {"train": np.arange(60), "validation": np.arange(60, 70)}
    plan = distil.Plan(epochs=3, batch=20)

    def teach(folder, **more):
        return distil.teach(images, points, rows, plan, folder / "it.pt", "mark", **more)

    network, history = teach(tmp_path / "whole")
    assert len(history) == 3
    after_one = iter([10.0**12, -1.0])

    class Once:
        def __lt__(self, now):  # the deadline is past after the first epoch
            return next(after_one) < 0

    with pytest.raises(Deadline):
        teach(tmp_path / "parts", deadline=Once())
    resumed, again = teach(tmp_path / "parts")
    for a, b in zip(network.state_dict().values(), resumed.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    assert [epoch["train_loss"] for epoch in history] == [epoch["train_loss"] for epoch in again]


def test_only_faces_that_the_detector_found_at_the_frame_are_teachers():
    drawn = draw(28)
    found = of(drawn)
    train = np.flatnonzero(drawn.split == SPLITS.index("train"))
    detected, score, box = found.detected.copy(), np.ones(28, np.float32), found.box.copy()
    detected[train[0]] = False
    box[train[1]] = (0, 0, 10, 10)  # IoU 100 / 2,304
    rows = distilled.sure(drawn, Landmarks(found.points, detected, score, box))
    assert rows["train"].tolist() == train[2:].tolist()
    assert {part: len(index) for part, index in distilled.sure(drawn, found).items()} == {
        part: int((drawn.split == SPLITS.index(name)).sum())
        for part, name in distilled.PARTS.items()
    }


def test_folding_changes_nothing_and_rounding_little(tmp_path):
    torch.manual_seed(0)
    network = LandmarkNet()
    network.start_from(torch.rand(68, 2) * 48)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):  # as after a training
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.5, 2)
            module.weight.data.uniform_(0.5, 2)
            module.bias.data.uniform_(-0.5, 0.5)
    x = torch.randn(4, 1, 48, 48)
    with torch.no_grad():
        whole = network.eval()(x)
        torch.testing.assert_close(weights.folded(network)(x), whole, atol=1e-3, rtol=1e-4)
        assert isinstance(network.features[0][1], torch.nn.BatchNorm2d)  # itself as it was
        file = tmp_path / "it.safetensors"
        file.write_bytes(weights.packed(weights.halves(network), {"licence": "none"}))
        back = weights.restored(LandmarkNet(), weights.read(file))
        torch.testing.assert_close(back(x), whole, atol=0.3, rtol=0)
        assert not torch.equal(back(x), whole)


def test_weights_that_are_none_are_one_line(tmp_path):
    file = tmp_path / "it.safetensors"
    file.write_bytes(b"not weights")
    with pytest.raises(InputError, match=r"it\.safetensors: not a readable"):
        weights.read(file)
    from safetensors.numpy import save_file

    save_file({"a": np.zeros(2, np.float32)}, file)
    with pytest.raises(InputError, match="a is float32, expected float16"):
        weights.read(file)
    with pytest.raises(InputError, match="another network"):
        weights.restored(LandmarkNet(), {"a": np.zeros(2, np.float16)})
    network = torch.nn.Linear(1, 1)
    network.weight.data.fill_(1e5)
    with pytest.raises(InputError, match="weights weight: beyond"):
        weights.halves(network)


def test_a_distillation_is_recorded_once_and_sealed(home, tmp_path, monkeypatch):
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path / "results"))
    with pytest.raises(InputError, match="not there; make it with"):
        distilled.load()
    assert "mean error" in distilled.distil("synthetic-70", epochs=1)
    data = distilled.load()
    assert data["dataset"]["rows"] == {"train": 56, "validation": 7, "test": 7}
    assert data["errors"]["plain"]["mean"] < data["errors"]["jittered"]["mean"]
    assert data["errors"]["mirror"]["mean"] < 0.1  # dlib's own, on faces drawn with a clear outline
    assert 0.4 < data["dataset"]["box"]["x"] < 0.6
    assert "recorded before" in distilled.distil("synthetic-70", epochs=1)
    file = distilled.folder() / "landmark_net.json"
    data["errors"]["plain"]["mean"] = 0.01
    file.write_text(json.dumps(data, indent=2))
    with pytest.raises(InputError, match="its seal does not match"):
        distilled.load()
    assert list(file.parent.glob(".*")) == []


# --- records of one sealed file -------------------------------------------------------------------

RECORDED = sorted((Path(__file__).parents[1] / "results" / "live").glob("*.json"))


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.name)
def test_what_was_recorded_is_written_again_to_the_same_bytes(file, tmp_path):
    data, beside = sealed.load(file)
    assert beside and set(beside) == set(data["files"])
    plain = {name: value for name, value in data.items() if name not in ("files", "seal")}
    sealed.write(tmp_path / "new" / file.name, plain, beside)
    for name in (file.name, *beside):
        assert (tmp_path / "new" / name).read_bytes() == file.with_name(name).read_bytes()


def test_a_record_that_cannot_be_written_is_one_line_and_leaves_nothing(tmp_path):
    (tmp_path / "x.bin").mkdir()
    with pytest.raises(InputError, match=r"x\.bin: cannot be written"):
        sealed.write(tmp_path / "x.json", {"format": 1}, {"x.bin": b"1"})
    assert [path.name for path in tmp_path.iterdir()] == ["x.bin"]


def test_a_record_whose_other_file_was_exchanged_or_is_gone_is_refused(tmp_path):
    file = tmp_path / "x.json"
    sealed.write(file, {"format": 1}, {"x.bin": b"1"})
    assert sealed.load(file)[1] == {"x.bin": b"1"}
    (tmp_path / "x.bin").write_bytes(b"2")
    with pytest.raises(InputError, match=r"x\.bin: not the file that x\.json sealed"):
        sealed.load(file)
    (tmp_path / "x.bin").unlink()
    with pytest.raises(InputError, match="not a readable record"):
        sealed.load(file)
    file.write_text("[]")
    with pytest.raises(InputError, match="not a readable record"):
        sealed.load(file)
