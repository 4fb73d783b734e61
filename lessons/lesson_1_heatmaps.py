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
# # Lesson 1: Landmarks and heatmaps
#
# > question: what does a network see of 68 landmarks, and what does the way of drawing them decide?
#
# At the end you can
#
# - draw a landmark as a Gaussian, by its formula
# - say what is lost when 68 maps become one
# - mirror a face with its landmarks, and know why that is not one step but two

# %% tags=["parameters"]
seed: int = 0  # of the drawn faces: another class, other people; 0 to 1000000
sigma: float = 1.5  # px, width of a Gaussian; 0.3 to 6

# %% tags=["setup", "hide-input"]
import numpy as np

from ferbook.data.synthetic import draw
from ferbook.report import alternatives, figures
from ferbook.teach.figures import closeup, row
from ferbook.vision.landmarks import MIRROR

figures.style()
faces = draw(14, seed=seed)
face, points = faces.images[3], faces.landmarks[3]

# %% [markdown] minutes=6 tags=["slide"]
# ## Sixty-eight points
#
# - jaw 0 to 16, brows 17 to 26, nose 27 to 35, eyes 36 to 47, mouth 48 to 67
# - a point is $(x, y)$ in pixels: $x$ to the right, $y$ **downwards**
# - "left" is the person's left

# %% tags=["on-slide"]
chart = figures.contact_sheet(faces.images, faces.labels, faces.emotions, 1, faces.landmarks)
alternatives.show(chart, "Seven drawn faces, one an emotion, with their 68 landmarks")

# %% [markdown]
# These faces are drawn, so their landmarks are known without a detector, and nobody's licence or
# consent is needed. The drawing moves brows, lids, mouth and jaw as people's muscles do; the same
# 68 points are what dlib finds in photographs.

# %% [markdown] minutes=6 tags=["slide"]
# ## A landmark becomes a Gaussian
#
# $$h_k(x, y) = \exp\left(-\frac{(x - x_k)^2 + (y - y_k)^2}{2\sigma^2}\right)$$
#
# - 1 at the landmark, $e^{-1/2} \approx 0.61$ one $\sigma$ away
# - no rounding: a landmark may lie between pixels
# - the network sees the **maximum** over all 68 maps

# %% [markdown]
# Before you write it, guess: at $\sigma = 1.5$ pixels, how far from a landmark is its map still
# above one half? Then count below, where a square is a pixel: how many pixels are upper and lower
# lid apart?
#
# <details><summary>Answer</summary>
#
# $\sigma\sqrt{2 \ln 2}$, not quite two pixels. Lids that are less than twice that apart become one
# ridge in the map: between them it does not fall below one half.
#
# </details>

# %%
alternatives.show(closeup(face, points, range(36, 48)), "The eyes of a drawn face, pixel by pixel")

# %% [markdown] tags=["exercise"] minutes=8
# ## Exercise 1: one landmark, one Gaussian
#
# Write `heatmap`. An array has rows first: `map[y, x]`.
#
# <details><summary>Hint</summary>
#
# `np.arange(size)` is a row of column numbers; `np.arange(size)[:, None]` stands upright. Added,
# they fill a square.
#
# </details>


# %% tags=["solution"]
def heatmap(point, size=48, sigma=1.5):
    """The Gaussian of a landmark at point = (x, y): an array (size, size), 1 at the landmark."""
    x, y = point
    columns, rows = np.arange(size), np.arange(size)[:, None]
    return np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2))


# %% tags=["check"]
import numpy as np

