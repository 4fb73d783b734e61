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
# # Lesson 6: Auditing a paper
#
# > question: you have a table of percentages, no code and no data. Can its numbers be?
#
# At the end you can
#
# - say which percentages a number of images can give (GRIM)
# - hold an overall accuracy against those of the classes
# - word a finding as a question, with what would settle it

# %% tags=["parameters"]
emotion: str = "fear"  # looked at by hand; one of: angry, disgust, fear, happy, sad, surprise

# %% tags=["setup", "hide-input"]
import numpy as np
from IPython.display import Markdown, display

from ferbook.report import audited
from ferbook.report.printed import printed
from ferbook.teach import audits, words

# %% [markdown] minutes=6 tags=["slide"]
# ## A share of 20 images
#
# - 20 images can be 0, 5, 10, ... 95, 100 % right. Nothing in between
# - a printed 86 % is then no share of 20 images
# - *GRIM*: a number of images and a whole number of right answers, or it cannot be

# %% tags=["on-slide"]
table, counts = printed("chew/table/ckplus"), audits.counts("chew", "ckplus")
audits.beside(table, counts)

# %% [markdown]
# Chew's table for CK+, and the images of each class in that dataset: one peak frame of each
# labelled sequence. How many neutral frames were used the paper does not say, so neutral is left
# out.

# %% [markdown] tags=["exercise"] minutes=9
# ## Exercise 1: can it be?
#
# Write `possible`: is there a whole number of right answers among `n` images whose percentage is
# printed as `value`? Be generous: it may have been rounded **or** cut off.
#
# <details><summary>Hint</summary>
#
# A value printed without decimals stands for shares from half a unit below it (rounded up) to one
# unit above it (cut off), that end left out. Try all whole numbers from 0 to `n`.
#
# </details>


# %% tags=["solution"]
def possible(value, n, decimals=0):
    """Whether some k of n images, as a percentage, is printed as value, rounded or cut off."""
    unit = 10.0**-decimals
    shares = 100 * np.arange(n + 1) / n
    tiny = 1e-9  # a computer's 56.4 may be 56.39999
    fits = (shares >= value - unit / 2 - tiny) & (shares < value + unit - tiny)
    return bool(fits.any())


# %% tags=["check"]
from ferbook.report.audit.granularity import reachable
from ferbook.report.audit.rounding import printed_share
from ferbook.report.reported_parts import Number

assert possible(84, 25) is not None, "`possible` gives nothing: is there a `return`?"
assert possible(84, 25), "21 of 25 are 84 %"
assert not possible(86, 25), "no number of 25 images is 86 %: 21 are 84, 22 are 88"
assert possible(33, 3), "1 of 3 is 33.3 %, printed as 33: it need not come out even"
assert possible(88, 8), "7 of 8 are 87.5 %, rounded up to 88"
assert possible(87, 8), "7 of 8 are 87.5 %, cut off to 87: not everybody rounds"
assert possible(66, 3) and possible(67, 3), "2 of 3 are 66.7 %: cut off to 66, or rounded to 67"
assert not possible(65, 3), "2 of 3 are 66.7 %: no way to 65"
assert possible(100, 7) and possible(0, 7), "all and none are shares as well"
assert not possible(83.1, 55, decimals=1), "45 of 55 are 81.8, 46 are 83.6: 83.1 is neither"
for n in (7, 25, 28, 55, 69):
    for value in range(101):
        book = reachable(printed_share(Number(value=value, decimals=0), "percent", "either"), n)
        assert possible(value, n) == book, f"{value} % of {n} images: the book's audit disagrees"
print("Exercise 1 passed: 505 percentages judged as the book's audit does.")


# %% tags=["mistake"]
# Only what comes out even is let through. An audit like this accuses nearly every honest table.
def possible(value, n, decimals=0):
    return (value * n / 100) == int(value * n / 100)


# %% tags=["mistake"]
# Only rounding is thought of; who cuts off is accused.
def possible(value, n, decimals=0):
    shares = 100 * np.arange(n + 1) / n
    return bool((np.abs(shares - value) <= 10.0**-decimals / 2 + 1e-9).any())


# %% [markdown] tags=["exercise"] minutes=7
# ## Exercise 2: go through the table
#
# Write `suspects`: the classes of a table whose percentage no number of right answers gives.
# Classes whose number of images is not known are left out.


# %% tags=["solution"]
def suspects(table, counts):
    """Names of table, {class: percentage}, that cannot be with counts, {class: images}."""
    return [name for name in table if name in counts and not possible(table[name], counts[name])]


# %% tags=["check"]
from ferbook.report.printed import printed
from ferbook.teach import audits

