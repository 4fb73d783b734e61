# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # From one dataset to the other
#
# *Chew, section 3, hypothesis H3; section 6 for what is claimed*
#
# > question: does a network that was trained on FER2013 know the expressions of CK+, and the other
# > way round; and does it help to have landmarks?
#
# The paper concludes from good numbers on both datasets, each with networks of its own, that what
# they learn carries over. That is not a test of it. Here each network is shown the dataset that it
# was not trained on. You will see how much is left, where it is lost, and which network keeps most.

# %% tags=["parameters"]
runs: str = "recorded"  # "train" first trains what is missing here; one of: recorded, train
tier: str = "short"  # schedule of the runs to show; one of: short, paper
seeds: int = 3  # runs of each network to train where runs is "train"; 1 to 20
view: str = "shared"  # choice among the six, or among all that it knows; one of: shared, plain
variant: str = "hybrid"  # network shown emotion by emotion; one of: pixels, landmarks, hybrid

# %% tags=["hide-input"]
from IPython.display import Markdown, display

from ferbook.report import alternatives, figures, sources, tables
from ferbook.report.chew import figures_transfer as drawn
from ferbook.report.chew import hypotheses, transfer
from ferbook.report.chew import transfer_tables as made
from ferbook.report.chew import transfer_verdict as verdict

figures.style()

# %% [markdown]
# ## The exchange
#
# FER2013 and the 981-image form of CK+ share six emotions; FER2013's neutral and CK+'s contempt are
# left out of all test images ({ref}`A5 <A5>`).
#
# - **FER2013 → CK+**: networks of the random split ({ref}`A7 <A7>`) see all images of CK+. They
#   know seven emotions. In the view *plain* they may answer neutral, which is wrong here by design;
#   in the view *shared* the likeliest of the six counts.
# - **CK+ → FER2013**: networks of the ten folds by subject ({ref}`A6 <A6>`) see PrivateTest. They
#   know the six only, so both views are one. An image counts by the share of the ten that are
#   right.
#
# The same networks on test images of their own dataset, the same six emotions and the same view,
# are what transfer is measured against: FER2013's own test part, CK+'s pooled test folds.

# %% tags=["hide-input"]
first, second = transfer.WAYS
if runs == "train":
    from ferbook.study.experiments import run_experiment

    for way in transfer.WAYS:
        print(run_experiment(way.experiment, tier=tier, seeds=seeds))
for way in transfer.WAYS:
    display(Markdown(tables.provenance(tables.select(way.experiment, tier))))
display(Markdown(verdict.people(transfer.WAYS, view, tier)))

# %% [markdown]
# ## How much is left
#
# Open: on the dataset that a network knows. Filled: on the other. A line is the 95 % interval over
# images and, from two seeds on, over seeds; on CK+ the images of one person count together. Beside
# them, what one gets who knows nothing of the face: guessing evenly, and always naming the emotion
# that is most frequent there.

# %% figure="transfer" caption="Accuracy on the own dataset (open) and on the other (filled)"
chart = drawn.accuracies(view, tier)
alternatives.show(chart, "Accuracy of three networks on their own and on the other dataset")

# %% table="transfer-fer2013" caption="Trained on FER2013: accuracy there and on CK+"
sources.of(made.table(first, view, tier), tables.select(first.experiment, tier))

# %% table="transfer-ckplus" caption="Trained on CK+: accuracy there and on FER2013"
sources.of(made.table(second, view, tier), tables.select(second.experiment, tier))

# %% tags=["hide-input"]
display(Markdown(verdict.carried(view, tier, variant)))

# %% [markdown]
# The two ways are not alike. FER2013 has many thousands of faces found on the web, posed and not.
# CK+ has few people, all facing the camera under studio light, and little in it prepares a network
# for other faces. A change above zero says that the other dataset
# is the easier one. The datasets also mix the emotions differently: disgust is rare in FER2013 and
# frequent in CK+. That alone moves the accuracy of a network that seldom finds it, which is why the
# sentence above also counts every emotion the same.
#
# ## Which network keeps more
#
# On the same images of the other dataset, hybrid minus each of the others; and how much the
# hybrid's change on the way differs from that of pixels. A network that starts lower has less to
# lose, which is why both are here.

# %% table="transfer-hybrid" caption="The hybrid against the others, there and on the way there"
crossed = [tables.select(way.experiment, tier) for way in transfer.WAYS]
sources.of(hypotheses.table(transfer.hybrid_against(view, tier)), *crossed)

# %% tags=["hide-input"]
display(Markdown(verdict.hypothesis(view, tier)))

# %% [markdown]
# ## Emotion by emotion
#
# The share of each emotion that the network finds, at home (open) and on the other dataset
# (filled).

# %% figure="transfer-emotions" caption="Share of each emotion found: own data open, other filled"
found = {way: made.per_emotion(way, variant, view, tier) for way in transfer.WAYS}
chart = drawn.emotions(found)
alternatives.show(chart, "Share of each emotion found on the own and on the other dataset")

# %% table="transfer-emotions" caption="Share of each emotion that is found, per cent"
recalls = made.recalls(found).style.format("{:.1f}")
sources.of(recalls, *(tables.select(way.experiment, tier, [variant]) for way in transfer.WAYS))

# %% [markdown]
# ## What is taken for what
#
# Per cent of each true emotion, all runs together: first FER2013 → CK+ with a free choice among
# seven, then CK+ → FER2013. A column that is dark beside its diagonal is an emotion that the
# network sees everywhere.

# %% figure="taken-ckplus" caption="Trained on FER2013: what is taken for what, per cent of rows"
chart = drawn.confusion(made.confusion(first, variant, "plain", tier))
alternatives.show(chart, "Confusion matrix, trained on FER2013, scored on CK+")

# %% figure="taken-fer2013" caption="Trained on CK+: what is taken for what, per cent of rows"
chart = drawn.confusion(made.confusion(second, variant, "plain", tier))
alternatives.show(chart, "Confusion matrix, trained on CK+, scored on FER2013's PrivateTest")

# %% [markdown]
# ## What to take along
#
# - Good numbers on two datasets, with two sets of networks, are two results within a dataset. Only
#   the exchange tests what carries over.
# - Accuracy on the other dataset needs its own zero: guessing, and the most frequent emotion.
# - With a seventh class to choose, part of what looks like failure is the answer *neutral* to faces
#   that are labelled otherwise: compare the views.
