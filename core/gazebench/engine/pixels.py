"""The pixels of a case, as its dataset gives them: held to what the case says of itself."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from gazebench.engine.maps import Pixels
from gazebench.engine.opening import OpenedRun
from gazebench.errors import DataError, PluginError
from gazebench.registry.asked import asked
from gazebench.spec.contracts import HasImageFiles
from gazebench.spec.values import Case

TYPES = (np.uint8, np.uint16)


def pixels_of(opened: OpenedRun, case: Case) -> Pixels:
    """Return the image of a case.

    Raises:
        DataError: the file is missing or unreadable.
        PluginError: the dataset raises something else, or gives no image of the case's size.
    """
    about = f" for the image of case {case.id}"
    image = asked(opened.plugin, about, opened.dataset.image, case)
    is_stored = image.dtype in TYPES and image.ndim in (2, 3)
    if is_stored and image.shape[:2] == tuple(case.size):
        return image
    raise PluginError(
        f"the dataset {opened.plugin.label} gave {image.dtype} of shape {image.shape} as the "
        f"image of case {case.id}, expected uint8 or uint16 of {tuple(case.size)} (height, width)",
        do=f"mend {opened.plugin.origin}, or check the data with `gazebench dataset validate`",
    )


def image_hash(opened: OpenedRun, case: Case) -> str:
    """Return the SHA-256 of a case's image file, or of its pixels where no file is known.

    Raises:
        DataError: the file is missing or unreadable.
        PluginError: see `pixels_of`.
    """
    if not case.has_image:
        return ""
    if not isinstance(opened.dataset, HasImageFiles):
        return hashlib.sha256(pixels_of(opened, case).tobytes()).hexdigest()
    about = f" for the image of case {case.id}"
    path = Path(asked(opened.plugin, about, opened.dataset.image_file, case))
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(
            f"the image of case {case.id} cannot be read: {path}: {error.strerror or error}",
            do="fetch the file again; `gazebench dataset validate` finds every such file",
        ) from error
