# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Three hypotheses, answered
#
# *Chew, section 3; sections 5 and 6 for what is claimed of them*
#
# > question: of what the paper set out to show, what do our runs show, by how much, and how sure
# > are we?
#
# Each hypothesis is taken apart into statements that a run can answer. A statement is a difference
# between accuracies on the same test images, in points, with an interval that holds both reasons
# why it could come out otherwise: another seed, and other images (on CK+ other people). The answer
# is the interval's: **holds** where all of it agrees with the statement, **fails** where none of it
# does, **open** otherwise. Open is no failure of the method; it says that these runs cannot tell.
# A difference seen under **one seed** only answers nothing, however many images it rests on. In the
# figures the number of seeds stands in brackets.

# %% tags=["parameters"]
tier: str = "short"  # schedule of the runs to show; one of: short, paper
view: str = "shared"  # on another dataset, choice among; one of: plain, shared

# %% tags=["hide-input"]
from IPython.display import Markdown, display

from ferbook.report import alternatives, figures, sources, tables
from ferbook.report.chew import answers
from ferbook.report.chew import figures_hypotheses as drawn
from ferbook.report.chew import hypotheses as h
from ferbook.report.chew import spoilt_verdicts as verdicts
from ferbook.report.chew.transfer_verdict import carried
from ferbook.report.printed import bounds, cited

figures.style()

# %% [markdown]
# ## H1: pixels and landmarks together beat either alone
#
# Four statements of section 5: the hybrid outperforms both single branches; without the heatmaps
# the accuracy drops by a stated number of points; the gain is largest for fear and disgust; and the
# hybrid leads in every emotion, which is asked of the one in which it leads least. The networks on
# the official split have the widths taken for the paper ({ref}`A3 <A3>`), the others are narrower:

# %% tags=["hide-input"]
display(Markdown(h.provenance(tier)))

# %% table="h1-fusion" caption="H1: the hybrid against each single branch, and the answer"
fusion = h.fusion(tier)
h.table(fusion)

# %% figure="h1-fusion" caption="H1: the hybrid minus each single branch, with 95 % intervals"
chart = drawn.statements(fusion, "hybrid minus the other network, points")
alternatives.show(chart, "Hybrid minus each single branch, in points, with intervals")

# %% table="h1-rest" caption="H1: the drop without heatmaps, fear and disgust, each emotion"
low, high = bounds("chew/ablation/fer2013/drop")
rest = h.drop(tier, low, high) + h.subtle(tier) + h.everywhere(tier)
h.table(rest)

# %% [markdown]
# A drop within two points can only be confirmed by an interval narrower than that: few seeds can
# refute the statement or leave it open, and hardly confirm it.

# %% tags=["hide-input"]
display(
    Markdown(
        f"**H1**: of {len(fusion)} comparisons {h.summary(fusion)}; further: {h.summary(rest)}."
    )
)

# %% [markdown]
# ## H2: landmarks make it resilient
#
# With a region hidden, what does each network lose? Each statement is that the hybrid loses less
# than the pixel network; the points are by how much. Landmarks are those found before the region
# was hidden, the setting that favours the hybrid ({ref}`A8 <A8>`).

# %% table="h2-hidden" caption="H2, a region hidden: what pixels lose minus what the hybrid loses"
resilience = h.resilience(tier)
h.table(resilience)

# %% figure="h2-hidden" caption="H2: what pixels lose minus what the hybrid loses"
chart = drawn.statements(resilience, "lost by pixels minus lost by hybrid, points")
alternatives.show(chart, "What pixels lose minus what the hybrid loses, region by region")

# %% table="h2-bound" caption="H2: what the hybrid loses, against the printed bound"
_, limit = bounds("chew/occlusion/fer2013/eyes")
kept = h.within(tier, limit)
h.table(kept)

