"""`Faces`, the one form in which every dataset enters the study."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferbook.emotions import EMOTIONS

#: The official parts of FER2013 (csv column `Usage`: Training, PublicTest, PrivateTest);
#: `Faces.split` holds indices into this tuple.
SPLITS = ("train", "public", "private", "unknown")
UNKNOWN = SPLITS.index("unknown")


@dataclass(frozen=True, eq=False)
class Faces:
    """N labelled 48 x 48 grey faces; `split`, `subject` and `sequence` say where each belongs."""

    name: str  #: "fer2013", "ferplus", "ckplus", "ckplus48" or "synthetic"
    images: NDArray[np.uint8]  #: (N, 48, 48), rows then columns, grey 0 to 255
    labels: NDArray[np.uint8]  #: (N,), index into `emotions`
    split: NDArray[np.uint8]  #: (N,), index into `SPLITS`
    subject: NDArray[np.int32]  #: (N,), person shown, -1 where unknown
    sequence: NDArray[np.int32]  #: (N,), video sequence, unique over subjects, -1 where unknown
    source: NDArray[np.bytes_]  #: (N,), file name or csv row that the image came from
    fingerprint: str  #: SHA-256 (hex) over images, labels and split
    emotions: tuple[str, ...] = EMOTIONS
    landmarks: NDArray[np.float32] | None = None  #: (N, 68, 2) as (x, y) in pixels, where known
    judgement: dict[str, Any] = field(default_factory=dict)  #: how genuine the copy is

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: NDArray[Any]) -> Faces:
        """The faces at `rows`, an integer or boolean index; the fingerprint stays the whole's."""
        picked = {
            name: getattr(self, name)[rows]
            for name in ("images", "labels", "split", "subject", "sequence", "source")
        }
        landmarks = None if self.landmarks is None else self.landmarks[rows]
        return replace(self, **picked, landmarks=landmarks)


def fingerprint(
    images: NDArray[np.uint8], labels: NDArray[np.uint8], split: NDArray[np.uint8]
) -> str:
    """SHA-256 over shape and content of the three arrays, as 64 hexadecimal digits."""
    from hashlib import sha256

    digest = sha256()
    for array in (images, labels, split):
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data.cast("B"))
    return digest.hexdigest()
