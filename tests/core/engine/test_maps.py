"""Maps of a few cases: mixed, kept small, and safe from what one method does to its images."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from gazebench.attribution.mixing import parse_mixing
from gazebench.engine.barrier import Failure
from gazebench.engine.costs import Meter
from gazebench.engine.maps import (
    Attributed,
    BornMap,
    MapKey,
    Pixels,
    SeededModel,
    as_grey,
    explained_maps,
    image_method_maps,
)
from gazebench.engine.plan import Explanation
from gazebench.registry.host import Host
from gazebench.spec import Case, Size
from wanting import everything

PLUGINS = """
import torch
from gazebench import image_method, method

@method(needs={"logits"})
def erases(model, images, classes):
    images.zero_()
    return torch.ones(len(images), len(classes), 2, 2)

@method(needs={"logits"})
def brightness(model, images, classes):
    return images.mean((1, 2, 3))[:, None, None, None].expand(-1, len(classes), 2, 2).clone()

def changing(change):
    @method(needs={"gradients"})
    def changes(model, images, classes):
        change(model.module)
        return torch.rand(len(images), len(classes), 2, 2)
    return changes

@torch.no_grad()
def erase(module):
    for one in module.parameters():
        one.zero_()

def by_data(module):
    for one in module.parameters():
        one.data.mul_(-3)

def leave_and_fail(module):
    hook(module)
    raise ValueError("no map, and the hook stays")

def hook(module):
    module.register_forward_hook(lambda _module, _inputs, output: output * 0)

zeroes, scales, hooks, raises = map(changing, (erase, by_data, hook, leave_and_fail))
halves = changing(lambda module: module.half())
trains = changing(lambda module: module.train())
freezes = changing(lambda module: module.requires_grad_(False))
patches = changing(lambda module: setattr(module, "forward", lambda images: images.sum()))

@image_method()
def itself(image):
    return image

@image_method()
def thrice(image):
    return [image, image, image]
