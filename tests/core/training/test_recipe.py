from __future__ import annotations

import pytest

from gazebench.errors import UsageError
from gazebench.training.recipe import Recipe


def test_the_defaults_are_the_papers() -> None:
    assert Recipe() == Recipe(
        epochs=75,
        learning_rate=1e-4,
        weight_decay=1e-5,
        batch=64,
        plateau_factor=0.5,
        plateau_patience=3,
        rotation=15,
        translation=0.05,
        scaling=0.05,
        crop=224,
        flip=0.5,
    )


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("epochs", 0, "epochs must be 1 or more, found 0"),
        ("learning_rate", 0.0, "learning rate must be more than 0"),
        ("learning_rate", float("nan"), "found nan"),
        ("plateau_factor", 1.0, "plateau factor must be between 0 and 1"),
        ("flip", 1.5, "flip must be between 0 and 1, found 1.5"),
        ("crop", 8, "crop must be 16 or more"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(name: str, value: float, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Recipe(**{name: value})
