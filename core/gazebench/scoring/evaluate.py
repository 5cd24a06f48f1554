"""A metric on a map and its target: one value or one reason per reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gazebench.errors import PluginError
from gazebench.scoring.target import Target
from gazebench.spec.descriptors import Metric
from gazebench.spec.values import Size, Status

if TYPE_CHECKING:  # protocols cannot be checked at run time
    from gazebench.spec.contracts import ScoredMap

TOLERANCE = 1e-6  # how far a value may leave its metric's range by rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One score, or why there is none: `value` is None exactly when `status` is not OK."""

    value: float | None
    status: Status = Status.OK
    reason: str = ""


def check_map(values: object, size: Size) -> Outcome | None:
    """Say why something cannot be scored as a map of an image of `size`; None when it can.

    >>> check_map(np.array([[0.0, np.nan]]), Size(1, 2)).reason
    'the map holds 1 NaN and 0 infinite pixels of 2'
    >>> check_map(np.zeros((2, 1)), Size(1, 2)).reason
    'the map is 2 x 1 pixels (height x width), the image 1 x 2'
    """
    if not isinstance(values, np.ndarray):
        return _refused(Status.FAILED, f"the map is a {type(values).__name__}, not an array")
    if values.dtype.kind not in "fiub":
        return _refused(Status.FAILED, f"the map is of type {values.dtype}, not real numbers")
    if values.shape != tuple(size):
        found = " x ".join(map(str, values.shape))
        wanted = f"{size.height} x {size.width}"
        return _refused(
            Status.FAILED, f"the map is {found} pixels (height x width), the image {wanted}"
        )
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        nans = int(np.isnan(values).sum())
        infinities = int(np.isinf(values).sum())
        return _refused(
            Status.NONFINITE,
            f"the map holds {nans} NaN and {infinities} infinite pixels of {values.size}",
        )
    return None


def evaluate(
    metric: Metric, parameters: Mapping[str, Any], scored: ScoredMap, target: Target
) -> list[Outcome]:
    """Return one outcome per reading of the target, in order.

    A reading for which the target lacks something that the metric needs is not applicable. NaN
    becomes `Status.UNDEFINED` with a reason; nothing else of what a metric returns is mended.

    Raises:
        PluginError: the metric returned anything but one real number per reading, or a value
            outside its declared range.
    """
    lacking = [target.lacks(metric.needs, index) for index in range(len(target.references))]
    outcomes = [not_applicable(reason) for reason in lacking]
    chosen = [index for index, reason in enumerate(lacking) if not reason]
    if not chosen:
        return outcomes
    found = np.asarray(metric.function(scored, target.only(chosen), **parameters))
    if found.shape != (len(chosen),) or found.dtype.kind not in "fiu":
        raise PluginError(
            f"metric {_named(metric)} returned {found.dtype} of shape {found.shape}, expected one "
            f"number per reading, shape ({len(chosen)},)",
            do="return an array of floats with one value for every row of target.references",
        )
    for index, value in zip(chosen, found, strict=True):
        outcomes[index] = _outcome(metric, float(value), scored)
    return outcomes


def not_applicable(reason: str) -> Outcome:
    """Return the outcome of a reading that the metric cannot be computed for, whatever the map."""
    return _refused(Status.NOT_APPLICABLE, reason)


def _outcome(metric: Metric, value: float, scored: ScoredMap) -> Outcome:
    if np.isnan(value):
        why = "the map is constant" if scored.is_constant else "the formula has no value here"
        return _refused(Status.UNDEFINED, f"{metric.title}: {why}")
    low, high = metric.range
    if np.isinf(value) or not low - TOLERANCE <= value <= high + TOLERANCE:
        raise PluginError(
            f"metric {_named(metric)} returned {value:g}, outside its declared range "
            f"[{low:g}, {high:g}]",
            do="correct the metric or its declared range",
        )
    return Outcome(value=value)


def _refused(status: Status, reason: str) -> Outcome:
    return Outcome(value=None, status=status, reason=reason)


def _named(metric: Metric) -> str:
    function = metric.function
    return f"{metric.title!r} ({function.__module__}:{function.__qualname__})"
