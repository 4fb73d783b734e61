"""What the book shows of audits: lines, peers, error rates, the worked example."""

import json
from pathlib import Path

import pandas as pd
import pytest

from ferbook.errors import InputError
from ferbook.report import audit_example, audited, figures_verdicts


def test_every_finding_is_a_line_with_its_place() -> None:
    lines = audited.lines("qiu").splitlines()
    assert len(lines) == audited.counts().loc["Qiu"].sum()
    cell = "qiu/table3/resnet/disgust"
    linked = f'<a href="../dashboard.html#{cell}"><code>{cell}</code></a>'
    assert lines[0].startswith(f"- **impossible**, {linked} (Table 3, row ResNet")
    serious = audited.lines("qiu", "contradiction").splitlines()
    assert len(serious) == audited.counts().loc["Qiu", ["impossible", "contradiction"]].sum()
    assert all("**impossible**" in line or "**contradiction**" in line for line in serious)
    with pytest.raises(InputError, match="severity 'worst': expected one of impossible"):
        audited.lines("qiu", "worst")


def test_a_paper_without_serious_findings_says_so() -> None:
    if not audited.counts().loc["Chew", "impossible"]:
        assert audited.lines("chew", "impossible") == "Nothing of that kind was found."


def test_peers_by_what_they_print() -> None:
    table = audited.peers("fer2013")
    letheSec = table[table.index.str.startswith("LetheSec")].iloc[0]
    # reported/peers/: 73.70 %, ten crops of PrivateTest, on which the epoch was chosen
    assert letheSec["printed"] == "73.70 %" and letheSec["is"] == "private, ten crops"
    assert letheSec["chosen"] == "on the same part"
    ckplus = audited.peers("ckplus")
    assert 0 < len(ckplus) < len(audited.peers())
    said = audited.peers_sentence()
    assert "WuJie1010" in said and "usef-kh" not in said  # chosen on the other test part
    assert "99.01 % is no share of 3,589 images" in audited.peer_lines()


@pytest.fixture
def simulated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rates = [
        {"kind": "f1", "points": points, "papers": 200, "serious": serious, "suspicious": 1}
        for points, serious in ((0.1, 20), (10.0, 60))
    ]
    honest = {"papers": 1000, "with": {"suspicious": 7}, "wronged": {"f1": 3}}
    (tmp_path / "audit").mkdir()
    content = json.dumps({"honest": honest, "altered": rates})
    (tmp_path / "audit" / "simulation.json").write_text(content)
    monkeypatch.setenv("FERBOOK_RESULTS", str(tmp_path))
    audited.simulation.cache_clear()
    yield
    audited.simulation.cache_clear()


def test_error_rates_by_hand(simulated: None) -> None:
    assert audited.honest_sentence().startswith("Of 1,000 honest papers, **3** are told")
    table = audited.detection()
    assert table.loc["an F1"].to_list() == [10.0, 30.0]
    axis = figures_verdicts.detection(table).axes[0]
    assert list(axis.lines[0].get_ydata()) == [10.0, 30.0]
    assert "an F1 10 % and 30 %" in figures_verdicts.say_detection(table)
    assert "not simulated" in figures_verdicts.say_detection(pd.DataFrame())


def test_the_example_is_that_of_the_format(tmp_path: Path) -> None:
    text = audit_example.paper()
    assert text.startswith("paper: pets\n")
    assert audit_example.audit().splitlines()[0] == (
        "impossible: pets/table1/net/accuracy (class-accuracies)"
    )
    own = tmp_path / "own.yaml"
    own.write_text(text.replace("79.5", "77.5"))
    assert audit_example.paper(str(own)) == own.read_text()
    assert "impossible" not in audit_example.audit(str(own)).splitlines()[0]
    own.write_text("paper: pets\nrows: 3\n")
    with pytest.raises(InputError) as caught:
        audit_example.audit(str(own))
    assert str(caught.value).startswith(f"{own}, line 2: ")  # the reader's own file
    with pytest.raises(InputError, match="no such file"):
        audit_example.paper(str(tmp_path / "none.yaml"))


def test_up_to_where_near_copies_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """What book/data.md says: with a pixel cut off all around, not with four; nor 12 degrees."""
    changes = {"cut off on every side, pixels": (1, 4), "turned, degrees": (3, 12)}
    monkeypatch.setattr(audit_example, "CHANGES", changes)
    table = audit_example.found_again(20, seed=2)
    cut, turned = (table.loc[name] for name in changes)
    assert cut[1] >= 95 and cut[4] == 0 and pd.isna(cut[3])
    assert turned[3] >= 95 and turned[12] < 50


def test_the_limit_of_a_cut_is_said_by_hand() -> None:
    name = "cut off on every side, pixels"
    shares = pd.DataFrame({1: [100.0], 2: [80.0], 3: [4.0], 4: [0.0], 6: [None]}, index=[name])
    assert audit_example.limit_sentence(shares) == (
        "Of faces that were cut, nearly all are found with up to 1 of 48 pixels on every side cut"
        " off; from 3 on, hardly any."
    )
    never = pd.DataFrame({1: [50.0], 2: [60.0]}, index=[name])
    assert audit_example.limit_sentence(never).endswith("found with no pixel at all cut off.")


def test_every_planted_leak_is_found() -> None:
    table, images = audit_example.leaky_split(70, seed=1)
    assert len(table) == len(images) == 70 + len(audit_example.LEAKS)
    said = audit_example.split_findings(table, images)
    # two pixel for pixel, one of them under another label; JPEG and shift; the mirror image
    for expected in (
        "**contradiction** (exact-copies)",
        "test: 2 of 19",
        "**contradiction** (label-conflicts)",
        "**suspicious** (near-copies)",
        "**suspicious** (mirrored-copies)",
        "test: 1 of 19",
    ):
        assert expected in said
    assert ".." not in said
