"""The notebook driver: parameters are checked, cells run, a failure is one line."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from ferbook import paths
from ferbook.cli import app
from ferbook.errors import InputError
from ferbook.report import parameters
from ferbook.report.listing import listing, overview
from ferbook.report.notebooks import names, read, run_notebook, source
from ferbook.report.parameters import absolute, parse, settings, typed

CELL = """\
sigma: float = 1.5  # px, width; 0.3 to 6
seeds: int = 3  # networks; 1 to 20
runs: str = "recorded"  # where from; one of: recorded, train
live: bool = True  # also on drawn faces
sigmas: list[float] = [1.0, 2.0]  # px, widths; 0.3 to 6
"""

TAKES = "`ferbook notebook --list small` says what it takes"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one small notebook, and an empty folder to stand in."""
    for folder in ("notebooks", "reported", "experiments", "here"):
        (tmp_path / folder).mkdir()
    (tmp_path / "notebooks" / "small.py").write_text(
        f'# %% [markdown]\n# # Small\n\n# %% tags=["parameters"]\n{CELL}\n'
        "# %%\nprint(sigma * 2, seeds, runs, live, sum(sigmas))\n"
    )
    monkeypatch.setenv("FERBOOK_ROOT", str(tmp_path))
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


def printed(path: Path) -> str:
    cells = json.loads(path.read_text())["cells"]
    return "".join(
        line
        for cell in cells
        for output in cell.get("outputs", [])
        for line in output.get("text", [])
    )


def test_defaults_run_and_land_in_the_current_folder(checkout: Path) -> None:
    assert run_notebook("small") == str(checkout / "here" / "small.ipynb")
    # 1.5 * 2 = 3.0 and 1 + 2 = 3.0
    assert printed(checkout / "here" / "small.ipynb") == "3.0 3 recorded True 3.0\n"
    assert [path.name for path in (checkout / "here").iterdir()] == ["small.ipynb"]


