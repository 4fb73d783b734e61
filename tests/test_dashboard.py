"""The page of every number: counts, rows, downloads and plots, from hand-made outcomes."""

import csv
import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup

from ferbook.report import dashboard
from ferbook.report import figures_dashboard as figures
from ferbook.report.compare import Outcome, as_array
from ferbook.report.verdict import VERDICTS
from test_pages import outcome

NUMBER = {"comparator": "=", "decimals": 1}


def number(id: str, printed: float | None, measured: float | None, **changes: object) -> Outcome:
    given: dict[str, object] = {
        "id": id,
        "paper": id.split("/")[0],
        "reported": None if printed is None else {"value": printed, **NUMBER},
        "measured": measured,
        "ci95": None if measured is None else (measured - 1.5, measured + 1.5),
        "verdict": "inconclusive",
        "reason": "two seeds",
    }
    return outcome(**{**given, **changes})


@pytest.fixture
def found() -> list[Outcome]:
    return [
        number("chew/t/a", 90.0, 80.0),
        number("chew/t/b", 50.0, 60.0, verdict="not reproduced", reason="off by 10 & <more>"),
        number("chew/t/c@official", None, 70.25, verdict="not reported"),
        number("qiu/t/f1", 0.61, 0.6, unit="f1", verdict="reproduced"),
        number("qiu/t/percent", 61.0, 60.0, ci95=None, runs=1),
        number("qiu/n", 28708.0, 28709, unit="count", ci95=None, runs=0, tier=None),
    ]


def soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


# --- counts, table, downloads ------------------------------------------------------------------


def test_the_tally_counts_and_leads_to_what_it_counts(found: list[Outcome]) -> None:
    rows = [
        [cell.get_text() for cell in line.find_all(["th", "td"])]
        for line in soup(dashboard.tally(found)).find_all("tr")
    ]
    assert rows == [
        ["verdict", "Chew", "Qiu", "both"],
        ["reproduced", "0", "1", "1"],
        ["not reproduced", "1", "0", "1"],
        ["inconclusive", "1", "2", "3"],
        ["not reported", "1", "0", "1"],
        ["all", "3", "3", "6"],
    ]
    links = [link["href"] for link in soup(dashboard.tally(found)).find_all("a")]
    assert links[0] == "#paper=qiu&verdict=reproduced"
    assert "#verdict=not+reproduced" in links
    assert links[-2:] == ["#paper=chew", "#paper=qiu"]


def test_a_row_has_an_address_texts_and_the_values_behind_them(found: list[Outcome]) -> None:
    page = soup(dashboard.table(found))
    assert [cell.get_text() for cell in page.select("thead th")] == list(dashboard.COLUMNS)
    row = page.find(id="chew/t/b")
    assert row and row["data-paper"] == "chew"
    said = [cell.get_text() for cell in row.find_all(["th", "td"])]
    reason = "off by 10 & <more>"
    assert said == [
        "chew/t/b", "50.0%", "60.0%", "58.5 to 61.5", "5", "paper", "not reproduced", reason
    ]  # fmt: skip
    kept = {cell["data-label"]: cell.get("data-value") for cell in row.find_all("td")}
    assert (kept["printed"], kept["ours"], kept["95 % interval"]) == ("50", "60", "58.5 61.5")
    # the second of the verdicts, in the order of the tally
    assert kept["verdict"] == "1" and kept["tier"] is None


def test_a_blank_cell_and_a_count_have_no_unit(found: list[Outcome]) -> None:
    page = soup(dashboard.table(found))
    blank = page.find(id="chew/t/c@official")
    count = page.find(id="qiu/n")
    assert blank and [cell.get_text() for cell in blank.find_all("td")][:2] == ["–", "70.2%"]
    assert count and [cell.get_text() for cell in count.find_all("td")][:5] == [
        "28708.0", "28709", "", "", ""
    ]  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [{"measured": 80.0001}, {"reason": "x"}, {"runs": 6}, {"ci95": (78.5, 81.51)}, {"tier": None}],
)
def test_the_digest_covers_every_field(change: dict[str, object]) -> None:
    plain = number("chew/t/a", 90.0, 80.0)
    assert re.fullmatch("[0-9a-f]{16}", dashboard.digest(plain))
    assert dashboard.digest(plain) != dashboard.digest(replace(plain, **change))  # type: ignore[arg-type]


