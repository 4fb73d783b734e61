"""How genuine a copy is: every way of altering one is told, and telling needs no original."""

from __future__ import annotations

import io
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from data_forms import encode, faces
from ferbook.data import genuine, recognition, reference
from ferbook.data.faces import SPLITS, Faces, fingerprint
from ferbook.data.genuine import judge
from ferbook.data.jpeg import was_jpeg
from ferbook.data.splits import duplicate_groups
from ferbook.errors import InputError

#: One size for all classes and parts of the stand-in for FER2013: 3 parts x 7 labels x 20.
EACH = 20


@pytest.fixture(scope="module")
def original() -> Faces:
    """420 pictures in a known order, some exact copies of others under another label or part."""
    total = 3 * 7 * EACH
    images = faces(total, seed=9)
    for i, fine in enumerate(np.random.default_rng(5).normal(0, 20, (total, 20, 20))):
        texture = cv2.resize(fine, (48, 48), interpolation=cv2.INTER_CUBIC)
        images[i] = np.clip(np.rint(0.7 * images[i] + 40 + texture), 0, 255)
    for to, of in ((10, 200), (11, 300), (150, 30), (1, 2)):
        images[to] = images[of]
    labels = (np.arange(total) // EACH % 7).astype(np.uint8)
    split = (np.arange(total) // (7 * EACH)).astype(np.uint8)
    nobody = np.full(total, -1, np.int32)
    return Faces(
        name="fer2013",
        images=images,
        labels=labels,
        split=split,
        subject=nobody,
        sequence=nobody,
        source=np.array([f"row {i + 1}".encode() for i in range(total)]),
        fingerprint=fingerprint(images, labels, split),
        judgement={"containers": {"csv": total}},
    )


@pytest.fixture
def known(original, monkeypatch) -> Faces:
    """`original` takes FER2013's place: the reference is made from it."""
    names = original.source.astype(str)
    arrays = reference.build(original, {str(name): [i] for i, name in enumerate(names)})
    arrays["descriptor"] = np.ascontiguousarray(arrays["descriptor"].T)
    small = reference.Reference(**arrays)
    monkeypatch.setattr(genuine, "load", lambda: small)
    monkeypatch.setattr(recognition, "load", lambda: small)
    return original


def through_jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(encode(image, "JPEG", quality=quality))))


def each(some: Faces, change) -> Faces:
    return replace(some, images=np.stack([change(image) for image in some.images]))


def shuffled(some: Faces, seed: int = 0) -> Faces:
    return some.take(np.random.default_rng(seed).permutation(len(some)))


def test_the_original_is_genuine_and_comes_in_its_own_order(known):
    judged = judge(shuffled(known))
    assert judged.judgement["verdict"] == "genuine" and judged.judgement["ways"] == []
    assert np.array_equal(judged.images, known.images)
    assert np.array_equal(judged.labels, known.labels) and np.array_equal(judged.split, known.split)
    assert judged.fingerprint == known.fingerprint
    assert judged.judgement["distinct"] == 420 - 4
    part = judged.judgement["per_split"]["train"]
    assert part["faces"] == 140 and part["counts"]["fear"] == [20, 20]


def test_any_order_gives_one_fingerprint(known):
    judged = [judge(shuffled(known, seed)) for seed in range(3)]
    assert len({one.fingerprint for one in judged}) == 1
    assert all(np.array_equal(one.source, judged[0].source) for one in judged)


@pytest.mark.parametrize("quality", [50, 75, 92])
def test_recompression_is_told_and_keeps_content_and_order(known, quality):
    plain = judge(known)
    judged = judge(shuffled(each(known, lambda image: through_jpeg(image, quality))))
    assert judged.judgement["verdict"] == "recompressed" and judged.judgement["ways"] == []
    assert judged.judgement["content"] == plain.judgement["content"]
    # exact copies are interchangeable; all others are in the original's order
    alone = np.bincount(duplicate_groups(known.images))[duplicate_groups(known.images)] == 1
    assert np.array_equal(judged.source[alone], known.source[alone])


