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
# # Lesson 4: Attention and clustering
#
# > question: a paper shows three clusters of a network's attention, on the eyes and on the mouth.
# > Does that picture show that the network looks there?
#
# At the end you can
#
# - write the distance of Qiu's Equation 1, and one step of k-means with it
# - say which of its terms rules, before you cluster anything
# - make the control that a picture of clusters needs

# %% tags=["parameters"]
seed: int = 0  # of the drawn faces, the network and the noise; 0 to 1000000
faces: int = 140  # of the live attention network; 70 to 2000
epochs: int = 3  # that it learns; 1 to 50
clusters: int = 3  # of k-means; 1 to 8
lam: float = 1.5  # λ of Eq. 1, weight of a pixel of distance; 0 to 100
alpha: float = 1.2  # α of Eq. 1, weight of a step of intensity; 0 to 100

# %% tags=["setup", "hide-input"]
import numpy as np
import torch
from IPython.display import Markdown, display

from ferbook.perturb.distance import chosen
from ferbook.report import alternatives, figures
from ferbook.report.qiu import live
from ferbook.teach import words
from ferbook.teach.figures import clusters as clustered
from ferbook.teach.figures import row

figures.style()

# %% [markdown] minutes=6 tags=["slide"]
# ## Attention names pixels, k-means groups them
#
# - a network with spatial attention weighs every pixel between 0 and 1
# - the quarter of highest attention is clustered, by place and intensity
#
# $$\text{Dist} = \sqrt{(\lambda(i - k))^2 + (\lambda(j - l))^2 + (\alpha(I_{ij} - I_{kl}))^2}$$

# %%
start = live.attended("synthetic", faces, seed, epochs)
face, attention = start.images[3].numpy(), start.attention[3].numpy()
noise = np.random.default_rng(seed).random((48, 48)).astype(np.float32)

# %% tags=["on-slide"]
pictures = [face, attention, noise]
chart = row(pictures, ["a face", "attention of a network", "noise"])
alternatives.show(chart, "A drawn face, the attention of a network trained here, and plain noise")

# %% [markdown]
# The network is the smallest that a lesson can train; what those trained on real faces attend to is
# in the chapters. The third picture is a control, and knows nothing of faces.

# %% [markdown] tags=["exercise"] minutes=7
# ## Exercise 1: Equation 1
#
# Write `distance` between two pixels, each as `(row, column, intensity)`. The paper prints
# $I_{jl}$ where $I_{kl}$ is meant; why can the printed one not be?


# %% tags=["solution"]
def distance(p, q, lam=1.5, alpha=1.2):
    """Eq. 1 between two pixels (row, column, intensity)."""
    place = (lam * (p[0] - q[0])) ** 2 + (lam * (p[1] - q[1])) ** 2
    return (place + (alpha * (p[2] - q[2])) ** 2) ** 0.5


# %% tags=["check"]
apart = distance((0, 0, 0.0), (3, 4, 0.0), lam=1.0)
assert apart is not None, "`distance` gives nothing: is there a `return`?"
assert apart != 25, "25 is the square: the root is missing"
assert apart == 5, f"3 down and 4 right are 5 apart, not {apart:.3g}"
doubled = distance((0, 0, 0.0), (3, 4, 0.0), lam=2.0)
assert abs(doubled - 10) < 1e-9, (
    f"twice the lambda is twice the distance, 10, not {doubled:.3g}: lambda is inside the square"
)
bright = distance((5, 5, 0.2), (5, 5, 0.7), alpha=1.2)
assert abs(bright - 0.6) < 1e-9, f"0.5 of intensity, weighted by 1.2, are 0.6, not {bright:.3g}"
assert distance((1, 2, 0.3), (1, 2, 0.3)) == 0, "a pixel is away from itself"
print("Exercise 1 passed. With I_jl for I_kl, a pixel would be away from itself.")


# %% tags=["mistake"]
# Lambda and alpha outside of the square: they then count as roots.
def distance(p, q, lam=1.5, alpha=1.2):
    place = lam * (p[0] - q[0]) ** 2 + lam * (p[1] - q[1]) ** 2
    return (place + alpha * (p[2] - q[2]) ** 2) ** 0.5


