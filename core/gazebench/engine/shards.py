"""A few cases at a time, keyed by what their files hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from gazebench.engine.keys import content_key
from gazebench.engine.opening import OpenedRun
from gazebench.engine.pixels import image_hash
from gazebench.spec.values import Case

CASES = 8  # of a shard, where no batch is larger


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """Neighbouring cases, scored by one task.

    Attributes:
        index: from 0, in the order of the cases.
        key: of the cases' own content, images included.
        images: the SHA-256 of every case's image, as far as it was looked at.
    """

    index: int
    cases: tuple[Case, ...]
    key: str
    images: tuple[str, ...] = ()


def make_shards(opened: OpenedRun, cases: Sequence[Case]) -> Iterator[Shard]:
    """Yield the shards of a run, in order, each keyed when it is asked for.

    Raises:
        DataError: an image cannot be read.
    """
    for index in range(number_of_shards(opened, cases)):
        yield shard_at(opened, cases, index)


def number_of_shards(opened: OpenedRun, cases: Sequence[Case]) -> int:
    """Return how many shards some cases make."""
    return -(-len(cases) // _size(opened))


def shard_at(opened: OpenedRun, cases: Sequence[Case], index: int) -> Shard:
    """Return one shard, keyed.

    Raises:
        DataError: an image cannot be read.
    """
    start = index * _size(opened)
    chosen = tuple(cases[start : start + _size(opened)])
    images = tuple(image_hash(opened, case) for case in chosen)
    content = [[asdict(case), image] for case, image in zip(chosen, images, strict=True)]
    return Shard(index=index, cases=chosen, key=content_key(_plain(content))[:32], images=images)


def _size(opened: OpenedRun) -> int:
    return max(CASES, opened.config.images_at_once)


def _plain(value: object) -> object:
    """Return what JSON can hold, for content keys."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, str | int | float | bool | None) else repr(value)
