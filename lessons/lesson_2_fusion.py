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
# # Lesson 2: Two-stream fusion
#
# > question: a network that sees pixels and landmarks beats one that sees pixels. Did fusing do
# > that?
#
# At the end you can
#
# - fuse two streams as the paper does, and say what that costs in weights
# - compare two networks on the same images, with an interval
# - name the controls that a claim about fusion needs

# %% tags=["parameters"]
seed: int = 0  # of the drawn faces and the networks; 0 to 1000000
faces: int = 280  # that the live networks learn from; 140 to 2000
epochs: int = 4  # of the live networks; 1 to 30

# %% tags=["setup", "hide-input"]
import numpy as np
import pandas as pd
import torch
from IPython.display import Markdown, display

from ferbook.data.synthetic import draw
from ferbook.report import alternatives, figures
from ferbook.report.printed import printed
from ferbook.teach import networks, words
from ferbook.teach.figures import row

figures.style()

# %% [markdown] minutes=5 tags=["slide"]
# ## Two streams, one answer
#
# - each stream: four blocks of convolution and pooling, 48 × 48 becomes 3 × 3 with 256 channels
# - both are laid end to end and enter one fully connected layer
# - the paper's claim: this beats either stream alone

# %% tags=["on-slide"]
shown = draw(7, seed=seed)
pair = [shown.images[6], networks.heatmap(shown.landmarks[6])]
chart = row(pair, ["stream 1: pixels", "stream 2: heatmap"])
alternatives.show(chart, "A drawn face and the heatmap of its landmarks, the input of both streams")

# %% tags=["hide-input", "on-slide"]
display(Markdown(words.fusion_claim(printed("chew/overall/fer2013"))))

# %% [markdown] tags=["exercise"] minutes=7
# ## Exercise 1: fuse
#
# Write `fuse`: from two tensors `(B, C, h, w)` make one `(B, 2·C·h·w)`, a face a row, its pixel
# features first.
#
# <details><summary>Hint</summary>
#
# `flatten(1)` keeps the first axis, the faces. Then ask along which axis to concatenate.
#
# </details>


# %% tags=["solution"]
def fuse(pixels, heatmaps):
    """Features (B, C, h, w) of both streams as one tensor (B, 2 C h w), pixels first."""
    return torch.cat([pixels.flatten(1), heatmaps.flatten(1)], dim=1)


# %% tags=["check"]
import torch

from ferbook.models.hybrid import Hybrid

one, other = torch.rand(5, 16, 3, 3), torch.rand(5, 16, 3, 3)
fused = fuse(one, other)
assert isinstance(fused, torch.Tensor), "`fuse` gives no tensor: is there a `return`?"
assert fused.shape[0] == 5, (
    f"5 faces went in, {fused.shape[0]} come out: the streams of a face belong into one row;"
    " concatenate along axis 1"
)
assert fused.shape == (5, 288), (
    f"the shape is {tuple(fused.shape)}; two streams of 16 x 3 x 3 are 288 numbers a face"
)
assert torch.equal(fused[:, :144], one.flatten(1)), "the first 144 numbers are not the pixels'"
assert torch.equal(fused[:, 144:], other.flatten(1)), "the last 144 numbers are not the heatmap's"
network = Hybrid(widths=[2, 4, 8, 16], hidden=8).eval()
image = torch.rand(2, 2, 48, 48)
streams = [branch(part) for branch, part in zip(network.branches, image.split(1, 1), strict=True)]
assert torch.allclose(network.head(fuse(*streams)), network(image), atol=1e-6), (
    "the book's network answers otherwise with your fusion"
)
print("Exercise 1 passed: the book's network answers the same with your fusion.")


# %% tags=["mistake"]
# Concatenated along the faces: ten faces come out of five, each with one stream.
def fuse(pixels, heatmaps):
    return torch.cat([pixels.flatten(1), heatmaps.flatten(1)], dim=0)


