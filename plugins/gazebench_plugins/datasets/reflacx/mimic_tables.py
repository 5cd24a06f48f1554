"""The tables of MIMIC-CXR-JPG: views, splits and labels, read a few columns at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from gazebench.errors import DataError
from gazebench_plugins.chexpert import CHEXPERT_LABELS
from gazebench_plugins.datasets.faults import BadFileError
from gazebench_plugins.datasets.reflacx.tables import read_records

METADATA, SPLIT = "metadata", "split"
LABELLERS = ("chexpert", "negbio")
CLASS_NAMES = CHEXPERT_LABELS


def find_mimic_table(folders: Iterable[Path], name: str) -> Path | None:
    """Return `mimic-cxr-2.*-NAME.csv` or `.csv.gz` from the first folder that has it."""
    for folder in folders:
        for suffix in (".csv", ".csv.gz"):
            found = sorted(folder.glob(f"mimic-cxr-2.*-{name}{suffix}"))
            if found:
                return found[0]
    return None


def require_mimic_table(folders: Iterable[Path], name: str) -> Path:
    """Return a table of MIMIC-CXR-JPG.

    Raises:
        DataError: no folder has it.
    """
    searched = tuple(dict.fromkeys(folders))
    path = find_mimic_table(searched, name)
    if path is None:
        places = ", ".join(map(str, searched)) or "no folder"
        raise DataError(
            f"mimic-cxr-2.0.0-{name}.csv or .csv.gz is missing; searched {places}",
            do="pass its folder: --dataset-option tables=FOLDER",
        )
    return path


def read_columns(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """Yield row number and the cells of `columns`; the header is row 1.

    Raises:
        BadFileError: the file is damaged, a column is missing, or a row is too short.
    """
    rows = read_records(path)
    header = [name.strip() for name in next(rows, [])]
    missing = [name for name in columns if name not in header]
    if missing:
        raise BadFileError(
            path,
            1,
            f"the column {missing[0]!r} is missing; found {', '.join(header)}",
            do="use the table as distributed",
        )
    places = [header.index(name) for name in columns]
    for number, record in enumerate(rows, start=2):
        if len(record) != len(header):
            raise BadFileError(
                path, number, f"{len(record)} cells, expected {len(header)}", do="fetch it again"
            )
        yield number, [record[place].strip() for place in places]
