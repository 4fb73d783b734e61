"""From a face in a photograph to its emotion, step by step."""

from __future__ import annotations

import pandas as pd

from ferbook.report import speed

WHOLE = "predict-searched"  #: the line that has search and all that follows, whose sides are:
SIDES = {"dlib": "theirs", "onnx": "ours"}


def table(device: str = "cpu") -> pd.DataFrame:
    """`ferbook predict` step by step, a column for each way from a face to its emotion.

    Below the sum of the steps, each of which was timed by itself, stands the time of an answer
    whose steps after the search were one call.
    """
    spent = _spent(device)
    if not spent:
        return pd.DataFrame()
    found = pd.Series(spent).unstack(sort=False)
    found.loc["sum of the steps"] = found.sum()
    for row in speed.rows(device):
        if row["name"] == WHOLE:
            found.loc["search, then one call"] = {
                way: speed.spent(row, side) for way, side in SIDES.items()
            }
    return found.map(speed.readable).rename(
        columns={"dlib": "dlib and PyTorch", "onnx": "ONNX graph"}
    )


def sentence(device: str = "cpu") -> str:
    """What of an answer's time the landmarks are, by either way; or that it was not measured."""
    own = _spent(device)
    if not own:
        return "*Not measured yet: `python -m benchmarks predict` does it.*"
    total = {
        way: sum(time for (_, one), time in own.items() if one == way) for way in ("dlib", "onnx")
    }
    landmarks = {way: own["landmarks", way] / all_of_it for way, all_of_it in total.items()}
    search = own["detection", "dlib"] / total["dlib"]
    return (
        f"Of the sum of the steps, dlib's landmarks are {landmarks['dlib']:.0%} and those of the"
        f" graph {landmarks['onnx']:.0%}; the search for the face is {search:.0%} of dlib's way and"
        " by either way the same. The steps were timed one by one. An answer in one call also cuts"
        " the face out, and differs from their sum by the machine's unrest as well."
    )


def _spent(device: str) -> dict[tuple[str, str], float]:
    """{(step, way): median seconds for a face}."""
    return {
        (row["step"], row["way"]): speed.spent(row) for row in speed.rows(device) if "step" in row
    }
