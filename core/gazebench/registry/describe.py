"""Everything worth saying about one plugin, as plain values."""

from __future__ import annotations

import inspect
from dataclasses import fields
from typing import Any

from gazebench.registry.host import Loaded
from gazebench.registry.parameters import settable
from gazebench.registry.reference import format_parameters
from gazebench.spec.descriptors import Descriptor

_SHARED = {field.name for field in fields(Descriptor)}


def facts(loaded: Loaded) -> dict[str, Any]:
    """Return what `gazebench plugins info` shows, but for the name."""
    listed, descriptor = loaded.listed, loaded.descriptor
    return {
        "kind": listed.kind,
        "title": descriptor.title,
        "reference": descriptor.reference,
        "distribution": listed.distribution,
        "version": listed.version,
        "origin": listed.origin,
        "file": _file(descriptor),
        "code_sha256": loaded.code_hash,
        "api": descriptor.api,
        **{key: _plain(value) for key, value in _own_fields(descriptor).items()},
        "parameters": [_parameter(p) for p in settable(descriptor).values()],
    }


def _own_fields(descriptor: Descriptor) -> dict[str, Any]:
    names = [field.name for field in fields(descriptor) if field.name not in _SHARED]
    # A plugin's own version (a metric's) must not hide its distribution's.
    return {
        f"{descriptor.kind}_version" if name == "version" else name: getattr(descriptor, name)
        for name in names
    }


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset | tuple):
        return [_plain(one) for one in (sorted(value) if isinstance(value, frozenset) else value)]
    return f"{value.__module__}:{value.__qualname__}" if callable(value) else value


def _parameter(parameter: inspect.Parameter) -> str:
    annotation = parameter.annotation
    kind = "" if annotation is parameter.empty else f": {_spelt(annotation)}"
    if parameter.default is parameter.empty:
        return f"{parameter.name}{kind} (required)"
    return f"{parameter.name}{kind} (default {format_parameters({'': parameter.default})[1:]})"


def _spelt(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def _file(descriptor: Descriptor) -> str | None:
    try:
        return inspect.getsourcefile(inspect.unwrap(descriptor.function))
    except TypeError:  # a callable that is no Python function
        return None
