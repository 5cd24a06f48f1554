"""A plugin's parameters: text from the user, values for the function."""

from __future__ import annotations

import inspect
import math
import types
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gazebench.errors import UsageError
from gazebench.spec.descriptors import Descriptor
from gazebench.spec.suggest import suggest

# The run gives these to every model; a user sets them for the whole run.
GIVEN_BY_THE_RUN: Mapping[str, frozenset[str]] = {"model": frozenset({"seed"})}


def settable(descriptor: Descriptor) -> dict[str, inspect.Parameter]:
    """Return the parameters a user may set, in the order the function declares them."""
    given = GIVEN_BY_THE_RUN.get(descriptor.kind, frozenset())
    return {name: p for name, p in descriptor.parameters.items() if name not in given}


def read_parameters(
    descriptor: Descriptor, texts: Mapping[str, str], *, name: str
) -> dict[str, Any]:
    """Turn text into values of the types the function declares; only what was given is returned.

    The type is the annotation's (int, float, bool, str, None, Path, Literal, tuples and unions of
    them), or else the default's. `name` is the plugin's, for messages.

    Raises:
        UsageError: an unknown parameter, a value of another type, or a required one left out.
    """
    known = settable(descriptor)
    for key in texts:
        if key not in known:
            raise _unknown(key, descriptor, name=name)
    required = [k for k, p in known.items() if p.default is p.empty and k not in texts]
    if required:
        raise UsageError(
            f"the {descriptor.kind} {name} needs {', '.join(required)}",
            do=f"write {name}:" + ",".join(f"{key}=..." for key in required),
        )
    return {
        key: _read(texts[key], _types(descriptor, parameter), key=key, name=name)
        for key, parameter in known.items()
        if key in texts
    }


def _unknown(key: str, descriptor: Descriptor, *, name: str) -> UsageError:
    if key in GIVEN_BY_THE_RUN.get(descriptor.kind, frozenset()):
        return UsageError(
            f"{key} of the {descriptor.kind} {name} is given by the run", do=f"use --{key}"
        )
    known = settable(descriptor)
    has = f"its parameters are {', '.join(known)}" if known else "it has none"
    return UsageError(
        f"the {descriptor.kind} {name} has no parameter {key!r}; {has}",
        do=f"{suggest(key, known)} `gazebench plugins info {name}` explains them".lstrip(),
    )


def _types(descriptor: Descriptor, parameter: inspect.Parameter) -> tuple[Any, ...]:
    annotation = parameter.annotation
    if isinstance(annotation, str):
        annotation = _evaluated(annotation, descriptor.function)
    if annotation is parameter.empty or annotation is Any:
        default = parameter.default
        annotation = str if default is parameter.empty else type(default)
    alternatives = _alternatives(annotation)
    return (types.NoneType, str) if alternatives == (types.NoneType,) else alternatives


def _evaluated(annotation: str, function: Callable[..., Any]) -> Any:
    """Evaluate one postponed annotation; names known to type checkers only count as absent."""
    try:
        return eval(annotation, getattr(inspect.unwrap(function), "__globals__", {}))
    except (NameError, AttributeError, TypeError):
        return inspect.Parameter.empty


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _alternatives(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return tuple(a for one in typing.get_args(annotation) for a in _alternatives(one))
    return (types.NoneType if annotation is None else annotation,)


def _read(text: str, alternatives: tuple[Any, ...], *, key: str, name: str) -> Any:
    for annotation in sorted(alternatives, key=_precedence):
        try:
            return _read_as(text, annotation)
        except ValueError:
            continue
    wanted = " or ".join(_described(annotation) for annotation in alternatives)
    raise UsageError(
        f"{key} of {name} takes {wanted}, found {text!r}", do=f"write {name}:{key}=VALUE"
    )


def _precedence(annotation: Any) -> int:
    """Order alternatives so that the stricter reader is asked first and text last."""
    order = [types.NoneType, bool, int, float]
    if annotation in order:
        return order.index(annotation)
    return len(order) + (annotation is str)


def _read_as(text: str, annotation: Any) -> Any:
    if annotation in _READERS:
        return _READERS[annotation](text)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return (
            {str(value): value for value in arguments}[text]
            if text in map(str, arguments)
            else _refuse(text)
        )
    if origin is tuple and arguments[1:] == (...,):
        return tuple(_read_as(one.strip(), arguments[0]) for one in text.split(","))
    return _refuse(text)


def _refuse(text: str) -> Any:
    raise ValueError(text)


def _bool(text: str) -> bool:
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    return known[text.lower()] if text.lower() in known else bool(_refuse(text))


def _finite(text: str) -> float:
    value = float(text)
    return value if not math.isnan(value) else float(_refuse(text))


def _none(text: str) -> None:
    if text.lower() != "none":
        _refuse(text)


_READERS: Mapping[Any, Callable[[str], Any]] = {
    types.NoneType: _none,
    bool: _bool,
    int: int,
    float: _finite,
    str: str,
    Path: Path,
}

_WORDS: Mapping[Any, str] = {
    types.NoneType: "none",
    bool: "true or false",
    int: "an integer",
    float: "a number",
    str: "text",
    Path: "a path",
}


def _described(annotation: Any) -> str:
    if annotation in _WORDS:
        return _WORDS[annotation]
    if typing.get_origin(annotation) is typing.Literal:
        return " or ".join(str(value) for value in typing.get_args(annotation))
    return f"something the command line cannot give ({annotation})"
