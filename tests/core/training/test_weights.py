from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from gazebench.errors import RunError
from gazebench.training.weights import save_weights, stored


def test_half_rounds_numbers_and_leaves_counters() -> None:
    tensors = stored({"w": torch.tensor([1.0, 1e-3]), "n": torch.tensor(7)}, half=True)

    assert tensors["w"].dtype is torch.float16
    assert tensors["n"].dtype is torch.int64


def test_half_refuses_what_it_cannot_hold() -> None:
    with pytest.raises(RunError, match="w holds values too large for float16"):
        stored({"w": torch.tensor([1e6])}, half=True)


def test_provenance_travels_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"

    save_weights(path, {"w": torch.ones(2)}, {"seed": "3", "class_names": ["Edema", "Mass"]})

    with safe_open(path, framework="pt") as file:
        assert file.metadata()["seed"] == "3"
        assert json.loads(file.metadata()["class_names"]) == ["Edema", "Mass"]
        assert torch.equal(file.get_tensor("w"), torch.ones(2))


def test_the_same_weights_are_the_same_bytes(tmp_path: Path) -> None:
    tensors = {f"layer{index}": torch.full((3,), float(index)) for index in range(5)}
    told = {letter: letter for letter in "abcdefgh"}

    for name in ("one", "two"):
        save_weights(tmp_path / name, tensors, told)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    with safe_open(tmp_path / "one", framework="pt") as file:
        assert file.metadata() == told
        assert torch.equal(file.get_tensor("layer3"), tensors["layer3"])
