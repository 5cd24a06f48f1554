"""A plugin ready to be called: its descriptor, its parameters and where it comes from."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from gazebench.spec.descriptors import Descriptor


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """One plugin as a run uses it.

    Attributes:
        name: the public name, short where that is unique; with its variant for a family, such as
            `timm/resnet50`.
        label: the name with the parameters that were given, in the function's order, such as
            `attention:gate=2`.
        parameters: those that were given, as values; the others keep the function's defaults.
        distribution: what gives it: an installed distribution, or a file's name.
        version: of the distribution; empty for a file.
        origin: where it is, as `module:attribute` or a file's path.
        code_hash: SHA-256 of its source (see `gazebench.registry.source_hash`); None when the
            source cannot be read, and then nothing it made may be taken from a cache.
        variant: what follows a family's name.
        limit_s: seconds that one task of it may take; None for any.
        witness: notes which task it is at; None where nobody cares.
    """

    kind: str
    name: str
    label: str
    descriptor: Descriptor
    parameters: Mapping[str, Any] = field(hash=False)
    distribution: str
    version: str
    origin: str
    code_hash: str | None
    variant: str | None = None
    limit_s: float | None = None
    witness: Callable[[str, str], AbstractContextManager[None]] | None = field(
        default=None, compare=False, repr=False
    )

    def call(self, *args: Any, **extra: Any) -> Any:
        """Call the function: a family's variant first, then `args`, with the parameters given.

        Of `extra`, what the function does not accept is left out: a run offers `seed` to every
        model, and a model that is not random need not take it. A parameter that the user gave
        wins over `extra`.
        """
        positional = args if self.variant is None else (self.variant, *args)
        accepted = _accepted(self.descriptor, len(positional), extra)
        return self.descriptor.function(*positional, **{**accepted, **self.parameters})


def _accepted(
    descriptor: Descriptor, positional: int, extra: Mapping[str, Any]
) -> Mapping[str, Any]:
    parameters = list(inspect.signature(descriptor.function).parameters.values())[positional:]
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return extra
    names = {p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)}
    return {key: value for key, value in extra.items() if key in names}
