"""The ceiling measured on a synthesised dataset is the one that its truth file implies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from gazebench.gaze.density import fixation_density
from gazebench.gaze.reference import leave_one_out
from gazebench.scoring.scored_map import ScoredMap
from gazebench.spec import Fixations, Size
from gazebench_plugins.datasets.phantom import phantom
from gazebench_plugins.datasets.phantom.ceiling import SimulatedReading, expected_ncc
from gazebench_plugins.datasets.phantom.dataset import synthesize
from gazebench_plugins.datasets.phantom.films import EYE_TRACKING, make_film
from gazebench_plugins.datasets.phantom.readers import Mixture, reader_attention, shared_attention

SIZE, SEED, CASES = Size(240, 208), 11, 24


def unzoomed(root: Path) -> Iterator[tuple[str, Size, dict[str, Fixations]]]:
    """Yield every film with the readings that never zoomed, by reader, looks away left out."""
    opened = phantom.function(root)
    for case in opened.cases():
        kept = {}
        whole = [0, 0, case.size.width, case.size.height]
        for reading in case.readings:
            gaze = opened.fixations(case, reading)
            if (gaze.shown == whole).all():
                kept[reading.id] = gaze
        if len(kept) > 1:
            yield case.id, case.size, kept


def without_looks_away(gaze: Fixations) -> np.ndarray:
    """Return each fixation's share of the time spent on the film."""
    duration = np.where(gaze.x < -0.05 * gaze.shown[:, 2], 0.0, gaze.end_s - gaze.start_s)
    return duration / duration.sum()


def measured_ncc(size: Size, gaze: Sequence[Fixations]) -> float:
    densities = np.stack([fixation_density(one, size) for one in gaze])
    references = leave_one_out(densities)
    pairs = zip(densities, references, strict=True)
    return float(np.mean([ScoredMap(own).ncc(other[None])[0] for own, other in pairs]))


@pytest.mark.parametrize("reliability", [0.25, 0.6, 0.95])
def test_readers_on_disk_agree_as_the_truth_says(reliability: float, tmp_path: Path) -> None:
    synthesize(tmp_path / "d", cases=CASES, size=SIZE, seed=SEED, reliability=reliability)
    truth = json.loads((tmp_path / "d" / "truth.json").read_text(encoding="utf-8"))
    films = {film["dicom_id"]: film["own_attention"] for film in truth["films"]}
    made = (make_film(EYE_TRACKING, index, size=SIZE, seed=SEED) for index in range(CASES))
    shared = {film.dicom_id: shared_attention(film.anatomy, film.visible) for film in made}

    differences = []
    for film, size, gaze in unzoomed(tmp_path / "d"):
        simulated = []
        for reader, fixations in gaze.items():
            own = Mixture(**{key: np.array(value) for key, value in films[film][reader].items()})
            attention = reader_attention(shared[film], own, truth["reliability"])
            simulated.append(
                SimulatedReading(attention=attention, shares=without_looks_away(fixations))
            )
        blur = next(iter(gaze.values())).sigma_y[0] / size.height
        expected = expected_ncc(simulated, size, blur=float(blur))
        differences.append(measured_ncc(size, list(gaze.values())) - expected.mean())

    assert len(differences) >= 15
    standard_error = np.std(differences, ddof=1) / np.sqrt(len(differences))
    # 0.01: see test_readers; looks away add a little at the left edge.
    assert abs(np.mean(differences)) < 3 * standard_error + 0.01
    assert standard_error < 0.03  # else the line above could not fail
