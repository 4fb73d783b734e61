# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The field's own numbers
#
# > question: what do well-known repositories print for FER2013 and CK+, of which part of the
# > data is it, and on which part was the network chosen?
#
# Two papers are no field. Before a number is called high or low, look at what others print, and at
# what their code does: every value here was read from a repository's own tables and scripts, at a
# commit that `reported/peers/` names.

# %% tags=["parameters"]
dataset: str = "all"  # whose numbers are shown; one of: all, fer2013, ckplus

# %% tags=["hide-input"]
from IPython.display import Markdown, display

from ferbook.report import audited

# %% [markdown]
# ## Said, and done
#
# *Said to be* is what the print calls the part, *is* the part that the code scores (private:
# PrivateTest, public: PublicTest), *chosen* where epoch, network or settings were picked. A number
# of the part on which it was chosen is a highest of many, and flatters. Of each way of scoring the
# highest number.

# %% table="peers" caption="What well-known repositories print, and what their code does"
audited.peers(dataset)

# %% tags=["hide-input"]
display(Markdown(audited.peers_sentence()))

# %% [markdown]
# ## What the audit finds in them
#
# Impossible or contradictory, as on {doc}`/book/notebooks/audit`. A number that is wrong in a
# readme is a slip as long as nobody builds on it; here is what to ask the authors before you do.

# %% tags=["hide-input"]
display(Markdown(audited.peer_lines()))

# %% [markdown]
# ## What to take along
#
# - FER2013 has two test parts. "Test accuracy" without a name may be either.
# - A network chosen by its test accuracy has learnt from the test. How much that gives on FER2013
#   is on {doc}`/book/notebooks/chew_s5_how_82`.
# - CK+ by frames has the same people on both sides; {doc}`/book/notebooks/chew_s45_ckplus` says
#   what that is worth.