def test_the_digest_is_the_same_on_machines_that_sum_otherwise() -> None:
    one, other = (number("chew/t/a", 90.0, value) for value in (0.1 + 0.2, 0.3))
    assert one.measured != other.measured
    assert dashboard.digest(one) == dashboard.digest(other)


def test_every_verdict_has_a_badge_as_the_page_of_verdicts_shows_it() -> None:
    for verdict in VERDICTS:
        assert f">{verdict}</span>" in dashboard.badge(verdict)
    looks = "sd-sphinx-override sd-badge"
    assert dashboard.badge("reproduced").startswith(
        f'<span class="{looks} sd-bg-success sd-bg-text-success">'
    )
    assert f'class="{looks} sd-outline-muted sd-text-muted"' in dashboard.badge("not measured")


def test_the_csv_holds_what_the_json_holds(found: list[Outcome]) -> None:
    lines = list(csv.DictReader(dashboard.as_csv(found).splitlines()))
    objects = json.loads(as_array(found))
    assert [line["id"] for line in lines] == [entry["id"] for entry in objects]
    for line, entry in zip(lines, objects, strict=True):
        assert line["verdict"] == entry["verdict"] and line["reason"] == entry["reason"]
        assert float(line["measured"]) == entry["measured"]
        ends = [float(line[key]) for key in ("ci95_low", "ci95_high") if line[key]]
        assert ends == (entry["ci95"] or [])
        printed = entry["reported"] or {}
        assert (float(line["value"]) if line["value"] else None) == printed.get("value")
        assert line["assumptions"].split() == entry["assumptions"]


def test_the_page_has_its_parts_and_runs_no_script_of_its_own(found: list[Outcome]) -> None:
    page = dashboard.page(found, "0123456789abcdef")
    for heading in ("## How many", "## Printed against measured", "## The numbers"):
        assert heading in page.splitlines()
    assert page.count("<svg") == 2 and 'id="study">0123456789abcdef<' in page
    assert re.findall("<script[^>]*>(.*?)</script>", page, re.S) == [""]
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    # a fence ends at three backticks
    assert page.count("```{raw} html\n") * 2 == page.count("```")


# --- plots -------------------------------------------------------------------------------------

SVG = "{http://www.w3.org/2000/svg}"


def drawn(paper: str, rows: list[Outcome]) -> ElementTree.Element:
    html = figures.drawing(paper, rows)
    return ElementTree.fromstring(html[html.index("<svg") : html.index("</svg>") + 6])


def places(svg: ElementTree.Element) -> dict[str, tuple[float, float]]:
    """Where each linked point stands, in the drawing's units, y downwards."""
    found = {}
    for link in svg.iter(f"{SVG}a"):
        (use,) = link.iter(f"{SVG}use")
        found[link.attrib["href"][1:]] = (float(use.attrib["x"]), float(use.attrib["y"]))
    return found


def test_points_stand_where_print_and_measurement_say_and_lead_to_their_rows() -> None:
    rows = [
        number("chew/a", 0.0, 0.0),
        number("chew/b", 100.0, 100.0),
        number("chew/c", 80.0, 20.0),
        number("chew/f1", 0.8, 0.2, unit="f1"),
        number("chew/blank", None, 50.0),
        number("chew/unmeasured", 50.0, None),
    ]
    at = places(drawn("chew", rows))
    assert set(at) == {"chew/a", "chew/b", "chew/c", "chew/f1"}
    (x0, y0), (x1, y1) = at["chew/a"], at["chew/b"]
    assert x1 - x0 == pytest.approx(y0 - y1, abs=1e-3)  # both axes have one scale
    # 80 of the way across, 20 of the way up; an F1 in hundredths
    for name in ("chew/c", "chew/f1"):
        assert at[name][0] == pytest.approx(x0 + 0.8 * (x1 - x0), abs=1e-3)
        assert at[name][1] == pytest.approx(y0 + 0.2 * (y1 - y0), abs=1e-3)


