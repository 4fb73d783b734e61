# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Where the clusters lie, and how many are best
#
# *Qiu, section 5.1, Figures 4 and 5*
#
# > question: do three clusters of important pixels fall on two eyes and a mouth, and is three the
# > best number of them?
#
# The paper shows one face for the first (its Figure 4) and a chart for the second (its Figure 5).
# Here every cluster is held against the landmark regions of the whole test part, and every number
# of clusters against three and against the network without the scheme, on the same images.

# %% tags=["parameters"]
model: str = "vgg16"  # backbone; one of: vgg16, resnet, densenet, dpn, resmasking
tier: str = "short"  # schedule of the runs to show; one of: short, paper
which: int = 0  # of the three faces of each emotion that records keep; 0 to 2
runs: str = "recorded"  # "train" first trains what is missing here; one of: recorded, train
numbers: list[int] = [1, 2, 4, 5, 6, 7, 8]  # clusters to train where runs is "train"; 1 to 8
seeds: int = 1  # runs of each network to train where runs is "train"; 1 to 20
dataset: str = "synthetic"  # where the live faces come from; one of: synthetic, fer2013
faces: int = 140  # live faces; 70 to 2000
clusters: int = 3  # n of the live k-means; 1 to 8
lam: float = 1.5  # λ of Eq. 1; 0 to 100
alpha: float = 1.2  # α of Eq. 1; 0 to 100
intensity: str = "image-unit"  # I of Eq. 1; one of: image, image-unit, attention, attention-unit
granularity: str = "epoch"  # centres common to an epoch, or each image's; one of: epoch, image
seed: int = 0  # of the live faces, their network and clusters; 0 to 1000000

# %% tags=["hide-input"]
from IPython.display import Markdown, display

from ferbook.report import alternatives, figures, sources, tables
from ferbook.report.qiu import cluster_verdicts as verdicts
from ferbook.report.qiu import clusters as found
from ferbook.report.qiu import figures_clusters as drawn
from ferbook.report.qiu import networks, overhead
from ferbook.report.qiu import tables as qiu
from ferbook.report.qiu.scheme_words import percent

figures.style()
display(Markdown(verdicts.so_far(tier)))

# %% [markdown]
# ## The paper's Figure 4: attention and clusters on faces
#
# “Our models predominantly utilize local regions around the eyes and mouth … with two clusters
# focusing on the eyes and one on the mouth and nose region.” One face of each emotion, the
# attention of the recorded network ({ref}`A22 <A22>`), black where it is lowest on that face and
# yellow where it is highest, and its clusters in the epoch that was kept.

# %% tags=["hide-input"]
scheme = networks.NETWORKS[model].scheme
if runs == "train":
    from ferbook.report.qiu.best_clusters import wanted
    from ferbook.study.experiments import run_experiment

    for experiment in wanted(model, numbers):
        print(run_experiment(experiment, tier=tier, seeds=seeds))
records = networks.runs(scheme, tier)
display(Markdown(tables.provenance(records)))

# %% figure="clusters-faces" caption="A face of each emotion, one network's attention and clusters"
alternatives.show(drawn.shown(records, which), drawn.say_shown(records, which))

# %% [markdown]
# ## What the clusters cover
#
# All clustered pixels of PrivateTest by part of the face, from the landmarks. Areas are those of
# the whole frame; where networks look is counted within the middle that they see in a test, hence
# with other areas ({doc}`/book/notebooks/qiu_s52_saliency`). Parts differ in size: a cluster laid
# anywhere would cover mostly cheeks and what lies outside the face. So a part's share of the
# cluster is divided by its share of the frame, which is what chance would give: the number on a bar
# is the highest of these, and the part that has it is what the cluster is said to be *on*. It is
# over-represented there, even where most of its pixels lie elsewhere.

# %% figure="clusters-coverage" caption="What each cluster covers on PrivateTest, beside the frame"
covered = found.recorded(scheme, tier)
alternatives.show(drawn.coverage(covered), drawn.say_coverage(covered))

# %% table="clusters-coverage" caption="What each cluster covers, per cent, and times chance"
sources.of(found.table(covered), records)

# %% tags=["hide-input"]
name = networks.title(scheme)
display(Markdown(found.placed_sentence(covered, f"with {name}, on PrivateTest")))

# %% [markdown]
# The same of every network by the scheme ({ref}`A37 <A37>`):

# %% table="clusters-networks" caption="Part where each cluster is densest, and times chance"
sources.of(found.by_network(tier), tables.select(f"qiu/{networks.SCHEME}", tier))

# %% tags=["hide-input"]
display(Markdown(found.networks_sentence(tier)))
display(Markdown(found.features_sentence(tier)))

