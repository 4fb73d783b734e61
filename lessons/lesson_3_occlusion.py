# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] minutes=5 tags=["slide"]
# # Lesson 3: Occlusion
#
# > question: part of a face is hidden and the network loses accuracy. What has been measured?
#
# At the end you can
#
# - hide a region of a face by its landmarks
# - say how much of what a network knew it has kept
# - tell landmarks found **before** a face was hidden from those found **again**

# %% tags=["parameters"]
seed: int = 0  # of the drawn faces and the networks; 0 to 1000000
faces: int = 280  # that the live networks learn from; 140 to 2000
epochs: int = 4  # of the live networks; 1 to 30

# %% tags=["setup", "hide-input"]
import numpy as np
import pandas as pd
from IPython.display import Markdown, display

from ferbook.data.synthetic import draw
from ferbook.report import alternatives, figures
from ferbook.teach import networks, words
from ferbook.teach.figures import row
from ferbook.vision.landmarks import detect

figures.style()
learnt, asked = draw(faces, seed=seed), draw(105, seed=seed + 1)

# %% [markdown] minutes=5 tags=["slide"]
# ## Three sentences that look alike
#
# - the network lost 20 points when the mouth was hidden
# - the network **looks at** the mouth
# - the network **is not robust** against hidden mouths
#
# The first is measured. What would the others need?

# %% [markdown]
# The paper says that its hybrid network loses little with eyes or mouth hidden, and that it keeps
# its accuracy far better than networks of pixels. It does not say where the landmarks of a hidden
# mouth come from. That decides what the sentence means.

# %% [markdown] tags=["exercise"] minutes=9
# ## Exercise 1: hide a region
#
# Write `hide`: a black box over some landmarks of an image. It goes from the lowest coordinate less
# `margin`, rounded down, to the highest plus `margin`, rounded up; both ends are black. What lies
# outside the frame is cut off.
#
# <details><summary>Hint</summary>
#
# `np.floor(points.min(axis=0) - margin)` has both lower ends, x first. A slice leaves out its end.
#
# </details>


# %% tags=["solution"]
def hide(image, points, margin=2.0):
    """A copy of image (H, W) with a black box over points (K, 2), as (x, y), and a margin."""
    left, top = np.maximum(np.floor(points.min(axis=0) - margin), 0).astype(int)
    right, bottom = np.ceil(points.max(axis=0) + margin).astype(int) + 1
    covered = image.copy()
    covered[top:bottom, left:right] = 0
    return covered


# %% tags=["check"]
import numpy as np

white = np.full((48, 48), 255, np.uint8)
# x from 10.4 - 2 to 20.6 + 2: 8 to 23; y from 30.2 - 2 to 32.9 + 2: 28 to 35
covered = hide(white, np.array([[10.4, 30.2], [20.6, 32.9]]))
assert covered is not None, "`hide` gives nothing: is there a `return`?"
assert (white == 255).all(), "the image that was given has changed: work on a copy"
assert covered[30, 15] == 0 or covered[15, 30] != 0, "x and y are swapped: an array is [y, x]"
rows, columns = np.nonzero(covered == 0)
assert len(rows), "nothing is black"
box = (int(columns.min()), int(columns.max()), int(rows.min()), int(rows.max()))
assert box[:1] + box[2:3] == (8, 28), f"the box begins at x {box[0]}, y {box[2]}; expected 8 and 28"
assert box == (8, 23, 28, 35), (
    f"the box ends at x {box[1]}, y {box[3]}; expected 23 and 35: a slice leaves out its end"
)
edge = hide(white, np.array([[0.5, 0.5], [3.0, 47.0]]))
assert edge[0, 0] == 0 and edge[47, 5] == 0 and edge[20, 6] == 255, (
    "a box at the frame's edge is wrong: a negative index counts from the other side"
)
print("Exercise 1 passed: hidden, and the original is whole.")


# %% tags=["mistake"]
# The image itself is painted over. All that is measured afterwards is measured on spoilt faces.
def hide(image, points, margin=2.0):
    left, top = np.maximum(np.floor(points.min(axis=0) - margin), 0).astype(int)
    right, bottom = np.ceil(points.max(axis=0) + margin).astype(int) + 1
    image[top:bottom, left:right] = 0
    return image


