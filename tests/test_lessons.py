"""The lessons: solutions pass, what is missing or mistaken is told, minutes add up."""

import re
from pathlib import Path

import jupytext
import numpy as np
import pytest
from typer.testing import CliRunner

from ferbook.cli import app
from ferbook.report import site
from ferbook.teach import exercises, grading, overview, slides
from ferbook.teach import lesson as lessons
from ferbook.teach.exercises import student
from ferbook.teach.figures import closeup
from ferbook.teach.lesson import ROLE, Lesson, find, names, tags
from ferbook.teach.page import RAN, page, timing
from ferbook.teach.stubs import asked, stub

ALL = names()


def fresh(lesson: Lesson) -> dict[str, object]:
    """What a student's notebook holds before the first exercise: parameters and setup."""
    space: dict[str, object] = {}
    for cell in lesson.notebook.cells:
        if tags(cell) & {"parameters", "setup"}:
            exec(cell.source, space)
    return space


def told(check: str, space: dict[str, object]) -> str:
    """What a student reads where the check fails; the check must fail by saying it."""
    with pytest.raises((AssertionError, NotImplementedError)) as caught:
        exec(check, dict(space))
    return str(caught.value)


@pytest.fixture(scope="module", params=ALL)
def taught(request: pytest.FixtureRequest) -> tuple[Lesson, dict[str, object]]:
    lesson = find(request.param)
    return lesson, fresh(lesson)


def test_every_solution_passes_its_check(taught, capsys) -> None:
    lesson, space = taught
    space = dict(space)
    for one in lesson.exercises:
        exec(one.solution, space)
        exec(one.check, dict(space))
        assert f"Exercise {one.number} passed" in capsys.readouterr().out


def test_an_exercise_without_its_solution_says_what_is_missing(taught) -> None:
    lesson, space = taught
    for one in lesson.exercises:
        space = dict(space)
        exec(stub(one.solution, one.number), space)
        said = told(one.check, space)
        assert any(f"`{name}`" in said for name in asked(one.solution)), said
        assert f"Exercise {one.number} is open" in said
        exec(one.solution, space)  # the next exercise may stand on this one


def test_an_exercise_that_returns_nothing_says_so(taught) -> None:
    lesson, space = taught
    for one in lesson.exercises:
        space = dict(space)
        empty = "\n".join(
            f"def {name}(*args, **settings):\n    pass" for name in asked(one.solution)
        )
        exec(empty, space)
        assert f"`{asked(one.solution)[0]}` gives" in told(one.check, space)
        exec(one.solution, space)


def test_every_common_mistake_is_caught_with_a_sentence_of_its_own(taught) -> None:
    lesson, space = taught
    space = dict(space)
    for one in lesson.exercises:
        exec(one.solution, space)
        assert one.mistakes, f"{lesson.name}, exercise {one.number}: no common mistake"
        said = []
        for mistake in one.mistakes:
            assert mistake.startswith("# "), "a mistake begins with its explanation"
            wrong = dict(space)
            exec(mistake, wrong)
            said.append(told(one.check, wrong))
        assert len(set(said)) == len(said) and all(len(text) > 20 for text in said), said


def test_a_lesson_has_its_minutes_goals_slides_and_exercises(taught) -> None:
    lesson, _ = taught
    assert sum(minutes for _, minutes in lesson.sections) == lessons.MINUTES
    assert 2 <= len(lesson.exercises) <= 4
    first = lesson.notebook.cells[0].source
    assert "At the end you can" in first and first.count("\n- ") >= 2
    assert lesson.question.endswith("?")
    notes = "\n".join(c.source for c in lesson.notebook.cells if "notes" in tags(c))
    assert "**The misconception.**" in notes and "**How to run it.**" in notes
    # every heading of a section carries its minutes, so none is left out of the sum
    for cell in lesson.notebook.cells:
        if cell.cell_type == "markdown" and re.match("#{1,2} ", cell.source):
            assert "minutes" in cell.metadata, cell.source.splitlines()[0]


def test_a_stub_keeps_signature_and_docstring_alone() -> None:
    source = (
        'def area(r, pi=3):\n    """Of a disc."""\n    # secret\n    return pi * r * r\n\n\nx = 3\n'
    )
    said = 'raise NotImplementedError("Exercise 2 is open: write the body of `area`")'
    assert stub(source, 2) == (
        f'def area(r, pi=3):\n    """Of a disc."""\n    {said}\n\n\nx = None  # your answer'
    )
    assert asked(source) == ["area", "x"]