# %% tags=["mistake"]
# The root is left out. k-means would not mind; the units do.
def distance(p, q, lam=1.5, alpha=1.2):
    place = (lam * (p[0] - q[0])) ** 2 + (lam * (p[1] - q[1])) ** 2
    return place + (alpha * (p[2] - q[2])) ** 2


# %% [markdown]
# A pixel drawn at the point $(\lambda\,\text{column}, \lambda\,\text{row}, \alpha I)$ turns
# Equation 1 into the ordinary distance between points. So k-means needs no equation any more, only
# such points.

# %% [markdown] tags=["exercise"] minutes=10
# ## Exercise 2: one step of k-means
#
# Write `step`, what Lloyd's algorithm repeats: give each point to its nearest centre, then move
# each centre to the mean of its points. A centre without points stays where it is.
#
# <details><summary>Hint</summary>
#
# `points[:, None] - centres` has the shape (P, n, 3). `argmin` over the centres gives the labels.
#
# </details>


# %% tags=["solution"]
def step(points, centres):
    """Labels (P,) of points (P, 3) by the nearest of centres (n, 3), and the moved centres."""
    squared = ((points[:, None] - centres) ** 2).sum(axis=-1)
    labels = squared.argmin(axis=1)
    moved = centres.astype(float).copy()
    for number in range(len(centres)):
        if (labels == number).any():
            moved[number] = points[labels == number].mean(axis=0)
    return labels, moved


# %% tags=["check"]
import numpy as np
import torch

from ferbook.perturb import kmeans

points = np.array([[0.0, 0, 0], [2, 0, 0], [10, 0, 0], [12, 0, 6]])
centres = np.array([[0.0, 0, 0], [9, 0, 0]])
answer = step(points, centres)
assert answer is not None and len(answer) == 2, "`step` gives no pair: labels, centres"
labels, moved = (np.asarray(one, float) for one in answer)
assert labels.tolist() == [0, 0, 1, 1], f"nearest are centres 0, 0, 1, 1, not {labels.tolist()}"
assert (centres == [[0, 0, 0], [9, 0, 0]]).all(), "the centres that were given have changed: copy"
assert np.allclose(moved, [[1, 0, 0], [11, 0, 3]]), f"the means are 1 and (11, 0, 3), not {moved}"
with np.errstate(all="ignore"):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lonely = np.asarray(step(points, np.array([[0.0, 0, 0], [9, 0, 0], [99, 99, 99]]))[1])
assert not np.isnan(lonely).any(), "a centre without points has no mean: let it stay"
assert lonely[2].tolist() == [99, 99, 99], "a centre without points has moved"
cloud = np.random.default_rng(1).random((200, 3)) * [40, 40, 1]
ours, own = cloud[:4], cloud[:4]
for _ in range(3):
    own = step(cloud, own)[1]
book = kmeans.fit(torch.tensor(cloud)[None], 4, 0, torch.tensor(ours), iterations=3)
assert np.allclose(own, book.centres[0], atol=1e-4), "after 3 steps the book's k-means is elsewhere"
print("Exercise 2 passed: three of your steps are three of the book's.")


# %% tags=["mistake"]
# Every centre moves to the mean of all points, since the selection is missing.
def step(points, centres):
    labels = ((points[:, None] - centres) ** 2).sum(axis=-1).argmin(axis=1)
    return labels, np.stack([points.mean(axis=0) for _ in centres])


# %% tags=["mistake"]
# A centre without points becomes NaN, and nothing is ever near it again.
def step(points, centres):
    labels = ((points[:, None] - centres) ** 2).sum(axis=-1).argmin(axis=1)
    return labels, np.stack([points[labels == n].mean(axis=0) for n in range(len(centres))])


