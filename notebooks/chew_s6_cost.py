# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What do landmarks cost?
#
# *Chew, section 6*
#
# > question: how long does one face take, step by step, and how much of that do landmarks add?
#
# Section 6 grants that landmark detection and heatmaps “increase computational load and latency,
# which may pose constraints for real-time systems on low-power devices”, and gives no number. Here
# every step is timed on this machine while the page is built: detector, landmark predictor,
# heatmap, and the networks of section 4.3 at full width.

# %% tags=["parameters"]
dataset: str = "synthetic"  # whose faces are timed; one of: synthetic, fer2013
faces: int = 28  # how many different ones, gone through in turn; 1 to 500
repeats: int = 16  # timings of each step, a quarter as many of large batches; 3 to 1000
batches: list[int] = [1, 64]  # faces given at once, beside one at a time; 1 to 512
precisions: list[str] = ["f32", "bf16"]  # of the network's arithmetic; one of: f32, bf16
widths: list[int] = [32, 64, 128, 256]  # channels of a branch's four blocks; 1 to 1024
seed: int = 0  # of the drawing; 0 to 1000000

# %% tags=["hide-input"]
from IPython.display import Markdown, display

from ferbook.data.live import live_faces
from ferbook.report import alternatives, figures, speed_steps
from ferbook.report.chew import cost, cost_size, cost_verdicts, figures_cost

figures.style()

# %% [markdown]
# ## The clock
#
# One thread, because a phone's other cores have other work. Detector settings are those of
# {ref}`A9 <A9>`: a FER2013 image is padded and enlarged before dlib can see a face in it, so the
# detector searches a picture many times as large as the network's.

# %%
live = live_faces(dataset, faces, seed)
times = cost.measure(live.images, repeats, batches, precisions, widths)
whole = cost.end_to_end(live.images, repeats, widths)

# %% tags=["hide-input"]
display(Markdown(f"*{cost_verdicts.where()}*"))

# %% figure="cost" caption="Milliseconds a face: one at a time by step, and the networks alone"
alternatives.show(figures_cost.bars(times), cost_verdicts.in_words(times))

# %% tags=["hide-input"]
display(Markdown(cost_verdicts.summary(times, whole)))
display(Markdown(cost_verdicts.detector_shared(times)))

# %% [markdown]
# FER2013's faces come cropped, so a network on pixels needs no detector there. A camera's image has
# to be searched for a face either way; the second sentence is for that case.
#
# ## The numbers
#
# Milliseconds a face: median over the repeats, with quartiles. *68 heatmaps* is one map for each
# landmark, the alternative of {ref}`A1 <A1>`, which the networks that are timed do not take.

# %% table="cost" caption="Milliseconds a face of each step"
table = times.set_index(["step", "batch", "precision"])
table.style.format("{:.2f}", subset=["median", "low", "high"])

# %% tags=["hide-input"]
display(Markdown(cost_verdicts.bf16_pays(times)))

# %% [markdown]
# ## On a small device
#
# The paper's worry is about devices with one slow core. `ferbook predict --onnx` is our answer to
# it: landmarks from a small network instead of dlib, heatmap and all three networks in one graph
# with weights in half precision. Beside dlib's way, on one core, from a face in a crop of 200 × 200
# pixels; {doc}`/book/notebooks/speed` says how it was measured, on which machine, and what was
# aimed at.

# %%
speed_steps.table()

# %% tags=["hide-input"]
display(Markdown(speed_steps.sentence()))

# %% [markdown]
# ## How large the networks are
#
# Milliseconds are this machine's; multiply-accumulates (MACs), the work of convolutions and linear
# layers for one face, are the same on every one. A device that is short of memory minds the
# weights. The paper gives neither.

# %% table="cost-sizes" caption="Weights and multiply-accumulates of the networks"
sizes = cost_size.sizes(widths)
sizes.style.format("{:,}")

# %% tags=["hide-input"]
display(Markdown(cost_size.said(sizes)))
display(Markdown(cost_verdicts.drawing(times)))

# %% [markdown]
# MACs say nothing of a detector or of a cascade of trees, and milliseconds do not simply follow
# them: for one face at a time, what a call costs by itself counts too.
#
# ## What to take along
#
# - The cost of landmarks is the second branch and what stands before it: a cascade of trees and a
#   detector that searches an image at several scales.
# - Where faces must be found anyhow, as in a camera's image, both networks share the detector, and
#   it is no cost of the landmarks.
# - 68 maps instead of one add few weights and much work, in the one layer that sees them.
# - A batch shares out what a call costs. A camera delivers one face at a time, so the time for a
#   batch of one is the latency; the time for a large batch is what a study pays.
# - Times are this machine's. `-p widths [16,32,64,128]` times the narrower networks of the short
#   tier, `-p dataset fer2013` real faces; on a phone, only ratios carry over, and those roughly.
