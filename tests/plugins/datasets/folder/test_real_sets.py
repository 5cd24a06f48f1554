"""The two described real sets, read in place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gazebench_plugins.datasets.folder import folder

EXAMPLES = Path(__file__).resolve().parents[4] / "examples" / "datasets"


@pytest.fixture(scope="module")
def lund(shared_data: Path):
    description = str(EXAMPLES / "lund2013.toml")
    return folder.function(shared_data / "lund2013_gpl3", description=description)


@pytest.fixture(scope="module")
def osie(shared_data: Path):
    description = str(EXAMPLES / "osie.toml")
    return folder.function(shared_data / "osie_mit_fixations", description=description)


def test_lund_has_four_photographs_of_four_to_six_observers(lund) -> None:
    cases = lund.cases()

    assert {case.id: len(case.readings) for case in cases} == {
        "Europe": 6,
        "Rome": 4,
        "konijntjes": 6,
        "vy": 4,
    }
    assert all(case.is_complete and tuple(case.size) == (768, 1024) for case in cases)
    assert lund.image(cases[0]).shape == (768, 1024, 3)


def test_lund_counts_one_coder_and_keeps_gaze_off_the_image(lund) -> None:
    looks = [lund.fixations(case, r) for case in lund.cases() for r in case.readings]

    x, y = (np.concatenate([getattr(look, axis) for look in looks]) for axis in "xy")
    outside = (x < 0) | (y < 0) | (x >= 1024) | (y >= 768)
    assert (len(x), int(outside.sum())) == (563, 2)  # of 4 outside, the other coder has 2


def test_osie_has_700_images_of_15_observers_without_pixels(osie) -> None:
    cases = osie.cases()

    assert len(cases) == 700
    assert all(len(case.readings) == 15 and not case.has_image for case in cases)
    assert sum(len(osie.fixations(c, r)) for c in cases for r in c.readings) == 98_321


@pytest.mark.parametrize(
    ("folder_name", "description"),
    [("lund2013_gpl3", "lund2013.toml"), ("osie_mit_fixations", "osie.toml")],
)
def test_nothing_is_wrong_with_them(shared_data: Path, folder_name: str, description: str) -> None:
    root = shared_data / folder_name

    assert list(folder.validate(root, description=str(EXAMPLES / description))) == []
