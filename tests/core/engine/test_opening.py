"""Opening a run: what cannot work is found before any pixel is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from gazebench.engine.config import RunConfig
from gazebench.engine.opening import available_to_metrics, checked_device, open_run
from gazebench.errors import UsageError
from gazebench.registry.host import Host
from gazebench.spec import (
    CENTRE_BIAS,
    CHEST_BOX,
    FIXATIONS,
    OTHER_FIXATIONS,
    OTHER_IMAGES,
    REFERENCE,
    REGIONS,
    Box,
    Case,
    Ellipse,
    Reading,
    Size,
)
from gazebench_plugins.datasets.phantom.dataset import synthesize


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phantom") / "data"
    synthesize(folder, cases=2, size=Size(220, 200), seed=1)
    return folder


def case(name: str, box: Box | None) -> Case:
    reading = Reading(id=name + "r", chest_box=box)
    return Case(id=name, size=Size(4, 5), readings=(reading,), expected_readings=1)


def test_one_image_has_no_others_and_no_bias_but_the_papers() -> None:
    boxed = [case("a", Box(0, 0, 1, 1))]

    always = {REFERENCE, FIXATIONS}
    assert available_to_metrics(boxed, "loio") == always | {CHEST_BOX}
    assert available_to_metrics(boxed, "paper") == always | {CHEST_BOX, CENTRE_BIAS}
    assert available_to_metrics([case("a", None), case("b", None)], "loio") == always | {
        OTHER_IMAGES,
        OTHER_FIXATIONS,
        CENTRE_BIAS,
    }


def test_regions_are_there_once_one_reader_marked_something() -> None:
    mark = Ellipse(Box(0, 0, 2, 2), 5, ("nodule",))
    reading = Reading(id="r", ellipses=(mark,))
    marked = Case(id="b", size=Size(4, 5), readings=(reading,), expected_readings=1)

    assert REGIONS in available_to_metrics([case("a", None), marked], "loio")
    assert REGIONS not in available_to_metrics([case("a", None)], "loio")


def test_a_class_that_no_model_knows_is_refused_at_once(phantom: Path) -> None:
    config = RunConfig(
        data_root=phantom, models=("sononet:weights=none",), methods=("gradcam",),
        mixings=("class:Edma",),
    )  # fmt: skip

    with pytest.raises(UsageError, match="has no class 'Edma'; did you mean 'Edema'"):
        open_run(config, Host())


def test_a_class_that_one_model_knows_is_not_applicable_to_the_other(phantom: Path) -> None:
    config = RunConfig(
        data_root=phantom, models=("sononet:weights=none", "timm/resnet18:weights=none"),
        methods=("gradcam",), mixings=("class:Edema",),
    )  # fmt: skip

    opened = open_run(config, Host())

    assert opened.plan.entries[-1] == "sononet:weights=none/gradcam/class:Edema"
    stem = "timm/resnet18:weights=none"
    assert opened.plan.not_applicable == {
        f"{stem}/gradcam/class:Edema": f"{stem} has no class 'Edema'"
    }
    assert [model.loaded.class_names[0] for model in opened.models] == ["Atelectasis"]


def test_every_seed_loads_its_own_model_and_untrained_weights_are_told(phantom: Path) -> None:
    config = RunConfig(
        data_root=phantom, models=("sononet:weights=none",), methods=("gradcam",),
        mixings=("max",), seeds=(3, 4),
    )  # fmt: skip

    opened = open_run(config, Host())

    hashes = {weights["sha256"] for weights in opened.weights.values()}
    assert set(opened.weights) == {"sononet:weights=none@3", "sononet:weights=none@4"}
    assert len(hashes) == 2
    assert any("untrained" in notice for notice in opened.notices)
    assert opened.notices[0].startswith("a phantom")


def test_a_device_that_is_not_here_is_refused() -> None:
    with pytest.raises(UsageError, match="'abacus' cannot be used here"):
        checked_device("abacus")
