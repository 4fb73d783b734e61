"""Tables of the book, computed from records and dataset cards; nothing in them is typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from ferbook import paths
from ferbook.data.faces import SPLITS
from ferbook.errors import InputError
from ferbook.report import sources
from ferbook.report.qiu.ensemble import ensembles
from ferbook.report.reduced import reductions, trained
from ferbook.study import evaluation as ev
from ferbook.study.cards import Card, cards
from ferbook.study.records import Record, load_all

#: The official parts under the names that the dataset's own csv gives them.
PART_NAMES = {"train": "Training", "public": "PublicTest", "private": "PrivateTest"}
#: What tables show of a record: part, view, and what is said of the view.
COLUMNS = {
    ("validation", "plain"): "",
    ("test", "plain"): "",
    ("test", "flip"): ", flip averaged",
}
#: What a record of the official split calls validation and test.
OFFICIAL = {"validation": "PublicTest", "test": "PrivateTest"}


def card_of(name: str) -> Card:
    """The recorded dataset card of that name."""
    for card in cards(paths.results() / "datasets"):
        if card.name == name:
            return card
    raise InputError(f"no card of {name} in {paths.results() / 'datasets'}: record a run on it")


def select(experiment: str, tier: str, variants: Sequence[str] = ()) -> list[Record]:
    """Records of `<paper>/<experiment>` at a tier, in the order of variants and seeds; of Qiu's
    networks their ensembles as well."""
    paper, _, name = experiment.partition("/")
    found = load_all(paper)
    chosen = [
        record
        for record in (*found, *(ensembles(found) if paper == "qiu" else ()))
        if record.config["experiment"] == name and record.config["tier"] == tier
    ]
    order = list(variants) or sorted({record.config["variant"] for record in chosen})
    kept = [record for record in chosen if record.config["variant"] in order]
    return sorted(kept, key=lambda r: (order.index(r.config["variant"]), r.config["seed"]))


def provenance(records: Sequence[Record]) -> str:
    """One sentence that says which runs a table stands on."""
    if not records:
        return "**No such run is recorded yet.** `ferbook run` trains and records it."
    records = trained(records)
    config = records[0].config
    seeds = sorted({record.config["seed"] for record in records})
    reduced = reductions(records)
    dataset = records[0].data["dataset"]
    runs = _counted(len(records), "run")
    numbers = f"seed{'s' * (len(seeds) > 1)} {', '.join(map(str, seeds))}"
    return (
        f"*{runs} of `{config['paper']}/{config['experiment']}`, tier "
        f"**{config['tier']}**{f' ({reduced})' if reduced else ''}, "
        f"recipe `{config['recipe']['name']}`, {numbers}, "
        f"{dataset['name']} ({dataset['verdict']} copy), split {config['split']}.*"
    )


def width(records: Sequence[Record]) -> str:
    """How far narrower than full width the networks are, and what follows; empty where not."""
    narrow = [record.config for record in records if "widths" in record.config["reduced"]]
    if not narrow:
        return ""
    own, full = ("-".join(map(str, narrow[0][where]["widths"])) for where in ("model", "reduced"))
    return (
        f"These networks are narrower than the one taken for the paper's: {own} channels in the "
        f"four blocks of a branch instead of {full}. So their levels are compared among "
        "themselves only."
    )


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' * (count != 1)}"


def class_counts(card: Card) -> pd.DataFrame:
    """Images per emotion (rows) and official split (columns), with totals."""
    counts = {PART_NAMES.get(part, part): values for part, values in card.counts().items()}
    table = pd.DataFrame(counts, index=list(card.emotions))
    table["all"] = table.sum(axis=1)
    table.loc["all"] = table.sum()
    return table


def duplicates(card: Card) -> pd.Series:
    """Exact copies within the dataset: how many images, and which sides of the split they join."""
    group = card.duplicate_group
    size = np.bincount(group)
    shared = {name: _groups_in(card, name) for name in PART_NAMES}
    labels = pd.DataFrame({"group": group, "label": card.labels}).drop_duplicates()
    across = np.sum([np.isin(np.unique(group), list(side)) for side in shared.values()], axis=0)
    in_train = np.isin(group, list(shared["train"]))
    private = card.split == SPLITS.index("private")
    public = card.split == SPLITS.index("public")
    counts = {
        "images": len(card),
        "distinct images": int((size > 0).sum()),
        "images with at least one exact copy": int(size[size > 1].sum()),
        "distinct images in more than one split": int((across > 1).sum()),
        "distinct images under two labels": int((labels.group.value_counts() > 1).sum()),
        "PublicTest images that are also in Training": int((public & in_train).sum()),
        "PrivateTest images that are also in Training": int((private & in_train).sum()),
    }
    return pd.Series(list(counts.values()), list(counts), name="count")


def detection(card: Card) -> pd.DataFrame:
    """Share of faces (per cent) that the detector misses, per emotion and official split."""
    frame = pd.DataFrame(
        {
            "emotion": np.array(card.emotions)[card.labels],
            "split": np.array([PART_NAMES.get(name, name) for name in SPLITS])[card.split],
            "missed": 100.0 * ~card.detected,
        }
    )
    table = frame.pivot_table("missed", "emotion", "split", margins=True, margins_name="all")
    columns = [name for name in PART_NAMES.values() if name in table]
    return table.loc[[*card.emotions, "all"], [*columns, "all"]]


def accuracies(records: Iterable[Record]) -> pd.DataFrame:
    """One row a run and view: variant, seed, part as the reader knows it, accuracy, images."""
    rows = []
    for record in records:
        names = OFFICIAL if record.config["split"] == "official" else {}
        for (part, view), said in COLUMNS.items():
            if view not in record.views(part):
                continue
            column = names.get(part, part) + said
            matrix = confusion_of(record, part, view)
            rows.append(
                {
                    "variant": record.config["variant"],
                    "seed": record.config["seed"],
                    "tier": record.config["tier"],
                    "scored on": column,
                    "accuracy": ev.accuracy(matrix),
                    "macro F1": ev.macro_f1(matrix),
                    "images": int(matrix.sum()),
                }
            )
    return pd.DataFrame(rows)


def curves(records: Iterable[Record]) -> pd.DataFrame:
    """One row a run and epoch: accuracy on the validation part in %, and whether it was kept."""
    return pd.DataFrame(
        {
            "kind": "line",
            "series": record.config["variant"],
            "run": record.folder.name,
            "epoch": number,
            "validation_accuracy": 100 * epoch["validation_accuracy"],
            "kept": number == record.data["selected_epoch"],
        }
        for record in records
        for number, epoch in enumerate(record.history, start=1)
    )


def confusion_of(record: Record, part: str = "test", view: str = "plain") -> np.ndarray:
    """(classes, classes) counts of one run."""
    predictions = record.predictions(part, view)
    return ev.confusion(predictions.truth, predictions.predicted, len(record.card.emotions))


def pooled_confusion(records: Iterable[Record], variant: str) -> np.ndarray:
    """(classes, classes) counts on the plain test part, summed over the runs of one network."""
    matrices = [confusion_of(record) for record in records if record.config["variant"] == variant]
    return np.sum(matrices, axis=0) if matrices else np.zeros((7, 7), np.int64)


def ablation(records: Sequence[Record], figure: str = "accuracy") -> pd.DataFrame:
    """Variants (rows) by what they were scored on: mean over seeds with its 95 % interval, in %."""
    if not records:
        return pd.DataFrame()
    frame = accuracies(records)
    table = {}
    for (variant, column), runs in frame.groupby(["variant", "scored on"], sort=False):
        images = int(runs["images"].iloc[0]) if figure == "accuracy" else None
        text = interval_text(ev.seed_interval(runs[figure].to_numpy(), images))
        own = [record for record in records if record.config["variant"] == variant]
        sources.note_records(text, own, int(runs["images"].iloc[0]))
        table[variant, column] = text
    out = pd.Series(table).unstack(sort=False)
    seeds = frame.groupby("variant", sort=False)["seed"].nunique()
    out.insert(0, "seeds", seeds)
    return out


def interval_text(summary: ev.Summary, scale: float = 100.0) -> str:
    """'61.4 [59.8, 63.0]': mean and 95 % interval within 0 to 1; the mean alone without one."""
    bounds = (summary.mean, max(summary.low, 0.0), min(summary.high, 1.0))
    mean, low, high = (scale * value for value in bounds)
    if not high > low:
        return f"{mean:.1f}"
    return f"{mean:.1f} [{low:.1f}, {high:.1f}]"


def only(records: Sequence[Record], *variants: str) -> list[Record]:
    """The records of these variants."""
    return [record for record in records if record.config["variant"] in variants]


class Paired(NamedTuple):
    """A difference of two accuracies on the same images, with its 95 % interval; fractions of 1."""

    images: int
    mean: float
    low: float
    high: float
    pairs: tuple[float, ...]  #: McNemar's exact p of each pair of runs of equal seed

    @property
    def text(self) -> str:
        """'+2.0 [+1.1, +2.9]', in points; the mean alone where there is no interval."""
        interval = ""
        if self.low < self.high:
            interval = f" [{100 * self.low:+.1f}, {100 * self.high:+.1f}]"
        return f"{100 * self.mean:+.1f}{interval}"


def paired(records: Sequence[Record], first: str, second: str) -> dict[str, Paired]:
    """`first` minus `second` over "all" and per emotion; empty without a pair of runs."""
    one, two, truth = _paired(records, first, second)
    if not len(one):
        return {}
    found = {}
    for code, name in [(None, "all"), *enumerate(records[0].card.emotions)]:
        chosen = slice(None) if code is None else truth == code
        a, b = one[:, chosen], two[:, chosen]
        pairs = tuple(ev.mcnemar(*pair) for pair in zip(a, b, strict=True))
        found[name] = Paired(a.shape[1], *ev.paired_interval(a, b), pairs)
    return found


def difference(records: Sequence[Record], first: str, second: str) -> pd.DataFrame:
    """`first` minus `second` on the same test images, over all and per emotion, in points.

    Paired over images (seeds averaged: the interval is for these very networks), with McNemar's
    exact p-value for each pair of runs of equal seed; 'largest p' is that of the least convincing
    pair.
    """
    rows = {
        name: {
            "images": f"{one.images:,}",
            "difference": one.text,
            "largest p": f"{max(one.pairs):.2g}",
        }
        for name, one in paired(records, first, second).items()
    }
    return pd.DataFrame(rows).T


def _paired(
    records: Sequence[Record], first: str, second: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Right or wrong of both networks (k, n) over their common seeds, and truth (n,)."""
    sides = [_right(records, name) for name in (first, second)]
    seeds = sorted(set(sides[0]) & set(sides[1]))
    if not seeds:
        return np.empty((0, 0), bool), np.empty((0, 0), bool), np.empty(0, np.uint8)
    one, two = (np.stack([side[seed][0] for seed in seeds]) for side in sides)
    return one, two, sides[0][seeds[0]][1]


def _right(records: Sequence[Record], variant: str) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """{seed: (right or wrong (n,), truth (n,))} on the plain test part."""
    out = {}
    for record in records:
        if record.config["variant"] == variant:
            predictions = record.predictions("test", "plain")
            out[record.config["seed"]] = (
                predictions.predicted == predictions.truth,
                predictions.truth,
            )
    return out


def _groups_in(card: Card, split: str) -> set[int]:
    return set(card.duplicate_group[card.split == SPLITS.index(split)].tolist())
