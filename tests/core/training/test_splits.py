from __future__ import annotations

import pytest

from gazebench.errors import DataError
from gazebench.spec.contracts import TrainingSample
from gazebench.training.splits import read_splits

GOOD = (
    TrainingSample("a", "1", "train", (1.0, 0.0, 0.0)),
    TrainingSample("b", "2", "validate", (1.0, 0.0, 0.0)),
    TrainingSample("c", "3", "train", (0.0, 1.0, 0.0)),
    TrainingSample("d", "4", "test", (0.0, 0.0, 0.0)),
)


class Listed:
    class_names = ("Edema", "Fracture", "Never")

    def __init__(self, *samples: TrainingSample) -> None:
        self._samples = samples

    def samples(self) -> tuple[TrainingSample, ...]:
        return self._samples


def test_rows_of_every_split_keep_the_datasets_order() -> None:
    splits = read_splits(Listed(*GOOD))

    assert (splits.train.tolist(), splits.validate.tolist(), splits.test.tolist()) == (
        [0, 2],
        [1],
        [3],
    )
    assert splits.labels.tolist() == [list(sample.labels) for sample in GOOD]


def test_labels_that_cannot_be_learnt_are_named() -> None:
    assert read_splits(Listed(*GOOD)).untrainable == ("Never",)


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        ((), "no labelled image is in the split train, of 0"),
        (GOOD[:1] + GOOD[2:], "no labelled image is in the split validate, of 3"),
        (GOOD[:3], "no labelled image is in the split test"),
        ((*GOOD, GOOD[0]), "two labelled images are called a"),
        ((*GOOD, GOOD[0]._replace(id="e", split="test")), "subject 1 is in the splits train and"),
        ((*GOOD, GOOD[0]._replace(id="e", split="dev")), "image e: the split must be .* 'dev'"),
        ((*GOOD, GOOD[0]._replace(id="e", labels=(1.0,))), "image e has 1 labels, expected 3"),
        ((*GOOD, GOOD[0]._replace(id="e", labels=(-1.0, 0, 0))), "image e: labels must be 0 or 1"),
        (
            (GOOD[0], GOOD[1]._replace(labels=(0.0, 0.0, 0.0)), *GOOD[2:]),
            "no image of the split validate has a positive label",
        ),
    ],
)
def test_what_cannot_be_trained_on_is_refused(
    samples: tuple[TrainingSample, ...], words: str
) -> None:
    with pytest.raises(DataError, match=words):
        read_splits(Listed(*samples))
