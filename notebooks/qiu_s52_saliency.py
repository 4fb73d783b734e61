# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Where the networks look
#
# *Qiu, sections 1 and 5.2, Figures 1 and 6*
#
# > question: the paper shows pictures of saliency and reads from them that one network captures
# > the eyebrows, another stresses the mouth. Is that so beyond the faces shown?
#
# You will see what a saliency map is, on a small network that is trained as the page is built. Then
# the paper's two figures with our networks. Then the claims made from them, as shares of saliency
# over many faces, with intervals. And last whether the maps mean anything: does the answer change
# when the pixels that they name are taken away?

# %% tags=["parameters"]
dataset: str = "synthetic"  # where the live faces come from; one of: synthetic, fer2013
faces: int = 280  # live faces, six sevenths of which are trained on; 70 to 2000
epochs: int = 6  # of the live network; 1 to 50
seed: int = 0  # of the live faces and network; 0 to 1000000
face: int = 3  # the live face that is shown, counted from 0; 0 to 1999
method: str = "gradient"  # of the live tables; one of: gradient, smoothgrad, gradcam
samples: int = 16  # noises that SmoothGrad averages over; 1 to 200
number: int = 1  # which face of each emotion the figures show; 1 to 3
run: int = 0  # seed of the recorded runs whose maps the figures show; 0 to 1000000
only: str = "all"  # faces over which shares are averaged, read right or all; one of: all, right
scale: str = "share"  # of saliency; density is share by area of the region; one of: share, density
emotion: str = "angry"  # tabled; one of: all, angry, disgust, fear, happy, sad, surprise, neutral
model: str = "vgg16"  # whose curves are shown; one of: vgg16, pvgg16, mvgg16
tier: str = "short"  # schedule of the runs to show; one of: short, paper
runs: str = "recorded"  # "train" first trains what is missing here; one of: recorded, train
seeds: int = 1  # runs of each network to train where runs is "train"; 1 to 20

# %% tags=["hide-input"]
from IPython.display import Markdown, display

from ferbook.data.live import described
from ferbook.report import alternatives, figures, sources, tables
from ferbook.report.qiu import (
    figures_saliency,
    figures_shares,
    mask_tables,
    networks,
    saliency,
    saliency_curves,
    saliency_live,
)
from ferbook.report.qiu import saliency_verdicts as verdicts

figures.style()

# %% tags=["hide-input"]
if runs == "train":
    from ferbook.report.qiu.networks import experiment_of
    from ferbook.study.experiments import run_experiment

    for variant in saliency.NETWORKS:
        print(run_experiment(f"qiu/{experiment_of(variant)}/{variant}", tier=tier, seeds=seeds))
found = verdicts.read(tier)
display(Markdown(verdicts.so_far(found, tier, only == "right")))

# %% [markdown]
# ## What a saliency map is
#
# A network turns pixels into a number for each emotion. Saliency asks of every pixel: if you
# changed a little, how much would the number of the answer change? That is the **gradient**. The
# paper does not name its method; this is the plain one ({ref}`A36 <A36>`). **SmoothGrad** averages
# it over noisy copies of the face, **Grad-CAM** asks the last layer, whose pixels are coarse.
#
# The lower row below is VGG16 at an eighth of its width, trained for seconds on live faces; the
# upper one is the same network before its first step. Bright is high.

# %% tags=["hide-input"]
display(Markdown(described(dataset)))

# %% figure="saliency-live" caption="Saliency of one live face (synthetic unless the parameter dataset names another) by three methods: a small VGG16 before and after training; bright is high, each map on its own scale"
small = saliency_live.learnt(dataset, faces, seed, epochs)
maps = saliency_live.trio(small, face, samples, seed)
rows = saliency_live.rows(small, face, maps)
titles = list(saliency.METHODS.values())
alternatives.show(figures_saliency.sheet(rows, titles), figures_saliency.say_sheet(rows, titles))

# %% tags=["hide-input"]
display(Markdown(saliency_live.sentence(small, maps)))

# %% [markdown]
# A map that looks like the face is no sign of learning: edges of the picture show up in an
# untrained network, too. The same in numbers, by part of the face, mean over live faces. *Density*
# is the share of saliency in a region divided by the share of the picture that it takes: 1 where
# the network has no preference.

# %% table="saliency-densities" caption="Density of saliency by part of the face (1: no preference): the small VGG16 after and before training, mean over live faces"
saliency_live.densities(small, method, samples, seed).style.format("{:.2f}")

# %% [markdown]
# ## The paper's Figure 1
#
# One face of FER2013 for each emotion, in the first two rows as it is, in the last two in a mask.
# The maps are those of VGG16 trained on faces as they are, and of VGG16 trained on faces in masks,
# for the emotion that the network takes each face for. `-p number 2` shows other faces.

# %% tags=["hide-input"]
display(Markdown(figures_saliency.provenance(tier)))

# %% figure="saliency-masks" caption="Saliency without and with masks, after the paper's Figure 1: VGG16 trained on bare and on masked faces, one run each; bright is high, each map on its own scale"
card = tables.card_of("fer2013")
places, shown = figures_saliency.thumbnails(card, number)
rows = figures_saliency.figure1(card, places, tier, run)
alternatives.show(figures_saliency.sheet(rows, shown), figures_saliency.say_sheet(rows, shown))

# %% [markdown]
# ## The paper's Figure 6
#
# The same faces; below them VGG16, then PVGG, the same network trained by the Perturb Scheme.

# %% figure="saliency-scheme" caption="Saliency of VGG16 and PVGG, after the paper's Figure 6, one run each; bright is high, each map on its own scale"
rows = figures_saliency.figure6(card, places, tier, run)
alternatives.show(figures_saliency.sheet(rows, shown), figures_saliency.say_sheet(rows, shown))

