"""Plugins that a run cannot do without and that are wrong: one message, never a traceback."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

import gazebench
from gazebench.errors import DataError, GazeBenchError, PluginError

PLUGINS = """
import sys
from dataclasses import replace
import numpy as np
import torch
from gazebench import dataset, exporter, method, model, reference, subset
from gazebench.spec import Case, Fixations, Reading, Size

class Dots:
    def __init__(self, **wrong):
        vars(self).update(wrong)

    def cases(self, number=2):
        def readings(i):
            return tuple(Reading(id=f"{name}{i}") for name in ("ann", "bob"))
        return tuple(
            Case(id=f"dot{i}", size=Size(80, 60), readings=readings(i), expected_readings=2)
            for i in range(number)
        )

    def fixations(self, case, reading):
        x, ones = np.array([40.0, 42.0]), np.ones(2)
        found = Fixations(
            x=x, y=x / 2, start_s=np.array([0.0, 0.5]), end_s=np.array([0.4, 0.9]),
            sigma_x=5 * ones, sigma_y=5 * ones, shown=np.array([[0, 0, 60, 80]] * 2),
        )
        return replace(found, **getattr(self, "gaze", {}))

    def image(self, case):
        return np.arange(4800, dtype=np.uint16).reshape(80, 60)

    def fingerprint(self):
        return "0" * 64

def boom(*_):
    raise KeyError("boo")

def opening(make):
    return dataset(restricted=False, needs_root=False)(lambda root, /: make())

fine = opening(Dots)
nothing = opening(lambda: None)
not_opened = opening(boom)
leaves = opening(lambda: Dots(cases=lambda: sys.exit(0)))
empty = opening(lambda: Dots(cases=lambda: ()))
twice = opening(lambda: Dots(cases=lambda: 2 * Dots().cases()))
same_readings = opening(lambda: Dots(cases=lambda: tuple(
    replace(case, readings=(Reading(id="ann"), Reading(id=f"bob{i}")))
    for i, case in enumerate(Dots().cases())
)))
vast = opening(lambda: Dots(cases=lambda: tuple(
    replace(case, size=Size(100_000, 100_000)) for case in Dots().cases()
)))
no_gaze = opening(lambda: Dots(fixations=boom))
nan_gaze = opening(lambda: Dots(gaze={"y": np.array([1.0, np.nan])}))
text_gaze = opening(lambda: Dots(gaze={"x": np.array(["1", "2"])}))
point_gaze = opening(lambda: Dots(gaze={"sigma_x": np.array([0.0, 5.0])}))
back_gaze = opening(lambda: Dots(gaze={"end_s": np.array([0.4, 0.1])}))
no_image = opening(lambda: Dots(image=boom))
small_image = opening(lambda: Dots(image=lambda case: np.zeros((10, 10), np.uint8)))
float_image = opening(lambda: Dots(image=lambda case: np.zeros(case.size)))
no_fingerprint = opening(lambda: Dots(fingerprint=boom))

@reference(needs={"fixations"}, version=1)
def torn(looked):
    return replace(looked.fixations(), x=np.zeros(1))

@reference(needs={"fixations"}, version=1)
def left(looked):
    sys.exit(0)

@model(provides={"logits", "gradients", "cam_layers"})
def no_weights():
    raise ValueError("weights gone")

@method(needs={"logits"}, applies=boom)
def never(model, images, classes):
    return torch.rand(len(images), len(classes), 2, 2)
"""
UNASKED = """
@subset()
def leaves_unasked(case):
    sys.exit(0)

@exporter(suffix="txt")
def written(board):
    return "all is well"

@exporter(suffix="bad")
def unwritten(board):
    return WRONG
"""


def run(tmp_path: Path, text: str = PLUGINS, **settings: Any) -> gazebench.Run:
    plugin = tmp_path / "mine.py"
    plugin.write_text(textwrap.dedent(text))
    asked = {"dataset": "fine", "models": ["sononet:weights=none"], "methods": ["gradcam"]}
    few = {"mixings": ["uniform"], "metrics": ["ncc"], "floors": ["uniform"], "resamples": 20}
    return gazebench.run(plugins=[plugin], out=tmp_path / "out", **{**asked, **few, **settings})


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        ({"dataset": "nothing"}, PluginError, "nothing returned NoneType"),
        ({"dataset": "not_opened"}, PluginError, "not_opened raised KeyError"),
        ({"dataset": "leaves"}, PluginError, "leaves raised SystemExit when asked for its cases"),
        ({"dataset": "empty"}, DataError, "empty has no cases"),
        ({"dataset": "twice"}, PluginError, "twice has 2 cases called 'dot0'"),
        ({"dataset": "same_readings"}, PluginError, "has 2 readings called 'ann'"),
        ({"dataset": "vast"}, DataError, "case dot0: claims 100000 x 100000 pixels"),
        ({"dataset": "no_gaze"}, DataError, "raised KeyError for the fixations of reading ann0"),
        ({"dataset": "nan_gaze"}, DataError, "reading ann0: fixation 2 has y = nan"),
        ({"dataset": "text_gaze"}, DataError, "reading ann0: fixation 1 has x = 1"),
        ({"dataset": "point_gaze"}, DataError, r"fixation 1 has sigma_x = 0\.0"),
        ({"dataset": "back_gaze"}, DataError, r"fixation 2 has end_s = 0\.1"),
        ({"dataset": "no_image"}, PluginError, "KeyError for the image of case dot0"),
        ({"dataset": "small_image"}, PluginError, r"uint8 of shape \(10, 10\) as the image"),
        ({"dataset": "float_image"}, PluginError, "gave float64"),
        ({"dataset": "no_fingerprint"}, PluginError, "KeyError for its fingerprint"),
        ({"reference": "torn"}, PluginError, "several lengths .*: x 1, y 2"),
        ({"reference": "left"}, PluginError, "left raised SystemExit"),
        ({"models": ["no_weights"]}, PluginError, "no_weights raised ValueError: weights gone"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named(
    tmp_path: Path, settings: dict[str, Any], error: type[GazeBenchError], says: str
) -> None:
    with pytest.raises(error, match=says):
        run(tmp_path, **settings)


def test_a_method_that_cannot_say_whether_it_applies_does_not(tmp_path: Path) -> None:
    done = run(tmp_path, methods=["gradcam", "never"])

    (reason,) = done.leaderboard.not_applicable.values()
    assert "never raised KeyError" in reason


@pytest.mark.parametrize("wrong", ["b'bytes'", "None", "1 / 0", "'\\ud800'"])
def test_what_nobody_asked_for_costs_nothing_but_itself(tmp_path: Path, wrong: str) -> None:
    """An exporter that fails is told when all the others have written; a subset is passed over."""
    with pytest.raises(PluginError, match="exporter unwritten"):
        run(tmp_path, PLUGINS + UNASKED.replace("WRONG", wrong))

    names = {path.name for path in (tmp_path / "out").glob("leaderboard.*")}
    assert names == {f"leaderboard.{suffix}" for suffix in ("csv", "json", "md", "tex", "txt")}
