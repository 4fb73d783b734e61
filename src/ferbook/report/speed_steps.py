"""From a face in a photograph to its emotion, step by step."""

from __future__ import annotations

import pandas as pd

from ferbook.report import speed


def table(device: str = "cpu") -> pd.DataFrame:
    """`ferbook predict` step by step, a column for each way from a face to its emotion."""
    spent = {
        (row["step"], row["way"]): speed.spent(row) for row in speed.rows(device) if "step" in row
    }
    if not spent:
        return pd.DataFrame()
    found = pd.Series(spent).unstack(sort=False)
    found.loc["together"] = found.sum()
    return found.map(speed.readable).rename(
        columns={"dlib": "dlib and PyTorch", "onnx": "ONNX graph"}
    )


def sentence(device: str = "cpu") -> str:
    """What of an answer's time the landmarks are, by either way; or that it was not measured."""
    own = {
        (row["way"], row["step"]): speed.spent(row) for row in speed.rows(device) if "step" in row
    }
    if not own:
        return "*Not measured yet: `python -m benchmarks predict` does it.*"
    shares = []
    for way, name in (("dlib", "dlib's landmarks are"), ("onnx", "those of the graph")):
        total = sum(time for (one, _), time in own.items() if one == way)
        shares.append(f"{name} {own[way, 'landmarks'] / total:.0%}")
    search = own["dlib", "detection"] / sum(t for (one, _), t in own.items() if one == "dlib")
    return (
        f"Of a face's time, {' and '.join(shares)}; the search for the face is {search:.0%} of"
        " dlib's way and by either way the same."
    )
