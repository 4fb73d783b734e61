"""Claims of the paper that none of its printed numbers decides: what the runs say, and where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ferbook.report import speed
from ferbook.report.pages import table
from ferbook.report.qiu import (
    cluster_verdicts,
    clusters,
    controls,
    overhead,
    saliency,
    saliency_claims,
)
from ferbook.report.qiu import mask_tables as masks
from ferbook.report.qiu import mask_verdicts as masked
from ferbook.report.qiu import performance_verdicts as verdicts
from ferbook.report.qiu import saliency_verdicts as looks
from ferbook.report.qiu.answers import brief, tally
from ferbook.report.qiu.best_clusters import BACKBONES, DEFAULT
from ferbook.report.qiu.networks import NETWORKS, paper, title
from ferbook.report.qiu.scheme_words import FEASIBLE

HEAD = ("claim", "ours", "page")
MASKS, SCHEME, PERFORMANCE, CLUSTERS, LOOKS = (
    f"{{doc}}`{words} </book/notebooks/{name}>`"
    for words, name in (
        ("masks", "qiu_s1_masks"),
        ("the scheme", "qiu_s3_scheme"),
        ("performance", "qiu_s52_performance"),
        ("clusters", "qiu_s51_clusters"),
        ("saliency", "qiu_s52_saliency"),
    )
)


def section(tier: str) -> str:
    """Markdown: a heading and the table of `rows`."""
    said = (
        "Claims on controls, masks, clusters, costs and saliency, as the pages answer them. "
        "*Leans* and *no answer* are of one seed, by an interval over images alone.\n"
    )
    return f"\n## What no printed number decides\n\n{said}\n{table(HEAD, rows(tier))}"


def rows(tier: str) -> list[tuple[str, str, str]]:
    """(quotation and its place, what the runs say, link to the page), in the paper's order."""
    networks = masked.read(tier)
    recalls, f1 = masked.changes(networks), masked.changes(networks, "f1")
    looked = list(_looked(tier))
    occluded = "particularly when dealing with occluded facial regions"
    return [
        ("“by emphasizing regional features over holistic ones” (abstract)",
         controls.controls(tier), PERFORMANCE),
        ("“The accuracy and F1 scores for each emotion class decreased” (section 1), the F1",
         masked.every_sentence(f1, "F1"), MASKS),
        ("“masking the mouth allowed the model to extract better information relevant to the "
         "emotion of sad” (section 1)", masks.gained_sentence(recalls, f1), MASKS),
        *((said, answer, LOOKS) for said, answer, place in looked if place == "section 1"),
        ("“it's unfeasible to perform clustering for each image” (section 3)",
         each_image(), SCHEME),
        ("“Given its lightweight nature” (section 5)", overhead.sentence(tier), PERFORMANCE),
        ("“two clusters focusing on the eyes and one on the mouth and nose region” (section 5.1)",
         clusters.networks_sentence(tier), CLUSTERS),
        ("“The highest performing models aligned with three clusters” (section 5.1)",
         _joined(cluster_verdicts.numbers_sentences(tier)), CLUSTERS),
        ("“Increasing the number of clusters ... did not consistently enhance accuracy, and, in "
         "some instances, led to a decrease” (section 5.1)", more_clusters(tier), CLUSTERS),
        *((said, answer, LOOKS) for said, answer, place in looked if place != "section 1"),
        (f"“{occluded}” (section 6)", verdicts.occluded(tier), PERFORMANCE),
    ]  # fmt: skip


def _joined(paragraphs: str) -> str:
    return paragraphs.replace("\n\n", "<br>")


def _looked(tier: str) -> Iterator[tuple[str, str, str]]:
    """(quotation, answer, place) of each reading of the saliency maps, however many comparisons:
    by the gradient, then by the other methods."""
    found = {method: looks.read(tier, method) for method in saliency.METHODS}
    groups: dict[str, list[saliency_claims.Claim]] = {}
    for claim in saliency_claims.CLAIMS:
        groups.setdefault(claim.words, []).append(claim)
    for words, claims in groups.items():
        effects = {
            method: [looks.measured(claim, each) for claim in claims]
            for method, each in found.items()
        }
        answers = {
            saliency.METHODS[method]: tally(
                [brief(looks.statement(c, e)) for c, e in zip(claims, each, strict=True)]
            )
            for method, each in effects.items()
            if method == "gradient" or any(effect.seeds for effect in each)
        }
        (_, answer), *others = answers.items()
        first = claims[0]
        values = "; ".join(str(effect) for effect in effects["gradient"] if effect.seeds)
        taken = f", {first.setting}" if len(claims) == 1 and first.setting else ""
        said = f"“{words}” ({first.place}; {first.region}, {looks.faces_of(first.emotion)}{taken})"
        more = f": {values} points of saliency" if values else ""
        by = "".join(f" By {method}: {other}." for method, other in others)
        yield said, f"**{answer}**{more}.{by}", first.place


def each_image(device: str = "cpu") -> str:
    """How long k-means of every training image by itself takes, at the measured rate."""
    measured = [row for row in speed.rows(device) if row["name"] == "kmeans"]
    number = paper().by_id["qiu/dataset/train-images"].reported
    if not measured or number is None or number.value is None:
        return "Not measured here yet."
    seconds = speed.spent(measured[0])
    feasible = number.value * seconds < FEASIBLE
    threads = measured[0]["hardware"]["threads"]
    return (
        f"Measured ({measured[0]['what']}; {threads} threads): {1000 * seconds:.2f} ms an image, "
        f"so **{number.value * seconds:,.1f} s** for k-means of each of the {number.value:,.0f} "
        f"training images by itself. {'That is feasible' if feasible else 'That is much'}."
    )


def more_clusters(tier: str) -> str:
    """How networks with more than three clusters stand beside those with three."""
    said = []
    for backbone in BACKBONES:
        found = {
            n: e for n, e in cluster_verdicts.beside_default(backbone, tier).items() if n > DEFAULT
        }
        signs = Counter(effect.sign for effect in found.values())
        parts = [
            f"{signs[sign]} {word}"
            for sign, word in ((1, "ahead"), (-1, "behind"), (0, "not told apart"))
            if signs[sign]
        ]
        if parts:
            name = title(NETWORKS[backbone].scheme)
            seeds = min(effect.seeds for effect in found.values())
            only = ", by intervals over images alone" if seeds < 2 else ""
            said.append(
                f"{name}: of {len(found)} numbers above {DEFAULT}, beside {DEFAULT} clusters "
                f"{', '.join(parts)}{only}."
            )
    return " ".join(said) or "No other numbers of clusters are recorded yet."