made_up = {"cat": 50, "dog": 86, "bird": 33}
found = suspects(made_up, {"cat": 8, "dog": 25})
assert found is not None, "`suspects` gives nothing: is there a `return`?"
assert "bird" not in found, "of birds no number of images is known: nothing can be said of them"
assert "cat" not in found, "4 of 8 cats are 50 %, so cats are in order"
assert list(found) == ["dog"], f"86 % of 25 dogs cannot be; found {list(found)}"
ours = suspects(printed("chew/table/ckplus"), audits.counts("chew", "ckplus"))
assert set(ours) == set(audits.flagged("chew", "ckplus")), (
    f"the book's audit finds {audits.flagged('chew', 'ckplus')} in Chew's table, you {list(ours)}"
)
print(f"Exercise 2 passed: in Chew's table for CK+, {' and '.join(ours)}.")


# %% tags=["mistake"]
# What is not known is accused, too.
def suspects(table, counts):
    return [name for name in table if not possible(table[name], counts.get(name, 1))]


# %% tags=["mistake"]
# The other way round: the innocent are listed.
def suspects(table, counts):
    return [name for name in table if name in counts and possible(table[name], counts[name])]


# %% tags=["slide"]
display(Markdown(words.around(emotion, table[emotion], counts[emotion])))

# %% [markdown]
# **Stop before you write “impossible”.** Section 4.5 says that CK+ was tested in folds. If the
# figures are means over folds, they are no share of the whole class, and nothing is wrong. The
# book's audit therefore says *suspicious*, and names that way out.

# %% [markdown] tags=["exercise"] minutes=9
# ## Exercise 3: classes against the whole
#
# The overall accuracy is the mean of the classes' accuracies, weighted by their images. Each
# printed figure is off by up to half a unit. Write `overall_range`: the lowest and highest overall
# accuracy that a table of rounded whole percentages allows.


# %% tags=["solution"]
def overall_range(table, counts):
    """Lowest and highest overall accuracy, in per cent, of rounded whole percentages a class."""
    total = sum(counts[name] for name in table)
    middle = sum(counts[name] * table[name] for name in table) / total
    return middle - 0.5, middle + 0.5


# %% tags=["check"]
answer = overall_range({"a": 90, "b": 50}, {"a": 300, "b": 100})
assert answer is not None and len(answer) == 2, "`overall_range` gives no pair: lowest, highest"
low, high = (float(end) for end in answer)
assert abs((low + high) / 2 - 70) > 1e-6, (
    "70 is the plain mean of 90 and 50: three quarters of the images are in class a"
)
assert high > low, "a rounded percentage stands for a range: half a unit down, half a unit up"
assert abs(low - 79.5) < 1e-6 and abs(high - 80.5) < 1e-6, (
    f"(300 x 90 + 100 x 50) / 400 = 80, so 79.5 to 80.5; you have {low:.4g} to {high:.4g}"
)
wider = overall_range({"a": 90}, {"a": 3, "b": 100})
assert abs(wider[0] - 89.5) < 1e-6, "classes that the table does not print must not count"
print("Exercise 3 passed.")


# %% tags=["mistake"]
# The plain mean of the classes: right only where all have as many images.
def overall_range(table, counts):
    middle = sum(table.values()) / len(table)
    return middle - 0.5, middle + 0.5


# %% tags=["mistake"]
# No room for rounding: every honest table contradicts itself.
def overall_range(table, counts):
    middle = sum(counts[name] * table[name] for name in table) / sum(counts[n] for n in table)
    return middle, middle


# %% tags=["slide"]
whole = audits.counts("chew", "fer2013")
low, high = overall_range(printed("chew/table/fer2013"), whole)
display(Markdown(words.overall(printed("chew/overall/fer2013")["hybrid"], low, high)))

# %% [markdown] minutes=4 tags=["slide"]
# ## The same by machine
#
# `ferbook audit reported/chew.yaml` does this for every number of a paper, for rounding and cutting
# off, and for every draw of the test part:

# %% tags=["on-slide"]
audited.counts()

# %% [markdown] minutes=5 tags=["slide"]
# ## What to take along
#
# - Percentages of few images are coarse. That makes them checkable.
# - Rule out every honest way before you say *impossible*: rounding, cutting off, folds, other
#   images.
# - A finding is a question to the authors. Say what would settle it: here, a confusion matrix.

# %% [markdown] tags=["book"]
# {doc}`/book/notebooks/audit` has all findings and how often such an audit wrongs an honest paper;
# {doc}`/book/notebooks/audit_own` audits a table of yours.

# %% [markdown] tags=["notes"]
# **The misconception.** “A table can only be checked by whoever has the data.” And its twin, after
# exercise 2: “then the table is false.” Both are wrong; spend time on the second.
#
# **How to run it.** Begin with the 20 images, on the board, before any code. After exercise 2 stop
# the class, and let everyone write the message that they would send to the author; then read the
# paragraph on folds, and let them write it anew.
#
# **Bring your own.** Ask for a paper from the students' own field with a table of percentages and
# the number of images a class, for the last five minutes.
