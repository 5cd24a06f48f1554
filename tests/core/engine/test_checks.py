"""Gaming checks of a run's maps, against the same maps in image pixels."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from numpy.typing import NDArray

from gazebench.engine.checks import CaseChecks, ChecksLog, checks_text
from gazebench.engine.targets import CaseGaze
from gazebench.gaze.grid import Upsampling
from gazebench.gaze.reference import leave_one_out
from gazebench.gaze.resample import AxisMap
from gazebench.scoring.target import Target
from gazebench.spec.values import INTEROBSERVER, Size

SIZE = Size(120, 90)


def gaze(seed: int) -> CaseGaze:
    """Return five made-up densities and their centre bias."""
    densities = np.random.default_rng(seed).random((5, *SIZE)).astype(np.float32)
    densities /= densities.sum(axis=(1, 2), keepdims=True)
    bias = densities.mean(axis=0)
    return CaseGaze(
        densities=densities,
        target=Target(size=SIZE, references=leave_one_out(densities), centre_bias=bias),
    )


def grid(seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).random((6, 5)).astype(np.float32)


def over() -> Upsampling:
    return Upsampling(AxisMap.resizing(SIZE.height, 6), AxisMap.resizing(SIZE.width, 5))


def test_a_map_is_checked_alike_on_its_grid_and_in_pixels() -> None:
    """What a map is born as has no influence."""
    log = ChecksLog()
    for case in range(4):
        checks = CaseChecks(f"c{case}", gaze(case), log)
        checks.on_grid("coarse", 0, grid(case), over())
        checks.in_pixels("fine", 0, over().apply(grid(case)))
        checks.readers()

    _, coarse, fine = log.checked(["coarse", "fine"], {})

    assert coarse.gain_beyond_bias == pytest.approx(fine.gain_beyond_bias, abs=1e-6)
    assert coarse.gain_over_centre_bias == pytest.approx(fine.gain_over_centre_bias, abs=1e-6)
    assert coarse.closest_reader_excess == pytest.approx(fine.closest_reader_excess, abs=1e-6)


def test_the_order_of_the_threads_has_no_influence() -> None:
    """Cases that finish in another order give the same figures, bit for bit."""
    forward, backward = ChecksLog(), ChecksLog()
    for log, order in ((forward, range(5)), (backward, range(4, -1, -1))):
        for case in order:
            checks = CaseChecks(f"c{case}", gaze(case), log)
            checks.on_grid("entry", 0, grid(case), over())
            checks.readers()

    assert forward.checked(["entry"], {}) == backward.checked(["entry"], {})


def test_a_failed_map_counts_as_nothing_and_is_counted() -> None:
    """It is worth the centre bias when mixed with it, and zero alone."""
    log = ChecksLog()
    for case in range(3):
        CaseChecks(f"c{case}", gaze(case), log).failed("broken", 0)

    (_, broken) = log.checked(["broken"], {})

    assert broken.images == 3
    assert broken.gain_beyond_bias == pytest.approx(0.0, abs=1e-9)


def test_the_table_holds_the_ceiling_first_and_empty_cells_for_what_it_lacks() -> None:
    """The ceiling's line says only how alike readers are."""
    log = ChecksLog()
    checks = CaseChecks("c", gaze(0), log)
    checks.readers()
    checks.on_grid("entry", 0, grid(0), over())

    first, second = csv.DictReader(
        io.StringIO(checks_text(log.checked(["entry", "never seen"], {})))
    )

    assert (first["entry"], first["gain_beyond_bias"]) == (INTEROBSERVER, "")
    assert first["closest_reader_excess"] != ""
    assert second["entry"] == "entry"
    assert second["images"] == "1"