@pytest.mark.parametrize("source", ["def area(r):\n    return r\n", "print(3)\n", "a, b = 1, 2\n"])
def test_a_solution_that_no_stub_can_be_made_of_is_refused(source: str) -> None:
    with pytest.raises(lessons.InputError, match="solution 1, line 1: expected functions with a"):
        stub(source, 1)


HEAD = (
    "# %% [markdown] minutes=45\n# # Lesson 9: Small\n#\n# > question: what?\n\n"
    '# %% tags=["parameters"]\n'
)
CELLS = {
    "exercise": '# %% [markdown] tags=["exercise"]\n# ## Exercise 1: two\n',
    "solution": '# %% tags=["solution"]\ndef two():\n    """Two."""\n    return 2\n',
    "check": '# %% tags=["check"]\nassert two() == 2, "`two` gives no 2"\nprint("passed")\n',
    "mistake": '# %% tags=["mistake"]\n# Three.\ndef two():\n    return 3\n',
}


def small(folder: Path, *kinds: str) -> Path:
    path = folder / "lesson_9_small.py"
    path.write_text(HEAD + "\n" + "\n\n".join(CELLS[kind] for kind in kinds))
    return path


def test_cells_out_of_order_are_refused(tmp_path: Path) -> None:
    assert lessons.read(small(tmp_path, *CELLS)).exercises[0].title == "Exercise 1: two"
    for kinds, says in (
        (("solution",), "tagged solution behind a plain cell; expected exercise before it"),
        (("exercise", "check"), "tagged check behind exercise; expected solution before it"),
        (("exercise", "solution"), "Exercise 1: two: expected cells exercise, solution, check"),
    ):
        with pytest.raises(lessons.InputError, match=says):
            lessons.read(small(tmp_path, *kinds))
    path = small(tmp_path, *CELLS)
    path.write_text(path.read_text().replace("1: two", "1: {doc}`two`"))
    with pytest.raises(lessons.InputError, match="MyST on a slide"):
        lessons.read(path)


def test_an_unknown_lesson_lists_the_known_ones() -> None:
    with pytest.raises(lessons.InputError, match=f"no lesson 99; there are: {ALL[0]}"):
        find("99")
    with pytest.raises(
        lessons.InputError, match="no lesson lesson_1_heatmap5; nearest is lesson_1_h"
    ):
        find("lesson_1_heatmap5")


def test_a_part_that_one_lesson_has_is_enough() -> None:
    assert find("heatmaps").name == find("1").name == "lesson_1_heatmaps"


# --- what is made of a lesson ---


def test_a_students_notebook_holds_no_solution_and_no_notes(taught) -> None:
    lesson, _ = taught
    cells = student(lesson).cells
    text = "\n".join(cell.source for cell in cells)
    for one in lesson.exercises:
        assert one.solution not in text and stub(one.solution, one.number) in text
        assert one.check in text and all(wrong not in text for wrong in one.mistakes)
    assert "For the teacher" not in text and "The misconception" not in text
    # Jupyter understands no MyST
    assert not [c.source for c in cells if c.cell_type == "markdown" and ROLE.search(c.source)]
    assert f"ferbook check {lesson.number} {lesson.name}.ipynb" in cells[1].source
    solved = "\n".join(cell.source for cell in student(lesson, solved=True).cells)
    assert all(one.solution in solved for one in lesson.exercises)


def test_a_page_closes_solutions_and_checks_and_ends_in_notes(taught) -> None:
    lesson, _ = taught
    cells = page(lesson).cells
    closed = [c for c in cells if tags(c) & {"solution", "check"}]
    assert len(closed) == 2 * len(lesson.exercises)
    assert all("hide-input" in tags(cell) for cell in closed)
    prompts = {cell.metadata["mystnb"]["code_prompt_show"] for cell in closed}
    assert prompts == {"Show the solution", "Show the check"}
    # what passes on the page is said to be the solution, right above the check
    before = [cells[place - 1].source for place, c in enumerate(cells) if "check" in tags(c)]
    assert before == [RAN] * len(lesson.exercises)
    last = cells[-1].source
    assert last.startswith("## For the teacher") and "**The misconception.**" in last
    assert last.count("```python") == sum(len(one.mistakes) for one in lesson.exercises)
    assert timing(lesson)[0][1] == "Opening" and timing(lesson)[-1][0].endswith("–45")


