"""What a figure says to those who do not see it: a sentence with its main numbers.

The sentence is computed beside the figure, from the same records, and travels as `alt` in the
metadata of the cell's output; the notebook driver copies it to where the book looks for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ferbook.emotions import EMOTIONS
from ferbook.report import plotted, tables
from ferbook.report.lettering import legible
from ferbook.report.tables import PART_NAMES
from ferbook.study import evaluation as ev
from ferbook.study.cards import Card
from ferbook.study.records import Record

NOTHING = "No figure: no such run is recorded yet"


def show(figure: Figure, text: str, data: pd.DataFrame | None = None) -> None:
    """Show a figure in the place of the cell's last line, with its alternative text, in lettering
    that a phone can show.

    `data` is what to offer as its numbers where those read from its artists would mislead.
    """
    from IPython.display import display

    if data is not None:
        plotted.give(figure, data)
    display(legible(figure), metadata={"alt": text})
    plt.close(figure)  # or the cell would show it again at its end


def class_counts(card: Card) -> str:
    """Of `figures.class_counts`: the largest and the smallest class, and how alike the splits."""
    counts = card.counts()
    shares = {part: 100 * values / values.sum() for part, values in counts.items()}
    first, share = next(iter(shares.items()))
    apart = np.ptp(list(shares.values()), axis=0).max()
    return (
        f"Bars: share of each emotion in {', '.join(PART_NAMES.get(p, p) for p in counts)}. In "
        f"{PART_NAMES.get(first, first)} {_ends(card.emotions, share)}. Between the splits no "
        f"share differs by more than {apart:.1f} points"
    )


def detection(card: Card) -> str:
    """Of `figures.detection`: for which emotions the detector fails most and least."""
    codes = range(len(card.emotions))
    missed = np.array([100 * (~card.detected[card.labels == code]).mean() for code in codes])
    return (
        "Dots with 95 % intervals: share of faces that the detector misses, by emotion; "
        f"{_ends(card.emotions, missed)}, {100 * (~card.detected).mean():.1f} % of all"
    )


def ablation(records: Sequence[Record], printed: Mapping[str, float] | None = None) -> str:
    """Of `figures.ablation`: each network's mean accuracy on each part, and what is printed."""
    if not records:
        return NOTHING
    means = tables.accuracies(records).groupby(["scored on", "variant"], sort=False).accuracy.mean()
    parts = means.index.get_level_values(0).unique()
    said = [
        f"{part}: " + ", ".join(f"{name} {100 * mean:.1f}" for name, mean in means[part].items())
        for part in parts
    ]
    text = f"Dots, one a seed, with 95 % intervals; mean accuracy in % on {'; '.join(said)}"
    if not printed:
        return text
    return text + "; printed: " + ", ".join(f"{n} {value:g}" for n, value in printed.items())


def learning_curves(records: Sequence[Record]) -> str:
    """Of `figures.learning_curves`: where each network's validation accuracy starts and ends."""
    if not records:
        return NOTHING
    ends: dict[str, list[tuple[float, float]]] = {}
    for record in records:
        first, last = (100 * record.history[i]["validation_accuracy"] for i in (0, -1))
        ends.setdefault(record.config["variant"], []).append((first, last))
    epochs = max(len(record.history) for record in records)
    said = [
        f"{name} from {first:.0f} to {last:.0f} %"
        for name, (first, last) in ((n, np.mean(each, axis=0)) for n, each in ends.items())
    ]
    return f"Lines, one a run: validation accuracy over {epochs} epochs; {', '.join(said)}"


def histories(curves: Mapping[str, Sequence[Mapping[str, float]]]) -> str:
    """Of `figures.histories`: the last validation accuracy of each network watched."""
    last = (f"{n} {100 * each[-1]['validation_accuracy']:.0f} %" for n, each in curves.items())
    return f"Lines: validation accuracy over epochs on drawn faces; in the end {', '.join(last)}"


def confusion(matrix: np.ndarray, emotions: Sequence[str] = EMOTIONS) -> str:
    """Of `figures.confusion`: the accuracy, the best and worst emotion, the commonest mistake."""
    if not matrix.sum():
        return NOTHING
    share = 100 * matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    recall = np.diagonal(share)
    wrong = share - np.diag(recall)
    true, taken = divmod(int(wrong.argmax()), len(wrong))
    return (
        f"Confusion matrix, {100 * ev.accuracy(matrix):.1f} % right overall; by emotion "
        f"{_ends(emotions, recall)}; most often confused: {emotions[true]} taken for "
        f"{emotions[taken]}, {wrong[true, taken]:.0f} %"
    )


def _ends(emotions: Sequence[str], values: np.ndarray) -> str:
    """'most happy (25.1 %), least disgust (1.5 %)'; an emotion without a value is passed over."""
    named = sorted(zip(values, emotions, strict=True), reverse=True)
    (high, most), (low, least) = named[0], named[-1]
    return f"most {most} ({high:.1f} %), least {least} ({low:.1f} %)"