def test_parameters_reach_the_cells_through_the_command_line(checkout: Path) -> None:
    arguments = ["-p", "sigma", "4", "-p", "runs=train", "-p", "live", "false"]
    arguments += ["-p", "sigmas", "[0.5,0.75]", "--output", str(checkout / "out.ipynb"), "--html"]
    result = CliRunner().invoke(app, ["notebook", "small", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    assert printed(checkout / "out.ipynb") == "8.0 3 train False 1.25\n"
    assert "8.0 3 train False 1.25" in (checkout / "out.html").read_text()
    assert str(checkout) not in (checkout / "out.ipynb").read_text()  # no paths of this machine


@pytest.mark.parametrize(
    ("pair", "says"),
    [
        ("sgima=2", f"no parameter sgima; nearest is sigma; {TAKES}"),
        ("gauss=2", f"no parameter gauss; {TAKES}"),
        ("gauss", f"no parameter gauss; {TAKES}"),
        ("sigma=wide", "sigma is 'wide'; expected float, 0.3 to 6"),
        ("sigma=0.2", "sigma is '0.2'; expected float, 0.3 to 6"),
        ("sigma=nan", "sigma is 'nan'; expected float, 0.3 to 6"),
        ("sigma=inf", "sigma is 'inf'; expected float, 0.3 to 6"),
        ("seeds=2.0", "seeds is '2.0'; expected int, 1 to 20"),
        ("seeds=21", "seeds is '21'; expected int, 1 to 20"),
        ("runs=all", "runs is 'all'; expected str, one of recorded, train"),
        ("live=1", "live is '1'; expected bool"),
        ("sigmas=1,7", "sigmas is '1,7'; expected list[float], 0.3 to 6"),
        ("sigmas=", "sigmas is ''; expected list[float], 0.3 to 6"),
        ("sigma", "parameter sigma has no value; expected float, 0.3 to 6"),
    ],
)
def test_a_wrong_setting_is_a_short_line_and_runs_nothing(
    checkout: Path, pair: str, says: str
) -> None:
    with pytest.raises(InputError) as caught:
        run_notebook("small", [pair])
    assert str(caught.value) == f"small.py: {says}"
    assert list((checkout / "here").iterdir()) == []


def test_a_path_is_meant_from_where_the_command_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = parse('file: str = ""  # to read; a path\nword: str = "a"  # said\n', "small.py")
    assert str(known[0]) == "file: str, a path (default empty)"
    assert known[0].meaning == "to read"
    monkeypatch.chdir(tmp_path)
    given = {"file": "here/pets.yaml", "word": "here"}
    assert absolute(given, known) == {"file": f"{tmp_path}/here/pets.yaml", "word": "here"}
    assert absolute({"file": "/pets.yaml"}, known) == {"file": "/pets.yaml"}
    assert absolute({"file": ""}, known) == {"file": ""}


def test_a_notebook_reads_the_file_in_the_current_folder(checkout: Path) -> None:
    (checkout / "notebooks" / "small.py").write_text(
        '# %% tags=["parameters"]\nfile: str = ""  # to read; a path\n\n'
        "# %%\nprint(open(file).read())\n"
    )
    Path("pets.yaml").write_text("cats")
    run_notebook("small", ["file=pets.yaml"])
    assert printed(checkout / "here" / "small.ipynb") == "cats\n"


def test_a_notebook_without_parameters_says_that_it_takes_none() -> None:
    with pytest.raises(InputError) as caught:
        settings(["sigma=2"], [], "bare.py")
    assert str(caught.value) == "bare.py: no parameter sigma; it takes none"


def test_a_parameter_set_twice_is_refused(checkout: Path) -> None:
    with pytest.raises(InputError, match="sigma is set twice"):
        run_notebook("small", ["sigma=1", "sigma=2"])


def test_an_unknown_notebook_lists_the_known_ones(checkout: Path) -> None:
    with pytest.raises(InputError, match="no notebook big; there are: small"):
        run_notebook("big")


def test_a_part_that_one_name_has_is_enough_and_an_error_begins_with_the_nearest(
    checkout: Path,
) -> None:
    text = (checkout / "notebooks" / "small.py").read_text()
    for name in ("smallest", "chew_heatmaps", "chew_masks"):
        (checkout / "notebooks" / f"{name}.py").write_text(text)
    assert source("small").stem == "small"  # itself, though a part of another as well
    assert source("maps").stem == source("chew_heat.py").stem == "chew_heatmaps"
    with pytest.raises(InputError) as caught:
        source("chew")
    assert str(caught.value) == "no notebook chew; it may be chew_heatmaps, chew_masks"
    with pytest.raises(InputError) as caught:
        source("chew_marks")
    everything = "chew_heatmaps, chew_masks, small, smallest"
    assert str(caught.value) == (
        f"no notebook chew_marks; nearest is chew_masks; there are: {everything}"
    )


@pytest.mark.parametrize("output", ["small.html", "missing/small.ipynb"])
def test_an_output_that_cannot_be_written_is_refused_before_running(
    checkout: Path, output: str
) -> None:
    with pytest.raises(InputError, match=output):
        run_notebook("small", output=Path(output))


def test_a_failing_cell_is_one_line_and_keeps_its_traceback(checkout: Path) -> None:
    source = checkout / "notebooks" / "small.py"
    source.write_text(source.read_text() + "\n# %%\nwidth = 3\n1 / (width - 3)\n")
    (checkout / "here" / "small.ipynb").write_text("an earlier result")
    with pytest.raises(InputError) as caught:
        run_notebook("small")
    kept = checkout / "here" / "small.failed.ipynb"
    assert str(caught.value) == (
        "small.py: cell 3 (`width = 3`) failed: ZeroDivisionError: division by zero; "
        f"with its traceback: {kept}"
    )
    assert "ZeroDivisionError" in kept.read_text()
    assert (checkout / "here" / "small.ipynb").read_text() == "an earlier result"


def test_a_kernel_that_dies_is_one_line(checkout: Path) -> None:
    source = checkout / "notebooks" / "small.py"
    source.write_text(source.read_text() + "\n# %%\nimport os\n\nos._exit(9)\n")
    with pytest.raises(InputError, match=r"small\.py: the kernel died"):
        run_notebook("small")
    assert list((checkout / "here").iterdir()) == []


def test_listing_names_every_parameter_with_its_meaning(checkout: Path) -> None:
    lines = listing("small").splitlines()
    assert lines[:2] == ["small  Small", "    sigma: float, 0.3 to 6 (default 1.5)  px, width"]
    assert len(lines) == 6
    assert listing() == listing("small.py")
    with pytest.raises(InputError, match="no notebook large"):
        listing("large")


def test_listing_fits_a_narrow_terminal_and_loses_nothing(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = listing()
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "30")
    assert max(map(len, listing().splitlines())) <= 30
    assert listing().split() == endless.split()


def test_without_a_name_there_is_a_line_for_each_notebook(checkout: Path) -> None:
    assert overview().splitlines()[0] == "small  Small"
    assert CliRunner().invoke(app, ["notebook"]).stdout.startswith("small  Small\n")
    with pytest.raises(InputError, match="of which notebook"):
        CliRunner().invoke(app, ["notebook", "-p", "sigma", "2"], catch_exceptions=False)


@pytest.mark.parametrize("name", names())
def test_a_default_as_it_is_typed_is_read_back(name: str) -> None:
    for parameter in read(paths.notebooks() / f"{name}.py")[1]:
        assert parameter.read(parameter.typed) == parameter.default


@given(st.floats(0.3, 6))
def test_a_float_as_it_is_typed_is_read_back(value: float) -> None:
    (sigma,) = parse("sigma: float = 1.5  # px; 0.3 to 6\n", "small.py")
    assert sigma.read(typed(value)) == value


def test_a_later_success_removes_what_an_earlier_failure_left(checkout: Path) -> None:
    (checkout / "here" / "small.failed.ipynb").write_text("an earlier failure")
    run_notebook("small")
    assert [path.name for path in (checkout / "here").iterdir()] == ["small.ipynb"]


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("sigma = 1.5  # px; 0 to 6\n", "line 1: expected `name: type = literal"),
        ("sigma: complex = 1j  # px\n", "sigma is a complex; expected one of int"),
        ("sigma: float = abs(2)  # px; 0 to 6\n", "default of sigma is not a literal"),
        ("sigma: float = 1.5\n", "sigma has no comment"),
        ("sigma: float = 1.5  # px\n", "does not end in its range"),
        ("sigma: float = 9.0  # px; 0 to 6\n", "sigma is 9.0; expected float, 0 to 6"),
        ("seeds: int = 1.5  # networks; 1 to 6\n", "seeds is 1.5; expected int, 1 to 6"),
        ("seeds: int = True  # networks; 1 to 6\n", "seeds is True; expected int, 1 to 6"),
        ("runs: str = 'all'  # from; one of: recorded, train\n", "runs is 'all'; expected str"),
        ("runs: str = 'all'  # one of: all, some\n", "runs has choices, but says no meaning"),
        ("sigma: float = \n", "not Python"),
    ],
)
def test_a_parameters_cell_that_breaks_the_form_is_refused(cell: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(cell, "small.py")
    assert says in str(caught.value)


@pytest.mark.parametrize("tags", [("x", "x"), ("x", "parameters"), ("parameters", "parameters")])
def test_the_first_code_cell_and_no_other_is_tagged(tmp_path: Path, tags: tuple[str, ...]) -> None:
    cells = [f'# %% tags=["{tag}"]\nsigma: float = 1.5  # px; 0 to 6\n' for tag in tags]
    (tmp_path / "small.py").write_text("\n".join(cells))
    with pytest.raises(InputError, match="first code cell"):
        read(tmp_path / "small.py")


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_float_is_taken_exactly_when_it_is_in_its_range(value: float) -> None:
    known = parse("sigma: float = 1.5  # px; 0.3 to 6\n", "small.py")
    if 0.3 <= value <= 6:
        assert settings([f"sigma={value!r}"], known, "small.py") == {"sigma": value}
    else:
        with pytest.raises(InputError):
            settings([f"sigma={value!r}"], known, "small.py")


def test_a_comment_may_stand_in_brackets_behind_its_literal() -> None:
    (one,) = parse("runs: str = (\n    'all'  # from; one of: all, some\n)\n", "small.py")
    assert (one.default, one.meaning, one.choices) == ("all", "from", ("all", "some"))


def test_every_notebook_of_the_book_can_be_listed() -> None:
    assert len(names()) >= 3
    assert all(name in listing() for name in names())


def test_choices_are_read_behind_the_meaning():
    assert parameters._meaning("one of: a, b") == ("", None, None, ("a", "b"))
    assert parameters._meaning("what; one of: a, b")[3] == ("a", "b")
    assert parameters._meaning("one of many")[3] == ()
