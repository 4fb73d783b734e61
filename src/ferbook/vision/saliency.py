"""Where a network looks (Qiu, figures 1 and 6), and whether such a map means anything.

Maps are captum's, of the logit f_c of a class c:

    gradient     |df_c / dx|                                            Simonyan et al. 2014
    smoothgrad   |mean of df_c / dx at x + noise|, over several noises  Smilkov et al. 2017
    gradcam      ReLU(sum_k a_k A_k), A_k the channels of a layer,      Selvaraju et al. 2017
                 a_k the mean of df_c / dA_k over the layer's pixels

Deletion blurs pixels in order of saliency, insertion brings them back into the blurred image; the
probability of c should fall, or rise, faster than in random order (Petsiuk et al. 2018).
How much saliency lies in which part of a face is told by `ferbook.vision.regions`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ferbook.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor, nn

METHODS = ("gradient", "smoothgrad", "gradcam")
CURVES = ("deletion", "insertion")
FILLS = ("blur", "mean")

NOISE = 0.6  #: standard deviation of SmoothGrad's noise: 15 % of the input's range, -2 to 2
BLUR = 1 / 8  #: width of the Gaussian of a blurred image, in sides of the image


# --- maps -------------------------------------------------------------------------------------


def maps(
    network: nn.Module,
    images: Tensor,
    target: Tensor | None = None,
    method: str = "gradient",
    layer: nn.Module | None = None,
    samples: int = 16,
    seed: int = 0,
    noise: float = NOISE,
) -> Tensor:
    """Saliency (B, S, S) float32 of `images` (B, C, S, S) float; each map is >= 0 and sums to 1.

    A map without any saliency stays zero: Grad-CAM where everything in the layer speaks against
    the class. Of several channels the largest counts. The network is judged as in evaluation and
    left as it was.

    Parameters
    ----------
    target : (B,) integer, the classes c; None for the predicted ones
    method : one of METHODS
    layer : of Grad-CAM, a part of `network` with output (B, K, h, w), whose map is brought to
        S x S bilinearly; by default the last of `network.stages`
    samples, seed, noise : of SmoothGrad: how many noises, where they start, their standard
        deviation in units of the input. The same seed and batch give the same bits on one device.

    Raises
    ------
    InputError
        an unknown method, samples below 1, images with NaN, a class that is not there
    """
    import torch
    from captum.attr import LayerAttribution, LayerGradCam, NoiseTunnel, Saliency

    _expect("method", method, METHODS)
    if samples < 1 or not 0 <= noise < math.inf:
        raise InputError(f"SmoothGrad, samples={samples}, noise={noise}: samples >= 1, noise >= 0")
    with _evaluating(network):
        target = _classes(network, images, target)
        inputs = images.detach().requires_grad_()
        if method == "gradcam":
            cam = LayerGradCam(network, _layer(network, layer))
            coarse = cam.attribute(inputs, target, relu_attributions=True)
            found = LayerAttribution.interpolate(coarse, images.shape[2:], "bilinear")
        elif method == "gradient":
            found = Saliency(network).attribute(inputs, target)
        else:
            with torch.random.fork_rng([images.device] if images.is_cuda else []):
                torch.manual_seed(seed)
                found = NoiseTunnel(Saliency(network)).attribute(
                    inputs,
                    nt_samples=samples,
                    nt_samples_batch_size=1,  # no more memory than a batch takes
                    stdevs=float(noise),
                    target=target,
                    abs=False,  # signed gradients are averaged, so that noise cancels
                )
    found = found.detach().abs().amax(dim=1).double()
    total = found.sum(dim=(1, 2), keepdim=True)
    return (found / torch.where(total > 0, total, 1.0)).float()


def _layer(network: nn.Module, layer: nn.Module | None) -> nn.Module:
    if layer is None:
        stages: Any = getattr(network, "stages", None)
        if not stages:
            raise InputError("Grad-CAM: the network has no stages; name one of its layers")
        return stages[-1]
    if not any(layer is part for part in network.modules()):
        raise InputError("Grad-CAM: the layer is no part of the network")
    return layer


# --- deletion and insertion -------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Curve:
    """What a network says while pixels go, or come."""

    share: Tensor  #: (steps + 1,), of pixels deleted or inserted, 0 to 1
    probability: Tensor  #: (B, steps + 1), of the class

    @property
    def area(self) -> Tensor:
        """(B,) under the curve, by trapezoids: low is good for deletion, high for insertion."""
        import torch

        return torch.trapezoid(self.probability, self.share, dim=1)


def curve(
    network: nn.Module,
    images: Tensor,
    saliency: Tensor,
    target: Tensor | None = None,
    kind: str = "deletion",
    steps: int = 32,
    fill: str = "blur",
) -> Curve:
    """Probability of `target` while the pixels of `images` go or come in order of `saliency`.

    images (B, C, S, S) float, saliency (B, S, S), target (B,) or None for the classes predicted for
    the whole images; kind is one of CURVES. A deleted pixel takes its value in the blurred image
    (`fill` "blur") or the image's mean ("mean"); insertion starts from an image of these alone.
    Pixels of equal saliency follow in an order that has nothing to do with their place, the same
    for every image. One pass of the batch for each step.

    Raises
    ------
    InputError
        an unknown kind or fill, steps not in 1 to S * S, saliency of another shape or with
        NaN, and what `maps` raises for images and target
    """
    import torch

    _expect("curve", kind, CURVES)
    _expect("fill", fill, FILLS)
    pixels = images[0, 0].numel() if images.ndim == 4 and len(images) else 0
    with torch.no_grad(), _evaluating(network):
        target = _classes(network, images, target)
        if not 1 <= steps <= pixels:
            raise InputError(f"a curve of {steps} steps: expected 1 to {pixels}, its pixels")
        if saliency.shape != images[:, 0].shape or not saliency.isfinite().all():
            wanted = tuple(images[:, 0].shape)
            raise InputError(f"saliency {tuple(saliency.shape)}: expected {wanted}, no NaN")
        rank = _rank(saliency.to(images.device)).view_as(images[:, :1])
        empty = _blurred(images) if fill == "blur" else images.mean((2, 3), True).expand_as(images)
        before, after = (images, empty) if kind == "deletion" else (empty, images)
        counts = [round(step * pixels / steps) for step in range(steps + 1)]
        said = []
        for count in counts:
            logits = network(torch.where(rank < count, after, before)).float()
            said.append(logits.softmax(dim=1).gather(1, target[:, None]))
    share = torch.tensor(counts, device=images.device) / pixels
    return Curve(share, torch.cat(said, dim=1))


def random_curve(
    network: nn.Module,
    images: Tensor,
    target: Tensor | None = None,
    kind: str = "deletion",
    steps: int = 32,
    fill: str = "blur",
    seed: int = 0,
) -> Curve:
    """The control: the same curve with the pixels of each image in a random order of its own.

    Scattered pixels are an easy control. A harder one, as smooth and as central as the map itself,
    is the map of another face: `curve` with `saliency.roll(1, 0)`.
    """
    import torch

    generator = torch.Generator().manual_seed(seed)
    order = torch.rand(len(images), *images.shape[2:], generator=generator)
    return curve(network, images, order, target, kind, steps, fill)


def _rank(saliency: Tensor) -> Tensor:
    """(B, S, S) -> (B, S * S): 0 for the pixel of highest saliency, 1 for the next."""
    import torch

    values = saliency.flatten(1)
    mixed = torch.randperm(values.shape[1], generator=torch.Generator().manual_seed(0))
    mixed = mixed.to(values.device)
    order = mixed[values[:, mixed].argsort(dim=1, descending=True, stable=True)]
    return order.argsort(dim=1)


def _blurred(images: Tensor) -> Tensor:
    """A Gaussian mean over the pixels that are there: beyond the border there is nothing."""
    import torch

    place = torch.arange(images.shape[-1], dtype=images.dtype, device=images.device)
    distance = (place[:, None] - place) / (BLUR * len(place))
    weights = torch.softmax(-(distance**2) / 2, dim=1)
    return weights @ images @ weights.T


# --- what maps and curves share ---------------------------------------------------------------


def _expect(what: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise InputError(f"{what} {given!r}: expected one of {', '.join(known)}")


@contextmanager
def _evaluating(network: nn.Module) -> Iterator[None]:
    modes = [(part, part.training) for part in network.modules()]
    network.eval()
    try:
        yield
    finally:
        for part, training in modes:
            part.training = training


def _classes(network: nn.Module, images: Tensor, target: Tensor | None) -> Tensor:
    """(B,) the classes asked for, or those predicted; images and classes are checked."""
    import torch

    if images.ndim != 4 or not len(images) or images.shape[2] != images.shape[3]:
        raise InputError(f"images {tuple(images.shape)}: expected (B, C, S, S)")
    if not images.is_floating_point() or not images.isfinite().all():
        raise InputError("images: expected finite floating point numbers, no NaN")
    with torch.no_grad():
        logits = network(images)
    if not logits.isfinite().all():
        raise InputError("the network's logits are not finite")
    if target is None:
        return logits.argmax(dim=1)
    classes = logits.shape[1]
    if target.shape != images.shape[:1] or target.is_floating_point():
        raise InputError(f"target {tuple(target.shape)}: expected ({len(images)},) integers")
    if not ((target >= 0) & (target < classes)).all():
        raise InputError(f"target {target.tolist()}: expected classes 0 to {classes - 1}")
    return target.to(images.device, torch.int64)
