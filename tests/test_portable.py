"""Trained networks outside of training: weights in records, one graph, the same numbers."""

import re
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ferbook.data.synthetic import draw
from ferbook.emotions import EMOTIONS
from ferbook.models.build import build
from ferbook.portable import photo, predict, weights
from ferbook.portable.graph import INPUT, onnx_file, open_graph
from ferbook.portable.networks import VARIANTS, key
from ferbook.portable.predict import dlib_reader, graph_reader, open_session
from ferbook.study import records
from ferbook.vision.heatmaps import render

#: The public-domain photograph of the live page.
COLLINS = Path(__file__).parents[1] / "book" / "static" / "live" / "collins.jpg"
READERS = (dlib_reader, graph_reader)


def test_a_record_keeps_the_weights_that_scored(live):
    record = records.load(live / "chew" / "live-fer2013_hybrid_short_s0")
    assert "weights.safetensors" in record.data["files"]
    network, channels = build(record.config["model"], record.config["recipe"]["sigma"])
    network = weights.restored(network, weights.read(record.folder / "weights.safetensors"))
    faces = draw(140, seed=2013)
    said = record.predictions("test")
    shown = torch.from_numpy(faces.images[said.rows]).unsqueeze(1).float() / 255
    with torch.no_grad():
        logits = network(*channels.compose(shown, torch.from_numpy(faces.landmarks[said.rows])))
    # kept to 1/510, scored in bfloat16, and restored from half precision
    np.testing.assert_allclose(logits.softmax(1).numpy(), said.probabilities, atol=0.02)


def test_a_file_gives_back_the_network_that_was_trained_in_another_layout(tmp_path):
    torch.manual_seed(0)
    network, _ = build({"family": "hybrid", "widths": [4, 8, 8, 16], "hidden": 16}, 1.5)
    network.to(memory_format=torch.channels_last)
    shown = torch.randn(8, 2, 48, 48)
    for _ in range(20):  # statistics of the normalisation that are far from 0 and 1
        network.train()(3 * torch.randn(32, 2, 48, 48) + 1)
    file = tmp_path / "weights.safetensors"
    file.write_bytes(weights.packed(weights.halves(network)))
    fresh, _ = build({"family": "hybrid", "widths": [4, 8, 8, 16], "hidden": 16}, 1.5)
    again = weights.restored(fresh, weights.read(file))
    with torch.no_grad():
        wanted = network.eval()(shown)
        # half precision keeps eleven bits; without the order of axes this is off by its own size
        torch.testing.assert_close(again(shown), wanted, atol=0.01 * float(wanted.std()), rtol=0.01)
    assert wanted.std() > 0.05


def test_a_record_whose_weights_were_exchanged_is_refused(live, tmp_path):
    import shutil

    from ferbook.errors import InputError

    folder = tmp_path / "chew" / "x"
    shutil.copytree(live / "chew" / "live-fer2013_pixels_short_s0", folder)
    file = folder / "weights.safetensors"
    file.write_bytes(file.read_bytes()[:-2] + b"\0\0")
    with pytest.raises(InputError, match=r"weights\.safetensors: missing or not the file"):
        records.load(folder)


# --- one graph -----------------------------------------------------------------------------------


def session():
    return open_session(onnx_file().read_bytes())


def shown(count=7):
    return draw(count, seed=3).images[:, None].astype(np.float32) / 255


def test_the_graph_says_what_pytorch_says_with_the_same_rounded_weights(live):
    graph, _ = open_graph()
    running = session()
    for face in shown():
        with torch.no_grad():
            wanted = graph(torch.from_numpy(face[None]))
        got = running.run(None, {INPUT: face[None]})
        shapes = [(1, 68, 2), (1, 1, 48, 48), (1, 3, 7)]
        for want, have, shape in zip(wanted, got, shapes, strict=True):
            assert have.shape == shape
            np.testing.assert_allclose(have, want.numpy(), atol=1e-4)
        np.testing.assert_allclose(got[2].sum(-1), 1, atol=1e-5)


def test_the_graph_is_made_of_the_networks_as_they_were_trained(live):
    graph, (finder, *others) = open_graph()
    face = torch.from_numpy(shown(1))
    with torch.no_grad():
        landmarks, heatmap, opinions = graph(face)
        torch.testing.assert_close(landmarks, finder.network(4 * face - 2))
        torch.testing.assert_close(heatmap, render(landmarks, sigma=graph.sigma))
        for number, other in enumerate(others):
            _, channels = build(other.record["config"]["model"], graph.sigma)
            alone = other.network(*channels.compose(face, landmarks)).softmax(1)
            torch.testing.assert_close(opinions[:, number], alone)


