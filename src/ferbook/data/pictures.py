"""One image file's bytes in, one grey picture out, or a word why not."""

from __future__ import annotations

import io
from typing import IO

import numpy as np
from numpy.typing import NDArray

from ferbook.errors import InputError

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff")
#: No face image of either dataset comes near this.
LIMIT = 8 * 2**20


def is_picture(path: str) -> bool:
    return path.lower().endswith(SUFFIXES)


def decode(file: IO[bytes], size: tuple[int, int] | None = None) -> tuple[NDArray[np.uint8], str]:
    """Grey pixels (height, width) and the container's format; `size` is (width, height) demanded.

    Without `size` colour is turned to grey (some CK+ frames are colour). Raises `InputError`.
    """
    from PIL import Image

    content = file.read(LIMIT + 1)
    if not content:
        raise InputError("empty file")
    if len(content) > LIMIT:
        raise InputError(f"larger than {LIMIT // 2**20} MiB")
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "BMP", "TIFF")) as image:
            _check(image.size, image.mode, size)
            kind = str(image.format)
            grey = image if image.mode == "L" else image.convert("L")
            return np.asarray(grey, dtype=np.uint8), kind
    except InputError:
        raise
    except Image.UnidentifiedImageError:
        raise InputError("not an image") from None
    except Exception as error:  # Pillow's decoders raise what they like on damaged files
        raise InputError(f"damaged image ({error})") from None


def _check(size: tuple[int, int], mode: str, demanded: tuple[int, int] | None) -> None:
    if demanded is None:
        if max(size) > 4096:
            raise InputError(f"{size[0]} x {size[1]} pixels, expected a video frame")
    elif size != demanded:
        raise InputError(f"{size[0]} x {size[1]} pixels, expected {demanded[0]} x {demanded[1]}")
    elif mode != "L":
        raise InputError(f"mode {mode}, expected 8-bit grey (L)")
