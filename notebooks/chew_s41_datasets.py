# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The faces: FER2013, CK+, and faces that we draw
#
# *Chew, section 4.1; Qiu, section 4.1*
#
# Both papers stand on FER2013: 48 × 48 grey faces, found by an image search and labelled with one
# of seven emotions. Chew adds CK+ {cite}`lucey2010`: people who were filmed while they posed an
# emotion. Neither can be shipped with this book, so the cells that run here draw their own faces,
# and what is said about a dataset comes from a recorded **dataset card**: label, split, person and
# exact copies of every image, taken from a copy that was checked against the published facts.
#
# You will see what the classes look like, how unequal they are, how many test images a network
# has already met in training, and what of CK+ the printed numbers can stand on.

# %% tags=["parameters"]
dataset: str = "synthetic"  # where the live faces come from; one of: synthetic, fer2013
faces: int = 70  # how many live faces to draw; 21 to 10000
rows: int = 4  # rows of the contact sheet; 1 to 10
seed: int = 0  # of the drawing; 0 to 1000000

# %% tags=["hide-input"]
from IPython.display import Markdown, display

from ferbook.data.live import live_faces
from ferbook.report import alternatives, figures, tables
from ferbook.report.chew import sequences
from ferbook.report.printed import printed

figures.style()

# %% [markdown]
# ## Seven emotions, drawn
#
# Each face is a set of numbers: how far the brows are raised or lowered, the lids opened, the lip
# corners pulled, after the action units that the Facial Action Coding System {cite}`ekman1978`
# ascribes to an emotion; and who the person is, how the head is turned, where the light comes from.
# So its 68 landmarks are known exactly, which makes these faces a yardstick for every method here.

# %% figure="live-faces" caption="Live faces, a column for each emotion"
live = live_faces(dataset, faces, seed)
sheet = figures.contact_sheet(live.images, live.labels, live.emotions, rows)
alternatives.show(sheet, "Contact sheet of live faces, one column per emotion")

# %% tags=["hide-input"]
display(Markdown(f"*{len(live):,} faces from the dataset `{live.name}`, seed {seed}.*"))

# %% [markdown]
# ## FER2013 as it is
#
# Three faces of each emotion, drawn at random from those that the detector finds. Some labels are
# hard to believe; that is FER2013.

# %% figure="fer2013-faces" caption="FER2013: three faces of each emotion"
card = tables.card_of("fer2013")
thumbnails = card.thumbnails
sheet = figures.contact_sheet(thumbnails["images"], card.labels[thumbnails["rows"]])
alternatives.show(sheet, "Twenty-one FER2013 faces, three for each of the seven emotions")

# %% [markdown]
# ## The classes are unequal
#
# What a network scores that always gives the same answer, and how much one single image moves the
# accuracy of the rarest class, follow from the counts.

# %% figure="class-shares" caption="FER2013: shares of the emotions in the official splits"
alternatives.show(figures.class_counts(card), alternatives.class_counts(card))

# %% table="class-counts" caption="FER2013: images of each emotion in the official splits"
tables.class_counts(card).style.format("{:,}")

# %% tags=["hide-input"]
test = tables.class_counts(card)["PrivateTest"].drop("all")
display(
    Markdown(
        f"Always answering *{test.idxmax()}* is right for {test.max() / test.sum():.0%} of "
        f"PrivateTest; the accuracy of *{test.idxmin()}* rests on {test.min()} images there, so "
        f"one image more or less moves it by {100 / test.min():.1f} points."
    )
)

# %% [markdown]
# ## Copies across the splits
#
# FER2013 was collected by a search engine, which returns the same picture more than once. Exact
# copies, pixel by pixel:

# %% table="exact-copies" caption="FER2013: exact copies, within and across the official splits"
copies = tables.duplicates(card)
copies.to_frame().style.format("{:,}")

# %% tags=["hide-input"]
private = test.sum()
shared = copies["PrivateTest images that are also in Training"]
display(
    Markdown(
        f"So {shared} of the {private:,} PrivateTest images ({shared / private:.1%}) are met in "
        "training. A random split like Chew's deals copies to both sides as chance has it; the "
        "splits `official-unique` and `random-80-10-10-unique` keep them apart."
    )
)

# %% [markdown]
# ## CK+: sequences, not images
#
# Chew describes CK+ as “593 image sequences from 123 participants, each progressing from a neutral
# to a peak expression. Only the apex frames are used for training and testing”. How many frames an
# apex has, how many sequences have a label, and how many show which emotion, it does not say.
# Recorded here is a form of the dataset that is widely used: the last three frames of every
# labelled sequence, cut to the face.

# %% table="ckplus-counts" caption="CK+: images, sequences and people of each emotion"
filmed = sequences.table(tables.card_of("ckplus48"))
filmed.style.format("{:,}")

# %% tags=["hide-input"]
display(Markdown(sequences.said(filmed, printed("chew/dataset"))))
display(Markdown(sequences.shared(filmed)))

# %% [markdown]
# Two things do not fit. The paper's table has a row Neutral, and no labelled sequence is neutral:
# first frames must have been used, against “only the apex frames”. And it has no row for contempt,
# which some of the sequences show. What was taken for either is {ref}`A5 <A5>`; whether the three
# frames of a sequence, and the several sequences of a person, lie on one side of a fold is
# {ref}`A6 <A6>`, and what that is worth is on {doc}`/book/notebooks/chew_s45_ckplus`.
#
# ## What to take along
#
# - FER2013's official split is the one on which results can be compared; Chew used a random one
#   ({ref}`A7 <A7>`).
# - Class accuracies are recalls, some over very few images; they need intervals.
# - CK+ is small: its images are near-copies of each other within a sequence, and the rare emotions
#   come from a few people.
# - Test images that are copies of training images can flatter a network; by how much is measured on
#   {doc}`/book/notebooks/chew_s45_splits`.