def test_the_file_is_small_made_once_and_named_by_its_records(live):
    file = onnx_file()
    stamp = file.stat().st_mtime_ns
    assert onnx_file() == file and file.stat().st_mtime_ns == stamp
    graph, networks = open_graph()
    weights_of = sum(weight.numel() for weight in graph.parameters())
    assert file.stat().st_size < 2 * weights_of + 50_000  # two bytes each
    assert b".py" not in file.read_bytes()  # names of files on this machine
    other = replace(networks[1], record={"seal": "0" * 64})
    assert key([networks[0], other]) != key(networks[:2])


def test_networks_that_are_not_there_are_one_line(tmp_path, home, monkeypatch, ferbook):
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path / "none"))
    Image.fromarray(draw(1, size=200).images[0]).save(tmp_path / "face.png")
    for arguments in ([], ["--onnx"]):
        code, out, err = ferbook("predict", tmp_path / "face.png", *arguments)
        assert code == 2 and not out and len(err.splitlines()) == 1
        assert "landmark_net.json: not there; make it with" in err


# --- a photograph --------------------------------------------------------------------------------

USUAL = {"x": 0.5, "y": 0.55, "side": 0.8}


def test_a_frame_puts_a_detection_where_the_dataset_has_it():
    frame = photo.framed((100, 200, 180, 280), USUAL)  # side 80 of 0.8: 100
    assert frame == photo.Frame(140 - 50, 240 - 55, 100)
    # the middle of the crop's first pixel is half of 100 / 48 into the frame
    corner = frame.to_picture(np.zeros((68, 2)))
    np.testing.assert_allclose(corner[0], (90 - 0.5 + 50 / 48, 185 - 0.5 + 50 / 48), atol=1e-4)
    points = np.random.default_rng(0).uniform(0, 48, (68, 2))
    np.testing.assert_allclose(frame.to_crop(frame.to_picture(points)), points, atol=1e-4)


def test_a_crop_is_the_square_and_repeats_the_border():
    grey = np.zeros((96, 96), np.uint8)
    grey[:, 48:] = 200
    whole = photo.crop(grey, photo.Frame(0, 0, 96))
    assert (whole[:, :24] == 0).all() and (whole[:, 24:] == 200).all()
    beyond = photo.crop(grey, photo.Frame(48, -48, 96))  # all of it bright, half outside
    assert (beyond == 200).all()
    assert photo.crop(grey, photo.Frame(10, 10, 0.2)).shape == (48, 48)


@pytest.mark.parametrize("onnx", [False, True])
def test_a_photograph_with_a_face(live, ferbook, tmp_path, onnx):
    file = tmp_path / "face.jpg"
    Image.open(COLLINS).save(file)
    code, out, err = ferbook("predict", file, *(["--onnx"] if onnx else []))
    assert code == 0, err
    lines = out.splitlines()
    assert "square that is drawn" in lines[0] and "how probable each emotion" in lines[1]
    assert lines[2].startswith("face 1, ") and lines[3].split() == list(VARIANTS)
    for line, emotion in zip(lines[4:11], EMOTIONS, strict=True):
        assert line.startswith(emotion) and line.count("%") == 3
    target = tmp_path / ("face.jpg.faces-onnx.png" if onnx else "face.jpg.faces.png")
    assert lines[-1] == f"drawn to {target}"
    before, after = Image.open(file), Image.open(target)
    assert before.size == after.size and before.tobytes() != after.tobytes()
    # what is said of the square is where it is drawn
    width, *edges = map(int, re.findall(r"\d+", lines[2].removeprefix("face 1")))
    y, x = np.nonzero((np.asarray(after) == (255, 176, 0)).all(2))
    assert edges == [x.min(), x.max(), y.min(), y.max()]
    assert width == x.max() - x.min() + 1 == y.max() - y.min() + 1


def test_a_label_names_its_network_and_takes_its_number_from_it():
    said = np.full((3, 7), 0.05, np.float32)
    said[VARIANTS.index("hybrid"), EMOTIONS.index("sad")] = 0.7
    said[VARIANTS.index("pixels"), EMOTIONS.index("happy")] = 0.9
    face = predict.Seen((0, 0, 9, 9), photo.Frame(0, 0, 9), np.zeros((68, 2), np.float32), said)
    assert predict.label(2, face) == "2, hybrid: sad 70%"


