"""How far runs are below the paper's: in full below a table, in a few words beside a claim."""

from __future__ import annotations

from collections.abc import Sequence

from ferbook.report.measure import reduction
from ferbook.study.records import Record


def trained(records: Sequence[Record]) -> list[Record]:
    """The runs behind records, each once: a vote is no run, its members are."""
    every = [one for record in records for one in getattr(record, "members", (record,))]
    return list({record.folder: record for record in every}.values())


def reductions(records: Sequence[Record]) -> str:
    """What is reduced, and of which networks where it is not of all alike."""
    every = list(dict.fromkeys(record.config["variant"] for record in records))
    found: dict[str, dict[str, list[str]]] = {}  # what: how far: of which networks
    for record in records:
        for part in filter(None, reduction(record).split("; ")):
            networks = found.setdefault(part.split(" ")[0], {}).setdefault(part, [])
            if record.config["variant"] not in networks:
                networks.append(record.config["variant"])
    return "; ".join(
        part if networks == every else f"{part} ({', '.join(networks)})"
        for ways in found.values()
        for part, networks in ways.items()
    )


def schedule(records: Sequence[Record]) -> str:
    """How far runs are below the paper's: "10 to 30 of 50 epochs, some networks narrower"; empty
    where nothing is reduced."""
    configs = [record.config for record in records]
    epochs = sorted({c["recipe"]["epochs"] for c in configs if "epochs" in c["reduced"]})
    narrow = [bool({"width", "widths"} & set(c["reduced"])) for c in configs]
    said = []
    if epochs:
        full = next(c["reduced"]["epochs"] for c in configs if "epochs" in c["reduced"])
        said.append(f"{' to '.join(map(str, epochs[:: max(len(epochs) - 1, 1)]))} of {full} epochs")
    if any(narrow):
        said.append("narrower networks" if all(narrow) else "some networks narrower")
    return ", ".join(said)
