"""GazeBench: do a model's saliency maps look where radiologists look?

The public names are loaded when first used, so that `import gazebench` stays instant.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gazebench.api import (
        analyse_subsets,
        compare,
        explain,
        merge,
        publish_run,
        rank,
        rebuild,
        replicate,
        report,
        rescore,
        run,
    )
    from gazebench.running.run import Run
    from gazebench.spec import (
        dataset,
        exporter,
        floor,
        hookimpl,
        image_method,
        method,
        metric,
        model,
        model_metric,
        reference,
        replication,
        subset,
    )

__version__ = "0.1.0"

_HOME = {
    "Run": "gazebench.running.run",
    "analyse_subsets": "gazebench.api",
    "compare": "gazebench.api",
    "explain": "gazebench.api",
    "publish_run": "gazebench.api",
    "rank": "gazebench.api",
    "rebuild": "gazebench.api",
    "replicate": "gazebench.api",
    "report": "gazebench.api",
    "rescore": "gazebench.api",
    "run": "gazebench.api",
    "dataset": "gazebench.spec",
    "exporter": "gazebench.spec",
    "floor": "gazebench.spec",
    "hookimpl": "gazebench.spec",
    "image_method": "gazebench.spec",
    "method": "gazebench.spec",
    "merge": "gazebench.api",
    "metric": "gazebench.spec",
    "model": "gazebench.spec",
    "model_metric": "gazebench.spec",
    "reference": "gazebench.spec",
    "replication": "gazebench.spec",
    "subset": "gazebench.spec",
}

__all__ = [
    "Run",
    "analyse_subsets",
    "compare",
    "dataset",
    "explain",
    "exporter",
    "floor",
    "hookimpl",
    "image_method",
    "merge",
    "method",
    "metric",
    "model",
    "model_metric",
    "publish_run",
    "rank",
    "rebuild",
    "reference",
    "replicate",
    "replication",
    "report",
    "rescore",
    "run",
    "subset",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'gazebench' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
