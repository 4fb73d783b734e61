# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Heatmaps, coordinates, patches
#
# *Chew, sections 4.2, 4.3 and 6*
#
# > question: the same 68 landmarks can reach a network as one heatmap, as 68 heatmaps, as a vector
# > of coordinates, or as patches cut out around them. Does the form matter?
#
# Section 6 calls "the decision to represent landmarks as heatmaps rather than coordinate vectors"
# critical, and shows no comparison. The abstract has a network that sees grey patches of eyes,
# mouth and brows, section 4.3 one that does not. You will see what each form shows of one face, and
# then how networks of the same width, trained by the same schedule, do with it on the real FER2013.

# %% tags=["parameters"]
runs: str = "recorded"  # "train" first trains what is missing here; one of: recorded, train
tier: str = "short"  # schedule of the runs to show; one of: short, paper
seeds: int = 3  # runs of each network to train where runs is "train"; 1 to 20
emotion: str = "all"  # compared; one of: all, angry, disgust, fear, happy, sad, surprise, neutral
dataset: str = "synthetic"  # where the live face comes from; one of: synthetic, fer2013
seed: int = 0  # of the choice of that face; 0 to 1000000
sigma: float = 1.5  # px, width of a Gaussian in the live heatmaps; 0.3 to 6
maps: list[int] = [8, 36, 48]  # landmarks whose own map is drawn, the first three; 0 to 67

# %% tags=["hide-input"]
from IPython.display import Markdown, display

from ferbook.report import alternatives, figures, tables
from ferbook.report.chew import contrasts, figures_inputs
from ferbook.report.chew.live_face import live_face

figures.style()

# %% [markdown]
# ## What each network is shown
#
# Everything follows from the face and its 68 landmarks, which are known where the face is drawn and
# found by dlib where it is real.

# %% figure="input-forms" caption="One face in each of the forms that networks are shown"
image, points = live_face(dataset, seed)
chart = figures_inputs.shown(image, points, sigma, maps)
alternatives.show(chart, "One face: grey, heatmap, coordinates; three patches; three maps")

# %% [markdown]
# - **pixels** sees the face, **landmarks** the one heatmap, which does not say which landmark is
#   which ({ref}`A1 <A1>`). **hybrid** has a branch for each.
# - **landmarks-68** sees one map for each landmark, and so which is which; **hybrid-68** has them
#   beside the face.
# - **coordinates** sees 136 numbers, centred and brought to one size ({ref}`A17 <A17>`; grid lines
#   above are one unit apart), through two fully connected layers; **hybrid-coordinates** has them
#   beside the face. Where the face lies in the frame, and how large it is, a heatmap shows; these
#   numbers do not.
# - **patches** is the hybrid with three more channels in the grey branch ({ref}`A4 <A4>`). All are
#   stretched to the same square, as section 4.2 has it, so that brows, a wide and flat strip,
#   become vertical bands.
#
# ## How well each one does
#
# Official split; the epoch is chosen on PublicTest, the accuracy is that on PrivateTest, in per
# cent, with a 95 % interval over images and, from two seeds on, over seeds. Forms differ in their
# number of weights, too, most of which lie behind the branches. Full width is in {ref}`A3 <A3>`.

# %% tags=["hide-input"]
if runs == "train":
    from ferbook.study.experiments import run_experiment

    for experiment in (contrasts.OFFICIAL, contrasts.INPUTS):
        print(run_experiment(experiment, tier=tier, seeds=seeds))
for experiment in (contrasts.OFFICIAL, contrasts.INPUTS):
    display(Markdown(tables.provenance(tables.select(experiment, tier))))
display(Markdown(tables.width(tables.select(contrasts.OFFICIAL, tier))))

# %% table="input-levels" caption="Accuracy by form of the input"
levels = contrasts.levels(contrasts.NETWORKS, tier, emotion)
contrasts.level_table(levels)

# %% figure="input-levels" caption="Accuracy by form of the input, a dot a seed"
alternatives.show(figures_inputs.levels(levels), figures_inputs.say_levels(levels))

# %% [markdown]
# Blue sees pixels, orange landmarks, green both.
#
# ## One form minus another
#
# Each comparison is made on the same images, in points of accuracy. The first interval is over
# images: it is for these very networks. The second is for networks trained anew, and is what an
# answer below rests on; with two seeds it is wide, because two values say little of a spread.
# *Largest p* is McNemar's exact test of the least convincing pair of runs.

# %% table="input-contrasts" caption="One form of the input minus another, points of accuracy"
heatmaps = contrasts.compare_all(contrasts.HEATMAPS, tier, emotion)
others = contrasts.compare_all(contrasts.MAPS + contrasts.PATCHES, tier, emotion)
contrasts.table(heatmaps + others)

# %% figure="input-contrasts" caption="One form of the input minus another, with both intervals"
pairs, label = heatmaps + others, "first minus second, points of accuracy"
chart = figures_inputs.contrasts(pairs, label)
alternatives.show(chart, figures_inputs.say_contrasts(pairs, label))

# %% tags=["hide-input"]
images = "on all test images" if emotion == "all" else f"on the test images that show {emotion}"
claims = (
    (f"That heatmaps serve better than coordinates (section 6; {images})", heatmaps),
    ("That one map for each landmark serves better than their maximum", others[:2]),
    ("That patches of eyes, mouth and brows add to the hybrid (abstract)", others[2:]),
)
display(Markdown("\n".join(f"- {contrasts.claim(*each)}" for each in claims)))

# %% [markdown]
# Three limits. Section 6 speaks of robustness, and these networks were scored on faces as they are;
# spoilt faces are on {doc}`/book/notebooks/chew_s5_occlusion`, for the heatmap alone. All forms had
# the schedule of the tier: one that learns faster is ahead in a short one without having to be
# better in the end. And coordinates that are centred and brought to one size undo two of the four
# augmentations, translation and zoom, so that their task in training was the easier one; what that
# is worth to the hybrid is on {doc}`/book/notebooks/chew_s44_augmentation`.
#
# ## What to take along
#
# - A claim about a design needs the network without it, trained alike and scored on the same
#   images. The paper shows none for heatmaps; {numref}`tab-input-contrasts` does.
# - A heatmap tells where, coordinates tell which. A single map of all landmarks leaves the network
#   to find out which ridge is the mouth; a vector of coordinates leaves out the place in the frame.
# - Whatever form the landmarks have, the question is also whether they add to the pixels at all:
#   {doc}`/book/notebooks/chew_s5_ablation`.
