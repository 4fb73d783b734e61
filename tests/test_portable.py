"""Trained networks outside of training: weights in records, one graph, the same numbers."""

import numpy as np
import pytest
import torch

from ferbook.data.synthetic import draw
from ferbook.models.build import build
from ferbook.portable import weights
from ferbook.study import records


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


def test_a_record_whose_weights_were_exchanged_is_refused(live, tmp_path):
    import shutil

    from ferbook.errors import InputError

    folder = tmp_path / "chew" / "x"
    shutil.copytree(live / "chew" / "live-fer2013_pixels_short_s0", folder)
    file = folder / "weights.safetensors"
    file.write_bytes(file.read_bytes()[:-2] + b"\0\0")
    with pytest.raises(InputError, match=r"weights\.safetensors: missing or not the file"):
        records.load(folder)
