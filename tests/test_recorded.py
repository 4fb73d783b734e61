"""The committed records: valid, complete, and of the dataset that they say."""

import json
import subprocess
from collections import defaultdict

import numpy as np
import pytest

from ferbook import paths
from ferbook.report import tables
from ferbook.report.compare import outcomes
from ferbook.study import evaluation as ev
from ferbook.study import experiments, manifest
from ferbook.study.cards import cards
from ferbook.study.records import load_all


@pytest.fixture(scope="module")
def card():
    return tables.card_of("fer2013")


def test_the_card_agrees_with_the_published_counts(card):
    # angry, disgust, fear, happy, sad, surprise, neutral
    counts = {part: values.tolist() for part, values in card.counts().items()}
    assert counts == {
        "train": [3995, 436, 4097, 7215, 4830, 3171, 4965],
        "public": [467, 56, 496, 895, 653, 415, 607],
        "private": [491, 55, 528, 879, 594, 416, 626],
    }


def test_the_card_agrees_with_the_known_copies(card):
    copies = tables.duplicates(card)
    assert copies.drop("PublicTest images that are also in Training").to_dict() == {
        "images": 35_887,
        "distinct images": 34_034,
        "images with at least one exact copy": 3_369,
        "distinct images in more than one split": 557,
        "distinct images under two labels": 57,
        "PrivateTest images that are also in Training": 288,
    }


def test_the_detector_finds_nearly_nine_faces_in_ten(card):
    assert card.detected.mean() >= 0.88
    assert card.judgement["verdict"] in ("genuine", "recompressed")


def test_every_record_is_a_run_of_its_experiment():
    for record in load_all():
        config = record.config
        name = f"{config['paper']}/{config['experiment']}/{config['variant']}"
        seeds = range(config["seed"], config["seed"] + 1)
        planned = [run for run in experiments.runs(name, config["tier"], seeds)]
        match = [run for run in planned if run.name == record.folder.name]
        assert len(match) == 1, record.id
        # What the file says must be what was run: an experiment edited later would show here.
        assert json.loads(json.dumps(match[0].config())) == config, record.id


def test_records_were_scored_on_the_official_parts(card):
    for record in load_all("chew"):
        if record.config["split"] == "official" and record.data["dataset"]["name"] == "fer2013":
            assert record.card.fingerprint == card.fingerprint
            for part, code in (("validation", 1), ("test", 2)):
                rows = record.predictions(part).rows
                np.testing.assert_array_equal(rows, np.flatnonzero(card.split == code))


def test_each_network_ran_at_least_twice_by_the_papers_recipe():
    for variant in ("pixels", "landmarks", "hybrid"):
        assert len(tables.select("chew/ablation-fer2013", "short", [variant])) >= 2


def test_the_folds_of_a_seed_score_every_image_once():
    by_run = defaultdict(list)
    for record in load_all("chew"):
        c = record.config
        if c["fold"] is not None:
            by_run[c["experiment"], c["variant"], c["tier"], c["seed"]].append(record)
    whole = {key: folds for key, folds in by_run.items() if len(folds) == 10}
    assert ("subject-ckplus", "hybrid", "short", 0) in whole
    for key, folds in whole.items():
        card, rows = folds[0].card, np.concatenate([r.predictions().rows for r in folds])
        told_apart = folds[0].config.get("emotions") or card.emotions
        wanted = np.flatnonzero(np.isin(np.array(card.emotions)[card.labels], told_apart))
        np.testing.assert_array_equal(np.sort(rows), wanted, err_msg=str(key))
        if folds[0].config["split"] == "folds-10-subject":
            people = [set(card.subject[r.predictions().rows]) for r in folds]
            assert sum(map(len, people)) == len(set.union(*people)), key


def test_every_number_of_chew_is_measured_or_says_why_not():
    assert [o.id for o in outcomes("chew") if o.verdict == "not measured"] == []


def test_no_card_of_ckplus_holds_a_pixel():
    for card in cards(paths.results() / "datasets"):
        assert not (card.name.startswith("ckplus") and card.thumbnails)


def test_our_own_recipe_takes_pixels_above_60_per_cent():
    runs = tables.select("chew/tuned-fer2013", "short", ["pixels"])
    scores = [ev.accuracy(tables.confusion_of(record)) for record in runs]
    assert len(scores) >= 2 and min(scores) > 0.60


def test_the_manifest_lists_every_committed_file_as_it_is():
    root = paths.results()
    command = ["git", "ls-tree", "-r", "-z", "--name-only", "HEAD", "."]
    known = subprocess.run(command, cwd=root, capture_output=True, text=True).stdout.split("\0")
    apart = dict(manifest.differences(manifest.read(root), manifest.digests(root)))
    # A run may just have been recorded: what is not committed yet need not be listed.
    wrong = {name: how for name, how in apart.items() if how != "extra" or name in known}
    assert not wrong, "list what is new with: ferbook manifest"


def test_the_tree_of_results_stays_small():
    size = sum(file.stat().st_size for file in paths.results().rglob("*") if file.is_file())
    assert size < 10 * 2**20
