"""What the spoilt faces say of Chew's claims, as tables and as computed sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pandas as pd

from ferbook.report.chew.answers import NETWORKS, BySeed, over_seeds, plain
from ferbook.report.chew.hypotheses import Answer, Statement
from ferbook.report.chew.spoilt import (
    EXPERIMENTS,
    LANDMARKS,
    NAMES,
    PARTS,
    advantage,
    first_of,
    mean_loss,
    of_kinds,
    retained,
)
from ferbook.report.effects import Effect
from ferbook.report.tables import select
from ferbook.study.records import Record
from ferbook.vision.masking import REGION_CONDITIONS, Condition

ANSWERS: dict[Answer, str] = {
    "holds": "holds",
    "fails": "fails",
    "open": "is open",
    "one seed": "rests on one seed",
}
REGIONS = ("eyes", "mouth")  #: of the claim in section 5
UNIT = {"points": " points", "relative": " %"}
WITH = {"before": "landmarks found before", "again": "landmarks found again"}


def claim_text(claim: str, paper: str = "chew") -> str:
    """The paper's own words for a claim, and where they stand."""
    from ferbook.report.reported import load_reported

    found = next(c for c in load_reported(paper).claims if c.id == claim)
    return f"“{found.text}” ({found.where})"


def limit(dataset: str, region: str) -> float:
    """What the paper prints as the largest loss with a region hidden."""
    from ferbook.report.printed import bounds

    return bounds(f"chew/occlusion/{dataset}/{region}")[1]


def retention(
    answers: Mapping[str, BySeed], scale: str, network: str = "hybrid"
) -> list[Statement]:
    """Section 5's claim, for each dataset and region: {dataset: answers on the whole test part}."""
    out = []
    for dataset, seeds in answers.items():
        for region in REGIONS:
            one = retained(seeds, region, network, limit(dataset, region), scale)
            where = f"{NAMES[dataset]}, {region}"
            out.append(Statement(one.claim, where, one.effect, one.low, one.high))
    return out


def retention_table(answers: Mapping[str, BySeed], network: str = "hybrid") -> pd.DataFrame:
    """Both readings of 'within 5 %' side by side: what is lost, and whether it is within."""
    sides = [retention(answers, scale, network) for scale in ("points", "relative")]
    return pd.DataFrame(
        {
            "lost, points": [plain(s.effect) for s in sides[0]],
            "within, points": [s.answer for s in sides[0]],
            "lost, % of it": [plain(s.effect) for s in sides[1]],
            "within, %": [s.answer for s in sides[1]],
        },
        index=pd.Index([s.where for s in sides[0]], name=f"{network}, hidden"),
    )


def tested(tier: str) -> dict[str, list[Record]]:
    """{dataset: the runs whose whole test part was scored with regions hidden}."""
    return {
        name: select(f"chew/{experiment}", tier, list(NETWORKS))
        for name, experiment in EXPERIMENTS.items()
    }


def retention_runs(tier: str, network: str = "hybrid") -> dict[str, list[Record]]:
    """{head of a row of `retention_table`: the runs it stands on}."""
    return {
        f"{NAMES[dataset]}, {region}": [r for r in runs if r.config["variant"] == network]
        for dataset, runs in tested(tier).items()
        for region in REGIONS
    }


def retention_sentence(answers: Mapping[str, BySeed], network: str = "hybrid") -> str:
    """How many of the claims hold under either reading, and where they do not."""
    lines = []
    readings = {"points": "percentage points", "relative": "per cent of the original accuracy"}
    for scale, reading in readings.items():
        found = defaultdict(list)
        for statement in retention(answers, scale, network):
            found[statement.answer].append("{} ({})".format(*statement.where.split(", ")))
        said = "; ".join(f"{_said(a)} for {', '.join(where)}" for a, where in found.items())
        lines.append(f"- in {reading}: {said}")
    return f"Of the {network}, read\n\n" + "\n".join(lines)


def baseline(whole: BySeed, sample: BySeed, scale: str = "points") -> pd.DataFrame:
    """Section 6's claim, a row for each hidden region and setting: landmarks found before are
    scored on the whole test part, those found again on a sample of it."""
    regions = {condition.kind: [condition] for condition in REGION_CONDITIONS}
    return _table("hidden", regions, {"before": whole, "again": sample}, scale)


def baseline_sentence(whole: BySeed, sample: BySeed) -> str:
    """For how many regions section 6's claim holds in either setting; 'far' has no number."""
    said = []
    for setting, seeds in {"before": whole, "again": sample}.items():
        found = [advantage(seeds, [c], setting) for c in REGION_CONDITIONS]
        answers = [Statement("", "", effect).answer for effect in found]
        counts = [f"{ANSWERS[a]} for {answers.count(a)}" for a in ANSWERS if a in answers]
        with_ = f"with {WITH[setting]}, of {len(found)} regions it {', '.join(counts)}"
        means = [effect.mean for effect in found]
        ends = f"region by region the hybrid loses {_ends(means)} than pixels"
        said.append(f"{with_}; {ends}" if counts else f"with {WITH[setting]}, nothing is measured")
    return ".\n".join(f"- {text[0].upper()}{text[1:]}" for text in said) + "."


