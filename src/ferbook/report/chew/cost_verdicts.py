"""What the times of `cost` amount to: two paths, what landmarks add, and how it was timed."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ferbook.report.chew.cost import BRANCHES, WARM_UP

#: Steps of the landmark path, in their order.
LANDMARK_PATH = ("detect", "landmarks", "heatmap")


def of(times: pd.DataFrame, step: str, batch: int = 1, precision: str | None = None) -> float:
    """The median of one row, ms a face; of a step without precision there is one row only."""
    here = times[(times.step == step) & (times.batch == batch)]
    if precision is not None:
        here = here[here.precision == precision]
    return float(here["median"].iloc[0]) if len(here) else float("nan")


def paths(times: pd.DataFrame) -> dict[str, dict[str, float]]:
    """{network: {step: ms}} for one face at a time: pixels need the network alone, the hybrid the
    landmark path too."""
    first = str(times.precision[times.step == "pixels"].iloc[0])
    before = {step: of(times, step) for step in LANDMARK_PATH}
    return {
        "pixels": {"network": of(times, "pixels", 1, first)},
        "hybrid": {**before, "network": of(times, "hybrid", 1, first)},
    }


def summary(times: pd.DataFrame, whole: NDArray[np.float64]) -> str:
    """What the landmark path adds, as sentences."""
    found = paths(times)
    pixels, hybrid = (sum(steps.values()) for steps in found.values())
    path = sum(found["hybrid"][step] for step in LANDMARK_PATH)
    most = max(found["hybrid"], key=lambda step: found["hybrid"][step])
    second = found["hybrid"]["network"] - found["pixels"]["network"]
    return (
        f"For one face at a time the hybrid takes **{hybrid:.1f} ms**, {1000 / hybrid:,.0f} faces "
        f"a second on this core, pixels alone {pixels:.1f} ms, {1000 / pixels:,.0f} a second. The "
        f"landmark path ({', '.join(LANDMARK_PATH)}) is **{path / hybrid:.0%}** of the hybrid's "
        f"time; the largest step is *{most}*, {found['hybrid'][most]:.1f} ms. The second branch "
        f"itself adds {second:.1f} ms. Timed in one go, from image to answer, a face took "
        f"{np.median(whole):.1f} ms (median of {len(whole)}); where that is not the sum, the rest "
        "lies between the steps, or is the noise of timing."
    )


def detector_shared(times: pd.DataFrame) -> str:
    """The same where a camera's image must be searched for a face whatever the network is."""
    found = paths(times)
    detect = found["hybrid"]["detect"]
    pixels, hybrid = (sum(steps.values()) for steps in found.values())
    return (
        f"Where a face must first be found for either network, pixels take {pixels + detect:.1f} "
        f"ms, and what landmarks add (predictor, heatmap, second branch) is "
        f"{1 - (pixels + detect) / hybrid:.0%} of the hybrid's time."
    )


def drawing(times: pd.DataFrame) -> str:
    """What one map for each landmark takes to draw, beside their maximum."""
    return (
        f"Drawing 68 maps takes {of(times, '68 heatmaps'):.2f} ms for one face, drawing their "
        f"maximum {of(times, 'heatmap'):.2f} ms."
    )


def in_words(times: pd.DataFrame) -> str:
    """The figure's alternative text: both paths step by step, then the networks' range."""
    path = {
        network: ", ".join(f"{step} {ms:.1f}" for step, ms in steps.items())
        for network, steps in paths(times).items()
    }
    networks = times[times.step.isin(list(BRANCHES))].sort_values("median")
    ends = (
        f"{row.step}, batch of {row.batch}, {row.precision}: {row['median']:.2f}"
        for _, row in networks.iloc[[0, -1]].iterrows()
    )
    return (
        f"Bars, ms for one face at a time: pixels: {path['pixels']}; hybrid: {path['hybrid']}. "
        f"Below, the networks alone by batch and precision, ms a face, from {' to '.join(ends)}"
    )


def bf16_pays(times: pd.DataFrame) -> str:
    """How many times as fast bfloat16 is, for each network and batch."""
    if not {"f32", "bf16"} <= set(times.precision[times.step == "pixels"]):
        return ""
    said = []
    for name in BRANCHES:
        for batch in sorted(set(times.batch[times.step == name])):
            gain = of(times, name, batch, "f32") / of(times, name, batch, "bf16")
            said.append(f"{name}, batch of {batch}: {gain:.1f}")
    return "float32 takes so many times as long as bfloat16: " + "; ".join(said) + "."


def where() -> str:
    """Processor, and how it was timed."""
    import torch

    from ferbook.study.engine import hardware

    about = hardware(torch.device("cpu"))
    return (
        f"Measured while this page was built, on one thread of: {about['processor']} "
        f"({about['cores']} cores), torch {torch.__version__}. {WARM_UP} calls to warm up, then "
        "the median over the repeats; the spread is the quartiles. It is the processor's time for "
        "this page alone, so other work on the machine counts only where it crowds the caches."
    )
