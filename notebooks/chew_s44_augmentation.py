# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What is each augmentation worth?
#
# *Chew, section 4.4*
#
# > question: rotation, translation, zoom, flip: which of them help the hybrid network, by how much,
# > and do they keep it from overfitting, as the paper says?
#
# The paper trains with all four and does not say what any of them does. Here the hybrid is trained
# with all, with all but one, and with none. You will see first what each does to a face.

# %% tags=["parameters"]
runs: str = "recorded"  # "train" first trains what is missing here; one of: recorded, train
tier: str = "short"  # schedule of the runs to show; one of: short, paper
seeds: int = 3  # runs of each to train where runs is "train"; 1 to 20
emotion: str = "all"  # compared; one of: all, angry, disgust, fear, happy, sad, surprise, neutral
curves: list[str] = [
    "all four",
    "none",
]  # to draw; one of: all four, no rotation, no translation, no zoom, no flip, none
rotation: float = 20.0  # degrees either way, of the live face; 0 to 180
translation: float = 10.0  # px either way, of the live face; 0 to 24
zoom: float = 0.1  # share by which the live face grows or shrinks at most; 0 to 0.8
flip: float = 0.5  # probability that the live face is mirrored; 0 to 1
dataset: str = "synthetic"  # where the live face comes from; one of: synthetic, fer2013
seed: int = 0  # of the choice of that face, and of the draws; 0 to 1000000

# %% tags=["hide-input"]
from IPython.display import Markdown, display

from ferbook.report import alternatives, figures, tables
from ferbook.report.chew import augmented, contrasts, figures_inputs, overfitting
from ferbook.report.chew.live_face import live_face

figures.style()

# %% [markdown]
# ## What each one does to a face
#
# The ranges are the paper's, the draws are uniform ({ref}`A13 <A13>`), and what comes in from
# beyond the border repeats it ({ref}`A12 <A12>`). Landmarks, orange, move along.

# %% figure="augmentation-draws" caption="A face (left) and random draws of each augmentation"
image, points = live_face(dataset, seed)
geometries = augmented.geometries(rotation, translation, zoom, flip)
chart = figures_inputs.alone(image, points, geometries, seed)
alternatives.show(chart, "One face, and random draws of each augmentation alone and of all")

# %% [markdown]
# How hard the task becomes depends on how far the landmarks travel, and how often some of them
# leave the frame; means over five hundred draws of this face.

# %% table="augmentation-effects" caption="How far landmarks move, and how often out of the frame"
augmented.effects(image, points, geometries, seed=seed).style.format("{:.1f}")

# %% [markdown]
# ## What each one is worth
#
# Hybrid, official split, trained with all four minus trained without the one that the row names, on
# the same PrivateTest images. Above zero an augmentation helps. *All four* compares with no
# augmentation at all. The first interval is over images, for these very networks; the second is
# for networks trained anew, and needs two seeds. Full width is in {ref}`A3 <A3>`.

# %% tags=["hide-input"]
if runs == "train":
    from ferbook.study.experiments import run_experiment

    print(run_experiment(f"{contrasts.OFFICIAL}/hybrid", tier=tier, seeds=seeds))
    print(run_experiment(contrasts.AUGMENTATION, tier=tier, seeds=seeds))
for records in (
    tables.select(contrasts.OFFICIAL, tier, ["hybrid"]),
    tables.select(contrasts.AUGMENTATION, tier),
):
    display(Markdown(tables.provenance(records)))
display(Markdown(tables.width(tables.select(contrasts.AUGMENTATION, tier))))

# %% table="augmentation-worth" caption="What each augmentation is worth, points of accuracy"
worth = contrasts.compare_all(contrasts.WORTH, tier, emotion)
contrasts.table(worth)

# %% tags=["hide-input"]
display(Markdown(contrasts.helps(worth)))

# %% figure="augmentation-worth" caption="What each augmentation is worth, with both intervals"
label = "with all four minus without it, points of accuracy"
chart = figures_inputs.contrasts(worth, label)
alternatives.show(chart, figures_inputs.say_contrasts(worth, label))

# %% table="augmentation-levels" caption="Accuracy of the hybrid by what it was trained with"
contrasts.level_table(contrasts.levels(contrasts.AUGMENTED, tier, emotion))

# %% [markdown]
# ## Do they reduce overfitting?
#
# A network overfits where it gets ahead on the images that it is trained on. Dashed is the accuracy
# in training, on faces as the network met them, augmented and while it was learning; solid is
# validation, on faces as they are. With augmentation the dashed line can therefore lie below the
# solid one: the training faces are the harder ones.

# %% figure="overfitting" caption="Training (dashed) and validation (solid), and their gap"
over_epochs = overfitting.curves(contrasts.AUGMENTED, tier)
chart = figures_inputs.learning(over_epochs, curves)
alternatives.show(chart, figures_inputs.say_learning(over_epochs, curves))

# %% [markdown]
# So the fair gap takes the training faces as they are. That was scored for the runs with all four;
# without augmentation they are met as they are. At the epoch that was kept, in per cent; where that
# epoch lies well before the last, the validation loss has risen since, and the network had begun to
# overfit.

# %% table="overfitting" caption="Accuracy at the epoch that was kept, per cent"
overfitting.table(contrasts.AUGMENTED, tier)

# %% tags=["hide-input"]
with_all, without = contrasts.AUGMENTED[contrasts.ALL], contrasts.AUGMENTED["none"]
together = contrasts.compare(contrasts.WORTH[-1], tier).effect
display(Markdown(overfitting.sentence(without, with_all, together, tier)))

# %% [markdown]
# Augmentation is a trade: it takes away what a network could memorise, and it makes every image
# harder to learn from. One expects the first to pay late, once there is something to memorise, and
# the second to cost from the start. A schedule that was cut short shows the early side only; the
# lines above the tables say what was cut.
#
# ## What to take along
#
# - An augmentation is worth what a network loses without it, at a given length of training. A
#   printed list of ranges says nothing of that.
# - A gap between training and validation is only a sign of overfitting when both are measured on
#   the same kind of image.
# - A translation that pushes part of a face out of the frame asks the network another question than
#   the test does. {numref}`tab-augmentation-effects` says how often the paper's ranges do that.
