"""Pages written by machine, the digests that decide when to write them again, and MathJax."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from ferbook.report import mathjax, pipeline
from ferbook.report.chew.summary import less_trained
from ferbook.report.compare import Outcome
from ferbook.report.pages import status_page, table, verify_page
from ferbook.report.verdict import VERDICTS


def outcome(**changes: object) -> Outcome:
    given = {
        "id": "chew/table/fer2013/happy",
        "paper": "chew",
        "where": "Section 5, table | row Happiness",
        "protocol": "fer2013-recall",
        "reported": {"value": 89.0, "comparator": "=", "decimals": 0},
        "unit": "percent",
        "measured": 80.25,
        "ci95": (78.04, 82.46),
        "runs": 5,
        "tier": "paper",
        "verdict": "not reproduced",
        "reason": "off by 8.8",
        "assumptions": ["A1", "A9"],
    }
    return Outcome(**{**given, **changes})  # type: ignore[arg-type]


def test_a_bar_in_a_cell_does_not_end_it() -> None:
    assert table(("a", "b"), [("x | y", 3)]) == "| a | b |\n| --- | --- |\n| x \\| y | 3 |\n"


def test_the_page_of_verdicts_counts_and_shows_every_row() -> None:
    blank = outcome(
        id="chew/table/fer2013/sad",
        reported=None,
        measured=None,
        ci95=None,
        runs=0,
        tier=None,
        verdict="not reported",
        reason="blank in the paper",
        assumptions=["A1"],
    )
    claim = {"id": "h1", "text": "fusion helps", "where": "Section 5", "printed": True}
    claim |= {"measured": None, "printed_only": False, "because": "ckplus: hybrid 88.3"}
    claim |= {"lean": None, "read_as": None, "paper": "chew"}
    own = {**claim, "id": "agrees", "printed_only": True, "because": ""}
    one = {**claim, "id": "h2", "lean": "leans for", "read_as": "on some dataset"}
    other = {**claim, "id": "h3", "paper": "qiu"}
    page = verify_page([outcome(), blank], [claim, own, one, other])
    lines = page.splitlines()
    assert "| {bdg-danger}`not reproduced` | 1 |" in lines
    assert "| {bdg-muted-line}`not reported` | 1 |" in lines
    said = "fusion helps<br>Section 5: **h1** | holds<br>ckplus: hybrid 88.3 | open |"
    assert f"| {said}" in lines
    assert "| fusion helps<br>Section 5: **agrees** | holds | – |" in lines
    said = "fusion helps<br>Section 5: read as: *on some dataset*; **h2** | holds<br>ckplus: hybrid"
    assert f"| {said} 88.3 | leans for |" in lines
    # which paper says so stands above
    chew, qiu = lines.index("### Chew"), lines.index("### Qiu")
    assert lines.index(next(line for line in lines if "**h2**" in line)) in range(chew, qiu)
    assert qiu < lines.index(next(line for line in lines if "**h3**" in line))
    assert "### " not in verify_page([outcome()], [claim])  # of one paper that is known
    assert "## Chew: table" in lines
    # A1 is common to both rows and stands above the table, A9 beside its row
    assert "All rest on [A1](#A1)." in lines
    happy = next(line for line in lines if "fer2013/happy" in line)
    assert "| 89% | 80.2%<br>78.0 to 82.5<br>5 paper |" in happy
    assert "`not reproduced` off by 8.8<br>[A9](#A9)" in happy
    assert "row Happiness" in happy and "table \\| row" in happy
    sad = next(line for line in lines if "fer2013/sad" in line)
    assert "| – |  | {bdg-muted-line}`not reported` blank in the paper |" in sad


def test_a_long_reason_of_several_rows_is_said_once_above_their_table() -> None:
    long = "no run at the paper tier, 3 seeds at the short tier (epochs 10 instead of 50)"
    rows = [outcome(id=f"chew/table/x/{n}", reason=long, assumptions=[]) for n in (1, 2)]
    page = verify_page([*rows, outcome(id="chew/table/x/3", assumptions=[])], [])
    lines = page.splitlines()
    assert page.count(long) == 1 and f"- **a**: {long}" in lines
    assert sum(line.endswith("{bdg-danger}`not reproduced` a |") for line in lines) == 2
    assert "off by 8.8 |" in page
    assert page.index(f"**a**: {long}") < page.index(":::{container} numbers") < page.index("x/1")


def test_hypotheses_of_shorter_runs_are_said_to_lean() -> None:
    def run(epochs: int, reduced: dict[str, int]) -> SimpleNamespace:
        return SimpleNamespace(config={"recipe": {"epochs": epochs}, "reduced": reduced})

    (said,) = less_trained([run(10, {"epochs": 50}), run(30, {"epochs": 50})])  # type: ignore[list-item]
    assert (
        "the paper's (10 to 30 of 50 epochs): a statement that holds or fails of them only" in said
    )
    assert less_trained([run(50, {})]) == []  # type: ignore[list-item]


def test_the_page_states_the_rule_of_the_code() -> None:
    page = verify_page([outcome()], [])
    assert "whichever is larger" in page and "√( s² (1 + 1/k)" in page


def test_every_verdict_has_a_badge() -> None:
    for verdict in VERDICTS:
        assert f"`{verdict}`" in verify_page([outcome(verdict=verdict)], [])


def test_the_status_page_gives_versions_seconds_and_hardware(tmp_path: Path) -> None:
    executed = tmp_path / "chew_s41_datasets.ipynb"
    executed.write_text(json.dumps({"metadata": {"papermill": {"duration": 4.26}}}))
    config = {"paper": "chew", "experiment": "ablation", "variant": "hybrid", "tier": "short"}
    records = [
        SimpleNamespace(
            config=config,
            data={
                "hardware": {"device": "cpu", "processor": "a processor", "threads": 2},
                "versions": {"torch": "2.15.0"},
                "seconds": seconds,
            },
        )
        for seconds in (100.0, 3000.0, 1500.0)
    ]
    lines = status_page(records, [executed]).splitlines()
    assert "| [chew_s41_datasets](notebooks/chew_s41_datasets.ipynb) | 4.3 |" in lines
    # the median of 100, 1500 and 3000
    assert (
        "| chew/ablation/hybrid | short | 3 | 1,500 | a processor, threads: 2; torch 2.15.0 |"
        in lines
    )
    # 2 x 4,600 s are 2.56 hours
    assert "- Chew, tier short: 3 runs, 2.6 core-hours of training" in lines
    assert "| torch | missing |" not in lines
    assert any(line.startswith("| torch | 2.") for line in lines)
    assert "No runs are recorded yet." in status_page([], [])


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for paper in ("chew", "qiu"):
        (tmp_path / "results" / paper / "run").mkdir(parents=True)
        (tmp_path / "results" / paper / "run" / "record.json").write_text("{}")
        for folder in ("reported", "experiments"):
            (tmp_path / folder).mkdir(exist_ok=True)
            (tmp_path / folder / f"{paper}.yaml").write_text("{}")
    monkeypatch.setenv("FERBOOK_ROOT", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("file", "notebook", "changes"),
    [
        ("results/chew/run/record.json", "chew_s5_ablation", True),
        ("results/qiu/run/record.json", "chew_s5_ablation", False),
        ("results/datasets/fer2013/card.json", "chew_s5_ablation", True),
        # a demonstration on drawn faces shows on its own page only, while that is run
        ("results/chew/demo_hybrid_short_s0/record.json", "chew_s5_ablation", False),
        ("results/datasets/synthetic-1/card.json", "", False),
        ("reported/chew.yaml", "chew_s5_ablation", True),
        ("reported/qiu.yaml", "chew_s5_ablation", False),
        ("experiments/chew.yaml", "chew_s5_ablation", True),
        ("reported/qiu.yaml", "", True),
        ("reported/qiu.yaml", "both_papers", True),
    ],
)
def test_a_notebook_is_run_again_when_what_it_shows_changes(
    checkout: Path, file: str, notebook: str, changes: bool
) -> None:
    before = pipeline.study_digest(notebook)
    (checkout / file).parent.mkdir(parents=True, exist_ok=True)
    (checkout / file).write_text("[]")
    assert (pipeline.study_digest(notebook) != before) == changes


def test_prose_is_what_people_write(checkout: Path) -> None:
    for name in ("index.md", "static/custom.css", "generated/verify.md", "notebooks/a.ipynb"):
        (checkout / "book" / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / "book" / name).touch()
    assert pipeline.prose() == ["book/index.md", "book/static/custom.css"]


def test_mathjax_is_copied_or_its_absence_is_said(tmp_path: Path) -> None:
    package, target = tmp_path / "mathjax", tmp_path / "static" / "mathjax"
    assert not mathjax.install(package, target)
    assert "formulas stand as LaTeX" in (target / "tex-chtml.js").read_text()
    for name in ("tex-chtml.js", "input/tex/extensions/ams.js", "sre/big.js"):
        (package / "es5" / name).parent.mkdir(parents=True, exist_ok=True)
        (package / "es5" / name).write_text("the program")
    (package / "es5" / "output/chtml/fonts/woff-v2").mkdir(parents=True)
    assert mathjax.install(package, target)
    assert (target / "tex-chtml.js").read_text() == "the program"
    assert (target / "input/tex/extensions/ams.js").exists()
    assert not (target / "sre").exists()
