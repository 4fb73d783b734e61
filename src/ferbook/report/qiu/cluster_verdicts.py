"""What the number of clusters does to accuracy (Qiu, section 5.1, Figure 5): beside three clusters
and beside the backbone without the scheme, on the same images, in tables and sentences."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from ferbook.report.chew.contrasts import count_seeds
from ferbook.report.effects import Effect
from ferbook.report.qiu.answers import caveat
from ferbook.report.qiu.best_clusters import BACKBONES, DEFAULT, NUMBERS, by_backbone
from ferbook.report.qiu.clusters import networks_sentence
from ferbook.report.qiu.networks import NETWORKS, SCHEME, apart, side, term, title
from ferbook.report.qiu.performance_verdicts import listed
from ferbook.report.qiu.tables import accuracy, cluster_numbers, number_term
from ferbook.report.tables import select
from ferbook.study.records import load_all

#: What is said of numbers of clusters beside three.
VERBS = {
    "worse": "did worse",
    "better": "did better",
    "open": "cannot be told apart from them",
}


def so_far(tier: str) -> str:
    """What the page's runs come to, how far they are reduced, and of how many seeds they are."""
    parts = [f"**So far**: {networks_sentence(tier)}"]
    for backbone in by_backbone(load_all("qiu"), tier):
        parts += [highest_sentence(backbone, tier), without_sentence(backbone, tier)]
    return " ".join([*filter(None, parts), caveat(select(f"qiu/{SCHEME}", tier))])


def beside_default(backbone: str, tier: str) -> dict[int, Effect]:
    """{n: accuracy with n clusters minus that with three}, of the numbers that have runs."""
    default = number_term(backbone, DEFAULT)
    found = {n: apart(number_term(backbone, n), default, tier) for n in NUMBERS if n != DEFAULT}
    return {n: effect for n, effect in found.items() if effect.seeds}


def beside_none(backbone: str, tier: str) -> dict[int, Effect]:
    """{n: accuracy with n clusters minus that of the backbone without the scheme}."""
    found = {n: apart(number_term(backbone, n), term(backbone), tier) for n in NUMBERS}
    return {n: effect for n, effect in found.items() if effect.seeds}


def numbers_table(backbone: str, tier: str) -> pd.DataFrame:
    """Points that each number of clusters is above or below three, and above or below the backbone
    without the scheme."""
    three, none = beside_default(backbone, tier), beside_none(backbone, tier)
    rows = {}
    for n in sorted(three.keys() | none.keys()):
        effects = [found[n] for found in (three, none) if n in found]
        rows[str(n)] = {
            "minus three": str(three.get(n, "–")),
            "minus no scheme": str(none.get(n, "–")),
            "seeds": " and ".join(dict.fromkeys(str(effect.seeds) for effect in effects)),
        }
    return pd.DataFrame(rows).T.rename_axis("clusters")


def highest_sentence(backbone: str, tier: str) -> str:
    """With which number of clusters accuracy is highest, and whether that is told apart from three;
    empty without runs."""
    frame = cluster_numbers(backbone, tier)
    if frame.empty:
        return ""
    top = frame.accuracy.max()
    first = [int(n) for n in frame.clusters[frame.accuracy == top]]
    text = f"{title(NETWORKS[backbone].scheme)}'s accuracy is highest with {_clusters(first)}"
    found = beside_default(backbone, tier).get(first[0])
    if DEFAULT in first or found is None:
        return f"{text} ({top:.1f} %)."
    if found.sign > 0:
        return f"{text} ({top:.1f} %), ahead of {DEFAULT} {_explained([found])} ({found} points)."
    return f"{text} ({top:.1f} %), not told apart from {DEFAULT} ({found} points)."


