"""The trained network as one safetensors file, with where it comes from inside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save as save_tensors

from gazebench.errors import RunError
from gazebench.training.files import write_atomically


def stored(state: Mapping[str, torch.Tensor], *, half: bool) -> dict[str, torch.Tensor]:
    """Return a network's tensors as they are written; `half` rounds them to float16.

    Raises:
        RunError: a value is too large for float16.
    """
    tensors = {}
    for name, tensor in sorted(state.items()):
        value = tensor.detach().cpu().contiguous()
        if half and value.is_floating_point():
            value = value.half()
            if not bool(torch.isfinite(value).all()):
                raise RunError(
                    f"{name} holds values too large for float16", do="train without --half"
                )
        tensors[name] = value
    return tensors


def save_weights(
    path: Path, tensors: Mapping[str, torch.Tensor], provenance: Mapping[str, Any]
) -> None:
    """Write tensors and provenance in one step; what is not text is written as JSON.

    Raises:
        RunError: the folder cannot be written, or the disk is full.
    """
    metadata = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in provenance.items()
    }
    content = _canonical(save_tensors(dict(tensors), metadata=metadata))
    write_atomically(path, lambda partial: partial.write_bytes(content))


def _canonical(content: bytes) -> bytes:
    """Sort the header, whose order the library draws anew each time: same weights, same bytes.

    The format: the header's length (8 bytes, little-endian), the header (JSON, padded with spaces
    so that tensors start at a multiple of 8), the tensors.
    """
    length = int.from_bytes(content[:8], "little")
    header = json.dumps(
        json.loads(content[8 : 8 + length]), sort_keys=True, separators=(",", ":")
    ).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + content[8 + length :]
