"""Text from the user, values for the function."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

import pytest

from gazebench.errors import UsageError
from gazebench.registry.parameters import read_parameters, settable
from gazebench.spec import image_method, model

if TYPE_CHECKING:
    from nowhere import Mystery  # type: ignore[import-not-found]


@image_method()
def annotated(
    image: Mystery,  # a name that only type checkers know must not matter
    *,
    count: int = 1,
    rate: float = 0.5,
    flag: bool = False,
    note: str = "",
    layer: int | None = None,
    weights: Path | None = None,
    mode: Literal["mean", "max"] = "mean",
    phases: tuple[int, ...] = (1,),
) -> Any:
    """Accept one of everything."""
    return image


@image_method()
def bare(image, *, count=1, rate=0.5, flag=True, note="", layer=None):  # type: ignore[no-untyped-def]
    """Say nothing about types."""
    return image


@image_method()
def demanding(image: Any, *, weights: str, sigma: float = 1.0) -> Any:
    """Ask for something."""
    return image


@model(provides=frozenset())
def seeded(*, seed: int, depth: int = 3) -> Any:
    """Take the run's seed."""
    return SimpleNamespace(seed=seed, depth=depth)


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("count", "3", 3),
        ("rate", "3", 3.0),
        ("rate", "1e-3", 0.001),
        ("flag", "true", True),
        ("flag", "No", False),
        ("note", "none", "none"),
        ("note", "3", "3"),
        ("layer", "none", None),
        ("layer", "4", 4),
        ("weights", "/a/b", Path("/a/b")),
        ("weights", "None", None),
        ("mode", "max", "max"),
        ("phases", "1,2,3", (1, 2, 3)),
    ],
)
def test_text_becomes_what_the_annotation_says(key: str, text: str, expected: object) -> None:
    """Of the declared type, and nothing but what was given."""
    values = read_parameters(annotated, {key: text}, name="annotated")

    assert values == {key: expected}
    assert type(values[key]) is type(expected)


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("count", "3", 3),
        ("rate", "3", 3.0),
        ("flag", "false", False),
        ("note", "3", "3"),
        ("layer", "none", None),
        ("layer", "conv4", "conv4"),
    ],
)
def test_without_annotation_the_default_decides(key: str, text: str, expected: object) -> None:
    """A default of None takes none or text."""
    values = read_parameters(bare, {key: text}, name="bare")

    assert values == {key: expected}
    assert type(values[key]) is type(expected)


@pytest.mark.parametrize(
    ("key", "text", "wanted"),
    [
        ("count", "2.5", "an integer"),
        ("rate", "nan", "a number"),
        ("flag", "maybe", "true or false"),
        ("layer", "x", "an integer or none"),
        ("mode", "median", "mean or max"),
        ("phases", "1,x", "cannot give|integer"),
    ],
)
def test_a_value_of_another_type_is_refused(key: str, text: str, wanted: str) -> None:
    """The message names the parameter, what it takes and what was found."""
    with pytest.raises(UsageError, match=f"{key} of annotated takes .*({wanted}).*found '{text}'"):
        read_parameters(annotated, {key: text}, name="annotated")


def test_an_unknown_parameter_lists_those_that_exist() -> None:
    """With the closest one."""
    with pytest.raises(
        UsageError, match="no parameter 'sigmo'; its parameters are weights, sigma"
    ) as e:
        read_parameters(demanding, {"sigmo": "1", "weights": "w"}, name="demanding")

    assert "did you mean 'sigma'?" in e.value.do


def test_a_required_parameter_must_be_given() -> None:
    """One without a default."""
    with pytest.raises(UsageError, match="the method demanding needs weights"):
        read_parameters(demanding, {}, name="demanding")


def test_the_seed_of_a_model_belongs_to_the_run() -> None:
    """It is no parameter, needs no default, and setting it points to --seed."""
    assert list(settable(seeded)) == ["depth"]
    assert read_parameters(seeded, {}, name="seeded") == {}
    with pytest.raises(UsageError, match="given by the run") as error:
        read_parameters(seeded, {"seed": "3"}, name="seeded")
    assert error.value.do == "use --seed"