def _ends(less: Sequence[float]) -> str:
    """ "4.7 to 13.4 points less", "from 0.9 points more to 1.1 points less"."""
    low, high = min(less), max(less)
    if low < 0 < high:
        return f"from {-low:.1f} points more to {high:.1f} points less"
    least, most = sorted((abs(low), abs(high)))
    return f"{least:.1f} to {most:.1f} points {'less' if high > 0 else 'more'}"


def parts(answers: BySeed, scale: str = "points") -> pd.DataFrame:
    """H2, a row for each thing it names and each setting: mean losses, the hybrid's advantage."""
    groups = {part: of_kinds(kinds) for part, kinds in PARTS.items()}
    return _table("part", groups, dict.fromkeys(LANDMARKS, answers), scale)


def part_statements(answers: BySeed, where: str) -> list[Statement]:
    """H2, a statement for each thing it names and each setting of the landmarks."""
    return [
        Statement(
            f"{part}, landmarks {setting}", where, advantage(answers, of_kinds(kinds), setting)
        )
        for part, kinds in PARTS.items()
        for setting in LANDMARKS
    ]


def part_sentence(answers: BySeed, part: str) -> str:
    """One part of H2: holds, fails or open in either setting, by how much, on both scales."""
    chosen = of_kinds(PARTS[part])
    said = []
    for setting, words in WITH.items():
        sides = [advantage(answers, chosen, setting, scale) for scale in UNIT]
        text = f"with {words}, " + _compared(sides[0], UNIT["points"])
        if sides[0].seeds:
            text += f" (as a share of what each had: {_compared(sides[1], UNIT['relative'])})"
        said.append(text)
    return f"**{part.capitalize()}** ({len(chosen)} conditions): {'; '.join(said)}."


def start_sentence(answers: BySeed) -> str:
    """What each network has to lose, and what blind guessing would keep."""
    if not answers:
        return "No such runs are recorded yet."
    has = [over_seeds(answers, lambda a, n=n: a.accuracy(n))[0].mean for n in NETWORKS]  # type: ignore[misc]
    said = ", ".join(f"{name} {share:.1f} %" for name, share in zip(NETWORKS, has, strict=True))
    first = next(iter(answers.values()))
    counts = pd.Series(first.card.labels[first.rows]).value_counts(normalize=True)
    most = first.card.emotions[int(counts.index[0])]
    return (
        f"On the unspoilt faces {said} are right; always saying “{most}” would be right on "
        f"{100 * counts.iloc[0]:.1f} %. What each has to lose before it is no better than that "
        f"lies between {min(has) - 100 * counts.iloc[0]:.0f} and "
        f"{max(has) - 100 * counts.iloc[0]:.0f} points."
    )


def str_of(effect: Effect) -> str:
    """The value alone; a dash without one."""
    return f"{effect.mean:.1f}" if effect.seeds else "–"


def _table(
    name: str,
    groups: Mapping[str, Sequence[Condition]],
    answers: Mapping[str, BySeed],
    scale: str,
) -> pd.DataFrame:
    """A row for each group of conditions and setting, whose answers are {setting: by seed}."""
    rows = []
    for group, chosen in groups.items():
        for setting, seeds in answers.items():
            effect = advantage(seeds, chosen, setting, scale)
            rows.append(
                {
                    name: group,
                    "landmarks": setting,
                    "pixels lose": str_of(_lost(seeds, "pixels", chosen, setting, scale)),
                    "hybrid loses": str_of(_lost(seeds, "hybrid", chosen, setting, scale)),
                    "less by": str(effect) if effect.seeds else "–",
                    "answer": Statement(group, "", effect).answer,
                }
            )
    return pd.DataFrame(rows).set_index(name)


def _lost(
    answers: BySeed,
    network: str,
    conditions: Sequence[Condition],
    setting: str,
    scale: str,
) -> Effect:
    return first_of(
        over_seeds(answers, lambda a: mean_loss(a, network, conditions, setting, scale))
    )


def _said(answer: Answer) -> str:
    return "one seed, no answer" if answer == "one seed" else f"**{answer}**"


def _compared(effect: Effect, unit: str) -> str:
    """ "the hybrid loses 2.1 points [0.5, 3.7] less than pixels: holds"."""
    if not effect.seeds:
        return "nothing is measured yet"
    sign = 1 if effect.mean >= 0 else -1
    low, high = sorted((sign * effect.low, sign * effect.high))
    return (
        f"the hybrid loses {abs(effect.mean):.1f}{unit} [{low:.1f}, {high:.1f}] "
        f"{'less' if sign > 0 else 'more'} than pixels: {_said(Statement('', '', effect).answer)}"
    )
