"""The body of a phantom: a frontal chest film drawn from a few numbers, the same at any size.

Coordinates are relative to the image: x in [0, 1] to the right, y in [0, 1] down. Intensities run
from 0 (black, air) to 1 (white, bone).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gazebench.spec import Box, Size

Field: TypeAlias = NDArray[np.floating[Any]]  # float32 where it is large

LUNG_Y = 0.44


class Ellipse(NamedTuple):
    """An ellipse in relative coordinates: centre and semi-axes."""

    x: float
    y: float
    rx: float
    ry: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Anatomy:
    """What varies between bodies.

    `shift` and `tilt` place the body; `lungs` are the right and the left one (the right is on the
    left of a film); `mediastinum` is the half width of the upper mediastinum.
    """

    shift: tuple[float, float]
    tilt: float
    lungs: tuple[Ellipse, Ellipse]
    heart: Ellipse
    mediastinum: float
    domes: tuple[float, float]
    rib_phase: float
    exposure: float
    contrast: float
    is_ap: bool

    @property
    def chest_box(self) -> Box:
        """The box around lungs and heart, relative, on the film."""
        right, left = self.lungs
        xmin = min(right.x - right.rx, self.heart.x - self.heart.rx) - 0.01
        xmax = max(left.x + left.rx, self.heart.x + self.heart.rx) + 0.01
        ymin = min(right.y - right.ry, left.y - left.ry) - 0.01
        ymax = max(self.domes) + 0.06
        (centre_x, _), (_, centre_y) = (
            self.on_film((xmin + xmax) / 2, 0.5),
            self.on_film(0.5, (ymin + ymax) / 2),
        )
        half_x, half_y = (xmax - xmin) / 2, (ymax - ymin) / 2
        return Box(centre_x - half_x, centre_y - half_y, centre_x + half_x, centre_y + half_y)

    def on_film(self, x: float, y: float) -> tuple[float, float]:
        """Return where a place of the upright body lies on the film, which is tilted."""
        across, down = x - 0.5, y - 0.5
        shrink = 1 + self.tilt**2
        return (
            0.5 + (across + self.tilt * down) / shrink,
            0.5 + (down - self.tilt * across) / shrink,
        )

    @property
    def hila(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Where the vessels leave the mediastinum, right and left."""
        right, left = self.lungs
        return (right.x + 0.55 * right.rx, LUNG_Y + 0.02), (left.x - 0.5 * left.rx, LUNG_Y)


def draw_anatomy(rng: np.random.Generator) -> Anatomy:
    """Draw a body."""
    dx, dy = rng.normal(0, 0.012, 2)
    width, height = rng.uniform(0.145, 0.175), rng.uniform(0.30, 0.34)
    right = Ellipse(0.5 - width - 0.05 + dx, LUNG_Y + dy, width, height)
    left = Ellipse(0.5 + width + 0.05 + dx, LUNG_Y + dy, width * 0.95, height)
    is_ap = bool(rng.random() < 0.55)
    heart = rng.uniform(0.115, 0.135) * (1.08 if is_ap else 1.0)
    return Anatomy(
        shift=(float(dx), float(dy)),
        tilt=float(rng.normal(0, 0.02)),
        lungs=(right, left),
        heart=Ellipse(0.55 + dx, 0.615 + dy, heart, heart * 0.95),
        mediastinum=float(rng.uniform(0.040, 0.050)),
        domes=(float(rng.uniform(0.66, 0.70) + dy), float(rng.uniform(0.68, 0.72) + dy)),
        rib_phase=float(rng.uniform(0, 1)),
        exposure=float(rng.normal(0, 0.03)),
        contrast=float(rng.uniform(0.9, 1.1)),
        is_ap=is_ap,
    )


class Plane:
    """Pixels of a film in relative coordinates, tilted with the body: all rows, or a band."""

    def __init__(self, size: Size, tilt: float, band: slice = slice(None)) -> None:
        rows = (np.arange(size.height, dtype=np.float32) + 0.5) / np.float32(size.height)
        columns = (np.arange(size.width, dtype=np.float32) + 0.5) / np.float32(size.width)
        down = rows[band, None]
        self.band = band
        self.x = columns[None, :] - np.float32(tilt) * (down - 0.5)
        self.y = down + np.float32(tilt) * (columns[None, :] - 0.5)

    def inside(self, ellipse: Ellipse, softness: float, power: float = 2.0) -> Field:
        """Return 1 inside a (super)ellipse, 0 outside, with a soft edge."""
        distance = np.abs((self.x - ellipse.x) / ellipse.rx) ** power
        distance += np.abs((self.y - ellipse.y) / ellipse.ry) ** power
        return soft_step(1 - distance, softness)

    def blob(self, ellipse: Ellipse, angle: float = 0.0) -> Field:
        """Return a Gaussian bump whose standard deviations are half the semi-axes."""
        dx, dy = self.x - ellipse.x, self.y - ellipse.y
        along = (np.cos(angle) * dx + np.sin(angle) * dy) / (ellipse.rx / 2)
        across = (np.cos(angle) * dy - np.sin(angle) * dx) / (ellipse.ry / 2)
        bump: Field = np.exp(np.float32(-0.5) * (along**2 + across**2))
        return bump.astype(np.float32)


