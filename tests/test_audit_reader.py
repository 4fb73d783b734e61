"""What is wrong with a file for the audit is one line: file, line, field; and exit code 2."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from ferbook import paths
from ferbook.cli import main
from ferbook.errors import InputError
from ferbook.report.audit.reader import load
from ferbook.report.audit.run import CHECKS, audit
from ferbook.report.audit.schema_checks import CHECKS as NAMES

TEXT = """\
paper: pets
title: Cats, dogs and birds
classes: [cat, dog, bird]
n: {zoo: {total: 1000, test: 200}}
class_counts:
  zoo:
    test: {cat: 100, dog: 60, bird: 40}
protocols:
  whole: {metric: accuracy, dataset: zoo, split: held-out}
  class: {metric: recall, dataset: zoo, split: held-out}
  f1: {metric: f1, dataset: zoo, split: held-out}
  sizes: {metric: count, dataset: zoo}
rows:
  - {id: pets/classes/cat, reported: {value: 90, decimals: 0}, unit: percent,
     protocol: class, variant: net, class: cat}
  - {id: pets/overall/net, reported: {value: 77.5, decimals: 1}, unit: percent, protocol: whole,
     variant: net}
  - {id: pets/size/test, reported: {value: 200, decimals: 0}, unit: count, protocol: sizes,
     count: images}
confusion_matrices:
  net:
    - [90, 6, 4]
    - [9, 45, 6]
    - [10, 10, 20]
checks: [granularity, claims]
claims:
  - {id: c, where: "", text: so, expression: "pets/classes/cat > 80"}
ensembles:
  net: {members: [net, net]}
references:
  - {id: 1, text: Cats}
