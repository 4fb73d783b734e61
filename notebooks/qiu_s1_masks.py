# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What a face mask does
#
# *Qiu, abstract, section 1, Table 1, Figure 1 (rows 1 and 3)*
#
# > question: a network learns emotions from whole faces. Then the faces put masks on. Which
# > emotions does it still read?
#
# The paper says that happy and surprise suffer most, that disgust improves, and that sad sometimes
# gains. You will see what a mask hides, then the paper's Table 1 beside ours, then each claim with
# its answer.

# %% tags=["parameters"]
dataset: str = "synthetic"  # where the live faces come from; one of: synthetic, fer2013
faces: int = 7  # how many live faces are shown; 1 to 10
kind: str = "all"  # of mask on the live faces; one of: all, surgical, n95, cloth
seed: int = 0  # of the live faces; 0 to 1000000
model: str = "vgg16"  # in full; one of: densenet, dpn, resmasking, resnet, vgg16, ensemble
tier: str = "short"  # schedule of the runs to show; one of: short, paper
runs: str = "recorded"  # "train" first trains what is missing here; one of: recorded, train
seeds: int = 1  # runs of each network to train where runs is "train"; 1 to 20

# %% tags=["hide-input"]
from IPython.display import Markdown, display

from ferbook.data.live import described
from ferbook.report import alternatives, figures, sources, tables
from ferbook.report.qiu import (
    figures_masks,
    figures_table1,
    mask_summary,
    mask_tables,
    mask_verdicts,
    masks_live,
    networks,
)
from ferbook.report.qiu import tables as qiu

figures.style()
title = networks.NETWORKS[model].title

# %% tags=["hide-input"]
if runs == "train":
    from ferbook.study.experiments import run_experiment

    for experiment in (networks.BASELINES, "masked-fer2013"):
        print(run_experiment(f"qiu/{experiment}", tier=tier, seeds=seeds))
display(Markdown(mask_summary.so_far(tier)))

# %% [markdown]
# ## Faces in masks
#
# The masked dataset that the paper names is not public. These masks are drawn: fitted to each face
# by its landmarks, lit by the face's own light, as sharp and as noisy as the picture
# ({ref}`A27 <A27>`). Below are live faces, as they are and in masks.

# %% tags=["hide-input"]
display(Markdown(described(dataset)))

# %% figure="masked-faces" caption="Live faces (synthetic unless the parameter dataset names another), one a column, as they are and in each kind of drawn mask"
images, points, titles = masks_live.marked(dataset, faces, seed)
kinds = masks_live.kinds_of(kind)
hidden = masks_live.covered(points, kinds, images.shape[-1])
chart = figures_masks.mask_sheet(images, points, range(len(images)), titles, kinds)
alternatives.show(chart, masks_live.say_sheet(titles, hidden, dataset))

# %% [markdown]
# How much of each part of a face a mask covers, in per cent, mean over the faces above:

# %% table="mask-coverage" caption="Per cent of each part of a live face that a mask covers, mean over the faces shown"
hidden.style.format("{:.0f}")

# %% [markdown]
# What is left of a face is its upper part. Whatever an emotion does with the mouth is hidden; what
# it does with the brows is not.
#
# ## The paper's Table 1
#
# Five networks trained on FER2013 as it is, and their ensemble. The same PrivateTest images are
# scored without and with masks. A dot is our change in recall of one emotion, in percentage points
# ({ref}`A28 <A28>`), the bar its 95 % interval, an open diamond the printed value. A stroke is the
# lowest value possible: all of the recall without a mask is lost. A cross stands where the network
# never gives that answer. After each emotion stands the number of its test images.

# %% tags=["hide-input"]
display(Markdown(tables.provenance(tables.select(f"qiu/{networks.BASELINES}", tier))))

# %% figure="masks-recall" caption="Change in recall under a mask, points: six networks on PrivateTest (3,589 images), ours beside the printed Table 1, all panels on one scale"
answers = mask_verdicts.read(tier)
changes, said = mask_verdicts.changes(answers), mask_verdicts.printed_table()
full, never = mask_verdicts.before(answers), mask_verdicts.unnamed(answers)
chart = figures_table1.table1(changes, said, before=full, unnamed=never)
alternatives.show(chart, figures_table1.say_table1(changes, said, never))

# %% tags=["hide-input"]
display(Markdown(mask_summary.floor_sentence(answers)))
display(Markdown(mask_verdicts.twin_sentence(changes)))

# %% [markdown]
# An ensemble votes. Its losses can lie near those of a member, but hardly agree with them to the
# tenth of a point in every class; that one of the two rows was copied is the likelier explanation.
#
# Now one network in full, named at the table's head; `-p model resnet` shows another. *Of what it
# was* is the change as a share of the recall without a mask, the other way to read the printed per
# cent signs.

# %% table="masks-one" caption="Change in recall of one network under a mask on PrivateTest: printed and ours in points, ours in per cent of the recall without a mask; 95 % intervals"
qiu.masks(model, tier)