# %% tags=["mistake"]
# Added. Sums of features can work, but they are another network: which stream spoke is lost.
def fuse(pixels, heatmaps):
    return (pixels + heatmaps).flatten(1)


# %% [markdown] tags=["exercise"] minutes=7
# ## Exercise 2: what does the second stream cost?
#
# The fused features enter a layer of `hidden` units. Write `layer_weights`: how many numbers does
# this layer learn, for one stream and for two? Do it on paper first.


# %% tags=["solution"]
def layer_weights(streams, channels=256, side=3, hidden=256):
    """Weights and biases of the first fully connected layer behind so many streams."""
    features = streams * channels * side**2
    return (features + 1) * hidden


# %% tags=["check"]
from ferbook.models.hybrid import Hybrid

small = Hybrid(widths=[2, 4, 8, 16], hidden=8).head[0]
true = sum(weight.numel() for weight in small.parameters())
counted = layer_weights(2, channels=16, side=3, hidden=8)
assert counted is not None, "`layer_weights` gives nothing: is there a `return`?"
assert counted != true - 8, "nearly: each of the hidden units also has a bias"
assert counted != 2 * 16 * 8 + 8, "a channel is 3 x 3 numbers, not one"
assert counted == true, f"{counted:,} counted, {true:,} are in the network with 8 hidden units"
# 2 x 256 x 9 = 4,608 features
assert layer_weights(2) == (4608 + 1) * 256, "the defaults are not used"
print(f"Exercise 2 passed: {layer_weights(1):,} with one stream, {layer_weights(2):,} with two.")


# %% tags=["mistake"]
# The bias of each hidden unit is left out.
def layer_weights(streams, channels=256, side=3, hidden=256):
    return streams * channels * side**2 * hidden


# %% tags=["mistake"]
# One number a channel, as if the maps had been averaged over the image.
def layer_weights(streams, channels=256, side=3, hidden=256):
    return (streams * channels + 1) * hidden


# %% tags=["hide-input"]
display(Markdown(words.weights(layer_weights(1), layer_weights(2))))

# %% [markdown]
# So the hybrid differs from the pixel network in two things at once: it sees landmarks, and it is
# twice as large. A control keeps the size and takes the landmarks away. Ours, called *blank*, shows
# the second stream the average heatmap, the same for every face.

# %% [markdown] tags=["exercise"] minutes=9
# ## Exercise 3: is it more than luck?
#
# Two networks answered the **same** faces. Write `gain`: the difference of their accuracies in
# percentage points, and the half-width of its 95 % interval.
#
# For each face take $d$ = 1, 0 or −1: only the first is right, both or neither, only the second.
# The half-width is 1.96 standard errors of the mean of $d$.
#
# <details><summary>Hint</summary>
#
# The standard error of a mean of $n$ values is their standard deviation over $\sqrt n$. Booleans do
# not subtract: use `astype(float)`.
#
# </details>


# %% tags=["solution"]
def gain(first, second):
    """First minus second, points of accuracy, and the half-width of its 95 % interval.

    first, second: (n,) bool, whether each network named each of the same n faces rightly.
    """
    difference = first.astype(float) - second.astype(float)
    error = difference.std(ddof=1) / np.sqrt(len(difference))
    return 100 * difference.mean(), 100 * 1.96 * error


# %% tags=["check"]
import numpy as np

