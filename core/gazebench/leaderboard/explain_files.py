"""An explanation as JSON."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gazebench.leaderboard.csv_text import rounded
from gazebench.leaderboard.explanation import Explanation

FORMAT, VERSION = "gazebench-explanation", 1


def explanation_json(explanation: Explanation) -> str:
    """Write everything; what is undefined is null, never NaN."""
    document = {"format": FORMAT, "version": VERSION, **asdict(explanation)}
    if explanation.ceiling is not None:
        name, cell = explanation.ceiling
        document["ceiling"] = {"entry": name, "cell": asdict(cell)}
    text = json.dumps(_plain(document), indent=1, ensure_ascii=False, allow_nan=False)
    return text + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, float):
        return rounded(value) if math.isfinite(value) else None  # a range may have no end
    return value
