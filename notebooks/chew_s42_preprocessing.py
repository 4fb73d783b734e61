# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # From a face to landmarks to heatmaps
#
# *Chew, section 4.2*
#
# > question: what does the landmark branch of the hybrid network see, and for how many faces does
# > it see the truth?
#
# Each face goes through three steps: a detector finds it, a predictor places 68 landmarks, and each
# landmark becomes a Gaussian. You will run all three, watch the width of the Gaussian decide how
# much of the geometry survives, and see for which emotions the first step fails most.

# %% tags=["parameters"]
dataset: str = "synthetic"  # where the live faces come from; one of: synthetic, fer2013
faces: int = 28  # how many live faces to draw; 7 to 2000
sigma: float = 1.5  # px, width of a Gaussian; 0.3 to 6
sigmas: list[float] = [0.7, 1.5, 3.0]  # px, widths to compare; 0.3 to 6
threshold: float = -0.5  # of the detector, dlib's own is 0; -2 to 2
seed: int = 0  # of the drawing; 0 to 1000000

# %% tags=["hide-input"]
import numpy as np
from IPython.display import Markdown, display

from ferbook.data.live import live_faces
from ferbook.report import alternatives, figures, tables
from ferbook.vision.landmarks import Detector, detect

figures.style()

# %% [markdown]
# ## Detector and predictor
#
# The detector slides a template of gradient directions (HOG, {cite}`dalal2005`) over the image; the
# predictor {cite}`kazemi2014` starts from a mean face in the detector's box and moves it in steps
# that a cascade of regression trees has learnt. At 48 pixels the detector finds nothing: its
# template is 80 pixels wide. So the image is padded with its own border, enlarged three times, and
# the threshold is lowered ({ref}`A9 <A9>`).

# %% figure="dlib-landmarks" caption="Live faces with the 68 landmarks that dlib places"
live = live_faces(dataset, faces, seed)
found = detect(live.images, Detector(threshold=threshold))
sheet = figures.contact_sheet(live.images, live.labels, live.emotions, 2, found.points)
alternatives.show(sheet, "Live faces with the 68 landmarks that dlib finds")

# %% tags=["hide-input"]
said = f"dlib's detector finds {found.detected.mean():.0%} of these {len(live)} faces by itself."
if live.landmarks is not None:
    gap = np.linalg.norm(found.points - live.landmarks, axis=-1).mean(axis=1)
    eyes = np.linalg.norm(live.landmarks[:, 36] - live.landmarks[:, 45], axis=-1)
    said += (
        " These faces are drawn, so the truth is known: where it finds one, a landmark lies"
        f" {np.median((gap / eyes)[found.detected]):.1%} of the distance between the outer eye"
        " corners from its true place (median over faces)."
    )
display(Markdown(said))

# %% [markdown]
# ## Heatmaps
#
# A landmark $k$ at $(x_k, y_k)$ becomes
#
# $$h_k(x, y) = \exp\left(-\frac{(x - x_k)^2 + (y - y_k)^2}{2\sigma^2}\right),$$
#
# and the network sees the maximum over the 68 maps ({ref}`A1 <A1>`). The paper does not give
# $\sigma$ ({ref}`A2 <A2>`). Too small, and a landmark is a single flickering pixel after
# augmentation; too large, and the lids run into one blot.

# %% figure="heatmap-widths" caption="A face, its landmarks, and its heatmap at several widths"
first = int(np.flatnonzero(found.detected)[0]) if found.detected.any() else 0
chart = figures.heatmaps_over_sigma(live.images[first], found.points[first], sigmas)
px = ", ".join(map(str, sorted(sigmas)))
alternatives.show(chart, f"One face, its landmarks, its heatmap at σ = {px} px: from dots to blots")

# %% [markdown]
# ## Image and landmarks move together
#
# Rotation by up to 20°, shifts by up to 10 pixels, zoom of 90 to 110 % and flips: image and
# coordinates go through one and the same map, and a flip also swaps left and right indices. The
# heatmap is drawn afterwards, from the moved coordinates ({ref}`A33 <A33>`).

# %% figure="augmented-face" caption="A face as it is and after five random augmentations"
chart = figures.augmented(live.images[first], found.points[first], sigma, seed)
alternatives.show(chart, "One face after five random augmentations, landmarks moved along")

# %% [markdown]
# ## The same on FER2013
#
# Recorded from the real dataset, and drawn from the record: dlib's landmarks on real faces.

# %% figure="fer2013-landmarks" caption="FER2013: faces with the landmarks that dlib found"
card = tables.card_of("fer2013")
real = card.thumbnails
labels = card.labels[real["rows"]]
sheet = figures.contact_sheet(real["images"], labels, landmarks=real["landmarks"])
alternatives.show(sheet, "Twenty-one FER2013 faces with the landmarks that dlib found")

# %% [markdown]
# ## For whom it fails
#
# Share of the faces (per cent) that the detector misses. It is not the same for every emotion, so
# whatever is done with undetected faces acts on some emotions more than on others. Here they get
# the landmarks that the predictor gives when the whole frame is taken as the face ({ref}`A9 <A9>`).

# %% figure="detector-misses" caption="FER2013: faces that the detector misses, with 95 % intervals"
alternatives.show(figures.detection(card), alternatives.detection(card))

# %% table="detector-misses" caption="FER2013: per cent of faces that the detector misses"
tables.detection(card).style.format("{:.1f}")

# %% tags=["hide-input"]
display(
    Markdown(
        f"Found by the detector itself: **{card.detected.mean():.1%}** of {len(card):,} faces. "
        f"Of those, {card.framed[card.detected].mean():.1%} have a box that overlaps the frame "
        "with an intersection over union of 0.4 or more; the rest are suspicious, because the "
        "frame of a FER2013 image is the face."
    )
)

# %% [markdown]
# ## What section 4.2 leaves open
#
# The paper gives its pipeline four sentences. What they do not settle, and what was taken:
#
# - “a Histogram of Oriented Gradients (HOG)-based face detector”: which one, on an image of which
#   size, and what becomes of a face that it misses. Taken is dlib's, on an enlarged image, and the
#   whole frame for a face that is missed ({ref}`A9 <A9>`).
# - “to locate facial regions”: whether the network then sees the region or the image. The image as
#   it comes ({ref}`A32 <A32>`); how CK+'s large frames are cut is {ref}`A5 <A5>`.
# - “The coordinates are normalized”: by what. By the frame, so that image and heatmap lie on top of
#   each other ({ref}`A32 <A32>`); by the face itself only where they enter as a vector
#   ({ref}`A17 <A17>`).
# - “convolving Gaussian filters at each landmark location”: how wide ({ref}`A2 <A2>`), and whether
#   into one map or 68 ({ref}`A1 <A1>`).
# - “key regions of interest (e.g., eyes, mouth, brows) are extracted as grayscale patches and
#   resized to 48x48 pixels”: where they enter a network whose two branches are otherwise accounted
#   for. They do not ({ref}`A4 <A4>`); with them it is on {doc}`/book/notebooks/chew_s43_inputs`.
# - Where the landmarks of an augmented face come from, and of an occluded one: moved along with the
#   image ({ref}`A33 <A33>`), and found before the face was hidden ({ref}`A8 <A8>`).
#
# ## What to take along
#
# - HOG finds no face in a FER2013 image at its own 48 pixels, and the paper names no enlargement.
# - Enlarging, padding and a lowered threshold find most faces; some boxes do not fit the frame.
# - Detection fails far more often for sad and fearful faces than for happy or surprised ones, so
#   whatever is done with undetected faces does not treat emotions alike.