"""
SIZES = (Size(40, 30), Size(30, 40), Size(44, 30))


def maps_of(
    model: SeededModel, cases: Sequence[Case], images: Mapping[str, Pixels], *, batch: int
) -> Iterator[Attributed]:
    """Return every map of a model, judged by no metric of the network."""
    return explained_maps(model, cases, images, batch=batch, wanted=everything())


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Host:
    path = tmp_path_factory.mktemp("plugins") / "mine.py"
    path.write_text(PLUGINS)
    return Host((path,))


@pytest.fixture
def cases() -> list[Case]:
    return [
        Case(id=f"c{i}", size=size, readings=(), expected_readings=0)
        for i, size in enumerate(SIZES)
    ]


@pytest.fixture
def images(cases: list[Case]) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {c.id: rng.integers(0, 256, tuple(c.size), dtype=np.uint8) for c in cases}


def seeded(host: Host, *methods: str) -> SeededModel:
    model = host.get("model", "sononet:weights=none")
    loaded = model.call(seed=0)
    explanations = tuple(
        Explanation(
            model=model, method=host.get("method", name), mixings=(parse_mixing("uniform"),)
        )
        for name in methods
    )
    return SeededModel.of(loaded, explanations, seed=0, device="cpu")


def by_key(attributed: Iterable[Attributed]) -> dict[MapKey, BornMap | Failure]:
    return {one.key: one.made for one in attributed}


def test_every_case_gets_every_entrys_map_in_image_pixels(
    host: Host, cases: list[Case], images: dict[str, np.ndarray]
) -> None:
    found = by_key(maps_of(seeded(host, "gradcam"), cases, images, batch=2))

    assert {key.case for key in found} == {"c0", "c1", "c2"}
    for key, born in found.items():
        assert isinstance(born, BornMap)
        assert max(born.values.shape) < 40  # network resolution, not the canvas of 304 pixels
        size = cases[int(key.case[1:])].size
        assert born.in_image(size).shape == tuple(size)


def test_a_method_that_changes_its_images_fails_alone(
    host: Host, cases: list[Case], images: dict[str, np.ndarray]
) -> None:
    alone = by_key(maps_of(seeded(host, "brightness"), cases, images, batch=3))
    both = by_key(maps_of(seeded(host, "erases", "brightness"), cases, images, batch=3))

    for key, born in alone.items():
        erased = both[key._replace(entry=key.entry.replace("brightness", "erases"))]
        assert isinstance(erased, Failure)
        assert "changes the images" in erased.reason
        assert isinstance(born, BornMap)
        assert isinstance(both[key], BornMap)
        np.testing.assert_array_equal(both[key].values, born.values)


@pytest.mark.parametrize(
    "culprit", ["zeroes", "scales", "hooks", "raises", "halves", "trains", "freezes", "patches"]
)
def test_a_method_that_changes_the_network_fails_alone(
    host: Host, cases: list[Case], images: dict[str, np.ndarray], culprit: str
) -> None:
    """The network is put back for the others, and for the next batch."""
    alone = by_key(maps_of(seeded(host, "saliency"), cases, images, batch=2))
    both = by_key(maps_of(seeded(host, culprit, "saliency"), cases, images, batch=2))

    for key, born in alone.items():
        changed = both[key._replace(entry=key.entry.replace("saliency", culprit))]
        beside = both[key]
        assert isinstance(changed, Failure)
        assert culprit in changed.reason
        assert isinstance(born, BornMap)
        assert isinstance(beside, BornMap)
        np.testing.assert_array_equal(beside.values, born.values)


def test_an_image_that_a_method_cannot_explain_costs_its_own_map(
    tmp_path: Path, cases: list[Case], images: dict[str, np.ndarray]
) -> None:
    """In whatever batch it is."""
    (tmp_path / "mine.py").write_text(
        textwrap.dedent("""
        from gazebench import method

        @method(needs={"logits"})
        def not_the_dark(model, images, classes):
            if (images.amax((1, 2, 3)) <= 0).any():
                raise ValueError("nothing there")
            return images[:, :1].expand(-1, len(classes), -1, -1).clone()
        """)
    )
    model = seeded(Host((tmp_path / "mine.py",)), "not_the_dark")
    same_size = [replace(case, size=SIZES[0]) for case in cases]
    shown = dict.fromkeys(images, images["c0"]) | {"c1": np.zeros(SIZES[0], np.uint8)}

    found = by_key(maps_of(model, same_size, shown, batch=3))

    assert {key.case for key, one in found.items() if isinstance(one, Failure)} == {"c1"}


def test_where_memory_is_short_batches_are_halved_and_stay_so(
    tmp_path: Path, cases: list[Case], images: dict[str, np.ndarray]
) -> None:
    log = tmp_path / "batches"
    (tmp_path / "mine.py").write_text(
        textwrap.dedent(f"""
        import torch
        from gazebench import method

        @method(needs={{"logits"}})
        def greedy(model, images, classes):
            with open({str(log)!r}, "a") as file:
                file.write(f"{{len(images)}} ")
            if len(images) > 2:
                raise torch.OutOfMemoryError("out of memory")
            return images[:, :1].expand(-1, len(classes), -1, -1).clone()
        """)
    )
    model = seeded(Host((tmp_path / "mine.py",)), "greedy")
    many = [replace(cases[0], id=f"c{n}") for n in range(8)]
    shown = {case.id: images["c0"] for case in many}

    first = by_key(maps_of(model, many, shown, batch=8))
    again = by_key(maps_of(model, many, shown, batch=8))

    assert not [one for one in (*first.values(), *again.values()) if isinstance(one, Failure)]
    assert len(first) == len(again) == 8
    assert log.read_text().split() == ["8", "4", "2", "2", "4", "2", "2"] + ["2"] * 4


def test_methods_leave_torchs_random_numbers_alone(
    host: Host, cases: list[Case], images: dict[str, np.ndarray]
) -> None:
    state = torch.random.get_rng_state()

    list(maps_of(seeded(host, "gradcam"), cases, images, batch=3))

    assert torch.equal(torch.random.get_rng_state(), state)


def test_image_methods_see_grey_and_give_one_map(
    host: Host, cases: list[Case], images: dict[str, np.ndarray]
) -> None:
    (fine,) = image_method_maps(host.get("method", "itself"), cases[:1], images, Meter())
    (wrong,) = image_method_maps(host.get("method", "thrice"), cases[:1], images, Meter())
    born, failed = fine.made, wrong.made

    assert isinstance(born, BornMap)
    np.testing.assert_allclose(born.in_image(SIZES[0]), images["c0"] / 255, rtol=1e-6)
    assert isinstance(failed, Failure)
    assert "expected one map [h, w]" in failed.reason


def test_colour_becomes_grey_by_luma() -> None:
    red = np.zeros((1, 1, 3), np.uint8)
    red[..., 0] = 255

    assert as_grey(red)[0, 0] == pytest.approx(0.299)
    assert as_grey(np.full((1, 1), 65535, np.uint16))[0, 0] == 1