# %% [markdown]
# ## The claims, one by one
#
# *Holds*: all of the 95 % interval satisfies the claim. *Fails*: none of it does. *Open*: these
# runs cannot tell. *Leans for*, *leans against* and *no answer* are the same for one seed, whose
# interval covers only the choice of test images. The sentences on “each emotion” count intervals,
# and of forty intervals one may lie on the wrong side by chance.

# %% tags=["hide-input"]
one = answers.get(model, {})
by_f1 = mask_verdicts.changes(answers, "f1")
sentences = (
    mask_verdicts.most_sentence(one, model),
    mask_verdicts.disgust_sentence(one, model),
    mask_verdicts.largest_sentence(answers),
    mask_verdicts.every_sentence(changes, "accuracy", with_print=True),
    mask_verdicts.every_sentence(by_f1, "F1"),
    mask_verdicts.sad_sentence(changes),
)
display(Markdown("\n".join(f"- {sentence}" for sentence in sentences)))

# %% [markdown]
# ## F1 on masked faces
#
# Section 1 says that F1 fell too and prints none. What {numref}`fig-masks-recall` shows of recall,
# for F1 in hundredths:

# %% figure="masks-f1" caption="Change in F1 under a mask, hundredths: our six networks on PrivateTest (3,589 images), all panels on one scale"
full = mask_verdicts.before(answers, "f1")
chart = figures_table1.table1(by_f1, label="hundredths of F1", before=full, unnamed=never)
alternatives.show(chart, figures_table1.say_table1(by_f1, unnamed=never))

# %% [markdown]
# ## Better at sad, or just saying it more often?
#
# A network that cannot see the mouth must still answer. If it falls back on one answer, the recall
# of that emotion can rise without anything being read better. So look at how often
# it says each emotion, too.

# %% table="masks-guesses" caption="How often one network says each emotion of the faces of PrivateTest, per cent, and its F1"
sources.of(mask_tables.guesses(one, title), networks.runs(model, tier))

# %% tags=["hide-input"]
display(Markdown(mask_tables.guess_sentence(one, title)))
display(Markdown(mask_tables.better_sentence(one, title)))
display(Markdown(mask_tables.gained_sentence(changes, by_f1)))

# %% [markdown]
# The paper explains a gain by this: “masking the mouth allowed the model to extract better
# information”. Where recall rises and F1 falls, that is not what happened.
#
# ## Faces that the detector missed
#
# Masks lie where landmarks are. Where dlib's detector found no face, the landmarks are a guess, and
# the mask may hang beside the nose ({ref}`A27 <A27>`). The paper does not say what became of such
# faces; we read its Table 1 as counting them, too. The table compares faces found and faces missed;
# its last columns hold a value for each of the two groups. The groups differ without a mask as well,
# and where fewer faces are read right, fewer can be lost: so the change stands there as a share of
# the recall without a mask, too. Where only a handful was missed, nothing is said of them.

# %% table="masks-undetected" caption="Change in recall of one network under a mask, points with 95 % intervals: faces of PrivateTest that the detector found and missed"
sources.of(mask_tables.undetected(one, title), networks.runs(model, tier))

# %% tags=["hide-input"]
display(Markdown(mask_tables.undetected_sentence(one)))

# %% [markdown]
# ## A network that has met masks
#
# Is the loss that of the hidden mouth, or is a mask just something that the network never saw?
# VGG16 once more, trained on the same faces in masks; accuracy in per cent of all test images.

# %% tags=["hide-input"]
display(Markdown(tables.provenance(tables.select("qiu/masked-fer2013", tier, ["mvgg16"]))))

# %% table="masks-trained" caption="Accuracy of VGG16 by what it is trained on (rows) and scored on (columns), per cent of PrivateTest, and the difference in points; 95 % intervals"
mask_tables.trained(tier)

# %% tags=["hide-input"]
display(Markdown(mask_tables.trained_sentence(tier)))

# %% figure="masks-trained" caption="Recall on masked faces of PrivateTest that VGG16 gains by training on masks, points with 95 % intervals"
gained = mask_tables.trained_by_emotion(tier)
label = "points of recall gained on faces in masks"
chart = figures_table1.single(gained, label)
alternatives.show(chart, figures_table1.say_single(gained))

# %% tags=["hide-input"]
display(Markdown(mask_tables.by_emotion_sentence(gained)))

# %% [markdown]
# Section 1 says that this network “was able to capture the features in the eyebrows when identifying
# an angry face”. Where it looks is counted on {doc}`/book/notebooks/qiu_s52_saliency`. What it reads:

# %% tags=["hide-input"]
display(Markdown(mask_tables.recall_sentence(tier)))

# %% [markdown]
# ## What to take along
#
# - A change in recall is no change in skill. Under a mask a network gives other answers, and an
#   emotion that it names more often can gain recall for nothing. F1 counts the wrong answers, too.
# - “Up to” is the largest of many numbers. Ask which network, which emotion, points or per cent.
# - What is read less has less to lose. Beside a difference between losses in points, give the levels.
# - To say what a mouth is worth, compare with a network trained on masked faces. Otherwise part of
#   the loss comes from meeting something new.
# - Where a network looks: {doc}`/book/notebooks/qiu_s52_saliency`.
