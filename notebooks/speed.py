# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # How fast, and how close to the limit
#
# > question: what does this project's code cost beside the usual ways to do the same, and how much
# > of what the machine can do does it use?
#
# A reader who reruns a study waits for it. Below, each of the expensive steps beside common
# practice, in turns on the same machine; then beside what the machine could do at best; then what
# becomes of time and memory where there is more to do. `make bench` measures it all anew.

# %% tags=["parameters"]
device: str = "cpu"  # what it was measured on; one of: cpu, cuda
tier: str = "short"  # schedule of the runs of recipe fast; one of: short, paper

# %% tags=["hide-input"]
from IPython.display import Markdown, display

from ferbook.report import alternatives, figures, speed, speed_races, speed_said, speed_steps
from ferbook.report import figures_speed as drawn

figures.style()
display(Markdown(speed_said.machine(device)))

# %% [markdown]
# ## Beside the usual way
#
# A ratio is the median over turns, its range in brackets: ours, theirs, ours, theirs, so that
# whatever else the machine does meets both. What was aimed at is a ratio, or, where a person waits
# for the answer, a time; the figure has a diamond for each ratio. Clustering, masks, landmarks and
# training are timed on drawn faces, training on 1,024 of them.

# %% figure="speed-ratios" caption="How many times as fast as the usual way, measured and aimed at"
alternatives.show(drawn.ratios(device), drawn.say_ratios(device))

# %% table="speed-ratios" caption="Time for the same work, ours and the usual way"
speed.table(device)

# %% tags=["hide-input"]
display(Markdown(speed_said.missed_sentence(device)))

# %% [markdown]
# - **Heatmaps** beside a loop over landmarks that draws one Gaussian after the other, and beside
#   kornia's renderer with a maximum over its maps. The maximum of Gaussians is the Gaussian of the
#   least distance, so ours takes one exponential a pixel where they take 68.
# - **k-means** beside scikit-learn called for one image after the other, from the same first
#   centres, both until nothing moves; on one thread or all, whichever is faster. Ours steps through
#   all images at once, and an image that has converged is left alone. What a page clusters live
#   takes longer for an image: it also chooses the pixels by their attention, starts by k-means++,
#   and draws the clusters.
# - **Face masks** beside two ways to warp a flat template to each face by a homography, landmarks
#   given. One does the steps of
#   [MaskTheFace](https://github.com/aqeelanwar/MaskTheFace) from there on: for each face it reads
#   settings and template from disk, warps, fits brightness and saturation, blends; the search for
#   the face and for the six points is left out, though the tool does both for each image. The
#   other keeps the template in memory and fits brightness only, the least that such a tool could
#   do, and no tool that we know of does. Ours bends the drawing by a spline through 34 landmarks,
#   samples it nine times a pixel, takes light from the skin under it and noise and blur from the
#   picture; what that buys is on {doc}`/book/notebooks/qiu_s1_masks`.
# - **Landmarks** by dlib on all cores beside a loop in one process, to the same bits.
# - **Training** beside what most repositories for FER2013 do: a PIL image a face, torchvision's
#   transforms one by one, worker processes, float32. Ours keeps the dataset on the device as bytes,
#   crops, flips and erases a batch at once, and multiplies in bfloat16.
#
# ## Where a person waits

# %% table="speed-waits" caption="What a person waits for"
speed.waits(device)

# %% [markdown]
# ## From a face to its emotion
#
# `ferbook predict` on one core, step by step. dlib's way: search, landmarks, heatmap and three
# networks in PyTorch. The graph's way: the same search, then one ONNX graph, whose landmarks come
# from a small network that learnt them from dlib. The picture that is searched is a photograph's
# face with its surroundings, 200 × 200 pixels.

# %% table="speed-predict" caption="From a face to its emotion on one core, step by step"
speed_steps.table(device)

# %% tags=["hide-input"]
display(Markdown(speed_steps.sentence(device)))

# %% [markdown]
# ## Beside the limit
#
# The least time that this machine would need for the same, from its own measured rates: additions
# of numbers in cache, on a GPU in registers; bytes copied; bfloat16 products of large matrices.
# Nothing reaches it: not all of the work is of the kind that the limit counts. Work that was
# measured beside several others has one line.

# %% table="speed-limits" caption="The least time that the machine could need, and what was reached"
speed.limits(device)

# %% [markdown]
# ## With more to do
#
# Each size was run in a process of its own. An exponent of 1 is growth in proportion; the grey line
# has it. Memory is what the first call of a size needs on top; a dash, less than a megabyte.

# %% figure="speed-growth" caption="Seconds over the size of the work; grey, in proportion"
alternatives.show(drawn.growth(device), drawn.say_growth(device))

# %% table="speed-growth" caption="Exponents of time and memory as the work grows"
speed.grown(device)

# %% tags=["hide-input"]
display(Markdown(speed_said.each_sentence(device)))

# %% [markdown]
# ## On a GPU
#
# The anchor for training on small images is
# [airbench](https://github.com/KellerJordan/cifar10-airbench): CIFAR-10 to 94 % in 2.6 s on one
# A100. Of its means those are used here that change no result: the whole dataset on the device as
# bytes, augmentation of a batch at once and there, half precision, channels last, steps recorded
# once and replayed, a fused optimiser. Those that change results are in a recipe of their own.
# There 28,709 images, as many as FER2013 has for training, repeat the 1,024 drawn faces.