def soft_step(distance: Field, softness: float) -> Field:
    """Return a smooth step from 0 to 1 around distance 0."""
    scaled = np.clip(distance / np.float32(softness), -8, 8)
    step: Field = 1 / (1 + np.exp(-scaled))
    return step.astype(np.float32)


class Texture:
    """Smooth noise of zero mean and unit variance, `cells` bumps a side at any size."""

    def __init__(self, rng: np.random.Generator, size: Size, cells: int) -> None:
        noise = ndimage.gaussian_filter(rng.standard_normal((cells, cells), dtype=np.float32), 1.0)
        noise /= noise.std()
        self._rows = np.linspace(0, cells - 1, size.height, dtype=np.float32)
        columns = np.linspace(0, cells - 1, size.width, dtype=np.float32)
        left = columns.astype(int)
        right = np.minimum(left + 1, cells - 1)
        self._across = noise[:, left] + (columns - left) * (noise[:, right] - noise[:, left])

    def on(self, plane: Plane) -> Field:
        """Return the noise at the pixels of a plane."""
        rows = self._rows[plane.band]
        top = rows.astype(int)
        bottom = np.minimum(top + 1, len(self._across) - 1)
        above, below = self._across[top], self._across[bottom]
        lerped: Field = above + (rows - top)[:, None] * (below - above)
        return lerped


class Textures(NamedTuple):
    """The textures of one film, in the order in which they are drawn."""

    vessels: Texture
    coarse: Texture
    fine: Texture
    haze: Texture


def draw_textures(rng: np.random.Generator, size: Size) -> Textures:
    """Draw the textures of one film."""
    return Textures(*(Texture(rng, size, cells) for cells in (110, 70, 240, 90)))


def draw_body(anatomy: Anatomy, plane: Plane, textures: Textures) -> tuple[Field, Field]:
    """Return the film without findings and the share of every pixel that is aerated lung."""
    below, central = _below_diaphragm(anatomy, plane), _central(anatomy, plane)
    right, left = (plane.inside(lung, 0.10, 2.5) for lung in anatomy.lungs)
    lungs = (right + left) * ((1 - below) * (1 - central))
    airway = plane.inside(Ellipse(0.5 + anatomy.shift[0], 0.13, 0.017, 0.24), 0.3)
    film = 0.04 + 0.50 * plane.inside(Ellipse(0.5, 0.62, 0.49, 0.60), 0.05, 3.0)
    film += 0.12 * plane.inside(Ellipse(0.5, 0.08, 0.16, 0.25), 0.3)
    film -= 0.36 * lungs
    film += 0.13 * below
    heart = 0.27 * plane.inside(anatomy.heart, 0.12)
    film += np.maximum(0.20 * (central - 0.6 * airway), heart)
    film += _bones(anatomy, plane)
    film += lungs * _vessels(anatomy, plane, textures.vessels)
    film += 0.012 * textures.coarse.on(plane) + 0.010 * textures.fine.on(plane)
    film = 0.5 + anatomy.contrast * (film - 0.5) + anatomy.exposure
    return film.astype(np.float32), lungs


def _below_diaphragm(anatomy: Anatomy, plane: Plane) -> Field:
    level = np.where(
        plane.x < 0.5,
        anatomy.domes[0] + 2.6 * (plane.x - anatomy.lungs[0].x) ** 2,
        anatomy.domes[1] + 2.6 * (plane.x - anatomy.lungs[1].x) ** 2,
    ).astype(np.float32)
    return soft_step(plane.y - level, 0.007)


def _central(anatomy: Anatomy, plane: Plane) -> Field:
    """Return the band of the mediastinum: no lung is seen there."""
    distance = anatomy.mediastinum + 0.02 * plane.y - np.abs(plane.x - 0.5 - anatomy.shift[0])
    return soft_step(distance, 0.012)


def _bones(anatomy: Anatomy, plane: Plane) -> Field:
    centre = 0.5 + anatomy.shift[0]
    lateral = np.abs(plane.x - centre)
    # Ribs fall away from the spine; the posterior ones cross them more flatly.
    front = np.cos(2 * np.pi * (12 * (plane.y - 1.1 * lateral**1.5) + anatomy.rib_phase))
    cage = plane.inside(Ellipse(centre, LUNG_Y + 0.03, 0.36, 0.36), 0.1, 3.0)
    ribs = 0.045 * np.clip(front, 0.1, 1) * cage * soft_step(lateral - 0.06, 0.01)
    spine = 0.05 * soft_step(0.025 - lateral, 0.006)
    spine = spine * (1 + 0.3 * np.cos(2 * np.pi * 14 * plane.y))
    collar = 0.13 * np.exp(-(((plane.y - 0.175 + 0.16 * lateral) / 0.011) ** 2))
    collar = collar * soft_step(lateral - 0.05, 0.01) * soft_step(0.33 - lateral, 0.02)
    return (ribs + spine + collar).astype(np.float32)


def _vessels(anatomy: Anatomy, plane: Plane, pattern: Texture) -> Field:
    strands = np.maximum(pattern.on(plane), 0) * 0.035
    hila = np.zeros_like(strands)
    for x, y in anatomy.hila:
        hila += plane.blob(Ellipse(x, y, 0.07, 0.13))
    return (strands * (0.4 + 1.6 * hila) + 0.09 * hila).astype(np.float32)
