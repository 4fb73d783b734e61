"""One image file's bytes in, one grey picture out, or a word why not."""

from __future__ import annotations

import io
import re
import warnings
from typing import IO

import numpy as np
from numpy.typing import NDArray

from ferbook.errors import InputError

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff")
FORMATS = ("JPEG", "PNG", "BMP", "TIFF")
#: How images begin whose format is not read, so that a message can name it; `....` is their length.
OTHERS = {
    b"GIF8": "GIF",
    b"....ftypavi": "AVIF",
    b"....ftyphei": "HEIC",
    b"....ftypmif": "HEIC or AVIF",
    b"....jP  ": "JPEG 2000",
    b"....JXL ": "JPEG XL",
    b"\xff\x0a": "JPEG XL",
    b"RIFF....WEBP": "WEBP",
    b"<svg": "SVG",
    b"<?xml": "SVG or XML",
    b"%PDF": "PDF",
    b"8BPS": "Photoshop",
    b"\x93NUMPY": "NumPy",
}
#: No face image of either dataset comes near this.
LIMIT = 8 * 2**20


def is_picture(path: str) -> bool:
    return path.lower().endswith(SUFFIXES)


def decode(
    file: IO[bytes], size: tuple[int, int] | None = None, formats: tuple[str, ...] = FORMATS
) -> tuple[NDArray[np.uint8], str]:
    """Grey pixels (height, width) and the container's format; `size` is (width, height) demanded.

    Without `size` colour is turned to grey (some CK+ frames are colour). `formats` are Pillow's
    names of those that are read. Raises `InputError`.
    """
    from PIL import Image

    content = file.read(LIMIT + 1)
    if not content:
        raise InputError("empty file")
    if len(content) > LIMIT:
        raise InputError(f"larger than {LIMIT // 2**20} MiB")
    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures; they are refused below
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(content), formats=formats)
        with opened as image:
            _check(image.size, image.mode, size)
            kind = str(image.format)
            grey = image if image.mode == "L" else image.convert("L")
            return np.asarray(grey, dtype=np.uint8), kind
    except InputError:
        raise
    except Image.UnidentifiedImageError:
        raise InputError(_unread(content, formats)) from None
    except Exception as error:  # Pillow's decoders raise what they like on damaged files
        raise InputError(f"damaged image ({error})") from None


def _unread(content: bytes, formats: tuple[str, ...]) -> str:
    """What is said of bytes in none of the formats."""
    read = ", ".join(formats).replace("PPM", "PGM, PPM, PBM")
    for begin, name in OTHERS.items():
        if re.match(re.escape(begin).replace(rb"\.\.\.\.", b"(?s:....)"), content):
            return f"not an image in a format that is read: {name}; read are {read}"
    return f"not an image in a format that is read: {read}"


def _check(size: tuple[int, int], mode: str, demanded: tuple[int, int] | None) -> None:
    if demanded is None:
        if max(size) > 4096:
            raise InputError(f"{size[0]} x {size[1]} pixels, expected at most 4096 a side")
        if mode.startswith(("I", "F")):  # Pillow would cut off what is above 255
            raise InputError(f"mode {mode}, expected 8 bits a channel")
    elif size != demanded:
        raise InputError(f"{size[0]} x {size[1]} pixels, expected {demanded[0]} x {demanded[1]}")
    elif mode != "L":
        raise InputError(f"mode {mode}, expected 8-bit grey (L)")
