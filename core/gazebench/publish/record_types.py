"""Record types as JSON Schema and back from JSON, both driven by the types themselves."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from gazebench.spec.board import RankInterval

SIMPLE = {str: "string", int: "integer", float: "number", bool: "boolean"}


def json_schema(kind: Any) -> dict[str, Any]:
    """Return the JSON Schema of a type that may stand in a record; objects are closed."""
    if kind in SIMPLE:
        return {"type": SIMPLE[kind]}
    if kind is RankInterval:
        count = {"type": "integer", "minimum": 1}
        return {"type": "array", "items": count, "minItems": 2, "maxItems": 2}
    if is_dataclass(kind):
        return {"$ref": f"#/$defs/{kind.__name__}"}  # type: ignore[union-attr]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"enum": [str(member) for member in kind]}
    form, inside = get_origin(kind), get_args(kind)
    if form in (types.UnionType, Union):
        (kept,) = (one for one in inside if one is not type(None))
        return {"anyOf": [json_schema(kept), {"type": "null"}]}
    if form is tuple:
        return {"type": "array", "items": json_schema(inside[0])}
    if form is Mapping:
        return {"type": "object", "additionalProperties": json_schema(inside[1])}
    raise TypeError(f"{kind} has no place in a record")


def definitions(*kinds: type) -> dict[str, Any]:
    """Return the schemas of dataclasses and of all that they hold, by name."""
    found: dict[str, Any] = {}
    waiting = list(kinds)
    while waiting:
        kind = waiting.pop()
        if kind.__name__ in found:
            continue
        hints = hints_of(kind)
        found[kind.__name__] = {
            "type": "object",
            "additionalProperties": False,
            "required": [one.name for one in fields(kind) if default_of(one) is MISSING],
            "properties": {name: json_schema(hint) for name, hint in hints.items()},
        }
        waiting += [part for hint in hints.values() for part in _dataclasses(hint)]
    return dict(sorted(found.items()))


def decode(kind: Any, value: Any) -> Any:
    """Return the value of a type that its JSON stands for; the JSON fits the type's schema."""
    if kind is float:
        return float(value)
    if kind in SIMPLE:
        return value
    if kind is RankInterval:
        return RankInterval(*value)
    if is_dataclass(kind):
        hints = hints_of(kind)  # type: ignore[arg-type]
        return kind(**{name: decode(hints[name], part) for name, part in value.items()})  # type: ignore[operator]
    if isinstance(kind, type):
        return kind(value)
    form, inside = get_origin(kind), get_args(kind)
    if form in (types.UnionType, Union):
        (kept,) = (one for one in inside if one is not type(None))
        return None if value is None else decode(kept, value)
    if form is tuple:
        return tuple(decode(inside[0], one) for one in value)
    return {name: decode(inside[1], one) for name, one in value.items()}


def without_defaults(value: Any, encoded: Any) -> Any:
    """Return a value's JSON without the fields that say what they say when they are left out."""
    if is_dataclass(value):
        return {
            one.name: without_defaults(getattr(value, one.name), encoded[one.name])
            for one in fields(value)
            if getattr(value, one.name) != default_of(one)
        }
    if isinstance(value, Mapping):
        return {name: without_defaults(part, encoded[name]) for name, part in value.items()}
    if isinstance(value, tuple) and not isinstance(value, RankInterval):
        return [without_defaults(a, b) for a, b in zip(value, encoded, strict=True)]
    return encoded


def default_of(one: Field[Any]) -> Any:
    """Return what a field is when it is left out; `MISSING` where it may not be."""
    return one.default if one.default_factory is MISSING else one.default_factory()


@lru_cache(maxsize=64)
def hints_of(kind: type) -> Mapping[str, Any]:
    """Return field -> type of a dataclass."""
    known = get_type_hints(kind)
    return {one.name: known[one.name] for one in fields(kind)}


def _dataclasses(hint: Any) -> list[type]:
    if is_dataclass(hint):
        return [hint]  # type: ignore[list-item]
    return [found for part in get_args(hint) for found in _dataclasses(part)]
