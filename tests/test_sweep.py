"""Sweeps: ranges and lists name values, the Snakefile runs a job for each, an index shows them."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ferbook.errors import InputError
from ferbook.report import sweep, sweep_index
from ferbook.report.parameters import parse
from ferbook.report.ranges import LIMIT, combinations
from ferbook.report.sweep_progress import Progress

ROOT = Path(__file__).parents[1]
CELL = """\
sigma: float = 1.5  # px, width; 0.3 to 6
seeds: int = 3  # networks; -5 to 2000
runs: str = "recorded"  # where from; one of: recorded, train
live: bool = True  # also on drawn faces
sizes: list[int] = [1, 2]  # px; 1 to 6
file: str = ""  # to read
"""
KNOWN = parse(CELL, "small.py")


def values(*pairs: str) -> list[dict[str, object]] | None:
    return combinations(pairs, KNOWN, "small.py")


def test_one_value_each_is_no_sweep() -> None:
    assert values("sigma=2", "seeds=4", "sizes=1,2,3", "file=../a,b.yaml") is None
    assert values() is None


def test_every_combination_in_the_order_of_the_notebook() -> None:
    assert values("seeds=2..3", "live=true,false", "sigma=1") == [
        {"sigma": 1.0, "seeds": 2, "live": True},
        {"sigma": 1.0, "seeds": 2, "live": False},
        {"sigma": 1.0, "seeds": 3, "live": True},
        {"sigma": 1.0, "seeds": 3, "live": False},
    ]


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ("seeds=1,3,5", [1, 3, 5]),
        ("seeds=1,4..6", [1, 4, 5, 6]),
        ("seeds=-1..1", [-1, 0, 1]),
        ("seeds=4..4", [4]),
        ("seeds=1..6..2", [1, 3, 5]),  # 7 would lie beyond the end
        # in binary floats 0.5 + 3 * 0.1 is 0.8000000000000000444, and a fourth step might be lost
        ("sigma=0.5..0.9..0.1", [0.5, 0.6, 0.7, 0.8, 0.9]),
        ("sigma=1,2.5", [1.0, 2.5]),
        ("runs=recorded,train", ["recorded", "train"]),
    ],
)
def test_what_ranges_and_lists_name(pair: str, expected: list[object]) -> None:
    found = values(pair)
    assert found is not None
    assert [list(one.values()) for one in found] == [[value] for value in expected]


@settings(deadline=None)  # it says nothing about time
@given(st.integers(-5, 2000), st.integers(0, 400), st.integers(1, 50))
def test_a_range_of_whole_numbers_is_pythons_with_its_end(low: int, more: int, step: int) -> None:
    high = min(low + more, 2000)
    found = values(f"seeds={low}..{high}..{step}")
    assert found == [{"seeds": value} for value in range(low, high + 1, step)]


@pytest.mark.parametrize(
    ("pair", "says"),
    [
        ("seeds=2..x", "expected int, -5 to 2000"),
        ("seeds=..3", "expected int, -5 to 2000"),
        ("seeds=2..3.5", "expected int, -5 to 2000"),
        ("seeds=1,,3", "expected int, -5 to 2000"),
        ("seeds=2..2001", "expected int, -5 to 2000"),
        ("seeds=8..2", "it runs downwards; expected 2..8"),
        ("seeds=2..8..0", "its step is 0; expected one above 0"),
        ("seeds=2..8..0.5", "expected a range such as 2..8, its step a whole number"),
        ("seeds=1..2..3..4", "expected a range such as 2..8"),
        ("seeds=1,2,1", "each value once"),
        ("seeds=0..2000", "these are 2,001 values; at most 500 are run at once"),
        ("seeds=8..2..3", "it runs downwards; expected 2..8..3"),
        # a quarter of 3 - 1; of a range of one value any step will do
        ("sigma=1..3", "a range of floats has a step; expected such as 1..3..0.5"),
        ("sigma=3..1", "a range of floats has a step; expected such as 1..3..0.5"),
        ("sigma=2..2", "a range of floats has a step; expected such as 2..2..1"),
        ("sigma=2..1..0.5", "it runs downwards; expected 1..2..0.5"),
        ("sigma=1..2..0.5..3", "expected a range such as 0.5..3..0.5"),
        ("sigma=1..3..nan", "its step is NaN; expected one above 0"),
        ("sigma=1..inf..1", "expected float, 0.3 to 6"),
        ("sigma=0..3..1", "expected float, 0.3 to 6"),
        ("runs=2..8", "a range is of numbers; expected str, one of recorded, train"),
        ("runs=recorded,all", "expected str, one of recorded, train"),
        ("live=true..false", "a range is of numbers; expected bool"),
        ("sizes=1..3", "it takes a list, 1,2,3, and is not varied"),
        ("file=2..8", "a range is of numbers; expected str"),
    ],
)
def test_a_bad_range_is_one_line(pair: str, says: str) -> None:
    name, _, text = pair.partition("=")
    with pytest.raises(InputError) as caught:
        values(pair)
    assert str(caught.value) == f"small.py: {name} is {text!r}; {says}"


@pytest.mark.parametrize("pair", ["seeds=8..2", "seeds=8..2..3", "sigma=3..1", "sigma=2..1..0.5"])
def test_the_range_that_an_error_advises_is_taken(pair: str) -> None:
    with pytest.raises(InputError) as caught:
        values(pair)
    advised = str(caught.value).split()[-1]
    assert values(f"{pair.partition('=')[0]}={advised}")


def test_too_many_combinations_and_unknown_names_are_refused() -> None:
    assert LIMIT < 30 * 17
    with pytest.raises(InputError, match="510 combinations; at most 500"):
        values("seeds=1..30", "sigma=1..5..0.25")  # 4 / 0.25 + 1 = 17
    with pytest.raises(InputError, match="no parameter seed;"):
        values("seed=1..3", "seeds=1..3")


def test_a_file_is_named_by_its_parameters() -> None:
    assert (
        sweep.job_name({"clusters": 2, "lam": 1.5, "live": True}) == "clusters=2_lam=1.5_live=true"
    )
    assert sweep.job_name({"file": "../a b/c.yaml"}) == "file=..-a-b-c.yaml"
    long = [sweep.job_name({"file": "x" * 300 + end}) for end in "ab"]
    assert long[0] != long[1]
    assert all(len(name) < 200 for name in long)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with the real Snakefile and a notebook that fails where there is no `four`."""
    for folder in ("notebooks", "reported", "experiments", "results", "here"):
        (tmp_path / folder).mkdir()
    (tmp_path / "Snakefile").symlink_to(ROOT / "Snakefile")
    (tmp_path / "notebooks" / "small.py").write_text(
        f'# %% tags=["parameters"]\n{CELL}\n# %%\nfrom pathlib import Path\n\n'
        'assert seeds != 4 or Path("four").exists(), "no four"\nprint(seeds * 2)\n'
    )
    monkeypatch.setenv("FERBOOK_ROOT", str(tmp_path))
    monkeypatch.setenv("FERBOOK_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


def test_files_of_the_current_folder_are_named_shortly_and_found_from_elsewhere(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = checkout / "notebooks" / "small.py"
    source.write_text(source.read_text().replace("# to read", "# to read; a path"))
    plans: list[sweep.Plan] = []
    monkeypatch.setattr(sweep, "_snakemake", lambda plan, _: plans.append(plan) or [])
    monkeypatch.setattr(sweep, "_result", lambda *_: "")
    sweep.rerun("small", ["file=pets.yaml", "seeds=1,2"])
    here = checkout / "here"
    assert plans[0].jobs == {
        f"seeds={seed}_file=pets.yaml": [f"seeds={seed}", f"file={here}/pets.yaml"]
        for seed in (1, 2)
    }


def test_progress_is_a_line_for_each_notebook(capsys: pytest.CaptureFixture[str]) -> None:
    """Of three one is done from before; Snakemake begins two, and ends them the other way round."""
    begin = "localrule combination:\n    output: /f/seeds={0}.ipynb\n    jobid: {0}"
    page = "    output: /f/seeds=4.html\n    jobid: 5\nFinished jobid: 5 (Rule: combination_page)"
    said = ["combination             2", "combination_page        2", begin.format(3)]
    said += ["Error in rule combination:\n    jobid: 9\n    output: /f/seeds=9.ipynb"]
    said += [begin.format(4), "Finished jobid: 4 (Rule: combination)", page]
    said += ["Finished jobid: 3 (Rule: combination)"]
    with Progress(3) as progress:
        for line in "\n".join(said).split("\n"):
            progress.read(line)
        progress.end()
    told = ["1 of 3 done", "2 of 3 done: seeds=4", "3 of 3 done: seeds=3"]
    assert capsys.readouterr().err.splitlines() == told


def test_progress_of_a_sweep_with_nothing_left_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(3) as progress:
        progress.end()
    assert capsys.readouterr().err == "3 of 3 done\n"


@pytest.mark.slow
def test_jobs_of_the_snakefile_go_on_where_they_stopped(checkout: Path, ferbook) -> None:
    command = ["notebook", "small", "-p", "seeds", "3..4", "-p", "runs", "recorded", "--html"]
    code, _, complaint = ferbook(*command)
    folder = checkout / "here" / "small"
    (done,) = [path for path in folder.glob("*.ipynb") if "failed" not in path.name]
    assert (code, done.name) == (2, "seeds=3_runs=recorded.ipynb")
    assert complaint.splitlines()[-1] == (
        "ferbook: 1 of 2 failed, seeds=4_runs=recorded first: small.py: cell 2 "
        "(`from pathlib import Path`) failed: AssertionError: no four; "
        f"all: {folder / 'index.html'}"
    )
    first = done.stat().st_mtime_ns

    (checkout / "four").touch()
    code, said, _ = ferbook(*command)
    index = folder / "index.html"
    assert (code, said) == (0, f"2 notebooks in {folder}\n{index}\n")
    assert done.stat().st_mtime_ns == first  # not run again
    assert '"8\\n"' in (folder / "seeds=4_runs=recorded.ipynb").read_text()  # 4 * 2, printed
    assert not list(folder.glob("*.failed.ipynb"))
    for seeds in (3, 4):
        link = f'<a href="seeds%3D{seeds}_runs%3Drecorded.html">'
        assert f"<td>{seeds}</td>\n<td>recorded</td>\n<td>{link}" in index.read_text()
        assert (folder / f"seeds={seeds}_runs=recorded.html").exists()


@pytest.mark.parametrize(
    ("output", "says"),
    [("small.ipynb", "expected a folder"), ("no/where", "no folder no"), ("taken", "is a file")],
)
def test_an_output_that_cannot_be_is_refused_before_running(
    checkout: Path, output: str, says: str
) -> None:
    Path("taken").touch()
    with pytest.raises(InputError, match=says):
        sweep.rerun("small", ["seeds=1..3"], output=Path(output))
    assert [path.name for path in Path().iterdir()] == ["taken"]


def test_a_snakemake_that_fails_is_one_line(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "_snakemake", lambda *_: ["Traceback", "no space left"])
    with pytest.raises(InputError, match="2 of 2 failed, seeds=1 first: no space left; all: "):
        sweep.rerun("small", ["seeds=1..2"])


def test_the_index_shows_earlier_sweeps_of_the_folder_too(checkout: Path) -> None:
    folder = checkout / "here"
    for job, ran in (
        ("seeds=10", {"seeds": 10}),
        ("seeds=9_live=false", {"seeds": 9, "live": False}),
    ):
        metadata = {"papermill": {"parameters": ran, "duration": 1.25}}
        (folder / f"{job}.ipynb").write_text(json.dumps({"metadata": metadata}))
    plan = sweep.Plan(
        "small", str(folder), False, False, {"seeds=10": ["seeds=10"], "seeds=11": ["seeds=11"]}
    )
    index = sweep_index.write(plan, ["seeds=11"])
    # by value, 9 before 10; what a sweep did not set has its default
    assert index.read_text().splitlines()[2:] == [
        "| seeds | live | notebook | seconds |",
        "| --- | --- | --- | --- |",
        "| 9 | false | [seeds=9_live=false.ipynb](seeds%3D9_live%3Dfalse.ipynb) | 1.2 |",
        "| 10 | true | [seeds=10.ipynb](seeds%3D10.ipynb) | 1.2 |",
        "| 11 | true | failed, not run | – |",
    ]