# %% tags=["hide-input"]
def cluster(face, ranked, scale):
    """(48, 48) clusters of the quarter of highest `ranked`, by 30 of your steps."""
    pixels = chosen(torch.as_tensor(ranked)[None], 0.25)[0].numpy()
    points = np.stack(
        [lam * (pixels % 48), lam * (pixels // 48), alpha * scale * face.ravel()[pixels]], axis=1
    )
    centres = points[np.random.default_rng(seed).permutation(len(points))[:clusters]]
    for _ in range(30):
        labels, centres = step(points, centres)
    out = np.zeros(48 * 48, int)
    out[pixels] = labels + 1
    return out.reshape(48, 48), points


# %% [markdown] tags=["exercise"] minutes=7
# ## Exercise 3: which term rules?
#
# k-means minimises variances. So the term that carries the variance decides, and that is known
# before any clustering. Write `share_of_intensity`: the variance of the third coordinate as a share
# of all three variances.


# %% tags=["solution"]
def share_of_intensity(points):
    """Part of the third coordinate in the total variance of points (P, 3), 0 to 1."""
    variance = points.var(axis=0)
    return variance[2] / variance.sum()


# %% tags=["check"]
import numpy as np

# variances 1, 4 and 5: half
points = np.array([[1.0, 2, 5**0.5], [-1, -2, 5**0.5], [1, 2, -(5**0.5)], [-1, -2, -(5**0.5)]])
share = share_of_intensity(points)
assert share is not None, "`share_of_intensity` gives nothing: is there a `return`?"
deviation = points.std(axis=0)
assert abs(share - deviation[2] / deviation.sum()) > 1e-6, (
    "these are standard deviations: k-means adds up squares, take variances"
)
assert abs(share - 0.5) < 1e-9, f"5 of 1 + 4 + 5 are 0.5, not {share:.3g}"
moved = share_of_intensity(points + np.array([100, 0, 0]))
assert abs(moved - 0.5) < 1e-9, "points moved as a whole are as spread as before: subtract the mean"
scaled = share_of_intensity(points * np.array([1, 1, 255]))
assert scaled > 0.9999, "255 times the scale is 65,025 times the variance"
print("Exercise 3 passed: scale goes in squared.")


# %% tags=["mistake"]
# Standard deviations: the ratio looks balanced long after one term has won.
def share_of_intensity(points):
    deviation = points.std(axis=0)
    return deviation[2] / deviation.sum()


# %% tags=["mistake"]
# Squares without their mean: a face far from the corner of the frame counts as spread out.
def share_of_intensity(points):
    squares = (points**2).sum(axis=0)
    return squares[2] / squares.sum()


# %% tags=["slide"]
small, small_points = cluster(face, attention, 1 / 255)
large, large_points = cluster(face, attention, 1.0)
tried = [(small, "I from 0 to 1"), (large, "I from 0 to 255")]
chart = clustered(face, [one for one, _ in tried], [title for _, title in tried])
alternatives.show(chart, "Clusters of the same pixels with intensity to 1, and to 255")

# %% tags=["hide-input", "on-slide"]
display(Markdown(words.scales(share_of_intensity(small_points), share_of_intensity(large_points))))

# %% [markdown] minutes=5 tags=["slide"]
# ## The control: clusters of noise
#
# k-means always answers. What does it make of a map that has never seen a face?

# %% tags=["on-slide"]
blind, _ = cluster(face, noise, 1 / 255)
chart = clustered(face, [small, blind], ["clusters of attention", "clusters of noise"])
alternatives.show(chart, "The clusters of a network's attention beside the clusters of noise")

# %% [markdown]
# Three neat regions, one above the other or side by side: that is what k-means does to any cloud of
# points in a plane. A picture of clusters shows where attention *is*; that its clusters are parts
# of a face has to be shown against a control.

# %% [markdown] minutes=5 tags=["slide"]
# ## What to take along
#
# - A constant means nothing without the scale of what it multiplies. The paper names no scale.
# - k-means finds as many clusters as it is asked for, in anything.
# - The question for a picture: how would it look if there were nothing to see?

# %% [markdown] tags=["book"]
# {doc}`/book/notebooks/qiu_s3_scheme` goes through the whole scheme,
# {doc}`/book/notebooks/qiu_s51_clusters` compares clusters with the regions of real faces.

# %% [markdown] tags=["notes"]
# **The misconception.** “Three clusters, so the network looks at three places.” k-means was asked
# for three regions and given points in a plane. Show the last pair of pictures without its titles
# and let the class guess which one is the network's.
#
# **How to run it.** In exercise 1 the answer to the question is on the check's last line: do not
# read it out. Exercise 2 is the longest; whoever is done early makes `cluster` draw 2 and 8
# clusters (the first cell). For exercise 3, let them guess the share first, for both scales.
#
# **A question for the end.** Which control would show that the network's attention matters for
# accuracy? (The same clusters, moved to a random place.)