found = np.asarray(heatmap((30.0, 10.0)), float)
assert found.shape == (48, 48), f"`heatmap` gives the shape {found.shape}, not (48, 48)"
assert found.argmax() != 30 * 48 + 10, "the peak lies in row 30: rows are y, columns are x"
assert found[10, 30] == 1, f"at the landmark stands {found[10, 30]:.3g}, not 1"
# three pixels are two sigma: exp(-2)
assert abs(found[10, 33] - np.exp(-2)) < 1e-6, (
    f"3 px away, which is 2 sigma, stands {found[10, 33]:.4f}; the formula gives exp(-2) = 0.1353:"
    " square the distance, and divide by 2 sigma squared"
)
assert abs(heatmap((30.0, 10.0), sigma=3.0)[10, 33] - np.exp(-0.5)) < 1e-6, "sigma is not used"
between = heatmap((30.5, 10.0))
assert abs(between[10, 30] - between[10, 31]) < 1e-9, (
    "a landmark halfway between two pixels is not equally far from both: do not round"
)
assert heatmap((3.0, 4.0), size=24).shape == (24, 24), "size is not used"
print("Exercise 1 passed: any point, any width, no rounding.")


# %% tags=["mistake"]
# x and y are swapped. The face stands on its side, and nothing fails until somebody looks.
def heatmap(point, size=48, sigma=1.5):
    x, y = point
    columns, rows = np.arange(size), np.arange(size)[:, None]
    return np.exp(-((columns - y) ** 2 + (rows - x) ** 2) / (2 * sigma**2))


# %% tags=["mistake"]
# The 2 below the fraction is forgotten: the Gaussian is narrower by a factor of 1.4.
def heatmap(point, size=48, sigma=1.5):
    x, y = point
    columns, rows = np.arange(size), np.arange(size)[:, None]
    return np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / sigma**2)


# %% tags=["mistake"]
# The landmark is rounded to a pixel first: what moves by less than half a pixel does not move.
def heatmap(point, size=48, sigma=1.5):
    x, y = np.rint(point)
    columns, rows = np.arange(size), np.arange(size)[:, None]
    return np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2))


# %% [markdown] tags=["exercise"] minutes=8
# ## Exercise 2: 68 landmarks, one map
#
# Write `face_map`: at every pixel the **highest** of the 68 values. Why not their sum?


# %% tags=["solution"]
def face_map(points, size=48, sigma=1.5):
    """The maximum over the heatmaps of all points, (K, 2) as (x, y): an array (size, size)."""
    return np.max([heatmap(point, size, sigma) for point in points], axis=0)


# %% tags=["check"]
import numpy as np
import torch

from ferbook.data.synthetic import draw
from ferbook.vision.heatmaps import render

two = np.asarray(face_map(np.array([[10.0, 20.0], [11.0, 20.0]])), float)
assert two.shape == (48, 48), f"`face_map` gives the shape {two.shape}, not (48, 48)"
assert two.max() <= 1, (
    f"two neighbours reach {two.max():.2f} together: where landmarks are dense a sum is bright,"
    " whatever the face does; take the maximum"
)
assert two[20, 10] == 1, f"at a landmark stands {two[20, 10]:.3g}, not 1: neither mean nor product"
truth = draw(1, seed=8).landmarks
ours = render(torch.tensor(truth, dtype=torch.float64), sigma=2.0)[0, 0].numpy()
assert np.allclose(face_map(truth[0], sigma=2.0), ours), "the map of a face differs from the book's"
print("Exercise 2 passed: the same map as the book's own.")


# %% tags=["mistake"]
# The sum: lids and lips, where landmarks crowd, outshine jaw and brows.
def face_map(points, size=48, sigma=1.5):
    return np.sum([heatmap(point, size, sigma) for point in points], axis=0)


# %% tags=["mistake"]
# The mean, which looks like the sum in a plot that scales its own colours.
def face_map(points, size=48, sigma=1.5):
    return np.mean([heatmap(point, size, sigma) for point in points], axis=0)


# %% tags=["slide"]
widths = sorted({0.7, sigma, 3.0})
drawn = [face_map(points, sigma=width) for width in widths]
chart = row([face, *drawn], ["the face", *(f"σ = {width:g} px" for width in widths)], None)
alternatives.show(chart, "A face and its map at three widths: from dots to blots")

