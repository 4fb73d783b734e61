"""Where numbers come from: noted when they are computed, carried by the page."""

import json

import pandas as pd
import pytest

from ferbook.report import sources
from ferbook.report.effects import effect
from ferbook.report.pages import records_page
from ferbook.report.qiu import tables
from ferbook.report.qiu.networks import term
from ferbook.study.records import load_all
from test_qiu_tables import put, root  # noqa: F401


@pytest.fixture(autouse=True)
def clean():
    sources.forget()
    yield
    sources.forget()


def noted():
    text = sources.html()
    head, tail = '<script type="application/json" class="sources">', "</script>"
    assert text.startswith(head) and text.endswith(tail)
    return json.loads(text.removeprefix(head).removesuffix(tail))


def test_nothing_is_carried_where_nothing_was_noted(capsys):
    assert sources.html() == ""
    sources.publish()
    sources.note("5", [("a/b", "c")], "short", [], 3)  # no run
    assert sources.html() == "" and capsys.readouterr().out == ""


def test_equal_numbers_keep_their_origins_until_they_are_too_many():
    for variant in ("c", "d", "c"):
        sources.note("5", [("a/b", variant), ("a/b", variant)], "short", {1, 0}, 3)
    found = noted()["5"]
    assert found[0] == {"runs": [["a/b", "c"]], "tier": "short", "seeds": [0, 1], "images": 3}
    assert len(found) == 2
    for variant in "efg":
        sources.note("5", [("a/b", variant)], "short", [0], 3)
    assert sources.html() == ""


def test_a_name_cannot_end_the_data():
    sources.note("</script>", [("a/b", "c")], "short", [0], 3)
    assert sources.html().count("</script>") == 1 and "</script>" in noted()


def test_effects_and_levels_note_their_runs(root):  # noqa: F811
    for seed in (0, 2):
        put(root, "vgg16", range(28), seed)
        put(root, "pvgg16", range(21), seed)
    put(root, "vgg16", range(28), 5)
    gain = effect([(1, term("pvgg16")), (-1, term("vgg16"))], "short")
    level = tables.interval_text(tables.accuracy("vgg16"))
    found = noted()
    assert found[str(gain)] == [
        {
            "runs": [["qiu/backbones-fer2013", "vgg16"], ["qiu/perturb-fer2013", "pvgg16"]],
            "tier": "short",
            "seeds": [0, 2],
            "images": 70,
        }
    ]
    assert found[level][0]["seeds"] == [0, 2, 5]


def test_a_table_notes_its_numbers_by_place_for_the_runs_of_that_row(root):  # noqa: F811
    for variant in ("vgg16", "pvgg16"):
        put(root, variant, range(28))
    records = load_all()
    table = pd.DataFrame(
        {"printed": ["61", "62", "63"], "F1": ["0.5", "–", "0.5"], "images": ["70"] * 3},
        index=["vgg16, test", "pvgg16, test", "both"],
    )
    assert sources.of(table, records) is table
    runs = {key: [run for _, run in own[0]["runs"]] for key, own in noted().items()}
    assert runs == {"vgg16, test\nF1\n0.5": ["vgg16"], "both\nF1\n0.5": ["vgg16", "pvgg16"]}
    sources.forget()
    # formatted numbers are noted as they are shown; the head of a row names its runs
    own = [record for record in records if record.config["variant"] == "pvgg16"]
    sources.of(pd.DataFrame({"loss": [0.25]}, ["eyes"]).style.format("{:.1f}"), {"eyes": own})
    assert [(key, found[0]["runs"][0][1]) for key, found in noted().items()] == [
        ("eyes\nloss\n0.2", "pvgg16")
    ]


def test_of_a_table_an_interval_noted_before_keeps_its_origin(root):  # noqa: F811
    put(root, "vgg16", range(28))
    sources.note("1.0 [0.5, 1.5]", [("a/b", "c")], "short", [7], 3)
    sources.of(pd.DataFrame({"x": ["1.0 [0.5, 1.5]"]}, ["vgg16"]), load_all())
    assert list(noted()) == ["1.0 [0.5, 1.5]"]
    assert sources.of(pd.DataFrame(), load_all()).empty


def test_the_page_of_records_lists_each_with_its_seal(root):  # noqa: F811
    assert records_page([]) == "No runs are recorded yet.\n"
    put(root, "vgg16", range(28))
    put(root, "pvgg16", range(7))
    text = records_page(load_all())
    assert "(qiu-backbones-fer2013)=\n## qiu/backbones-fer2013" in text
    row = next(line for line in text.splitlines() if "`vgg16_short_s0`" in line)
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    (record,) = (r for r in load_all() if r.config["variant"] == "vgg16")
    assert cells[2] == "60.0" and cells[3] == f"`{record.data['seal'][:8]}`"  # 42 of 70
