"""Tables and signs of executed notebooks, as a page shows them."""

import nbformat.v4 as new
import pandas as pd
from bs4 import BeautifulSoup

from ferbook.report.book.typeset import signs, tables, typeset


def soup(frame):
    return BeautifulSoup(tables(frame.to_html()), "html.parser")


def texts(found):
    return [" ".join(one.get_text().split()) for one in found]


def test_a_hyphen_is_a_minus_only_where_it_is_the_sign_of_a_number():
    assert signs("-3.5 [-4.0, +0.1]; (-1) to -.5") == "−3.5 [−4.0,\u00a0+0.1]; (−1) to −.5"
    for kept in ("80-10-10", "`-1`", "fer2013-5", "x)-1", "- 3", "2.1-2.2", "-p seed", "a=-1"):
        assert signs(kept) == kept
    assert (
        signs("-0.0 [-0.04, -0.00]") == "0.0 [−0.04,\u00a00.00]"
    )  # what rounds to nothing is not below
    assert signs("8% and 9 % of 2 ×, 100%d") == "8\u00a0% and 9\u00a0% of 2\u00a0×, 100%d"


def test_the_name_of_the_index_moves_into_the_corner():
    table = soup(pd.DataFrame({"points": ["-1.0"], "on": ["CK+"]}, pd.Index(["H1"], name="claim")))
    assert texts(table.select("thead th")) == ["claim", "points", "on"]
    assert len(table.select("thead tr")) == 1
    # two rows of heads that both say something stay, and so does a corner that is taken
    columns = pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")])
    assert len(soup(pd.DataFrame([[1, 2]], columns=columns)).select("thead tr")) == 2
    taken = pd.DataFrame([[1]], pd.Index([0], name="row"), pd.Index(["x"], name="column"))
    assert len(soup(taken).select("thead tr")) == 2


def test_columns_of_numbers_stand_to_the_right_and_intervals_stay_whole():
    frame = pd.DataFrame(
        {"images": ["3,589", "–"], "points": ["-1.0 [-2.0, 0.1]", "not measured"]},
        ["all", "a claim whose words are longer than a line of a phone"],
    )
    table = soup(frame)
    sides = {
        cell.get_text(): cell["class"][0] for cell in table.select("td, thead th:not(:first-child)")
    }
    assert sides == {
        "images": "right", "3,589": "right", "–": "right",
        "points": "left", "−1.0 [−2.0,\u00a00.1]": "left", "not measured": "left",
    }  # fmt: skip
    assert texts(table.select("td .interval")) == ["[−2.0, 0.1]"]
    assert len(table.select("th.long")) == 1 and table.table["class"] == ["dataframe"]


def test_an_empty_table_keeps_its_heads_and_code_is_code():
    assert texts(soup(pd.DataFrame(columns=["seed"])).select("th")) == ["", "seed"]
    table = soup(pd.DataFrame({"takes": ["1 s"]}, pd.Index(["`ferbook verify`"], name="")))
    assert len(table.select("thead tr")) == 1 and texts(table.select("th code")) == [
        "ferbook verify"
    ]


def test_a_styled_table_looks_like_any_other_and_prose_has_its_signs():
    styled = pd.DataFrame({"loss": [-0.25]}, ["eyes"]).style.format("{:.1f}").to_html()
    outputs = [
        new.new_output("execute_result", {"text/html": styled, "text/plain": "-0.25"}),
        new.new_output("display_data", {"text/markdown": "it loses -2 points"}),
        new.new_output("stream", text="-3"),
    ]
    typeset(new.new_notebook(cells=[new.new_code_cell("x = -1", outputs=outputs)]))
    assert "<style" not in outputs[0].data["text/html"] and "−0.2" in outputs[0].data["text/html"]
    assert 'class="dataframe"' in outputs[0].data["text/html"]
    assert outputs[1].data["text/markdown"] == "it loses −2 points"
    assert outputs[2].text == "-3"