# %% tags=["mistake"]
# At the left or upper edge the index turns negative, and the box lies nowhere.
def hide(image, points, margin=2.0):
    left, top = np.floor(points.min(axis=0) - margin).astype(int)
    right, bottom = np.ceil(points.max(axis=0) + margin).astype(int) + 1
    covered = image.copy()
    covered[top:bottom, left:right] = 0
    return covered


# %% tags=["mistake"]
# The last row and column are left out.
def hide(image, points, margin=2.0):
    left, top = np.maximum(np.floor(points.min(axis=0) - margin), 0).astype(int)
    right, bottom = np.ceil(points.max(axis=0) + margin).astype(int)
    covered = image.copy()
    covered[top:bottom, left:right] = 0
    return covered


# %% tags=["slide"]
mouths = np.stack([hide(i, p[48:68]) for i, p in zip(asked.images, asked.landmarks, strict=True)])
again = detect(mouths).points
pictures = [asked.images[3], mouths[3], mouths[3]]
dots = [asked.landmarks[3], asked.landmarks[3], again[3]]
chart = row(pictures, ["as drawn", "hidden, found before", "hidden, found again"], dots)
alternatives.show(
    chart, "A face; the same with its mouth hidden, under the true landmarks and dlib's"
)

# %% [markdown] minutes=5 tags=["slide"]
# ## What it costs, measured
#
# Two networks, trained here on whole faces. Asked: whole faces; hidden mouths with the landmarks
# from before; hidden mouths with those that dlib finds again. Which column would a camera have?

# %%
trained = {
    name: networks.train(branches, learnt, seed, epochs=epochs)
    for name, branches in (("pixels", ["pixels"]), ("hybrid", ["pixels", "landmarks"]))
}
views = {
    "whole": (asked.images, asked.landmarks),
    "hidden, before": (mouths, asked.landmarks),
    "hidden, again": (mouths, again),
}
accuracy = pd.DataFrame(
    {
        view: {name: own.right(asked, *shown).mean() for name, own in trained.items()}
        for view, shown in views.items()
    }
)

# %% tags=["on-slide"]
(100 * accuracy).style.format("{:.1f}")

# %% [markdown] tags=["exercise"] minutes=7
# ## Exercise 2: how much was kept?
#
# A network that knows nothing loses nothing. So ask which share of its knowledge **above chance** a
# network keeps: 1 is all, 0 is guessing. Write `kept`; where there was nothing to keep it is NaN.


# %% tags=["solution"]
def kept(before, after, chance=1 / 7):
    """Share of the accuracy above chance that is left; NaN where before is not above chance."""
    if before <= chance:
        return float("nan")
    return (after - chance) / (before - chance)


# %% tags=["check"]
import math

half = kept(0.9, 0.5, chance=0.1)
assert half is not None, "`kept` gives nothing: is there a `return`?"
assert abs(half - 0.5 / 0.9) > 1e-9, "that is the ratio of both; take chance off first, from both"
assert abs(half - 0.5) < 1e-9, f"from 90 to 50 with chance at 10, half is kept, not {half:.3g}"
assert abs(kept(0.8, 0.1, chance=0.1)) < 1e-9, "who only guesses has kept nothing"
assert kept(0.5, 0.05, chance=0.1) < 0, "below chance is less than nothing"
try:
    nothing = kept(0.1, 0.1, chance=0.1)
except ZeroDivisionError:
    raise AssertionError("a network at chance has nothing to keep: give NaN") from None
assert math.isnan(nothing), "a network at chance has nothing to keep: give NaN"
assert math.isnan(kept(0.05, 0.08, chance=0.1)), "one below chance neither"
print("Exercise 2 passed: who knew little can lose little.")


# %% tags=["mistake"]
# The plain ratio. A network that guesses keeps all, and wins.
def kept(before, after, chance=1 / 7):
    return after / before


# %% tags=["mistake"]
# Chance is taken off, but who had nothing divides by zero.
def kept(before, after, chance=1 / 7):
    return (after - chance) / (before - chance)


# %% tags=["slide"]
share = pd.DataFrame(
    {
        view: {name: kept(own["whole"], own[view]) for name, own in accuracy.iterrows()}
        for view in list(views)[1:]
    }
)
(100 * share).style.format("{:.0f} %")

# %% tags=["hide-input"]
display(Markdown(words.occlusion(accuracy)))

