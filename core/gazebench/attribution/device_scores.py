"""The scores of maps that already live on a device, without bringing them back.

The same definitions as `gazebench.scoring`, as torch operations: AUCs by one sort of a map's
pixels, everything else by products with the densities, in float64 and a part of the pixels at a
time. The same code is for the CPU and CUDA. Tests hold it to the kernels' scores on the CPU, and on
CUDA where torch finds a GPU; so far it has been run on the CPU only.

    target = DeviceTarget(references, centre_bias, device="cuda")
    scores = device_scores(maps, target, ("ncc", "sncc", "auc", "sauc"))  # {"ncc": [B, R], ...}

Memory, beside the densities in float32: some ten values of a map in float64, whatever the number
of maps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import frexp, isfinite

import numpy as np
import torch
from numpy.typing import NDArray

from gazebench.errors import UsageError
from gazebench.gaze.grid import Upsampling
from gazebench.gaze.resample import AxisMap
from gazebench.spec.values import Points

EPSILON = 2.220446e-16  # MATLAB's, as in the metric `kl`
AT_ONCE = 2**20  # pixels of all densities that are in float64 at a time
UNITS = 2.0**60  # that the negatives' mass is counted in: whole numbers add up alike in any order


class DeviceTarget:
    """What the maps of one case are compared with, on a device."""

    def __init__(
        self,
        references: NDArray[np.floating],
        centre_bias: NDArray[np.floating] | None = None,
        fixations: Sequence[Points] = (),
        *,
        device: str = "cpu",
    ) -> None:
        """Move references [R, H, W], centre bias [H, W] and fixated points [R] to a device.

        Raises:
            ValueError: a density is not finite or has no mass, or a fixation is off the image.
        """
        self.size = references.shape[1:]
        stack = [*references, *([] if centre_bias is None else [centre_bias])]
        self.readings = len(references)
        self.has_bias = centre_bias is not None
        flat = np.stack(stack).reshape(len(stack), -1).astype(np.float32)
        self.densities = torch.from_numpy(flat).to(device)
        self.totals = _sums(self.densities, lambda p, _at: p)
        if not all(isfinite(total) and total > 0.0 for total in self.totals.tolist()):
            raise ValueError("a reference or the centre bias is not finite or has no mass")
        self.means = self.totals / flat.shape[1]
        self.squares = _sums(self.densities, lambda p, _at: (p - self.means[:, None]) ** 2)
        self.entropies = -_sums(self.densities, lambda p, _at: torch.xlogy(p, p)) / self.totals
        self.entropies += torch.log(self.totals)
        self.fixations = [
            torch.from_numpy(_pixels(points, references.shape[1:], index)).to(device)
            for index, points in enumerate(fixations)
        ]


def _pixels(points: Points, size: tuple[int, ...], index: int) -> NDArray[np.int64]:
    rows, columns = (np.asarray(one, np.int64) for one in points)
    if not ((rows >= 0) & (rows < size[0]) & (columns >= 0) & (columns < size[1])).all():
        raise ValueError(f"a fixation of reading {index} is off the image")
    return np.asarray(rows * size[1] + columns)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Map:
    """One map, flat, with what its scores share."""

    values: torch.Tensor
    mean: torch.Tensor
    squares: torch.Tensor

    @property
    def is_constant(self) -> bool:
        return bool(self.values.min() == self.values.max())

    def distribution(self, part: slice) -> torch.Tensor:
        """Return (map - min(map, 0)) / sum of some pixels, in float64; uniform without mass."""
        shift = torch.clamp(self.values.min().double(), max=0.0)
        mass = (self.mean - shift) * self.values.numel()
        chosen = self.values[part].double()
        uniform = torch.full_like(chosen, 1.0 / self.values.numel())
        return torch.where(mass > 0, (chosen - shift) / mass, uniform)


def device_scores(
    maps: torch.Tensor,
    target: DeviceTarget,
    metrics: Sequence[str],
    upsampling: Upsampling | None = None,
) -> dict[str, torch.Tensor]:
    """Return the scores of maps [B, H, W] (or coarse ones [B, h, w] with their `upsampling`).

    One tensor [B, R] in float64 per metric, on the maps' device; NaN where a constant map has no
    value. `metrics` are among ncc, sncc, auc, sauc, nss, kl and sim.

    Raises:
        UsageError: a metric that is not among these, or that the target lacks something for.
        ValueError: a map holds NaN or infinity, is for another image or lies on another device.
    """
    for name in metrics:
        _check(name, target)
    if maps.device != target.densities.device:
        raise ValueError(f"the maps are on {maps.device}, the target on {target.densities.device}")
    shape = len(maps), target.readings
    rows = {name: maps.new_empty(shape, dtype=torch.float64) for name in metrics}
    with torch.no_grad():
        for index, born in enumerate(maps):
            native = _in_float32(born, index)
            native = native if upsampling is None else _upsampled(native, upsampling)
            if tuple(native.shape) != tuple(target.size):
                raise ValueError(f"map {index} is {tuple(native.shape)}, the image {target.size}")
            for name, found in _scores(native.reshape(-1), target, metrics):
                rows[name][index] = found
    return rows


def _in_float32(born: torch.Tensor, index: int) -> torch.Tensor:
    """Return a map in float32, scaled by a power of two where float32 could not hold it."""
    low, high = torch.stack(torch.aminmax(born)).double().tolist()  # NaN passes through
    if not (isfinite(low) and isfinite(high)):
        raise ValueError(f"map {index} holds NaN or infinity and cannot be scored")
    exponent = frexp(max(abs(low), abs(high)))[1]
    if born.dtype != torch.float64 or -60 < exponent <= 127:
        return born.float()
    return (born * 2.0 ** max(-exponent, -1022)).float()


def _check(name: str, target: DeviceTarget) -> None:
    if name not in METRICS:
        raise UsageError(
            f"{name!r} is not scored on a device", do=f"choose among {', '.join(METRICS)}"
        )
    if name in ("sncc", "sauc") and not target.has_bias:
        raise UsageError(f"{name} needs a centre bias", do="give DeviceTarget one")
    if name == "nss" and len(target.fixations) != target.readings:
        raise UsageError("nss needs fixations", do="give DeviceTarget those of every reading")


def _scores(
    values: torch.Tensor, target: DeviceTarget, metrics: Sequence[str]
) -> Iterator[tuple[str, torch.Tensor]]:
    mean = values.double().mean()
    one = _Map(values=values, mean=mean, squares=((values.double() - mean) ** 2).sum())
    shared: dict[str, torch.Tensor] = {}
    for name in metrics:
        yield name, METRICS[name](one, target, shared)[: target.readings]


def _correlations(one: _Map, target: DeviceTarget, shared: dict[str, torch.Tensor]) -> torch.Tensor:
    """Return the correlation with every density, the centre bias last."""
    if "ncc" not in shared:
        centred = one.values.double() - one.mean
        products = _sums(target.densities, lambda p, at: (p - target.means[:, None]) * centred[at])
        scale = torch.sqrt(one.squares * target.squares)
        found = torch.where(scale > 0, products / scale, torch.nan).clamp(-1.0, 1.0)
        shared["ncc"] = torch.full_like(found, torch.nan) if one.is_constant else found
    return shared["ncc"]


def _less_bias(one: _Map, target: DeviceTarget, shared: dict[str, torch.Tensor]) -> torch.Tensor:
    found = _correlations(one, target, shared)
    return found - found[-1]


def _auc(one: _Map, target: DeviceTarget, shared: dict[str, torch.Tensor]) -> torch.Tensor:
    return _both_aucs(one, target, shared)[0]


def _shuffled_auc(one: _Map, target: DeviceTarget, shared: dict[str, torch.Tensor]) -> torch.Tensor:
    return _both_aucs(one, target, shared)[1]


def _both_aucs(one: _Map, target: DeviceTarget, shared: dict[str, torch.Tensor]) -> torch.Tensor:
    """Return the AUCs under uniform negatives and under the centre bias, from one sort."""
    if "auc" not in shared:
        ascending, order = torch.sort(one.values)
        _, counts = torch.unique_consecutive(ascending, return_counts=True)
        ends = torch.cumsum(counts, 0) - 1
        upto = [ends + 1]
        if target.has_bias:
            # In whole numbers: on CUDA a running sum of floats differs from call to call.
            mass = target.densities[-1][order].double() * (UNITS / target.totals[-1])
            upto.append(torch.cumsum(mass.round_().long(), 0)[ends])
        found = []
        for below_and_own in upto:
            below = torch.cat([torch.zeros_like(below_and_own[:1]), below_and_own[:-1]])
            middle = (below + below_and_own).double() / (2.0 * below_and_own[-1].double())
            at_pixel = torch.empty_like(one.values, dtype=torch.float64)
            at_pixel[order] = torch.repeat_interleave(middle, counts)
            found.append(_expectations(target, at_pixel))
        shared["auc"] = torch.stack(found)
    return shared["auc"]


def _expectations(target: DeviceTarget, at_pixel: torch.Tensor) -> torch.Tensor:
    return _sums(target.densities, lambda p, at: p * at_pixel[at]) / target.totals


def _nss(one: _Map, target: DeviceTarget, _shared: dict[str, torch.Tensor]) -> torch.Tensor:
    deviation = torch.sqrt(one.squares / one.values.numel())
    if one.is_constant:
        deviation = deviation * torch.nan
    at = [one.values[points].double().mean() for points in target.fixations]
    return (torch.stack(at) - one.mean) / deviation


def _divergences(one: _Map, target: DeviceTarget, _shared: dict[str, torch.Tensor]) -> torch.Tensor:
    crossed = -_sums(target.densities, lambda p, at: p * torch.log(one.distribution(at) + EPSILON))
    return torch.clamp(crossed / target.totals - target.entropies, min=0.0)


def _intersections(
    one: _Map, target: DeviceTarget, _shared: dict[str, torch.Tensor]
) -> torch.Tensor:
    shares = target.totals[:, None]
    return _sums(
        target.densities, lambda p, at: torch.minimum(p / shares, one.distribution(at))
    ).clamp(0.0, 1.0)


Scorer = Callable[[_Map, DeviceTarget, dict[str, torch.Tensor]], torch.Tensor]
METRICS: Mapping[str, Scorer] = {
    "ncc": _correlations,
    "sncc": _less_bias,
    "auc": _auc,
    "sauc": _shuffled_auc,
    "nss": _nss,
    "kl": _divergences,
    "sim": _intersections,
}


def _sums(
    densities: torch.Tensor, term: Callable[[torch.Tensor, slice], torch.Tensor]
) -> torch.Tensor:
    """Return, per density, the sum over pixels of a term, in float64, a part at a time.

    `term` takes a part of all densities, in float64, and which pixels that is.
    """
    found = torch.zeros(len(densities), dtype=torch.float64, device=densities.device)
    for start in range(0, densities.shape[1], AT_ONCE):
        at = slice(start, start + AT_ONCE)
        part = densities[:, at].double()
        found += term(part, at).sum(dim=1)
    return found


def _upsampled(grid: torch.Tensor, upsampling: Upsampling) -> torch.Tensor:
    """Return a coarse map in image pixels, with the weights that the CPU's way has."""
    across = _along(grid, upsampling.columns, 1)
    return _along(across, upsampling.rows, 0)


def _along(values: torch.Tensor, axis: AxisMap, dim: int) -> torch.Tensor:
    device = values.device
    lower = values.index_select(dim, torch.from_numpy(axis.lower).to(device))
    upper = values.index_select(dim, torch.from_numpy(axis.upper).to(device))
    weight = torch.from_numpy(axis.weight.astype(np.float32)).to(device)
    share = weight[:, None] if dim == 0 else weight[None, :]
    return lower + share * (upper - lower)