# of 400 faces both know 200, the first alone 60, the second alone 20
a = np.repeat([True, True, False, False], [200, 60, 20, 120])
b = np.repeat([True, False, True, False], [200, 60, 20, 120])
answer = gain(a, b)
assert answer is not None and len(answer) == 2, "`gain` gives no pair: difference, half-width"
points, half = (float(value) for value in answer)
assert abs(points - 0.1) > 1e-6, "0.1 is a share; in percentage points that is 10"
assert abs(points - 10) < 1e-6, f"(60 - 20) of 400 faces are 10 points, not {points:.3g}"
# mean of d^2 = 80 / 400; sd = sqrt(0.2 - 0.01) = 0.436; 1.96 * 0.436 / 20 = 4.27 points
apart = 196 * np.sqrt((a.mean() * (1 - a.mean()) + b.mean() * (1 - b.mean())) / 400)
assert abs(half - apart) > 0.05, (
    f"{half:.1f} points is for two networks on different faces; on the same ones, their answers"
    " go together: take the standard deviation of d"
)
assert abs(half - 4.27) < 0.02, f"the half-width is 4.27 points, not {half:.3g}"
assert gain(a, a) == (0, 0), "a network against itself gains nothing, for certain"
print("Exercise 3 passed: paired, in points.")


# %% tags=["mistake"]
# The interval of two independent samples. It is too wide, and hides gains that are there.
def gain(first, second):
    p, q, n = first.mean(), second.mean(), len(first)
    return 100 * (p - q), 196 * np.sqrt((p * (1 - p) + q * (1 - q)) / n)


# %% tags=["mistake"]
# Shares, where points were asked for.
def gain(first, second):
    difference = first.astype(float) - second.astype(float)
    return difference.mean(), 1.96 * difference.std(ddof=1) / np.sqrt(len(difference))


# %% tags=["mistake"]
# The standard deviation, not the standard error: the spread of faces, not of the mean.
def gain(first, second):
    difference = first.astype(float) - second.astype(float)
    return 100 * difference.mean(), 196 * difference.std(ddof=1)


# %% [markdown] minutes=7 tags=["slide"]
# ## Four networks on the same faces
#
# All trained here, alike, and asked about faces of other people. First guess: which comes out on
# top, and which *pair* says that fusing helps?

# %%
learnt, asked = draw(faces, seed=seed), draw(210, seed=seed + 1)
right = {
    name: networks.train(branches, learnt, seed, blank, epochs).right(asked)
    for name, branches, blank in networks.COMPARED
}

# %% tags=["on-slide"]
table = pd.DataFrame({"accuracy, %": {name: 100 * own.mean() for name, own in right.items()}})
others = {name: gain(right["hybrid"], own) for name, own in right.items() if name != "hybrid"}
table["hybrid minus it"] = {name: words.interval(*own) for name, own in others.items()}
table.style.format({"accuracy, %": "{:.1f}"}, na_rep="")

# %% tags=["hide-input", "on-slide"]
display(Markdown(words.fusion(others)))

# %% [markdown]
# The claim of fusion is that both together beat **the better one**. Against the worse one, a
# network gains as soon as it is shown what the better one sees. Drawn faces come with their true
# landmarks, so the landmarks alone do well here; on photographs they are what a detector finds. The
# blank network sees the same pixels as the first; where it does worse, size was no help, at least
# not within so few epochs.

# %% [markdown] minutes=5 tags=["slide"]
# ## What to take along
#
# - Compare a fused network with **each** stream, and with one of its own size.
# - Same faces, so paired: the interval is narrower, and honest.
# - This was one seed. The interval speaks of these networks, not of training anew.

# %% [markdown] tags=["book"]
# {doc}`/book/notebooks/chew_s5_ablation` is the same comparison on real faces, over seeds, beside
# the paper's numbers; {doc}`/book/notebooks/chew_s3_hypotheses` says what became of the claim.

# %% [markdown] tags=["notes"]
# **The misconception.** “The fused network beats the pixels, so fusing helped.” It may have been
# the landmarks alone, or the size. Write the four names on the board in the opening and let
# everyone bet on an order.
#
# **How to run it.** Exercise 2 is for paper; the code is one line. In exercise 3 draw the table of
# right and wrong answers of two networks first: only the off-diagonal counts. Start the cell of the
# four networks while exercise 3 is discussed; it takes some seconds.
#
# **Another class, other networks.** `seed` in the first cell changes faces and networks. Let each
# row of the room take a seed, and collect the gains: that is the spread which one interval does not
# show.
