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
# # Lesson 5: Leakage and evaluation
#
# > question: the test accuracy is high. Does the network know faces, or does it know these faces?
#
# At the end you can
#
# - find images that stand on both sides of a split
# - split by person, and say what splitting by picture is worth
# - say how much memory a printed number would need

# %% tags=["parameters"]
seed: int = 0  # of the drawn faces and of the splits; 0 to 1000000
faces: int = 200  # in the split with planted leaks; 60 to 5000
people: int = 20  # who are filmed; 10 to 200

# %% tags=["setup", "hide-input"]
import numpy as np
from IPython.display import Markdown, display

from ferbook.report import alternatives, audit_example, figures
from ferbook.report.chew.near_copies import filmed
from ferbook.report.printed import printed
from ferbook.teach import leaks, words
from ferbook.teach.figures import row

figures.style()
table, images = audit_example.leaky_split(faces, seed)
training, test = images[table.part == "train"], images[table.part == "test"]

# %% [markdown] minutes=6 tags=["slide"]
# ## What leaks
#
# - the same picture, byte for byte, in training and test
# - the same picture, compressed, moved or mirrored
# - the same **person**, in another frame
# - what was done before the split: augmentation, normalising, choosing

# %% tags=["on-slide"]
chart = row(
    [images[0], images[-5], images[1], images[-4], images[3], images[-2]],
    ["in training", "copied", "in training", "recompressed", "in training", "mirrored"],
)
alternatives.show(
    chart, "Three training faces, each beside the leak of it that was planted in the test"
)

# %% [markdown]
# Five leaks are planted in the test part of this split. You will find the first kind yourself, and
# let the book's audit find the others.

# %% [markdown] tags=["exercise"] minutes=8
# ## Exercise 1: find the copies
#
# Write `copied`: which test images stand in training, pixel for pixel? Thirty thousand images
# compared in pairs are too many pairs; what can you look up instead?
#
# <details><summary>Hint</summary>
#
# `image.tobytes()` can be put into a `set`.
#
# </details>


# %% tags=["solution"]
def copied(training, test):
    """(n,) bool: whether each test image (n, H, W) has an exact copy in training (m, H, W)."""
    known = {image.tobytes() for image in training}
    return np.array([image.tobytes() in known for image in test], dtype=bool)


# %% tags=["check"]
import time

import numpy as np

dice = np.random.default_rng(3)
known = dice.integers(0, 256, (20, 6, 6)).astype(np.uint8)
shuffled = known[0].ravel()[::-1].reshape(6, 6)  # the same grey levels elsewhere
nearly = known[1].copy()
nearly[5, 5] ^= 1
asked = np.stack([known[4], shuffled, nearly, known[0]])
answer = copied(known, asked)
assert answer is not None, "`copied` gives nothing: is there a `return`?"
answer = np.asarray(answer, bool)
assert answer.shape == (4,), (
    f"`copied` gives the shape {answer.shape}; an answer a test image is (4,)"
)
assert answer[0] and answer[3], "a copy is not found"
assert not answer[1], "the same grey levels at other places are no copy: compare the pictures"
assert not answer[2], "one grey level in one pixel differs: that is no exact copy"
many, others = (dice.integers(0, 256, (count, 8, 8)).astype(np.uint8) for count in (2000, 1000))
start = time.process_time()
copied(many, others)
assert time.process_time() - start < 1.5, "two million pairs take too long: look each image up"
print("Exercise 1 passed: each image is looked up once.")


# %% tags=["mistake"]
# A fingerprint that many pictures share: the mean grey.
def copied(training, test):
    return np.isin(test.mean(axis=(1, 2)), training.mean(axis=(1, 2)))


# %% tags=["mistake"]
# Likeness taken for sameness: the tolerance is a grey level.
def copied(training, test):
    return np.array([any(np.allclose(a, b, atol=1) for b in training) for a in test])


# %% tags=["slide"]
hits = copied(training, test)
display(Markdown(words.planted(table, hits)))

# %% [markdown] minutes=4 tags=["slide"]
# ## What `==` does not see
#
# `ferbook audit-split images.csv` looks for likeness as well:

# %% tags=["hide-input", "on-slide"]
display(Markdown(words.short_findings(table, images)))

# %% [markdown] tags=["exercise"] minutes=10
# ## Exercise 2: split by person
#
# People were filmed, three expressions each, three frames of each. Write `by_person`: a
# split in which nobody is on both sides, with about `share` of the **people** in the test part.


# %% tags=["solution"]
def by_person(subject, share, seed):
    """Rows of training and rows of test; subject (N,) says who is in each image."""
    people = np.random.default_rng(seed).permutation(np.unique(subject))
    held = people[: round(share * len(people))]
    inside = np.isin(subject, held)
    return np.flatnonzero(~inside), np.flatnonzero(inside)


# %% tags=["check"]
import numpy as np