# %% [markdown]
# Too narrow, and a landmark is one flickering pixel; too wide, and lids and lips run together. The
# paper does not say which width it took. And the maximum has no names: nothing in it says which
# ridge is the mouth. Sixty-eight maps would, at 68 times the channels.

# %% [markdown] tags=["exercise"] minutes=8
# ## Exercise 3: the mirror
#
# Training shows every other face mirrored. Write `mirrored` for its landmarks: move them, then give
# each its new name. `MIRROR[k]` is the landmark opposite to `k`.
#
# <details><summary>Hint</summary>
#
# Pixel 0 goes to pixel 47, so $x$ becomes $47 - x$. Landmark 36 is the outer corner of the person's
# **right** eye, on the left of the picture. It must be there in the mirrored face as well.
#
# </details>


# %% tags=["solution"]
def mirrored(points, size=48):
    """The landmarks (68, 2) of the mirror image of a face, size pixels wide, in their own order."""
    moved = points * [-1, 1] + [size - 1, 0]
    return moved[MIRROR]


# %% tags=["check"]
import numpy as np

from ferbook.data.synthetic import draw

before = draw(1, seed=9).landmarks[0].astype(float)
kept = before.copy()
after = np.asarray(mirrored(before), float)
assert after.shape == (68, 2), f"`mirrored` gives the shape {after.shape}, not (68, 2)"
assert np.array_equal(before, kept), "the landmarks that were given have changed: work on a copy"
assert np.allclose(np.sort(after[:, 1]), np.sort(before[:, 1])), "y must stay"
lost = np.sort(after[:, 0]) - np.sort(47 - before[:, 0])
assert np.allclose(lost, 0, atol=1e-4), (
    f"the face is off by {lost.mean():.2g} px: pixel 0 goes to pixel 47, not to 48"
)
assert after[36, 0] < after[45, 0], (
    "landmark 36, the person's right eye, is now on the right of the picture: rename, too"
)
assert np.allclose(mirrored(after), before, atol=1e-4), "mirrored twice is not the face again"
print("Exercise 3 passed: moved and renamed.")


# %% tags=["mistake"]
# Moved, but not renamed. The maximum over the maps looks right, because it has no names; 68 maps,
# or coordinates, would learn that a mirrored mouth is on its head.
def mirrored(points, size=48):
    return points * [-1, 1] + [size - 1, 0]


# %% tags=["mistake"]
# Off by one: 48 - x instead of 47 - x. Image and landmarks are a pixel apart, in every mirrored
# face.
def mirrored(points, size=48):
    return (points * [-1, 1] + [size, 0])[MIRROR]


# %% tags=["slide"]
turned = mirrored(points)
pictures = [face, face[:, ::-1], face_map(turned, sigma=sigma)]
chart = row(pictures, ["the face", "mirrored", "its map"], [points, turned, None])
alternatives.show(chart, "A face with landmarks, its mirror image with theirs, and the map of that")

# %% [markdown] minutes=4 tags=["slide"]
# ## What to take along
#
# - A heatmap is a drawing. Its width, and maximum or sum, decide what a network can tell apart.
# - One map tells where, not which. Coordinates tell both, the one by their order; once they are
#   centred and brought to one size, only which, and not where in the frame.
# - Whatever moves the image moves the landmarks. A mirror also swaps their names.

# %% [markdown] tags=["book"]
# {doc}`/book/notebooks/chew_s42_preprocessing` has the detector and what it misses;
# {doc}`/book/notebooks/chew_s43_inputs` compares one map, 68 maps and coordinates on real faces.

# %% [markdown] tags=["notes"]
# **The misconception.** “A heatmap is only another way to write down coordinates.” Ask in the
# opening what a network could lose on the way, and collect guesses; come back to them at the end.
#
# **How to run it.** Exercise 1 is where most time goes; whoever is stuck on broadcasting may write
# two loops. Let pairs compare the sum and the maximum as pictures before they read on. In exercise
# 3 ask those who forgot the names to show you the map: it looks right. That is the point.
#
# **Short of time?** Leave out exercise 2's discussion of width.
