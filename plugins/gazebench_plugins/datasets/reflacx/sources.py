"""Where everything of one REFLACX installation lies, resolved once from the user's options."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gazebench.errors import DataError, UsageError
from gazebench.spec.suggest import suggest
from gazebench_plugins.datasets.reflacx.columns import PHASES
from gazebench_plugins.datasets.reflacx.layout import (
    describe_contents,
    find_main_data,
    find_trees,
    walk,
)
from gazebench_plugins.datasets.reflacx.mimic_tables import LABELLERS, find_mimic_table
from gazebench_plugins.datasets.reflacx.tables import find_table


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The user's options.

    Attributes:
        root: holds REFLACX, and perhaps MIMIC-CXR beside it.
        images: holds MIMIC-CXR; None to look below `root`.
        tables: holds the tables of MIMIC-CXR-JPG; None to look beside the images.
        phases: of REFLACX, ascending.
        labels: which labeller's table classifiers are trained on.
    """

    root: Path | None
    images: Path | None
    tables: Path | None
    phases: tuple[int, ...]
    labels: str

    @cached_property
    def main_data(self) -> Path:
        """The folder with the metadata tables and one folder per reading."""
        return find_main_data(self.root)

    @cached_property
    def trees(self) -> tuple[Path, ...]:
        """Folders of films: those below `images` when it was given, else below `root`.

        Raises:
            DataError: `images` was given and holds none.
        """
        if self.images is None:
            return tuple(find_trees(self.root)) if self.root is not None else ()
        found = find_trees(self.images) if self.images.is_dir() else []
        if not found:
            holds = describe_contents(self.images) if self.images.is_dir() else "no such folder"
            raise DataError(
                f"images={self.images} holds no MIMIC-CXR: "
                f"expected files/p10 to files/p19; {holds}",
                do="pass the folder that holds MIMIC-CXR-JPG's files, or leave images out",
            )
        return tuple(found)

    @cached_property
    def table_folders(self) -> tuple[Path, ...]:
        """Folders that may hold the tables of MIMIC-CXR-JPG, in the order they are searched."""
        if self.tables is not None:
            if not self.tables.is_dir():
                raise DataError(f"tables={self.tables} is no folder", do="check the path")
            return (self.tables,)
        beside = [folder for tree in self.trees for folder in (tree.parent, tree)]
        below = [folder for root in (self.images, self.root) if root for folder in walk(root)]
        return tuple(dict.fromkeys([*beside, *below]))

    @cached_property
    def view_table(self) -> Path | None:
        """MIMIC-CXR's own metadata, which knows the views; None when it is not at hand."""
        return find_mimic_table(self.table_folders, "metadata")

    def metadata(self, phase: int) -> Path | None:
        """Return one phase's table, None when it is not there."""
        return find_table(self.main_data, f"metadata_phase_{phase}")

    def require_metadata(self, phase: int) -> Path:
        """Return one phase's table.

        Raises:
            DataError: it is not there; says which phases are.
        """
        path = self.metadata(phase)
        if path is None:
            there = [str(p) for p in PHASES if self.metadata(p) is not None]
            raise DataError(
                f"metadata_phase_{phase}.csv is missing in {self.main_data}, "
                f"which has phase {', '.join(there)}",
                do=f"restore it, or ask for --dataset-option phases={','.join(there)}",
            )
        return path


def make_sources(
    root: Path | None, *, images: str, phases: str, tables: str, labels: str
) -> Sources:
    """Turn options into values; nothing is read yet.

    Raises:
        UsageError: a phase or a labeller that does not exist.
    """
    if labels not in LABELLERS:
        raise UsageError(
            f"labels must be one of {', '.join(LABELLERS)}, found {labels!r}",
            do=suggest(labels, LABELLERS) or "write one of these",
        )
    return Sources(
        root=Path(root).expanduser() if root is not None else None,
        images=Path(images).expanduser() if images else None,
        tables=Path(tables).expanduser() if tables else None,
        phases=_parse_phases(phases),
        labels=labels,
    )


def _parse_phases(text: str) -> tuple[int, ...]:
    known = {str(phase): phase for phase in PHASES}
    parts = [part.strip() for part in str(text).split(",") if part.strip()]
    if not parts or any(part not in known for part in parts):
        raise UsageError(
            f"phases must be some of 1, 2 and 3, separated by commas, found {text!r}",
            do="for example --dataset-option phases=1,2",
        )
    return tuple(sorted({known[part] for part in parts}))
