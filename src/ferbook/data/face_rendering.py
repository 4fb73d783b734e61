"""A drawn face in its scene: head, hair, neck, background, light and camera."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from ferbook.data import face_features as features
from ferbook.data import face_geometry as geometry
from ferbook.data import face_relief as relief
from ferbook.data.face_features import Grey, Layer
from ferbook.data.face_geometry import Expression, Identity, Points, Pose


@dataclass(frozen=True)
class Light:
    azimuth: float = 0.0  #: degrees to the image's right
    elevation: float = 25.0  #: degrees above the camera
    ambient: float = 0.45  #: share of the light that comes from everywhere
    gain: float = 1.15
    gamma: float = 1.0  #: above 1 darkens the middle greys


@dataclass(frozen=True)
class Camera:
    blur: float = 0.3  #: standard deviation in 1/48 of the frame
    noise: float = 0.0  #: standard deviation in grey levels
    background: float = 0.5  #: grey behind the head, 0 to 1
    clutter: float = 0.0  #: unevenness of the background, 0 to 1
    seed: int = 0  #: of everything random in one picture: noise, background, texture


@dataclass(frozen=True)
class Face:
    """Everything that decides one picture."""

    identity: Identity = field(default_factory=Identity)
    expression: Expression = field(default_factory=Expression)
    pose: Pose = field(default_factory=Pose)
    light: Light = field(default_factory=Light)
    camera: Camera = field(default_factory=Camera)


def _spots(*spots: tuple[float, ...], z: float = -4.0) -> Points:
    """(N, 3) points of the average head; `z` where only (x, y) is given."""
    return np.array([(*spot, z)[:3] for spot in spots], float)


def _ring(x: float, y: float, wide: float, high: float, z: float) -> Points:
    return np.column_stack([x + wide * _COS, y - high * _SIN, np.full(25, z)])


def _cranium(off: float) -> Points:
    """From the image-right ear over the crown to the other, `off` units outside the skull."""
    x, y = (16.8 + off) * np.cos(_ARC), -0.2 - (20.0 + off) * np.sin(_ARC)
    return np.column_stack([x, y, np.full(25, -4.0)])


def _outer(style: str, off: float) -> Points:
    if style != "long":
        return _cranium(off)
    right, left = _spots((19.5, 26), (20.5, 8)), _spots((-20.5, 8), (-19.5, 26))
    return np.concatenate([right, _cranium(off)[1:-1], left])


_ARC = np.linspace(0, np.pi, 25)
_COS, _SIN = np.cos(2 * _ARC), np.sin(2 * _ARC)
# Image-left half of the hairline, from the ear to the midline, and how far the hair stands off.
_HALF_LINES: dict[str, tuple[list[tuple[float, float]], float]] = {
    "short": ([(-17.2, 0.5), (-15.8, -6.5), (-13.2, -9.8), (-7.5, -11.4), (0, -11.8)], 1.6),
    "fringe": ([(-17.4, 3), (-15.2, -5.0), (-11.5, -8.0), (-5.5, -9.6), (0, -9.2)], 2.2),
    "receding": ([(-17.2, -1), (-16, -7), (-13, -14), (-7, -14.5), (0, -13.6)], 0.6),
    "curly": ([(-17, 2.5), (-15.2, -5.5), (-12.8, -9.6), (-7, -11), (0, -11.6)], 4.2),
    "long": ([(-15.2, 22), (-16.4, 8), (-14.6, -4), (-10.5, -10.5), (-1, -16)], 2.6),
}
HAIRSTYLES = ("bald", *_HALF_LINES)
_HAIRLINES = {
    style: (_spots(*half, *((-x, y) for x, y in half[::-1] if x)), _outer(style, off))
    for style, (half, off) in _HALF_LINES.items()
}
_SKULL = _cranium(0.0)[1:-1]
_BACK_HAIR = np.concatenate([_cranium(2.6), _spots((-21, 10), (-20, 34), (20, 34), (21, 10))])
_NECK = _spots((-11, 14), (-11.5, 40), (11.5, 40), (11, 14))
_NECK_LIT = _spots((-6, 14), (-7, 40), (7, 40), (6, 14))
_CLOTHES = _spots(
    (-30, 40), (-12, 33), (-6, 37), (6, 37), (12, 33), (30, 40), (30, 70), (-30, 70)
)  # fmt: skip
_EARS = [_ring(side * 17.3, 3.2, 1.7, 4.6, -8) for side in (-1, 1)]
_LENS = _ring(0, 0.7, 4.6, 3.5, 3)
_FINE = 2  # a picture is painted at twice its size


class _Stage:
    """The canvas of one face: how large it is, and where points of the average head come to lie."""

    def __init__(self, face: Face, size: int) -> None:
        self.face, self.who, self.size, self.canvas = face, face.identity, size, _FINE * size
        self.unit = face.pose.scale * self.canvas / 48
        self.random = np.random.default_rng(face.camera.seed)
        self._turn = face.pose.rotation().T[:, :2] * self.unit
        middle = geometry.project(geometry.PIVOT[None], face.pose, self.canvas)
        self._offset = middle - geometry.PIVOT @ self._turn

    def place(self, spots: Points) -> Points:
        """(N, 3) on the average head to (N, 2) pixels of the canvas."""
        return np.asarray(geometry.stretched(spots, self.who) @ self._turn + self._offset)

    def layer(self, level: int) -> Layer:
        return np.full((self.canvas, self.canvas), level, np.uint8)

    def spread(self, rows: int, columns: int, deviation: float, shape: tuple[int, int]) -> Grey:
        """Normal noise on a coarse grid, interpolated to `shape`."""
        coarse = self.random.standard_normal((rows, columns)) * deviation
        fine = cv2.resize(coarse.astype(np.float32), shape[::-1], interpolation=cv2.INTER_CUBIC)
        return np.asarray(fine, np.float32)


def render_face(face: Face, size: int = 48) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """One face as a (size, size) image and its 68 landmarks as (x, y) in pixels."""
    stage, who, how = _Stage(face, size), face.identity, face.expression
    landmarks = geometry.project(geometry.expressed(who, how), face.pose, size)
    points = (landmarks + 0.5) * _FINE - 0.5
    towards = _towards(face.light) @ face.pose.rotation()
    lit = relief.lit_skin(who, how, towards, face.light.ambient)
    lit = lit * (1 + stage.spread(14, 11, 0.08 * who.mottling, lit.shape))
    light = relief.warp(lit, points, stage.place(relief.FOREHEAD), stage.canvas)
    head = features.paint(np.float32(who.skin) * light, light, points, who, how, stage.unit)
    scene = _behind(stage)
    outline = np.concatenate([points[:17], stage.place(_SKULL)])
    _lay(stage, scene, head, outline, 0.25)
    if who.hairstyle != "bald":
        strands = 1 + stage.spread(5, 26, 0.18 * who.mottling, light.shape)
        hair = who.hair * (0.55 + 0.6 * light) * np.maximum(strands, 0.2) + 0.02
        _lay(stage, scene, hair, _hair(stage), 0.45)
    if who.glasses > 0:
        scene *= _glasses(stage)
    return _photograph(stage, scene), landmarks.astype(np.float32)


def _towards(light: Light) -> Points:
    """Unit vector from the head to the light, in the camera's coordinates."""
    azimuth, elevation = np.deg2rad([light.azimuth, light.elevation])
    level = np.cos(elevation)
    return np.array([np.sin(azimuth) * level, -np.sin(elevation), np.cos(azimuth) * level])


