"""Small datasets in every published form, for the tests of the data room."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
USAGES = ("Training", "PublicTest", "PrivateTest")
MIB = 2**20


def faces(count: int = 21, seed: int = 0) -> np.ndarray:
    """(count, 48, 48) uint8 smooth random pictures, no two alike."""
    draw = np.random.default_rng(seed).normal(size=(count, 6, 6))
    images = [Image.fromarray(d.astype(np.float32)).resize((48, 48), Image.BICUBIC) for d in draw]
    fields = np.stack([np.asarray(image) for image in images])
    return np.clip(128 + 45 * fields, 0, 255).astype(np.uint8)


def csv_text(images: np.ndarray, labels=None, usages=None) -> str:
    """The official csv; by default labels and usages go round."""
    rows = ["emotion,pixels,Usage"]
    for i, image in enumerate(images):
        label = i % 7 if labels is None else labels[i]
        usage = USAGES[i // 7 % 3] if usages is None else usages[i]
        rows.append(f"{label},{' '.join(map(str, image.ravel()))},{usage}")
    return "\n".join(rows) + "\n"


def encode(image: np.ndarray, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, kind, **options)
    return buffer.getvalue()


def kaggle(images: np.ndarray, kind: str = "PNG") -> dict[str, bytes]:
    """Path -> content of the folder form; labels and usages as in `csv_text`."""
    tree = {}
    for i, image in enumerate(images):
        usage = USAGES[i // 7 % 3]
        part = "train" if usage == "Training" else "test"
        tree[f"{part}/{EMOTIONS[i % 7]}/{usage}_{i}.{kind.lower()}"] = encode(image, kind)
    return tree


def write_tree(folder: Path, tree: dict[str, bytes]) -> Path:
    for path, content in tree.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def write_zip(path: Path, tree: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in tree.items():
            archive.writestr(name, content)
    return path


def write_tar(path: Path, tree: dict[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:
        for name, content in tree.items():
            archive.addfile(tar_entry(name, len(content)), io.BytesIO(content))
    return path


def tar_entry(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.type, entry.linkname = size, kind, "/etc/passwd"
    return entry


def zip_bomb(path: Path, members: int = 3, declared: int | None = None) -> Path:
    """`members` files of 3.5 GiB zeros each, truly there: one deflated block, repeated.

    `declared` is the size that the headers claim instead.
    """
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = deflate.compress(bytes(16 * MIB)) + deflate.flush(zlib.Z_FULL_FLUSH)
    content = block * 224 + b"\x03\x00"
    size = 3584 * MIB if declared is None else declared
    body, directory = b"", b""
    for i in range(members):
        name = f"train/angry/Training_{i}.png".encode()
        common = struct.pack("<HHHHHLLLHH", 20, 0, 8, 0, 33, 0, len(content), size, len(name), 0)
        entry = struct.pack("<HHHLL", 0, 0, 0, 0, len(body))
        directory += b"PK\x01\x02" + struct.pack("<H", 20) + common + entry + name
        body += b"PK\x03\x04" + common + name + content
    end = struct.pack("<HHHHLLH", 0, 0, members, members, len(directory), len(body), 0)
    path.write_bytes(body + directory + b"PK\x05\x06" + end)
    return path


def tar_bomb(path: Path, compress, size: int = 10 * 2**30, declared: int | None = None) -> Path:
    """A tar of one file of zeros, compressed: the same compressed 8 MiB again and again."""
    header = tar_entry("train/angry/Training_1.png", size if declared is None else declared)
    zeros = compress(bytes(8 * MIB))
    with path.open("wb") as file:
        file.write(compress(header.tobuf(tarfile.GNU_FORMAT)))
        for _ in range(size // (8 * MIB)):
            file.write(zeros)
    return path
