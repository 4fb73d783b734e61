"""What the live page says of its networks: how good they are, and from which records they come."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ferbook import paths
from ferbook.portable import scored
from ferbook.portable.networks import Portable, classifiers, landmark_net
from ferbook.portable.scored import MASKED, Answers
from ferbook.portable.weights import read
from ferbook.report import sources
from ferbook.report.book.typeset import signs
from ferbook.report.pages import table
from ferbook.study import evaluation
from ferbook.study.cards import open_card
from ferbook.study.distilled import FRAMED

SEES = {
    "landmark_net": "the face; says where its 68 landmarks are",
    "pixels": "the face",
    "landmarks": "the heatmap of the landmarks",
    "hybrid": "both",
}
CONDITIONS = {
    "plain": "uncovered",
    MASKED: "in a face mask",
    "occluded-mouth": "mouth covered",
    "occluded-eyes": "eyes covered",
    "occluded-brows": "brows covered",
}

LIMITS = """\
For showing how such networks behave, and for nothing that concerns a person: not for decisions, not
for saying what anybody feels ({doc}`/book/ethics`). Upright faces that look at the camera, grey, 48
pixels a side, framed as FER2013 frames them. Whoever is rare among its faces is named worse; by how
much was not measured. FER2013's pictures have terms of their own, and dlib's predictor, which
taught the landmarks, learnt from data whose licence excludes commercial use ({doc}`/book/data`).
"""


def nothing(why: str) -> str:
    said = f"The networks of this page cannot run in this copy of the book: {why}."
    return f":::{{note}}\n{said}\n:::\n\n"


def page() -> str:
    """Markdown; `InputError` where a network is not recorded."""
    finder, others = landmark_net(), classifiers()
    sources.forget()
    said = "\n".join(
        [
            "## Which network holds, on all faces\n",
            held(scored.load(), others),
            "## Model card\n",
            networks([finder, *others]),
            epochs(others),
            "### The landmarks\n",
            landmarks(finder),
            "### Limits\n",
            LIMITS,
        ]
    )
    return f"{signs(said)}\n{sources.html()}\n"


def held(answers: Answers | None, others: list[Portable]) -> str:
    """A row a condition: what share of the test faces each network names as their labels do."""
    if answers is None:
        return (
            "Not recorded yet: `python -m ferbook.portable.scored` asks the networks about every"
            " face of the test part.\n"
        )
    truth = _truth(answers)
    names = _named(answers)
    rows = []
    for condition, words in CONDITIONS.items():
        right = answers.condition(condition) == truth
        rows.append([words, *(_share(one) for one in right)])
        _noted(rows[-1][1:], others, len(truth))
    said = (
        f"Accuracy on the {len(truth):,} faces of PrivateTest in %, with the 95 % interval for new"
        " images, by the networks that run above; landmarks are looked for on the face as it is"
        " shown. The covers are those of the study, not of this page: a mask as drawn in"
        " {doc}`/book/notebooks/qiu_s1_masks`, a black box over a region.\n"
    )
    return (
        f"{said}\n{table(('face', *names), rows)}\n{costs(answers, others)}\n{verdict(answers)}\n"
    )


def lost(answers: Answers) -> dict[str, dict[str, NDArray[np.int64]]]:
    """{cover: {network: (faces,)}}: 1 where it was right and no longer is, -1 where only now."""
    truth = _truth(answers)
    names = _named(answers)
    plain, *covers = ((name, answers.condition(name) == truth) for name in CONDITIONS)
    return {
        cover: {name: plain[1][i].astype(int) - right[i] for i, name in enumerate(names)}
        for cover, right in covers
    }


def costs(answers: Answers, others: list[Portable]) -> str:
    """A row a cover: points that each network loses by it, on the same faces."""
    found = lost(answers)
    rows = [
        [
            CONDITIONS[cover],
            *("{:.1f} [{:.1f}, {:.1f}]".format(*_points(one)) for one in each.values()),
        ]
        for cover, each in found.items()
    ]
    for row in rows:
        _noted(row[1:], others, len(answers.rows))
    heads = ("points lost", *next(iter(found.values())))
    return table(heads, rows)


def verdict(answers: Answers) -> str:
    """Which network loses least, and which of pixels and hybrid, paired over faces."""
    found = lost(answers)
    least = [min(each, key=lambda name, each=each: each[name].mean()) for each in found.values()]  # type: ignore[misc]
    same = len(set(least)) == 1
    if same:
        said = (
            f"**{least[0].capitalize()} lose least under every cover**{_start(answers, least[0])}."
        )
    else:
        said = "Least of all loses: " + ", ".join(
            f"{CONDITIONS[cover]}, {name}" for cover, name in zip(found, least, strict=True)
        )
        said += "."
    apart = []
    for cover, each in found.items():
        mean, low, high = _points(each["pixels"] - each["hybrid"])
        end = "open" if low <= 0 <= high else f"{'hybrid' if mean > 0 else 'pixels'} holds better"
        apart.append(f"{CONDITIONS[cover]} {mean:+.1f} [{low:+.1f}, {high:+.1f}], {end}")
    return (
        f"{said} What pixels lose more than the hybrid, in points: {'; '.join(apart)}. One training"
        " each: nothing is said of another seed, for which see"
        " {doc}`/book/notebooks/chew_s5_occlusion`.\n"
    )


def _start(answers: Answers, network: str) -> str:
    """What is to be said beside its losses: that there was less to lose."""
    right = (answers.condition("plain") == _truth(answers)).mean(axis=1)
    names = _named(answers)
    return ", from a lower start" if right[names.index(network)] < right.max() else ""


def _noted(texts: list[str], others: list[Portable], images: int) -> None:
    """Each text stands on the run of its network."""
    for text, one in zip(texts, others, strict=True):
        config = one.record["config"]
        run = (f"{config['paper']}/{config['experiment']}", config["variant"])
        sources.note(text, [run], config["tier"], [config["seed"]], images)


def _points(each: NDArray[np.int64]) -> tuple[float, float, float]:
    """Mean over faces and its 95 % interval, in points."""
    mean, half = 100 * each.mean(), 196 * each.std() / len(each) ** 0.5
    return mean, mean - half, mean + half


def networks(found: list[Portable]) -> str:
    """What each network is, and the seal of the record that it comes from."""
    rows = [(one.name, SEES[one.name], f"{_count(one):,}", f"`{one.digest[:12]}`") for one in found]
    return table(("network", "sees", "weights", "record"), rows) + (
        "\nWeights are kept in half precision and computed with in single. They are in"
        " `results/live/` and `results/chew/live-fer2013_*` of the repository as safetensors; all"
        ' four as one graph: <a href="../_static/live/graph.onnx" download>graph.onnx</a>. `record`'
        " begins the seal of the run's record, which names the digest of the weights.\n"
    )


def epochs(found: list[Portable]) -> str:
    """How the three classifiers were trained."""
    config = found[0].record["config"]
    recipe = config["recipe"]
    reduced = config.get("reduced", {})
    of = f" of {reduced['epochs']}" if "epochs" in reduced else ""
    return (
        f"The three that name emotions were trained for {recipe['epochs']}{of} epochs by recipe"
        f" `{recipe['name']}`, which is ours, on dlib's landmarks; seed {config['seed']}, epoch"
        " chosen on PublicTest.\n"
    )


def landmarks(finder: Portable) -> str:
    """How far the pupil is from dlib, beside how far dlib is from itself."""
    errors = finder.record["errors"]
    words = {
        "plain": "`landmark_net` against dlib",
        "jittered": "the same, crops moved and scaled by up to "
        f"{100 * finder.record['plan']['jitter']:.0f} %",
        "mirror": "dlib against itself on the mirrored face",
    }
    rows = [
        (said, *(f"{100 * errors[name][key]:.1f}" for key in ("mean", "median", "p95")))
        for name, said in words.items()
    ]
    return (
        "dlib cannot run in a browser, so a small network was taught its 68 points on FER2013."
        " Distance of a landmark from dlib's, in % of that between the outer corners of the eyes,"
        f" over {errors['faces']:,} faces of PrivateTest, those that dlib's detector finds about"
        f" where the picture is framed (box and picture overlap by {100 * FRAMED:.0f} % or more of"
        " what they cover together); what it finds elsewhere is taken for a false alarm:\n\n"
        + table(("", "mean", "median", "95th percentile"), rows)
        + "\nThe last row is for scale: so much dlib's own points move when a face is mirrored,"
        f" over the {errors['mirror']['faces']:,} of these faces that it finds mirrored, too.\n"
    )


def _named(answers: Answers) -> list[str]:
    """The networks that name emotions, in the order of the recorded answers."""
    return [name for name in answers.about["networks"] if name != "landmark_net"]


def _truth(answers: Answers) -> NDArray[np.uint8]:
    about = answers.about["dataset"]
    card = open_card(paths.results() / "datasets", about["name"], about["fingerprint"])
    return card.labels[answers.rows]


def _share(right: NDArray[np.bool_]) -> str:
    found = evaluation.seed_interval(np.array([right.mean()]), len(right))
    return f"{100 * found.mean:.1f} [{100 * found.low:.1f}, {100 * found.high:.1f}]"


def _count(one: Portable) -> int:
    return sum(values.size for values in read(one.file).values())
