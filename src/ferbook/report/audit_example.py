"""What the page "Audit your own paper" works on: a made-up paper, a split with planted leaks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ferbook import paths
from ferbook.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

#: What is planted, each into the test part, from the training part.
LEAKS = ("copied", "recompressed", "moved by a pixel", "mirrored", "relabelled")


def paper(file: str = "") -> str:
    """The text of a file; of the worked example in the page of the format, where none is named."""
    if file:
        path = Path(file).expanduser()
        if not path.is_file():
            raise InputError(f"{file}: no such file")
        return path.read_text(encoding="utf-8")
    page = (paths.checkout() / "book" / "reported-format.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```yaml\n(paper: .*?)```", page, re.DOTALL)
    return str(text)


def audit(text: str) -> str:
    """What `ferbook audit` prints of a file with this text."""
    import tempfile

    from ferbook.report.audit.run import audit_text

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "paper.yaml"
        path.write_text(text, encoding="utf-8")
        return audit_text(path)


def leaky_split(faces: int, seed: int = 0) -> tuple[pd.DataFrame, NDArray[np.uint8]]:
    """(N rows: file, label, part, subject), (N, 48, 48): drawn people, each on one side, and one
    planted leak of each of `LEAKS` behind them."""
    import pandas as pd

    from ferbook.data.synthetic import draw

    drawn = draw(faces, seed=seed)
    train = np.arange(faces) < faces * 4 // 5
    table = pd.DataFrame(
        {
            "file": [f"face-{row:04}" for row in range(faces)],
            "label": [drawn.emotions[label] for label in drawn.labels],
            "part": np.where(train, "train", "test"),
        }
    )
    planted = table.iloc[: len(LEAKS)].assign(
        file=[f"planted: {name}" for name in LEAKS], part="test"
    )
    planted.loc[planted.index[-1], "label"] = "another"
    images = [_leak(name, drawn.images[row]) for row, name in enumerate(LEAKS)]
    return (
        pd.concat([table, planted], ignore_index=True),
        np.concatenate([drawn.images, np.stack(images)]),
    )


def _leak(name: str, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import cv2

    if name == "recompressed":
        packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 60])[1]
        return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)
    if name == "moved by a pixel":
        return np.pad(image, ((1, 0), (1, 0)), mode="edge")[:-1, :-1]
    return image[:, ::-1].copy() if name == "mirrored" else image.copy()


def split_findings(table: pd.DataFrame, images: NDArray[np.uint8]) -> str:
    """Markdown, a finding of `ferbook audit-split` a line."""
    from ferbook.report.leakage.audit import audit_arrays

    return "\n".join(
        f"- **{f.severity}** ({f.check}): {f.message.rstrip('.')}. *{f.arithmetic}*"
        for f in audit_arrays(table, images)
    )
