"""Self-checks of REFLACX against MIMIC-CXR: films, their sizes, and its own tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gazebench.errors import DataError
from gazebench.spec import Problem
from gazebench_plugins.datasets.faults import fatal, odd
from gazebench_plugins.datasets.pictures import check_size
from gazebench_plugins.datasets.reflacx.films import film_size
from gazebench_plugins.datasets.reflacx.layout import ImageTree, choose_tree
from gazebench_plugins.datasets.reflacx.metadata import Record, image_path
from gazebench_plugins.datasets.reflacx.mimic_tables import (
    METADATA,
    SPLIT,
    find_mimic_table,
    read_columns,
)
from gazebench_plugins.datasets.reflacx.sources import Sources


def film_problems(sources: Sources, records: Sequence[Record]) -> Iterator[Problem]:
    """Yield every film that is missing or of another size, and every table that disagrees.

    Without films a run has gaze only, which is no problem; missing ones are fatal when `images` was
    given. Every table is optional here.
    """
    images = {record.dicom_id: record for record in reversed(records)}
    try:
        trees = sources.trees
        tree = choose_tree(trees, [image_path(record) for record in images.values()])
        if sources.images is not None and tree is None:
            tree = ImageTree(trees[0], ".jpg")
    except DataError as error:
        yield fatal(error, file=sources.images)
        return
    if tree is not None:
        yield from _tree_problems(tree, images, sources)
    try:
        yield from _size_problems(sources, images)
        yield from _split_problems(sources, images)
    except DataError as error:
        yield fatal(error)


def _tree_problems(
    tree: ImageTree, images: Mapping[str, Record], sources: Sources
) -> Iterator[Problem]:
    for record in images.values():
        path = tree.file(image_path(record))
        is_used = record.phase in sources.phases
        if not path.is_file():
            fatally = is_used and sources.images is not None
            yield Problem(str(path), None, "the film is missing", is_fatal=fatally)
            continue
        try:
            check_size(path, film_size(path), record.size)
        except DataError as error:
            yield fatal(error, file=path)


def _size_problems(sources: Sources, images: Mapping[str, Record]) -> Iterator[Problem]:
    path = find_mimic_table(sources.table_folders, METADATA)
    if path is None:
        return
    for row, (dicom_id, height, width) in read_columns(path, ("dicom_id", "Rows", "Columns")):
        record = images.get(dicom_id)
        if record is None:
            continue
        found = tuple(text.removesuffix(".0") for text in (height, width))
        if found != tuple(map(str, record.size)):
            yield odd(
                path,
                row,
                f"{' x '.join(found)} pixels, but {record.size.height} x {record.size.width} in "
                f"{record.row.file.name}:{record.row.number}",
            )


def _split_problems(sources: Sources, images: Mapping[str, Record]) -> Iterator[Problem]:
    path = find_mimic_table(sources.table_folders, SPLIT)
    if path is None:
        return
    for row, (dicom_id, split) in read_columns(path, ("dicom_id", "split")):
        record = images.get(dicom_id)
        if record is not None and record.split != split:
            yield odd(
                path,
                row,
                f"split is {split}, but {record.split} in "
                f"{record.row.file.name}:{record.row.number}",
            )
