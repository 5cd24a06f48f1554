"""Call a method on a batch and check what came back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from gazebench.attribution.explain import Explainer
from gazebench.errors import PluginError
from gazebench.registry.plugin import Plugin
from gazebench.spec.descriptors import Method


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassMaps:
    """What a method returned: [B, C, h, w] for the classes asked for, [B, h, w] if class-free."""

    maps: torch.Tensor
    class_free: bool

    @property
    def is_finite(self) -> torch.Tensor:
        """Whether each image's maps hold neither NaN nor infinity, [B] booleans."""
        return self.maps.isfinite().flatten(1).all(1)


def attribute(
    method: Plugin,
    explainer: Explainer,
    images: torch.Tensor,
    classes: Sequence[int] | None = None,
) -> ClassMaps:
    """Explain classes (None: every one) of every image, [B, channels, H, W].

    NaN and infinity are let through (`ClassMaps.is_finite`, and the score of that very map, say
    so), so that one bad image costs one image. Maps in half precision become single.

    Raises:
        PluginError: the method returned something else than maps of the declared form.
    """
    descriptor = method.descriptor
    assert isinstance(descriptor, Method)
    if classes is None:
        classes = range(len(explainer.class_names))
    found = method.call(explainer, images, classes)
    if not isinstance(found, torch.Tensor):
        raise _broken(method, f"a {type(found).__name__}", "a tensor")
    leading = (len(images),) if descriptor.class_free else (len(images), len(classes))
    if found.ndim != len(leading) + 2 or found.shape[: len(leading)] != leading:
        expected = f"shape [{', '.join(map(str, leading))}, h, w]"
        raise _broken(method, f"shape {tuple(found.shape)}", expected)
    if not found.is_floating_point() or not found.numel():
        raise _broken(method, f"{found.dtype} of shape {tuple(found.shape)}", "floating point")
    if found.is_meta or found.layout is not torch.strided:
        raise _broken(method, f"a {found.layout} tensor on {found.device}", "a dense one")
    maps = found.detach().to(torch.promote_types(found.dtype, torch.float32))
    return ClassMaps(maps=maps, class_free=descriptor.class_free)


def _broken(method: Plugin, found: str, expected: str) -> PluginError:
    return PluginError(
        f"the method {method.label} returned {found}, expected {expected}",
        do=f"mend {method.origin}; `gazebench.spec.Method` says what it must return",
    )