# %% [markdown]
# Seven faces, and an eye that looks for what it was told to see. So count.
#
# ## Shares by region
#
# The same maps on a sample of the test part, the same faces for every network. Each pixel belongs
# to one region, found by the face's landmarks. The picture is here the middle of the frame, all
# that these networks see in a test: less of it lies outside the face than of the whole frame, on
# which {doc}`/book/notebooks/qiu_s51_clusters` counts. The dashed line is the region's own part of
# the picture, averaged over the faces of all emotions: saliency spread evenly would lie there. Bars
# are 95 % intervals over faces and, from two seeds on, over seeds. The four small regions share a
# scale, and so do the two large ones.

# %% figure="saliency-regions" caption="Share or density of saliency by region and emotion: VGG16, PVGG and VGG16 trained on masks on the sampled faces of PrivateTest, with 95 % intervals"
by_emotion = verdicts.by_emotion(found, scale, only == "right")
areas = verdicts.areas(found)
chart = figures_shares.regions(by_emotion, areas, scale)
alternatives.show(chart, figures_shares.say_regions(by_emotion, scale))

# %% [markdown]
# Here VGG16 and PVGG see faces as they are, and the network trained on masks sees faces in masks, as
# in the paper's figures. The table gives the numbers for the emotion at its head; *area* is the
# region's part of the picture on the faces of this emotion alone:

# %% table="saliency-regions" caption="Saliency by region for one emotion: share in per cent with 95 % interval, and density (1: no preference), sampled faces of PrivateTest"
shares = saliency.region_table(verdicts.as_in_figures(found), emotion, only == "right")
sources.of(shares, *(networks.runs(variant, tier) for variant in saliency.NETWORKS))

# %% [markdown]
# ## The claims
#
# Each is a difference of shares on the same faces, in points of saliency: the first network's minus
# the second's, or minus what an even spread would put into the region. Beside it stands the same
# difference *on other faces*, those of the other emotions, and how much *more than there* it is: a
# network that looks more at every mouth says nothing of fear. *Leans for* is an interval, over
# images alone, that lies wholly where the claim says; *leans against* one wholly on the other side;
# *no answer* where it lies on both sides.

# %% table="saliency-claims" caption="The paper's claims as differences of shares of saliency, points with 95 % intervals, sampled faces of PrivateTest"
sources.of(verdicts.table(found, only == "right"), verdicts.runs_of(tier))

# %% tags=["hide-input"]
display(Markdown(verdicts.sentences(found, only == "right")))

# %% [markdown]
# One claim compares with an even spread of saliency. That can be spread over the picture, background
# and all, or over the face alone:

# %% tags=["hide-input"]
display(Markdown(verdicts.yardstick_sentence(found, only == "right")))

# %% [markdown]
# The eyebrows were captured “when identifying an angry face”. Does that help to identify it? The
# recall of angry faces in masks, over the whole of PrivateTest:

# %% tags=["hide-input"]
display(Markdown(mask_tables.recall_sentence(tier)))

# %% [markdown]
# The paper does not say how its maps were made. The same differences by the other two methods, on
# the same faces and networks:

# %% table="saliency-methods" caption="The claims' differences by three methods, points of saliency with 95 % intervals, sampled faces of PrivateTest"
methods = verdicts.by_method(tier, only == "right")
sources.of(verdicts.method_table(methods), verdicts.runs_of(tier))

# %% tags=["hide-input"]
display(Markdown(verdicts.method_sentence(methods)))

# %% [markdown]
# ## Do the maps mean anything?
#
# Take the pixels away in the order of their saliency, the highest first (deletion), or bring them
# back into a blurred face (insertion). If the map names what counts, the probability of the answer
# falls, or rises, faster than in random order. The harder test is the map of **another face**: it
# is as smooth and as central. A map that does no better than that knows where faces are, not what
# this one shows. First on the live faces:

# %% figure="curves-live" caption="Deletion and insertion: probability that the small live VGG16 gives to its answer, mean over live faces"
lines = saliency_live.live_curves(small, method, samples)
alternatives.show(figures_shares.curves(lines), figures_shares.say_curves(lines))

# %% [markdown]
# Then by the recorded network that the parameter `model` names, averaged over the first of the
# sampled faces, pixels in order of the gradient. The table adds the other methods, compared face by
# face with both controls; intervals are over these faces and, from two seeds on, over seeds.

# %% figure="curves" caption="Deletion and insertion: probability that one recorded network gives to its answer, mean over sampled faces of PrivateTest"
lines, name = saliency_curves.curves(model, tier), saliency.NETWORKS[model]
alternatives.show(figures_shares.curves(lines), figures_shares.say_curves(lines))

# %% table="curves" caption="By how much the order of a face's own map beats that of another face's and a random one: area between the curves, hundredths of probability"
better = saliency_curves.measured(model, tier)
sources.of(saliency_curves.table(better, name), networks.runs(model, tier))

# %% tags=["hide-input"]
display(Markdown(saliency_curves.sentence(better, name)))

# %% [markdown]
# ## What to take along
#
# - A claim about where a network looks is a claim about many faces. Name the region, the emotion
#   and the comparison, then count.
# - Tell saliency beside area. The cheeks are large; a map without preference puts a large part of
#   itself there. And say whether the background counts as area.
# - A difference on angry faces is about anger only if it is larger there than on other faces.
# - Look at the untrained network first. What its map shows too was not learnt.
# - Looking somewhere is not using it well. What a mask does to the accuracy is on
#   {doc}`/book/notebooks/qiu_s1_masks`.