# %% [markdown]
# H2 names more than hidden regions: light, noise and misalignment too. Here are all of them, as
# mean losses over the conditions of each on a sample of FER2013's random test part, with the
# landmarks found before the face was spoilt and, as a camera would have to, found again on the
# spoilt face. Condition by condition, and on CK+: {doc}`/book/notebooks/chew_s5_occlusion`.

# %% table="h2-parts" caption="H2: mean losses of pixels and hybrid, kind by kind"
records = tables.select(h.PLACES["FER2013, random split"], tier)
sample = answers.by_seed(records, "spoilt")
sources.of(verdicts.parts(sample), answers.used(records, sample))

# %% tags=["hide-input"]
parts = verdicts.part_statements(sample, "FER2013, random split")
display(
    Markdown(
        f"**H2**: with a region hidden, landmarks found before, {h.summary(resilience)}; of the "
        f"claim to stay close {h.summary(kept)}; part by part, either setting, {h.summary(parts)}."
    )
)

# %% [markdown]
# ## H3: it carries over to another dataset
#
# Trained on one dataset, scored on the other, on the six emotions that both have. The paper reports
# no such experiment; it infers the hypothesis from good numbers on both. First whether the hybrid
# is right more often over there than either branch alone, then what it loses on the way; emotion
# by emotion on {doc}`/book/notebooks/chew_s5_cross`.

# %% table="h3-transfer" caption="H3, on the other dataset: the hybrid against each single branch"
crossed = h.transfer(tier, view)
h.table(crossed)

# %% tags=["hide-input"]
display(Markdown(f"**H3**: {h.summary(crossed)}.\n\n{carried(view, tier)}"))

# %% [markdown]
# ## Claims that are not put to a test here
#
# The paper also says why its network works and where it can go. Differences in accuracy do not
# answer that:
#
# - **Where it looks.** Heatmaps ensure “that the CNN focuses its attention on consistent facial
#   zones” (section 3), regions are “consistently weighted during feature extraction” (section 6),
#   and the ablation shows “the importance of landmark-guided attention” (section 7). Networks can
#   be right equally often and look elsewhere. It would take saliency maps; our records keep
#   predictions, no weights.
# - **How it withstands occlusion.** Landmarks “guided the model to extract complementary
#   information from unoccluded regions” (section 6). What each network loses is measured above;
#   from where it takes the rest is not.
# - **What it has learnt.** It is said to have “localized filters” and “a richer and more
#   discriminative feature space” (section 6), its heatmaps to be “a spatially interpretable
#   representation” (section 4.2). No measure of these is given. Whether heatmaps do better than
#   coordinates is on {doc}`/book/notebooks/chew_s43_inputs`.
# - **Neutral as a subtle state**, “often misclassified in simpler systems” (section 7). On FER2013
#   it is one of the emotions compared above; CK+ as recorded has no neutral face ({ref}`A5 <A5>`).
#   Whether a face is ambiguous, a single label cannot say.
# - **Phones and real time.** Meant are “mobile applications and embedded platforms” (abstract)
#   and “real-time emotion-aware applications” (section 6); no device is named and no speed printed.
#   What a face costs on one core is on {doc}`/book/notebooks/chew_s6_cost`.
# - **Other people, other views.** It should carry over to other “demographic profiles” (section 3),
#   “camera angles, and face orientations” (section 6). The labels of neither dataset tell them.
# - **The state of the art**, which it “significantly advances” (section 6). The paper has no table
#   of other methods, and results of other papers are not ours to verify.

# %% tags=["hide-input"]
display(Markdown(f"All that it prints of the results of others: {'; '.join(cited('chew'))}."))

# %% [markdown]
# ## What to take along
#
# - A difference between two networks needs both intervals: over images, and over seeds. A result
#   from one run, as the paper prints it, has neither.
# - Where the short tier reduced the schedule, an answer is one for networks trained that little;
#   `-p tier paper` shows the same page for the full one, where such runs are recorded.
# - Many statements tested at 95 % will show one by chance; and the emotion of the least lead was
#   chosen by looking, so an interval there is easier on *fails* than 95 % says.