def test_a_jpeg_container_is_recompression_whatever_its_pixels_show(known):
    judged = judge(replace(known, judgement={"containers": {"JPEG": 420}}))
    assert judged.judgement["verdict"] == "recompressed"


def gamma(image: np.ndarray) -> np.ndarray:
    return np.rint(255 * (image / 255) ** 0.6).astype(np.uint8)


def resized(side: int):
    return lambda image: cv2.resize(cv2.resize(image, (side, side)), (48, 48))


def noisy(image: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(int(image.sum())).normal(0, 8, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


LOOKS = {
    "equalised": (cv2.equalizeHist, "histogram-equalised"),
    "brighter": (gamma, "brightness or contrast changed"),
    "flat": (lambda image: (image // 2 + 64).astype(np.uint8), "brightness or contrast changed"),
    "blurred": (lambda image: cv2.GaussianBlur(image, (3, 3), 0), "blurred or resized"),
    "resized": (resized(64), "blurred or resized"),
    "reduced": (resized(32), "blurred or resized"),
    "noisy": (noisy, "sharpened or noise added"),
}


@pytest.mark.parametrize("look", LOOKS)
def test_a_changed_look_is_told(known, look):
    change, said = LOOKS[look]
    judgement = judge(each(known, change)).judgement
    assert judgement["verdict"] == "altered"
    assert judgement["ways"] == [said]
    assert judgement["content"] != judge(known).judgement["content"]


def test_only_the_altered_part_is_called_so(known):
    images = known.images.copy()
    public = known.split == SPLITS.index("public")
    images[public] = [cv2.equalizeHist(image) for image in images[public]]
    per_split = judge(replace(known, images=images)).judgement["per_split"]
    assert {part: about["verdict"] for part, about in per_split.items()} == {
        "train": "genuine",
        "public": "altered",
        "private": "genuine",
    }


def ways(some: Faces) -> list[str]:
    judgement = judge(shuffled(some)).judgement
    assert judgement["verdict"] == "altered"
    return judgement["ways"]


def test_lost_images(known):
    keep = np.ones(420, dtype=bool)
    keep[[5, 6, 7, 415]] = False
    assert ways(known.take(keep)) == [
        "images lost: 3 of 140 in Training",
        "images lost: 1 of 140 in PrivateTest",
    ]


def test_a_lost_part(known):
    assert ways(known.take(known.split != 1)) == ["images lost: 140 of 140 in PublicTest"]


def test_added_images(known):
    strange = replace(known.take(np.arange(3)), images=faces(3, seed=77))
    both = np.concatenate([known.images, strange.images])
    some = replace(known.take(np.r_[np.arange(420), 0, 1, 2]), images=both)
    assert ways(some) == ["images added: 3 that are not in FER2013"]


@pytest.mark.parametrize("variants", ["copies", "mirrored", "turned"])
def test_a_multiplied_class(known, variants):
    disgust = np.flatnonzero((known.labels == 1) & (known.split == 0))
    some = known.take(np.r_[np.arange(420), np.repeat(disgust, 4)])
    images = some.images.copy()
    if variants == "mirrored":
        images[420:] = images[420:, :, ::-1]
    elif variants == "turned":
        turn = cv2.getRotationMatrix2D((24, 24), 25, 1.2)
        images[420:] = [
            cv2.warpAffine(image, turn, (48, 48), borderMode=1) for image in images[420:]
        ]
    # 20 of their own and 4 x 20 more
    assert ways(replace(some, images=images)) == ["disgust multiplied: 100 for 20"]


def test_merged_and_undeclared_parts(known):
    merged = np.where(known.split == 2, 1, known.split).astype(np.uint8)
    assert ways(replace(known, split=merged)) == ["splits merged: 140 of PrivateTest in PublicTest"]
    undeclared = np.where(known.split > 0, 3, 0).astype(np.uint8)
    assert ways(replace(known, split=undeclared)) == [
        "splits merged: 140 of PublicTest in no declared part",
        "splits merged: 140 of PrivateTest in no declared part",
    ]


def test_changed_labels(known):
    labels = known.labels.copy()
    changed = np.arange(50, 130, 10)  # 8 faces without a twin
    labels[changed] = (labels[changed] + 3) % 7
    assert ways(replace(known, labels=labels)) == ["labels changed: 8"]


def test_a_small_copy_beside_the_real_reference():
    # without the stand-in: random pictures are none of FER2013's 35,887
    some = faces(30)
    few = Faces(
        name="fer2013",
        images=some,
        labels=np.zeros(30, np.uint8),
        split=np.zeros(30, np.uint8),
        subject=np.full(30, -1, np.int32),
        sequence=np.full(30, -1, np.int32),
        source=np.array([b"row"] * 30),
        fingerprint="",
    )
    judgement = judge(few).judgement
    assert judgement["verdict"] == "altered"
    assert "images lost: 28,709 of 28,709 in Training" in judgement["ways"]
    assert "images lost: 3,589 of 3,589 in PrivateTest" in judgement["ways"]
    assert "images added: 30 that are not in FER2013" in judgement["ways"]


def test_noise_is_not_taken_for_blank_images():
    # both have no low frequencies: 13 of FER2013's images are blank, 20 of noise are none of them
    noise = np.random.default_rng(0).integers(0, 256, (20, 48, 48), dtype=np.uint8)
    nobody = np.full(20, -1, np.int32)
    some = Faces(
        name="fer2013",
        images=noise,
        labels=np.arange(20, dtype=np.uint8) % 7,
        split=np.arange(20, dtype=np.uint8) % 3,
        subject=nobody,
        sequence=nobody,
        source=np.array([b"row"] * 20),
        fingerprint="",
    )
    descriptor, seen = reference.describe(noise)
    assert (recognition.recognise(some, descriptor, seen) == -1).all()


def test_a_tenth_of_fer2013_is_asked_for(known):
    # 10 faces of the 420 among 90 others are a tenth, 9 among 91 are less
    other = faces(91, seed=77)
    for own, enough in ((10, True), (9, False)):
        images = np.concatenate([known.images[20 : 20 + own], other[: 100 - own]])
        some = replace(known.take(np.arange(100)), images=images)
        if enough:
            assert judge(some, genuine.LEAST).judgement["verdict"] == "altered"
        else:
            with pytest.raises(InputError, match="of 100 images 9% are FER2013's, expected 10%"):
                judge(some, genuine.LEAST)


@pytest.mark.parametrize("quality", [50, 75, 90, 95])
def test_a_jpeg_is_known_by_its_lattice(quality):
    rng = np.random.default_rng(1)
    plain = np.clip(faces(40) + rng.normal(0, 6, (40, 48, 48)), 0, 255).astype(np.uint8)
    assert not was_jpeg(plain)
    assert was_jpeg(np.stack([through_jpeg(image, quality) for image in plain]))


def test_too_little_to_tell_is_no_jpeg():
    assert not was_jpeg(np.full((5, 48, 48), 128, np.uint8))
    assert not was_jpeg(np.zeros((0, 48, 48), np.uint8))


def test_the_descriptor_by_hand():
    # grey levels 0, 1, ..., 47 from left to right: the ranks are (x + 0.5) / 48, so their
    # cosine of one half wave is the mean of sqrt(2) cos(pi u) u over u in (0, 1): -2 sqrt(2) / pi^2
    # = -0.2866 (to 1 part in 2,000 on 48 pixels); times 16 and 29 steps: -133, clipped to -127
    ramp = np.tile(np.arange(48, dtype=np.uint8), (48, 1))
    descriptor, seen = reference.describe(np.stack([ramp, ramp.T, np.rot90(ramp, 2)]))
    along, across = 0, 1  # the first two frequencies: (0, 1) and (1, 0)
    assert descriptor[:, along].tolist() == [-127, 0, 127]
    assert descriptor[:, across].tolist() == [0, -127, 0]
    # three half waves: -2 sqrt(2) / (9 pi^2) * 16 * 29 = -14.8
    assert descriptor[0, reference.FREQUENCIES.index((0, 3))] == -15
    # mean 23.5 -> 24 (to even), deviation sqrt((48^2 - 1) / 12) = 13.85 -> 28; no Laplacian
    assert seen[0].tolist() == [24, 28, 0]


def test_contrast_does_not_change_the_descriptor():
    some = faces(10)
    plain, _ = reference.describe(some)
    flat, _ = reference.describe((some // 2 * 2 // 2 + 50).astype(np.uint8))
    coarse, _ = reference.describe((some // 2 * 2).astype(np.uint8))
    assert np.array_equal(flat, coarse)
    assert np.abs(plain.astype(int) - coarse).max() <= 2


def test_the_shipped_reference_has_the_published_counts():
    known = reference.load()
    counts = [np.bincount(known.labels[known.split == part]).tolist() for part in range(3)]
    assert counts == [  # class counts as published with the challenge
        [3995, 436, 4097, 7215, 4830, 3171, 4965],
        [467, 56, 496, 895, 653, 415, 607],
        [491, 55, 528, 879, 594, 416, 626],
    ]
    assert (np.diff(known.split.astype(int)) >= 0).all()  # as in the csv, part after part
    assert known.row_known.sum() == 35394  # FER+ leaves 493 out as no faces
    assert known.descriptor.shape == (35887, 12) and known.photometry.shape == (35887, 3)


# --- the real images ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real() -> Faces:
    from ferbook.data.store import open_faces

    return open_faces("fer2013")


@pytest.mark.realdata
def test_the_registered_copy_is_whole(real):
    assert real.judgement["verdict"] in ("genuine", "recompressed")
    assert real.judgement["ways"] == [] and real.judgement["distinct"] == 34034


@pytest.mark.realdata
def test_a_small_part_of_it_is_known_again(real):
    blank = np.flatnonzero(real.images.std((1, 2)) < 1)[:2]
    few = real.take(np.r_[blank, np.random.default_rng(0).choice(len(real), 18, replace=False)])
    judged = judge(few, genuine.LEAST).judgement
    assert len(blank) == 2 and not [way for way in judged["ways"] if "images lost" not in way]


@pytest.mark.realdata
def test_the_facts_about_duplicates(real):
    group = duplicate_groups(real.images)
    size = np.bincount(group)
    assert (len(size), (size > 1).sum(), size[size > 1].sum()) == (34034, 1516, 3369)

    def spread(values: np.ndarray) -> np.ndarray:
        pairs = np.unique(np.stack([group, values], 1), axis=0)
        return np.bincount(pairs[:, 0])

    assert (spread(real.split) > 1).sum() == 557
    assert (spread(real.labels) > 1).sum() == 57
    private, train = (group[real.split == SPLITS.index(part)] for part in ("private", "train"))
    assert np.isin(private, train).sum() == 288


REAL_LOOKS = {
    "as it is": (lambda image: image, []),
    "JPEG 75": (lambda image: through_jpeg(image, 75), []),
    "equalised": (cv2.equalizeHist, ["histogram-equalised"]),
    "blurred": (lambda image: cv2.GaussianBlur(image, (3, 3), 0), ["blurred or resized"]),
}


@pytest.mark.realdata
@pytest.mark.parametrize("look", REAL_LOOKS)
def test_real_images_made_over(real, look):
    change, said = REAL_LOOKS[look]
    private = real.take(np.flatnonzero(real.split == SPLITS.index("private")))
    part = judge(each(private, change)).judgement["per_split"]["private"]
    assert part["look"] == said
    assert part["verdict"] == ("altered" if said else "recompressed")
    if look.startswith(("as", "JPEG", "eq")):
        assert part["ways"] == said  # not one image unknown


@pytest.mark.realdata
def test_real_images_without_a_trace_of_jpeg(real):
    # the lossless original is not to be had here: noise of its distance (squared error 3) stands in
    private = real.take(np.flatnonzero(real.split == SPLITS.index("private")))
    noise = np.random.default_rng(0).normal(0, 3**0.5, private.images.shape)
    images = np.clip(np.rint(private.images + noise), 0, 255).astype(np.uint8)
    part = judge(replace(private, images=images, judgement={})).judgement["per_split"]["private"]
    assert (part["verdict"], part["ways"]) == ("genuine", [])