# %% [markdown] tags=["exercise"] minutes=9
# ## Exercise 3: are they still landmarks?
#
# Write `landmark_error`: for each face the mean distance of the landmarks `which` from the truth,
# in units of the distance between the outer eye corners, landmarks 36 and 45, of the true face.


# %% tags=["solution"]
def landmark_error(found, true, which):
    """(N,): mean distance of found (N, 68, 2) from true, over the distance of the outer corners."""
    distance = np.linalg.norm(found - true, axis=-1)[:, which]
    eyes = np.linalg.norm(true[:, 36] - true[:, 45], axis=-1)
    return distance.mean(axis=1) / eyes


# %% tags=["check"]
import numpy as np

truth = np.random.default_rng(5).uniform(0, 47, (3, 68, 2))
truth[:, 36], truth[:, 45] = [10, 20], [30, 20]  # outer corners 20 px apart
every, mouth = list(range(68)), list(range(48, 68))
error = np.asarray(landmark_error(truth + np.array([3, 4]), truth, every), float)
assert error.shape == (3,), f"`landmark_error` gives the shape {error.shape}, not (3,): one a face"
assert not np.allclose(error, 3.5 / 20), "the mean of 3 and 4 is no distance: Pythagoras"
assert not np.allclose(error, 5), "that is in pixels: divide by the distance of the eye corners"
assert np.allclose(error, 5 / 20), f"5 px off, eyes 20 px apart: 0.25, not {error[0]:.3g}"
spoilt = truth.copy()
spoilt[:, 58:] += [0, 8]  # half of the mouth
assert np.allclose(landmark_error(spoilt, truth, mouth), 4 / 20), (
    "half of the mouth is off by 8 px, so the mouth by 4, a fifth: is `which` used?"
)
spoilt[:, 36] += [0, 1000]
assert np.allclose(landmark_error(spoilt, truth, mouth), 4 / 20), (
    "the unit is that of the true face, not of the found one"
)
print("Exercise 3 passed: a distance, in units of the face.")


# %% tags=["mistake"]
# Differences of coordinates are averaged as if they were distances.
def landmark_error(found, true, which):
    eyes = np.linalg.norm(true[:, 36] - true[:, 45], axis=-1)
    return np.abs(found - true)[:, which].mean(axis=(1, 2)) / eyes


# %% tags=["mistake"]
# Pixels. A face twice as large is then twice as wrong.
def landmark_error(found, true, which):
    return np.linalg.norm(found - true, axis=-1)[:, which].mean(axis=1)


# %% tags=["mistake"]
# The unit is taken from the landmarks that were found. Where they are wrong, it is wrong as well.
def landmark_error(found, true, which):
    distance = np.linalg.norm(found - true, axis=-1)[:, which]
    return distance.mean(axis=1) / np.linalg.norm(found[:, 36] - found[:, 45], axis=-1)


# %% tags=["slide"]
found = {"whole": detect(asked.images).points, "mouth hidden": again}
parts = {"eyes": list(range(36, 48)), "mouth": list(range(48, 68))}
errors = pd.DataFrame(
    {
        name: {p: np.median(landmark_error(own, asked.landmarks, at)) for p, at in parts.items()}
        for name, own in found.items()
    }
)
(100 * errors).style.format("{:.1f} %")

# %% [markdown]
# Per cent of the distance between the outer eye corners, median over faces. dlib reads the same
# pixels as the network. Under a black box it does not say “I cannot see it”: it says where a mouth
# usually is.

# %% [markdown] minutes=5 tags=["slide"]
# ## What to take along
#
# - Landmarks found before the box know what the box hides. A camera only has those found again.
# - Compare what is kept **above chance**, on the same faces.
# - A loss under a black box also measures that the network has never seen one.

# %% [markdown] tags=["book"]
# {doc}`/book/notebooks/chew_s5_occlusion` has every region and condition on real faces, both ways.

# %% [markdown] tags=["notes"]
# **The misconception.** “Landmarks make a network robust to occlusion.” With landmarks from before,
# the network is told what the box hides. Let the class find that out from the table: do not say it
# before exercise 2.
#
# **How to run it.** Exercise 1 has four traps on purpose, each a bug of real evaluation code. While
# the two networks train, collect answers to the question on the slide. In exercise 3, ask what a
# detector *should* say of a hidden mouth.
#
# **A question for the end.** How would you tell “the network looks at the mouth” from “the network
# is upset by black boxes”? (Hide as large a box elsewhere; train with boxes.)
