"""A network that many explain: what one of them changes is found, and put back."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import nn

# What a module holds under names; plugins add to these, and rarely take away what they added.
_HELD = (
    "_parameters",
    "_buffers",
    "_modules",
    "_forward_hooks",
    "_forward_pre_hooks",
    "_backward_hooks",
    "_backward_pre_hooks",
)
_OWN = "forward"  # an instance that has one of its own was patched


class _Module(NamedTuple):
    module: nn.Module
    training: bool
    held: dict[str, dict[str, Any]]
    forward: Any


class _Tensor(NamedTuple):
    tensor: torch.Tensor
    values: torch.Tensor
    requires_grad: bool


class Unchanged:
    """How a network was: its weights, modes and hooks, with a copy of every weight."""

    def __init__(self, network: nn.Module) -> None:
        self._modules = {name: _module(one) for name, one in network.named_modules()}
        named = (*network.named_parameters(), *network.named_buffers())
        self._tensors = {name: _tensor(one) for name, one in named}

    def put_back(self) -> str:
        """Undo what was changed, and say what it was; "" where nothing was.

        >>> network = nn.Linear(2, 1)
        >>> unchanged = Unchanged(network)
        >>> _ = nn.init.zeros_(network.weight)
        >>> unchanged.put_back(), unchanged.put_back()
        ('the values of weight', '')
        """
        changed = [text for name, one in self._modules.items() for text in _back(name, one)]
        for name, one in self._tensors.items():
            if one.tensor.requires_grad != one.requires_grad:
                one.tensor.requires_grad_(one.requires_grad)
                changed.append(f"whether {name} requires a gradient")
            if not _same(one.tensor, one.values):
                one.tensor.data = one.values.clone()
                changed.append(f"the values of {name}")
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        return f"{changed[0]}{more}" if changed else ""


def _module(module: nn.Module) -> _Module:
    held = {what: vars(module).get(what) for what in _HELD}
    return _Module(
        module=module,
        training=_mode(module),
        held={what: dict(value) for what, value in held.items() if isinstance(value, dict)},
        forward=vars(module).get(_OWN),
    )


def _tensor(tensor: torch.Tensor) -> _Tensor:
    return _Tensor(tensor, tensor.detach().clone(), tensor.requires_grad)


def _back(name: str, kept: _Module) -> list[str]:
    own, where = vars(kept.module), name or "the network"
    changed = []
    if _mode(kept.module) != kept.training:
        kept.module.training = kept.training
        changed.append(f"the mode of {where}")
    for what, before in kept.held.items():
        now = own[what]
        if len(now) != len(before) or any(now.get(key) is not one for key, one in before.items()):
            now.clear()
            now.update(before)
            changed.append(f"the {what.strip('_').replace('_', ' ')} of {where}")
    if own.get(_OWN) is not kept.forward:
        if kept.forward is None:
            del own[_OWN]
        else:
            own[_OWN] = kept.forward
        changed.append(f"the forward of {where}")
    return changed


def _mode(module: nn.Module) -> bool:
    return getattr(module, "training", False)  # a frozen TorchScript module has none


def _same(now: torch.Tensor, before: torch.Tensor) -> bool:
    if (now.shape, now.dtype, now.device) != (before.shape, before.dtype, before.device):
        return False
    return torch.equal(now, before) or torch.equal(now.nan_to_num(), before.nan_to_num())
