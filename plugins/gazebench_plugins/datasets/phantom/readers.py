"""Simulated readers: gaze drawn from a density that is known exactly.

A reading's attention is `reliability` times what all readers of the image share plus
`1 - reliability` times what is this reader's own. What they share is the findings, by conspicuity,
and a search pattern over the chest. All of it is a mixture of Gaussians, so that densities and the
inter-observer ceiling follow from a formula (`ceiling.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazebench.spec import Size
from gazebench_plugins.datasets.phantom.anatomy import Anatomy
from gazebench_plugins.datasets.phantom.findings import Finding

LESION_SHARE = 0.65  # of the shared attention, on a film with findings
OWN_SPOTS = 6  # places that one reader alone cares about
DEGREE = 110 / 3056  # one degree of visual angle over the image's height, at zoom 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mixture:
    """Gaussians in relative coordinates; `weight` [K] sums to 1, the others are [K]."""

    weight: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    sx: NDArray[np.float64]
    sy: NDArray[np.float64]

    def draw(self, count: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Return positions (x, y), [count, 2]."""
        chosen = rng.choice(len(self.weight), size=count, p=self.weight)
        noise = rng.standard_normal((count, 2))
        return np.column_stack(
            [
                self.x[chosen] + self.sx[chosen] * noise[:, 0],
                self.y[chosen] + self.sy[chosen] * noise[:, 1],
            ]
        )

    def density(self, size: Size, *, blur: float = 0.0) -> NDArray[np.float64]:
        """Return the density of positions at pixel centres, [H, W], per pixel.

        `blur` is the standard deviation, in heights of the image, of the Gaussian that each
        fixation is spread by.
        """
        blur_x = blur * size.height / size.width
        rows = _gaussians(size.height, self.y, np.hypot(self.sy, blur))
        columns = _gaussians(size.width, self.x, np.hypot(self.sx, blur_x))
        return (rows.T * self.weight) @ columns


def mix(parts: list[tuple[float, Mixture]]) -> Mixture:
    """Return the weighted mixture of mixtures; weights are normalised."""
    total = sum(share for share, _ in parts)
    return Mixture(
        weight=np.concatenate([share / total * part.weight for share, part in parts]),
        x=np.concatenate([part.x for _, part in parts]),
        y=np.concatenate([part.y for _, part in parts]),
        sx=np.concatenate([part.sx for _, part in parts]),
        sy=np.concatenate([part.sy for _, part in parts]),
    )


def shared_attention(anatomy: Anatomy, findings: tuple[Finding, ...]) -> Mixture:
    """Return what every reader attends to; `findings` lie where they lie on the film."""
    search = _search_pattern(anatomy)
    spots = [(f.conspicuity, e) for f in findings for e in f.ellipses]
    if not spots:
        return search
    lesions = Mixture(
        weight=np.array([c for c, _ in spots]) / sum(c for c, _ in spots),
        x=np.array([e.x for _, e in spots]),
        y=np.array([e.y for _, e in spots]),
        sx=np.array([max(e.rx, 0.02) * 0.45 for _, e in spots]),
        sy=np.array([max(e.ry, 0.02) * 0.45 for _, e in spots]),
    )
    return mix([(LESION_SHARE, lesions), (1 - LESION_SHARE, search)])


def own_attention(anatomy: Anatomy, rng: np.random.Generator) -> Mixture:
    """Draw what one reading attends to beyond what is shared."""
    box = anatomy.chest_box
    return Mixture(
        weight=rng.dirichlet(np.full(OWN_SPOTS, 2.0)),
        x=rng.uniform(box.xmin, box.xmax, OWN_SPOTS),
        y=rng.uniform(box.ymin, box.ymax, OWN_SPOTS),
        sx=np.full(OWN_SPOTS, 0.03),
        sy=np.full(OWN_SPOTS, 0.03),
    )


def reader_attention(shared: Mixture, own: Mixture, reliability: float) -> Mixture:
    """Return the attention of a reader of the given reliability, in [0, 1]."""
    return mix([(reliability, shared), (1 - reliability, own)])


def _search_pattern(anatomy: Anatomy) -> Mixture:
    right, left = anatomy.lungs
    heart = anatomy.heart
    spots = [
        (0.20, right.x, right.y, right.rx * 0.55, right.ry * 0.45),
        (0.20, left.x, left.y, left.rx * 0.55, left.ry * 0.45),
        *((0.09, x, y, 0.035, 0.05) for x, y in anatomy.hila),
        (0.12, heart.x, heart.y, heart.rx * 0.5, heart.ry * 0.5),
        (0.10, 0.5 + anatomy.shift[0], 0.28, 0.03, 0.08),
        (0.05, right.x, right.y - 0.75 * right.ry, 0.04, 0.03),
        (0.05, left.x, left.y - 0.75 * left.ry, 0.04, 0.03),
        (0.05, right.x - 0.5 * right.rx, anatomy.domes[0], 0.03, 0.025),
        (0.05, left.x + 0.5 * left.rx, anatomy.domes[1], 0.03, 0.025),
    ]
    weight, upright_x, upright_y, sx, sy = np.array(spots).T
    placed = [anatomy.on_film(*place) for place in zip(upright_x, upright_y, strict=True)]
    x, y = np.array(placed).T
    return Mixture(weight=weight / weight.sum(), x=x, y=y, sx=sx, sy=sy)


def _gaussians(
    count: int, centre: NDArray[np.float64], spread: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return normal densities at `count` pixel centres, per pixel, [K, count]."""
    position = (np.arange(count) + 0.5) / count
    scaled = (position - centre[:, None]) / spread[:, None]
    height = 1 / (np.sqrt(2 * np.pi) * spread[:, None] * count)
    density: NDArray[np.float64] = np.exp(-0.5 * scaled**2) * height
    return density