def test_a_closeup_has_its_lines_between_pixels() -> None:
    points = np.array([[4.2, 6.1], [7.9, 8.0], [40.0, 40.0]])
    axis = closeup(np.zeros((48, 48), np.uint8), points, [0, 1], margin=2).axes[0]
    # from two pixels left of pixel 4 to two right of pixel 8, by whole pixels; 6 to 8 downwards
    assert axis.get_xlim() == (2.5, 9.5) and axis.get_ylim() == (9.5, 4.5)
    assert [len(lines.get_segments()) for lines in axis.collections] == [8, 6]
    assert len(axis.lines[0].get_xdata()) == 2


def test_slides_show_tasks_without_solutions_and_ask_no_other_site(taught) -> None:
    lesson, _ = taught
    deck = slides.deck(lesson, page(lesson))
    for one in lesson.exercises:
        assert f"<h2>{one.title}</h2>" in deck
        assert one.solution.splitlines()[-1].strip() not in deck
    assert "<summary>" not in deck and "For the teacher" not in deck
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", deck)
    assert "Content-Security-Policy" in site.finished(deck)
    scripts = re.findall("<script[^>]*>", deck)
    assert scripts == ([slides.MATHS.split("</")[0]] if "$" in _slides_of(lesson) else [])


def _slides_of(lesson: Lesson) -> str:
    shown = {"slide", "on-slide", "exercise"}
    cells = [c for c in lesson.notebook.cells if tags(c) & shown and c.cell_type == "markdown"]
    return "\n".join(slides.HINT.sub("", cell.source) for cell in cells)


def test_the_overview_has_every_lesson_and_its_minutes(tmp_path, monkeypatch) -> None:
    (tmp_path / "lessons").mkdir()
    path = small(tmp_path / "lessons", *CELLS)
    # 37 minutes of talk, 8 of work
    timed = (
        path.read_text()
        .replace("=45", "=37")
        .replace('tags=["exercise"]', 'tags=["exercise"] minutes=8')
    )
    path.write_text(timed)
    monkeypatch.setenv("FERBOOK_ROOT", str(tmp_path))
    lines = overview.overview().splitlines()
    (row,) = [line for line in lines if "what?" in line]
    assert "9. {doc}`Small </book/lessons/lesson_9_small>`" in row
    assert 'href="../slides/lesson_9_small.html"' in row and "1 exercises" in row
    assert lines[-1] == "| 9 | 37 | 8 | 45 |"


def test_markdown_on_slides_leaves_formulas_to_mathjax() -> None:
    html = slides.markdown("a $x < 1$ b\n\n$$y^2$$\n\n| a |\n| - |\n| `1` |\n")
    assert r'<span class="math">\(x &lt; 1\)</span>' in html
    assert r'<div class="math">\[y^2\]</div>' in html
    assert "<td><code>1</code></td>" in html


