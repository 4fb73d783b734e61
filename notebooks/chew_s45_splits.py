# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # FER2013: a random split against the official one
#
# *Chew, section 4.5, and the FER2013 column of the table in section 5*
#
# > question: what does it change that the test images are drawn at random, and what are **exact
# > copies** on both sides of the split worth?
#
# The paper divides FER2013 at random, 80-10-10, and does not speak of the official split, on which
# the field compares ({ref}`A7 <A7>`). FER2013 holds many pictures more than once. You will see the
# table of section 5 under four splits: random and official, each as it is and with no exact copy of
# an image in two parts.

# %% tags=["parameters"]
runs: str = "recorded"  # "train" first trains what is missing here; one of: recorded, train
tier: str = "short"  # schedule of the runs to show; one of: short, paper
split: str = "random"  # of the tables; one of: random, random-unique, official, official-unique
variant: str = "hybrid"  # network of the tables; one of: pixels, landmarks, hybrid
seeds: int = 1  # runs of each network to train where runs is "train"; 1 to 20

# %% tags=["hide-input"]
from IPython.display import Markdown, display

from ferbook.report import alternatives, figures, sources, tables
from ferbook.report.chew import copies, figures_protocols, nearly, protocols
from ferbook.report.printed import printed

figures.style()

# %% [markdown]
# ## The table of section 5
#
# Random split as printed unless `split` says otherwise. Per cent; mean over seeds with a 95 %
# interval that holds the spread between seeds and the finite number of test images. *Recall* is
# what the paper calls the accuracy of an emotion ({ref}`A14 <A14>`).

# %% tags=["hide-input"]
if runs == "train":
    from ferbook.study.experiments import run_experiment

    for name in protocols.SPLITS.values():
        print(run_experiment(name, tier=tier, seeds=seeds))
records = protocols.select(tier, variant)
display(Markdown(tables.provenance(records[split])))

# %% table="fer2013-emotions" caption="FER2013, emotion by emotion: the printed accuracy, and ours"
sources.of(protocols.per_emotion(records[split], printed("chew/table/fer2013")), records[split])

# %% figure="fer2013-confusion" caption="FER2013: what is taken for what, per cent of each row"
chart = figures_protocols.confusion_of(records[split])
alternatives.show(chart, "Confusion matrix on the test part of the chosen split")

# %% [markdown]
# ## Four splits
#
# The same network and schedule. In `official-unique` the PrivateTest images are those of
# `official`, and what has a copy among them has left training and validation; in `random-unique`
# all copies of an image fall into one part. (The runs of
# {doc}`/book/notebooks/chew_s5_ablation` use wider layers and are not comparable with these.)

# %% figure="splits" caption="Accuracy under four splits, and the printed number"
chart = figures_protocols.splits(records, printed("chew/overall/fer2013")[variant])
alternatives.show(chart, "Accuracy under four splits with intervals, and the printed number")

# %% table="splits" caption="Scores under four splits"
sources.of(protocols.compared(records), records)

# %% [markdown]
# Macro precision is over the emotions that a network names at all. After a short schedule disgust
# may be named a few times or never, and macro precision jumps with it.
#
# ## What the split is worth
#
# Where both sides score the same images, the difference is paired. A random split scores other
# images than the official one, and each seed draws others again: there the interval adds up the
# uncertainty of both sides, and is wide however clear the cause may seem.

# %% table="split-differences" caption="What the split is worth, points of accuracy"
sources.of(protocols.difference_table(protocols.differences(records)), *records.values())

# %% [markdown]
# The first two rows of {numref}`tab-split-differences` are a split with exact copies across its
# parts minus the same split with all copies of an image in one part; the last two are the random
# split minus the official one.
#
# ## What copies are worth, seen sharply
#
# The images to ask are those that were met in training. Within one run, network, schedule and
# test part are the same for them and for the others. But a picture that was found twice may be an
# easier one. So ask twice more: test images whose copies were kept out of training, and training
# images whose copies all lie outside of the training part. What those score above images without
# a copy is ease, not memory.

# %% tags=["hide-input"]
display(Markdown(copies.counted(records["random"])))

# %% table="copied" caption="Accuracy on images that have a copy and on others, random split"
everyone = tables.select(protocols.SPLITS["random"], tier, ["pixels", "landmarks", "hybrid"])
sources.of(copies.within(everyone, records["random-unique"]), everyone, records["random-unique"])

# %% [markdown]
# *Copied*: in the test part, images with an exact copy in training; in the training part, images
# with copies in the other parts only, met once an epoch like any other image. *Copies kept out* is
# the split `random-unique`, where copied test images have their copies beside them and none in
# training. The numbers of images differ because each split draws its own test part.

# %% tags=["hide-input"]
display(Markdown(copies.sentence(records)))

# %% [markdown]
# A short schedule leaves little time to remember. The same for a network of the recipe `rote`,
# which learns its training images by heart ({doc}`/book/notebooks/chew_s5_how_82`):

# %% tags=["hide-input"]
rote = {
    split: tables.select(f"chew/rote-{split}", tier, ["hybrid"])
    for split in ("random", "random-unique")
}
display(Markdown(copies.sentence(rote)))

# %% [markdown]
# On the official split the same images can be asked twice: by the network that met their copies in
# training, and by the one whose training they were taken out of. Paired, image by image.

# %% table="copies-removed" caption="PrivateTest with its copies in training and taken out"
kept, unique = records["official"], records["official-unique"]
sources.of(copies.removed(kept, unique), kept, unique)

# %% [markdown]
# ## Copies that are not exact
#
# Pictures that were scaled, compressed or cut anew are copies as well, and no hash of their bytes
# finds them. Found by likeness, with hardly a false alarm ({doc}`/book/notebooks/audit_own` shows
# how), PrivateTest holds more of them than of exact ones. Each test image is counted once, at the
# closest kind of copy that the run was trained on.

# %% table="near-copies" caption="PrivateTest by the closest copy in training"
sources.of(nearly.table(records["official"]), records["official"])

# %% [markdown]
# The same for the network that learns by heart:

# %% table="near-copies-rote" caption="By the closest copy in training, learning by heart"
by_heart = tables.select("chew/rote-official", tier, ["hybrid"])
sources.of(nearly.table(by_heart), by_heart)

# %% [markdown]
# An image above the others need not be remembered: see above for what is ease. An image below them
# is no sign of innocence either: many near copies carry another label than their twin, and whoever
# remembers the twin is then wrong.
#
# ## What to take along
#
# - A random split and the official one are different exams. Whether their numbers may be ranked
#   against each other, only running both can tell; above is what these runs say.
# - Exact copies are counted in seconds, before any training; near copies in half a minute.
#   `ferbook audit-split fer2013.csv` finds both, in this split or in yours ({doc}`/book/data`).
# - How much a copy helps depends on how well a network remembers its training images. A short
#   schedule gives it little time for that.
