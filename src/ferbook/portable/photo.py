"""A photograph in, its faces out as 48 x 48 crops framed as FER2013 frames its faces."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ferbook.errors import InputError
from ferbook.models.landmark_net import SIZE

if TYPE_CHECKING:
    from PIL.Image import Image

LIMIT = 64 * 2**20  #: bytes of a file
PIXELS = 150_000_000  #: of a picture: 12,000 x 12,000 and a little
LONGEST = 1280  #: pixels, to which a longer side is brought before faces are looked for
SHORTEST = 200  #: pixels; a smaller picture is enlarged by 2, for the detector's least face is 80
FORMATS = ("JPEG", "PNG", "BMP", "TIFF", "WEBP", "GIF")


@dataclass(frozen=True)
class Frame:
    """A square of a picture: the middle of its first pixel and its side, in pixels."""

    left: float
    top: float
    side: float

    @property
    def pixels(self) -> tuple[int, int, int]:
        """Left, top and side in whole pixels: what is cut out."""
        return round(self.left), round(self.top), max(1, round(self.side))

    def to_picture(self, points: NDArray[Any]) -> NDArray[np.float32]:
        """(68, 2) points in pixels of the 48 x 48 crop -> in pixels of the picture."""
        scale = self.side / SIZE
        moved = (np.asarray(points) + 0.5) * scale - 0.5 + (self.left, self.top)
        return moved.astype(np.float32)

    def to_crop(self, points: NDArray[Any]) -> NDArray[np.float32]:
        """The way back."""
        scale = self.side / SIZE
        moved = (np.asarray(points) - (self.left, self.top) + 0.5) / scale - 0.5
        return moved.astype(np.float32)


def read(file: Path) -> Image:
    """An upright RGB picture of at most `LONGEST` a side; anything else is one line."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    if not file.is_file():
        wrong = "not a file" if file.exists() else "no such file"
        raise InputError(f"{file}: {wrong}; expected a picture")
    if (size := file.stat().st_size) > LIMIT:
        raise InputError(f"{file}: {size} bytes, expected a picture of at most {LIMIT}")
    try:
        with warnings.catch_warnings():  # Pillow warns of large pictures; they are refused below
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(file, formats=FORMATS)
        with opened as picture:
            width, height = picture.size
            if width * height > PIXELS:
                raise Image.DecompressionBombError
            picture.draft("RGB", (LONGEST, LONGEST))  # a JPEG is not decoded finer than that
            picture.thumbnail((LONGEST, LONGEST))
            return ImageOps.exif_transpose(picture).convert("RGB")
    except Image.DecompressionBombError:
        raise InputError(f"{file}: too large, expected at most {PIXELS:,} pixels") from None
    except UnidentifiedImageError:
        raise InputError(f"{file}: not a picture; expected one of {', '.join(FORMATS)}") from None
    except Exception as error:  # Pillow's decoders raise what they like on damaged files
        raise InputError(f"{file}: damaged picture ({error})") from None


def detect(grey: NDArray[np.uint8]) -> list[tuple[float, float, float, float]]:
    """Left, top, right, bottom of each upright face that dlib's HOG detector finds, best first."""
    from ferbook.vision.landmarks import _dlib

    detector, _ = _dlib()
    found, _, _ = detector.run(grey, int(min(grey.shape) < SHORTEST), 0.0)
    return [(box.left(), box.top(), box.right() + 1, box.bottom() + 1) for box in found]


def framed(box: tuple[float, float, float, float], usual: dict[str, float]) -> Frame:
    """The square that has a detection where FER2013's frames have it.

    `usual` is middle and side of the average detection there, in frames (`study.distilled`).
    """
    left, top, right, bottom = box
    side = (right - left + bottom - top) / 2 / usual["side"]
    x, y = (left + right) / 2, (top + bottom) / 2
    return Frame(x - usual["x"] * side, y - usual["y"] * side, side)


def crop(grey: NDArray[np.uint8], frame: Frame) -> NDArray[np.uint8]:
    """(48, 48) grey; what lies beyond the picture repeats its border, as in training."""
    import cv2

    left, top, side = frame.pixels
    height, width = grey.shape
    pads = (
        max(0, -top),
        max(0, top + side - height),
        max(0, -left),
        max(0, left + side - width),
    )
    wide = cv2.copyMakeBorder(grey, *pads, cv2.BORDER_REPLICATE)
    top, left = top + pads[0], left + pads[2]
    cut = wide[top : top + side, left : left + side]
    way = cv2.INTER_AREA if side >= SIZE else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(cut, (SIZE, SIZE), interpolation=way), np.uint8)
