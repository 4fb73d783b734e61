"""What the paper reads from its saliency maps, as differences of shares of saliency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Claim:
    """The first network has more of its saliency in a region than the second, or less."""

    words: str  #: the paper's
    place: str  #: in the paper
    region: str
    emotion: str
    first: tuple[str, str]  #: variant, view
    second: tuple[str, str] | None  #: None: the region's area instead
    more: bool = True
    setting: str = ""  #: what is compared, in words
    gist: str = ""  #: the claim in few words of our own
    base: str = "picture"  #: of which share and area are parts: "picture", or "face" alone

    @property
    def limits(self) -> tuple[float, float]:
        return (0.0, np.inf) if self.more else (-np.inf, 0.0)


BROWS = "the model trained on MaskFer was able to capture the features in the eyebrows"
MOUTH = "PVGG is able to put more emphasis on the important features such as the mouth"
NOSE = "and less emphasis on less important features like the nose as compared to VGG16"
DISGUST = "the model was not able to emphasize the mouth enough"
LEVERAGE = "do not effectively leverage all the information present ... like the eyebrows"
LEARNT = "the network trained on masked faces puts more saliency on the brows of angry faces"
AREA = "VGG16 puts less saliency on the brows than an even spread would"
CLAIMS = (
    Claim(
        BROWS, "section 1", "brows", "angry", ("mvgg16", "masked"), ("vgg16", "plain"),
        setting="each on its own faces, as in the paper's Figure 1", gist=LEARNT,
    ),
    Claim(
        BROWS, "section 1", "brows", "angry", ("mvgg16", "masked"), ("vgg16", "masked"),
        setting="both on faces in masks", gist=LEARNT,
    ),
    Claim(
        BROWS, "section 1", "brows", "angry", ("mvgg16", "plain"), ("vgg16", "plain"),
        setting="both on faces as they are", gist=LEARNT,
    ),
    Claim(
        LEVERAGE, "section 1", "brows", "all", ("vgg16", "plain"), None, more=False,
        setting="read as: less than an even spread over the picture puts there", gist=AREA,
    ),
    Claim(
        LEVERAGE, "section 1", "brows", "all", ("vgg16", "plain"), None, more=False,
        setting="less than one over the face alone", gist=AREA, base="face",
    ),
    Claim(
        MOUTH, "section 5.2", "mouth", "fear", ("pvgg16", "plain"), ("vgg16", "plain"),
        gist="PVGG puts more saliency than VGG16 on the mouth of frightened faces",
    ),
    Claim(
        NOSE, "section 5.2", "nose", "fear", ("pvgg16", "plain"), ("vgg16", "plain"), more=False,
        gist="PVGG puts less than VGG16 on their nose",
    ),
    Claim(
        DISGUST, "section 5.2", "mouth", "disgust", ("pvgg16", "plain"), ("vgg16", "plain"),
        more=False, setting="read as: less than VGG16 does",
        gist="PVGG puts less than VGG16 on the mouth of disgusted faces",
    ),
)  # fmt: skip
