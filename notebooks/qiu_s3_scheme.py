# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The Perturb Scheme, phase by phase
#
# *Qiu, section 3, Figure 2, Equation 1*
#
# > question: what exactly does the Perturb Scheme do to a face, and what do the constants of its
# > distance decide?
#
# The scheme has three phases. A network with spatial attention is trained; the pixels that it
# attends to most are clustered; another network is trained on faces that are changed by their
# clusters. You will see one face go through all three, what either term of the distance carries,
# and how long it takes to cluster every image, which the paper calls unfeasible.

# %% tags=["parameters"]
clusters: int = 3  # n of the k-means; 1 to 8
lam: float = 1.5  # λ of Eq. 1, weight of a pixel of distance; 0 to 100
alpha: float = 1.2  # α of Eq. 1, weight of a step of intensity; 0 to 100
share: float = 0.25  # of the pixels, those of highest attention, that are clustered; 0.01 to 1
intensity: str = "image-unit"  # I of Eq. 1; one of: image, image-unit, attention, attention-unit
granularity: str = "epoch"  # centres common to an epoch, or each image's; one of: epoch, image
mode: str = "drop"  # what becomes of the clusters; one of: drop, keep, stack
chance: float = 0.5  # that a training image loses a cluster, where they are dropped; 0.01 to 1
dataset: str = "synthetic"  # where the live faces come from; one of: synthetic, fer2013
faces: int = 210  # live faces, six sevenths of which are trained on; 70 to 2000
face: int = 3  # which of them is shown, counted from 0; 0 to 1999
epochs: int = 3  # of the live attention network; 1 to 50
seed: int = 0  # of faces, network and clusters; 0 to 1000000
tier: str = "short"  # schedule of the runs whose times are told; one of: short, paper

# %% tags=["hide-input"]
from IPython.display import Markdown, display

from ferbook.perturb.distance import Settings
from ferbook.perturb.scheme import Plan
from ferbook.report import alternatives, figures
from ferbook.report.qiu import figures_scheme, live, scheme_words

figures.style()

# %% [markdown]
# ## Three phases
#
# Below, the code's own tensors at each step. The attention network is the smallest that can be
# trained while a page is built, a ResNet18 at an eighth of its width; the recorded ones, trained on
# FER2013, are on {doc}`/book/notebooks/qiu_s51_clusters`.

# %% figure="scheme" caption="One live face on its way through the three phases"
settings = Settings(clusters, lam, alpha, share, intensity, granularity)
plan = Plan(settings, mode=mode, chance=chance)
start = live.attended(dataset, faces, seed, epochs)
shown = live.through(start, face, plan, draws=8, seed=seed)
chart = figures_scheme.scheme(shown, plan, scheme_words.network(shown.parameters))
alternatives.show(chart, figures_scheme.say_scheme(shown, plan))

# %% tags=["hide-input"]
display(Markdown(scheme_words.live_sentence(start)))

# %% [markdown]
# 1. **Attention classifier.** CBAM {cite}`woo2018` after each stage of the backbone; S is the mean
#    of its spatial maps at the size of the image, beyond what it is for an empty frame
#    ({ref}`A22 <A22>`).
# 2. **Clustering.** The pixels of highest S are clustered by k-means in the space of Eq. 1. The
#    centres are found anew in every epoch, on the pixels of many images together
#    ({ref}`A24 <A24>`): “it's unfeasible to perform clustering for each image, instead the
#    approach that we took is updating the clusters every epoch”.
# 3. **Predictor.** “Pixels are clustered into different classes to be masked out”: in training,
#    an image may lose one of its clusters, at random; in a test it is whole ({ref}`A25 <A25>`).
#
# The paper leaves open what the predictor is shown. `-p mode keep` leaves only clustered pixels,
# `-p mode stack` gives each cluster a channel of its own; the accuracy of networks trained so is on
# {doc}`/book/notebooks/qiu_s52_performance`.
#
# ## Equation 1
#
# $$\text{Dist} = \sqrt{(\lambda(i - k))^2 + (\lambda(j - l))^2 + (\alpha(I_{ij} - I_{kl}))^2}$$
#
# It is printed with $I_{jl}$ for $I_{kl}$; read as printed, the distance of a pixel from itself
# need not be 0. The text before it names an $I$ and its attention map $S$; the equation uses $I$
# alone, and its scale is not given. That matters ({ref}`A23 <A23>`), for k-means minimises
# variances, and a variance grows with the square of the scale. By arithmetic alone, with the
# constants above: the variance of position cannot be less than that of a *disc* of as many pixels,
# is little more where they fill *one square*, larger where they lie *evenly over the frame*, larger
# still where they keep to its edges; that of intensity is at most a quarter of its squared range.

# %% table="eq1-bounds" caption="Variances of position and intensity by arithmetic alone"
live.bounds(settings).to_frame().style.format("{:,.2f}")

# %% [markdown]
# And on the live faces, for each reading of $I$: the variance that position and intensity have over
# the clustered pixels, the share of intensity (mean, lowest and highest face, in per cent), and how
# many clustered pixels (per cent) change their cluster where α is set to 0.

# %% table="eq1-terms" caption="Variances of position and intensity, by reading of I"
carried = live.carried(start, settings)
shares = ["share of intensity", "lowest", "highest", "moved"]
carried.style.format("{:,.2f}").format(scheme_words.percent, subset=shares, na_rep="–")

# %% figure="eq1-terms" caption="Shares of the two terms of Equation 1, by reading of I"
alternatives.show(figures_scheme.terms(carried), figures_scheme.say_terms(carried))

# %% tags=["hide-input"]
display(Markdown(scheme_words.carried_sentence(carried)))

# %% [markdown]
# ## Is one clustering for each image unfeasible?
#
# Phase 2 of all live faces at once, on the processor that built this page, their attention being
# known: pixels are chosen by it, and either clustered in each image by itself, by k-means from a
# start by k-means++, or given the label of the nearest of common centres. These are found on as
# many images as in an epoch of the scheme ({ref}`A24 <A24>`), whatever the number of images that
# are then labelled. {doc}`/book/notebooks/speed` times k-means alone, from given centres.

# %% table="kmeans-rates" caption="What phase 2 takes: to find centres, for an image, for all"
rates = live.rates(start, settings)
scheme_words.all_images(rates)

# %% tags=["hide-input"]
taken = scheme_words.attention_seconds(tier)
display(Markdown(scheme_words.rate_sentence(rates, taken, tier)))

# %% [markdown]
# ## What to take along
#
# - A constant means nothing without the scale of what it multiplies. The same α is inert on one
#   scale of $I$ and dominates on another, and the paper names no scale.
# - The scheme hides a part of a training image from the network. So does random erasing, which the
#   same recipe has already: whether *where* it is hidden matters is a question for a control.
# - "Unfeasible" is a claim about seconds. It can be measured, and the parts that every way needs
#   belong to the measurement.
