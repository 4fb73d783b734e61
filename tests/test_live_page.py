"""The page "Leave a landmark alone": its drawings, the record behind its words, and the words."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from ferbook.data import synthetic
from ferbook.errors import InputError
from ferbook.portable import scored
from ferbook.portable.graph import open_graph
from ferbook.portable.networks import classifiers
from ferbook.report import live_card, sources
from ferbook.report.book import live as page
from ferbook.study import distilled
from ferbook.study.material import open_dataset
from ferbook.study.records import seal
from ferbook.vision import facemasks


def test_a_slider_goes_from_one_end_through_rest_to_the_other():
    brows, jaw = page.AXES[0], page.AXES[3]
    assert brows.units(0) == {4: 1.0} and brows.units(1) == {1: 1.0, 2: 1.0}
    assert brows.units(0.25) == {4: 0.5}
    assert brows.start == 0.5 and set(brows.units(0.5).values()) == {0.0}
    assert jaw.start == 0 and jaw.units(0.5) == {25: 0.5, 26: 0.5, 27: 0.3}


def test_the_drawings_lie_in_the_order_that_the_page_counts_in(monkeypatch):
    monkeypatch.setattr(page, "STEPS", 2)
    # a tile says its own number: the last slider changes first
    monkeypatch.setattr(
        page, "drawn", lambda at: np.full((48, 48), int(np.dot(at, [8, 4, 2, 1])), np.uint8)
    )
    sheet = page.drawings()
    assert sheet.shape == (4 * 48, 4 * 48)
    assert sheet[::48, ::48].tolist() == np.arange(16).reshape(4, 4).tolist()


def test_the_face_at_rest_is_a_person_without_any_action_unit():
    rest = page.drawn(tuple(axis.start for axis in page.AXES))
    jaw = page.drawn((0.5, 0.5, 0.5, 1.0))
    assert rest.shape == (48, 48) and rest.dtype == np.uint8 and np.ptp(rest) > 100
    moved = np.abs(jaw.astype(int) - rest)
    assert moved[28:].mean() > 5 * moved[:20].mean()  # a jaw is below the eyes


def test_the_page_is_told_what_the_study_knows(live):
    told = json.loads(json.dumps(page.data()))
    assert told["emotions"][:2] == ["angry", "disgust"] and len(told["emotions"]) == 7
    assert [one["name"] for one in told["networks"]] == ["pixels", "landmarks", "hybrid"]
    assert told["regions"]["mouth"] == [list(range(48, 68))]
    assert told["regions"]["brows"] == [list(range(17, 22)), list(range(22, 27))]
    assert len(told["magma"]) == 64 and told["magma"][0] == [0, 0, 4]  # 0.01387 of 255
    # the public-domain portrait: 256 pixels wide, one face, above the middle
    assert 0 < told["crop"]["x"] < told["crop"]["x"] + told["crop"]["side"] < 256


def test_everything_that_the_page_loads_is_written(live, tmp_path):
    package = tmp_path / "onnxruntime-web"
    (package / "dist").mkdir(parents=True)
    for name in page.RUNTIME:
        (package / "dist" / name).write_text("x")
    page.write(tmp_path / "static" / "live", tmp_path / "live.md", package)
    made = {
        path.relative_to(tmp_path / "static").as_posix()
        for path in (tmp_path / "static").rglob("*.*")
    }
    assert made == {"live/graph.onnx", "live/faces.png", "live/data.json"} | {
        f"ort/{name}" for name in page.RUNTIME
    }
    words = (tmp_path / "live.md").read_text()
    assert "cannot run in this copy" not in words and "| landmark_net |" in words


def test_a_book_without_networks_or_runtime_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path / "none"))
    page.write(tmp_path / "static" / "live", tmp_path / "live.md", tmp_path)
    words = (tmp_path / "live.md").read_text()
    assert words.count("cannot run in this copy") == 2
    assert "landmark_net.json: not there" in words and "no onnxruntime-web" in words
    assert not list((tmp_path / "static" / "live").iterdir())


# --- the record of the graph's answers ------------------------------------------------------------


@pytest.fixture
def answers(live, tmp_path, monkeypatch):
    """A copy of the small results with the graph's answers in it."""
    shutil.copytree(live, tmp_path / "results")
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path / "results"))
    assert "14 faces under 7 conditions" in scored.score("synthetic-140")
    return scored.load()


