"""Qiu's Tables 1 to 3 from records, each cell beside the printed one, and the scheme's controls.

Differences are in points, on the same images, seed by seed; their 95 % intervals hold seeds and
images (`report.effects`). With one seed they hold the images alone, and answer nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from ferbook.emotions import EMOTIONS
from ferbook.report import sources
from ferbook.report.effects import Scored, Term, right_by_seed
from ferbook.report.printed import printed
from ferbook.report.qiu import mask_losses as losses
from ferbook.report.qiu.best_clusters import NUMBERS, experiment_and_variant
from ferbook.report.qiu.networks import NETWORKS, apart, printed_text, runs, term, title
from ferbook.report.tables import confusion_of, interval_text
from ferbook.study import evaluation as ev

#: The columns of Tables 1 and 3, in the paper's order.
COLUMNS = ("angry", "happy", "sad", "neutral", "surprise", "disgust", "fear")
assert set(COLUMNS) == set(EMOTIONS)


def masks(baseline: str, tier: str) -> pd.DataFrame:
    """Table 1 of one network, a row an emotion: recall in a face mask minus recall without.

    Of an emotion that the network never answers there is no change to speak of.
    """
    said, rows = printed(f"qiu/table1/{baseline}"), {}
    never = losses.unnamed(losses.by_seed(baseline, tier))
    for name in (*COLUMNS, None):
        found = apart(term(baseline, "masked"), term(baseline), tier, name)
        plain = accuracy(baseline, "plain", tier, name)
        rows[name or "all"] = {
            "printed": f"{said[name]:+g}" if name in said else "–",
            "points": "never answered" if name in never else str(found),
            # points by a fraction of 1: per cent; nothing where none was right to begin with
            "of what it was": f"{found.mean / plain.mean:+.0f} %" if plain.mean > 0 else "–",
            "without mask": interval_text(plain) if plain.runs else "–",
            "images": f"{found.images:,}",
        }
    head = NETWORKS[baseline].title
    return sources.of(pd.DataFrame(rows).T.rename_axis(columns=head), runs(baseline, tier))


def accuracy(
    variant: str,
    view: str = "plain",
    tier: str = "short",
    emotion: str | None = None,
    part: str = "test",
) -> ev.Summary:
    """Accuracy over seeds, of all test images or those of one emotion; NaN without runs."""
    return level(replace(term(variant, view, emotion), part=part), tier)


def level(of: Term, tier: str) -> ev.Summary:
    """Accuracy of a term over seeds; NaN without runs."""
    scored = right_by_seed(of, tier)
    found = over_seeds(scored)
    if scored:
        images = len(next(iter(scored.values()))[0])
        sources.note(interval_text(found), [(of.experiment, of.variant)], tier, scored, images)
    return found


def over_seeds(scored: Mapping[int, Scored]) -> ev.Summary:
    """Accuracy over seeds of {seed: what is right of the same images}; NaN without any."""
    if not scored:
        return ev.Summary(np.nan, 0, np.nan, np.nan)
    shares = np.array([right.mean() for _, right, _ in scored.values()])
    return ev.seed_interval(shares, len(next(iter(scored.values()))[0]))


def macro_f1(variant: str, tier: str, view: str = "plain") -> ev.Summary:
    """Macro F1 over seeds; its interval holds the seeds alone, and none is given for one."""
    scores = [ev.macro_f1(confusion_of(record, "test", view)) for record in runs(variant, tier)]
    return ev.seed_interval(np.array(scores)) if scores else ev.Summary(np.nan, 0, np.nan, np.nan)


def performance(tier: str) -> pd.DataFrame:
    """Tables 2.1 and 2.2: accuracy in per cent and F1, without and with the scheme."""
    rows, own = {}, {}
    for network in NETWORKS.values():
        for variant in (network.baseline, network.scheme):
            own[title(variant)] = runs(variant, tier)
            said = printed_text(f"qiu/table2/{variant}")
            share, f1 = accuracy(variant, tier=tier), macro_f1(variant, tier)
            rows[title(variant)] = {
                "printed": said.get("accuracy", "–"),
                "accuracy": interval_text(share) if share.runs else "–",
                "printed F1": said.get("f1", "–"),
                "F1": _f1_text(f1),
                "seeds": str(share.runs),
            }
    return sources.of(pd.DataFrame(rows).T, own)


def _f1_text(f1: ev.Summary) -> str:
    if not f1.runs:
        return "–"
    low, high = max(f1.low, 0.0), min(f1.high, 1.0)
    ends = f" [{low:.3f}, {high:.3f}]" if low < high else ""
    return f"{f1.mean:.3f}{ends}"


#: What else a run was scored on: {column: part, view}.
SCORED = {
    "PublicTest": ("validation", "plain"),
    "PublicTest, ten crops": ("validation", "tencrop"),
    "PrivateTest": ("test", "plain"),
    "PrivateTest, ten crops": ("test", "tencrop"),
}


def parts(tier: str) -> pd.DataFrame:
    """Accuracy of every network on both test parts, with one crop and the mean of ten."""
    rows = {}
    for network in NETWORKS.values():
        for variant in (network.baseline, network.scheme):
            levels = {
                name: accuracy(variant, view, tier, part=part)
                for name, (part, view) in SCORED.items()
            }
            if any(found.runs for found in levels.values()):
                rows[title(variant)] = {
                    name: interval_text(found) if found.runs else "–"
                    for name, found in levels.items()
                }
    return pd.DataFrame(rows).T


def gains(tier: str, view: str = "plain") -> pd.DataFrame:
    """What the scheme adds to each network, and CBAM alone; points on the same images."""
    rows, own = {}, {}
    for network in NETWORKS.values():
        own[network.title] = [*runs(network.baseline, tier), *runs(network.scheme, tier)]
        base = term(network.baseline, view)
        scheme = apart(term(network.scheme, view), base, tier)
        alone = apart(term(network.attention, view), base, tier) if network.attention else None
        p = largest_p(network.scheme, network.baseline, tier, view)
        rows[network.title] = {
            "scheme": str(scheme),
            "largest p": f"{p:.2g}" if scheme.seeds else "–",
            "attention alone": "–" if alone is None else str(alone),
            "seeds": str(scheme.seeds),
        }
    return sources.of(pd.DataFrame(rows).T, own)


def largest_p(first: str, second: str, tier: str, view: str = "plain") -> float:
    """McNemar's exact p of the least convincing pair of runs of two variants of one seed."""
    sides = [right_by_seed(term(variant, view), tier) for variant in (first, second)]
    both = set(sides[0]) & set(sides[1])
    pairs = [[side[seed][1].astype(bool) for side in sides] for seed in both]
    return max((ev.mcnemar(*pair) for pair in pairs), default=float("nan"))