# %% tags=["hide-input"]
display(Markdown(f"{speed_said.machine('cuda')} {speed_said.missed_sentence('cuda')}"))
speed.show(
    {
        "Time for the same work on a GPU, ours and the usual way": speed.table("cuda"),
        "What is waited for on a GPU": speed.waits("cuda"),
        "The least time that the GPU could need, and what was reached": speed.limits("cuda"),
        "Exponents of time and memory as the work grows, on a GPU": speed.grown("cuda"),
    }
)

# %% [markdown]
# ```
# make bench ARGS="--device cuda"
# ```
#
# Which runs one seed of every table takes, counted in operations, and whether they fit into 45
# minutes of an H200, is on {doc}`/book/rerun`.
#
# ## A recipe for speed
#
# The paper's recipe takes 200 epochs and is left as it is. Recipe `fast` is ours: larger batches, a
# learning rate that rises once and falls once, smoothed labels. Its runs stand for no number of the
# paper; they say how long a first answer takes. Only training is timed; PrivateTest is scored once.

# %% tags=["hide-input"]
display(Markdown(speed_races.race_sentence("paper")))
raced = speed_races.races("paper").style.format({"seconds": "{:.0f}", "PrivateTest": "{:.1f}"})
speed.show({"Runs of the recipe fast": raced})

# %% [markdown]
# ```
# ferbook run qiu/fast-fer2013 --tier paper --seeds 5 --device cuda
# ```
#
# On a processor only the short tier ends in time, narrower networks and ten epochs. An epoch of
# either recipe has the same images and the same operations, so that here epochs are counted, to
# an accuracy that both can come to.

# %% table="speed-recipes" caption="Recipe fast beside the paper's: PrivateTest accuracy, and epochs until PublicTest is at the aim, median and range over seeds"
speed_races.beside(tier)

# %% tags=["hide-input"]
display(Markdown(speed_races.beside_sentence(tier)))

# %% [markdown]
# ## What was learnt
#
# One change at a time, with what was expected of it:
#
# 1. *The maximum of products of exponentials, to the exponential of the least sum.* Expected: as
#    many operations, so as much time. Found: half the time. Far from a landmark the products leave
#    the range of float32's normal numbers, and processors take many cycles for those below it.
# 2. *A face at a time, to eight at a time.* Expected: nothing on one core. Found: nothing on one
#    core, and on two cores the difference between slower than one core and 1.6 times as fast: what
#    is shared out must be worth the call.
# 3. *CBAM's means as sums.* Expected: fewer conversions between memory layouts in the backward
#    pass. Found: 2 %. The cost lies in reading a narrow network's large maps several times, not in
#    any one operation; left as it was.
# 4. *Exponents of all faces, to those of 256 at a time.* Time had grown faster than the number of
#    faces. Expected: the maps themselves are to blame, memory that the system hands out page by
#    page, which nothing but a buffer of the caller's would mend. Found: it was pages, but of the
#    exponents, three times the bytes of the maps. A share at a time, their memory is used again;
#    what a face costs as they become more is told with the growth above. No bit of a map changes.
# 5. *Face masks: nine samples only where a mask can reach, pixels only where it is touched.*
#    Expected: half of the frame, so half of the time. Found: 1.6 times as fast, to the same grey in
#    every pixel, but little of that by this. With every cell sampled and every pixel composed again
#    it is still 1.4 times as fast as before: memory that was fresh for the places of all samples,
#    layers that are empty, logarithms that numpy computes slowly where a processor lacks AVX-512
#    and OpenCV does not. The cells give 1.2, the pixels 1.01: what is composed is a small part.
# 6. *Face masks on both cores by threads.* Expected: 1.6 times as fast. Found: slower than on one.
#    Steps of a few microseconds wait for the interpreter more than they run beside each other, and
#    OpenCV, left to itself, shares out pictures that are drawn sooner than shared; it is told not
#    to. Whoever has many datasets to draw runs a process for each.
# 7. *Face masks in order of their drawings, not of their faces.* Of 1.0 ms a face 0.24 ms were the
#    samples, more than any other step, for a quarter of all operations. A drawing holds
#    1.3 MB, the cache of a core 1 MB, and each face wore another drawing than the last. Expected,
#    from the same samples taken in order: half of their time, an eighth of the whole. Found: 14 %
#    less time. Operations had been counted, not where their numbers come from.
# 8. *Ranks by counting, not by selection.* How noisy and how sharp a picture is are ranks of 11,000
#    whole numbers, none above 2,040. Expected: a third of the time of these ranks, so 4 % of the
#    whole. Found: 59 to 26 µs a face with the differences that are ranked, 2 to 4 % of the whole.
# 9. *Samples moved by the line of a cell, not by the number.* Expected: 20 µs a face less, from the
#    move alone. Found: between nothing and 5 % of the whole in three runs, as much as the machine's
#    own unrest, for twelve lines of code more. Taken back.
#
# ## What to take along
#
# - A time says nothing without another one measured beside it, on the same machine and at the same
#   time.
# - Know the limit first. Where it is near, no cleverness helps; where it is far, find out what the
#   time goes to before you change anything.
