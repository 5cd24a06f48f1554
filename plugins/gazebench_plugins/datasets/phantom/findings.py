"""What can be wrong in a phantom: drawn on the film, with its ellipses and its labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gazebench.spec import Size
from gazebench_plugins.datasets.phantom.anatomy import (
    Anatomy,
    Ellipse,
    Field,
    Plane,
    Textures,
    draw_body,
    draw_textures,
    soft_step,
)


class Scene(NamedTuple):
    """What findings are painted on: the pixels' places, the aerated lung, and a texture."""

    plane: Plane
    lungs: Field
    haze: Field


BAND_PIXELS = 2**17  # drawn at once: fits a processor's cache, and keeps large films small
NORMAL_SHARE = 1 / 3
COUNTS = {1: 0.4, 2: 0.4, 3: 0.2}  # findings of an abnormal film, and how often


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding of one film.

    `ellipses` is where it is, relative; `conspicuity` in (0, 1] how strongly it shows and draws
    the eye; `side` is 0 for the right lung, 1 for the left.
    """

    kind: str
    ellipses: tuple[Ellipse, ...]
    conspicuity: float
    side: int = 0
    angle: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """How a kind of finding is called: REFLACX phase 1, phases 2 and 3, CheXpert."""

    phase_1: str
    phase_2: str
    chexpert: str
    has_ellipse: bool = True


KINDS: Mapping[str, Labels] = {
    "cardiomegaly": Labels(
        phase_1="Enlarged cardiac silhouette",
        phase_2="Enlarged cardiac silhouette",
        chexpert="Cardiomegaly",
    ),
    "wide_mediastinum": Labels(
        phase_1="Wide mediastinum",
        phase_2="Abnormal mediastinal contour",
        chexpert="Enlarged Cardiomediastinum",
    ),
    "effusion": Labels(
        phase_1="Pleural effusion", phase_2="Pleural abnormality", chexpert="Pleural Effusion"
    ),
    "pneumothorax": Labels(phase_1="Pneumothorax", phase_2="Pneumothorax", chexpert="Pneumothorax"),
    "consolidation": Labels(
        phase_1="Consolidation", phase_2="Consolidation", chexpert="Consolidation"
    ),
    "lesion": Labels(phase_1="Nodule", phase_2="Lung nodule or mass", chexpert="Lung Lesion"),
    "edema": Labels(phase_1="Pulmonary edema", phase_2="Pulmonary edema", chexpert="Edema"),
    "atelectasis": Labels(phase_1="Atelectasis", phase_2="Atelectasis", chexpert="Atelectasis"),
    "fracture": Labels(phase_1="Fracture", phase_2="Acute fracture", chexpert="Fracture"),
    "device": Labels(
        phase_1="Support devices",
        phase_2="Support devices",
        chexpert="Support Devices",
        has_ellipse=False,
    ),
}
OPACITIES = frozenset({"consolidation", "lesion", "edema", "atelectasis"})


def draw_findings(anatomy: Anatomy, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Draw what is wrong with a body; one film in three has nothing."""
    if rng.random() < NORMAL_SHARE:
        return ()
    count = int(rng.choice(list(COUNTS), p=list(COUNTS.values())))
    kinds = rng.choice(list(KINDS), size=count, replace=False)
    return tuple(_PLACES[str(kind)](anatomy, rng) for kind in sorted(kinds))


def chexpert_labels(findings: tuple[Finding, ...]) -> frozenset[str]:
    """Return the CheXpert labels of a film."""
    labels = {KINDS[finding.kind].chexpert for finding in findings}
    if any(finding.kind in OPACITIES for finding in findings):
        labels.add("Lung Opacity")
    return frozenset(labels or {"No Finding"})