def without_sentence(backbone: str, tier: str) -> str:
    """Which numbers of clusters exceed the backbone without the scheme, and which fall short of it;
    empty without runs."""
    found = beside_none(backbone, tier)
    if not found:
        return ""
    base = 100 * accuracy(backbone, tier=tier).mean
    text = f"{NETWORKS[backbone].title} without the scheme reaches {base:.1f} %"
    best = max(found, key=lambda n: found[n].mean)
    beside = f" (with {best}, {found[best]} points)"
    above = [n for n, effect in found.items() if effect.mean > 0]
    told = [n for n in above if found[n].sign > 0]
    below = [n for n, effect in found.items() if effect.sign < 0]
    explained = _explained(found.values())
    if not above:
        text += f", which no number of clusters exceeds{beside}"
    else:
        by = f"{listed([*map(str, told)]) or 'none'} {explained}"
        text += f", which {_clusters(above)} exceed{'s' * (above == [1])}{beside}, {by}"
    if below:
        text += f"; with {_clusters(below)} accuracy is lower {explained}"
    return f"{text}."


def _clusters(numbers: Collection[int]) -> str:
    """ "1 cluster", "5 and 7 clusters"."""
    return f"{listed([*map(str, numbers)])} cluster{'' if [*numbers] == [1] else 's'}"


def _explained(effects: Collection[Effect]) -> str:
    """What an interval that leaves 0 out tells, of one seed or of several."""
    if min(effect.seeds for effect in effects) < 2:
        return "by more than the choice of test images explains"
    return "by more than seeds and the choice of test images explain"


def numbers_sentence(backbone: str, tier: str) -> str:
    """Whether three is best, and whether more help, for one backbone; of one seed which number has
    the highest accuracy."""
    found = beside_default(backbone, tier)
    name = title(NETWORKS[backbone].scheme)
    if not found:
        return f"**{name}**: no other numbers of clusters are recorded yet."
    without = without_sentence(backbone, tier)
    if max(effect.seeds for effect in found.values()) < 2:
        return f"With one seed, {highest_sentence(backbone, tier)} {without}".rstrip()
    groups: dict[str, list[int]] = {"worse": [], "better": [], "open": []}
    for n, effect in found.items():
        groups[{"above": "better", "below": "worse"}.get(side(effect), "open")].append(n)
    parts = [f"{listed([*map(str, ns)])} {VERBS[kind]}" for kind, ns in groups.items() if ns]
    more = [n for n in groups["better"] if n > DEFAULT]
    best = not groups["better"] and not groups["open"] and len(found) == len(NUMBERS) - 1
    fewest = min(found.values(), key=lambda effect: effect.seeds)
    return (
        f"**{name}** ({count_seeds(fewest)}): beside three clusters "
        f"{'; '.join(parts)}. That three is best is "
        f"{'borne out' if best else 'contradicted' if groups['better'] else 'not shown'}; "
        f"that more do not help is {'contradicted' if more else 'not contradicted'}. {without}"
    ).rstrip()


def numbers_sentences(tier: str) -> str:
    """`numbers_sentence` of each backbone; those without other numbers in one sentence."""
    lacking = [backbone for backbone in BACKBONES if not beside_default(backbone, tier)]
    said = [numbers_sentence(b, tier) for b in BACKBONES if b not in lacking]
    if lacking:
        names = listed([title(NETWORKS[backbone].scheme) for backbone in lacking])
        said.append(f"{names}: no other numbers of clusters are recorded yet.")
    return "\n\n".join(said)


def best_sentence(tier: str) -> str:
    """The number with the highest accuracy, per backbone and seed."""
    found = by_backbone(load_all("qiu"), tier)
    if not found:
        return "No backbone has all numbers of clusters recorded yet."
    lists = {b: ", ".join(f"{n:g}" for n in found[b].values()) for b in BACKBONES if b in found}
    said = [f"{title(NETWORKS[backbone].scheme)} {text}" for backbone, text in lists.items()]
    return (
        f"The number of clusters with the highest accuracy, seed by seed: {'; '.join(said)}. One "
        f"of {len(NUMBERS)} values is always the largest; where seeds do not agree which, or there "
        "is only one, none is known to be best."
    )
