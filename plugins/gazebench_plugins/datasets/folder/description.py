"""The TOML file that describes a folder dataset: its keys, and what they may hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import tomli

from gazebench.errors import DataError
from gazebench.spec import Size
from gazebench.spec.suggest import suggest

FILE_NAME = "gazebench-dataset.toml"
TIME_UNITS: Mapping[str, float] = {"s": 1.0, "ms": 0.001}
PLACEHOLDER = "{image}"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Names of the table's columns; None where the table has none.

    Attributes:
        image: which image; with the others, any text.
        observer: who looked.
        x, y: where, in image pixels, see `Description.origin`.
        start: when the fixation began; without it, fixations follow each other in table order.
        end: when it ended; this or `duration`.
        duration: how long it lasted.
        width, height: of the image, in pixels, where there are no pictures.
        patient: whom the image shows, for clustering.
    """

    image: str
    observer: str
    x: str
    y: str
    start: str | None = None
    end: str | None = None
    duration: str | None = None
    width: str | None = None
    height: str | None = None
    patient: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a folder dataset is made of; paths are absolute.

    Attributes:
        file: the TOML file itself.
        table: the fixations, .csv, .csv.gz or .parquet.
        columns: its columns.
        pixels_per_degree: of visual angle, (x, y): the declared sigma of every fixation.
        time_unit_s: seconds in one unit of the table's times.
        origin: the coordinate of the centre of the first pixel, in both directions.
        images: the folder of pictures; None where there are none.
        image_name: a picture's file name, `{image}` standing for the table's value.
        size: of every image; None where pictures or columns say it.
        keep: an expression over the table's columns; rows that fail it are left out.
        attributes: columns to copy to `Case.attributes`; one value per image.
        expected_readings: by design, for every image; None for as many as there are.
        restricted: whether cases, gaze and images must stay on this machine.
        title: what the dataset is called.
    """

    file: Path
    table: Path
    columns: Columns
    pixels_per_degree: tuple[float, float]
    time_unit_s: float
    origin: float = 0.0
    images: Path | None = None
    image_name: str = PLACEHOLDER
    size: Size | None = None
    keep: str = ""
    attributes: tuple[str, ...] = ()
    expected_readings: int | None = None
    restricted: bool = True
    title: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)


def find_description(root: Path | None, description: str) -> tuple[Path, Path]:
    """Return the TOML file, and the folder its relative paths start from.

    `description` names the file, and `root` is then the folder; or `root` is the file, or the
    folder that holds a file of the usual name.

    Raises:
        DataError: there is no such file.
    """
    if description:
        file = Path(description).expanduser()
        if not file.is_file():
            raise DataError(f"description={file} does not exist", do="check the path")
        folder = Path(root).expanduser() if root is not None else file.parent
    elif root is None:
        raise DataError(
            "folder lies on your disk, and no root was given",
            do=f"pass --data-root FOLDER with a {FILE_NAME} inside",
        )
    else:
        folder = Path(root).expanduser()
        file = folder / FILE_NAME
        if folder.is_file():
            folder, file = folder.parent, folder
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder", do="check the path given as --data-root")
    if not file.is_file():
        raise DataError(
            f"{folder} holds no {FILE_NAME}, which says what its files mean",
            do="write one, or pass --dataset-option description=FILE.toml; "
            "examples/datasets has some",
        )
    return file, folder


def read_description(file: Path, folder: Path) -> Description:
    """Read and check a description; relative paths in it start from `folder`.

    Raises:
        DataError: it is not TOML, or a key is unknown, missing or holds something else.
    """
    try:
        given = tomli.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file} cannot be read: {error}", do="check the file") from error
    except tomli.TOMLDecodeError as error:
        raise DataError(
            f"{file} is not valid TOML: {error}", do="mend the line it names"
        ) from error
    return _Reader(file, given).description(folder)


class _Reader:
    """Takes typed values out of one parsed TOML file, with errors that name it."""

    def __init__(self, file: Path, given: Mapping[str, Any]) -> None:
        self._file = file
        self._given = given

    def description(self, folder: Path) -> Description:
        known = [name for name in Description.__dataclass_fields__ if name not in ("file", "given")]
        known[known.index("time_unit_s")] = "time_unit"
        self._check_keys(self._given, known, "")
        images = self._take("images", _text, "", None)
        described = Description(
            file=self._file,
            table=folder / self._take("table", _text, "a file name"),
            columns=self._columns(),
            pixels_per_degree=self._take(
                "pixels_per_degree", _resolution, "a positive number, or two for x and y"
            ),
            time_unit_s=self._take("time_unit", TIME_UNITS.__getitem__, '"s" or "ms"'),
            origin=self._take("origin", _number, "a number", 0.0),
            images=folder / images if images is not None else None,
            image_name=self._take("image_name", _name, f'a text with "{PLACEHOLDER}"', PLACEHOLDER),
            size=self._take("size", _size, "[height, width] in pixels", None),
            keep=self._take("keep", _text, "an expression", ""),
            attributes=self._take("attributes", _texts, "a list of column names", ()),
            expected_readings=self._take("expected_readings", _count, "a whole number", None),
            restricted=self._take("restricted", _truth, "true or false", True),
            title=self._take("title", _text, "a text", ""),
            given=self._given,
        )
        self._check_sizes(described)
        return described

    def _columns(self) -> Columns:
        table = self._given.get("columns")
        if not isinstance(table, Mapping):
            self._refuse("columns", "a table: [columns]", table)
        self._check_keys(table, list(Columns.__dataclass_fields__), "columns.")
        missing = [name for name in ("image", "observer", "x", "y") if name not in table]
        if missing:
            self._refuse(f"columns.{missing[0]}", "the name of a column", None)
        for name, value in table.items():
            if not isinstance(value, str) or not value:
                self._refuse(f"columns.{name}", "the name of a column", value)
        columns = Columns(**table)
        if (columns.end is None) == (columns.duration is None):
            self._complain("columns must name either duration or end")
        if columns.end is not None and columns.start is None:
            self._complain("columns.end needs columns.start")
        return columns

    def _check_sizes(self, described: Description) -> None:
        columns = described.columns
        if (columns.width is None) != (columns.height is None):
            self._complain("columns.width and columns.height come together")
        ways = (described.images, described.size, columns.width)
        if all(way is None for way in ways):
            self._complain(
                "nothing says how large the images are",
                do="give images (a folder), size ([height, width]), or columns.width and .height",
            )

    def _check_keys(self, table: Mapping[str, Any], known: list[str], prefix: str) -> None:
        for key in table:
            if key not in known:
                self._complain(
                    f"unknown key {prefix + key!r}",
                    do=f"{suggest(key, known)} the keys are {', '.join(known)}".lstrip(),
                )

    def _take(self, key: str, convert: Callable[[Any], T], expected: str, *default: T) -> T:
        value = self._given.get(key)
        if value is None and default:
            return default[0]
        try:
            return convert(value)
        except (ValueError, TypeError, KeyError):
            self._refuse(key, expected, value)

    def _refuse(self, key: str, expected: str, found: object) -> NoReturn:
        spoken = "nothing" if found is None else repr(found)
        self._complain(f"{key} must be {expected}, found {spoken}")

    def _complain(self, message: str, *, do: str = "mend the description") -> NoReturn:
        raise DataError(f"{self._file}: {message}", do=do)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(_text(item) for item in value)


def _name(value: Any) -> str:
    if PLACEHOLDER not in _text(value):
        raise ValueError
    return _text(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise TypeError
    return float(value)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise TypeError
    return value


def _size(value: Any) -> Size:
    height, width = value
    return Size(_count(height), _count(width))


def _resolution(value: Any) -> tuple[float, float]:
    x, y = value if isinstance(value, list) else (value, value)
    if not (0 < _number(x) < float("inf") and 0 < _number(y) < float("inf")):
        raise ValueError
    return _number(x), _number(y)