# --- exercises and grading from the command line ---


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one small lesson, and an empty folder to stand in."""
    (tmp_path / "lessons").mkdir()
    (tmp_path / "here").mkdir()
    small(tmp_path / "lessons", *CELLS)
    monkeypatch.setenv("FERBOOK_ROOT", str(tmp_path))
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def ferbook(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments)
    if isinstance(result.exception, lessons.InputError):
        return 2, str(result.exception)
    return result.exit_code, result.output


def test_a_lesson_is_written_once_in_either_form(checkout: Path) -> None:
    assert ferbook("lesson")[1].splitlines() == [
        "lesson_9_small  Small",
        "                what?",
        "                Exercise 1: two",
        "",
        "Type next: ferbook lesson 9; it writes the exercises to lesson_9_small.ipynb.",
    ]
    assert ferbook("lesson", "9") == (0, f"{checkout / 'lesson_9_small.ipynb'}\n")
    code, said = ferbook("lesson", "9")
    assert code == 2 and "is there already, perhaps with somebody's work" in said
    assert ferbook("lesson", "lesson_9_small", "--output", "a.py", "--solved")[0] == 0
    cells = jupytext.read(checkout / "a.py").cells
    assert [c.source for c in cells if "solution" in tags(c)] == [
        'def two():\n    """Two."""\n    return 2'
    ]
    for output, says in (("a.txt", "ends in .ipynb or .py"), ("missing/a.py", "no folder missing")):
        code, said = ferbook("lesson", "9", "--output", output)
        assert code == 2 and says in said


def test_titles_of_lessons_stand_in_one_column(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(checkout.parent / "lessons", *CELLS).rename(
        checkout.parent / "lessons" / "lesson_10_longer_than_it.py"
    )
    small(checkout.parent / "lessons", *CELLS)
    lines = ferbook("lesson")[1].splitlines()
    assert lines[0] == "lesson_10_longer_than_it  Small"
    assert lines[3] == "lesson_9_small            Small"
    assert {len(line) - len(line.lstrip()) for line in (*lines[1:3], *lines[4:6])} == {26}
    monkeypatch.setenv("FERBOOK_ROOT", str(checkout))
    assert ferbook("lesson")[1] == f"no lessons in {checkout / 'lessons'}\n"


def test_grading_asks_the_lessons_own_checks(checkout: Path) -> None:
    assert exercises.write("9", solved=True) and exercises.write("9", checkout / "open.py")
    # a changed check changes no mark; a cell that does not end is stopped
    given = (checkout / "open.py").read_text()
    (checkout / "cheat.py").write_text(re.sub('assert two.*"', "pass", given))
    (checkout / "lost.py").write_text("# %%\n1 / 0\n")
    own = ["lesson_9_small-solved.ipynb", "open.py", "cheat.py", "lost.py"]
    code, said = ferbook("check", "9", *own)
    missing = "          Exercise 1 is open: write the body of `two`"
    assert code == 1
    assert said.splitlines() == [
        "lesson_9_small-solved.ipynb: 1 of 1",
        "  passed  Exercise 1: two",
        "open.py: 0 of 1",
        "  open    Exercise 1: two",
        missing,
        "cheat.py: 0 of 1",
        "  open    Exercise 1: two",
        missing,
        "lost.py: 0 of 1",
        "  open    Exercise 1: two",
        "          NameError: name 'two' is not defined. An earlier cell failed:"
        " ZeroDivisionError: division by zero",
    ]


def test_grading_stops_what_does_not_end_and_writes_a_table(checkout: Path) -> None:
    endless = "# %%\ndef two():\n    while True:\n        pass\n"
    (checkout / "endless.py").write_text(endless)
    graded = grading.grade(find("9"), checkout / "endless.py", seconds=1)
    (result,) = graded.results
    assert graded.stopped == ""  # it is the check that does not end
    assert not result.passed and result.message == "took longer than a cell may, and was stopped."
    table = grading._csv({Path("a.py"): graded}).splitlines()
    assert table == [
        "file,exercise,passed,message",
        'a.py,Exercise 1: two,0,"took longer than a cell may, and was stopped."',
    ]


def test_a_cell_that_does_not_end_is_named(checkout: Path) -> None:
    # two code cells come before it, one of them a check, which is not run
    cells = "# %%\n1\n" + CELLS["check"] + "# %%\nwhile True: pass\n" + CELLS["solution"]
    (checkout / "a.py").write_text(cells)
    graded = grading.grade(find("9"), checkout / "a.py", seconds=1)
    assert graded.results[0].passed and graded.stopped == "Code cell 3 was stopped after 1 s."
    file = Path("a.py")
    assert grading._text({file: graded}).splitlines()[1] == f"  {graded.stopped}"
    assert grading._csv({file: graded}).splitlines()[1].endswith(f",1,{graded.stopped}")


def test_all_files_are_looked_at_before_one_is_run(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout / "a.py").write_text("# %%\n1\n")
    ran: list[Path] = []
    monkeypatch.setattr(grading, "grade", lambda lesson, path: ran.append(path))
    assert ferbook("check", "9", "a.py", "gone.ipynb") == (2, "gone.ipynb: no such file")
    assert ran == []


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.txt", "", "a.txt: expected a file that ends in .ipynb or .py"),
        ("a.ipynb", "{", "a.ipynb: not a notebook"),
        ("a.ipynb", "[1]", "a.ipynb: not a notebook"),
        ("gone.py", None, "gone.py: no such file"),
        (
            "a.py",
            "# %% [markdown]\n# # Lesson 1: Landmarks\n# %%\n",
            "a.py: is of lesson 1, not 9",
        ),
    ],
)
def test_what_is_no_notebook_is_one_line(checkout: Path, name: str, text: str, says: str) -> None:
    if text is not None:
        (checkout / name).write_text(text)
    code, said = ferbook("check", "9", name)
    assert code == 2 and said.startswith(says) and "\n" not in said
