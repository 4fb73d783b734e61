"""Claims that no printed number decides: their rows, and what is said of them, by hand."""

import re

import pytest

from ferbook import paths
from ferbook.report import speed
from ferbook.report.qiu import saliency_claims, unprinted
from test_qiu_tables import put, root  # noqa: F401


def test_every_reading_of_saliency_has_a_row_and_every_row_a_page(root):  # noqa: F811
    rows = unprinted.rows("short")
    words = {claim.words for claim in saliency_claims.CLAIMS}
    assert sum(any(said.startswith(f"“{one}”") for one in words) for said, *_ in rows) == len(words)
    for _, answer, page in rows:
        assert answer
        name = re.fullmatch(r"\{doc\}`[a-z ]+ </book/(notebooks/\w+)>`", page)
        assert name and (paths.checkout() / f"{name[1]}.py").is_file()
    # nothing is recorded: no answer leans
    assert not any("leans" in answer for _, answer, _ in rows)
    assert "## What no printed number decides" in unprinted.section("short")


def test_more_clusters_beside_three(root):  # noqa: F811
    assert unprinted.more_clusters("short").startswith("No other numbers")
    for seed in (0, 1):
        put(root, "pvgg16", range(14), seed)
        put(root, "n5", range(28), seed, experiment="clusters-vgg16")  # 14 of 70 images worse
        put(root, "n8", range(14), seed, experiment="clusters-vgg16")  # the same ones wrong
        put(root, "n2", range(7), seed, experiment="clusters-vgg16")  # fewer than three
    assert unprinted.more_clusters("short") == (
        "PVGG: of 2 numbers above 3, beside 3 clusters 1 behind, 1 not told apart."
    )


@pytest.mark.parametrize(
    ("each", "said"),
    # of 28,708 printed training images
    [(1e-3, "1.00 ms an image, so **28.7 s**"), (1.0, "1000.00 ms an image, so **28,708.0 s**")],
)
def test_each_image_has_its_own_clusters_in_so_many_seconds(monkeypatch, each, said):
    row = {"name": "kmeans", "what": "k-means", "ours": [each] * 3, "hardware": {"threads": 2}}
    monkeypatch.setattr(speed, "rows", lambda device: [row])
    assert said in unprinted.each_image()
    assert unprinted.each_image().endswith("feasible." if each < 1 else "much.")
