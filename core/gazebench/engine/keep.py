"""Note which maps a run keeps, so that they can be scored without what made them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from gazebench.engine.columns import Columns
from gazebench.engine.folder import CACHE, relative_to
from gazebench.engine.kept import FORMAT, KEPT
from gazebench.engine.manifest import provenance
from gazebench.engine.opening import OpenedRun
from gazebench.engine.plan import DEFAULT_FLOORS, PAPER_METRICS
from gazebench.engine.shards import Shard
from gazebench.engine.store import make_folder, write_text


def write_kept(
    folder: Path, cache: Path, opened: OpenedRun, columns: Columns, shards: Sequence[Shard]
) -> None:
    """Note the maps that are kept in `cache`, and what makes them, before they are made."""
    own = folder / CACHE
    plan, explained = opened.plan, frozenset(opened.plan.explained)
    entries: dict[str, dict[int, str]] = {}
    for one in columns.all:
        if one.column.entry in explained:
            entries.setdefault(one.column.entry, {})[one.column.seed] = one.map_key
    content = {
        "format": FORMAT,
        "cache": relative_to(cache, own),
        "shards": [
            [shard.key, [[c.id, i] for c, i in zip(shard.cases, shard.images, strict=True)]]
            for shard in shards
        ],
        "entries": [[name, sorted(seeds.items())] for name, seeds in entries.items()],
        "plugins": {f"{p.kind}:{p.label}": provenance(p) for p in plan.makers},
        "weights": dict(opened.weights),
        "notices": list(opened.model_notices),
        "not_applicable": _not_explained(opened),
    }
    make_folder(own)
    write_text(own / KEPT, json.dumps(content, sort_keys=True) + "\n")


def _not_explained(opened: OpenedRun) -> dict[str, str]:
    """Return what models and methods cannot do; of metrics and floors others may be asked for."""
    config = opened.config
    scoring = {*(config.metrics or PAPER_METRICS), *(config.floors or DEFAULT_FLOORS)}
    names = {text.partition(":")[0] for text in scoring}
    found = opened.plan.not_applicable.items()
    return {name: why for name, why in found if name.partition(":")[0] not in names}
