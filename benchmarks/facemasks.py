"""`facemasks.wear` beside what mask tools do with a face whose landmarks are known.

Two other sides, neither of which is asked to find the face. One does the steps of MaskTheFace's
`mask_face`, which for each face reads its settings and its template from disk, fits a homography
through six points, warps, brings brightness and saturation to those of the face, blends. The other
is the least that such a tool could do: the template stays in memory, only brightness is fitted.
"""

from __future__ import annotations

import tempfile
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.limits import additions
from benchmarks.side_by_side import in_turns, row
from ferbook.data.synthetic import draw
from ferbook.study.demo import one_thread
from ferbook.vision.facemask_fit import FINE, STEP
from ferbook.vision.facemask_light import REACH
from ferbook.vision.facemask_shapes import AVERAGE
from ferbook.vision.facemasks import wear
from ferbook.vision.picture_quality import blur

Images = NDArray[np.uint8]
FACES, DIFFERENT = 560, 140
BY_TOOL = 70  #: faces that the slowest side is given
HEIGHT, WIDTH = 300, 400
#: about the size of the tool's surgical template: the places in its masks.cfg reach to 600, 470
TOOL_HEIGHT, TOOL_WIDTH = 490, 620
#: upper ends, corners of the jaw, chin, bridge of the nose; and where they lie on the template
PINS = [2, 5, 8, 11, 14, 28]
PLACES = np.array([[0, 70], [70, 230], [200, 299], [330, 230], [399, 70], [200, 0]], np.float32)


def rows(device: str) -> list[dict[str, Any]]:
    drawn = draw(DIFFERENT)
    assert drawn.landmarks is not None
    order = np.arange(FACES)
    images, landmarks = drawn.images[order % DIFFERENT], drawn.landmarks[order % DIFFERENT]
    mask = template()
    ours = {"ours": lambda: wear(images, landmarks, order)}
    few = slice(BY_TOOL)
    with tempfile.TemporaryDirectory() as folder:
        settings = installed(Path(folder), mask)
        by_tool = {"theirs": lambda: tool(images[few], landmarks[few], settings)}
        beside_tool = in_turns(ours | by_tool, 5)
    with one_thread():
        rate = additions(device).each
        limit = operations(images, landmarks, wear(images, landmarks, order)) / rate
    bound = {"limit": limit, "bound": "additions, products, one core"}
    beside_warp = in_turns(ours | {"theirs": lambda: warped(images, landmarks, mask)}, 5)
    against = {
        "facemasks-tool": ("MaskTheFace's steps", beside_tool, BY_TOOL),
        "facemasks": ("a warped template, face by face", beside_warp, FACES),
    }
    return [
        row(name, "face masks", title, taken, {"ours": FACES, "theirs": count}, "face", 10, **bound)
        for name, (title, taken, count) in against.items()
    ]


def operations(images: Images, landmarks: NDArray[np.float32], worn: Images) -> float:
    """Additions and products that a mask takes, mean over faces, counted as if each pixel that it
    changes were known beforehand; a logarithm, a power or a random number counts as one.

    They outweigh the bytes: a picture is read and written once, 2 x 48 x 48 of them.
    """
    height, width = images.shape[1:]
    pixels, changed = height * width, float((worn != images).sum() / len(images))
    anchors, layers = len(AVERAGE), 4
    unknowns = anchors + 3
    places = (height / STEP + 2) * (width / STEP + 2)
    soft = 4 * float(blur(images).mean())  # OpenCV's Gaussians reach that far from their middle
    steps = {
        "solve": 2 / 3 * unknowns**3 + 2 * 2 * unknowns**2,  # for x and for y
        "bend": places * anchors * 7,  # a distance, r^2 log r, a product and a sum for x and for y
        "sample": changed
        * layers
        * FINE**2
        * (4 + 3 + 1),  # products and sums of four texels; mean
        "soften": changed
        * layers
        * 2
        * (3 * soft + 1),  # by symmetry 2 sums, 1 product for two taps
        "light": (pixels + changed) * 2 * (3 * 4 * REACH + 1),  # of skin and of its grey
        "picture": pixels * (2 * 1 + 2 * 3 + 6 + 5),  # slopes, bends, noise; five values ranked
        "compose": changed * 14,  # two powers, folds, noise, shadow, the blend
    }
    return sum(steps.values())


