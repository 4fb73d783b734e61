# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Audit your own paper
#
# > question: you have a table before you, yours or one that you review. Can its numbers be, and
# > is its split clean?
#
# Two commands answer, neither trains anything. You will see a made-up paper audited from a file of
# a dozen numbers, and a split with leaks that were planted in it.

# %% tags=["parameters"]
file: str = ""  # a paper in the documented form; the made-up one where it is empty; a path
faces: int = 300  # drawn people in the split; 60 to 5000
seed: int = 0  # of those; 0 to 1000000

# %% tags=["hide-input"]
from IPython.display import Markdown, display

from ferbook.report import audit_example as example

# %% [markdown]
# ## The printed numbers
#
# Write down what is printed, where, and with how many decimals; what is known of the dataset; and
# how a number is said to have been measured. {doc}`/book/reported-format` explains each field.

# %%
paper = example.paper(file)
display(Markdown(f"```yaml\n{paper}```"))

# %% [markdown]
# ```
# ferbook audit book/examples/pets.yaml
# ```

# %%
print(example.audit(file))

# %% [markdown]
# Read the first line again. The class accuracies are rounded, so each stands for a few numbers of
# right answers; together they allow a small range for the overall accuracy, and the printed one
# lies outside. Which of the four numbers is wrong, arithmetic cannot say. Ask for the confusion
# matrix: it settles it.
#
# Below the findings stands what was not checked, and why: this paper prints no F1, so nothing is
# said of one. Read it before you take "no findings" for good news. A line `unmatched` names a
# dataset, a part or a network that the file knows nothing of, most often a slip of the pen.
#
# With `--json` the same comes as an array of objects with `severity`, `check`, `cells`, `message`
# and `arithmetic`; what was not checked goes to stderr. The exit code is 0 with findings too, and 2
# for a file with a fault.
#
# ## The split
#
# A table with a line an image: `file`, `label`, `part`, and where they are known `subject`,
# `sequence` and `frame`.
#
# ```
# ferbook audit-split images.csv --sheet pairs.png
# ```
#
# Here people are drawn, each of them on one side, and five leaks are planted into the test part: a
# training image copied, one saved again as JPEG, one moved by a pixel, one mirrored, and one copied
# under another label.

# %% table="own-split" caption="The last lines of the split, in which leaks were planted"
table, images = example.leaky_split(faces, seed)
table.tail(7)

# %%
display(Markdown(example.split_findings(table, images)))

# %% [markdown]
# Exact copies are found by their pixels. Near copies by their likeness once one image is laid over
# the other, which stays high through compression, light and a shift; that two pictures of different
# people are that alike is rarer than one in a million pairs. How much a picture may be changed and
# still be found, in percent of drawn faces:

# %% table="own-limit" caption="Per cent of changed faces that are found again"
again = example.found_again(100, seed)
again.map("{:.0f}".format, na_action="ignore").fillna("")

# %% tags=["hide-input"]
display(Markdown(example.limit_sentence(again)))

# %% [markdown]
# A split may still hold what was cut more tightly: to find nothing says no more than that nothing
# of this kind is there.
#
# ## What to take along
#
# - The most useful line of a paper for whoever checks it is the number of test images of each
#   class.
# - Look for near copies before you split, not after you publish.
# - A finding is a question to the authors, not a verdict on them.
