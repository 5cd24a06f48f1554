"""Simulated readers and maps of known reliability, scored as the protocol scores real ones.

Every image has a pattern z of pixels and a strength s (how much it guides the eye). A reader sees
s z + noise, an entry offers f z + sqrt(1 - f^2) noise; each is correlated with the mean of the
other readers. A sixth reader has the same expected score as the ceiling, whatever the strengths.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from gazebench.leaderboard.pool import JointResamples, make_pool
from gazebench.spec.board import MetricColumn

PIXELS, READINGS = 24, 5
NCC = MetricColumn(name="ncc", title="NCC", higher_is_better=True, chance=0.0, version=1)
SIXTH = "sixth reader"


def scores_of(
    rng: np.random.Generator,
    images: int,
    fidelities: Mapping[str, float],
    *,
    images_per_patient: int = 1,
    spread: tuple[float, float] = (0.3, 0.3),
) -> dict[str, np.ndarray]:
    """Return entry -> scores [image, reading], with "ceiling" and, always, a sixth reader.

    `spread` is that of the log strength between patients and between images of a patient.
    """
    patients = -(-images // images_per_patient)
    shared = np.repeat(rng.normal(size=patients), images_per_patient)[:images]
    strength = np.exp(spread[0] * shared + spread[1] * rng.normal(size=images))
    pattern = rng.normal(size=(images, 1, PIXELS))
    seen = strength[:, None, None] * pattern
    densities = seen + rng.normal(size=(images, READINGS, PIXELS))
    others = (densities.sum(axis=1, keepdims=True) - densities) / (READINGS - 1)
    found = {"ceiling": _correlation(densities, others)}
    found[SIXTH] = _correlation(seen + rng.normal(size=seen.shape), others)
    for name, fidelity in fidelities.items():
        noise = np.sqrt(1 - fidelity**2) * rng.normal(size=pattern.shape)
        found[name] = _correlation(fidelity * pattern + noise, others)
    return found


def table_of_scores(scores: Mapping[str, np.ndarray], *, images_per_patient: int = 1) -> pa.Table:
    """Return scores [image, reading] as score rows; `images_per_patient` makes the clusters."""
    images, readings = next(iter(scores.values())).shape
    case, reading = (axis.ravel() for axis in np.indices((images, readings)))
    rows = images * readings
    case_names = np.char.mod("%05d", case)
    clusters = np.char.mod("p%05d", case // images_per_patient)  # of one image: as good as none
    return pa.table(
        {
            "case": np.tile(case_names, len(scores)),
            "reading": np.tile(np.char.mod("%d", reading), len(scores)),
            "entry": np.repeat(list(scores), rows),
            "kind": np.repeat(["ceiling" if n == "ceiling" else "entry" for n in scores], rows),
            "seed": np.zeros(rows * len(scores), np.int64),
            "metric": np.full(rows * len(scores), "ncc"),
            "value": np.concatenate([values.ravel() for values in scores.values()]),
            "status": np.full(rows * len(scores), "ok"),
            "reason": np.full(rows * len(scores), ""),
            "cluster": np.tile(clusters, len(scores)),
        }
    )


def resampled(
    scores: Mapping[str, np.ndarray],
    *,
    resamples: int = 1000,
    seed: int = 0,
    images_per_patient: int = 1,
) -> JointResamples:
    """Return the joint resamples of one simulated study."""
    pool = make_pool(table_of_scores(scores, images_per_patient=images_per_patient), {"ncc": NCC})
    return JointResamples(pool, {}, resamples, seed)


def _correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    a, b = (x - x.mean(axis=-1, keepdims=True) for x in (a, b))
    norm = np.sqrt((a**2).sum(axis=-1) * (b**2).sum(axis=-1))
    return (a * b).sum(axis=-1) / norm
