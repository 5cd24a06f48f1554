"""Scores that are kept: one file per task, whole or absent, found again by what it depends on.

A file's name ends with the SHA-256 of its bytes: one that was changed since counts as absent.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from gazebench.engine.costs import Spent
from gazebench.engine.failures import Raised
from gazebench.engine.keys import content_key
from gazebench.engine.shards import Shard
from gazebench.engine.store import SCHEMA, make_folder, write_bytes
from gazebench.errors import RunError
from gazebench.scoring.prior_mix import MixTerms

FORMAT = 1
ABOUT = b"gazebench"
SUFFIX = ".parquet"
KEYED = SCHEMA.remove(SCHEMA.get_field_index("cluster")).append(
    pa.field("key", pa.string(), nullable=False)
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """What one task made of one shard.

    Attributes:
        rows: with the columns of `KEYED`.
        keys: of all columns in it, with or without rows.
        spent: map key -> what its maps cost.
        terms: column key -> case -> the terms of the gaming checks.
        readers: column key -> case -> how alike the readers are.
        raised: what plugins raised.
        seconds: stage -> wall time.
    """

    rows: Any
    keys: frozenset[str]
    spent: Mapping[str, Spent] = field(default_factory=dict)
    terms: Mapping[str, Mapping[str, MixTerms]] = field(default_factory=dict)
    readers: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    raised: tuple[Raised, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)


class ShardStore:
    """A folder of parts, by shard. Several processes may fill it at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, shard: Shard, part: Part) -> Path:
        """Write a part; what it holds counts as recorded from then on.

        Raises:
            RunError: the folder cannot be written, or the disk is full.
        """
        table = part.rows.replace_schema_metadata({ABOUT: _about_text(part).encode()})
        file = io.BytesIO()
        pq.write_table(table, file, compression="zstd")
        content = file.getvalue()
        name = f"{content_key(sorted(part.keys))[:32]}-{_digest(content)}{SUFFIX}"
        path = self._folder / shard.key / name
        make_folder(path.parent)
        write_bytes(path, content)
        return path

    def parts(self, shard: Shard) -> Iterator[Part]:
        """Yield what is recorded of a shard; a file that is not whole any more is removed.

        Raises:
            RunError: a file is there and cannot be read, now or by this user.
        """
        for path in sorted((self._folder / shard.key).glob(f"*-*{SUFFIX}")):
            content = _content(path)
            if content is None:
                continue
            if not path.stem.endswith(f"-{_digest(content)}"):
                with suppress(OSError):  # it does no harm
                    path.unlink()
            elif (part := _parsed(content)) is not None:
                yield part

    def keys(self, shard: Shard) -> frozenset[str]:
        """Return the columns that are recorded of a shard."""
        found: set[str] = set()
        for part in self.parts(shard):
            found |= part.keys
        return frozenset(found)


def _about_text(part: Part) -> str:
    return json.dumps(
        {
            "format": FORMAT,
            "keys": sorted(part.keys),
            "spent": {key: asdict(spent) for key, spent in sorted(part.spent.items())},
            "terms": {
                key: {case: list(terms) for case, terms in sorted(of_case.items())}
                for key, of_case in sorted(part.terms.items())
            },
            "readers": {key: dict(sorted(v.items())) for key, v in sorted(part.readers.items())},
            "raised": [asdict(one) for one in part.raised],
            "seconds": dict(sorted(part.seconds.items())),
        },
        allow_nan=False,
    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def _content(path: Path) -> bytes | None:
    """Return what is in a file; None where another process has removed it."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RunError(
            f"recorded scores cannot be read: {path}: {error.strerror or error}",
            do="see to it that the file can be read, or delete it: its scores are then made again",
        ) from error


def _parsed(content: bytes) -> Part | None:
    """Return a part; None where the file is of another format."""
    try:
        table = pq.read_table(io.BytesIO(content))
        about = json.loads(table.schema.metadata[ABOUT])
        if about["format"] != FORMAT or table.schema.names != KEYED.names:
            return None
        return Part(
            rows=table.cast(KEYED),
            keys=frozenset(about["keys"]),
            spent={key: Spent(**spent) for key, spent in about["spent"].items()},
            terms={
                key: {case: _terms(values) for case, values in of_case.items()}
                for key, of_case in about["terms"].items()
            },
            readers=about["readers"],
            raised=tuple(Raised(**one) for one in about["raised"]),
            seconds=about["seconds"],
        )
    except (pa.ArrowException, ValueError, KeyError, TypeError):
        return None


def _terms(values: list[Any]) -> MixTerms:
    with_references, with_bias, bias, is_map, closest = values
    return MixTerms(tuple(with_references), tuple(with_bias), bias, tuple(is_map), closest)
