"""The numbers that are read back from a figure, each known from what was drawn."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import seaborn as sns

from ferbook.report import plotted


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def rows(figure, *columns):
    """Those columns of the table, a tuple a row, None where there is no value."""
    frame = plotted.table(figure)
    frame = frame.astype(object).where(frame.notna(), None)
    return list(frame[list(columns)].itertuples(index=False, name=None))


def test_a_line_is_its_points_at_full_precision():
    figure, axis = plt.subplots()
    axis.plot([1, 2, 3], [1 / 3, np.nan, 0.25], label="pixels")
    axis.set(xlabel="epoch", ylabel="accuracy, %", title="")
    assert rows(figure, "kind", "series", "x", "y", "x_axis", "y_axis") == [
        ("line", "pixels", 1, 1 / 3, "epoch", "accuracy, %"),
        ("line", "pixels", 3, 0.25, "epoch", "accuracy, %"),  # what is not drawn is not told
    ]
    assert list(plotted.table(figure)) == ["kind", "series", "x", "y", "x_axis", "y_axis"]


def test_dots_on_named_rows_bear_their_interval_and_the_name_in_the_legend():
    figure, axis = plt.subplots()
    for row, (value, low, high) in enumerate([(2.0, 1.0, 4.0), (3.0, 2.5, 3.25)]):
        axis.plot([low, high], [row, row], color="#0072B2", lw=5, alpha=0.3)
        axis.plot(value, row, "o", color="#0072B2")
        axis.plot(value + 1, row, "D", mfc="none", mec="black", color="black")
    axis.axvline(0, color="black")
    axis.plot([], [], "o-", color="#555555", label="ours, 95 %")
    axis.plot([], [], "D", color="black", label="printed")
    axis.set_yticks([0, 1], ["happy", "sad"])
    axis.legend()
    assert rows(figure, "kind", "series", "x", "x_low", "x_high", "y") == [
        ("point", "ours, 95 %", 2, 1, 4, "happy"),
        ("point", "printed", 3, None, None, "happy"),
        ("point", "ours, 95 %", 3, 2.5, 3.25, "sad"),
        ("point", "printed", 4, None, None, "sad"),
        ("reference", None, 0, None, None, None),  # black as the diamonds are, and none of them
    ]


def test_two_intervals_over_one_dot_stay_apart_by_their_width():
    figure, axis = plt.subplots()
    axis.plot([1, 3], [0, 0], color="blue", lw=7)
    axis.plot([0, 4], [0, 0], color="blue", lw=1.5)
    axis.plot(2, 0, "o", color="black")
    axis.plot([], [], color="blue", lw=7, label="images")
    axis.plot([], [], color="blue", lw=1.5, label="seeds too")
    axis.legend()
    assert rows(figure, "kind", "series", "x", "x_low", "x_high", "y")[:2] == [
        ("interval", "images", None, 1, 3, 0),
        ("interval", "seeds too", None, 0, 4, 0),
    ]


def test_error_bars_are_in_the_row_of_their_point():
    figure, axis = plt.subplots()
    axis.errorbar([1, 2], [10.0, 20.0], yerr=[[1, 2], [3, 4]], fmt="o-", label="vgg16")
    axis.errorbar([5.0], [7.0], xerr=[[0.5], [0.25]], fmt="s", label="other")
    assert rows(figure, "series", "x", "x_low", "x_high", "y", "y_low", "y_high") == [
        ("vgg16", 1, None, None, 10, 9, 13),
        ("vgg16", 2, None, None, 20, 18, 24),
        ("other", 5, 4.5, 5.25, 7, None, None),
    ]


def test_bars_and_what_stands_beside_them():
    figure, axis = plt.subplots()
    axis.barh(["angry", "happy"], [0.5, 0.25], label="position")
    axis.barh(["angry", "happy"], [1.5, 0.5], left=[0.5, 0.25], label="intensity")
    axis.errorbar(0.25, 1, xerr=[[0.125], [0.25]], fmt="none", ecolor="black")
    axis.text(2.1, 0, "4,953")
    assert rows(figure, "kind", "series", "x", "x_low", "x_high", "y", "base", "text") == [
        ("bar", "position", 0.5, None, None, "angry", None, None),
        ("bar", "position", 0.25, 0.125, 0.5, "happy", None, None),
        ("bar", "intensity", 1.5, None, None, "angry", 0.5, None),
        ("bar", "intensity", 0.5, None, None, "happy", 0.25, None),
        ("text", None, None, None, None, "angry", None, "4,953"),
    ]


def test_a_number_beside_its_own_bar_is_said_once():
    figure, axis = plt.subplots()
    axis.barh(["angry", "happy"], [4953, 12.25])
    axis.text(5000, 0, "4,953")
    axis.text(13, 1, "12.3 %")  # rounded to even by nobody
    axis.text(13, 0, "12.3 %")  # of the other bar
    axis.text(13, 1, "12.3 faces")
    assert rows(figure, "kind", "y", "text") == [
        ("bar", "angry", None),
        ("bar", "happy", None),
        ("text", "angry", "12.3 %"),
        ("text", "happy", "12.3 faces"),
    ]


def test_a_band_is_in_the_rows_of_its_line():
    figure, axis = plt.subplots()
    axis.fill_between([0, 1], [1, 2], [3, 5], color="red", alpha=0.2)
    axis.plot([0, 1], [2, 3], color="red", label="hybrid")
    assert rows(figure, "kind", "series", "x", "y", "y_low", "y_high") == [
        ("line", "hybrid", 0, 2, 1, 3),
        ("line", "hybrid", 1, 3, 2, 5),
    ]


def test_a_matrix_is_told_cell_by_cell_and_a_picture_is_not():
    figure, (left, right) = plt.subplots(1, 2)
    names = ["angry", "happy"]
    sns.heatmap([[80, 20], [1 / 3, 90]], annot=True, cbar=False, ax=left,
                xticklabels=names, yticklabels=names)  # fmt: skip
    right.imshow(np.arange(12).reshape(3, 4))
    assert rows(figure, "panel", "kind", "x", "y", "value", "text") == [
        ("column 1", "cell", "angry", "angry", 80, None),
        ("column 1", "cell", "happy", "angry", 20, None),
        ("column 1", "cell", "angry", "happy", 1 / 3, None),
        ("column 1", "cell", "happy", "happy", 90, None),
        ("column 2", "picture", None, None, None, "4 x 3 pixels, not in this table"),
    ]


def test_points_that_are_strewn_belong_to_the_row_next_to_them():
    figure, axis = plt.subplots()
    axis.scatter([0.5, 0.75], [0.1, 0.9], color="red")
    axis.set_yticks([0, 1], ["a", "b"])
    assert rows(figure, "kind", "x", "y") == [("point", 0.5, "a"), ("point", 0.75, "b")]


def test_panels_are_called_by_their_titles_else_by_their_place():
    figure, axes = plt.subplots(2, 2)
    for axis in axes.flat:
        axis.plot([1, 2], [1, 2])
    axes[0, 0].set_title("light\n(dark)")
    axes[0, 0].set_ylabel("points")
    assert list(dict.fromkeys(rows(figure, "panel", "y_axis"))) == [
        ("row 1, light (dark)", "points"),
        ("row 1, column 2", "points"),  # the left label stands for the row
        ("row 2, light (dark)", None),
        ("row 2, column 2", None),
    ]


def test_series_that_no_legend_names_are_told_apart_by_look():
    figure, axis = plt.subplots()
    axis.plot([1, 2], [1, 2], "--", color="#ff0000")
    axis.plot([1], [2], "D", color="#0000ff")
    assert [name for (name,) in rows(figure, "series")] == [
        "dashed line #ff0000", "dashed line #ff0000", "diamond #0000ff",
    ]  # fmt: skip


def test_series_whose_place_says_what_they_are_need_no_look():
    figure, axis = plt.subplots()
    axis.barh(["angry", "happy"], [1, 2], color=["red", "blue"])
    assert "series" not in plotted.table(figure)


def test_hollow_marks_are_another_series_than_full_ones():
    figure, axis = plt.subplots()
    axis.plot(1, 0, "o", color="red", mfc="white")
    axis.plot(2, 0, "o", color="red")
    axis.plot([], [], "o", color="grey", mfc="white", label="own dataset")
    axis.plot([], [], "o", color="grey", label="other dataset")
    axis.legend()
    assert rows(figure, "series", "x") == [("own dataset", 1), ("other dataset", 2)]


def test_a_dot_is_not_the_line_of_its_colour_in_the_legend():
    figure, axis = plt.subplots()
    axis.plot(1, 0, "o", color="grey")
    axis.plot([], [], "o", color="black", label="VGG16")
    axis.plot([], [], color="grey", label="no preference")
    axis.legend()
    assert rows(figure, "series") == [("VGG16",)]


def test_a_dashed_line_is_not_the_full_one_of_its_colour():
    figure, axis = plt.subplots()
    axis.plot([1, 2], [3, 4], "--", color="red")
    axis.plot([1, 2], [1, 2], color="red", label="all four")
    axis.legend()
    assert rows(figure, "series", "y") == [
        ("all four, dashed line", 3), ("all four, dashed line", 4),
        ("all four", 1), ("all four", 2),
    ]  # fmt: skip


def test_numbers_on_fixed_ticks_stay_numbers():
    figure, axis = plt.subplots()
    axis.plot([1, 1.4], [1, 2], "o")
    axis.set_xticks([1, 2], ["1", "2"])
    assert rows(figure, "x") == [(1,), (1.4,)]


def test_what_a_page_gives_goes_before_what_is_drawn():
    figure, axis = plt.subplots()
    axis.plot([1, 2], [1, 2])
    given = pd.DataFrame({"emotion": ["happy"], "share": [0.5]})
    plotted.give(figure, given)
    assert plotted.table(figure) is given


def test_a_figure_of_words_is_its_words():
    figure, axis = plt.subplots()
    axis.set_axis_off()
    figure.text(0.5, 0.5, "no such run is recorded yet")
    assert rows(figure, "kind", "text") == [("text", "no such run is recorded yet")]
