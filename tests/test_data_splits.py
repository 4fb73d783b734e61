"""Splits: disjoint, covering, stratified, and nobody on two sides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_forms import faces
from ferbook.data.faces import Faces
from ferbook.data.splits import duplicate_groups, make_split
from ferbook.errors import InputError

POOL = faces(400)
WHICH = ("train", "validation", "test")


def people(count: int, per: int = 14, seed: int = 0, copies: int = 0) -> Faces:
    """`count` subjects with `per` faces each, all seven labels; `copies` faces repeat others."""
    rng = np.random.default_rng(seed)
    total = count * per
    images = POOL[np.arange(total) % 400].copy()
    images[:, 0, 0], images[:, 0, 1] = np.arange(total) % 256, np.arange(total) // 256
    to, of = rng.permutation(total)[:copies], rng.integers(0, total, copies)
    images[to] = images[of]
    order = rng.permutation(total)
    return Faces(
        name="people",
        images=images,
        labels=(np.arange(total) % 7).astype(np.uint8)[order],
        split=(np.arange(total) // 7 % 3).astype(np.uint8)[order],
        subject=(np.arange(total) // per).astype(np.int32)[order],
        sequence=np.full(total, -1, np.int32),
        source=np.full(total, b""),
        fingerprint="",
    )


def parts(split) -> list[np.ndarray]:
    return [getattr(split, name) for name in WHICH]


def assert_partition(split, total: int) -> None:
    rows = np.concatenate(parts(split))
    assert all(part.dtype == np.int64 and (np.diff(part) > 0).all() for part in parts(split))
    assert np.array_equal(np.sort(rows), np.arange(total))


def assert_apart(split, group: np.ndarray) -> None:
    for one in range(3):
        for other in range(one):
            shared = np.intersect1d(group[parts(split)[one]], group[parts(split)[other]])
            assert len(shared) == 0


def test_duplicate_groups_by_hand():
    a, b, c = POOL[:3]
    assert duplicate_groups(np.stack([a, b, a, c, b, a])).tolist() == [0, 1, 0, 2, 1, 0]
    nearly = a.copy()
    nearly[47, 47] ^= 1
    assert duplicate_groups(np.stack([a, nearly])).tolist() == [0, 1]


def test_official_is_what_the_dataset_says():
    some = people(20)
    split = make_split(some, "official")
    for part, rows in enumerate(parts(split)):
        assert np.array_equal(rows, np.flatnonzero(some.split == part))


def test_official_unique_keeps_the_test_part_whole():
    # train holds x twice and a copy of a validation and of a test face; validation one of test
    which = [*range(8), 7, 11, 21, *range(10, 17), 22, *range(20, 27)]
    part = [0] * 11 + [1] * 8 + [2] * 7
    label = [0, 1, 2, 3, 4, 5, 6, 0, 0, 1, 1, 0, 1, 2, 3, 4, 5, 6, 0, 0, 1, 2, 3, 4, 5, 6]
    some = replace(
        people(26, per=1),
        images=POOL[which],
        split=np.array(part, np.uint8),
        labels=np.array(label, np.uint8),
    )
    split = make_split(some, "official-unique")
    assert split.train.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8]  # copies within a part may stay
    assert split.validation.tolist() == [11, 12, 13, 14, 15, 16, 17]
    assert split.test.tolist() == [19, 20, 21, 22, 23, 24, 25]


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(15, 40), copies=st.integers(0, 60))
def test_random_is_a_stratified_partition(seed, count, copies):
    some = people(count, seed=seed, copies=copies)
    total = len(some)
    plain = make_split(some, "random-80-10-10", seed=seed)
    assert_partition(plain, total)
    assert len(plain.train) == int(0.8 * total)
    assert abs(len(plain.validation) - len(plain.test)) <= 1
    for part in parts(plain):  # each class has its share, but for rounding in two draws
        counts = np.bincount(some.labels[part], minlength=7)
        assert np.abs(counts - len(part) / 7).max() <= 2
    unique = make_split(some, "random-80-10-10-unique", seed=seed)
    assert_partition(unique, total)
    assert_apart(unique, duplicate_groups(some.images))


def test_random_needs_its_seed():
    some = people(30)
    one, same, other = (make_split(some, "random-80-10-10", seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(one.test, same.test) and not np.array_equal(one.test, other.test)


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(12, 30),
    k=st.integers(3, 10),
    unique=st.booleans(),
)
def test_folds_keep_subjects_apart_and_each_face_is_tested_once(seed, count, k, unique):
    some = people(count, seed=seed, copies=3 * unique)
    protocol = f"folds-{k}-subject" + "-unique" * unique
    splits = [make_split(some, protocol, seed=seed, fold=fold) for fold in range(k)]
    for fold, split in enumerate(splits):
        assert_partition(split, len(some))
        assert_apart(split, some.subject)
        if unique:
            assert_apart(split, duplicate_groups(some.images))
        # the validation part is the next fold's test part
        assert np.array_equal(split.validation, splits[(fold + 1) % k].test)
    tested = np.concatenate([split.test for split in splits])
    assert np.array_equal(np.sort(tested), np.arange(len(some)))


def test_folds_need_their_seed():
    some = people(30)
    one, same, other = (
        make_split(some, "folds-5-subject", seed=seed, fold=0) for seed in (1, 1, 2)
    )
    assert np.array_equal(one.test, same.test) and not np.array_equal(one.test, other.test)


def test_unique_folds_join_subjects_that_share_a_picture():
    some = people(12)
    images = some.images.copy()
    first = [int(np.flatnonzero(some.subject == subject)[0]) for subject in range(12)]
    images[first[1]] = images[first[0]]
    images[first[2]] = images[first[1]]
    some = replace(some, images=images)
    for fold in range(4):
        split = make_split(some, "folds-4-subject-unique", fold=fold)
        homes = {next(i for i, p in enumerate(parts(split)) if first[s] in p) for s in range(3)}
        assert len(homes) == 1


ERRORS = {
    "unknown protocol": ("holdout", {}, "no split 'holdout'; there are official,"),
    "no folds": ("folds-0-subject", {"fold": 0}, "no split 'folds-0-subject'|only with them"),
    "two folds": ("folds-2-subject", {"fold": 0}, "there must be three or more"),
    "fold too high": ("folds-5-subject", {"fold": 5}, "fold 5 of 5: folds count from 0"),
    "negative fold": ("folds-5-subject", {"fold": -1}, "fold -1 of 5"),
    "fold missing": ("folds-5-subject", {}, "a fold goes with folds and only with them"),
    "fold too many": ("official", {"fold": 1}, "a fold goes with folds and only with them"),
    "more folds than subjects": ("folds-31-subject", {"fold": 0}, "people has only 30 separate"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_what_cannot_be_split_says_why(case):
    protocol, arguments, said = ERRORS[case]
    with pytest.raises(InputError, match=said):
        make_split(people(30), protocol, **arguments)


def test_unknown_parts_and_subjects_are_no_split():
    some = people(30)
    with pytest.raises(InputError, match="420 of 420 faces of people do not say"):
        make_split(replace(some, split=np.full(420, 3, np.uint8)), "official")
    with pytest.raises(InputError, match="420 faces of people name no subject"):
        make_split(replace(some, subject=np.full(420, -1, np.int32)), "folds-5-subject", fold=0)


def test_a_class_absent_from_a_part_is_an_error():
    some = people(30)
    no_fear = np.flatnonzero((some.split != 2) | (some.labels != 2))
    with pytest.raises(InputError, match="split official: no fear in the test part"):
        make_split(some.take(no_fear), "official")
    # 2 faces of disgust cannot be in three parts
    few = np.flatnonzero((some.labels != 1) | (np.cumsum(some.labels == 1) <= 2))
    with pytest.raises(InputError, match="random-80-10-10"):
        make_split(some.take(few), "random-80-10-10")


@pytest.mark.realdata
def test_the_real_parts():
    from ferbook.data.store import open_faces

    real = open_faces("fer2013")
    sizes = [len(part) for part in parts(make_split(real, "official"))]
    assert sizes == [28709, 3589, 3589]
    split = make_split(real, "official-unique")
    group = duplicate_groups(real.images)
    assert_apart(split, group)
    assert len(split.test) == 3589
    for protocol in ("random-80-10-10", "random-80-10-10-unique"):
        assert_partition(make_split(real, protocol), 35887)


def filmed(count: int = 20, seed: int = 0) -> Faces:
    """`count` subjects with two sequences of seven neighbouring frames each."""
    some = people(count, seed=seed)
    first = np.random.default_rng(seed).permuted(
        np.tile([0, 1], 7 * count).reshape(count, 14), axis=1
    )
    number = np.empty(len(some), np.int32)
    for subject in range(count):
        number[some.subject == subject] = 10 * subject + first[subject]
    return replace(some, sequence=number)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(14, 24), k=st.integers(3, 6))
def test_sequences_stay_together_and_people_do_not(seed, count, k):
    some = filmed(count, seed)
    splits = [make_split(some, f"folds-{k}-sequence", seed=seed, fold=f) for f in range(k)]
    for fold, split in enumerate(splits):
        assert_partition(split, len(some))
        assert_apart(split, some.sequence)
        assert np.array_equal(split.validation, splits[(fold + 1) % k].test)
    tested = np.concatenate([split.test for split in splits])
    assert np.array_equal(np.sort(tested), np.arange(len(some)))
    on_both_sides = [np.intersect1d(some.subject[s.train], some.subject[s.test]) for s in splits]
    assert sum(map(len, on_both_sides)) > 0


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(14, 24), k=st.integers(3, 6))
def test_frames_are_stratified_and_nothing_stays_together(seed, count, k):
    some = filmed(count, seed)
    splits = [make_split(some, f"folds-{k}-frame", seed=seed, fold=f) for f in range(k)]
    for fold, split in enumerate(splits):
        assert_partition(split, len(some))
        assert np.array_equal(split.validation, splits[(fold + 1) % k].test)
        # 2 * count faces of each emotion: every fold has its share, rounded up or down.
        counts = np.bincount(some.labels[split.test], minlength=7)
        assert (np.abs(counts - 2 * count / k) < 1).all()
        # Nearly every sequence of seven frames is on both sides; by chance alone one in k^6 not.
        assert len(np.intersect1d(some.sequence[split.train], some.sequence[split.test])) > count
    tested = np.concatenate([split.test for split in splits])
    assert np.array_equal(np.sort(tested), np.arange(len(some)))


def test_sequences_and_frames_need_their_seed_and_fold():
    some = filmed()
    for unit in ("sequence", "frame"):
        one, same, other, next_one = (
            make_split(some, f"folds-5-{unit}", seed=seed, fold=fold)
            for seed, fold in ((1, 0), (1, 0), (2, 0), (1, 1))
        )
        assert np.array_equal(one.test, same.test) and one.protocol == f"folds-5-{unit}"
        assert not np.array_equal(one.test, other.test)
        assert np.array_equal(one.validation, next_one.test)


def test_copies_join_sequences_too():
    some = filmed(12)
    images = some.images.copy()
    one, other = (int(np.flatnonzero(some.sequence == number)[0]) for number in (0, 51))
    images[one] = images[other]
    some = replace(some, images=images)
    for fold in range(4):
        split = make_split(some, "folds-4-sequence-unique", fold=fold)
        assert_partition(split, len(some))
        homes = [
            {i for i, part in enumerate(parts(split)) if number in some.sequence[part]}
            for number in (0, 51)
        ]
        assert homes[0] == homes[1] and len(homes[0]) == 1


def test_what_cannot_be_folded_by_sequence_says_why():
    with pytest.raises(InputError, match="420 faces of people name no sequence"):
        make_split(people(30), "folds-5-sequence", fold=0)
    with pytest.raises(InputError, match="people has only 24 separate sequences"):
        make_split(filmed(12), "folds-25-sequence", fold=0)
    with pytest.raises(InputError, match="a fold goes with folds and only with them"):
        make_split(filmed(12), "folds-5-frame")
    with pytest.raises(InputError, match="only with them"):
        make_split(filmed(12), "folds-5-video", fold=0)
