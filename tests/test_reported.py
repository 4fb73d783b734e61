"""reported/*.yaml: complete, well-formed, and refused when anything about them is off."""

import re
from collections import Counter
from pathlib import Path

import pytest

from ferbook import paths
from ferbook.emotions import EMOTIONS
from ferbook.errors import InputError
from ferbook.report.claims import evaluate
from ferbook.report.reported import Number, load, load_all, load_reported
from ferbook.study.recipe import recipe

MODELS = ("densenet", "dpn", "resmasking", "resnet", "vgg16", "ensemble")


@pytest.fixture(scope="module")
def papers():
    return load_all()


def families(paper):
    return Counter(row.id.split("/")[1] for row in paper.rows if "@" not in row.id)


def test_rows_per_family(papers):
    # chew: 2 datasets x 7 emotions; 2 x 3 networks; 2 drops; 2 x 2 occlusions
    assert families(papers["chew"]) == {
        "table": 14, "overall": 6, "ablation": 2, "occlusion": 4, "claim": 24, "dataset": 4
    }  # fmt: skip
    # qiu: 6 models x 7 emotions, twice; 12 models x accuracy and f1
    assert families(papers["qiu"]) == {
        "table1": 42, "table2": 24, "table3": 42, "claim": 15, "dataset": 7
    }  # fmt: skip


def test_every_cell_of_the_tables_is_a_row(papers):
    grid = {f"chew/table/{d}/{e}" for d in ("ckplus", "fer2013") for e in EMOTIONS}
    grid |= {
        f"chew/overall/{d}/{v}"
        for d in ("ckplus", "fer2013")
        for v in ("hybrid", "pixels", "landmarks")
    }
    grid |= {f"chew/ablation/{d}/drop" for d in ("ckplus", "fer2013")}
    grid |= {f"chew/occlusion/{d}/{r}" for d in ("ckplus", "fer2013") for r in ("eyes", "mouth")}
    assert grid <= set(papers["chew"].by_id)
    grid = {f"qiu/{t}/{m}/{e}" for t in ("table1", "table3") for m in MODELS for e in EMOTIONS}
    grid |= {
        f"qiu/table2/{p}{m}/{k}" for p in ("", "p") for m in MODELS for k in ("accuracy", "f1")
    }
    assert grid <= set(papers["qiu"].by_id)


@pytest.mark.parametrize(
    ("id", "text", "unit"),
    [
        ("chew/table/ckplus/happy", "91", "percent"),
        ("chew/table/fer2013/disgust", "75", "percent"),
        ("chew/overall/ckplus/hybrid", "88.3", "percent"),
        ("chew/overall/fer2013/landmarks", "68.7", "percent"),
        ("chew/ablation/fer2013/drop", "4 to 6", "points"),
        ("chew/occlusion/ckplus/mouth", "<= 5", "points"),
        ("chew/claim/abstract-fer2013", "82.5", "percent"),
        ("chew/claim/zoom", "90 to 110", "percent"),
        ("chew/claim/tang-2013", "> 70", "percent"),
        ("qiu/table1/dpn/disgust", "-58.72", "points"),
        ("qiu/table1/densenet/sad", "12.2", "points"),
        ("qiu/table2/resnet/f1", "0.685", "f1"),
        ("qiu/table2/pensemble/accuracy", "40", "percent"),
        ("qiu/table2/presmasking/f1", None, "f1"),
        ("qiu/table3/vgg16/sad", "-17.3", "points"),
        ("qiu/table3/ensemble/fear", None, "points"),
        ("qiu/claim/largest-drop", "85", "points"),
        ("qiu/dataset/train-images", "28708", "count"),
    ],
)
def test_printed_values(papers, id, text, unit):
    row = papers[id.split("/")[0]].by_id[id]
    assert (row.reported and str(row.reported), row.unit) == (text, unit)


def test_blank_cells_are_those_without_a_perturb_scheme(papers):
    rows = [row for row in papers["qiu"].rows if "@" not in row.id and row.reported is None]
    blank = Counter(tuple(row.id.split("/")[1:3]) for row in rows)
    assert blank == {
        ("table2", "pdensenet"): 2, ("table2", "presmasking"): 2, ("table3", "densenet"): 7,
        ("table3", "resmasking"): 7, ("table3", "ensemble"): 7,
    }  # fmt: skip


