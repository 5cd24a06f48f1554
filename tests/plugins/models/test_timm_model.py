"""Any network of timm."""

from __future__ import annotations

import pytest
import timm
import torch
from safetensors.torch import save_file

from gazebench.errors import PluginError, UsageError
from gazebench.spec import (
    CAM_LAYERS,
    GRADIENTS,
    LOGITS,
    FitThenPad,
    ShortSideThenCrop,
    Size,
    Squash,
)
from gazebench_plugins.models.timm_model import timm_model

RESNET_CONFIG = timm.create_model("resnet18").pretrained_cfg


def random(name, **options):
    return timm_model.function(name, weights="none", **options)


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("resnet18", "layer4"),
        ("mobilenetv3_small_050", "blocks"),  # its last convolution comes after the pooling
        ("densenet121", "features"),
        ("convnext_atto", "norm_pre"),
    ],
)
def test_the_cam_layer_is_the_last_feature_map_before_the_pooling(name, layer):
    assert random(name).cam_layers == (layer,)


@pytest.mark.parametrize(
    "name",
    ["vit_tiny_patch16_224", "swin_tiny_patch4_window7_224", "mixer_s32_224"],
)
def test_networks_of_tokens_have_no_cam_layer(name):
    """Tokens, channels last, and tokens behind a convolutional stem."""
    model = random(name)

    assert model.cam_layers == ()
    assert model.provides == {LOGITS, GRADIENTS}


def test_named_classes_are_independent_and_numbered_ones_exclude_each_other():
    named, numbered = random("resnet18", classes="Edema; Pleural Effusion"), random("resnet18")

    assert named.class_names == ("Edema", "Pleural Effusion")
    assert named.multilabel
    assert named.module.num_classes == 2
    assert numbered.class_names == tuple(map(str, range(1000)))
    assert not numbered.multilabel
    assert CAM_LAYERS in named.provides


@pytest.mark.parametrize(
    ("geometry", "expected"),
    [
        ("pad", FitThenPad(to=Size(224, 224))),
        ("squash", Squash(to=Size(224, 224))),
        (
            "crop",
            ShortSideThenCrop(
                short_side=round(224 / RESNET_CONFIG["crop_pct"]), crop=Size(224, 224)
            ),
        ),
    ],
)
def test_preprocessing_is_what_timm_says_in_the_geometry_asked_for(geometry, expected):
    preprocessing = random("resnet18", geometry=geometry).preprocessing

    assert preprocessing.geometry == expected
    assert preprocessing.mean == tuple(RESNET_CONFIG["mean"])
    assert preprocessing.std == tuple(RESNET_CONFIG["std"])


def test_an_unknown_geometry_is_refused():
    with pytest.raises(UsageError, match="pad, squash or crop, found 'stretch'"):
        random("resnet18", geometry="stretch")


def test_a_network_of_grey_images_takes_one_channel():
    model = random("resnet18", channels=1, classes="a;b")

    assert model.preprocessing.channels == len(model.preprocessing.mean) == 1
    with torch.no_grad():
        assert model.module(torch.zeros(1, 1, 64, 64)).shape == (1, 2)


def test_an_unknown_network_is_refused_with_others_like_it():
    with pytest.raises(
        UsageError, match=r"no network called 'resnet19'\nDo: did you mean 'resnet1[08]'"
    ):
        random("resnet19")


def test_random_weights_come_from_the_seed():
    first, again, other = (random("resnet18", seed=seed).weights.sha256 for seed in (1, 1, 2))

    assert first == again != other


@pytest.mark.parametrize("suffix", ["safetensors", "pth"])
def test_a_local_checkpoint_is_loaded(tmp_path, suffix):
    torch.manual_seed(3)
    state = timm.create_model("resnet18", num_classes=2).state_dict()
    path = tmp_path / f"net-7.{suffix}"
    if suffix == "pth":
        torch.save({"state_dict": state}, path)
    else:
        save_file(state, path, {"trained_on": "films"})

    model = timm_model.function(
        "resnet18", weights=str(tmp_path / f"net-{{seed}}.{suffix}"), classes="a;b", seed=7
    )

    assert torch.equal(model.module.fc.weight, state["fc.weight"])
    assert model.weights.trained_on == (None if suffix == "pth" else "films")
    assert not model.module.training


def test_a_checkpoint_of_other_classes_is_refused(tmp_path):
    path = tmp_path / "net.safetensors"
    save_file(timm.create_model("resnet18", num_classes=2).state_dict(), path)

    with pytest.raises(PluginError, match=r"'fc.bias' has shape \(2,\), ResNet expects \(3,"):
        timm_model.function("resnet18", weights=str(path), classes="a;b;c")


class Bomb:
    def __reduce__(self):
        return (exec, ("raise SystemExit('the pickle ran')",))


def test_a_checkpoint_with_code_in_it_is_refused_and_not_run(tmp_path):
    path = tmp_path / "net.pth"
    torch.save({"state_dict": Bomb()}, path)

    with pytest.raises(PluginError, match=r"net\.pth cannot be read as plain weights"):
        timm_model.function("resnet18", weights=str(path))


def test_without_a_connection_one_is_told_what_to_do(monkeypatch):
    def offline(*_args, **_options):
        raise OSError("no route to host\nand a long story")

    monkeypatch.setattr(timm, "create_model", offline)

    with pytest.raises(PluginError) as caught:
        timm_model.function("resnet18")

    assert "timm/resnet18 could not be fetched: no route to host" in caught.value.message
    assert "weights=FILE" in caught.value.do
    assert "long story" not in str(caught.value)


def test_published_weights_are_refused_for_classes_they_do_not_know(monkeypatch):
    """timm would put a random classifier on top."""
    original = timm.create_model

    def unfetched(name, **options):
        return original(name, **options | {"pretrained": False})

    monkeypatch.setattr(timm, "create_model", unfetched)

    with pytest.raises(PluginError, match=r"are for 1000 classes, expected 2 \(a, b"):
        timm_model.function("resnet18", classes="a;b")
    assert timm_model.function("resnet18").weights.source.startswith("hub: ")
