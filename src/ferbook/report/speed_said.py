"""What was measured of speed, in sentences: where, which aims were missed, what one costs."""

from __future__ import annotations

import numpy as np

from ferbook.report import speed

DEVICES = {"cpu": "CPU", "cuda": "GPU"}


def machine(device: str) -> str:
    """Where and when it was measured, in a sentence."""
    measured = [*speed.rows(device), *speed.growth(device)]
    if not measured:
        return f"*{DEVICES[device]} figures pending: nothing was measured on one yet.*"
    last = max(measured, key=lambda one: one["finished"])
    hardware = last["hardware"]
    name = hardware.get("gpu") or f"{hardware['processor']}, {hardware['cores']} cores"
    torch = last["versions"]["torch"].partition("+")[0]
    said = f"Measured on {last['finished'][:10]}: {name}, torch {torch}."
    if any(one["hardware"] != hardware for one in measured):
        said += (
            " Some rows are of another day and machine: ratios are of one run each, but do not"
            " compare the seconds of one row with those of another."
        )
    return f"*{said}*"


def missed_sentence(device: str) -> str:
    """How many aims were reached, and which were not."""
    found = [(row, aim, met) for row in speed.rows(device) for aim, met in speed.aims(row).items()]
    if not found:
        return ""
    missed = [f"{speed.named(row)} ({aim})" for row, aim, met in found if not met]
    said = f"{len(found) - len(missed)} of {len(found)} aims are reached."
    return f"{said} Not reached: {'; '.join(missed)}." if missed else said


def each_sentence(device: str, name: str = "heatmaps") -> str:
    """What one of the most costs beside one of the fewest, and the dearest of a series."""
    for series in speed.growth(device):
        if series["name"] == name:
            sizes, each = series["sizes"], np.array(series["seconds"]) / series["sizes"]
            last, most = each[-1] / each[0], int(each.argmax())
            one = series["over"].removesuffix("s")
            over = speed.times(each[most] / each.min())
            return (
                f"Of {series['what']}, a {one} of {sizes[-1]:,} takes {speed.times(last)} times as"
                f" long as a {one} of {sizes[0]:,}; dearest is a {one} of {sizes[most]:,},"
                f" {over} times the cheapest."
            )
    return ""
