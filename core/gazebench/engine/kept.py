"""The maps that a run has kept, as entries that need neither network nor method to be scored."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gazebench.engine.barrier import Failure
from gazebench.engine.folder import CACHE
from gazebench.engine.keys import content_key
from gazebench.engine.map_store import MapStore
from gazebench.errors import DataError, RunError
from gazebench.precomputed.values import StoredEntry, StoredMap, Which

KEPT = "kept.json"  # in the run's own cache folder: which maps it keeps, and what made them
MAPS = "maps"  # in the cache's folder
FORMAT = 1
AGAIN = "run the command that made them again, with --keep-maps"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KeptRun:
    """A run's maps on disk, and what its manifest said of how they were made.

    Attributes:
        folder: of the run.
        entries: one for every row of its leaderboard that a model or method made.
        failures: why there is no map: entry -> seed and case -> failure.
        images: case -> the SHA-256 of the image that was explained.
        plugins: "kind:label" -> provenance, of models and methods.
        weights: "label@seed" -> where a model's parameters came from.
        notices: about models.
        not_applicable: what could not be explained, and why.
    """

    folder: Path
    entries: tuple[StoredEntry, ...]
    failures: Mapping[str, Mapping[Which, Failure]]
    images: Mapping[str, str]
    plugins: Mapping[str, Any]
    weights: Mapping[str, Mapping[str, str | None]]
    notices: tuple[str, ...]
    not_applicable: Mapping[str, str]

    def check(self, cases: Sequence[str], images: Sequence[str]) -> None:
        """Refuse to compare maps with the gaze on other images than they explain.

        Raises:
            DataError: a case has no kept maps, or its image is not what it was.
        """
        for case, image in zip(cases, images, strict=True):
            if case not in self.images:
                raise DataError(f"{self.folder} keeps no maps of case {case}", do=AGAIN)
            if self.images[case] != image:
                raise DataError(
                    f"the image of case {case} is not the one that {self.folder} keeps maps of",
                    do=AGAIN,
                )


def read_kept(folder: Path) -> KeptRun:
    """Find the maps that a run has kept.

    Raises:
        RunError: it kept none, or not all of them.
    """
    file = folder / CACHE / KEPT
    try:
        content: Any = json.loads(file.read_text("utf-8"))
        if content["format"] != FORMAT:
            raise ValueError(f"format {content['format']!r}, expected {FORMAT}")
        cache = folder / CACHE / content["cache"]
        shards = {key: dict(cases) for key, cases in content["shards"]}
        found = list(_entries(folder, MapStore(cache / MAPS), content["entries"], shards))
        return KeptRun(
            folder=folder,
            entries=tuple(entry for entry, _ in found),
            failures={entry.name: failures for entry, failures in found},
            images={case: image for cases in shards.values() for case, image in cases.items()},
            plugins=content["plugins"],
            weights=content["weights"],
            notices=tuple(content["notices"]),
            not_applicable=content["not_applicable"],
        )
    except FileNotFoundError:
        raise RunError(f"{folder} keeps no maps", do=AGAIN) from None
    except (OSError, ValueError, ArithmeticError, LookupError, TypeError, AttributeError) as error:
        raise RunError(f"{file} cannot be understood: {error!r}", do=AGAIN) from error


def _entries(
    folder: Path,
    store: MapStore,
    listed: Sequence[Any],
    shards: Mapping[str, Mapping[str, str]],
) -> Iterator[tuple[StoredEntry, Mapping[Which, Failure]]]:
    for name, by_seed in listed:
        if not name.isprintable():
            raise ValueError(f"no entry is called {name!r}")
        maps: dict[Which, StoredMap] = {}
        failures: dict[Which, Failure] = {}
        for seed, map_key in by_seed:
            for shard, cases in shards.items():
                kept = store.of(shard, map_key)
                if kept is None or cases.keys() - kept.maps.keys() - kept.failures.keys():
                    raise RunError(
                        f"{folder} does not keep all maps of {name}: it did not come to its end, "
                        "or files were removed or damaged",
                        do=AGAIN,
                    )
                maps |= {Which(seed, case): stored for case, stored in kept.maps.items()}
                failures |= {Which(seed, case): why for case, why in kept.failures.items()}
        yield (
            StoredEntry(
                name=name,
                folder=folder,
                about={},
                seeds=tuple(seed for seed, _ in by_seed),
                maps=maps,
                files={"maps": content_key([by_seed, sorted(shards)])},
                notices=(),
            ),
            failures,
        )
