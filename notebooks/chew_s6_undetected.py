# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Faces without landmarks
#
# *Chew, sections 4.2 and 6*
#
# > question: some faces have no landmarks, because the detector does not find them. Does it flatter
# > a result to leave them out, and is it their landmarks that make them hard?
#
# The paper does not say what became of such faces. In these runs they stay in, with the landmarks
# that the predictor draws when the whole frame is taken as the face ({ref}`A9 <A9>`). You will see
# how sure the detector is of a face, then what the three networks make of faces that it found, of
# those with a box that does not fit, and of those that it missed.

# %% tags=["parameters"]
dataset: str = "synthetic"  # where the live faces come from; one of: synthetic, fer2013
faces: int = 42  # how many live faces to search; 7 to 2000
threshold: float = -0.5  # of the detector, dlib's own is 0; -2 to 2
experiment: str = (
    "ablation-fer2013"  # to show; one of: ablation-fer2013, official-fer2013, tuned-fer2013
)
tier: str = "short"  # schedule of the runs to show; one of: short, paper
runs: str = "recorded"  # "train" first trains what is missing here; one of: recorded, train
seeds: int = 2  # runs of each network to train where runs is "train"; 1 to 20
seed: int = 0  # of the live drawing; 0 to 1000000

# %% tags=["hide-input"]
from IPython.display import Markdown, display

from ferbook.data.live import live_faces
from ferbook.report import alternatives, figures, sources, tables
from ferbook.report.chew import answers, undetected
from ferbook.report.chew import figures_robustness as drawn
from ferbook.report.chew import undetected_verdicts as verdicts
from ferbook.vision.landmarks import Detector, detect

figures.style()

# %% [markdown]
# ## How sure is the detector?
#
# Its score is how far a window lies on the side of “face”; the threshold decides from where on that
# counts. A lower one finds more faces and takes more of what is none for one.

# %% figure="detector-confidence" caption="Faces that the detector is surest and least sure of"
live = live_faces(dataset, faces, seed)
found = detect(live.images, Detector(threshold=threshold))
sheet = drawn.confidence(live.images, found.points, found.score)
alternatives.show(sheet, "Faces that the detector is surest of, and those least sure of")

# %% tags=["hide-input"]
fits = found.detected & (found.frame_iou() >= 0.4)
display(
    Markdown(
        f"Of these {len(live)} faces the detector finds {found.detected.sum()}; on {fits.sum()} "
        "of them its box overlaps the frame with an intersection over union of 0.4 or more."
    )
)

# %% [markdown]
# ## Who is missed
#
# Recorded for FER2013's PrivateTest. A box *misfits* where it overlaps the frame by less than that,
# although a FER2013 face as a rule fills its frame.

# %% tags=["hide-input"]
if runs == "train":
    from ferbook.study.experiments import run_experiment

    print(run_experiment(f"chew/{experiment}", tier=tier, seeds=seeds))
records = tables.select(f"chew/{experiment}", tier, list(answers.NETWORKS))
given = answers.by_seed(records)
display(Markdown(tables.provenance(answers.used(records, given))))
display(Markdown(f"{answers.described(given)}."))

# %% table="undetected" caption="Faces of each emotion, and those that the detector missed"
undetected.composition(given).style.format("{:.1f}", subset=["missed, %"], na_rep="–")

# %% [markdown]
# ## Does leaving them out flatter the score?
#
# Accuracy (per cent) on all faces and without the missed ones, and the difference in points, whose
# interval takes into account that the faces are the same.

# %% table="undetected-flattery" caption="Accuracy on all faces and without the missed ones"
sources.of(undetected.flattery(given), answers.used(records, given))

# %% tags=["hide-input"]
display(Markdown(verdicts.flatters(given)))

# %% [markdown]
# That is leaving them out of the test. The networks were trained with such faces; training without
# them, too, is what `undetected: drop` of an experiment would do, and another network.
#
# ## Harder faces, or wrong landmarks?
#
# If only their landmarks were wrong, pixels would do as well on missed faces as on others.

# %% figure="undetected-groups" caption="Accuracy by what the detector made of a face"
chart = drawn.group_accuracy(undetected.by_group(given))
alternatives.show(chart, "Accuracy on faces found and missed, for each network")

# %% tags=["hide-input"]
display(Markdown(verdicts.harder(given)))

# %% [markdown]
# Emotion by emotion: how much better each network is on faces whose box fits than on missed ones.
# Without a bar, there are too few for an interval. Of so many intervals, one may miss zero by
# chance. A gap below zero is an emotion found more often on missed faces, which is what a network
# shows that says this emotion whenever a face is hard to read.

# %% figure="undetected-gaps" caption="Accuracy on faces found minus on faces missed, by emotion"
chart = drawn.emotion_gaps(undetected.gaps_by_emotion(given))
alternatives.show(chart, "Gap between found and missed faces by emotion, for each network")

# %% [markdown]
# ## False positives
#
# A box that misfits is one of two things: a false positive, into which the predictor draws a face
# all the same, or a face that is smaller than its frame, found where it is. False positives would
# cost the landmarks more than they cost pixels.

# %% tags=["hide-input"]
display(Markdown(verdicts.misfits(given)))

# %% [markdown]
# ## What to take along
#
# - A study that keeps only faces with landmarks has another test set than one that keeps all, and
#   not at random: which emotions are missed is in {numref}`tab-undetected`.
# - Pixels are the control. What they lose on missed faces cannot be due to landmarks.
# - What the other networks lose beyond that is the price of landmarks that are not there.
# - Compare at equal emotions: an emotion that is hard to tell and often missed makes missed faces
#   look hard by itself.
