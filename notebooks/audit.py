# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What the print alone says
#
# > question: before anything is trained: can the numbers that a paper prints be true at all, and do
# > they agree with each other?
#
# A share of 55 images can take 56 values. Seven class accuracies and the sizes of their classes
# leave little room for the overall one. So a table can be checked with arithmetic alone, as GRIM
# checks means in psychology {cite}`brown2017`. You will see what that finds in both papers, line by
# line, and how often such an audit accuses an honest paper.

# %% tags=["parameters"]
least: str = "note"  # least serious shown; one of: impossible, contradiction, suspicious, note

# %% tags=["hide-input"]
from IPython.display import Markdown, display

from ferbook.report import alternatives, audited, figures
from ferbook.report import figures_verdicts as drawn

figures.style()

# %% [markdown]
# ## What was found
#
# - **impossible**: no number of right answers gives it, rounded or cut off, whatever images the
#   declared split allows.
# - **contradiction**: two printed numbers disagree, or text and table do.
# - **suspicious**: possible only under an unusual convention, or against long odds; the line says
#   which.
# - **note**: worth knowing.

# %% table="audit-counts" caption="Findings in each paper, by severity"
audited.counts()

# %% [markdown]
# ## Chew
#
# Each line: how serious, the number by its id, which leads to its row with our runs, where it is
# printed, what is wrong and what would explain it, and the arithmetic for doing it again by hand.

# %% tags=["hide-input"]
display(Markdown(audited.lines("chew", least)))

# %% [markdown]
# ## Qiu

# %% tags=["hide-input"]
display(Markdown(audited.lines("qiu", least)))

# %% [markdown]
# ## Does it accuse the innocent?
#
# Honest papers, made up: classifiers that answer image by image, scored by scikit-learn, printed
# with rounding or cutting off, on official or random splits, with the differences and sentences
# that papers print. Nothing in them can be impossible or contradict itself.

# %% tags=["hide-input"]
display(Markdown(audited.honest_sentence()))

# %% [markdown]
# And the guilty: in each of those papers one figure was moved by so many points, or by one unit of
# its last digit where that is more. How often is it found to be impossible or in contradiction?

# %% figure="audit-detection" caption="How often a moved figure is found, by how far it was moved"
found = audited.detection()
alternatives.show(drawn.detection(found), drawn.say_detection(found))

# %% table="audit-detection" caption="Per cent of moved figures that are found, by kind and points"
found.style.format("{:.0f}").format_index("{:g}", axis=1)

# %% [markdown]
# What is printed once, beside nothing that it must agree with, can be moved unseen. A confusion
# matrix cannot: whoever prints one can be checked, and that is a reason to print it.
#
# `ferbook audit reported/qiu.yaml` says all this in a terminal. {doc}`/book/notebooks/audit_own`
# does it with a paper of yours, {doc}`/book/notebooks/peers` with the numbers that the field is
# used to.
#
# ## What to take along
#
# - Percentages of few images are coarse. That makes them checkable.
# - *Impossible* is a strong word. It needs every convention of rounding and every split to be ruled
#   out.
# - An audit that finds nothing proves nothing. One that accuses honest papers is worse than none:
#   measure how often yours does.
