"""What a plugin changes of the process, others do not notice."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from gazebench.registry.put_back import ProcessState

READ: dict[str, Callable[[], object]] = {
    "folder": Path.cwd,
    "dtype": torch.get_default_dtype,
    "gradients": torch.is_grad_enabled,
    "threads": torch.get_num_threads,
    "deterministic": torch.are_deterministic_algorithms_enabled,
    "errors": np.geterr,
}
CHANGE: dict[str, Callable[[Path], object]] = {
    "folder": os.chdir,
    "dtype": lambda _: torch.set_default_dtype(torch.float64),
    "gradients": lambda _: torch.set_grad_enabled(False),
    "threads": lambda _: torch.set_num_threads(torch.get_num_threads() + 1),
    "deterministic": lambda _: torch.use_deterministic_algorithms(True),
    "errors": lambda _: np.seterr(all="ignore" if np.geterr()["over"] == "raise" else "raise"),
}


@pytest.mark.parametrize("what", CHANGE)
def test_it_is_put_back(what: str, tmp_path: Path) -> None:
    before = READ[what]()

    def meddle() -> None:
        CHANGE[what](tmp_path)
        raise KeyError(READ[what]())

    with pytest.raises(KeyError) as raised, ProcessState().restored():
        meddle()

    assert raised.value.args != (before,)
    assert READ[what]() == before


def test_a_folder_that_is_gone_is_not_gone_back_to(tmp_path: Path) -> None:
    here = Path.cwd()
    gone = tmp_path / "gone"
    gone.mkdir()
    try:
        os.chdir(gone)
        state = ProcessState()
        gone.rmdir()
        os.chdir(tmp_path)
        state.restore()
        assert Path.cwd() == tmp_path
    finally:
        os.chdir(here)
