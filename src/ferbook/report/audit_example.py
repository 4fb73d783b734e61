"""What the page "Audit your own paper" works on: a made-up paper, a split with planted leaks."""

from __future__ import annotations

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
#: By how much pictures are changed to see up to where they are known again; pixels are of 48.
CHANGES = {
    "cut off on every side, pixels": (1, 2, 3, 4),
    "cut off on one side, pixels": (1, 2, 3, 4, 6),
    "moved right and down, pixels": (1, 2, 3),
    "turned, degrees": (3, 5, 8, 12),
}


def paper(file: str = "") -> str:
    """The text of a file; of the example that the page of the format shows, where none is named."""
    path = Path(file).expanduser() if file else paths.checkout() / "book" / "examples" / "pets.yaml"
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    return path.read_text(encoding="utf-8")


def audit(file: str = "") -> str:
    """What `ferbook audit` prints of a file; of the worked example, where none is named."""
    import tempfile

    from ferbook.report.audit.run import audit_text

    if file:
        return audit_text(Path(file).expanduser())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pets.yaml"
        path.write_text(paper(), encoding="utf-8")
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


def found_again(faces: int = 100, seed: int = 0) -> pd.DataFrame:
    """(changes, 1 to 12) percent of drawn faces that are found as near copies of themselves, once
    changed by so much; blank where it was not tried."""
    import pandas as pd

    from ferbook.data.synthetic import draw

    images = draw(faces, seed=seed).images
    shares = {
        name: {by: _found(images, name, by) for by in amounts} for name, amounts in CHANGES.items()
    }
    return pd.DataFrame(shares).T.sort_index(axis=1)


def _found(images: NDArray[np.uint8], name: str, by: int) -> float:
    from ferbook.data import near_copies

    changed = np.stack([_changed(image, name, by) for image in images])
    faces = len(images)
    part = np.repeat(np.arange(2, dtype=np.int32), faces)
    pairs = near_copies.find(
        np.concatenate([images, changed]), part, np.arange(2 * faces, dtype=np.int32)
    )
    again = (pairs.other - pairs.one == faces) & ~pairs.mirrored
    return 100 * float(again.sum()) / faces


def _changed(image: NDArray[np.uint8], name: str, by: int) -> NDArray[np.uint8]:
    import cv2

    side = len(image)
    if name.startswith("turned"):
        turn = cv2.getRotationMatrix2D(((side - 1) / 2, (side - 1) / 2), by, 1)
        turned = cv2.warpAffine(image, turn, (side, side), borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(turned, np.uint8)
    if name.startswith("moved"):
        return np.pad(image, ((by, 0), (by, 0)), mode="edge")[:side, :side]
    cut = image[:, by:] if "one side" in name else image[by:-by, by:-by]
    return np.asarray(cv2.resize(cut, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)


def limit_sentence(table: pd.DataFrame) -> str:
    """Up to what cut nearly all are found, and from what cut on hardly any, of `found_again`."""
    shares = table.loc["cut off on every side, pixels"].dropna()
    far = [by for by in shares.index if (shares.loc[:by] >= 95).all()]
    gone = [by for by in shares.index if (shares.loc[by:] <= 5).all()]
    said = f"up to {max(far)} of 48 pixels on every side" if far else "no pixel at all"
    more = f"; from {min(gone)} on, hardly any" if gone else ""
    return f"Of faces that were cut, nearly all are found with {said} cut off{more}."


def split_findings(table: pd.DataFrame, images: NDArray[np.uint8]) -> str:
    """Markdown, a finding of `ferbook audit-split` a line."""
    from ferbook.report.leakage.audit import audit_arrays

    return "\n".join(
        f"- **{f.severity}** ({f.check}): {f.message.rstrip('.')}. *{f.arithmetic}*"
        for f in audit_arrays(table, images)
    )
