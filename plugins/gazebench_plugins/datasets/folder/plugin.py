"""The `folder` dataset: its option, and what it opens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gazebench.spec import OpenDataset, Problem, dataset
from gazebench_plugins.datasets.folder.description import find_description, read_description


def _validate(root: Path | None, *, description: str = "") -> Iterator[Problem]:
    """Yield everything wrong with the description, the table and the pictures."""
    from gazebench_plugins.datasets.folder.validation import problems

    return problems(*find_description(root, description))


@dataset(
    title="A folder of images with one table of fixations, described by a TOML file",
    restricted=True,
    validate=_validate,
)
def folder(root: Path | None, /, *, description: str = "") -> OpenDataset:
    """Open a folder dataset.

    `root` is a folder with a `gazebench-dataset.toml`, or such a file of any name. `description`
    names the file where it lies elsewhere; its relative paths then start from `root`.

    Raises:
        DataError: the description, the table or a picture is missing or malformed.
    """
    from gazebench_plugins.datasets.folder.opened import OpenFolder

    opened = OpenFolder(read_description(*find_description(root, description)))
    opened.cases()  # what is wrong with the table or the pictures is told at once
    return opened