subject = np.repeat([7, 3, 9, 1, 4, 8, 2, 6, 5, 0], [1, 2, 3, 4, 5, 6, 7, 8, 9, 55])
subject = np.random.default_rng(0).permutation(subject)
answer = by_person(subject, 0.2, 0)
assert answer is not None and len(answer) == 2, "`by_person` gives no pair: training, test"
train, held = (np.asarray(one) for one in answer)
assert train.dtype != bool, "rows were asked for, not flags: np.flatnonzero"
both = set(subject[train]) & set(subject[held])
assert not both, f"{len(both)} of 10 people are on both sides: draw people, not pictures"
assert len(train) + len(held) == len(subject), "some pictures are on no side, or on both"
assert len(set(subject[held])) == 2, (
    f"a fifth of 10 people are 2, not {len(set(subject[held]))}: the share is one of people"
)
parts = {tuple(sorted(set(subject[by_person(subject, 0.2, number)[1]]))) for number in range(9)}
assert len(parts) > 1, "every seed draws the same people"
again = [by_person(subject, 0.2, 4)[1] for _ in range(2)]
assert np.array_equal(*again), "the same seed draws others the second time: use it"
print("Exercise 2 passed: nobody is on both sides.")


# %% tags=["mistake"]
# Pictures are drawn, not people: everybody is on both sides.
def by_person(subject, share, seed):
    order = np.random.default_rng(seed).permutation(len(subject))
    held = round(share * len(subject))
    return order[held:], order[:held]


# %% tags=["mistake"]
# The first people, whatever the seed: one split, called random.
def by_person(subject, share, seed):
    people = np.unique(subject)
    inside = np.isin(subject, people[: round(share * len(people))])
    return np.flatnonzero(~inside), np.flatnonzero(inside)


# %% [markdown]
# The simplest network of all: name the emotion of the most similar training picture. It learns
# nothing about emotions, it remembers.

# %% tags=["slide"]
film = filmed("synthetic", people, seed)
scores = leaks.nearest(film, by_person, repeats=10)
display(Markdown(words.nearest(scores)))

# %% [markdown] tags=["exercise"] minutes=7
# ## Exercise 3: how much memory would it take?
#
# An honest network is right for `honest` per cent of the test images. Some images were met in
# training, and for those it is always right. It scores `printed` per cent. Write `remembered`:
# which share of the test images must it have met?
#
# <details><summary>Hint</summary>
#
# With a share $s$ met: $100\,s + (1 - s)\,\text{honest} = \text{printed}$.
#
# </details>


# %% tags=["solution"]
def remembered(printed, honest):
    """Share of the test images, 0 to 1, that must be known by heart; both in per cent."""
    return (printed - honest) / (100 - honest)


# %% tags=["check"]
share = remembered(85.0, 70.0)
assert share is not None, "`remembered` gives nothing: is there a `return`?"
assert abs(share - 0.15) > 1e-9, (
    "15 points are not 15 per cent of the images: of those met, 70 per cent were right before"
)
assert abs(share - 50) > 1e-9, "a share goes from 0 to 1"
assert abs(share - 0.5) < 1e-9, f"half met, half honest: 50 + 35 = 85; so 0.5, not {share:.3g}"
assert remembered(70.0, 70.0) == 0 and remembered(100.0, 20.0) == 1, "the ends are wrong"
print("Exercise 3 passed.")


# %% tags=["mistake"]
# The difference in points, read as a share of images.
def remembered(printed, honest):
    return (printed - honest) / 100


# %% tags=["mistake"]
# Divided by what was right instead of by what was wrong.
def remembered(printed, honest):
    return (printed - honest) / honest


# %% [markdown]
# Now the paper. Its hybrid's accuracy on FER2013 comes from a random split; beside it the best
# published network on the official one, and what the records say of exact copies in FER2013.

# %% tags=["slide"]
hybrid = printed("chew/overall/fer2013")["hybrid"]
best = leaks.best_published("single")
display(Markdown(words.memory(hybrid, best, remembered(hybrid, best), leaks.copied_share(10))))

# %% [markdown] minutes=5 tags=["slide"]
# ## What to take along
#
# - Split first, by what must not be known: person, film, source. Then do everything else.
# - Look for copies before you publish. Exact ones take seconds.
# - A suspicion has a size. Work it out before you voice it.

# %% [markdown] tags=["book"]
# {doc}`/book/notebooks/chew_s45_splits` measures four splits of FER2013,
# {doc}`/book/notebooks/chew_s45_ckplus` splits by person and by frame, and
# {doc}`/book/notebooks/chew_s5_how_82` every way in which the printed number could come about.

# %% [markdown] tags=["notes"]
# **The misconception.** “The split was random, so the test was fair.” Random over *what*? Over
# pictures it is unfair to the question about people.
#
# **How to run it.** Let exercise 1 be tried with two loops first, and time it. For exercise 2, ask
# before the result: what will the nearest neighbour score on people that it has never met? Exercise
# 3 is a line of algebra; its point is the paragraph behind it: copies alone do not carry the
# printed number, so that explanation must not be claimed.
#
# **Fairness.** The paper's authors are people. The lesson asks what a number would need, not who
# did what.
