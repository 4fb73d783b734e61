"""CK+ by emotion: images, sequences and people, and how they go with the printed counts."""

from dataclasses import replace

import numpy as np

from ferbook.data.ckplus import SEQUENCES
from ferbook.emotions import CONTEMPT, EMOTIONS
from ferbook.report import tables
from ferbook.report.chew import sequences
from ferbook.report.printed import cited, printed

CARD = tables.card_of("ckplus48")
PRINTED = {"ckplus-sequences": 593.0, "ckplus-participants": 123.0}


def test_images_sequences_and_people_by_hand():
    # Two people: the first is angry twice, three and two frames, the second once, one frame, and
    # shows contempt once, three frames.
    subject = np.array([5, 5, 5, 5, 5, 9, 9, 9, 9])
    sequence = np.array([51, 51, 51, 52, 52, 91, 92, 92, 92])
    labels = np.array([0, 0, 0, 0, 0, 0, 7, 7, 7])
    card = replace(CARD, subject=subject, sequence=sequence, labels=labels)
    found = sequences.table(card)
    assert found.loc["angry"].tolist() == [6, 3, 2]
    assert found.loc[CONTEMPT].tolist() == [3, 1, 1]
    assert found.loc["neutral"].tolist() == [0, 0, 0]
    assert found.loc["all"].tolist() == [9, 4, 2]
    assert "are **not** those" in sequences.said(found, PRINTED)


def test_the_recorded_form_is_that_of_the_release():
    found = sequences.table(CARD)
    # Lucey et al. 2010: 45 + 59 + 25 + 69 + 28 + 83 + 18 = 327 sequences, three frames of each
    assert found.loc["all"].tolist() == [981, 327, 118]
    assert found["sequences"].drop("all").to_dict() == SEQUENCES
    said = sequences.said(found, PRINTED)
    assert "593 sequences of 123 participants" in said and "981 images: 3 of each of 327" in said
    assert "emotion are those" in said and "other 266 have no label" in said


def test_the_six_shared_emotions_by_hand():
    # 981 - 3 x 18 of contempt = 927 images, 249 of them surprise: 26.9 %
    said = sequences.shared(sequences.table(CARD))
    assert f"{len(EMOTIONS) - 1} emotions" in said and "927 images of 309 sequences" in said
    assert "*surprise* is right for 27%" in said
    assert "*fear* rests on 75 images of 25 people" in said


def test_what_is_printed_comes_from_the_reported_numbers():
    assert {name: printed("chew/dataset")[name] for name in PRINTED} == PRINTED
    assert cited("chew") == ["> 70 % (Section 2, Tang (2013) on FER2013)"]
