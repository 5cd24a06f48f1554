"""Checkpoints: what is taken, what is refused, and what is said about them."""

from __future__ import annotations

import hashlib
import json

import pytest
import torch
from safetensors.torch import save_file

from gazebench.errors import PluginError
from gazebench_plugins.models.checkpoint import load
from gazebench_plugins.models.sononet import SonoNet, sononet

LABELS = ["Edema", "Fracture", "Pneumonia"]


@pytest.fixture(scope="module")
def tensors():
    torch.manual_seed(0)
    return SonoNet(len(LABELS)).state_dict()


@pytest.fixture
def checkpoint(tmp_path, tensors):
    """Return a function that writes a checkpoint, with changes."""

    def write(name="sononet-3.safetensors", *, metadata=None, **changed):
        told = {"class_names": json.dumps(LABELS), "trained_on": "films"}
        kept = {k: v for k, v in (tensors | changed).items() if v is not None}
        save_file(kept, tmp_path / name, told if metadata is None else metadata)
        return tmp_path / name

    return write


def test_a_checkpoint_says_its_classes_and_where_it_comes_from(checkpoint, tensors):
    path = checkpoint()

    found = sononet.function(weights=str(path))

    assert found.class_names == tuple(LABELS)
    assert found.weights.trained_on == "films"
    assert found.weights.source == path.name
    assert found.weights.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert torch.equal(found.module.classifier.weight, tensors["classifier.weight"])
    assert not found.module.training


def test_the_seed_chooses_the_file(checkpoint):
    path = checkpoint()

    found = sononet.function(weights=str(path).replace("-3", "-{seed}"), seed=3)

    assert found.weights.source == "sononet-3.safetensors"


def test_half_precision_is_loaded_as_single(checkpoint, tensors):
    path = checkpoint(**{k: v.half() for k, v in tensors.items() if v.is_floating_point()})

    found = sononet.function(weights=str(path)).module

    assert {p.dtype for p in found.parameters()} == {torch.float32}
    torch.testing.assert_close(
        found.classifier.weight.detach(), tensors["classifier.weight"].half().float()
    )


def test_loading_draws_no_random_numbers(checkpoint):
    path = checkpoint()
    torch.manual_seed(11)
    expected = torch.rand(3)
    torch.manual_seed(11)

    sononet.function(weights=str(path))

    assert torch.equal(torch.rand(3), expected)


def test_pickles_are_refused(tmp_path, tensors):
    path = tmp_path / "best_model.pt"
    torch.save(tensors, path)

    with pytest.raises(
        PluginError, match=r"best_model.pt is not a safetensors file.*(?s:.*)run code"
    ):
        sononet.function(weights=str(path))


@pytest.mark.parametrize("content", [b"", b"junk", b"\xff" * 100])
def test_junk_is_refused(tmp_path, content):
    path = tmp_path / "junk.safetensors"
    path.write_bytes(content)

    with pytest.raises(PluginError, match="is not a safetensors file"):
        sononet.function(weights=str(path))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (
            {"classifier.weight": torch.zeros(3, 31)},
            r"'classifier.weight' has shape \(3, 31\), SonoNet expects \(3, 32\)",
        ),
        ({"classifier.bias": torch.zeros(14)}, r"has shape \(14,\), SonoNet expects \(3,\)"),
        ({"classifier.bias": None}, "lacks the tensor 'classifier.bias'"),
        ({"attention1.psi.bias": torch.zeros(1)}, "has the unknown tensor 'attention1.psi.bias'"),
    ],
)
def test_the_checkpoint_of_another_network_is_refused_by_tensor(checkpoint, changed, says):
    path = checkpoint(**changed)

    with pytest.raises(PluginError, match=f"{path.name}.*{says}"):
        sononet.function(weights=str(path))


@pytest.mark.parametrize("names", [None, "[]", "Edema", '"Edema"', "[1, 2, 3]"])
def test_a_checkpoint_must_say_its_classes(checkpoint, names):
    path = checkpoint(metadata={} if names is None else {"class_names": names})

    with pytest.raises(PluginError, match="does not say which classes its logits are"):
        sononet.function(weights=str(path))


def test_an_absent_file_is_refused(tmp_path):
    with pytest.raises(PluginError, match=r"there is no checkpoint .*nowhere\.safetensors"):
        sononet.function(weights=str(tmp_path / "nowhere.safetensors"))


def test_an_installation_without_the_shipped_weights_says_so():
    with pytest.raises(PluginError, match=r"lacks the phantom-trained weights of unshipped"):
        load("unshipped", SonoNet, "phantom", seed=0)