def test_the_answers_are_the_graphs_on_what_is_shown(answers):
    import torch

    faces = synthetic.draw(140)
    graph, networks = open_graph()
    shown = torch.from_numpy(faces.images[answers.rows]).unsqueeze(1).float() / 255
    with torch.no_grad():
        wanted = graph(shown)[2].argmax(2).T.numpy()
    np.testing.assert_array_equal(answers.condition("plain"), wanted)
    assert answers.about["networks"] == {one.name: one.digest for one in networks}
    assert (faces.split[answers.rows] == 2).all() and len(answers.rows) == 14


def test_an_altered_record_of_answers_is_refused(answers):
    file = distilled.folder() / "graph.json"
    data = json.loads(file.read_text())
    file.write_text(json.dumps(data | {"conditions": ["plain"]}))
    with pytest.raises(InputError, match="edited after it was recorded"):
        scored.load()
    data["conditions"] = ["plain"]
    file.write_text(json.dumps(data | {"seal": seal(data)}))
    (distilled.folder() / "graph.npz").write_bytes(b"x")
    with pytest.raises(InputError, match=r"graph\.npz: not the file that graph\.json sealed"):
        scored.load()


def test_masks_of_the_answers_are_those_of_training_and_drawn_once(live, tmp_path, monkeypatch):
    faces, found = open_dataset("synthetic-140")
    rows = np.flatnonzero(faces.split == 2)
    kept = facemasks.masked(faces, found)[rows]
    alone = facemasks.wear(np.array(faces.images[rows]), found.points[rows], rows)
    np.testing.assert_array_equal(kept, alone)

    def drawn(*_):
        raise AssertionError("masks were drawn again")

    monkeypatch.setattr(facemasks, "wear", drawn)
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path / "results"))
    shutil.copytree(live, tmp_path / "results")
    assert "14 faces" in scored.score("synthetic-140")


def test_shares_and_the_verdict_by_hand(answers, monkeypatch):
    # Of 100 faces all are right on 80; pixels in a mask on 50, the hybrid on 70, landmarks on 78.
    # Lost: 30, 10, 2 points; half intervals 196 sqrt((q - q^2) / 100): 9.0, 5.9, 2.7.
    # Pixels and hybrid are apart on 20 faces: 20 points, 196 * 0.4 / 10 = 7.84.
    truth = np.zeros(100, np.uint8)

    def wrong(first: int) -> np.ndarray:
        return (np.arange(100) >= first).astype(np.uint8)

    plain, masked = [wrong(80)] * 3, [wrong(50), wrong(78), wrong(70)]
    about = answers.about | {"conditions": ["plain", "masked"]}
    found = replace(answers, about=about, classes=np.array([plain, masked]))
    monkeypatch.setattr(live_card, "_truth", lambda _: truth)
    monkeypatch.setattr(live_card, "CONDITIONS", {"plain": "uncovered", "masked": "in a mask"})
    row = "| in a mask | 30.0 [21.0, 39.0] | 2.0 [-0.7, 4.7] | 10.0 [4.1, 15.9] |"
    others = classifiers()
    assert row in live_card.costs(found, others)
    assert '"30.0 [21.0, 39.0]":[{"runs":[["chew/live-fer2013","pixels"]],' in sources.html()
    said = live_card.verdict(found)
    assert "**Landmarks lose least under every cover**" in said
    assert "in a mask +20.0 [+12.2, +27.8], hybrid holds better" in said
    even = replace(found, classes=np.array([plain, plain]))
    assert "in a mask +0.0 [+0.0, +0.0], open" in live_card.verdict(even)
    # 80 of 100: 1.96 * sqrt(0.8 * 0.2 / 100) = 7.84 points
    assert live_card._share(wrong(80) == truth) == "80.0 [72.2, 87.8]"
