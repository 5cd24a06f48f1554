"""Errors arrive whole wherever they are sent."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from gazebench.errors import (
    BadFileError,
    DataError,
    GazeBenchError,
    NoGazeError,
    NotApplicableError,
    PluginError,
    RecordError,
    RunError,
    UsageError,
)

ERRORS = (
    GazeBenchError, UsageError, DataError, NoGazeError, PluginError, NotApplicableError, RunError,
    RecordError,
)  # fmt: skip


@pytest.mark.parametrize(
    "error",
    [BadFileError(Path("a.csv"), 3, "is blank", do="mend it")]
    + [kind("is wrong", do="mend it") for kind in ERRORS],
    ids=lambda error: type(error).__name__,
)
def test_an_error_goes_from_one_process_to_another(error: GazeBenchError) -> None:
    arrived = pickle.loads(pickle.dumps(error))

    assert type(arrived) is type(error)
    assert (str(arrived), vars(arrived)) == (str(error), vars(error))