def draw_film(
    anatomy: Anatomy, findings: tuple[Finding, ...], size: Size, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Return the film, [H, W] grey."""
    deformed = _deformed(anatomy, findings)
    textures = draw_textures(rng, size)
    film = np.empty(size, dtype=np.uint8)
    rows = max(BAND_PIXELS // size.width, 1)
    for top in range(0, size.height, rows):
        plane = Plane(size, anatomy.tilt, slice(top, min(top + rows, size.height)))
        film[plane.band] = _draw_band(deformed, findings, plane, textures, rng)
    return film


def on_film(anatomy: Anatomy, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return findings of the upright body with their ellipses where they lie on the film."""
    return tuple(
        replace(
            finding,
            ellipses=tuple(
                Ellipse(*anatomy.on_film(e.x, e.y), e.rx, e.ry) for e in finding.ellipses
            ),
        )
        for finding in findings
    )


def lesion_mask(findings: tuple[Finding, ...], size: Size) -> NDArray[np.bool_]:
    """Return the pixels inside any ellipse of findings as they lie on the film, [H, W]."""
    plane = Plane(size, 0.0)
    mask = np.zeros(size, dtype=bool)
    for finding in findings:
        for ellipse in finding.ellipses:
            across = ((plane.x - ellipse.x) / ellipse.rx) ** 2
            mask |= across + ((plane.y - ellipse.y) / ellipse.ry) ** 2 < 1
    return mask


def _draw_band(
    anatomy: Anatomy,
    findings: tuple[Finding, ...],
    plane: Plane,
    textures: Textures,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    film, lungs = draw_body(anatomy, plane, textures)
    scene = Scene(plane, lungs, textures.haze.on(plane))
    for finding in findings:
        if finding.kind in _PAINT:
            film += _PAINT[finding.kind](finding, scene)
    # Grain is a pixel's own: the detector's, not the body's.
    film += np.float32(0.012) * rng.standard_normal(film.shape, dtype=np.float32)
    return (np.clip(film, 0, 1) * 255).round().astype(np.uint8)


def _deformed(anatomy: Anatomy, findings: tuple[Finding, ...]) -> Anatomy:
    for finding in findings:
        if finding.kind == "cardiomegaly":
            anatomy = replace(anatomy, heart=finding.ellipses[0])
        elif finding.kind == "wide_mediastinum":
            anatomy = replace(anatomy, mediastinum=finding.ellipses[0].rx * 0.9)
    return anatomy


# Where findings go.


def _conspicuity(rng: np.random.Generator) -> float:
    return float(rng.uniform(0.6, 1.0))


def _in_lung(
    anatomy: Anatomy, rng: np.random.Generator, radii: tuple[float, float]
) -> tuple[Ellipse, int]:
    side = int(rng.integers(2))
    lung = anatomy.lungs[side]
    angle, reach = rng.uniform(0, 2 * np.pi), np.sqrt(rng.uniform(0, 0.5))
    x = lung.x + reach * np.cos(angle) * lung.rx
    y = lung.y - 0.03 + reach * np.sin(angle) * lung.ry * 0.85
    return Ellipse(float(x), float(y), *radii), side


def _place_cardiomegaly(anatomy: Anatomy, rng: np.random.Generator) -> Finding:
    heart, grown = anatomy.heart, rng.uniform(1.4, 1.65)
    ellipse = Ellipse(heart.x + 0.01, heart.y - 0.01, heart.rx * grown, heart.ry * grown * 0.92)
    return Finding(kind="cardiomegaly", ellipses=(ellipse,), conspicuity=_conspicuity(rng))


def _place_wide_mediastinum(anatomy: Anatomy, rng: np.random.Generator) -> Finding:
    width = anatomy.mediastinum * rng.uniform(1.9, 2.4)
    ellipse = Ellipse(0.5 + anatomy.shift[0], 0.36, float(width), 0.22)
    return Finding(kind="wide_mediastinum", ellipses=(ellipse,), conspicuity=_conspicuity(rng))


def _place_effusion(anatomy: Anatomy, rng: np.random.Generator) -> Finding:
    side = int(rng.integers(2))
    lung, high = anatomy.lungs[side], rng.uniform(0.08, 0.13)
    outward = -1 if side == 0 else 1
    ellipse = Ellipse(
        lung.x + outward * 0.25 * lung.rx, anatomy.domes[side] - 0.35 * high, lung.rx * 0.8, high
    )
    return Finding(kind="effusion", ellipses=(ellipse,), conspicuity=_conspicuity(rng), side=side)


def _place_pneumothorax(anatomy: Anatomy, rng: np.random.Generator) -> Finding:
    side = int(rng.integers(2))
    lung = anatomy.lungs[side]
    outward = -1 if side == 0 else 1
    ellipse = Ellipse(
        lung.x + outward * 0.45 * lung.rx,
        lung.y - 0.52 * lung.ry,
        lung.rx * rng.uniform(0.5, 0.65),
        lung.ry * rng.uniform(0.35, 0.5),
    )
    return Finding(
        kind="pneumothorax", ellipses=(ellipse,), conspicuity=_conspicuity(rng), side=side
    )


def _place_consolidation(anatomy: Anatomy, rng: np.random.Generator) -> Finding:
    ellipse, side = _in_lung(anatomy, rng, tuple(rng.uniform(0.06, 0.10, 2).tolist()))
    return Finding(
        kind="consolidation", ellipses=(ellipse,), conspicuity=_conspicuity(rng), side=side
    )


def _place_lesion(anatomy: Anatomy, rng: np.random.Generator) -> Finding:
    radius = float(rng.uniform(0.028, 0.048))
    ellipse, side = _in_lung(anatomy, rng, (radius, radius * 0.88))
    return Finding(kind="lesion", ellipses=(ellipse,), conspicuity=_conspicuity(rng), side=side)


def _place_edema(anatomy: Anatomy, rng: np.random.Generator) -> Finding:
    spread = rng.uniform(0.09, 0.12)
    ellipses = tuple(Ellipse(x, y + 0.02, float(spread), float(spread)) for x, y in anatomy.hila)
    return Finding(kind="edema", ellipses=ellipses, conspicuity=_conspicuity(rng))


def _place_atelectasis(anatomy: Anatomy, rng: np.random.Generator) -> Finding:
    side = int(rng.integers(2))
    lung = anatomy.lungs[side]
    ellipse = Ellipse(
        lung.x + float(rng.normal(0, 0.015)),
        anatomy.domes[side] - float(rng.uniform(0.07, 0.16)),
        lung.rx * 0.75,
        0.03,
    )
    return Finding(
        kind="atelectasis",
        ellipses=(ellipse,),
        conspicuity=_conspicuity(rng),
        side=side,
        angle=float(rng.normal(0, 0.2)),
    )


def _place_fracture(anatomy: Anatomy, rng: np.random.Generator) -> Finding:
    side = int(rng.integers(2))
    lung = anatomy.lungs[side]
    outward = -1 if side == 0 else 1
    ellipse = Ellipse(
        lung.x + outward * lung.rx * 1.02, lung.y + float(rng.uniform(-0.14, 0.16)), 0.03, 0.03
    )
    return Finding(kind="fracture", ellipses=(ellipse,), conspicuity=_conspicuity(rng), side=side)


def _place_device(anatomy: Anatomy, rng: np.random.Generator) -> Finding:
    side = int(rng.integers(2))
    lung = anatomy.lungs[side]
    ellipse = Ellipse(lung.x, 0.245 + float(rng.normal(0, 0.01)), 0.045, 0.04)
    return Finding(kind="device", ellipses=(ellipse,), conspicuity=_conspicuity(rng), side=side)


_PLACES: Mapping[str, Callable[[Anatomy, np.random.Generator], Finding]] = {
    "cardiomegaly": _place_cardiomegaly,
    "wide_mediastinum": _place_wide_mediastinum,
    "effusion": _place_effusion,
    "pneumothorax": _place_pneumothorax,
    "consolidation": _place_consolidation,
    "lesion": _place_lesion,
    "edema": _place_edema,
    "atelectasis": _place_atelectasis,
    "fracture": _place_fracture,
    "device": _place_device,
}


# How findings look.


def _paint_effusion(finding: Finding, on: Scene) -> Field:
    ellipse = finding.ellipses[0]
    outward = -1 if finding.side == 0 else 1
    # The meniscus climbs towards the chest wall.
    level = ellipse.y - ellipse.ry * (0.45 + 0.5 * outward * (on.plane.x - ellipse.x) / ellipse.rx)
    own = soft_step(outward * (on.plane.x - 0.5), 0.01)
    return 0.40 * finding.conspicuity * on.lungs * own * soft_step(on.plane.y - level, 0.012)


def _paint_pneumothorax(finding: Finding, on: Scene) -> Field:
    ellipse = finding.ellipses[0]
    inside = on.plane.inside(ellipse, 0.12)
    edge = inside * (1 - inside) * 4
    return on.lungs * finding.conspicuity * (0.16 * edge - 0.17 * inside)


def _paint_consolidation(finding: Finding, on: Scene) -> Field:
    patch = on.plane.inside(finding.ellipses[0], 0.35) * (1 + 0.25 * on.haze)
    return 0.26 * finding.conspicuity * on.lungs * patch


def _paint_lesion(finding: Finding, on: Scene) -> Field:
    return 0.30 * finding.conspicuity * on.plane.inside(finding.ellipses[0], 0.15)


def _paint_edema(finding: Finding, on: Scene) -> Field:
    wings = sum(on.plane.blob(Ellipse(e.x, e.y, e.rx * 1.3, e.ry * 1.5)) for e in finding.ellipses)
    return 0.24 * finding.conspicuity * on.lungs * wings * (1 + 0.35 * on.haze)


def _paint_atelectasis(finding: Finding, on: Scene) -> Field:
    ellipse = finding.ellipses[0]
    plate = Ellipse(ellipse.x, ellipse.y, ellipse.rx * 1.3, 0.018)
    return 0.42 * finding.conspicuity * on.plane.blob(plate, finding.angle)


def _paint_fracture(finding: Finding, on: Scene) -> Field:
    ellipse = finding.ellipses[0]
    gap = on.plane.blob(Ellipse(ellipse.x, ellipse.y, 0.012, 0.045), 0.3)
    ends = on.plane.blob(Ellipse(ellipse.x, ellipse.y, 0.05, 0.03))
    return finding.conspicuity * (0.34 * ends - 0.55 * gap)


def _paint_device(finding: Finding, on: Scene) -> Field:
    ellipse = finding.ellipses[0]
    box = on.plane.inside(Ellipse(ellipse.x, ellipse.y, 0.036, 0.032), 0.1, 4.0)
    way = np.clip((on.plane.y - ellipse.y) / 0.35, 0, 1)
    lead = ellipse.x + (0.53 - ellipse.x) * np.sin(np.pi / 2 * way)
    on_lead = (on.plane.y > ellipse.y) & (on.plane.y < ellipse.y + 0.35)
    wire = np.exp(-(((on.plane.x - lead) / 0.005) ** 2)) * on_lead
    painted: Field = (0.45 * box + 0.30 * wire).astype(np.float32)
    return painted


_PAINT: Mapping[str, Callable[[Finding, Scene], Field]] = {
    "effusion": _paint_effusion,
    "pneumothorax": _paint_pneumothorax,
    "consolidation": _paint_consolidation,
    "lesion": _paint_lesion,
    "edema": _paint_edema,
    "atelectasis": _paint_atelectasis,
    "fracture": _paint_fracture,
    "device": _paint_device,
}
