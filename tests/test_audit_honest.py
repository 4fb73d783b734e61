"""No false alarm on honest papers, and what is found of altered ones."""

from __future__ import annotations

import ast
import copy
import inspect
import json

import numpy as np
import pytest
from sklearn import metrics

from ferbook import paths
from ferbook.report.audit import honest, honest_draft
from ferbook.report.audit.honest import honest_paper
from ferbook.report.audit.reader import build
from ferbook.report.audit.run import audit
from ferbook.report.audit.simulate import (
    FIRST,
    KINDS,
    SEED,
    SIZES,
    altered,
    trial,
    wronged,
)

RECORD = paths.checkout() / "results" / "audit" / "simulation.json"


def test_the_maker_of_honest_papers_knows_nothing_of_the_checks():
    imported = {
        name
        for module in (honest, honest_draft)
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
    }
    ours = {name for name in imported if name and name.startswith("ferbook")}
    assert ours == {"ferbook.report.audit.honest_draft"}


def test_its_metrics_are_scikit_learns():
    rng = np.random.default_rng(0)
    truth, answers = rng.integers(0, 4, 300), rng.integers(0, 4, 300)
    draft = honest_draft.Draft(rng, list("abcd"), truth, {"net": [answers]}, 1, "ROUND_DOWN")
    for metric in ("recall", "precision", "f1"):
        function = getattr(metrics, f"{metric}_score")
        for average in (None, "macro", "weighted"):
            own = honest_draft.scores(draft, "net", metric, average)
            assert own == pytest.approx(function(truth, answers, average=average))
    own = honest_draft.accuracy(draft, "net")
    assert own == pytest.approx(100 * metrics.accuracy_score(truth, answers))


def test_what_is_printed_is_rounded_or_cut_off():
    rng = np.random.default_rng(0)
    draft = honest_draft.Draft(rng, [], np.zeros(0, dtype=np.int64), {}, 1, "ROUND_DOWN")
    assert draft.number(66.69) == {"value": 66.6, "decimals": 1}
    draft.rounding = "ROUND_HALF_EVEN"
    assert draft.number(66.69) == {"value": 66.7, "decimals": 1}


def test_honest_papers_are_of_every_kind():
    papers = [honest_paper(seed) for seed in range(60)]
    protocols = [p["protocols"]["accuracy"] for p in papers]
    assert {p["split"] for p in protocols} == {"official", "random-80-10-10"}
    assert {p["runs"] for p in protocols} == {1, 3}
    assert {row["reported"]["decimals"] for p in papers for row in p["rows"]} == {0, 1, 2, 3}
    assert {bool(p["ensembles"]) for p in papers} == {True, False}
    parts = {tuple(p["class_counts"]["data"]) for p in papers}
    assert parts == {("test",), ("all",), ("test", "validation", "train")}
    forms = {row["reported"].get("comparator", "=") for p in papers for row in p["rows"]}
    assert forms == {"=", ">", "<", "between"}
    scales = {protocol.get("scale") for p in papers for protocol in p["protocols"].values()}
    assert scales == {None, "points", "relative", "relative-drop"}
    families = {row["id"].split("/")[1] for p in papers for row in p["rows"]}
    assert {"averages", "some", "classes"} <= families
    kinds = {m["unit"] for p in papers for m in p["confusion_matrices"].values()}
    assert kinds == {"counts", "percent"}
    assert honest_paper(7) == honest_paper(7) != honest_paper(8)


def test_no_false_alarm_on_100_honest_papers():
    """At most 1 % may get an `impossible` or a `contradiction`."""
    found = wronged(range(SEED, SEED + 100))
    assert len(found) <= 1, found


@pytest.mark.slow
def test_no_false_alarm_on_1000_honest_papers():
    found = wronged(range(SEED, SEED + 1000))
    assert len(found) <= 10, found


def test_an_altered_cell_is_one_cell():
    content = honest_paper(3)
    before = copy.deepcopy(content)
    moved = altered(content, "overall", 3.0, 3)
    assert content == before and moved is not None
    pairs = list(zip(content["rows"], moved["rows"], strict=True))
    [(old, new)] = [(a, b) for a, b in pairs if a != b]
    assert abs(old["reported"]["value"] - new["reported"]["value"]) == pytest.approx(3.0)
    assert old["id"] == new["id"] and old["id"].startswith("made/overall/")


def test_an_altered_matrix_is_one_cell():
    seed = next(s for s in range(20) if honest_paper(s)["confusion_matrices"])
    content = honest_paper(seed)
    moved = altered(content, "matrix", 10.0, seed)
    assert moved is not None
    old, new = (np.array(p["confusion_matrices"]["net0"]["matrix"]) for p in (content, moved))
    assert (old != new).sum() == 1
    assert altered({**content, "confusion_matrices": {}}, "matrix", 10.0, seed) is None


def test_large_changes_of_class_figures_are_found():
    """A class figure moved by 10 points, in six papers."""
    trials = [trial(SEED + 1 + len(KINDS) * k) for k in range(6)]
    assert {each["kind"] for each in trials} == {"classes"}
    assert [each["outcomes"][SIZES.index(10.0)] for each in trials].count("serious") >= 4


def test_every_serious_finding_names_cells_that_are_there():
    for seed in range(8):
        content = altered(honest_paper(seed), "classes", 10.0, seed)
        for finding in audit(build(content)):
            known = {row["id"] for row in content["rows"]}
            known |= {f"confusion_matrices/{name}" for name in content["confusion_matrices"]}
            assert set(finding.cells) <= known
            assert finding.message and finding.arithmetic and "\n" not in finding.arithmetic


def test_the_recorded_simulation_is_what_the_code_gives():
    """The outcomes of its first papers are computed again; its rates add up."""
    record = json.loads(RECORD.read_text())
    assert record["seed"] == SEED and record["honest"]["papers"] == 1000
    assert len(record["honest"]["wronged"]) <= 10
    again = [trial(SEED + k) for k in range(FIRST)]
    assert [[each["kind"], *each["outcomes"]] for each in again] == record["first"]
    assert {str(each["seed"]) for each in again if each["serious"]} <= set(
        record["honest"]["wronged"]
    )
    for points in SIZES:
        column = {e["kind"]: e for e in record["altered"] if e["points"] == points}
        assert set(column) == {*KINDS, "any"}
        for field in ("papers", "serious", "suspicious"):
            assert sum(column[kind][field] for kind in KINDS) == column["any"][field]
        assert column["any"]["papers"] == 1000