# %% [markdown]
# ## Attention, or zero padding?
#
# A convolution pads its frame with zeros, and a map can be high there for that reason alone, with
# any picture, even none. Left as it is, S would often choose the frame of the image rather than the
# face. So clusters are found on what S has beyond the map of an empty frame ({ref}`A22 <A22>`);
# what S as it is does to the predictor is a reading on {doc}`/book/notebooks/qiu_s52_performance`.

# %% figure="padding" caption="Attention: mean over faces, of an empty frame, the difference"
from ferbook.report.qiu import padding

frames = padding.recorded(tier)
alternatives.show(padding.figure(frames), padding.say(frames))

# %% tags=["hide-input"]
display(Markdown(padding.sentence(frames)))

# %% [markdown]
# ## Clusters live
#
# The same with faces whose landmarks are known exactly, and the small network of
# {doc}`/book/notebooks/qiu_s3_scheme`, trained for seconds. It is here to be played with: its
# attention is an example, not a finding.

# %% figure="clusters-live" caption="What each cluster covers on the live faces"
from ferbook.perturb.distance import Settings
from ferbook.report.qiu import live

settings = Settings(clusters, lam, alpha, intensity=intensity, granularity=granularity)
start = live.attended(dataset, faces, seed)
here = {seed: found.live_counts(start.faces, live.clusters(start, settings, seed))}
alternatives.show(drawn.coverage(here), drawn.say_coverage(here))

# %% tags=["hide-input"]
display(Markdown(found.placed_sentence(here, f"on {len(start.faces)} live faces")))

# %% [markdown]
# ## What α decides in the recorded networks
#
# The share of Eq. 1's intensity term in the variance of the clustered pixels, per cent, mean over
# PrivateTest and over the runs ({ref}`A23 <A23>`), with the lowest and the highest run where there
# are several. Where it is next to nothing, clusters are places and α is without effect; where it is
# most, they are bands of grey.

# %% table="clusters-intensity" caption="Share of intensity in the clusters' variance, per cent"
sources.of(found.carried(scheme, tier).map(percent), records)

# %% [markdown]
# ## The paper's Figure 5: how many clusters
#
# “The highest performing models aligned with three clusters … Increasing the number of clusters,
# which also heightens computational demands, did not consistently enhance accuracy.” Dots are means
# over seeds with 95 % intervals over images and, from two seeds on, over seeds; the dotted line is
# the backbone without the scheme.

# %% figure="cluster-numbers" caption="Accuracy on PrivateTest over clusters; dotted: no scheme"
from ferbook.report.qiu.best_clusters import BACKBONES

swept = {name: qiu.cluster_numbers(name, tier) for name in BACKBONES}
without = {name: qiu.accuracy(name, tier=tier) for name in BACKBONES}
alternatives.show(drawn.numbers(swept, without), drawn.say_numbers(swept, without))

# %% [markdown]
# Each number minus three, and minus the backbone without the scheme, on the same images, in points.
# Of 95 % intervals one in twenty misses the truth, and there are fifteen a backbone: a single one
# that only just leaves 0 out proves little.

# %% table="cluster-numbers" caption="Accuracy by number of clusters, minus three and minus none"
verdicts.numbers_table(model, tier)

# %% tags=["hide-input"]
display(Markdown(verdicts.numbers_sentences(tier)))
display(Markdown(verdicts.best_sentence(tier)))

# %% [markdown]
# ## What more clusters cost
#
# Weights of the predictor do not change:

# %% table="cluster-cost" caption="Weights by the number of clusters"
overhead.over_numbers(model, tier)

# %% [markdown]
# An epoch of VGG16 at a quarter of its width beside one without the scheme, measured in turns
# (`python -m benchmarks scheme`): median over turns, with their range, and the share of the epoch
# that is clustering. It has only as many images as centres are found on; among more images, finding
# them is a smaller part.

# %% table="cluster-cost-epoch" caption="Times a plain epoch, by phase and number of clusters"
overhead.beside_plain()

# %% tags=["hide-input"]
display(Markdown(overhead.more_clusters()))

# %% [markdown]
# Live, on the processor that built this page: milliseconds of phase 2 for one image, each clustered
# by itself, in the fastest of several turns and the median of them. k-means alone, timed on
# {doc}`another page </book/notebooks/speed>`, is a part of it.

# %% table="cluster-cost-live" caption="Milliseconds of phase 2 an image, by number of clusters"
live.seconds_over(start, settings).style.format("{:.2f}")

# %% [markdown]
# ## Other numbers of clusters
#
# `-p runs train -p model resnet -p numbers 2,5,8` draws the paper's Figure 5 for one backbone with
# numbers that are trained where they are missing.
#
# ## What to take along
#
# - One face is an anecdote. Where clusters lie is a count over all test images, and a region's size
#   is what it has to be held against.
# - The best of eight nearly equal numbers is always some number. Only differences on the same
#   images, over several seeds, can say that it is better.
# - Which readings of the equation were taken decides what a cluster is; see
#   {doc}`/book/notebooks/qiu_s3_scheme`.