def test_sums_that_guard_against_a_slip_of_the_pen(papers):
    """Column sums of the tables, added up by hand from the papers."""

    def total(paper, pattern):
        cells = papers[paper].printed_cells()
        return sum(v for k, v in cells.items() if re.fullmatch(pattern, k) and v is not None)

    # 91 + 84 + 87 + 86 + 90 + 83 + 85 and 89 + 78 + 79 + 76 + 84 + 75 + 80
    assert total("chew", "chew/table/ckplus/[a-z]+") == 606
    assert total("chew", "chew/table/fer2013/[a-z]+") == 561
    # angry: 39.1 + 34.8 + 31.6 + 19.9 + 22.8 + 31.6; fear: 20 + 22.8 + 12.6 + 18 + 17.2 + 12.6
    assert total("qiu", "qiu/table1/[a-z0-9]+/angry") == pytest.approx(-179.8)
    assert total("qiu", "qiu/table1/[a-z0-9]+/fear") == pytest.approx(-103.2)
    # 72.6 + 71.2 + 66 + 69.2 + 66.5 + 73.4 + 71.9 + 72.3 + 69.5 + 40
    assert total("qiu", "qiu/table2/[a-z0-9]+/accuracy") == pytest.approx(672.6)
    # 0.8 + 3.5 + 12.2 + 2 + 1 - 1.2 + 1.5 + 1.5 - 17.3 + 1.4 - 0.6 + 2.2 - 0.5 + 2.1 + 1.6
    # - 3.6 + 5.6 + 5 + 3 + 8.4 + 18
    assert total("qiu", "qiu/table3/[a-z0-9]+/[a-z]+") == pytest.approx(46.6)


def test_claims_over_the_printed_cells(papers):
    """What each paper's own tables say of its text; None where only ranges are printed."""
    held = {
        claim.id: evaluate(claim.expression, paper.printed_cells())
        for paper in papers.values()
        for claim in paper.claims
    }
    assert held["hybrid-is-best"] is True
    assert held["drop-4-to-6"] is True  # 88.3 - 83.6 = 4.7 and 82.5 - 77.9 = 4.6
    assert held["fer2013-above-75"] is False  # disgust is printed as 75
    assert held["occlusion-within-5"] is None
    assert held["disgust-improves-under-masks"] is False  # VGG16, disgust: -49.3
    assert held["splits-add-up"] is False  # 28,708 + 3,589 + 3,589 = 35,886
    assert held["largest-drop-is-in-table1"] is False  # 62.8, not 85
    # VGG16: (-35 - 20.1) / 2 = -27.55 and (-22.8 - 7.9 - 43.2 - 49.3 - 17.2) / 5 = -28.08
    assert held["happy-and-surprise-fall-more"] is False
    # 71.9 > 71.2, 72.3 > 69.2, 69.5 > 66.5, but 40 < 73.4
    assert held["perturb-improves"] is False
    assert held["perturb-improves-singles"] is held["perturb-improves-some"] is True
    # disgust: -3.6 (DPN), 5.6 (ResNet), 5 (VGG16); others fall in 1, 1 and 2 of 6 cells
    assert held["disgust-falls"] is held["gains-but-disgust"] is False
    assert held["disgust-falls-somewhere"] is True
    assert held["other-emotions-gain"] is False


def test_the_recipe_is_the_printed_one(papers):
    """Section 4.4 is implemented as printed: each setting equals its row."""
    cells = papers["chew"].by_id

    def value(slug):
        return cells[f"chew/claim/{slug}"].reported.value

    chew = recipe("chew")
    zoom = cells["chew/claim/zoom"].reported
    assert (chew.lr, chew.batch, chew.epochs) == tuple(
        map(value, ("learning-rate", "batch", "epochs"))
    )
    assert (chew.geometry.rotation, chew.geometry.translation) == (
        value("rotation"),
        value("translation"),
    )
    assert [100 * end for end in chew.geometry.zoom] == pytest.approx([zoom.low, zoom.high])


def test_class_counts_add_up_to_the_dataset(papers):
    for paper in papers.values():
        counts = paper.class_counts["fer2013"]
        assert {part: sum(c.values()) for part, c in counts.items()} == {
            "train": 28709, "public": 3589, "private": 3589
        }  # fmt: skip
        assert sum(sum(c.values()) for c in counts.values()) == paper.n["fer2013"].total


def test_assumptions_of_a_row_gather_paper_protocol_and_variants(papers):
    qiu = papers["qiu"]
    names = qiu.assumptions_of(qiu.by_id["qiu/table3/resnet/happy"])
    # A14 and A29 from the protocol, A21, A30, A34 and A35 from the paper, A20 from resnet, the rest
    # from presnet
    assert names == ["A14", "A20", "A21", "A22", "A23", "A24", "A25", "A29", "A30", "A34", "A35"]
    assert qiu.assumptions_of(qiu.by_id["qiu/dataset/images"]) == []


