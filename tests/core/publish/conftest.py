from __future__ import annotations

from pathlib import Path

import pytest

from finished_runs import finish_run


@pytest.fixture(scope="session")
def genuine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run; not to be changed."""
    return finish_run(tmp_path_factory.mktemp("run"))