"""


def error_of(tmp_path, text):
    file = tmp_path / "pets.yaml"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        load(file)
    message = str(caught.value)
    assert message.startswith(f"{file}, line ") and "\n" not in message
    line = int(message.removeprefix(f"{file}, line ").split(":")[0])
    return line, message


def test_the_names_of_the_checks_are_those_that_run():
    assert set(NAMES) == set(CHECKS)


def test_a_good_file(tmp_path):
    file = tmp_path / "other-name.yaml"
    file.write_text(TEXT)
    assert load(file).labels == ["cat", "dog", "bird"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("value: 90,", "value: 190,", "pets/classes/cat: field reported.value: 190 lies"),
        ("value: 90,", "value: -1,", "field reported.value: -1 lies outside 0 to 100"),
        ("value: 77.5, decimals: 1", "value: 77.54, decimals: 1", "more than 1 decimals"),
        ("unit: percent,\n", "unit: percents,\n", "field unit: expected"),
        ("protocol: class,", "protocol: klass,", "'klass' is no protocol"),
        ("class: cat", "class: cow", "field class: 'cow' is none of cat, dog, bird"),
        ("id: pets/classes/cat", "id: pet/classes/cat", "expected it to begin with pets/"),
        ("cat: 100, dog: 60", "cat: -100, dog: 60", "field test.cat: expected counts of 0 or more"),
        ("cat: 100, dog: 60", "cat: 90, dog: 60", "the counts sum to 190, `n` says 200"),
        ("  zoo:\n", "  zoo:\n    train: {cat: 801}\n", "the parts sum to 1,001, `n` says 1,000"),
        ("cat: 100, dog: 60", "cat: [100, 90], dog: 60", "field test.cat: expected counts"),
        ("cat: 100, dog: 60", "cat: many, dog: 60", "field test.cat: expected a whole number"),
        ("cat: 100, dog: 60", "cow: 100, dog: 60", "'cow' is none of cat, dog, bird"),
        ("[9, 45, 6]", "[9, 45]", "field matrix: row 2 has 2 columns: not square"),
        ("[9, 45, 6]", "[-9, 45, 6]", "row 2 holds a negative number"),
        ("[9, 45, 6]", "[9.5, 45, 6]", "row 2 holds a fraction"),
        ("[9, 45, 6]", "[9, 1.0e+300, 6]", "row 2 holds more than 1,000,000,000,000"),
        ("[9, 45, 6]", "[a, 45, 6]", "confusion_matrices net: field matrix.1.0"),
        ("checks: [granularity, claims]", "checks: [granularities]", "did you mean granularity?"),
        ("checks: [granularity, claims]", "checks: [all]", "'all' is no check; there are granul"),
        ("pets/classes/cat > 80", "pets/classes/cow > 80", "claim c: field expression: no row"),
        ("pets/classes/cat > 80", "pets/classes/cat >", "field expression: the expression ends"),
        ("pets/classes/cat > 80", "pets/" + "{a,b}" * 9, "braces in one cell"),
        ("members: [net, net]", "members: [net, other]", "field members: 'other' is no variant"),
        ("members: [net, net]", "members: [net]", "ensembles net: field members"),
        ("title: ", "titel: ", "field titel: no such field; did you mean `title`?"),
        ("title: ", "qqq: ", "field qqq: no such field; known: paper, title, authors"),
        ("test: 200}", "tset: 200}", "n zoo: field tset: no such field; did you mean `test`?"),
        ("value: 90,", "valu: 90,", "cat: field reported.valu: no such field; did you mean"),
        ("total: 1000", "total: 1.5", "field total: expected a whole number, not '1.5'"),
        ("total: 1000", "total: -5", "field total: expected 1 or more, not '-5'"),
        ("total: 1000", "total: 10000000000", "field total: expected at most 1,000,000,000"),
        ("cat: 100, dog: 60", "cat: 10000001, dog: 60", "expected at most 10,000,000 images"),
        ("cat: 100, dog: 60", "no: 100, dog: 60", "field test: a name that is read as False"),
        ("[cat, dog, bird]", "[cat, 2, bird]", "field classes.1: expected text; put it in quotes"),
        ("[cat, dog, bird]", "[cat, dog, cat]", "field classes: 'cat' is given twice"),
        ("[cat, dog, bird]", "cat", "field classes: expected a list, not 'cat'"),
        ("split: held-out}", "split: held-out, runs: 0}", "field runs: expected 1 or more"),
        ("metric: count", "metric: counts", "field metric: expected 'accuracy', 'recall'"),
        ("reported: {value: 90, decimals: 0}", "reported: 90", "cat: field reported: expected ent"),
        ("value: 90, ", "", "cat: field reported: expected either `value`"),
        ("value: 200,", "value: 1.0e+13,", "expected at most 1,000,000,000,000, not 1e+13"),
        ("count: images", "count: images, pick: lowest", "field pick"),
        ("variant: net, class: cat", "variants: [net, old], class: cat", "goes with `classes`"),
        ("metric: f1", "metric: f2", "protocols f1: field metric"),
        ("text: Cats", "txt: Cats", "reference 1: field txt: no such field; did you mean `text`?"),
        ("classes: [cat, dog, bird]", "classes: [cat]", "field classes"),
        ("paper: pets", "paper: Pets", "field paper: expected a small letter, then small letters"),
        ("id: pets/classes/cat", "id: pets", "field id: expected an id such as paper/table1/net/"),
        ("pets/classes/cat > 80", "all(pets/*/* / 0 > 1)", "field expression: division by zero: 0"),
        ("title: Cats", "title: 2001-99-99\nauthors: Cats", "'2001-99-99' can not be read"),
        ("total: 1000", "total: " + "9" * 5000, "can not be read"),
        ("title: Cats", "title: \x01Cats", "it holds the character U+0001"),
        ("paper: pets", "paper: pets\npaper: pets", "key `paper` is given twice"),
        ("paper: pets", "paper: [pets", "not readable as YAML"),
        ("paper: pets", "paper: !!python/name:os.system x", "could not determine"),
        ("paper: pets", "paper: &a pets\ntitle2: *a", "aliases"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line_with_its_number(tmp_path, old, new, message):
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    line, found = error_of(tmp_path, text)
    assert message in found
    if "YAML" not in found:
        # the line is the one that was changed, or the entry that begins there
        changed = text.splitlines().index(
            next(b for a, b in zip(TEXT.splitlines(), text.splitlines(), strict=False) if a != b)
        )
        assert line - 1 in (changed, changed - 1)


def test_what_is_given_twice_is_found_where_it_is_given_again(tmp_path):
    line, found = error_of(tmp_path, TEXT.replace("pets/overall/net", "pets/classes/cat"))
    assert line == 16 and "row pets/classes/cat: field id: this id is given twice" in found
    line, found = error_of(tmp_path, TEXT + "rows: []\n")
    assert line == len(TEXT.splitlines()) + 1 and "key `rows` is given twice" in found
    again = "claims:\n  - {id: c, text: so, expression: 1 < 2}"
    line, found = error_of(tmp_path, TEXT.replace("claims:", again))
    assert line == 28 and "claim c: field id: this id is given twice" in found


def test_a_bad_byte_is_found_in_its_line(tmp_path):
    file = tmp_path / "pets.yaml"
    file.write_bytes(TEXT.encode().replace(b"Cats\n}", b"").replace(b"text: so", b"text: s\xf6"))
    with pytest.raises(InputError) as caught:
        load(file)
    at = next(n for n, text in enumerate(TEXT.splitlines(), 1) if "text: so" in text)
    assert str(caught.value) == (
        f"{file}, line {at}: not UTF-8 text: byte 0xf6 is no part of a character"
    )


@pytest.mark.parametrize("deep", ["[" * 400_000, "{a: " * 40 + "1" + "}" * 40])
def test_what_is_nested_too_deep_is_refused(tmp_path, deep):
    line, found = error_of(tmp_path, f"paper: pets\nrows: {deep}")
    assert line == 2 and "nested more than 30 deep" in found


def test_more_rows_than_a_paper_has(tmp_path):
    row = "  - {id: pets/a/b, reported: {value: 1, decimals: 0}, unit: percent, protocol: whole}\n"
    text = TEXT[: TEXT.index("rows:")] + "rows:\n" + row * 5001
    line, found = error_of(tmp_path, text)
    assert line == 13 and "field rows: expected at most 5,000 entries" in found


WORDS = re.compile(r"Audit[A-Z]|Input|should|pydantic|Extra|inputs|instance|valid")


@pytest.mark.parametrize("wrong", ["7", "[7]", "{7: 7}", "no", "'x y'", "null", "[{}]", "{x: {}}"])
def test_no_fault_speaks_of_models_and_types(tmp_path, wrong):
    """Every field of the file in turn holds something else; what is said is in our own words."""
    lines = TEXT.splitlines()
    for number, line in enumerate(lines):
        if found := re.match(r"(\s*(?:- )?)(\w+):", line):
            text = "\n".join([*lines[:number], f"{found[0]} {wrong}", *lines[number + 1 :]])
            file = tmp_path / "pets.yaml"
            file.write_text(text)
            try:
                load(file)
            except InputError as error:
                assert not WORDS.search(str(error).removeprefix(str(file))), error
                assert "\n" not in str(error)


def test_a_matrix_in_percent_has_the_decimals_it_says(tmp_path):
    bare = "  net:\n    - [90, 6, 4]"
    rows = "  net:\n    unit: percent\n    matrix:\n    - [90.5, 6, 4]"
    _, found = error_of(tmp_path, TEXT.replace(bare, rows))
    assert "row 1 holds more than 0 decimals" in found


def test_a_percentage_above_100_names_its_own_line(tmp_path):
    text = "\n".join(
        [
            "paper: pets",
            "classes: [cat, dog]",
            "protocols:",
            "  whole: {metric: accuracy, dataset: zoo}",
            "rows:",
            "  - id: pets/a/net",
            "    protocol: whole",
            "    unit: percent",
            "    reported:",
            "      decimals: 1",
            "      value: 100.1",
        ]
    )
    line, found = error_of(tmp_path, text)
    assert (
        line == 11 and "row pets/a/net: field reported.value: 100.1 lies outside 0 to 100" in found
    )


@pytest.mark.parametrize(
    "content", ["", "[]", "rows: 1", "null", "\x00", "a: " * 2000, "rows: [1]"]
)
def test_a_file_of_another_kind(tmp_path, content):
    error_of(tmp_path, content)


def test_the_command_ends_with_2_and_one_line(tmp_path, capsys, monkeypatch):
    file = tmp_path / "pets.yaml"
    for text, wanted in ((TEXT.replace("[9, 45, 6]", "[9]"), "not square"), (None, "No such file")):
        if text:
            file.write_text(text)
        else:
            file.unlink()
        monkeypatch.setattr("sys.argv", ["ferbook", "audit", str(file)])
        with pytest.raises(SystemExit) as stopped:
            main()
        assert stopped.value.code == 2
        out, err = capsys.readouterr()
        assert wanted in err and len(err.splitlines()) == 1 and not out


def test_json_is_an_array_of_objects(tmp_path, capsys, monkeypatch):
    file = tmp_path / "pets.yaml"
    file.write_text(TEXT.replace("value: 77.5,", "value: 77.4,"))  # 154.8 of 200
    monkeypatch.setattr("sys.argv", ["ferbook", "audit", str(file), "--json"])
    with pytest.raises(SystemExit):
        main()
    [finding] = json.loads(capsys.readouterr().out)
    assert list(finding) == ["severity", "check", "cells", "message", "arithmetic"]
    assert (finding["severity"], finding["cells"]) == ("impossible", ["pets/overall/net"])


@pytest.mark.parametrize("paper", ["chew", "qiu"])
def test_our_own_files_are_read_too(paper):
    assert load(paths.reported() / f"{paper}.yaml").paper == paper


def test_a_huge_file_is_not_read(tmp_path):
    file = tmp_path / "pets.yaml"
    file.write_bytes(b"#" * 1_000_001)
    with pytest.raises(InputError, match="1,000,001 bytes"):
        load(file)


def test_the_example_of_the_documentation():
    book = paths.checkout() / "book"
    text = (book / "reported-format.md").read_text()
    [example] = re.findall(r"```\{literalinclude\} (\S+)\n:language: yaml\n```", text)
    assert f"`book/{example}`" in (paths.checkout() / "README.md").read_text()
    found = [(f.severity, f.check, f.cells[0]) for f in audit(load(book / example))]
    assert found == [
        ("impossible", "class-accuracies", "pets/table1/net/accuracy"),
        ("contradiction", "confusion-matrix", "pets/table1/net/accuracy"),
        ("contradiction", "claims", "pets/table2/net/bird"),
    ]
    # every check is explained
    assert all(f"| `{name}` |" in text for name in CHECKS)


def test_the_audit_is_light():
    """No network library is imported: it takes a second, not ten."""
    code = (
        "import sys; from pathlib import Path; from ferbook.report.audit.run import audit_text;"
        f"audit_text(Path({str(paths.reported() / 'chew.yaml')!r}));"
        "assert not {'torch', 'sklearn', 'pandas', 'scipy.stats'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_no_file_of_that_kind_is_one_line(tmp_path):
    with pytest.raises(InputError, match=r"none\.yaml: No such file or directory$"):
        load(tmp_path / "none.yaml")
    with pytest.raises(InputError, match=r": Is a directory$"):
        load(tmp_path)
    file = tmp_path / "empty.yaml"
    kinds = {"": "nothing", "- 1": "a list", "words": "plain text", "3": "a single value"}
    for text, held in kinds.items():
        file.write_text(text)
        with pytest.raises(InputError, match=f"line 1: holds {held}; expected fields such as"):
            load(file)