def _behind(stage: _Stage) -> Grey:
    """Background, shoulders, hair behind the head, neck and ears."""
    who, camera, place = stage.who, stage.face.camera, stage.place
    clutter = stage.spread(5, 5, 0.25 * camera.clutter, (stage.canvas, stage.canvas))
    layer = np.clip(255 * (clutter + camera.background), 5, 250).astype(np.uint8)
    if who.hairstyle == "long":
        features.fill(layer, place(_BACK_HAIR), 150 * who.hair)
    shaded = 255 * who.skin * (0.42 + 0.3 * stage.face.light.ambient)
    features.fill(layer, place(_NECK), 0.85 * shaded)
    features.fill(layer, place(_NECK_LIT), 1.08 * shaded)
    features.fill(layer, place(_CLOTHES), stage.random.uniform(30, 220))
    for ear in _EARS:
        features.fill(layer, place(ear), 1.05 * shaded)
    return _softened(layer, stage.canvas / 100)


def _hair(stage: _Stage) -> Points:
    line, outer = _HAIRLINES[stage.who.hairstyle]
    edge = np.concatenate([line, outer])
    edge[: len(line), 1] += np.where(line[:, 1] < -8, stage.who.hairline, 0)
    loose = (2.2 if stage.who.hairstyle == "curly" else 1.1) * stage.who.mottling
    edge[:, 1] += loose * stage.random.standard_normal(len(edge))
    placed = stage.place(edge)
    return np.concatenate([features.smooth(placed[: len(line)]), placed[len(line) :]])


def _glasses(stage: _Stage) -> Grey:
    """What the rims leave of the light."""
    tint, apart, unit = stage.layer(255), 7.5 * stage.who.eye_distance, stage.unit
    dark = 255 * (1 - 0.85 * stage.who.glasses)
    bridge = _spots((4.6 - apart, -0.3, 3.5), (0, -0.9, 4.5), (apart - 4.6, -0.3, 3.5))
    rims = [bridge]
    for side in (-1, 1):
        temple = _spots((side * (apart + 4.5), -0.6, 2.5), (side * 16.8, -1.0, -8.0))
        rims += [_LENS + np.array([side * apart, 0, 0]), temple]
    for rim in rims:
        features.fill(tint, features.ribbon(stage.place(rim), 0.3 * unit, 0.3 * unit), dark)
    return _softened(tint, 0.2 * unit)


def _lay(stage: _Stage, scene: Grey, over: Grey, outline: Points, soft: float) -> None:
    """Put `over` on the scene inside the outline, whose edge is `soft` units wide."""
    mask = stage.layer(0)
    features.fill(mask, outline, 255)
    scene += (over - scene) * _softened(mask, soft * stage.unit)


def _softened(layer: Layer, blur: float) -> Grey:
    """The layer on a scale of 0 to 1, its edges blurred."""
    return np.asarray(cv2.GaussianBlur(layer, (0, 0), blur), np.float32) / np.float32(255)


def _photograph(stage: _Stage, scene: Grey) -> NDArray[np.uint8]:
    light, camera, size = stage.face.light, stage.face.camera, (stage.size, stage.size)
    blurred = cv2.GaussianBlur(scene, (0, 0), max(camera.blur * stage.canvas / 48, 0.3))
    small = cv2.resize(blurred, size, interpolation=cv2.INTER_AREA)
    grey = 255 * np.clip(small * light.gain, 0, 1) ** light.gamma
    if camera.noise > 0:
        grey = grey + camera.noise * stage.random.standard_normal(size)
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)