def test_counts_have_axes_of_their_own(found: list[Outcome]) -> None:
    at = places(drawn("qiu", found[3:]))
    assert set(at) == {"qiu/t/f1", "qiu/t/percent", "qiu/n"}
    assert at["qiu/n"][1] > max(at["qiu/t/f1"][1], at["qiu/t/percent"][1])  # below


def test_a_range_is_drawn_at_its_end_or_in_its_middle() -> None:
    ranges = {
        "chew/above": {"low": 75.0, "comparator": ">", "decimals": 0},
        "chew/between": {"low": 4.0, "high": 6.0, "comparator": "between", "decimals": 0},
        "chew/at5": {"value": 5.0, "comparator": "=", "decimals": 0},
        "chew/at75": {"value": 75.0, "comparator": "=", "decimals": 0},
    }
    rows = [number(name, 0.0, 50.0, reported=reported) for name, reported in ranges.items()]
    at = places(drawn("chew", rows))
    assert at["chew/above"] == pytest.approx(at["chew/at75"])
    assert at["chew/between"] == pytest.approx(at["chew/at5"])


def test_a_drawing_says_its_numbers_to_who_does_not_see_it(found: list[Outcome]) -> None:
    svg = drawn("chew", found[:3])
    title, description = svg[0], svg[1]
    assert title.text == "Chew: printed against measured"
    assert svg.attrib["aria-labelledby"] == title.attrib["id"] == "chew-plot-title"
    assert svg.attrib["aria-describedby"] == description.attrib["id"]
    assert description.text and description.text.startswith("2 numbers of Chew")
    # both are off by 10; the first is named
    assert "1 inconclusive, 1 not reproduced" in description.text
    assert "Farthest from the diagonal: chew/t/a: printed 90.0%, ours 80.0%" in description.text
    link = next(svg.iter(f"{SVG}a"))
    sentence = (
        "chew/t/a: printed 90.0%, ours 80.0%; 78.5 to 81.5; runs: 5, paper tier; inconclusive"
    )
    assert link.attrib["aria-label"] == sentence
    assert [element.text for element in link.iter(f"{SVG}title")] == [sentence]


def test_two_drawings_share_no_id_and_take_the_colour_of_the_text(found: list[Outcome]) -> None:
    one, other = (figures.drawing(paper, rows) for paper, rows in dashboard.by_paper(found).items())
    ids = [set(re.findall(r'\bid="([^"]+)"', html)) for html in (one, other)]
    assert ids[0] and not ids[0] & ids[1]
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', one))
    assert {name for name in used if "/" not in name} <= ids[0]
    assert "currentColor" in one and figures.INK not in one and "xlink" not in one
    assert figures.LOOKS["not reproduced"][0].lower() in one.lower()


def test_each_verdict_has_a_colour_and_a_shape() -> None:
    colours, shapes = zip(*figures.LOOKS.values(), strict=True)
    assert len(set(colours)) == len(set(shapes)) == len(colours)
    # a number of ours beside one of theirs has one of these
    assert set(figures.LOOKS) == set(VERDICTS) - {"not reported", "not measured"}


def test_a_drawing_is_the_same_each_time(found: list[Outcome]) -> None:
    assert figures.drawing("chew", found[:3]) == figures.drawing("chew", found[:3])


def test_a_drawing_is_offered_in_three_files(found: list[Outcome], tmp_path: Path) -> None:
    html = figures.drawing("chew", found[:3])
    names = [link["href"] for link in soup(html).select(".downloads a")]
    assert names == ["printed-measured-chew.svg", "printed-measured-chew.pdf", "verdicts.csv"]
    figures.save("chew", found[:3], tmp_path)
    svg, pdf = ((tmp_path / name).read_bytes() for name in names[:2])
    assert pdf.startswith(b"%PDF") and figures.INK.encode() not in svg
    assert ElementTree.fromstring(svg).tag == f"{SVG}svg"
    figures.save("qiu", [number("qiu/a", 1.0, None)], tmp_path)
    assert (tmp_path / "printed-measured-qiu.svg").read_bytes() == b""


def test_nothing_to_draw_is_said() -> None:
    assert "both printed and measured yet" in figures.drawing("qiu", [number("qiu/a", 1.0, None)])
