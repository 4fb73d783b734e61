"""Whether pixels once went through a JPEG encoder, told from the pixels alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Pixels of a decoded JPEG are rounded, which blurs its coefficients by a variance of 1/12; with
#: step 2 the mean cosine is then exp(-2 pi^2 / 12 / 4) = 0.66, with wider ones more; else 0.
LATTICE = 0.4
#: Fewer coefficients than this beside the zero tell nothing.
ENOUGH = 200


def was_jpeg(images: NDArray[np.uint8], most: int = 1000) -> bool:
    """True if most 8 x 8 cosine coefficients lie on the lattice of a quantisation table.

    `images` (N, H, W), H and W multiples of 8; at most `most` of them, evenly spread, are asked.
    A table of ones (quality 100) leaves no trace and is not found. After Fan and de Queiroz (2003).
    """
    picked = images[:: max(1, len(images) // most)]
    scores = [score for score in map(_lattice, _coefficients(picked)) if score is not None]
    return bool(scores) and float(np.median(scores)) > LATTICE


def _coefficients(images: NDArray[np.uint8]) -> list[NDArray[np.float64]]:
    """The 20 coefficients below the fifth diagonal, each over all blocks of all images."""
    from scipy.fft import dctn

    n, height, width = images.shape
    blocks = images.reshape(n, height // 8, 8, width // 8, 8).swapaxes(2, 3).reshape(-1, 8, 8)
    spectrum = dctn(blocks.astype(float) - 128, axes=(1, 2), norm="ortho")
    return [spectrum[:, v, h] for v in range(6) for h in range(6) if 0 < v + h < 6]


def _lattice(coefficient: NDArray[np.float64]) -> float | None:
    """The best mean of cos(2 pi c / q) over steps q; 1 where all c are multiples of q."""
    best: float | None = None
    for step in range(2, 17):
        aside = coefficient[np.abs(coefficient) > step / 2]  # zero is a multiple of all
        if len(aside) >= ENOUGH:
            score = float(np.cos(2 * np.pi / step * aside).mean())
            best = score if best is None else max(best, score)
    return best