def test_a_label_at_the_edge_is_drawn_whole():
    picture, said = Image.new("RGB", (300, 120)), np.eye(3, 7, dtype=np.float32)
    frame = photo.Frame(270, 10, 100)  # most of the square lies beyond the picture
    face = predict.Seen((0, 0, 9, 9), frame, np.full((68, 2), -99, np.float32), said)
    white = (np.asarray(predict.drawn(picture, [face])) == 255).all(2)
    assert white.any() and np.nonzero(white)[1].min() < 220


@pytest.mark.parametrize(
    ("name", "wanted"), [("y.png", "PNG"), ("y.JPG", "JPEG"), ("y.webp", "WEBP"), ("y.bmp", "BMP")]
)
def test_a_picture_is_what_its_name_says(live, ferbook, tmp_path, name, wanted):
    assert ferbook("predict", COLLINS, "--output", tmp_path / name)[0] == 0
    assert Image.open(tmp_path / name).format == wanted
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_picture_that_cannot_be_drawn_is_said_before_a_network_is_loaded(
    ferbook, tmp_path, monkeypatch
):
    def loaded():
        raise AssertionError("a network was loaded")

    monkeypatch.setattr(predict, "dlib_reader", loaded)
    monkeypatch.setattr(predict, "graph_reader", loaded)
    (tmp_path / "face.jpg").write_bytes(COLLINS.read_bytes())
    (tmp_path / "folder.png").mkdir()
    ends = "expected a file name that ends in .png, .jpg, .jpeg, .webp, .tif, .tiff, .bmp"
    messages = {
        "none/x.png": f"no folder {tmp_path / 'none'}",
        "y.doc": ends,
        "y": ends,
        "folder.png": "is a folder; expected a file name",
        "face.jpg": "is the photograph itself; expected another name",
    }
    for name, message in messages.items():
        for more in ([], ["--onnx"]):
            said = ferbook("predict", tmp_path / "face.jpg", "--output", tmp_path / name, *more)
            assert said == (2, "", f"ferbook: --output {tmp_path / name}: {message}\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["face.jpg", "folder.png"]
    assert (tmp_path / "face.jpg").read_bytes() == COLLINS.read_bytes()


def test_pictures_of_one_name_and_both_ways_are_drawn_apart(live, ferbook, tmp_path):
    for name in ("face.jpg", "face.png"):
        Image.open(COLLINS).save(tmp_path / name)
        for more in ([], ["--onnx"]):
            assert ferbook("predict", tmp_path / name, *more)[0] == 0
    assert len(list(tmp_path.glob("face.*.faces*.png"))) == 4


def test_dlib_and_the_graph_mean_the_same_face(live):
    grey = np.asarray(Image.open(COLLINS).convert("L"))
    (one,), (other,) = (predict.look(grey, *reader()) for reader in READERS)
    assert one.box == other.box and one.frame == other.frame
    left, top, right, bottom = one.box
    inside = (one.landmarks > (left - 20, top - 20)) & (one.landmarks < (right + 20, bottom + 20))
    assert inside.all()
    # one epoch taught the pupil hardly more than the average face, but of this frame
    assert np.linalg.norm(one.landmarks - other.landmarks, axis=1).mean() < 0.2 * one.frame.side


def test_bad_pictures_are_one_line(live, ferbook, tmp_path):
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "folder.jpg").mkdir()
    Image.new("L", (1, 1)).save(tmp_path / "dot.png")
    whole = COLLINS.read_bytes()
    (tmp_path / "half.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "huge.png").write_bytes(huge_png(20_000, 12_000))
    Image.new("RGB", (12_000, 300)).save(tmp_path / "wide.png")
    messages = {
        "gone.jpg": "no such file",
        "folder.jpg": "not a file; expected a picture",
        "text.jpg": "not a picture",
        "dot.png": "no face found",
        "half.jpg": "damaged picture",
        "huge.png": "too large, expected at most",
        "wide.png": "no face found",
    }
    for name, message in messages.items():
        code, out, err = ferbook("predict", tmp_path / name)
        assert code == 2 and not out and len(err.splitlines()) == 1, name
        assert name in err and message in err
    assert not list(tmp_path.glob("*.faces*"))


def huge_png(width: int, height: int) -> bytes:
    """The beginning of a picture that would be huge; nothing of it needs to be there."""
    head = b"IHDR" + struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)
    chunks = [
        struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part))
        for part in (head, b"IDAT" + zlib.compress(b""))
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
