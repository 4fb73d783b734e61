"""How tables and signs of an executed notebook are set: the same whatever made them.

pandas gives the name of its index a row of heads of its own, and to tables from a Styler another
look; numbers are written with a hyphen for a minus. A page shows one row of heads, columns of
numbers to the right, intervals that break as a whole, and a minus that is as wide as a plus.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

#: A hyphen that is the sign of a number: nothing that it could join stands before it.
SIGN = re.compile(r"(?<![\w`\-–.,)\]}/=])-(?=\.?\d)")
#: A number that rounds to nothing has no sign.
NOTHING = re.compile(r"−(0\.0+)(?!\d)")
#: What stays on the line of its number.
UNIT = re.compile(r"(?<=\d) ?%(?![\w%])|(?<=\d) ×")
CODE = re.compile(r"`([^`]+)`")
LONG = 36  #: letters, from which the head of a row needs room
INTERVAL = re.compile(r"\[[+−]?[\d.,]+(?:,\s|\sto\s)[+−]?[\d.,]+\]")
NUMBER = re.compile(r"[+−]?[\d.,]+(?: [%×])?|–|")


def signs(text: str) -> str:
    """Text with minus signs, per cent on the line of its number, and intervals that do not break.

    >>> signs("-0.5 [-1.0, -0.0] of 1-2, 3% or 4 %").replace("\\u00a0", "~")
    '−0.5 [−1.0,~0.0] of 1-2, 3~% or 4~%'
    """
    text = NOTHING.sub(r"\1", SIGN.sub("−", text))
    text = INTERVAL.sub(lambda found: found.group().replace(" ", "\u00a0"), text)
    return UNIT.sub(lambda found: f"\u00a0{found.group()[-1]}", text)


def typeset(notebook: Any) -> None:
    """Set the tables and computed sentences among the outputs of a notebook."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "<table" in (text := _joined(data.get("text/html", ""))):
                data["text/html"] = tables(text)
            if text := _joined(data.get("text/markdown", "")):
                data["text/markdown"] = signs(text)


def tables(html: str) -> str:
    """The tables of an output, each as a page shows it."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(html, "html.parser")
    for style in soup.find_all("style"):
        style.decompose()
    for table in soup.find_all("table"):
        table["class"] = "dataframe"
        table.attrs.pop("border", None)
        _one_head(table)
        for cell in table.find_all(["td", "th"]):
            for part in cell.find_all(string=True):
                part.replace_with(signs(part))
        _numbers_right(table)
        _long_heads(table)
        _whole_intervals(soup, table)
        _code(soup, table)
    return str(soup)


def _one_head(table: Tag) -> None:
    """The name of the index, which may be empty, into the corner where its row says no more."""
    rows = table.select("thead tr")
    if len(rows) != 2 or not rows[0].th or rows[0].find(colspan=re.compile(r"[2-9]")):
        return
    corner, (name, *others) = rows[0].th, rows[1].find_all("th")
    if _text(corner) or any(map(_text, others)):
        return
    corner.string = _text(name)
    rows[1].decompose()


def _numbers_right(table: Tag) -> None:
    """Columns that hold nothing but numbers end where their heads end."""
    rows = [row.find_all("td") for row in table.select("tbody tr")]
    heads = [row.find_all("th") for row in table.select("thead tr")]
    for back in range(1, 1 + min(map(len, rows), default=0)):
        column = [row[-back] for row in rows]
        right = all(NUMBER.fullmatch(_text(cell)) for cell in column)
        column += [head[-back] for head in heads if len(head) >= back]
        for cell in column:
            cell["class"] = "right" if right else "left"


def _long_heads(table: Tag) -> None:
    for head in table.select("tbody th"):
        if len(_text(head)) > LONG:
            head["class"] = "long"


def _whole_intervals(soup: BeautifulSoup, table: Tag) -> None:
    for part in table.find_all(string=INTERVAL):
        if part.parent and part.parent.name == "td" and (found := INTERVAL.search(part)):
            span = soup.new_tag("span", attrs={"class": "interval"})
            span.string = found.group()
            part.replace_with(part[: found.start()], span, part[found.end() :])


def _code(soup: BeautifulSoup, table: Tag) -> None:
    """`code`, as it stands in prose."""
    for part in table.find_all(string=CODE):
        before, inside, after = CODE.split(part, maxsplit=1)
        code = soup.new_tag("code")
        code.string = inside
        part.replace_with(before, code, after)


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _text(cell: Tag) -> str:
    return " ".join(cell.get_text().split())