def installed(folder: Path, mask: Images) -> Path:
    """The template as a PNG, and a file of settings that names it and its six places."""
    cv2.imwrite(str(folder / "mask.png"), cv2.resize(mask, (TOOL_WIDTH, TOOL_HEIGHT)))
    parser = ConfigParser()
    scaled = PLACES * (TOOL_WIDTH / WIDTH, TOOL_HEIGHT / HEIGHT)
    places = {f"place{i}": f"{x}, {y}" for i, (x, y) in enumerate(scaled)}
    parser["surgical"] = {"template": str(folder / "mask.png"), **places}
    with (folder / "masks.cfg").open("w") as stream:
        parser.write(stream)
    return folder / "masks.cfg"


def tool(images: Images, landmarks: NDArray[np.float32], settings: Path) -> Images:
    worn = np.empty_like(images)
    for i, (image, points) in enumerate(zip(images, landmarks, strict=True)):
        face = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
        parser = ConfigParser()
        parser.read(settings)
        own = parser["surgical"]
        places = np.array([own[f"place{i}"].split(",") for i in range(6)], np.float32)
        mask = cv2.imread(own["template"], cv2.IMREAD_UNCHANGED)
        homography, _ = cv2.findHomography(places, points[PINS])
        fitted = cv2.warpPerspective(mask, homography, image.shape[::-1])
        colours = fitted[..., :3]
        for channel, sign in ((2, 1), (1, -1)):  # brightness, then saturation
            means = [
                cv2.cvtColor(one[..., :3], cv2.COLOR_BGR2HSV)[..., 2].mean() for one in (face, mask)
            ]
            factor = 1 + sign * (means[0] - means[1]) / 255
            hsv = cv2.cvtColor(colours, cv2.COLOR_BGR2HSV)
            hsv[..., channel] = np.minimum(hsv[..., channel] * factor, 255).astype(np.uint8)
            colours = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)
        alpha = np.ascontiguousarray(fitted[..., 3])
        bare = cv2.bitwise_and(face, face, mask=cv2.bitwise_not(alpha))
        blended = cv2.add(bare, cv2.bitwise_and(colours, colours, mask=alpha))
        worn[i] = cv2.cvtColor(blended, cv2.COLOR_BGR2GRAY)
    return worn


def template() -> Images:
    """(HEIGHT, WIDTH, 4): grey with pleats, and opaque inside the polygon of its pins."""
    mask = np.full((HEIGHT, WIDTH, 4), 190, np.uint8)
    mask[::60, :, :3] = 140
    mask[..., 3] = cv2.fillPoly(np.zeros((HEIGHT, WIDTH), np.uint8), [PLACES.astype(int)], 255)
    return mask


def warped(images: Images, landmarks: NDArray[np.float32], mask: Images) -> Images:
    worn = np.empty_like(images)
    for i, (image, points) in enumerate(zip(images, landmarks, strict=True)):
        face = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
        homography, _ = cv2.findHomography(PLACES, points[PINS])
        fitted = cv2.warpPerspective(mask, homography, image.shape[::-1])
        alpha = fitted[..., 3:] / 255.0
        colours = cv2.cvtColor(fitted[..., :3], cv2.COLOR_BGR2HSV).astype(np.float32)
        colours[..., 2] *= face.mean() / max(colours[..., 2].mean(), 1)
        bright = cv2.cvtColor(np.clip(colours, 0, 255).astype(np.uint8), cv2.COLOR_HSV2BGR)
        blended = (face * (1 - alpha) + bright * alpha).astype(np.uint8)
        worn[i] = cv2.cvtColor(blended, cv2.COLOR_BGR2GRAY)
    return worn
