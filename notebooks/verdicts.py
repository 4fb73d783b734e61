# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # How often a verdict errs
#
# > question: a printed number is called *reproduced* or *not reproduced*. If the paper is
# > right, how often do we say that it is not? If it is wrong, how often do we miss it?
#
# A rule that calls numbers wrong must say how often it is wrong itself. You will see where the rule
# comes from, its error rates on made-up papers whose truth is known, what happens when a hundred
# numbers are judged at once, and how large a difference our number of seeds could have found.

# %% tags=["parameters"]
spread: float = 0.6  # points, standard deviation between seeds; 0.05 to 5
images: int = 3589  # in the test part; 50 to 100000
shared: float = 0.7  # of the images' variance, common to all runs; 0 to 1
count: int = 500  # simulated papers a point of the figure; 50 to 5000
cells: int = 100  # numbers that a paper prints; 2 to 1000
wrong: int = 20  # of them are shifted; 1 to 1000
shift: float = 5.0  # points, by which those are; 0 to 50
tier: str = "short"  # schedule of the runs whose power is shown; one of: short, paper

# %% tags=["hide-input"]
from IPython.display import Markdown

from ferbook.report import alternatives, figures
from ferbook.report import figures_verdicts as drawn
from ferbook.report import verdict_errors as errors

figures.style()

# %% [markdown]
# ## Where the rule comes from
#
# A printed accuracy is one run of theirs. Had we trained it ourselves, it would be one more of our
# runs, so ask: where would one more run fall? Let $m$ be the mean of our $k$ runs and $s^2$ the
# variance between them. A new run differs from $m$ for two reasons. It has a seed of its own, with
# a variance of $s^2$, and $m$ itself is uncertain by $s^2/k$: together $s^2 (1 + 1/k)$. And it was
# scored on $n$ images, which adds $v/n$, with $v = p(1-p)$ for an accuracy $p$. So with a
# probability of 95 %
#
# $$\text{printed} \in m \pm t_{\nu,\,0.975}
# \sqrt{s^2 \left(1 + \tfrac{1}{k}\right) + \tfrac{v}{n}},$$
#
# the $\nu$ degrees of freedom after Welch and Satterthwaite, since only the first term was
# estimated from $k$ values. A printed number is *not reproduced* where it lies outside, and misses
# $m$ by more than two points besides. {doc}`/book/verify` has the whole rule.
#
# ## On papers whose truth is known
#
# Simulated papers: their run and ours come from one and the same process, and the number is then
# shifted by so much. The rule that judges them is the one that `ferbook verify` calls.

# %% figure="verdict-rates" caption="Share called reproduced over how far off a printed number is"
world = errors.World(spread=spread, images=images, shared=shared, shift=shift)
table = errors.rates(world, count)
alternatives.show(drawn.rates(table), drawn.say_rates(table))

# %% table="verdict-rates" caption="Per cent called reproduced, by points off and by seeds"
(100 * table).style.format("{:.0f}", na_rep="–").format_index("{:g}").format_index(
    "{} seeds", axis=1
)

# %% [markdown]
# The first row of {numref}`tab-verdict-rates` is the honest paper: it should be called reproduced
# in at least 95 % of cases, and is more often. Two things make it so: the margin, and that $v/n$ is
# kept although runs scored on the same images share most of it. A doubt goes in favour of the
# printed number. The price is in the columns: with two seeds, $t$ is so large that a number may be
# far off and pass.
#
# ## Many numbers at once
#
# Of a hundred true numbers, each judged at 5 %, five would be called wrong by chance. Controlling
# the false discovery rate after Benjamini and Hochberg {cite}`benjamini1995` instead keeps the
# share of false ones *among those called* at 5 %.

# %% table="verdict-many" caption="Numbers called wrong, one by one and with false ones controlled"
errors.many_cells(cells, min(wrong, cells - 1), world).style.format("{:.1f}")

# %% [markdown]
# And for the numbers that our runs at the paper tier have judged so far:

# %% table="verdict-judged" caption="Numbers judged so far at the paper tier"
judged = errors.judged(errors.compared("paper"))
judged if len(judged) else Markdown("*No cell has two runs at the paper tier yet.*")

# %% [markdown]
# ## What our seeds could have found
#
# *Not told apart* is no proof of sameness. Below, the miss in points that would be called wrong
# with a probability of 80 %, median over the printed cells of a table: with the seeds that there
# are, and with more of them, if their spread stays what it is. Where more seeds do not help, the
# images are too few: classes of CK+ hold a few dozen.

# %% table="verdict-power" caption="The miss, in points, that seeds find in four of five cases"
errors.power_table(tier)

# %% [markdown]
# ## What to take along
#
# - One run of ours and one of theirs compare nothing: without a spread between seeds there is no
#   interval.
# - The interval for *one more run* is wider than that for the mean. A printed number is one run.
# - Judge a hundred numbers, and some will be wrong by chance. Say how many you expect.
# - Before you say "no difference", say how large a difference you would have seen.