def classes(baseline: str, tier: str) -> pd.DataFrame:
    """Table 3 of one network, a row an emotion: recall with the scheme minus recall without."""
    network = NETWORKS[baseline]
    said, rows = printed(f"qiu/table3/{baseline}"), {}
    for name in (*COLUMNS, None):
        found = apart(term(network.scheme), term(network.baseline), tier, name)
        masked = apart(term(network.scheme, "masked"), term(network.baseline, "masked"), tier, name)
        rows[name or "all"] = {
            "printed": f"{said[name]:+g}" if name in said else "–",
            "points": str(found),
            "in face masks": str(masked),
            "images": f"{found.images:,}",
        }
    return pd.DataFrame(rows).T


def class_f1(tier: str, view: str = "masked") -> pd.DataFrame:
    """F1 of each emotion, a row a network without and with the scheme; the mean over seeds, a dash
    where an emotion was neither shown nor named."""
    rows, own = {}, {}
    for network in NETWORKS.values():
        for variant in (network.baseline, network.scheme):
            found = [r for r in runs(variant, tier) if view in r.views("test")]
            if not found:
                continue
            own[title(variant)] = found
            names = found[0].card.emotions
            values = np.mean([ev.f1(confusion_of(r, "test", view)) for r in found], axis=0)
            each = dict(zip(names, values, strict=True))
            rows[title(variant)] = {name: f"{each[name]:.2f}" for name in COLUMNS}
    return sources.of(pd.DataFrame(rows).T, own)


def class_changes(tier: str) -> pd.DataFrame:
    """Table 3 whole, a row an emotion, a column a network: "printed / ours", without intervals."""
    columns = {}
    for network in NETWORKS.values():
        said = printed(f"qiu/table3/{network.baseline}")
        ours = {
            name: apart(term(network.scheme), term(network.baseline), tier, name)
            for name in COLUMNS
        }
        columns[network.title] = {
            name: f"{f'{said[name]:+g}' if name in said else '–'} / "
            f"{f'{found.mean:+.1f}' if found.seeds else '–'}"
            for name, found in ours.items()
        }
    return pd.DataFrame(columns)


def cluster_numbers(backbone: str, tier: str) -> pd.DataFrame:
    """Figure 5: clusters, accuracy and its interval in per cent, seeds; a row a recorded number."""
    rows = []
    for count in NUMBERS:
        found = level(number_term(backbone, count), tier)
        if found.runs:
            rows.append((count, 100 * found.mean, 100 * found.low, 100 * found.high, found.runs))
    return pd.DataFrame(rows, columns=["clusters", "accuracy", "low", "high", "seeds"])


def number_term(backbone: str, count: int) -> Term:
    """Accuracy of a backbone by the scheme with so many clusters."""
    experiment, variant = experiment_and_variant(backbone, count)
    return Term(f"qiu/{experiment}", variant)
