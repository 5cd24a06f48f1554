"""The array vocabulary of gaze and scoring: names for shapes, checked in the tests."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from jaxtyping import Bool, Float

SaliencyMap: TypeAlias = Float[np.ndarray, "height width"]
"""What is scored, in image pixels."""

GazeHeatmap: TypeAlias = Float[np.ndarray, "height width"]
"""Duration-weighted sum of Gaussians, seconds per pixel."""

FixationDensity: TypeAlias = Float[np.ndarray, "height width"]
"""Non-negative, summing to 1."""

Densities: TypeAlias = Float[np.ndarray, "readings height width"]
"""One fixation density per reading of a case."""

Region: TypeAlias = Bool[np.ndarray, "height width"]
"""Pixels that readers marked."""

Regions: TypeAlias = tuple[Region | None, ...]
"""One region per reading of a case; None where nothing is marked."""
