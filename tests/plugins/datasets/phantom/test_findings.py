"""Findings show at the size that networks see, where their ellipses say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gazebench.spec import Size
from gazebench_plugins.datasets.phantom.anatomy import Ellipse, Plane, draw_anatomy
from gazebench_plugins.datasets.phantom.findings import (
    KINDS,
    Finding,
    chexpert_labels,
    draw_film,
    draw_findings,
    lesion_mask,
)

SIZE = Size(272, 224)  # what the paper's networks are given
DRAWS = 600
# A wide mediastinum is drawn down to the diaphragm; its ellipse is the upper part.
WITHIN_THEIR_ELLIPSES = sorted(set(KINDS) - {"wide_mediastinum", "device"})


def films_with(kind: str, count: int) -> list[tuple[Finding, np.ndarray, np.ndarray]]:
    """Return findings of a kind, each with its body's film without and with it alone."""
    found = []
    for index in range(DRAWS):
        rng = np.random.default_rng([3, index])
        anatomy = draw_anatomy(rng)
        for finding in draw_findings(anatomy, rng):
            if finding.kind == kind:
                without, with_it = (
                    draw_film(anatomy, shown, SIZE, np.random.default_rng(index)).astype(float)
                    for shown in ((), (finding,))
                )
                found.append((finding, without, with_it))
        if len(found) >= count:
            return found[:count]
    raise AssertionError(f"{kind} was drawn {len(found)} times in {DRAWS} films")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_changes_the_film_inside_its_ellipses(kind: str) -> None:
    for finding, without, with_it in films_with(kind, 6):
        change = np.abs(with_it - without)[lesion_mask((finding,), SIZE)]

        assert change.mean() > 10  # of 255; the grain alone is 3


@pytest.mark.parametrize("kind", WITHIN_THEIR_ELLIPSES)
def test_what_changes_lies_mostly_inside_the_ellipses(kind: str) -> None:
    shares = []
    for finding, without, with_it in films_with(kind, 6):
        change = np.abs(with_it - without)
        shares.append(change[lesion_mask((finding,), SIZE)].sum() / change.sum())

    assert np.mean(shares) > 0.5


def test_a_third_of_films_is_normal_and_no_kind_is_rare() -> None:
    counts = dict.fromkeys(KINDS, 0)
    normal = 0
    for index in range(DRAWS):
        rng = np.random.default_rng([4, index])
        findings = draw_findings(draw_anatomy(rng), rng)
        normal += not findings
        assert len(findings) <= 3
        for finding in findings:
            counts[finding.kind] += 1

    assert 0.28 < normal / DRAWS < 0.39
    assert min(counts.values()) > 0.07 * DRAWS


def test_a_mask_is_the_inside_of_the_ellipses() -> None:
    findings = tuple(
        finding for kind in ("edema", "lesion") for finding, _, _ in films_with(kind, 1)
    )

    mask = lesion_mask(findings, Size(60, 50))

    for row, column in np.ndindex(60, 50):
        x, y = (column + 0.5) / 50, (row + 0.5) / 60
        inside = [
            ((x - e.x) / e.rx) ** 2 + ((y - e.y) / e.ry) ** 2 for f in findings for e in f.ellipses
        ]
        assert mask[row, column] == (min(inside) < 1) or abs(min(inside) - 1) < 1e-4


@pytest.mark.parametrize(
    ("kinds", "labels"),
    [
        ((), {"No Finding"}),
        (("device",), {"Support Devices"}),
        (("lesion",), {"Lung Lesion", "Lung Opacity"}),
        (("edema", "effusion"), {"Edema", "Pleural Effusion", "Lung Opacity"}),
        (("cardiomegaly", "pneumothorax"), {"Cardiomegaly", "Pneumothorax"}),
        (("wide_mediastinum", "fracture"), {"Enlarged Cardiomediastinum", "Fracture"}),
    ],
)
def test_labels_follow_from_findings(kinds: tuple[str, ...], labels: set[str]) -> None:
    findings = tuple(Finding(kind=kind, ellipses=(), conspicuity=1.0) for kind in kinds)

    assert chexpert_labels(findings) == labels


def test_truth_follows_the_tilt_of_the_film() -> None:
    """A place of the upright body, put on the film, is drawn where it is said to lie."""
    anatomy = replace(draw_anatomy(np.random.default_rng(0)), tilt=0.2)
    x, y = anatomy.on_film(0.3, 0.7)
    bump = Plane(Size(400, 400), anatomy.tilt).blob(Ellipse(0.3, 0.7, 0.02, 0.02))

    row, column = np.unravel_index(bump.argmax(), bump.shape)

    assert abs(row + 0.5 - 400 * y) <= 1
    assert abs(column + 0.5 - 400 * x) <= 1