def test_an_unknown_paper_lists_the_known(papers):
    with pytest.raises(InputError, match="'x': expected one of chew, qiu"):
        load_reported("x")


GOOD = "reported: {value: 89, decimals: 0}, unit: percent"
TABLE = "id: chew/table/fer2013/happy"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (GOOD, f"{GOOD}, colour: red", "row chew/table/fer2013/happy: field colour: no such field"),
        (GOOD, GOOD.replace("percent", "percents"), "row chew/table/fer2013/happy: field unit"),
        (GOOD, GOOD.replace("percent", "points"), "field unit: expected percent"),
        (GOOD, GOOD.replace("89", "many"), "field reported.value"),
        (GOOD, GOOD.replace("89", ".nan"), "field reported.value"),
        (GOOD, GOOD.replace(", decimals: 0", ""), "field reported.decimals: is missing"),
        (GOOD, GOOD.replace("value: 89, ", ""), "field reported: expected either `value`"),
        (GOOD, GOOD.replace("89,", "89, low: 3,"), "field reported: expected either `value`"),
        (GOOD, GOOD.replace("0}", '0, comparator: "<"}'), "comparator must be one of =, about"),
        (GOOD, GOOD.replace("value: 89", "low: 9, high: 8"), "comparator must be one of between"),
        (f"{TABLE},", "", "row number 11: field id: is missing"),
        (f"{TABLE},", "id: chew/Table/x/y,", "field id: expected an id such as"),
        (f"{TABLE},", "id: qiu/table/x/happy,", "expected it to begin with chew/"),
        (f"{TABLE},", "id: chew/table/fer2013/sad,", "sad: field id: this id is given twice"),
        (f"{TABLE},", "id: chew/table/fer2013/glad@x,", "field id: there is no row"),
        ("protocol: ckplus-count", "protocol: nope", "field protocol: 'nope' is none of"),
        ("against: {variant: pixels}", "against: {variant: rgb}", "against.variant: 'rgb' is none"),
        (", against: {variant: pixels}", "", "field against: goes with a difference"),
        (", count: sequences", "", "field count: goes with metric count"),
        ("count: sequences", "count: frames", "field count"),
        (", pick: lowest", "", "field pick"),
        ("variant: hybrid, class: angry", "variants: [hybrid, rgb], class: angry", "'rgb' is none"),
        ("variant: hybrid, class: angry", "variants: [hybrid, pixels], class: angry", "goes with"),
        ("recipe: chew\n", "", "field recipe: is missing"),
        ("paper: chew\n", "paper: chow\n", "field paper: expected chew, not chow"),
        ("all(chew/table/fer2013/* > 75)", "all(chew/tabel/* > 75)", "claim fer2013-above-75"),
        ("decimals: 0}", "decimals: 0, decimals: 1}", "key `decimals` is given twice"),
        ("authors: [Monica Chew]", "authors: &a [Monica Chew]\nmore: *a", "aliases"),
        ("authors: [Monica Chew]", "authors: [Monica Chew", "not readable as YAML"),
        ("dataset: ckplus48, split", "split", "protocols ckplus-accuracy: metric accuracy"),
        ("authors: [Monica Chew]", "authors: !!python/name:os.system x", "could not determine"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(tmp_path, old, new, message):
    text = (paths.reported() / "chew.yaml").read_text()
    assert old in text
    file = tmp_path / "chew.yaml"
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        load(file)
    assert message in str(caught.value)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["", "[]", "rows: 1", "null", "\x00", "a: " * 2000])
def test_a_file_of_another_kind(tmp_path, content):
    file = tmp_path / "chew.yaml"
    file.write_text(content)
    with pytest.raises(InputError, match=re.escape(str(file))):
        load(file)


def test_a_huge_file_is_not_read(tmp_path):
    file: Path = tmp_path / "chew.yaml"
    file.write_bytes(b"#" * 1_000_001)
    with pytest.raises(InputError, match="1,000,001 bytes"):
        load(file)


def test_a_number_is_shown_as_printed():
    assert str(Number(value=0.7, decimals=2)) == "0.70"
    assert str(Number(value=7000, decimals=-3)) == "7000"
    assert str(Number(low=4, high=6, comparator="between", decimals=1)) == "4.0 to 6.0"
    assert str(Number(high=5, comparator="<=", decimals=0)) == "<= 5"
