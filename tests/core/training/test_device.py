from __future__ import annotations

import pytest
import torch

from gazebench.errors import UsageError
from gazebench.training.device import Device, Precision, choose_device, reproducible


def test_auto_on_a_processor_is_single_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)

    device = choose_device("auto", Precision.AUTO)

    assert (device.name, device.dtype, device.scales_loss) == ("cpu", torch.float32, False)


def test_mixed_on_a_processor_is_bfloat16_without_a_scaled_loss() -> None:
    device = choose_device("cpu", Precision.MIXED)

    with device.autocast():
        product = torch.ones(2, 2) @ torch.ones(2, 2)

    assert product.dtype is torch.bfloat16
    assert not device.scales_loss


def test_mixed_on_a_gpu_is_float16_with_a_scaled_loss() -> None:
    device = Device(name="cuda:1", is_mixed=True)

    assert (device.kind, device.dtype, device.scales_loss) == ("cuda", torch.float16, True)


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="the device 'gpu7' cannot be used here"):
        choose_device("gpu7", Precision.AUTO)


def test_draws_depend_on_seed_and_epoch_and_leave_the_callers_alone() -> None:
    device = Device(name="cpu", is_mixed=False)
    state = torch.random.get_rng_state()

    drawn = []
    for seed, epoch in ((0, 1), (0, 1), (0, 2), (1, 1)):
        with reproducible(device, seed, epoch):
            drawn.append(float(torch.rand(())))

    assert drawn[0] == drawn[1]
    assert len(set(drawn)) == 3
    assert torch.equal(torch.random.get_rng_state(), state)
